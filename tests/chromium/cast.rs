//! Pictures.

use std::time::Duration;

use helmsight::host::driver::{CastFrame, CastGuard, CastOptions, ShotFormat};
use helmsight::model::PageControl;
use tokio::sync::mpsc;

use crate::support::{SOON, Session, ok, page, serve};

const RED: &str = "<style>body{background:#e00000}</style>";
const BLUE: &str = "<style>body{background:#0000e0}</style>";

async fn cast(session: &Session, max_width: Option<u32>) -> (CastGuard, mpsc::Receiver<CastFrame>) {
    let (sink, frames) = mpsc::channel(1000);
    let options = CastOptions { quality: 80, max_width };
    let guard = session
        .driver
        .cast(options, std::sync::Arc::new(move |frame| drop(sink.try_send(frame))))
        .await
        .unwrap();
    (guard, frames)
}

fn center(jpeg: &[u8]) -> ((u32, u32), [u8; 3]) {
    let picture =
        image::load_from_memory_with_format(jpeg, image::ImageFormat::Jpeg).unwrap().to_rgb8();
    let (width, height) = picture.dimensions();
    ((width, height), picture.get_pixel(width / 2, height / 2).0)
}

fn is_red(jpeg: &[u8]) -> bool {
    let (_, [r, g, b]) = center(jpeg);
    r > 180 && g < 60 && b < 60
}

fn is_blue(jpeg: &[u8]) -> bool {
    let (_, [r, g, b]) = center(jpeg);
    r < 60 && g < 60 && b > 180
}

async fn until(
    frames: &mut mpsc::Receiver<CastFrame>,
    what: &str,
    is_so: impl Fn(&CastFrame) -> bool,
) -> CastFrame {
    let found = tokio::time::timeout(SOON, async {
        loop {
            let frame = frames.recv().await.expect("pictures");
            if is_so(&frame) {
                return frame;
            }
        }
    });
    found.await.unwrap_or_else(|_| panic!("no picture {what}"))
}

#[tokio::test]
async fn a_still_page_is_shown_to_everybody_and_followed_through_tabs() {
    let Some(session) = Session::with_page(RED).await else {
        return;
    };
    let (first, mut frames) = cast(&session, None).await;
    // One from before the page had its size may come first.
    let is_whole = |frame: &CastFrame| is_red(&frame.data) && center(&frame.data).0 == (1280, 720);
    let frame = until(&mut frames, "of the page", is_whole).await;
    assert_eq!((frame.width, frame.height), (1280, 720));
    assert!(frame.timestamp > 1.6e9);

    // A newcomer, who wants it small, while nothing moves.
    let (second, mut small) = cast(&session, Some(320)).await;
    let frame = until(&mut small, "for the newcomer", |frame| is_red(&frame.data)).await;
    assert_eq!((center(&frame.data).0, frame.width), ((320, 180), 1280));

    let tab = session.driver.state().borrow().tabs[0].tab_id.clone();
    session.driver.new_tab(Some(page(BLUE))).await.unwrap();
    until(&mut frames, "of the new tab", |frame| is_blue(&frame.data)).await;
    until(&mut small, "of the new tab, small", |frame| is_blue(&frame.data)).await;
    session.act(PageControl::SelectTab { tab_id: tab.into() }).await.unwrap();
    until(&mut frames, "of the first tab", |frame| is_red(&frame.data)).await;

    // One stops, the other goes on.
    drop(second);
    tokio::time::timeout(SOON, async { while small.recv().await.is_some() {} })
        .await
        .expect("an end of pictures");
    session.go(&page(BLUE)).await;
    until(&mut frames, "after a navigation", |frame| is_blue(&frame.data)).await;
    drop(first);
    session.end().await;
}

#[tokio::test]
async fn an_empty_tab_has_a_picture_too() {
    let Some(session) = Session::start(Some("about:blank")).await else {
        return;
    };
    let (_guard, mut frames) = cast(&session, None).await;
    until(&mut frames, "of nothing", |frame| center(&frame.data).1 == [255, 255, 255]).await;
    session.end().await;
}

#[tokio::test]
async fn the_picture_takes_the_size_that_is_asked_for() {
    let Some(session) = Session::with_page("<script>onresize = () => document.title = innerWidth + 'x' + innerHeight + '@' + devicePixelRatio</script>").await else { return };
    let (_guard, mut frames) = cast(&session, None).await;
    session.driver.set_viewport(None, 800, 600, 2.0).await.unwrap();
    session.title("800x600@2").await;
    let frame = until(&mut frames, "of the new size", |frame| {
        (frame.width, frame.height) == (800, 600) && center(&frame.data).0 == (800, 600)
    })
    .await;
    drop(frame);
    let shot = session.driver.screenshot(None, ShotFormat::Jpeg { quality: 50 }).await.unwrap();
    assert_eq!(center(&shot).0, (1600, 1200));
    assert_eq!(
        (session.driver.state().borrow().width, session.driver.state().borrow().height),
        (800, 600)
    );
    assert!(session.driver.set_viewport(None, 0, 600, 1.0).await.is_err());
    session.end().await;
}

#[tokio::test]
async fn a_moving_page_keeps_coming() {
    let html = "<script>setInterval(() => { document.body.style.background = `rgb(${Date.now() / 10 % 256},0,0)`; }, 30);</script>";
    let Some(session) = Session::with_page(html).await else {
        return;
    };
    let (_guard, mut frames) = cast(&session, None).await;
    let mut last = 0.0;
    for _ in 0..60 {
        let frame = tokio::time::timeout(Duration::from_secs(10), frames.recv())
            .await
            .expect("a picture")
            .unwrap();
        assert!(frame.timestamp > last, "pictures in order");
        last = frame.timestamp;
    }
    session.end().await;
}

#[tokio::test]
async fn a_picture_can_be_taken_as_soon_as_a_tab_is_there() {
    let base = serve(|path| ok("text/html", "", &format!("<title>{path}</title>"))).await;
    let Some(session) = Session::start(None).await else {
        return;
    };
    for number in 0..4 {
        let shot = session.driver.screenshot(None, ShotFormat::Png).await;
        assert!(shot.is_ok(), "{number}: {:?}", shot.err());
        // Another site is another process.
        let tab = session.driver.new_tab(Some(format!("{base}/{number}")));
        tab.await.unwrap();
    }
    session.end().await;
}
