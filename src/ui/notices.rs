//! Shows short messages in the corner of the picture, where they cover nothing that is typed into. They tell what went
//! wrong and what to do, or what was done.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::accesskit::Live;
use egui::text::LayoutJob;
use egui::{
    Align, Align2, Area, Color32, Frame, Galley, Id, Label, Layout, Margin, Order, Rect, RichText,
    Sense, Stroke, TextStyle, Ui, Vec2, vec2,
};

use super::action::Action;
use super::command::Command;
use super::icon::Icon;
use super::panel_io::PanelIo;
use super::state::{AppState, Level, Notice, NoticeLead};
use super::theme::Colors;
use super::widgets::{icon_button, small_picture_ui, steady};
use crate::base::text::clip;
use crate::model::ConcernKind;

/// Good news is shown for this long. All notices go by themselves, graver ones later; the list of messages keeps them.
pub const GOOD_NEWS_FOR: Duration = Duration::from_secs(6);
/// A warning is shown for this long.
pub const WARNINGS_FOR: Duration = Duration::from_secs(20);
/// An alert is shown for this long.
pub const ALERTS_FOR: Duration = Duration::from_secs(30);
/// An error is shown for this long.
pub const ERRORS_FOR: Duration = Duration::from_secs(45);
/// A notice that was being read stays for this long after that.
const READ_FOR: Duration = Duration::from_secs(5);
/// At most this many notices are held; beyond that the oldest go first.
pub const MAX_NOTICES: usize = 8;
/// The list of messages keeps this many to be read again.
pub const MAX_TOLD: usize = 200;
/// At most this many notices are shown at once, because more would cover the picture.
const MAX_SHOWN: usize = 3;

/// A notice's text is cut here, because it may quote a server, and the button has to stay in the window.
const MAX_BYTES: usize = 500;
/// A notice shows this many lines; the rest is read by pointing at it.
const MAX_LINES: usize = 3;
/// Where the picture is lower than this, in points, a notice has one line less, and where it is very low it has one
/// line.
const LOW: f32 = 320.0;
const VERY_LOW: f32 = 220.0;
/// All notices together take at most this share of the picture's height; the newest is shown in any case.
const SHARE: f32 = 0.3;
const WIDTH: f32 = 380.0;
/// A notice takes this share of the picture's width, where that is enough to read.
const WIDTH_SHARE: f32 = 0.7;
const LEAST_WIDTH: f32 = 220.0;
const MARGIN: Margin = Margin::symmetric(10, 8);
const MARK: f32 = 18.0;
/// A picture narrower than this, in points, has no room for notices.
const MIN_WIDTH: f32 = 240.0;
const MIN_HEIGHT: f32 = 110.0;
/// Width of the closing button with the gap before it, in points.
const CLOSE_WIDTH: f32 = 34.0;
/// Width of the button that shows the session, with the gap before it, in points.
const SHOW_WIDTH: f32 = 58.0;
/// The size of the picture of a notice, in points.
const PICTURE: Vec2 = Vec2::new(72.0, 45.0);

/// Everything that is remembered of the corner.
#[derive(Debug, Default)]
pub struct NoticesState {
    /// Whether the pointer rests on the notices, or the keyboard focus is there.
    pub is_being_read: bool,
}

/// Returns when a notice goes by itself.
pub fn expires_at(notice: &Notice) -> Instant {
    notice.since + lifetime(notice.level)
}

fn lifetime(level: Level) -> Duration {
    match level {
        Level::Good => GOOD_NEWS_FOR,
        Level::Alert => ALERTS_FOR,
        Level::Warning => WARNINGS_FOR,
        Level::Error => ERRORS_FOR,
    }
}

/// Keeps a notice that is being read now for a while longer.
pub fn stay(notice: &mut Notice, now: Instant) {
    let missing = (now + READ_FOR).saturating_duration_since(expires_at(notice));
    notice.since += missing;
}

/// Returns the mark of a message and its color.
pub fn look(level: Level, colors: &Colors) -> (Icon, Color32) {
    match level {
        Level::Good => (Icon::Check, colors.live),
        Level::Alert => (Icon::Bell, colors.accent),
        Level::Warning => (Icon::Warning, colors.stalled),
        Level::Error => (Icon::Warning, colors.error),
    }
}

/// Draws the notices into the corner of `picture`, the part of the window that no panel takes.
pub fn notices_ui(ui: &mut Ui, io: &mut PanelIo<'_>, state: &mut NoticesState, picture: Rect) {
    state.is_being_read = false;
    if io.state.notices.is_empty() {
        return;
    }
    let window = ui.ctx().content_rect();
    let has_room = picture.width() >= MIN_WIDTH && picture.height() >= MIN_HEIGHT;
    let place = if has_room { picture } else { window };
    let width = (place.width() * WIDTH_SHARE).clamp(LEAST_WIDTH, WIDTH);
    let width = width.min(place.width() - 24.0);
    let area = Area::new(Id::unique("notices"))
        .order(Order::Foreground)
        .pivot(Align2::RIGHT_BOTTOM)
        .fixed_pos(place.right_bottom() - vec2(12.0, 40.0))
        .show(ui.ctx(), |ui| {
            let notices = &io.state.notices;
            let lines = match picture.height() {
                ..VERY_LOW => 1,
                ..LOW => MAX_LINES - 1,
                _ => MAX_LINES,
            };
            let texts: Vec<_> = notices
                .iter()
                .map(|one| text_of(ui, one, lead_of(io.state, one), width, lines))
                .collect();
            let hidden = hidden(ui, &texts, place.height() * SHARE);
            if hidden > 0 && more_ui(ui, hidden) {
                io.actions.push(Action::Run(Command::ShowMessages));
            }
            let mut has_focus = false;
            for (notice, text) in notices.iter().zip(texts).skip(hidden) {
                has_focus |= steady(ui, ("notice", notice.id), |ui| {
                    notice_ui(ui, notice, lead_of(io.state, notice), text, width, io.actions)
                });
            }
            has_focus
        });
    let pointer = ui.ctx().pointer_hover_pos();
    let is_pointed_at = pointer.is_some_and(|at| area.response.rect.contains(at));
    state.is_being_read = area.inner || is_pointed_at;
}

/// Returns how many of the oldest notices have no room.
fn hidden(ui: &Ui, texts: &[Arc<Galley>], room: f32) -> usize {
    let mut taken = 0.0;
    let newest_first = texts.iter().rev();
    let shown = newest_first.take_while(|text| {
        let is_first = taken == 0.0;
        taken += text.size().y + MARGIN.sum().y + ui.spacing().item_spacing.y;
        is_first || taken <= room
    });
    texts.len() - shown.take(MAX_SHOWN).count()
}

/// Offers to show the hidden notices, which otherwise appear when the newer ones are gone. Returns whether to show them
/// now.
fn more_ui(ui: &mut Ui, hidden: usize) -> bool {
    let text = RichText::new(format!("{hidden} more")).small();
    let frame = Frame::popup(ui.style()).inner_margin(Margin::symmetric(10, 2));
    let link = frame.show(ui, |ui| ui.link(text)).inner;
    link.on_hover_text("Show all messages").clicked()
}

/// Returns where a notice leads, unless that is in front already.
fn lead_of<'a>(state: &AppState<'_>, notice: &'a Notice) -> Option<&'a NoticeLead> {
    let front = state.active().filter(|_| !state.on_wall).map(|open| &open.key);
    let has_place = |lead: &NoticeLead| lead.about == Some(ConcernKind::DownloadDone);
    notice.lead.as_ref().filter(|lead| front != Some(&lead.session) || has_place(lead))
}

fn text_of(
    ui: &Ui,
    notice: &Notice,
    lead: Option<&NoticeLead>,
    width: f32,
    lines: usize,
) -> Arc<Galley> {
    let font = TextStyle::Body.resolve(ui.style());
    let color = ui.visuals().text_color();
    let text = clip(notice.text.trim_end(), MAX_BYTES).to_owned();
    let room = width - MARK - CLOSE_WIDTH - ui.spacing().item_spacing.x - lead_width(ui, lead);
    let mut job = LayoutJob::simple(text, font, color, room);
    job.wrap.max_rows = lines;
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

/// Returns the room that a notice's picture and its button need, in points.
fn lead_width(ui: &Ui, lead: Option<&NoticeLead>) -> f32 {
    let gap = ui.spacing().item_spacing.x;
    let Some(lead) = lead else { return 0.0 };
    SHOW_WIDTH + gap + lead.picture.as_ref().map_or(0.0, |_| PICTURE.x + gap)
}

/// Draws a notice, and returns whether the keyboard focus is in it.
fn notice_ui(
    ui: &mut Ui,
    notice: &Notice,
    lead: Option<&NoticeLead>,
    text: Arc<Galley>,
    width: f32,
    actions: &mut Vec<Action>,
) -> bool {
    let colors = Colors::of(ui.ctx());
    let (mark, color) = look(notice.level, colors);
    // Only a notice of something that went wrong has a border that calls.
    let border = match notice.level {
        Level::Error => colors.error,
        Level::Good | Level::Alert | Level::Warning => colors.outline,
    };
    let shown = Frame::popup(ui.style())
        .stroke(Stroke::new(1.0, border))
        .inner_margin(MARGIN)
        .show(ui, |ui| {
            ui.set_width(width);
            ui.horizontal_top(|ui| {
                let (place, _) = ui.allocate_exact_size(Vec2::splat(MARK), Sense::hover());
                mark.paint(ui.painter(), place.shrink(1.0), Stroke::new(1.0, color));
                if let Some(picture) = lead.and_then(|lead| lead.picture.as_ref()) {
                    small_picture_ui(ui, picture, PICTURE);
                }
                let shows = lead.map_or(0.0, |_| SHOW_WIDTH);
                let room = ui.available_width() - CLOSE_WIDTH - shows;
                ui.allocate_ui_with_layout(vec2(room, 0.0), Layout::top_down(Align::Min), |ui| {
                    ui.set_width(room);
                    let label = ui.add(Label::new(text));
                    // Screen readers say a live region without being sent there.
                    ui.ctx().accesskit_node_builder(label.id, |node| {
                        node.set_live(match notice.level {
                            Level::Error => Live::Assertive,
                            Level::Good | Level::Alert | Level::Warning => Live::Polite,
                        });
                    });
                });
                let mut has_focus = false;
                if let Some(lead) = lead {
                    let show = ui.button("Show").on_hover_text("Show the session");
                    has_focus = show.has_focus();
                    if show.clicked() {
                        let (session, about) = (lead.session.clone(), lead.about);
                        actions.push(Action::GoTo { session, about });
                        actions.push(Action::Dismiss { notice: notice.id });
                    }
                }
                let close = icon_button(ui, Icon::Cross, "Dismiss", false);
                let close = close.on_hover_text("Dismiss");
                if close.clicked() {
                    actions.push(Action::Dismiss { notice: notice.id });
                }
                has_focus || close.has_focus()
            })
            .inner
        });
    shown.inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_stays_a_moment_longer_and_no_more() {
        let since = Instant::now();
        let mut notice = Notice {
            id: 1,
            text: "It failed".to_owned(),
            level: Level::Error,
            subject: None,
            since,
            lead: None,
        };
        stay(&mut notice, since);
        assert_eq!(expires_at(&notice), since + ERRORS_FOR);
        let late = since + ERRORS_FOR;
        stay(&mut notice, late);
        assert_eq!(expires_at(&notice), late + READ_FOR);
    }
}
