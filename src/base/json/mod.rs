//! Reads JSON that somebody else wrote: with all the odd tokens that are in use, and no deeper than anything that is
//! meant honestly.
//!
//! serde_json stops at 128 levels by itself. Each level costs stack in every reader above, so the limit is half of
//! that, and it is checked before anything is built.
//!
//! Reading is strict at first, which costs nothing. Only what is refused is mended and read once more.

mod mend;
mod tokens;

use memchr::memchr2;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::Value;

pub use self::mend::{as_written, document_text, mended, python_bytes, shown};

const MAX_DEPTH: usize = 64;
/// A document may be written so many times as a text within another.
const MAX_WRAPPERS: usize = 4;

/// Reads JSON like [`serde_json::from_slice`], also where some of its tokens are odd (see [`mended`]) or its bytes are
/// no UTF-8. Fails also where it is nested too deeply.
pub fn from_slice<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(json) {
        Ok(json) => from_str(json),
        Err(_) => from_str(&String::from_utf8_lossy(json)),
    }
}

/// Reads JSON like [`serde_json::from_str`], also where some of its tokens are odd (see [`mended`]). Fails also where it
/// is nested too deeply.
pub fn from_str<T: DeserializeOwned>(json: &str) -> serde_json::Result<T> {
    check(json.as_bytes())?;
    serde_json::from_str(json).or_else(|err| {
        let json = mended(json);
        check(json.as_bytes())?;
        // The error is about what was written, and not about what became of it.
        serde_json::from_str(&json).map_err(|_same| err)
    })
}

/// Reads a document like [`from_slice`] and [`document`].
pub fn document_of(json: &[u8]) -> serde_json::Result<Value> {
    document(&String::from_utf8_lossy(json))
}

/// Reads a document like [`from_str`], also where it is written as a JSON text (`"{\"a\":1}"`). A text that holds no
/// document is one.
pub fn document(json: &str) -> serde_json::Result<Value> {
    let value = from_str(json)?;
    Ok(document_within(&value, MAX_WRAPPERS).unwrap_or(value))
}

/// Returns the document that is written in a text, if `value` is such a text.
fn document_within(value: &Value, wrappers: usize) -> Option<Value> {
    let text = value.as_str().filter(|text| text.trim_start().starts_with(['{', '[', '"']))?;
    let inner: Value = from_str(text).ok()?;
    match inner {
        Value::String(_) if wrappers > 1 => document_within(&inner, wrappers - 1),
        Value::Object(_) | Value::Array(_) => Some(inner),
        _ => None,
    }
}

/// Fails where the JSON is nested too deeply. It serves readers that go on by other means.
pub fn check(json: &[u8]) -> serde_json::Result<()> {
    if is_deeper_than(json, MAX_DEPTH) {
        Err(serde_json::Error::custom("it is nested too deeply"))
    } else {
        Ok(())
    }
}

/// Skips strings at the speed of memory, because a picture of a megabyte is one. The answer means nothing for bytes
/// that are not JSON.
fn is_deeper_than(json: &[u8], limit: usize) -> bool {
    let mut depth = 0;
    let mut rest = json;
    let is_mark = |byte: &u8| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']');
    while let Some(at) = rest.iter().position(is_mark) {
        let (mark, after) = (rest[at], &rest[at + 1..]);
        rest = after;
        match mark {
            b'"' => rest = after_string(after),
            b'{' | b'[' if depth == limit => return true,
            b'{' | b'[' => depth += 1,
            _ => depth = depth.saturating_sub(1),
        }
    }
    false
}

/// Returns what follows the string whose opening quote was just read.
fn after_string(mut rest: &[u8]) -> &[u8] {
    while let Some(at) = memchr2(b'"', b'\\', rest) {
        if rest[at] == b'"' {
            return &rest[at + 1..];
        }
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    &[]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_read_out_of_a_text_and_a_text_stays_one() {
        for (given, read) in [
            (r#"{"a":NaN}"#, json!({"a": null})),
            (r#""{\"a\":\"\\ud83d\"}""#, json!({"a": "\u{FFFD}"})),
            (r#""\"[1]\"""#, json!([1])),
            (r#""{ not a document""#, json!("{ not a document")),
            (r#""\"quoted\"""#, json!("\"quoted\"")),
            (r#""half \ud83d""#, json!("half \u{FFFD}")),
        ] {
            assert_eq!(document(given).unwrap(), read, "{given}");
        }
        // Words without a bracket around them are words, and a strict reader gets what is in a text by itself.
        for words in ["None", "nan", "NaN", "+1", "two words", ""] {
            assert!(document(words).is_err(), "{words}");
        }
        assert_eq!(from_str::<Vec<u8>>(r#""[1]""#).unwrap(), [1]);
        assert_eq!(
            from_slice::<Value>(b"[\"\xED\xA0\xBD\"]").unwrap(),
            json!(["\u{FFFD}\u{FFFD}\u{FFFD}"])
        );
        assert!(from_str::<Value>(&format!("b'{}1'", "[".repeat(65))).is_err());
    }

    #[test]
    fn depth_counts_and_texts_do_not() {
        let nested = |open: &str, inner: &str, close: &str, n: usize| {
            format!("{}{inner}{}", open.repeat(n), close.repeat(n))
        };
        let check = |json: &str, is_read: bool| {
            let read = from_str::<Value>(json);
            assert_eq!(read.is_ok(), is_read, "{json}: {read:?}");
            assert_eq!(from_slice::<Value>(json.as_bytes()).is_ok(), is_read);
        };
        check(&nested("[", "1", "]", 64), true);
        check(&nested("[", "1", "]", 65), false);
        check(&nested(r#"{"a":"#, "1", "}", 64), true);
        check(&nested(r#"{"a":"#, "1", "}", 65), false);
        check(&nested(r#"[{"a":"#, "1", "}]", 33), false);
        // A wide value is not a deep one.
        check(&format!("[{}1]", "[],{},".repeat(1000)), true);
        // Brackets in strings and in names don't count, whatever quotes and backslashes stand before them.
        let brackets = "[{".repeat(100);
        check(&format!(r#"["{brackets}", "\"{brackets}", "\\", "\\\"{brackets}"]"#), true);
        check(&format!(r#"{{"{brackets}": 1}}"#), true);
        check(&format!(r#"["\\", {}]"#, nested("[", "1", "]", 64)), false);
        for broken in ["", "\"", "\"\\", "]]]]", "[[", "\"[[\\\""] {
            check(broken, false);
        }
    }
}
