//! Writes what a row of the log says, for people.

use serde_json::Value;

use super::super::action::is_error;
use super::super::words::{error_words, text_at};
use super::MAX_CHARS;
use crate::base::json;
use crate::base::text::one_line;
use crate::model::Family;
use crate::protocol::payload::decode;

/// Returns one line's worth of text, which is not yet safe to show. `data` is the `body` as it came.
pub(super) fn text(family: Family, body: &Value, data: &str, is_named: bool) -> String {
    let said = match family {
        Family::Action if body["status"].is_null() => action_words(body),
        Family::Action => Some(answer_words(body)),
        Family::Output => output_words(body),
        Family::Session => {
            joined(body, &[&["state", "status"], &["reason", "why", "message"]], ": ")
        }
        Family::Page => {
            joined(body, &[&["action", "state", "change"], &["url"], &["title"]], " · ")
        }
        Family::Console => joined(body, &[&["level", "severity"], &["text", "message"]], ": "),
        Family::Network if body["resource"].is_string() => request_words(body),
        Family::Network => network_words(body),
        Family::Dialog => dialog_words(body),
        Family::Download => download_words(body),
        Family::Error => failure_words(body),
        Family::Stream => gap_words(body),
        Family::People | Family::Object | Family::Other => {
            joined(body, &[&["name", "user"], &["message", "text", "category"]], ": ")
        }
    };
    said.unwrap_or_else(|| match body {
        Value::String(text) if is_named => text.clone(),
        _ => json::shown(data),
    })
}

/// Says what failed, with the reason's word, the sentence and the details where an event has them.
fn failure_words(body: &Value) -> Option<String> {
    let reason = text_at(body, &["reason"]).map(|reason| one_line(reason.trim(), MAX_CHARS));
    let details = match &body["details"] {
        Value::Null => None,
        Value::String(details) => Some(one_line(details.trim(), MAX_CHARS)),
        details => Some(error_words(details).unwrap_or_else(|| details.to_string())),
    };
    let said = error_words(body).or_else(|| joined(body, &[&["text", "why"]], ""));
    let mut parts: Vec<String> = Vec::new();
    for part in [reason, said, details].into_iter().flatten() {
        if !part.is_empty() && !parts.contains(&part) {
            parts.push(part);
        }
    }
    (!parts.is_empty()).then(|| parts.join(": "))
}

/// Joins the first text of each group, in order; `None` where no group has one.
fn joined(body: &Value, groups: &[&[&str]], separator: &str) -> Option<String> {
    let said: Vec<_> = groups
        .iter()
        .filter_map(|keys| text_at(body, keys))
        .filter(|text| !text.is_empty())
        .collect();
    (!said.is_empty()).then(|| said.join(separator))
}

/// Says what an action is to do, as in "click at 10, 20".
fn action_words(body: &Value) -> Option<String> {
    let action = match &body["action"] {
        Value::Null => body,
        Value::String(name) => return Some(name.replace('_', " ")),
        action => action,
    };
    let name = text_at(action, &["type", "action_type", "name"])?;
    let place = |x: &str, y: &str| {
        Some(format!("{}, {}", plain(number(action, x)?), plain(number(action, y)?)))
    };
    let shown = name.replace('_', " ");
    let words = match name {
        "type" => format!("type “{}”", action["text"].as_str().unwrap_or_default()),
        "keypress" | "hotkey" | "key_down" | "key_up" => {
            let keys = action["keys"]
                .as_array()
                .map(|keys| keys.iter().map(plain).collect::<Vec<_>>().join("+"));
            format!("{shown} {}", keys.unwrap_or_else(|| plain(&action["key"])))
        }
        "go_to_url" | "navigate" => format!("go to {}", action["url"].as_str().unwrap_or_default()),
        "drag" => match (place("x1", "y1"), place("x2", "y2")) {
            (Some(from), Some(to)) => format!("drag from {from} to {to}"),
            _ => shown,
        },
        "scroll" => match place("dx", "dy").or_else(|| place("scroll_x", "scroll_y")) {
            Some(by) => format!("scroll by {by}"),
            None => shown,
        },
        "wait" => format!("wait {} ms", plain(&action["ms"])),
        "evaluate" => format!("run {}", action["script"].as_str().unwrap_or_default()),
        "find" => format!("find “{}”", action["text"].as_str().unwrap_or_default()),
        "zoom" => format!("zoom to {} %", plain(&action["percent"])),
        _ => match place("x", "y") {
            Some(at) => format!("{shown} at {at}"),
            None => shown,
        },
    };
    Some(words)
}

fn number<'a>(action: &'a Value, key: &str) -> Option<&'a Value> {
    let is_number = |value: &Value| {
        value.is_number() || value.as_str().is_some_and(|text| text.parse::<f64>().is_ok())
    };
    Some(&action[key]).filter(|value| is_number(value))
}

fn answer_words(body: &Value) -> String {
    if is_error(body) {
        return format!(
            "failed: {}",
            error_words(body).unwrap_or_else(|| "no reason given".to_owned())
        );
    }
    let result = &body["result"];
    let exit = [&body["exit_code"], &result["exit_code"]].into_iter().find_map(Value::as_i64);
    let stream = |key| {
        text_at(body, &[key])
            .or_else(|| text_at(result, &[key]))
            .filter(|text| !text.trim().is_empty())
    };
    if let Some(code) = exit {
        let output = stream("stdout").or_else(|| stream("stderr")).unwrap_or_default();
        return format!("exit code {code} {output}").trim().to_owned();
    }
    let seen = text_at(result, &["image_url", "screenshot_url"])
        .or_else(|| body["page_context"]["url"].as_str());
    match seen {
        Some(url) => format!("done · {url}"),
        None => "done".to_owned(),
    }
}

fn output_words(body: &Value) -> Option<String> {
    let data = text_at(body, &["data", "text", "output"])?;
    let bytes = if body["text"].is_null() { decode(data) } else { None };
    let said =
        bytes.map_or_else(|| data.to_owned(), |bytes| String::from_utf8_lossy(&bytes).into_owned());
    Some(if body["is_stderr"] == Value::Bool(true) { format!("stderr: {said}") } else { said })
}

fn download_words(body: &Value) -> Option<String> {
    let name = text_at(body, &["file_name", "filename", "suggested_filename", "url"])?;
    let state = text_at(body, &["state", "status"]).unwrap_or("started");
    let bytes = |keys: &[&str]| keys.iter().find_map(|key| body[*key].as_u64());
    let progress = match (bytes(&["received", "received_bytes"]), bytes(&["total", "total_bytes"]))
    {
        (Some(received), Some(total)) if total > 0 => format!(", {received} of {total} bytes"),
        (Some(received), _) if received > 0 => format!(", {received} bytes"),
        _ => String::new(),
    };
    let reason = text_at(body, &["reason"]).map(|why| format!(". {why}")).unwrap_or_default();
    Some(format!("{name}: {}{progress}{reason}", state.replace('_', " ")))
}

fn network_words(body: &Value) -> Option<String> {
    let reasons = ["error_text", "error", "reason", "message"];
    let request = joined(body, &[&["method"], &["url"], &reasons], " ")?;
    Some(match body["status"].as_u64() {
        Some(status) => format!("{request} answered {status}"),
        None => request,
    })
}

/// Says what came of a request of a page. The address comes last, because it is long.
fn request_words(body: &Value) -> Option<String> {
    let came = match body["status"].as_u64() {
        Some(status) => status.to_string(),
        None => text_at(body, &["error"]).unwrap_or("no answer").to_owned(),
    };
    let mut facts = vec![came];
    facts.extend(text_at(body, &["resource"]).filter(|it| !it.is_empty()).map(str::to_owned));
    facts.extend(match body["cached"] {
        Value::Bool(true) => Some("from the cache".to_owned()),
        _ => body["bytes"].as_u64().map(size_words),
    });
    facts.extend(body["duration_ms"].as_u64().map(|ms| format!("{ms} ms")));
    facts.extend(body["left_out"].as_u64().map(|n| format!("{n} before it are left out")));
    Some(format!("{} {}", facts.join(", "), joined(body, &[&["method"], &["url"]], " ")?))
}

/// Says how much came, as browsers do: in steps of a thousand.
fn size_words(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

fn dialog_words(body: &Value) -> Option<String> {
    let kinds = ["dialog_type", "dialog_kind", "kind"];
    let said = joined(body, &[&["state"], &kinds, &["message", "text"]], ": ")?;
    let is_over = body["open"] == Value::Bool(false);
    // A list that a page opens is told with its options.
    let options = body["options"].as_array().filter(|options| !options.is_empty());
    let said = match options {
        Some(options) => {
            let more = body["more"].as_u64().unwrap_or(0);
            format!("{said} with {} options", options.len() as u64 + more)
        }
        None => said,
    };
    Some(if is_over { format!("closed {said}") } else { said })
}

fn gap_words(body: &Value) -> Option<String> {
    let said = joined(body, &[&["message", "text"]], "");
    let (from, to) = (body["from"].as_u64(), body["to"].as_u64());
    said.or_else(|| Some(format!("events {} to {} are missing", from?, to?)))
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
