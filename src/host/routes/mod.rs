//! The computers API over HTTP, with and without `/v1`.

mod computers;
mod files;
mod input;
mod messages;
mod pages;
mod people;
mod shell;
pub(crate) mod streams;
mod tabs;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use http::StatusCode;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::camera::{self, Cameras};
use super::error::ApiError;
use super::hooks::{self, Hooks};
use super::http::guard::{self, Guard};
use super::session::Session;
use super::state::registry::Registry;
use super::{DriverFactory, HostConfig, chat, socket};

/// Bytes of a request's body.
const MAX_BODY: usize = 1 << 20;
/// A body that is not there by then will not come.
pub(crate) const BODY: Duration = Duration::from_secs(10);

/// What every route can reach.
pub(crate) struct Shared {
    pub(crate) base_url: Url,
    pub(crate) config: HostConfig,
    pub(crate) factory: DriverFactory,
    pub(crate) registry: Registry,
    pub(crate) cameras: Cameras,
    pub(crate) hooks: Hooks,
    pub(crate) chats: chat::Chats,
    /// One for each live session.
    pub(crate) places: Arc<Semaphore>,
    pub(crate) tracker: TaskTracker,
    pub(crate) closing: CancellationToken,
    pub(crate) kill: CancellationToken,
}

impl Shared {
    pub(crate) fn session(&self, id: &str) -> Result<Arc<Session>, ApiError> {
        self.registry.find(id).ok_or_else(ApiError::no_session)
    }

    /// A session that is not over.
    fn live(&self, id: &str) -> Result<Arc<Session>, ApiError> {
        let session = self.session(id)?;
        session.live()?;
        Ok(session)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("base_url", &self.base_url.as_str()).finish_non_exhaustive()
    }
}

pub(crate) fn router(shared: Arc<Shared>, guard: Arc<Guard>) -> Router {
    let api = Router::new()
        .merge(api())
        .nest("/v1", api())
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(guard.clone(), guard::token));
    // These tell nothing to whoever does not know their names already.
    let open = Router::new()
        .route("/start", get(pages::start))
        .route("/computers/{id}/screenshots/{name}", get(pages::screenshot));
    api.merge(open)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(guard, guard::same_site))
        // They come through relays, under the relay's name, and are signed.
        .merge(hooks::receivers())
        .with_state(shared)
}

fn api() -> Router<Arc<Shared>> {
    Router::new()
        .route("/computers", get(computers::list).post(computers::create))
        .route("/computers/{id}", get(computers::retrieve).delete(computers::end))
        .route("/computers/{id}/status", get(computers::retrieve))
        .route("/computers/{id}/keepalive", post(computers::keepalive))
        .route("/computers/{id}/events", get(streams::events))
        .route("/computers/{id}/screencast", get(streams::screencast))
        .route("/computers/{id}/ws", get(socket::upgrade))
        .route("/computers/{id}/control", get(socket::upgrade).post(people::ask))
        .route("/computers/{id}/participants", get(people::list))
        .route("/computers/{id}/execute", post(input::execute))
        .route("/computers/{id}/batch", post(input::batch))
        .route("/computers/{id}/tabs", get(tabs::list).post(tabs::create))
        .route("/computers/{id}/tabs/{tab}", delete(tabs::close))
        .route("/computers/{id}/tabs/{tab}/switch", post(tabs::switch))
        .route("/computers/{id}/exec", post(shell::exec))
        .route("/computers/{id}/exec/sync", post(shell::exec_sync))
        .route(
            "/computers/{id}/files",
            post(files::upload).layer(DefaultBodyLimit::max(files::MAX_BODY)),
        )
        .route("/computers/{id}/subscribers", get(messages::subscribers))
        .route("/computers/{id}/subscribers/{name}", delete(messages::evict))
        .route("/computers/{id}/messages", post(messages::send))
        .route("/api/v1/actions/chats/{id}/messages", post(chat::messages))
        .merge(input::routes())
        .merge(camera::routes())
        .merge(hooks::routes())
}

async fn unknown() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "there is no such call; see PROTOCOL.md for those that there are",
    )
}

async fn wrong_method() -> Response {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "this call has another method").into_response()
}
