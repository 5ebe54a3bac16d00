//! Tests a service beyond one session, over real sockets.

use std::sync::Arc;

use serde_json::json;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use super::{Directory, DirectoryNews, DirectoryTask, Interest, NewSessionRequest, Probed};
use crate::net::{Auth, Client};
use crate::session::ComputersService;
use crate::session::scripted::{Reply, well};
use crate::session::support::{PATIENCE, Wakes};

#[tokio::test]
async fn the_directory_lists_creates_and_ends() {
    let server = well(|seen| match seen.line.as_str() {
        "GET /computers" => Some(Reply::Json(200, json!([{"id": "c1", "status": "running"}]))),
        "POST /computers" => Some(Reply::Json(200, json!({"id": "c2", "status": "ready"}))),
        "POST /computers/c2/navigate" => {
            Some(Reply::Json(200, json!({"status": "error", "error_message": "Bad URL"})))
        }
        "DELETE /computers/c2" => Some(Reply::Json(200, json!(null))),
        _ => None,
    })
    .await;
    let (tracker, wakes) = (TaskTracker::new(), Wakes::default());
    let service = Arc::new(ComputersService::new(server.client()));
    let directory = Directory::start(&Handle::current(), &tracker, service, wakes.wake());
    let url = Some("https://a.test".to_owned());
    directory.create(NewSessionRequest { url, ..NewSessionRequest::default() });
    let mut news = Vec::new();
    let mut has_ended = false;
    let is_complete = |news: &[DirectoryNews]| {
        let has = |wanted: fn(&DirectoryNews) -> bool| news.iter().any(wanted);
        has(|news| matches!(news, DirectoryNews::Listed(list) if list[0].id == "c1"))
            && has(|news| matches!(news, DirectoryNews::Created(session) if session.id == "c2"))
            && has(|news| {
                matches!(news, DirectoryNews::Failed { task: DirectoryTask::OpenStartPage, .. })
            })
            && has(|news| *news == DirectoryNews::Ended("c2".to_owned()))
    };
    let complete = wakes.until(|| {
        news.extend(directory.take_news());
        if !has_ended && news.iter().any(|news| matches!(news, DirectoryNews::Failed { .. })) {
            has_ended = true;
            directory.end("c2");
        }
        is_complete(&news).then_some(())
    });
    let is_complete = complete.await.is_some();
    assert!(is_complete, "{news:?}");
    assert_eq!(server.bodies("POST /computers"), [r#"{"kind":"browser"}"#]);
    drop(directory);
    tracker.close();
    tokio::time::timeout(PATIENCE, tracker.wait()).await.expect("it stops in time");
}

#[tokio::test]
async fn the_other_form_of_the_base_is_found() {
    let server = well(|seen| match seen.line.as_str() {
        "GET /v1/computers" => Some(Reply::Json(200, json!([]))),
        _ => None,
    })
    .await;
    let base: url::Url = server.base.parse().unwrap();
    let v1 = base.join("v1").unwrap();
    let probe = async |base: &url::Url| {
        ComputersService::new(Client::new(base.clone(), Auth::none()).unwrap()).probe().await
    };
    assert_eq!(probe(&base).await, Ok(Probed::Elsewhere(v1.clone())));
    assert_eq!(probe(&v1).await, Ok(Probed::Found(Vec::new())));
    let elsewhere = base.join("elsewhere").unwrap();
    assert_eq!(probe(&elsewhere).await.unwrap_err().status(), Some(404));
}

#[tokio::test]
async fn a_refused_list_is_not_asked_for_again() {
    let server = well(|seen| match (seen.line.as_str(), seen.nth) {
        ("GET /computers", 0) => Some(Reply::Json(401, json!({"error": "Bad key"}))),
        ("GET /computers", _) => Some(Reply::Json(200, json!([]))),
        _ => None,
    })
    .await;
    let (tracker, wakes) = (TaskTracker::new(), Wakes::default());
    let service = Arc::new(ComputersService::new(server.client()));
    let directory = Directory::start(&Handle::current(), &tracker, service, wakes.wake());
    let news = async || {
        let told = wakes.until(|| Some(directory.take_news()).filter(|news| !news.is_empty()));
        told.await.expect("news in time")
    };
    directory.set_interest(Interest::Close);
    let why = "Bad key (HTTP 401)".to_owned();
    assert_eq!(
        news().await,
        [DirectoryNews::Failed { task: DirectoryTask::List, why, wants_key: true }]
    );
    assert_eq!(server.count("GET /computers"), 1);
    directory.refresh();
    assert_eq!(news().await, [DirectoryNews::Listed(Vec::new())]);
}
