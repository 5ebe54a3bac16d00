//! A page is watched and steered: what is typed and dragged in the window is what happens to the page.

use serde_json::Value;

use crate::picture::Placing;
use crate::site::{BOX, MAGENTA, Site};
use crate::stage::{SOON, Stage};
use crate::window::Window;

async fn text(stage: &Stage, site: &Site, wanted: &str) {
    let what = format!("“{wanted}” in the text field");
    stage.until(&what, SOON, async || (site.text() == wanted).then_some(())).await;
}

/// Waits until the page sees this key go down.
async fn down(stage: &Stage, site: &Site, code: &str) {
    let is_down = || site.told("keydown").last().is_some_and(|key| key["code"] == code);
    stage.until(&format!("{code} down"), SOON, async || is_down().then_some(())).await;
}

/// Every key that went down came up.
async fn no_key_is_stuck(stage: &Stage, site: &Site) {
    let codes = |kind| -> Vec<String> {
        let mut codes: Vec<_> = site.told(kind).iter().map(|key| key["code"].to_string()).collect();
        codes.sort();
        codes
    };
    stage
        .until("all keys up", SOON, async || (codes("keydown") == codes("keyup")).then_some(()))
        .await;
}

#[tokio::test]
async fn what_is_typed_reaches_the_page_and_nothing_after_leaving() {
    let Some(stage) = Stage::set("typing").await else {
        return;
    };
    let site = Site::serve().await;
    let window = Window::open(&stage, &[&site.url]).await;
    window.page().await;
    assert!(!window.browsers().is_empty(), "it is a real browser");

    // Nobody took control yet: not for the page.
    window.write("zyx").await;
    window.take_control().await;
    window.write("Hello é, à ç!").await;
    text(&stage, &site, "Hello é, à ç!").await;
    no_key_is_stuck(&stage, &site).await;

    // A key that is still down when control ends comes up for the page.
    window.xdotool(&["keydown", "y"]).await;
    down(&stage, &site, "KeyY").await;
    window.key("ctrl+alt+g").await;
    window.control(false).await;
    no_key_is_stuck(&stage, &site).await;
    let typed = site.text();
    window.xdotool(&["keyup", "y"]).await;

    window.write("zyx").await;
    // Keys arrive in order: had the page got the last ones, they would stand before these.
    window.take_control().await;
    window.write(" end").await;
    text(&stage, &site, &format!("{typed} end")).await;

    // And so does one that is still down when another window gets the keyboard.
    window.xdotool(&["keydown", "Shift_L"]).await;
    down(&stage, &site, "ShiftLeft").await;
    window.lose_keyboard().await;
    no_key_is_stuck(&stage, &site).await;
    window.xdotool(&["keyup", "Shift_L"]).await;
}

#[tokio::test]
async fn a_drag_happens_where_it_was_made() {
    let Some(stage) = Stage::set("dragging").await else {
        return;
    };
    let site = Site::serve().await;
    let window = Window::open(&stage, &[&site.url]).await;
    let placing = window.page().await;
    let size = site.told("size").pop().unwrap();
    assert_eq!((&size["width"], &size["height"]), (&1280.into(), &720.into()));
    window.take_control().await;

    let from = placing.to_window((BOX.0 - 31.0, BOX.1 + 17.0));
    let to = placing.to_window((BOX.0 + 288.0, BOX.1 + 117.0));
    window.mouse(from, &["mousedown", "1"]).await;
    let down = mouse(&stage, &site, "mousedown").await;
    assert_at(&down, from, placing);
    assert_eq!(down["on"], "box");
    for step in 1..=4 {
        let part = |from: i32, to: i32| from + (to - from) * step / 4;
        window.mouse((part(from.0, to.0), part(from.1, to.1)), &[]).await;
    }
    window.xdotool(&["mouseup", "1"]).await;
    let up = mouse(&stage, &site, "mouseup").await;
    assert_at(&up, to, placing);
    assert_eq!(up["buttons"], 0);
    let held = |moved: &Value| moved["buttons"] == 1;
    assert!(site.told("mousemove").iter().any(held), "moves while it is held");

    let dropped = mouse(&stage, &site, "dropped").await;
    let number = |report: &Value, axis: &str| report[axis].as_f64().unwrap();
    for (axis, start) in [("x", BOX.0), ("y", BOX.1)] {
        let moved = number(&up, axis) - number(&down, axis);
        assert_eq!(number(&dropped, axis), start + moved, "{axis}");
    }
}

#[tokio::test]
async fn a_page_fills_the_space_where_it_is_shown() {
    let Some(stage) = Stage::set("filling").await else {
        return;
    };
    stage.settings("w", "version = 1\n");
    let site = Site::serve().await;
    let window = Window::open(&stage, &[&site.url]).await;
    // The marker has its own size, and lies in a page that begins beside the list and below the tabs.
    const SIDE: usize = 120;
    let is_sharp = async || {
        let marker = window.picture()?.patch(&MAGENTA)?;
        let is_whole = marker.pixels.abs_diff(SIDE * SIDE) <= 4 * SIDE;
        (is_whole && marker.center.0 < 170.0 && marker.center.1 < 190.0).then_some(())
    };
    stage.until("a page at its own size", SOON, is_sharp).await;
}

/// The one report of this type.
async fn mouse(stage: &Stage, site: &Site, kind: &str) -> Value {
    let mut told = stage
        .until(kind, SOON, async || Some(site.told(kind)).filter(|told| !told.is_empty()))
        .await;
    assert_eq!(told.len(), 1, "{told:?}");
    told.remove(0)
}

/// The page tells whole pixels.
fn assert_at(report: &Value, window: (i32, i32), placing: Placing) {
    let (x, y) = placing.to_page(window);
    for (axis, wanted) in [("x", x), ("y", y)] {
        let is = report[axis].as_f64().unwrap();
        assert!(
            (is - wanted).abs() <= 1.0,
            "{axis}: the page saw {is}, and the pointer was at {wanted:.2} ({placing:?})"
        );
    }
}
