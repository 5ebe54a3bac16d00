//! Without a browser there is still something to see.

use crate::stage::{SOON, Stage};
use crate::window::Window;

#[tokio::test]
async fn the_sample_moves_without_a_browser() {
    let Some(stage) = Stage::set("sample").await else {
        return;
    };
    let arguments = ["--sample", "--browser", "/nonexistent/chromium"];
    let window = Window::open(&stage, &arguments).await;
    let shown = |figures: &serde_json::Value| figures["frames_shown"].as_u64().unwrap();
    let first = window.figure("the first pictures", SOON, |figures| shown(figures) > 0).await;
    let grown = |figures: &serde_json::Value| shown(figures) >= shown(&first) + 3;
    window.figure("more pictures", SOON, grown).await;
    window.state(&["live"], SOON).await;
    assert_eq!(window.browsers(), Vec::<String>::new());
}
