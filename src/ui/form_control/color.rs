//! The color of a page's field.

use egui::{Color32, RichText, Sense, Slider, TextEdit, Ui, vec2};

use super::keys::ControlKeys;
use crate::model::FormControl;
use crate::ui::theme::Colors;
use crate::ui::widgets::primary_button;

/// Height in points that the picker takes.
pub(super) const HEIGHT: f32 = 170.0;
const PARTS: [&str; 3] = ["Red", "Green", "Blue"];

/// The color that is picked, and its text.
#[derive(Debug)]
pub(super) struct ColorState {
    color: Color32,
    text: String,
}

impl ColorState {
    pub(super) fn of(control: &FormControl) -> Self {
        let color = color_of(&control.value).unwrap_or(Color32::BLACK);
        Self { color, text: text_of(color) }
    }

    /// Draws the picker, and returns the color that was chosen, in HTML's form.
    pub(super) fn ui(&mut self, ui: &mut Ui, keys: &ControlKeys) -> Option<String> {
        let (swatch, _) = ui.allocate_exact_size(vec2(220.0, 28.0), Sense::hover());
        ui.painter().rect_filled(swatch, 4.0, self.color);
        // The rails of sliders have the color of this ground otherwise.
        ui.visuals_mut().widgets.inactive.bg_fill = Colors::of(ui.ctx()).outline;
        let [red, green, blue, _] = self.color.to_srgba_unmultiplied();
        let mut parts = [red, green, blue];
        for (name, part) in PARTS.into_iter().zip(&mut parts) {
            ui.add(Slider::new(part, 0..=255).text(name));
        }
        if parts != [red, green, blue] {
            let [red, green, blue] = parts;
            self.color = Color32::from_rgb(red, green, blue);
            self.text = text_of(self.color);
        }
        self.take(keys);
        let color = color_of(&self.text);
        let mut set = false;
        ui.horizontal(|ui| {
            let field = TextEdit::singleline(&mut self.text).id_salt("color").desired_width(90.0);
            let field = ui.add(field);
            ui.ctx().accesskit_node_builder(field.id, |node| node.set_label("Color as #rrggbb"));
            let entered =
                field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            let button = ui.add_enabled(color.is_some(), primary_button(ui, RichText::new("Set")));
            set = button.clicked() || entered || keys.enter;
        });
        match color {
            Some(color) => self.color = color,
            None => {
                ui.label(RichText::new("Write it as #rrggbb").color(Colors::of(ui.ctx()).error));
            }
        }
        color.filter(|_| set).map(text_of)
    }

    /// Takes letters and digits of a color that is typed without a press into the field.
    fn take(&mut self, keys: &ControlKeys) {
        if keys.erase {
            self.text.pop();
        }
        if !keys.text.is_empty() {
            // A whole color is typed over, as one that is selected.
            if color_of(&self.text).is_some() {
                self.text.clear();
            }
            self.text.push_str(keys.text.trim());
        }
    }
}

fn text_of(color: Color32) -> String {
    let [red, green, blue, _] = color.to_srgba_unmultiplied();
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Reads a color as `#rrggbb`, with or without its mark.
fn color_of(text: &str) -> Option<Color32> {
    let text = text.trim();
    let digits = text.strip_prefix('#').unwrap_or(text);
    if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some(Color32::from_rgb(red, green, blue))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FormControlKind;
    use crate::ui::form_control::tests::control;

    #[test]
    fn a_color_is_typed_over_the_old_one() {
        let told = FormControl { value: "#1e90ff".to_owned(), ..control(FormControlKind::Color) };
        let mut color = ColorState::of(&told);
        assert_eq!(color.text, "#1e90ff");
        for letter in ["F", "f", "0", "0", "0", "1"] {
            color.take(&ControlKeys { text: letter.to_owned(), ..ControlKeys::default() });
        }
        assert_eq!(color_of(&color.text).map(text_of), Some("#ff0001".to_owned()));
        color.take(&ControlKeys { erase: true, ..ControlKeys::default() });
        assert_eq!(color_of(&color.text), None);
    }
}
