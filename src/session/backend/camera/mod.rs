//! Watches a camera: it sends pictures over a WebSocket, over HTTP or over plain TCP, with detections in them, and cannot
//! be steered.
//!
//! One attempt is one connection. Only pictures count as life: a camera that sends none for five seconds shows an
//! outdated picture, whatever else it sends.

mod forward;
mod intake;
mod service;
mod socket;
mod stream;

use std::future::pending;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tokio::sync::watch;

pub use self::service::CameraService;

use self::forward::Forwarder;
use self::intake::Intake;
use self::stream::CameraSource;
use crate::model::{Capabilities, EventKind, Forwarding, SessionEvent, Update};
use crate::net::{Auth, Client, NetError};
use crate::protocol::camera::{BoxFormat, CameraAddress, CameraDialect};
use crate::session::{Attention, Backend, BackendIo, SessionError, SessionSink};

/// A picture that is older than this is a fault.
pub(super) const STALL_LIMIT: Duration = Duration::from_secs(5);
/// A camera whose pictures nobody wants is silent for as long as it likes.
const NO_LIMIT: Duration = Duration::from_hours(24 * 365);
/// Time limit for the first picture of a connection. Some servers have to wake the camera first.
pub(super) const FIRST_PICTURE_LIMIT: Duration = Duration::from_secs(15);

/// All that is needed to watch one camera.
#[derive(Clone, Debug)]
pub struct CameraSetup {
    /// Name of the camera in lists, and in forwarded pictures where it does not tell its id.
    pub name: String,
    /// Address of the camera, with the way that it sends pictures.
    pub address: CameraAddress,
    /// Credential for the camera.
    pub auth: Auth,
    /// Form of the boxes in the camera's detections.
    pub box_format: BoxFormat,
    /// The service to which pictures are sent on, if any.
    pub forward: Option<ForwardSetup>,
}

/// The service to which pictures are sent on.
#[derive(Clone, Debug)]
pub struct ForwardSetup {
    /// Address of the service.
    pub base: url::Url,
    /// Credential for the service.
    pub auth: Auth,
    /// Most pictures to forward per second.
    pub per_second: f32,
}

/// The way to a camera.
#[derive(Debug)]
enum CameraLink {
    /// A WebSocket, whose server may wait to be asked for pictures.
    Socket { client: Client, is_asked: bool },
    /// A stream of pictures, or one picture after the other.
    Stream(CameraSource),
}

impl CameraLink {
    fn new(address: CameraAddress, auth: Auth) -> Result<Self, NetError> {
        let client = |url| Client::new(url, auth);
        Ok(match address.dialect {
            CameraDialect::Socket => Self::Socket { client: client(address.url)?, is_asked: false },
            CameraDialect::AskedSocket => {
                Self::Socket { client: client(address.url)?, is_asked: true }
            }
            CameraDialect::Http => Self::Stream(CameraSource::Http(client(address.url)?)),
            CameraDialect::Tcp => Self::Stream(CameraSource::Tcp(address.url)),
        })
    }
}

/// Watches one camera.
#[derive(Debug)]
pub struct CameraBackend {
    /// The error for an address that can't be used is told when the session runs, and ends it.
    link: Result<CameraLink, NetError>,
    /// Whether there is a name and a password for the camera.
    has_login: bool,
    box_format: BoxFormat,
    forwarder: Option<Result<Forwarder, NetError>>,
    /// Whether a picture ever came.
    has_worked: AtomicBool,
}

impl CameraBackend {
    /// Makes the backend that watches the camera of `setup`.
    pub fn new(setup: CameraSetup) -> Self {
        let CameraSetup { name, address, auth, box_format, forward } = setup;
        Self {
            has_login: auth.login_name().is_some(),
            link: CameraLink::new(address, auth),
            box_format,
            forwarder: forward.map(|forward| Forwarder::new(forward, name)),
            has_worked: AtomicBool::new(false),
        }
    }

    async fn attempt(&mut self, io: &mut BackendIo) -> Result<(), SessionError> {
        let over = |err: &NetError| SessionError::Ended(err.to_string());
        let link = self.link.as_ref().map_err(over)?;
        let BackendIo { sink, cancel, attention, .. } = io;
        let forwarder = match &mut self.forwarder {
            Some(Ok(forwarder)) => Some(forwarder),
            Some(Err(err)) => {
                // A camera whose pictures cannot be forwarded is watched all the same.
                let why = format!("Nothing can be forwarded: {err}");
                sink.event(SessionEvent::ours(EventKind::Forwarding, why.clone()));
                sink.update(Update::Forwarding(Forwarding {
                    last_error: Some(why),
                    ..Forwarding::default()
                }));
                self.forwarder = None;
                None
            }
            None => None,
        };
        sink.silence_limit(STALL_LIMIT);
        sink.update(Update::Capabilities(Capabilities {
            detections: matches!(link, CameraLink::Socket { is_asked: false, .. }),
            ..Capabilities::default()
        }));
        let outgoing = forwarder.as_ref().map(|forwarder| forwarder.outgoing());
        let is_forwarded = outgoing.is_some();
        let watch = async {
            let mut intake =
                Intake::new(sink, self.box_format, self.has_login, outgoing, &self.has_worked);
            loop {
                let watch = async {
                    match link {
                        CameraLink::Socket { client, is_asked } => {
                            socket::watch(client, intake, *is_asked).await
                        }
                        CameraLink::Stream(source) => stream::watch(source, intake).await,
                    }
                };
                tokio::select! {
                    error = watch => return error,
                    () = useless(sink, attention.clone()), if !is_forwarded => {}
                }
                // Nobody looks, so the connection is given up. That it is silent now is no fault.
                sink.silence_limit(NO_LIMIT);
                wanted(attention.clone()).await;
                sink.heard(0);
                sink.silence_limit(STALL_LIMIT);
                intake = Intake::resumed(sink, self.box_format, self.has_login, &self.has_worked);
            }
        };
        let forward = async {
            match forwarder {
                Some(forwarder) => forwarder.run(sink).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = cancel.cancelled() => Ok(()),
            error = watch => Err(error),
            never = forward => match never {},
        }
    }
}

/// Waits until the camera is known to send pictures and none is of use.
async fn useless(sink: &SessionSink, mut attention: watch::Receiver<Attention>) {
    let since = Instant::now();
    sink.has_pictures(since).await;
    if attention.wait_for(|now| !now.wants_pictures()).await.is_err() {
        // The window's end is gone, so the session is being closed.
        pending().await
    }
}

async fn wanted(mut attention: watch::Receiver<Attention>) {
    if attention.wait_for(|now| now.wants_pictures()).await.is_err() {
        pending().await
    }
}

impl Backend for CameraBackend {
    fn run<'a>(&'a mut self, io: &'a mut BackendIo) -> BoxFuture<'a, Result<(), SessionError>> {
        Box::pin(self.attempt(io))
    }
}
