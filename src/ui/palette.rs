//! Shows the command palette, which finds every command and every open session by a few letters. Commands that have
//! nothing to work on come last, with the reason, so that who looks for one learns that it exists.

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align2, Context, FontId, Id, Key, Modifiers, Rect, Response, Role, Sense, TextStyle, Ui,
    WidgetInfo, vec2,
};

use super::action::Action;
use super::binding::Bindings;
use super::command::Command;
use super::fuzzy;
use super::theme::Colors;
use super::widgets::key_cap;

const WIDTH: f32 = 560.0;
const ROW_HEIGHT: f32 = 32.0;
const ROWS_SHOWN: f32 = 11.0;
/// This many used rows are remembered until the window closes.
const MAX_RECENT: usize = 20;

/// A row beside the commands, such as a session or a service.
#[derive(Clone, Debug, PartialEq)]
pub struct PaletteEntry {
    /// The text that is matched.
    pub label: String,
    /// What the row does, or where it leads.
    pub detail: String,
    /// What choosing the row does.
    pub action: Action,
}

/// What the palette keeps from pass to pass.
#[derive(Debug, Default)]
pub struct PaletteState {
    open: bool,
    query: String,
    /// Index of the selected row among those that match.
    selected: usize,
    /// Labels of the rows that were used, the latest first.
    recent: Vec<String>,
}

impl PaletteState {
    /// Tells whether the palette is open.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Opens the palette with an empty query, or closes it.
    pub fn toggle(&mut self) {
        self.open = !self.open;
        self.query.clear();
        self.selected = 0;
    }

    /// Closes the palette.
    pub fn close(&mut self) {
        self.open = false;
    }

    fn remember(&mut self, label: &str) {
        self.recent.retain(|known| known != label);
        self.recent.insert(0, label.to_owned());
        self.recent.truncate(MAX_RECENT);
    }
}

/// Shows the palette while it is open. What is chosen is pushed to `actions`, and the palette closes.
pub fn palette_ui(
    ctx: &Context,
    state: &mut PaletteState,
    bindings: &Bindings,
    why_not: &dyn Fn(Command) -> Option<&'static str>,
    entries: &[PaletteEntry],
    actions: &mut Vec<Action>,
) {
    if !state.open {
        return;
    }
    let keys = ctx.input_mut(take_keys);
    let area = egui::Modal::default_area(Id::unique("command palette"))
        .anchor(Align2::CENTER_TOP, vec2(0.0, 72.0));
    let modal = egui::Modal::new(Id::unique("command palette")).area(area);
    let response = modal.show(ctx, |ui| {
        ui.set_width(WIDTH.min(ctx.content_rect().width() - 48.0));
        query_ui(ui, state);
        let rows = matching(state, bindings, why_not, entries);
        let moved = move_selection(state, rows.len(), &keys);
        ui.add_space(2.0);
        let clicked = rows_ui(ui, state, &rows, moved);
        let chosen = if keys.enter { Some(state.selected) } else { clicked };
        chosen.and_then(|index| rows.into_iter().nth(index)).filter(|row| row.applies)
    });
    if let Some(row) = response.inner {
        state.remember(&row.label);
        state.close();
        actions.push(row.action);
    } else if keys.escape || response.backdrop_response.clicked() {
        state.close();
    }
}

struct PaletteRow {
    label: String,
    detail: String,
    key: Option<String>,
    action: Action,
    /// Whether the row can be chosen. If not, `detail` says why, and choosing it does nothing.
    applies: bool,
    /// Places of the characters of `label` that matched.
    at: Vec<usize>,
}

/// The keys that were pressed, which are taken away before the text field sees them.
#[derive(Debug, Default)]
struct Keys {
    steps: isize,
    pages: isize,
    enter: bool,
    escape: bool,
}

fn take_keys(input: &mut egui::InputState) -> Keys {
    let mut count = |key| input.count_and_consume_key(Modifiers::NONE, key) as isize;
    Keys {
        steps: count(Key::ArrowDown) - count(Key::ArrowUp),
        pages: count(Key::PageDown) - count(Key::PageUp),
        enter: count(Key::Enter) > 0,
        escape: count(Key::Escape) > 0,
    }
}

fn query_ui(ui: &mut Ui, state: &mut PaletteState) {
    let field = egui::TextEdit::singleline(&mut state.query)
        .id(Id::unique("command palette query"))
        .hint_text("Type a command or a session")
        .desired_width(f32::INFINITY)
        .margin(vec2(8.0, 7.0))
        .show(ui)
        .response;
    ui.ctx().accesskit_node_builder(field.response.id, |node| node.set_label("Command palette"));
    // The field always has the focus, because nothing else here takes keys.
    field.response.request_focus();
    if field.response.changed() {
        state.selected = 0;
    }
}

/// Returns the rows that match, those that apply and match best first. Without a query, those used last come first,
/// then the sessions, then the commands in the table's order.
fn matching(
    state: &PaletteState,
    bindings: &Bindings,
    why_not: &dyn Fn(Command) -> Option<&'static str>,
    entries: &[PaletteEntry],
) -> Vec<PaletteRow> {
    let sessions = entries.iter().map(|entry| PaletteRow {
        label: entry.label.clone(),
        detail: entry.detail.clone(),
        key: None,
        action: entry.action.clone(),
        applies: true,
        at: Vec::new(),
    });
    // The commands that go to a session are hidden because the sessions themselves are listed, and the palette's own
    // because it is open.
    let hidden =
        |command: &Command| command.session_index().is_some() || *command == Command::Palette;
    let commands = Command::all().filter(|command| !hidden(command)).map(|command| {
        let why_not = why_not(command);
        PaletteRow {
            label: command.name().to_owned(),
            detail: why_not.unwrap_or(command.row().help).to_owned(),
            key: bindings.chord_of(command),
            action: Action::Run(command),
            applies: why_not.is_none(),
            at: Vec::new(),
        }
    });
    let mut found: Vec<(i32, usize, PaletteRow)> = sessions
        .chain(commands)
        .filter_map(|mut row| {
            let score = score(&state.query, &mut row)?;
            let recent =
                state.recent.iter().position(|label| *label == row.label).unwrap_or(MAX_RECENT);
            Some((score, recent, row))
        })
        .collect();
    found.sort_by_key(|(score, recent, row)| (!row.applies, std::cmp::Reverse(*score), *recent));
    found.into_iter().map(|(_, _, row)| row).collect()
}

/// Scores a row; higher is better. A name matches by letters in order. A description matches only by a whole piece of
/// it, and ranks behind all names.
fn score(query: &str, row: &mut PaletteRow) -> Option<i32> {
    if let Some(found) = fuzzy::find(query, &row.label) {
        row.at = found.at;
        return Some(found.score);
    }
    let piece = query.trim().to_lowercase();
    row.detail.to_lowercase().contains(&piece).then_some(i32::MIN)
}

fn move_selection(state: &mut PaletteState, rows: usize, keys: &Keys) -> bool {
    let Some(last) = rows.checked_sub(1) else {
        state.selected = 0;
        return false;
    };
    let selected = state.selected.min(last);
    let page = ROWS_SHOWN as isize - 1;
    let moved = match (keys.steps, keys.pages) {
        (0, 0) => selected,
        // Steps wrap around, and pages stop at the ends.
        (steps, 0) => (selected as isize + steps).rem_euclid(rows as isize) as usize,
        (steps, pages) => selected.saturating_add_signed(steps + pages * page).min(last),
    };
    state.selected = moved;
    keys.steps != 0 || keys.pages != 0
}

/// Shows the rows and returns the index of the one that was clicked.
fn rows_ui(
    ui: &mut Ui,
    state: &mut PaletteState,
    rows: &[PaletteRow],
    scroll_to_selected: bool,
) -> Option<usize> {
    if rows.is_empty() {
        ui.add_space(10.0);
        ui.vertical_centered(|ui| ui.weak("Nothing has this name"));
        ui.add_space(10.0);
        return None;
    }
    let mut clicked = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    let room = (ui.ctx().content_rect().height() - 180.0).max(ROW_HEIGHT * 3.0);
    egui::ScrollArea::vertical()
        .max_height((ROW_HEIGHT * ROWS_SHOWN).min(room))
        // The height is set here, because the area offers only as much room as the rows of the last pass took.
        .min_scrolled_height((ROW_HEIGHT * ROWS_SHOWN).min(room))
        .show(ui, |ui| {
            for (index, row) in rows.iter().enumerate() {
                let response = row_ui(ui, row, index == state.selected);
                if index == state.selected && scroll_to_selected {
                    response.scroll_to_me(None);
                }
                // Only a pointer that moves takes the selection from the keyboard.
                if response.hovered() && ui.input(|input| input.pointer.is_moving()) {
                    state.selected = index;
                }
                if response.clicked() {
                    clicked = Some(index);
                }
            }
        });
    clicked
}

fn row_ui(ui: &mut Ui, row: &PaletteRow, selected: bool) -> Response {
    let colors = Colors::of(ui.ctx());
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::CLICK);
    response.widget_info(|| {
        WidgetInfo::selected(Role::ListBoxOption, row.applies, selected, &row.label)
    });
    if !ui.is_rect_visible(rect) {
        return response;
    }
    if selected {
        ui.painter().rect_filled(rect, 5.0, colors.selected);
    }
    let inner = rect.shrink2(vec2(10.0, 0.0));
    let end = row.key.as_ref().map_or(inner.right(), |key| key_at_end(ui, key, inner));
    let label_end = paint_label(ui, row, inner, colors);
    let detail = ui.painter().layout(
        row.detail.clone(),
        TextStyle::Small.resolve(ui.style()),
        colors.weak,
        f32::INFINITY,
    );
    let place = Rect::from_min_max(
        egui::pos2(label_end + 14.0, rect.top()),
        egui::pos2(end - 12.0, rect.bottom()),
    );
    if place.width() > 40.0 {
        let at = egui::pos2(place.left(), rect.center().y - detail.size().y / 2.0 + 0.5);
        ui.painter().with_clip_rect(place.intersect(ui.clip_rect())).galley(
            at,
            detail,
            colors.weak,
        );
    }
    response
}

/// Shows the key cap and returns where it begins.
fn key_at_end(ui: &mut Ui, key: &str, inner: Rect) -> f32 {
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    let mut end = ui.new_child(egui::UiBuilder::new().max_rect(inner).layout(layout));
    key_cap(&mut end, key).rect.left()
}

/// Paints the label with its matched letters and returns where it ends.
fn paint_label(ui: &Ui, row: &PaletteRow, inner: Rect, colors: &Colors) -> f32 {
    let font: FontId = TextStyle::Body.resolve(ui.style());
    let wrap = egui::text::TextWrapping::truncate_at_width(inner.width() * 0.7);
    let mut job = LayoutJob { wrap, ..Default::default() };
    for (index, letter) in row.label.chars().enumerate() {
        let hit = row.at.binary_search(&index).is_ok();
        let color = match (row.applies, hit) {
            (false, _) => colors.weak,
            (true, true) => colors.accent,
            (true, false) => colors.text,
        };
        let underline = if hit { egui::Stroke::new(1.0, color) } else { egui::Stroke::NONE };
        let format = TextFormat { font_id: font.clone(), color, underline, ..Default::default() };
        job.append(letter.encode_utf8(&mut [0; 4]), 0.0, format);
    }
    let galley = ui.painter().layout_job(job);
    let at = egui::pos2(inner.left(), inner.center().y - galley.size().y / 2.0);
    let end = at.x + galley.size().x;
    ui.painter().galley(at, galley, colors.text);
    end
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::{NodeT as _, Queryable as _};

    use super::*;
    use crate::ui::state::SessionKey;

    fn session(label: &str) -> PaletteEntry {
        let key = SessionKey { service: "Here".to_owned(), id: label.to_owned() };
        PaletteEntry {
            label: label.to_owned(),
            detail: "Live on Here".to_owned(),
            action: Action::Open(key),
        }
    }

    fn palette() -> Harness<'static, (PaletteState, Vec<Action>)> {
        let mut state = PaletteState::default();
        state.toggle();
        let bindings = Bindings::default();
        let entries = vec![session("Example Domain"), session("Zebra shop")];
        let show = move |ui: &mut Ui, (state, actions): &mut (PaletteState, Vec<Action>)| {
            let why_not =
                |command| (command == Command::NewTab).then_some("This session has no tabs");
            palette_ui(ui.ctx(), state, &bindings, &why_not, &entries, actions);
        };
        let mut harness = Harness::builder()
            .with_size(vec2(900.0, 600.0))
            .build_ui_state(show, (state, Vec::new()));
        harness.run();
        harness
    }

    fn type_text(harness: &mut Harness<'static, (PaletteState, Vec<Action>)>, text: &str) {
        harness.get_by_label("Command palette").type_text(text);
        harness.run();
    }

    #[test]
    fn letters_and_enter_run_a_command() {
        let mut harness = palette();
        type_text(&mut harness, "nses");
        assert!(harness.query_by_label("Quit").is_none());
        harness.key_press(Key::Enter);
        harness.run();
        assert_eq!(harness.state().1, [Action::Run(Command::NewSession)]);
        assert!(!harness.state().0.is_open());
    }

    #[test]
    fn sessions_are_listed_first_and_found_by_name() {
        let mut harness = palette();
        harness.key_press(Key::ArrowDown);
        harness.run();
        harness.key_press(Key::Enter);
        harness.run();
        assert_eq!(harness.state().1, [session("Zebra shop").action]);

        let mut harness = palette();
        type_text(&mut harness, "exdom");
        harness.get_by_label("Example Domain").click();
        harness.run();
        assert_eq!(harness.state().1, [session("Example Domain").action]);
    }

    #[test]
    fn what_was_used_last_comes_first() {
        let mut harness = palette();
        type_text(&mut harness, "fullscreen");
        harness.key_press(Key::Enter);
        harness.run();
        harness.state_mut().0.toggle();
        harness.run();
        harness.key_press(Key::Enter);
        harness.run();
        assert_eq!(harness.state().1, [const { Action::Run(Command::FullScreen) }; 2]);
    }

    #[test]
    fn escape_closes_and_runs_nothing() {
        let mut harness = palette();
        harness.key_press(Key::Escape);
        harness.run();
        assert!(!harness.state().0.is_open() && harness.state().1.is_empty());
        assert!(harness.query_by_label("Command palette").is_none());
    }

    #[test]
    fn the_selection_goes_round_and_stays_inside() {
        let mut harness = palette();
        harness.key_press(Key::ArrowUp);
        harness.run();
        harness.key_press(Key::Enter);
        harness.run();
        harness.key_press(Key::ArrowUp);
        harness.run();
        harness.key_press(Key::Enter);
        harness.run();
        assert_eq!(harness.state().1, [Action::Run(Command::Quit)]);

        let mut harness = palette();
        (0..20).for_each(|_| harness.key_press(Key::PageDown));
        harness.run();
        type_text(&mut harness, "no such thing at all");
        harness.get_by_label("Nothing has this name");
        harness.key_press(Key::Enter);
        harness.run();
        assert!(harness.state().1.is_empty() && harness.state().0.is_open());
    }

    #[test]
    fn what_does_not_apply_comes_last_and_does_nothing() {
        let mut harness = palette();
        harness.key_press(Key::ArrowUp);
        harness.run();
        harness.key_press(Key::Enter);
        harness.run();
        assert!(harness.state().1.is_empty() && harness.state().0.is_open());
        assert!(harness.get_by_label("New tab").accesskit_node().is_disabled());

        type_text(&mut harness, "new");
        harness.get_by_label("New tab").click();
        harness.run();
        assert!(harness.state().1.is_empty() && harness.state().0.is_open());
        harness.key_press(Key::Enter);
        harness.run();
        assert_eq!(harness.state().1, [Action::Run(Command::NewSession)]);
    }

    #[test]
    fn a_word_of_the_description_finds_too() {
        let mut harness = palette();
        type_text(&mut harness, "png");
        harness.get_by_label("Save snapshot…");
    }
}
