//! Makes the same calls as the app does, pass by pass, on a window without a window system.

use std::time::Duration;

use egui::{Modifiers, PointerButton, Pos2, Rect, pos2, vec2};

use super::*;
use crate::model::FrameSize;
use crate::ui::action::Action;
use crate::ui::binding::Bindings;
use crate::ui::clock::{Clock, ClockPace};
use crate::ui::command::Command;
use crate::ui::picture::testing::session;
use crate::ui::picture::{PictureMode, PictureProps, PictureUiState, Zoom, picture_ui};
use crate::ui::state::OpenSession;

const SIZE: FrameSize = FrameSize { width: 640, height: 360 };

struct Window {
    ctx: Context,
    input: SessionInput,
    picture: PictureUiState,
    session: OpenSession,
    bindings: Bindings,
    armed: bool,
    covered: bool,
    focused: bool,
    address: String,
    reloads: u32,
    sent: Vec<InputControl>,
    actions: Vec<Action>,
    pixels_per_point: f32,
    now: Instant,
}

impl Window {
    fn new(pixels_per_point: f32) -> Self {
        let ctx = Context::default();
        let now = Instant::now() + Duration::from_secs(100);
        let session = session(&ctx, SIZE, now);
        let mut window = Self {
            ctx,
            input: SessionInput::default(),
            picture: PictureUiState::default(),
            session,
            bindings: Bindings::default(),
            armed: false,
            covered: false,
            focused: true,
            address: String::new(),
            reloads: 0,
            sent: Vec::new(),
            actions: Vec::new(),
            pixels_per_point,
            now,
        };
        window.picture.zoom_to(Zoom::Actual);
        window.passes(3);
        window
    }

    fn arm(&mut self) {
        self.armed = true;
        self.input.begin(&self.ctx);
        self.passes(2);
    }

    fn passes(&mut self, count: usize) {
        for _ in 0..count {
            self.pass(Vec::new());
        }
    }

    fn pass(&mut self, events: Vec<Event>) {
        for event in &events {
            if let Event::WindowFocused(focused) = event {
                self.focused = *focused;
            }
        }
        let mut raw = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(900.0, 600.0))),
            focused: self.focused,
            events,
            ..RawInput::default()
        };
        let root = raw.viewports.get_mut(&egui::ViewportId::ROOT).unwrap();
        root.native_pixels_per_point = Some(self.pixels_per_point);
        let gate = Gate { armed: self.armed, covered: self.covered };
        let ours = OurKeys {
            leave: self.bindings.chords_of(Command::ReleaseControl),
            paste: self.bindings.chords_of(Command::PasteAsText),
            suggestions: false,
            pastes: false,
        };
        let asked = self.input.hook(&self.ctx, &mut raw, gate, ours);
        let ctx = self.ctx.clone();
        let mut output = ctx.run_ui(raw, |ui| {
            self.logic(&ctx);
            self.ui(ui);
        });
        output.textures_delta.clear();
        if asked.leave {
            self.armed = false;
            self.sent.extend(self.input.release_all());
        }
    }

    fn logic(&mut self, ctx: &Context) {
        if !self.armed {
            return;
        }
        let surface = self.picture.surface();
        let condition = &self.session.condition;
        let controls = self.input.controls(ctx, condition, surface, self.now);
        self.sent.extend(controls);
    }

    fn ui(&mut self, ui: &mut egui::Ui) {
        egui::Panel::top("bar").show(ui, |ui| {
            ui.horizontal(|ui| {
                if ui.button("Reload").clicked() {
                    self.reloads += 1;
                }
                let address = egui::TextEdit::singleline(&mut self.address);
                ui.add(address.id(egui::Id::unique("address")));
            });
        });
        let mode = if self.armed {
            PictureMode::Control { keyboard_here: self.input.has_keyboard() }
        } else {
            PictureMode::Watching
        };
        let props = PictureProps {
            alone: false,
            session: &self.session,
            now: self.now,
            clock: Clock::fixed(ClockPace::Ticking),
            mode,
            bindings: &self.bindings,
            preedit: self.input.preedit(),
            successor: None,
            boxes: &Default::default(),
            statistics: false,
            mend: None,
        };
        picture_ui(ui, &props, &mut self.picture, &mut self.actions);
    }

    fn key(&mut self, key: Key, pressed: bool, modifiers: Modifiers) {
        self.pass(vec![Event::Key {
            key,
            physical_key: Some(key),
            pressed,
            repeat: false,
            modifiers,
        }]);
    }

    fn type_letter(&mut self, key: Key, text: &str) {
        let event = |pressed| Event::Key {
            key,
            physical_key: Some(key),
            pressed,
            repeat: false,
            modifiers: Modifiers::NONE,
        };
        self.pass(vec![event(true), Event::Text(text.to_owned())]);
        self.pass(vec![event(false)]);
    }

    /// Moves and clicks in one pass, as a fast hand or a script does.
    fn click(&mut self, pos: Pos2) {
        let button = |pressed| Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        self.pass(vec![Event::PointerMoved(pos), button(true)]);
        self.pass(vec![button(false)]);
        self.passes(2);
    }

    /// Returns a pixel of the picture, in points of the window.
    fn at(&self, x: f32, y: f32) -> Pos2 {
        let geometry = self.picture.surface().unwrap().geometry;
        geometry.ui_from_frame(crate::model::FramePos { x, y })
    }

    fn sent_keys(&mut self) -> Vec<(bool, String)> {
        let keys = self.sent.iter().filter_map(|control| match control {
            InputControl::KeyDown(input) => Some((true, input.key.clone())),
            InputControl::KeyUp(input) => Some((false, input.key.clone())),
            _ => None,
        });
        let keys = keys.collect();
        self.sent.clear();
        keys
    }

    fn sent_presses(&mut self) -> Vec<(f32, f32)> {
        let presses = self.sent.iter().filter_map(|control| match control {
            InputControl::PointerDown { at, .. } => Some((at.x, at.y)),
            _ => None,
        });
        let presses = presses.collect();
        self.sent.clear();
        presses
    }
}

fn pair(key: &str) -> [(bool, String); 2] {
    [(true, key.to_owned()), (false, key.to_owned())]
}

const CTRL_ALT: Modifiers = Modifiers { alt: true, ctrl: true, command: true, ..Modifiers::NONE };

#[test]
fn nothing_is_sent_while_watching() {
    let mut window = Window::new(1.0);
    window.type_letter(Key::A, "a");
    window.click(window.at(100.0, 100.0));
    assert!(window.sent.is_empty() && window.input.is_empty());
}

#[test]
fn clicks_land_on_the_very_pixel_at_every_scale_factor() {
    for pixels_per_point in [1.0, 1.25, 1.5, 2.0, 3.0] {
        let mut window = Window::new(pixels_per_point);
        window.arm();
        for (x, y) in [(0.0, 0.0), (1.0, 0.0), (123.0, 77.0), (400.0, 250.0), (639.0, 359.0)] {
            window.click(window.at(x, y));
            let wanted = vec![(x, y)];
            assert_eq!(window.sent_presses(), wanted, "at {pixels_per_point}");
        }
        assert!(window.input.is_empty());
    }
}

#[test]
fn keys_go_to_the_session_and_our_own_do_not_react() {
    let mut window = Window::new(1.0);
    window.arm();
    for (key, name) in [
        (Key::Tab, "Tab"),
        (Key::Escape, "Escape"),
        (Key::Enter, "Enter"),
        (Key::ArrowDown, "ArrowDown"),
    ] {
        window.key(key, true, Modifiers::NONE);
        window.key(key, false, Modifiers::NONE);
        assert_eq!(window.sent_keys(), pair(name));
    }
    window.type_letter(Key::A, "a");
    assert_eq!(window.sent_keys(), pair("a"));
    assert!(window.ctx.memory(|memory| memory.has_focus(picture_id())));
    assert_eq!(window.reloads, 0);
}

#[test]
fn the_key_that_takes_control_is_not_typed_and_works_again() {
    let mut window = Window::new(1.0);
    for _ in 0..2 {
        window.key(Key::I, true, Modifiers::NONE);
        let is_new = window.ctx.input(|input| {
            let is_new = |event: &Event| {
                matches!(event, Event::Key { key: Key::I, pressed: true, repeat: false, .. })
            };
            input.events.iter().any(is_new)
        });
        assert!(is_new, "else the command would not run");
        window.arm();
        window.key(Key::I, true, Modifiers::NONE);
        window.key(Key::I, false, Modifiers::NONE);
        assert_eq!(window.sent_keys(), []);
        window.type_letter(Key::I, "i");
        assert_eq!(window.sent_keys(), pair("i"));
        window.key(Key::G, true, CTRL_ALT);
        window.key(Key::G, false, CTRL_ALT);
        assert!(!window.armed);
    }
}

#[test]
fn a_key_that_came_up_under_another_name_is_not_held_against_the_session() {
    let mut window = Window::new(1.0);
    let event = |key, pressed, modifiers| Event::Key {
        key,
        physical_key: Some(Key::Num1),
        pressed,
        repeat: false,
        modifiers,
    };
    window.pass(vec![event(Key::Exclamationmark, true, Modifiers::SHIFT)]);
    window.pass(vec![event(Key::Num1, false, Modifiers::NONE)]);
    window.arm();
    let text = Event::Text("!".to_owned());
    window.pass(vec![event(Key::Exclamationmark, true, Modifiers::SHIFT), text]);
    window.pass(vec![event(Key::Num1, false, Modifiers::NONE)]);
    assert_eq!(window.sent_keys(), pair("!"));
}

#[test]
fn leaving_lifts_what_is_held() {
    let mut window = Window::new(1.0);
    window.arm();
    window.key(Key::ControlLeft, true, Modifiers::NONE);
    window.key(Key::AltLeft, true, Modifiers::CTRL);
    window.key(Key::G, true, CTRL_ALT);
    let down = |key: &str| (true, key.to_owned());
    let up = |key: &str| (false, key.to_owned());
    let wanted = [down("Control"), down("Alt"), up("Alt"), up("Control")];
    assert_eq!(window.sent_keys(), wanted);
    assert!(!window.armed && window.input.is_empty());
    window.type_letter(Key::A, "a");
    assert_eq!(window.sent_keys(), []);
}

#[test]
fn our_own_buttons_work_in_control_and_the_keyboard_stays_with_the_session() {
    let mut window = Window::new(1.0);
    window.arm();
    window.click(pos2(20.0, 14.0));
    assert_eq!(window.reloads, 1);
    assert_eq!(window.sent_presses(), []);
    window.type_letter(Key::A, "a");
    assert_eq!(window.sent_keys(), pair("a"));
}

#[test]
fn a_text_field_of_ours_takes_the_keyboard_until_the_picture_is_clicked() {
    let mut window = Window::new(1.0);
    window.arm();
    window.key(Key::F5, true, Modifiers::NONE);
    window.click(pos2(150.0, 14.0));
    window.type_letter(Key::A, "a");
    assert_eq!(window.sent_keys(), pair("F5"), "lifted when the keyboard went");
    assert_eq!(window.address, "a");
    assert!(!window.input.has_keyboard());
    window.click(window.at(10.0, 10.0));
    assert_eq!(window.sent_presses(), [(10.0, 10.0)]);
    window.type_letter(Key::C, "c");
    assert_eq!(window.sent_keys(), pair("c"));
    assert_eq!(window.address, "a");
}

#[test]
fn a_dialog_of_ours_has_the_keyboard() {
    let mut window = Window::new(1.0);
    window.arm();
    window.covered = true;
    window.type_letter(Key::A, "a");
    assert_eq!(window.sent_keys(), []);
    window.key(Key::G, true, CTRL_ALT);
    assert!(!window.armed, "the way out works all the same");
}

#[test]
fn a_lost_focus_lifts_everything() {
    let mut window = Window::new(1.0);
    window.arm();
    window.key(Key::AltLeft, true, Modifiers::NONE);
    let at = window.at(10.0, 10.0);
    window.pass(vec![Event::PointerButton {
        pos: at,
        button: PointerButton::Primary,
        pressed: true,
        modifiers: Modifiers::ALT,
    }]);
    assert!(!window.input.is_empty());
    window.pass(vec![Event::WindowFocused(false)]);
    assert!(window.input.is_empty());
    let releases = window.sent.iter().filter(|control| control.is_release());
    assert_eq!(releases.count(), 2);
}

#[test]
fn while_the_session_cannot_be_reached_nothing_waits_for_it() {
    let mut window = Window::new(1.0);
    window.arm();
    window.key(Key::A, true, Modifiers::NONE);
    window.session.condition = Condition::Connecting { attempt: 1 };
    window.type_letter(Key::B, "b");
    window.click(window.at(10.0, 10.0));
    assert_eq!(window.sent_keys().len(), 2, "a went down, and was lifted");
    assert!(window.input.is_empty());
    window.session.condition = Condition::Live;
    window.type_letter(Key::C, "c");
    assert_eq!(window.sent_keys(), pair("c"));
}

#[test]
fn what_lies_over_the_picture_gets_the_click() {
    let mut window = Window::new(1.0);
    window.session.condition = Condition::Stalled { silent_for: Duration::from_secs(60) };
    window.arm();
    window.passes(2);
    let place = window.at(320.0, 0.0) + vec2(0.0, 30.0);
    window.click(place);
    assert_eq!(window.sent_presses(), [], "on the card");
    window.click(window.at(10.0, 350.0));
    assert_eq!(window.sent_presses(), [(10.0, 350.0)]);
}
