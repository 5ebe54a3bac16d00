//! Reads the small things that every part of the dialect shares.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use crate::base::TypedAddress;
use crate::base::text::{clip, one_line};

/// A server's sentence is shown up to so many characters.
const MAX_WORDS: usize = 300;

/// Finds the sentence in an error body, whatever form that has; `None` where nothing in it reads like one.
pub fn error_words(body: &Value) -> Option<String> {
    let error = &body["error"];
    [
        &body["error_message"],
        &error["message"],
        error,
        &body["message"],
        &body["detail"],
        &body["reason"],
    ]
    .into_iter()
    .find_map(sentence)
}

fn sentence(value: &Value) -> Option<String> {
    let said = match value {
        Value::String(text) => text.clone(),
        // The body is a list of findings, each about one field of the request.
        Value::Array(findings) => {
            let findings: Vec<_> =
                findings.iter().filter_map(|finding| finding["msg"].as_str()).collect();
            findings.join(", ")
        }
        _ => return None,
    };
    let line = one_line(said.trim(), MAX_WORDS);
    (!line.is_empty()).then_some(line)
}

/// Writes `text` as one segment of a path, so that a server's id can't reach another path.
pub fn path_segment(text: &str) -> String {
    const ENCODED: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    // URL parsers fold dot segments even when they are percent-encoded.
    if matches!(text, "" | "." | "..") {
        return "-".to_owned();
    }
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Reads one segment of an address's path; `None` where it is no text. It is the opposite of [`path_segment`].
pub fn segment_text(segment: &str) -> Option<String> {
    percent_decode_str(segment).decode_utf8().ok().map(Cow::into_owned)
}

/// Completes the address of a page as somebody typed it, because services take whole ones only: a name of the internet
/// gets https. A text that is no address stays as it is, for the service to say so.
pub fn page_address(typed: &str) -> String {
    let typed = typed.trim();
    // One word may be the name of a computer, but is more often a word that somebody looks for.
    let is_word = !typed.contains(['.', ':', '/']) && !typed.eq_ignore_ascii_case("localhost");
    let whole = if is_word { None } else { TypedAddress::read(typed) };
    match whole {
        Some(whole) if whole.is_guessed => whole.url.into(),
        _ => typed.to_owned(),
    }
}

/// Returns the text of the first of `keys` that holds one.
pub(super) fn text_at<'a>(object: &'a Value, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| object[*key].as_str())
}

/// Cuts a text for the window's state to a size that can't hurt it.
pub(super) fn bounded(text: &str, max_bytes: usize) -> String {
    clip(text, max_bytes).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_form_of_error_has_its_sentence() {
        for (body, words) in [
            (
                json!({"status": "error", "error_message": "Session not found"}),
                Some("Session not found"),
            ),
            (json!({"error": {"message": "No credit"}}), Some("No credit")),
            (json!({"error": "Unauthorized"}), Some("Unauthorized")),
            (json!({"message": "Try later"}), Some("Try later")),
            (json!({"detail": "Not Found"}), Some("Not Found")),
            (
                json!({"detail": [{"loc": ["x"], "msg": "x is missing"}, {"msg": "y is missing"}]}),
                Some("x is missing, y is missing"),
            ),
            (json!({"reason": "gone"}), Some("gone")),
            (json!({"error_message": "", "message": "two\nlines"}), Some("two↵lines")),
            (json!({"status": "success"}), None),
            (json!([1, 2]), None),
            (json!("text"), None),
        ] {
            assert_eq!(error_words(&body).as_deref(), words, "{body}");
        }
    }

    #[test]
    fn a_pages_address_goes_out_whole() {
        for (typed, sent) in [
            ("example.com", "https://example.com/"),
            (" example.com/a?b=c#d ", "https://example.com/a?b=c#d"),
            ("example.com:8443", "https://example.com:8443/"),
            ("localhost:3000/x", "http://localhost:3000/x"),
            ("https://a.test", "https://a.test"),
            ("http://a.test/x", "http://a.test/x"),
            ("about:blank", "about:blank"),
            ("data:text/html,<p>hi", "data:text/html,<p>hi"),
            ("what is this", "what is this"),
            ("word", "word"),
            ("", ""),
        ] {
            assert_eq!(page_address(typed), sent, "{typed}");
        }
    }

    #[test]
    fn an_id_stays_one_segment() {
        for (id, segment) in
            [("comp_1f2e", "comp_1f2e"), ("a/b?c#d", "a%2Fb%3Fc%23d"), ("..", "-"), ("é", "%C3%A9")]
        {
            assert_eq!(path_segment(id), segment);
            let back = segment_text(segment).unwrap();
            assert!(back == id || segment == "-", "{id}: {back}");
        }
    }
}
