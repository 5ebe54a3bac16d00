//! What only these tests ask of a watched camera.

use std::sync::Arc;
use std::time::Instant;

use helmsight::model::{Capabilities, Condition, Detection, Forwarding, Status, Update};
use helmsight::net::Auth;
use helmsight::protocol::camera::{BoxFormat, CameraAddress};
use helmsight::session::OpenOptions;
use helmsight::session::backend::{CameraBackend, CameraSetup, ForwardSetup};

use crate::support::Watched;

pub(crate) fn setup(url: &str) -> CameraSetup {
    CameraSetup {
        name: "Camera".to_owned(),
        address: CameraAddress::parse(url).unwrap(),
        auth: Auth::none(),
        box_format: BoxFormat::Xywh,
        forward: None,
    }
}

impl Watched {
    pub(crate) fn new(setup: CameraSetup) -> Self {
        Self::open(CameraBackend::new(setup), OpenOptions::default())
    }

    pub(crate) fn at(url: &str) -> Self {
        Self::new(setup(url))
    }

    pub(crate) fn forwarding_to(url: &str, base: &str, auth: Auth, per_second: f32) -> Self {
        let base = base.parse().unwrap();
        let forward = ForwardSetup { base, auth, per_second };
        Self::new(CameraSetup { forward: Some(forward), ..setup(url) })
    }

    /// Waits for a picture of this width, and tells what was found in it.
    pub(crate) async fn picture(&mut self, width: u32) -> Arc<[Detection]> {
        let found = |it: &Self| {
            let mut pictures = it.pictures.iter();
            pictures.find_map(|(size, found)| (size.width == width).then(|| found.clone()))
        };
        self.until("such a picture", |it| found(it).is_some()).await;
        found(self).expect("pictures stay")
    }

    pub(crate) async fn row(&mut self, words: &str) {
        self.until(words, |it| it.texts().iter().any(|text| text.contains(words))).await;
    }

    pub(crate) async fn reconnecting(&mut self) -> String {
        let why = |it: &Self| match it.handle.status() {
            Status::Reconnecting { why, .. } => Some(why),
            _ => None,
        };
        self.until("loss", |it| why(it).is_some()).await;
        why(self).unwrap_or_default()
    }

    pub(crate) fn condition(&self) -> Condition {
        Condition::of(&self.handle.status(), &self.handle.traffic(), Instant::now())
    }

    pub(crate) fn texts(&self) -> Vec<&str> {
        self.rows().map(|row| row.text.as_str()).collect()
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        let told = self.news.iter().rev().find_map(|update| match update {
            Update::Capabilities(capabilities) => Some(*capabilities),
            _ => None,
        });
        told.unwrap_or_default()
    }

    pub(crate) fn forwarding(&self) -> Forwarding {
        let told = self.news.iter().rev().find_map(|update| match update {
            Update::Forwarding(forwarding) => Some(forwarding.clone()),
            _ => None,
        });
        told.unwrap_or_default()
    }
}
