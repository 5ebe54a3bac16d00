//! Scripts that are run on request: what they return, how they fail, and that the page lives on.

use helmsight::host::driver::DriverError;
use helmsight::model::{MAX_SCRIPT_VALUE, PageScript, ScriptValue};
use serde_json::{Value, json};

use crate::support::Session;

async fn run(session: &Session, body: &str, arguments: Vec<Value>) -> Result<ScriptValue, String> {
    let script = PageScript::new(body.to_owned(), arguments).unwrap();
    session.driver.run_script(None, script).await.map_err(|err| err.to_string())
}

#[tokio::test]
async fn what_a_script_returns_is_told_as_json_or_in_words() {
    let page = "<p>here<div id=box>x</div><script>const secret = 4; globalThis.shared = 5</script>";
    let Some(session) = Session::with_page(page).await else {
        return;
    };
    for (body, value) in [
        ("return document.title", json!("ready")),
        ("return shared + secret", json!(9)),
        ("return [1, null, { a: undefined, b: NaN }]", json!([1, null, { "b": null }])),
        ("return await new Promise(done => setTimeout(() => done(7), 20))", json!(7)),
        ("return arguments.length + arguments[1].__proto__", json!("2own")),
        ("return 1 // a comment at the end", json!(1)),
        ("return 'é\u{1F600}'", json!("é😀")),
    ] {
        let arguments =
            vec![json!("a\u{2028}'`"), serde_json::from_str(r#"{"__proto__": "own"}"#).unwrap()];
        let got = run(&session, body, arguments).await;
        assert_eq!(got, Ok(ScriptValue { value, description: None }), "{body}");
    }
    for (body, description) in [
        ("", "undefined"),
        ("return 0 / 0", "NaN"),
        ("return -1 / 0", "-Infinity"),
        ("return 12n", "12n"),
        ("return () => 1", "function"),
        ("return box", "[object HTMLDivElement]"),
        ("return window", "[object Window]"),
    ] {
        let got = run(&session, &format!("{body};"), Vec::new()).await.unwrap();
        assert_eq!(
            (got.value, got.description.as_deref()),
            (Value::Null, Some(description)),
            "{body}"
        );
    }
    for (body, why) in [
        ("return missing.thing", "ReferenceError: missing is not defined"),
        ("throw 'only words'", "only words"),
        ("return (", "SyntaxError"),
        ("const a = {}; a.a = a; return a", "circular"),
        ("return Promise.reject(new TypeError('later'))", "TypeError: later"),
        ("return 'x'.repeat(2 ** 21)", "1 MiB"),
        ("return 'é'.repeat(600000)", "1 MiB"),
    ] {
        let err = run(&session, body, Vec::new()).await.unwrap_err();
        assert!(err.contains(why), "{body}: {err}");
    }
    let most = MAX_SCRIPT_VALUE - 2;
    let got = run(&session, &format!("return 'x'.repeat({most})"), Vec::new()).await.unwrap();
    assert_eq!(got.value.as_str().map(str::len), Some(most));
    session.end().await;
}

#[tokio::test]
async fn a_script_that_does_not_end_is_ended_and_the_page_lives_on() {
    let Some(session) = Session::with_page("<p>here").await else {
        return;
    };
    let forever =
        ["for (;;) {}", "await new Promise(() => {})"].map(|body| run(&session, body, Vec::new()));
    let [busy, waiting] =
        <[_; 2]>::try_from(futures_util::future::join_all(forever).await).unwrap();
    for outcome in [busy, waiting] {
        let err = outcome.unwrap_err();
        assert!(err.contains("10 s"), "{err}");
    }
    let title = run(&session, "return document.title", Vec::new()).await;
    assert_eq!(title.unwrap().value, "ready");

    // What asks the person waits for them, and nothing else is run meanwhile.
    let asking = run(&session, "return confirm('really?')", Vec::new());
    let refused = async {
        session.state("a dialog", |state| state.dialog.is_some()).await;
        let script = PageScript::new("return 1".to_owned(), Vec::new()).unwrap();
        let refused = session.driver.run_script(None, script).await;
        assert!(matches!(refused, Err(DriverError::Dialog(_))), "{refused:?}");
        let answer = helmsight::model::PageControl::AnswerDialog { accept: true, text: None };
        session.act(answer).await.unwrap();
    };
    let (answered, ()) = tokio::join!(asking, refused);
    assert_eq!(answered.unwrap().value, json!(true));
    session.end().await;
}
