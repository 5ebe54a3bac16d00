//! Serves the files that a session has downloaded, whole or in part. They are files to keep, never pages to show.

use std::io::SeekFrom;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use crate::host::driver::{DownloadedFile, DriverError};
use crate::host::error::ApiError;
use crate::host::state::HostState;

/// So much of a file is in memory at a time.
const PIECE: u64 = 64 << 10;
/// What RFC 8187 lets stand in a name as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'.')
    .remove(b'-')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'^')
    .remove(b'`')
    .remove(b'|');

/// What a request asks of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WantedBytes {
    Whole,
    /// The bytes from the first to the last.
    Part(u64, u64),
    /// Bytes that the file has not got.
    Nothing,
}

pub(super) async fn list(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let session = host.registry.live(&id)?;
    let list = session.driver.downloads().await?;
    Ok(Json(json!({ "downloads": list })))
}

pub(super) async fn remove(
    State(host): State<Arc<HostState>>,
    Path((id, file)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let session = host.registry.live(&id)?;
    session.lifetime.touch();
    session.driver.remove_download(file).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn read(
    State(host): State<Arc<HostState>>,
    Path((id, file)): Path<(String, String)>,
    request: HeaderMap,
) -> Result<Response, ApiError> {
    let session = host.registry.live(&id)?;
    session.lifetime.touch();
    // An id belongs to one file for ever, and a file that is complete does not change.
    let tag = format!("\"{}\"", utf8_percent_encode(&file, NON_ALPHANUMERIC));
    let DownloadedFile { name, path } = session.driver.downloaded(file).await?;
    let mut file = File::open(&path).await.map_err(|err| not_read(&err))?;
    let size = file.metadata().await.map_err(|err| not_read(&err))?.len();
    let wanted = match request.get(header::IF_RANGE) {
        Some(known) if known.as_bytes() != tag.as_bytes() => WantedBytes::Whole,
        _ => wanted(request.get(header::RANGE), size),
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let WantedBytes::Nothing = wanted {
        headers.insert(header::CONTENT_RANGE, text(&format!("bytes */{size}")));
        let why = format!("the file has {size} bytes");
        return Ok((headers, ApiError::new(StatusCode::RANGE_NOT_SATISFIABLE, why)).into_response());
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_DISPOSITION, text(&disposition(&name)));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::ETAG, text(&tag));
    let (status, start, length) = match wanted {
        WantedBytes::Part(first, last) => {
            headers.insert(header::CONTENT_RANGE, text(&format!("bytes {first}-{last}/{size}")));
            (StatusCode::PARTIAL_CONTENT, first, last - first + 1)
        }
        WantedBytes::Whole | WantedBytes::Nothing => (StatusCode::OK, 0, size),
    };
    headers.insert(header::CONTENT_LENGTH, length.into());
    file.seek(SeekFrom::Start(start)).await.map_err(|err| not_read(&err))?;
    Ok((status, headers, pieces(file, length)).into_response())
}

/// Makes a body of the next bytes of a file, which is read as fast as it is taken.
fn pieces(file: File, length: u64) -> Body {
    let pieces = stream::try_unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let mut piece = vec![0; PIECE.min(left) as usize];
        let count = file.read(&mut piece).await?;
        if count == 0 {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof));
        }
        piece.truncate(count);
        Ok(Some((piece, (file, left - count as u64))))
    });
    Body::from_stream(pieces)
}

/// Reads the range that is asked for. What is no range of bytes, and several ranges at once, are answered with the whole
/// file, as RFC 9110 has it.
fn wanted(range: Option<&HeaderValue>, size: u64) -> WantedBytes {
    let spec = range.and_then(|range| range.to_str().ok()?.trim().strip_prefix("bytes="));
    let Some((first, last)) = spec.and_then(|spec| spec.split_once('-')) else {
        return WantedBytes::Whole;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (first.trim(), last.trim()) {
        ("", last) => match number(last) {
            None => WantedBytes::Whole,
            Some(0) => WantedBytes::Nothing,
            Some(_) if size == 0 => WantedBytes::Nothing,
            Some(last) => WantedBytes::Part(size.saturating_sub(last), size - 1),
        },
        (first, last) => {
            let Some(first) = number(first) else { return WantedBytes::Whole };
            let last = if last.is_empty() { Some(u64::MAX) } else { number(last) };
            match last {
                Some(last) if last < first => WantedBytes::Whole,
                None => WantedBytes::Whole,
                Some(_) if first >= size => WantedBytes::Nothing,
                Some(last) => WantedBytes::Part(first, last.min(size - 1)),
            }
        }
    }
}

/// Words the header by which browsers save the file under its name, whose plain form is for old ones.
fn disposition(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_graphic() || c == ' ';
    let plain: String =
        name.chars().map(|c| if is_plain(c) && !"\"\\%".contains(c) { c } else { '_' }).collect();
    format!(
        "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
        utf8_percent_encode(name, PLAIN)
    )
}

fn text(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("what is put together here is visible ASCII")
}

fn not_read(err: &std::io::Error) -> ApiError {
    match err.kind() {
        std::io::ErrorKind::NotFound => {
            DriverError::NotFound("There is no such file in this session".to_owned()).into()
        }
        _ => ApiError::new(
            StatusCode::BAD_GATEWAY,
            format!("the file can't be read: {err}; download it again in the session"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_has_it() {
        for (range, size, expected) in [
            ("bytes=0-", 10, WantedBytes::Part(0, 9)),
            ("bytes=3-5", 10, WantedBytes::Part(3, 5)),
            ("bytes=3-99", 10, WantedBytes::Part(3, 9)),
            ("bytes=9-", 10, WantedBytes::Part(9, 9)),
            ("bytes=10-", 10, WantedBytes::Nothing),
            ("bytes=0-", 0, WantedBytes::Nothing),
            ("bytes=-4", 10, WantedBytes::Part(6, 9)),
            ("bytes=-40", 10, WantedBytes::Part(0, 9)),
            ("bytes=-0", 10, WantedBytes::Nothing),
            ("bytes=-4", 0, WantedBytes::Nothing),
            ("bytes=5-3", 10, WantedBytes::Whole),
            ("bytes=0-1,3-4", 10, WantedBytes::Whole),
            ("bytes=a-b", 10, WantedBytes::Whole),
            ("bytes=-", 10, WantedBytes::Whole),
            ("bytes=99999999999999999999-", 10, WantedBytes::Whole),
            ("pages=1-2", 10, WantedBytes::Whole),
        ] {
            let value = HeaderValue::from_str(range).unwrap();
            assert_eq!(wanted(Some(&value), size), expected, "{range} of {size}");
        }
        assert_eq!(wanted(None, 10), WantedBytes::Whole);
    }

    #[test]
    fn a_name_is_told_in_both_forms_and_breaks_no_header() {
        for (name, told) in [
            ("a b.txt", "attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt"),
            ("grün\".txt", "attachment; filename=\"gr_n_.txt\"; filename*=UTF-8''gr%C3%BCn%22.txt"),
            ("a\r\nX: y", "attachment; filename=\"a__X: y\"; filename*=UTF-8''a%0D%0AX%3A%20y"),
        ] {
            assert_eq!(disposition(name), told);
            assert!(HeaderValue::from_str(&disposition(name)).is_ok());
        }
    }
}
