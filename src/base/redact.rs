//! Hides what is secret in a text that others are told: the password of an address.
//!
//! All the rules are here. The host applies them at the few places through which everything leaves it, so that no code
//! that tells something has to think of them.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr2, memmem};
use serde_json::{Map, Value};
use url::Url;

const HIDDEN: &str = "***";
/// This character stands where a text was cut, which may be within a password.
const CUT: char = '…';
const CUT_BYTE: u8 = 0xE2;
/// This field holds a whole document and stays as it is: whoever may ask for it sees the page anyway.
const DOCUMENT: &str = "html_content";

/// Returns `text` with the password of every address in it hidden, as in `http://name:***@host`, wherever it stands.
pub fn text(text: &str) -> Cow<'_, str> {
    if !may_hold_secret(text) {
        return Cow::Borrowed(text);
    }
    // In the middle of a sentence or of JSON an address ends at the first character that browsers write only escaped.
    let ends = |c: char| is_after_authority(c) || c.is_whitespace() || "\"<>`".contains(c);
    let mut shown = String::new();
    let mut done = 0;
    for colon in memmem::find_iter(text.as_bytes(), "://") {
        let start = colon + "://".len();
        let password =
            password(&text[start..], ends).filter(|at| text[start..][at.clone()] != *HIDDEN);
        if let Some(password) = password {
            shown.push_str(&text[done..start + password.start]);
            shown.push_str(HIDDEN);
            done = start + password.end;
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    shown.push_str(&text[done..]);
    Cow::Owned(shown)
}

/// Hides the passwords in what is one address as somebody typed it. Other than in [`text`], the scheme may be missing,
/// as in `name:password@host`, and the password may hold characters that are escaped elsewhere.
pub fn address(address: &str) -> Cow<'_, str> {
    if !(may_hold_secret(address) && has_password(address)) {
        return text(address);
    }
    let after_scheme = match Url::parse(address) {
        Ok(url) if url.has_host() => address.find(':').map_or(0, |colon| colon + 1),
        _ => 0,
    };
    let rest = address[after_scheme..].trim_start_matches(['/', '\\']);
    let start = address.len() - rest.len();
    match password(rest, is_after_authority) {
        Some(password) if rest[password.clone()] == *HIDDEN => text(address),
        Some(password) => {
            let (before, after) = (&address[..start + password.start], &rest[password.end..]);
            Cow::Owned(format!("{before}{HIDDEN}{}", text(after)))
        }
        // The URL parser sees a password where these rules find none, so nothing of the address is shown.
        None => Cow::Borrowed(HIDDEN),
    }
}

/// Tells whether an address holds a user name or a password. No such address is remembered or sent on: keys have a
/// place of their own.
pub fn has_login(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Applies the rules to every string in `value`, names of fields included, and tells whether one was changed.
pub fn json(value: &mut Value) -> bool {
    walk(value, text)
}

/// Applies the rules to the text of a JSON value, like [`json`]. It is serialized anew only where it holds a secret.
pub fn json_text(json_text: &str) -> Cow<'_, str> {
    if !may_hold_secret(json_text) {
        return Cow::Borrowed(json_text);
    }
    let Ok(mut value) = super::json::from_str::<Value>(json_text) else {
        return text(json_text);
    };
    if json(&mut value) { Cow::Owned(value.to_string()) } else { Cow::Borrowed(json_text) }
}

/// Tells whether the rules have to look at a text at all. For almost every text they need not, and this test is cheap.
fn may_hold_secret(text: &str) -> bool {
    memchr2(b'@', CUT_BYTE, text.as_bytes()).is_some()
}

fn walk(value: &mut Value, rule: fn(&str) -> Cow<'_, str>) -> bool {
    match value {
        Value::String(string) => {
            let Cow::Owned(shown) = rule(string) else {
                return false;
            };
            *string = shown;
            true
        }
        Value::Array(values) => {
            let mut changed = false;
            for value in values {
                changed |= walk(value, rule);
            }
            changed
        }
        Value::Object(fields) => {
            let mut changed = false;
            for (name, value) in fields.iter_mut().filter(|(name, _)| *name != DOCUMENT) {
                let is_address = name == "url" || name.ends_with("_url");
                changed |= walk(value, if is_address { address } else { text });
            }
            hide_in_names(fields) || changed
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn hide_in_names(fields: &mut Map<String, Value>) -> bool {
    if !fields.keys().any(|name| matches!(text(name), Cow::Owned(_))) {
        return false;
    }
    let all = std::mem::take(fields).into_iter();
    fields.extend(all.map(|(name, value)| (text(&name).into_owned(), value)));
    true
}

/// Finds the password in `rest`, which begins right after the slashes of an address.
fn password(rest: &str, ends: impl Fn(char) -> bool) -> Option<Range<usize>> {
    let authority = &rest[..rest.find(ends).unwrap_or(rest.len())];
    // Browsers take the last `@`, because a password may itself hold one.
    let login = match authority.rfind('@') {
        Some(at) => &authority[..at],
        None => cut_login(authority)?,
    };
    let colon = login.find(':')?;
    (colon + 1 < login.len()).then_some(colon + 1..login.len())
}

/// Returns the login of an address that was cut before its end, unless it is a host with its port.
fn cut_login(authority: &str) -> Option<&str> {
    let (left, _) = authority.split_once(CUT)?;
    let (name, after) = left.split_once(':')?;
    let is_host = name.starts_with('[') || after.bytes().all(|b| b.is_ascii_digit());
    (!is_host).then_some(left)
}

fn is_after_authority(c: char) -> bool {
    matches!(c, '/' | '\\' | '?' | '#')
}

/// Tells whether a browser would read a password in this address, typed with a scheme or without.
fn has_password(address: &str) -> bool {
    let url = match Url::parse(address) {
        Ok(url) if url.has_host() => Some(url),
        // A mail address has an `@` and a colon, but no login.
        Ok(url) if url.scheme() == "mailto" => None,
        _ => Url::parse(&format!("http://{address}")).ok(),
    };
    url.is_some_and(|url| url.password().is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json as value;

    use super::*;

    #[test]
    fn passwords_of_addresses_are_hidden_and_all_else_stays() {
        for (given, shown) in [
            ("http://me:hunter2@a.test:1/x?q", "http://me:***@a.test:1/x?q"),
            ("http:/me:hunter2@a.test/", "http:/me:***@a.test/"),
            ("me:hunter2@a.test", "me:***@a.test"),
            ("//me:hunter2@a.test/x", "//me:***@a.test/x"),
            ("socks5://me:hunter2@a.test", "socks5://me:***@a.test"),
            ("http://:hunter2@a.test", "http://:***@a.test"),
            ("http://me:hun ter\"2@a.test", "http://me:***@a.test"),
            ("http://me:p@ss@a.test/", "http://me:***@a.test/"),
            (
                "http://me:x@a.test/?to=http://me:y@b.test",
                "http://me:***@a.test/?to=http://me:***@b.test",
            ),
            ("http://me@a.test/", "http://me@a.test/"),
            ("http://me:@a.test/", "http://me:@a.test/"),
            ("http://a.test/@x:y@z", "http://a.test/@x:y@z"),
            ("data:text/html,a:b@c", "data:text/html,a:b@c"),
            ("mailto:me@a.test", "mailto:me@a.test"),
            ("nonsense @", "nonsense @"),
            ("", ""),
        ] {
            assert_eq!(address(given), shown, "{given}");
        }
    }

    #[test]
    fn addresses_are_found_in_any_text() {
        for (given, shown) in [
            ("at f (http://me:hunter2@a.test/x.js:1:2)", "at f (http://me:***@a.test/x.js:1:2)"),
            ("“https://me:hunter2@” is not", "“https://me:***@” is not"),
            ("postgres://me:hunter2@db/x, wss://a:b@c", "postgres://me:***@db/x, wss://a:***@c"),
            ("view-source:http://me:hunter2@a.test/", "view-source:http://me:***@a.test/"),
            (r#"{"u":"http://me:hunter2@a.test"}"#, r#"{"u":"http://me:***@a.test"}"#),
            ("http://me:p@ss@a.test/", "http://me:***@a.test/"),
            ("http://me:it's@a.test", "http://me:***@a.test"),
            ("http://mé:pässwörd@a.test ✓", "http://mé:***@a.test ✓"),
            // These were cut within the password.
            ("http://me:hunt…", "http://me:***…"),
            ("“http://me:hunt…” is not", "“http://me:***…” is not"),
        ] {
            assert_eq!(text(given), shown);
            assert_eq!(text(shown), shown, "what is hidden stays as it is");
        }
    }

    #[test]
    fn ordinary_texts_stay_as_they_are() {
        for ordinary in [
            "plain",
            "write to me@a.test",
            "note: a@b",
            "me:hunter2@a.test",
            "a@b",
            "npm:@scope/name@1.2.3",
            "/usr/lib/python@3:x@y",
            "git@host.test:group/project",
            "data:text/html;charset=utf-8,http:a@b",
            "http://a.test:8080/ asked by bob@a.test",
            "http://a.test:8080\nbob@a.test",
            "https://a.test/@user:name@x",
            "https://a.test?mail=a:b@c",
            "https://a.test#a:b@c",
            r#"{"u":"http://a.test:80","m":"a@b"}"#,
            "http://me@a.test/",
            "http://me:@a.test/",
            "http://[::1]:80/ @",
            "http://localhost:3000…",
            "http://a.test/x:y…",
            "loading…",
            "://@",
            "ssh://",
        ] {
            assert!(matches!(text(ordinary), Cow::Borrowed(_)), "{ordinary}: {}", text(ordinary));
        }
    }

    #[test]
    fn every_string_of_a_value_is_looked_at() {
        let secret = "http://me:hunter2@a.test/";
        let mut told = value!({
            "text": format!("see {secret}"), "args": [[secret], {"proxy_url": "me:hunter2@a.test"}],
            "url": "me:hunter2@a.test", "tabs": [{"url": secret}], secret: 1, "n": 2,
            "mail": "me:x@a.test",
        });
        assert!(json(&mut told));
        assert!(!told.to_string().contains("hunter2"), "{told}");
        assert_eq!(
            told,
            value!({
                "text": "see http://me:***@a.test/",
                "args": [["http://me:***@a.test/"], {"proxy_url": "me:***@a.test"}],
                "url": "me:***@a.test", "tabs": [{"url": "http://me:***@a.test/"}],
                "http://me:***@a.test/": 1, "n": 2, "mail": "me:x@a.test",
            })
        );
        assert!(!json(&mut told), "there is nothing more to hide");
    }

    #[test]
    fn json_is_written_anew_only_where_it_has_to_be() {
        let kept = r#"{"b": 1, "a": "me@a.test"}"#;
        assert_eq!(json_text(kept), kept);
        let secret = r#"{"b": 1, "a": "http://me:hunter2@a.test"}"#;
        assert_eq!(json_text(secret), r#"{"a":"http://me:***@a.test","b":1}"#);
        assert_eq!(json_text("{http://me:hunter2@a"), "{http://me:***@a");
        let page = r#"{"html_content":"<a href='http://me:x@a.test'>"}"#;
        assert_eq!(json_text(page), page);
    }

    #[test]
    fn a_flood_costs_no_more_than_its_length() {
        let started = std::time::Instant::now();
        for part in ["a", "@", "://", "http://a:b", "x:y…", "http://a:b@"] {
            let flood = part.repeat(1 << 20);
            assert!(text(&flood).len() >= 1 << 18);
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(20));
    }
}
