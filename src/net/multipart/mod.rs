//! Reads pictures over HTTP, from an endless answer with one part per picture or with one request for each picture.

mod jpeg_end;
mod parser;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use tokio::time::{Instant, timeout, timeout_at};

use self::parser::Parser;
use super::NetError;
use super::http::{Answer, Client, Fetch, HEAD_LIMIT};
use super::tls::Versions;
use crate::base::text::one_line;

/// Size limit of a part, in bytes. The decoder takes no larger picture.
const MAX_PART: usize = 12 << 20;
/// Time limit for one picture that is not part of a stream.
const PICTURE_LIMIT: Duration = Duration::from_secs(10);

/// What an address of pictures turned out to offer.
#[derive(Debug)]
pub enum PictureAnswer {
    /// The answer is a stream of pictures.
    Stream(Box<PartStream>),
    /// The answer is one picture, or text about it, and the next one takes another request.
    One(Bytes),
}

/// An item of a multipart stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartItem {
    /// This many bytes arrived, which is a sign of life. The item comes before what the bytes carry.
    Heard(usize),
    /// One whole part arrived.
    Part(Bytes),
}

/// An open multipart answer. Dropping it closes the connection.
pub struct PartStream {
    body: Pin<Box<dyn Stream<Item = Result<Bytes, NetError>> + Send>>,
    parser: Parser,
    ready: VecDeque<PartItem>,
    over: Option<NetError>,
    idle_limit: Duration,
    last_heard: Instant,
}

impl Client {
    /// Opens what may be a stream of pictures. A stream that is silent for `idle_limit` counts as lost.
    pub async fn pictures(
        &self,
        path: &str,
        idle_limit: Duration,
    ) -> Result<PictureAnswer, NetError> {
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
        match media_of(&answer)? {
            Media::Parts { boundary } => Ok(PictureAnswer::Stream(Box::new(PartStream {
                body: Box::pin(answer.into_stream()),
                parser: Parser::new(boundary.as_deref(), MAX_PART),
                ready: VecDeque::new(),
                over: None,
                idle_limit,
                last_heard: Instant::now(),
            }))),
            Media::Picture => {
                let body = timeout(PICTURE_LIMIT, answer.body(MAX_PART, "picture")).await;
                let late = "The picture did not arrive in time";
                body.unwrap_or_else(|_elapsed| Err(NetError::Lost(late.to_owned())))
                    .map(PictureAnswer::One)
            }
        }
    }
}

impl PartStream {
    /// Returns the next item. The stream does not end but fails. The call is cancel-safe.
    pub async fn next(&mut self) -> Result<PartItem, NetError> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Ok(item);
            }
            if let Some(why) = &self.over {
                return Err(why.clone());
            }
            let deadline = self.last_heard + self.idle_limit;
            match timeout_at(deadline, self.body.next()).await {
                Ok(Some(Ok(chunk))) => self.take(chunk),
                Ok(Some(Err(err))) => self.over = Some(err),
                Ok(None) => self.over = Some(ended()),
                Err(_elapsed) => {
                    let silence = self.idle_limit.as_secs_f32().ceil();
                    let why = format!("The server has been silent for {silence} s");
                    self.over = Some(NetError::Lost(why));
                }
            }
        }
    }

    fn take(&mut self, chunk: Bytes) {
        self.last_heard = Instant::now();
        self.ready.push_back(PartItem::Heard(chunk.len()));
        self.parser.feed(&chunk);
        loop {
            match self.parser.next() {
                Ok(Some(part)) if part.is_empty() => (),
                Ok(Some(part)) => self.ready.push_back(PartItem::Part(part)),
                Ok(None) => break,
                Err(what) => {
                    self.over = Some(NetError::TooLarge { what });
                    break;
                }
            }
        }
        if self.parser.is_over() {
            self.over.get_or_insert_with(ended);
        }
    }
}

impl fmt::Debug for PartStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartStream").field("over", &self.over).finish_non_exhaustive()
    }
}

fn ended() -> NetError {
    NetError::Lost("The server ended the stream".to_owned())
}

#[derive(Debug, PartialEq, Eq)]
enum Media {
    Parts { boundary: Option<String> },
    Picture,
}

fn media_of(answer: &Answer) -> Result<Media, NetError> {
    let header = answer.headers().get(CONTENT_TYPE);
    let header = header.map(|value| String::from_utf8_lossy(value.as_bytes()));
    media(header.as_deref().unwrap_or_default())
}

fn media(content_type: &str) -> Result<Media, NetError> {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    match essence.split('/').next() {
        Some("multipart") => Ok(Media::Parts { boundary: boundary(content_type) }),
        // The first bytes of the body will tell what it is.
        Some("image") => Ok(Media::Picture),
        _ if matches!(essence.as_str(), "" | "application/octet-stream") => Ok(Media::Picture),
        _ => {
            let found = one_line(&essence, 80);
            Err(NetError::NotAStream(format!(
                "This address answers with {found} instead of pictures; check the address"
            )))
        }
    }
}

/// Returns the `boundary` parameter, which may be quoted and in any case of letters.
fn boundary(content_type: &str) -> Option<String> {
    let at = content_type.to_ascii_lowercase().find("boundary")?;
    let value = content_type.get(at + "boundary".len()..)?.trim_start();
    let value = value.strip_prefix('=')?.trim_start();
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => value.split(';').next()?.trim_end(),
    };
    (!value.is_empty()).then(|| value.to_owned())
}
