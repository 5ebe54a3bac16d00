//! Navigation, dialogs, downloads, and what pages tell by themselves.

use helmsight::host::DownloadLimits;
use helmsight::host::driver::chromium::{LaunchOptions, START_URL};
use helmsight::host::driver::{DriverError, DriverEvent, ShotFormat};
use helmsight::model::{EventKind, ImageFormat, InputControl, PageControl};

use crate::support::{SOON, Session, browser, ok, options, page, serve};

fn site(path: &str) -> String {
    match path {
        "/missing" => {
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned()
        }
        "/file" => ok(
            "application/octet-stream",
            "Content-Disposition: attachment; filename=\"report.bin\"\r\n",
            &"x".repeat(300_000),
        ),
        "/large" => ok(
            "application/octet-stream",
            "Content-Disposition: attachment; filename=\"large.bin\"\r\n",
            &"x".repeat(500_000),
        ),
        "/endless" => format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment\r\nConnection: close\r\n\r\n{}",
            "x".repeat(3_000_000)
        ),
        "/noisy" => ok(
            "text/html",
            "",
            "<script>console.warn('careful', 3, null, {}); fetch('/missing'); setTimeout(() => { throw new Error('boom'); });</script>",
        ),
        path if path.starts_with("/frame?") => ok(
            "text/html",
            "",
            &format!("<iframe src='{}/noisy'></iframe>", &path["/frame?".len()..]),
        ),
        path => ok("text/html", "", &format!("<title>{path}</title><p>This is {path}")),
    }
}

#[tokio::test]
async fn the_start_page_needs_no_network_and_is_the_first_in_history() {
    let Some(session) = Session::start(None).await else {
        return;
    };
    let state = session
        .state("the start page", |state| {
            state.title == "Welcome to Helmsight" && !state.loading && !state.can_go_back
        })
        .await;
    assert_eq!((state.url.as_str(), state.can_go_forward, state.tabs.len()), (START_URL, false, 1));
    let png = session.driver.screenshot(None, ShotFormat::Png).await.unwrap();
    assert_eq!(ImageFormat::sniff(&png), Some(ImageFormat::Png));
    let html = session.driver.html(None).await.unwrap();
    assert!(
        html.starts_with("<!DOCTYPE html>") && html.contains("Helmsight is watching this browser")
    );
    assert!(
        !session
            .events
            .borrow()
            .iter()
            .any(|event| matches!(event.kind, EventKind::PageError | EventKind::NetworkFailure)),
        "{:?}",
        session.events.borrow()
    );
    session.end().await;
}

#[tokio::test]
async fn back_and_forward_follow_the_history() {
    let base = serve(site).await;
    let Some(session) = Session::start(Some(&format!("{base}/one"))).await else {
        return;
    };
    session.state("the first page", |state| state.title == "/one" && !state.can_go_back).await;
    let refused = session.act(PageControl::Back).await;
    assert!(matches!(refused, Err(DriverError::BadRequest(_))), "{refused:?}");

    // As typed: without a scheme.
    session.go(&format!("{}/two", base.trim_start_matches("http://"))).await;
    session
        .state("the second page", |state| {
            state.title == "/two" && state.can_go_back && !state.can_go_forward
        })
        .await;
    session.act(PageControl::Back).await.unwrap();
    session
        .state("the first page again", |state| {
            state.title == "/one" && !state.can_go_back && state.can_go_forward
        })
        .await;
    session.act(PageControl::Forward).await.unwrap();
    session
        .state("the second page again", |state| state.title == "/two" && !state.can_go_forward)
        .await;
    session.act(PageControl::Reload).await.unwrap();
    session.state("a reloaded page", |state| !state.loading && state.title == "/two").await;
    let navigation =
        session.event("navigation", |fields| fields["url"] == format!("{base}/two")).await;
    assert!(navigation["tab_id"].is_string() && navigation["title"].is_string());
    let started =
        session.event("relocate_start", |fields| fields["url"] == format!("{base}/two")).await;
    assert_eq!(started["tab_id"], navigation["tab_id"]);
    session.end().await;
}

#[tokio::test]
async fn what_can_not_be_opened_is_refused_or_told() {
    let Some(session) = Session::with_page("").await else {
        return;
    };
    for url in ["file:///etc/passwd", "chrome://settings", "javascript:alert(1)", "no address"] {
        let refused = session.act(PageControl::Navigate { url: url.to_owned() }).await;
        assert!(matches!(refused, Err(DriverError::BadRequest(_))), "{url}: {refused:?}");
    }
    let failed = session.act(PageControl::Navigate { url: "http://127.0.0.1:9/".to_owned() }).await;
    assert!(
        matches!(&failed, Err(DriverError::Failed(why)) if why.contains("net::ERR_")),
        "{failed:?}"
    );
    let told = session.event("network_failure", |_| true).await;
    assert_eq!((&told["url"], &told["method"]), (&"http://127.0.0.1:9/".into(), &"GET".into()));
    session
        .state("the address that was asked for", |state| state.url == "http://127.0.0.1:9/")
        .await;
    session.end().await;
}

#[tokio::test]
async fn a_dialog_waits_for_its_answer_and_blocks_nobody() {
    let html = "<button style='position:absolute;left:0;top:0;width:200px;height:100px' onclick=\"document.title = 'said ' + prompt('Name?', 'nobody')\">ask</button>";
    let Some(session) = Session::with_page(html).await else {
        return;
    };
    assert!(matches!(
        session.act(PageControl::AnswerDialog { accept: true, text: None }).await,
        Err(DriverError::BadRequest(_))
    ));
    for (accept, text, title) in [(true, Some("Zoë"), "said Zoë"), (false, None, "said null")] {
        session.click(50.0, 50.0).await;
        let state = session.state("a dialog", |state| state.dialog.is_some()).await;
        let dialog = state.dialog.unwrap();
        assert_eq!(
            (dialog.kind.as_str(), dialog.message.as_str(), dialog.default_text.as_str()),
            ("prompt", "Name?", "nobody")
        );
        // Everything else goes on: input is refused, context is told from memory.
        let refused = session.act(InputControl::Text { text: "a".to_owned() }).await;
        assert!(
            matches!(&refused, Err(DriverError::Dialog(why)) if why.contains("prompt") && why.contains("Name?")),
            "{refused:?}"
        );
        assert_eq!(session.driver.page_context(None).await.unwrap()["is_main_tab"], true);
        session
            .act(PageControl::AnswerDialog { accept, text: text.map(str::to_owned) })
            .await
            .unwrap();
        session.state("no dialog", |state| state.dialog.is_none() && state.title == title).await;
    }
    session.event("dialog", |fields| fields["open"] == true && fields["kind"] == "prompt").await;
    session.event("dialog", |fields| fields["open"] == false).await;
    session.end().await;
}

#[tokio::test]
async fn a_download_is_told_to_its_end() {
    let base = serve(site).await;
    let Some(session) = Session::with_page("").await else {
        return;
    };
    session.go(&format!("{base}/file")).await;
    let begun = session.event("download", |fields| fields["state"] == "in_progress").await;
    let done = session.event("download", |fields| fields["state"] == "completed").await;
    assert_eq!(
        (&begun["id"], &done["file_name"], &done["received"]),
        (&done["id"], &"report.bin".into(), &300_000.into())
    );
    // A download leaves the page where it was.
    assert_eq!(session.driver.state().borrow().title, "ready");
    session.end().await;
}

#[tokio::test]
async fn a_downloaded_file_is_there_until_it_is_removed() {
    let base = serve(site).await;
    let Some(session) = Session::with_page("").await else {
        return;
    };
    session.go(&format!("{base}/file")).await;
    let done = session.event("download", |fields| fields["state"] == "completed").await;
    let id = done["id"].as_str().unwrap().to_owned();
    let list = session.driver.downloads().await.unwrap();
    assert_eq!((list.len(), &list[0]["id"]), (1, &done["id"]));
    assert_eq!(
        (&list[0]["file_name"], &list[0]["received"]),
        (&"report.bin".into(), &300_000.into())
    );
    assert!(list[0]["timestamp"].is_string());
    let file = session.driver.downloaded(id.clone()).await.unwrap();
    assert_eq!(std::fs::metadata(&file.path).unwrap().len(), 300_000);
    let absent = session.driver.downloaded("../Default".to_owned()).await;
    assert!(matches!(absent, Err(DriverError::NotFound(_))));

    session.driver.remove_download(id.clone()).await.unwrap();
    session.event("download", |fields| fields["state"] == "removed").await;
    assert!(!file.path.exists());
    assert!(session.driver.downloads().await.unwrap().is_empty());
    assert!(session.driver.remove_download(id).await.is_err());

    // One that does not end is called off.
    session.go(&format!("{base}/endless")).await;
    let coming = session
        .event("download", |fields| fields["state"] == "in_progress" && fields["id"] != done["id"])
        .await;
    let id = coming["id"].as_str().unwrap().to_owned();
    let early = session.driver.downloaded(id.clone()).await;
    assert!(matches!(early, Err(DriverError::NotYet(_))));
    session.driver.remove_download(id).await.unwrap();
    let canceled = session.event("download", |fields| fields["state"] == "canceled").await;
    assert_eq!(canceled["id"], coming["id"]);
    session.end().await;
}

#[tokio::test]
async fn downloads_beyond_the_limits_are_called_off_and_told() {
    let base = serve(site).await;
    let Some(browser) = browser() else {
        return;
    };
    let limits = DownloadLimits { bytes: Some(700_000), files: Some(4) };
    let start = page("");
    let launch = LaunchOptions { downloads: limits, ..options(browser, Some(&start)) };
    let session = Session::start_with(launch).await;
    session.state("a loaded page", |state| state.title == "ready" && !state.loading).await;
    let told = |count: usize| {
        let of = move |events: &Vec<DriverEvent>| {
            let ended = events.iter().filter(|event| {
                event.kind == EventKind::Download && event.fields["state"] != "in_progress"
            });
            ended.map(|event| event.fields.clone()).nth(count)
        };
        let mut events = session.events.clone();
        async move {
            let waited = events.wait_for(|events| of(events).is_some());
            let events = tokio::time::timeout(SOON, waited).await.expect("news").unwrap();
            of(&events).unwrap()
        }
    };
    for (count, (path, state, reason)) in [
        ("/file", "completed", None),
        // Its server says that it is larger than what is left.
        ("/large", "canceled", Some("in all")),
        // Its server does not say how large it is.
        ("/endless", "canceled", Some("in all")),
        ("/file", "completed", None),
        ("/file", "canceled", Some("4 files")),
    ]
    .into_iter()
    .enumerate()
    {
        session.go(&format!("{base}{path}")).await;
        let news = told(count).await;
        assert_eq!(news["state"], state, "{path}: {news}");
        let why = news["reason"].as_str();
        assert!(why.zip(reason).is_none_or(|(why, reason)| why.contains(reason)), "{news}");
        assert_eq!(why.is_some(), reason.is_some(), "{news}");
    }
    session.end().await;
}

#[tokio::test]
async fn pages_tell_of_their_console_errors_and_failures() {
    let base = serve(site).await;
    let Some(session) = Session::with_page("").await else {
        return;
    };
    session.go(&format!("{base}/noisy")).await;
    let console = session.event("console", |fields| fields["level"] == "warning").await;
    assert_eq!(console["text"], "careful 3 null Object");
    let error = session.event("page_error", |_| true).await;
    assert!(error["text"].as_str().unwrap().starts_with("Uncaught Error: boom"), "{error}");
    let failure = session.event("network_failure", |fields| fields["status"] == 404).await;
    assert_eq!(
        (&failure["method"], &failure["url"]),
        (&"GET".into(), &format!("{base}/missing").into())
    );
    session.end().await;
}

#[tokio::test]
async fn frames_from_other_sites_tell_too() {
    let base = serve(site).await;
    // Another name is another site, which gets a process of its own.
    let other = base.replace("127.0.0.1", "localhost");
    let Some(session) = Session::start(Some(&format!("{base}/frame?{other}"))).await else {
        return;
    };
    session.event("console", |fields| fields["text"] == "careful 3 null Object").await;
    session.event("network_failure", |fields| fields["url"] == format!("{other}/missing")).await;
    session.end().await;
}

#[tokio::test]
async fn a_flood_on_the_console_does_not_hold_up_the_session() {
    let html = "<script>onclick = () => { for (let n = 0; n < 20000; n += 1) console.log('line ' + n); document.title = 'flooded'; };</script>";
    let Some(session) =
        Session::with_page(&format!("{html}<div style='height:500px'></div>")).await
    else {
        return;
    };
    session.click(50.0, 50.0).await;
    session.title("flooded").await;
    session.go(&page("<title>after</title>")).await;
    let lines =
        session.events.borrow().iter().filter(|event| event.kind == EventKind::Console).count();
    assert!(lines < 5000, "{lines} lines were passed on");
    session.end().await;
}

#[tokio::test]
async fn half_a_surrogate_pair_in_a_page_costs_nothing_else() {
    let base = serve(|_| {
        let script = "document.title = 't \\ud83d'; document.body.textContent = 'body \\ud83d';\
            console.log('said \\ud83d'); setTimeout(() => { throw new Error('thrown \\ude00'); });";
        ok("text/html", "", &format!("<title>first</title><body><script>{script}</script>"))
    })
    .await;
    let Some(session) = Session::start(Some(&base)).await else {
        return;
    };
    session.title("t \u{FFFD}").await;
    session.event("console", |fields| fields["text"] == "said \u{FFFD}").await;
    let is_thrown = |fields: &serde_json::Value| {
        fields["text"].as_str().is_some_and(|text| text.contains("thrown \u{FFFD}"))
    };
    session.event("page_error", is_thrown).await;
    let html = session.driver.html(None).await.unwrap();
    assert!(html.contains("body \u{FFFD}"), "{html}");
    session.end().await;
}
