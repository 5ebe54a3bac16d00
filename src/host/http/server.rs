//! Accepts connections and serves HTTP/1.1 on them, within the limits that keep strangers cheap.

use std::io::Write as _;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse as _;
use http::StatusCode;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower_service::Service as _;

use super::door::{Door, DoorPlace};
use super::path;
use super::stall::StallGuard;
use crate::host::error::ApiError;
use crate::host::state::tasks::HostTasks;

const MAX_HEADERS: usize = 100;
const MAX_HEAD: usize = 32 << 10;
/// A whole request head has to come within this, so that a connection on which nothing is asked any more is closed.
const HEAD: Duration = Duration::from_secs(5);
/// A peer that takes nothing of what we send for this long is given up.
const STALL: Duration = Duration::from_secs(30);
/// The server waits this long after a failed `accept`, which is mostly a lack of file descriptors.
const BREATHE: Duration = Duration::from_millis(50);

const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 69\r\n\r\n\
    {\"status\":\"error\",\"error_message\":\"this host has no connection free\"}";

/// What accepting connections needs: the places that there are, and the tasks in which they are served.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) door: Door,
    pub(crate) tasks: HostTasks,
}

impl Server {
    pub(crate) async fn run(self, listener: TcpListener, router: Router) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.tasks.closing.cancelled() => return,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(err) => {
                    tracing::warn!(%err, "A connection could not be accepted; the next try follows in a moment");
                    tokio::time::sleep(BREATHE).await;
                    continue;
                }
            };
            match self.door.enter() {
                Some(place) => {
                    let serving = serve(
                        stream,
                        router.clone(),
                        place,
                        self.tasks.closing.clone(),
                        self.tasks.kill.clone(),
                    );
                    self.tasks.tracker.spawn(serving);
                }
                None => refuse(stream),
            }
        }
    }
}

async fn serve(
    stream: TcpStream,
    router: Router,
    place: DoorPlace,
    closing: CancellationToken,
    kill: CancellationToken,
) {
    if let Err(err) = stream.set_nodelay(true) {
        tracing::debug!(%err, "The answers of a connection may be delayed");
    }
    let at_the_door = place.clone();
    let service = service_fn(move |request: http::Request<Incoming>| {
        let (mut router, place) = (router.clone(), place.clone());
        async move {
            // hyper compares its buffer with the limit only while a head is incomplete, so that a head in one piece may
            // be larger.
            if head_size(&request) > MAX_HEAD {
                let why = "the request's head is larger than 32 KiB";
                return Ok(
                    ApiError::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, why).into_response()
                );
            }
            let mut request = request.map(Body::new);
            if let Some(uri) = path::plain(request.uri()) {
                *request.uri_mut() = uri;
            }
            request.extensions_mut().insert(place);
            router.call(request).await
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(StallGuard::new(stream, STALL)), service)
        .with_upgrades();
    tokio::pin!(connection);
    let result = tokio::select! {
        result = &mut connection => result,
        () = at_the_door.gives_way() => return,
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                result = &mut connection => result,
                () = kill.cancelled() => return,
            }
        }
    };
    if let Err(err) = result {
        tracing::debug!(%err, "A connection failed");
    }
}

fn head_size<B>(request: &http::Request<B>) -> usize {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    request
        .headers()
        .iter()
        .fold(target, |sum, (name, value)| sum + name.as_str().len() + value.len() + 4)
}

/// Tells the client that the host is full, in one write that cannot wait, and closes.
fn refuse(stream: TcpStream) {
    if let Err(err) = stream.into_std().and_then(|mut stream| stream.write_all(BUSY)) {
        tracing::debug!(%err, "A connection was refused without being told so");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_is_well_formed() {
        let text = std::str::from_utf8(BUSY).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())), "{}", body.len());
        assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
    }
}
