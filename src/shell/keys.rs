//! Sees the keys before eframe does, which drops where a key is and may be late for what it means; and whether the window
//! is on the screen.

use egui::Context;
use winit::dpi::PhysicalPosition;
use winit::event::{ElementState, KeyEvent};
use winit::keyboard::{KeyCode, PhysicalKey};
use winit::raw_window_handle::HasWindowHandle;

#[cfg(target_os = "linux")]
use super::x11_window::X11Window;

/// The keys of a window.
pub(super) struct WindowKeys {
    /// `None` where the window is not one of X.
    #[cfg(target_os = "linux")]
    x11: Option<X11Window>,
}

impl WindowKeys {
    #[cfg(target_os = "linux")]
    pub(super) fn of(ctx: &Context, window: &dyn HasWindowHandle) -> Self {
        use winit::raw_window_handle::RawWindowHandle;
        let window = match window.window_handle().map(|handle| handle.as_raw()) {
            Ok(RawWindowHandle::Xlib(handle)) => u32::try_from(handle.window).ok(),
            Ok(RawWindowHandle::Xcb(handle)) => Some(handle.window.get()),
            _ => None,
        };
        let watch = |window| {
            let ctx = ctx.clone();
            let warn = |err: &anyhow::Error| tracing::warn!("the window can't be watched: {err}");
            X11Window::watch(window, move || ctx.request_repaint()).inspect_err(warn).ok()
        };
        Self { x11: window.and_then(watch) }
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn of(_: &Context, _: &dyn HasWindowHandle) -> Self {
        Self {}
    }

    /// Corrects what is told of a key. Returns the place of a press that is both on the keypad and elsewhere, as egui
    /// names it, and whether it is the one on the keypad.
    pub(super) fn read(&mut self, key: &mut KeyEvent) -> Option<(egui::Key, bool)> {
        #[cfg(target_os = "linux")]
        if let Some(window) = &mut self.x11 {
            window.correct(key);
        }
        place_of(key)
    }

    /// Returns where the pointer is in the window, in its pixels, also while another program drags something over it.
    #[cfg(target_os = "linux")]
    pub(super) fn pointer(&self) -> Option<PhysicalPosition<f64>> {
        self.x11.as_ref()?.pointer()
    }

    /// Elsewhere nobody can be asked.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn pointer(&self) -> Option<PhysicalPosition<f64>> {
        None
    }

    /// Returns whether the window is on the screen, where that has changed since the last call and eframe is not told.
    #[cfg(target_os = "linux")]
    pub(super) fn mapping_news(&mut self) -> Option<bool> {
        self.x11.as_mut()?.mapping_news()
    }

    /// Elsewhere eframe is told.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn mapping_news(&mut self) -> Option<bool> {
        None
    }
}

/// Returns the place of a pressed key that is both on the keypad and elsewhere, as egui names it, and whether it is the
/// one on the keypad. Where egui has no name for the one on the keypad, the key gets the place of the other.
fn place_of(key: &mut KeyEvent) -> Option<(egui::Key, bool)> {
    let PhysicalKey::Code(code) = key.physical_key else {
        return None;
    };
    let (twin, place, on_keypad) = twin_of(code)?;
    key.physical_key = PhysicalKey::Code(twin);
    (key.state == ElementState::Pressed).then_some((place, on_keypad))
}

/// Returns the key that egui knows of two twins, its name, and whether `code` is the one on the keypad.
fn twin_of(code: KeyCode) -> Option<(KeyCode, egui::Key, bool)> {
    let twins = [
        (KeyCode::Digit0, KeyCode::Numpad0, egui::Key::Num0),
        (KeyCode::Digit1, KeyCode::Numpad1, egui::Key::Num1),
        (KeyCode::Digit2, KeyCode::Numpad2, egui::Key::Num2),
        (KeyCode::Digit3, KeyCode::Numpad3, egui::Key::Num3),
        (KeyCode::Digit4, KeyCode::Numpad4, egui::Key::Num4),
        (KeyCode::Digit5, KeyCode::Numpad5, egui::Key::Num5),
        (KeyCode::Digit6, KeyCode::Numpad6, egui::Key::Num6),
        (KeyCode::Digit7, KeyCode::Numpad7, egui::Key::Num7),
        (KeyCode::Digit8, KeyCode::Numpad8, egui::Key::Num8),
        (KeyCode::Digit9, KeyCode::Numpad9, egui::Key::Num9),
        (KeyCode::Enter, KeyCode::NumpadEnter, egui::Key::Enter),
        (KeyCode::Slash, KeyCode::NumpadDivide, egui::Key::Slash),
        (KeyCode::Minus, KeyCode::NumpadSubtract, egui::Key::Minus),
        (KeyCode::Period, KeyCode::NumpadDecimal, egui::Key::Period),
        (KeyCode::Comma, KeyCode::NumpadComma, egui::Key::Comma),
        (KeyCode::Equal, KeyCode::NumpadEqual, egui::Key::Equals),
    ];
    let twin = twins.into_iter().find(|(main, keypad, _)| code == *main || code == *keypad);
    twin.map(|(main, keypad, place)| (main, place, code == keypad))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_the_keypad_is_told_from_its_twin() {
        for (code, wanted) in [
            (KeyCode::Numpad1, Some((KeyCode::Digit1, egui::Key::Num1, true))),
            (KeyCode::Digit1, Some((KeyCode::Digit1, egui::Key::Num1, false))),
            (KeyCode::NumpadDecimal, Some((KeyCode::Period, egui::Key::Period, true))),
            (KeyCode::Enter, Some((KeyCode::Enter, egui::Key::Enter, false))),
            (KeyCode::KeyA, None),
        ] {
            assert_eq!(twin_of(code), wanted, "{code:?}");
        }
    }
}
