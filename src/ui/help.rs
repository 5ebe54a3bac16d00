//! Shows the help sheet, where all commands with their present keys can be searched, and writes the same table for the
//! guide.

use egui::{Context, Id, Key, Modifiers, RichText, Ui, vec2};
use strum::IntoEnumIterator as _;

use super::binding::Bindings;
use super::chord::Platform;
use super::command::{Command, Group};
use super::theme::Colors;
use super::widgets::{key_cap, row_with_end};

const COLUMN_WIDTH: f32 = 300.0;
const GAP: f32 = 28.0;

/// What the help sheet keeps from pass to pass.
#[derive(Debug, Default)]
pub struct HelpState {
    open: bool,
    filter: String,
    /// Whether the sheet shows what the commands are called in the settings, in place of their names.
    show_ids: bool,
}

impl HelpState {
    /// Tells whether the sheet is open.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Opens the sheet with an empty filter, or closes it.
    pub fn toggle(&mut self) {
        self.open = !self.open;
        self.filter.clear();
    }

    /// Closes the sheet.
    pub fn close(&mut self) {
        self.open = false;
    }
}

/// Shows the help sheet while it is open.
pub fn help_ui(ctx: &Context, state: &mut HelpState, bindings: &Bindings) {
    if !state.open {
        return;
    }
    let escape = ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
    let room = ctx.content_rect().size() - vec2(64.0, 64.0);
    let columns = ((room.x + GAP) / (COLUMN_WIDTH + GAP)).floor().clamp(1.0, 3.0);
    let width = (columns * (COLUMN_WIDTH + GAP) - GAP).min(room.x);
    let id = Id::unique("keyboard help");
    let modal = egui::Modal::new(id)
        .area(egui::Modal::default_area(id).default_size(room))
        .frame(egui::Frame::popup(&ctx.global_style()).inner_margin(18));
    let response = modal.show(ctx, |ui| {
        ui.set_width(width);
        // Without this the area keeps the height that it had with a narrower filter.
        ui.set_max_height(room.y);
        let close = head_ui(ui, state, bindings);
        ui.add_space(6.0);
        keep_room_for_bar(ui);
        egui::ScrollArea::vertical().max_height(room.y - 150.0).show(ui, |ui| {
            let sections = sections(bindings, &state.filter);
            columns_ui(ui, &sections, columns as usize, state.show_ids);
        });
        close
    });
    if escape || response.inner || response.backdrop_response.clicked() {
        state.close();
    }
}

/// Makes the scroll bar lie beside the columns and not over the key caps of the last one.
fn keep_room_for_bar(ui: &mut Ui) {
    let scroll = &mut ui.spacing_mut().scroll;
    scroll.floating_allocated_width =
        scroll.bar_inner_margin + scroll.bar_width + scroll.bar_outer_margin;
}

/// Returns all commands and their usual keys as a Markdown table, for docs/keys.md.
pub fn guide_key_table() -> String {
    let bindings = Bindings::for_platform(Platform::Other, &Default::default()).0;
    let mut table = String::from("| | Keys | Command | |\n| --- | --- | --- | --- |\n");
    for Section { group, rows } in sections(&bindings, "") {
        for (index, row) in rows.iter().enumerate() {
            let group = if index == 0 { group.title() } else { "" };
            let keys: Vec<_> = row.keys.iter().map(|key| format!("`{key}`")).collect();
            table += &format!("| {group} | {} | {} | {} |\n", keys.join(", "), row.name, row.help);
        }
    }
    table
}

struct Section {
    group: Group,
    rows: Vec<HelpRow>,
}

struct HelpRow {
    name: String,
    /// What the command is called in the settings.
    id: String,
    help: &'static str,
    keys: Vec<String>,
}

/// Returns the groups that have a row that matches `filter`, with these rows.
fn sections(bindings: &Bindings, filter: &str) -> Vec<Section> {
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    let matches = |row: &HelpRow| {
        let text =
            format!("{} {} {} {}", row.name, row.id, row.help, row.keys.join(" ")).to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let rows = |group| {
        let commands = Command::all().filter(move |command| command.row().group == group);
        commands.filter_map(|command| row(command, bindings)).filter(matches).collect()
    };
    Group::iter()
        .map(|group| Section { group, rows: rows(group) })
        .filter(|section: &Section| !section.rows.is_empty())
        .collect()
}

/// Returns the row of a command, or `None` where the row of another command says the same already.
fn row(command: Command, bindings: &Bindings) -> Option<HelpRow> {
    let is_usual = |command: Command| bindings.chords_of(command) == command.row().keys;
    let help = command.row().help;
    // The nine commands that go to a session share one row while they have their usual keys.
    let mut sessions = Command::all().filter(|command| command.session_index().is_some());
    if command.session_index().is_some() && sessions.all(is_usual) {
        let keys = vec!["1".to_owned(), "…".to_owned(), "9".to_owned()];
        return (command == Command::Session1).then(|| HelpRow {
            name: "Session 1 to 9".to_owned(),
            id: "session1 to session9".to_owned(),
            help,
            keys,
        });
    }
    Some(HelpRow {
        name: command.name().to_owned(),
        id: command.id().to_owned(),
        help,
        keys: bindings.labels_of(command),
    })
}

/// Shows the head of the sheet, and returns whether the sheet has to be closed.
fn head_ui(ui: &mut Ui, state: &mut HelpState, bindings: &Bindings) -> bool {
    let title = |ui: &mut Ui| {
        ui.label(RichText::new("Keyboard help").heading().strong());
    };
    let close = row_with_end(ui, title, |ui| ui.button("Close").clicked());
    control_ui(ui, bindings);
    ui.weak("The menu key or Shift+F10 opens the menu of what has the focus");
    ui.horizontal_wrapped(|ui| {
        ui.weak("Keys can be changed in the settings, or under [keys] in their file");
        ui.checkbox(&mut state.show_ids, "Names for the settings")
            .on_hover_text("Show what each command is called there");
    });
    ui.add_space(2.0);
    let field = egui::TextEdit::singleline(&mut state.filter)
        .id(Id::unique("keyboard help filter"))
        .hint_text("Filter by name or key")
        .desired_width(f32::INFINITY)
        .margin(vec2(8.0, 6.0))
        .show(ui)
        .response;
    ui.ctx().accesskit_node_builder(field.response.id, |node| node.set_label("Filter commands"));
    if ui.memory(|memory| memory.focused().is_none()) {
        field.response.request_focus();
    }
    close
}

/// Says which keys the session does not get while the user has control.
fn control_ui(ui: &mut Ui, bindings: &Bindings) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        ui.weak("While you have control every key goes to the session, but for");
        let kept = keys_in_control(bindings);
        for (at, (command, keys)) in kept.iter().enumerate() {
            if at > 0 {
                ui.weak(if at + 1 < kept.len() { "," } else { "and" });
            }
            for key in keys {
                key_cap(ui, key);
            }
            ui.weak(format!("({})", command.name()));
        }
    });
}

/// Returns the commands whose keys the session does not get, with the labels of these keys.
fn keys_in_control(bindings: &Bindings) -> Vec<(Command, Vec<String>)> {
    Command::all()
        .filter(|command| command.row().scope.is_live_in_control())
        .map(|command| (command, bindings.labels_of(command)))
        .filter(|(_, keys)| !keys.is_empty())
        .collect()
}

fn columns_ui(ui: &mut Ui, sections: &[Section], columns: usize, show_ids: bool) {
    if sections.is_empty() {
        ui.add_space(12.0);
        ui.weak("No command matches");
        ui.add_space(12.0);
        return;
    }
    let width = (ui.available_width() - GAP * (columns - 1) as f32) / columns as f32;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        for column in balanced(sections, columns) {
            ui.vertical(|ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing = vec2(4.0, 3.0);
                ui.spacing_mut().interact_size.y = 20.0;
                for section in column {
                    section_ui(ui, section, show_ids);
                }
            });
        }
    });
}

/// Spreads the sections in order over at most `columns` columns, so that the longest is as short as possible.
fn balanced(sections: &[Section], columns: usize) -> Vec<&[Section]> {
    let highest = sections.iter().map(Section::height).sum();
    (1..=highest)
        .map(|limit| filled(sections, limit))
        .find(|filled| filled.len() <= columns)
        .unwrap_or_default()
}

/// Fills columns that are at most `limit` rows high with the sections. One that is higher by itself has its own column.
fn filled(sections: &[Section], limit: usize) -> Vec<&[Section]> {
    let (mut columns, mut start, mut height) = (Vec::new(), 0, 0);
    for (index, section) in sections.iter().enumerate() {
        if height > 0 && height + section.height() > limit {
            columns.push(&sections[start..index]);
            (start, height) = (index, 0);
        }
        height += section.height();
    }
    columns.push(&sections[start..]);
    columns
}

impl Section {
    /// Returns the height in rows, with the title.
    fn height(&self) -> usize {
        self.rows.len() + 2
    }
}

fn section_ui(ui: &mut Ui, section: &Section, show_ids: bool) {
    let colors = Colors::of(ui.ctx());
    ui.add_space(6.0);
    ui.label(RichText::new(section.group.title()).strong().color(colors.accent));
    for row in &section.rows {
        let name = |ui: &mut Ui| {
            let text = match show_ids {
                true => RichText::new(&row.id).monospace(),
                false => RichText::new(&row.name),
            };
            // Names for the settings are there to be copied.
            ui.add(egui::Label::new(text).selectable(show_ids))
                .on_hover_text(format!("{}\nUnder [keys]: {}", row.help, row.id));
        };
        row_with_end(ui, name, |ui| {
            // The keys are laid out from the right, so the last comes first.
            for key in row.keys.iter().rev() {
                key_cap(ui, key);
            }
        });
    }
    ui.add_space(6.0);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;

    fn sheet(bindings: Bindings, size: egui::Vec2) -> Harness<'static, HelpState> {
        let mut state = HelpState::default();
        state.toggle();
        let show = move |ui: &mut Ui, state: &mut HelpState| help_ui(ui.ctx(), state, &bindings);
        let mut harness = Harness::builder().with_size(size).build_ui_state(show, state);
        harness.run();
        harness
    }

    #[test]
    fn every_command_is_on_the_sheet_with_its_key() {
        let table = BTreeMap::from([("about".to_owned(), vec!["f9".to_owned()])]);
        let bindings = Bindings::for_platform(Platform::Other, &table).0;
        let harness = sheet(bindings, vec2(1400.0, 1200.0));
        for command in Command::all().filter(|command| command.session_index().is_none()) {
            assert!(harness.query_all_by_label(command.name()).next().is_some(), "{command:?}");
        }
        harness.get_by_label("Session 1 to 9");
        harness.get_by_label("F9");
        harness.get_by_label("Ctrl+K");
    }

    #[test]
    fn the_filter_takes_words_and_keys() {
        let mut harness = sheet(Bindings::default(), vec2(700.0, 500.0));
        harness.get_by_label("Filter commands").type_text("ctrl+shift+s");
        harness.run();
        harness.get_by_label("Save snapshot…");
        assert!(
            harness.query_by_label("Quit").is_none() && harness.query_by_label("Log").is_none()
        );
        harness.get_by_label("Filter commands").type_text(" nothing");
        harness.run();
        harness.get_by_label("No command matches");
    }

    #[test]
    fn the_names_for_the_settings_are_shown_and_found() {
        let mut harness = sheet(Bindings::default(), vec2(1400.0, 1200.0));
        harness.get_by_label("Names for the settings").click();
        harness.run();
        harness.get_by_label("toggle_chat");
        harness.get_by_label("Filter commands").type_text("focus_log");
        harness.run();
        harness.get_by_label("focus_log_filter");
        assert!(harness.query_by_label("toggle_chat").is_none());
    }

    #[test]
    fn the_keys_that_the_session_does_not_get_are_named() {
        let table = BTreeMap::from([("paste_as_text".to_owned(), vec!["f9".to_owned()])]);
        let bindings = Bindings::for_platform(Platform::Other, &table).0;
        let kept = [(Command::ReleaseControl, "Ctrl+Alt+G"), (Command::PasteAsText, "F9")];
        assert_eq!(
            keys_in_control(&bindings),
            kept.map(|(name, key)| (name, vec![key.to_owned()]))
        );

        let harness = sheet(bindings, vec2(1280.0, 800.0));
        harness.get_by_label("(Release keyboard)");
        harness.get_by_label("(Paste as text)");
    }

    #[test]
    fn the_scroll_bar_covers_no_key() {
        let mut harness = sheet(Bindings::default(), vec2(1280.0, 800.0));
        harness.get_by_label("Names for the settings").click();
        harness.run();
        for show_ids in [true, false] {
            let caps = Command::all().flat_map(|command| Bindings::default().labels_of(command));
            let end = caps
                .flat_map(|key| {
                    harness
                        .query_all_by_label(&key)
                        .map(|cap| cap.rect().right())
                        .collect::<Vec<_>>()
                })
                .fold(0.0, f32::max);
            let edge = harness.get_by_label("Close").rect().right();
            let scroll = harness.ctx.global_style().spacing.scroll;
            assert!(
                end <= edge - scroll.bar_width - scroll.bar_outer_margin,
                "{show_ids}: {end} {edge}"
            );
            harness.get_by_label("Names for the settings").click();
            harness.run();
        }
    }

    #[test]
    fn escape_and_the_button_close_it() {
        let mut harness = sheet(Bindings::default(), vec2(900.0, 700.0));
        harness.key_press(Key::Escape);
        harness.run();
        assert!(!harness.state().is_open());

        harness.state_mut().toggle();
        harness.run();
        harness.get_by_label("Close").click();
        harness.run();
        assert!(!harness.state().is_open());
    }

    #[test]
    fn columns_keep_the_order_and_come_out_even() {
        let bindings = Bindings::default();
        let all = sections(&bindings, "");
        for columns in 1..=4 {
            let balanced = balanced(&all, columns);
            assert!(
                balanced.len() <= columns
                    && balanced.iter().map(|column| column.len()).sum::<usize>() == all.len(),
                "{columns}"
            );
        }
        let longest = |columns| {
            let height = |column: &&[Section]| column.iter().map(Section::height).sum::<usize>();
            balanced(&all, columns).iter().map(height).max()
        };
        assert!(longest(1) > longest(2) && longest(2) > longest(3));
    }

    #[test]
    fn moved_session_keys_get_rows_of_their_own() {
        let table = BTreeMap::from([("session3".to_owned(), vec!["z".to_owned()])]);
        let bindings = Bindings::for_platform(Platform::Other, &table).0;
        let names: Vec<_> =
            sections(&bindings, "").into_iter().flat_map(|s| s.rows).map(|row| row.name).collect();
        assert!(
            names.contains(&"Session 9".to_owned())
                && !names.contains(&"Session 1 to 9".to_owned())
        );
    }

    #[test]
    fn the_guide_has_todays_keys() {
        let table = guide_key_table();
        assert!(table.contains("| `Ctrl+K` | Command palette |"), "{table}");
        let page = include_str!("../../docs/keys.md");
        let (_, after) =
            page.split_once("<!-- keys -->").expect("the page has a place for the keys");
        let (written, _) = after.split_once("<!-- /keys -->").expect("the table has an end mark");
        assert_eq!(written.trim(), table.trim(), "put the table above into docs/keys.md");
    }
}
