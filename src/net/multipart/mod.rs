//! Reads pictures over HTTP or plain TCP, from an endless answer with one part per picture or with one request for each
//! picture.

mod boundary;
mod jpeg_end;
mod parser;
mod tcp;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use tokio::time::{Instant, timeout_at};

use self::parser::{BodyLabel, ParseError, Parser};
use super::NetError;
use super::http::{Client, Fetch, HEAD_LIMIT};
use super::tls::Versions;
use crate::base::text::one_line;

/// Size limit of a part, in bytes. The decoder takes no larger picture.
const MAX_PART: usize = 12 << 20;

/// An item of a stream of pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartItem {
    /// This many bytes arrived, which is a sign of life. The item comes before what the bytes carry.
    Heard(usize),
    /// One whole picture arrived, or a text in its place.
    Part(Bytes),
    /// The answer was no stream but one picture, or none. The next one takes another request.
    Done,
}

/// An open answer of pictures. Dropping it closes the connection.
pub struct PartStream {
    body: Pin<Box<dyn Stream<Item = Result<Bytes, NetError>> + Send>>,
    parser: Parser,
    ready: VecDeque<PartItem>,
    over: Option<Result<PartItem, NetError>>,
    idle_limit: Duration,
    last_heard: Instant,
}

impl Client {
    /// Opens what may be a stream of pictures. A stream that is silent for `idle_limit` counts as lost.
    ///
    /// What the answer's head says of its body is not relied upon: the first bytes tell what it is.
    pub async fn pictures(&self, path: &str, idle_limit: Duration) -> Result<PartStream, NetError> {
        let mut headers = HeaderMap::new();
        let accepted = "multipart/x-mixed-replace, image/*;q=0.9, */*;q=0.1";
        headers.insert(ACCEPT, HeaderValue::from_static(accepted));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        let request = Fetch {
            method: Method::GET,
            url: self.resolve(path)?,
            headers,
            private: HeaderMap::new(),
            body: None,
            head_limit: HEAD_LIMIT,
            versions: Versions::Http1Or2,
        };
        let answer = self.fetch(request).await?;
        if answer.status() != StatusCode::OK {
            return Err(answer.refusal().await);
        }
        answer.refuse_coded()?;
        let label = label_of(answer.headers());
        Ok(PartStream::new(label, answer.into_stream(), idle_limit))
    }
}

impl PartStream {
    fn new(
        label: BodyLabel,
        body: impl Stream<Item = Result<Bytes, NetError>> + Send + 'static,
        idle_limit: Duration,
    ) -> Self {
        Self {
            body: Box::pin(body),
            parser: Parser::new(label, MAX_PART),
            ready: VecDeque::new(),
            over: None,
            idle_limit,
            last_heard: Instant::now(),
        }
    }

    /// Returns the next item. The stream does not end but fails, or is [`PartItem::Done`]. The call is cancel-safe.
    pub async fn next(&mut self) -> Result<PartItem, NetError> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Ok(item);
            }
            if let Some(over) = &self.over {
                return over.clone();
            }
            let deadline = self.last_heard + self.idle_limit;
            match timeout_at(deadline, self.body.next()).await {
                Ok(Some(Ok(chunk))) => self.take(&chunk),
                Ok(Some(Err(err))) => self.over = Some(Err(err)),
                Ok(None) => self.finish(),
                Err(_elapsed) => {
                    let silence = self.idle_limit.as_secs_f32().ceil();
                    let why = format!("The server has been silent for {silence} s");
                    self.over = Some(Err(NetError::Lost(why)));
                }
            }
        }
    }

    fn take(&mut self, chunk: &[u8]) {
        self.last_heard = Instant::now();
        self.ready.push_back(PartItem::Heard(chunk.len()));
        self.parser.feed(chunk);
        let next = self.parser.next();
        self.take_parts(next);
    }

    fn finish(&mut self) {
        let rest = self.parser.finish();
        self.take_parts(rest);
        let end = match self.parser.held_one() {
            true => Ok(PartItem::Done),
            false => Err(NetError::Lost("The server ended the stream".to_owned())),
        };
        self.over.get_or_insert(end);
    }

    /// Takes in the part that was found, and those that come after it.
    fn take_parts(&mut self, mut next: Result<Option<Bytes>, ParseError>) {
        loop {
            match next {
                Ok(Some(part)) => self.ready.push_back(PartItem::Part(part)),
                Ok(None) => return,
                Err(why) => {
                    self.over = Some(Err(match why {
                        ParseError::TooLarge(what) => NetError::TooLarge { what },
                        ParseError::NoPictures(why) => NetError::NotAStream(why),
                    }));
                    return;
                }
            }
            next = self.parser.next();
        }
    }
}

impl fmt::Debug for PartStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartStream").field("over", &self.over).finish_non_exhaustive()
    }
}

/// Returns what the head of an answer says of its body.
fn label_of(headers: &HeaderMap) -> BodyLabel {
    let text = |name| {
        let value = headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        value.unwrap_or_default().trim().to_owned()
    };
    let content_type = text(CONTENT_TYPE);
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.split('/').next() {
        Some("multipart") => BodyLabel::Parts { boundary: boundary_of(&content_type) },
        Some("image") if !text(CONTENT_LENGTH).is_empty() => BodyLabel::Picture,
        Some("image") => BodyLabel::Unknown,
        _ if matches!(essence.as_str(), "" | "application/octet-stream") => BodyLabel::Unknown,
        _ => BodyLabel::Other(one_line(&essence, 80)),
    }
}

/// Returns the `boundary` parameter, which may be quoted and in any case of letters.
fn boundary_of(content_type: &str) -> Option<String> {
    let at = content_type.to_ascii_lowercase().find("boundary")?;
    let value = content_type.get(at + "boundary".len()..)?.trim_start();
    let value = value.strip_prefix('=')?.trim_start();
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => value.split(';').next()?.trim_end(),
    };
    (!value.is_empty()).then(|| value.to_owned())
}
