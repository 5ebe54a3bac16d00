//! Serves the computers API over HTTP, with and without `/v1`.

mod computers;
mod downloads;
mod files;
mod grants;
mod input;
mod messages;
mod pages;
mod pdf;
mod people;
mod selection;
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
use super::http::repeats::{self, Repeats};
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
pub(crate) fn router(
    host: Arc<HostState>,
    services: &HostServices,
    guard: Arc<Guard>,
    repeats: &Arc<Repeats>,
) -> Router {
    let headers: Arc<[AnswerHeader]> = host.config.headers.clone().into();
    let any = CallGate { guard: guard.clone(), need: ANYTHING, by_query: false };
    let api = Router::new()
        .merge(api(services, &guard, repeats))
        .nest("/v1", api(services, &guard, repeats))
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

/// The calls of the API. Every one stands in a group that says which right it needs. Whoever has not got it gets no
/// answer that was given before either.
fn api(
    services: &HostServices,
    guard: &Arc<Guard>,
    repeats: &Arc<Repeats>,
) -> Router<Arc<HostState>> {
    let gated = |right, whole_host, by_query, calls: Router<Arc<HostState>>| {
        let need = GrantNeed { right: Some(right), whole_host };
        let gate = CallGate { guard: guard.clone(), need, by_query };
        calls.route_layer(from_fn_with_state(gate, guard::admit))
    };
    let of_one = |right, calls| gated(right, false, false, calls);
    let of_host = |right, calls| gated(right, true, false, calls);
    let once = from_fn_with_state(repeats.clone(), repeats::once);
    let cameras = &services.cameras;
    let files = Router::new()
        .route("/computers/{id}/files", post(files::upload))
        .route("/computers/{id}/drop", post(files::drop_files))
        .layer(once.clone())
        .layer(DefaultBodyLimit::max(files::MAX_BODY));
    // Their answers are large and kept for no second request.
    let downloads = Router::new()
        .route("/computers/{id}/downloads", get(downloads::list))
        .route("/computers/{id}/downloads/{file}", get(downloads::read).delete(downloads::remove));
    let selection = Router::new().route("/computers/{id}/selection", get(selection::read));
    let listing = Router::new().route("/computers", get(computers::list));
    let creating = Router::new().route("/computers", post(computers::create)).layer(once.clone());
    Router::new()
        .merge(gated(GrantRight::Watch, false, true, streams()))
        .merge(of_one(GrantRight::Watch, selection))
        .merge(gated(GrantRight::Drive, false, true, sockets()))
        .merge(of_one(GrantRight::Drive, driving().layer(once.clone())))
        .merge(of_one(GrantRight::Drive, files))
        .merge(of_one(GrantRight::Drive, downloads))
        .merge(of_one(GrantRight::Drive, chat::routes(services.chats.clone())))
        .merge(of_one(GrantRight::Admin, owning().layer(once.clone())))
        .merge(of_host(GrantRight::Admin, owning_the_host().layer(once)))
        .merge(of_host(GrantRight::Admin, hooks::routes(services.hooks.clone())))
        .merge(of_host(GrantRight::Create, creating))
        .merge(of_host(GrantRight::Drive, listing))
        .merge(of_host(GrantRight::Watch, camera::list_route(cameras.clone())))
        .merge(gated(GrantRight::Watch, true, true, camera::routes(cameras.clone())))
}

fn streams() -> Router<Arc<HostState>> {
    Router::new()
        .route("/computers/{id}/events", get(streams::events))
        .route("/computers/{id}/screencast", get(streams::screencast))
}

fn sockets() -> Router<Arc<HostState>> {
    Router::new()
        .route("/computers/{id}/ws", get(socket::upgrade))
        .route("/computers/{id}/control", get(socket::upgrade))
}

/// Routes the calls with which a session is driven, but for the files, which are larger than any other body.
fn driving() -> Router<Arc<HostState>> {
    Router::new()
        .route("/computers/{id}", get(computers::retrieve))
        .route("/computers/{id}/status", get(computers::retrieve))
        .route("/computers/{id}/keepalive", post(computers::keepalive))
        .route("/computers/{id}/control", post(people::ask))
        .route("/computers/{id}/participants", get(people::list))
        .route("/computers/{id}/execute", post(input::execute))
        .route("/computers/{id}/batch", post(input::batch))
        .route("/computers/{id}/pdf", get(pdf::print))
        .route("/computers/{id}/tabs", get(tabs::list).post(tabs::create))
        .route("/computers/{id}/tabs/{tab}", delete(tabs::close))
        .route("/computers/{id}/tabs/{tab}/switch", post(tabs::switch))
        .route("/computers/{id}/exec", post(shell::exec))
        .route("/computers/{id}/exec/sync", post(shell::exec_sync))
        .route("/computers/{id}/messages", post(messages::send))
        .merge(input::routes())
}

/// Routes the calls about who else has to do with a session, and its end.
fn owning() -> Router<Arc<HostState>> {
    Router::new()
        .route("/computers/{id}", delete(computers::end))
        .route("/computers/{id}/subscribers", get(messages::subscribers))
        .route("/computers/{id}/subscribers/{name}", delete(messages::evict))
        .route("/computers/{id}/grants", get(grants::list).post(grants::give))
        .route("/computers/{id}/grants/{grant}", delete(grants::end))
}

fn owning_the_host() -> Router<Arc<HostState>> {
    Router::new()
        .route("/grants", get(grants::list_all).post(grants::give_all))
        .route("/grants/{grant}", delete(grants::end_any))
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
