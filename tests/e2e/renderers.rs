//! The window looks the same, whoever paints it.

use rustix::process::Signal;

use crate::stage::{SOON, Stage};
use crate::window::{Place, Window};

/// A browser that isn't there leaves a window in which nothing moves.
const STILL: [&str; 2] = ["--browser", "/nonexistent/chromium"];
/// Channels further apart than this differ by more than a soft edge.
const EDGE: u8 = 80;

#[tokio::test]
async fn the_processor_paints_what_opengl_paints() {
    let Some(stage) = Stage::with_displays("renderers", 2).await else {
        return;
    };
    for (gl, software, settings) in [
        ("g1", "s1", "theme = \"dark\""),
        ("g2", "s2", "theme = \"light\""),
        ("g3", "s3", "theme = \"dark\"\nui_scale = 1.25"),
        ("g4", "s4", "theme = \"light\"\nui_scale = 2.0"),
    ] {
        let mut windows = Vec::new();
        for (display, name, renderer) in [(0, gl, "gl"), (1, software, "software")] {
            stage.settings(name, &format!("version = 1\n{settings}\n"));
            let arguments = [&["--renderer", renderer], &STILL[..]].concat();
            let place = Place { name, display };
            windows.push(Window::open_at(&stage, place, &arguments, |_| ()).await);
        }
        stage
            .until(&format!("two windows that look the same: {settings}"), SOON, async || {
                let [by_gl, by_processor] = [windows[0].picture()?, windows[1].picture()?];
                let is_painted = by_gl.colors() > 40 && by_processor.colors() > 40;
                (is_painted && by_processor.is_like(&by_gl, EDGE)).then_some(())
            })
            .await;
        for window in &mut windows {
            window.signal(Signal::TERM);
            window.exit(SOON).await;
        }
    }
}
