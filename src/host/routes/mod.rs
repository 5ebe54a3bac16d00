//! Serves the computers API over HTTP, with and without `/v1`.

mod computers;
mod files;
mod input;
mod messages;
mod pages;
mod people;
mod shell;
mod streams;
mod tabs;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use http::StatusCode;

use super::camera::{self, Cameras};
use super::chat::{self, HostChats};
use super::error::ApiError;
use super::hooks::{self, Hooks};
use super::http::guard::{self, Guard};
use super::http::repeats::{self, Repeats};
use super::http::secrets;
use super::socket;
use super::state::HostState;

/// A request's body has at most so many bytes.
const MAX_BODY: usize = 1 << 20;
/// The services of a host besides its sessions.
pub(crate) struct HostServices {
    pub(crate) cameras: Arc<Cameras>,
    pub(crate) chats: Arc<HostChats>,
    pub(crate) hooks: Arc<Hooks>,
}

/// Routes every call of a host.
pub(crate) fn router(
    host: Arc<HostState>,
    services: &HostServices,
    guard: Arc<Guard>,
    repeats: &Arc<Repeats>,
) -> Router {
    let api = Router::new()
        .merge(api(services, repeats))
        .nest("/v1", api(services, repeats))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(guard.clone(), guard::token));
    // These routes need no token, because they tell nothing to whoever does not know their names already.
    let open = Router::new()
        .route("/start", get(pages::start))
        .route("/computers/{id}/screenshots/{name}", get(pages::screenshot));
    api.merge(open)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(guard, guard::same_site))
        // Webhooks come through relays, under the relay's name, and are signed.
        .merge(hooks::receivers(services.hooks.clone()))
        .layer(map_response(secrets::hide))
        .with_state(host)
}

fn api(services: &HostServices, repeats: &Arc<Repeats>) -> Router<Arc<HostState>> {
    let once = from_fn_with_state(repeats.clone(), repeats::once);
    let files = Router::new()
        .route("/computers/{id}/files", post(files::upload))
        .layer(once.clone())
        .layer(DefaultBodyLimit::max(files::MAX_BODY));
    sessions()
        .layer(once)
        .merge(files)
        .merge(camera::routes(services.cameras.clone()))
        .merge(chat::routes(services.chats.clone()))
        .merge(hooks::routes(services.hooks.clone()))
}

/// Routes the calls about sessions, but for the files, which are larger than any other body.
fn sessions() -> Router<Arc<HostState>> {
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
        .route("/computers/{id}/subscribers", get(messages::subscribers))
        .route("/computers/{id}/subscribers/{name}", delete(messages::evict))
        .route("/computers/{id}/messages", post(messages::send))
        .merge(input::routes())
}

async fn unknown() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "there is no such call; see PROTOCOL.md for those that there are",
    )
}

async fn wrong_method() -> Response {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "this call takes another method; see PROTOCOL.md")
        .into_response()
}
