//! Pointer and keys in Chromium's words, and the memory of what is held down.

use serde_json::{Value, json};

use crate::host::keys::{self, Location};
use crate::model::{FramePos, FrameSize, Modifiers, MouseButton};
use crate::protocol::socket::{KeyWords, PointerAt};

const MOUSE: &str = "Input.dispatchMouseEvent";
const KEY: &str = "Input.dispatchKeyEvent";

/// One call for a page: method and parameters.
pub(super) type PageCall = (&'static str, Value);

/// What is held in one tab.
#[derive(Debug, Default)]
pub(super) struct Held {
    keys: Vec<KeyWords>,
    buttons: Vec<MouseButton>,
    /// Where the pointer was last, for the release of what it holds.
    at: FramePos,
}

impl Held {
    pub(super) fn pointer_move(&mut self, at: &PointerAt, page: FrameSize) -> PageCall {
        self.at = at.in_page(page);
        let held = self.buttons.iter().chain(&at.held);
        let first = held.clone().next().copied();
        let bits = held.fold(0, |bits, button| bits | bit(*button));
        (
            MOUSE,
            self.mouse(
                "mouseMoved",
                at.modifiers,
                json!({ "button": first.map_or("none", word), "buttons": bits }),
            ),
        )
    }

    pub(super) fn pointer_down(
        &mut self,
        at: &PointerAt,
        button: MouseButton,
        clicks: u8,
        page: FrameSize,
    ) -> PageCall {
        self.at = at.in_page(page);
        if !self.buttons.contains(&button) {
            self.buttons.push(button);
        }
        (
            MOUSE,
            self.press("mousePressed", button, clicks, at.modifiers),
        )
    }

    pub(super) fn pointer_up(
        &mut self,
        at: &PointerAt,
        button: MouseButton,
        clicks: u8,
        page: FrameSize,
    ) -> PageCall {
        self.at = at.in_page(page);
        self.buttons.retain(|held| *held != button);
        (
            MOUSE,
            self.press("mouseReleased", button, clicks, at.modifiers),
        )
    }

    pub(super) fn wheel(&mut self, at: &PointerAt, dx: f32, dy: f32, page: FrameSize) -> PageCall {
        self.at = at.in_page(page);
        let far = PointerAt {
            x: dx,
            y: dy,
            width: at.width,
            height: at.height,
            ..PointerAt::default()
        }
        .in_page(page);
        (
            MOUSE,
            self.mouse(
                "mouseWheel",
                at.modifiers,
                json!({ "deltaX": finite(far.x), "deltaY": finite(far.y), "buttons": self.bits() }),
            ),
        )
    }

    pub(super) fn key_down(&mut self, key: &KeyWords) -> PageCall {
        let known = self.keys.iter().any(|held| is_same_key(held, key));
        if !known {
            self.keys.push(key.clone());
        }
        let text = typed(key);
        let kind = if text.is_some() {
            "keyDown"
        } else {
            "rawKeyDown"
        };
        let mut params = key_params(kind, key);
        params["autoRepeat"] = json!(key.repeat || known);
        if let Some(text) = text {
            params["text"] = json!(text);
            params["unmodifiedText"] = json!(text);
        }
        (KEY, params)
    }

    pub(super) fn key_up(&mut self, key: &KeyWords) -> PageCall {
        self.keys.retain(|held| !is_same_key(held, key));
        (KEY, key_params("keyUp", key))
    }

    /// Lifts everything, the last first.
    pub(super) fn release_all(&mut self) -> Vec<PageCall> {
        let keys = std::mem::take(&mut self.keys);
        let mut calls: Vec<PageCall> = keys
            .iter()
            .rev()
            .map(|key| {
                (
                    KEY,
                    key_params(
                        "keyUp",
                        &KeyWords {
                            modifiers: Modifiers::default(),
                            ..key.clone()
                        },
                    ),
                )
            })
            .collect();
        while let Some(button) = self.buttons.pop() {
            calls.push((
                MOUSE,
                self.press("mouseReleased", button, 1, Modifiers::default()),
            ));
        }
        calls
    }

    fn press(&self, kind: &str, button: MouseButton, clicks: u8, modifiers: Modifiers) -> Value {
        self.mouse(
            kind,
            modifiers,
            json!({ "button": word(button), "buttons": self.bits(), "clickCount": clicks.max(1) }),
        )
    }

    fn mouse(&self, kind: &str, modifiers: Modifiers, more: Value) -> Value {
        let mut params = json!({ "type": kind, "x": finite(self.at.x), "y": finite(self.at.y), "modifiers": modifier_bits(modifiers) });
        if let (Value::Object(params), Value::Object(more)) = (&mut params, more) {
            params.extend(more);
        }
        params
    }

    fn bits(&self) -> u8 {
        self.buttons
            .iter()
            .fold(0, |bits, button| bits | bit(*button))
    }
}

/// The same physical key: by place where it is told, because Shift changes the meaning between press and release.
fn is_same_key(a: &KeyWords, b: &KeyWords) -> bool {
    if a.code.is_empty() || b.code.is_empty() {
        a.key.eq_ignore_ascii_case(&b.key)
    } else {
        a.code == b.code
    }
}

/// What the key types. A chord types nothing, but for Ctrl+Alt, which is how some keyboards spell AltGr.
fn typed(key: &KeyWords) -> Option<&str> {
    let chord = key.modifiers.meta || (key.modifiers.ctrl && !key.modifiers.alt);
    if chord {
        return None;
    }
    if key.key == "Enter" {
        return Some("\r");
    }
    key.text.as_deref().filter(|text| !text.is_empty())
}

fn key_params(kind: &str, key: &KeyWords) -> Value {
    let mut params = json!({ "type": kind, "key": key.key, "code": key.code, "modifiers": modifier_bits(key.modifiers) });
    if let Some((virtual_key, location)) = keys::lookup(&key.code, &key.key) {
        params["windowsVirtualKeyCode"] = json!(virtual_key);
        params["nativeVirtualKeyCode"] = json!(virtual_key);
        params["location"] = json!(location as u8);
        params["isKeypad"] = json!(location == Location::Numpad);
    }
    params
}

fn modifier_bits(modifiers: Modifiers) -> u8 {
    u8::from(modifiers.alt)
        | u8::from(modifiers.ctrl) << 1
        | u8::from(modifiers.meta) << 2
        | u8::from(modifiers.shift) << 3
}

fn word(button: MouseButton) -> &'static str {
    match button {
        MouseButton::Left => "left",
        MouseButton::Middle => "middle",
        MouseButton::Right => "right",
        MouseButton::Back => "back",
        MouseButton::Forward => "forward",
    }
}

fn bit(button: MouseButton) -> u8 {
    match button {
        MouseButton::Left => 1,
        MouseButton::Right => 2,
        MouseButton::Middle => 4,
        MouseButton::Back => 8,
        MouseButton::Forward => 16,
    }
}

/// JSON has no infinities.
fn finite(value: f32) -> f32 {
    if value.is_finite() { value } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: FrameSize = FrameSize {
        width: 1280,
        height: 720,
    };

    fn key(key: &str, code: &str, text: Option<&str>) -> KeyWords {
        KeyWords {
            key: key.to_owned(),
            code: code.to_owned(),
            text: text.map(str::to_owned),
            ..KeyWords::default()
        }
    }

    #[test]
    fn a_press_is_scaled_to_the_page_and_remembered() {
        let mut held = Held::default();
        let at = PointerAt {
            x: 320.0,
            y: 180.0,
            width: 640,
            height: 360,
            modifiers: Modifiers {
                shift: true,
                alt: true,
                ..Modifiers::default()
            },
            ..PointerAt::default()
        };
        let (_, down) = held.pointer_down(&at, MouseButton::Right, 2, PAGE);
        assert_eq!(
            down,
            json!({"type": "mousePressed", "x": 640.0, "y": 360.0, "button": "right", "buttons": 2, "clickCount": 2, "modifiers": 9})
        );
        let (_, moved) = held.pointer_move(&at, PAGE);
        assert_eq!(
            (&moved["button"], &moved["buttons"]),
            (&json!("right"), &json!(2))
        );
        let (_, up) = held.pointer_up(&at, MouseButton::Right, 2, PAGE);
        assert_eq!(
            (&up["type"], &up["buttons"]),
            (&json!("mouseReleased"), &json!(0))
        );
        assert_eq!(held.pointer_move(&at, PAGE).1["button"], "none");
    }

    #[test]
    fn wheel_steps_are_scaled_too() {
        let at = PointerAt {
            x: 10.0,
            y: 10.0,
            width: 640,
            height: 360,
            ..PointerAt::default()
        };
        let (_, wheel) = Held::default().wheel(&at, -5.0, f32::NAN, PAGE);
        assert_eq!(
            (&wheel["deltaX"], &wheel["deltaY"], &wheel["x"]),
            (&json!(-10.0), &json!(0.0), &json!(20.0))
        );
    }

    #[test]
    fn keys_type_only_where_they_should() {
        let ctrl = Modifiers {
            ctrl: true,
            ..Modifiers::default()
        };
        let alt_gr = Modifiers {
            ctrl: true,
            alt: true,
            ..Modifiers::default()
        };
        for (words, kind, text) in [
            (key("a", "KeyA", Some("a")), "keyDown", Some("a")),
            (key("é", "Digit2", Some("é")), "keyDown", Some("é")),
            (key("Enter", "Enter", None), "keyDown", Some("\r")),
            (key("ArrowLeft", "ArrowLeft", None), "rawKeyDown", None),
            (key("Dead", "BracketLeft", None), "rawKeyDown", None),
            (
                KeyWords {
                    modifiers: ctrl,
                    ..key("a", "KeyA", Some("a"))
                },
                "rawKeyDown",
                None,
            ),
            (
                KeyWords {
                    modifiers: alt_gr,
                    ..key("@", "KeyQ", Some("@"))
                },
                "keyDown",
                Some("@"),
            ),
        ] {
            let (_, params) = Held::default().key_down(&words);
            assert_eq!(
                (params["type"].as_str(), params["text"].as_str()),
                (Some(kind), text),
                "{words:?}"
            );
        }
    }

    #[test]
    fn what_is_held_is_lifted_once() {
        let mut held = Held::default();
        held.key_down(&key("Shift", "ShiftLeft", None));
        held.key_down(&key("A", "KeyA", Some("A")));
        assert_eq!(
            held.key_down(&key("A", "KeyA", Some("A"))).1["autoRepeat"],
            true
        );
        held.pointer_down(&PointerAt::default(), MouseButton::Left, 1, PAGE);
        // Released under another name: the layout's shifted meaning.
        held.key_down(&key("!", "Digit1", Some("!")));
        held.key_up(&key("1", "Digit1", None));
        let lifted: Vec<_> = held
            .release_all()
            .into_iter()
            .map(|(_, params)| params.get("code").unwrap_or(&params["button"]).clone())
            .collect();
        assert_eq!(lifted, ["KeyA", "ShiftLeft", "left"]);
        assert!(held.release_all().is_empty());
    }
}
