//! Sees to it that a request which a client sends again is not carried out again.
//!
//! The clients of services repeat by themselves what timed out or was answered with 408, 409, 429 or 5xx. A request
//! that may act runs to its end in a task of its own, whatever becomes of its connection. With a key, in the header
//! `Idempotency-Key` or in its body, every further request of that key gets the answer of the first. Without one, a
//! request that says of itself that it is a repetition gets the answer of its forerunner, where that is still under way
//! or was not there any more to take it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::future::{BoxFuture, FutureExt as _};
use http::header::HeaderValue;
use http::{HeaderMap, Method, StatusCode, request, response};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;

use super::body;
use crate::base::json;
use crate::host::error::ApiError;
use crate::host::once::{MAX_KEY, OnceByKey, RequestDigest, SharedOutcome};

const KEY: &str = "idempotency-key";
/// The generated clients of many services count their attempts in this header.
const ATTEMPT: &str = "x-stainless-retry-count";
const REPLAYED: &str = "idempotent-replayed";
/// A larger answer is given once and not kept.
const MAX_KEPT: usize = 64 << 10;
/// So many answers wait for their clients to come back.
const MAX_ABANDONED: usize = 64;
/// A client that has not come back by then does not repeat its request any more.
const CLAIMED_WITHIN: Duration = Duration::from_secs(180);

/// The answers that may be asked for again.
pub(crate) struct Repeats {
    by_key: OnceByKey<KeptAnswer>,
    keyless: Mutex<VecDeque<KeylessRequest>>,
    tracker: TaskTracker,
}

/// A request without a key that is under way, or whose client went away before its answer was there.
struct KeylessRequest {
    what: RequestDigest,
    outcome: SharedOutcome<KeptAnswer>,
    abandoned: Option<Instant>,
}

/// An answer as it is given again.
#[derive(Clone, Debug)]
struct KeptAnswer {
    code: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// What makes a request a repetition of another.
struct RepeatableRequest {
    key: Option<String>,
    what: RequestDigest,
    /// The client says that it asked the same before.
    again: bool,
}

/// The wait for an answer. Where it is dropped too early, the answer stays for when the client comes back.
struct AwaitedAnswer<'a> {
    repeats: &'a Repeats,
    outcome: SharedOutcome<KeptAnswer>,
    is_there: bool,
}

/// The keys that stand in a body.
#[derive(Default, Deserialize)]
#[serde(default)]
struct KeyWords {
    idempotency_key: Value,
    request_id: Value,
}

impl Repeats {
    pub(crate) fn new(tracker: TaskTracker) -> Self {
        Self { by_key: OnceByKey::default(), keyless: Mutex::default(), tracker }
    }

    async fn answer(self: &Arc<Self>, request: Request, next: Next) -> Result<Response, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = body::bytes(Request::from_parts(parts.clone(), body)).await?;
        let RepeatableRequest { key, what, again } = RepeatableRequest::read(&parts, &bytes)?;
        let (first, taken) = oneshot::channel();
        let begin = || {
            let request = Request::from_parts(parts, Body::from(bytes));
            self.begin(request, next, key.as_deref(), first)
        };
        let outcome = self.outcome(key.as_deref(), what, again, begin)?;
        let mut awaited =
            AwaitedAnswer { repeats: self, outcome: outcome.clone(), is_there: false };
        // The first one gets the answer in full. For the others the sender was dropped unused.
        let answer = match taken.await {
            Ok(answer) => answer,
            Err(_not_first) => outcome.await.again(),
        };
        awaited.is_there = true;
        Ok(answer)
    }

    /// Returns the outcome of what was begun before, or else begins.
    fn outcome(
        &self,
        key: Option<&str>,
        what: RequestDigest,
        again: bool,
        begin: impl FnOnce() -> BoxFuture<'static, KeptAnswer>,
    ) -> Result<SharedOutcome<KeptAnswer>, ApiError> {
        if let Some(key) = key {
            return self.by_key.ask(key, what, begin).map_err(|reused| {
                ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, reused.to_string())
            });
        }
        let outcome = match again.then(|| self.forerunner(what)).flatten() {
            Some(outcome) => outcome,
            None => begin().shared(),
        };
        let waiting = KeylessRequest { what, outcome: outcome.clone(), abandoned: None };
        self.keyless().push_back(waiting);
        Ok(outcome)
    }

    /// Carries a request out in a task, whose outcome is the answer to whoever asks again.
    fn begin(
        self: &Arc<Self>,
        request: Request,
        next: Next,
        key: Option<&str>,
        first: oneshot::Sender<Response>,
    ) -> BoxFuture<'static, KeptAnswer> {
        let (repeats, key) = (self.clone(), key.map(str::to_owned));
        let task = self.tracker.spawn(async move {
            let (parts, body) = next.run(request).await.into_parts();
            // These bodies are in memory as a whole.
            let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
            if let Some(key) = &key
                && is_undone(parts.status)
            {
                repeats.by_key.forget(key);
            }
            let kept = KeptAnswer::of(&parts, &body);
            // The client may be gone.
            drop(first.send(Response::from_parts(parts, Body::from(body))));
            kept
        });
        let outcome = async move {
            match task.await {
                Ok(kept) => kept,
                Err(err) => KeptAnswer::error(StatusCode::INTERNAL_SERVER_ERROR, &err.to_string()),
            }
        };
        outcome.boxed()
    }

    /// Returns the outcome of an earlier request like this one, if its client did not get it.
    fn forerunner(&self, what: RequestDigest) -> Option<SharedOutcome<KeptAnswer>> {
        let mut keyless = self.keyless();
        let at = keyless.iter().position(|earlier| earlier.what == what)?;
        match keyless[at].abandoned {
            Some(_) => keyless.remove(at).map(|earlier| earlier.outcome),
            None => Some(keyless[at].outcome.clone()),
        }
    }

    fn keyless(&self) -> MutexGuard<'_, VecDeque<KeylessRequest>> {
        self.keyless.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for AwaitedAnswer<'_> {
    fn drop(&mut self) {
        let mut keyless = self.repeats.keyless();
        let is_this = |earlier: &KeylessRequest| {
            earlier.abandoned.is_none() && earlier.outcome.ptr_eq(&self.outcome)
        };
        if let Some(at) = keyless.iter().position(is_this) {
            match self.is_there {
                true => drop(keyless.remove(at)),
                false => keyless[at].abandoned = Some(Instant::now()),
            }
        }
        let too_old = |since: Instant| since.elapsed() > CLAIMED_WITHIN;
        keyless.retain(|earlier| !earlier.abandoned.is_some_and(too_old));
        let abandoned = keyless.iter().filter(|earlier| earlier.abandoned.is_some()).count();
        if abandoned > MAX_ABANDONED
            && let Some(oldest) = keyless.iter().position(|earlier| earlier.abandoned.is_some())
        {
            keyless.remove(oldest);
        }
    }
}

impl RepeatableRequest {
    fn read(parts: &request::Parts, body: &[u8]) -> Result<Self, ApiError> {
        let path = parts.uri.path();
        let query = parts.uri.query().unwrap_or_default();
        let head = format!("{} {path}?{query}\n", parts.method);
        let attempt = parts.headers.get(ATTEMPT).and_then(|count| count.to_str().ok());
        Ok(Self {
            // A key means one thing in one session.
            key: key_of(&parts.headers, body)?.map(|key| format!("{}\n{key}", session_of(path))),
            what: RequestDigest::of(&[head.as_bytes(), body]),
            again: attempt.and_then(|count| count.parse::<u32>().ok()).is_some_and(|n| n > 0),
        })
    }
}

impl KeptAnswer {
    fn of(parts: &response::Parts, body: &Bytes) -> Self {
        if body.len() > MAX_KEPT {
            let why = "this was asked before and is done; its answer was too large to be kept";
            return Self::error(StatusCode::OK, why);
        }
        // The copy holds on to no larger buffer.
        let body = Bytes::copy_from_slice(body);
        Self { code: parts.status, headers: parts.headers.clone(), body }
    }

    fn error(code: StatusCode, why: &str) -> Self {
        let error = ApiError::new(code, why);
        let body = Bytes::from(error.json().to_string());
        Self { code, headers: error.into_response().headers().clone(), body }
    }

    fn again(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.code;
        *response.headers_mut() = self.headers;
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        response
    }
}

/// This layer guards every call that may act.
pub(crate) async fn once(
    State(repeats): State<Arc<Repeats>>,
    request: Request,
    next: Next,
) -> Response {
    if !matches!(*request.method(), Method::POST | Method::DELETE) {
        return next.run(request).await;
    }
    repeats.answer(request, next).await.unwrap_or_else(|err| err.into_response())
}

/// Tells whether an answer says that nothing was done.
pub(crate) fn is_undone(code: StatusCode) -> bool {
    code.is_client_error() || code == StatusCode::SERVICE_UNAVAILABLE
}

fn key_of(headers: &HeaderMap, body: &[u8]) -> Result<Option<String>, ApiError> {
    let wrong = || ApiError::bad(format!("an idempotency key has 1 to {MAX_KEY} bytes"));
    let named = match headers.get(KEY) {
        Some(key) => Some(key.to_str().map_err(|_invisible| wrong())?.to_owned()),
        None => {
            // What is no object, or no JSON at all, is refused where it is read.
            let KeyWords { idempotency_key, request_id } =
                json::from_slice(body).unwrap_or_default();
            [idempotency_key, request_id].iter().find_map(|key| key.as_str().map(str::to_owned))
        }
    };
    match named.filter(|key| !key.is_empty()) {
        Some(key) if key.len() > MAX_KEY => Err(wrong()),
        key => Ok(key),
    }
}

/// Returns the id of the session in a path; none where a session is made.
fn session_of(path: &str) -> &str {
    path.strip_prefix("/computers/").and_then(|rest| rest.split('/').next()).unwrap_or_default()
}
