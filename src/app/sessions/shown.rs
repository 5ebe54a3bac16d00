//! Takes the pictures of the sessions, and tells each session how many and how large ones are on screen.

use std::time::{Duration, Instant};

use egui::Context;
use jiff::Timestamp;

use super::OpenSessions;
use crate::session::Attention;
use crate::ui::main_window::MainWindowState;
use crate::ui::picture::{FrameToUi, Zoom};
use crate::ui::state::{OpenSession, SessionKey};

impl OpenSessions {
    /// Brings every session up to date with everything that came since the last pass.
    pub(crate) fn update(&mut self, ctx: &Context, window: &mut MainWindowState, now: Instant) {
        for (open, watched) in self.list.pairs_mut() {
            let geometry = geometry(window, self.on_wall, &open.key);
            watched.update(open, ctx, geometry.as_ref(), now);
        }
    }

    /// Counts the pictures that the last pass showed, all of them on the wall and else the one in front; the pass
    /// `took` so long. Returns when they came on screen.
    pub(crate) fn painted(
        &mut self,
        took: Duration,
        now: Instant,
        wall: Timestamp,
    ) -> Vec<Timestamp> {
        let (on_wall, active) = (self.on_wall, self.active);
        let pairs = self.list.pairs_mut().enumerate();
        let shown = pairs.filter(|(at, _)| on_wall || active == Some(*at));
        shown.filter_map(|(_, (_, watched))| watched.painted(took, now, wall)).collect()
    }

    /// Tells every session that nobody sees it.
    pub(crate) fn hide_all(&self) {
        for (open, watched) in self.list.pairs() {
            watched.handle.set_attention(self.unseen(open));
        }
    }

    /// Tells every session how closely it is looked at.
    pub(crate) fn tell_attention(&self, window: &mut MainWindowState) {
        for (at, (open, watched)) in self.list.pairs().enumerate() {
            let attention = if self.on_wall {
                let tile = window.wall.shown(&open.key);
                tile.map_or_else(|| self.unseen(open), |tile| Attention::tile(tile.width))
            } else if self.active == Some(at) {
                Attention::Focus
            } else {
                self.unseen(open)
            };
            watched.handle.set_attention(attention);
            let geometry = geometry(window, self.on_wall, &open.key);
            if let Some(geometry) = &geometry {
                watched.handle.set_shown_scale(geometry.scale());
            }
            let fits = attention == Attention::Focus && window.of(&open.key).fits;
            let whole = geometry.filter(|geometry| fits && geometry.view().zoom == Zoom::Fit);
            watched.handle.set_requests(window.log.requests);
            watched.handle.set_fit(whole.and_then(|geometry| geometry.page_fit()));
        }
    }
}

impl<H> OpenSessions<H> {
    /// What a session that nobody sees has to do with its pictures.
    fn unseen(&self, open: &OpenSession) -> Attention {
        let is_searched =
            open.view.capabilities.detections && self.objects.look_at(&open.key.path());
        if is_searched { Attention::Unseen } else { Attention::Hidden }
    }
}

/// Returns where the session's picture was painted last.
fn geometry(window: &mut MainWindowState, on_wall: bool, key: &SessionKey) -> Option<FrameToUi> {
    if on_wall {
        window.wall.shown(key)?.geometry
    } else {
        let surface = window.of(key).picture.surface();
        surface.map(|surface| surface.geometry)
    }
}
