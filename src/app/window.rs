//! Opens the window: renderer, fallback, runtime, and the order in which everything ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use eframe::{NativeOptions, Renderer};
use egui::ViewportBuilder;
use tokio_util::task::TaskTracker;

use super::App;
use super::options::Options;

/// Runs the window until it is closed.
pub fn run(options: Options) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .thread_name("helmsight-io")
        .build()
        .context("Could not start the background threads")?;
    let tracker = TaskTracker::new();
    let result = run_with_fallback(&options, runtime.handle(), &tracker);
    tracker.close();
    // Whoever does not end by itself in time is ended with the process.
    if runtime
        .block_on(async { tokio::time::timeout(Duration::from_secs(2), tracker.wait()).await })
        .is_err()
    {
        tracing::warn!("some background tasks did not end in time");
    }
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

/// Tries OpenGL, then the other renderer where it was compiled in, then explains.
fn run_with_fallback(
    options: &Options,
    runtime: &tokio::runtime::Handle,
    tracker: &TaskTracker,
) -> anyhow::Result<()> {
    let mut last = None;
    let was_open = Arc::new(AtomicBool::new(false));
    for renderer in renderers() {
        let (options, runtime, tracker) = (options.clone(), runtime.clone(), tracker.clone());
        let opened = was_open.clone();
        match eframe::run_native(
            "helmsight",
            native_options(*renderer),
            Box::new(move |cc| {
                let app = App::new(cc, options, runtime, tracker)?;
                opened.store(true, Ordering::Relaxed);
                Ok(Box::new(app))
            }),
        ) {
            Ok(()) => return Ok(()),
            // Another renderer would find no display either.
            Err(err) if was_open.load(Ordering::Relaxed) => {
                tracing::warn!("the window ended: {err}");
                anyhow::bail!("The display is gone: start Helmsight again where there is one");
            }
            Err(err) => {
                let why = err.to_string();
                tracing::debug!("no window with {renderer:?}: {}", without_place(&why));
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

/// Without the place in the source of whoever made the error, which is of no use to a user.
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
    let icon = eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icon.png"));
    let mut viewport = ViewportBuilder::default()
        .with_app_id("helmsight")
        .with_title("Helmsight")
        .with_inner_size([1360.0, 860.0])
        .with_min_inner_size([480.0, 320.0]);
    match icon {
        Ok(icon) => viewport = viewport.with_icon(icon),
        Err(err) => tracing::warn!("the window icon is damaged: {err}"),
    }
    NativeOptions {
        viewport,
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
