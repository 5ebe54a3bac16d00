//! Addresses that may hold a password, as everybody who watches may see them.

use std::borrow::Cow;

use url::Url;

const HIDDEN: &str = "***";

/// The same address without its password.
pub(crate) fn address(text: &str) -> Cow<'_, str> {
    if !text.contains('@') {
        return Cow::Borrowed(text);
    }
    // As typed in an address bar: `name:password@host`.
    let (given, added) = match Url::parse(text) {
        Ok(url) if url.has_host() => (Some(url), ""),
        _ => (Url::parse(&format!("http://{text}")).ok(), "http://"),
    };
    match given {
        Some(mut url) if url.password().is_some() => match url.set_password(Some(HIDDEN)) {
            Ok(()) => Cow::Owned(url.as_str().trim_start_matches(added).to_owned()),
            Err(()) => Cow::Borrowed(HIDDEN),
        },
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_hidden_and_all_else_stays() {
        for (given, shown) in [
            ("http://me:hunter2@a.test:1/x?q", "http://me:***@a.test:1/x?q"),
            ("me:hunter2@a.test", "me:***@a.test/"),
            ("http://me@a.test/", "http://me@a.test/"),
            ("http://a.test/@x:y@z", "http://a.test/@x:y@z"),
            ("data:text/html,a:b@c", "data:text/html,a:b@c"),
            ("nonsense @", "nonsense @"),
            ("socks5://me:hunter2@a.test", "socks5://me:***@a.test"),
        ] {
            assert_eq!(address(given), shown, "{given}");
        }
    }
}
