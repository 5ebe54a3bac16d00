//! Reads the address of a service, as people type it.

use url::Url;

use crate::base::redact;

/// Reads the address that somebody typed; without a scheme it is https. The error is one sentence that says what to
/// do.
pub fn service_address(typed: &str) -> Result<Url, String> {
    let typed = typed.trim();
    let whole = match typed.contains("://") {
        true => typed.to_owned(),
        false => format!("https://{typed}"),
    };
    let url = Url::parse(&whole)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| {
            format!("“{typed}” is no address; it should look like https://api.example.com")
        })?;
    if redact::has_login(&url) {
        return Err("A password does not belong in the address; give it as the key".to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_and_what_is_none_is_said() {
        let read = |typed| service_address(typed).map(String::from);
        for (typed, url) in [
            (" api.test ", "https://api.test/"),
            ("localhost:9", "https://localhost:9/"),
            ("http://localhost:9/v1", "http://localhost:9/v1"),
        ] {
            assert_eq!(read(typed).as_deref(), Ok(url));
        }
        for typed in ["nonsense addr", "foo bar", "http://", "ws://a.test", "a b://c"] {
            assert!(read(typed).is_err_and(|why| why.contains("https://api")), "{typed}");
        }
        assert!(read("https://u:p@a.test").is_err_and(|why| why.contains("as the key")));
    }
}
