//! Describes the main window to the desktop, whichever shell opens it.

use egui::{IconData, ViewportBuilder};

/// The program's name where the desktop and the disk know it.
pub(super) const APP_ID: &str = "helmsight";
/// Ctrl+C, X and V must reach the session as keys; for our own text fields they are translated back.
pub(super) const CLIPBOARD_SHORTCUTS: bool = false;

const ICON: &[u8] = include_bytes!("../../assets/icon.png");

/// Builds the main window as it is at the first start. Later the size and place that its user gave it win.
pub(super) fn builder() -> ViewportBuilder {
    let builder = ViewportBuilder::default()
        .with_app_id(APP_ID)
        .with_title("Helmsight")
        .with_inner_size([1360.0, 860.0])
        .with_min_inner_size([480.0, 320.0]);
    match icon() {
        Ok(icon) => builder.with_icon(icon),
        Err(err) => {
            tracing::warn!("The window has no icon, because the icon is damaged: {err}");
            builder
        }
    }
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
