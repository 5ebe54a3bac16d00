//! Writes rows of the log as files: JSON lines and CSV.

use std::borrow::Cow;
use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Row;
use crate::base::text::escaped;

const COLUMNS: [&str; 11] = [
    "seq",
    "received_at",
    "server_at",
    "id",
    "type",
    "family",
    "text",
    "request_id",
    "duration_ms",
    "times",
    "raw",
];

/// Writes one JSON object per row. `raw` is the server's JSON as it came, or a string where the server sent none. What
/// can't be seen is written as JSON's own escapes.
pub fn write_json_lines<'a>(
    rows: impl IntoIterator<Item = &'a Row>,
    out: &mut impl Write,
) -> io::Result<()> {
    for row in rows {
        let json = serde_json::to_string(&ExportedRow::from(row))?;
        out.write_all(escaped(&json).as_bytes())?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Writes CSV as of RFC 4180, with a header. Cells that a spreadsheet would run as a formula get a leading apostrophe,
/// and what can't be seen is written as an escape.
pub fn write_csv<'a>(
    rows: impl IntoIterator<Item = &'a Row>,
    out: &mut impl Write,
) -> io::Result<()> {
    out.write_all(COLUMNS.join(",").as_bytes())?;
    out.write_all(b"\r\n")?;
    for row in rows {
        let event = &row.event;
        let request = event.request.as_ref().map_or("", |request| request.id.as_str());
        write!(out, "{},{},", row.seq, event.received_at)?;
        if let Some(server_at) = event.server_at {
            write!(out, "{server_at}")?;
        }
        for text in [
            event.id.as_deref().unwrap_or(""),
            &event.name,
            event.family().into(),
            &event.text,
            request,
        ] {
            write!(out, ",{}", cell(text))?;
        }
        out.write_all(b",")?;
        if let Some(ms) = duration_ms(row) {
            write!(out, "{ms}")?;
        }
        write!(out, ",{},{}\r\n", row.times, cell(&event.raw))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct ExportedRow<'a> {
    seq: u64,
    received_at: Timestamp,
    server_at: Option<Timestamp>,
    id: Option<&'a str>,
    r#type: &'a str,
    family: &'static str,
    text: &'a str,
    request_id: Option<&'a str>,
    duration_ms: Option<f64>,
    times: u32,
    raw: Option<Raw<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Raw<'a> {
    Json(&'a RawValue),
    /// JSON that had line breaks between its tokens, freed of them.
    OneLine(Box<RawValue>),
    Text(&'a str),
}

impl<'a> From<&'a Row> for ExportedRow<'a> {
    fn from(row: &'a Row) -> Self {
        let event = &row.event;
        Self {
            seq: row.seq,
            received_at: event.received_at,
            server_at: event.server_at,
            id: event.id.as_deref(),
            r#type: &event.name,
            family: event.family().into(),
            text: &event.text,
            request_id: event.request.as_ref().map(|request| request.id.as_str()),
            duration_ms: duration_ms(row),
            times: row.times,
            raw: (!event.raw.is_empty()).then(|| Raw::from(&*event.raw)),
        }
    }
}

impl<'a> From<&'a str> for Raw<'a> {
    fn from(raw: &'a str) -> Self {
        let json = match serde_json::from_str::<&RawValue>(raw) {
            Ok(json) if !has_half_a_surrogate_pair(raw) => json,
            _ => return Self::Text(raw),
        };
        if !raw.contains(['\n', '\r']) {
            return Self::Json(json);
        }
        // Valid JSON has line breaks only where any white space would do.
        match RawValue::from_string(json.get().replace(['\n', '\r'], " ")) {
            Ok(json) => Self::OneLine(json),
            Err(_) => Self::Text(raw),
        }
    }
}

/// Tells whether JSON has an escape that is no character, at which many readers fail.
fn has_half_a_surrogate_pair(json: &str) -> bool {
    let may_have = json.contains("\\ud") || json.contains("\\uD");
    may_have && serde_json::from_str::<Value>(json).is_err()
}

fn duration_ms(row: &Row) -> Option<f64> {
    row.pair.map(|pair| pair.duration.as_micros() as f64 / 1000.0)
}

fn cell(text: &str) -> Cow<'_, str> {
    let shown = escaped(text);
    let text = shown.as_ref();
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !formula && !text.contains([',', '"', '\n', '\r']) {
        return shown;
    }
    let guard = if formula { "'" } else { "" };
    Cow::Owned(format!("\"{guard}{}\"", text.replace('"', "\"\"")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::row::tests::{at, event, half};
    use super::super::{Log, Phase, SessionEvent};
    use super::*;
    use crate::model::EventKind;

    fn log() -> Log {
        let mut log = Log::default();
        log.push(half("r-1", Phase::Requested, at(0), Some(at(-20))));
        log.push(SessionEvent {
            id: Some("7".to_owned()),
            raw: "{\"a\":\n[1, 2],\"big\":12345678901234567890123}".into(),
            ..half("r-1", Phase::Answered { ok: true }, at(90), Some(at(-7)))
        });
        log.push(SessionEvent {
            raw: "not { json".into(),
            ..event(EventKind::Console, "log", "=1+1,\"x\"\n↵")
        });
        log
    }

    #[test]
    fn json_lines_keep_the_servers_json() {
        let mut out = Vec::new();
        write_json_lines(log().rows(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.ends_with('\n') && text.contains("12345678901234567890123"), "{text}");
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(
            lines[0],
            json!({
                "seq": 1, "received_at": "2026-01-01T00:00:00Z", "server_at": "2025-12-31T23:59:59.98Z", "id": null,
                "type": "click", "family": "action", "text": "", "request_id": "r-1", "duration_ms": 13.0, "times": 1,
                "raw": null
            })
        );
        assert_eq!((&lines[1]["raw"]["a"], &lines[1]["id"]), (&json!([1, 2]), &json!("7")));
        assert_eq!(lines[2]["raw"], json!("not { json"));
        assert_eq!(lines[2]["duration_ms"], Value::Null);
    }

    #[test]
    fn what_other_readers_fail_at_is_a_text() {
        let raw = r#"{"text":"half \ud83d"}"#;
        let mut log = Log::default();
        for raw in [raw, r#"{"text":"whole \ud83d\ude00"}"#] {
            let row = event(EventKind::Console, "log", "");
            log.push(SessionEvent { raw: raw.into(), ..row });
        }
        let mut out = Vec::new();
        write_json_lines(log.rows(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["raw"], json!(raw));
        assert_eq!(lines[1]["raw"]["text"], json!("whole \u{1F600}"));
    }

    #[test]
    fn csv_is_quoted_and_runs_nothing() {
        let mut out = Vec::new();
        write_csv(log().rows(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let expected = [
            "seq,received_at,server_at,id,type,family,text,request_id,duration_ms,times,raw\r\n",
            "1,2026-01-01T00:00:00Z,2025-12-31T23:59:59.98Z,,click,action,,r-1,13,1,\r\n",
            "2,2026-01-01T00:00:00.09Z,2025-12-31T23:59:59.993Z,7,click,action,,r-1,13,1,",
            "\"{\"\"a\"\":\n[1, 2],\"\"big\"\":12345678901234567890123}\"\r\n",
            "3,2026-01-01T00:00:00Z,,,log,console,\"'=1+1,\"\"x\"\"\n↵\",,,1,not { json\r\n",
        ];
        assert_eq!(text, expected.concat());
    }

    #[test]
    fn formulas_get_an_apostrophe() {
        for (given, written) in [
            ("plain", "plain"),
            ("", ""),
            ("a=b", "a=b"),
            ("=1", "\"'=1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\tx", "\"'\tx\""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
        ] {
            assert_eq!(cell(given), written);
        }
    }
}
