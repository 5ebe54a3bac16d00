//! Webhook events that a session host took, in the log of the session that they are about.

use helmsight::net::{Auth, Client};
use helmsight::protocol::cobrowse::Dialect;
use serde_json::json;

use crate::server::{Say, Server, json, stream};
use crate::space::Space;
use crate::support::Watched;

#[tokio::test]
async fn events_of_the_session_are_rows_and_their_failure_is_one() {
    let first = [
        "id: 1\nevent: participant_left\ndata: {\"session_id\": \"s2\"}\n\nevent: hook\ndata: {\"service\": \"surfly\", \"category\": \"another\"}\n\n",
        "id: 2\nevent: tab_paused\ndata: {\"session_id\": \"s1\", \"tabIndex\": 1}\n\n",
        "id: 3\nevent: hook\ndata: {\"category\": \"company.user.added\", \"session_id\": null}\n\n",
    ];
    let host = Server::start(move |asked| match (asked.line.as_str(), asked.nth) {
        ("GET /hooks/events", 0) => stream("text/event-stream", first.map(Say::text)),
        ("GET /hooks/events", 1) => json(503, json!({"error": "The host is ending"})),
        ("GET /hooks/events", 2) => {
            held("id: 4\nevent: tab_resumed\ndata: {\"session_id\": \"s1\"}\n\n")
        }
        ("GET /hooks/events", 3) => {
            held("id: 5\nevent: tab_activated\ndata: {\"session_id\": \"s1\"}\n\n")
        }
        ("GET /hooks/events", _) => json(401, json!({"error": "Another token"})),
        _ => json(404, json!({"error": "Not found"})),
    })
    .await;
    let space = Space::start(Dialect::Webfuse).await;
    let hooks = Client::new(host.base.clone(), Auth::none()).unwrap();
    let service = space.service_with_webhooks(hooks);
    let mut session = Watched::new(service.session("s1"));
    session.row("tab_resumed").await;
    assert_eq!(session.words("tab_paused").len(), 1);
    assert_eq!(session.words("hook"), ["company.user.added"]);
    assert_eq!(session.words("webhooks").len(), 1, "a failure is told once");
    assert!(session.words("participant_left").is_empty(), "that was another session");
    // The user has the session connected anew: events go on after the last one.
    session.handle.reconnect_now();
    session.row("tab_activated").await;
    let asked = host.of("GET /hooks/events");
    let after: Vec<_> = asked.iter().map(|asked| asked.header("last-event-id").unwrap()).collect();
    assert_eq!(after, ["0", "3", "3", "4"]);
    // What is refused for good is told, and asked for again by the user only.
    session.handle.reconnect_now();
    session.until("a second failure", |it| it.words("webhooks").len() == 2).await;
    assert!(session.words("webhooks")[1].contains("Another token"));
    session.close().await;
}

fn held(event: &str) -> Vec<Say> {
    stream("text/event-stream", [Say::text(event), Say::Hold])
}
