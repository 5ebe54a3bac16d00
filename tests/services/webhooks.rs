//! Webhook events that a session host took, in the log of the session that they are about.

use helmsight::net::{Auth, Client};
use helmsight::protocol::cobrowse::Dialect;
use helmsight::session::Service;
use serde_json::json;

use crate::server::{Say, Server, json, stream};
use crate::space::Space;
use crate::watched::Watched;

#[tokio::test]
async fn events_of_the_session_are_rows_and_their_failure_is_one() {
    let first = [
        "id: 1\nevent: participant_left\ndata: {\"session_id\": \"s2\"}\n\n",
        "id: 2\nevent: tab_paused\ndata: {\"session_id\": \"s1\", \"tabIndex\": 1}\n\n",
        "id: 3\nevent: hook\ndata: {\"category\": \"company.user.added\", \"session_id\": null}\n\n",
    ];
    let host = Server::start(move |asked| match (asked.line.as_str(), asked.nth) {
        ("GET /hooks/events", 0) => stream("text/event-stream", first.map(Say::text)),
        ("GET /hooks/events", 1) => json(503, json!({"error": "The host is ending"})),
        ("GET /hooks/events", _) => stream(
            "text/event-stream",
            [
                Say::text("id: 4\nevent: tab_resumed\ndata: {\"session_id\": \"s1\"}\n\n"),
                Say::Hold,
            ],
        ),
        _ => json(404, json!({"error": "Not found"})),
    })
    .await;
    let space = Space::start(Dialect::Webfuse).await;
    let hooks = Client::new(host.base.clone(), Auth::none()).unwrap();
    let service = space.service().with_webhooks(hooks);
    let mut session = Watched::new((&service as &dyn Service).session("s1"));
    session.row("tab_resumed").await;
    assert_eq!(session.rows("tab_paused").len(), 1);
    assert_eq!(session.rows("hook"), ["company.user.added"]);
    assert_eq!(session.rows("webhooks").len(), 1, "a failure is told once");
    assert!(
        session.rows("participant_left").is_empty(),
        "that was another session"
    );
    let asked = host.of("GET /hooks/events");
    let after: Vec<_> = asked
        .iter()
        .map(|asked| asked.header("last-event-id").unwrap())
        .collect();
    assert_eq!(after, ["0", "3", "3"]);
    session.close().await;
}
