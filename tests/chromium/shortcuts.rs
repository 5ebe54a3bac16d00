//! The keys that Chromium takes for itself: pages get them first, nothing happens that nobody sees, and what a person means
//! by them is told or done.

use helmsight::host::driver::DriverState;
use helmsight::model::{Modifiers, PageControl, Shortcut};

use crate::support::{Session, ok, page, serve};

const NONE: Modifiers = Modifiers { alt: false, ctrl: false, meta: false, shift: false };
const CTRL: Modifiers = Modifiers { ctrl: true, ..NONE };
const SHIFT: Modifiers = Modifiers { shift: true, ..NONE };
const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..CTRL };
const ALT: Modifiers = Modifiers { alt: true, ..NONE };

/// The page notes the last key in its title, with its own size; what is in `taken` it keeps from the browser.
const NOTES: &str = "<script>
    document.title = 'notes';
    const taken = new Set(location.hash.slice(1).split(','));
    addEventListener('keydown', event => {
        document.title = `${event.key} ${innerWidth} ${devicePixelRatio} ${document.hasFocus()}`;
        if (taken.has(event.key)) event.preventDefault();
        event.stopImmediatePropagation();
    }, true);
</script>";

async fn left(session: &Session, shortcut: Shortcut) -> DriverState {
    let so = move |state: &DriverState| state.shortcut.is_some_and(|it| it.shortcut == shortcut);
    session.state("the key that the page left", so).await
}

#[tokio::test]
async fn no_key_reaches_what_chromium_draws_around_its_page() {
    let Some(session) = Session::start(Some(&page(NOTES))).await else {
        return;
    };
    session.title("notes").await;
    let tabs = session.driver.state().borrow().tabs.len();
    for (key, code, modifiers) in [
        ("l", "KeyL", CTRL),
        ("F11", "F11", NONE),
        ("F12", "F12", NONE),
        ("F6", "F6", NONE),
        ("F7", "F7", NONE),
        ("p", "KeyP", CTRL),
        ("j", "KeyJ", CTRL),
        ("h", "KeyH", CTRL),
        ("f", "KeyF", CTRL),
        ("u", "KeyU", CTRL),
        ("o", "KeyO", CTRL),
        ("s", "KeyS", CTRL),
        ("d", "KeyD", CTRL),
        ("e", "KeyE", CTRL),
        ("N", "KeyN", CTRL_SHIFT),
        ("I", "KeyI", CTRL_SHIFT),
        ("J", "KeyJ", CTRL_SHIFT),
        ("C", "KeyC", CTRL_SHIFT),
        ("T", "KeyT", CTRL_SHIFT),
        ("Q", "KeyQ", CTRL_SHIFT),
        ("Tab", "Tab", CTRL),
        ("1", "Digit1", CTRL),
        ("9", "Digit9", CTRL),
        ("F4", "F4", ALT),
        ("F4", "F4", CTRL),
        ("d", "KeyD", ALT),
        ("Home", "Home", ALT),
        ("w", "KeyW", CTRL),
        ("W", "KeyW", CTRL_SHIFT),
    ] {
        session.key(key, code, None, modifiers).await;
        session.title(&format!("{key} 1280 1 true")).await;
    }
    // What is asked last is answered after everything that a key may have brought up.
    session.act(PageControl::Zoom { percent: 100 }).await.unwrap();
    let state = session.driver.state().borrow().clone();
    assert_eq!((state.tabs.len(), state.width, state.height, state.zoom), (tabs, 1280, 720, 100));
    session.end().await;
}

#[tokio::test]
async fn what_the_page_leaves_is_told_or_done_and_what_it_takes_is_not() {
    let Some(session) = Session::with_page("").await else {
        return;
    };
    session.go(&format!("{}#f,t,+,r", page(NOTES))).await;
    session.title("notes").await;
    for (key, code) in [("f", "KeyF"), ("t", "KeyT"), ("+", "Equal"), ("r", "KeyR")] {
        session.key(key, code, None, CTRL).await;
        session.title(&format!("{key} 1280 1 true")).await;
    }
    // The first key that is told is the first that the page left, although it lets no other listener hear of any.
    session.key("p", "KeyP", None, CTRL).await;
    let state = left(&session, Shortcut::Print).await;
    assert_eq!((state.shortcut.unwrap().seq, state.tabs.len(), state.zoom), (1, 1, 100));

    session.go(&page(NOTES)).await;
    session.title("notes").await;
    for (key, code, modifiers, shortcut) in [
        ("f", "KeyF", CTRL, Shortcut::Find),
        ("F3", "F3", NONE, Shortcut::FindNext),
        ("F3", "F3", SHIFT, Shortcut::FindPrevious),
        ("l", "KeyL", CTRL, Shortcut::Address),
        ("d", "KeyD", ALT, Shortcut::Address),
        // A layout without Latin letters.
        ("\u{437}", "KeyP", CTRL, Shortcut::Print),
    ] {
        session.key(key, code, None, modifiers).await;
        left(&session, shortcut).await;
    }
    session.key("n", "KeyN", None, CTRL).await;
    let state = session.state("a new tab", |state| state.tabs.len() == 2).await;
    assert_eq!(state.url, "about:blank");
    session.end().await;
}

#[tokio::test]
async fn zoom_is_the_pages_and_the_picture_keeps_its_size() {
    let button = "<button style='position:fixed;left:100px;top:100px;width:50px;height:30px' onclick='document.title=`hit ${innerWidth} ${devicePixelRatio}`'>B</button>";
    let Some(session) = Session::with_page(button).await else {
        return;
    };
    for percent in [110, 125, 150, 175, 200] {
        session.key("+", "Equal", None, CTRL).await;
        session.state("the next size", |state| state.zoom == percent).await;
    }
    // A place in the picture counts in the picture's pixels, wherever it is in the page.
    let at = helmsight::model::PointerAt {
        x: 220.0,
        y: 220.0,
        width: 1280,
        height: 720,
        ..helmsight::model::PointerAt::default()
    };
    let (button, clicks) = (helmsight::model::MouseButton::Left, 1);
    session
        .act(helmsight::model::InputControl::PointerDown { at: at.clone(), button, clicks })
        .await
        .unwrap();
    session.act(helmsight::model::InputControl::PointerUp { at, button, clicks }).await.unwrap();
    session.title("hit 640 2").await;
    let shot = session.driver.screenshot(None, helmsight::host::driver::ShotFormat::Png);
    let shot = shot.await.unwrap();
    let side = |at: usize| u32::from_be_bytes(shot[at..at + 4].try_into().unwrap());
    assert_eq!((side(16), side(20)), (1280, 720));
    session.key("0", "Digit0", None, CTRL).await;
    let state = session.state("its own size", |state| state.zoom == 100).await;
    assert_eq!((state.width, state.height), (1280, 720));
    for percent in [0, 24, 501] {
        let refused = session.act(PageControl::Zoom { percent }).await;
        assert!(refused.is_err(), "{percent}");
    }
    session.end().await;
}

#[tokio::test]
async fn full_screen_changes_nobodys_page() {
    const FULL: &str = "<button style='position:absolute;left:0;top:0;width:100px;height:40px' onclick='document.body.requestFullscreen().then(() => document.title = `full ${innerWidth} ${innerHeight}`, error => document.title = `${error}`)'>Full</button><script>
        addEventListener('fullscreenchange', () => { if (!document.fullscreenElement) document.title = `own ${innerWidth} ${innerHeight}` });
        addEventListener('keydown', event => { if (event.key === 'x') document.exitFullscreen() });
    </script>";
    let Some(session) = Session::with_page(FULL).await else {
        return;
    };
    session.click(20.0, 20.0).await;
    session.title("full 1280 720").await;
    session.key("x", "KeyX", Some("x"), NONE).await;
    session.title("own 1280 720").await;
    session.end().await;
}

#[tokio::test]
async fn history_and_reload_work_by_their_keys() {
    let base = serve(|path| {
        let script = "<script>document.title = `${location.pathname} ${performance.navigation.type}`</script>";
        ok("text/html", "", if path == "/favicon.ico" { "" } else { script })
    })
    .await;
    let Some(session) = Session::start(Some(&format!("{base}/one"))).await else {
        return;
    };
    session.title("/one 0").await;
    session.go(&format!("{base}/two")).await;
    session.title("/two 0").await;
    session.key("F5", "F5", None, NONE).await;
    session.title("/two 1").await;
    session.state("a way back", |state| state.can_go_back).await;
    session.key("ArrowLeft", "ArrowLeft", None, ALT).await;
    session
        .state("the page before", |state| state.url.ends_with("/one") && state.can_go_forward)
        .await;
    session.key("ArrowRight", "ArrowRight", None, ALT).await;
    session.state("the page after", |state| state.url.ends_with("/two")).await;
    session.key("r", "KeyR", None, CTRL_SHIFT).await;
    session.title("/two 1").await;
    session.end().await;
}
