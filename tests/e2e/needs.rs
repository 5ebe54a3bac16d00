//! What needs somebody is seen in the real window: pages that ask, want a file, hang and crash, each of a session that is
//! not in front.

use std::time::Duration;

use crate::browsers::kill_pages;
use crate::host::{Host, TOKEN};
use crate::stage::{SOON, Stage};
use crate::window::Window;

const CALM: &str = "data:text/html,<title>calm</title>";

/// Waits until the window has this title.
async fn title(stage: &Stage, window: &Window<'_>, wanted: &str) {
    let what = format!("the title “{wanted}”");
    let look = async || (window.title().await == wanted).then_some(());
    stage.until(&what, Duration::from_secs(30), look).await;
}

#[tokio::test]
async fn what_waits_hangs_or_crashed_calls_and_is_gone_to_by_a_key() {
    let Some(stage) = Stage::set("needs").await else {
        return;
    };
    let host = Host::start(&stage, "127.0.0.1:0").await;
    let (busy, calm) = (host.create(CALM).await, host.create(CALM).await);
    let urls = [host.session_url(&busy), host.session_url(&calm)];
    let window = Window::open_with(&stage, &[&urls[0], &urls[1]], |command| {
        command.env("HELMSIGHT_TOKEN", TOKEN);
    })
    .await;
    title(&stage, &window, "calm – Helmsight").await;

    let asks = "data:text/html,<title>asks</title><script>setTimeout(() => confirm('Leave?'), 300)</script>";
    host.navigate(&busy, asks).await;
    title(&stage, &window, "(1) calm – Helmsight").await;
    window.key("a").await;
    title(&stage, &window, "(1) asks – Helmsight").await;
    // A person who answers would have control for a while, and the program that goes on here would not.
    host.act(&busy, "dialog", serde_json::json!({ "accept": false })).await;
    title(&stage, &window, "asks – Helmsight").await;

    let file = "data:text/html,<title>file</title><input type=file style='position:fixed;inset:0;width:100%25;height:100%25'>";
    host.navigate(&busy, file).await;
    let click = serde_json::json!({ "x": 200, "y": 200 });
    host.act(&busy, "click", click).await;
    title(&stage, &window, "(1) file – Helmsight").await;

    let hangs = "data:text/html,<title>hangs</title><script>setTimeout(() => { const end = Date.now() + 14000; while (Date.now() < end); }, 300)</script>";
    host.navigate(&busy, hangs).await;
    title(&stage, &window, "(1) hangs – Helmsight").await;
    title(&stage, &window, "hangs – Helmsight").await;

    kill_pages(&stage.temporary("h"));
    stage
        .until("a count of what crashed", SOON, async || {
            window.title().await.starts_with("(2) ").then_some(())
        })
        .await;
}
