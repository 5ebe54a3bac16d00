//! Scripts that clients send: who is answered, what is told, and who may not.

use helmsight::host::HostConfig;
use helmsight::host::driver::DriverError;
use serde_json::json;

use crate::stage::Stage;

#[tokio::test]
async fn a_scripts_outcome_is_for_its_caller_alone() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let mut events = stage.sse(&format!("{session}/events")).await;
    let script = "// what is shown\nreturn localStorage.token";
    let action = json!({ "type": "evaluate", "script": script, "arguments": ["my-secret"] });
    let path = format!("{session}/execute");
    let (code, answer) = stage.post(&path, json!({ "action": action })).await;
    assert_eq!(code, 200, "{answer}");
    assert_eq!(answer["result"]["value"], json!({ "ran": script, "with": ["my-secret"] }));
    let asked = events.wait_for("action_request").await;
    assert_eq!(asked["action"]["script"], "// what is shown");
    let told = events.wait_for("action_response").await;
    assert_eq!((&told["status"], &told["result"]), (&json!("success"), &json!({})));
    for event in [&asked, &told] {
        let text = event.to_string();
        assert!(!text.contains("my-secret") && !text.contains("localStorage"), "{text}");
    }

    // With one key it runs once, and another script under the same key is refused.
    let once = json!({ "script": script, "request_id": "r1" });
    let path = format!("{session}/evaluate");
    let (_, first) = stage.post(&path, once.clone()).await;
    let (_, second) = stage.post(&path, once).await;
    assert_eq!(first["timestamp"], second["timestamp"]);
    let other = json!({ "script": "// what is shown\nreturn 2", "request_id": "r1" });
    let (code, answer) = stage.post(&path, other).await;
    assert_eq!(code, 422, "{answer}");

    let why = "The script failed: Error: my-secret".to_owned();
    *stage.drivers.last().failure.lock().unwrap() = Some(DriverError::Failed(why.clone()));
    let (code, answer) = stage.post(&path, json!({ "script": "throw 1" })).await;
    assert_eq!((code, &answer["error_message"]), (200, &json!(why)));
    let told = loop {
        let told = events.wait_for("action_response").await;
        if told["status"] == "error" {
            break told;
        }
    };
    assert!(!told.to_string().contains("my-secret"), "{told}");
}

#[tokio::test]
async fn a_host_may_run_no_scripts() {
    let stage = Stage::with(HostConfig { allows_scripts: false, ..HostConfig::default() }).await;
    let session = stage.session().await;
    let path = format!("{session}/evaluate");
    let (code, answer) = stage.post(&path, json!({ "script": "return 1" })).await;
    assert_eq!(code, 403);
    assert!(answer["error_message"].as_str().unwrap().contains("--no-evaluate"), "{answer}");
}
