//! Takes an answer whose head is known and reads its body within limits, or finds the reason for a refusal.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use http::StatusCode;
use http::header::{CONTENT_ENCODING, HeaderMap, RETRY_AFTER};
use jiff::Timestamp;
use tokio::time::timeout;

use crate::net::NetError;
use crate::net::error::{is_for_https, other_scheme, root_cause, words_of};

const MAX_WORDS: usize = 64 << 10;
const WORDS_LIMIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(300);

pub(in crate::net) struct Answer {
    response: reqwest::Response,
}

impl Answer {
    pub(super) fn new(response: reqwest::Response) -> Self {
        Self { response }
    }

    pub(in crate::net) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(in crate::net) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Refuses a compressed body, which was not asked for and could unpack to any size.
    pub(in crate::net) fn refuse_coded(&self) -> Result<(), NetError> {
        match coding_of(self.headers()) {
            None => Ok(()),
            Some(_) => Err(NetError::NotAStream(
                "The server sends compressed data that was not asked for".to_owned(),
            )),
        }
    }

    /// Returns the body as it arrives.
    pub(in crate::net) fn into_stream(self) -> impl Stream<Item = Result<Bytes, NetError>> + Send {
        self.response.bytes_stream().map(|chunk| chunk.map_err(|err| broken(&err)))
    }

    /// Returns the whole body. Fails once it is longer than `max` bytes.
    pub(in crate::net) async fn body(
        self,
        max: usize,
        what: &'static str,
    ) -> Result<Bytes, NetError> {
        let announced = self.response.content_length().unwrap_or(0);
        if announced > max as u64 {
            return Err(NetError::TooLarge { what });
        }
        let mut body = BytesMut::new();
        let mut response = self.response;
        while let Some(chunk) = response.chunk().await.map_err(|err| broken(&err))? {
            if body.len() + chunk.len() > max {
                return Err(NetError::TooLarge { what });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    /// Returns the connection itself, after `101 Switching Protocols`.
    pub(in crate::net) async fn upgrade(self) -> Result<reqwest::Upgraded, NetError> {
        self.response.upgrade().await.map_err(|err| broken(&err))
    }

    /// Returns what this answer means where another was needed, with the server's own message if it has one.
    pub(in crate::net) async fn refusal(self) -> NetError {
        let status = self.status();
        let retry_after = retry_after(self.headers(), Timestamp::now());
        let body = if status.is_client_error() || status.is_server_error() {
            self.start().await
        } else {
            Vec::new()
        };
        if status == StatusCode::BAD_REQUEST && is_for_https(&body) {
            return other_scheme("https");
        }
        let words = words_of(&body);
        let message = words.unwrap_or_else(|| plain_words(status.as_u16()).to_owned());
        let status = status.as_u16();
        match status {
            408 | 425 | 429 | 500..=599 => NetError::Busy { status, message, retry_after },
            _ => NetError::Refused { status, message },
        }
    }

    /// Returns the start of the body, as much of it as comes soon.
    async fn start(self) -> Vec<u8> {
        let mut body = Vec::new();
        if coding_of(self.headers()).is_some() {
            return body;
        }
        let mut response = self.response;
        let reading = async {
            while let Ok(Some(chunk)) = response.chunk().await {
                body.extend_from_slice(&chunk);
                if body.len() > MAX_WORDS {
                    body.truncate(MAX_WORDS);
                    break;
                }
            }
        };
        // The part that came in time is used even if the rest did not come.
        timeout(WORDS_LIMIT, reading).await.ok();
        body
    }
}

fn coding_of(headers: &HeaderMap) -> Option<&[u8]> {
    let coding = headers.get(CONTENT_ENCODING)?.as_bytes().trim_ascii();
    (!coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity")).then_some(coding)
}

fn broken(err: &reqwest::Error) -> NetError {
    NetError::Lost(format!("The connection broke: {}", root_cause(err)))
}

/// Returns the wait that the server asks for, which it gives in seconds, as a date or in milliseconds. It is at most
/// five minutes.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.trim());
    let wait = if let Some(millis) = text("retry-after-ms").and_then(|millis| millis.parse().ok()) {
        Duration::from_millis(millis)
    } else {
        let value = text(RETRY_AFTER.as_str())?;
        match value.parse() {
            Ok(seconds) => Duration::from_secs(seconds),
            Err(_) => {
                let date = jiff::fmt::rfc2822::DateTimeParser::new()
                    .relaxed_weekday(true)
                    .parse_timestamp(value)
                    .ok()?;
                Duration::try_from(date.duration_since(now)).unwrap_or_default()
            }
        }
    };
    Some(wait.min(LONGEST_WAIT))
}

/// Returns what an HTTP status means, in one sentence.
pub(in crate::net) fn plain_words(status: u16) -> &'static str {
    match status {
        401 => "The server does not accept the key; check it",
        402 => "The account has no credit left",
        403 => "The server does not allow this; check the rights of the key",
        404 => "There is nothing at this address; check it",
        407 => "The proxy wants a name and a password; give them in its address",
        408 | 425 | 429 => "The server asks to try again later",
        410 => "This session is gone for good",
        500..=599 => "The server has a problem of its own",
        200..=299 => "The server gives another answer than the one that was asked for",
        300..=399 => "The server redirects without saying where",
        _ => "The server refuses the request",
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_wait_is_read_in_all_its_forms_and_capped() {
        let now: Timestamp = "1994-11-06T08:49:07Z".parse().unwrap();
        for (name, value, seconds) in [
            ("retry-after", "7", Some(7.0)),
            ("retry-after", "0", Some(0.0)),
            ("retry-after", "86400", Some(300.0)),
            ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT", Some(30.0)),
            ("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT", Some(0.0)),
            ("retry-after", "Sun, 06 Nov 2094 08:49:37 GMT", Some(300.0)),
            ("retry-after", "soon", None),
            ("retry-after-ms", "1500", Some(1.5)),
            ("x-other", "7", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            assert_eq!(
                retry_after(&headers, now).map(|wait| wait.as_secs_f64()),
                seconds,
                "{name}: {value}"
            );
        }
    }

    #[test]
    fn only_a_plain_body_is_plain() {
        for (value, coded) in [("gzip", true), ("Identity", false), ("", false), ("br, gzip", true)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(value));
            assert_eq!(coding_of(&headers).is_some(), coded, "{value}");
        }
    }
}
