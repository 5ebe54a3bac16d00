//! Reads what was found in a picture and where, in every form in use.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserializer as _, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::base::json;
use crate::base::text::one_line;
use crate::model::{Area, Detection, FrameRect, FrameSize};
use crate::protocol::payload::Fields;

/// A picture has at most so many detections. These are more than a person can see, and the limit bounds what is
/// painted, too.
const MAX_DETECTIONS: usize = 500;
/// The JSON of one detection has at most so many bytes: it is a few numbers and words.
const MAX_JSON: usize = 16 << 10;
const MAX_CLASS: usize = 60;
/// A number beyond this is no place in a picture.
const FARTHEST: f64 = 1e6;
/// A fraction may be this large, because fractions overshoot the picture by a rounding error.
const WHOLE: f64 = 1.000_1;

const LISTS: [&str; 6] =
    ["detections", "objects", "predictions", "boxes", "results", "annotations"];
const FRAME_SIZES: [[&str; 2]; 4] = [
    ["frame_width", "frame_height"],
    ["image_width", "image_height"],
    ["frameWidth", "frameHeight"],
    ["imageWidth", "imageHeight"],
];
const SIZE_OBJECTS: [&str; 5] = ["image_size", "frame_size", "resolution", "size", "image"];
const CLASSES: [&str; 6] = ["class", "label", "cls", "name", "class_name", "category"];
const SCORES: [&str; 4] = ["confidence", "score", "conf", "probability"];

/// The meaning of four bare numbers that name a rectangle. Fields that say so themselves (`x1`, `cx`, `xyxy`) need no
/// format.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::EnumIter,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum BoxFormat {
    /// The numbers are left, top, width and height.
    #[default]
    Xywh,
    /// The numbers are left, top, right and bottom.
    Xyxy,
    /// The numbers are the middle, then width and height. This holds for fields named `x`, `y`, `width` and `height`,
    /// too.
    Cxcywh,
}

pub(super) fn is_known(key: &str) -> bool {
    LISTS.contains(&key) || FRAME_SIZES.as_flattened().contains(&key) || SIZE_OBJECTS.contains(&key)
}

/// Returns the size of the picture that places are counted in, where the message tells it.
pub(super) fn declared_size(fields: &Fields<'_>) -> Option<FrameSize> {
    let named = || {
        FRAME_SIZES
            .iter()
            .find_map(|[width, height]| size_of(&fields.value(width)?, &fields.value(height)?))
    };
    let nested = || {
        SIZE_OBJECTS.iter().find_map(|key| {
            // A picture may have such a name, too. It is not read here.
            let json = fields.get(key)?.get();
            if json.starts_with('"') || json.len() > MAX_JSON {
                return None;
            }
            let size = json::from_str::<Value>(json).ok()?;
            size_of(&size["width"], &size["height"]).or_else(|| size_of(&size[0], &size[1]))
        })
    };
    named().or_else(nested).or_else(|| fields.size())
}

fn size_of(width: &Value, height: &Value) -> Option<FrameSize> {
    let side = |side: &Value| side.as_f64().filter(|side| (1.0..=65_536.0).contains(side));
    Some(FrameSize { width: side(width)?.round() as u32, height: side(height)?.round() as u32 })
}

/// What a message tells of the objects in its picture.
#[derive(Debug, Default)]
pub(super) struct FoundDetections {
    pub(super) detections: Arc<[Detection]>,
    /// The detections that could not be read, where there are any.
    pub(super) unread: Option<UnreadDetections>,
}

/// The detections of one picture that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadDetections {
    /// Their number, which is not 0.
    pub count: usize,
    /// What is wrong with the first of them, in a few words that are safe to show, as in "car: no place".
    pub first: String,
}

/// Reads the detections in one object of a message; `None` where it has no list of them.
pub(super) fn detections(
    fields: &Fields<'_>,
    format: BoxFormat,
    size: Option<FrameSize>,
) -> Option<FoundDetections> {
    let list = LISTS.iter().find_map(|key| list_of(fields, key))?;
    let mut found: Vec<Detection> = Vec::new();
    let mut unread: Option<UnreadDetections> = None;
    for json in list {
        let classes = |class: &str| {
            let known = found.iter().find(|other| &*other.class == class);
            known.map_or_else(|| Arc::from(class), |known| known.class.clone())
        };
        let read = if json.get().len() <= MAX_JSON {
            json::from_str::<Value>(json.get())
                .map_err(|_broken| "it is no JSON".to_owned())
                .and_then(|value| detection(&value, format, size, classes))
        } else {
            Err("it is too long".to_owned())
        };
        match (read, &mut unread) {
            (Ok(detection), _) => found.push(detection),
            (Err(_), Some(unread)) => unread.count += 1,
            (Err(first), None) => unread = Some(UnreadDetections { count: 1, first }),
        }
    }
    Some(FoundDetections { detections: found.into(), unread })
}

/// Reads a list, or an object around one.
fn list_of<'a>(fields: &Fields<'a>, key: &str) -> Option<Vec<&'a RawValue>> {
    let json = fields.get(key)?.get();
    match json.as_bytes().first()? {
        b'[' => capped(json),
        b'{' => {
            let inner = fields.object(key)?;
            LISTS.iter().filter_map(|key| inner.get(key)).find_map(|inner| capped(inner.get()))
        }
        _ => None,
    }
}

/// Returns the first elements of a JSON array. However long it is, no more are kept.
fn capped(json: &str) -> Option<Vec<&RawValue>> {
    struct Capped;
    impl<'de> Visitor<'de> for Capped {
        type Value = Vec<&'de RawValue>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut list = Vec::new();
            while list.len() < MAX_DETECTIONS {
                let Some(json) = seq.next_element::<&RawValue>()? else {
                    return Ok(list);
                };
                list.push(json);
            }
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok(list)
        }
    }
    serde_json::Deserializer::from_str(json).deserialize_seq(Capped).ok()
}

/// Reads one detection. Fails in a few words that name it.
fn detection(
    value: &Value,
    format: BoxFormat,
    size: Option<FrameSize>,
    class: impl FnOnce(&str) -> Arc<str>,
) -> Result<Detection, String> {
    let name = class_of(value);
    let place = place(value, format).ok_or_else(|| format!("{name}: its place can't be read"))?;
    let confidence =
        confidence(value).ok_or_else(|| format!("{name}: its confidence can't be read"))?;
    Ok(Detection { class: class(&name), confidence: confidence as f32, area: area(&place, size) })
}

/// Returns the confidence as a fraction; `None` where it is told and is none.
fn confidence(value: &Value) -> Option<f64> {
    let mut told = SCORES.iter().filter_map(|key| value.get(key)).peekable();
    if told.peek().is_none() {
        // A detector that tells no confidence has none to doubt.
        return Some(1.0);
    }
    let confidence = told.find_map(number)?;
    let confidence = if confidence > 1.0 { confidence / 100.0 } else { confidence };
    (0.0..=1.0).contains(&confidence).then_some(confidence)
}

/// Returns a class's name where there is one, else the number that stands for it.
fn class_of(value: &Value) -> String {
    let fields = || CLASSES.iter().map(|key| &value[*key]);
    let shown = |text: &str| one_line(text.trim(), MAX_CLASS);
    let named = fields().filter_map(Value::as_str).map(shown).find(|name| !name.is_empty());
    let nested = || value["class"]["name"].as_str().map(shown);
    let numbered = || {
        let number = fields().chain([&value["class_id"]]).find_map(Value::as_u64)?;
        Some(format!("class {number}"))
    };
    named.or_else(nested).or_else(numbered).unwrap_or_else(|| "object".to_owned())
}

struct BoxPlace {
    /// Left, top, width and height as they were counted.
    rect: [f64; 4],
    /// The four numbers are fractions of the picture's sides.
    is_fraction: bool,
}

fn place(value: &Value, format: BoxFormat) -> Option<BoxPlace> {
    let arrays = [
        ("bbox", format),
        ("box", format),
        ("xyxy", BoxFormat::Xyxy),
        ("xywh", format),
        ("cxcywh", BoxFormat::Cxcywh),
        ("rect", format),
        ("bounding_box", format),
        ("boundingBox", format),
    ];
    arrays
        .into_iter()
        .find_map(|(key, format)| match &value[key] {
            Value::Array(four) => from_array(four, format),
            nested @ Value::Object(_) => from_fields(nested, format),
            _ => None,
        })
        .or_else(|| from_fields(value, format))
}

fn from_array(array: &[Value], format: BoxFormat) -> Option<BoxPlace> {
    match array {
        // Some detectors put each box into a list of its own, or name two corners.
        [Value::Array(one)] => from_array(one, format),
        [Value::Array(from), Value::Array(to)] => {
            let corner = |at: &[Value]| Some((number(at.first()?)?, number(at.get(1)?)?));
            let ((x1, y1), (x2, y2)) = (corner(from)?, corner(to)?);
            of([x1, y1, x2, y2], BoxFormat::Xyxy)
        }
        [a, b, c, d] => of([number(a)?, number(b)?, number(c)?, number(d)?], format),
        _ => None,
    }
}

fn from_fields(value: &Value, format: BoxFormat) -> Option<BoxPlace> {
    let forms = [
        (["x1", "y1", "x2", "y2"], BoxFormat::Xyxy),
        (["xmin", "ymin", "xmax", "ymax"], BoxFormat::Xyxy),
        (["x_min", "y_min", "x_max", "y_max"], BoxFormat::Xyxy),
        (["left", "top", "right", "bottom"], BoxFormat::Xyxy),
        (["left", "top", "width", "height"], BoxFormat::Xywh),
        (["cx", "cy", "width", "height"], BoxFormat::Cxcywh),
        (["cx", "cy", "w", "h"], BoxFormat::Cxcywh),
        (["x", "y", "width", "height"], middle_or_corner(format)),
        (["x", "y", "w", "h"], middle_or_corner(format)),
    ];
    forms.into_iter().find_map(|(keys, format)| {
        let mut four = [0.0; 4];
        for (at, key) in four.iter_mut().zip(keys) {
            *at = number(&value[key])?;
        }
        of(four, format)
    })
}

/// Returns a format for fields named by width and height, which can't be two corners.
fn middle_or_corner(format: BoxFormat) -> BoxFormat {
    match format {
        BoxFormat::Cxcywh => BoxFormat::Cxcywh,
        BoxFormat::Xywh | BoxFormat::Xyxy => BoxFormat::Xywh,
    }
}

/// Makes a place of four numbers. They are fractions where none is beyond 1, because no detector finds objects of one
/// pixel.
fn of(four: [f64; 4], format: BoxFormat) -> Option<BoxPlace> {
    let [a, b, c, d] = four;
    let rect = match format {
        BoxFormat::Xywh => [a, b, c, d],
        BoxFormat::Xyxy => [a, b, c - a, d - b],
        BoxFormat::Cxcywh => [a - c / 2.0, b - d / 2.0, c, d],
    };
    let [_, _, width, height] = rect;
    let is_place = rect.iter().all(|n| n.abs() <= FARTHEST) && width >= 0.0 && height >= 0.0;
    is_place.then(|| BoxPlace { rect, is_fraction: four.iter().all(|n| n.abs() <= WHOLE) })
}

/// Makes the area of a place. Its pixels are those of the picture itself, or of the size that was declared.
fn area(place: &BoxPlace, size: Option<FrameSize>) -> Area {
    let [x, y, width, height] = place.rect;
    let rect = |x: f64, y: f64, width: f64, height: f64| FrameRect {
        x: x as f32,
        y: y as f32,
        width: width as f32,
        height: height as f32,
    };
    match size {
        _ if place.is_fraction => Area::Fraction(rect(x, y, width, height)),
        None => Area::Pixels(rect(x, y, width, height)),
        Some(FrameSize { width: w, height: h }) => {
            let (w, h) = (f64::from(w), f64::from(h));
            Area::Fraction(rect(x / w, y / h, width / w, height / h))
        }
    }
}

/// Reads a finite number, also one that is written as text.
fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().trim_end_matches('%').parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}
