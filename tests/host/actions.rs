//! REST actions: what the driver is asked, what the client is answered, what the event stream tells.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use helmsight::host::driver::DriverError;
use helmsight::model::{Control, InputControl};
use http::Method;
use serde_json::{Value, json};

use crate::stage::Stage;

#[tokio::test]
async fn every_call_becomes_input_in_order() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let driver = stage.drivers.last();
    let at = json!({"x": 10, "y": 20});
    for (call, body, expected) in [
        (
            "click",
            at.clone(),
            vec!["pointer_move 10,20.0", "pointer_down 10,20.0", "pointer_up 10,20.0"],
        ),
        (
            "double-click",
            at.clone(),
            vec![
                "pointer_move 10,20.0",
                "pointer_down 10,20.0",
                "pointer_up 10,20.0",
                "pointer_down 10,20.0",
                "pointer_up 10,20.0",
            ],
        ),
        (
            "right-click",
            at.clone(),
            vec!["pointer_move 10,20.0", "pointer_down 10,20.0", "pointer_up 10,20.0"],
        ),
        ("mouse-down", at.clone(), vec!["pointer_move 10,20.0", "pointer_down 10,20.0"]),
        ("mouse-up", at, vec!["pointer_move 10,20.0", "pointer_up 10,20.0"]),
        ("scroll", json!({"dx": 0, "dy": 100, "x": 1, "y": 2}), vec!["wheel 1,2.0"]),
        ("scroll", json!({"dy": 100}), vec!["wheel 640,360.0"]),
        ("type", json!({"text": "hé\n"}), vec!["text hé", "key_down Enter", "key_up Enter"]),
        (
            "hotkey",
            json!({"keys": ["ctrl", "c"]}),
            vec!["key_down Control", "key_down c", "key_up c", "key_up Control"],
        ),
        (
            "hotkey",
            json!({"keys": ["alt", "arrowleft"]}),
            vec!["key_down Alt", "key_down ArrowLeft", "key_up ArrowLeft", "key_up Alt"],
        ),
        ("key-down", json!({"key": "shift"}), vec!["key_down Shift"]),
        ("key-down", json!({"key": "a"}), vec!["key_down A"]),
        ("key-up", json!({"key": "a"}), vec!["key_up A"]),
        ("key-up", json!({"key": "shift"}), vec!["key_up Shift"]),
        ("navigate", json!({"url": "https://b.test/"}), vec!["navigate https://b.test/"]),
        ("dialog", json!({"accept": true}), vec!["answer_dialog"]),
    ] {
        let (status, result) = stage.post(&format!("v1/{session}/{call}"), body).await;
        assert_eq!(status, 200, "{call}: {result}");
        assert_eq!(result["status"], "success");
        assert_eq!(result["executed_tab_id"], "T1");
        assert_eq!(result["page_context"]["title"], "A");
        let calls: Vec<String> = driver.calls();
        assert_eq!(calls, expected, "{call}");
    }
}

#[tokio::test]
async fn a_body_is_read_with_the_odd_tokens_that_clients_write() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    for (body, typed) in [
        ("{\"text\":\"half \\ud83d\"}", "text half \u{FFFD}"),
        ("\u{FEFF}{\"text\":\"a\",\"x\":NaN}", "text a"),
    ] {
        let path = format!("{session}/type");
        let answer = stage.request(Method::POST, &path).body(body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{body}");
        assert_eq!(stage.drivers.last().calls(), [typed]);
    }
}

#[tokio::test]
async fn places_count_in_the_pixels_of_the_picture() {
    let stage = Stage::new().await;
    let session = stage.create(json!({"display": {"width": 800, "height": 600, "scale": 2}})).await;
    stage.post(&format!("{session}/drag"), json!({"x1": 0, "y1": 0, "x2": 100, "y2": 50})).await;
    let controls = stage.drivers.last().controls();
    let (
        Some(Control::Input(InputControl::PointerMove(first))),
        Some(Control::Input(InputControl::PointerUp { at: last, .. })),
    ) = (controls.first(), controls.last())
    else {
        panic!("{controls:?}")
    };
    assert_eq!((first.width, first.height, first.held.len()), (1600, 1200, 0));
    assert_eq!((last.x, last.y, last.held.len()), (100.0, 50.0, 0));
    assert!(
        matches!(&controls[5], Control::Input(InputControl::PointerMove(at)) if at.held.len() == 1 && at.x > 0.0 && at.x < 100.0)
    );
    // A new size and scale count from then on.
    stage
        .post(
            &format!("{session}/viewport"),
            json!({"width": 1000, "height": 500, "scale_factor": 1}),
        )
        .await;
    stage.drivers.last().controls();
    stage.post(&format!("{session}/click"), json!({"x": 1, "y": 1})).await;
    assert!(
        matches!(&stage.drivers.last().controls()[0], Control::Input(InputControl::PointerMove(at)) if (at.width, at.height) == (1000, 500))
    );
}

#[tokio::test]
async fn an_action_is_told_on_the_stream_with_its_answer() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let mut stream = stage.sse(&format!("{session}/events")).await;
    let action = json!({"action": {"type": "click", "x": 1, "y": 2, "request_id": "mine"}});
    assert_eq!(stage.post(&format!("{session}/execute"), action).await.1["request_id"], "mine");
    let (_, request) = stream.event().await.unwrap();
    assert_eq!(
        (&request["type"], &request["request_id"]),
        (&json!("action_request"), &json!("mine"))
    );
    assert_eq!(
        (&request["action"]["type"], &request["action"]["x"]),
        (&json!("click"), &json!(1.0))
    );
    let (_, response) = stream.event().await.unwrap();
    assert_eq!(
        (&response["type"], &response["request_id"]),
        (&json!("action_response"), &json!("mine"))
    );
    assert_eq!(response["status"], "success");
    assert!(response["duration_ms"].is_u64() && response["page_context"]["url"].is_string());

    let (status, refused) =
        stage.post(&format!("{session}/navigate"), json!({"url": "bad:"})).await;
    assert_eq!((status, &refused["error_message"]), (400, &json!("not an address")));
    let request = stream.wait_for("action_request").await;
    let response = stream.wait_for("action_response").await;
    assert_eq!(request["request_id"], response["request_id"]);
    assert_eq!(
        (&response["status"], &response["error_message"]),
        (&json!("error"), &json!("not an address"))
    );
}

#[tokio::test]
async fn a_batch_stops_at_the_first_failure_and_checks_all_before() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let batch = format!("{session}/batch");
    let actions = json!({"actions": [
        {"type": "type", "text": "a"}, {"type": "go_to_url", "url": "bad:"}, {"type": "type", "text": "never"},
    ]});
    let (status, answer) = stage.post(&batch, actions).await;
    assert_eq!((status, &answer["status"], &answer["executed"]), (200, &json!("error"), &json!(2)));
    assert_eq!(answer["error_message"], "not an address");
    assert_eq!(stage.drivers.last().calls(), ["text a", "navigate bad:"]);

    let broken = json!({"actions": [{"type": "type", "text": "a"}, {"type": "fly"}]});
    assert_eq!(stage.post(&batch, broken).await.0, 400);
    assert!(stage.drivers.last().calls().is_empty());
    let (_, fine) = stage
        .post(&batch, json!({"actions": [{"type": "wait", "ms": 1}, {"type": "list_tabs"}]}))
        .await;
    assert_eq!(
        (&fine["status"], fine["results"].as_array().unwrap().len()),
        (&json!("success"), 2)
    );
}

#[tokio::test]
async fn screenshots_come_by_url_and_inline() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let (_, shot) = stage.post(&format!("{session}/screenshot"), json!({"base64": true})).await;
    assert_eq!(
        BASE64_STANDARD.decode(shot["result"]["screenshot_base64"].as_str().unwrap()).unwrap(),
        b"\x89PNG picture"
    );
    let (_, shot) = stage
        .post(
            &format!("{session}/click?screenshot_after=true&settle_ms=1"),
            json!({"x": 1, "y": 1}),
        )
        .await;
    let url = shot["result"]["screenshot_url"].as_str().unwrap();
    // The name is the secret: the picture is fetched as from any other place.
    let picture = stage.http.get(url).send().await.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/png");
    assert_eq!(picture.bytes().await.unwrap(), &b"\x89PNG picture"[..]);
    let guessed = stage.http.get(format!("{url}0")).send().await.unwrap();
    assert_eq!(guessed.status(), 404);
    for _ in 0..20 {
        stage.post(&format!("{session}/screenshot"), Value::Null).await;
    }
    assert_eq!(stage.http.get(url).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn tabs_and_html_are_told_in_result() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let (_, html) = stage.post(&format!("{session}/html"), Value::Null).await;
    assert_eq!(html["result"]["html_content"], "<p>hello</p>");
    let tabs = format!("{session}/tabs");
    let (_, list) = stage.get(&tabs).await;
    assert_eq!(
        list["result"]["tabs"][0],
        json!({"tab_id": "T1", "url": "https://a.test/", "title": "T1", "active": true})
    );
    assert_eq!(
        stage.post(&tabs, json!({"url": "https://b.test/"})).await.1["result"]["tab_id"],
        "T3"
    );
    assert_eq!(
        stage.post(&format!("{tabs}/T2/switch"), Value::Null).await.1["executed_tab_id"],
        "T2"
    );
    assert_eq!(stage.call(Method::DELETE, &format!("{tabs}/T2"), Value::Null).await.0, 200);
    assert_eq!(stage.drivers.last().calls(), ["select_tab T2", "close_tab T2"]);
    assert_eq!(stage.call(Method::DELETE, &format!("{tabs}/T9"), Value::Null).await.0, 404);
    assert_eq!(
        stage.post(&format!("{session}/click"), json!({"x": 1, "y": 1, "tab_id": "T9"})).await.0,
        404
    );
    stage.drivers.last().state.send_modify(|state| state.tabs.truncate(1));
    let (status, last) = stage.call(Method::DELETE, &format!("{tabs}/T1"), Value::Null).await;
    assert_eq!(status, 400, "{last}");
    assert!(last["error_message"].as_str().unwrap().contains("last tab"));
}

#[tokio::test]
async fn commands_are_refused_in_the_shape_that_clients_parse() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let mut stream = stage.sse(&format!("{session}/events")).await;
    let response = stage
        .request(Method::POST, &format!("{session}/exec"))
        .body(r#"{"command":"ls"}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    let text = response.text().await.unwrap();
    let line: Value = serde_json::from_str(text.trim_end()).unwrap();
    assert_eq!((&line["type"], &line["code"]), (&json!("error"), &json!("unsupported")));
    let chunk = stream.wait_for("command_output").await;
    assert_eq!(chunk["is_stderr"], true);
    assert!(BASE64_STANDARD.decode(chunk["data"].as_str().unwrap()).is_ok());
    assert_eq!(stream.wait_for("action_response").await["request_id"], chunk["request_id"]);

    let (status, sync) =
        stage.post(&format!("{session}/exec/sync"), json!({"command": "ls"})).await;
    assert_eq!((status, &sync["exit_code"], &sync["stdout"]), (403, &json!(-1), &json!("")));
    assert_eq!(stage.post(&format!("{session}/debug"), json!({"command": "1+1"})).await.0, 403);
}

#[tokio::test]
async fn the_proxy_is_changed_and_its_password_is_not_told() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let mut stream = stage.sse(&format!("{session}/events")).await;
    let url = "http://me:hunter2@p.test:1";
    let (status, answer) =
        stage.post(&format!("{session}/change-proxy"), json!({"proxy_url": url})).await;
    assert_eq!((status, &answer["status"]), (200, &json!("success")));
    assert_eq!(*stage.drivers.last().proxies.lock().unwrap(), [url]);
    let told = stream.wait_for("action_request").await;
    assert_eq!(told["action"]["proxy_url"], "http://me:***@p.test:1", "{told}");
    let (status, _) = stage.post(&format!("{session}/change-proxy"), json!({})).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_file_is_given_to_the_page_and_told_of() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let mut stream = stage.sse(&format!("{session}/events")).await;
    let files = format!("{session}/files");
    let text = "x".repeat(3 << 20);
    let body = json!({"name": "a.txt", "data": BASE64_STANDARD.encode(&text), "tab_id": "T2"});
    let (status, answer) = stage.post(&files, body).await;
    assert_eq!((status, &answer["executed_tab_id"]), (200, &json!("T2")));
    let given = stage.drivers.last().uploads.lock().unwrap().remove(0);
    assert_eq!((given.name.as_str(), given.data.len()), ("a.txt", 3 << 20));
    let told = stream.wait_for("file_uploaded").await;
    assert_eq!((&told["name"], &told["size"]), (&json!("a.txt"), &json!(3 << 20)));
    for wrong in [
        json!({"name": "a.txt", "data": "?"}),
        json!({"name": "", "data": ""}),
        json!({"data": ""}),
    ] {
        assert_eq!(stage.post(&files, wrong).await.0, 400);
    }
    let huge = json!({"name": "a.txt", "data": "A".repeat(25 << 20)});
    assert_eq!(stage.post(&files, huge).await.0, 413);
}

#[tokio::test]
async fn what_is_found_is_part_of_the_answer() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let (code, answer) =
        stage.post(&format!("{session}/find"), json!({"text": "a", "backward": true})).await;
    assert_eq!(code, 200, "{answer}");
    assert_eq!(answer["result"], json!({"matches": 3, "index": 2, "more": false}));
    let (code, answer) = stage.post(&format!("{session}/zoom"), json!({"percent": 150})).await;
    assert_eq!((code, &answer["status"]), (200, &json!("success")));
    let asked: Vec<_> = stage.drivers.last().calls();
    assert_eq!(asked, ["find a", "zoom"]);
    for (call, body) in [("find", json!({})), ("zoom", json!({"percent": "large"}))] {
        let (code, _) = stage.post(&format!("{session}/{call}"), body).await;
        assert_eq!(code, 400, "{call}");
    }
}

#[tokio::test]
async fn files_are_dropped_at_a_place_in_the_picture() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let mut events = stage.sse(&format!("{session}/events")).await;
    let path = format!("{session}/drop");
    let files = json!([{"name": "a.txt", "data": "YQ=="}, {"name": "b.txt", "data": "YmI="}]);
    let body = json!({"files": files, "x": 10, "y": 20, "width": 640, "height": 360});
    let (status, answer) = stage.post(&path, body).await;
    assert_eq!((status, &answer["result"]), (200, &json!({"name": "a.txt, b.txt", "size": 3})));
    let driver = stage.drivers.last();
    let given: Vec<_> =
        driver.uploads.lock().unwrap().iter().map(|file| file.name.clone()).collect();
    assert_eq!(given, ["a.txt", "b.txt"]);
    let at = driver.dropped_at.lock().unwrap().unwrap();
    assert_eq!((at.x, at.y, at.width, at.height), (10.0, 20.0, 640, 360));
    for name in ["a.txt", "b.txt"] {
        assert_eq!(events.wait_for("file_uploaded").await["name"], name);
    }
    for (files, x) in [(json!([]), json!(1)), (json!([{"name": "", "data": ""}]), json!(1))] {
        let (status, _) = stage.post(&path, json!({"files": files, "x": x, "y": 1})).await;
        assert_eq!(status, 400);
    }
    let mut person = crate::people::join(&stage, &session, "Ada").await;
    person.send(json!({"type": "take_control"})).await;
    crate::people::driven_by(&mut person, Some(1)).await;
    let (status, _) = stage.post(&path, json!({"files": files, "x": 1, "y": 1})).await;
    assert_eq!(status, 409);
}

#[tokio::test]
async fn a_page_is_printed_to_a_file_or_it_is_told_why_not() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let print = |query: &str| stage.request(Method::GET, &format!("{session}/pdf{query}")).send();
    let answer = print("?tab_id=T1").await.unwrap();
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(
        (header("content-disposition"), header("x-content-type-options")),
        ("attachment".to_owned(), "nosniff".to_owned())
    );
    assert_eq!(&answer.bytes().await.unwrap()[..], b"%PDF-1.4 page");
    assert_eq!(print("?tab_id=T9").await.unwrap().status(), 400);
    let failure = DriverError::Failed("too large".to_owned());
    *stage.drivers.last().failure.lock().unwrap() = Some(failure);
    let answer = print("").await.unwrap();
    assert_eq!(answer.status(), 502);
    assert!(answer.text().await.unwrap().contains("too large"));
}
