//! However the window ends, no browser is left behind.

use std::time::Duration;

use rustix::process::Signal;

use crate::browsers::browsers_of;
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

#[tokio::test]
async fn a_window_that_is_told_to_end_ends_in_order() {
    let Some(stage) = Stage::set("terminated").await else {
        return;
    };
    let site = Site::serve().await;
    let mut window = window_with_browser(&stage, &site).await;
    window.signal(Signal::TERM);
    assert_eq!(window.exit(ENDS_WITHIN).await.code(), Some(0));
    no_browser(&stage, "w").await;
    let left: Vec<_> = stage.temporary("w").read_dir().unwrap().flatten().collect();
    assert!(left.is_empty(), "left behind: {left:?}");
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
