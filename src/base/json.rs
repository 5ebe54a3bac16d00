//! Reads JSON that somebody else wrote, no deeper than anything that is meant honestly.
//!
//! serde_json stops at 128 levels by itself. Each level costs stack in every reader above, so the limit is half of
//! that, and it is checked before anything is built.

use memchr::memchr2;
use serde::Deserialize;
use serde::de::Error as _;

const MAX_DEPTH: usize = 64;

/// Reads JSON like [`serde_json::from_slice`]. Fails also where it is nested too deeply.
pub fn from_slice<'a, T: Deserialize<'a>>(json: &'a [u8]) -> serde_json::Result<T> {
    check(json)?;
    serde_json::from_slice(json)
}

/// Reads JSON like [`serde_json::from_str`]. Fails also where it is nested too deeply.
pub fn from_str<'a, T: Deserialize<'a>>(json: &'a str) -> serde_json::Result<T> {
    check(json.as_bytes())?;
    serde_json::from_str(json)
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
    use serde_json::Value;

    use super::*;

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
