//! What clients repeat by themselves is done once.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::join_all;
use helmsight::host::driver::DriverError;
use http::Method;
use serde_json::{Value, json};

use crate::stage::{Stage, until};

const CLICK: [&str; 3] = ["pointer_move 1,2.0", "pointer_down 1,2.0", "pointer_up 1,2.0"];

/// Sends a request as the services' own clients do: again on 408, 409, 429 and 5xx, unless they are told not to.
async fn insist(stage: &Stage, method: Method, path: &str, body: &Value) -> (u16, Value, usize) {
    for attempt in 0.. {
        let request = stage
            .request(method.clone(), path)
            .header("x-stainless-retry-count", attempt.to_string())
            .body(body.to_string());
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let final_word = response.headers().get("x-should-retry").is_some_and(|v| v == "false");
        let text = response.text().await.unwrap();
        let again = matches!(status, 408 | 409 | 429 | 500..) && !final_word;
        if !again || attempt == 2 {
            let answer = if text.is_empty() { Value::Null } else { text.parse().unwrap() };
            return (status, answer, attempt + 1);
        }
    }
    unreachable!("the third attempt is the last")
}

#[tokio::test]
async fn no_answer_to_an_act_makes_a_client_do_it_again() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let driver = stage.drivers.last();
    let at = json!({"x": 1, "y": 2});
    let calls = [
        (Method::POST, "click", at.clone()),
        (Method::POST, "drag", json!({"x1": 1, "y1": 2, "x2": 3, "y2": 4})),
        (Method::POST, "scroll", json!({"dy": 5})),
        (Method::POST, "type", json!({"text": "a\n"})),
        (Method::POST, "hotkey", json!({"keys": ["ctrl", "a"]})),
        (Method::POST, "key-down", json!({"key": "a"})),
        (Method::POST, "key-up", json!({"key": "a"})),
        (Method::POST, "navigate", json!({"url": "https://b.test/"})),
        (Method::POST, "dialog", json!({"accept": true})),
        (Method::POST, "execute", json!({"action": {"type": "reload"}})),
        (Method::POST, "tabs/T2/switch", json!({})),
        (Method::DELETE, "tabs/T2", json!({})),
        (Method::POST, "files", json!({"name": "a", "data": BASE64_STANDARD.encode("a")})),
    ];
    for failure in [
        DriverError::Busy("the page is busy".to_owned()),
        DriverError::Failed("the browser refused".to_owned()),
        DriverError::Dialog("the page shows a dialog".to_owned()),
    ] {
        *driver.failure.lock().unwrap() = Some(failure.clone());
        for (method, call, body) in &calls {
            let path = format!("{session}/{call}");
            driver.calls();
            let (_, answer, attempts) = insist(&stage, method.clone(), &path, body).await;
            assert_eq!((attempts, &answer["status"]), (1, &json!("error")), "{call}: {answer}");
            let said = answer["error_message"].as_str().unwrap();
            assert!(said.contains(&failure.to_string()), "{call}: {said}");
        }
        let batch =
            json!({"actions": [{"type": "wait", "ms": 1}, {"type": "click", "x": 1, "y": 2}]});
        let (status, answer, _) =
            insist(&stage, Method::POST, &format!("{session}/batch"), &batch).await;
        assert_eq!((status, &answer["status"]), (200, &json!("error")));
    }
    let failing = json!({"start_url": "fail:"});
    let (status, _, attempts) = insist(&stage, Method::POST, "computers", &failing).await;
    assert_eq!((status, attempts), (502, 1));
}

#[tokio::test]
async fn what_may_have_been_done_has_a_good_status() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let driver = stage.drivers.last();
    let click = format!("{session}/click");
    for (failure, status) in [
        (DriverError::Busy("busy".to_owned()), 200),
        (DriverError::Failed("failed".to_owned()), 200),
        (DriverError::Dialog("a dialog".to_owned()), 409),
        (DriverError::BadRequest("bad".to_owned()), 400),
    ] {
        *driver.failure.lock().unwrap() = Some(failure);
        assert_eq!(stage.post(&click, json!({"x": 1, "y": 2})).await.0, status);
    }
}

#[tokio::test]
async fn an_act_is_done_once_for_each_key_wherever_the_key_stands() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let driver = stage.drivers.last();
    let keyed = |key: &'static str, body: Value, call: &str| {
        let request = stage.request(Method::POST, &format!("{session}/{call}"));
        let request = if key.is_empty() { request } else { request.header("Idempotency-Key", key) };
        async move { request.body(body.to_string()).send().await.unwrap() }
    };
    for (header, body) in [
        ("k-1", json!({"x": 1, "y": 2})),
        ("", json!({"x": 1, "y": 2, "idempotency_key": "k-2"})),
        ("", json!({"x": 1, "y": 2, "request_id": "k-3"})),
    ] {
        driver.gate.send_replace(false);
        // Concurrent ones wait for the first one's answer.
        let asked = (0..3).map(|_| keyed(header, body.clone(), "click"));
        let open = async {
            until("a click", || driver.asked() == CLICK.len()).await;
            driver.gate.send_replace(true);
        };
        let (answers, ()) = tokio::join!(join_all(asked), open);
        let answers = join_all(answers.into_iter().map(|answer| answer.text())).await;
        let answers: Vec<String> = answers.into_iter().map(Result::unwrap).collect();
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        let later = keyed(header, body.clone(), "click").await;
        assert_eq!(later.headers()["idempotent-replayed"], "true");
        assert_eq!(later.text().await.unwrap(), answers[0]);
        assert_eq!(driver.calls(), CLICK, "{body}");
        // A key stands for one request.
        let mut other = body.clone();
        other["x"] = json!(7);
        assert_eq!(keyed(header, other, "click").await.status(), 422);
        assert!(driver.calls().is_empty());
    }
    // The action's own id holds in whatever call it comes.
    let action = json!({"type": "type", "text": "a", "request_id": "k-4"});
    keyed("", json!({"action": action}), "execute").await;
    let batch = json!({"actions": [action, {"type": "type", "text": "b"}]});
    let answer: Value = keyed("", batch, "batch").await.text().await.unwrap().parse().unwrap();
    assert_eq!((&answer["status"], &answer["executed"]), (&json!("success"), &json!(2)));
    assert_eq!(driver.calls(), ["text a", "text b"]);
    // A session of its own has keys of its own.
    let other = stage.session().await;
    let body = json!({"x": 1, "y": 2, "request_id": "k-3"});
    stage.post(&format!("{other}/click"), body).await;
    assert_eq!(stage.drivers.last().calls(), CLICK);
}

#[tokio::test]
async fn what_was_not_done_may_be_asked_again_under_its_key() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let driver = stage.drivers.last();
    let click = json!({"x": 1, "y": 2, "request_id": "k"});
    *driver.failure.lock().unwrap() = Some(DriverError::Dialog("a dialog".to_owned()));
    assert_eq!(stage.post(&format!("{session}/click"), click.clone()).await.0, 409);
    *driver.failure.lock().unwrap() = Some(DriverError::Busy("busy".to_owned()));
    for _ in 0..2 {
        driver.calls();
        let (status, answer) = stage.post(&format!("{session}/click"), click.clone()).await;
        assert_eq!((status, &answer["error_message"]), (200, &json!("busy")));
    }
    assert!(driver.calls().is_empty(), "it may have been done the first time");
}

#[tokio::test]
async fn tabs_and_sessions_are_made_once_for_each_key() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let driver = stage.drivers.last();
    let made = |path: String, body: Value| {
        let request = stage.request(Method::POST, &path).header("idempotency-key", "one");
        async move { request.body(body.to_string()).send().await.unwrap().text().await.unwrap() }
    };
    let tabs = || made(format!("{session}/tabs"), json!({"url": "https://b.test/"}));
    let (first, second) = tokio::join!(tabs(), tabs());
    assert_eq!((&first, driver.tabs_made.load(std::sync::atomic::Ordering::SeqCst)), (&second, 1));
    let before = stage.drivers.count();
    let create = || made("computers".to_owned(), json!({}));
    let created = join_all([create(), create(), create()]).await;
    assert!(created.iter().all(|answer| *answer == created[0]), "{created:?}");
    assert_eq!(stage.drivers.count(), before + 1);
    let by_body = json!({"request_id": "two"});
    stage.post("computers", by_body.clone()).await;
    stage.post("v1/computers", by_body).await;
    assert_eq!(stage.drivers.count(), before + 2);
}

#[tokio::test]
async fn a_client_that_gave_up_gets_the_answer_when_it_comes_back() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let driver = stage.drivers.last();
    let click = |attempt: &str| {
        stage
            .request(Method::POST, &format!("{session}/click"))
            .header("x-stainless-retry-count", attempt)
            .body(json!({"x": 1, "y": 2}).to_string())
            .send()
    };
    driver.gate.send_replace(false);
    {
        let first = click("0");
        tokio::select! {
            _ = first => panic!("the page has not answered"),
            () = until("a click", || driver.asked() == CLICK.len()) => {}
        }
    }
    let open = async {
        // The second client waits as well before the page answers.
        tokio::task::yield_now().await;
        driver.gate.send_replace(true);
    };
    let (answer, ()) = tokio::join!(click("1"), open);
    let answer: Value = answer.unwrap().text().await.unwrap().parse().unwrap();
    assert_eq!(answer["status"], "success");
    assert_eq!(driver.calls(), CLICK);
    // It is another click the next time.
    click("0").await.unwrap();
    click("1").await.unwrap();
    assert_eq!(driver.calls().len(), 2 * CLICK.len());
}

#[tokio::test]
async fn a_picture_that_fails_does_not_hide_that_the_act_is_done() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let driver = stage.drivers.last();
    *driver.no_picture.lock().unwrap() = true;
    let path = format!("{session}/click?screenshot_after=true");
    let (status, answer) = stage.post(&path, json!({"x": 1, "y": 2})).await;
    assert_eq!((status, &answer["status"]), (200, &json!("error")));
    assert!(answer["error_message"].as_str().unwrap().starts_with("this was done, but"));
    assert_eq!(driver.calls(), CLICK);
}
