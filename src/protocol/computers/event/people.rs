//! The words about several people in one session, as rows of the log say them. Two generations of names are in use.

use serde_json::Value;

use super::super::words::text_at;
use crate::model::Family;

/// The family of a word of this vocabulary; `None` for all others.
pub(super) fn family(word: &str) -> Option<Family> {
    Some(match word {
        "session_created" | "session_queued" | "session_loaded" | "session_started"
        | "session_ended" => Family::Session,
        "host_rights_requested"
        | "host_changed"
        | "control"
        | "control_released"
        | "action_refused"
        | "participant_joined"
        | "participant_left"
        | "viewer_joined"
        | "viewer_left"
        | "user_activity"
        | "tab_paused"
        | "tab_resumed"
        | "tab_control_requested"
        | "tab_control_transferred"
        | "huddle_mode"
        | "huddle_follow"
        | "chat_message"
        | "message" => Family::People,
        "relocate_start" | "relocate" | "relocated" | "tab_activated" => Family::Page,
        "file_downloaded" | "file_download" | "file_uploaded" | "file_chooser" => Family::Download,
        _ => return None,
    })
}

/// One line for people, with every parameter that matters. `None`: not of this vocabulary, or without parameters.
pub(super) fn words(word: &str, body: &Value) -> Option<String> {
    let who = |keys: &[&str]| participant(body, keys);
    let client = ["clientIndex", "client_index"];
    Some(match word {
        "session_created" => "created".to_owned(),
        "session_queued" => "queued".to_owned(),
        "session_loaded" => "loaded".to_owned(),
        "session_started" => match text_at(body, &["link"]) {
            Some(link) => format!("started, to be opened at {link}"),
            None => "started".to_owned(),
        },
        "session_ended" => match text_at(body, &["final_location", "reason"]) {
            Some(place) => format!("ended at {place}"),
            None => "ended".to_owned(),
        },
        "host_rights_requested" => format!("{} asks for control", who(&client)?),
        "host_changed" | "control" => match index(body, &["to"]) {
            Some(_) => format!("{} drives{}", who(&["to"])?, mine(body)),
            None => "nobody drives".to_owned(),
        },
        "control_released" => {
            let from = who(&["from", "clientIndex"])?;
            match text_at(body, &["note"]).filter(|note| !note.is_empty()) {
                Some(note) => format!("{from} hands control back: {note}"),
                None => format!("{from} hands control back"),
            }
        }
        "action_refused" => {
            let action = text_at(&body["action"], &["type"])
                .or_else(|| text_at(body, &["action"]))
                .unwrap_or("an action");
            let driver = text_at(&body["driver"], &["name"]).map(str::to_owned);
            let driver = driver.or_else(|| participant(&body["driver"], &["index"]));
            match driver {
                Some(driver) => format!("{action} of the agent refused: {driver} drives"),
                None => format!("{action} of the agent refused"),
            }
        }
        "participant_joined" | "viewer_joined" => format!("{} joined", who(&client)?),
        "participant_left" | "viewer_left" => format!("{} left", who(&client)?),
        "user_activity" => format!("{} is active", who(&client)?),
        "tab_paused" => tab(body, "paused", "by", &["leaderIndex"])?,
        "tab_resumed" => tab(body, "resumed", "by", &["leaderIndex"])?,
        "tab_control_requested" => format!("{} asks for control of the tab", who(&client)?),
        "tab_control_transferred" => tab(body, "given", "to", &["controlIndex"])?,
        "tab_activated" => format!("tab {} activated", plain(&body["ssid"])?),
        "huddle_mode" => match body["enabled"].as_bool()? {
            true => "following is on".to_owned(),
            false => "following is off".to_owned(),
        },
        "huddle_follow" => {
            let follower = who(&["client_index", "clientIndex"])?;
            match participant(body, &["following_index", "followingIndex"]) {
                Some(leader) => format!("{follower} follows {leader}"),
                None => format!("{follower} follows nobody"),
            }
        }
        "chat_message" => format!("{}: {}", who(&client)?, text_at(body, &["message"])?),
        "message" => match text_at(body, &["origin"]) {
            Some(origin) => format!("{} (from {origin})", plain(&body["data"])?),
            None => plain(&body["data"])?,
        },
        "relocate_start" => format!("loading · {}", text_at(body, &["url"])?),
        "relocate" | "relocated" => text_at(body, &["url"])?.to_owned(),
        "file_downloaded" | "file_download" => {
            let name = text_at(body, &["filename", "file_name", "url"])?;
            format!("{name}: ready to fetch")
        }
        "file_chooser" => "the page asks for a file".to_owned(),
        "file_uploaded" => format!(
            "{}: given to the page",
            text_at(body, &["filename", "file_name", "name"])?
        ),
        _ => return None,
    })
}

/// Events of older kinds tell the new word beside their own; only an end says more by it than they do.
pub(super) fn second_name_words(body: &Value) -> Option<String> {
    (body["event"] == "session_ended").then(|| {
        let ended = words(
            "session_ended",
            &body["final_location"].is_string().then(|| body.clone())?,
        )?;
        Some(match text_at(body, &["reason"]) {
            Some(reason) => format!("{ended}: {reason}"),
            None => ended,
        })
    })?
}

/// "Ada" where the event tells the name, "participant 2" where only the index.
fn participant(body: &Value, keys: &[&str]) -> Option<String> {
    let user = [&body["userData"], &body["user_data"], body];
    let name = user
        .into_iter()
        .find_map(|data| text_at(data, &["name", "userName", "user"]));
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        return Some(name.to_owned());
    }
    match index(body, keys)? {
        0 => Some("the leader".to_owned()),
        index => Some(format!("participant {index}")),
    }
}

fn index(body: &Value, keys: &[&str]) -> Option<u64> {
    keys.iter().find_map(|key| body[*key].as_u64())
}

/// Where the event tells whether it is about this client.
fn mine(body: &Value) -> &'static str {
    match body["gained"].as_bool() {
        Some(true) => " (you)",
        _ => "",
    }
}

fn tab(body: &Value, what: &str, how: &str, keys: &[&str]) -> Option<String> {
    let tab = plain(&body["tabIndex"])?;
    Some(match participant(body, keys) {
        Some(who) => format!("tab {tab} {what} {how} {who}"),
        None => format!("tab {tab} {what}"),
    })
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
    use super::*;

    #[test]
    fn every_word_has_its_family_and_says_its_parameters() {
        let read = |word: &str, json: &str| {
            let body: Value = serde_json::from_str(json).unwrap();
            (family(word).unwrap(), words(word, &body).unwrap())
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
                "host_changed",
                r#"{"to":1,"gained":true,"myIndex":1}"#,
                Family::People,
                "participant 1 drives (you)",
            ),
            (
                "host_changed",
                r#"{"to":0}"#,
                Family::People,
                "the leader drives",
            ),
            (
                "host_changed",
                r#"{"to":null}"#,
                Family::People,
                "nobody drives",
            ),
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
                "click of the agent refused: Ada drives",
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
            (
                "viewer_left",
                r#"{"count":1,"clientIndex":4}"#,
                Family::People,
                "participant 4 left",
            ),
            (
                "user_activity",
                r#"{"clientIndex":2}"#,
                Family::People,
                "participant 2 is active",
            ),
            (
                "relocate_start",
                r#"{"url":"https://a.test"}"#,
                Family::Page,
                "loading · https://a.test",
            ),
            (
                "relocate",
                r#"{"url":"https://a.test"}"#,
                Family::Page,
                "https://a.test",
            ),
            (
                "tab_paused",
                r#"{"tabIndex":1,"leaderIndex":2}"#,
                Family::People,
                "tab 1 paused by participant 2",
            ),
            (
                "tab_activated",
                r#"{"ssid":"abc"}"#,
                Family::Page,
                "tab abc activated",
            ),
            (
                "tab_control_transferred",
                r#"{"tabIndex":1,"leaderIndex":0,"controlIndex":2}"#,
                Family::People,
                "tab 1 given to participant 2",
            ),
            (
                "huddle_mode",
                r#"{"enabled":true}"#,
                Family::People,
                "following is on",
            ),
            (
                "huddle_follow",
                r#"{"client_index":2,"following_index":1}"#,
                Family::People,
                "participant 2 follows participant 1",
            ),
        ] {
            assert_eq!(read(word, json), (group, text.to_owned()), "{word} {json}");
        }
    }
}
