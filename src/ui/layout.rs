//! Chooses where the list of sessions and the panel with the log go, so that the picture is as large as it can be.

use egui::{Vec2, vec2};

use super::picture::STRIP_HEIGHT;
use crate::settings::{ListForm, PanelPlace, PanelPlaces};

/// Width of a list that has names, in points.
pub const NAMES_WIDTH: f32 = 220.0;
/// Width of a list of icons, in points.
pub const ICONS_WIDTH: f32 = 48.0;
/// Width of the panel beside the picture, in points.
pub const PANEL_WIDTH: f32 = 340.0;
/// Height of the panel below the picture, in points; it is enough for a few rows under the bar, or for a chat with its
/// field.
pub const PANEL_HEIGHT: f32 = 220.0;
/// Panels leave at least this to the picture and its strip, in points.
pub const PICTURE_MIN: Vec2 = vec2(320.0, 140.0);
/// Least size of a panel that shows the log, in points.
pub const PANEL_MIN: Vec2 = vec2(240.0, 120.0);

/// Height of the bar with the tabs above the picture, in points.
const TABS_HEIGHT: f32 = 32.0;
/// A more comfortable layout is kept while the picture has at least this share of the largest that is possible.
const WORTH_IT: f32 = 0.9;
/// A panel that leaves a smaller share than this of the picture lies over it instead.
const TOO_SMALL: f32 = 0.4;
/// A page that is larger than this, in points, gains nothing by more room.
const PAGE_ENOUGH: Vec2 = vec2(1600.0, 1000.0);
/// With nothing to see beside it, a list has names in windows at least this wide, in points.
const ROOM_FOR_NAMES: f32 = 700.0;

/// What the layout is chosen by.
#[derive(Clone, Copy, Debug)]
pub struct LayoutWish {
    /// Room below the bar with the address, in points.
    pub room: Vec2,
    /// Size of the picture, in points; `None` for a page that takes the shape of its room.
    pub picture: Option<Vec2>,
    /// Whether one session is shown alone, and not the wall or the start page.
    pub is_alone: bool,
    /// Whether the list is shown.
    pub has_list: bool,
    /// Whether the panel is shown, where it does not lie over the picture.
    pub has_panel: bool,
    /// What the user chose.
    pub places: PanelPlaces,
}

/// The form of the list, and the place of the panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WindowLayout {
    /// Whether the list has icons only.
    pub icons: bool,
    /// Where the panel is.
    pub panel: PanelSide,
}

/// Where the panel with the log is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PanelSide {
    /// It is to the right of the picture.
    #[default]
    Right,
    /// It is below the picture.
    Below,
    /// It lies over the picture.
    Over,
}

/// Chooses the layout. The first of these that leaves the picture nearly as large as it can be wins: a panel at the right
/// and names, a panel at the right and icons, a panel below and names, a panel below and icons. Where all of them leave
/// too little, the panel lies over the picture.
pub fn choose(wish: &LayoutWish) -> WindowLayout {
    let forms: &[bool] = match wish.places.list {
        ListForm::Names => &[false],
        ListForm::Icons => &[true],
        ListForm::Auto if !wish.is_alone => {
            let panel = PanelSide::default();
            return WindowLayout { icons: wish.room.x < ROOM_FOR_NAMES, panel };
        }
        ListForm::Auto => &[false, true],
    };
    let sides: &[PanelSide] = match wish.places.panel {
        PanelPlace::Auto => &[PanelSide::Right, PanelSide::Below],
        PanelPlace::Right => &[PanelSide::Right],
        PanelPlace::Below => &[PanelSide::Below],
        PanelPlace::Over => &[PanelSide::Over],
    };
    let layouts = sides
        .iter()
        .flat_map(|panel| forms.iter().map(|icons| WindowLayout { icons: *icons, panel: *panel }));
    let largest = layouts.clone().map(|layout| picture_area(wish, layout)).fold(0.0, f32::max);
    let chosen = layouts.clone().find(|layout| picture_area(wish, *layout) >= largest * WORTH_IT);
    let chosen = chosen.unwrap_or_default();
    let over = WindowLayout { panel: PanelSide::Over, ..chosen };
    let is_free = wish.places.panel == PanelPlace::Auto && wish.has_panel;
    if is_free && largest < picture_area(wish, over) * TOO_SMALL {
        // Nothing beside the picture is in the way of names any more.
        return choose(&LayoutWish {
            places: PanelPlaces { panel: PanelPlace::Over, ..wish.places },
            ..*wish
        });
    }
    chosen
}

/// Returns the area of the picture, in square points.
fn picture_area(wish: &LayoutWish, layout: WindowLayout) -> f32 {
    let list = match (wish.has_list, layout.icons) {
        (false, _) => 0.0,
        (true, true) => ICONS_WIDTH,
        (true, false) => NAMES_WIDTH,
    };
    let panel = match (wish.has_panel, layout.panel) {
        (false, _) | (true, PanelSide::Over) => Vec2::ZERO,
        (true, PanelSide::Right) => vec2(PANEL_WIDTH, 0.0),
        (true, PanelSide::Below) => vec2(0.0, PANEL_HEIGHT),
    };
    let bars = vec2(list, TABS_HEIGHT + STRIP_HEIGHT);
    let room = (wish.room - bars - panel).max(Vec2::ZERO);
    if panel != Vec2::ZERO
        && (room.x < PICTURE_MIN.x || room.y < PICTURE_MIN.y - TABS_HEIGHT - STRIP_HEIGHT)
    {
        return 0.0;
    }
    let Some(picture) = wish.picture.filter(|picture| picture.x > 0.0 && picture.y > 0.0) else {
        let useful = room.min(PAGE_ENOUGH);
        return useful.x * useful.y;
    };
    // A picture that is larger than itself shows nothing more.
    let scale = (room.x / picture.x).min(room.y / picture.y).min(1.0);
    picture.x * picture.y * scale * scale
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAR: f32 = 38.0;

    fn wish(window: Vec2, picture: Option<Vec2>) -> LayoutWish {
        LayoutWish {
            room: window - vec2(0.0, BAR),
            picture,
            is_alone: true,
            has_list: true,
            has_panel: true,
            places: PanelPlaces::default(),
        }
    }

    /// Returns the layout, and the share of the window that the picture covers in it, in percent.
    fn chosen(window: Vec2, picture: Option<Vec2>) -> (WindowLayout, f32) {
        let wish = wish(window, picture);
        let layout = choose(&wish);
        (layout, (picture_area(&wish, layout) / (window.x * window.y) * 100.0).round())
    }

    #[test]
    fn the_picture_is_as_large_as_it_can_be() {
        let wide = Some(vec2(1280.0, 720.0));
        let layout = |icons, panel| WindowLayout { icons, panel };
        for (window, picture, wanted, least) in [
            (vec2(1280.0, 800.0), None, layout(true, PanelSide::Right), 60.0),
            (vec2(1280.0, 800.0), wide, layout(true, PanelSide::Right), 43.0),
            (vec2(1024.0, 700.0), wide, layout(false, PanelSide::Below), 35.0),
            (vec2(955.0, 700.0), wide, layout(false, PanelSide::Below), 36.0),
            (vec2(480.0, 320.0), wide, layout(true, PanelSide::Over), 50.0),
            (vec2(2560.0, 1440.0), wide, layout(false, PanelSide::Right), 25.0),
            // A tall picture has room at both sides.
            (vec2(1280.0, 800.0), Some(vec2(400.0, 900.0)), layout(false, PanelSide::Right), 20.0),
        ] {
            let (chosen, share) = chosen(window, picture);
            assert_eq!(chosen, wanted, "{window:?}, {picture:?}: {share} %");
            assert!(share >= least, "{window:?}, {picture:?}: {share} %");
        }
    }

    #[test]
    fn what_the_user_chose_holds() {
        let mut wish = wish(vec2(1280.0, 800.0), None);
        wish.places = PanelPlaces { list: ListForm::Names, panel: PanelPlace::Below };
        assert_eq!(choose(&wish), WindowLayout { icons: false, panel: PanelSide::Below });
        wish.places.panel = PanelPlace::Over;
        assert_eq!(choose(&wish).panel, PanelSide::Over);
    }

    #[test]
    fn without_a_picture_the_list_has_names_where_they_have_room() {
        for (width, icons) in [(1280.0, false), (480.0, true)] {
            let wish =
                LayoutWish { is_alone: false, ..wish(vec2(width, 800.0), Some(Vec2::splat(1.0))) };
            assert_eq!(choose(&wish).icons, icons);
        }
    }
}
