//! Serves a camera as one endless answer of many parts, which browsers and video players show as it comes.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::header;
use tokio_util::sync::CancellationToken;

use super::{CameraPicture, Cameras, Feed, FeedQuery};
use crate::host::error::ApiError;
use crate::host::http::body::Params;

const TYPE: &str = "multipart/x-mixed-replace; boundary=picture";
const BOUNDARY: &str = "--picture";

pub(super) async fn stream(
    State(cameras): State<Arc<Cameras>>,
    Path(id): Path<String>,
    Params(query): Params<FeedQuery>,
) -> Result<Response, ApiError> {
    let feed = cameras.feed(id, &query)?;
    let player = Some(MjpegPlayer { first: true, feed, closing: cameras.tasks.closing.clone() });
    let headers = [
        (header::CONTENT_TYPE, TYPE),
        (header::CACHE_CONTROL, "no-cache, no-store"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::from_stream(stream::unfold(player, turn))).into_response())
}

struct MjpegPlayer {
    /// Nothing was sent yet.
    first: bool,
    feed: Feed,
    closing: CancellationToken,
}

/// Waits for the next bytes. No player is left after the last.
async fn turn(
    player: Option<MjpegPlayer>,
) -> Option<(Result<Bytes, Infallible>, Option<MjpegPlayer>)> {
    let mut player = player?;
    let shot = tokio::select! {
        shot = player.feed.next() => shot,
        () = player.closing.cancelled() => return Some((Ok(end(player.first)), None)),
    };
    let part = part(player.first, &shot);
    player.first = false;
    Some((Ok(part), Some(player)))
}

/// Writes a picture and the boundary after it, without which browsers would show it only with the next.
fn part(first: bool, shot: &CameraPicture) -> Bytes {
    let jpeg = &shot.still.jpeg;
    let mut part = Vec::with_capacity(jpeg.len() + 200);
    if first {
        part.extend_from_slice(BOUNDARY.as_bytes());
    }
    let head = format!(
        "\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\nX-Timestamp: {}\r\n\r\n",
        jpeg.len(),
        shot.timestamp
    );
    part.extend_from_slice(head.as_bytes());
    part.extend_from_slice(jpeg);
    part.extend_from_slice(b"\r\n");
    part.extend_from_slice(BOUNDARY.as_bytes());
    part.into()
}

/// Writes what makes the last boundary the end of all.
fn end(first: bool) -> Bytes {
    let boundary = if first { BOUNDARY } else { "" };
    format!("{boundary}--\r\n").into()
}
