//! Defines where the user wants the parts of the window, for small, medium and large windows.

use serde::{Deserialize, Serialize};
use strum::IntoEnumIterator as _;

/// A window narrower than this is small, in points.
const SMALL: f32 = 900.0;
/// A window narrower than this is medium, in points.
const MEDIUM: f32 = 1500.0;

/// Where the parts of the window are, for each class of sizes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LayoutSettings {
    /// The places in a window that is narrower than 900 points.
    pub small: PanelPlaces,
    /// The places in a window that is narrower than 1500 points.
    pub medium: PanelPlaces,
    /// The places in a larger window.
    pub large: PanelPlaces,
}

/// Where the parts of a window are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PanelPlaces {
    /// The form of the list of sessions.
    pub list: ListForm,
    /// The place of the panel with the log.
    pub panel: PanelPlace,
}

/// The form of the list of sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(rename_all = "kebab-case")]
pub enum ListForm {
    /// The list has names where the picture does not suffer from it.
    #[default]
    Auto,
    /// The list has names.
    Names,
    /// The list has icons, with names on hover.
    Icons,
}

/// The place of the panel with the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(rename_all = "kebab-case")]
pub enum PanelPlace {
    /// The panel is where it leaves most to the picture.
    #[default]
    Auto,
    /// The panel is to the right of the picture.
    Right,
    /// The panel is below the picture.
    Below,
    /// The panel lies over the picture while it is open.
    Over,
}

impl LayoutSettings {
    /// Returns the places in a window of this width, in points.
    pub fn of(&self, width: f32) -> PanelPlaces {
        match width {
            width if width < SMALL => self.small,
            width if width < MEDIUM => self.medium,
            _ => self.large,
        }
    }

    /// Returns the places in a window of this width, in points, to change them.
    pub fn of_mut(&mut self, width: f32) -> &mut PanelPlaces {
        match width {
            width if width < SMALL => &mut self.small,
            width if width < MEDIUM => &mut self.medium,
            _ => &mut self.large,
        }
    }
}

impl ListForm {
    /// Returns the form that follows when the user goes through all of them.
    pub fn next(self) -> Self {
        Self::iter().cycle().skip_while(|form| *form != self).nth(1).unwrap_or_default()
    }
}

impl PanelPlace {
    /// Returns the place that follows when the user goes through all of them.
    pub fn next(self) -> Self {
        Self::iter().cycle().skip_while(|place| *place != self).nth(1).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_of_sizes_has_its_own_places() {
        let mut layout = LayoutSettings::default();
        layout.of_mut(480.0).panel = PanelPlace::Over;
        layout.of_mut(1280.0).panel = PanelPlace::Below;
        let places = [600.0, 1000.0, 2560.0].map(|width| layout.of(width).panel);
        assert_eq!(places, [PanelPlace::Over, PanelPlace::Below, PanelPlace::Auto]);
        assert_eq!(PanelPlace::Over.next(), PanelPlace::Auto);
        assert_eq!(ListForm::Auto.next(), ListForm::Names);
    }
}
