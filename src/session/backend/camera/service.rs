//! Offers the cameras of the settings as a service. It asks no server for the list, and creates and ends nothing.

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, ready};

use super::{CameraBackend, CameraSetup};
use crate::model::{SessionKind, SessionSummary};
use crate::net::NetError;
use crate::session::service::{NewSessionRequest, refused};
use crate::session::{Backend, BackendIo, Service, SessionError};

/// A service whose sessions are cameras. The name of each is its id.
#[derive(Clone, Debug, Default)]
pub struct CameraService {
    cameras: Vec<CameraSetup>,
}

impl CameraService {
    /// Makes a service of these cameras.
    pub fn new(cameras: Vec<CameraSetup>) -> Self {
        Self { cameras }
    }

    fn summary(camera: &CameraSetup) -> SessionSummary {
        let url = &camera.address.url;
        SessionSummary {
            id: camera.name.clone(),
            kind: SessionKind::Camera,
            // The state shows the host, because the camera's own state is not known before it is watched.
            state: url.host_str().unwrap_or_default().to_owned(),
            title: Some(camera.name.clone()),
            ..SessionSummary::default()
        }
    }
}

impl Service for CameraService {
    fn list(&self) -> BoxFuture<'_, Result<Vec<SessionSummary>, NetError>> {
        ready(Ok(self.cameras.iter().map(Self::summary).collect())).boxed()
    }

    fn create<'a>(
        &'a self,
        _: &'a NewSessionRequest,
    ) -> BoxFuture<'a, Result<SessionSummary, NetError>> {
        refused("Cameras are not created; add one by its address")
    }

    fn navigate<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<(), NetError>> {
        refused("A camera shows no pages")
    }

    fn end<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), NetError>> {
        refused("A camera can't be ended from here; remove it from the list instead")
    }

    fn session(&self, id: &str) -> Box<dyn Backend> {
        match self.cameras.iter().find(|camera| camera.name == id) {
            Some(camera) => Box::new(CameraBackend::new(camera.clone())),
            None => Box::new(NoCamera),
        }
    }
}

/// Backend of a camera that was removed, which ends at once.
struct NoCamera;

impl Backend for NoCamera {
    fn run<'a>(&'a mut self, _: &'a mut BackendIo) -> BoxFuture<'a, Result<(), SessionError>> {
        let why = "This camera is not in the list any more; add it again to watch it";
        ready(Err(SessionError::Ended(why.to_owned()))).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Auth;
    use crate::protocol::camera::{BoxFormat, CameraAddress};

    #[tokio::test]
    async fn cameras_are_listed_by_name_and_only_watched() {
        let cameras = CameraService::new(vec![CameraSetup {
            name: "Door".to_owned(),
            address: CameraAddress::parse("ws://door.test:7103/ws/stream/1").unwrap(),
            auth: Auth::none(),
            box_format: BoxFormat::default(),
            forward: None,
        }]);
        let list = cameras.list().await.unwrap();
        assert_eq!((list.len(), list[0].id.as_str()), (1, "Door"));
        assert_eq!((list[0].kind, list[0].ended), (SessionKind::Camera, false));
        assert!(cameras.create(&NewSessionRequest::default()).await.is_err());
        let why = cameras.end("Door").await.unwrap_err().to_string();
        assert!(why.contains("remove it"), "{why}");
    }
}
