//! Layouts, chords, clicks and drags as tables; and any sequence of events at all.

use std::collections::BTreeMap;
use std::time::Duration;

use egui::{Modifiers, MouseWheelUnit, PointerButton, Pos2, Rect, TouchPhase, pos2, vec2};

use super::*;
use crate::model::{self, FramePos, FrameSize, KeyInput, MouseButton, Pointer, PointerInput};
use crate::ui::picture::{FrameToUi, View};

const CTRL: Modifiers = Modifiers {
    ctrl: true,
    command: true,
    ..Modifiers::NONE
};

/// A press or release of the key that types `key` on the layout in use and lies at `place` on a US keyboard.
fn key_event(key: Key, place: Option<Key>, pressed: bool, modifiers: Modifiers) -> Event {
    Event::Key {
        key,
        physical_key: place,
        pressed,
        repeat: false,
        modifiers,
    }
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

/// "down KeyA a [text] shift", one line for each control.
fn told(controls: &[Control]) -> Vec<String> {
    controls.iter().map(tell).collect()
}

fn tell(control: &Control) -> String {
    match control {
        Control::Key(input) => tell_key(input),
        Control::Text(text) => format!("text {text}"),
        Control::Pointer(input) => tell_pointer(input),
        other => panic!("not input: {other:?}"),
    }
}

fn tell_key(input: &KeyInput) -> String {
    let mut line = match (input.down, input.repeat) {
        (true, false) => "down".to_owned(),
        (true, true) => "again".to_owned(),
        (false, _) => "up".to_owned(),
    };
    line += &format!(" {} {}", input.code, input.key);
    if let Some(text) = &input.text {
        line += &format!(" [{text}]");
    }
    line + &tell_modifiers(input.modifiers)
}

fn tell_pointer(input: &PointerInput) -> String {
    let at = format!("{},{}", input.at.x, input.at.y);
    let line = match input.kind {
        Pointer::Move => format!("move {at}"),
        Pointer::Down { button, clicks } => format!("press {button:?} x{clicks} {at}"),
        Pointer::Up { button, clicks } => format!("lift {button:?} x{clicks} {at}"),
        Pointer::Wheel { dx, dy } => format!("wheel {dx},{dy} {at}"),
    };
    let held: Vec<_> = input.held.iter().map(|b| format!(" +{b:?}")).collect();
    line + &held.concat() + &tell_modifiers(input.modifiers)
}

fn tell_modifiers(modifiers: model::Modifiers) -> String {
    let model::Modifiers {
        alt,
        ctrl,
        meta,
        shift,
    } = modifiers;
    let names = [
        (alt, " alt"),
        (ctrl, " ctrl"),
        (meta, " meta"),
        (shift, " shift"),
    ];
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
    // US
    check(
        typed(Key::A, Some(Key::A), "a", none),
        &["down KeyA a [a]", "up KeyA a"],
    );
    check(
        typed(Key::A, Some(Key::A), "A", Modifiers::SHIFT),
        &["down KeyA A [A] shift", "up KeyA A shift"],
    );
    // German: ß and ö have no key of egui's own, so that the place stands in
    check(
        typed(Key::Minus, Some(Key::Minus), "ß", none),
        &["down Minus ß [ß]", "up Minus ß"],
    );
    check(
        typed(Key::Semicolon, Some(Key::Semicolon), "ö", none),
        &["down Semicolon ö [ö]", "up Semicolon ö"],
    );
    check(
        typed(Key::Z, Some(Key::Y), "z", none),
        &["down KeyY z [z]", "up KeyY z"],
    );
    // French AZERTY
    check(
        typed(Key::A, Some(Key::Q), "a", none),
        &["down KeyQ a [a]", "up KeyQ a"],
    );
    check(
        typed(Key::Num1, Some(Key::Num1), "&", none),
        &["down Digit1 & [&]", "up Digit1 &"],
    );
    check(
        typed(Key::Num1, Some(Key::Num1), "1", Modifiers::SHIFT),
        &["down Digit1 1 [1] shift", "up Digit1 1 shift"],
    );
    check(
        typed(Key::IntlBackslash, Some(Key::IntlBackslash), "<", none),
        &["down IntlBackslash < [<]", "up IntlBackslash <"],
    );
    // Cyrillic
    check(
        typed(Key::A, Some(Key::A), "ф", none),
        &["down KeyA ф [ф]", "up KeyA ф"],
    );
    // Numpad: with NumLock it types, without it moves
    check(
        typed(Key::Num5, Some(Key::Num5), "5", none),
        &["down Digit5 5 [5]", "up Digit5 5"],
    );
    check(
        typed(Key::Plus, Some(Key::Plus), "+", none),
        &["down NumpadAdd + [+]", "up NumpadAdd +"],
    );
    check(
        typed(Key::Space, Some(Key::Space), " ", none),
        &["down Space   [ ]", "up Space  "],
    );
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
    check(
        &[Event::Paste("👩‍🚀 ok\nbye".to_owned())],
        &["text 👩‍🚀 ok\nbye"],
    );
    check(&[Event::Paste(String::new()), text("")], &[]);
    let preedit = Event::Ime(ImeEvent::Preedit {
        text: "nihon".to_owned(),
        active_range_chars: None,
    });
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
    let wanted = [
        "down Equal Dead",
        "up Equal Dead",
        "down KeyE é [é]",
        "up KeyE é",
    ];
    check(&events, &wanted);
}

#[test]
fn alt_gr_types_without_a_chord() {
    // X11: AltGr is no modifier to egui.
    let events = [
        down(Key::AltRight, Modifiers::NONE),
        down(Key::Q, Modifiers::NONE),
        text("@"),
        up(Key::Q, Modifiers::NONE),
        up(Key::AltRight, Modifiers::NONE),
    ];
    let wanted = [
        "down AltRight AltGraph",
        "down KeyQ @ [@]",
        "up KeyQ @",
        "up AltRight AltGraph",
    ];
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
    let wanted = [
        "down KeyA a [a]",
        "again KeyA a [a]",
        "again KeyA a [A] shift",
        "up KeyA a shift",
    ];
    check(&events, &wanted);
}

#[test]
fn ups_find_their_downs_after_the_modifiers_changed() {
    // Shift+1 goes down as "!" and comes up as "1".
    let events = [
        key_event(
            Key::Exclamationmark,
            Some(Key::Num1),
            true,
            Modifiers::SHIFT,
        ),
        text("!"),
        key_event(Key::Num1, Some(Key::Num1), false, Modifiers::NONE),
    ];
    check(&events, &["down Digit1 ! [!] shift", "up Digit1 !"]);
    // The same from a keyboard that does not tell places.
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
    let wanted = [
        "down ControlLeft Control ctrl",
        "up ControlLeft Control",
        "down KeyA a [a]",
    ];
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
    let wanted = [
        "down ControlLeft Control ctrl",
        "down KeyX x ctrl",
        "up KeyX x ctrl",
    ];
    check(&events, &wanted);
    let wanted = [
        "down MetaLeft Meta meta",
        "down KeyC c meta",
        "up KeyC c meta",
        "up MetaLeft Meta",
    ];
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
    let wanted = [
        "down AltLeft Alt alt",
        "down Tab Tab alt",
        "up Tab Tab alt",
        "up AltLeft Alt",
    ];
    check(&events, &wanted);
}

/// A picture of 1280×720 at 1:1 with its corner at (100, 50) of a window that has a bar 1 wide around it.
fn geometry() -> FrameToUi {
    let frame = FrameSize {
        width: 1280,
        height: 720,
    };
    let area = Rect::from_min_size(pos2(99.0, 49.0), vec2(1282.0, 722.0));
    FrameToUi::new(frame, area, 1.0, View::default()).unwrap()
}

fn button(pos: Pos2, button: PointerButton, pressed: bool) -> Event {
    Event::PointerButton {
        pos,
        button,
        pressed,
        modifiers: Modifiers::NONE,
    }
}

fn wheel(unit: MouseWheelUnit, x: f32, y: f32, modifiers: Modifiers) -> Event {
    Event::MouseWheel {
        unit,
        delta: vec2(x, y),
        phase: TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers,
    }
}

struct Mouse {
    mapper: InputMapper,
    now: Instant,
}

impl Mouse {
    fn new() -> Self {
        Self {
            mapper: InputMapper::new(AltKey::Chords),
            now: Instant::now(),
        }
    }

    fn send(&mut self, events: &[Event]) -> Vec<String> {
        let geometry = geometry();
        // A menu of ours lies over the right end of the picture.
        let is_top_at = |at: Pos2| at.x < 1200.0;
        let target = Target {
            geometry: &geometry,
            is_top_at: &is_top_at,
        };
        told(&self.mapper.map(events, Some(target), self.now))
    }

    #[track_caller]
    fn check(&mut self, events: &[Event], wanted: &[&str]) {
        assert_eq!(self.send(events), wanted);
    }
}

const LEFT: PointerButton = PointerButton::Primary;

#[test]
fn the_pointer_is_told_in_pixels_of_the_picture_and_never_outside() {
    let mut mouse = Mouse::new();
    mouse.check(
        &[
            Event::PointerMoved(pos2(50.0, 50.0)),
            Event::PointerMoved(pos2(100.0, 50.0)),
            Event::PointerMoved(pos2(99.0, 50.0)),
            Event::PointerMoved(pos2(1199.0, 769.0)),
            Event::PointerMoved(pos2(1200.0, 769.0)),
            Event::PointerMoved(pos2(500.0, 770.0)),
        ],
        &["move 0,0", "move 1099,719"],
    );
    mouse.check(&[button(pos2(20.0, 60.0), LEFT, true)], &[]);
    mouse.check(&[button(pos2(20.0, 60.0), LEFT, false)], &[]);
    mouse.check(&[button(pos2(1300.0, 60.0), LEFT, true)], &[]);
}

#[test]
fn every_button_goes_down_and_up() {
    let names = [
        (PointerButton::Primary, MouseButton::Left),
        (PointerButton::Secondary, MouseButton::Right),
        (PointerButton::Middle, MouseButton::Middle),
        (PointerButton::Extra1, MouseButton::Back),
        (PointerButton::Extra2, MouseButton::Forward),
    ];
    for (ours, theirs) in names {
        let at = pos2(110.0, 60.0);
        Mouse::new().check(
            &[button(at, ours, true), button(at, ours, false)],
            &[
                &format!("press {theirs:?} x1 10,10 +{theirs:?}"),
                &format!("lift {theirs:?} x1 10,10"),
            ],
        );
    }
}

#[test]
fn a_drag_that_leaves_the_picture_goes_on_at_its_edge_and_ends_there() {
    let mut mouse = Mouse::new();
    mouse.check(
        &[
            button(pos2(1190.0, 60.0), LEFT, true),
            Event::PointerMoved(pos2(1250.0, 60.0)),
            Event::PointerGone,
            Event::PointerMoved(pos2(5000.0, -60.0)),
            button(pos2(5000.0, -60.0), LEFT, false),
            Event::PointerMoved(pos2(5000.0, 60.0)),
        ],
        &[
            "press Left x1 1090,10 +Left",
            "move 1150,10 +Left",
            "move 1279,0 +Left",
            "lift Left x1 1279,0",
        ],
    );
    assert!(mouse.mapper.is_empty());
}

#[test]
fn a_second_button_of_a_drag_counts_too() {
    let at = pos2(110.0, 60.0);
    Mouse::new().check(
        &[
            button(at, LEFT, true),
            button(at, PointerButton::Secondary, true),
            button(at, LEFT, false),
            button(at, PointerButton::Secondary, false),
        ],
        &[
            "press Left x1 10,10 +Left",
            "press Right x1 10,10 +Left +Right",
            "lift Left x1 10,10 +Right",
            "lift Right x1 10,10",
        ],
    );
}

#[test]
fn clicks_are_counted_by_time_and_place() {
    let mut mouse = Mouse::new();
    let mut click = |after_ms, x| {
        mouse.now += Duration::from_millis(after_ms);
        let at = pos2(x, 60.0);
        let told = mouse.send(&[button(at, LEFT, true), button(at, LEFT, false)]);
        let count = |line: &str| line.split(' ').nth(2).unwrap().to_owned();
        assert_eq!(count(&told[0]), count(&told[1]));
        count(&told[0])
    };
    assert_eq!(click(0, 110.0), "x1");
    assert_eq!(click(300, 112.0), "x2");
    assert_eq!(click(300, 112.0), "x3");
    assert_eq!(click(300, 112.0), "x1", "a fourth begins anew");
    assert_eq!(click(600, 112.0), "x1", "too late");
    assert_eq!(click(100, 130.0), "x1", "too far");
}

#[test]
fn the_wheel_scrolls_both_ways_and_as_the_dom_counts() {
    let mut mouse = Mouse::new();
    let none = Modifiers::NONE;
    mouse.check(&[wheel(MouseWheelUnit::Line, 0.0, 1.0, none)], &[]);
    mouse.send(&[Event::PointerMoved(pos2(110.0, 60.0))]);
    let mut check = |event, wanted: &[&str]| mouse.check(&[event], wanted);
    check(
        wheel(MouseWheelUnit::Line, 0.0, 1.0, none),
        &["wheel 0,-100 10,10"],
    );
    check(
        wheel(MouseWheelUnit::Line, 0.0, -2.0, none),
        &["wheel 0,200 10,10"],
    );
    check(
        wheel(MouseWheelUnit::Line, -1.0, 0.0, none),
        &["wheel 100,0 10,10"],
    );
    check(
        wheel(MouseWheelUnit::Line, 0.0, -1.0, Modifiers::SHIFT),
        &["wheel 100,0 10,10 shift"],
    );
    check(
        wheel(MouseWheelUnit::Line, 0.0, -1.0, CTRL),
        &["wheel 0,100 10,10 ctrl"],
    );
    check(
        wheel(MouseWheelUnit::Point, 3.0, -7.0, none),
        &["wheel -3,7 10,10"],
    );
    check(
        wheel(MouseWheelUnit::Page, 0.0, -1.0, none),
        &["wheel 0,720 10,10"],
    );
    check(wheel(MouseWheelUnit::Line, 0.0, 0.0, none), &[]);
    check(Event::PointerGone, &[]);
    check(wheel(MouseWheelUnit::Line, 0.0, 1.0, none), &[]);
}

#[test]
fn modifiers_come_with_the_mouse() {
    let mut mouse = Mouse::new();
    mouse.check(
        &[
            Event::ModifiersChanged(Modifiers::SHIFT),
            Event::PointerMoved(pos2(110.0, 60.0)),
            Event::PointerButton {
                pos: pos2(110.0, 60.0),
                button: LEFT,
                pressed: true,
                modifiers: CTRL,
            },
        ],
        &["move 10,10 shift", "press Left x1 10,10 +Left ctrl"],
    );
}

#[test]
fn without_a_picture_the_mouse_does_nothing_but_come_up() {
    let mut mouse = Mouse::new();
    mouse.send(&[button(pos2(110.0, 60.0), LEFT, true)]);
    let events = [
        Event::PointerMoved(pos2(120.0, 60.0)),
        button(pos2(120.0, 60.0), LEFT, false),
        button(pos2(120.0, 60.0), LEFT, true),
    ];
    let controls = mouse.mapper.map(&events, None, mouse.now);
    assert_eq!(told(&controls), ["lift Left x1 10,10"]);
}

/// Any events at all, in any order: what is down at the end is lifted by `release_all`, and nothing twice.
#[test]
fn no_sequence_of_events_leaves_anything_down() {
    for seed in 1..400 {
        let mut random = Random(seed);
        let mut mouse = Mouse::new();
        let mut session = Session::default();
        for _ in 0..random.below(120) {
            let batch: Vec<Event> = (0..=random.below(3)).map(|_| random.event()).collect();
            let geometry = geometry();
            let shown = random.below(8) > 0;
            let is_top_at = |at: Pos2| at.x < 1200.0;
            let target = shown.then_some(Target {
                geometry: &geometry,
                is_top_at: &is_top_at,
            });
            let mut controls = mouse.mapper.map(&batch, target, mouse.now);
            if random.below(30) == 0 {
                controls.extend(mouse.mapper.release_keys());
            }
            mouse.now += Duration::from_millis(random.below(400));
            session.take(&controls, seed);
            let is_empty = session.keys.is_empty() && session.buttons.is_empty();
            assert_eq!(mouse.mapper.is_empty(), is_empty, "seed {seed}");
        }
        session.take(&mouse.mapper.release_all(), seed);
        assert!(
            session.keys.is_empty() && session.buttons.is_empty(),
            "seed {seed}"
        );
        assert!(mouse.mapper.is_empty() && mouse.mapper.release_all().is_empty());
    }
}

/// The other end: what it believes is down.
#[derive(Default)]
struct Session {
    /// By name and place: servers go by either.
    keys: BTreeMap<(String, String), u32>,
    buttons: Vec<MouseButton>,
}

impl Session {
    fn take(&mut self, controls: &[Control], seed: u64) {
        for control in controls {
            match control {
                Control::Key(input) => self.take_key(input, seed),
                Control::Pointer(input) => self.take_pointer(input, seed),
                _ => (),
            }
        }
    }

    fn take_key(&mut self, input: &KeyInput, seed: u64) {
        let key = (input.code.clone(), input.key.clone());
        match (input.down, input.repeat) {
            (true, false) => *self.keys.entry(key).or_default() += 1,
            (true, true) => assert!(self.keys.contains_key(&key), "seed {seed}: {key:?}"),
            (false, _) => {
                let count = self.keys.get_mut(&key);
                let count = count.unwrap_or_else(|| panic!("seed {seed}: {key:?} was not down"));
                *count -= 1;
                self.keys.retain(|_, count| *count > 0);
            }
        }
    }

    fn take_pointer(&mut self, input: &PointerInput, seed: u64) {
        match input.kind {
            Pointer::Down { button, .. } => {
                assert!(!self.buttons.contains(&button), "seed {seed}");
                self.buttons.push(button);
            }
            Pointer::Up { button, .. } => {
                assert!(self.buttons.contains(&button), "seed {seed}");
                self.buttons.retain(|held| *held != button);
            }
            Pointer::Move | Pointer::Wheel { .. } => (),
        }
        assert_eq!(self.buttons, input.held, "seed {seed}");
        let FramePos { x, y } = input.at;
        assert!(
            (0.0..1280.0).contains(&x) && (0.0..720.0).contains(&y),
            "seed {seed}"
        );
    }
}

/// A small generator with a fixed seed (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize].clone()
    }

    fn modifiers(&mut self) -> Modifiers {
        let flag = |n: u64| n == 0;
        let ctrl = flag(self.below(4));
        Modifiers {
            alt: flag(self.below(4)),
            ctrl,
            command: ctrl,
            shift: flag(self.below(3)),
            mac_cmd: false,
        }
    }

    fn event(&mut self) -> Event {
        let pos = pos2(self.below(1500) as f32, self.below(900) as f32);
        match self.below(12) {
            0..5 => {
                let key = self.one_of(Key::ALL);
                let place = self.one_of(&[Some(key), Some(Key::A), Some(Key::ShiftLeft), None]);
                let key = if self.below(3) == 0 {
                    Key::ShiftRight
                } else {
                    key
                };
                key_event(key, place, self.below(2) == 0, self.modifiers())
            }
            5 => text(self.one_of(&["a", "é", "@"])),
            6 => Event::ModifiersChanged(self.modifiers()),
            7 => Event::PointerMoved(pos),
            8 | 9 => {
                let all = [LEFT, PointerButton::Secondary, PointerButton::Extra2];
                let which = self.one_of(&all);
                button(pos, which, self.below(2) == 0)
            }
            10 if self.below(3) == 0 => Event::WindowFocused(false),
            10 => self.one_of(&[Event::Copy, Event::PointerGone]),
            _ => wheel(MouseWheelUnit::Line, 0.0, 1.0, self.modifiers()),
        }
    }
}
