//! Tests how the user's actions look on the wire.

use serde_json::json;

use crate::model::{
    Control, InputControl, KeyInput, MouseButton, PageControl, PointerAt, Status, Tab, Update,
};
use crate::protocol::socket::{ClientMessage, ServerMessage};
use crate::session::scripted::{Reply, Seen, well};
use crate::session::support::Watched;

fn at(x: f32, y: f32) -> PointerAt {
    PointerAt { x, y, width: 8, height: 8, ..PointerAt::default() }
}

fn down() -> Control {
    InputControl::PointerDown { at: at(1.0, 2.0), button: MouseButton::Left, clicks: 1 }.into()
}

fn up() -> Control {
    InputControl::PointerUp { at: at(1.0, 2.0), button: MouseButton::Left, clicks: 1 }.into()
}

fn text(text: &str) -> Control {
    InputControl::Text { text: text.to_owned() }.into()
}

fn key(down: bool, key: &str, code: &str) -> Control {
    let (key, code) = (key.to_owned(), code.to_owned());
    let key = KeyInput { key, code, ..KeyInput::default() };
    if down { InputControl::KeyDown(key).into() } else { InputControl::KeyUp(key).into() }
}

#[tokio::test]
async fn control_goes_over_rest_and_failures_are_told() {
    let server = well(|seen| match seen.line.as_str() {
        "POST /computers/c1/click" => {
            let page = json!({"url": "https://a.test/", "title": "A"});
            Some(Reply::Json(200, json!({"status": "success", "page_context": page})))
        }
        "POST /computers/c1/scroll" => {
            Some(Reply::Json(200, json!({"status": "error", "error_message": "No page"})))
        }
        "GET /computers/c1/tabs" => Some(Reply::Json(
            200,
            json!({"result": {"tabs": [{"tab_id": "T1", "url": "u", "title": "t"}]}}),
        )),
        _ => None,
    })
    .await;
    let mut session = Watched::visible(&server);
    session.connected().await;
    server.is_asked("GET /computers/c1/tabs", 1).await;
    for control in [down(), up(), text("a"), text("b")] {
        session.handle.push(control);
    }
    session.handle.push(InputControl::Wheel { at: at(1.0, 2.0), dx: 0.0, dy: 10.0 });
    session.refused("The session did not do “scroll”: No page").await;
    session.handle.push(PageControl::CloseTab { tab_id: "T1".to_owned() });
    session.refused("The session did not do “tabs”: Not found (HTTP 404)").await;
    assert_eq!(server.bodies("POST /computers/c1/click"), [r#"{"x":1,"y":2}"#]);
    assert_eq!(
        server.bodies("POST /computers/c1/type").concat().replace(r#""}{"text":""#, ""),
        r#"{"text":"ab"}"#
    );
    assert!(
        session.news.iter().any(|news| matches!(news, Update::Page(page) if page.title == "A"))
    );
    let tab =
        Tab { id: "T1".to_owned(), url: "u".to_owned(), title: "t".to_owned(), ..Tab::default() };
    assert!(session.news.contains(&Update::Tabs(vec![tab])));
    assert_eq!(session.handle.status(), Status::Connected);
    session.close().await;
}

#[tokio::test]
async fn a_page_that_does_not_load_does_not_hold_up_stop() {
    let server = well(|seen| match seen.line.as_str() {
        // This answer never ends.
        "POST /computers/c1/navigate" => Some(Reply::Held("{".to_owned())),
        _ => None,
    })
    .await;
    let mut session = Watched::visible(&server);
    session.connected().await;
    session.handle.push(PageControl::Navigate { url: "https://slow.test".to_owned() });
    server.is_asked("POST /computers/c1/navigate", 1).await;
    session.handle.push(PageControl::Stop);
    server.is_asked("POST /computers/c1/hotkey", 1).await;
    session.close().await;
}

#[tokio::test]
async fn closing_lifts_what_rest_holds_down() {
    let server = well(|_| None).await;
    let mut session = Watched::visible(&server);
    session.connected().await;
    session.handle.push(down());
    session.handle.push(text("x"));
    server.is_asked("POST /computers/c1/type", 1).await;
    assert_eq!(
        (
            server.count("POST /computers/c1/mouse-down"),
            server.count("POST /computers/c1/mouse-up")
        ),
        (1, 0)
    );
    session.close().await;
    assert_eq!(server.bodies("POST /computers/c1/mouse-up"), [r#"{"x":1,"y":2}"#]);
}

fn with_socket(seen: &Seen) -> Option<Reply> {
    let page = ServerMessage::Page {
        url: "https://a.test/".into(),
        title: "A".into(),
        loading: false,
        can_go_back: true,
        can_go_forward: false,
        zoom: 0,
    };
    match seen.line.as_str() {
        "GET /computers/c1" => Some(Reply::Json(
            200,
            json!({"id": "c1", "status": "running", "endpoints": {"control": "/computers/c1/ws"}}),
        )),
        "GET /computers/c1/ws" => Some(Reply::Socket(vec![page])),
        _ => None,
    }
}

#[tokio::test]
async fn control_goes_over_the_socket_and_closing_lifts_keys() {
    let server = well(with_socket).await;
    let mut session = Watched::visible(&server);
    session.connected().await;
    session
        .until("the page", |it| {
            it.news.iter().any(|news| matches!(news, Update::Page(page) if page.can_go_back))
        })
        .await;
    let pressed = [key(true, "Shift", "ShiftLeft"), PageControl::Reload.into()];
    for control in &pressed {
        session.handle.push(control.clone());
    }
    server.is_asked("WS /computers/c1/ws", 2).await;
    session.close().await;
    server.is_asked("WS /computers/c1/ws", 3).await;
    let sent: Vec<ClientMessage> = server
        .bodies("WS /computers/c1/ws")
        .iter()
        .map(|body| serde_json::from_str(body).unwrap())
        .collect();
    let expected = [pressed[0].clone(), pressed[1].clone(), key(false, "Shift", "ShiftLeft")];
    assert_eq!(sent, expected.map(ClientMessage::from));
}

#[tokio::test]
async fn a_new_connection_lifts_what_the_old_one_held() {
    let server = well(with_socket).await;
    let mut session = Watched::visible(&server);
    session.connected().await;
    session.handle.push(key(true, "a", "KeyA"));
    server.is_asked("WS /computers/c1/ws", 1).await;
    session.handle.reconnect_now();
    server.is_asked("WS /computers/c1/ws", 2).await;
    let last: ClientMessage =
        serde_json::from_str(&server.bodies("WS /computers/c1/ws")[1]).unwrap();
    assert_eq!(last, ClientMessage::from(key(false, "a", "KeyA")));
    session.close().await;
}

#[tokio::test]
async fn input_from_before_the_connection_is_forgotten() {
    let server = well(|seen| match (seen.line.as_str(), seen.nth) {
        ("GET /computers/c1", 0) => Some(Reply::WithHeader(503, "retry-after", "100")),
        _ => with_socket(seen),
    })
    .await;
    let mut session = Watched::visible(&server);
    let is_waiting = |status| matches!(status, Status::Reconnecting { .. });
    session.until("waiting", |it| is_waiting(it.handle.status())).await;
    let navigate = Control::from(PageControl::Navigate { url: "https://a.test".to_owned() });
    for control in [text("blind"), down(), navigate.clone()] {
        session.handle.push(control);
    }
    session.handle.reconnect_now();
    server.is_asked("WS /computers/c1/ws", 1).await;
    let first: ClientMessage =
        serde_json::from_str(&server.bodies("WS /computers/c1/ws")[0]).unwrap();
    assert_eq!(first, ClientMessage::from(navigate));
    session.close().await;
}
