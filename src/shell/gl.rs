//! Opens the windows with eframe: winit makes them, and OpenGL paints them, or wgpu where that was compiled in.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use eframe::{CreationContext, EframeWinitApplication, Frame, NativeOptions, Renderer, UserEvent};
use egui::{Context, RawInput, Ui};
use winit::application::ApplicationHandler;
use winit::error::EventLoopError;
use winit::event::{DeviceEvent, DeviceId, StartCause, WindowEvent};
use winit::event_loop::{ActiveEventLoop, EventLoop};
use winit::platform::run_on_demand::EventLoopExtRunOnDemand as _;
use winit::window::WindowId;

use super::copying::Copying;
use super::keys::WindowKeys;
use super::main_window::FirstSize;
use super::open_app::OpenApp;
use super::system_fonts::SystemFonts;
#[cfg(target_os = "linux")]
use super::wayland::{self, Compositor};
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

/// Opens the main window of the app that `create` makes, and returns once it is closed. OpenGL is tried first, then the
/// other renderer where it was compiled in; each tries with an app of its own. Where the display goes away, the app is
/// closed as if its user had closed it; should the process end with the display, `settle` awaits what still goes on in
/// the background.
///
/// Fails in plain words where no renderer can open a window, or where the app can't be made.
pub fn run<A: WindowApp + 'static>(
    create: impl Fn(&Context) -> anyhow::Result<A>,
    settle: impl Fn() + 'static,
) -> anyhow::Result<()> {
    let settle: Rc<dyn Fn()> = Rc::new(settle);
    let mut event_loop = event_loop().map_err(|err| unopened(&err.to_string()))?;
    for renderer in renderers() {
        let (opened, refused) = (RefCell::new(None), Cell::new(None));
        let creator = |cc: &CreationContext<'_>| -> Result<Box<dyn eframe::App>, _> {
            let app = create(&cc.egui_ctx).map_err(|err| {
                let words = format!("{err:#}");
                refused.set(Some(err));
                words
            })?;
            cc.egui_ctx.add_plugin(Copying::start());
            cc.egui_ctx.add_font_provider(Arc::new(SystemFonts::default()));
            if cc.storage.is_none_or(|storage| storage.get_string(WINDOW_KEPT).is_none()) {
                cc.egui_ctx.add_plugin(FirstSize::default());
            }
            let app = OpenApp::new(app, settle.clone());
            opened.replace(Some(Opened { app: app.clone(), keys: WindowKeys::of(cc) }));
            Ok(Box::new(GlApp(app)))
        };
        let options = native_options(*renderer);
        let window = eframe::create_native("helmsight", options, Box::new(creator), &event_loop);
        let mut window = EframeWindow { window, opened: &opened, dragged_over: None };
        let ended = event_loop.run_app_on_demand(&mut window);
        drop(window);
        if let Some(err) = refused.take() {
            return Err(err);
        }
        if let Some(opened) = opened.take() {
            opened.app.close_once();
            if let Err(err) = ended {
                tracing::warn!("the display is gone: {err}");
            }
            return Ok(());
        }
        tracing::debug!("{renderer:?} could not open a window");
    }
    Err(unopened("OpenGL could not be started"))
}

/// Makes the loop that all renderers use: there can be only one in a process.
fn event_loop() -> Result<EventLoop<UserEvent>, EventLoopError> {
    let mut builder = EventLoop::with_user_event();
    #[cfg(target_os = "linux")]
    {
        use winit::platform::x11::EventLoopBuilderExtX11 as _;
        let has_x11 = wayland::from_env("DISPLAY").is_some_and(|name| !name.is_empty());
        if let Compositor::Unusable(why) = wayland::compositor(wayland::from_env)
            && has_x11
        {
            tracing::warn!("{why}; the window opens on X11");
            builder.with_x11();
        }
    }
    builder.build()
}

fn unopened(why: &str) -> anyhow::Error {
    anyhow::anyhow!(
        "The window could not open: {}. Run `helmsight doctor` to see what is missing; without a display, `helmsight host` and `helmsight tail` still work",
        without_place(why).trim_end_matches('.')
    )
}

/// The open window's app, and the keys of the window.
struct Opened<A> {
    app: OpenApp<A>,
    keys: WindowKeys,
}

/// Passes everything on to eframe's window, and looks at the keys on their way.
struct EframeWindow<'a, 'w, A> {
    window: EframeWinitApplication<'w>,
    opened: &'a RefCell<Option<Opened<A>>>,
    /// The window over which another program drags files.
    dragged_over: Option<WindowId>,
}

impl<A: WindowApp + 'static> EframeWindow<'_, '_, A> {
    /// Tells where the pointer is while files are dragged over the window: winit tells of the files and of no place.
    fn tell_pointer(&mut self, event_loop: &ActiveEventLoop, window: WindowId) {
        let opened = self.opened.borrow();
        let position = opened.as_ref().and_then(|opened| opened.keys.pointer());
        drop(opened);
        if let Some(position) = position {
            let device_id = DeviceId::dummy();
            let moved = WindowEvent::CursorMoved { device_id, position };
            self.window.window_event(event_loop, window, moved);
        }
    }
}

impl<A: WindowApp + 'static> ApplicationHandler<UserEvent> for EframeWindow<'_, '_, A> {
    fn new_events(&mut self, event_loop: &ActiveEventLoop, cause: StartCause) {
        if let Some(Opened { app, keys }) = &mut *self.opened.borrow_mut()
            && let Some(is_mapped) = keys.mapping_news()
        {
            app.note_mapped(is_mapped);
        }
        if let Some(window) = self.dragged_over {
            self.tell_pointer(event_loop, window);
        }
        self.window.new_events(event_loop, cause);
    }

    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        self.window.resumed(event_loop);
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, event: UserEvent) {
        self.window.user_event(event_loop, event);
    }

    fn window_event(
        &mut self,
        event_loop: &ActiveEventLoop,
        window: WindowId,
        mut event: WindowEvent,
    ) {
        if let WindowEvent::KeyboardInput { event: key, is_synthetic: false, .. } = &mut event
            && let Some(Opened { app, keys }) = &mut *self.opened.borrow_mut()
            && let Some((place, on_keypad)) = keys.read(key)
        {
            app.note_press(place, on_keypad);
        }
        match &event {
            WindowEvent::HoveredFile(_) => self.dragged_over = Some(window),
            WindowEvent::HoveredFileCancelled => self.dragged_over = None,
            WindowEvent::DroppedFile(_) => {
                self.dragged_over = None;
                self.tell_pointer(event_loop, window);
            }
            _ => (),
        }
        self.window.window_event(event_loop, window, event);
    }

    fn device_event(&mut self, event_loop: &ActiveEventLoop, device: DeviceId, event: DeviceEvent) {
        self.window.device_event(event_loop, device, event);
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        self.window.about_to_wait(event_loop);
    }

    fn suspended(&mut self, event_loop: &ActiveEventLoop) {
        self.window.suspended(event_loop);
    }

    fn exiting(&mut self, event_loop: &ActiveEventLoop) {
        self.window.exiting(event_loop);
    }

    fn memory_warning(&mut self, event_loop: &ActiveEventLoop) {
        self.window.memory_warning(event_loop);
    }
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
        // `SystemFonts` has them, but not before one is needed.
        system_font_fallback: false,
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
