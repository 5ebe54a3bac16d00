//! Shows the picture alone in full screen, and what is necessary in a strip at the edge that the pointer touches.

use std::time::{Duration, Instant};

use egui::{Align, Area, Context, Id, Layout, Order, Pos2, Rect, Sense, Ui, UiBuilder, pos2, vec2};

use super::command::Command;
use super::panel_io::PanelIo;
use super::picture::STRIP_HEIGHT;
use super::theme::Colors;
use super::widgets::command_button_as;

/// What the button says that leads out of full screen.
pub const LEAVE: &str = "Leave full screen";

/// The strip is shown for this long when full screen begins, so that nobody has to search the way out.
const WELCOME: Duration = Duration::from_secs(3);
/// The pointer touches an edge of the screen when it is nearer than this, in points.
const TOUCH: f32 = 2.0;
/// The strip stays while the pointer is no further from it than this, in points.
const STAY: f32 = 6.0;

/// An edge of the screen at which the strip is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScreenEdge {
    /// The upper edge.
    Top,
    /// The lower edge.
    Bottom,
}

impl ScreenEdge {
    /// Returns where the strip lies on `screen`.
    fn strip(self, screen: Rect) -> Rect {
        let top = match self {
            Self::Top => screen.top(),
            Self::Bottom => (screen.bottom() - STRIP_HEIGHT).max(screen.top()),
        };
        Rect::from_min_size(pos2(screen.left(), top), vec2(screen.width(), STRIP_HEIGHT))
    }
}

/// What full screen remembers from pass to pass.
#[derive(Debug, Default)]
pub struct FullScreenState {
    /// When full screen began; `None` in a window.
    since: Option<Instant>,
    /// The edge that the pointer touched.
    touched: Option<ScreenEdge>,
}

impl FullScreenState {
    /// Tells whether the window filled the screen in the last pass that was told.
    pub fn is_on(&self) -> bool {
        self.since.is_some()
    }

    /// Takes over whether the window fills the screen, and returns whether that has just begun.
    pub fn follow(&mut self, ctx: &Context, now: Instant) -> bool {
        if !fills_screen(ctx) {
            *self = Self::default();
            return false;
        }
        let begins = self.since.is_none();
        self.since.get_or_insert(now);
        begins
    }

    /// Returns the edge at which the strip is shown now, if any.
    fn edge(&mut self, ctx: &Context, screen: Rect, now: Instant) -> Option<ScreenEdge> {
        let (pointer, pressed) =
            ctx.input(|input| (input.pointer.latest_pos(), input.pointer.any_down()));
        self.touched = touched(self.touched, pointer, pressed, screen);
        let left = self.since.and_then(|since| (since + WELCOME).checked_duration_since(now));
        let welcome = left.filter(|left| !left.is_zero());
        if let Some(left) = welcome {
            ctx.request_repaint_after(left);
        }
        self.touched.or(welcome.map(|_| ScreenEdge::Top))
    }
}

/// Tells whether the window fills the screen.
pub fn fills_screen(ctx: &Context) -> bool {
    ctx.input(|input| input.viewport().fullscreen == Some(true))
}

/// Shows the strip with `content` over the picture on `screen`, where an edge is touched.
pub fn edge_strip_ui(
    ui: &Ui,
    state: &mut FullScreenState,
    screen: Rect,
    now: Instant,
    content: impl FnOnce(&mut Ui, Rect),
) {
    let Some(edge) = state.edge(ui.ctx(), screen, now) else {
        return;
    };
    let place = edge.strip(screen);
    // It has a layer of its own, so that clicks on it are not the picture's.
    let area = Area::new(Id::unique("full screen strip")).order(Order::Middle);
    area.fixed_pos(place.min).constrain(false).fade_in(false).show(ui.ctx(), |ui| {
        ui.allocate_rect(place, Sense::hover());
        content(ui, place);
    });
}

/// Shows the strip of a wall, which has the way out of full screen.
pub fn leave_strip_ui(ui: &mut Ui, place: Rect, io: &mut PanelIo<'_>) {
    let layout = Layout::right_to_left(Align::Center);
    let builder = UiBuilder::new().max_rect(place.shrink2(vec2(8.0, 2.0))).layout(layout);
    ui.painter().rect_filled(place, 0, Colors::of(ui.ctx()).ground);
    let mut ui = ui.new_child(builder);
    let leave = Command::FullScreen;
    if command_button_as(&mut ui, leave, LEAVE, io.bindings).clicked() {
        io.run(leave);
    }
}

/// Returns the edge that counts as touched, where `before` was so far. A press that began on the picture goes on there,
/// wherever it leads.
fn touched(
    before: Option<ScreenEdge>,
    pointer: Option<Pos2>,
    pressed: bool,
    screen: Rect,
) -> Option<ScreenEdge> {
    let pointer = pointer?;
    if before.is_some_and(|edge| edge.strip(screen).expand(STAY).contains(pointer)) {
        return before;
    }
    if pressed || !screen.expand(TOUCH).contains(pointer) {
        return None;
    }
    if pointer.y <= screen.top() + TOUCH {
        return Some(ScreenEdge::Top);
    }
    (pointer.y >= screen.bottom() - TOUCH).then_some(ScreenEdge::Bottom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strip_comes_at_the_edge_that_is_touched_and_goes_with_the_pointer() {
        let screen = Rect::from_min_size(Pos2::ZERO, vec2(1280.0, 800.0));
        let (top, bottom) = (Some(ScreenEdge::Top), Some(ScreenEdge::Bottom));
        for (before, at, pressed, now) in [
            (None, 400.0, false, None),
            (None, 3.0, false, None),
            (None, 0.0, false, top),
            (None, 799.0, false, bottom),
            (top, 30.0, false, top),
            (top, 30.0, true, top),
            (top, 60.0, false, None),
            (bottom, 770.0, false, bottom),
            // Whoever drags something in the page to its edge means the page.
            (None, 0.0, true, None),
        ] {
            let pointer = Some(pos2(640.0, at));
            assert_eq!(touched(before, pointer, pressed, screen), now, "{before:?}, {at}");
        }
        assert_eq!(touched(top, None, false, screen), None);
    }
}
