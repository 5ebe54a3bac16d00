//! The browser's clipboard: what pages copy is told, and what is pasted is a paste like any other.

use std::sync::Arc;

use helmsight::host::driver::Driver;
use helmsight::host::driver::chromium::launch;
use helmsight::model::{ClipboardContent, InputControl, Modifiers};

use crate::support::{Session, browser, ok, options, page, serve};

const CTRL: Modifiers = Modifiers { ctrl: true, alt: false, meta: false, shift: false };
/// One red pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const PAGE: &str = "<input id=a value='some words' style='position:absolute;left:0;top:0;width:200px;height:40px'>\
    <input id=b type=password value=secret style='position:absolute;left:0;top:50px;width:200px;height:40px'>\
    <div id=c style='position:absolute;left:0;top:100px'>Rich <b>words</b></div>\
    <button style='position:absolute;left:0;top:150px;width:200px;height:40px' \
    onclick='getSelection().selectAllChildren(c); document.execCommand(\"copy\")'>copy</button>\
    <script>addEventListener('paste', (event) => { const from = event.clipboardData; \
    document.title = [event.isTrusted, from.getData('text/plain'), /<b>/.test(from.getData('text/html')), \
    [...from.files].map((file) => file.type).join() || 'no file'].join('|'); });</script>";

fn text(text: &str) -> ClipboardContent {
    ClipboardContent { text: Some(text.to_owned()), ..ClipboardContent::default() }
}

async fn copied(driver: &Arc<dyn Driver>) -> ClipboardContent {
    driver.copied().await.unwrap().content
}

impl Session {
    /// Waits until so many copies were told since the clipboard is watched.
    async fn copies(&self, count: u64) {
        self.state("a copy", |state| state.copies == count).await;
    }

    async fn chord(&self, letter: &str, modifiers: Modifiers) {
        let code = format!("Key{}", letter.to_uppercase());
        self.key(letter, &code, None, modifiers).await;
    }
}

#[tokio::test]
async fn every_way_of_copying_is_told() {
    let Some(session) = Session::with_page(PAGE).await else {
        return;
    };
    session.driver.watch_clipboard().await.unwrap();
    session.click(10.0, 10.0).await;
    session.chord("a", CTRL).await;
    session.chord("c", CTRL).await;
    session.copies(1).await;
    assert_eq!(copied(&session.driver).await, text("some words"));
    // The same once more is news, too: what it replaces may be another program's.
    session.chord("c", CTRL).await;
    session.copies(2).await;
    // No browser copies a password.
    session.click(10.0, 60.0).await;
    session.chord("a", CTRL).await;
    session.chord("c", CTRL).await;
    session.click(10.0, 170.0).await;
    session.copies(3).await;
    let rich = copied(&session.driver).await;
    assert_eq!(rich.text.as_deref(), Some("Rich words"));
    assert!(rich.html.is_some_and(|html| html.contains("words</b>")));
    // The key of Macs copies on every host.
    session.click(10.0, 10.0).await;
    let command = Modifiers { meta: true, ..Modifiers::default() };
    session.chord("a", command).await;
    session.chord("x", command).await;
    session.copies(4).await;
    assert_eq!(copied(&session.driver).await, text("some words"));
    session.end().await;
}

#[tokio::test]
async fn a_paste_is_trusted_and_has_every_form() {
    let Some(session) = Session::with_page(PAGE).await else {
        return;
    };
    session.driver.watch_clipboard().await.unwrap();
    session.click(10.0, 10.0).await;
    session.act(InputControl::Paste(text("plain"))).await.unwrap();
    session.title("true|plain|false|no file").await;
    let content = ClipboardContent {
        text: Some("rich".to_owned()),
        html: Some("<b>rich</b>".to_owned()),
        image: Some(PNG.to_owned()),
    };
    session.act(InputControl::Paste(content)).await.unwrap();
    session.title("true|rich|true|image/png").await;
    let picture = ClipboardContent { image: Some(PNG.to_owned()), ..ClipboardContent::default() };
    session.act(InputControl::Paste(picture)).await.unwrap();
    session.title("true||false|image/png").await;
    // Our own change is no copy of the page's.
    assert_eq!(session.driver.state().borrow().copies, 0);
    let broken = ClipboardContent { image: Some("AAAA".to_owned()), ..ClipboardContent::default() };
    let refused = session.act(InputControl::Paste(broken)).await;
    assert!(refused.is_err_and(|err| err.to_string().contains("Nothing was pasted")));
    session.end().await;
}

#[tokio::test]
async fn the_clipboard_can_be_emptied_and_is_no_other_sessions() {
    let Some(session) = Session::with_page(PAGE).await else {
        return;
    };
    let other_page = Some(page(PAGE));
    let sink = Arc::new(|_| ());
    let other = options(browser().unwrap(), other_page.as_deref());
    let other = launch(other, sink, &session.tracker).await.unwrap();
    other.watch_clipboard().await.unwrap();
    session.click(10.0, 10.0).await;
    session.act(InputControl::Paste(text("mine"))).await.unwrap();
    session.title("true|mine|false|no file").await;
    assert_eq!(copied(&session.driver).await, text("mine"));
    assert_eq!(copied(&other).await, ClipboardContent::default());
    assert_eq!(other.state().borrow().copies, 0);
    session.driver.clear_clipboard().await.unwrap();
    assert_eq!(copied(&session.driver).await, ClipboardContent::default());
    other.close().await;
    session.end().await;
}

#[tokio::test]
async fn a_frame_of_another_site_is_pasted_into_and_its_selection_is_read() {
    let base = serve(|path| {
        let body = match path {
            "/frame" => "<textarea id=t style='position:absolute;left:0;top:0;width:200px;height:90px'></textarea>\
                <script>t.oninput = () => parent.postMessage(t.value, '*')</script>",
            _ => "<title>ready</title><body style='margin:0'><script>\
                onmessage = (told) => { document.title = 'frame ' + told.data; };\
                const frame = document.createElement('iframe');\
                frame.src = location.href.replace('127.0.0.1', 'localhost') + 'frame';\
                frame.style = 'border:0;width:300px;height:100px'; \
                frame.onload = () => { document.title = 'framed'; }; document.body.append(frame);</script>",
        };
        ok("text/html", "", body)
    })
    .await;
    let Some(session) = Session::start(Some(&format!("{base}/"))).await else {
        return;
    };
    session.title("framed").await;
    assert_eq!(session.driver.selection(None).await.unwrap(), "");
    session.click(20.0, 20.0).await;
    session.act(InputControl::Paste(text("across"))).await.unwrap();
    session.title("frame across").await;
    session.chord("a", CTRL).await;
    assert_eq!(session.driver.selection(None).await.unwrap(), "across");
    session.end().await;
}

#[tokio::test]
async fn what_is_selected_in_a_page_is_read_and_no_password() {
    let Some(session) = Session::with_page(PAGE).await else {
        return;
    };
    for (y, selected) in [(10.0, "some words"), (60.0, "")] {
        session.click(10.0, y).await;
        session.chord("a", CTRL).await;
        assert_eq!(session.driver.selection(None).await.unwrap(), selected);
    }
    session.click(10.0, 170.0).await;
    assert_eq!(session.driver.selection(None).await.unwrap(), "Rich words");
    session.end().await;
}
