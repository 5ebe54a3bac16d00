//! Reads the words about several people in one session, and says them as rows of the log. Two generations of names are
//! in use.

use serde_json::Value;

use super::super::words::text_at;
use super::MAX_CHARS;
use crate::base::text::one_line;
use crate::model::{EventKind, PeopleEvent, Person};

/// A name, or another short word, has at most so many characters.
const MAX_WORD: usize = 60;

/// Reads what an event tells of people; `None` where it is not of this vocabulary or does not say who.
pub(super) fn people_event(kind: EventKind, body: &Value) -> Option<PeopleEvent> {
    let client = || person(body, body, &["clientIndex", "client_index"]);
    // A name in the event belongs to the one it is about, not to anybody else in it.
    let other = |keys: &[&str]| person(&Value::Null, body, keys);
    let tab = || line(&plain(&body["tabIndex"])?, MAX_WORD);
    Some(match kind {
        EventKind::HostRightsRequested => PeopleEvent::AsksForControl(client()?),
        EventKind::HostRightsRefused => PeopleEvent::ControlRefused {
            who: client()?,
            expired: body["reason"] == "expired",
            by: other(&["by"]),
        },
        EventKind::HostChanged => PeopleEvent::Drives {
            who: match index(body, &["to"]) {
                Some(_) => person(body, body, &["to"]),
                None => None,
            },
            me: body["gained"].as_bool() == Some(true),
        },
        EventKind::ControlReleased => PeopleEvent::HandsBack {
            who: person(body, body, &["from", "clientIndex"])?,
            note: text_at(body, &["note"]).and_then(|note| line(note, MAX_CHARS)),
        },
        EventKind::ActionRefused => {
            let action = text_at(&body["action"], &["type"]).or_else(|| text_at(body, &["action"]));
            PeopleEvent::AgentRefused {
                action: action
                    .and_then(|action| line(action, MAX_WORD))
                    .unwrap_or_else(|| "an action".to_owned()),
                driver: person(&body["driver"], &body["driver"], &["index"]),
            }
        }
        EventKind::ParticipantJoined => PeopleEvent::Joined(client()?),
        EventKind::ParticipantLeft => PeopleEvent::Left(client()?),
        // Whoever is not named is the leader, whose activity the published event tells.
        EventKind::UserActivity => PeopleEvent::Active(active(body)),
        EventKind::TabPaused => {
            PeopleEvent::TabPaused { tab: tab()?, by: person(body, body, &["leaderIndex"]) }
        }
        EventKind::TabResumed => {
            PeopleEvent::TabResumed { tab: tab()?, by: person(body, body, &["leaderIndex"]) }
        }
        EventKind::TabControlRequested => PeopleEvent::AsksForTab(client()?),
        EventKind::TabControlTransferred => {
            PeopleEvent::TabGiven { tab: tab()?, to: person(body, body, &["controlIndex"]) }
        }
        EventKind::HuddleFollow => PeopleEvent::Follows {
            who: client()?,
            leader: other(&["following_index", "followingIndex"]),
        },
        EventKind::ChatMessage => PeopleEvent::Says {
            who: client()?,
            text: line(text_at(body, &["message"])?, MAX_CHARS)?,
        },
        _ => return None,
    })
}

/// Says an event in one line, with every parameter that matters; `None` where it is not of this vocabulary or has no
/// parameters.
pub(super) fn words(kind: EventKind, body: &Value) -> Option<String> {
    Some(match kind {
        EventKind::SessionCreated => "created".to_owned(),
        EventKind::SessionQueued => "queued".to_owned(),
        EventKind::SessionLoaded => "loaded".to_owned(),
        EventKind::SessionStarted => match text_at(body, &["link"]) {
            Some(link) => format!("started, to be opened at {link}"),
            None => "started".to_owned(),
        },
        EventKind::SessionEnded => match text_at(body, &["final_location", "reason"]) {
            Some(place) => format!("ended at {place}"),
            None => "ended".to_owned(),
        },
        EventKind::TabActivated => format!("tab {} activated", plain(&body["ssid"])?),
        EventKind::HuddleMode => match body["enabled"].as_bool()? {
            true => "following is on".to_owned(),
            false => "following is off".to_owned(),
        },
        EventKind::Message => match text_at(body, &["origin"]) {
            Some(origin) => format!("{} (from {origin})", plain(&body["data"])?),
            None => plain(&body["data"])?,
        },
        EventKind::RelocateStart => format!("loading · {}", text_at(body, &["url"])?),
        EventKind::Relocate => text_at(body, &["url"])?.to_owned(),
        EventKind::FileDownloaded => {
            let name = text_at(body, &["filename", "file_name", "url"])?;
            format!("{name}: ready to fetch")
        }
        EventKind::Subscriber => format!(
            "{} {} ({})",
            text_at(body, &["id"])?,
            text_at(body, &["action"])?,
            text_at(body, &["transport"])?
        ),
        EventKind::FileChooser => "the page asks for a file".to_owned(),
        EventKind::FileUploaded => {
            format!("{}: given to the page", text_at(body, &["filename", "file_name", "name"])?)
        }
        _ => return None,
    })
}

/// Says what the new word of an older event adds. Only an end says more by it than by its own.
pub(super) fn second_name_words(body: &Value) -> Option<String> {
    (body["event"] == EventKind::SessionEnded.word()).then(|| {
        let ended = words(
            EventKind::SessionEnded,
            &body["final_location"].is_string().then(|| body.clone())?,
        )?;
        Some(match text_at(body, &["reason"]) {
            Some(reason) => format!("{ended}: {reason}"),
            None => ended,
        })
    })?
}

/// Returns whose activity an event tells. No index is published for it, so every one in use is read.
fn active(body: &Value) -> Person {
    let indices = [
        "clientIndex",
        "client_index",
        "myIndex",
        "my_index",
        "userIndex",
        "user_index",
        "participantIndex",
        "participant_index",
        "index",
    ];
    person(body, body, &indices).unwrap_or_default()
}

/// Returns somebody whose name is in `named`, where it tells one, and whose index is in `body`.
fn person(named: &Value, body: &Value, keys: &[&str]) -> Option<Person> {
    let name = [&named["userData"], &named["user_data"], named]
        .into_iter()
        .find_map(|data| text_at(data, &["name", "userName", "user"]))
        .and_then(|name| line(name, MAX_WORD));
    let index = index(body, keys);
    (name.is_some() || index.is_some()).then_some(Person { index, name })
}

fn index(body: &Value, keys: &[&str]) -> Option<u32> {
    keys.iter().find_map(|key| u32::try_from(body[*key].as_u64()?).ok())
}

/// Makes a text safe to show; `None` where nothing of it is to be seen.
fn line(text: &str, max_chars: usize) -> Option<String> {
    let line = one_line(text.trim(), max_chars);
    (!line.is_empty()).then_some(line)
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use serde_json::json;
    use strum::IntoEnumIterator as _;

    use super::*;
    use crate::model::{Family, Teller};

    #[test]
    fn every_kind_that_the_host_tells_is_told_in_words() {
        let body = json!({
            "clientIndex": 2, "client_index": 2, "following_index": 3, "from": 2, "to": 3,
            "tabIndex": 1, "leaderIndex": 2, "controlIndex": 3, "message": "hi", "data": "hi",
            "enabled": true, "reason": "expired", "action": {"type": "click"}, "url": "u",
            "name": "n", "file_name": "n", "multiple": false, "state": "running", "driver": null,
            "request_id": "r", "kind": "alert", "level": "error", "text": "t", "status": "success",
            "ssid": "s", "category": "c",
        });
        for kind in EventKind::iter().filter(|kind| kind.teller() == Teller::Host) {
            let mut body = body.clone();
            body["type"] = kind.word().into();
            let row = super::super::event_news("message", &body.to_string(), "1", Timestamp::now());
            let (event, whole) = (row.event, body.to_string());
            assert_eq!((event.kind, &*event.name), (kind, kind.word()));
            assert!(kind == EventKind::Hook || kind.family() != Family::Other, "{kind:?}");
            assert!(!event.text.contains("{\""), "{kind:?}: {} of {whole}", event.text);
            assert!(!event.text.is_empty(), "{kind:?}");
        }
    }

    #[test]
    fn every_word_has_its_family_and_says_its_parameters() {
        let read = |word: &str, json: &str| {
            let body: Value = serde_json::from_str(json).unwrap();
            let kind = EventKind::of(word);
            let told = people_event(kind, &body).map(|told| told.text(&BTreeMap::new(), None));
            let text = told.or_else(|| words(kind, &body));
            (kind.family(), text.unwrap())
        };
        for (word, json, group, text) in [
            ("session_created", "{}", Family::Session, "created"),
            ("session_started", "{}", Family::Session, "started"),
            (
                "session_ended",
                r#"{"final_location":"https://a.test/"}"#,
                Family::Session,
                "ended at https://a.test/",
            ),
            (
                "message",
                r#"{"data":{"a":1},"origin":"https://a.test"}"#,
                Family::People,
                r#"{"a":1} (from https://a.test)"#,
            ),
            (
                "host_rights_requested",
                r#"{"clientIndex":2}"#,
                Family::People,
                "participant 2 asks for control",
            ),
            (
                "host_rights_refused",
                r#"{"clientIndex":2,"reason":"expired"}"#,
                Family::People,
                "participant 2's request for control expired",
            ),
            (
                "host_rights_refused",
                r#"{"clientIndex":2,"reason":"refused"}"#,
                Family::People,
                "participant 2 was refused control",
            ),
            (
                "host_rights_refused",
                r#"{"clientIndex":2,"reason":"refused","by":1}"#,
                Family::People,
                "participant 1 refused participant 2 control",
            ),
            (
                "host_changed",
                r#"{"to":1,"gained":true,"myIndex":1}"#,
                Family::People,
                "you have control",
            ),
            ("host_changed", r#"{"to":0}"#, Family::People, "the leader has control"),
            ("host_changed", r#"{"to":null}"#, Family::People, "nobody has control"),
            (
                "control_released",
                r#"{"from":1,"note":"logged in"}"#,
                Family::People,
                "participant 1 hands control back: logged in",
            ),
            (
                "action_refused",
                r#"{"action":{"type":"click"},"driver":{"index":1,"name":"Ada"}}"#,
                Family::People,
                "click of the agent refused: Ada has control",
            ),
            (
                "file_downloaded",
                r#"{"url":"https://a.test/x","filename":"x.pdf"}"#,
                Family::Download,
                "x.pdf: ready to fetch",
            ),
            (
                "chat_message",
                r#"{"message":"hi","clientIndex":3}"#,
                Family::People,
                "participant 3: hi",
            ),
            (
                "participant_joined",
                r#"{"clientIndex":1,"userData":{"name":"Ada"}}"#,
                Family::People,
                "Ada joined",
            ),
            ("viewer_left", r#"{"count":1,"clientIndex":4}"#, Family::People, "participant 4 left"),
            ("user_activity", r#"{"clientIndex":2}"#, Family::People, "participant 2 is active"),
            (
                "relocate_start",
                r#"{"url":"https://a.test"}"#,
                Family::Page,
                "loading · https://a.test",
            ),
            ("relocate", r#"{"url":"https://a.test"}"#, Family::Page, "https://a.test"),
            (
                "tab_paused",
                r#"{"tabIndex":1,"leaderIndex":2}"#,
                Family::People,
                "tab 1 paused by participant 2",
            ),
            ("tab_activated", r#"{"ssid":"abc"}"#, Family::Page, "tab abc activated"),
            (
                "tab_control_transferred",
                r#"{"tabIndex":1,"leaderIndex":0,"controlIndex":2}"#,
                Family::People,
                "tab 1 given to participant 2",
            ),
            ("huddle_mode", r#"{"enabled":true}"#, Family::People, "following is on"),
            (
                "huddle_follow",
                r#"{"client_index":2,"following_index":1}"#,
                Family::People,
                "participant 2 follows participant 1",
            ),
            (
                "huddle_follow",
                r#"{"client_index":2,"following_index":1,"userData":{"name":"Ada"}}"#,
                Family::People,
                "Ada follows participant 1",
            ),
        ] {
            assert_eq!(read(word, json), (group, text.to_owned()), "{word} {json}");
        }
    }
}
