//! Reads the answer to “take a screenshot”: the picture itself, or where it lies.

use bytes::Bytes;
use serde_json::Value;

use super::action::action_result;
use super::words::text_at;
use crate::model::ImageFormat;
use crate::protocol::payload::{PICTURES, picture};

/// A screenshot as the service hands it over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScreenshotAnswer {
    /// The picture itself.
    Picture(ImageFormat, Bytes),
    /// The picture is to be fetched from this address.
    At(String),
}

const ENCODED: [&str; 2] = ["screenshot_base64", "base64"];
const ADDRESSES: [&str; 3] = ["screenshot_url", "image_url", "url"];

/// Reads the answer. The error is a sentence for people.
pub fn screenshot(answer: &Value) -> Result<ScreenshotAnswer, String> {
    action_result(answer)?;
    let places = [&answer["result"], &answer["data"], answer];
    let keys = || ENCODED.iter().chain(&PICTURES).chain(&ADDRESSES);
    let shown = places.iter().find_map(|place| {
        let text = place.as_str();
        text.into_iter().chain(keys().filter_map(|key| place[*key].as_str())).find_map(picture)
    });
    if let Some((format, data)) = shown {
        return Ok(ScreenshotAnswer::Picture(format, data));
    }
    let address = places
        .iter()
        .find_map(|place| text_at(place, &ADDRESSES))
        .filter(|address| !address.starts_with("data:"));
    match address {
        Some(address) => Ok(ScreenshotAnswer::At(address.to_owned())),
        None => Err("the answer holds no picture".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_screenshot_is_found_in_every_form_in_use() {
        let png = [0x89, b'P', b'N', b'G', 13, 10, 26, 10];
        let text = BASE64_STANDARD.encode(png);
        let here = Ok(ScreenshotAnswer::Picture(ImageFormat::Png, Bytes::copy_from_slice(&png)));
        let there = Ok(ScreenshotAnswer::At("https://pictures.test/1.png".to_owned()));
        let none = Err("the answer holds no picture".to_owned());
        let url = "https://pictures.test/1.png";
        for (answer, wanted) in [
            (
                json!({"status": "success", "result": {"screenshot_base64": text, "screenshot_url": url}}),
                &here,
            ),
            (json!({"result": {"screenshot_url": format!("data:image/png;base64,{text}")}}), &here),
            (json!({"result": text}), &here),
            (json!({ "screenshot": text }), &here),
            (json!({"data": {"image": text}}), &here),
            (json!({"status": "success", "result": {"screenshot_url": url}}), &there),
            (json!({ "image_url": url }), &there),
            (json!({"result": {"screenshot": "not a picture", "url": url}}), &there),
            (json!({"result": {"url": "data:image/png;base64,AAAA"}}), &none),
            (json!({"status": "success"}), &none),
            (json!(null), &none),
            (
                json!({"status": "error", "error_message": "No display"}),
                &Err("No display".to_owned()),
            ),
        ] {
            assert_eq!(&screenshot(&answer), wanted, "{answer}");
        }
    }
}
