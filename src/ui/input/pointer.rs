//! Mouse to session: positions of the picture, buttons held, clicks counted.

use std::time::{Duration, Instant};

use egui::{MouseWheelUnit, PointerButton, Pos2, Vec2, vec2};

use crate::model::held::HeldButton;
use crate::model::{
    Control, FramePos, FrameSize, HeldButtons, Modifiers, MouseButton, Pointer, PointerInput,
};
use crate::ui::picture::FrameToUi;

/// A press this soon after the last, and this near, is the next click of a double or triple click.
const CLICK_TIME: Duration = Duration::from_millis(500);
/// In points.
const CLICK_DISTANCE: f32 = 5.0;
const MAX_CLICKS: u8 = 3;

/// One notch of a wheel, in pixels of the picture: what pages get from Chromium on most desktops.
const PIXELS_PER_NOTCH: f32 = 100.0;

/// The picture as a thing to point at.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    pub geometry: &'a FrameToUi,
    /// Whether the picture is what lies topmost at a place of the window (points).
    pub is_top_at: &'a dyn Fn(Pos2) -> bool,
}

/// What the session believes of the mouse.
#[derive(Debug, Default)]
pub struct PointerState {
    /// Invariant: exactly the buttons the session believes are down.
    held: HeldButtons,
    /// Where the session last saw the pointer.
    last: Option<(FramePos, FrameSize)>,
    /// Where the pointer is in the window, for the wheel, which tells no place.
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
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Where the pointer was when the session began to listen.
    pub fn begin_at(&mut self, hover: Option<Pos2>) {
        self.hover = hover;
    }

    pub fn gone(&mut self) {
        self.hover = None;
    }

    pub fn moved(
        &mut self,
        to: Pos2,
        target: Option<Target<'_>>,
        modifiers: Modifiers,
    ) -> Option<Control> {
        self.hover = Some(to);
        let at = self.place(to, target?)?;
        Some(self.input(Pointer::Move, at, modifiers))
    }

    pub fn pressed(
        &mut self,
        button: PointerButton,
        at: Pos2,
        target: Option<Target<'_>>,
        modifiers: Modifiers,
        now: Instant,
    ) -> Option<Control> {
        self.hover = Some(at);
        let button = button_name(button);
        let place = self.place(at, target?)?;
        if self.held.holds(button) {
            return None;
        }
        let clicks = self.count(button, at, now);
        self.held.press(button, clicks);
        Some(self.input(Pointer::Down { button, clicks }, place, modifiers))
    }

    /// Only what went down comes up, wherever the pointer is by then and whatever lies over the picture.
    pub fn released(
        &mut self,
        button: PointerButton,
        at: Pos2,
        target: Option<Target<'_>>,
        modifiers: Modifiers,
    ) -> Option<Control> {
        self.hover = Some(at);
        let button = button_name(button);
        let held = self.held.release(button)?;
        if let Some(target) = target {
            let geometry = target.geometry;
            self.last = Some((geometry.nearest_frame_from_ui(at), geometry.frame()));
        }
        Some(self.up(held, modifiers))
    }

    pub fn wheel(
        &mut self,
        unit: MouseWheelUnit,
        delta: Vec2,
        target: Option<Target<'_>>,
        modifiers: Modifiers,
    ) -> Option<Control> {
        let target = target?;
        let at = self.place(self.hover?, target)?;
        let frame = target.geometry.frame();
        // egui tells how the content moves, the DOM how the view does.
        let by = -match unit {
            MouseWheelUnit::Line => delta * PIXELS_PER_NOTCH,
            // The content keeps to the fingers, however large it is shown.
            MouseWheelUnit::Point => target.geometry.frame_from_points(delta),
            MouseWheelUnit::Page => delta * vec2(frame.width as f32, frame.height as f32),
        };
        // The desktop's own habit, which a browser applies before the page sees the event. A Mac did it already.
        let by = if modifiers.shift && by.x == 0.0 && unit == MouseWheelUnit::Line {
            vec2(by.y, 0.0)
        } else {
            by
        };
        let kind = Pointer::Wheel { dx: by.x + 0.0, dy: by.y + 0.0 };
        (by != Vec2::ZERO).then(|| self.input(kind, at, modifiers))
    }

    pub fn release_all(&mut self, modifiers: Modifiers) -> Vec<Control> {
        self.click = None;
        let mut released = Vec::new();
        while let Some(held) = self.held.pop() {
            released.push(self.up(held, modifiers));
        }
        released
    }

    /// Notes and tells the place under the pointer; while a button is down, places outside count as the edge.
    fn place(&mut self, at: Pos2, target: Target<'_>) -> Option<(FramePos, FrameSize)> {
        let geometry = target.geometry;
        let place = if self.held.is_empty() {
            (target.is_top_at)(at).then(|| geometry.frame_from_ui(at))??
        } else {
            geometry.nearest_frame_from_ui(at)
        };
        self.last = Some((place, geometry.frame()));
        self.last
    }

    fn up(&self, held: HeldButton, modifiers: Modifiers) -> Control {
        let HeldButton { button, clicks } = held;
        let place = self.last.unwrap_or_default();
        self.input(Pointer::Up { button, clicks }, place, modifiers)
    }

    fn input(
        &self,
        kind: Pointer,
        (at, frame): (FramePos, FrameSize),
        modifiers: Modifiers,
    ) -> Control {
        Control::Pointer(PointerInput {
            kind,
            at,
            frame,
            held: self.held.iter().collect(),
            modifiers,
        })
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
