//! Gives events their second name: ours stands in `type`, and that of the shared vocabulary in `event`, with its
//! parameters.
//!
//! One event has both, because two would fill the history and the log with everything twice.

use serde_json::Value;

use crate::model::EventKind;

/// Adds the second name to the fields of an event that has one.
pub(crate) fn both(kind: EventKind, mut fields: Value) -> Value {
    let (name, parameter) = match (kind, told(kind, &fields)) {
        (EventKind::SessionState, "starting") => (EventKind::SessionCreated, None),
        (EventKind::SessionState, "running") => (EventKind::SessionStarted, None),
        // The session's own end carries `final_location` already.
        (EventKind::SessionState, "terminated") => (EventKind::SessionEnded, None),
        (EventKind::Navigation, _) => (EventKind::Relocate, None),
        (EventKind::Tab, "activated") => (EventKind::TabActivated, Some(("ssid", "tab_id"))),
        (EventKind::Download, "completed") => {
            (EventKind::FileDownloaded, Some(("filename", "file_name")))
        }
        _ => return fields,
    };
    if let Some((theirs, ours)) = parameter {
        fields[theirs] = fields[ours].clone();
    }
    if fields.is_object() {
        fields["event"] = name.word().into();
    }
    fields
}

fn told(kind: EventKind, fields: &Value) -> &str {
    let key = if kind == EventKind::Tab { "action" } else { "state" };
    fields[key].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_names_are_told_where_there_are_two() {
        for (kind, fields, event, parameter) in [
            (
                EventKind::SessionState,
                json!({"state": "starting"}),
                EventKind::SessionCreated,
                None,
            ),
            (EventKind::SessionState, json!({"state": "running"}), EventKind::SessionStarted, None),
            (
                EventKind::SessionState,
                json!({"state": "terminated", "final_location": "u"}),
                EventKind::SessionEnded,
                Some(("final_location", "u")),
            ),
            (EventKind::Navigation, json!({"url": "u"}), EventKind::Relocate, Some(("url", "u"))),
            (
                EventKind::Tab,
                json!({"action": "activated", "tab_id": "T"}),
                EventKind::TabActivated,
                Some(("ssid", "T")),
            ),
            (
                EventKind::Download,
                json!({"state": "completed", "file_name": "f"}),
                EventKind::FileDownloaded,
                Some(("filename", "f")),
            ),
        ] {
            let told = both(kind, fields);
            assert_eq!(told["event"], event.word());
            if let Some((key, value)) = parameter {
                assert_eq!(told[key], value, "{kind:?}");
            }
        }
        for (kind, fields) in [
            (EventKind::SessionState, json!({"state": "ended"})),
            (EventKind::Tab, json!({"action": "opened", "tab_id": "T"})),
            (EventKind::Download, json!({"state": "in_progress"})),
            (EventKind::Console, Value::Null),
            (EventKind::Console, json!("plain")),
        ] {
            assert_eq!(both(kind, fields.clone()), fields);
        }
    }
}
