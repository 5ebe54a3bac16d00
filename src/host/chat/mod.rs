//! Serves the chat of a session: questions about it are answered by the model that was configured, or from what the
//! host knows.

mod builtin;
pub(crate) mod config;
mod facts;
mod relay;

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body as HttpBody;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use futures_util::stream;
use http::{StatusCode, header};
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::error::{ApiError, HostError};
use super::http::body::Body;
use super::state::registry::SessionRegistry;
use super::state::tasks::HostTasks;
use crate::net::Client;
use crate::protocol::chat::{DONE, encode_chunk, encode_error};
use config::ChatConfig;
use facts::Facts;

/// A question has at most so many bytes.
const MAX_PROMPT: usize = 32 << 10;
/// So many answers may be under way at once.
const MAX_ANSWERS: usize = 8;
/// So many pieces of an answer wait for a slow reader; then the model waits, too.
const MAX_WAITING: usize = 32;
/// The model is reminded of so many exchanges of a session, and of so many bytes of them.
const MAX_REMEMBERED: usize = 12;
const MAX_REMEMBERED_BYTES: usize = 64 << 10;

/// What all chats of a host share.
pub(crate) struct HostChats {
    model: Option<Model>,
    registry: Arc<SessionRegistry>,
    tasks: HostTasks,
    /// There is one permit for each answer that may be under way.
    places: Arc<Semaphore>,
    /// What was said about each session, for the model to remember.
    remembered: Mutex<BTreeMap<String, VecDeque<Exchange>>>,
}

/// The model that answers, and the way to it.
#[derive(Clone)]
pub(crate) struct Model {
    client: Client,
    name: String,
}

/// A question with its answer.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    prompt: String,
    answer: String,
}

impl HostChats {
    /// Makes the chats of a host. `config` names the model that answers; without one the host itself answers from what
    /// it knows.
    pub(crate) fn new(
        config: Option<&ChatConfig>,
        registry: Arc<SessionRegistry>,
        tasks: HostTasks,
    ) -> Result<Self, HostError> {
        let model = match config {
            None => None,
            Some(config) => Some(Model { client: config.client()?, name: config.model.clone() }),
        };
        Ok(Self {
            model,
            registry,
            tasks,
            places: Arc::new(Semaphore::new(MAX_ANSWERS)),
            remembered: Mutex::default(),
        })
    }

    fn remembered(&self, id: &str) -> Vec<Exchange> {
        let exchanges = self.lock().get(id).cloned();
        exchanges.unwrap_or_default().into()
    }

    /// Remembers an exchange. `is_known` tells whether a session still is one of this host's.
    fn remember(&self, id: &str, exchange: Exchange, is_known: impl Fn(&str) -> bool) {
        let mut remembered = self.lock();
        remembered.retain(|known, _| known == id || is_known(known));
        let exchanges = remembered.entry(id.to_owned()).or_default();
        exchanges.push_back(exchange);
        let size = |exchange: &Exchange| exchange.prompt.len() + exchange.answer.len();
        while exchanges.len() > MAX_REMEMBERED
            || exchanges.iter().map(size).sum::<usize>() > MAX_REMEMBERED_BYTES
        {
            exchanges.pop_front();
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, VecDeque<Exchange>>> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Prompt {
    prompt: String,
}

/// A piece of an answer on its way out.
#[derive(Debug)]
enum Piece {
    Text(String),
    Failed(String),
    Done,
}

/// Routes the questions of a chat's client.
pub(crate) fn routes<S>(chats: Arc<HostChats>) -> Router<S> {
    let route = "/api/v1/actions/chats/{id}/messages";
    Router::new().route(route, post(messages)).with_state(chats)
}

async fn messages(
    State(chats): State<Arc<HostChats>>,
    Path(id): Path<String>,
    Body(Prompt { prompt }): Body<Prompt>,
) -> Result<Response, ApiError> {
    let session = chats.registry.live(&id)?;
    let prompt = prompt.trim().to_owned();
    if prompt.is_empty() {
        return Err(ApiError::bad("the prompt is empty: say what you want to know"));
    }
    if prompt.len() > MAX_PROMPT {
        return Err(ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the prompt is longer than 32 KiB",
        ));
    }
    let Ok(place) = chats.places.clone().try_acquire_owned() else {
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too many answers are under way; try again when one is done",
        ));
    };
    session.lifetime.touch();
    let facts = Facts::of(&session);
    let (out, pieces) = mpsc::channel(MAX_WAITING);
    let (done, kill) = (session.done().clone(), chats.tasks.kill.clone());
    // The answer ends with the session, with the host, and when nobody reads it any more.
    let answering = {
        let chats = chats.clone();
        async move {
            tokio::select! {
                () = answer(&chats, &id, prompt, facts, &out) => (),
                () = done.cancelled() => drop(out.try_send(Piece::Failed("the session has ended".to_owned()))),
                () = kill.cancelled() => (),
                () = out.closed() => (),
            }
        }
    };
    chats.tasks.tracker.spawn(answering);
    Ok(response(pieces, place))
}

async fn answer(
    chats: &HostChats,
    id: &str,
    prompt: String,
    facts: Facts,
    out: &mpsc::Sender<Piece>,
) {
    let Some(model) = &chats.model else {
        return builtin::answer(&prompt, &facts, out).await;
    };
    let before = chats.remembered(id);
    let said = relay::answer(model, &before, &prompt, &facts, out).await;
    if let Some(answer) = said {
        let exchange = Exchange { prompt, answer };
        let is_known = |id: &str| chats.registry.find(id).is_some();
        chats.remember(id, exchange, is_known);
    }
}

fn response(pieces: mpsc::Receiver<Piece>, place: OwnedSemaphorePermit) -> Response {
    let lines = stream::unfold((pieces, place), |(mut pieces, place)| async move {
        let line = match pieces.recv().await? {
            Piece::Text(text) => encode_chunk(&text),
            Piece::Failed(why) => encode_error(&why),
            Piece::Done => DONE.to_owned(),
        };
        Some((Ok::<_, Infallible>(Bytes::from(line)), (pieces, place)))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache, no-store"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, HttpBody::from_stream(lines)).into_response()
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    fn chats(config: Option<&ChatConfig>) -> Result<HostChats, HostError> {
        HostChats::new(config, Arc::default(), HostTasks::default())
    }

    #[test]
    fn what_is_remembered_is_bounded_and_goes_with_its_session() {
        let chats = chats(None).unwrap();
        let exchange = |size: usize| Exchange { prompt: "q".to_owned(), answer: "x".repeat(size) };
        for _ in 0..MAX_REMEMBERED + 5 {
            chats.remember("a", exchange(1), |_| true);
        }
        assert_eq!(chats.remembered("a").len(), MAX_REMEMBERED);
        chats.remember("a", exchange(MAX_REMEMBERED_BYTES - 10), |_| true);
        assert_eq!(chats.remembered("a").len(), 5);
        chats.remember("b", exchange(1), |id| id != "a");
        assert!(chats.remembered("a").is_empty());
        assert_eq!(chats.remembered("b").len(), 1);
    }

    #[test]
    fn a_key_is_not_sent_over_an_open_connection() {
        let config = |base_url: &str| ChatConfig {
            base_url: base_url.parse().unwrap(),
            model: "m".to_owned(),
            key: Some(SecretString::from("sk_1")),
        };
        assert!(chats(Some(&config("http://far.test/v1"))).is_err());
        assert!(chats(Some(&config("https://far.test/v1"))).is_ok());
        assert!(!format!("{:?}", config("https://far.test")).contains("sk_1"));
    }
}
