//! Makes JSON of what others write in its place, token by token, so that an odd one costs nothing but itself.

use std::borrow::Cow;

use serde_json::{Number, Value};

use super::MAX_WRAPPERS;
use super::tokens::{Token, Tokens, is_blank};

/// This character stands for one that can't be.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// Returns the document with each odd token as the one that it stands for.
///
/// - Half a surrogate pair becomes U+FFFD, and a control character or an unknown escape what it shows.
/// - What is no number, or none that a computer holds (`NaN`, `-Infinity`, `1e400`, `undefined`), becomes `null`; a
///   number that is written otherwise (`+1`, `.5`, `007`) becomes that number.
/// - A byte order mark goes, and so does a comma with nothing behind it.
/// - A document that is written as a text (`"{\"a\":1}"`), or as Python shows bytes (`b'{"a":1}'`), comes out of it.
///
/// What is no JSON for other reasons stays so.
pub fn mended(json: &str) -> String {
    let document = document_text(json);
    // Words without a bracket around them are words for people, even if one of them is "None".
    if !document.starts_with(['{', '[', '"']) {
        return document.into_owned();
    }
    let mut out = String::with_capacity(document.len());
    for token in Tokens::of(&document) {
        match token {
            Token::Mark(mark) => {
                if matches!(mark, '}' | ']') && out.ends_with(',') {
                    out.pop();
                }
                out.push(mark);
            }
            Token::Text { inner, is_closed } => push_text(inner, is_closed, &mut out),
            Token::Word(word) => push_word(&mended_word(word), &mut out),
        }
    }
    out
}

/// Returns JSON on one line for people: numbers and the order of fields as they came, texts with the characters that
/// their escapes stand for.
pub fn shown(json: &str) -> String {
    let document = document_text(json);
    let mut out = String::with_capacity(document.len());
    for token in Tokens::of(&document) {
        match token {
            Token::Mark(mark) => out.push(mark),
            Token::Text { inner, is_closed } => {
                let mut text = String::with_capacity(inner.len() + 2);
                push_text(inner, is_closed, &mut text);
                let read = serde_json::from_str::<Cow<'_, str>>(&text).ok();
                let written = read.and_then(|read| serde_json::to_string(&read).ok());
                out.push_str(&written.unwrap_or(text));
            }
            Token::Word(word) => push_word(word, &mut out),
        }
    }
    out
}

/// Reads JSON for people: every number that a [`Value`] would write otherwise than it came is a text of its characters.
/// Returns `None` where there is none of that kind, or what is left is no JSON.
pub fn as_written(json: &str) -> Option<Value> {
    let document = document_text(json);
    let is_odd = |token| matches!(token, Token::Word(word) if is_odd_number(word));
    if !Tokens::of(&document).any(is_odd) {
        return None;
    }
    let mut out = String::with_capacity(document.len());
    for token in Tokens::of(&document) {
        match token {
            Token::Mark(mark) => out.push(mark),
            Token::Text { inner, is_closed } => push_text(inner, is_closed, &mut out),
            Token::Word(word) if is_odd_number(word) => {
                out.push_str(&Value::from(word).to_string());
            }
            Token::Word(word) => push_word(&mended_word(word), &mut out),
        }
    }
    serde_json::from_str(&out).ok()
}

/// Takes a document out of what others wrap around it: a byte order mark, a JSON text, bytes as Python shows them.
/// Anything else is returned as it is.
pub fn document_text(json: &str) -> Cow<'_, str> {
    let mut document = Cow::Borrowed(json.trim_matches(is_blank));
    for _ in 0..MAX_WRAPPERS {
        let inner = match python_bytes(&document) {
            Some(inner) => Some(inner.into_owned()),
            None => in_text(&document),
        };
        let is_document =
            |inner: &String| inner.trim_start_matches(is_blank).starts_with(['{', '[', '"']);
        let Some(inner) = inner.filter(is_document) else {
            break;
        };
        document = Cow::Owned(inner.trim_matches(is_blank).to_owned());
    }
    document
}

/// Returns the document in a JSON string, such as `"{\"a\":1}"`; `None` for any other text.
fn in_text(json: &str) -> Option<String> {
    let json = json.trim_matches(is_blank);
    // Most texts are no documents, and a picture of a megabyte is one: only their first character is looked at.
    let is_wrapped = json.starts_with("\"{") || json.starts_with("\"[") || json.starts_with("\"\\");
    let mut tokens = Tokens::of(json);
    let (true, Some(Token::Text { inner, is_closed: true }), None) =
        (is_wrapped, tokens.next(), tokens.next())
    else {
        return None;
    };
    let mut text = String::with_capacity(inner.len() + 2);
    push_text(inner, true, &mut text);
    serde_json::from_str(&text).ok()
}

/// Returns what `b'…'` holds, which is how Python shows bytes.
pub fn python_bytes(text: &str) -> Option<Cow<'_, str>> {
    let quoted = text.strip_prefix(['b', 'B'])?;
    let quote = quoted.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let inner = quoted[1..].strip_suffix(quote)?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let (byte, taken) = match (byte, after) {
            (b'\\', [b'n', ..]) => (b'\n', 2),
            (b'\\', [b'r', ..]) => (b'\r', 2),
            (b'\\', [b't', ..]) => (b'\t', 2),
            (b'\\', [b'x', digits @ ..]) if digits.len() >= 2 => (hex(&digits[..2])? as u8, 4),
            (b'\\', [escaped @ (b'\\' | b'\'' | b'"'), ..]) => (*escaped, 2),
            _ => (byte, 1),
        };
        bytes.push(byte);
        rest = &rest[taken..];
    }
    Some(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Writes a text with its quotes, every escape in it one that JSON knows. A text without an end keeps none.
fn push_text(inner: &str, is_closed: bool, out: &mut String) {
    out.push('"');
    let is_special = |c: char| c == '\\' || c < ' ';
    let mut rest = inner;
    while let Some(at) = rest.find(is_special) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = push_special(rest, out);
        rest = &rest[taken..];
    }
    out.push_str(rest);
    if is_closed {
        out.push('"');
    }
}

/// Writes the escape or control character at the start of `rest`, and returns how many bytes it takes there.
fn push_special(rest: &str, out: &mut String) -> usize {
    let bytes = rest.as_bytes();
    match bytes {
        [b'\\', b'u', ..] => match (escaped_unit(bytes), bytes.get(6..).and_then(escaped_unit)) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => {
                out.push_str(&rest[..12]);
                12
            }
            (Some(0xD800..0xE000), _) => {
                out.push(REPLACEMENT);
                6
            }
            (Some(_), _) => {
                out.push_str(&rest[..6]);
                6
            }
            (None, _) => {
                out.push_str(r"\\u");
                2
            }
        },
        [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => {
            out.push_str(&rest[..2]);
            2
        }
        [b'\\', b'\'', ..] => {
            out.push('\'');
            2
        }
        [b'\\', b'x', digits @ ..] if digits.get(..2).and_then(hex).is_some() => {
            out.push_str(&format!("\\u00{}", &rest[2..4]));
            4
        }
        [b'\\', ..] => {
            out.push_str(r"\\");
            1
        }
        [control, ..] => {
            out.push_str(&format!("\\u{control:04x}"));
            1
        }
        [] => 0,
    }
}

/// Returns the number in `\uXXXX` at the start of `bytes`.
fn escaped_unit(bytes: &[u8]) -> Option<u32> {
    hex(bytes.strip_prefix(b"\\u")?.get(..4)?)
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, digit| Some(sum * 16 + char::from(*digit).to_digit(16)?))
}

/// Writes a word, apart from one that stands before it: two words are none.
fn push_word(word: &str, out: &mut String) {
    if out.ends_with(|c: char| c.is_alphanumeric() || c == '.') {
        out.push(' ');
    }
    out.push_str(word);
}

fn mended_word(word: &str) -> Cow<'_, str> {
    if let Ok(number) = serde_json::from_str::<Number>(word)
        && number.as_f64().is_some_and(f64::is_finite)
    {
        return Cow::Borrowed(word);
    }
    match word {
        "true" | "false" | "null" => Cow::Borrowed(word),
        "True" => Cow::Borrowed("true"),
        "False" => Cow::Borrowed("false"),
        "None" | "undefined" => Cow::Borrowed("null"),
        // Rust reads every word for infinity and for what is no number, whatever its case.
        _ => match word.parse::<f64>() {
            Ok(number) if number.is_finite() => Cow::Owned(plain_number(word, number)),
            Ok(_) => Cow::Borrowed("null"),
            Err(_) => Cow::Borrowed(word),
        },
    }
}

/// Writes a number that JSON would have others write otherwise. Whole ones keep all their digits.
fn plain_number(word: &str, number: f64) -> String {
    let (sign, digits) = match word.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", word.trim_start_matches('+')),
    };
    let whole = digits.trim_start_matches('0');
    if !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("{sign}{whole}");
    }
    Number::from_f64(number).map_or_else(|| "null".to_owned(), |number| number.to_string())
}

/// Tells whether a word is meant as a number that a [`Value`] would write otherwise.
fn is_odd_number(word: &str) -> bool {
    match serde_json::from_str::<Number>(word) {
        Ok(number) => number.to_string() != word,
        Err(_) => word.parse::<f64>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_odd_token_costs_nothing_but_itself() {
        for (given, mended_to) in [
            (
                r#"{"a":NaN,"b":-Infinity,"c":1e400,"d":-1e999}"#,
                r#"{"a":null,"b":null,"c":null,"d":null}"#,
            ),
            (r#"[nan, inf, +Infinity, undefined, None]"#, "[null,null,null,null,null]"),
            ("[True, False, true, null]", "[true,false,true,null]"),
            ("[+1, .5, 5., 007, -012, +0]", "[1,0.5,5.0,7,-12,0.0]"),
            ("[1,2,]", "[1,2]"),
            ("\u{FEFF}{}", "{}"),
            ("{}\0\0", "{}"),
            (r#"["t \ud83d"]"#, "[\"t \u{FFFD}\"]"),
            (r#"["\ude00\ud83d"]"#, "[\"\u{FFFD}\u{FFFD}\"]"),
            (r#"["\ud83d\u0041"]"#, "[\"\u{FFFD}\\u0041\"]"),
            (r#"{"\ud83d":"\ud83d\ude00"}"#, "{\"\u{FFFD}\":\"\\ud83d\\ude00\"}"),
            (
                r#"["\u12", "\x41", "\'", "\q", "\\\"\n"]"#,
                r#"["\\u12","\u0041","'","\\q","\\\"\n"]"#,
            ),
            ("[\"a\nb\tc\"]", r#"["a\u000ab\u0009c"]"#),
            (r#""{\"a\":1}""#, r#"{"a":1}"#),
            (r#""\"{\\\"a\\\":NaN}\"""#, r#"{"a":null}"#),
            (r#"b'{"a": "it\'s \xc3\xa9"}'"#, r#"{"a":"it's é"}"#),
            (r#"b"[1]""#, "[1]"),
            // These are no JSON, and stay so.
            ("two words", "two words"),
            ("1 2", "1 2"),
            ("[\"open", "[\"open"),
            ("b'picture'", "b'picture'"),
            ("\"just text\"", "\"just text\""),
        ] {
            assert_eq!(mended(given), mended_to, "{given}");
        }
    }

    #[test]
    fn numbers_are_shown_as_they_came() {
        let json = r#"{ "z": 9007199254740993, "a":12345678901234567890123, "b":1e400, "c":[1.50, NaN], "d":"\u00e9\n" }"#;
        assert_eq!(
            shown(json),
            r#"{"z":9007199254740993,"a":12345678901234567890123,"b":1e400,"c":[1.50,NaN],"d":"é\n"}"#
        );
        assert_eq!(
            as_written(json),
            Some(json!({
                "z": 9_007_199_254_740_993_u64,
                "a": "12345678901234567890123",
                "b": "1e400",
                "c": ["1.50", "NaN"],
                "d": "é\n",
            }))
        );
        assert_eq!(as_written(r#"{"a":1,"b":-2,"c":0.5}"#), None);
        assert_eq!(as_written("no JSON 1e400"), None);
    }
}
