//! Tests mouse and pointer, and that nothing stays down.

use super::*;

/// Places a picture of 1280×720 at 1:1 with its corner at (100, 50) of a window that has a bar 1 wide around it.
fn geometry() -> FrameToUi {
    let frame = FrameSize { width: 1280, height: 720 };
    let area = Rect::from_min_size(pos2(99.0, 49.0), vec2(1282.0, 722.0));
    FrameToUi::new(frame, area, 1.0, View::default()).unwrap()
}

fn button(pos: Pos2, button: PointerButton, pressed: bool) -> Event {
    Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE }
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
        Self { mapper: InputMapper::new(AltKey::Chords), now: Instant::now() }
    }

    fn send(&mut self, events: &[Event]) -> Vec<String> {
        let geometry = geometry();
        // A menu of ours lies over the right end of the picture.
        let is_top_at = |at: Pos2| at.x < 1200.0;
        let target = PointerTarget { geometry: &geometry, is_top_at: &is_top_at };
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
    check(wheel(MouseWheelUnit::Line, 0.0, 1.0, none), &["wheel 0,-100 10,10"]);
    check(wheel(MouseWheelUnit::Line, 0.0, -2.0, none), &["wheel 0,200 10,10"]);
    check(wheel(MouseWheelUnit::Line, -1.0, 0.0, none), &["wheel 100,0 10,10"]);
    check(wheel(MouseWheelUnit::Line, 0.0, -1.0, Modifiers::SHIFT), &["wheel 100,0 10,10 shift"]);
    check(wheel(MouseWheelUnit::Line, 0.0, -1.0, CTRL), &["wheel 0,100 10,10 ctrl"]);
    check(wheel(MouseWheelUnit::Point, 3.0, -7.0, none), &["wheel -3,7 10,10"]);
    check(wheel(MouseWheelUnit::Page, 0.0, -1.0, none), &["wheel 0,720 10,10"]);
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

/// After any events in any order, `release_all` lifts what is down, and nothing twice.
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
            let target =
                shown.then_some(PointerTarget { geometry: &geometry, is_top_at: &is_top_at });
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
        assert!(session.keys.is_empty() && session.buttons.is_empty(), "seed {seed}");
        assert!(mouse.mapper.is_empty() && mouse.mapper.release_all().is_empty());
    }
}

/// The other end, with what it believes is down.
#[derive(Default)]
struct Session {
    /// Keys by name and place, because servers go by either.
    keys: BTreeMap<(String, String), u32>,
    buttons: Vec<MouseButton>,
}

impl Session {
    fn take(&mut self, controls: &[InputControl], seed: u64) {
        for control in controls {
            match control {
                InputControl::KeyDown(_) | InputControl::KeyUp(_) => self.take_key(control, seed),
                InputControl::Text { .. } | InputControl::Paste(_) => (),
                InputControl::PointerMove(at) | InputControl::Wheel { at, .. } => {
                    self.check_pointer(at, seed);
                }
                InputControl::PointerDown { at, button, .. } => {
                    assert!(!self.buttons.contains(button), "seed {seed}");
                    self.buttons.push(*button);
                    self.check_pointer(at, seed);
                }
                InputControl::PointerUp { at, button, .. } => {
                    assert!(self.buttons.contains(button), "seed {seed}");
                    self.buttons.retain(|held| held != button);
                    self.check_pointer(at, seed);
                }
            }
        }
    }

    fn take_key(&mut self, control: &InputControl, seed: u64) {
        let name = |input: &KeyInput| (input.code.clone(), input.key.clone());
        match control {
            InputControl::KeyDown(input) if input.repeat => {
                let key = name(input);
                assert!(self.keys.contains_key(&key), "seed {seed}: {key:?}");
            }
            InputControl::KeyDown(input) => *self.keys.entry(name(input)).or_default() += 1,
            InputControl::KeyUp(input) => {
                let key = name(input);
                let count = self.keys.get_mut(&key);
                let count = count.unwrap_or_else(|| panic!("seed {seed}: {key:?} was not down"));
                *count -= 1;
                self.keys.retain(|_, count| *count > 0);
            }
            other => panic!("no key: {other:?}"),
        }
    }

    fn check_pointer(&self, at: &PointerAt, seed: u64) {
        assert_eq!(self.buttons, at.held, "seed {seed}");
        let FramePos { x, y } = at.pos();
        assert!((0.0..1280.0).contains(&x) && (0.0..720.0).contains(&y), "seed {seed}");
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
                let key = if self.below(3) == 0 { Key::ShiftRight } else { key };
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
