//! Turns a session's state into one word, one color and one mark, which are the same in the list, on tiles and in the
//! line under the picture. What is wrong with the page comes before what is right with the connection.

use egui::{Color32, Rect, Response, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, vec2};

use super::clock::Clock;
use super::format;
use super::icon::Icon;
use super::picture::words::{lasting, quiet_words};
use super::state::{OpenSession, RecordingMark};
use super::theme::Colors;
use crate::model::{Condition, PageLife, Severity};

/// Returns the one honest word for a session's state, such as "Crashed", "Live" or "Reconnecting in 3 s".
pub fn state_words(open: &OpenSession, clock: Clock<'_>) -> String {
    match open.page_state() {
        Some(concern) => concern.kind.row().word.to_owned(),
        None => condition_words(&open.condition, clock),
    }
}

/// Returns the color of a session's state.
pub fn state_color(open: &OpenSession, colors: &Colors) -> Color32 {
    match open.page_state() {
        Some(concern) => severity_color(concern.kind.row().severity, colors),
        None => colors.condition(&open.condition),
    }
}

/// Returns the color of what concerns somebody.
pub fn severity_color(severity: Severity, colors: &Colors) -> Color32 {
    match severity {
        Severity::Broken => colors.error,
        Severity::Waits => colors.waiting,
        Severity::Warning => colors.stalled,
        Severity::News => colors.accent,
    }
}

/// Draws the mark of a session's state, for lists; the word is its tooltip. The marks differ in shape too, not in color
/// alone.
pub fn state_mark(ui: &mut Ui, open: &OpenSession, clock: Clock<'_>) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(12.0), Sense::hover());
    let word = state_words(open, clock);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &word));
    let (color, rect) = (state_color(open, Colors::of(ui.ctx())), rect.shrink(1.5));
    match open.page_state() {
        Some(concern) => paint_severity(ui, rect, concern.kind.row().severity, color),
        None => paint_state(ui, rect, &open.condition, color),
    }
    response.on_hover_text(word)
}

/// Draws a red mark where the session is recorded; its tooltip tells for how long and how much.
pub fn recording_mark(ui: &mut Ui, open: &OpenSession, clock: Clock<'_>) {
    let Some(mark) = open.recording else { return };
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(12.0), Sense::hover());
    let words = recording_words(mark, clock);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
    let color = Colors::of(ui.ctx()).error;
    ui.painter().circle_filled(rect.center(), 4.0, color);
    ui.painter().circle_stroke(rect.center(), 5.5, Stroke::new(1.0, color));
    response.on_hover_text(words);
}

/// Says for how long and how much was recorded, as in "Recording 1:05, 3.4 MB".
pub fn recording_words(mark: RecordingMark, clock: Clock<'_>) -> String {
    let size = format::bytes(mark.bytes);
    if !clock.ticks() {
        return format!("Recording, {size}");
    }
    let lasted = clock.wall.duration_since(mark.since).unsigned_abs();
    format!("Recording {}, {size}", format::countdown(lasted))
}

/// Paints the mark of what concerns somebody.
pub fn paint_severity(ui: &Ui, rect: Rect, severity: Severity, color: Color32) {
    let stroke = Stroke::new(1.8, color);
    match severity {
        Severity::Broken => Icon::Cross.paint(ui.painter(), rect, stroke),
        Severity::Waits | Severity::Warning => paint_triangle(ui, rect, color),
        Severity::News => {
            ui.painter().circle_filled(rect.center(), rect.width() / 2.0, color);
        }
    }
}

fn paint_triangle(ui: &Ui, rect: Rect, color: Color32) {
    let points = vec![rect.center_top(), rect.right_bottom(), rect.left_bottom()];
    ui.painter().add(egui::Shape::convex_polygon(points, color, Stroke::NONE));
}

/// Returns the one honest word for a connection, such as "Live" or "Reconnecting in 3 s".
fn condition_words(condition: &Condition, clock: Clock<'_>) -> String {
    match condition {
        Condition::Connecting { attempt: 0 } => "Connecting".to_owned(),
        Condition::Connecting { attempt } => format!("Connecting, attempt {}", attempt + 1),
        Condition::Connected => "Connected".to_owned(),
        Condition::Live => "Live".to_owned(),
        Condition::Unreadable { .. } => "Pictures can't be read".to_owned(),
        Condition::Missing { silent_for } => {
            format!("No picture {}", lasting(*silent_for, clock).0)
        }
        Condition::Quiet { page, unchanged_for } => {
            let (state, what) = quiet_words(*page);
            format!("{state}, {what} {}", lasting(*unchanged_for, clock).0)
        }
        Condition::Idle { unchanged_for } => {
            format!("Idle, no change {}", lasting(*unchanged_for, clock).0)
        }
        Condition::Stalled { silent_for } => {
            format!("Lost, nothing heard {}", lasting(*silent_for, clock).0)
        }
        Condition::Reconnecting { retry_in, .. } if retry_in.is_zero() => "Reconnecting".to_owned(),
        Condition::Reconnecting { retry_in, .. } if !clock.ticks() => {
            format!("Reconnecting at {}", clock.moment_in(*retry_in))
        }
        Condition::Reconnecting { retry_in, .. } => {
            format!("Reconnecting in {} s", retry_in.as_secs_f32().ceil())
        }
        Condition::Ended { .. } => "Ended".to_owned(),
        Condition::Refused { .. } => "Not connected".to_owned(),
    }
}

fn paint_state(ui: &Ui, rect: Rect, condition: &Condition, color: Color32) {
    let (painter, center, radius) = (ui.painter(), rect.center(), rect.width() / 2.0);
    let stroke = Stroke::new(1.8, color);
    match condition {
        Condition::Live => {
            painter.circle_filled(center, radius, color);
        }
        Condition::Connected
        | Condition::Idle { .. }
        | Condition::Quiet { page: PageLife::Still | PageLife::Hidden, .. } => {
            painter.circle_stroke(center, radius - 0.9, stroke);
        }
        Condition::Connecting { .. } | Condition::Reconnecting { .. } => {
            for step in [-1.0, 0.0, 1.0] {
                painter.circle_filled(
                    center + vec2(step * radius * 0.75, 0.0),
                    radius * 0.28,
                    color,
                );
            }
        }
        Condition::Unreadable { .. }
        | Condition::Missing { .. }
        | Condition::Quiet { page: PageLife::Stuck, .. }
        | Condition::Stalled { .. } => {
            paint_triangle(ui, rect, color);
        }
        Condition::Ended { .. } | Condition::Refused { .. } => {
            Icon::Cross.paint(painter, rect, stroke)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::model::{FrameSize, Tab};
    use crate::ui::clock::ClockPace;
    use crate::ui::picture::testing::session;

    #[test]
    fn states_are_told_in_plain_words() {
        let why = String::new();
        let seconds = Duration::from_secs_f32;
        for (condition, words) in [
            (Condition::Connecting { attempt: 0 }, "Connecting"),
            (Condition::Connecting { attempt: 2 }, "Connecting, attempt 3"),
            (Condition::Connected, "Connected"),
            (Condition::Live, "Live"),
            (Condition::Unreadable { count: 3, why: "".into() }, "Pictures can't be read"),
            (Condition::Idle { unchanged_for: seconds(59.9) }, "Idle, no change for 50 s"),
            (Condition::Idle { unchanged_for: seconds(3725.0) }, "Idle, no change for 1 h 2 min"),
            (Condition::Stalled { silent_for: seconds(90.0) }, "Lost, nothing heard for 1 min"),
            (
                Condition::Reconnecting { attempt: 1, retry_in: seconds(2.2), why: why.clone() },
                "Reconnecting in 3 s",
            ),
            (
                Condition::Reconnecting { attempt: 1, retry_in: Duration::ZERO, why: why.clone() },
                "Reconnecting",
            ),
            (Condition::Ended { why }, "Ended"),
        ] {
            assert_eq!(condition_words(&condition, Clock::fixed(ClockPace::Ticking)), words);
        }
    }

    #[test]
    fn a_crashed_page_is_never_live() {
        let clock = Clock::fixed(ClockPace::Ticking);
        let ctx = egui::Context::default();
        let mut open = session(&ctx, FrameSize { width: 100, height: 100 }, Instant::now());
        let colors = Colors::of(&ctx);
        assert_eq!(
            (state_words(&open, clock).as_str(), state_color(&open, colors)),
            ("Live", colors.live)
        );
        open.view.tabs = vec![Tab { active: true, crashed: true, ..Tab::default() }];
        assert_eq!(
            (state_words(&open, clock).as_str(), state_color(&open, colors)),
            ("Crashed", colors.error)
        );
        open.condition = Condition::Ended { why: String::new() };
        assert_eq!(state_words(&open, clock), "Ended");
    }
}
