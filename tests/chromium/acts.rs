//! What becomes of acts on pages that are busy, ask something, hang, or open tabs under the pointer.

use std::time::{Duration, Instant};

use helmsight::host::driver::DriverError;
use helmsight::model::{InputControl, KeyInput, MouseButton, PageControl, PageLife, PointerAt};
use serde_json::{Value, json};

use crate::served::ServedHost;
use crate::support::{SOON, Session, ok, page, serve};

const BUTTON: &str =
    "<button style='position:absolute;left:0;top:0;width:200px;height:100px'>x</button>";

#[tokio::test]
async fn a_busy_page_is_told_as_that_and_buys_once() {
    let Some(host) = ServedHost::start().await else {
        return;
    };
    let html = format!(
        "{BUTTON}<script>let n = 0; onclick = () => {{ const end = Date.now() + 12000; while (Date.now() < end); document.title = 'bought ' + ++n; }};</script>"
    );
    let session = host.session(&html).await;
    let click = json!({"x": 10, "y": 10, "request_id": "buy"});
    let (status, first) = host.ask(&format!("{session}/click"), click.clone()).await;
    assert_eq!((status, &first["status"]), (200, &json!("error")), "{first}");
    let said = first["error_message"].as_str().unwrap();
    assert!(said.contains("is busy") && said.contains("may still be done"), "{said}");
    let (_, again) = host.ask(&format!("{session}/click"), click).await;
    assert_eq!(again, first);
    host.title(&session, "bought 1").await;
    host.host.shutdown().await;
}

#[tokio::test]
async fn under_a_dialog_every_act_fails_and_names_it() {
    let Some(host) = ServedHost::start().await else {
        return;
    };
    let html = format!(
        "{BUTTON}<input type=file><script>let n = 0; onclick = () => {{ n += 1; alert('Sold out'); document.title = 'clicked ' + n; }}</script>"
    );
    let session = host.session(&html).await;
    // The act that brings the dialog up is no failure.
    host.post(&format!("{session}/click"), json!({"x": 10, "y": 10})).await;
    let at = json!({"x": 10, "y": 10});
    for (call, body) in [
        ("click", at.clone()),
        ("double-click", at.clone()),
        ("right-click", at.clone()),
        ("mouse-down", at.clone()),
        ("mouse-up", at),
        ("drag", json!({"x1": 1, "y1": 1, "x2": 9, "y2": 9})),
        ("scroll", json!({"dy": 10})),
        ("type", json!({"text": "a"})),
        ("hotkey", json!({"keys": ["ctrl", "a"]})),
        ("key-down", json!({"key": "a"})),
        ("key-up", json!({"key": "a"})),
        ("navigate", json!({"url": page("other")})),
        ("execute", json!({"action": {"type": "reload"}})),
        ("execute", json!({"action": {"type": "go_back"}})),
        ("execute", json!({"action": {"type": "go_forward"}})),
        ("execute", json!({"action": {"type": "stop"}})),
        ("viewport", json!({"width": 800, "height": 600})),
        ("screenshot", json!({})),
        ("html", json!({})),
        ("files", json!({"name": "a", "data": ""})),
    ] {
        let began = Instant::now();
        let (status, answer) = host.ask(&format!("{session}/{call}"), body.clone()).await;
        let said = answer["error_message"].as_str().unwrap_or_default();
        assert!(said.contains("alert") && said.contains("Sold out"), "{call} {body}: {answer}");
        assert_eq!((status, &answer["status"]), (409, &json!("error")), "{call}");
        assert!(began.elapsed() < Duration::from_secs(5), "{call} took {:?}", began.elapsed());
    }
    let actions = json!([{"type": "wait", "ms": 1}, {"type": "click", "x": 10, "y": 10}]);
    let (_, answer) = host.ask(&format!("{session}/batch"), json!({"actions": actions})).await;
    assert_eq!((&answer["status"], &answer["executed"]), (&json!("error"), &json!(2)));
    // What is about other tabs goes on.
    let tab =
        host.post(&format!("{session}/tabs"), json!({"url": page("<title>second</title>")})).await;
    let tab = tab["result"]["tab_id"].as_str().unwrap().to_owned();
    host.post(&format!("{session}/click"), json!({"x": 10, "y": 10, "tab_id": tab})).await;
    host.post(&format!("{session}/dialog"), json!({"accept": true})).await;
    let tabs: Value = host.get(&format!("{session}/tabs")).await.parse().unwrap();
    let first = tabs["result"]["tabs"][0]["tab_id"].as_str().unwrap().to_owned();
    host.post(&format!("{session}/tabs/{first}/switch"), json!({})).await;
    // Nothing of all that reached the page later.
    host.title(&session, "clicked 1").await;
    host.host.shutdown().await;
}

#[tokio::test]
async fn what_a_dialog_cut_short_says_so() {
    let Some(host) = ServedHost::start().await else {
        return;
    };
    let html = "<input autofocus id=a><script>a.onkeydown = e => { if (e.key === 'Enter') alert('Enter'); }</script>";
    let session = host.session(html).await;
    host.post(&format!("{session}/click"), json!({"x": 20, "y": 10})).await;
    let (status, answer) = host.ask(&format!("{session}/type"), json!({"text": "one\ntwo"})).await;
    // The rest may have been on its way before the dialog was told of.
    if answer["status"] == "error" {
        assert_eq!(status, 200, "{answer}");
        assert!(answer["error_message"].as_str().unwrap().contains("A part of this is done"));
    }
    host.host.shutdown().await;
}

/// A page that hangs for good once it is clicked, and says so before.
const HANGS: &str = "<title>hangs</title><body onclick='console.log(location.search); for (;;);'>";

#[tokio::test]
async fn a_page_that_hangs_is_ended_when_it_is_left() {
    fn site(path: &str) -> String {
        let html = if path.starts_with("/hangs") {
            HANGS.to_owned()
        } else {
            format!("<title>{path}</title>")
        };
        ok("text/html", "", &html)
    }
    let base = serve(site).await;
    let Some(session) = Session::start(Some(&format!("{base}/hangs?0"))).await else {
        return;
    };
    for (turn, leave) in [
        PageControl::Navigate { url: format!("{base}/next") },
        PageControl::Reload,
        PageControl::Back,
    ]
    .into_iter()
    .enumerate()
    {
        session
            .state("the page that hangs", |state| state.title == "hangs" && !state.loading)
            .await;
        let at = PointerAt { x: 50.0, y: 50.0, ..PointerAt::default() };
        for input in [
            InputControl::PointerDown { at: at.clone(), button: MouseButton::Left, clicks: 1 },
            InputControl::PointerUp { at, button: MouseButton::Left, clicks: 1 },
        ] {
            drop(session.driver.input(None, input));
        }
        session.event("console", |event| event["text"] == format!("?{turn}")).await;
        let left = session.act(leave.clone()).await;
        assert!(
            matches!(&left, Err(DriverError::Failed(why)) if why.contains("hung")),
            "{leave:?}: {left:?}"
        );
        session.event("crash", |_| true).await;
        session.go(&format!("{base}/next")).await;
        session.state("the next page", |state| state.title == "/next").await;
        session.click(10.0, 10.0).await;
        session.go(&format!("{base}/hangs?{}", turn + 1)).await;
    }
    session.end().await;
}

#[tokio::test]
async fn what_is_held_is_lifted_where_it_was_pressed() {
    let html = "<body style='margin:0;height:700px'><script>const ups = [];\
        const up = e => { ups.push(e.type + (e.key ?? e.button)); document.title = ups.join(' '); };\
        onmouseup = up; onkeyup = up; onmousedown = () => open('about:blank'); onkeydown = () => open('about:blank');</script>";
    let Some(session) = Session::with_page(html).await else {
        return;
    };
    let first = session.driver.state().borrow().tabs[0].tab_id.clone();
    let at = PointerAt { x: 50.0, y: 50.0, ..PointerAt::default() };
    let left = MouseButton::Left;
    session
        .act(InputControl::PointerDown { at: at.clone(), button: left, clicks: 1 })
        .await
        .unwrap();
    session.state("a second tab", |state| state.tabs.len() == 2 && state.tabs[1].active).await;
    session.act(InputControl::PointerUp { at, button: left, clicks: 1 }).await.unwrap();
    let told = |title: &'static str| {
        let first = first.clone();
        move |state: &helmsight::host::driver::DriverState| {
            state.tabs.iter().any(|tab| tab.tab_id == first && tab.title == title)
        }
    };
    session.state("the release in the first tab", told("mouseup0")).await;
    session.act(PageControl::SelectTab { tab_id: first.to_string() }).await.unwrap();
    session.state("the first tab", |state| state.tabs[0].active).await;
    let key = KeyInput { key: "a".to_owned(), code: "KeyA".to_owned(), ..KeyInput::default() };
    session.act(InputControl::KeyDown(key.clone())).await.unwrap();
    session.state("a third tab", |state| state.tabs.len() == 3 && state.tabs[2].active).await;
    session.act(InputControl::KeyUp(key)).await.unwrap();
    session.state("the key up in the first tab", told("mouseup0 keyupa")).await;
    // A whole click is one hand, too.
    session.act(PageControl::SelectTab { tab_id: first.to_string() }).await.unwrap();
    session.state("the first tab", |state| state.tabs[0].active).await;
    session.click(60.0, 60.0).await;
    session.state("the click in the first tab", told("mouseup0 keyupa mouseup0")).await;
    session.end().await;
}

#[tokio::test]
async fn a_page_says_whether_it_is_still_or_it_is_stuck() {
    let html = format!(
        "{BUTTON}<script>onclick = () => {{ document.title = 'busy'; setTimeout(() => {{ const end = Date.now() + 6000; while (Date.now() < end); }}, 300); }};</script>"
    );
    let Some(session) = Session::with_page(&html).await else {
        return;
    };
    assert_eq!(session.driver.page_life().await, PageLife::Still);
    session.click(50.0, 50.0).await;
    session.title("busy").await;
    let is = async |wanted| {
        while session.driver.page_life().await != wanted {}
    };
    tokio::time::timeout(SOON, is(PageLife::Stuck)).await.unwrap();
    let asked = Instant::now();
    assert_eq!(session.driver.page_life().await, PageLife::Stuck);
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    tokio::time::timeout(SOON, is(PageLife::Still)).await.unwrap();
    session.end().await;
}

#[tokio::test]
async fn every_request_of_a_page_is_told_where_somebody_asks() {
    fn site(path: &str) -> String {
        match path {
            "/" => ok(
                "text/html",
                "",
                "<title>ready</title><script>setInterval(() => fetch('/data'), 200)</script>",
            ),
            path => ok("application/json", "", &format!("\"{path}\"")),
        }
    }
    let base = serve(site).await;
    let Some(host) = ServedHost::start().await else {
        return;
    };
    let computer = host.post("computers", json!({"start_url": base})).await;
    let session = format!("computers/{}", computer["id"].as_str().unwrap());
    host.title(&session, "ready").await;
    let told = host.stream(&format!("{session}/events?requests=true"), "/data\"").await;
    let request = told.lines().filter_map(|line| line.strip_prefix("data: ")).find_map(|line| {
        let event: Value = serde_json::from_str(line).unwrap();
        let is_ours = event["url"] == format!("{base}/data");
        (event["type"] == "network_request" && is_ours).then_some(event)
    });
    let request = request.expect(&told);
    assert_eq!(
        (&request["method"], &request["status"], &request["resource"], &request["url"]),
        (&json!("GET"), &json!(200), &json!("fetch"), &json!(format!("{base}/data")))
    );
    assert!(request["bytes"].as_u64().is_some_and(|bytes| bytes > 7), "{request}");
    assert!(request["duration_ms"].is_u64() && request["tab_id"].is_string(), "{request}");
    // Nobody asks any more, and so nothing of it is in the history.
    let (status, _) = host.ask(&format!("{session}/messages"), json!({"data": "the end"})).await;
    assert_eq!(status, 200);
    assert!(!host.history(&session, "the end").await.contains("network_request"));
    host.host.shutdown().await;
}
