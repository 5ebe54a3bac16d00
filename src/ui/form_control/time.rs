//! The time of a day, by hours, minutes and, where the page wants them, seconds.

use egui::{Button, RichText, Role, Ui, WidgetInfo, vec2};
use jiff::civil::Time;

use super::keys::ControlKeys;
use crate::model::FormControl;
use crate::ui::icon::Icon;
use crate::ui::theme::Colors;
use crate::ui::widgets::{icon_button, primary_button};

/// Height in points that the parts of a time take.
pub(super) const HEIGHT: f32 = 120.0;
const PARTS: [(&str, u8); 3] = [("Hours", 24), ("Minutes", 60), ("Seconds", 60)];

/// Where the user is in a time.
#[derive(Debug)]
pub(super) struct TimeState {
    /// Hours, minutes and seconds.
    parts: [u8; 3],
    /// Seconds are shown.
    with_seconds: bool,
    /// Index of the part that keys change.
    at: usize,
    /// The first digit of the part was typed, and a second one may follow.
    half_typed: bool,
}

impl TimeState {
    pub(super) fn of(control: &FormControl, now: Time) -> Self {
        let value = control.value.rsplit('T').next().unwrap_or_default();
        let told: Option<Time> = value.parse().ok();
        let step: Option<f64> = control.step.parse().ok();
        let with_seconds =
            value.matches(':').count() == 2 || step.is_some_and(|step| step % 60.0 != 0.0);
        let part = |part: i8| u8::try_from(part).unwrap_or(0);
        let time = told.unwrap_or(now);
        let second = if told.is_some() { part(time.second()) } else { 0 };
        let parts = [part(time.hour()), part(time.minute()), second];
        Self { parts, with_seconds, at: 0, half_typed: false }
    }

    /// Returns the time in HTML's form.
    pub(super) fn value(&self) -> String {
        let [hours, minutes, seconds] = self.parts;
        match self.with_seconds {
            true => format!("{hours:02}:{minutes:02}:{seconds:02}"),
            false => format!("{hours:02}:{minutes:02}"),
        }
    }

    fn last(&self) -> usize {
        if self.with_seconds { 2 } else { 1 }
    }

    /// Draws the parts, and returns whether the time was set. `here` tells whether keys change it.
    pub(super) fn ui(&mut self, ui: &mut Ui, keys: &ControlKeys, here: bool) -> bool {
        self.take(keys);
        let colors = Colors::of(ui.ctx());
        let mut set = false;
        ui.horizontal(|ui| {
            for (part, (name, count)) in PARTS.into_iter().enumerate().take(self.last() + 1) {
                if part > 0 {
                    ui.label(RichText::new(":").strong());
                }
                ui.vertical(|ui| {
                    let step = |ui: &mut Ui, icon: Icon, way: &str| {
                        let name = format!("{name} {way}");
                        ui.scope(|ui| {
                            ui.set_width(40.0);
                            ui.vertical_centered(|ui| icon_button(ui, icon, &name, false).clicked())
                                .inner
                        })
                        .inner
                    };
                    if step(ui, Icon::Plus, "up") {
                        self.step(part, count, 1);
                    }
                    let is_at = here && part == self.at;
                    let fill = if is_at { colors.selected } else { colors.sunken };
                    let text = RichText::new(format!("{:02}", self.parts[part])).monospace();
                    let value = ui.add(Button::new(text).fill(fill).min_size(vec2(40.0, 26.0)));
                    let label = format!("{name}: {}", self.parts[part]);
                    value.widget_info(|| WidgetInfo::selected(Role::Button, true, is_at, &label));
                    if value.clicked() {
                        (self.at, self.half_typed) = (part, false);
                    }
                    if step(ui, Icon::Minus, "down") {
                        self.step(part, count, -1);
                    }
                });
            }
            ui.add_space(8.0);
            set = ui.add(primary_button(ui, RichText::new("Set"))).clicked();
        });
        set
    }

    fn step(&mut self, part: usize, count: u8, by: i32) {
        let value = (i32::from(self.parts[part]) + by).rem_euclid(i32::from(count));
        self.parts[part] = u8::try_from(value).unwrap_or(0);
        (self.at, self.half_typed) = (part, false);
    }

    fn take(&mut self, keys: &ControlKeys) {
        if keys.right != 0 || keys.tab {
            let by = if keys.tab { 1 } else { keys.right };
            let count = i32::try_from(self.last() + 1).unwrap_or(1);
            let at = (i32::try_from(self.at).unwrap_or(0) + by).rem_euclid(count);
            (self.at, self.half_typed) = (usize::try_from(at).unwrap_or(0), false);
        }
        if keys.down != 0 {
            self.step(self.at, PARTS[self.at].1, -keys.down);
        }
        for digit in keys.digits() {
            let count = PARTS[self.at].1;
            // Only a first digit is followed by a second one.
            let before = if self.half_typed { self.parts[self.at] } else { 0 };
            let both = before * 10 + digit;
            self.parts[self.at] = if both < count { both } else { digit };
            // No second digit fits behind a great first one.
            self.half_typed = !self.half_typed && digit * 10 < count;
            if !self.half_typed {
                self.at = (self.at + 1).min(self.last());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FormControlKind;
    use crate::ui::form_control::tests::control;

    fn now() -> Time {
        "09:41:27".parse().unwrap()
    }

    #[test]
    fn digits_and_arrows_make_a_time() {
        let mut time = TimeState::of(&control(FormControlKind::Time), now());
        assert_eq!(time.value(), "09:41");
        let mut press = |keys: ControlKeys| {
            time.take(&keys);
            time.value()
        };
        let typed = |text: &str| ControlKeys { text: text.to_owned(), ..ControlKeys::default() };
        assert_eq!(press(typed("23")), "23:41");
        assert_eq!(press(typed("5")), "23:05");
        assert_eq!(press(typed("9")), "23:59");
        assert_eq!(press(ControlKeys { down: -1, ..ControlKeys::default() }), "23:00");
        assert_eq!(press(ControlKeys { right: -1, ..ControlKeys::default() }), "23:00");
        assert_eq!(press(ControlKeys { down: 1, ..ControlKeys::default() }), "22:00");
        assert_eq!(press(typed("7")), "07:00");
        assert_eq!(press(typed("x")), "07:00");
    }

    #[test]
    fn seconds_are_there_where_the_page_wants_them() {
        let seconds =
            FormControl { value: "23:59:58".to_owned(), ..control(FormControlKind::Time) };
        assert_eq!(TimeState::of(&seconds, now()).value(), "23:59:58");
        let step = FormControl { step: "1".to_owned(), ..control(FormControlKind::Time) };
        assert_eq!(TimeState::of(&step, now()).value(), "09:41:00");
        let moment = FormControl {
            value: "2026-12-31T23:59".to_owned(),
            ..control(FormControlKind::DatetimeLocal)
        };
        assert_eq!(TimeState::of(&moment, now()).value(), "23:59");
    }
}
