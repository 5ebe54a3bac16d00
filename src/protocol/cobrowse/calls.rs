//! Turns control into calls that act in the page.
//!
//! There is no hover, no drag and no key held down: a press waits for its release, and a release far away from its
//! press is refused, not turned into a click somewhere.

use serde_json::{Value, json};

use super::CALL_LIMIT_MS;
use crate::model::{
    Control, FramePos, InputControl, KeyInput, Modifiers, MouseButton, PageControl, PointerAt,
};
use crate::protocol::computers::page_address;

/// A pointer that moved less than this between press and release has clicked.
const CLICK_RADIUS: f32 = 3.0;
/// A wheel that turned by fewer pixels than this has not scrolled.
const LEAST_SCROLL: f32 = 1.0;

/// One call, or the reason why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum RpcCall {
    /// A call that acts in the page.
    Call {
        /// The call's name.
        method: &'static str,
        /// The call's parameters, a JSON object.
        parameters: Value,
    },
    /// The control can't be done here, for the reason in this plain sentence.
    Refused(&'static str),
}

impl RpcCall {
    /// Returns the body of the request; `None` for a refusal.
    pub fn body(&self) -> Option<Value> {
        match self {
            Self::Call { method, parameters } => Some(
                json!({ "method": method, "parameters": parameters, "timeout": CALL_LIMIT_MS }),
            ),
            Self::Refused(_) => None,
        }
    }
}

/// Turns [`Control`]s, in order, into calls.
#[derive(Debug, Default)]
pub struct RpcActions {
    /// The text that was typed and is not sent yet.
    text: String,
    press: Option<(MouseButton, FramePos)>,
    /// The place of the last click, which keys and text go to.
    focus: Option<FramePos>,
}

impl RpcActions {
    /// Takes a control and returns the calls to make now. Text waits for [`RpcActions::flush`] or for the next control
    /// that is not text.
    pub fn push(&mut self, control: &Control) -> Vec<RpcCall> {
        let mut calls = Vec::new();
        match control {
            Control::Input(input) => self.input(input, &mut calls),
            Control::Page(PageControl::Navigate { url }) => {
                calls.extend(self.flush());
                let url = page_address(url);
                calls.push(call("relocate", json!({ "url": url, "newTab": false })));
            }
            Control::Page(PageControl::NewTab { url }) => {
                let url = page_address(url.as_deref().unwrap_or("about:blank"));
                calls.extend(self.flush());
                calls.push(call("open_tab", json!({ "url": url })));
            }
            Control::Page(_) | Control::People(_) => {
                calls.push(RpcCall::Refused("This service has no call for that"));
            }
        }
        calls
    }

    /// Forgets what was begun and is not sent yet, but not where keys go. Returns whether there was anything.
    pub fn forget(&mut self) -> bool {
        let typed = std::mem::take(&mut self.text);
        self.press.take().is_some() || !typed.is_empty()
    }

    /// Returns the call for what was typed. It is to be called whenever nothing more waits to be pushed.
    pub fn flush(&mut self) -> Option<RpcCall> {
        let text = std::mem::take(&mut self.text);
        let parameters = json!({ "target": self.target(), "text": text, "overwrite": false });
        (!text.is_empty()).then(|| call("type", parameters))
    }

    /// Returns where keys go. The page's own focus is not told, so that this is the place of the last click.
    fn target(&self) -> Value {
        match self.focus {
            Some(at) => place(at),
            None => json!(":focus"),
        }
    }

    fn input(&mut self, input: &InputControl, calls: &mut Vec<RpcCall>) {
        match input {
            InputControl::PointerMove(_) | InputControl::KeyUp(_) => (),
            InputControl::PointerDown { at, button, .. } => {
                calls.extend(self.flush());
                self.press = Some((*button, at.pos()));
            }
            InputControl::PointerUp { at, button, .. } => {
                let pressed = self.press.take_if(|(pressed, _)| pressed == button);
                if let Some((_, from)) = pressed {
                    calls.push(self.click(*button, from, at.pos()));
                }
            }
            InputControl::Wheel { at, dx, dy } => {
                calls.extend(self.flush());
                calls.extend(scroll(at, *dx, "horizontal"));
                calls.extend(scroll(at, *dy, "vertical"));
            }
            InputControl::KeyDown(key) => self.key_down(key, calls),
            InputControl::Text { text } => self.text.push_str(text),
            // The service has no clipboard, so the text is typed.
            InputControl::Paste(content) => {
                self.text.push_str(content.text.as_deref().unwrap_or_default());
            }
        }
    }

    fn click(&mut self, button: MouseButton, from: FramePos, to: FramePos) -> RpcCall {
        if (to.x - from.x).hypot(to.y - from.y) > CLICK_RADIUS {
            return RpcCall::Refused("This service can't drag");
        }
        let method = match button {
            MouseButton::Left => "left_click",
            MouseButton::Middle => "middle_click",
            MouseButton::Right => "right_click",
            MouseButton::Back | MouseButton::Forward => {
                return RpcCall::Refused("This service has no call for that button");
            }
        };
        self.focus = Some(from);
        call(method, json!({ "target": place(from), "moveMouse": true }))
    }

    fn key_down(&mut self, input: &KeyInput, calls: &mut Vec<RpcCall>) {
        let is_modifier = matches!(input.key.as_str(), "Control" | "Shift" | "Alt" | "Meta");
        if is_modifier {
            return;
        }
        let Modifiers { alt, ctrl, meta, shift } = input.modifiers;
        let typed = input
            .text
            .as_deref()
            .filter(|text| ctrl == alt && !meta && !text.contains(char::is_control));
        if let Some(text) = typed.filter(|text| !text.is_empty()) {
            self.text.push_str(text);
            return;
        }
        calls.extend(self.flush());
        let options = json!({ "altKey": alt, "ctrlKey": ctrl, "metaKey": meta, "shiftKey": shift });
        calls.push(call(
            "key_press",
            json!({ "target": self.target(), "key": input.key, "options": options }),
        ));
    }
}

/// Makes the call that scrolls by so many pixels: to the right or down, or the other way where `by` is negative.
fn scroll(at: &PointerAt, by: f32, direction: &str) -> Option<RpcCall> {
    let parameters = json!({
        "target": place(at.pos()),
        "amount": by.round() as i64,
        "direction": direction,
    });
    (by.abs() >= LEAST_SCROLL).then(|| call("scroll", parameters))
}

fn place(at: FramePos) -> Value {
    json!([at.x.round() as i64, at.y.round() as i64])
}

fn call(method: &'static str, parameters: Value) -> RpcCall {
    RpcCall::Call { method, parameters }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f32) -> PointerAt {
        PointerAt { x, y: 20.0, ..PointerAt::default() }
    }

    fn press(x: f32) -> Control {
        InputControl::PointerDown { at: at(x), button: MouseButton::Left, clicks: 1 }.into()
    }

    fn lift(x: f32) -> Control {
        InputControl::PointerUp { at: at(x), button: MouseButton::Left, clicks: 1 }.into()
    }

    fn key(name: &str, text: Option<&str>, ctrl: bool) -> Control {
        InputControl::KeyDown(KeyInput {
            key: name.to_owned(),
            text: text.map(str::to_owned),
            modifiers: Modifiers { ctrl, ..Modifiers::default() },
            ..KeyInput::default()
        })
        .into()
    }

    fn made(controls: &[Control]) -> Vec<RpcCall> {
        let mut actions = RpcActions::default();
        let mut calls: Vec<_> = controls.iter().flat_map(|control| actions.push(control)).collect();
        calls.extend(actions.flush());
        calls
    }

    #[test]
    fn a_click_is_made_where_it_was_pressed() {
        assert_eq!(
            made(&[InputControl::PointerMove(at(1.0)).into(), press(10.4), lift(11.0)]),
            [call("left_click", json!({ "target": [10, 20], "moveMouse": true }))]
        );
    }

    #[test]
    fn a_drag_is_refused_and_not_a_click_somewhere() {
        assert_eq!(made(&[press(10.0), lift(90.0)]), [RpcCall::Refused("This service can't drag")]);
    }

    #[test]
    fn keys_typed_in_a_row_are_one_call_to_where_was_clicked() {
        let calls = made(&[
            press(10.0),
            lift(10.0),
            key("h", Some("h"), false),
            key("é", Some("é"), false),
            key("Enter", None, false),
            key("a", Some("a"), true),
        ]);
        let options = |ctrl: bool| json!({ "altKey": false, "ctrlKey": ctrl, "metaKey": false, "shiftKey": false });
        assert_eq!(
            calls[1..],
            [
                call("type", json!({ "target": [10, 20], "text": "hé", "overwrite": false })),
                call(
                    "key_press",
                    json!({ "target": [10, 20], "key": "Enter", "options": options(false) })
                ),
                call(
                    "key_press",
                    json!({ "target": [10, 20], "key": "a", "options": options(true) })
                ),
            ]
        );
    }

    #[test]
    fn wheels_scroll_each_way_and_commands_have_their_calls() {
        let calls = made(&[
            InputControl::Wheel { at: at(5.0), dx: -3.0, dy: 120.0 }.into(),
            PageControl::Navigate { url: "https://a.test".to_owned() }.into(),
            PageControl::Navigate { url: "a.test/x".to_owned() }.into(),
            PageControl::NewTab { url: None }.into(),
            PageControl::NewTab { url: Some("b.test".to_owned()) }.into(),
            PageControl::Back.into(),
        ]);
        assert_eq!(
            calls,
            [
                call(
                    "scroll",
                    json!({ "target": [5, 20], "amount": -3, "direction": "horizontal" })
                ),
                call(
                    "scroll",
                    json!({ "target": [5, 20], "amount": 120, "direction": "vertical" })
                ),
                call("relocate", json!({ "url": "https://a.test", "newTab": false })),
                call("relocate", json!({ "url": "https://a.test/x", "newTab": false })),
                call("open_tab", json!({ "url": "about:blank" })),
                call("open_tab", json!({ "url": "https://b.test/" })),
                RpcCall::Refused("This service has no call for that"),
            ]
        );
    }
}
