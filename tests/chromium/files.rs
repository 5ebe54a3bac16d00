//! Files that pages ask for.

use bytes::Bytes;
use helmsight::host::driver::{DriverError, DriverState, Upload};

use helmsight::model::FramePoint;

use crate::support::{Session, ok, serve};

const PAGE: &str = "<input type=file id=first multiple style='position:absolute;left:0;top:0;width:200px;height:40px'>\
    <input type=file id=second style='position:absolute;left:0;top:100px;width:200px;height:40px'>\
    <script>for (const input of document.querySelectorAll('input')) input.onchange = async () => {\
    const file = input.files[0]; document.title = [input.id, file.name, file.size, await file.text()].join(' '); }</script>";

fn file(name: &str, text: &'static str) -> Upload {
    Upload { name: name.to_owned(), data: Bytes::from_static(text.as_bytes()) }
}

#[tokio::test]
async fn a_chooser_is_told_and_answered_with_a_file() {
    let Some(session) = Session::with_page(PAGE).await else {
        return;
    };
    session.click(10.0, 110.0).await;
    let asked = session.event("file_chooser", |_| true).await;
    let tab = asked["tab_id"].as_str().unwrap().to_owned();
    assert_eq!(asked["multiple"], false);
    let wants = |wanted: bool| move |state: &DriverState| state.tabs[0].wants_file == wanted;
    session.state("a page that asks", wants(true)).await;
    let given = session.driver.upload(None, file("../notes.txt", "hello")).await;
    assert_eq!(given.unwrap(), tab);
    session.title("second notes.txt 5 hello").await;
    session.state("a page that has its file", wants(false)).await;
    session.click(10.0, 10.0).await;
    session.event("file_chooser", |fields| fields["multiple"] == true).await;
    session.driver.upload(Some(tab), file("a.txt", "")).await.unwrap();
    session.title("first a.txt 0").await;
    session.end().await;
}

#[tokio::test]
async fn without_a_chooser_the_first_input_takes_the_file() {
    let Some(session) = Session::with_page(PAGE).await else {
        return;
    };
    session.driver.upload(None, file("b.txt", "first")).await.unwrap();
    session.title("first b.txt 5 first").await;
    session.go(&crate::support::page("<p>nothing to give a file to")).await;
    session.state("the other page", |state| state.title == "ready").await;
    let refused = session.driver.upload(None, file("b.txt", "first")).await;
    assert!(
        matches!(&refused, Err(DriverError::BadRequest(why)) if why.contains("no input for files")),
        "{refused:?}"
    );
    session.end().await;
}

const DROPS: &str = "<div id=zone style='position:absolute;left:0;top:0;width:200px;height:100px'></div>\
    <input type=file multiple id=field style='position:absolute;left:0;top:150px;width:200px;height:40px'>\
    <script>const told = (what, files) => { document.title = [what, ...[...files].map((file) => file.name + ' ' + file.size)].join('|'); };\
    zone.ondragover = (event) => event.preventDefault();\
    zone.ondrop = (event) => told('zone ' + event.isTrusted, event.dataTransfer.files);\
    field.onchange = () => told('field', field.files);</script>";

fn place(x: f32, y: f32) -> FramePoint {
    FramePoint { x, y, width: 0, height: 0 }
}

#[tokio::test]
async fn files_are_dropped_where_the_page_takes_them_and_nowhere_else() {
    let Some(session) = Session::with_page(DROPS).await else {
        return;
    };
    let two = || vec![file("a.txt", "one"), file("b.txt", "two2")];
    let dropped = |x, y| session.driver.drop_files(None, two(), place(x, y));
    dropped(50.0, 50.0).await.unwrap();
    session.title("zone true|a.txt 3|b.txt 4").await;
    dropped(50.0, 170.0).await.unwrap();
    session.title("field|a.txt 3|b.txt 4").await;
    let refused = dropped(600.0, 400.0).await;
    assert!(
        matches!(&refused, Err(DriverError::BadRequest(why)) if why.contains("Nothing takes files")),
        "{refused:?}"
    );
    // The browser has not opened them in its own way either.
    session.driver.drop_files(None, vec![file("c.txt", "")], place(50.0, 50.0)).await.unwrap();
    session.title("zone true|c.txt 0").await;
    assert_eq!(session.driver.state().borrow().tabs.len(), 1);
    // A chooser that waits takes them wherever they are dropped.
    session.click(10.0, 170.0).await;
    session.event("file_chooser", |_| true).await;
    session.driver.drop_files(None, vec![file("d.txt", "d")], place(600.0, 400.0)).await.unwrap();
    session.title("field|d.txt 1").await;
    session.end().await;
}

#[tokio::test]
async fn files_are_dropped_in_a_frame_of_another_site() {
    let base = serve(|path| {
        let body = match path {
            "/frame" => "<body style='margin:0;height:100px' ondragover='event.preventDefault()' \
                ondrop='parent.postMessage(event.dataTransfer.files[0].name, \"*\")'>here",
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
    session.driver.drop_files(None, vec![file("x.txt", "x")], place(50.0, 50.0)).await.unwrap();
    session.title("frame x.txt").await;
    session.end().await;
}
