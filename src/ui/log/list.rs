//! Draws the list of rows, with its focus, its scrolled place, and the tail that is followed until the user looks
//! elsewhere.

use egui::scroll_area::ScrollArea;
use egui::{
    Button, EventFilter, Rect, Response, RichText, Role, Sense, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};

use super::row::RowPainter;
use super::state::{Focus, Follow, LogUiState};
use super::{format, keys, rows};
use crate::model::log::Log;
use crate::ui::action::Action;
use crate::ui::theme::Colors;

pub(super) fn list_ui(ui: &mut Ui, log: &Log, state: &mut LogUiState, actions: &mut Vec<Action>) {
    if state.view.is_empty() {
        empty_ui(ui, log, state);
        return;
    }
    let rect = ui.available_rect_before_wrap();
    let list = ui.interact(rect, ui.make_persistent_id("log_rows"), Sense::click());
    list.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, "Event log"));
    take_focus(ui, &list, state);
    let row_height = RowPainter::height(ui);
    let page = (rect.height() / row_height) as usize;
    if list.has_focus() {
        keys::run_keys(ui, log, state, page.max(1), actions);
    }

    let held = ui.input(|i| {
        i.pointer.any_down() && i.pointer.press_origin().is_some_and(|at| rect.contains(at))
    });
    let wanted = wanted_offset(state, row_height, rect.height(), held);
    let before = wanted.unwrap_or(state.scroll.offset);
    let shown = ui.scope(|ui| {
        // A tail that grows lies beyond the end that the last frame knew, and rubber banding would pull the view back
        // to that.
        ui.spacing_mut().scroll.kinetic.rubber_band = false;
        let mut area = ScrollArea::vertical()
            .id_salt("log_scroll")
            .auto_shrink(false)
            // Otherwise the list would push what is above it out of a low panel.
            .min_scrolled_height(0.0)
            .animated(false);
        if let Some(offset) = wanted {
            area = area.vertical_scroll_offset(offset);
        }
        area.show_viewport(ui, |ui, viewport| {
            let height = row_height * state.view.len() as f32;
            ui.set_min_size(vec2(ui.available_width(), height));
            rows::rows_ui(ui, viewport, row_height, &list, log, state, actions);
        })
    });
    let shown = shown.inner;
    let most = (shown.content_size.y - shown.inner_rect.height()).max(0.0);
    remember_place(
        log,
        state,
        ScrollMove {
            before,
            after: shown.state.clamped_offset().y,
            most,
            height: rect.height(),
            row_height,
        },
    );
    if list.has_focus() {
        ui.painter().rect_stroke(rect, 0.0, (1.5, Colors::of(ui.ctx()).accent), StrokeKind::Inside);
    }
    new_rows_ui(ui, rect, state);
}

fn empty_ui(ui: &mut Ui, log: &Log, state: &mut LogUiState) {
    // An empty list drops the request for the keyboard, which would be granted at an odd time later.
    state.focus = state.focus.filter(|focus| *focus != Focus::Rows);
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() / 3.0).min(120.0));
        if log.is_empty() {
            ui.weak("No events yet");
            return;
        }
        ui.weak(match log.len() {
            1 => "The only row is hidden by the filter".to_owned(),
            n => format!("All {} are hidden by the filter", format::rows(n)),
        });
        if ui.button("Show all").clicked() {
            state.clear_filter();
        }
    });
}

fn take_focus(ui: &Ui, list: &Response, state: &mut LogUiState) {
    if list.clicked() || state.focus == Some(Focus::Rows) {
        list.request_focus();
    }
    state.focus = state.focus.filter(|focus| *focus != Focus::Rows);
    let filter = EventFilter {
        vertical_arrows: true,
        horizontal_arrows: true,
        escape: state.detail_open,
        tab: false,
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(list.id, filter));
}

/// Returns where to scroll before drawing; `None` leaves it to the scroll area.
fn wanted_offset(state: &mut LogUiState, row_height: f32, height: f32, held: bool) -> Option<f32> {
    let most = (row_height * state.view.len() as f32 - height).max(0.0);
    let reveal = state.scroll.reveal.take();
    // While the pointer is down the rows stand still, because a click would end on another row than it began on
    // otherwise.
    if state.follow == Follow::Tail && !held {
        return Some(most);
    }
    let (seq, below_top) = state.scroll.anchor?;
    let mut offset = row_height * state.view.index_from(seq) as f32 - below_top;
    if let Some(index) = reveal.and_then(|seq| state.view.index_of(seq)) {
        let top = row_height * index as f32;
        offset = offset.min(top).max(top + row_height - height);
    }
    let offset = offset.clamp(0.0, most);
    ((offset - state.scroll.offset).abs() > 0.5).then_some(offset)
}

/// The offset of the view before and after the user's scrolling of this frame, in points.
struct ScrollMove {
    before: f32,
    after: f32,
    /// Largest offset, at which the end of the list is in view.
    most: f32,
    /// Height of the view.
    height: f32,
    row_height: f32,
}

fn remember_place(log: &Log, state: &mut LogUiState, place: ScrollMove) {
    let ScrollMove { before, after, most, height, row_height } = place;
    match state.follow {
        // A view that grew or rows that went bring the end nearer, so only an offset before the new end was scrolled
        // to.
        Follow::Tail if after < before.min(most) - 0.5 => state.leave_tail(log, Follow::Away),
        Follow::Away if after > before + 0.5 && after >= most - 1.0 => state.follow = Follow::Tail,
        Follow::Tail | Follow::Away | Follow::Paused => (),
    }
    let first = (after / row_height) as usize;
    // A row counts as seen from half of its height on.
    let end = ((after + height) / row_height).round() as usize;
    let selected = state.selected.row.and_then(|seq| state.view.index_of(seq));
    let kept = selected.filter(|index| (first..end).contains(index)).unwrap_or(first);
    state.scroll.offset = after;
    state.scroll.anchor = state.view.seq(kept).map(|seq| (seq, row_height * kept as f32 - after));
    let unseen = state.view.seq(end).or_else(|| state.view.last().map(|last| last + 1));
    state.scroll.unseen_from = state.scroll.unseen_from.max(unseen.unwrap_or_default());
}

/// Draws a button that says how many rows came below the view, and leads there.
fn new_rows_ui(ui: &mut Ui, rect: Rect, state: &mut LogUiState) {
    let unseen = state.unseen();
    if unseen == 0 {
        return;
    }
    let text = match unseen {
        1 => "1 new row — Follow".to_owned(),
        n => format!("{} new rows — Follow", format::number(n as u64)),
    };
    let size = vec2(rect.width().min(200.0), ui.spacing().interact_size.y + 4.0);
    let place = Rect::from_center_size(pos2(rect.center().x, rect.bottom() - size.y), size);
    let colors = Colors::of(ui.ctx());
    let button = Button::new(RichText::new(text).color(colors.strong))
        .fill(colors.selected)
        .stroke((1.0, colors.accent))
        .corner_radius(size.y / 2.0);
    if ui.put(place, button).clicked() {
        state.follow = Follow::Tail;
    }
}
