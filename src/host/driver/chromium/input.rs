//! Puts pointer and keys into Chromium's words, and remembers what is held down.

use serde_json::{Value, json};

use super::shortcut;
use crate::host::keys::{self, Location};
use crate::model::{
    FramePos, FrameSize, Held, InputControl, KeyInput, Modifiers, MouseButton, PointerAt,
};

const MOUSE: &str = "Input.dispatchMouseEvent";
const KEY: &str = "Input.dispatchKeyEvent";
const DRAG: &str = "Input.dispatchDragEvent";

/// One call for a page: method and parameters.
pub(super) type PageCall = (&'static str, Value);

/// Calls in their order. A page takes no mouse before it has answered the end of a drag.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// Ends a drag: the others wait for the answer.
    pub(super) ending: Vec<PageCall>,
    pub(super) calls: Vec<PageCall>,
}

impl From<PageCall> for Calls {
    fn from(call: PageCall) -> Self {
        Self { ending: Vec::new(), calls: vec![call] }
    }
}

/// What is held in one tab.
#[derive(Debug, Default)]
pub(super) struct HeldInTab {
    held: Held<KeyInput>,
    /// Where the pointer was last, for the release of what it holds.
    at: FramePos,
    /// What is dragged, as the browser told it. The page gets no mouse meanwhile: the drag is led by us to its end.
    dragged: Option<Value>,
}

impl HeldInTab {
    pub(super) fn pointer_move(&mut self, at: &PointerAt, page: FrameSize) -> PageCall {
        self.at = at.in_page(page);
        if let Some(data) = &self.dragged {
            return self.drag("dragOver", data, at.modifiers);
        }
        let held = || self.held.buttons.iter().chain(at.held.iter().copied());
        let first = held().next();
        let bits = held().fold(0, |bits, button| bits | bit(button));
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
    ) -> Calls {
        let mut calls = Calls::default();
        if button == MouseButton::Left {
            // The release of what is dragged was lost.
            calls.ending = self.cancel_drag();
        }
        self.at = at.in_page(page);
        self.held.buttons.press(button, clicks);
        calls.calls.push((MOUSE, self.press("mousePressed", button, clicks, at.modifiers)));
        calls
    }

    pub(super) fn pointer_up(
        &mut self,
        at: &PointerAt,
        button: MouseButton,
        clicks: u8,
        page: FrameSize,
    ) -> Calls {
        self.at = at.in_page(page);
        self.held.buttons.release(button);
        let release = self.press("mouseReleased", button, clicks, at.modifiers);
        let mut calls = Calls::from((MOUSE, release));
        if button == MouseButton::Left
            && let Some(data) = self.dragged.take()
        {
            calls.ending = self.drop_here(&data, at.modifiers);
        }
        calls
    }

    /// Returns where the pointer is, in CSS pixels of the page.
    pub(super) fn at(&self) -> FramePos {
        self.at
    }

    /// Tells whether this input lifts something that is down here.
    pub(super) fn is_lifted_by(&self, input: &InputControl) -> bool {
        match input {
            InputControl::PointerUp { button, .. } => self.held.buttons.holds(*button),
            InputControl::KeyUp(key) => self.held.keys.is_released_by(key),
            _ => false,
        }
    }

    /// Whether a move may be the start of a drag that the browser has yet to tell of.
    pub(super) fn may_start_drag(&self) -> bool {
        self.dragged.is_none() && self.held.buttons.holds(MouseButton::Left)
    }

    /// A drag began. Where the button was released before that was known, it ends at once: the page missed the release.
    pub(super) fn drag_started(&mut self, data: Value) -> Calls {
        let none = Modifiers::default();
        let enter = self.drag("dragEnter", &data, none);
        if self.held.buttons.holds(MouseButton::Left) {
            let over = self.drag("dragOver", &data, none);
            self.dragged = Some(data);
            return Calls { ending: Vec::new(), calls: vec![enter, over] };
        }
        let mut ending = vec![enter];
        ending.extend(self.drop_here(&data, none));
        let release = self.press("mouseReleased", MouseButton::Left, 1, none);
        Calls { ending, calls: vec![(MOUSE, release)] }
    }

    /// Ends a drag without a drop.
    pub(super) fn cancel_drag(&mut self) -> Vec<PageCall> {
        let Some(data) = self.dragged.take() else {
            return Vec::new();
        };
        vec![
            self.drag("dragCancel", &data, Modifiers::default()),
            ("Input.cancelDragging", json!({})),
        ]
    }

    pub(super) fn wheel(&mut self, at: &PointerAt, dx: f32, dy: f32, page: FrameSize) -> PageCall {
        self.at = at.in_page(page);
        let far =
            PointerAt { x: dx, y: dy, width: at.width, height: at.height, ..PointerAt::default() }
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

    pub(super) fn key_down(&mut self, key: &KeyInput) -> PageCall {
        let is_new = self.held.keys.press(KeyInput { text: None, ..key.clone() });
        let text = typed(key);
        let mut params = key_params(shortcut::kind(key), key);
        params["autoRepeat"] = json!(key.repeat || !is_new);
        if let Some(text) = text {
            params["text"] = json!(text);
            params["unmodifiedText"] = json!(text);
        }
        if let Some(command) = edit_command(key) {
            params["commands"] = json!([command]);
        }
        (KEY, params)
    }

    pub(super) fn key_up(&mut self, key: &KeyInput) -> PageCall {
        self.held.keys.release(key);
        (KEY, key_params("keyUp", key))
    }

    /// Lifts everything, the last first.
    pub(super) fn release_all(&mut self) -> Calls {
        let none = Modifiers::default();
        let mut calls = Calls { ending: self.cancel_drag(), calls: Vec::new() };
        while let Some(key) = self.held.keys.pop() {
            let key = KeyInput { modifiers: none, ..key };
            calls.calls.push((KEY, key_params("keyUp", &key)));
        }
        while let Some(lifted) = self.held.buttons.pop() {
            calls.calls.push((MOUSE, self.press("mouseReleased", lifted.button, 1, none)));
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

    /// The page is asked at this very place whether it takes the drop.
    fn drop_here(&self, data: &Value, modifiers: Modifiers) -> Vec<PageCall> {
        let step = |kind| self.drag(kind, data, modifiers);
        vec![step("dragOver"), step("drop")]
    }

    fn drag(&self, kind: &str, data: &Value, modifiers: Modifiers) -> PageCall {
        (DRAG, self.mouse(kind, modifiers, json!({ "data": data })))
    }

    fn mouse(&self, kind: &str, modifiers: Modifiers, more: Value) -> Value {
        let mut params = json!({ "type": kind, "x": finite(self.at.x), "y": finite(self.at.y), "modifiers": modifier_bits(modifiers) });
        if let (Value::Object(params), Value::Object(more)) = (&mut params, more) {
            params.extend(more);
        }
        params
    }

    fn bits(&self) -> u8 {
        self.held.buttons.iter().fold(0, |bits, button| bits | bit(button))
    }
}

/// What the key types. A chord types nothing, but for Ctrl+Alt, which is how some keyboards spell AltGr.
fn typed(key: &KeyInput) -> Option<&str> {
    let chord = key.modifiers.meta || (key.modifiers.ctrl && !key.modifiers.alt);
    if chord {
        return None;
    }
    if key.key == "Enter" {
        return Some("\r");
    }
    key.text.as_deref().filter(|text| !text.is_empty())
}

/// Returns what a chord does to text where the browser does not know by itself: Command's chords on a host that is no Mac,
/// and those of either key on one that is, where the window system would see to them.
fn edit_command(key: &KeyInput) -> Option<&'static str> {
    let Modifiers { alt, ctrl, meta, shift } = key.modifiers;
    let is_known = ctrl && !cfg!(target_os = "macos");
    if alt || ctrl == meta || is_known {
        return None;
    }
    match (key.key.to_ascii_lowercase().as_str(), shift) {
        ("c", false) => Some("copy"),
        ("x", false) => Some("cut"),
        ("v", false) => Some("paste"),
        ("a", false) => Some("selectAll"),
        ("z", false) => Some("undo"),
        ("z", true) => Some("redo"),
        _ => None,
    }
}

/// Returns the press and the release by which what is in the browser's clipboard is pasted.
pub(super) fn paste_keys() -> Vec<PageCall> {
    let modifiers = Modifiers { ctrl: true, ..Modifiers::default() };
    let key =
        KeyInput { key: "v".to_owned(), code: "KeyV".to_owned(), modifiers, ..KeyInput::default() };
    let mut down = key_params("rawKeyDown", &key);
    down["commands"] = json!(["paste"]);
    vec![(KEY, down), (KEY, key_params("keyUp", &key))]
}

fn key_params(kind: &str, key: &KeyInput) -> Value {
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

    const PAGE: FrameSize = FrameSize { width: 1280, height: 720 };

    fn key(key: &str, code: &str, text: Option<&str>) -> KeyInput {
        KeyInput {
            key: key.to_owned(),
            code: code.to_owned(),
            text: text.map(str::to_owned),
            ..KeyInput::default()
        }
    }

    #[test]
    fn a_press_is_scaled_to_the_page_and_remembered() {
        let mut held = HeldInTab::default();
        let at = PointerAt {
            x: 320.0,
            y: 180.0,
            width: 640,
            height: 360,
            modifiers: Modifiers { shift: true, alt: true, ..Modifiers::default() },
            ..PointerAt::default()
        };
        let (_, down) = held.pointer_down(&at, MouseButton::Right, 2, PAGE).calls.remove(0);
        assert_eq!(
            down,
            json!({"type": "mousePressed", "x": 640.0, "y": 360.0, "button": "right", "buttons": 2, "clickCount": 2, "modifiers": 9})
        );
        let (_, moved) = held.pointer_move(&at, PAGE);
        assert_eq!((&moved["button"], &moved["buttons"]), (&json!("right"), &json!(2)));
        let (_, up) = held.pointer_up(&at, MouseButton::Right, 2, PAGE).calls.remove(0);
        assert_eq!((&up["type"], &up["buttons"]), (&json!("mouseReleased"), &json!(0)));
        assert_eq!(held.pointer_move(&at, PAGE).1["button"], "none");
    }

    #[test]
    fn wheel_steps_are_scaled_too() {
        let at = PointerAt { x: 10.0, y: 10.0, width: 640, height: 360, ..PointerAt::default() };
        let (_, wheel) = HeldInTab::default().wheel(&at, -5.0, f32::NAN, PAGE);
        assert_eq!(
            (&wheel["deltaX"], &wheel["deltaY"], &wheel["x"]),
            (&json!(-10.0), &json!(0.0), &json!(20.0))
        );
    }

    #[test]
    fn keys_type_only_where_they_should() {
        let ctrl = Modifiers { ctrl: true, ..Modifiers::default() };
        let alt_gr = Modifiers { ctrl: true, alt: true, ..Modifiers::default() };
        for (words, text) in [
            (key("a", "KeyA", Some("a")), Some("a")),
            (key("é", "Digit2", Some("é")), Some("é")),
            (key("Enter", "Enter", None), Some("\r")),
            (key("ArrowLeft", "ArrowLeft", None), None),
            (key("Dead", "BracketLeft", None), None),
            (KeyInput { modifiers: ctrl, ..key("a", "KeyA", Some("a")) }, None),
            (KeyInput { modifiers: alt_gr, ..key("@", "KeyQ", Some("@")) }, Some("@")),
        ] {
            let (_, params) = HeldInTab::default().key_down(&words);
            assert_eq!(
                (params["type"].as_str(), params["text"].as_str()),
                (Some("keyDown"), text),
                "{words:?}"
            );
        }
    }

    #[test]
    #[cfg(not(target_os = "macos"))]
    fn a_chord_with_command_edits_as_one_with_control_does() {
        let chord = |letter: &str, modifiers| {
            let (_, params) = HeldInTab::default()
                .key_down(&KeyInput { modifiers, ..key(letter, "", Some(letter)) });
            params["commands"][0].as_str().map(str::to_owned)
        };
        let meta = Modifiers { meta: true, ..Modifiers::default() };
        let command = |letter, modifiers| chord(letter, modifiers).unwrap_or_default();
        assert_eq!(
            (command("c", meta), command("V", meta)),
            ("copy".to_owned(), "paste".to_owned())
        );
        assert_eq!(command("Z", Modifiers { shift: true, ..meta }), "redo");
        for other in [
            Modifiers { ctrl: true, ..Modifiers::default() },
            Modifiers { ctrl: true, ..meta },
            Modifiers { alt: true, ..meta },
            Modifiers::default(),
        ] {
            assert_eq!(chord("c", other), None, "{other:?}");
        }
    }

    #[test]
    fn a_drag_is_led_to_its_end() {
        let left = MouseButton::Left;
        let at = PointerAt { x: 7.0, y: 9.0, ..PointerAt::default() };
        let data = || json!({ "items": [1] });
        // A bar stands where the page's answer is waited for.
        let kinds = |Calls { ending, calls }: Calls| {
            let kind =
                |(method, params): &PageCall| params["type"].as_str().unwrap_or(method).to_owned();
            let kinds = |calls: &[PageCall]| calls.iter().map(kind).collect::<Vec<_>>().join(" ");
            format!("{}|{}", kinds(&ending), kinds(&calls))
        };
        let mut held = HeldInTab::default();
        assert!(!held.may_start_drag());
        held.pointer_down(&at, left, 1, PAGE);
        assert!(held.may_start_drag());
        assert_eq!(kinds(held.drag_started(data())), "|dragEnter dragOver");
        assert!(!held.may_start_drag());
        let (_, over) = held.pointer_move(&at, PAGE);
        assert_eq!(
            over,
            json!({ "type": "dragOver", "x": 7.0, "y": 9.0, "modifiers": 0, "data": data() })
        );
        let other = kinds(held.pointer_up(&at, MouseButton::Right, 1, PAGE));
        assert_eq!(other, "|mouseReleased");
        let end = kinds(held.pointer_up(&at, left, 1, PAGE));
        assert_eq!(end, "dragOver drop|mouseReleased");
        assert_eq!(held.pointer_move(&at, PAGE).1["type"], "mouseMoved");

        // Told after the release.
        let late = kinds(held.drag_started(data()));
        assert_eq!(late, "dragEnter dragOver drop|mouseReleased");

        let cancel = "dragCancel Input.cancelDragging";
        held.pointer_down(&at, left, 1, PAGE);
        held.drag_started(data());
        let down = kinds(held.pointer_down(&at, left, 1, PAGE));
        assert_eq!(down, format!("{cancel}|mousePressed"));
        held.drag_started(data());
        assert_eq!(kinds(held.release_all()), format!("{cancel}|mouseReleased"));
        assert!(held.cancel_drag().is_empty());
    }

    #[test]
    fn what_is_held_is_lifted_once() {
        let mut held = HeldInTab::default();
        held.key_down(&key("Shift", "ShiftLeft", None));
        held.key_down(&key("A", "KeyA", Some("A")));
        assert_eq!(held.key_down(&key("A", "KeyA", Some("A"))).1["autoRepeat"], true);
        held.pointer_down(&PointerAt::default(), MouseButton::Left, 1, PAGE);
        // Released under another name: the layout's shifted meaning.
        held.key_down(&key("!", "Digit1", Some("!")));
        held.key_up(&key("1", "Digit1", None));
        let lifted: Vec<_> = held
            .release_all()
            .calls
            .into_iter()
            .map(|(_, params)| params.get("code").unwrap_or(&params["button"]).clone())
            .collect();
        assert_eq!(lifted, ["KeyA", "ShiftLeft", "left"]);
        assert!(held.release_all().calls.is_empty());
    }

    #[test]
    fn a_letter_without_a_place_comes_up_in_another_case() {
        for (down, up) in [("É", "é"), ("ö", "Ö"), ("ẞ", "ß"), ("!", "1")] {
            let mut held = HeldInTab::default();
            held.key_down(&key(down, "", Some(down)));
            held.key_up(&key(up, "", None));
            assert!(held.release_all().calls.is_empty(), "{down} stays down");
        }
    }
}
