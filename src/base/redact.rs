//! Hides what is secret in a text that others are told: the password of an address.
//!
//! All the rules are here. The host applies them at the few places through which everything leaves it, so that no code
//! that tells something has to think of them.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr2, memmem};
use serde_json::{Map, Value};
use url::Url;

/// What stands in the place of a secret.
pub const HIDDEN: &str = "***";
/// This character stands where a text was cut, which may be within a password.
const CUT: char = '…';
const CUT_BYTE: u8 = 0xE2;
/// This field holds a whole document and stays as it is: whoever may ask for it sees the page anyway.
const DOCUMENT: &str = "html_content";
/// Of these schemes browsers read an address however many slashes it has, and whatever stands in its password.
const WEB: &[&str] = &["http", "https", "ws", "wss", "ftp"];
/// What begins with these words and a colon holds no login.
const NO_LOGIN: &[&str] = &[
    "about",
    "blob",
    "chrome",
    "cid",
    "data",
    "file",
    "javascript",
    "mailto",
    "sms",
    "tel",
    "urn",
    "view-source",
];
/// An `@` that is farther from its colon than this ends no password.
const MAX_PASSWORD: usize = 256;

/// Returns `text` with the password of every address in it hidden, as in `http://name:***@host`, wherever it stands. An
/// address that no browser would open is one, too: those that were mistyped are told most.
pub fn text(text: &str) -> Cow<'_, str> {
    match hide(text, plain_password) {
        Cow::Borrowed(text) => hide(text, encoded_password),
        Cow::Owned(shown) => Cow::Owned(hide(&shown, encoded_password).into_owned()),
    }
}

/// Hides the passwords in what is one address as somebody typed it. Other than in [`text`], the scheme may be missing,
/// as in `name:password@host`, and the password may hold characters that are escaped elsewhere.
pub fn address(address: &str) -> Cow<'_, str> {
    if !may_hold_secret(address) {
        return text(address);
    }
    if !has_password(address) {
        return match mistyped_password(address) {
            Some(password) => {
                let (before, after) = (&address[..password.start], &address[password.end..]);
                Cow::Owned(format!("{before}{HIDDEN}{}", text(after)))
            }
            None => text(address),
        };
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
    let bytes = text.as_bytes();
    memchr2(b'@', CUT_BYTE, bytes).is_some()
        || memmem::find(bytes, b"%40").is_some()
        || plain_password(text, 0).is_some()
}

/// Hides what `find` finds in a text from a place on.
fn hide(text: &str, find: fn(&str, usize) -> Option<Range<usize>>) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut done = 0;
    while let Some(secret) = find(text, done) {
        shown.push_str(&text[done..secret.start]);
        shown.push_str(HIDDEN);
        done = secret.end;
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    shown.push_str(&text[done..]);
    Cow::Owned(shown)
}

/// Finds the first password that begins at `from` or later.
fn plain_password(text: &str, from: usize) -> Option<Range<usize>> {
    let mut at = from;
    while let Some(next) = memchr(b':', &text.as_bytes()[at..]) {
        let colon = at + next;
        at = colon + 1;
        let web = is_web(&text[..colon]);
        let is_slash = |byte: &u8| matches!(byte, b'/' | b'\\');
        let slashes = text.as_bytes()[at..].iter().take_while(|byte| is_slash(byte)).count();
        let is_sure = text[at..].starts_with("//") || (web && slashes > 0);
        if !is_sure && !web {
            continue;
        }
        let start = at + if web { slashes } else { 2 };
        let rest = &text[start..];
        let authority = &rest[..rest.find(ends_in_text).unwrap_or(rest.len())];
        let found = match password(rest, ends_in_text) {
            None if is_sure && !authority.contains('@') => malformed_password(rest, authority, web),
            found => found,
        };
        match found {
            Some(found) if rest[found.clone()] != *HIDDEN => {
                return Some(start + found.start..start + found.end);
            }
            // Nothing within it is an address of its own.
            _ => at = start + authority.len(),
        }
    }
    None
}

/// Tells whether `before` ends in the name of a scheme of the web.
fn is_web(before: &str) -> bool {
    let ends = |scheme: &&str| {
        let start = before.len().checked_sub(scheme.len());
        start
            .and_then(|start| before.get(start..))
            .is_some_and(|end| end.eq_ignore_ascii_case(scheme))
    };
    WEB.iter().any(ends)
}

/// In the middle of a sentence or of JSON an address ends at the first character that browsers write only escaped.
fn ends_in_text(c: char) -> bool {
    is_after_authority(c) || ends_run(c)
}

fn ends_run(c: char) -> bool {
    c.is_whitespace() || "\"<>`".contains(c)
}

/// Finds the password where what stands in the port's place can't be one: it holds characters that end an address, or
/// the text was cut within it.
fn malformed_password(rest: &str, authority: &str, web: bool) -> Option<Range<usize>> {
    let colon = authority.find(':').filter(|_| !authority.starts_with('['))?;
    let start = colon + 1;
    let port = authority[start..].split(CUT).next().unwrap_or_default();
    if is_port(port) {
        return None;
    }
    let window = &rest[start..rest.floor_char_boundary(start + MAX_PASSWORD)];
    let window = window.split("://").next().unwrap_or_default();
    // Only browsers take white space in a password.
    let reach = window.find(ends_run).filter(|_| !web).unwrap_or(window.len());
    let first = window[..reach].find('@');
    let last = first.map(|first| {
        let end = window[first..].find(ends_run).map_or(window.len(), |end| first + end);
        window[..end].rfind('@').unwrap_or(first)
    });
    match last {
        Some(last) => Some(start..start + last),
        None if web => Some(start..start + port.len()),
        None => None,
    }
}

/// Tells whether this may stand after the colon of a host: a port, nothing, or what ends the sentence.
fn is_port(text: &str) -> bool {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, after) = text.split_at(digits);
    let goes_on = after.starts_with(char::is_alphanumeric);
    match number.is_empty() {
        true => !text.contains(char::is_alphanumeric),
        false => number.parse::<u16>().is_ok() && !goes_on,
    }
}

/// Finds a password in an address that stands in another one, with its punctuation escaped.
fn encoded_password(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(next) = memmem::find(&bytes[at..], b"%40") {
        // The login ends here, and began after the address's slashes.
        let end = at + next;
        at = end + 3;
        let near = end.saturating_sub(MAX_PASSWORD).max(from);
        let last = |sign: &[u8]| memmem::rfind(&bytes[near..end], sign);
        let Some(slashes) = last(b"%2F%2F").max(last(b"%2f%2f")) else {
            continue;
        };
        let start = near + slashes + 6;
        let login = &bytes[start..end];
        if login.iter().any(|byte| byte.is_ascii_whitespace() || b"&\"<>`".contains(byte)) {
            continue;
        }
        let colons: [&[u8]; 3] = [b":", b"%3A", b"%3a"];
        let colon =
            colons.iter().filter_map(|colon| Some((memmem::find(login, colon)?, colon.len())));
        let Some((colon, length)) = colon.min() else {
            continue;
        };
        let secret = start + colon + length..end;
        if !secret.is_empty() && text[secret.clone()] != *HIDDEN {
            return Some(secret);
        }
    }
    None
}

/// Finds the password in an address without a scheme that is none to a browser, such as `name:pass/word@host`.
fn mistyped_password(address: &str) -> Option<Range<usize>> {
    let colon = address.find(':')?;
    let name = address[..colon].trim();
    let is_login =
        !name.contains(['/', '?', '#', '@', '[']) && !address[colon + 1..].starts_with("//");
    let scheme = name.to_ascii_lowercase();
    let known = NO_LOGIN.contains(&&*scheme) || WEB.contains(&&*scheme);
    if !is_login || known || Url::parse(&format!("http://{address}")).is_ok() {
        return None;
    }
    let end = address.rfind('@').filter(|at| *at > colon + 1)?;
    (address[colon + 1..end] != *HIDDEN).then_some(colon + 1..end)
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
        Ok(url) if NO_LOGIN.contains(&url.scheme()) => None,
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
            ("http:me:hunter2@a.test", "http:me:***@a.test"),
            ("http:\\\\me:hunter2@a.test", "http:\\\\me:***@a.test"),
            ("http://me:hun\nter2@a.test", "http://me:***@a.test"),
            // No browser opens these.
            ("http://me:hun/ter2@a.test/", "http://me:***@a.test/"),
            ("https://me:hun?ter2@a.test", "https://me:***@a.test"),
            ("https://me:hun#t@r2@a.test", "https://me:***@a.test"),
            ("http://me:hunter2@a b/", "http://me:***@a b/"),
            ("http://me:hunter2@", "http://me:***@"),
            ("http://me:hunter2", "http://me:***"),
            ("http://me:99999/x@a.test", "http://me:***@a.test"),
            ("me:hun/ter2@a.test", "me:***@a.test"),
            ("me:hunter2@a b", "me:***@a b"),
            ("me:***@a b", "me:***@a b"),
            ("localhost:3000/@user", "localhost:3000/@user"),
            ("git@host.test:group/project", "git@host.test:group/project"),
            ("javascript:a(b@c)", "javascript:a(b@c)"),
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
            (
                "Failed to parse URL from http://me:hun/ter2@a.test/x",
                "Failed to parse URL from http://me:***@a.test/x",
            ),
            ("no http://me:hun ter2@a.test, sorry", "no http://me:***@a.test, sorry"),
            ("no http:/me:hunter2@a.test, sorry", "no http:/me:***@a.test, sorry"),
            ("no HTTPS:me:hunter2@a.test, sorry", "no HTTPS:me:***@a.test, sorry"),
            (r"no http:\/\/me:hunter2@a.test, sorry", r"no http:\/\/me:***@a.test, sorry"),
            (r"no http:\\me:hunter2@a.test, sorry", r"no http:\\me:***@a.test, sorry"),
            ("no postgres://me:hun/ter2@db/x", "no postgres://me:***@db/x"),
            // These were cut without a sign.
            ("at f (http://me:hunt", "at f (http://me:***"),
            ("http://me:h", "http://me:***"),
            (
                "https://a.test/?to=https%3A%2F%2Fme%3Ahunter2%40b.test%2F&x=1%40",
                "https://a.test/?to=https%3A%2F%2Fme%3A***%40b.test%2F&x=1%40",
            ),
            ("to=http%3a%2f%2fme:hunter2%40b.test", "to=http%3a%2f%2fme:***%40b.test"),
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
            "http://localhost:3000, and http://a.test:80; (http://b.test:8080) 'http://c.test:1'",
            "at http://localhost:3000:12:5, bob@a.test",
            "http://a.test: bob@a.test",
            "oci://image:tag and bob@a.test",
            "https://a.test/?mail=bob%40a.test&b=a%3Ab%40c",
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
        for part in [
            "a",
            "@",
            "://",
            "http://a:b",
            "x:y…",
            "http://a:b@",
            "http:",
            "http:a:",
            "x://http:",
            "%40",
            "%2F%2F%40",
            "http://a:b ",
        ] {
            let flood = part.repeat(1 << 18);
            assert!(text(&flood).len() >= 1 << 16);
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(20));
    }
}
