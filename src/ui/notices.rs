//! Short messages in the corner of the picture, where they cover nothing that is typed into: what went wrong and what to do, or what was done.

use std::time::{Duration, Instant};

use egui::{
    Align, Align2, Area, Frame, Id, Label, Layout, Margin, Order, Rect, Sense, Stroke, Ui, Vec2,
    vec2,
};

use super::action::Action;
use super::icon::Icon;
use super::panel_io::PanelIo;
use super::state::{Level, Notice};
use super::theme::Colors;
use super::widgets::icon_button;
use crate::base::text::clip;

/// Good news, alerts and warnings go by themselves, errors stay until they are dismissed.
pub const GOOD_NEWS_FOR: Duration = Duration::from_secs(6);
pub const ALERTS_FOR: Duration = Duration::from_secs(30);
pub const WARNINGS_FOR: Duration = Duration::from_secs(20);
/// More than these would cover the picture; the oldest go first.
pub const MAX_NOTICES: usize = 4;

/// A server's words may be in it, and the button has to stay in the window.
const MAX_BYTES: usize = 500;
const WIDTH: f32 = 380.0;
/// A picture smaller than this has no room for them.
const MIN_WIDTH: f32 = 240.0;
const MIN_HEIGHT: f32 = 200.0;
/// Of the button, with the gap before it.
const CLOSE_WIDTH: f32 = 34.0;

/// When a notice goes by itself.
pub fn expires_at(notice: &Notice) -> Option<Instant> {
    match notice.level {
        Level::Good => Some(notice.since + GOOD_NEWS_FOR),
        Level::Alert => Some(notice.since + ALERTS_FOR),
        Level::Warning => Some(notice.since + WARNINGS_FOR),
        Level::Error => None,
    }
}

/// `picture`: the part of the window that no panel takes.
pub fn notices_ui(ui: &mut Ui, io: &mut PanelIo<'_>, picture: Rect) {
    if io.state.notices.is_empty() {
        return;
    }
    let window = ui.ctx().content_rect();
    let has_room = picture.width() >= MIN_WIDTH && picture.height() >= MIN_HEIGHT;
    let place = if has_room { picture } else { window };
    let width = WIDTH.min(place.width() - 24.0);
    Area::new(Id::unique("notices"))
        .order(Order::Foreground)
        .pivot(Align2::RIGHT_BOTTOM)
        .fixed_pos(place.right_bottom() - vec2(12.0, 40.0))
        .show(ui.ctx(), |ui| {
            for notice in &io.state.notices {
                notice_ui(ui, notice, width, io.actions);
            }
        });
}

fn notice_ui(ui: &mut Ui, notice: &Notice, width: f32, actions: &mut Vec<Action>) {
    let colors = Colors::of(ui.ctx());
    // Only what went wrong has a border that calls.
    let (mark, color, border) = match notice.level {
        Level::Good => (Icon::Check, colors.live, colors.outline),
        Level::Alert => (Icon::Bell, colors.accent, colors.outline),
        Level::Warning => (Icon::Warning, colors.stalled, colors.outline),
        Level::Error => (Icon::Warning, colors.error, colors.error),
    };
    Frame::popup(ui.style())
        .stroke(Stroke::new(1.0, border))
        .inner_margin(Margin::symmetric(10, 8))
        .show(ui, |ui| {
            ui.set_width(width);
            ui.horizontal_top(|ui| {
                let (place, _) = ui.allocate_exact_size(Vec2::splat(18.0), Sense::hover());
                mark.paint(ui.painter(), place.shrink(1.0), Stroke::new(1.0, color));
                let text = Label::new(clip(notice.text.trim_end(), MAX_BYTES)).wrap();
                let room = ui.available_width() - CLOSE_WIDTH;
                ui.allocate_ui_with_layout(vec2(room, 0.0), Layout::top_down(Align::Min), |ui| {
                    ui.set_width(room);
                    ui.add(text);
                });
                let close = icon_button(ui, Icon::Cross, "Dismiss", false);
                if close.on_hover_text("Dismiss").clicked() {
                    actions.push(Action::Dismiss { notice: notice.id });
                }
            });
        });
}
