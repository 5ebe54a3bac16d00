//! Finds text in the page: a small bar over the corner of its picture, as browsers have it.

use std::time::{Duration, Instant};

use egui::{Align2, Area, Frame, Id, Key, Margin, Modifiers, Order, Rect, TextEdit, Ui, vec2};

use super::icon::Icon;
use super::panel_io::PanelIo;
use super::picture::picture_id;
use super::state::{OpenSession, SessionKey};
use super::theme::Colors;
use super::toolbar::select_all;
use super::widgets::icon_button;
use crate::base::text::clip;
use crate::model::{MAX_FIND, PageControl, TextSearch};

const GAP: f32 = 8.0;
const FIELD_WIDTH: f32 = 180.0;
/// The count has this much room, so that nothing moves while it changes.
const COUNT_WIDTH: f32 = 84.0;
/// A search that is not answered within this time gives way to the next.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);

/// What the bar keeps from pass to pass.
#[derive(Debug, Default)]
pub struct FindBarState {
    /// The session whose page is searched; `None` while the bar is closed.
    session: Option<SessionKey>,
    text: String,
    /// The text that was searched last, and when.
    asked: Option<(String, Instant)>,
    wants_focus: bool,
}

impl FindBarState {
    /// Opens the bar, or brings the cursor back to it.
    pub fn open(&mut self, session: SessionKey) {
        if self.session.as_ref() != Some(&session) {
            self.asked = None;
        }
        self.session = Some(session);
        self.wants_focus = true;
    }

    /// Returns the search that leads to the next match or the one before, where the bar is open and has a text.
    pub fn step(&self, session: &SessionKey, backward: bool) -> Option<TextSearch> {
        let is_open = self.session.as_ref() == Some(session) && !self.text.is_empty();
        is_open.then(|| search(&self.text, backward))
    }

    /// Tells whether what is typed has to be searched now: one search at a time is under way.
    fn is_due(&self, open: &OpenSession, now: Instant) -> bool {
        let Some((asked, at)) = &self.asked else {
            return !self.text.is_empty();
        };
        let found = open.view.found.as_ref().map_or("", |found| &found.text);
        let is_answered = found == asked || now.saturating_duration_since(*at) > ANSWERED_WITHIN;
        *asked != self.text && is_answered
    }
}

fn search(text: &str, backward: bool) -> TextSearch {
    TextSearch { text: clip(text, MAX_FIND).to_owned(), backward, match_case: false }
}

/// Draws the bar in the upper right corner of the picture at `place`, where it is open.
pub fn find_bar_ui(
    ui: &Ui,
    io: &mut PanelIo<'_>,
    memory: &mut FindBarState,
    open: &OpenSession,
    place: Rect,
) {
    if memory.session.as_ref() != Some(&open.key) || open.condition.is_away() {
        return;
    }
    let room = (place.width() - 2.0 * GAP).max(0.0);
    let shown = Area::new(Id::unique("find bar"))
        .order(Order::Middle)
        .pivot(Align2::RIGHT_TOP)
        .fixed_pos(place.right_top() + vec2(-GAP, GAP))
        .constrain_to(place)
        .fade_in(false)
        .show(ui.ctx(), |ui| {
            let frame = Frame::popup(ui.style()).inner_margin(Margin::symmetric(8, 5));
            let inner = room - frame.total_margin().sum().x;
            frame
                .show(ui, |ui| {
                    ui.set_max_width(inner);
                    ui.horizontal(|ui| bar_ui(ui, io, memory, open, inner)).inner
                })
                .inner
        });
    if shown.inner {
        memory.session = None;
        memory.asked = None;
        io.send(PageControl::Find(TextSearch::default()));
        if io.state.control {
            // What is typed next is meant for the page again.
            ui.memory_mut(|memory| memory.request_focus(picture_id()));
        }
        return;
    }
    if memory.is_due(open, io.state.now) {
        memory.asked = Some((memory.text.clone(), io.state.now));
        io.send(PageControl::Find(search(&memory.text, false)));
        ui.ctx().request_repaint_after(ANSWERED_WITHIN);
    }
}

/// Draws what is in the bar, and tells whether it is to be closed.
fn bar_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    memory: &mut FindBarState,
    open: &OpenSession,
    room: f32,
) -> bool {
    let id = Id::unique("find in page");
    let has_focus = ui.memory(|memory| memory.has_focus(id));
    let take = |modifiers| has_focus && ui.input_mut(|i| i.consume_key(modifiers, Key::Enter));
    // The one with Shift goes first, because a press without it would match both.
    let mut before = take(Modifiers::SHIFT);
    let mut next = !before && take(Modifiers::NONE);

    let buttons = 3.0 * (ui.spacing().interact_size.y + ui.spacing().item_spacing.x);
    let count = if room < FIELD_WIDTH + COUNT_WIDTH + buttons { 0.0 } else { COUNT_WIDTH };
    let width = (room - count - buttons - 8.0).clamp(40.0, FIELD_WIDTH);
    let edit = TextEdit::singleline(&mut memory.text)
        .id(id)
        .hint_text("Find in page")
        .desired_width(width)
        .char_limit(MAX_FIND);
    let field = ui.add(edit);
    ui.ctx().accesskit_node_builder(field.id, |node| node.set_label("Find in page"));
    if std::mem::take(&mut memory.wants_focus) {
        field.request_focus();
        select_all(ui, id, memory.text.chars().count());
    }
    if count > 0.0 {
        count_ui(ui, memory, open, count);
    }
    before |= icon_button(ui, Icon::Up, "Match before", false).clicked();
    next |= icon_button(ui, Icon::Down, "Next match", false).clicked();
    if (next || before) && !memory.text.is_empty() {
        memory.asked = Some((memory.text.clone(), io.state.now));
        io.send(PageControl::Find(search(&memory.text, before)));
    }
    let escaped = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Escape));
    escaped | icon_button(ui, Icon::Cross, "Close find in page", false).clicked()
}

/// Says which of how many matches is shown.
fn count_ui(ui: &mut Ui, memory: &FindBarState, open: &OpenSession, width: f32) {
    let colors = Colors::of(ui.ctx());
    let found = open.view.found.as_ref().filter(|found| found.text == memory.text);
    let (text, color) = match found {
        None => (String::new(), colors.weak),
        Some(found) if found.matches == 0 => ("No match".to_owned(), colors.stalled),
        Some(found) => {
            let more = if found.more { "+" } else { "" };
            (format!("{} of {}{more}", found.index, found.matches), colors.weak)
        }
    };
    let size = vec2(width, ui.spacing().interact_size.y);
    ui.allocate_ui_with_layout(size, egui::Layout::left_to_right(egui::Align::Center), |ui| {
        ui.set_min_width(width);
        ui.colored_label(color, text);
    });
}

#[cfg(test)]
mod tests;
