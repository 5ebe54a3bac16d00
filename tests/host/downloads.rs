//! The files that a session downloaded: listed, fetched in whole and in part, removed.

use std::io::Write as _;

use helmsight::host::driver::DownloadedFile;
use reqwest::{Method, Response};
use serde_json::json;

use crate::stage::Stage;

/// Makes a session that has downloaded ten digits.
async fn with_file(stage: &Stage) -> (String, tempfile::NamedTempFile) {
    let session = stage.session().await;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"0123456789").unwrap();
    let kept = DownloadedFile { name: "grün.html".to_owned(), path: file.path().to_owned() };
    stage.drivers.last().downloads.lock().unwrap().push(("d 1".to_owned(), kept));
    (session, file)
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn downloads_are_listed_without_passwords_and_removed() {
    let stage = Stage::new().await;
    let (session, _file) = with_file(&stage).await;
    let (status, list) = stage.get(&format!("{session}/downloads")).await;
    assert_eq!(status, 200);
    assert_eq!(list["downloads"][0]["id"], "d 1");
    assert_eq!(list["downloads"][0]["url"], "https://ada:***@a.test/f");
    let remove = || stage.request(Method::DELETE, &format!("{session}/downloads/d%201")).send();
    assert_eq!(remove().await.unwrap().status(), 204);
    assert_eq!(remove().await.unwrap().status(), 404);
    let (_, list) = stage.get(&format!("{session}/downloads")).await;
    assert_eq!(list, json!({"downloads": []}));
}

#[tokio::test]
async fn a_downloaded_file_is_fetched_as_a_file_in_whole_and_in_part() {
    let stage = Stage::new().await;
    let (session, file) = with_file(&stage).await;
    let path = format!("{session}/downloads/d%201");
    let whole = stage.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(whole.status(), 200);
    assert_eq!(header(&whole, "content-type"), "application/octet-stream");
    assert_eq!(
        header(&whole, "content-disposition"),
        "attachment; filename=\"gr_n.html\"; filename*=UTF-8''gr%C3%BCn.html"
    );
    assert_eq!(header(&whole, "x-content-type-options"), "nosniff");
    assert_eq!(
        (header(&whole, "accept-ranges"), header(&whole, "content-length")),
        ("bytes", "10")
    );
    let tag = header(&whole, "etag").to_owned();
    assert_eq!(&whole.bytes().await.unwrap()[..], b"0123456789");
    for (range, if_range, status, content_range, body) in [
        ("bytes=3-5", None, 206, "bytes 3-5/10", "345"),
        ("bytes=7-", Some(tag.as_str()), 206, "bytes 7-9/10", "789"),
        ("bytes=-2", None, 206, "bytes 8-9/10", "89"),
        ("bytes=7-", Some("\"another\""), 200, "", "0123456789"),
        ("bytes=0-1,3-4", None, 200, "", "0123456789"),
    ] {
        let mut asked = stage.request(Method::GET, &path).header("range", range);
        if let Some(tag) = if_range {
            asked = asked.header("if-range", tag);
        }
        let part = asked.send().await.unwrap();
        assert_eq!(
            (part.status().as_u16(), header(&part, "content-range")),
            (status, content_range)
        );
        assert_eq!(part.text().await.unwrap(), body, "{range}");
    }
    let beyond = stage.request(Method::GET, &path).header("range", "bytes=10-").send().await;
    let beyond = beyond.unwrap();
    assert_eq!((beyond.status().as_u16(), header(&beyond, "content-range")), (416, "bytes */10"));
    let head = stage.request(Method::HEAD, &path).send().await.unwrap();
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, "10"));
    let of = |id: &str| stage.request(Method::GET, &format!("{session}/downloads/{id}")).send();
    assert_eq!(of("coming").await.unwrap().status(), 409);
    for stranger in ["absent", "..%2F..%2Fetc%2Fpasswd"] {
        assert_eq!(of(stranger).await.unwrap().status(), 404, "{stranger}");
    }
    drop(file);
    assert_eq!(of("d%201").await.unwrap().status(), 404, "its file is gone");
}

#[tokio::test]
async fn whoever_only_watches_gets_no_files_and_they_go_with_the_session() {
    let stage = Stage::new().await;
    let (session, _file) = with_file(&stage).await;
    let (_, grant) = stage.post(&format!("{session}/grants"), json!({"rights": ["watch"]})).await;
    let token = grant["token"].as_str().unwrap();
    for (method, rest) in [
        (Method::GET, "downloads"),
        (Method::GET, "downloads/d%201"),
        (Method::DELETE, "downloads/d%201"),
    ] {
        let url = format!("http://{}/{session}/{rest}", stage.addr());
        let asked = stage.http.request(method, url).bearer_auth(token).send().await;
        assert_eq!(asked.unwrap().status(), 403, "{rest}");
    }
    stage.request(Method::DELETE, &session).send().await.unwrap();
    let gone = stage.request(Method::GET, &format!("{session}/downloads/d%201")).send().await;
    assert_eq!(gone.unwrap().status(), 410);
}
