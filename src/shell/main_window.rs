//! Describes the main window to the desktop, whichever shell opens it.

use egui::{Context, IconData, Ui, Vec2, ViewportBuilder, ViewportCommand, vec2};

/// The program's name where the desktop and the disk know it.
pub(super) const APP_ID: &str = "helmsight";
/// Ctrl+C, X and V must reach the session as keys; for our own text fields they are translated back.
pub(super) const CLIPBOARD_SHORTCUTS: bool = false;

const ICON: &[u8] = include_bytes!("../../assets/icon.png");

/// Size of the window at the first start, in points.
const FIRST: Vec2 = vec2(1360.0, 860.0);
/// The window is made no smaller than this, in points.
const LEAST: Vec2 = vec2(480.0, 320.0);
/// Share of the screen that is left to a window by the bars of the desktop and by the window's own frame. No system
/// tells their size before the window is there.
const USABLE: Vec2 = vec2(0.96, 0.86);

/// Builds the main window as it is at the first start. Later the size and place that its user gave it win.
pub(super) fn builder() -> ViewportBuilder {
    let builder = ViewportBuilder::default()
        .with_app_id(APP_ID)
        .with_title("Helmsight")
        .with_inner_size(FIRST)
        .with_min_inner_size(LEAST);
    match icon() {
        Ok(icon) => builder.with_icon(icon),
        Err(err) => {
            tracing::warn!("The window has no icon, because the icon is damaged: {err}");
            builder
        }
    }
}

/// Makes the window fit its screen at the first start, as soon as it is known which screen that is.
#[derive(Debug, Default)]
pub(super) struct FirstSize {
    is_done: bool,
}

impl egui::Plugin for FirstSize {
    fn debug_name(&self) -> &'static str {
        "first size"
    }

    fn on_begin_pass(&mut self, ui: &mut Ui) {
        if !self.is_done {
            self.is_done = fit_screen(ui.ctx());
        }
    }
}

/// Makes a window smaller that is too large for its screen. Returns whether the screen is known.
fn fit_screen(ctx: &Context) -> bool {
    let told = ctx.input(|input| (input.viewport().monitor_size, input.viewport().inner_rect));
    let (Some(screen), Some(inner)) = told else {
        return false;
    };
    let room = screen * USABLE;
    if LEAST.x > room.x || LEAST.y > room.y {
        ctx.send_viewport_cmd(ViewportCommand::MinInnerSize(LEAST.min(room).floor()));
    }
    if inner.width() > room.x || inner.height() > room.y {
        ctx.send_viewport_cmd(ViewportCommand::InnerSize(inner.size().min(room).floor()));
    }
    true
}

fn icon() -> image::ImageResult<IconData> {
    let icon = image::load_from_memory_with_format(ICON, image::ImageFormat::Png)?.into_rgba8();
    let (width, height) = icon.dimensions();
    Ok(IconData { rgba: icon.into_raw(), width, height })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_is_whole() {
        let icon = icon().unwrap();
        assert_eq!(icon.rgba.len() as u32, 4 * icon.width * icon.height);
        assert_eq!((icon.width % 4, icon.height % 4), (0, 0));
    }
}
