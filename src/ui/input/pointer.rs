//! Translates the mouse for a session: it tells positions in the picture, holds buttons and counts clicks.

use std::time::{Duration, Instant};

use egui::{MouseWheelUnit, PointerButton, Pos2, Vec2, vec2};

use crate::model::held::HeldButton;
use crate::model::{FramePoint, HeldButtons, InputControl, Modifiers, MouseButton, PointerAt};
use crate::ui::picture::FrameToUi;

/// A press this soon after the last, and this near, is the next click of a double or triple click.
const CLICK_TIME: Duration = Duration::from_millis(500);
/// The distance is in points.
const CLICK_DISTANCE: f32 = 5.0;
const MAX_CLICKS: u8 = 3;

/// One notch of a wheel scrolls this many pixels of the picture, as in Chromium on most desktops.
const PIXELS_PER_NOTCH: f32 = 100.0;

/// The picture at which the mouse points.
#[derive(Clone, Copy)]
pub struct PointerTarget<'a> {
    /// Where the picture lies.
    pub geometry: &'a FrameToUi,
    /// Tells whether the picture lies topmost at a place of the window, in points.
    pub is_top_at: &'a dyn Fn(Pos2) -> bool,
}

/// The mouse as the session knows it.
#[derive(Debug, Default)]
pub struct PointerState {
    /// Invariant: exactly the buttons the session believes are down.
    held: HeldButtons,
    /// Where the session last saw the pointer.
    last: Option<FramePoint>,
    /// Where the pointer is in the window, because wheel events tell no place.
    hover: Option<Pos2>,
    click: Option<Click>,
}

#[derive(Clone, Copy, Debug)]
struct Click {
    button: MouseButton,
    at: Pos2,
    when: Instant,
    count: u8,
}

impl PointerState {
    /// Tells whether no button is down for the session.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Notes where the pointer is when the session begins to listen.
    pub fn begin_at(&mut self, hover: Option<Pos2>) {
        self.hover = hover;
    }

    /// Notes that the pointer left the window.
    pub fn gone(&mut self) {
        self.hover = None;
    }

    /// Translates a move of the pointer.
    pub fn moved(
        &mut self,
        to: Pos2,
        target: Option<PointerTarget<'_>>,
        modifiers: Modifiers,
    ) -> Option<InputControl> {
        self.hover = Some(to);
        let at = self.place(to, target?)?;
        Some(InputControl::PointerMove(self.at(at, modifiers)))
    }

    /// Translates the press of a button.
    pub fn pressed(
        &mut self,
        button: PointerButton,
        at: Pos2,
        target: Option<PointerTarget<'_>>,
        modifiers: Modifiers,
        now: Instant,
    ) -> Option<InputControl> {
        self.hover = Some(at);
        let button = button_name(button);
        let place = self.place(at, target?)?;
        if self.held.holds(button) {
            return None;
        }
        let clicks = self.count(button, at, now);
        self.held.press(button, clicks);
        Some(InputControl::PointerDown { at: self.at(place, modifiers), button, clicks })
    }

    /// Translates the release of a button. Only what went down comes up, wherever the pointer is by then and whatever
    /// lies over the picture.
    pub fn released(
        &mut self,
        button: PointerButton,
        at: Pos2,
        target: Option<PointerTarget<'_>>,
        modifiers: Modifiers,
    ) -> Option<InputControl> {
        self.hover = Some(at);
        let button = button_name(button);
        let held = self.held.release(button)?;
        if let Some(target) = target {
            let geometry = target.geometry;
            self.last = Some(FramePoint::new(geometry.nearest_frame_from_ui(at), geometry.frame()));
        }
        Some(self.up(held, modifiers))
    }

    /// Translates a turn of the wheel.
    pub fn wheel(
        &mut self,
        unit: MouseWheelUnit,
        delta: Vec2,
        target: Option<PointerTarget<'_>>,
        modifiers: Modifiers,
    ) -> Option<InputControl> {
        let target = target?;
        let at = self.place(self.hover?, target)?;
        let frame = target.geometry.frame();
        // egui tells how the content moves, and the DOM how the view does.
        let by = -match unit {
            MouseWheelUnit::Line => delta * PIXELS_PER_NOTCH,
            // The content stays under the fingers, however large it is shown.
            MouseWheelUnit::Point => target.geometry.frame_from_points(delta),
            MouseWheelUnit::Page => delta * vec2(frame.width as f32, frame.height as f32),
        };
        // Shift with the wheel scrolls sideways. A browser applies this before the page sees the event; a Mac did it
        // already.
        let by = if modifiers.shift && by.x == 0.0 && unit == MouseWheelUnit::Line {
            vec2(by.y, 0.0)
        } else {
            by
        };
        let (dx, dy) = (by.x + 0.0, by.y + 0.0);
        let at = self.at(at, modifiers);
        (by != Vec2::ZERO).then_some(InputControl::Wheel { at, dx, dy })
    }

    /// Lifts every button, where the session last saw the pointer.
    pub fn release_all(&mut self, modifiers: Modifiers) -> Vec<InputControl> {
        self.click = None;
        let mut released = Vec::new();
        while let Some(held) = self.held.pop() {
            released.push(self.up(held, modifiers));
        }
        released
    }

    /// Notes and returns the place under the pointer. While a button is down, places outside count as the edge.
    fn place(&mut self, at: Pos2, target: PointerTarget<'_>) -> Option<FramePoint> {
        let geometry = target.geometry;
        let place = if self.held.is_empty() {
            (target.is_top_at)(at).then(|| geometry.frame_from_ui(at))??
        } else {
            geometry.nearest_frame_from_ui(at)
        };
        self.last = Some(FramePoint::new(place, geometry.frame()));
        self.last
    }

    fn up(&self, held: HeldButton, modifiers: Modifiers) -> InputControl {
        let HeldButton { button, clicks } = held;
        let at = self.at(self.last.unwrap_or_default(), modifiers);
        InputControl::PointerUp { at, button, clicks }
    }

    fn at(&self, point: FramePoint, modifiers: Modifiers) -> PointerAt {
        let FramePoint { x, y, width, height } = point;
        let held = self.held.iter().collect();
        PointerAt { x, y, width, height, held, modifiers }
    }

    fn count(&mut self, button: MouseButton, at: Pos2, when: Instant) -> u8 {
        let count = match self.click {
            Some(last)
                if last.button == button
                    && when.saturating_duration_since(last.when) <= CLICK_TIME
                    && last.at.distance(at) <= CLICK_DISTANCE
                    && last.count < MAX_CLICKS =>
            {
                last.count + 1
            }
            _ => 1,
        };
        self.click = Some(Click { button, at, when, count });
        count
    }
}

fn button_name(button: PointerButton) -> MouseButton {
    match button {
        PointerButton::Primary => MouseButton::Left,
        PointerButton::Secondary => MouseButton::Right,
        PointerButton::Middle => MouseButton::Middle,
        PointerButton::Extra1 => MouseButton::Back,
        PointerButton::Extra2 => MouseButton::Forward,
    }
}
