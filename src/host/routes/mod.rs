//! Serves the computers API over HTTP, with and without `/v1`.

mod computers;
mod files;
mod grants;
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
use axum::handler::Handler as _;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use http::StatusCode;

use super::camera::{self, Cameras};
use super::chat::{self, HostChats};
use super::error::ApiError;
use super::grant::{GrantNeed, GrantRight};
use super::hooks::{self, Hooks};
use super::http::guard::{self, CallGate, Guard};
use super::http::origins::{AnswerHeader, add_headers};
use super::http::secrets;
use super::socket;
use super::state::HostState;

/// A request's body has at most so many bytes.
const MAX_BODY: usize = 1 << 20;
/// Any token will do, because nothing is told or done.
const ANYTHING: GrantNeed = GrantNeed { right: None, whole_host: false };

/// The services of a host besides its sessions.
pub(crate) struct HostServices {
    pub(crate) cameras: Arc<Cameras>,
    pub(crate) chats: Arc<HostChats>,
    pub(crate) hooks: Arc<Hooks>,
}

/// Routes every call of a host.
pub(crate) fn router(host: Arc<HostState>, services: &HostServices, guard: Arc<Guard>) -> Router {
    let headers: Arc<[AnswerHeader]> = host.config.headers.clone().into();
    let any = CallGate { guard: guard.clone(), need: ANYTHING, by_query: false };
    let api = Router::new()
        .merge(api(services, &guard))
        .nest("/v1", api(services, &guard))
        .fallback(unknown.layer(from_fn_with_state(any.clone(), guard::admit)))
        .method_not_allowed_fallback(wrong_method.layer(from_fn_with_state(any, guard::admit)));
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
        .layer(map_response(move |mut answer: Response| {
            add_headers(&headers, answer.headers_mut());
            std::future::ready(answer)
        }))
        .with_state(host)
}

/// The calls of the API. Every one stands in a group that says which right it needs.
fn api(services: &HostServices, guard: &Arc<Guard>) -> Router<Arc<HostState>> {
    let gated = |right, by_query, calls: Router<Arc<HostState>>| {
        let need = GrantNeed { right: Some(right), whole_host: false };
        let gate = CallGate { guard: guard.clone(), need, by_query };
        calls.route_layer(from_fn_with_state(gate, guard::admit))
    };
    let of_host = |right, by_query, calls: Router<Arc<HostState>>| {
        let need = GrantNeed { right: Some(right), whole_host: true };
        let gate = CallGate { guard: guard.clone(), need, by_query };
        calls.route_layer(from_fn_with_state(gate, guard::admit))
    };
    let streams = Router::new()
        .route("/computers/{id}/events", get(streams::events))
        .route("/computers/{id}/screencast", get(streams::screencast));
    let sockets = Router::new()
        .route("/computers/{id}/ws", get(socket::upgrade))
        .route("/computers/{id}/control", get(socket::upgrade));
    let driving = Router::new()
        .route("/computers/{id}", get(computers::retrieve))
        .route("/computers/{id}/status", get(computers::retrieve))
        .route("/computers/{id}/keepalive", post(computers::keepalive))
        .route("/computers/{id}/control", post(people::ask))
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
        .route("/computers/{id}/messages", post(messages::send))
        .merge(input::routes())
        .merge(chat::routes(services.chats.clone()));
    let owning = Router::new()
        .route("/computers/{id}", delete(computers::end))
        .route("/computers/{id}/subscribers", get(messages::subscribers))
        .route("/computers/{id}/subscribers/{name}", delete(messages::evict))
        .route("/computers/{id}/grants", get(grants::list).post(grants::give))
        .route("/computers/{id}/grants/{grant}", delete(grants::end));
    let owning_the_host = Router::new()
        .route("/grants", get(grants::list_all).post(grants::give_all))
        .route("/grants/{grant}", delete(grants::end_any))
        .merge(hooks::routes(services.hooks.clone()));
    Router::new()
        .merge(gated(GrantRight::Watch, true, streams))
        .merge(gated(GrantRight::Drive, true, sockets))
        .merge(gated(GrantRight::Drive, false, driving))
        .merge(gated(GrantRight::Admin, false, owning))
        .merge(of_host(GrantRight::Admin, false, owning_the_host))
        .merge(of_host(
            GrantRight::Create,
            false,
            Router::new().route("/computers", post(computers::create)),
        ))
        .merge(of_host(
            GrantRight::Drive,
            false,
            Router::new().route("/computers", get(computers::list)),
        ))
        .merge(of_host(GrantRight::Watch, false, camera::list_route(services.cameras.clone())))
        .merge(of_host(GrantRight::Watch, true, camera::routes(services.cameras.clone())))
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
