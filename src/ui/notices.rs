//! Short messages in the corner: what went wrong and what to do, or what was done.

use std::time::{Duration, Instant};

use egui::{Align2, Area, Frame, Id, Label, Order, RichText, Ui, Vec2};

use super::action::Action;
use super::panel_io::PanelIo;
use super::state::Notice;
use super::theme::Colors;

/// Good news goes by itself, errors stay until they are dismissed.
pub const GOOD_NEWS_FOR: Duration = Duration::from_secs(6);
/// More than these would cover the picture; the oldest go first.
pub const MAX_NOTICES: usize = 4;

/// When a notice goes by itself.
pub fn expires_at(notice: &Notice) -> Option<Instant> {
    (!notice.is_error).then(|| notice.since + GOOD_NEWS_FOR)
}

pub fn notices_ui(ui: &mut Ui, io: &mut PanelIo<'_>) {
    if io.state.notices.is_empty() {
        return;
    }
    Area::new(Id::unique("notices"))
        .order(Order::Foreground)
        .anchor(Align2::RIGHT_BOTTOM, Vec2::new(-12.0, -40.0))
        .show(ui.ctx(), |ui| {
            for notice in &io.state.notices {
                notice_ui(ui, notice, io.actions);
            }
        });
}

fn notice_ui(ui: &mut Ui, notice: &Notice, actions: &mut Vec<Action>) {
    let colors = Colors::of(ui.ctx());
    let color = if notice.is_error {
        colors.error
    } else {
        colors.live
    };
    Frame::popup(ui.style())
        .stroke(egui::Stroke::new(1.0, color))
        .show(ui, |ui| {
            ui.set_max_width(380.0);
            ui.horizontal(|ui| {
                ui.label(RichText::new(if notice.is_error { "⚠" } else { "✔" }).color(color));
                ui.add(Label::new(&notice.text).wrap());
                let close = ui.add(egui::Button::new("×").frame(false));
                close
                    .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, "Dismiss"));
                if close.clicked() {
                    actions.push(Action::Dismiss { notice: notice.id });
                }
            });
        });
}
