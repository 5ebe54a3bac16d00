//! The network or the host goes away: the window says so at once, and goes on when there is something to go on with.

use std::time::Duration;

use serde_json::Value;

use crate::host::{Host, TOKEN};
use crate::proxy::Proxy;
use crate::site::Site;
use crate::stage::{SOON, Stage};
use crate::window::Window;

const NOT_LIVE: &[&str] = &["reconnecting", "connecting", "stalled", "ended"];

/// The user should not have to wonder for longer.
const NOTICED_WITHIN: Duration = Duration::from_secs(5);

/// In the middle of the first row of the session list.
const FIRST_SESSION: (i32, i32) = (24, 147);

async fn watch<'a>(stage: &'a Stage, session: &str) -> Window<'a> {
    let with_token = |command: &mut tokio::process::Command| {
        command.env("HELMSIGHT_TOKEN", TOKEN);
    };
    let window = Window::open_with(stage, &[session], with_token).await;
    window.page().await;
    window
}

#[tokio::test]
async fn a_broken_connection_is_seen_and_mends_itself() {
    let Some(stage) = Stage::set("network").await else {
        return;
    };
    let site = Site::serve().await;
    let host = Host::start(&stage, "127.0.0.1:0").await;
    let session = host.create(&site.url).await;
    let mut proxy = Proxy::start(host.address()).await;
    let url = format!("http://{}/computers/{session}", proxy.address);
    let window = watch(&stage, &url).await;
    window.state(&["live", "idle"], SOON).await;

    proxy.cut().await;
    window.state(NOT_LIVE, NOTICED_WITHIN).await;
    window.no_page().await;
    proxy.mend().await;
    window.state(&["live", "idle"], SOON).await;
    window.page().await;
    // It can be steered as before.
    window.take_control().await;
    window.write("back").await;
    stage
        .until("“back” in the text field", SOON, async || (site.text() == "back").then_some(()))
        .await;
}

#[tokio::test]
async fn a_killed_host_is_noticed_and_its_successor_can_be_used() {
    let Some(stage) = Stage::set("killed-host").await else {
        return;
    };
    let site = Site::serve().await;
    let host = Host::start(&stage, "127.0.0.1:0").await;
    let address = host.address();
    let session = host.create(&site.url).await;
    let window = watch(&stage, &host.session_url(&session)).await;
    window.state(&["live", "idle"], SOON).await;
    assert!(!host.browsers().is_empty(), "its browser runs");

    host.kill().await;
    window.state(NOT_LIVE, NOTICED_WITHIN).await;
    window.no_page().await;
    crate::ends::no_browser(&stage, "h").await;

    // Sessions end with their host, so the old one stays over.
    let host = Host::start(&stage, &address.to_string()).await;
    let successor = host.create(&site.url).await;
    window.state(&["ended"], SOON).await;
    // The new one is listed and opens with a click.
    let is_open = |figures: &Value| figures["session"] == *successor;
    stage
        .until("the new session in front", SOON, async || {
            window.mouse(FIRST_SESSION, &["click", "1"]).await;
            window.figures().last().filter(|last| is_open(last)).map(|_| ())
        })
        .await;
    window.page().await;
}
