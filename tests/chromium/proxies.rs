//! Proxies, their logins and their change, and pages that ask for a name and a password.

use std::sync::Arc;

use helmsight::host::driver::{CastOptions, DriverError};
use helmsight::model::PageControl;
use serde_json::json;

use crate::served::ServedHost;
use crate::support::{SOON, Session, browser, ok, options, serve_heads};

/// "me:p@ss" in Base64.
const LOGIN: &str = "Basic bWU6cEBzcw==";

fn asks(header: &str, status: &str) -> String {
    let body = "<title>asked</title>";
    format!(
        "HTTP/1.1 {status}\r\n{header}: Basic realm=\"here\"\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// A proxy that answers everything itself, with its own name as the title.
async fn proxy(name: &'static str, login: Option<&'static str>) -> String {
    serve_heads(move |head| {
        let knows = login.is_none_or(|login| {
            head.lines().any(|line| line == format!("Proxy-Authorization: {login}"))
        });
        if knows {
            ok("text/html", "Cache-Control: no-store\r\n", &format!("<title>{name}</title>"))
        } else {
            asks("Proxy-Authenticate", "407 Proxy Authentication Required")
        }
    })
    .await
}

fn with_login(proxy: &str) -> String {
    proxy.replace("http://", "http://me:p%40ss@")
}

#[tokio::test]
async fn the_proxy_changes_while_all_else_goes_on() {
    let Some(browser) = browser() else { return };
    let (first, second) = (proxy("first", None).await, proxy("second", Some(LOGIN)).await);
    let own = serve_heads(|_| ok("text/html", "", "<title>own</title>")).await;
    let mut options = options(browser, Some("http://a.test/"));
    options.proxy = Some(first.clone());
    let session = Session::start_with(options).await;
    session.title("first").await;
    let tabs = session.driver.state().borrow().tabs.clone();
    let (drawn, mut pictures) = tokio::sync::watch::channel(0);
    let cast = CastOptions { quality: 50, max_width: None };
    let _cast = session
        .driver
        .cast(cast, Arc::new(move |_| drawn.send_modify(|count| *count += 1)))
        .await
        .unwrap();

    let change = |url: String| session.driver.change_proxy(url);
    change(with_login(&second)).await.unwrap();
    let before = *pictures.borrow();
    session.go("http://a.test/again").await;
    let state = session.state("a page by the second proxy", |state| state.title == "second").await;
    assert_eq!(tabs.len(), state.tabs.len());
    assert_eq!(tabs[0].tab_id, state.tabs[0].tab_id);
    assert_eq!(state.url, "http://a.test/again");
    let more = pictures.wait_for(|count| *count > before);
    tokio::time::timeout(SOON, more).await.expect("pictures of the new page").unwrap();
    // This machine's own addresses need no proxy.
    session.go(&own).await;
    session.title("own").await;

    change(first.clone()).await.unwrap();
    session.go("http://a.test/back").await;
    session.title("first").await;
    change("direct://".to_owned()).await.unwrap();
    let failed =
        session.act(PageControl::Navigate { url: "http://a.test/direct".to_owned() }).await;
    assert!(
        matches!(&failed, Err(DriverError::Failed(why)) if why.contains("ERR_NAME_NOT_RESOLVED") || why.contains("ERR_INTERNET_DISCONNECTED")),
        "{failed:?}"
    );
    let refused = change("http://me:hunter2@".to_owned()).await;
    assert!(
        matches!(&refused, Err(DriverError::BadRequest(why)) if !why.contains("hunter2")),
        "{refused:?}"
    );
    session.end().await;
}

#[tokio::test]
async fn a_session_may_start_with_a_proxy_that_wants_a_login() {
    let Some(browser) = browser() else { return };
    let proxy = proxy("inside", Some(LOGIN)).await;
    let mut options = options(browser, Some("http://a.test/"));
    // A wrong one is refused once, not offered for ever.
    options.proxy = Some(proxy.replace("http://", "http://me:wrong@"));
    let session = Session::start_with(options).await;
    session.event("network_failure", |fields| fields["url"] == "http://a.test/").await;
    session.driver.change_proxy(with_login(&proxy)).await.unwrap();
    session.go("http://a.test/").await;
    session.title("inside").await;
    session.end().await;
}

#[tokio::test]
async fn a_page_that_asks_for_a_login_is_shown_as_refused() {
    let base = serve_heads(|head| {
        if head.contains("GET /open ") {
            return ok(
                "text/html",
                "",
                "<script>fetch('/data').then(answer => { document.title = 'data ' + answer.status; })</script>",
            );
        }
        if head.lines().any(|line| line == format!("Authorization: {LOGIN}")) {
            return ok("text/html", "", "<title>inside</title>");
        }
        asks("WWW-Authenticate", "401 Unauthorized")
    })
    .await;
    let Some(session) = Session::with_page("<p>hello").await else {
        return;
    };
    session.go(&base).await;
    session.title("asked").await;
    let failure = session.event("network_failure", |fields| fields["status"] == 401).await;
    assert_eq!(failure["url"], format!("{base}/"));
    session.go(&format!("{base}/open")).await;
    session.title("data 401").await;
    session.go(&with_login(&base)).await;
    session.state("the page inside", |state| state.title == "inside").await;
    session.end().await;
}

#[tokio::test]
async fn the_password_of_an_address_is_told_to_nobody() {
    let base = serve_heads(|head| {
        if head.lines().any(|line| line == format!("Authorization: {LOGIN}")) {
            return ok(
                "text/html",
                "",
                "<title>inside</title><script>console.log('at ' + document.URL)</script>",
            );
        }
        asks("WWW-Authenticate", "401 Unauthorized")
    })
    .await;
    let Some(served) = ServedHost::start().await else { return };
    let created = served.post("computers", json!({ "start_url": "about:blank" })).await;
    let session = format!("computers/{}", created["id"].as_str().unwrap());
    let url = with_login(&base);
    let mut told =
        served.post(&format!("{session}/navigate"), json!({ "url": url })).await.to_string();
    served.title(&session, "inside").await;
    told += &served.get(&format!("{session}/tabs")).await;
    // What the page writes to its console comes after everything about its address.
    told += &served.history(&session, "\"console\"").await;
    assert!(told.contains("http://me:***@127.0.0.1"), "{told}");
    assert!(!told.contains("p%40ss"), "{told}");
    served.host.shutdown().await;
}
