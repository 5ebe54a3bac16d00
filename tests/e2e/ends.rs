//! However the window ends, no browser is left behind.

use std::time::Duration;

use rustix::process::Signal;

use crate::browsers::browsers_of;
use crate::host::Host;
use crate::site::Site;
use crate::stage::Stage;
use crate::window::Window;

const ENDS_WITHIN: Duration = Duration::from_secs(5);

/// Waits until no browser of this program runs.
pub(crate) async fn no_browser(stage: &Stage, program: &str) {
    let folder = stage.temporary(program);
    stage
        .until("no browser left", ENDS_WITHIN, async || {
            browsers_of(&folder).is_empty().then_some(())
        })
        .await;
}

async fn window_with_browser<'a>(stage: &'a Stage, site: &Site) -> Window<'a> {
    let window = Window::open(stage, &[&site.url]).await;
    window.page().await;
    assert!(!window.browsers().is_empty(), "a browser runs");
    window
}

/// The window ended in order: its browser is gone, so is the profile, and the settings are kept.
async fn ended_in_order(stage: &Stage, window: &mut Window<'_>) {
    assert_eq!(window.exit(ENDS_WITHIN).await.code(), Some(0));
    no_browser(stage, "w").await;
    let left: Vec<_> = stage.temporary("w").read_dir().unwrap().flatten().collect();
    assert!(left.is_empty(), "left behind: {left:?}");
    assert!(stage.path("w-home/settings/settings.toml").exists(), "the settings were saved");
}

#[tokio::test]
async fn a_window_that_is_told_to_end_ends_in_order() {
    for which in [Signal::TERM, Signal::HUP] {
        let Some(stage) = Stage::set("terminated").await else {
            return;
        };
        let site = Site::serve().await;
        let mut window = window_with_browser(&stage, &site).await;
        window.signal(which);
        ended_in_order(&stage, &mut window).await;
    }
}

#[tokio::test]
async fn a_window_whose_display_ends_ends_in_order() {
    let Some(stage) = Stage::set("display gone").await else {
        return;
    };
    let site = Site::serve().await;
    let mut window = window_with_browser(&stage, &site).await;
    stage.end_display(0);
    ended_in_order(&stage, &mut window).await;
}

/// A host that has just told its address, and a session with a browser in it.
#[tokio::test]
async fn a_host_that_is_told_to_end_right_after_its_first_line_ends_in_order() {
    let Some(stage) = Stage::set("host terminated").await else {
        return;
    };
    for which in [Signal::TERM, Signal::HUP, Signal::INT] {
        for _ in 0..3 {
            let host = Host::start(&stage, "127.0.0.1:0").await;
            assert_eq!(host.end(which).await.code(), Some(0), "{which:?}");
        }
        let site = Site::serve().await;
        let host = Host::start(&stage, "127.0.0.1:0").await;
        host.create(&site.url).await;
        assert!(!host.browsers().is_empty());
        assert_eq!(host.end(which).await.code(), Some(0), "{which:?}");
        no_browser(&stage, "h").await;
        let left: Vec<_> = stage.temporary("h").read_dir().unwrap().flatten().collect();
        assert!(left.is_empty(), "left behind after {which:?}: {left:?}");
    }
}

#[tokio::test]
async fn a_killed_window_leaves_no_browser() {
    let Some(stage) = Stage::set("killed").await else {
        return;
    };
    let site = Site::serve().await;
    let mut window = window_with_browser(&stage, &site).await;
    window.signal(Signal::KILL);
    assert_eq!(window.exit(ENDS_WITHIN).await.code(), None);
    no_browser(&stage, "w").await;
}
