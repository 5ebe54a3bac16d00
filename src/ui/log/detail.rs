//! Draws one row in full: times, ids, its other half, and the server's JSON.

use egui::{Button, Key, Label, Response, RichText, ScrollArea, TextEdit, Ui};

use super::format;
use super::pretty::Pretty;
use super::rows::go_to;
use super::state::{Focus, LogUiState};
use crate::base::text::one_line;
use crate::model::log::{Log, Row};
use crate::ui::action::Action;
use crate::ui::theme::Colors;

/// The detail shows at most this many characters of a row's text and of its ids.
const MAX_SHOWN: usize = 4096;

pub(super) fn detail_ui(ui: &mut Ui, log: &Log, state: &mut LogUiState, actions: &mut Vec<Action>) {
    let Some(row) = state.selected_row(log) else {
        return;
    };
    let mut close = false;
    ui.horizontal(|ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let button = ui.button("Close").on_hover_text("Close the details (Escape)");
            close |= button.clicked() || left_by_escape(ui, &button);
            let kind = RichText::new(format::shown_kind(row))
                .strong()
                .color(Colors::of(ui.ctx()).family(row.event.family()));
            let layout = egui::Layout::left_to_right(egui::Align::Center);
            ui.with_layout(layout, |ui| ui.add(Label::new(kind).truncate()));
        });
    });
    ScrollArea::vertical().id_salt(("log_detail_scroll", row.seq)).auto_shrink(false).show(
        ui,
        |ui| {
            ui.add(Label::new(one_line(&row.event.text, MAX_SHOWN)).wrap().selectable(true));
            ui.add_space(2.0);
            // Facts are read together, so they stand closer than widgets that are pressed.
            ui.spacing_mut().interact_size.y = 18.0;
            ui.spacing_mut().item_spacing.y = 4.0;
            facts_ui(ui, row, &state.zone);
            if let Some(seq) = pair_ui(ui, log, state, row) {
                state.select(log, seq);
            }
            ui.separator();
            close |= json_ui(ui, state, row, actions);
        },
    );
    if close {
        state.detail_open = false;
        state.focus = Some(Focus::Rows);
    }
}

fn left_by_escape(ui: &Ui, response: &Response) -> bool {
    response.lost_focus() && ui.input(|input| input.key_pressed(Key::Escape))
}

fn facts_ui(ui: &mut Ui, row: &Row, zone: &jiff::tz::TimeZone) {
    let event = &row.event;
    fact_ui(ui, "Received", &format::date_and_time(event.received_at, zone));
    if let Some(server_at) = event.server_at {
        fact_ui(ui, "Server time", &format::date_and_time(server_at, zone));
    }
    if let Some(id) = &event.id {
        fact_ui(ui, "Id", &one_line(id, MAX_SHOWN));
    }
    if let Some(request) = &event.request {
        fact_ui(ui, "Request", &one_line(&request.id, MAX_SHOWN));
    }
}

fn fact_ui(ui: &mut Ui, name: &str, value: &str) {
    ui.horizontal_wrapped(|ui| {
        ui.weak(name);
        ui.add(Label::new(RichText::new(value).monospace()).wrap().selectable(true));
    });
}

/// Draws the link to the other half, and returns the row to go to.
fn pair_ui(ui: &mut Ui, log: &Log, state: &LogUiState, row: &Row) -> Option<u64> {
    let words = format::outcome_in_words(row)?;
    let mut clicked = None;
    ui.horizontal_wrapped(|ui| {
        ui.weak("Action");
        ui.label(words);
        let Some(pair) = row.pair else { return };
        if log.get(pair.other).is_none() {
            ui.weak("The other half is too old to be kept");
            return;
        }
        if ui.small_button(go_to(row)).clicked() {
            clicked = Some(pair.other);
        }
        if state.view.index_of(pair.other).is_none() {
            ui.weak("(hidden by the filter)");
        }
    });
    clicked
}

/// Draws the JSON, and returns whether Escape left it.
fn json_ui(ui: &mut Ui, state: &mut LogUiState, row: &Row, actions: &mut Vec<Action>) -> bool {
    let raw = &row.event.raw;
    if raw.is_empty() {
        ui.weak("No JSON: Helmsight wrote this row");
        return false;
    }
    if state.pretty.as_ref().is_none_or(|(seq, _)| *seq != row.seq) {
        state.pretty = Some((row.seq, Pretty::new(raw)));
    }
    let Some((_, pretty)) = &state.pretty else {
        return false;
    };
    let label = ui.horizontal_wrapped(|ui| {
        let label = ui.label("JSON");
        if ui
            .add(Button::new("Copy all").small())
            .on_hover_text("Copy the JSON as the server sent it")
            .clicked()
        {
            actions.push(Action::Copy(raw.to_string()));
        }
        if pretty.cut {
            ui.weak(format!(
                "The first 64 KiB of {} KiB",
                format::number((raw.len() >> 10) as u64)
            ));
        }
        label
    });
    let mut text = pretty.text.as_str();
    let field = ui
        .add(
            TextEdit::multiline(&mut text)
                .id_salt("detail")
                .code_editor()
                .desired_width(f32::INFINITY)
                .desired_rows(1),
        )
        .labelled_by(label.inner.id);
    left_by_escape(ui, &field)
}
