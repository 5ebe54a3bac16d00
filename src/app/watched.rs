//! A session that is being watched: its handle, and the texture its pictures go to.

use std::time::Instant;

use egui::{Context, TextureHandle, TextureOptions};
use jiff::Timestamp;

use crate::model::{Condition, EncodedFrame, FrameSize, SessionView};
use crate::session::SessionHandle;
use crate::ui::state::{OpenSession, Picture, SessionKey};
use crate::video::stats::age_of;
use crate::video::DecodedFrame;

/// The background end of an [`OpenSession`]; the two lists run in parallel.
#[derive(Debug)]
pub struct Watched {
    pub handle: SessionHandle,
    texture: Option<TextureHandle>,
    /// The picture on screen as it came, for snapshots.
    pub source: Option<EncodedFrame>,
    /// A picture was uploaded and has not been painted yet.
    unpainted: Option<(Instant, Option<Timestamp>)>,
}

impl Watched {
    pub fn new(handle: SessionHandle) -> Self {
        Self { handle, texture: None, source: None, unpainted: None }
    }

    /// Brings `open` up to date with everything that came since the last pass.
    pub fn update(&mut self, open: &mut OpenSession, ctx: &Context, options: TextureOptions, now: Instant) {
        for update in self.handle.drain() {
            open.view.apply(update);
        }
        open.view.status = self.handle.status();
        open.view.traffic = self.handle.traffic();
        open.condition = Condition::of(&open.view.status, &open.view.traffic, now);
        open.stats = self.handle.stats();
        open.name = name_of(&open.key, &open.view);
        if let Some(frame) = self.handle.take_frame() {
            open.picture = Some(self.upload(frame, ctx, options));
        }
    }

    /// Counts the picture that the pass just painted.
    pub fn painted(&mut self, now: Instant, wall: Timestamp) {
        if let Some((received_at, captured_at)) = self.unpainted.take() {
            self.handle.stream_stats().shown(age_of(captured_at, received_at, now, wall));
        }
    }

    fn upload(&mut self, frame: DecodedFrame, ctx: &Context, options: TextureOptions) -> Picture {
        let started = Instant::now();
        let DecodedFrame { image, size, captured_at, received_at, source } = frame;
        let texture = match &mut self.texture {
            // Same size: into the texture that is there, without a new allocation on the GPU.
            Some(texture) if texture.size() == image.size => {
                texture.set_partial([0, 0], image, options);
                texture.clone()
            }
            slot => slot.insert(ctx.load_texture("session picture", image, options)).clone(),
        };
        self.handle.stream_stats().uploaded(started.elapsed());
        self.source = Some(source);
        self.unpainted = Some((received_at, captured_at));
        Picture { texture, size, received_at, captured_at }
    }
}

fn name_of(key: &SessionKey, view: &SessionView) -> String {
    let Some(tab) = view.tabs.iter().find(|tab| tab.active) else {
        return if view.page.title.is_empty() { key.id.clone() } else { view.page.title.clone() };
    };
    if tab.title.is_empty() { key.id.clone() } else { tab.title.clone() }
}

/// A session as it looks before anything is known of it.
pub fn just_opened(key: SessionKey) -> OpenSession {
    let view = SessionView::default();
    OpenSession {
        name: key.id.clone(),
        condition: Condition::Connecting { attempt: 0 },
        key,
        view,
        picture: None,
        stats: Default::default(),
    }
}

/// The size of the picture on screen, if there is one.
pub fn frame_size(open: &OpenSession) -> Option<FrameSize> {
    open.picture.as_ref().map(|picture| picture.size)
}
