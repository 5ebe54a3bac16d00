//! Opens the windows with eframe: winit makes them, and OpenGL paints them, or wgpu where that was compiled in.

use std::cell::Cell;
use std::time::Duration;

use eframe::{Frame, NativeOptions, Renderer};
use egui::{Context, RawInput, Ui};

use super::{WindowApp, main_window, viewports};

/// Presents a [`WindowApp`] to eframe as an [`eframe::App`].
pub struct GlApp<A>(pub A);

impl<A: WindowApp> eframe::App for GlApp<A> {
    fn raw_input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        self.0.raw_input_hook(ctx, input);
    }

    fn logic(&mut self, ctx: &Context, frame: &mut Frame) {
        self.0.logic(ctx, frame.info().cpu_usage.map(Duration::from_secs_f32));
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut Frame) {
        self.0.ui(ui);
        viewports::show(&mut self.0, ui.ctx());
    }

    fn save(&mut self, _: &mut dyn eframe::Storage) {
        self.0.save();
    }

    fn on_exit(&mut self, _: Option<&eframe::glow::Context>) {
        self.0.close();
    }
}

/// Opens the main window of the app that `create` makes, and returns once it is closed. OpenGL is tried first, then the
/// other renderer where it was compiled in; each tries with an app of its own.
///
/// Fails in plain words where no renderer can open a window, where the app can't be made, or where the display goes
/// away.
pub fn run<A: WindowApp>(create: impl Fn(&Context) -> anyhow::Result<A>) -> anyhow::Result<()> {
    let mut last = None;
    let was_open = Cell::new(false);
    for renderer in renderers() {
        let ended = eframe::run_native(
            "helmsight",
            native_options(*renderer),
            Box::new(|cc| {
                let app = create(&cc.egui_ctx)?;
                was_open.set(true);
                Ok(Box::new(GlApp(app)))
            }),
        );
        match ended {
            Ok(()) => return Ok(()),
            // The window was open, so the display went away, and another renderer would find none either.
            Err(err) if was_open.get() => {
                tracing::warn!("The window ended: {err}");
                anyhow::bail!("The display is gone: start Helmsight again where there is one");
            }
            Err(err) => {
                let why = err.to_string();
                tracing::debug!("{renderer:?} could not open a window: {}", without_place(&why));
                last = Some(err);
            }
        }
    }
    let err = last.expect("there is at least one renderer");
    let why = err.to_string();
    anyhow::bail!(
        "The window could not open: {}. Run `helmsight doctor` to see what is missing; without a display, `helmsight host` and `helmsight tail` still work",
        without_place(&why).trim_end_matches('.')
    )
}

/// Cuts off the source location of whoever made the error, which is of no use to a user.
fn without_place(text: &str) -> &str {
    match text.split_once(".rs:").and_then(|(_, rest)| rest.split_once(": ")) {
        Some((_, words)) => words,
        None => text,
    }
}

fn renderers() -> &'static [Renderer] {
    &[
        Renderer::Glow,
        #[cfg(feature = "wgpu")]
        Renderer::Wgpu,
    ]
}

fn native_options(renderer: Renderer) -> NativeOptions {
    NativeOptions {
        viewport: main_window::builder(),
        renderer,
        persist_window: true,
        // Ctrl+C, X and V must reach the session as keys; for our own text fields they are translated back.
        clipboard_shortcuts: false,
        // Dithering costs a tenth of a repaint without a GPU, and pictures need none.
        dithering: false,
        ..NativeOptions::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_told_no_place_in_a_source() {
        for (text, told) in [
            (
                "winit EventLoopError: os error at src/linux/mod.rs:788: Failed to open connection",
                "Failed to open connection",
            ),
            ("No available pixel format", "No available pixel format"),
        ] {
            assert_eq!(without_place(text), told);
        }
    }
}
