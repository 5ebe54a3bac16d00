//! Opens the windows with eframe: winit makes them, and OpenGL paints them, or wgpu where that was compiled in.

use std::time::Duration;

use eframe::{
    CreationContext, EframeWinitApplication, Frame, NativeOptions, Renderer as Painter, UserEvent,
};
use egui::{Context, RawInput, Ui};
use winit::event_loop::EventLoop;

use super::main_window::FirstSize;
use super::{WindowApp, main_window, viewports};

/// Under this name eframe keeps the size and place of the window.
const WINDOW_KEPT: &str = "window";

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

/// Makes the window that `painter` paints, for the app that `create` makes.
pub(super) fn window<'a, A: WindowApp + 'a>(
    painter: Painter,
    event_loop: &EventLoop<UserEvent>,
    create: impl FnOnce(&CreationContext<'_>) -> Result<A, String> + 'a,
) -> EframeWinitApplication<'a> {
    let creator = |cc: &CreationContext<'_>| -> Result<Box<dyn eframe::App + 'a>, _> {
        if cc.storage.is_none_or(|storage| storage.get_string(WINDOW_KEPT).is_none()) {
            cc.egui_ctx.add_plugin(FirstSize::default());
        }
        Ok(Box::new(GlApp(create(cc)?)))
    };
    eframe::create_native(main_window::APP_ID, options(painter), Box::new(creator), event_loop)
}

/// Returns what can paint, in the order in which it is tried.
pub(super) fn painters() -> &'static [Painter] {
    &[
        Painter::Glow,
        #[cfg(feature = "wgpu")]
        Painter::Wgpu,
    ]
}

fn options(painter: Painter) -> NativeOptions {
    NativeOptions {
        viewport: main_window::builder(),
        renderer: painter,
        persist_window: true,
        // `SystemFonts` has them, but not before one is needed.
        system_font_fallback: false,
        clipboard_shortcuts: main_window::CLIPBOARD_SHORTCUTS,
        // Dithering costs a tenth of a repaint without a GPU, and pictures need none.
        dithering: false,
        ..NativeOptions::default()
    }
}
