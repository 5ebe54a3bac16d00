//! Owns the windows: a shell opens them, brings them keyboard and mouse, and puts on screen what a [`WindowApp`] paints.
//!
//! The two sides know nothing of each other but this trait. There are two shells: `gl` is eframe with OpenGL, and
//! `software` paints on the processor, which costs a fraction of what OpenGL costs where there is no GPU.

mod copying;
pub mod gl;
mod keys;
mod main_window;
mod open;
mod open_app;
mod renderer;
mod software;
mod system_fonts;
mod viewports;
mod watched;
#[cfg(target_os = "linux")]
pub mod wayland;
#[cfg(target_os = "linux")]
mod x11_record;
#[cfg(target_os = "linux")]
mod x11_window;

use std::time::Duration;

use egui::{Context, Key, RawInput, Ui, ViewportId};

pub use self::open::run;
pub use self::renderer::Renderer;
pub use self::viewports::Viewport;

/// What a shell asks of the program whose windows it owns. All calls come from the thread that owns the windows.
pub trait WindowApp {
    /// Is told of a press of a key that is both on the keypad and elsewhere on the keyboard, before the input that has
    /// it: egui itself does not know which of the two it was. `key` is the place as egui names it.
    fn note_press(&mut self, key: Key, on_keypad: bool);

    /// Is told when the main window is taken off the screen or put back on it, where egui is not told. The window may be
    /// painted nevertheless.
    fn note_mapped(&mut self, is_mapped: bool);

    /// Takes out of `input` the events that no widget may see, before the pass that the input is for. It is called for
    /// every window, which `input.viewport_id` names; [`ViewportId::ROOT`] is the main one.
    fn raw_input_hook(&mut self, ctx: &Context, input: &mut RawInput);

    /// Brings the state up to date before a pass, also while no window can be seen. Nothing is painted here.
    /// `last_pass` is the processor time that the last pass took, painting included; `None` before its end.
    fn logic(&mut self, ctx: &Context, last_pass: Option<Duration>);

    /// Paints the main window.
    fn ui(&mut self, ui: &mut Ui);

    /// Returns the windows beside the main one that are to be open now. It is asked after each [`Self::ui`]; a window
    /// that is no longer among them is closed.
    fn viewports(&self) -> Vec<Viewport>;

    /// Paints one of the windows beside the main one. That its user wants to close it stands in
    /// [`egui::ViewportInfo::close_requested`].
    fn viewport_ui(&mut self, ui: &mut Ui, viewport: ViewportId);

    /// Saves what outlives the program: now and then, and before the end.
    fn save(&mut self);

    /// Ends everything in order. Nothing is called after it.
    fn close(&mut self);
}
