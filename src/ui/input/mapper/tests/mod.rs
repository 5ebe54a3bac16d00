//! Tests layouts, chords, clicks and drags as tables, and any sequence of events at all.

use std::collections::BTreeMap;
use std::time::Duration;

use egui::{Modifiers, MouseWheelUnit, PointerButton, Pos2, Rect, TouchPhase, pos2, vec2};

mod pointer;

use super::*;
use crate::model::{self, FramePos, FrameSize, KeyInput, MouseButton, PointerAt};
use crate::ui::picture::{FrameToUi, View};

const CTRL: Modifiers = Modifiers { ctrl: true, command: true, ..Modifiers::NONE };

/// Makes a press or release of the key that types `key` on the layout in use and lies at `place` on a US keyboard.
fn key_event(key: Key, place: Option<Key>, pressed: bool, modifiers: Modifiers) -> Event {
    Event::Key { key, physical_key: place, pressed, repeat: false, modifiers }
}

fn down(key: Key, modifiers: Modifiers) -> Event {
    key_event(key, Some(key), true, modifiers)
}

fn up(key: Key, modifiers: Modifiers) -> Event {
    key_event(key, Some(key), false, modifiers)
}

fn text(text: &str) -> Event {
    Event::Text(text.to_owned())
}

/// Writes each control as a line such as "down KeyA a [text] shift".
fn told(controls: &[InputControl]) -> Vec<String> {
    controls.iter().map(tell).collect()
}

fn tell(control: &InputControl) -> String {
    match control {
        InputControl::KeyDown(key) if key.repeat => tell_key("again", key),
        InputControl::KeyDown(key) => tell_key("down", key),
        InputControl::KeyUp(key) => tell_key("up", key),
        InputControl::Text { text } => format!("text {text}"),
        InputControl::Paste(content) => format!("paste {content:?}"),
        InputControl::PointerMove(at) => tell_pointer("move", at),
        InputControl::PointerDown { at, button, clicks } => {
            tell_pointer(&format!("press {button:?} x{clicks}"), at)
        }
        InputControl::PointerUp { at, button, clicks } => {
            tell_pointer(&format!("lift {button:?} x{clicks}"), at)
        }
        InputControl::Wheel { at, dx, dy } => tell_pointer(&format!("wheel {dx},{dy}"), at),
    }
}

fn tell_key(what: &str, input: &KeyInput) -> String {
    let mut line = format!("{what} {} {}", input.code, input.key);
    if let Some(text) = &input.text {
        line += &format!(" [{text}]");
    }
    line + &tell_modifiers(input.modifiers)
}

fn tell_pointer(what: &str, at: &PointerAt) -> String {
    let held: Vec<_> = at.held.iter().map(|b| format!(" +{b:?}")).collect();
    format!("{what} {},{}{}{}", at.x, at.y, held.concat(), tell_modifiers(at.modifiers))
}

fn tell_modifiers(modifiers: model::Modifiers) -> String {
    let model::Modifiers { alt, ctrl, meta, shift } = modifiers;
    let names = [(alt, " alt"), (ctrl, " ctrl"), (meta, " meta"), (shift, " shift")];
    let held = names.into_iter().filter(|(held, _)| *held);
    held.map(|(_, name)| name).collect()
}

fn check(events: &[Event], wanted: &[&str]) {
    check_on(AltKey::Chords, events, wanted);
}

#[track_caller]
fn check_on(alt: AltKey, events: &[Event], wanted: &[&str]) {
    let mut mapper = InputMapper::new(alt);
    let controls = mapper.map(events, None, Instant::now());
    assert_eq!(told(&controls), wanted);
}

#[test]
fn letters_and_their_layouts() {
    let none = Modifiers::NONE;
    let typed = |key, place, word: &str, modifiers| {
        [
            key_event(key, place, true, modifiers),
            text(word),
            key_event(key, place, false, modifiers),
        ]
    };
    let check = |events: [Event; 3], wanted: &[&str]| check(&events, wanted);
    // This is the US layout.
    check(typed(Key::A, Some(Key::A), "a", none), &["down KeyA a [a]", "up KeyA a"]);
    check(
        typed(Key::A, Some(Key::A), "A", Modifiers::SHIFT),
        &["down KeyA A [A] shift", "up KeyA A shift"],
    );
    // On the German layout ß and ö have no key of egui's own, so the place stands in.
    check(typed(Key::Minus, Some(Key::Minus), "ß", none), &["down Minus ß [ß]", "up Minus ß"]);
    check(
        typed(Key::Semicolon, Some(Key::Semicolon), "ö", none),
        &["down Semicolon ö [ö]", "up Semicolon ö"],
    );
    check(typed(Key::Z, Some(Key::Y), "z", none), &["down KeyY z [z]", "up KeyY z"]);
    // This is the French AZERTY layout.
    check(typed(Key::A, Some(Key::Q), "a", none), &["down KeyQ a [a]", "up KeyQ a"]);
    check(typed(Key::Num1, Some(Key::Num1), "&", none), &["down Digit1 & [&]", "up Digit1 &"]);
    check(
        typed(Key::Num1, Some(Key::Num1), "1", Modifiers::SHIFT),
        &["down Digit1 1 [1] shift", "up Digit1 1 shift"],
    );
    check(
        typed(Key::IntlBackslash, Some(Key::IntlBackslash), "<", none),
        &["down IntlBackslash < [<]", "up IntlBackslash <"],
    );
    // This is a Cyrillic layout.
    check(typed(Key::A, Some(Key::A), "ф", none), &["down KeyA ф [ф]", "up KeyA ф"]);
    // The numpad types with NumLock, and moves without.
    check(typed(Key::Num5, Some(Key::Num5), "5", none), &["down Digit5 5 [5]", "up Digit5 5"]);
    check(
        typed(Key::Plus, Some(Key::Plus), "+", none),
        &["down NumpadAdd + [+]", "up NumpadAdd +"],
    );
    check(typed(Key::Space, Some(Key::Space), " ", none), &["down Space   [ ]", "up Space  "]);
}

#[test]
fn keys_that_type_nothing() {
    let events = [
        down(Key::Tab, Modifiers::NONE),
        up(Key::Tab, Modifiers::NONE),
        down(Key::Escape, Modifiers::NONE),
        up(Key::Escape, Modifiers::NONE),
        down(Key::Enter, Modifiers::NONE),
        up(Key::Enter, Modifiers::NONE),
        key_event(Key::ArrowLeft, Some(Key::Num4), true, Modifiers::NONE),
        key_event(Key::ArrowLeft, Some(Key::Num4), false, Modifiers::NONE),
    ];
    let wanted = [
        "down Tab Tab",
        "up Tab Tab",
        "down Escape Escape",
        "up Escape Escape",
        "down Enter Enter",
        "up Enter Enter",
        "down Numpad4 ArrowLeft",
        "up Numpad4 ArrowLeft",
    ];
    check(&events, &wanted);
    // Somebody else's text after such a key stays a text of its own.
    let events = [down(Key::ArrowLeft, Modifiers::NONE), text("é")];
    check(&events, &["down ArrowLeft ArrowLeft", "text é"]);
}

#[test]
fn text_without_a_key_is_text() {
    check(&[text("é")], &["text é"]);
    check(&[Event::Paste("👩‍🚀 ok\nbye".to_owned())], &["text 👩‍🚀 ok\nbye"]);
    check(&[Event::Paste(String::new()), text("")], &[]);
    let preedit =
        Event::Ime(ImeEvent::Preedit { text: "nihon".to_owned(), active_range_chars: None });
    let commit = Event::Ime(ImeEvent::Commit("日本語".to_owned()));
    check(&[preedit.clone(), commit], &["text 日本語"]);
    let mut mapper = InputMapper::default();
    assert!(mapper.map(&[preedit], None, Instant::now()).is_empty());
    assert_eq!(mapper.preedit(), "nihon");
    mapper.release_all();
    assert_eq!(mapper.preedit(), "");
}

#[test]
fn a_dead_key_waits_and_its_letter_is_typed() {
    let events = [
        down(Key::Equals, Modifiers::NONE),
        up(Key::Equals, Modifiers::NONE),
        down(Key::E, Modifiers::NONE),
        text("é"),
        up(Key::E, Modifiers::NONE),
    ];
    let wanted = ["down Equal Dead", "up Equal Dead", "down KeyE é [é]", "up KeyE é"];
    check(&events, &wanted);
}

#[test]
fn alt_gr_types_without_a_chord() {
    // On X11 egui does not count AltGr as a modifier.
    let events = [
        down(Key::AltRight, Modifiers::NONE),
        down(Key::Q, Modifiers::NONE),
        text("@"),
        up(Key::Q, Modifiers::NONE),
        up(Key::AltRight, Modifiers::NONE),
    ];
    let wanted = ["down AltRight AltGraph", "down KeyQ @ [@]", "up KeyQ @", "up AltRight AltGraph"];
    check(&events, &wanted);
    // Windows presses Ctrl before AltGr and takes it back.
    let events = [
        down(Key::ControlLeft, Modifiers::NONE),
        Event::ModifiersChanged(CTRL),
        down(Key::AltRight, Modifiers::NONE),
        Event::ModifiersChanged(Modifiers::NONE),
        down(Key::Q, Modifiers::NONE),
        text("@"),
    ];
    let wanted = [
        "down ControlLeft Control ctrl",
        "down AltRight AltGraph",
        "up ControlLeft Control",
        "down KeyQ @ [@]",
    ];
    check(&events, &wanted);
    // On a US layout the right Alt is an Alt.
    let events = [
        down(Key::AltRight, Modifiers::NONE),
        Event::ModifiersChanged(Modifiers::ALT),
        down(Key::F, Modifiers::ALT),
        text("f"),
    ];
    check(&events, &["down AltRight Alt alt", "down KeyF f alt"]);
}

#[test]
fn option_types_on_a_mac_and_alt_makes_a_chord_elsewhere() {
    let events = [down(Key::L, Modifiers::ALT), text("@")];
    check_on(AltKey::Composes, &events, &["down KeyL @ [@]"]);
    let events = [down(Key::Semicolon, Modifiers::ALT), text("ö")];
    check_on(AltKey::Chords, &events, &["down Semicolon ö alt"]);
    let events = [down(Key::F4, Modifiers::ALT), up(Key::F4, Modifiers::ALT)];
    check(&events, &["down F4 F4 alt", "up F4 F4 alt"]);
}

#[test]
fn chords_go_to_the_session_as_keys() {
    let events = [
        down(Key::ControlLeft, Modifiers::NONE),
        Event::ModifiersChanged(CTRL),
        down(Key::W, CTRL),
        up(Key::ControlLeft, CTRL),
        Event::ModifiersChanged(Modifiers::NONE),
        up(Key::W, Modifiers::NONE),
    ];
    let wanted = [
        "down ControlLeft Control ctrl",
        "down KeyW w ctrl",
        "up ControlLeft Control",
        "up KeyW w",
    ];
    check(&events, &wanted);
    let shifted = CTRL | Modifiers::SHIFT;
    check(&[down(Key::T, shifted)], &["down KeyT T ctrl shift"]);
}

#[test]
fn super_makes_a_chord_although_egui_neither_tells_it_nor_keeps_the_text() {
    let events = [
        down(Key::SuperLeft, Modifiers::NONE),
        down(Key::A, Modifiers::NONE),
        text("a"),
        up(Key::A, Modifiers::NONE),
        text("é"),
        up(Key::SuperLeft, Modifiers::NONE),
        text("é"),
    ];
    let wanted = [
        "down MetaLeft Meta meta",
        "down KeyA a meta",
        "up KeyA a meta",
        "up MetaLeft Meta",
        "text é",
    ];
    check(&events, &wanted);
}

#[test]
fn left_and_right_modifiers_are_keys_of_their_own() {
    let shift = Modifiers::SHIFT;
    let events = [
        down(Key::ShiftLeft, Modifiers::NONE),
        Event::ModifiersChanged(shift),
        down(Key::ShiftRight, shift),
        up(Key::ShiftLeft, shift),
        up(Key::ShiftRight, shift),
        Event::ModifiersChanged(Modifiers::NONE),
    ];
    let wanted = [
        "down ShiftLeft Shift shift",
        "down ShiftRight Shift shift",
        "up ShiftLeft Shift shift",
        "up ShiftRight Shift",
    ];
    check(&events, &wanted);
}

#[test]
fn a_held_key_repeats_and_comes_up_once() {
    let events = [
        down(Key::A, Modifiers::NONE),
        text("a"),
        down(Key::A, Modifiers::NONE),
        text("a"),
        down(Key::A, Modifiers::SHIFT),
        text("A"),
        up(Key::A, Modifiers::SHIFT),
        up(Key::A, Modifiers::NONE),
    ];
    let wanted =
        ["down KeyA a [a]", "again KeyA a [a]", "again KeyA a [A] shift", "up KeyA a shift"];
    check(&events, &wanted);
}

#[test]
fn ups_find_their_downs_after_the_modifiers_changed() {
    // Shift+1 goes down as "!" and comes up as "1".
    let events = [
        key_event(Key::Exclamationmark, Some(Key::Num1), true, Modifiers::SHIFT),
        text("!"),
        key_event(Key::Num1, Some(Key::Num1), false, Modifiers::NONE),
    ];
    check(&events, &["down Digit1 ! [!] shift", "up Digit1 !"]);
    // The same events come from a keyboard that does not tell places.
    let events = [
        key_event(Key::Exclamationmark, None, true, Modifiers::SHIFT),
        text("!"),
        key_event(Key::Num1, None, false, Modifiers::NONE),
    ];
    check(&events, &["down Digit1 ! [!] shift", "up Digit1 !"]);
}

#[test]
fn a_missed_release_of_a_modifier_is_made_up_for() {
    let events = [
        down(Key::ControlLeft, Modifiers::NONE),
        Event::ModifiersChanged(CTRL),
        Event::ModifiersChanged(Modifiers::NONE),
        down(Key::A, Modifiers::NONE),
        text("a"),
    ];
    let wanted = ["down ControlLeft Control ctrl", "up ControlLeft Control", "down KeyA a [a]"];
    check(&events, &wanted);
}

#[test]
fn clipboard_events_become_the_chords_they_were() {
    let wanted = [
        "down ControlLeft Control ctrl",
        "down KeyC c ctrl",
        "up KeyC c ctrl",
        "up ControlLeft Control",
    ];
    check(&[Event::Copy, up(Key::C, Modifiers::NONE)], &wanted);
    let events = [down(Key::ControlLeft, Modifiers::NONE), Event::Cut];
    let wanted = ["down ControlLeft Control ctrl", "down KeyX x ctrl", "up KeyX x ctrl"];
    check(&events, &wanted);
    let wanted =
        ["down MetaLeft Meta meta", "down KeyC c meta", "up KeyC c meta", "up MetaLeft Meta"];
    check_on(AltKey::Composes, &[Event::Copy], &wanted);
}

#[test]
fn everything_comes_up_when_the_window_loses_the_focus() {
    let events = [
        down(Key::AltLeft, Modifiers::NONE),
        Event::ModifiersChanged(Modifiers::ALT),
        down(Key::Tab, Modifiers::ALT),
        Event::WindowFocused(false),
        up(Key::Tab, Modifiers::NONE),
    ];
    let wanted = ["down AltLeft Alt alt", "down Tab Tab alt", "up Tab Tab alt", "up AltLeft Alt"];
    check(&events, &wanted);
}
