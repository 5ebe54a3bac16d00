//! Opens the main window, with the first shell that can.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use eframe::{CreationContext, UserEvent};
use egui::Context;
use winit::application::ApplicationHandler;
use winit::error::EventLoopError;
use winit::event_loop::EventLoop;
use winit::platform::run_on_demand::EventLoopExtRunOnDemand as _;
use winit::raw_window_handle::HasWindowHandle;

use super::copying::Copying;
use super::keys::WindowKeys;
use super::open_app::OpenApp;
use super::renderer::{Renderer, Way};
use super::system_fonts::SystemFonts;
use super::watched::{Opened, WatchedWindow};
#[cfg(target_os = "linux")]
use super::wayland::{self, Compositor};
use super::{WindowApp, gl, software};

/// Opens the main window of the app that `create` makes, and returns once it is closed. `renderer` says what paints it;
/// where that can't open a window, the others are tried, each with an app of its own. Where the display goes away, the
/// app is closed as if its user had closed it; should the process end with the display, `settle` awaits what still goes
/// on in the background.
///
/// Fails in plain words where no renderer can open a window, or where the app can't be made.
pub fn run<A: WindowApp + 'static>(
    renderer: Renderer,
    create: impl Fn(&Context) -> anyhow::Result<A>,
    settle: impl Fn() + 'static,
) -> anyhow::Result<()> {
    let settle: Rc<dyn Fn()> = Rc::new(settle);
    let mut event_loop = event_loop().map_err(|err| unopened(&err.to_string()))?;
    let mut last = None;
    for way in renderer.ways() {
        let (opened, refused) = (RefCell::new(None), Cell::new(None));
        let made = |ctx: &Context, window: &dyn HasWindowHandle| {
            let app = create(ctx).map_err(|err| {
                let words = format!("{err:#}");
                refused.set(Some(err));
                words
            })?;
            ctx.add_plugin(Copying::start());
            ctx.add_font_provider(Arc::new(SystemFonts::default()));
            let app = OpenApp::new(app, settle.clone());
            opened.replace(Some(Opened { app: app.clone(), keys: WindowKeys::of(ctx, window) }));
            Ok(app)
        };
        let ended = match way {
            Way::Gl(painter) => {
                let made = |cc: &CreationContext<'_>| made(&cc.egui_ctx, cc);
                let window = gl::window(painter, &event_loop, made);
                run_window(&mut event_loop, window, &opened)
            }
            Way::Software => {
                let window = software::SoftwareWindow::new(&event_loop, made);
                run_window(&mut event_loop, window, &opened)
            }
        };
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
        tracing::debug!("{way:?} could not open a window");
        last = ended.err();
    }
    let why = last.map(|err| err.to_string());
    Err(unopened(why.as_deref().unwrap_or("nothing can paint it")))
}

fn run_window<A: WindowApp + 'static>(
    event_loop: &mut EventLoop<UserEvent>,
    window: impl ApplicationHandler<UserEvent>,
    opened: &RefCell<Option<Opened<A>>>,
) -> Result<(), EventLoopError> {
    event_loop.run_app_on_demand(&mut WatchedWindow::new(window, opened))
}

/// Makes the loop that all shells use: there can be only one in a process.
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

/// Cuts off the source location of whoever made the error, which is of no use to a user.
fn without_place(text: &str) -> &str {
    match text.split_once(".rs:").and_then(|(_, rest)| rest.split_once(": ")) {
        Some((_, words)) => words,
        None => text,
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
