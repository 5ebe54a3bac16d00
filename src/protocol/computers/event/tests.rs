//! Tests events of every family, as they look on the wire and in the log.

use super::*;

fn read(name: &str, data: &str) -> EventNews {
    event_news(name, data, "", Timestamp::UNIX_EPOCH)
}

#[test]
fn every_kind_has_its_family_and_its_words() {
    for (name, data, kind, family, text) in [
        (
            "message",
            r#"{"type":"action_request","action":{"type":"evaluate","script":"return document.title"}}"#,
            "action_request",
            Family::Action,
            "run return document.title",
        ),
        (
            "message",
            r#"{"type":"action_request","action":{"type":"zoom","percent":150}}"#,
            "action_request",
            Family::Action,
            "zoom to 150 %",
        ),
        (
            "message",
            r#"{"request_id":"r-8","action":{"type":"click","x":10,"y":20.5}}"#,
            "action_request",
            Family::Action,
            "click at 10, 20.5",
        ),
        (
            "message",
            r#"{"type":"action_request","request_id":"r","action":{"type":"type","text":"hi\nthere"}}"#,
            "action_request",
            Family::Action,
            "type “hi↵there”",
        ),
        (
            "message",
            r#"{"type":"action_request","action":{"type":"hotkey","keys":["ctrl","c"]}}"#,
            "action_request",
            Family::Action,
            "hotkey ctrl+c",
        ),
        (
            "message",
            r#"{"type":"action_request","action":{"type":"key_down","key":"a"}}"#,
            "action_request",
            Family::Action,
            "key down a",
        ),
        (
            "message",
            r#"{"type":"action_request","action":{"type":"go_to_url","url":"https://a.test"}}"#,
            "action_request",
            Family::Action,
            "go to https://a.test",
        ),
        (
            "message",
            r#"{"type":"action_request","action":{"type":"drag","x1":1,"y1":2,"x2":3,"y2":4}}"#,
            "action_request",
            Family::Action,
            "drag from 1, 2 to 3, 4",
        ),
        (
            "message",
            r#"{"type":"action_request","action":{"type":"scroll","dx":0,"dy":300,"x":5,"y":6}}"#,
            "action_request",
            Family::Action,
            "scroll by 0, 300",
        ),
        (
            "message",
            r#"{"type":"action_request","action":"list_tabs"}"#,
            "action_request",
            Family::Action,
            "list tabs",
        ),
        (
            "message",
            r#"{"request_id":"r-8","status":"success","result":{"image_url":"https://i"}}"#,
            "action_response",
            Family::Action,
            "done · https://i",
        ),
        (
            "message",
            r#"{"request_id":"r-8","status":"error","error_message":"No such tab"}"#,
            "action_response",
            Family::Action,
            "failed: No such tab",
        ),
        (
            "message",
            r#"{"request_id":"r-8","status":"success","exit_code":1,"stdout":"out\n"}"#,
            "action_response",
            Family::Action,
            "exit code 1 out",
        ),
        (
            "message",
            r#"{"request_id":"r-9","data":"aGVsbG8K","is_stderr":false}"#,
            "output",
            Family::Output,
            "hello",
        ),
        (
            "message",
            r#"{"request_id":"r-9","data":"aGVsbG8K","is_stderr":true}"#,
            "output",
            Family::Output,
            "stderr: hello",
        ),
        (
            "message",
            r#"{"type":"session_state","state":"idle"}"#,
            "session_state",
            Family::Session,
            "idle",
        ),
        (
            "message",
            r#"{"type":"navigation","url":"https://a.test/","title":"A"}"#,
            "navigation",
            Family::Page,
            "https://a.test/ · A",
        ),
        (
            "message",
            r#"{"type":"console","level":"warn","text":"careful"}"#,
            "console",
            Family::Console,
            "warn: careful",
        ),
        (
            "message",
            r#"{"type":"network_failure","method":"GET","url":"https://x","error_text":"refused"}"#,
            "network_failure",
            Family::Network,
            "GET https://x refused",
        ),
        (
            "message",
            r#"{"type":"network_failure","method":"GET","url":"https://x","status":404}"#,
            "network_failure",
            Family::Network,
            "GET https://x answered 404",
        ),
        (
            "message",
            r#"{"type":"network_request","method":"GET","url":"https://x","status":200,"resource":"script","bytes":12345,"cached":false,"duration_ms":67}"#,
            "network_request",
            Family::Network,
            "200, script, 12.3 kB, 67 ms GET https://x",
        ),
        (
            "message",
            r#"{"type":"network_request","method":"GET","url":"https://x","status":null,"resource":"fetch","bytes":null,"duration_ms":5,"error":"net::ERR_FAILED","left_out":9}"#,
            "network_request",
            Family::Network,
            "net::ERR_FAILED, fetch, 5 ms, 9 before it are left out GET https://x",
        ),
        (
            "message",
            r#"{"type":"dialog","kind":"alert","message":"Hi","open":false}"#,
            "dialog",
            Family::Dialog,
            "closed alert: Hi",
        ),
        (
            "message",
            r#"{"type":"page_error","message":"x is not defined"}"#,
            "page_error",
            Family::Error,
            "x is not defined",
        ),
        (
            "message",
            r#"{"type":"form_control","kind":"select","open":true,"options":[{"value":"a"}],"more":2}"#,
            "form_control",
            Family::Dialog,
            "select with 3 options",
        ),
        (
            "message",
            r#"{"type":"dialog","kind":"confirm","message":"Sure?"}"#,
            "dialog",
            Family::Dialog,
            "confirm: Sure?",
        ),
        (
            "message",
            r#"{"type":"download","file_name":"a.zip","state":"in_progress","received":5,"total":10}"#,
            "download",
            Family::Download,
            "a.zip: in progress, 5 of 10 bytes",
        ),
        (
            "message",
            r#"{"type":"download","file_name":"a.zip","state":"canceled","received":5,"reason":"Too much"}"#,
            "download",
            Family::Download,
            "a.zip: canceled, 5 bytes. Too much",
        ),
        (
            "message",
            r#"{"type":"tab","action":"opened","url":"https://b"}"#,
            "tab",
            Family::Page,
            "opened · https://b",
        ),
        (
            "message",
            r#"{"type":"crash","reason":"out of memory"}"#,
            "crash",
            Family::Error,
            "out of memory",
        ),
        (
            "message",
            r#"{"type":"gap","message":"5 events are missing"}"#,
            "gap",
            Family::Stream,
            "5 events are missing",
        ),
        (
            "message",
            r#"{"type":"gap","from":3,"to":9,"reason":"history"}"#,
            "gap",
            Family::Stream,
            "events 3 to 9 are missing",
        ),
        ("error", r#"{"error_message":"No stream"}"#, "error", Family::Error, "No stream"),
        ("error", "plain words", "error", Family::Error, "plain words"),
        ("custom", r#"{"a":1}"#, "custom", Family::Other, r#"{"a":1}"#),
        (
            "message",
            r#"{"event":"participant_joined","name":"Ada"}"#,
            "participant_joined",
            Family::People,
            "Ada joined",
        ),
        (
            "message",
            r#"{"image_url":"https://i"}"#,
            "raw",
            Family::Other,
            r#"{"image_url":"https://i"}"#,
        ),
        ("message", "not json", "raw", Family::Other, "not json"),
        ("message", "[1]", "raw", Family::Other, "[1]"),
        ("message", "", "raw", Family::Other, ""),
    ] {
        let event = read(name, data).event;
        assert_eq!(
            (&*event.name, event.family(), event.text.as_str()),
            (kind, family, text),
            "{data}"
        );
        assert_eq!(&*event.raw, data);
    }
}

#[test]
fn the_halves_of_an_action_are_paired() {
    let phase =
        |data: &str| read("message", data).event.request.map(|request| (request.id, request.phase));
    let r = |phase| Some(("r".to_owned(), phase));
    assert_eq!(
        phase(r#"{"type":"action_request","request_id":"r","action":{"type":"click"}}"#),
        r(Phase::Requested)
    );
    assert_eq!(phase(r#"{"type":"click","request_id":"r","action":{}}"#), r(Phase::Requested));
    assert_eq!(
        phase(r#"{"type":"action_response","request_id":"r","status":"success"}"#),
        r(Phase::Answered { ok: true })
    );
    assert_eq!(
        phase(r#"{"type":"action_response","request_id":"r","status":"error"}"#),
        r(Phase::Answered { ok: false })
    );
    assert_eq!(phase(r#"{"request_id":"r","data":"","is_stderr":false}"#), None);
    assert_eq!(phase(r#"{"type":"action_request"}"#), None);
}

#[test]
fn events_tell_where_the_page_is_and_that_the_session_is_over() {
    let page = |data: &str| read("message", data).page.map(|page| page.url);
    assert_eq!(page(r#"{"type":"navigation","url":"https://a"}"#).as_deref(), Some("https://a"));
    assert_eq!(page(r#"{"type":"navigation","url":"https://ad","is_main_frame":false}"#), None);
    assert_eq!(
        page(r#"{"request_id":"r","status":"success","page_context":{"url":"https://b"}}"#)
            .as_deref(),
        Some("https://b")
    );
    assert_eq!(page(r#"{"type":"console","url":"https://a/script.js"}"#), None);
    let ended = |data: &str| read("message", data).ended;
    assert_eq!(
        ended(r#"{"type":"session_state","state":"terminated","reason":"idle for 2 min"}"#)
            .as_deref(),
        Some("The session has ended: idle for 2 min")
    );
    assert_eq!(
        ended(r#"{"type":"session_state","status":"closed"}"#).as_deref(),
        Some("The session has ended (closed)")
    );
    assert_eq!(ended(r#"{"type":"session_state","state":"running"}"#), None);
    for other in [
        r#"{"type":"action_response","status":"failed","request_id":"r"}"#,
        r#"{"type":"status","status":"completed"}"#,
    ] {
        assert_eq!(ended(other), None, "{other}");
    }
}

#[test]
fn times_and_ids_are_kept() {
    let event = event_news(
        "message",
        r#"{"type":"console","timestamp":"2026-05-01T10:00:00Z"}"#,
        "41",
        Timestamp::UNIX_EPOCH,
    )
    .event;
    assert_eq!(
        (event.id.as_deref(), event.server_at),
        (Some("41"), Some("2026-05-01T10:00:00Z".parse().unwrap()))
    );
}

#[test]
fn hostile_and_huge_events_stay_small() {
    let event =
        read("message", &format!(r#"{{"type":"console","text":"{}\u202e"}}"#, "x".repeat(9000)))
            .event;
    assert_eq!(event.text.chars().count(), MAX_CHARS + 1);
    let huge = format!(r#"{{"type":"console","text":"{}"}}"#, "x".repeat(MAX_JSON));
    let event = read("message", &huge).event;
    assert_eq!((&*event.name, event.raw.len()), ("raw", MAX_JSON));
}

#[test]
fn an_odd_token_costs_an_event_nothing() {
    let event = |data: &str| {
        let event = read("message", data).event;
        (event.name.to_string(), event.text)
    };
    for (data, name, text) in [
        (
            r#"{"type":"console","level":"log","text":"half an emoji \ud83d"}"#,
            "console",
            "log: half an emoji \u{FFFD}",
        ),
        (
            r#"{"type":"custom","huge":12345678901234567890123,"over":1e400}"#,
            "custom",
            r#"{"type":"custom","huge":12345678901234567890123,"over":1e400}"#,
        ),
        (r#"{ "z": NaN, "a": 1.50 }"#, "raw", r#"{"z":NaN,"a":1.50}"#),
        (r#"{"type":"message","data":9007199254740993.0}"#, "message", "9007199254740993.0"),
        (
            r#"{"request_id":"r","action":{"type":"click","x":10.50,"y":1e1}}"#,
            "action_request",
            "click at 10.50, 1e1",
        ),
        (
            "\u{FEFF}{\"type\":\"page_error\",\"message\":\"x\",\"line\":Infinity}",
            "page_error",
            "x",
        ),
        (
            r#""{\"type\":\"console\",\"level\":\"log\",\"text\":\"in a text\"}""#,
            "console",
            "log: in a text",
        ),
        (
            r#"b'{"type": "console", "level": "log", "text": "in bytes"}'"#,
            "console",
            "log: in bytes",
        ),
        ("None", "raw", "None"),
    ] {
        assert_eq!(event(data), (name.to_owned(), text.to_owned()), "{data}");
        assert_eq!(&*read("message", data).event.raw, data, "what came is kept");
    }
    let at =
        read("message", r#"{"type":"console","timestamp":1700000000,"x":NaN}"#).event.server_at;
    assert_eq!(at.map(Timestamp::as_second), Some(1_700_000_000));
}

#[test]
fn a_row_says_all_that_an_event_is_about() {
    for (name, data, kind, text) in [
        (
            "error",
            r#"{"reason":"create_failed","details":"no seats are left"}"#,
            "error",
            "create_failed: no seats are left",
        ),
        (
            "message",
            r#"{"type":"error","reason":"start_failed","details":{"message":"no browser","code":7}}"#,
            "error",
            "start_failed: no browser",
        ),
        (
            "error",
            r#"{"reason":"start_failed","details":{"code":7}}"#,
            "error",
            r#"start_failed: {"code":7}"#,
        ),
        ("error", r#"{"reason":"other_connection"}"#, "error", "other_connection"),
        (
            "error",
            r#"{"reason":"gone","message":"The seat is taken"}"#,
            "error",
            "gone: The seat is taken",
        ),
        ("user_activity", "{}", "user_activity", "the leader is active"),
        (
            "message",
            r#"{"type":"user_activity","myIndex":2}"#,
            "user_activity",
            "participant 2 is active",
        ),
        (
            "message",
            r#"{"event":"user_activity","client_index":3}"#,
            "user_activity",
            "participant 3 is active",
        ),
        (
            "user_activity",
            r#"{"clientIndex":1,"userData":{"name":"Ada"}}"#,
            "user_activity",
            "Ada is active",
        ),
        ("AAPL-stock-price", "mock data", "AAPL-stock-price", "mock data"),
        ("AAPL-stock-price", r#"{"s":"AAPL"}"#, "AAPL-stock-price", r#"{"s":"AAPL"}"#),
    ] {
        let event = read(name, data).event;
        assert_eq!((&*event.name, event.text.as_str()), (kind, text), "{data}");
    }
}
