//! Serves the calls that give, list and take back grants.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::host::error::ApiError;
use crate::host::grant::{Grant, GrantReach, GrantRight};
use crate::host::http::body::Body;
use crate::host::state::HostState;

/// A grant lasts so many seconds where nothing else is asked for.
const USUAL_TTL: f64 = 3600.0;
/// A grant lasts so many seconds: at most thirty days.
const TTL: std::ops::RangeInclusive<f64> = 0.1..=30.0 * 86_400.0;

#[derive(Debug, Deserialize)]
pub(super) struct GrantWords {
    rights: RightWords,
    /// So many seconds it lasts.
    ttl: Option<f64>,
}

/// One right or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum RightWords {
    One(String),
    Many(Vec<String>),
}

pub(super) async fn give(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
    Extension(giver): Extension<Arc<Grant>>,
    Body(words): Body<GrantWords>,
) -> Result<Json<Value>, ApiError> {
    let session = host.registry.live(&id)?;
    let rights = words.rights()?;
    if rights.contains(&GrantRight::Create) {
        let why = "a grant for one session can't create others; ask POST /grants for one";
        return Err(ApiError::bad(why));
    }
    given(&host, &giver, rights, GrantReach::Session(session.id.clone()), words.ttl()?)
}

pub(super) async fn give_all(
    State(host): State<Arc<HostState>>,
    Extension(giver): Extension<Arc<Grant>>,
    Body(words): Body<GrantWords>,
) -> Result<Json<Value>, ApiError> {
    given(&host, &giver, words.rights()?, GrantReach::Host, words.ttl()?)
}

pub(super) async fn list(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
) -> Result<Json<Vec<Value>>, ApiError> {
    let reach = GrantReach::Session(host.registry.session(&id)?.id.clone());
    let grants = host.grants.list(|grant| grant.reach == reach);
    Ok(Json(grants.iter().map(|grant| described(grant)).collect()))
}

pub(super) async fn list_all(State(host): State<Arc<HostState>>) -> Json<Vec<Value>> {
    Json(host.grants.list(|_| true).iter().map(|grant| described(grant)).collect())
}

pub(super) async fn end(
    State(host): State<Arc<HostState>>,
    Path((id, name)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let reach = GrantReach::Session(id);
    ended(host.grants.end(|grant| grant.reach == reach && grant.id == name))
}

pub(super) async fn end_any(
    State(host): State<Arc<HostState>>,
    Path(name): Path<String>,
) -> Result<StatusCode, ApiError> {
    ended(host.grants.end(|grant| grant.id == name))
}

impl GrantWords {
    fn rights(&self) -> Result<BTreeSet<GrantRight>, ApiError> {
        let words = match &self.rights {
            RightWords::One(word) => std::slice::from_ref(word),
            RightWords::Many(words) => words,
        };
        let rights: Result<BTreeSet<_>, _> =
            words.iter().map(|word| word.parse::<GrantRight>()).collect();
        match rights {
            Ok(rights) if !rights.is_empty() => Ok(rights),
            Ok(_) | Err(_) => {
                Err(ApiError::bad("rights are one or more of watch, drive, create and admin"))
            }
        }
    }

    fn ttl(&self) -> Result<Duration, ApiError> {
        let ttl = self.ttl.unwrap_or(USUAL_TTL);
        if !TTL.contains(&ttl) {
            return Err(ApiError::bad("ttl is a number of seconds from 0.1 to 2592000 (30 days)"));
        }
        Ok(Duration::from_secs_f64(ttl))
    }
}

fn given(
    host: &HostState,
    giver: &Grant,
    rights: BTreeSet<GrantRight>,
    reach: GrantReach,
    ttl: Duration,
) -> Result<Json<Value>, ApiError> {
    let (grant, token) = host.grants.give(giver, rights, reach, ttl)?;
    let mut answer = described(&grant);
    answer["token"] = token.expose_secret().into();
    Ok(Json(answer))
}

fn ended(count: usize) -> Result<StatusCode, ApiError> {
    match count {
        0 => Err(ApiError::new(StatusCode::NOT_FOUND, "Grant not found")),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

/// Describes a grant without its token, which nobody can be told again.
fn described(grant: &Grant) -> Value {
    let session = match &grant.reach {
        GrantReach::Host => None,
        GrantReach::Session(id) => Some(id),
    };
    json!({
        "id": grant.id,
        "rights": grant.rights,
        "computer_id": session,
        "expires_at": grant.expires_at,
    })
}
