//! Defines what is asked of a session, in three classes: input, page commands, and what participants ask of each other.
//!
//! The host's socket speaks the same words: the `type` of a message is the name of the variant in snake case, and its
//! fields are the variant's. So nothing here is written a second time for the wire.

use serde::{Deserialize, Serialize};
use strum::VariantNames as _;

use super::{
    ClipboardContent, FramePoint, FramePos, FrameSize, KeyIdentity, PeopleControl, TextSearch,
};

/// One wish about a session. Wishes are fulfilled in the order in which they are pushed.
#[derive(Clone, Debug, PartialEq, Serialize, strum::EnumDiscriminants)]
#[serde(untagged)]
#[strum_discriminants(
    name(ControlClass),
    doc = "The class of a [`Control`], known from its name alone."
)]
pub enum Control {
    /// What a hand does.
    Input(InputControl),
    /// A command to the browser.
    Page(PageControl),
    /// What one participant asks of the others.
    People(PeopleControl),
}

/// What a hand does. Input is stale after a reconnect, and what it holds down has to come up again.
#[derive(
    Clone, Debug, PartialEq, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum InputControl {
    /// The pointer moves.
    PointerMove(PointerAt),
    /// A mouse button goes down.
    PointerDown {
        /// Where the pointer is.
        #[serde(flatten)]
        at: PointerAt,
        /// Which button goes down.
        button: MouseButton,
        /// 1 for a click, 2 for the second press of a double click, …
        #[serde(default = "one")]
        clicks: u8,
    },
    /// A mouse button comes up.
    PointerUp {
        /// Where the pointer is.
        #[serde(flatten)]
        at: PointerAt,
        /// Which button comes up.
        button: MouseButton,
        /// The number that its press had.
        #[serde(default = "one")]
        clicks: u8,
    },
    /// The wheel turns or a touchpad scrolls.
    Wheel {
        /// Where the pointer is.
        #[serde(flatten)]
        at: PointerAt,
        /// Pixels of the picture; positive scrolls right.
        dx: f32,
        /// Pixels of the picture; positive scrolls down.
        dy: f32,
    },
    /// A key goes down, or repeats while it is down.
    KeyDown(KeyInput),
    /// A key comes up.
    KeyUp(KeyInput),
    /// A text comes without keys, from an input method or typed by a paste.
    Text {
        /// The text to type.
        text: String,
    },
    /// The clipboard's content is pasted, as by the keys of the page's system.
    Paste(ClipboardContent),
}

/// A command to the browser about its pages.
#[derive(
    Clone, Debug, PartialEq, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PageControl {
    /// Opens an address in the active tab.
    Navigate {
        /// The address to open.
        url: String,
    },
    /// Goes one page back.
    Back,
    /// Goes one page forward.
    Forward,
    /// Loads the page again.
    Reload,
    /// Stops loading the page.
    Stop,
    /// Opens a new tab.
    NewTab {
        /// The address to open there; `None` for the usual first page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    /// Shows a tab.
    SelectTab {
        /// Id of the tab.
        tab_id: String,
    },
    /// Closes a tab.
    CloseTab {
        /// Id of the tab.
        tab_id: String,
    },
    /// Answers the dialog that is open.
    AnswerDialog {
        /// Whether the answer is yes.
        accept: bool,
        /// The answer to a prompt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// Chooses in the form control whose list or picker is open.
    Choose {
        /// Id of the control, as it was told.
        id: String,
        /// The values to choose: one, or any number where several can be chosen. A picker's is in HTML's form for its kind.
        values: Vec<String>,
    },
    /// Gives the page this size in CSS pixels.
    Viewport(FrameSize),
    /// Shows the page larger or smaller, as browsers do.
    Zoom {
        /// The size in percent of the page's own.
        percent: u32,
    },
    /// Searches a text in the page, marks all matches and shows the next one.
    Find(TextSearch),
}

/// The tab that a page command is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandTab<'a> {
    /// It is the tab that is shown, unless the sender names another one beside the command.
    Active,
    /// It is the tab with this id.
    Named(&'a str),
    /// It is a tab that is not there yet.
    New,
}

/// The modifier keys that are held with an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Modifiers {
    /// Alt, or Option on macOS.
    pub alt: bool,
    /// Control.
    pub ctrl: bool,
    /// Command on macOS, the Windows or Super key elsewhere.
    pub meta: bool,
    /// Shift.
    pub shift: bool,
}

/// A button of the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MouseButton {
    /// The primary button.
    Left,
    /// The wheel as a button.
    Middle,
    /// The secondary button.
    Right,
    /// The fourth button, which goes back in browsers.
    Back,
    /// The fifth button, which goes forward in browsers.
    Forward,
}

/// The pointer at a place in a picture, with what is held meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PointerAt {
    /// Distance from the left edge.
    pub x: f32,
    /// Distance from the top edge.
    pub y: f32,
    /// Width of the picture that the user saw and in which `x` and `y` count; with 0 they count in the page's CSS
    /// pixels.
    #[serde(default)]
    pub width: u32,
    /// Height of that picture, with the same meaning of 0.
    #[serde(default)]
    pub height: u32,
    /// The buttons that are down after this action.
    #[serde(default)]
    pub held: Vec<MouseButton>,
    /// The modifier keys that are held.
    #[serde(default)]
    pub modifiers: Modifiers,
}

/// A key that goes down or up, in the words of the DOM's `KeyboardEvent`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeyInput {
    /// `KeyboardEvent.key`: "a", "é", "Enter", "ArrowLeft", …
    pub key: String,
    /// `KeyboardEvent.code`: "KeyA", "Digit1", …; empty where the keyboard does not tell it.
    #[serde(default)]
    pub code: String,
    /// What the key types, if it types anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The modifier keys that are held.
    #[serde(default)]
    pub modifiers: Modifiers,
    /// Whether the key was down already.
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
    /// Tells whether the loss of this one would leave something held down for ever.
    pub fn is_release(&self) -> bool {
        matches!(self, Self::Input(input) if input.is_release())
    }

    /// Tells whether this is user input, which is stale after a reconnect, and no command.
    pub fn is_input(&self) -> bool {
        matches!(self, Self::Input(_))
    }
}

impl ControlClass {
    /// Returns the class to which the control of this name belongs; `None` for a name that none has.
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
    /// Returns the `type` of its message, such as "pointer_move".
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// Tells whether this lifts a key or a button.
    pub fn is_release(&self) -> bool {
        matches!(self, Self::PointerUp { .. } | Self::KeyUp(_))
    }
}

impl PageControl {
    /// Returns the `type` of its message, such as "new_tab".
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// Returns the tab that the command is about.
    pub fn tab(&self) -> CommandTab<'_> {
        match self {
            Self::NewTab { .. } => CommandTab::New,
            Self::SelectTab { tab_id } | Self::CloseTab { tab_id } => CommandTab::Named(tab_id),
            _ => CommandTab::Active,
        }
    }
}

impl PeopleControl {
    /// Returns the `type` of its message, such as "take_control".
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
    /// Returns the place in the picture, without what is held.
    pub fn point(&self) -> FramePoint {
        FramePoint { x: self.x, y: self.y, width: self.width, height: self.height }
    }

    /// Returns the place in pixels of the picture.
    pub fn pos(&self) -> FramePos {
        self.point().pos()
    }

    /// Returns the place in a page of `page` CSS pixels.
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
