//! Events that have two names: ours in `type`, and in `event` that of the shared vocabulary, with its parameters.
//!
//! One event with both, because two would fill the history and the log with everything twice.

use serde_json::Value;

/// Adds the second name to the fields of an event that has one.
pub(crate) fn both(kind: &str, mut fields: Value) -> Value {
    let (name, parameter) = match (kind, told(kind, &fields)) {
        ("session_state", "starting") => ("session_created", None),
        ("session_state", "running") => ("session_started", None),
        // The session's own end carries `final_location` already.
        ("session_state", "terminated") => ("session_ended", None),
        ("navigation", _) => ("relocate", None),
        ("tab", "activated") => ("tab_activated", Some(("ssid", "tab_id"))),
        ("download", "completed") => ("file_downloaded", Some(("filename", "file_name"))),
        _ => return fields,
    };
    if let Some((theirs, ours)) = parameter {
        fields[theirs] = fields[ours].clone();
    }
    if fields.is_object() {
        fields["event"] = name.into();
    }
    fields
}

fn told<'a>(kind: &str, fields: &'a Value) -> &'a str {
    let key = if kind == "tab" { "action" } else { "state" };
    fields[key].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_names_are_told_where_there_are_two() {
        for (kind, fields, event, parameter) in [
            ("session_state", json!({"state": "starting"}), "session_created", None),
            ("session_state", json!({"state": "running"}), "session_started", None),
            (
                "session_state",
                json!({"state": "terminated", "final_location": "u"}),
                "session_ended",
                Some(("final_location", "u")),
            ),
            ("navigation", json!({"url": "u"}), "relocate", Some(("url", "u"))),
            (
                "tab",
                json!({"action": "activated", "tab_id": "T"}),
                "tab_activated",
                Some(("ssid", "T")),
            ),
            (
                "download",
                json!({"state": "completed", "file_name": "f"}),
                "file_downloaded",
                Some(("filename", "f")),
            ),
        ] {
            let told = both(kind, fields);
            assert_eq!(told["event"], event);
            if let Some((key, value)) = parameter {
                assert_eq!(told[key], value, "{kind}");
            }
        }
        for (kind, fields) in [
            ("session_state", json!({"state": "ended"})),
            ("tab", json!({"action": "opened", "tab_id": "T"})),
            ("download", json!({"state": "in_progress"})),
            ("console", Value::Null),
            ("console", json!("plain")),
        ] {
            assert_eq!(both(kind, fields.clone()), fields);
        }
    }
}
