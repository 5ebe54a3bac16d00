//! Serves the session's WebSocket: input and commands come in, state, events and pictures go out.
//!
//! Reading and writing never wait for each other: a client that reads slowly still steers at once.

mod reader;
mod writer;

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use futures_util::StreamExt as _;
use http::header::{self, HeaderValue};
use http::{HeaderMap, StatusCode};
use hyper::upgrade::OnUpgrade;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::error::ApiError;
use super::grant::{GRANT_ENDED, GrantRight};
use super::http::body::Params;
use super::http::door::DoorPlace;
use super::http::handshake::{Declined, Handshake, goodbye, stream, switching};
use super::http::subscriber::EventsQuery;
use super::hub::Subscription;
use super::session::Session;
use super::session::people::{Desk, Seat};
use super::state::HostState;
use crate::model::EventKind;
use crate::protocol::socket::SUBPROTOCOL;
use reader::Reader;
use writer::{Note, Writer};

/// The largest message is a paste with a picture and its text.
const MAX_MESSAGE: usize = 16 << 20;
/// One picture in Base64 has at most so many bytes.
const MAX_WRITE: usize = 32 << 20;
/// So many answers to the client's own messages may wait; a client that does not read them loses more.
const NOTES: usize = 64;

/// One open socket.
struct SessionSocket {
    session: Arc<Session>,
    events: Subscription,
    seat: Seat,
    desk: Desk,
    grant_ended: CancellationToken,
    kill: CancellationToken,
    _place: Option<DoorPlace>,
}

pub(super) async fn upgrade(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
    Params(query): Params<EventsQuery>,
    Params(who): Params<Who>,
    request: Request,
) -> Result<Response, ApiError> {
    let session = host.registry.live(&id)?;
    let handshake = match Handshake::read(request) {
        Ok(handshake) => handshake,
        Err(declined) => {
            if matches!(declined, Declined::Malformed(_)) {
                tell_failed(&session, declined.why());
            }
            return Ok(declined.into_response());
        }
    };
    let owns = handshake.grant.as_ref().is_some_and(|grant| grant.may(GrantRight::Admin));
    let wish = query.wish("ws", &handshake.headers, owns).map_err(|err| {
        tell_failed(&session, &err.message);
        err.because("connect_failed")
    })?;
    let key = wish.name.clone();
    let events = session.hub.subscribe(wish);
    let full = |why| ApiError::new(StatusCode::SERVICE_UNAVAILABLE, why);
    let (seat, desk) = session.people.join(&who.name, key).map_err(full)?;
    let socket = SessionSocket {
        events,
        seat,
        desk,
        session,
        grant_ended: handshake.grant_ended(),
        kill: host.tasks.kill.clone(),
        _place: handshake.place,
    };
    let mut response = switching(handshake.accept);
    if offers_subprotocol(&handshake.headers) {
        response
            .headers_mut()
            .insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    }
    host.tasks.tracker.spawn(socket.run(handshake.upgrade));
    Ok(response)
}

impl SessionSocket {
    async fn run(self, upgrade: OnUpgrade) {
        let stream = match stream(upgrade, MAX_MESSAGE, MAX_WRITE).await {
            Ok(stream) => stream,
            Err(err) => {
                let why = "a socket was not upgraded; the client may have gone away";
                tell_failed(&self.session, why);
                return tracing::debug!(%err, "The socket of a session was not upgraded");
            }
        };
        let (sink, stream) = stream.split();
        let (notes, inbox) = mpsc::channel::<Note>(NOTES);
        let Self { session, events, seat, desk, grant_ended, kill, _place } = self;
        let _watching = session.lifetime.watch();
        let writer = Writer::new(sink, session.clone(), events, inbox, desk, kill);
        // The reader takes `notes` with it, which tells the writer to say goodbye.
        let reader = Reader::new(stream, session.clone(), notes, &seat);
        let cut = async {
            tokio::select! {
                () = seat.kicked() => {}
                () = grant_ended.cancelled() => seat.dismiss(GRANT_ENDED),
            }
        };
        // Whatever this participant held down goes with the seat.
        goodbye(reader.run(), writer.run(), cut).await;
    }
}

/// Tells everybody that a socket came to nothing.
fn tell_failed(session: &Session, why: &str) {
    let fields = json!({"reason": "connect_failed", "details": why});
    session.hub.broadcast(EventKind::Error, fields);
}

/// The words that a participant says of itself as it comes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Who {
    name: String,
}

fn offers_subprotocol(headers: &HeaderMap) -> bool {
    let offers = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok());
    offers.flat_map(|value| value.split(',')).any(|name| name.trim() == SUBPROTOCOL)
}
