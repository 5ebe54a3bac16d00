//! Pictures and events: decoded, in order, resumed, and not upset by nonsense.

use std::sync::Arc;

use helmsight::model::{Capabilities, Phase, Update};
use http::Method;
use serde_json::json;

use crate::relay::Fault;
use crate::support::Watched;
use crate::target::Target;

pub(super) async fn pictures_and_events(target: &Target, id: &str) {
    let mut session = Watched::live(target.client(), id).await;
    let size = session.pictures[0].0;
    assert!(size.width >= 64 && size.height >= 64, "{size:?}");
    assert!(capabilities(&session).clicks);
    act(target, id, &["order-1", "order-2", "order-3"]).await;
    session.until("the last answer", |session| answers(session, "order").len() == 3).await;
    let expected: Vec<String> =
        (1..4).flat_map(|n| [format!("order-{n}?"), format!("order-{n}!")]).collect();
    assert_eq!(actions(&session, "order"), expected);
    session.close().await;
}

pub(super) async fn a_cut_is_resumed_or_marked(target: &Target, id: &str) {
    let (path, events) = (format!("/computers/{id}"), format!("/computers/{id}/events"));
    let mut session = Watched::live(target.client(), id).await;
    act(target, id, &["cut-1"]).await;
    session.until("the first", |session| answers(session, "cut").len() == 1).await;
    let away =
        "HTTP/1.1 503 Away\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let harm = Fault::Answer(away.to_owned());
    target.relay.harm("GET", &path, usize::MAX, harm);
    target.relay.cut();
    session.reconnecting().await;
    let pictures = session.pictures.len();
    act(target, id, &["cut-2", "cut-3"]).await;
    // A client that notices the end of this stream first asks for it alone, so what counts begins here.
    let streams = target.relay.count("GET", &events);
    target.relay.heal();
    session.connected().await;
    session.has_pictures(pictures + 1).await;
    act(target, id, &["cut-4"]).await;
    session
        .until("the last", |session| answers(session, "cut").contains(&"cut-4".to_owned()))
        .await;

    let seen = target.relay.seen("GET", &events);
    assert_eq!(seen.len(), streams + 1, "one stream for one connection");
    let has_ids = session.rows().any(|row| row.id.is_some());
    let resumed = seen.last().and_then(|seen| seen.header("last-event-id"));
    assert_eq!(resumed.is_some(), has_ids, "{resumed:?}");
    // Nothing is told twice; what was not told is said to be missing.
    let told = answers(&session, "cut");
    if session.rows().any(|row| row.name == "gap") {
        assert_eq!(told, ["cut-1", "cut-4"]);
    } else {
        assert_eq!(told, ["cut-1", "cut-2", "cut-3", "cut-4"]);
    }
    session.close().await;
}

pub(super) async fn harm_in_between_is_passed_over(target: &Target, id: &str) {
    let nonsense = "data: {\"image_data\": \"broken\n\ndata: {\"image_data\":\"@@@@\"}\n\ndata: \n\nevent: new\ndata: 7\n\n: x\n\n";
    let mut bytes = nonsense.as_bytes().to_vec();
    bytes.extend(b"data: \xFF\xFE\n\nunknown: field\n\n");
    let bytes = Arc::new(bytes);
    for stream in ["screencast", "events"] {
        let path = format!("/computers/{id}/{stream}");
        target.relay.harm("GET", &path, 1, Fault::Before(bytes.clone()));
    }
    let mut session = Watched::live(target.client(), id).await;
    let refused = session.handle.stats().frames_refused;
    assert!(refused >= 2, "{refused} were refused");
    act(target, id, &["harm-1"]).await;
    session.until("the answer", |session| answers(session, "harm").len() == 1).await;
    let raw = session.rows().filter(|row| row.raw.contains("broken"));
    assert_eq!(raw.count(), 1, "nothing is lost silently");
    session.close().await;
}

/// Screenshots by these names, one after the other, without the relay.
async fn act(target: &Target, id: &str, requests: &[&str]) {
    let path = format!("computers/{id}/execute");
    let client = target.direct();
    for request in requests {
        let action = json!({"action": {"type": "screenshot", "request_id": request}});
        let answer = client.json(Method::POST, &path, Some(&action));
        let answer = answer.await.unwrap();
        assert_eq!(answer["status"], "success", "{answer}");
        assert_eq!(answer["request_id"], *request, "{answer}");
    }
}

/// Names of the actions that begin so, "?" where asked and "!" where answered.
fn actions(session: &Watched, start: &str) -> Vec<String> {
    let requests = session.rows().filter_map(|row| row.request.as_ref());
    let ours = requests.filter(|request| request.id.starts_with(start));
    ours.map(|request| match request.phase {
        Phase::Requested => format!("{}?", request.id),
        Phase::Answered { ok } => {
            assert!(ok, "{request:?}");
            format!("{}!", request.id)
        }
    })
    .collect()
}

fn answers(session: &Watched, start: &str) -> Vec<String> {
    let answers = actions(session, start);
    let answers = answers.iter().filter_map(|told| told.strip_suffix('!'));
    answers.map(str::to_owned).collect()
}

pub(super) fn capabilities(session: &Watched) -> Capabilities {
    let told = session.news.iter().rev().find_map(|update| match update {
        Update::Capabilities(capabilities) => Some(*capabilities),
        _ => None,
    });
    told.expect("capabilities are told before the first picture")
}
