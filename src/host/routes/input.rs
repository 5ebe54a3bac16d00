//! Serves actions: one at a time, many in a row, and one call for each of them.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures_util::FutureExt as _;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::host::action::perform::{self, ActionAnswer};
use crate::host::action::{ActionWords, CheckedAction};
use crate::host::error::{ApiError, once_only};
use crate::host::http::body::{Body, Params};
use crate::host::http::repeats::is_undone;
use crate::host::once::RequestDigest;
use crate::host::session::Session;
use crate::host::state::HostState;

const MAX_BATCH: usize = 100;

/// Each of these calls is one action: the last part of its path, and the action's type.
const CALLS: &[(&str, &str)] = &[
    ("click", "click"),
    ("double-click", "double_click"),
    ("right-click", "right_click"),
    ("mouse-down", "mouse_down"),
    ("mouse-up", "mouse_up"),
    ("drag", "drag"),
    ("scroll", "scroll"),
    ("type", "type"),
    ("hotkey", "hotkey"),
    ("key-down", "key_down"),
    ("key-up", "key_up"),
    ("navigate", "navigate"),
    ("screenshot", "screenshot"),
    ("html", "html"),
    ("viewport", "viewport"),
    ("debug", "debug"),
    ("dialog", "answer_dialog"),
    ("choose", "choose"),
    ("find", "find"),
    ("evaluate", "evaluate"),
    ("zoom", "zoom"),
    ("change-proxy", "change_proxy"),
];

/// The body of a call that does one action.
#[derive(Debug, Deserialize)]
pub(super) struct Execute {
    action: ActionWords,
}

/// The body of a call that does several actions in order.
#[derive(Debug, Deserialize)]
pub(super) struct Batch {
    actions: Vec<ActionWords>,
}

/// The options that may also stand in the query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AfterAction {
    screenshot_after: Option<bool>,
    settle_ms: Option<u64>,
}

pub(super) fn routes() -> Router<Arc<HostState>> {
    CALLS.iter().fold(Router::new(), |router, &(call, kind)| {
        let handler = move |state: State<Arc<HostState>>,
                            id: Path<String>,
                            query: Params<AfterAction>,
                            Body(mut words): Body<ActionWords>| {
            words.kind = kind.to_owned();
            words.screenshot_after = query.0.screenshot_after.or(words.screenshot_after);
            words.settle_ms = query.0.settle_ms.or(words.settle_ms);
            one(state, id, words)
        };
        router.route(&format!("/computers/{{id}}/{call}"), post(handler))
    })
}

pub(super) async fn execute(
    state: State<Arc<HostState>>,
    id: Path<String>,
    Body(body): Body<Execute>,
) -> Result<Response, ApiError> {
    one(state, id, body.action).await
}

pub(super) async fn batch(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
    Body(body): Body<Batch>,
) -> Result<Json<Value>, ApiError> {
    let session = host.registry.live(&id)?;
    if body.actions.len() > MAX_BATCH {
        return Err(ApiError::bad(format!("a batch has at most {MAX_BATCH} actions")));
    }
    // All actions are checked before the first is done.
    let actions =
        body.actions.into_iter().map(ActionWords::check).collect::<Result<Vec<_>, _>>()?;
    let total = actions.len();
    let mut results: Vec<ActionAnswer> = Vec::with_capacity(total);
    for action in actions {
        let result = run(&host, &session, action).await;
        let failed = result.error_message.is_some();
        results.push(result);
        if failed {
            break;
        }
    }
    let failure = results.last().and_then(|result| result.error_message.clone());
    let mut answer = json!({
        "status": if failure.is_some() { "error" } else { "success" },
        "executed": results.len(),
        "total": total,
        "results": results,
        "timestamp": Timestamp::now(),
    });
    if let Some(message) = failure {
        answer["error_message"] = message.into();
    }
    Ok(Json(answer))
}

/// Does one action, from its words to its answer.
pub(super) async fn one(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
    words: ActionWords,
) -> Result<Response, ApiError> {
    let session = host.registry.live(&id)?;
    let action = words.check()?;
    let result = run(&host, &session, action).await;
    let code = result.code;
    let failed = result.error_message.is_some();
    let mut response = (code, Json(result)).into_response();
    if failed {
        once_only(code, response.headers_mut());
    }
    Ok(response)
}

/// Does an action, or returns what came of it when it was asked for under the same key before.
async fn run(host: &HostState, session: &Arc<Session>, action: CheckedAction) -> ActionAnswer {
    let begin = |action| perform::run(session.clone(), host.base_url.clone(), action).boxed();
    let named = action.key.as_ref().filter(|_| !action.act.only_looks());
    let Some(key) = named.map(|key| format!("{}\n{key}", session.id)) else {
        return begin(action).await;
    };
    let what = RequestDigest::of(&[action.words.to_string().as_bytes()]);
    let request_id = action.request_id.clone();
    let answer = match host.acts.ask(&key, what, || begin(action)) {
        Ok(outcome) => outcome.await,
        Err(reused) => return ActionAnswer::refusal(request_id, &reused),
    };
    if is_undone(answer.code) {
        host.acts.forget(&key);
    }
    answer
}
