//! A page's form control whose list or picker is open: what Chromium would draw outside of the page's picture.

use serde::{Deserialize, Serialize};

use super::FrameSize;

/// The kinds of controls that open a list or a picker, by the names that HTML has for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormControlKind {
    /// A `<select>`: one of its options is chosen, or several where it is `multiple`.
    Select,
    /// A text field with suggestions from a `<datalist>`.
    Datalist,
    /// A date, as `2026-12-31`.
    Date,
    /// A time of the day, as `23:59` or `23:59:30`.
    Time,
    /// A month, as `2026-12`.
    Month,
    /// A week, as `2026-W53`.
    Week,
    /// A date with a time of the day and no zone, as `2026-12-31T23:59`.
    DatetimeLocal,
    /// A color, as `#1e90ff`.
    Color,
}

/// A form control whose list or picker is open, in the very words of the session host's wire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormControl {
    /// The control's name for [`PageControl::Choose`](super::PageControl::Choose). It means nothing but itself.
    pub id: String,
    /// What can be chosen.
    pub kind: FormControlKind,
    /// Several options can be chosen. The page itself draws such a list.
    #[serde(default)]
    pub multiple: bool,
    /// The options of a list in their order; none for a picker.
    #[serde(default)]
    pub options: Vec<FormOption>,
    /// How many options there are beyond those that are told.
    #[serde(default)]
    pub more: u32,
    /// The value that the control has, in HTML's form for its kind; empty where it has none.
    #[serde(default)]
    pub value: String,
    /// The least value that the page allows, in the value's own form; empty where there is none.
    #[serde(default)]
    pub min: String,
    /// The greatest value that the page allows, in the value's own form; empty where there is none.
    #[serde(default)]
    pub max: String,
    /// The step between values as HTML writes it, such as `60` or `any`; empty where the page sets none.
    #[serde(default)]
    pub step: String,
    /// The control's place in the page's viewport.
    pub rect: FormRect,
    /// The size of that viewport in CSS pixels. Without it the place counts in the picture's own pixels.
    #[serde(default)]
    pub page: FrameSize,
}

/// One option of a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FormOption {
    /// The value that is chosen with it.
    pub value: String,
    /// What a person reads; the value where it is empty.
    #[serde(default)]
    pub label: String,
    /// The heading of the group that it belongs to; empty where it belongs to none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// It is shown, but can't be chosen.
    #[serde(default)]
    pub disabled: bool,
    /// It is chosen now.
    #[serde(default)]
    pub selected: bool,
}

/// A rectangle in the page's viewport, in CSS pixels from its upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FormRect {
    /// Distance of the left side.
    pub x: f32,
    /// Distance of the upper side.
    pub y: f32,
    /// The rectangle's width.
    pub width: f32,
    /// The rectangle's height.
    pub height: f32,
}

impl FormOption {
    /// Returns what a person reads.
    pub fn shown(&self) -> &str {
        if self.label.is_empty() { &self.value } else { &self.label }
    }
}

impl FormControlKind {
    /// Tells whether one chooses from a list, rather than by a picker.
    pub fn is_list(self) -> bool {
        matches!(self, Self::Select | Self::Datalist)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_wire_are_those_of_html() {
        let control = r#"{"id":"a-1","kind":"datetime-local","value":"2026-12-31T23:59","rect":{"x":1,"y":2,"width":3,"height":4}}"#;
        let control: FormControl = serde_json::from_str(control).unwrap();
        assert_eq!(control.kind, FormControlKind::DatetimeLocal);
        assert_eq!((control.multiple, control.options.len(), control.rect.height), (false, 0, 4.0));
        let option: FormOption = serde_json::from_str(r#"{"value":"de"}"#).unwrap();
        assert_eq!(option.shown(), "de");
    }
}
