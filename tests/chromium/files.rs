//! Files that pages ask for.

use bytes::Bytes;
use helmsight::host::driver::{DriverError, DriverState, Upload};

use crate::support::Session;

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
