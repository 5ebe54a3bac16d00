//! Fetches a file from a place on, so that one whose connection broke can go on where it stopped.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_RANGE, HeaderMap, HeaderValue, RANGE};
use http::{Method, StatusCode};
use tokio::time::timeout;

use super::{Client, Fetch, HEAD_LIMIT};
use crate::net::NetError;
use crate::net::tls::Versions;

/// A file whose next bytes do not come within this long has lost its connection.
const IDLE_LIMIT: Duration = Duration::from_secs(60);

/// A file that arrives in pieces. Dropping it closes the connection.
pub struct FileStream {
    start: u64,
    size: Option<u64>,
    stream: Pin<Box<dyn Stream<Item = Result<Bytes, NetError>> + Send>>,
}

impl Client {
    /// Asks for the file at `path` from its byte `from` on. What begins elsewhere says so by [`FileStream::start`].
    pub async fn file(&self, path: &str, from: u64) -> Result<FileStream, NetError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/octet-stream, */*;q=0.5"));
        if from > 0 {
            let range = format!("bytes={from}-");
            headers.insert(RANGE, HeaderValue::from_str(&range).expect("digits are visible ASCII"));
        }
        let answer = self
            .fetch(Fetch {
                method: Method::GET,
                url: self.resolve(path)?,
                headers,
                private: HeaderMap::new(),
                body: None,
                head_limit: HEAD_LIMIT,
                versions: Versions::Http1Or2,
            })
            .await?;
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
        let (start, size) = match answer.status() {
            StatusCode::OK => (0, header(CONTENT_LENGTH).and_then(|length| length.parse().ok())),
            StatusCode::PARTIAL_CONTENT => {
                header(CONTENT_RANGE).and_then(part).ok_or_else(|| {
                    NetError::NotUnderstood(
                        "The server does not say which part it sends".to_owned(),
                    )
                })?
            }
            StatusCode::RANGE_NOT_SATISFIABLE if from > 0 => {
                let size = header(CONTENT_RANGE).and_then(|range| range.strip_prefix("bytes */"));
                if size.and_then(|size| size.parse().ok()) != Some(from) {
                    return Err(answer.refusal().await);
                }
                // All of it was there already.
                return Ok(FileStream {
                    start: from,
                    size: Some(from),
                    stream: Box::pin(stream::empty()),
                });
            }
            _ => return Err(answer.refusal().await),
        };
        answer.refuse_coded()?;
        Ok(FileStream { start, size, stream: Box::pin(answer.into_stream()) })
    }
}

impl FileStream {
    /// Returns the place in the file at which this begins: the one that was asked for, or 0 where the server sends the
    /// whole file anew.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Returns the size of the whole file, where the server tells.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// Returns the next bytes, or `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, NetError> {
        match timeout(IDLE_LIMIT, self.stream.next()).await {
            Ok(next) => next.transpose(),
            Err(_elapsed) => {
                Err(NetError::Lost(format!("The server was silent for {} s", IDLE_LIMIT.as_secs())))
            }
        }
    }
}

impl fmt::Debug for FileStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStream").field("start", &self.start).finish_non_exhaustive()
    }
}

/// Reads where a part begins and how large the whole is.
fn part(range: &str) -> Option<(u64, Option<u64>)> {
    let (part, size) = range.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = part.split_once('-')?;
    Some((start.trim().parse().ok()?, size.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Auth;
    use crate::net::scripted::{Scripted, reply};

    #[test]
    fn a_part_says_where_it_begins() {
        assert_eq!(part("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(part("bytes 5-9/*"), Some((5, None)));
        assert_eq!(part("bytes */10"), None);
        assert_eq!(part("lines 5-9/10"), None);
    }

    #[tokio::test]
    async fn a_file_goes_on_where_it_stopped_or_begins_anew() {
        for (status, headers, asked, start, size, body) in [
            ("200 OK", "", 0, 0, Some(4), "abcd"),
            ("206 Partial Content", "Content-Range: bytes 2-3/4\r\n", 2, 2, Some(4), "cd"),
            ("200 OK", "", 2, 0, Some(4), "abcd"),
            ("416 Range Not Satisfiable", "Content-Range: bytes */4\r\n", 4, 4, Some(4), ""),
        ] {
            let sent = if status.starts_with("416") { "{}" } else { body };
            let server = Scripted::always(reply(status, headers, sent)).await;
            let client = Client::new(server.url.clone(), Auth::none()).unwrap();
            let mut file = client.file("f", asked).await.unwrap();
            assert_eq!((file.start(), file.size()), (start, size), "{status}");
            let mut got = Vec::new();
            while let Some(bytes) = file.next().await.unwrap() {
                got.extend_from_slice(&bytes);
            }
            assert_eq!(got, body.as_bytes(), "{status}");
            let range = format!("range: bytes={asked}-");
            assert_eq!(server.heads()[0].contains(&range), asked > 0);
        }
        let gone = Scripted::always(reply("404 Not Found", "", "{}")).await;
        let client = Client::new(gone.url.clone(), Auth::none()).unwrap();
        assert_eq!(client.file("f", 0).await.unwrap_err().status(), Some(404));
    }
}
