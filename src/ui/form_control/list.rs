//! The list of a `<select>`, or the suggestions of a field.

use egui::{Rect, Role, ScrollArea, Sense, TextStyle, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::Picked;
use super::keys::ControlKeys;
use crate::base::text::one_line;
use crate::model::{FormControl, FormControlKind, FormOption};
use crate::ui::theme::Colors;

const ROW_HEIGHT: f32 = 24.0;
const ROWS_SHOWN: usize = 14;
const MAX_WIDTH: f32 = 420.0;
/// Letters that follow each other within this many seconds are one beginning of a name.
const TYPED_TOGETHER: f64 = 1.0;

/// Where the user is in a list.
#[derive(Debug, Default)]
pub(super) struct ListState {
    /// Index of the option under the cursor.
    at: Option<usize>,
    /// The beginning of a name, as far as it is typed.
    typed: String,
    typed_at: f64,
    /// The option under the cursor has to come into view.
    reveal: bool,
}

/// One row: the heading of a group, or an option by its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ListRow<'a> {
    Group(&'a str),
    Option(usize),
    More(u32),
}

/// Returns the height in points that the list would like to have.
pub(super) fn wanted_height(control: &FormControl) -> f32 {
    rows_of(control).len().min(ROWS_SHOWN) as f32 * ROW_HEIGHT + 10.0
}

fn rows_of(control: &FormControl) -> Vec<ListRow<'_>> {
    let mut rows = Vec::with_capacity(control.options.len());
    let mut group = "";
    for (index, option) in control.options.iter().enumerate() {
        if option.group != group && !option.group.is_empty() {
            rows.push(ListRow::Group(&option.group));
        }
        group = &option.group;
        rows.push(ListRow::Option(index));
    }
    if control.more > 0 {
        rows.push(ListRow::More(control.more));
    }
    rows
}

impl ListState {
    pub(super) fn of(control: &FormControl) -> Self {
        let at = match control.kind {
            FormControlKind::Datalist => None,
            _ => control.options.iter().position(|option| option.selected),
        };
        Self { at, reveal: true, ..Self::default() }
    }

    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        control: &FormControl,
        keys: &ControlKeys,
        room: Vec2,
    ) -> Option<Picked> {
        let suggests = control.kind == FormControlKind::Datalist;
        if suggests && (!keys.text.is_empty() || keys.erase) {
            return Some(Picked::Typed(keys.text.clone()));
        }
        let now = ui.input(|input| input.time);
        self.move_by(&control.options, keys, now);
        let chosen = keys.enter || keys.tab || (keys.text == " " && self.typed.is_empty());
        let rows = rows_of(control);
        let clicked = self.rows_ui(ui, control, &rows, room);
        let at = if chosen { self.at } else { clicked };
        match at.and_then(|at| control.options.get(at)).filter(|option| !option.disabled) {
            Some(option) => Some(Picked::Value(option.value.clone())),
            // Without an option under the cursor the keys leave the list as it was.
            None if chosen => Some(Picked::Left),
            None => None,
        }
    }

    /// Moves the cursor by keys, over what can be chosen.
    fn move_by(&mut self, options: &[FormOption], keys: &ControlKeys, now: f64) {
        let before = self.at;
        let able: Vec<usize> = (0..options.len()).filter(|at| !options[*at].disabled).collect();
        let Some(last) = able.len().checked_sub(1) else {
            return;
        };
        let steps = keys.down as isize + keys.pages as isize * (ROWS_SHOWN as isize - 1);
        if steps != 0 {
            let here = self.at.map(|at| able.partition_point(|able| *able < at));
            let next = match here {
                Some(here) => here.saturating_add_signed(steps).min(last),
                None if steps > 0 => 0,
                None => last,
            };
            self.at = Some(able[next]);
        }
        if keys.home {
            self.at = Some(able[0]);
        }
        if keys.end {
            self.at = Some(able[last]);
        }
        if now - self.typed_at > TYPED_TOGETHER {
            self.typed.clear();
        }
        if keys.erase {
            self.typed.pop();
        }
        let is_choice = keys.text == " " && self.typed.is_empty();
        if !keys.text.is_empty() && !is_choice {
            self.typed.push_str(&keys.text.to_lowercase());
            self.typed_at = now;
            self.at = self.find(options, &able).or(self.at);
        }
        self.reveal |= self.at != before;
    }

    /// Finds the option that begins with what was typed. One letter again and again goes from one to the next.
    fn find(&self, options: &[FormOption], able: &[usize]) -> Option<usize> {
        let mut letters = self.typed.chars();
        let first = letters.next()?;
        let again = letters.clone().next().is_some() && letters.all(|letter| letter == first);
        let wanted = if again { first.to_string() } else { self.typed.clone() };
        let is_one = self.typed.chars().count() == 1 || again;
        let begins = |at: &usize| options[*at].shown().trim().to_lowercase().starts_with(&wanted);
        // A longer beginning may mean the option where the cursor is.
        let from =
            self.at.map_or(0, |at| able.partition_point(|able| *able < at + usize::from(is_one)));
        able[from..].iter().chain(&able[..from]).copied().find(begins)
    }

    /// Shows the rows, and returns the index of the option that was clicked.
    fn rows_ui(
        &mut self,
        ui: &mut Ui,
        control: &FormControl,
        rows: &[ListRow<'_>],
        room: Vec2,
    ) -> Option<usize> {
        let font = TextStyle::Body.resolve(ui.style());
        let width_of = |text: &str| {
            let text = one_line(text, 200);
            ui.painter().layout_no_wrap(text, font.clone(), egui::Color32::WHITE).size().x + 40.0
        };
        // A long list is not measured whole: its first rows tell enough.
        let widest = control.options.iter().take(100).map(|option| width_of(option.shown()));
        let width = widest.fold(room.x, f32::max).min(MAX_WIDTH.max(room.x));
        let most = (ROWS_SHOWN as f32 * ROW_HEIGHT).min(room.y);
        ui.spacing_mut().item_spacing = Vec2::ZERO;
        ui.set_width(width);
        let mut area = ScrollArea::vertical()
            .max_height(most)
            .min_scrolled_height(most.min(rows.len() as f32 * ROW_HEIGHT));
        if std::mem::take(&mut self.reveal)
            && let Some(row) =
                rows.iter().position(|row| Some(*row) == self.at.map(ListRow::Option))
        {
            let offset =
                ui.data(|data| data.get_temp(ui.scope_id().with("offset"))).unwrap_or(0.0_f32);
            let top = row as f32 * ROW_HEIGHT;
            let wanted = offset.min(top).max(top + ROW_HEIGHT - most);
            area = area.vertical_scroll_offset(wanted);
        }
        let mut clicked = None;
        let shown = area.show_rows(ui, ROW_HEIGHT, rows.len(), |ui, range| {
            ui.set_width(width);
            for row in &rows[range] {
                match row {
                    ListRow::Group(name) => note_ui(ui, name),
                    ListRow::More(more) => note_ui(ui, &format!("… and {more} more")),
                    ListRow::Option(index) => {
                        if self.option_ui(ui, *index, &control.options[*index]) {
                            clicked = Some(*index);
                        }
                    }
                }
            }
        });
        ui.data_mut(|data| {
            data.insert_temp(ui.scope_id().with("offset"), shown.state.clamped_offset().y)
        });
        clicked
    }

    fn option_ui(&mut self, ui: &mut Ui, index: usize, option: &FormOption) -> bool {
        let colors = Colors::of(ui.ctx());
        let size = vec2(ui.available_width(), ROW_HEIGHT);
        let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK);
        let able = !option.disabled && ui.is_enabled();
        let is_at = self.at == Some(index);
        let name = one_line(option.shown(), 200);
        response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, able, is_at, &name));
        // Only a pointer that moves takes the cursor from the keyboard.
        if able && response.hovered() && ui.input(|input| input.pointer.is_moving()) {
            self.at = Some(index);
        }
        if ui.is_rect_visible(rect) {
            if is_at {
                ui.painter().rect_filled(rect, 4.0, colors.selected);
            }
            let color = if option.disabled { colors.weak } else { colors.text };
            let indent = if option.group.is_empty() { 0.0 } else { 12.0 };
            if option.selected {
                let at = pos2(rect.left() + 12.0 + indent, rect.center().y);
                ui.painter().circle_filled(at, 3.0, colors.accent);
            }
            row_text(ui, rect, 22.0 + indent, name, TextStyle::Body, color);
        }
        able && response.clicked()
    }
}

/// Shows a row that can't be chosen.
fn note_ui(ui: &mut Ui, text: &str) {
    let size = vec2(ui.available_width(), ROW_HEIGHT);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let color = Colors::of(ui.ctx()).weak;
    row_text(ui, rect, 8.0, one_line(text, 200), TextStyle::Small, color);
}

fn row_text(
    ui: &Ui,
    rect: Rect,
    indent: f32,
    text: String,
    style: TextStyle,
    color: egui::Color32,
) {
    let font = style.resolve(ui.style());
    let wrap = egui::text::TextWrapping::truncate_at_width(rect.width() - indent - 6.0);
    let mut job = egui::text::LayoutJob::single_section(
        text,
        egui::text::TextFormat { font_id: font, color, ..Default::default() },
    );
    job.wrap = wrap;
    let galley = ui.painter().layout_job(job);
    let at = pos2(rect.left() + indent, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, color);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(names: &[(&str, bool)]) -> Vec<FormOption> {
        let option = |(name, disabled): &(&str, bool)| FormOption {
            value: name.to_lowercase(),
            label: (*name).to_owned(),
            disabled: *disabled,
            ..FormOption::default()
        };
        names.iter().map(option).collect()
    }

    fn typed(text: &str) -> ControlKeys {
        ControlKeys { text: text.to_owned(), ..ControlKeys::default() }
    }

    #[test]
    fn keys_move_over_what_can_be_chosen() {
        let options =
            options(&[("A", true), ("B", false), ("C", true), ("D", false), ("E", false)]);
        let mut list = ListState::default();
        let mut press = |keys: ControlKeys| {
            list.move_by(&options, &keys, 0.0);
            list.at
        };
        let down = |down| ControlKeys { down, ..ControlKeys::default() };
        assert_eq!(press(down(1)), Some(1));
        assert_eq!(press(down(1)), Some(3));
        assert_eq!(press(down(9)), Some(4));
        assert_eq!(press(down(-1)), Some(3));
        assert_eq!(press(ControlKeys { home: true, ..ControlKeys::default() }), Some(1));
        assert_eq!(press(ControlKeys { end: true, ..ControlKeys::default() }), Some(4));
        assert_eq!(press(ControlKeys { pages: -1, ..ControlKeys::default() }), Some(1));
    }

    #[test]
    fn letters_find_names_and_one_letter_goes_on() {
        let options = options(&[
            ("Sweden", false),
            ("Spain", false),
            ("Öland", false),
            ("South Sudan", false),
        ]);
        let mut list = ListState::default();
        let mut press = |text: &str, at: f64| {
            list.move_by(&options, &typed(text), at);
            list.at
        };
        assert_eq!(press("s", 0.0), Some(0));
        assert_eq!(press("p", 0.2), Some(1));
        assert_eq!(press("ö", 5.0), Some(2));
        assert_eq!(press("s", 9.0), Some(3));
        assert_eq!(press("s", 9.1), Some(0));
        assert_eq!(press("s", 9.2), Some(1));
        assert_eq!(press("x", 20.0), Some(1));
        // A space belongs to a name that was begun, and chooses otherwise.
        assert_eq!(press("south", 30.0), Some(3));
        assert_eq!(press(" s", 30.1), Some(3));
    }

    #[test]
    fn groups_have_their_heading_once() {
        let mut options = options(&[("A", false), ("B", false), ("C", false)]);
        options[1].group = "G".to_owned();
        options[2].group = "G".to_owned();
        let control = FormControl {
            id: String::new(),
            kind: FormControlKind::Select,
            multiple: false,
            options,
            more: 4,
            value: String::new(),
            min: String::new(),
            max: String::new(),
            step: String::new(),
            rect: Default::default(),
            page: Default::default(),
        };
        let expected = [
            ListRow::Option(0),
            ListRow::Group("G"),
            ListRow::Option(1),
            ListRow::Option(2),
            ListRow::More(4),
        ];
        assert_eq!(rows_of(&control), expected);
    }
}
