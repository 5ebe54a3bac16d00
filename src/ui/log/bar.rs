//! Draws the bar above the rows: follow, details, save, the filter, and what it hides.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::style::StyleModifier;
use egui::{
    Align, Button, Color32, Key, Layout, PopupCloseBehavior, Response, RichText, TextEdit,
    TextWrapMode, Ui, vec2,
};
use strum::IntoEnumIterator as _;

use super::state::{Focus, LogChoices, LogUiState};
use super::{format, save, saved};
use crate::model::log::Log;
use crate::model::{ConsoleLevel, Family};
use crate::ui::action::Action;
use crate::ui::binding::Bindings;
use crate::ui::command::Command;
use crate::ui::theme::Colors;
use crate::ui::widgets::{command_toggle, with_command_tooltip};

/// From this width on, in points, both fields stand in one line, and families are chips instead of a menu.
const WIDE: f32 = 480.0;
const MAX_FILTER: usize = 4096;
/// In a panel lower than this, in points, the rows need the room, so that both fields share a line where the width is
/// enough for two.
const LOW: f32 = 220.0;
const WIDE_FOR_TWO: f32 = 360.0;
/// Width of the fields' names in points. It is enough for both, so that the fields stand below each other.
const LABEL: f32 = 62.0;

pub(super) fn bar_ui(
    ui: &mut Ui,
    log: &Log,
    state: &mut LogUiState,
    choices: &mut LogChoices,
    bindings: &Bindings,
    actions: &mut Vec<Action>,
) {
    let room = ui.available_size();
    let wide = room.x >= WIDE;
    let one_line = wide || (room.y < LOW && room.x >= WIDE_FOR_TWO);
    ui.horizontal_wrapped(|ui| {
        if command_toggle(ui, Command::FollowLog, state.follows(), bindings).clicked() {
            state.toggle_follow(log);
        }
        let can_open = state.selected_row(log).is_some();
        let details = Button::selectable(state.detail_open && can_open, "Details");
        if ui
            .add_enabled(can_open, details)
            .on_hover_text("Show the selected row in full (Enter)")
            .clicked()
        {
            state.detail_open = !state.detail_open;
        }
        save::save_menu_ui(ui, log, state, bindings, actions);
        saved::saved_filters_ui(ui, state, &mut choices.saved);
        if choices.can_tell_requests {
            ui.toggle_value(&mut choices.requests, "Requests").on_hover_text(
                "Tell of every request of the pages, with status, type, size and time",
            );
        }
        if !wide {
            families_menu_ui(ui, log, state);
        }
        counts_ui(ui, log, state, bindings);
    });
    fields_ui(ui, state, bindings, one_line);
    if wide {
        families_ui(ui, log, state);
    }
    ui.separator();
}

fn counts_ui(ui: &mut Ui, log: &Log, state: &mut LogUiState, bindings: &Bindings) {
    // A widget goes to the next line as a whole.
    ui.style_mut().wrap_mode = Some(TextWrapMode::Extend);
    ui.weak(format::rows(log.len()));
    if log.evicted() > 0 {
        ui.weak(format!("{} older dropped", format::number(log.evicted())))
            .on_hover_text("Only the newest rows are kept in memory");
    }
    let hidden = state.hidden(log);
    if hidden > 0 {
        ui.colored_label(
            Colors::of(ui.ctx()).stalled,
            format!("{} hidden", format::number(hidden as u64)),
        );
    }
    // Where the filter hides every row, the button stands in the middle of the empty list.
    if hidden > 0 && !state.view.is_empty() {
        let button = ui.small_button("Show all");
        if with_command_tooltip(button, Command::ClearLogFilter, bindings).clicked() {
            state.clear_filter();
        }
    }
}

fn fields_ui(ui: &mut Ui, state: &mut LogUiState, bindings: &Bindings, one_line: bool) {
    let gap = ui.spacing().item_spacing.x;
    let width = if one_line { (ui.available_width() - gap) / 2.0 } else { ui.available_width() };
    let mut fields = |ui: &mut Ui| {
        let filter = &mut state.filter;
        let include = field_ui(ui, "Include", "all of these words", &mut filter.include, width);
        let include = with_command_tooltip(include, Command::FocusLogFilter, bindings);
        let exclude = field_ui(ui, "Exclude", "any of these words", &mut filter.exclude, width);
        (include, exclude)
    };
    let (include, exclude) = if one_line { ui.horizontal(fields).inner } else { fields(ui) };
    if state.focus == Some(Focus::Filter) {
        include.request_focus();
        state.focus = None;
    }
    let entered =
        |field: &Response| field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if entered(&include) || entered(&exclude) {
        state.focus = Some(Focus::Rows);
    }
}

/// Draws a name and a field, which are together `width` points wide.
fn field_ui(
    ui: &mut Ui,
    name: &str,
    hint: &'static str,
    text: &mut String,
    width: f32,
) -> Response {
    let height = ui.spacing().interact_size.y;
    let layout = Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(vec2(width, height), layout, |ui| {
        let start = ui.cursor().left();
        let name = ui.label(name);
        ui.add_space((start + LABEL - ui.cursor().left()).max(0.0));
        let field = TextEdit::singleline(text)
            .id_salt(hint)
            .hint_text(hint)
            .char_limit(MAX_FILTER)
            .desired_width(f32::INFINITY);
        ui.add(field).labelled_by(name.id)
    })
    .inner
}

/// Rows that are switched off and on together.
#[derive(Clone, Copy, Debug)]
enum RowKind {
    Family(Family),
    Level(ConsoleLevel),
}

impl RowKind {
    /// Returns the families that have rows or are switched off, and behind the console the levels that can be told
    /// apart: where several have rows, or one is switched off.
    fn all(log: &Log, state: &LogUiState) -> Vec<Self> {
        let is_of_use = |kind: &Self| kind.count(log) > 0 || !kind.is_on(state);
        let mut levels: Vec<_> = ConsoleLevel::iter().map(Self::Level).filter(is_of_use).collect();
        if levels.len() == 1 && levels[0].is_on(state) {
            levels.clear();
        }
        let mut all = Vec::new();
        for family in Family::iter() {
            all.extend(Some(Self::Family(family)).filter(is_of_use));
            if family == Family::Console {
                all.append(&mut levels);
            }
        }
        all
    }

    fn count(self, log: &Log) -> usize {
        match self {
            Self::Family(family) => log.count(family),
            Self::Level(level) => log.count_level(level),
        }
    }

    fn label(self, log: &Log) -> String {
        let count = format::number(self.count(log) as u64);
        match self {
            Self::Family(family) => format!("{} {count}", <&str>::from(family)),
            Self::Level(level) => format!("console {} {count}", <&str>::from(level)),
        }
    }

    fn color(self, colors: &Colors) -> Color32 {
        match self {
            Self::Family(family) => colors.family(family),
            Self::Level(level) => level_color(colors, level),
        }
    }

    fn is_on(self, state: &LogUiState) -> bool {
        match self {
            Self::Family(family) => !state.filter.families_off.contains(&family),
            Self::Level(level) => !state.filter.hides_level(level),
        }
    }

    fn set(self, state: &mut LogUiState, on: bool) {
        match self {
            Self::Level(level) => state.filter.hide_level(level, !on),
            Self::Family(family) if on => drop(state.filter.families_off.remove(&family)),
            Self::Family(family) => drop(state.filter.families_off.insert(family)),
        }
    }
}

fn families_ui(ui: &mut Ui, log: &Log, state: &mut LogUiState) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().button_padding = vec2(8.0, 1.0);
        ui.spacing_mut().interact_size.y = 20.0;
        ui.spacing_mut().item_spacing = vec2(6.0, 4.0);
        for kind in RowKind::all(log, state) {
            let on = kind.is_on(state);
            if chip_ui(ui, kind.label(log), on, kind.color(Colors::of(ui.ctx()))) {
                kind.set(state, !on);
            }
        }
    });
}

/// Draws a button for rows that are shown or not, and tells whether it was clicked.
fn chip_ui(ui: &mut Ui, label: String, on: bool, color: Color32) -> bool {
    let name = RichText::new(label);
    let (name, fill, stroke) = if on {
        (name.color(color), color.gamma_multiply(0.12), color.gamma_multiply(0.6))
    } else {
        let color = Colors::of(ui.ctx()).weak;
        (name.color(color).strikethrough(), Color32::TRANSPARENT, color.gamma_multiply(0.5))
    };
    let chip = Button::new(name).selected(on).fill(fill).stroke((1.0, stroke)).corner_radius(9.0);
    let tip = if on { "Hide these rows" } else { "Show these rows" };
    ui.add(chip).on_hover_text(tip).clicked()
}

fn families_menu_ui(ui: &mut Ui, log: &Log, state: &mut LogUiState) {
    let title = match state.filter.families_off.len() {
        0 => "Types".to_owned(),
        off => format!("Types ({off} off)"),
    };
    let config = MenuConfig::new()
        .style(StyleModifier::default())
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let (button, _) = MenuButton::new(title).config(config).ui(ui, |ui| {
        for kind in RowKind::all(log, state) {
            let mut on = kind.is_on(state);
            let name = RichText::new(kind.label(log)).color(kind.color(Colors::of(ui.ctx())));
            if ui.checkbox(&mut on, name).changed() {
                kind.set(state, on);
            }
        }
    });
    button.on_hover_text("Choose which types of rows are shown");
}

/// Returns the color of rows of a level.
pub(super) fn level_color(colors: &Colors, level: ConsoleLevel) -> Color32 {
    match level {
        ConsoleLevel::Debug => colors.weak,
        ConsoleLevel::Info => colors.family(Family::Console),
        ConsoleLevel::Warning => colors.stalled,
        ConsoleLevel::Error => colors.error,
    }
}
