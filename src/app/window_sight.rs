//! Whether anybody can see the window. What nobody sees asks for no pictures.

use egui::Context;

pub(super) struct WindowSight {
    is_mapped: bool,
    /// Whether the window was painted since the last pass began.
    was_painted: bool,
}

impl WindowSight {
    pub(super) fn new() -> Self {
        Self { is_mapped: true, was_painted: true }
    }

    /// Notes that the window was taken off the screen, or put back on it.
    pub(super) fn note_mapped(&mut self, is_mapped: bool) {
        self.is_mapped = is_mapped;
    }

    /// Notes that the window is being painted.
    pub(super) fn painted(&mut self) {
        self.was_painted = true;
    }

    /// Begins a pass, and tells whether nobody sees the window. Where the system keeps from it that it is covered, it
    /// still does not let it be painted.
    pub(super) fn begin_pass(&mut self, ctx: &Context) -> bool {
        let was_painted = std::mem::take(&mut self.was_painted);
        !was_painted || self.is_hidden(ctx)
    }

    /// Tells whether the window is known to be hidden.
    pub(super) fn is_hidden(&self, ctx: &Context) -> bool {
        let told = ctx.input(|input| input.viewport().visible());
        !self.is_mapped || told == Some(false)
    }
}

#[cfg(test)]
mod tests {
    use egui::{RawInput, ViewportId, ViewportInfo};

    use super::*;

    #[test]
    fn a_window_is_hidden_when_it_is_told_or_no_longer_painted() {
        let told = |visible: bool| {
            let ctx = Context::default();
            let info = ViewportInfo {
                minimized: Some(false),
                occluded: Some(!visible),
                ..ViewportInfo::default()
            };
            let viewports = [(ViewportId::ROOT, info)].into_iter().collect();
            let raw = RawInput { viewports, ..RawInput::default() };
            ctx.run_ui(raw, |_| ()).textures_delta.clear();
            ctx
        };
        let (visible, covered) = (told(true), told(false));
        let mut sight = WindowSight::new();
        assert!(!sight.begin_pass(&visible));
        sight.painted();
        assert!(!sight.begin_pass(&visible));
        // The system did not let it be painted.
        assert!(sight.begin_pass(&visible));
        sight.painted();
        assert!(sight.begin_pass(&covered) && sight.is_hidden(&covered));
        sight.note_mapped(false);
        assert!(sight.is_hidden(&visible));
        sight.note_mapped(true);
        assert!(!sight.is_hidden(&visible));
    }
}
