//! Reads the address of a service, as people type it.

use crate::base::address::words_for_none;
use crate::base::{TypedAddress, redact};

/// Reads the address that somebody typed; the scheme may be missing. The error is one sentence that says what to do.
pub fn service_address(typed: &str) -> Result<TypedAddress, String> {
    let typed = typed.trim();
    let address = TypedAddress::read(typed)
        .filter(|it| matches!(it.url.scheme(), "http" | "https") && it.url.has_host())
        .ok_or_else(|| {
            let shown = redact::address(typed);
            let help =
                format!("“{shown}” is no address; it should look like https://api.example.com");
            words_for_none(typed, help)
        })?;
    if redact::has_login(&address.url) {
        return Err("A password does not belong in the address; give it as the key".to_owned());
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_and_what_is_none_is_said() {
        let read = |typed| service_address(typed).map(|address| address.url.to_string());
        for (typed, url) in [
            (" api.test ", "https://api.test/"),
            ("localhost:9", "http://localhost:9/"),
            ("http://localhost:9/v1", "http://localhost:9/v1"),
        ] {
            assert_eq!(read(typed).as_deref(), Ok(url));
        }
        for typed in ["nonsense addr", "foo bar", "http://", "ws://a.test", "a b://c"] {
            assert!(read(typed).is_err_and(|why| why.contains("https://api")), "{typed}");
        }
        assert!(read("ws://me:hunter2@a.test").is_err_and(|why| !why.contains("hunter2")));
        assert!(read("http://[fe80::1%25eth0]/").is_err_and(|why| why.contains("zone")));
        assert!(read("https://u:p@a.test").is_err_and(|why| why.contains("as the key")));
    }
}
