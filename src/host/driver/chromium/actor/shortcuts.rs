//! Does what a key asks of the browser once its page has left it alone, and keeps how large each page is shown.

use serde_json::{Value, json};

use super::BrowserActor;
use crate::host::driver::DriverError;
use crate::host::driver::chromium::jobs::TakenCalls;
use crate::host::driver::chromium::shortcut::{OWN_SIZE, ZOOMS, zoom_step};
use crate::host::driver::chromium::tabs::BrowserTab;
use crate::host::driver::chromium::world::BindingCalled;
use crate::model::{FrameSize, PageControl, PressedShortcut, Shortcut};

/// So many commands of the page's keys may wait for their turn. A page that hangs gets no more.
const MAX_WAITING: usize = 8;

impl BrowserActor {
    /// A document tells of a key that its page left alone.
    pub(super) fn told_of_shortcut(&mut self, session: &str, called: &BindingCalled) -> Option<()> {
        let shortcut = serde_json::from_value(Value::String(called.payload.clone())).ok()?;
        let tab = self.tabs.by_session(session)?;
        let (tab_id, zoom, loading) = (tab.id.clone(), tab.zoom, tab.loading);
        let (back, forward) = (tab.can_go_back, tab.can_go_forward);
        let command = match shortcut {
            Shortcut::Back => back.then_some(PageControl::Back),
            Shortcut::Forward => forward.then_some(PageControl::Forward),
            Shortcut::Reload => Some(PageControl::Reload),
            Shortcut::Stop => loading.then_some(PageControl::Stop),
            Shortcut::NewTab => Some(PageControl::NewTab { url: None }),
            Shortcut::ZoomIn => Some(PageControl::Zoom { percent: zoom_step(zoom, true) }),
            Shortcut::ZoomOut => Some(PageControl::Zoom { percent: zoom_step(zoom, false) }),
            Shortcut::ZoomReset => Some(PageControl::Zoom { percent: OWN_SIZE }),
            // These are for the window of whoever pressed the key.
            Shortcut::Find
            | Shortcut::FindNext
            | Shortcut::FindPrevious
            | Shortcut::Print
            | Shortcut::Address => None,
        };
        // Windows show the active tab, so they act on no key of another one.
        let is_shown = self.tabs.active_id() == Some(&tab_id);
        if let Some(command) = command
            && self.own_commands.len() < MAX_WAITING
        {
            self.own_commands.push_back((tab_id, command));
        }
        if !is_shown {
            return Some(());
        }
        let seq = self.shortcut.map_or(0, |last| last.seq) + 1;
        self.shortcut = Some(PressedShortcut { seq, shortcut });
        Some(())
    }

    /// Shows a page larger or smaller. As in a browser its viewport has fewer or more CSS pixels, and a screenshot's
    /// size stays.
    pub(super) fn zoom(
        &mut self,
        tab: Option<&str>,
        percent: u32,
    ) -> Result<TakenCalls, DriverError> {
        if !ZOOMS.contains(&percent) {
            return Err(DriverError::BadRequest(format!(
                "A page can't be shown at {percent} %; give {} to {}",
                ZOOMS.start(),
                ZOOMS.end()
            )));
        }
        let tab = self.tabs.wanted(tab)?;
        tab.no_dialog()?;
        tab.zoom = percent;
        let session = tab.session.clone();
        let metrics = metrics(self.parts.size, self.parts.scale, percent);
        let sent = self.send(&session, "Emulation.setDeviceMetricsOverride", metrics)?;
        Ok(TakenCalls::Command(sent))
    }
}

/// Returns the size of a tab's viewport in its own CSS pixels, where `size` is that of the session.
pub(super) fn viewport(size: FrameSize, tab: &BrowserTab) -> FrameSize {
    zoomed(size, tab.zoom)
}

/// Makes the emulated screen of a page that is shown at `percent`.
pub(super) fn metrics(size: FrameSize, scale: f64, percent: u32) -> Value {
    let FrameSize { width, height } = zoomed(size, percent);
    let scale = scale * f64::from(percent) / f64::from(OWN_SIZE);
    json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false })
}

fn zoomed(size: FrameSize, percent: u32) -> FrameSize {
    let side = |pixels: u32| {
        let side = f64::from(pixels) * f64::from(OWN_SIZE) / f64::from(percent);
        (side.round() as u32).max(1)
    };
    FrameSize { width: side(size.width), height: side(size.height) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_page_has_fewer_pixels_of_its_own_and_the_same_picture() {
        let size = FrameSize { width: 1280, height: 720 };
        let expected =
            json!({"width": 640, "height": 360, "deviceScaleFactor": 4.0, "mobile": false});
        assert_eq!(metrics(size, 2.0, 200), expected);
        let expected =
            json!({"width": 1280, "height": 720, "deviceScaleFactor": 1.0, "mobile": false});
        assert_eq!(metrics(size, 1.0, 100), expected);
        assert_eq!(
            zoomed(FrameSize { width: 1, height: 1 }, 500),
            FrameSize { width: 1, height: 1 }
        );
    }
}
