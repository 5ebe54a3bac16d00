//! Spaces where people browse together: the same life of a session with every service, and what each can't do.

use futures_util::future::join_all;
use helmsight::model::{
    Capabilities, Control, InputControl, KeyInput, Modifiers, MouseButton, PageControl, PointerAt,
    Status,
};
use helmsight::protocol::cobrowse::Dialect;
use helmsight::session::NewSessionRequest;
use serde_json::json;

use crate::space::{Pictures, Space};
use crate::support::Watched;

const DIALECTS: [Dialect; 2] = [Dialect::Webfuse, Dialect::Surfly];

#[tokio::test]
async fn sessions_are_listed_made_and_ended() {
    for dialect in DIALECTS {
        let space = Space::start(dialect).await;
        let service = space.service();
        let listed = service.list().await.unwrap();
        let ids: Vec<_> = listed.iter().map(|session| session.id.as_str()).collect();
        assert_eq!(ids, ["s1"], "{dialect:?}");
        assert!(!listed[0].ended);

        let url = Some("https://c.test/".to_owned());
        let request = NewSessionRequest { url, ..NewSessionRequest::default() };
        let made = service.create(&request).await.unwrap();
        assert_eq!(made.id, "s2");
        assert_eq!(made.url.as_deref(), Some("https://b.test/s2"), "{dialect:?}");
        service.end("s2").await.unwrap();
        assert!(space.known("s2").unwrap().is_over);
        // One that is gone is as good as ended.
        service.end("s3").await.unwrap();

        let stranger = space.service_with("rk_another");
        let refused = stranger.list().await.unwrap_err();
        assert!(matches!(refused.status(), Some(401 | 403)), "{refused}");
    }
}

#[tokio::test]
async fn what_befalls_a_session_is_told_in_the_words_of_the_services() {
    join_all(DIALECTS.map(async |dialect| {
        let space = Space::start(dialect).await;
        let mut session = Watched::new(space.service().session("s1"));
        session.picture().await;
        assert_eq!(session.handle.status(), Status::Connected);
        session.row("session_started").await;
        assert_eq!(
            session.words("session_started"),
            ["started, to be opened at https://b.test/s1"]
        );
        session.row("participant_joined").await;
        space.change("s1", |known| {
            known.people = 3;
            known.url = "https://d.test/".to_owned();
        });
        session.row("relocate").await;
        assert_eq!(session.words("participant_joined").len(), 3, "{dialect:?}");
        space.change("s1", |known| {
            known.people = 2;
            known.is_over = true;
        });
        session.ended().await;
        assert_eq!(session.words("participant_left").len(), 1, "{dialect:?}");
        assert_eq!(session.words("session_ended"), ["ended at https://d.test/"], "{dialect:?}");
        session.close().await;
    }))
    .await;
}

#[tokio::test]
async fn a_session_that_is_forgotten_has_ended_where_it_was_last() {
    join_all(DIALECTS.map(async |dialect| {
        let space = Space::start(dialect).await;
        let mut session = Watched::new(space.service().session("s1"));
        session.picture().await;
        space.forget("s1");
        session.ended().await;
        assert_eq!(session.words("session_ended"), ["ended at https://a.test/"]);
        session.close().await;
    }))
    .await;
}

#[tokio::test]
async fn a_refused_key_ends_the_session_with_what_to_do() {
    for dialect in DIALECTS {
        let space = Space::start(dialect).await;
        let stranger = space.service_with("rk_another");
        let mut session = Watched::new(stranger.session("s1"));
        session.ended().await;
        let status = session.handle.status();
        assert!(
            matches!(&status, Status::Ended { why, .. } if why.contains("refused the key")),
            "{status:?}"
        );
        session.close().await;
    }
}

fn at() -> PointerAt {
    PointerAt { x: 3.0, y: 4.0, width: 10, height: 10, ..PointerAt::default() }
}

fn click(button: MouseButton) -> [Control; 2] {
    let down = InputControl::PointerDown { at: at(), button, clicks: 1 };
    [down.into(), InputControl::PointerUp { at: at(), button, clicks: 1 }.into()]
}

fn text(text: &str) -> Control {
    InputControl::Text { text: text.to_owned() }.into()
}

fn key(name: &str, ctrl: bool) -> Control {
    let modifiers = Modifiers { ctrl, ..Modifiers::default() };
    InputControl::KeyDown(KeyInput { key: name.to_owned(), modifiers, ..KeyInput::default() })
        .into()
}

#[tokio::test]
async fn what_a_person_does_arrives_as_calls_in_order() {
    let space = Space::start(Dialect::Webfuse).await;
    let mut session = Watched::new(space.service().session("s1"));
    session.picture().await;
    // There is no call for going back, for loading again or for a dialog.
    let can = Capabilities {
        clicks: true,
        keys: true,
        navigation: true,
        tabs: true,
        ..Capabilities::default()
    };
    assert_eq!(session.capabilities(), can);
    let wheel = InputControl::Wheel { at: at(), dx: 0.0, dy: 120.0 };
    let controls = [
        click(MouseButton::Left).to_vec(),
        vec![text("hé"), key("Enter", false), key("a", true), wheel.into()],
        click(MouseButton::Right).to_vec(),
        vec![
            PageControl::NewTab { url: None }.into(),
            PageControl::Navigate { url: "https://blocked.test/".to_owned() }.into(),
            PageControl::Reload.into(),
            PageControl::Navigate { url: "https://e.test/".to_owned() }.into(),
        ],
    ];
    for control in controls.concat() {
        session.handle.push(control);
    }
    session.refused("Blocked by the space").await;
    session.refused("no call for that").await;
    space.is_at("s1", "https://e.test/").await;
    let options = |ctrl: bool| json!({ "altKey": false, "ctrlKey": ctrl, "metaKey": false, "shiftKey": false });
    let at = json!([3, 4]);
    for (method, parameters) in [
        ("left_click", vec![json!({"target": at, "moveMouse": true})]),
        ("type", vec![json!({"target": at, "text": "hé", "overwrite": false})]),
        (
            "key_press",
            vec![
                json!({"target": at, "key": "Enter", "options": options(false)}),
                json!({"target": at, "key": "a", "options": options(true)}),
            ],
        ),
        ("scroll", vec![json!({"target": at, "amount": 120, "direction": "vertical"})]),
        ("right_click", vec![json!({"target": at, "moveMouse": true})]),
        ("open_tab", vec![json!({"url": "about:blank"})]),
        (
            "relocate",
            vec![
                json!({"url": "https://blocked.test/", "newTab": false}),
                json!({"url": "https://e.test/", "newTab": false}),
            ],
        ),
    ] {
        let calls = space.calls(method);
        assert!(calls.iter().all(|call| call.session == "s1"));
        let told: Vec<_> = calls.into_iter().map(|call| call.parameters).collect();
        assert_eq!(told, parameters, "{method}");
    }
    session.close().await;
}

#[tokio::test]
async fn a_service_without_calls_offers_no_control() {
    let space = Space::start(Dialect::Surfly).await;
    let mut session = Watched::new(space.service().session("s1"));
    session.picture().await;
    let can = session.capabilities();
    assert!(!can.clicks && !can.keys && !can.navigation && !can.tabs, "{can:?}");
    session.close().await;
}

#[tokio::test]
async fn a_session_that_nobody_has_open_says_so_once_and_goes_on() {
    let space = Space::start(Dialect::Webfuse).await;
    space.change("s1", |known| known.is_open = false);
    let service = space.service();
    let mut session = Watched::new(service.session("s1"));
    session.row("snapshot").await;
    assert!(session.words("snapshot")[0].contains("Nobody has the session open"));
    assert_eq!(session.handle.status(), Status::Connected);
    let nobody = service.navigate("s1", "https://c.test/").await.unwrap_err();
    assert!(nobody.to_string().contains("Nobody has the session open"));
    space.change("s1", |known| known.is_open = true);
    session.picture().await;
    assert_eq!(session.words("snapshot").len(), 1);
    session.close().await;
}

#[tokio::test]
async fn a_picture_that_is_refused_is_no_end_of_the_session() {
    let cases = [
        (Dialect::Webfuse, 404),
        (Dialect::Webfuse, 429),
        (Dialect::Surfly, 403),
        (Dialect::Surfly, 404),
    ];
    join_all(cases.map(async |(dialect, status)| {
        let space = Space::start(dialect).await;
        space.change("s1", |known| known.pictures = Pictures::Refused(status));
        let mut session = Watched::new(space.service().session("s1"));
        session.row("snapshot").await;
        assert!(session.words("snapshot")[0].contains("No picture yet"));
        space.change("s1", |known| known.pictures = Pictures::Inline);
        session.picture().await;
        assert_eq!(session.handle.status(), Status::Connected);
        assert_eq!(session.words("session_started").len(), 1, "never connected anew");
        session.close().await;
    }))
    .await;
}

#[tokio::test]
async fn pictures_are_fetched_from_the_service_and_not_from_around_here() {
    let space = Space::start(Dialect::Surfly).await;
    let elsewhere = Space::start(Dialect::Surfly).await;
    let own = Pictures::At(space.address("kept/1.png?api_key=rk_0123456789abcdef"));
    let other = Pictures::At(elsewhere.address("kept/1.png?api_key=rk_0123456789abcdef"));
    space.change("s1", |known| known.pictures = own);
    let mut session = Watched::new(space.service().session("s1"));
    session.picture().await;
    space.change("s1", |known| known.pictures = other);
    session.row("snapshot").await;
    assert!(session.words("snapshot")[0].contains("use that address instead"));
    assert!(elsewhere.asked().is_empty());
    session.close().await;
}

#[tokio::test]
async fn input_that_waited_for_a_lost_connection_is_told_and_not_done_late() {
    let space = Space::start(Dialect::Webfuse).await;
    let mut session = Watched::new(space.service().session("s1"));
    session.picture().await;
    for control in [text("wait"), PageControl::NewTab { url: None }.into()] {
        session.handle.push(control);
    }
    space.is_asked("type").await;
    session.handle.reconnect_now();
    session.refused("may not have been done").await;
    session.handle.push(PageControl::Navigate { url: "https://e.test/".to_owned() });
    space.has_done("relocate").await;
    assert!(space.calls("open_tab").is_empty());
    session.close().await;
}
