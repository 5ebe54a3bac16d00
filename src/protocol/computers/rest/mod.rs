//! Control as REST actions, for services without a socket of ours.
//!
//! The API has no hover, and its clicks, drags and chords are single actions: the gesture is known only once it ends.
//! So a press waits for its release, and nothing is left held down between calls unless something comes in between.

mod keys;

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use self::keys::{key_name, modifier, modifier_names, typed};
use super::words::path_segment;
use crate::model::{Control, FramePos, KeyInput, Modifiers, MouseButton, Pointer, PointerInput};

/// One call below `computers/{id}/`.
#[derive(Clone, Debug, PartialEq)]
pub struct RestCall {
    pub method: Method,
    pub path: String,
    pub body: Option<Value>,
    pub effect: Effect,
}

/// What a call leaves behind, for the caller who has to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Nothing,
    KeyDown(String),
    KeyUp(String),
    MouseDown {
        x: i64,
        y: i64,
    },
    MouseUp,
    /// May take as long as a page loads, and changes the tab list.
    Loads,
    /// The tab list changes.
    Tabs,
}

impl RestCall {
    pub fn key_up(key: &str) -> Self {
        Self { effect: Effect::KeyUp(key.to_owned()), ..post("key-up", json!({ "key": key })) }
    }

    pub fn mouse_up(x: i64, y: i64) -> Self {
        Self { effect: Effect::MouseUp, ..post("mouse-up", json!({ "x": x, "y": y })) }
    }
}

/// A pointer that moved less than this between press and release has clicked, not dragged.
const CLICK_RADIUS: f32 = 3.0;

/// Turns [`Control`]s, in order, into calls.
#[derive(Debug, Default)]
pub struct RestActions {
    /// Typed and not yet sent: one call for what is typed in quick succession.
    text: String,
    press: Option<Press>,
    /// Modifier keys that are down, in the API's words.
    modifiers: BTreeSet<&'static str>,
    /// The only modifier down, with nothing done since: its release makes it a tap.
    tap: Option<&'static str>,
}

#[derive(Debug)]
struct Press {
    button: MouseButton,
    clicks: u8,
    from: FramePos,
    /// Whether `mouse-down` was sent, because something came before the release.
    is_sent: bool,
}

impl RestActions {
    /// The calls to make now. Text waits for [`RestActions::flush`] or for the next thing that is not text.
    pub fn push(&mut self, control: &Control) -> Vec<RestCall> {
        let mut calls = Vec::new();
        match control {
            Control::Pointer(input) => self.pointer(input, &mut calls),
            Control::Key(input) => self.key(input, &mut calls),
            Control::Text(text) => self.type_text(text, &mut calls),
            Control::Navigate(_)
            | Control::Back
            | Control::Forward
            | Control::Reload
            | Control::Stop
            | Control::NewTab { .. }
            | Control::SelectTab { .. }
            | Control::CloseTab { .. }
            | Control::AnswerDialog { .. }
            | Control::Viewport(_)
            | Control::People(_) => {
                self.settle(&mut calls);
                calls.extend(self.flush());
                calls.extend(command(control));
            }
        }
        calls
    }

    /// Sends what was typed. To be called whenever nothing more is waiting to be pushed.
    pub fn flush(&mut self) -> Option<RestCall> {
        let text = std::mem::take(&mut self.text);
        (!text.is_empty()).then(|| post("type", json!({ "text": text })))
    }

    fn type_text(&mut self, text: &str, calls: &mut Vec<RestCall>) {
        self.tap = None;
        self.settle(calls);
        self.text.push_str(text);
    }

    fn pointer(&mut self, input: &PointerInput, calls: &mut Vec<RestCall>) {
        if input.kind == Pointer::Move {
            return;
        }
        self.tap = None;
        calls.extend(self.flush());
        match input.kind {
            Pointer::Move => (),
            Pointer::Down { button, clicks } => {
                self.settle(calls);
                match button {
                    MouseButton::Left | MouseButton::Middle | MouseButton::Right => {
                        self.press = Some(Press { button, clicks, from: input.at, is_sent: false });
                    }
                    MouseButton::Back => calls.push(hotkey(&["alt", "arrowleft"])),
                    MouseButton::Forward => calls.push(hotkey(&["alt", "arrowright"])),
                }
            }
            Pointer::Up { button, .. } => {
                if let Some(press) = self.press.take_if(|press| press.button == button) {
                    release(&press, input, calls);
                }
            }
            Pointer::Wheel { dx, dy } => {
                self.settle(calls);
                let (x, y) = pixels(input.at);
                let (dx, dy) = (dx.round() as i64, dy.round() as i64);
                if (dx, dy) != (0, 0) {
                    with_modifiers(
                        input.modifiers,
                        post("scroll", json!({ "dx": dx, "dy": dy, "x": x, "y": y })),
                        calls,
                    );
                }
            }
        }
    }

    /// Sends a press that waits, because what comes now happens while the button is down.
    fn settle(&mut self, calls: &mut Vec<RestCall>) {
        let Some(press) = &mut self.press else { return };
        let (x, y) = pixels(press.from);
        match press.button {
            MouseButton::Left if !press.is_sent => {
                press.is_sent = true;
                calls.push(RestCall {
                    effect: Effect::MouseDown { x, y },
                    ..post("mouse-down", json!({ "x": x, "y": y }))
                });
            }
            MouseButton::Left => (),
            // `mouse-down` knows no button but the left one.
            MouseButton::Middle | MouseButton::Right | MouseButton::Back | MouseButton::Forward => {
                calls.push(click(press.button, press.clicks, press.from));
                self.press = None;
            }
        }
    }

    fn key(&mut self, input: &KeyInput, calls: &mut Vec<RestCall>) {
        if let Some(modifier) = modifier(&input.key) {
            return self.modifier(modifier, input, calls);
        }
        if !input.down {
            return;
        }
        if let Some(text) = typed(input) {
            return self.type_text(text, calls);
        }
        self.tap = None;
        if let Some(key) = key_name(input) {
            self.settle(calls);
            calls.extend(self.flush());
            let mut keys = modifier_names(input.modifiers);
            keys.push(&key);
            calls.push(hotkey(&keys));
        }
    }

    /// A modifier acts with what it modifies; alone it is sent only when it was tapped.
    fn modifier(&mut self, modifier: &'static str, input: &KeyInput, calls: &mut Vec<RestCall>) {
        if input.down {
            let is_first = self.modifiers.is_empty();
            if self.modifiers.insert(modifier) {
                self.tap = is_first.then_some(modifier);
            }
            return;
        }
        self.modifiers.remove(modifier);
        if self.tap.take_if(|tap| *tap == modifier).is_some() {
            calls.extend(self.flush());
            calls.extend([key_down(modifier), RestCall::key_up(modifier)]);
        }
    }
}

fn release(press: &Press, input: &PointerInput, calls: &mut Vec<RestCall>) {
    let (x, y) = pixels(input.at);
    let has_moved = (input.at.x - press.from.x).hypot(input.at.y - press.from.y) > CLICK_RADIUS;
    let call = match press.button {
        MouseButton::Left if press.is_sent => return calls.push(RestCall::mouse_up(x, y)),
        MouseButton::Left if has_moved => {
            let (x1, y1) = pixels(press.from);
            post("drag", json!({ "x1": x1, "y1": y1, "x2": x, "y2": y }))
        }
        button => click(button, press.clicks, press.from),
    };
    with_modifiers(input.modifiers, call, calls);
}

/// The first press of a double click was sent as a click of its own: waiting for the second would delay every click.
fn click(button: MouseButton, clicks: u8, at: FramePos) -> RestCall {
    let (x, y) = pixels(at);
    let place = json!({ "x": x, "y": y });
    match (button, clicks) {
        (MouseButton::Left, 2) => post("double-click", place),
        (MouseButton::Right, _) => post("right-click", place),
        (MouseButton::Middle, _) => post(
            "execute",
            json!({ "action": { "type": "click", "x": x, "y": y, "button": "middle" } }),
        ),
        (MouseButton::Left | MouseButton::Back | MouseButton::Forward, _) => post("click", place),
    }
}

fn command(control: &Control) -> Option<RestCall> {
    let tab = |id: &str, rest: &str| format!("tabs/{}{rest}", path_segment(id));
    let call = |method, path, body, effect| Some(RestCall { method, path, body, effect });
    match control {
        Control::Navigate(url) => {
            call(Method::POST, "navigate".to_owned(), Some(json!({ "url": url })), Effect::Loads)
        }
        Control::Back => Some(hotkey(&["alt", "arrowleft"])),
        Control::Forward => Some(hotkey(&["alt", "arrowright"])),
        Control::Reload => Some(hotkey(&["f5"])),
        Control::Stop => Some(hotkey(&["escape"])),
        Control::NewTab { url } => {
            let body = url.as_ref().map_or_else(|| json!({}), |url| json!({ "url": url }));
            call(Method::POST, "tabs".to_owned(), Some(body), Effect::Loads)
        }
        Control::SelectTab { id } => call(Method::POST, tab(id, "/switch"), None, Effect::Tabs),
        Control::CloseTab { id } => call(Method::DELETE, tab(id, ""), None, Effect::Tabs),
        Control::Viewport(size) => Some(post(
            "viewport",
            json!({ "width": size.width, "height": size.height, "scale_factor": 1 }),
        )),
        // The API has no word for dialogs, and the session's capabilities say so.
        Control::AnswerDialog { .. }
        | Control::People(_)
        | Control::Pointer(_)
        | Control::Key(_)
        | Control::Text(_) => None,
    }
}

fn post(path: &str, body: Value) -> RestCall {
    RestCall {
        method: Method::POST,
        path: path.to_owned(),
        body: Some(body),
        effect: Effect::Nothing,
    }
}

fn hotkey(keys: &[&str]) -> RestCall {
    post("hotkey", json!({ "keys": keys }))
}

fn key_down(key: &str) -> RestCall {
    RestCall { effect: Effect::KeyDown(key.to_owned()), ..post("key-down", json!({ "key": key })) }
}

/// Pointer actions carry no modifiers, so these are held around one.
fn with_modifiers(modifiers: Modifiers, call: RestCall, calls: &mut Vec<RestCall>) {
    let names = modifier_names(modifiers);
    calls.extend(names.iter().map(|key| key_down(key)));
    calls.push(call);
    calls.extend(names.iter().rev().map(|key| RestCall::key_up(key)));
}

fn pixels(at: FramePos) -> (i64, i64) {
    (at.x.round() as i64, at.y.round() as i64)
}

#[cfg(test)]
mod tests;
