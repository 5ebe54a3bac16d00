//! Draws the rows in view, names them for screen readers, and takes the pointer's clicks.

use egui::{Id, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use jiff::tz::TimeZone;

use super::row::{Look, RowPainter};
use super::save::SAVED_AS;
use super::selection::Select;
use super::state::{Follow, LogUiState};
use super::{format, row, state};
use crate::model::Phase;
use crate::model::log::{Log, Row};
use crate::ui::action::{Action, LogRows, SavePlace};

/// Draws the rows in `viewport`, the part of the list that is in view, in points from the list's top.
pub(super) fn rows_ui(
    ui: &Ui,
    viewport: Rect,
    row_height: f32,
    list: &Response,
    log: &Log,
    state: &mut LogUiState,
    actions: &mut Vec<Action>,
) {
    let first = (viewport.min.y / row_height).max(0.0) as usize;
    let last = ((viewport.max.y / row_height).ceil().max(0.0) as usize).min(state.view.len());
    let area = ui.max_rect();
    let rect_of = |index: usize| {
        // The sum is in f64, because f32 has no fractions of a point left far down a long list.
        let top = f64::from(area.top()) + f64::from(row_height) * index as f64;
        Rect::from_min_size(pos2(area.left(), top as f32), vec2(area.width(), row_height))
    };
    let rows: Vec<(Rect, &Row)> = (first..last)
        .filter_map(|index| Some((rect_of(index), log.get(state.view.seq(index)?)?)))
        .collect();

    let zone = state.zone.clone();
    for (rect, row) in &rows {
        let response = ui.interact(*rect, list.id.with(row.seq), Sense::CLICK);
        run_pointer(&response, list, row, log, state, actions);
        let is_selected = state.selected.has(row.seq);
        response.widget_info(|| {
            let spoken = row::spoken(row, &zone);
            WidgetInfo::selected(Role::ListBoxOption, true, is_selected, spoken)
        });
    }
    tell_selected(ui, list, state);

    let hovered = rows.iter().find(|(rect, _)| ui.rect_contains_pointer(*rect));
    let hovered = hovered.map(|(_, row)| *row);
    let partners = [hovered, state.selected_row(log)].map(|row| Some(row?.pair?.other));
    let painter = RowPainter::new(ui, area.x_range(), &zone);
    for (rect, row) in &rows {
        let is_hovered = hovered.is_some_and(|hovered| hovered.seq == row.seq);
        let look = if state.selected.has(row.seq) {
            Look::Selected
        } else if partners.contains(&Some(row.seq)) {
            Look::Partner
        } else if is_hovered {
            Look::Hovered
        } else {
            Look::Plain
        };
        painter.paint(*rect, row, look);
        if is_hovered {
            time_tip_ui(ui, painter.time_rect(*rect), list.id.with("time"), row, &zone);
        }
    }
}

/// Returns the name of the link to the other half.
pub(super) fn go_to(row: &Row) -> &'static str {
    match row.event.request.as_ref().map(|request| request.phase) {
        Some(Phase::Answered { .. }) => "Go to request",
        Some(Phase::Requested) | None => "Go to answer",
    }
}

fn run_pointer(
    response: &Response,
    list: &Response,
    row: &Row,
    log: &Log,
    state: &mut LogUiState,
    actions: &mut Vec<Action>,
) {
    if response.clicked() {
        let how = Select::by_click(response.ctx.input(|input| input.modifiers));
        state.select_how(log, row.seq, how);
        list.request_focus();
    }
    if response.secondary_clicked() {
        // The menu of a row among several is that of all of them.
        if !state.selected.has(row.seq) {
            state.select(log, row.seq);
        }
        list.request_focus();
    }
    if response.double_clicked() {
        state.detail_open = true;
    }
    if response.secondary_clicked() && state.follow == Follow::Tail {
        // Otherwise the menu would go when its row is pushed out of view.
        state.leave_tail(log, Follow::Away);
    }
    response.context_menu(|ui| {
        if ui.button("Show details").clicked() {
            state.detail_open = true;
        }
        match state.selected.len() {
            2.. => several_ui(ui, log, state, actions),
            0 | 1 => {
                if ui.button("Copy row").clicked() {
                    actions.push(Action::Copy(state::copied(row)));
                }
            }
        }
        if ui.button("Only this kind").on_hover_text(kind_tip(row)).clicked() {
            state.filter.show_only_kind(row);
        }
        let tip = "Hides rows that read like this one, whatever numbers and ids are in them";
        if ui.button("Hide rows like this").on_hover_text(tip).clicked() {
            state.filter.hide_like(row);
        }
        if let Some(pair) = row.pair
            && ui.button(go_to(row)).clicked()
        {
            state.select(log, pair.other);
        }
    });
}

/// Draws what can be done with several selected rows.
fn several_ui(ui: &mut Ui, log: &Log, state: &LogUiState, actions: &mut Vec<Action>) {
    let rows = format::rows(state.selected.len());
    if ui.button(format!("Copy {rows}")).clicked() {
        actions.extend(state.copy_selected(log).map(Action::Copy));
    }
    for (format, name) in SAVED_AS {
        if ui.button(format!("Save {rows} {name}")).clicked() {
            let rows = LogRows::Selected;
            actions.push(Action::SaveLog { format, rows, place: SavePlace::Ask });
        }
    }
}

fn kind_tip(row: &Row) -> String {
    format!("Shows rows of the kind {} alone", format::shown_kind(row))
}

fn time_tip_ui(ui: &Ui, rect: Rect, id: Id, row: &Row, zone: &TimeZone) {
    ui.interact(rect, id, Sense::hover()).on_hover_ui(|ui| {
        ui.label(format!("Received {}", format::date_and_time(row.event.received_at, zone)));
        if let Some(server_at) = row.event.server_at {
            ui.label(format!("Server time {}", format::date_and_time(server_at, zone)));
        }
    });
}

/// Lets a screen reader follow the selection, while the keyboard stays with the list.
fn tell_selected(ui: &Ui, list: &Response, state: &LogUiState) {
    let Some(selected) = state.selected.row.map(|seq| list.id.with(seq)) else {
        return;
    };
    if ui.ctx().has_accesskit_node(selected) {
        let row = selected.accesskit_id();
        ui.ctx().accesskit_node_builder(list.id, |node| node.set_active_descendant(row));
    }
}
