//! The calendar of a date, a month or a week.

use egui::{Button, Color32, Grid, RichText, Role, Ui, WidgetInfo, vec2};
use jiff::ToSpan as _;
use jiff::civil::{Date, ISOWeekDate, Weekday};

use super::keys::ControlKeys;
use crate::model::{FormControl, FormControlKind};
use crate::ui::icon::Icon;
use crate::ui::theme::Colors;
use crate::ui::widgets::icon_button;

/// Height in points that a calendar takes.
pub(super) const HEIGHT: f32 = 250.0;
const CELL: f32 = 30.0;
const WEEKDAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/// Where the user is in a calendar.
#[derive(Debug)]
pub(super) struct CalendarState {
    unit: CalendarUnit,
    /// The day under the cursor; in a month or a week any day of it.
    day: Date,
    today: Date,
    least: Option<Date>,
    greatest: Option<Date>,
}

/// What is chosen as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CalendarUnit {
    Day,
    Week,
    Month,
}

impl CalendarState {
    pub(super) fn of(control: &FormControl, today: Date) -> Self {
        let unit = match control.kind {
            FormControlKind::Month => CalendarUnit::Month,
            FormControlKind::Week => CalendarUnit::Week,
            _ => CalendarUnit::Day,
        };
        let (least, greatest) = (date_of(&control.min), date_of(&control.max));
        let mut state = Self { unit, day: today, today, least, greatest };
        state.go(date_of(&control.value).unwrap_or(today));
        state
    }

    /// Returns the chosen value in HTML's form.
    pub(super) fn value(&self, kind: FormControlKind) -> String {
        let day = self.day;
        match kind {
            FormControlKind::Month => format!("{:04}-{:02}", day.year(), day.month()),
            FormControlKind::Week => {
                let week = day.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            _ => day.to_string(),
        }
    }

    /// Draws the calendar, and returns whether a place in it was clicked that can be chosen.
    pub(super) fn ui(&mut self, ui: &mut Ui, keys: &ControlKeys) -> bool {
        self.move_by(keys);
        self.head_ui(ui);
        match self.unit {
            CalendarUnit::Month => self.months_ui(ui),
            CalendarUnit::Day | CalendarUnit::Week => self.days_ui(ui),
        }
    }

    fn move_by(&mut self, keys: &ControlKeys) {
        let (down, right, pages) =
            (i64::from(keys.down), i64::from(keys.right), i64::from(keys.pages));
        let span = match self.unit {
            CalendarUnit::Day => (7 * down + right).days().months(pages),
            CalendarUnit::Week => (7 * (down + right)).days().months(pages),
            CalendarUnit::Month => (3 * down + right + 12 * pages).months(),
        };
        if !span.is_zero() {
            self.go(self.day.saturating_add(span));
        }
        if keys.home {
            self.go(self.day.first_of_month());
        }
        if keys.end {
            self.go(self.day.last_of_month());
        }
    }

    /// Goes to a day, or to the nearest one that the page allows.
    fn go(&mut self, day: Date) {
        let day = self.least.map_or(day, |least| day.max(least));
        self.day = self.greatest.map_or(day, |greatest| day.min(greatest));
    }

    /// Draws the month or the year that is shown, between the ways to those around it.
    fn head_ui(&mut self, ui: &mut Ui) {
        let (title, step) = match self.unit {
            CalendarUnit::Month => (self.day.strftime("%Y").to_string(), 12.months()),
            _ => (self.day.strftime("%B %Y").to_string(), 1.month()),
        };
        let (before, after) = match self.unit {
            CalendarUnit::Month => ("Year before", "Next year"),
            _ => ("Month before", "Next month"),
        };
        ui.horizontal(|ui| {
            let arrow = |ui: &mut Ui, icon: Icon, name: &str| {
                icon_button(ui, icon, name, false).on_hover_text(name).clicked()
            };
            if arrow(ui, Icon::Back, before) {
                self.go(self.day.saturating_sub(step));
            }
            let width = 7.0 * CELL - 2.0 * (CELL + 10.0);
            ui.add_sized(vec2(width, 22.0), egui::Label::new(RichText::new(title).strong()));
            if arrow(ui, Icon::Forward, after) {
                self.go(self.day.saturating_add(step));
            }
        });
    }

    fn days_ui(&mut self, ui: &mut Ui) -> bool {
        let first = self.day.first_of_month();
        let back = i64::from(first.weekday().to_monday_zero_offset());
        let start = first.saturating_sub(back.days());
        let mut chosen = false;
        Grid::new("days").spacing(vec2(0.0, 0.0)).min_col_width(CELL).show(ui, |ui| {
            for name in WEEKDAYS {
                ui.vertical_centered(|ui| ui.label(RichText::new(name).small().weak()));
            }
            ui.end_row();
            for week in 0..6_i64 {
                for weekday in 0..7_i64 {
                    let day = start.saturating_add((7 * week + weekday).days());
                    chosen |= self.day_ui(ui, day);
                }
                ui.end_row();
            }
        });
        chosen
    }

    fn day_ui(&mut self, ui: &mut Ui, day: Date) -> bool {
        let is_at = match self.unit {
            CalendarUnit::Week => {
                day.iso_week_date().week() == self.day.iso_week_date().week()
                    && day.iso_week_date().year() == self.day.iso_week_date().year()
            }
            _ => day == self.day,
        };
        let is_shown = day.month() == self.day.month();
        let name = day.strftime("%-d %B %Y").to_string();
        let clicked = self.cell_ui(
            ui,
            &day.day().to_string(),
            &name,
            CellLook {
                is_at,
                is_faint: !is_shown,
                is_today: day == self.today,
                able: self.allows(day, day),
                width: CELL,
            },
        );
        if clicked {
            self.day = day;
        }
        clicked
    }

    fn months_ui(&mut self, ui: &mut Ui) -> bool {
        let year = self.day.year();
        let mut chosen = false;
        Grid::new("months").spacing(vec2(0.0, 0.0)).show(ui, |ui| {
            for month in 1..=12_i8 {
                let Ok(first) = Date::new(year, month, 1) else {
                    continue;
                };
                let look = CellLook {
                    is_at: month == self.day.month(),
                    is_faint: false,
                    is_today: first == self.today.first_of_month(),
                    able: self.allows(first, first.last_of_month()),
                    width: 7.0 * CELL / 3.0,
                };
                let (short, name) =
                    (first.strftime("%b").to_string(), first.strftime("%B %Y").to_string());
                if self.cell_ui(ui, &short, &name, look) {
                    self.go(first);
                    chosen = true;
                }
                if month % 3 == 0 {
                    ui.end_row();
                }
            }
        });
        chosen
    }

    fn cell_ui(&self, ui: &mut Ui, text: &str, name: &str, look: CellLook) -> bool {
        let colors = Colors::of(ui.ctx());
        let color = match (look.able, look.is_faint) {
            (false, _) | (true, true) => colors.weak,
            (true, false) => colors.text,
        };
        let mut text = RichText::new(text).color(color);
        if !look.able {
            text = text.strikethrough();
        }
        let fill = if look.is_at { colors.selected } else { Color32::TRANSPARENT };
        let stroke = if look.is_today { (1.0, colors.outline) } else { (0.0, fill) };
        let button = Button::new(text).fill(fill).stroke(stroke).min_size(vec2(look.width, 26.0));
        let response = ui.add_enabled(look.able, button);
        let enabled = look.able && ui.is_enabled();
        response.widget_info(|| WidgetInfo::selected(Role::Button, enabled, look.is_at, name));
        response.clicked()
    }

    /// Tells whether one of the days from `first` to `last` can be chosen.
    fn allows(&self, first: Date, last: Date) -> bool {
        self.least.is_none_or(|least| last >= least)
            && self.greatest.is_none_or(|greatest| first <= greatest)
    }
}

/// How one place in a calendar looks.
#[derive(Clone, Copy)]
struct CellLook {
    is_at: bool,
    is_faint: bool,
    is_today: bool,
    able: bool,
    width: f32,
}

/// Reads the day at which a value in HTML's form begins; `None` where it is none.
fn date_of(value: &str) -> Option<Date> {
    if let Some((year, week)) = value.split_once("-W") {
        let week = ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday);
        return week.ok().map(|week| week.date());
    }
    let day = value.split('T').next().unwrap_or_default();
    match day.matches('-').count() {
        1 => format!("{day}-01").parse().ok(),
        _ => day.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::form_control::tests::control;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn values_are_read_and_written_as_html_has_them() {
        for (kind, value) in [
            (FormControlKind::Date, "2024-02-29"),
            (FormControlKind::Month, "2026-12"),
            (FormControlKind::Week, "2026-W53"),
            (FormControlKind::Week, "2025-W01"),
        ] {
            let control = FormControl { value: value.to_owned(), ..control(kind) };
            assert_eq!(CalendarState::of(&control, day("2020-01-01")).value(kind), value);
        }
        assert_eq!(date_of("2026-12-31T23:59"), Some(day("2026-12-31")));
        for wrong in ["", "soon", "2026-13-01", "2026-W54", "23:59"] {
            assert_eq!(date_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn keys_go_by_days_weeks_and_months_and_stay_within_the_limits() {
        let control = FormControl {
            min: "2026-11-20".to_owned(),
            max: "2027-02-10".to_owned(),
            ..control(FormControlKind::Date)
        };
        let mut calendar = CalendarState::of(&control, day("2026-12-31"));
        let mut press = |keys: ControlKeys| {
            calendar.move_by(&keys);
            calendar.value(FormControlKind::Date)
        };
        let keys = ControlKeys::default;
        assert_eq!(press(ControlKeys { right: 1, ..keys() }), "2027-01-01");
        assert_eq!(press(ControlKeys { down: -1, ..keys() }), "2026-12-25");
        assert_eq!(press(ControlKeys { end: true, ..keys() }), "2026-12-31");
        assert_eq!(press(ControlKeys { pages: 1, ..keys() }), "2027-01-31");
        assert_eq!(press(ControlKeys { pages: 1, ..keys() }), "2027-02-10");
        assert_eq!(press(ControlKeys { pages: -9, ..keys() }), "2026-11-20");
    }
}
