//! Asks for one screenshot of a session, for desktops whose video is not decoded.

use std::time::Instant;

use http::Method;
use serde_json::json;

use crate::model::{EncodedFrame, ImageFormat};
use crate::net::{Client, NetError};
use crate::protocol::computers::{ScreenshotAnswer, screenshot};
use crate::protocol::media::name_of;

/// A screenshot that was taken.
#[derive(Debug)]
pub(super) struct TakenShot {
    pub(super) frame: EncodedFrame,
    /// The id by which the service tells of this screenshot in its events, if the answer has one.
    pub(super) request_id: Option<String>,
}

/// Takes a screenshot of the session below `path`.
pub(super) async fn take_screenshot(client: &Client, path: &str) -> Result<TakenShot, NetError> {
    let none = |why: &str| NetError::NotAStream(format!("The session gave no screenshot: {why}"));
    let body = json!({ "base64": true });
    let answer = client.json(Method::POST, &format!("{path}/screenshot"), Some(&body)).await?;
    let (format, data) = match screenshot(&answer).map_err(|why| none(&why))? {
        ScreenshotAnswer::Picture(format, data) => (format, data),
        ScreenshotAnswer::At(address) => {
            // The client keeps its credential to its own origin, and asks nobody else in this computer's network.
            let data = client.bytes(&address).await?;
            let format = ImageFormat::sniff(&data)
                .ok_or_else(|| none(&format!("what came is {}", name_of(&data))))?;
            (format, data)
        }
    };
    Ok(TakenShot {
        frame: EncodedFrame::bare(format, data, Instant::now()),
        request_id: answer["request_id"].as_str().map(str::to_owned),
    })
}
