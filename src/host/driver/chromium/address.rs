//! Makes of what people type in an address bar a URL that a session may open.

use url::{Host, Url};

use crate::base::Place;
use crate::base::address::words_for_none;
use crate::base::redact;
use crate::base::text::one_line;
use crate::host::driver::DriverError;

/// Longer addresses are refused. A `data:` URL of a whole page fits.
const MAX_LENGTH: usize = 2 * 1024 * 1024;

/// Returns the URL that `typed` means. Files and the browser's own pages are refused: a session shows the web, not this
/// machine.
pub(super) fn url_of(typed: &str) -> Result<String, DriverError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return refuse("Type a web address such as example.com".to_owned());
    }
    if typed.len() > MAX_LENGTH {
        return refuse("This address is too long".to_owned());
    }
    match scheme_of(typed).as_deref() {
        Some("http" | "https") => web(typed),
        Some("about") if typed.eq_ignore_ascii_case("about:blank") => Ok("about:blank".to_owned()),
        Some("data" | "blob") => Ok(typed.to_owned()),
        Some(scheme) => {
            refuse(format!("Addresses that start with {scheme}: can't be opened in a session"))
        }
        None => guess(typed),
    }
}

/// Returns the word before the first colon, unless it is a host before its port.
fn scheme_of(typed: &str) -> Option<String> {
    let (scheme, rest) = typed.split_once(':')?;
    let well_formed = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let port_digits = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_port = !port_digits.is_empty()
        && port_digits.len() <= 5
        && port_digits.bytes().all(|b| b.is_ascii_digit());
    (well_formed && !is_port).then(|| scheme.to_ascii_lowercase())
}

fn web(typed: &str) -> Result<String, DriverError> {
    match Url::parse(typed) {
        Ok(url) if url.host_str().is_some_and(|host| !host.is_empty()) => Ok(url.into()),
        Ok(_) | Err(_) => {
            let help = format!("{} is not a web address", shown(typed));
            refuse(words_for_none(typed, help))
        }
    }
}

/// Guesses the scheme: names on this network are plain, and everything else is secure.
fn guess(typed: &str) -> Result<String, DriverError> {
    let not_an_address = || {
        let help = format!("{} is not a web address. Type one such as example.com", shown(typed));
        refuse(words_for_none(typed, help))
    };
    if typed.starts_with('/') || typed.contains(char::is_whitespace) {
        return not_an_address();
    }
    let Ok(url) = Url::parse(&format!("http://{typed}")) else {
        return not_an_address();
    };
    let Some(place) = Place::of(&url) else {
        return not_an_address();
    };
    // A bare word is more likely a search than a computer.
    if matches!(url.host(), Some(Host::Domain(name)) if !name.contains('.') && place == Place::OwnNetwork)
        && url.port().is_none()
    {
        return not_an_address();
    }
    if place != Place::Internet { Ok(url.into()) } else { web(&format!("https://{typed}")) }
}

fn refuse<T>(why: String) -> Result<T, DriverError> {
    Err(DriverError::BadRequest(why))
}

fn shown(typed: &str) -> String {
    format!("“{}”", one_line(&redact::address(typed), 80))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_becomes_a_url() {
        for (typed, url) in [
            ("example.com", "https://example.com/"),
            (" example.com/a b?", "-"),
            ("Example.com/Path?q=1#f", "https://example.com/Path?q=1#f"),
            ("https://example.com", "https://example.com/"),
            ("HTTP://example.com", "http://example.com/"),
            ("localhost:3000", "http://localhost:3000/"),
            ("localhost", "http://localhost/"),
            ("app.localhost/x", "http://app.localhost/x"),
            ("127.0.0.1:8080/path", "http://127.0.0.1:8080/path"),
            ("192.168.1.5", "http://192.168.1.5/"),
            ("8.8.8.8", "https://8.8.8.8/"),
            ("[::1]:80", "http://[::1]/"),
            ("printer:631", "http://printer:631/"),
            ("example.com:8443/x", "https://example.com:8443/x"),
            ("müller.de", "https://xn--mller-kva.de/"),
            ("about:blank", "about:blank"),
            ("data:text/html,<p>hi", "data:text/html,<p>hi"),
            ("hello", "-"),
            ("hello world", "-"),
            ("", "-"),
            ("/etc/passwd", "-"),
            ("https://", "-"),
            ("file:///etc/passwd", "-"),
            ("FILE:/etc/passwd", "-"),
            ("javascript:alert(1)", "-"),
            ("chrome://settings", "-"),
            ("devtools://x", "-"),
            ("view-source:https://example.com", "-"),
            ("about:version", "-"),
            ("mailto:a@example.com", "-"),
        ] {
            let found = url_of(typed).unwrap_or_else(|err| {
                assert!(matches!(err, DriverError::BadRequest(_)));
                "-".to_owned()
            });
            assert_eq!(found, url, "{typed}");
        }
    }

    #[test]
    fn a_refusal_quotes_safely() {
        let Err(err) = url_of("evil\u{202E}\nname") else { panic!("taken") };
        assert_eq!(
            err.to_string(),
            "“evil\\u202e↵name” is not a web address. Type one such as example.com"
        );
    }
}
