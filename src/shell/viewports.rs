//! Shows the windows beside the main one, in the same way for every shell.

use egui::{Context, ViewportBuilder, ViewportClass, ViewportId};

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
        ctx.show_viewport_immediate(id, builder, |ui, class| {
            // Shown inside of the main window, it has no input of its own.
            if class == ViewportClass::Immediate {
                hook_input(app, ui.ctx());
            }
            app.viewport_ui(ui, id);
        });
    }
}

/// Runs the app's hook on the input of the window that is being painted, because shells run it for the main window
/// only. The pass has begun, so egui knows already which keys and buttons are down, but no widget has read an event.
fn hook_input(app: &mut impl WindowApp, ctx: &Context) {
    let mut raw = ctx.input(|input| input.raw.clone());
    raw.events = ctx.input_mut(|input| std::mem::take(&mut input.events));
    app.raw_input_hook(ctx, &mut raw);
    ctx.input_mut(|input| input.events = raw.events);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use egui::{Event, ImmediateViewport, Key, RawInput, Ui};

    use super::*;

    /// A program with two windows beside its main one. It takes every paste away before a window sees it.
    #[derive(Default)]
    struct Painter {
        hooked: Vec<ViewportId>,
        painted: Vec<(ViewportId, Vec<Event>)>,
    }

    impl WindowApp for Painter {
        fn note_press(&mut self, _: Key, _: bool) {}

        fn note_mapped(&mut self, _: bool) {}

        fn raw_input_hook(&mut self, _: &Context, input: &mut RawInput) {
            self.hooked.push(input.viewport_id);
            input.events.retain(|event| !matches!(event, Event::Paste(_)));
        }

        fn logic(&mut self, _: &Context, _: Option<Duration>) {}

        fn ui(&mut self, _: &mut Ui) {}

        fn viewports(&self) -> Vec<Viewport> {
            let viewport = |id| Viewport { id, builder: ViewportBuilder::default() };
            windows().map(viewport).into()
        }

        fn viewport_ui(&mut self, ui: &mut Ui, viewport: ViewportId) {
            self.painted.push((viewport, ui.input(|input| input.events.clone())));
        }

        fn save(&mut self) {}

        fn close(&mut self) {}
    }

    fn windows() -> [ViewportId; 2] {
        ["one", "two"].map(ViewportId::from_hash_of)
    }

    /// Paints a window as a shell does that has real ones. Something was typed and pasted in each.
    fn paint(ctx: &Context, viewport: ImmediateViewport<'_>) {
        let ImmediateViewport { ids, mut viewport_ui_cb, .. } = viewport;
        let input = RawInput {
            viewport_id: ids.this,
            viewports: [(ids.this, Default::default())].into_iter().collect(),
            events: vec![Event::Paste("secret".to_owned()), Event::Text("a".to_owned())],
            ..RawInput::default()
        };
        let mut output = ctx.run_ui(input, |ui| viewport_ui_cb(ui));
        output.textures_delta.clear();
    }

    fn pass(ctx: &Context, app: &mut Painter) {
        let mut output = ctx.run_ui(RawInput::default(), |ui| show(app, ui.ctx()));
        output.textures_delta.clear();
    }

    #[test]
    fn every_window_is_painted_once_in_a_pass_and_its_input_is_hooked_before() {
        let mut app = Painter::default();
        let ctx = Context::default();
        ctx.set_embed_viewports(false);
        Context::set_immediate_viewport_renderer(paint);
        pass(&ctx, &mut app);
        let typed = || vec![Event::Text("a".to_owned())];
        assert_eq!(app.hooked, windows());
        assert_eq!(app.painted, windows().map(|id| (id, typed())));
    }

    #[test]
    fn a_window_that_is_shown_inside_of_the_main_one_has_no_input_of_its_own() {
        let mut app = Painter::default();
        let ctx = Context::default();
        ctx.set_embed_viewports(true);
        pass(&ctx, &mut app);
        assert_eq!(app.hooked, []);
        assert_eq!(app.painted.iter().map(|(id, _)| *id).collect::<Vec<_>>(), windows());
    }
}
