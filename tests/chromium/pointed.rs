//! What is under the pointer is told: the pointer's shape, tooltips, and what a context menu is about.

use helmsight::model::{ContextMenu, InputControl, Modifiers, MouseButton, PointerAt};

use crate::support::{Session, ok, serve};

const PAGE: &str = "<style>div, a, img, textarea, svg { position: absolute; left: 0; width: 200px; height: 40px; margin: 0; border: 0; padding: 0 }</style>
    <a href='/next' title='Where it\nleads' style='top:0'><img src='data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==' style='top:0'></a>
    <div style='top:50px;font:30px sans-serif' id=text>Some words</div>
    <div style='top:100px;cursor:wait'></div>
    <svg style='top:150px'><title>A drawing</title><rect width=200 height=40 /></svg>
    <textarea style='top:200px'>typed</textarea>
    <div style='top:250px;cursor:url(x.png), not-allowed' id=own></div>
    <script>own.addEventListener('contextmenu', event => { event.preventDefault(); document.title = 'own menu' })</script>";

async fn hover(session: &Session, x: f32, y: f32) {
    let at = PointerAt { x, y, ..PointerAt::default() };
    session.act(InputControl::PointerMove(at)).await.unwrap();
}

async fn pointer(session: &Session, cursor: &str, tooltip: &str) {
    let what = format!("{cursor:?} with {tooltip:?}");
    let is_so = |pointer: &helmsight::model::PagePointer| {
        pointer.cursor.as_str() == cursor && pointer.tooltip.as_str() == tooltip
    };
    session.state(&what, |state| state.pointer.as_ref().is_some_and(is_so)).await;
}

async fn menu(session: &Session, seq: u64) -> ContextMenu {
    let is_it = |menu: &ContextMenu| menu.seq == seq;
    let state = session
        .state("the context menu", |state| state.context_menu.as_ref().is_some_and(is_it))
        .await;
    state.context_menu.unwrap()
}

#[tokio::test]
async fn the_pointers_shape_and_tooltips_are_told() {
    let Some(session) = Session::with_page(PAGE).await else {
        return;
    };
    for (y, cursor, tooltip) in [
        (20.0, "pointer", "Where it\nleads"),
        (70.0, "text", ""),
        (120.0, "wait", ""),
        (170.0, "default", "A drawing"),
        (220.0, "text", ""),
        (270.0, "not-allowed", ""),
        (500.0, "default", ""),
    ] {
        hover(&session, 20.0, y).await;
        pointer(&session, cursor, tooltip).await;
    }
    session.end().await;
}

#[tokio::test]
async fn a_menu_is_told_with_what_it_is_about_unless_the_page_has_its_own() {
    let base = serve(|_| {
        ok("text/html", "", &format!("<title>ready</title><body style='margin:0'>{PAGE}"))
    })
    .await;
    let Some(session) = Session::start(Some(&base)).await else {
        return;
    };
    session.state("a loaded page", |state| state.title == "ready" && !state.loading).await;
    let right = MouseButton::Right;
    session.press(30.0, 270.0, right, 1).await;
    session.title("own menu").await;
    session.press(30.0, 20.0, right, 1).await;
    let told = menu(&session, 1).await;
    assert_eq!(told.link.as_str(), format!("{base}/next"));
    assert!(told.image.starts_with("data:image/gif;base64,"), "{told:?}");
    assert_eq!(
        (told.rect.x, told.rect.y, told.rect.width, told.page.width),
        (30.0, 20.0, 0.0, 1280)
    );
    assert!(!told.editable && told.selection.is_empty());

    // A double click selects a word, and the menu does not take it away.
    session.click(30.0, 70.0).await;
    session.press(30.0, 70.0, MouseButton::Left, 2).await;
    session.press(30.0, 70.0, right, 1).await;
    assert_eq!(menu(&session, 2).await.selection.trim(), "Some");

    // By key it belongs to what has the focus. Nothing that Chromium opened unseen takes keys or clicks.
    session.click(100.0, 220.0).await;
    session.key("a", "KeyA", None, Modifiers { ctrl: true, ..Modifiers::default() }).await;
    for (seq, key, code, shift) in
        [(3, "ContextMenu", "ContextMenu", false), (4, "F10", "F10", true)]
    {
        session.key(key, code, None, Modifiers { shift, ..Modifiers::default() }).await;
        let told = menu(&session, seq).await;
        assert_eq!(
            (told.selection.as_str(), told.editable, told.link.as_str()),
            ("typed", true, "")
        );
        assert_eq!((told.rect.x, told.rect.y, told.rect.height), (0.0, 200.0, 40.0));
    }
    session.key("x", "KeyX", Some("x"), Modifiers::default()).await;
    session.key("a", "KeyA", None, Modifiers { ctrl: true, ..Modifiers::default() }).await;
    session.press(100.0, 220.0, right, 1).await;
    assert_eq!(menu(&session, 5).await.selection.as_str(), "x");
    session.end().await;
}

#[tokio::test]
async fn frames_of_other_sites_tell_too_and_passwords_are_kept() {
    fn site(whole: &str) -> String {
        let body = match whole.split_once('?') {
            Some((_, port)) => format!(
                "<html style='cursor:help'><body style='margin:0'><iframe src='http://localhost:{port}/inner' style='position:absolute;left:100px;top:50px;width:300px;height:200px;border:0'></iframe>"
            ),
            None => "<body style='margin:0'><a href='https://a.test/' style='position:absolute;left:10px;top:10px;width:100px;height:30px'>Link</a><input type=password value=secret style='position:absolute;left:10px;top:60px;width:100px;height:20px;cursor:cell'>".to_owned(),
        };
        ok("text/html", "", &body)
    }
    let base = serve(site).await;
    let port = base.rsplit(':').next().unwrap();
    let Some(session) = Session::start(Some(&format!("{base}/main?{port}"))).await else {
        return;
    };
    session.state("a loaded page", |state| state.url.contains("/main") && !state.loading).await;
    for _ in 0..2 {
        hover(&session, 20.0, 20.0).await;
        pointer(&session, "help", "").await;
        hover(&session, 120.0, 120.0).await;
        pointer(&session, "cell", "").await;
    }
    session.press(130.0, 70.0, MouseButton::Right, 1).await;
    let told = menu(&session, 1).await;
    assert_eq!((told.link.as_str(), told.rect.x, told.rect.y), ("https://a.test/", 130.0, 70.0));
    session.click(120.0, 120.0).await;
    session.key("a", "KeyA", None, Modifiers { ctrl: true, ..Modifiers::default() }).await;
    session.key("ContextMenu", "ContextMenu", None, Modifiers::default()).await;
    let told = menu(&session, 2).await;
    assert_eq!((told.selection.as_str(), told.editable), ("", true));
    assert_eq!((told.rect.x, told.rect.y), (110.0, 110.0));
    session.end().await;
}
