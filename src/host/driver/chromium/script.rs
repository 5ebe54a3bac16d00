//! Runs a script in a page's own world, for whoever asked and for nobody else.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::failure::failed;
use super::page::PageHandle;
use crate::base::text::{clip, one_line};
use crate::host::cdp::CallError;
use crate::host::driver::DriverError;
use crate::model::{MAX_SCRIPT_VALUE, PageScript, ScriptValue};

/// Calls the script and makes text of what it returns.
const CALLER: &str = include_str!("script.js");
const RUNS_FOR: Duration = Duration::from_secs(10);
/// The browser ends a script that never pauses by itself; one that awaits something is given up after this.
const ANSWERS_WITHIN: Duration = Duration::from_millis(10_500);
const ENDS_WITHIN: Duration = Duration::from_secs(2);
const MAX_EXCEPTION: usize = 4000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScriptAnswer {
    result: EvaluatedText,
    exception_details: Option<ScriptException>,
}

#[derive(Deserialize)]
struct EvaluatedText {
    #[serde(default)]
    value: Value,
}

#[derive(Deserialize)]
struct ScriptException {
    text: String,
    exception: Option<ThrownValue>,
}

#[derive(Deserialize)]
struct ThrownValue {
    description: Option<String>,
    #[serde(default)]
    value: Value,
}

/// What the script's caller answers.
#[derive(Deserialize)]
struct CallerAnswer {
    #[serde(default)]
    value: Value,
    description: Option<String>,
    /// The length of a value that is too long.
    length: Option<u64>,
}

impl PageHandle {
    /// Runs a script as the body of a function. It has 10 s, after which the page goes on without it.
    pub(super) async fn run_script(&self, script: &PageScript) -> Result<ScriptValue, DriverError> {
        self.check()?;
        let params = json!({
            "expression": expression(script),
            "awaitPromise": true,
            "returnByValue": true,
            "timeout": RUNS_FOR.as_millis() as u64,
        });
        let started = Instant::now();
        let answer: Result<ScriptAnswer, CallError> =
            self.client.call(Some(&self.session), "Runtime.evaluate", params, ANSWERS_WITHIN).await;
        match answer {
            Ok(evaluated) => outcome(evaluated),
            Err(CallError::Late(_)) => {
                self.end_script().await;
                Err(too_slow())
            }
            // The browser has no words for a script that it ended.
            Err(CallError::Refused { .. }) if started.elapsed() >= RUNS_FOR => Err(too_slow()),
            Err(CallError::Refused { message, .. })
                if message.contains("Promise was collected") =>
            {
                Err(DriverError::Failed("The page was left before the script had ended".to_owned()))
            }
            Err(err) => Err(failed(err, &self.state)),
        }
    }

    /// Ends what the page runs, so that it does not hang.
    async fn end_script(&self) {
        let ended: Result<Value, CallError> = self
            .client
            .call(Some(&self.session), "Runtime.terminateExecution", json!({}), ENDS_WITHIN)
            .await;
        if let Err(err) = ended {
            tracing::debug!(%err, "A script could not be ended");
        }
    }
}

/// Writes the call. The lines of the script are lines of their own, so that a comment at its end hides nothing.
fn expression(script: &PageScript) -> String {
    let arguments = Value::Array(script.arguments().to_vec()).to_string();
    let arguments = Value::String(arguments);
    let body = script.body();
    format!("({CALLER})({MAX_SCRIPT_VALUE}, async function () {{\n{body}\n}}, {arguments})")
}

fn outcome(evaluated: ScriptAnswer) -> Result<ScriptValue, DriverError> {
    if let Some(thrown) = evaluated.exception_details {
        return Err(DriverError::Failed(format!("The script failed: {}", words_of(thrown))));
    }
    let text = evaluated.result.value.as_str().unwrap_or_default();
    if text.len() > MAX_SCRIPT_VALUE + 64 {
        return Err(too_long(text.len() as u64));
    }
    // A page may have given the functions that the caller uses another meaning.
    let answer: CallerAnswer = serde_json::from_str(text).map_err(|_strange| {
        DriverError::Failed("What the script returned is not understood".to_owned())
    })?;
    match answer.length {
        Some(length) => Err(too_long(length)),
        None => Ok(ScriptValue { value: answer.value, description: answer.description }),
    }
}

fn words_of(thrown: ScriptException) -> String {
    let of_value = |thrown: ThrownValue| match (thrown.description, thrown.value) {
        (Some(description), _) => description,
        (None, Value::String(text)) => text,
        (None, value) => value.to_string(),
    };
    let words = thrown.exception.map_or(thrown.text, of_value);
    let first = words.lines().next().unwrap_or_default();
    one_line(clip(first, MAX_EXCEPTION), MAX_EXCEPTION)
}

fn too_slow() -> DriverError {
    let seconds = RUNS_FOR.as_secs();
    DriverError::Failed(format!(
        "The script did not end within {seconds} s and was ended; it may have done a part of its work"
    ))
}

fn too_long(length: u64) -> DriverError {
    let limit = MAX_SCRIPT_VALUE >> 20;
    DriverError::Failed(format!(
        "The script returned {length} characters of JSON, and {limit} MiB are the most; return a part"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(answer: Value) -> Result<ScriptValue, String> {
        outcome(serde_json::from_value(answer).unwrap()).map_err(|err| err.to_string())
    }

    #[test]
    fn what_comes_back_is_a_value_or_says_why_not() {
        let text = |text: &str| of(json!({ "result": { "value": text } }));
        assert_eq!(text(r#"{"value":[1]}"#).unwrap().value, json!([1]));
        let told = text(r#"{"description":"NaN"}"#).unwrap();
        assert_eq!((told.value, told.description.as_deref()), (Value::Null, Some("NaN")));
        assert!(text(r#"{"length":2000000}"#).unwrap_err().contains("2000000"));
        assert!(text("what?").unwrap_err().contains("not understood"));
        assert!(text(&"x".repeat(2 << 20)).unwrap_err().contains("MiB"));
        let thrown = of(json!({
            "result": {},
            "exceptionDetails": {
                "text": "Uncaught",
                "exception": { "description": "TypeError: a is not a function\n    at <anonymous>:2:1" },
            },
        }));
        assert_eq!(thrown.unwrap_err(), "The script failed: TypeError: a is not a function");
        let thrown = json!({ "result": {}, "exceptionDetails": { "text": "Uncaught", "exception": { "value": 7 } } });
        assert_eq!(of(thrown).unwrap_err(), "The script failed: 7");
    }
}
