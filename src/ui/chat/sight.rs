//! Keeps the room of what can't be seen, so that only what is in sight is laid out, however much there is.

use egui::{Rect, Sense, Ui, vec2};

/// The size that something had when it was drawn last, in points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct DrawnSize(Option<(f32, f32)>);

impl DrawnSize {
    /// Forgets the size of something that has changed.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }

    /// Draws the content, or only takes its room where it is out of sight and its height at this width is known.
    pub(super) fn ui(&mut self, ui: &mut Ui, draw: impl FnOnce(&mut Ui)) {
        let width = ui.available_width();
        if let Some((of_width, height)) = self.0
            && of_width == width
        {
            let rect = Rect::from_min_size(ui.cursor().min, vec2(width, height));
            if !ui.is_rect_visible(rect) {
                ui.allocate_exact_size(rect.size(), Sense::empty());
                return;
            }
        }
        let drawn = ui.scope(draw).response.rect;
        self.0 = Some((width, drawn.height()));
    }
}
