//! Shows the windows beside the main one, in the same way for every shell.

use egui::{Context, ViewportBuilder, ViewportId};

use super::WindowApp;

/// A window beside the main one that is to be open.
pub struct Viewport {
    /// The same id names the same window in every pass.
    pub id: ViewportId,
    /// The window's title, size and other properties.
    pub builder: ViewportBuilder,
}

/// Shows the windows that `app` wants beside the main one. A shell that has no second window shows them inside of the
/// main one.
pub(super) fn show(app: &mut impl WindowApp, ctx: &Context) {
    for Viewport { id, builder } in app.viewports() {
        ctx.show_viewport_immediate(id, builder, |ui, _| app.viewport_ui(ui, id));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use egui::{Key, RawInput, Ui};

    use super::*;

    /// A program with two windows beside its main one.
    #[derive(Default)]
    struct Painter {
        painted: Vec<ViewportId>,
    }

    impl WindowApp for Painter {
        fn note_press(&mut self, _: Key, _: bool) {}

        fn note_mapped(&mut self, _: bool) {}

        fn raw_input_hook(&mut self, _: &Context, _: &mut RawInput) {}

        fn logic(&mut self, _: &Context, _: Option<Duration>) {}

        fn ui(&mut self, _: &mut Ui) {}

        fn viewports(&self) -> Vec<Viewport> {
            let viewport = |name: &str| Viewport {
                id: ViewportId::from_hash_of(name),
                builder: ViewportBuilder::default().with_title(name),
            };
            ["one", "two"].map(viewport).into()
        }

        fn viewport_ui(&mut self, _: &mut Ui, viewport: ViewportId) {
            self.painted.push(viewport);
        }

        fn save(&mut self) {}

        fn close(&mut self) {}
    }

    #[test]
    fn every_window_is_painted_once_in_a_pass() {
        let mut app = Painter::default();
        let ctx = Context::default();
        let mut output = ctx.run_ui(RawInput::default(), |ui| show(&mut app, ui.ctx()));
        output.textures_delta.clear();
        assert_eq!(app.painted, ["one", "two"].map(ViewportId::from_hash_of));
    }
}
