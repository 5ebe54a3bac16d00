//! Brings the main window back to the size and place that its user gave it.

use eframe::{get_value, set_value};
use egui::{Context, Vec2, ViewportBuilder};
use egui_winit::{WindowGeometry, WindowSettings};
use winit::event_loop::ActiveEventLoop;
use winit::window::Window;

use super::storage::WindowStorage;
use crate::shell::main_window;

const WINDOW: &str = "window";
const MEMORY: &str = "egui";

/// What is known of the window's size and place, and where it is kept.
pub(super) struct Geometry {
    storage: Option<WindowStorage>,
    restored: Option<WindowSettings>,
    /// Size and place while it is neither maximized nor full screen.
    normal: Option<WindowGeometry>,
    is_unseen: bool,
}

impl Geometry {
    /// Reads what the last window left, and gives `ctx` what egui remembered.
    pub(super) fn load(ctx: &Context) -> Self {
        let storage = WindowStorage::of(main_window::APP_ID);
        let value = storage.as_ref().map(|storage| storage as &dyn eframe::Storage);
        let restored: Option<WindowSettings> = value.and_then(|storage| get_value(storage, WINDOW));
        if let Some(memory) = value.and_then(|storage| get_value(storage, MEMORY)) {
            ctx.memory_mut(|current| *current = memory);
        }
        let normal = restored.map(|settings| settings.normal_geometry());
        Self { storage, restored, normal, is_unseen: true }
    }

    /// Gives `builder` the size and place that are known, as far as the screens have room.
    pub(super) fn builder(
        &mut self,
        builder: ViewportBuilder,
        ctx: &Context,
        event_loop: &ActiveEventLoop,
    ) -> ViewportBuilder {
        let zoom = ctx.zoom_factor();
        let largest = largest_screen(zoom, event_loop);
        match &mut self.restored {
            Some(settings) => {
                if let Some(largest) = largest {
                    settings.clamp_size_to_sane_values(largest);
                }
                settings.clamp_position_to_monitors(zoom, event_loop);
                settings.initialize_viewport_builder(zoom, builder)
            }
            None => match (builder.inner_size, largest) {
                (Some(size), Some(largest)) => builder.with_inner_size(size.min(largest)),
                _ => builder,
            },
        }
    }

    /// Gives a new window what its builder could not.
    pub(super) fn restore(&mut self, window: &Window) {
        if let Some(settings) = &self.restored {
            settings.initialize_window(window);
        }
    }

    /// Tells whether there was no window before this one.
    pub(super) fn is_first(&self) -> bool {
        self.restored.is_none()
    }

    /// Tells whether the window was never shown.
    pub(super) fn is_unseen(&self) -> bool {
        self.is_unseen
    }

    /// Shows the window, now that it is painted.
    pub(super) fn show(&mut self, window: &Window) {
        self.is_unseen = false;
        if let Some(settings) = &self.restored {
            settings.before_first_show(window);
        }
        window.set_visible(true);
        if let Some(settings) = &self.restored {
            settings.after_first_show(window);
        }
    }

    /// Keeps the size and place for the next window, and what egui remembers.
    pub(super) fn save(&mut self, window: &Window, ctx: &Context) {
        let settings = WindowSettings::from_window(ctx.zoom_factor(), window, self.normal);
        self.normal = Some(settings.normal_geometry());
        if let Some(storage) = &mut self.storage {
            let storage: &mut dyn eframe::Storage = storage;
            set_value(storage, WINDOW, &settings);
            ctx.memory(|memory| set_value(storage, MEMORY, memory));
            storage.flush();
        }
    }
}

/// Returns the size of the largest screen, in points.
fn largest_screen(zoom: f32, event_loop: &ActiveEventLoop) -> Option<Vec2> {
    let sizes = event_loop.available_monitors().map(|monitor| {
        let scale = f64::from(zoom) * monitor.scale_factor();
        let size = monitor.size().to_logical::<f32>(scale);
        Vec2::new(size.width, size.height)
    });
    sizes.reduce(Vec2::max).filter(|size| size.x > 0.0 && size.y > 0.0)
}
