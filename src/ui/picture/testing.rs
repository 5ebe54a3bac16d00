//! Makes a session with a picture, for tests.

use std::time::{Duration, Instant};

use egui::{ColorImage, Context, TextureOptions};

use crate::model::{Capabilities, Condition, FrameSize, SessionView, StatsSnapshot};
use crate::ui::state::{OpenSession, Picture, SessionKey};

/// Returns a live session that can be controlled, with a picture that arrived half a minute before `now`.
pub(crate) fn session(ctx: &Context, size: FrameSize, now: Instant) -> OpenSession {
    let image = ColorImage::example();
    OpenSession {
        recording: None,
        key: SessionKey { service: "local".to_owned(), id: "s1".to_owned() },
        name: "Example".to_owned(),
        view: SessionView {
            capabilities: Capabilities {
                clicks: true,
                pointer_moves: true,
                keys: true,
                ..Capabilities::default()
            },
            ..SessionView::default()
        },
        condition: Condition::Live,
        picture: Some(Picture {
            texture: ctx.load_texture("test", image, TextureOptions::NEAREST),
            size,
            received_at: now - Duration::from_secs(30),
            captured_at: None,
            detections: Default::default(),
        }),
        stats: StatsSnapshot {
            frames_received: 1_234,
            age_p50: Duration::from_millis(38),
            ..StatsSnapshot::default()
        },
    }
}
