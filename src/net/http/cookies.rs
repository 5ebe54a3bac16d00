//! Keeps the cookies that servers hand out, as cameras do at a login.
//!
//! A cookie is bound to the very origin that gave it, which is narrower than what browsers do: by their rules it would
//! go to every port of its host. It goes to every path there, and is forgotten with the client.

use std::sync::{Mutex, MutexGuard, PoisonError};

use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use jiff::Timestamp;
use url::Url;

use crate::net::auth::Origin;

/// So many cookies are kept for all origins together; the oldest go first.
const MAX_COOKIES: usize = 50;
/// A longer cookie, in bytes, is not kept.
const MAX_COOKIE: usize = 4096;

/// The cookies of one client.
#[derive(Debug, Default)]
pub(super) struct CookieJar {
    kept: Mutex<Vec<Cookie>>,
}

struct Cookie {
    origin: Origin,
    name: String,
    value: String,
}

impl std::fmt::Debug for Cookie {
    /// Prints the name only, because whoever has the value is logged in.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Cookie").field(&self.name).finish()
    }
}

impl CookieJar {
    /// Adds the cookies of the origin of `url` to the headers of a request.
    pub(super) fn add(&self, url: &Url, headers: &mut HeaderMap) {
        let Some(origin) = Origin::of(url) else { return };
        let kept = self.lock();
        let mut pairs: Vec<u8> = Vec::new();
        // A cookie that the user gave stays beside them, in one header as the standard wants it.
        if let Some(given) = headers.get(COOKIE) {
            pairs.extend(given.as_bytes());
        }
        let ours = kept.iter().filter(|cookie| cookie.origin == origin).collect::<Vec<_>>();
        if ours.is_empty() {
            return;
        }
        for cookie in ours {
            if !pairs.is_empty() {
                pairs.extend(b"; ");
            }
            pairs.extend(format!("{}={}", cookie.name, cookie.value).as_bytes());
        }
        if let Ok(mut value) = HeaderValue::from_bytes(&pairs) {
            value.set_sensitive(true);
            headers.insert(COOKIE, value);
        }
    }

    /// Keeps the cookies that an answer from the origin of `url` hands out, and forgets those that it takes back.
    pub(super) fn take(&self, url: &Url, headers: &HeaderMap) {
        let Some(origin) = Origin::of(url) else { return };
        for header in headers.get_all(SET_COOKIE) {
            let Some((name, value, is_over)) = header.to_str().ok().and_then(read) else {
                continue;
            };
            let mut kept = self.lock();
            kept.retain(|cookie| cookie.origin != origin || cookie.name != name);
            if is_over {
                continue;
            }
            if kept.len() == MAX_COOKIES {
                kept.remove(0);
            }
            kept.push(Cookie { origin: origin.clone(), name, value });
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Cookie>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the name and the value that a header hands out, and whether it takes them back.
fn read(header: &str) -> Option<(String, String, bool)> {
    let (pair, attributes) = header.split_once(';').unwrap_or((header, ""));
    let (name, value) = pair.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    if name.is_empty() || pair.len() > MAX_COOKIE {
        return None;
    }
    let attribute = |wanted: &str| {
        attributes.split(';').find_map(|attribute| {
            let (name, value) = attribute.split_once('=')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim())
        })
    };
    // The age counts where both are there.
    let is_over = match attribute("max-age").and_then(|age| age.parse::<i64>().ok()) {
        Some(age) => age <= 0,
        None => attribute("expires").and_then(date).is_some_and(|end| end < Timestamp::now()),
    };
    Some((name.to_owned(), value.to_owned(), is_over))
}

/// Reads a date as HTTP has it, also with the dashes of old servers.
fn date(text: &str) -> Option<Timestamp> {
    let text = text.replace('-', " ");
    jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_goes_back_to_its_origin_and_nowhere_else() {
        let jar = CookieJar::default();
        let url = |text: &str| Url::parse(text).unwrap();
        let answer = |url: &Url, cookies: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for cookie in cookies {
                headers.append(SET_COOKIE, HeaderValue::from_static(cookie));
            }
            jar.take(url, &headers);
        };
        let sent = |text: &str, given: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.extend(given.map(|given| (COOKIE, HeaderValue::from_static(given))));
            jar.add(&url(text), &mut headers);
            headers.get(COOKIE).map(|cookies| cookies.to_str().unwrap().to_owned())
        };
        let camera = url("http://cam.test/login");
        assert_eq!(sent("http://cam.test/", None), None);
        answer(&camera, &["sid=a=1; Path=/; HttpOnly", "lang=en; Max-Age=60", "=x", "none"]);
        assert_eq!(sent("http://cam.test/stream", None).as_deref(), Some("sid=a=1; lang=en"));
        assert_eq!(sent("ws://cam.test/ws", Some("a=b")).as_deref(), Some("a=b; sid=a=1; lang=en"));
        for elsewhere in ["http://cam.test:8080/", "https://cam.test/", "http://x.cam.test/"] {
            assert_eq!(sent(elsewhere, None), None, "{elsewhere}");
        }
        answer(&camera, &["sid=2", "lang=en; expires=Thu, 01-Jan-1970 00:00:00 GMT"]);
        assert_eq!(sent("http://cam.test/stream", None).as_deref(), Some("sid=2"));
        answer(&camera, &["sid=2; Max-Age=0"]);
        assert_eq!(sent("http://cam.test/stream", None), None);
        for n in 0..MAX_COOKIES + 5 {
            let cookie = HeaderValue::from_str(&format!("c{n}=1")).unwrap();
            jar.take(&camera, &[(SET_COOKIE, cookie)].into_iter().collect());
        }
        assert_eq!(jar.lock().len(), MAX_COOKIES);
        assert!(!format!("{jar:?}").contains("=1"));
    }
}
