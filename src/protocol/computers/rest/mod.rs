//! Turns control into REST actions, for services without a socket of ours.
//!
//! The API has no hover, and its clicks, drags and chords are single actions: the gesture is known only once it ends.
//! So a press waits for its release, and nothing is left held down between calls unless something comes in between.

mod keys;

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use self::keys::{key_name, modifier, modifier_names, typed};
use super::words::{page_address, path_segment};
use crate::model::{
    Control, FramePos, InputControl, KeyInput, Modifiers, MouseButton, PageControl, PointerAt,
};

/// One call below `computers/{id}/`.
#[derive(Clone, Debug, PartialEq)]
pub struct RestCall {
    /// The HTTP method.
    pub method: Method,
    /// The path below `computers/{id}/`.
    pub path: String,
    /// The body in JSON, if the call has one.
    pub body: Option<Value>,
    /// The effect that the caller has to know of.
    pub effect: Effect,
}

/// The effect that a call leaves behind, for the caller who has to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The call leaves nothing behind.
    Nothing,
    /// This key is down from now on.
    KeyDown(String),
    /// This key is up from now on.
    KeyUp(String),
    /// The left button is down from now on.
    MouseDown {
        /// The place in pixels of the picture, from its left side.
        x: i64,
        /// The place in pixels of the picture, from its upper side.
        y: i64,
    },
    /// The left button is up from now on.
    MouseUp,
    /// The call may take as long as a page loads, and it changes the tab list.
    Loads,
    /// The call changes the tab list.
    Tabs,
}

impl RestCall {
    /// Makes the call that lifts a key.
    pub fn key_up(key: &str) -> Self {
        Self { effect: Effect::KeyUp(key.to_owned()), ..post("key-up", json!({ "key": key })) }
    }

    /// Makes the call that lifts the left button, at a place in pixels of the picture.
    pub fn mouse_up(x: i64, y: i64) -> Self {
        Self { effect: Effect::MouseUp, ..post("mouse-up", json!({ "x": x, "y": y })) }
    }
}

/// A pointer that moved less than this between press and release has clicked, not dragged.
const CLICK_RADIUS: f32 = 3.0;

/// Turns [`Control`]s, in order, into calls.
#[derive(Debug, Default)]
pub struct RestActions {
    /// The text that was typed and is not sent yet: what is typed in quick succession is one call.
    text: String,
    press: Option<PendingPress>,
    /// Modifier keys that are down, in the API's words.
    modifiers: BTreeSet<&'static str>,
    /// The only modifier that is down, with nothing done since. Its release makes it a tap.
    tap: Option<&'static str>,
}

#[derive(Debug)]
struct PendingPress {
    button: MouseButton,
    clicks: u8,
    from: FramePos,
    /// `mouse-down` was sent, because something came before the release.
    is_sent: bool,
}

impl RestActions {
    /// Takes a control and returns the calls to make now. Text waits for [`RestActions::flush`] or for the next control
    /// that is not text.
    pub fn push(&mut self, control: &Control) -> Vec<RestCall> {
        let mut calls = Vec::new();
        match control {
            Control::Input(input) => self.input(input, &mut calls),
            Control::Page(command) => {
                self.settle(&mut calls);
                calls.extend(self.flush());
                calls.extend(page_call(command));
            }
            // The API has no word for people, and the session's capabilities say so.
            Control::People(_) => (),
        }
        calls
    }

    /// Returns the call for what was typed. It is to be called whenever nothing more waits to be pushed.
    pub fn flush(&mut self) -> Option<RestCall> {
        let text = std::mem::take(&mut self.text);
        (!text.is_empty()).then(|| post("type", json!({ "text": text })))
    }

    fn type_text(&mut self, text: &str, calls: &mut Vec<RestCall>) {
        self.tap = None;
        self.settle(calls);
        self.text.push_str(text);
    }

    fn input(&mut self, input: &InputControl, calls: &mut Vec<RestCall>) {
        match input {
            // The API has no hover.
            InputControl::PointerMove(_) => (),
            InputControl::PointerDown { at, button, clicks } => {
                self.begin_gesture(calls);
                self.settle(calls);
                match button {
                    MouseButton::Left | MouseButton::Middle | MouseButton::Right => {
                        let (button, clicks) = (*button, *clicks);
                        self.press =
                            Some(PendingPress { button, clicks, from: at.pos(), is_sent: false });
                    }
                    MouseButton::Back => calls.push(hotkey(&["alt", "arrowleft"])),
                    MouseButton::Forward => calls.push(hotkey(&["alt", "arrowright"])),
                }
            }
            InputControl::PointerUp { at, button, .. } => {
                self.begin_gesture(calls);
                if let Some(press) = self.press.take_if(|press| press.button == *button) {
                    release(&press, at, calls);
                }
            }
            InputControl::Wheel { at, dx, dy } => {
                self.begin_gesture(calls);
                self.settle(calls);
                let (x, y) = pixels(at.pos());
                let (dx, dy) = (dx.round() as i64, dy.round() as i64);
                if (dx, dy) != (0, 0) {
                    with_modifiers(
                        at.modifiers,
                        post("scroll", json!({ "dx": dx, "dy": dy, "x": x, "y": y })),
                        calls,
                    );
                }
            }
            InputControl::KeyDown(key) => self.key_down(key, calls),
            InputControl::KeyUp(key) => self.key_up(key, calls),
            InputControl::Text { text } => self.type_text(text, calls),
            // The API has no word for a paste, so its text is typed.
            InputControl::Paste(content) => {
                self.type_text(content.text.as_deref().unwrap_or_default(), calls);
            }
        }
    }

    /// Begins a gesture of the pointer: what was typed before it goes first, and no modifier is merely tapped.
    fn begin_gesture(&mut self, calls: &mut Vec<RestCall>) {
        self.tap = None;
        calls.extend(self.flush());
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

    fn key_down(&mut self, input: &KeyInput, calls: &mut Vec<RestCall>) {
        // A modifier acts with what it modifies; alone it is sent only when it was tapped.
        if let Some(modifier) = modifier(&input.key) {
            let is_first = self.modifiers.is_empty();
            if self.modifiers.insert(modifier) {
                self.tap = is_first.then_some(modifier);
            }
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

    fn key_up(&mut self, input: &KeyInput, calls: &mut Vec<RestCall>) {
        let Some(modifier) = modifier(&input.key) else {
            return;
        };
        self.modifiers.remove(modifier);
        if self.tap.take_if(|tap| *tap == modifier).is_some() {
            calls.extend(self.flush());
            calls.extend([key_down(modifier), RestCall::key_up(modifier)]);
        }
    }
}

fn release(press: &PendingPress, at: &PointerAt, calls: &mut Vec<RestCall>) {
    let (x, y) = pixels(at.pos());
    let has_moved = (at.x - press.from.x).hypot(at.y - press.from.y) > CLICK_RADIUS;
    let call = match press.button {
        MouseButton::Left if press.is_sent => return calls.push(RestCall::mouse_up(x, y)),
        MouseButton::Left if has_moved => {
            let (x1, y1) = pixels(press.from);
            post("drag", json!({ "x1": x1, "y1": y1, "x2": x, "y2": y }))
        }
        button => click(button, press.clicks, press.from),
    };
    with_modifiers(at.modifiers, call, calls);
}

/// Makes the call of a click. The first press of a double click was sent as a click of its own, because waiting for the
/// second would delay every click.
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

fn page_call(command: &PageControl) -> Option<RestCall> {
    let tab = |id: &str, rest: &str| format!("tabs/{}{rest}", path_segment(id));
    let call = |method, path, body, effect| Some(RestCall { method, path, body, effect });
    match command {
        PageControl::Navigate { url } => {
            let body = json!({ "url": page_address(url) });
            call(Method::POST, "navigate".to_owned(), Some(body), Effect::Loads)
        }
        PageControl::Back => Some(hotkey(&["alt", "arrowleft"])),
        PageControl::Forward => Some(hotkey(&["alt", "arrowright"])),
        PageControl::Reload => Some(hotkey(&["f5"])),
        PageControl::Stop => Some(hotkey(&["escape"])),
        PageControl::NewTab { url } => {
            let body =
                url.as_ref().map_or_else(|| json!({}), |url| json!({ "url": page_address(url) }));
            call(Method::POST, "tabs".to_owned(), Some(body), Effect::Loads)
        }
        PageControl::SelectTab { tab_id } => {
            call(Method::POST, tab(tab_id, "/switch"), None, Effect::Tabs)
        }
        PageControl::CloseTab { tab_id } => {
            call(Method::DELETE, tab(tab_id, ""), None, Effect::Tabs)
        }
        PageControl::Viewport(size) => Some(post(
            "viewport",
            json!({ "width": size.width, "height": size.height, "scale_factor": 1 }),
        )),
        // The API has no word for dialogs, and the session's capabilities say so; only our socket tells of form
        // controls and of what was found.
        PageControl::AnswerDialog { .. }
        | PageControl::Choose { .. }
        | PageControl::Zoom { .. }
        | PageControl::Find(_) => None,
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

/// Holds modifiers around a call, because pointer actions carry none.
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
