//! Receives one delivery of a service: it is bounded, proven, fresh, and not taken before.

use std::io::Read as _;
use std::sync::{Arc, PoisonError};

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use flate2::read::GzDecoder;
use http::StatusCode;
use http::request::Parts;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Hooks;
use super::proof::Secret;
use crate::base::text::one_line;
use crate::host::error::ApiError;
use crate::host::http::body::BODY_WITHIN;
use crate::protocol::cobrowse::Dialect;
use crate::protocol::hooks::Hook;

/// A delivery has at most so many bytes on the wire, and so many bytes of JSON once it is inflated.
const MAX_BODY: usize = 256 << 10;
const MAX_JSON: usize = 1 << 20;
const GZIP: &[u8] = &[0x1F, 0x8B];
const SIGNATURE: &str = "webhook-signature";
/// Services try again for a while. What is older than this is no news, or a replay.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(1);
/// A delivery may be this far in the future, because clocks differ.
const MAX_AHEAD: SignedDuration = SignedDuration::from_mins(5);

pub(super) async fn receive(
    State(hooks): State<Arc<Hooks>>,
    Path(sender): Path<String>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let Ok(sender) = sender.parse::<Dialect>() else {
        return Err(ApiError::new(StatusCode::NOT_FOUND, "no service of this name posts here"));
    };
    let Some(secret) = &hooks.secret else {
        return Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "this host takes no webhooks; start it with a webhook secret",
        ));
    };
    let (parts, body) = request.into_parts();
    let sent = sent(body).await?;
    let json = inflated(&sent)?;
    let json = json.as_deref().unwrap_or(&sent);
    if !proven(secret, sender, &parts, &[&sent, json]) {
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "the signature is missing or wrong; sender and host need the same webhook secret",
        ));
    }
    let hook = sender.read(json).map_err(|err| ApiError::bad(one_line(&err.to_string(), 200)))?;
    check_age(&hook, Timestamp::now())?;
    // What is taken is remembered on disk before it is answered.
    let taken = tokio::task::spawn_blocking(move || hooks.take(sender, hook)).await;
    let interrupted = |err: tokio::task::JoinError| {
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, err.to_string())
    };
    taken.map_err(interrupted)?.map(Json)
}

impl Hooks {
    /// Tells a new event to all who watch. One that was told before is answered as if it were new, or it would come
    /// again.
    fn take(&self, sender: Dialect, hook: Hook) -> Result<Value, ApiError> {
        let Some(secret) = &self.secret else {
            return Err(ApiError::new(StatusCode::NOT_FOUND, "this host takes no webhooks"));
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = seen.take(secret, sender, &hook).map_err(|err| {
            tracing::warn!(%err, "Webhooks can't be remembered, and so none is taken");
            let why = "the host can't remember the event; free some space and send it again";
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, why)
        })?;
        drop(seen);
        if !is_new {
            return Ok(json!({"status": "success", "duplicate": true}));
        }
        let service: &str = sender.into();
        let fields = json!({
            "service": service,
            "category": hook.category,
            "session_id": hook.session_id,
            "sequence_id": hook.sequence,
            "data": hook.data,
            "timestamp": hook.created_at.unwrap_or_else(Timestamp::now),
        });
        let id = self.hub.broadcast(hook.kind, fields).ok_or_else(|| {
            ApiError::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "the host is ending; send the event again",
            )
        })?;
        Ok(json!({"status": "success", "duplicate": false, "id": id}))
    }
}

async fn sent(body: Body) -> Result<bytes::Bytes, ApiError> {
    match tokio::time::timeout(BODY_WITHIN, to_bytes(body, MAX_BODY)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        // The limit was reached, or the connection is gone and hears no answer.
        Ok(Err(_)) => Err(too_large("the event is larger than 256 KiB")),
        Err(_) => Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "the event did not come in time")),
    }
}

/// Inflates a body; `None` for one that is not compressed. It stops where a bomb would go off.
fn inflated(sent: &[u8]) -> Result<Option<Vec<u8>>, ApiError> {
    if !sent.starts_with(GZIP) {
        return Ok(None);
    }
    let mut json = Vec::new();
    let reader = GzDecoder::new(sent);
    match reader.take(MAX_JSON as u64 + 1).read_to_end(&mut json) {
        Ok(_) if json.len() > MAX_JSON => Err(too_large("the event inflates to more than 1 MiB")),
        Ok(_) => Ok(Some(json)),
        Err(_) => Err(ApiError::bad("the event is not whole gzip")),
    }
}

fn too_large(why: &str) -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, why)
}

/// Checks the signature, of what was sent or of the JSON in it. A service that signs nothing has a URL that is proof
/// itself.
fn proven(secret: &Secret, sender: Dialect, parts: &Parts, signed: &[&[u8]]) -> bool {
    let mut signatures = parts.headers.get_all(SIGNATURE).iter();
    if let Some(signature) = signatures.next() {
        let signature = signature.to_str().unwrap_or_default().trim();
        return signatures.next().is_none()
            && signed.iter().any(|bytes| secret.signed(signature, bytes));
    }
    let name: &str = sender.into();
    let query = parts.uri.query().unwrap_or_default();
    let key = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "key");
    !sender.signs()
        && key.is_some_and(|(_, key)| secret.signed(&key, format!("/hooks/{name}").as_bytes()))
}

fn check_age(hook: &Hook, now: Timestamp) -> Result<(), ApiError> {
    let Some(created_at) = hook.created_at else {
        return Ok(());
    };
    let age = now.duration_since(created_at);
    if age > MAX_AGE {
        return Err(ApiError::bad("the event is more than an hour old; it is taken for a replay"));
    }
    if -age > MAX_AHEAD {
        return Err(ApiError::bad("the event is from the future; set this machine's clock"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EventKind;

    #[test]
    fn only_fresh_events() {
        let now: Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
        for (created_at, fresh) in [
            ("2026-01-01T12:00:00Z", true),
            ("2026-01-01T11:00:00Z", true),
            ("2026-01-01T10:59:59Z", false),
            ("2025-01-01T12:00:00Z", false),
            ("2026-01-01T12:05:00Z", true),
            ("2026-01-01T12:05:01Z", false),
        ] {
            let hook = Hook {
                kind: EventKind::Hook,
                category: String::new(),
                sequence: String::new(),
                session_id: None,
                created_at: created_at.parse().ok(),
                data: Value::Null,
            };
            assert_eq!(check_age(&hook, now).is_ok(), fresh, "{created_at}");
        }
    }
}
