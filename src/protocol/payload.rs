//! Reads pictures in JSON and what is told beside them, in every form in use. The dialects share this.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig, simd::Simd};
use bytes::Bytes;
use jiff::Timestamp;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::media::name_of;
use super::time::timestamp;
use crate::base::json;
use crate::model::{FrameSize, ImageFormat};

pub(super) const PICTURES: [&str; 6] =
    ["image_data", "frame", "data", "screenshot", "image", "jpeg"];
const LABEL: &str = "type";
/// No picture is shorter than this many bytes of Base64.
const MIN_PAYLOAD: usize = 64;
const TIMES: [&str; 4] = ["timestamp", "ts", "time", "captured_at"];
const SIZES: [[&str; 2]; 5] = [
    ["deviceWidth", "deviceHeight"],
    ["viewport_width", "viewport_height"],
    ["viewportWidth", "viewportHeight"],
    ["device_width", "device_height"],
    ["width", "height"],
];

/// Tells whether a field may hold a picture, its time or its size, or says what the message is.
pub(super) fn is_picture_field(key: &str) -> bool {
    let mut keys = [&PICTURES[..], &TIMES, SIZES.as_flattened(), &[LABEL]].into_iter();
    keys.any(|keys| keys.contains(&key))
}

/// The known fields of one JSON object, borrowed from its text: a picture of a megabyte is not copied on its way.
pub(super) struct Fields<'a> {
    known: Vec<(Cow<'a, str>, &'a RawValue)>,
    /// Tells whether a field is kept, because memory must not grow with fields that nobody reads.
    is_known: fn(&str) -> bool,
}

impl<'a> Fields<'a> {
    /// Reads the fields of the object in `json` that `is_known`, each as it first comes; `None` where it is no whole
    /// object. `space` takes the text where it has to be written anew to be read: because some of its tokens are odd,
    /// or because a field holds an object as a text.
    pub(super) fn read(
        json: &'a str,
        space: &'a mut String,
        is_known: fn(&str) -> bool,
    ) -> Option<Self> {
        json::check(json.as_bytes()).ok()?;
        *space = match Self::read_checked(json, is_known) {
            Some(fields) => match fields.unnested() {
                Some(unnested) => unnested,
                None => return Some(fields),
            },
            None => {
                let mended = json::mended(json);
                let unnested = Fields::read_checked(&mended, is_known)?.unnested();
                unnested.unwrap_or(mended)
            }
        };
        json::check(space.as_bytes()).ok()?;
        Self::read_checked(space, is_known)
    }

    /// Writes the object anew where one of its fields holds an object or a list as a JSON text.
    fn unnested(&self) -> Option<String> {
        let inner = |value: &RawValue| {
            let text = json::document_text(value.get());
            let is_document = matches!(&text, Cow::Owned(text) if text.starts_with(['{', '[']));
            let mended = is_document.then(|| json::mended(&text))?;
            serde_json::from_str::<IgnoredAny>(&mended).is_ok().then_some(mended)
        };
        let inner: Vec<Option<String>> = self.known.iter().map(|(_, value)| inner(value)).collect();
        if inner.iter().all(Option::is_none) {
            return None;
        }
        let fields = self.known.iter().zip(&inner).map(|((key, value), inner)| {
            let value = inner.as_deref().unwrap_or_else(|| value.get());
            format!("{}:{value}", Value::from(key.as_ref()))
        });
        Some(format!("{{{}}}", fields.collect::<Vec<_>>().join(",")))
    }

    fn read_checked(json: &'a str, is_known: fn(&str) -> bool) -> Option<Self> {
        let mut reader = serde_json::Deserializer::from_str(json);
        let fields = FieldsReader(is_known).deserialize(&mut reader).ok()?;
        reader.end().ok()?;
        Some(fields)
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a RawValue> {
        self.known.iter().find(|(known, _)| known == key).map(|(_, value)| *value)
    }

    pub(super) fn object(&self, key: &str) -> Option<Self> {
        let json = self.get(key)?.get();
        if json.starts_with('{') { Self::read_checked(json, self.is_known) } else { None }
    }

    pub(super) fn has_picture_text(&self) -> bool {
        PICTURES.iter().any(|key| self.get(key).is_some_and(|value| value.get().starts_with('"')))
    }

    /// Names what stands in a picture's place; `None` where there is no such place, or the message is labeled as words.
    pub(super) fn unread_picture(&self) -> Option<String> {
        let text = PICTURES.iter().find_map(|key| {
            let json = self.get(key)?.get();
            json.starts_with('"').then(|| serde_json::from_str::<Text<'_>>(json).ok())?
        })?;
        (!self.is_speech()).then(|| name_of_text(&text.0))
    }

    /// Tells whether the message is labeled as words, whose "data" is no picture.
    fn is_speech(&self) -> bool {
        let label = self.value(LABEL);
        let label = label.as_ref().and_then(Value::as_str).unwrap_or_default();
        matches!(label, "error" | "status" | "info" | "log" | "ping")
    }

    pub(super) fn picture(&self) -> Option<(ImageFormat, Bytes)> {
        PICTURES.iter().find_map(|key| {
            let json = self.get(key)?.get();
            picture(&serde_json::from_str::<Text<'_>>(json).ok()?.0)
        })
    }

    pub(super) fn value(&self, key: &str) -> Option<Value> {
        json::from_str(self.get(key)?.get()).ok()
    }

    pub(super) fn time(&self) -> Option<Timestamp> {
        TIMES.iter().find_map(|key| timestamp(&self.value(key)?))
    }

    pub(super) fn size(&self) -> Option<FrameSize> {
        let side = |key| self.value(key)?.as_f64().filter(|side| (1.0..=65_536.0).contains(side));
        SIZES.iter().find_map(|[width, height]| {
            Some(FrameSize {
                width: side(width)?.round() as u32,
                height: side(height)?.round() as u32,
            })
        })
    }
}

/// Reads an object and keeps the fields that `is_known`.
struct FieldsReader(fn(&str) -> bool);

impl<'de> DeserializeSeed<'de> for FieldsReader {
    type Value = Fields<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fields<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FieldsReader {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        let mut fields = Fields { known: Vec::new(), is_known: self.0 };
        while let Some(Text(key)) = map.next_key()? {
            if (self.0)(&key) && fields.get(&key).is_none() {
                fields.known.push((key, map.next_value()?));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(fields)
    }
}

/// A JSON string, borrowed where it has no escapes.
#[derive(Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// Decodes Base64, with or without a data URL's head, to a picture of a format that is shown.
pub(super) fn picture(text: &str) -> Option<(ImageFormat, Bytes)> {
    let text = unquoted(text);
    let text = match text.strip_prefix("data:") {
        Some(url) => url.split_once(',')?.1,
        None => &text,
    };
    let data = decode(text)?;
    Some((ImageFormat::sniff(&data)?, data.into()))
}

/// Names what a text holds that [`picture`] does not know.
pub(super) fn name_of_text(text: &str) -> String {
    let text = text.split_once(";base64,").map_or(text, |(_, data)| data);
    match decode(text) {
        Some(data) if !data.is_empty() => name_of(&data),
        Some(_) => name_of(&[]),
        None => "text that is no Base64".to_owned(),
    }
}

/// Tells whether a text was meant to be a picture and not to be read by people: it is long, and without any space.
pub(super) fn is_payload(text: &str) -> bool {
    text.len() >= MIN_PAYLOAD && !text.contains(char::is_whitespace)
}

/// Decodes Base64 of either alphabet, padded or not. White space is looked for only where the fast way failed, and so is
/// what a form or Python made of the text.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    static STANDARD: LazyLock<Simd> = LazyLock::new(|| Simd::standard(LENIENT));
    static URL_SAFE: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(LENIENT));
    let either = |text: &[u8]| STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok();
    either(text.as_bytes()).or_else(|| {
        let dense = dense(unquoted(text).trim());
        if dense == text { None } else { either(dense.as_bytes()) }
    })
}

/// Returns the text in `b'…'`, which is how Python shows bytes, or else the text itself.
fn unquoted(text: &str) -> Cow<'_, str> {
    json::python_bytes(text).unwrap_or(Cow::Borrowed(text))
}

/// Takes the line breaks out of Base64. A space may be one, too, but where a form was decoded it was a plus: the lines
/// of a broken text are of one length, which is also what its whole length tells.
fn dense(text: &str) -> String {
    let text: String = text.chars().filter(|c| *c == ' ' || !c.is_ascii_whitespace()).collect();
    let without = text.replace(' ', "");
    let is_whole = |length: usize| length.is_multiple_of(4);
    let are_breaks = match (is_whole(without.len()), is_whole(text.len())) {
        (true, false) => true,
        (false, true) => false,
        _ => {
            let mut lines = text.split(' ').map(str::len);
            let first = lines.next().unwrap_or_default();
            let last = lines.next_back().unwrap_or_default();
            lines.all(|line| line == first) && last <= first && is_whole(first)
        }
    };
    if are_breaks { without } else { text.replace(' ', "+") }
}

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
