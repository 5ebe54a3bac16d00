//! Sessions as such: making, finding, keeping and ending them.

use std::time::Duration;

use helmsight::model::{KeepAlive, SessionKind, Update};
use helmsight::net::Client;
use helmsight::protocol::computers::{Computer, computers_of, ended_words, error_words};
use helmsight::session::service::Probed;
use helmsight::session::{Attention, ComputersService, OpenOptions};
use http::Method;
use url::Url;

use crate::support::Watched;
use crate::target::Target;

pub(super) async fn calls_and_answers(target: &Target) {
    let client = ComputersService::new(target.client());
    let made = client.create(&target.request).await.unwrap();
    assert!(!made.id.is_empty() && !made.ended, "{made:?}");
    assert_eq!(made.kind, target.request.kind);
    assert_eq!(client.get(&made.id).await.unwrap(), made);
    let is_listed = |list: &[_]| list.contains(&made);
    assert!(is_listed(&client.list().await.unwrap()));
    found_by_either_form(target).await;

    let path = format!("computers/{}", made.id);
    let prefixes: &[&str] = if target.both_forms { &["", "v1/"] } else { &[""] };
    for prefix in prefixes {
        let get = async |path: &str| {
            target.raw(Method::GET, &format!("{prefix}{path}"), &target.token).await
        };
        let (status, list) = get("computers").await;
        let list = computers_of(&list).expect("a list");
        assert!(status == 200 && list.iter().any(|one| one.summary == made));
        for path in [path.clone(), format!("{path}/status")] {
            let (status, body) = get(&path).await;
            let computer = Computer::read(&body).expect("a session");
            assert_eq!((status, computer.summary), (200, made.clone()), "{path}");
        }
        let keep = format!("{prefix}{path}/keepalive");
        let (status, body) = target.raw(Method::POST, &keep, &target.token).await;
        assert!((200..300).contains(&status), "{status} {body}");
        assert_eq!(ended_words(&body), None);
    }

    for (path, token, expected) in [
        ("computers/comp_none", target.token.as_str(), 404),
        ("nothing/here", &target.token, 404),
        ("computers", "sk_another_key_0123456789", 401),
    ] {
        let (status, body) = target.raw(Method::GET, path, token).await;
        assert_eq!(status, expected, "{path}: {body}");
        assert!(error_words(&body).is_some(), "{path}: {body}");
    }
    let unknown = client.get("comp_none").await.unwrap_err();
    assert!(!unknown.is_retryable() && unknown.status() == Some(404));

    client.end(&made.id).await.unwrap();
    client.end(&made.id).await.unwrap();
    let live = client.list().await.unwrap();
    assert!(!live.iter().any(|one| one.id == made.id && !one.ended));
    match client.get(&made.id).await {
        Ok(session) => assert!(session.ended, "{session:?}"),
        Err(err) => assert!(matches!(err.status(), Some(404 | 410)), "{err}"),
    }
    let keep = format!("{path}/keepalive");
    let (status, body) = target.raw(Method::POST, &keep, &target.token).await;
    assert!(matches!(status, 404 | 409 | 410), "{status} {body}");
}

/// Whoever gives the base without the prefix that it needs, or with one too many, is shown the way.
async fn found_by_either_form(target: &Target) {
    let base = &target.base;
    let probe = async |base: &Url| {
        let client = Client::new(base.clone(), target.auth(base)).unwrap();
        ComputersService::new(client).probe().await
    };
    let found = probe(base).await;
    assert!(matches!(found, Ok(Probed::Found(_))), "{found:?}");
    let path = base.path().trim_end_matches('/').to_owned();
    let mut other = base.clone();
    other.set_path(path.strip_suffix("/v1").unwrap_or("/v1"));
    match probe(&other).await {
        Ok(Probed::Found(_)) => assert!(target.both_forms),
        Ok(Probed::Elsewhere(url)) => {
            assert_eq!(url.as_str().trim_end_matches('/'), base.as_str().trim_end_matches('/'));
        }
        Err(err) => panic!("{other}: {err}"),
    }
}

pub(super) async fn kept_alive(target: &Target, id: &str) {
    let keep = format!("/computers/{id}/keepalive");
    let before = target.relay.count("POST", &keep);
    let options = OpenOptions { attention: Attention::Hidden, keep_alive: true };
    let mut session = Watched::new(target.client(), id, options);
    session.connected().await;
    // The API's idle limit of two minutes, in thirds.
    let on = Update::KeepAlive(KeepAlive::On { period: Duration::from_secs(40) });
    let relay = &target.relay;
    session.until("keep-alive", |session| session.news.contains(&on)).await;
    relay.is_asked("POST", &keep, before + 1).await;
    assert_eq!(relay.count("POST", &keep), before + 1);
    session.handle.set_keep_alive(false);
    let off = Update::KeepAlive(KeepAlive::Off);
    session.until("its end", |session| session.news.contains(&off)).await;
    session.close().await;
}

pub(super) async fn the_end(target: &Target, id: &str) {
    let mut session = Watched::live(target.client(), id).await;
    target.end(id).await;
    let why = session.ended().await;
    assert!(!why.is_empty());
    session.close().await;
    let asked = target.relay.count("GET", id);
    let mut late = Watched::new(target.client(), id, OpenOptions::default());
    assert!(!late.ended().await.is_empty());
    assert_eq!(target.relay.count("GET", id), asked + 1);
    late.close().await;
    // Browsers of this target are gone with it.
    if target.request.kind == SessionKind::Browser {
        let left = ComputersService::new(target.direct()).list().await.unwrap();
        assert!(!left.iter().any(|one| one.id == id && !one.ended));
    }
}
