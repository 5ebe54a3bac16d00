//! Tests what each control becomes on a service without our socket, with its exact JSON.

use super::*;
use crate::model::FrameSize;

const NONE: Modifiers = Modifiers { alt: false, ctrl: false, meta: false, shift: false };
const CTRL: Modifiers = Modifiers { ctrl: true, ..NONE };

fn at(x: f32, y: f32, modifiers: Modifiers) -> PointerAt {
    PointerAt { x, y, width: 1280, height: 720, held: Vec::new(), modifiers }
}

fn down(button: MouseButton, clicks: u8, x: f32, y: f32) -> Control {
    InputControl::PointerDown { at: at(x, y, NONE), button, clicks }.into()
}

fn up(button: MouseButton, x: f32, y: f32) -> Control {
    InputControl::PointerUp { at: at(x, y, NONE), button, clicks: 1 }.into()
}

fn moved(x: f32, y: f32) -> Control {
    InputControl::PointerMove(at(x, y, NONE)).into()
}

fn wheel(dx: f32, dy: f32, at: PointerAt) -> Control {
    InputControl::Wheel { at, dx, dy }.into()
}

fn text(text: &str) -> Control {
    InputControl::Text { text: text.to_owned() }.into()
}

fn key(down: bool, key: &str, code: &str, modifiers: Modifiers) -> Control {
    let text = (key.chars().count() == 1).then(|| key.to_owned());
    let (key, code) = (key.to_owned(), code.to_owned());
    let key = KeyInput { key, code, text, modifiers, repeat: false };
    if down { InputControl::KeyDown(key).into() } else { InputControl::KeyUp(key).into() }
}

fn tap(name: &str, code: &str, modifiers: Modifiers) -> [Control; 2] {
    [key(true, name, code, modifiers), key(false, name, code, modifiers)]
}

/// Calls as lines, "METHOD path body", the last flush included.
fn calls(controls: &[Control]) -> Vec<String> {
    let mut actions = RestActions::default();
    let mut calls: Vec<_> = controls.iter().flat_map(|control| actions.push(control)).collect();
    calls.extend(actions.flush());
    let line = |call: RestCall| {
        let body = call.body.map(|body| format!(" {body}")).unwrap_or_default();
        format!("{} {}{body}", call.method, call.path)
    };
    calls.into_iter().map(line).collect()
}

fn check(controls: &[Control], expected: &[&str]) {
    assert_eq!(calls(controls), expected, "{controls:?}");
}

#[test]
fn presses_and_releases_become_gestures() {
    use MouseButton::{Back, Left, Middle, Right};
    check(&[moved(1.0, 1.0), moved(2.0, 2.0)], &[]);
    check(&[down(Left, 1, 10.4, 20.6), up(Left, 11.0, 20.0)], &[r#"POST click {"x":10,"y":21}"#]);
    check(
        &[down(Left, 2, 10.0, 20.0), up(Left, 10.0, 20.0)],
        &[r#"POST double-click {"x":10,"y":20}"#],
    );
    check(
        &[down(Right, 1, 10.0, 20.0), up(Right, 10.0, 20.0)],
        &[r#"POST right-click {"x":10,"y":20}"#],
    );
    check(
        &[down(Middle, 1, 10.0, 20.0), up(Middle, 10.0, 20.0)],
        &[r#"POST execute {"action":{"button":"middle","type":"click","x":10,"y":20}}"#],
    );
    check(
        &[down(Back, 1, 1.0, 1.0), up(Back, 1.0, 1.0)],
        &[r#"POST hotkey {"keys":["alt","arrowleft"]}"#],
    );
    check(
        &[down(Left, 1, 10.0, 20.0), moved(50.0, 60.0), up(Left, 100.0, 200.0)],
        &[r#"POST drag {"x1":10,"x2":100,"y1":20,"y2":200}"#],
    );
    check(&[up(Left, 1.0, 1.0)], &[]);
}

#[test]
fn what_happens_during_a_press_makes_it_real() {
    use MouseButton::{Left, Right};
    check(
        &[down(Left, 1, 10.0, 20.0), key(true, "Escape", "Escape", NONE), up(Left, 30.0, 40.0)],
        &[
            r#"POST mouse-down {"x":10,"y":20}"#,
            r#"POST hotkey {"keys":["escape"]}"#,
            r#"POST mouse-up {"x":30,"y":40}"#,
        ],
    );
    check(
        &[down(Right, 1, 1.0, 2.0), text("a"), up(Right, 1.0, 2.0)],
        &[r#"POST right-click {"x":1,"y":2}"#, r#"POST type {"text":"a"}"#],
    );
}

#[test]
fn wheels_scroll_and_modifiers_are_held_around_pointer_actions() {
    let wheel = |dx, dy, modifiers| wheel(dx, dy, at(5.0, 6.0, modifiers));
    check(
        &[wheel(0.0, 120.4, NONE), wheel(0.1, 0.2, NONE)],
        &[r#"POST scroll {"dx":0,"dy":120,"x":5,"y":6}"#],
    );
    check(
        &[
            key(true, "Control", "ControlLeft", NONE),
            InputControl::PointerDown {
                at: at(1.0, 2.0, CTRL),
                button: MouseButton::Left,
                clicks: 1,
            }
            .into(),
            InputControl::PointerUp {
                at: at(1.0, 2.0, CTRL),
                button: MouseButton::Left,
                clicks: 1,
            }
            .into(),
            key(false, "Control", "ControlLeft", NONE),
        ],
        &[
            r#"POST key-down {"key":"ctrl"}"#,
            r#"POST click {"x":1,"y":2}"#,
            r#"POST key-up {"key":"ctrl"}"#,
        ],
    );
}

#[test]
fn keys_type_or_command() {
    let shift = Modifiers { shift: true, ..NONE };
    let alt_gr = Modifiers { alt: true, ..CTRL };
    let typing: Vec<_> =
        [tap("H", "KeyH", shift), tap("é", "Digit2", NONE), tap("@", "KeyQ", alt_gr)].concat();
    check(&typing, &[r#"POST type {"text":"Hé@"}"#]);
    check(
        &[tap("a", "KeyA", NONE), tap("Enter", "Enter", NONE), tap("b", "KeyB", NONE)].concat(),
        &[
            r#"POST type {"text":"a"}"#,
            r#"POST hotkey {"keys":["enter"]}"#,
            r#"POST type {"text":"b"}"#,
        ],
    );
    check(&tap("c", "KeyC", CTRL), &[r#"POST hotkey {"keys":["ctrl","c"]}"#]);
    check(&tap("с", "KeyC", CTRL), &[r#"POST hotkey {"keys":["ctrl","c"]}"#]);
    check(
        &tap("T", "KeyT", Modifiers { shift: true, ..CTRL }),
        &[r#"POST hotkey {"keys":["ctrl","shift","t"]}"#],
    );
    check(&tap(" ", "Space", CTRL), &[r#"POST hotkey {"keys":["ctrl","space"]}"#]);
    check(&tap("F12", "F12", NONE), &[r#"POST hotkey {"keys":["f12"]}"#]);
    check(
        &[tap("F25", "", NONE), tap("MediaPlay", "", NONE), tap("CapsLock", "", NONE)].concat(),
        &[],
    );
}

#[test]
fn only_a_lone_modifier_is_a_tap() {
    let alt = Modifiers { alt: true, ..NONE };
    check(
        &tap("Alt", "AltLeft", NONE),
        &[r#"POST key-down {"key":"alt"}"#, r#"POST key-up {"key":"alt"}"#],
    );
    check(
        &[
            key(true, "Alt", "AltLeft", NONE),
            key(true, "x", "KeyX", alt),
            key(false, "x", "KeyX", alt),
            key(false, "Alt", "AltLeft", NONE),
        ],
        &[r#"POST hotkey {"keys":["alt","x"]}"#],
    );
    // The chord that leaves control: its letter never reaches the session.
    check(
        &[
            key(true, "Control", "ControlLeft", NONE),
            key(true, "Alt", "AltLeft", NONE),
            key(false, "Alt", "AltLeft", NONE),
            key(false, "Control", "ControlLeft", NONE),
        ],
        &[],
    );
}

#[test]
fn commands_have_their_calls() {
    for (control, call) in [
        (
            PageControl::Navigate { url: "https://a.test".to_owned() },
            r#"POST navigate {"url":"https://a.test"}"#,
        ),
        (PageControl::Back, r#"POST hotkey {"keys":["alt","arrowleft"]}"#),
        (PageControl::Forward, r#"POST hotkey {"keys":["alt","arrowright"]}"#),
        (PageControl::Reload, r#"POST hotkey {"keys":["f5"]}"#),
        (PageControl::Stop, r#"POST hotkey {"keys":["escape"]}"#),
        (PageControl::NewTab { url: None }, "POST tabs {}"),
        (PageControl::NewTab { url: Some("u".to_owned()) }, r#"POST tabs {"url":"u"}"#),
        (PageControl::SelectTab { tab_id: "T/1".to_owned() }, "POST tabs/T%2F1/switch"),
        (PageControl::CloseTab { tab_id: "T1".to_owned() }, "DELETE tabs/T1"),
        (
            PageControl::Viewport(FrameSize { width: 800, height: 600 }),
            r#"POST viewport {"height":600,"scale_factor":1,"width":800}"#,
        ),
    ] {
        check(&[control.into()], &[call]);
    }
    check(&[PageControl::AnswerDialog { accept: true, text: None }.into()], &[]);
}

#[test]
fn order_is_kept_across_kinds() {
    use MouseButton::Left;
    let typed = text("hi");
    check(
        &[
            typed.clone(),
            down(Left, 1, 1.0, 1.0),
            up(Left, 1.0, 1.0),
            typed,
            PageControl::Reload.into(),
        ],
        &[
            r#"POST type {"text":"hi"}"#,
            r#"POST click {"x":1,"y":1}"#,
            r#"POST type {"text":"hi"}"#,
            r#"POST hotkey {"keys":["f5"]}"#,
        ],
    );
}
