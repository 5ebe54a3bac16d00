//! Tells what pages write to the console, and what they throw.

use serde::Deserialize;
use serde_json::{Value, json};

use super::words::MAX_TEXT;
use crate::base::text::clip;

/// `Runtime.consoleAPICalled`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConsoleCalled {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    args: Vec<RemoteObject>,
    #[serde(default)]
    stack_trace: StackTrace,
}

#[derive(Debug, Deserialize)]
struct RemoteObject {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    value: Value,
    description: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct StackTrace {
    call_frames: Vec<CallFrame>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct CallFrame {
    url: String,
    line_number: i64,
}

/// `Log.entryAdded`: the browser itself writes to the console.
#[derive(Debug, Deserialize)]
pub(super) struct EntryAdded {
    entry: ConsoleEntry,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConsoleEntry {
    source: String,
    level: String,
    text: String,
    #[serde(default)]
    url: String,
    line_number: Option<i64>,
}

/// `Runtime.exceptionThrown`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExceptionThrown {
    exception_details: ExceptionDetails,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExceptionDetails {
    text: String,
    #[serde(default)]
    url: String,
    line_number: i64,
    exception: Option<RemoteObject>,
    #[serde(default)]
    stack_trace: StackTrace,
}

impl ConsoleCalled {
    /// Makes the fields of a `console` event; `None` for calls that write nothing.
    pub(super) fn fields(&self) -> Option<Value> {
        let level = match self.kind.as_str() {
            "clear" | "endGroup" | "profile" | "profileEnd" => return None,
            "warning" => "warning",
            "error" | "assert" => "error",
            "debug" => "debug",
            "info" => "info",
            _ => "log",
        };
        let mut text = String::new();
        for arg in &self.args {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&arg.text());
            if text.len() > MAX_TEXT {
                break;
            }
        }
        let frame = self.stack_trace.call_frames.first();
        Some(json!({
            "level": level,
            "text": clip(&text, MAX_TEXT),
            "url": clip(frame.map_or("", |frame| &frame.url), MAX_TEXT),
            "line": frame.map(|frame| frame.line_number + 1),
        }))
    }
}

impl RemoteObject {
    fn text(&self) -> String {
        match (&self.value, &self.description) {
            (Value::String(text), _) => text.clone(),
            (_, Some(description)) => description.clone(),
            (Value::Null, None) => {
                if self.kind == "undefined" { "undefined" } else { "null" }.to_owned()
            }
            (value, None) => value.to_string(),
        }
    }
}

impl EntryAdded {
    /// Makes the fields of a `console` event; `None` for failed requests, which come as `network_failure` already.
    pub(super) fn fields(&self) -> Option<Value> {
        let ConsoleEntry { source, level, text, url, line_number } = &self.entry;
        let level = if level == "verbose" { "debug" } else { level };
        (source != "network").then(|| {
            json!({ "level": level, "text": clip(text, MAX_TEXT), "url": clip(url, MAX_TEXT), "line": line_number.map(|line| line + 1) })
        })
    }
}

impl ExceptionThrown {
    /// Makes the fields of a `page_error` event.
    pub(super) fn fields(&self) -> Value {
        let ExceptionDetails { text, url, line_number, exception, stack_trace } =
            &self.exception_details;
        let thrown = exception.as_ref().map(RemoteObject::text).unwrap_or_default();
        // An error's description does not say "Uncaught", and a thrown string says nothing else.
        let text = if thrown.is_empty() { text.clone() } else { format!("{text} {thrown}") };
        let frame = stack_trace.call_frames.first();
        let url = frame.map(|frame| &frame.url).filter(|_| url.is_empty()).unwrap_or(url);
        json!({ "text": clip(&text, MAX_TEXT), "url": clip(url, MAX_TEXT), "line": line_number + 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn console_calls_become_one_text() {
        let called: ConsoleCalled = serde_json::from_value(json!({
            "type": "warning",
            "args": [
                { "type": "string", "value": "n =" },
                { "type": "number", "value": 3, "description": "3" },
                { "type": "undefined" },
                { "type": "object", "subtype": "null", "value": null },
                { "type": "object", "description": "Object", "objectId": "1" },
                { "type": "boolean", "value": true },
            ],
            "stackTrace": { "callFrames": [{ "url": "https://a.test/x.js", "lineNumber": 41, "functionName": "f" }] },
        }))
        .unwrap();
        let fields = json!({ "level": "warning", "text": "n = 3 undefined null Object true", "url": "https://a.test/x.js", "line": 42 });
        assert_eq!(called.fields(), Some(fields));
        let clear: ConsoleCalled = serde_json::from_value(json!({ "type": "clear" })).unwrap();
        assert_eq!(clear.fields(), None);
    }

    #[test]
    fn long_texts_are_cut() {
        let called: ConsoleCalled = serde_json::from_value(
            json!({ "type": "log", "args": [{ "type": "string", "value": "é".repeat(9000) }] }),
        )
        .unwrap();
        assert_eq!(called.fields().unwrap()["text"].as_str().unwrap().len(), MAX_TEXT);
    }

    #[test]
    fn a_thrown_error_says_what_and_where() {
        let thrown: ExceptionThrown = serde_json::from_value(json!({ "timestamp": 1, "exceptionDetails": {
            "text": "Uncaught", "lineNumber": 6, "columnNumber": 1, "url": "https://a.test/",
            "exception": { "type": "object", "subtype": "error", "description": "Error: boom\n    at f" },
        }}))
        .unwrap();
        assert_eq!(
            thrown.fields(),
            json!({ "text": "Uncaught Error: boom\n    at f", "url": "https://a.test/", "line": 7 })
        );
    }

    #[test]
    fn network_entries_are_told_elsewhere() {
        let entry = |source: &str| -> Option<Value> {
            let added: EntryAdded = serde_json::from_value(
                json!({ "entry": { "source": source, "level": "error", "text": "x" } }),
            )
            .unwrap();
            added.fields()
        };
        assert_eq!(entry("network"), None);
        assert_eq!(
            entry("security"),
            Some(json!({ "level": "error", "text": "x", "url": "", "line": null }))
        );
    }
}
