//! Short messages in the corner of the picture, where they cover nothing that is typed into: what went wrong and what to do, or what was done.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::text::LayoutJob;
use egui::{
    Align, Align2, Area, Frame, Galley, Id, Label, Layout, Margin, Order, Rect, Sense, Stroke,
    TextStyle, Ui, Vec2, vec2,
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
/// The rest is read by pointing at it.
const MAX_LINES: usize = 3;
/// Where the picture is lower than this there is one line less.
const LOW: f32 = 320.0;
/// Of the picture's height, for all of them together: the newest is shown in any case.
const SHARE: f32 = 0.4;
const WIDTH: f32 = 380.0;
/// Of the picture's width, where that is enough to read.
const WIDTH_SHARE: f32 = 0.7;
const LEAST_WIDTH: f32 = 220.0;
const MARGIN: Margin = Margin::symmetric(10, 8);
const MARK: f32 = 18.0;
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
    let width = (place.width() * WIDTH_SHARE).clamp(LEAST_WIDTH, WIDTH);
    let width = width.min(place.width() - 24.0);
    Area::new(Id::unique("notices"))
        .order(Order::Foreground)
        .pivot(Align2::RIGHT_BOTTOM)
        .fixed_pos(place.right_bottom() - vec2(12.0, 40.0))
        .show(ui.ctx(), |ui| {
            let notices = &io.state.notices;
            let lines = MAX_LINES - usize::from(place.height() < LOW);
            let texts: Vec<_> = notices
                .iter()
                .map(|notice| text_of(ui, notice, width, lines))
                .collect();
            let hidden = hidden(ui, &texts, place.height() * SHARE);
            if hidden > 0 {
                more_ui(ui, hidden);
            }
            for (notice, text) in notices.iter().zip(texts).skip(hidden) {
                notice_ui(ui, notice, text, width, io.actions);
            }
        });
}

/// How many of the oldest have no room.
fn hidden(ui: &Ui, texts: &[Arc<Galley>], room: f32) -> usize {
    let mut taken = 0.0;
    let newest_first = texts.iter().rev();
    let shown = newest_first.take_while(|text| {
        let is_first = taken == 0.0;
        taken += text.size().y + MARGIN.sum().y + ui.spacing().item_spacing.y;
        is_first || taken <= room
    });
    texts.len() - shown.count()
}

/// They come forth when the newer ones are gone.
fn more_ui(ui: &mut Ui, hidden: usize) {
    Frame::popup(ui.style())
        .inner_margin(Margin::symmetric(10, 2))
        .show(ui, |ui| ui.small(format!("{hidden} more")));
}

fn text_of(ui: &Ui, notice: &Notice, width: f32, lines: usize) -> Arc<Galley> {
    let font = TextStyle::Body.resolve(ui.style());
    let color = ui.visuals().text_color();
    let text = clip(notice.text.trim_end(), MAX_BYTES).to_owned();
    let room = width - MARK - CLOSE_WIDTH - ui.spacing().item_spacing.x;
    let mut job = LayoutJob::simple(text, font, color, room);
    job.wrap.max_rows = lines;
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

fn notice_ui(
    ui: &mut Ui,
    notice: &Notice,
    text: Arc<Galley>,
    width: f32,
    actions: &mut Vec<Action>,
) {
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
        .inner_margin(MARGIN)
        .show(ui, |ui| {
            ui.set_width(width);
            ui.horizontal_top(|ui| {
                let (place, _) = ui.allocate_exact_size(Vec2::splat(MARK), Sense::hover());
                mark.paint(ui.painter(), place.shrink(1.0), Stroke::new(1.0, color));
                let room = ui.available_width() - CLOSE_WIDTH;
                ui.allocate_ui_with_layout(vec2(room, 0.0), Layout::top_down(Align::Min), |ui| {
                    ui.set_width(room);
                    ui.add(Label::new(text));
                });
                let close = icon_button(ui, Icon::Cross, "Dismiss", false);
                if close.on_hover_text("Dismiss").clicked() {
                    actions.push(Action::Dismiss { notice: notice.id });
                }
            });
        });
}
