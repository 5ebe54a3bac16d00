//! What is asked of a session, in three classes: input, page commands, and what participants ask of each other.
//!
//! The host's socket speaks the same words: the `type` of a message is the name of the variant in snake case, and its
//! fields are the variant's. So nothing here is written a second time for the wire.

use serde::{Deserialize, Serialize};
use strum::VariantNames as _;

use super::{FramePoint, FramePos, FrameSize, KeyIdentity, PeopleControl};

/// One thing to do in the session, in the order in which it is pushed.
#[derive(Clone, Debug, PartialEq, Serialize, strum::EnumDiscriminants)]
#[serde(untagged)]
#[strum_discriminants(
    name(ControlClass),
    doc = "The class of a [`Control`], known from its name alone."
)]
pub enum Control {
    Input(InputControl),
    Page(PageControl),
    People(PeopleControl),
}

/// What a hand does: it is stale after a reconnect, and what it holds down has to come up again.
#[derive(
    Clone, Debug, PartialEq, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum InputControl {
    PointerMove(PointerAt),
    /// `clicks`: 1 for a click, 2 for the second press of a double click, …
    PointerDown {
        #[serde(flatten)]
        at: PointerAt,
        button: MouseButton,
        #[serde(default = "one")]
        clicks: u8,
    },
    PointerUp {
        #[serde(flatten)]
        at: PointerAt,
        button: MouseButton,
        #[serde(default = "one")]
        clicks: u8,
    },
    /// `dx` and `dy` are pixels of the picture; positive scrolls right and down.
    Wheel {
        #[serde(flatten)]
        at: PointerAt,
        dx: f32,
        dy: f32,
    },
    KeyDown(KeyInput),
    KeyUp(KeyInput),
    /// Text without keys: an input method's commit, a paste.
    Text {
        text: String,
    },
}

/// A command to the browser about its pages.
#[derive(
    Clone, Debug, PartialEq, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PageControl {
    Navigate {
        url: String,
    },
    Back,
    Forward,
    Reload,
    Stop,
    NewTab {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    SelectTab {
        tab_id: String,
    },
    CloseTab {
        tab_id: String,
    },
    AnswerDialog {
        accept: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// Gives the page this size in CSS pixels.
    Viewport(FrameSize),
}

/// The tab that a page command is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandTab<'a> {
    /// The tab that is shown, unless whoever commands says another one.
    Active,
    Named(&'a str),
    /// A tab that is not there yet.
    New,
}

/// Keys held with an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Modifiers {
    pub alt: bool,
    pub ctrl: bool,
    pub meta: bool,
    pub shift: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MouseButton {
    Left,
    Middle,
    Right,
    Back,
    Forward,
}

/// The pointer at a place in a picture, with what is held meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PointerAt {
    pub x: f32,
    pub y: f32,
    /// Width of the picture that the user saw and in which `x` and `y` count; 0: they count in the page's CSS pixels.
    #[serde(default)]
    pub width: u32,
    /// Height of that picture, as `width`.
    #[serde(default)]
    pub height: u32,
    /// Buttons down after this action.
    #[serde(default)]
    pub held: Vec<MouseButton>,
    #[serde(default)]
    pub modifiers: Modifiers,
}

/// A key that goes down or up, in the words of the DOM's `KeyboardEvent`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeyInput {
    /// `KeyboardEvent.key`: "a", "é", "Enter", "ArrowLeft", …
    pub key: String,
    /// `KeyboardEvent.code`: "KeyA", "Digit1", …; empty where the keyboard does not tell.
    #[serde(default)]
    pub code: String,
    /// What the key types, if it types anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default)]
    pub modifiers: Modifiers,
    #[serde(default)]
    pub repeat: bool,
}

impl KeyIdentity for KeyInput {
    fn code(&self) -> &str {
        &self.code
    }

    fn key(&self) -> &str {
        &self.key
    }
}

fn one() -> u8 {
    1
}

impl Control {
    /// Whether the loss of this one leaves something held down for ever.
    pub fn is_release(&self) -> bool {
        matches!(self, Self::Input(input) if input.is_release())
    }

    /// Whether this is user input (as against a command), stale after a reconnect.
    pub fn is_input(&self) -> bool {
        matches!(self, Self::Input(_))
    }
}

impl ControlClass {
    /// The class to which the control of this name belongs; `None` for a name that none has.
    pub fn of(name: &str) -> Option<Self> {
        let names = [
            (Self::Input, InputControl::VARIANTS),
            (Self::Page, PageControl::VARIANTS),
            (Self::People, PeopleControl::VARIANTS),
        ];
        names.into_iter().find(|(_, names)| names.contains(&name)).map(|(class, _)| class)
    }
}

impl InputControl {
    /// The `type` of its message: "pointer_move".
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// Whether this lifts a key or a button.
    pub fn is_release(&self) -> bool {
        matches!(self, Self::PointerUp { .. } | Self::KeyUp(_))
    }
}

impl PageControl {
    /// The `type` of its message: "new_tab".
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// The tab that this is about.
    pub fn tab(&self) -> CommandTab<'_> {
        match self {
            Self::NewTab { .. } => CommandTab::New,
            Self::SelectTab { tab_id } | Self::CloseTab { tab_id } => CommandTab::Named(tab_id),
            _ => CommandTab::Active,
        }
    }
}

impl PeopleControl {
    /// The `type` of its message: "take_control".
    pub fn name(&self) -> &'static str {
        self.into()
    }
}

impl From<InputControl> for Control {
    fn from(input: InputControl) -> Self {
        Self::Input(input)
    }
}

impl From<PageControl> for Control {
    fn from(command: PageControl) -> Self {
        Self::Page(command)
    }
}

impl From<PeopleControl> for Control {
    fn from(ask: PeopleControl) -> Self {
        Self::People(ask)
    }
}

impl PointerAt {
    /// The place in the picture, without what is held.
    pub fn point(&self) -> FramePoint {
        FramePoint { x: self.x, y: self.y, width: self.width, height: self.height }
    }

    /// The place in pixels of the picture.
    pub fn pos(&self) -> FramePos {
        self.point().pos()
    }

    /// The place in a page of `page` CSS pixels.
    pub fn in_page(&self, page: FrameSize) -> FramePos {
        self.point().in_frame(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_scaled_from_the_picture_to_the_page() {
        let at = PointerAt { x: 320.0, y: 180.0, width: 640, height: 360, ..PointerAt::default() };
        assert_eq!(
            at.in_page(FrameSize { width: 1280, height: 720 }),
            FramePos { x: 640.0, y: 360.0 }
        );
    }

    #[test]
    fn a_name_tells_the_class() {
        for (name, class) in [
            ("pointer_move", Some(ControlClass::Input)),
            ("reload", Some(ControlClass::Page)),
            ("take_control", Some(ControlClass::People)),
            ("screencast", None),
            ("fly", None),
        ] {
            assert_eq!(ControlClass::of(name), class, "{name}");
        }
        let command = PageControl::SelectTab { tab_id: "T".to_owned() };
        assert_eq!((command.name(), command.tab()), ("select_tab", CommandTab::Named("T")));
    }

    #[test]
    fn no_name_is_in_two_classes() {
        let mut names =
            [InputControl::VARIANTS, PageControl::VARIANTS, PeopleControl::VARIANTS].concat();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
