//! Decides who gets an event, the session or the window. It runs on the raw input, before egui has seen it.

use std::collections::BTreeSet;

use egui::{Event, Key, Modifiers, RawInput};

use crate::ui::chord::{Chord, Platform};

/// What was taken out of the raw input of one pass.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TakenInput {
    /// The events that go to the session, in order.
    pub events: Vec<Event>,
    /// Whether the way out of control mode was pressed.
    pub leave: bool,
    /// What of the clipboard was asked for by a chord.
    pub paste: PasteWanted,
}

/// The only keys that the session does not get while the user has control.
#[derive(Clone, Copy, Debug, Default)]
pub struct OurKeys<'a> {
    /// The chords that lead out of control mode.
    pub leave: &'a [Chord],
    /// The chords that type the clipboard's text into the session.
    pub paste: &'a [Chord],
    /// Suggestions for a page's field are shown, into which the arrows up and down lead.
    pub suggestions: bool,
    /// The keys that paste bring what the clipboard holds into the page. Otherwise the page gets them like any other.
    pub pastes: bool,
}

/// Who gets the keyboard. Who gets the mouse depends on what lies under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyboardOwner {
    /// The session gets what is typed.
    Session,
    /// The window gets what is typed.
    Window,
}

/// Takes the session's events out of `raw` in control mode.
///
/// Key releases and modifiers go to both: egui has to see come up what it saw go down before control began.
/// The pointer goes to both as well, because it may be over our own buttons.
/// `ignored` holds the places of the keys that were down before control began: the session hears nothing of them until
/// they come up.
pub fn take_for_session(
    raw: &mut RawInput,
    keyboard: KeyboardOwner,
    ignored: &mut BTreeSet<Key>,
    ours: OurKeys<'_>,
) -> TakenInput {
    let mut taken = TakenInput::default();
    let mut kept = Vec::with_capacity(raw.events.len());
    let mut events = std::mem::take(&mut raw.events).into_iter().peekable();
    while let Some(event) = events.next() {
        if taken.leave {
            forget(&event, ignored);
            kept.push(event);
            continue;
        }
        match whose(&event, keyboard) {
            Whose::Key { key, physical, modifiers } => {
                let is_leave = means(ours.leave, key, physical, modifiers);
                let typed_by_it = matches!(events.peek(), Some(Event::Text(_)));
                if is_leave {
                    ignored.insert(place(key, physical));
                    taken.leave = true;
                } else if keyboard == KeyboardOwner::Window {
                    kept.push(event);
                    continue;
                } else if ours.suggestions && leads_into_list(key, modifiers) {
                    ignored.insert(place(key, physical));
                    kept.push(event);
                    continue;
                } else if ignored.contains(&place(key, physical)) {
                    // A key that is held down repeats, so nothing is done until it comes up.
                } else if is_chord(ours.paste, key, modifiers) {
                    ignored.insert(place(key, physical));
                    taken.paste = PasteWanted::Text;
                } else if ours.pastes
                    && matches!(clipboard_key(key, modifiers), Some(ClipboardKey::Paste))
                {
                    ignored.insert(place(key, physical));
                    taken.paste = PasteWanted::Content;
                } else {
                    taken.events.push(event);
                    continue;
                }
                if typed_by_it {
                    events.next();
                }
            }
            Whose::Both => {
                let is_leave = is_missed_leave(&event, ours.leave);
                if !forget(&event, ignored) {
                    taken.leave = is_leave;
                    taken.events.push(event.clone());
                }
                kept.push(event);
            }
            Whose::Session => taken.events.push(event),
            Whose::Window => kept.push(event),
        }
    }
    raw.events = kept;
    taken
}

/// Stops ignoring a key that comes up, and returns whether it was ignored. A lost focus stops it for all keys, because
/// their releases will not come.
fn forget(event: &Event, ignored: &mut BTreeSet<Key>) -> bool {
    match event {
        Event::Key { key, physical_key, pressed: false, .. } => {
            ignored.remove(&place(*key, *physical_key))
        }
        Event::WindowFocused(false) => {
            ignored.clear();
            false
        }
        _ => false,
    }
}

/// Notes which keys are down, by their places, because with Shift a key may go down as "!" and come up as "1".
pub fn note_down(event: &Event, down: &mut BTreeSet<Key>) {
    match event {
        Event::Key { key, physical_key, pressed: true, .. } => {
            down.insert(place(*key, *physical_key));
        }
        event => {
            forget(event, down);
        }
    }
}

fn place(key: Key, physical: Option<Key>) -> Key {
    physical.unwrap_or(key)
}

enum Whose {
    /// A key press, which may be the way out of control mode.
    Key {
        key: Key,
        physical: Option<Key>,
        modifiers: Modifiers,
    },
    Both,
    Session,
    Window,
}

fn whose(event: &Event, keyboard: KeyboardOwner) -> Whose {
    match event {
        Event::Key { key, physical_key, pressed: true, modifiers, .. } => {
            Whose::Key { key: *key, physical: *physical_key, modifiers: *modifiers }
        }
        Event::Key { pressed: false, .. }
        | Event::ModifiersChanged(_)
        | Event::PointerMoved(_)
        | Event::PointerButton { .. }
        | Event::PointerGone
        | Event::MouseWheel { .. }
        | Event::WindowFocused(_) => Whose::Both,
        Event::Text(_)
        | Event::Copy
        | Event::Cut
        | Event::Paste(_)
        | Event::PasteImage(_)
        | Event::Ime(_) => match keyboard {
            KeyboardOwner::Session => Whose::Session,
            KeyboardOwner::Window => Whose::Window,
        },
        _ => Whose::Window,
    }
}

/// Tells whether `event` is the release of the way out whose press an input method swallowed, as it does after a dead
/// key.
fn is_missed_leave(event: &Event, leave: &[Chord]) -> bool {
    match event {
        Event::Key { key, physical_key, pressed: false, modifiers, .. } => {
            means(leave, *key, *physical_key, *modifiers)
        }
        _ => false,
    }
}

/// Tells whether a press means one of `chords`. The place of the key counts too, because the way out must work in every
/// layout.
fn means(chords: &[Chord], key: Key, physical: Option<Key>, modifiers: Modifiers) -> bool {
    // The chord counts with Shift down, too, as in the middle of a chord for the page: the way out must not depend on
    // what is held.
    let pressed = |key| {
        let without_shift = Modifiers { shift: false, ..modifiers };
        [modifiers, without_shift].map(|held| Chord::pressed(key, held, Platform::CURRENT))
    };
    let matches = |key| {
        let presses = pressed(key);
        chords.iter().any(|chord| presses.iter().any(|press| chord.matches(*press)))
    };
    matches(key) || physical.is_some_and(matches)
}

fn leads_into_list(key: Key, modifiers: Modifiers) -> bool {
    matches!(key, Key::ArrowDown | Key::ArrowUp) && modifiers.is_none()
}

fn is_chord(chords: &[Chord], key: Key, modifiers: Modifiers) -> bool {
    let pressed = Chord::pressed(key, modifiers, Platform::CURRENT);
    chords.iter().any(|chord| chord.matches(pressed))
}

/// What of the clipboard was asked for. Only the window system can give it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub enum PasteWanted {
    /// The text was asked for, to be typed.
    Text,
    /// Everything was asked for, to be pasted into a page.
    Content,
    /// Nothing was asked for.
    #[default]
    No,
}

/// Turns the clipboard keys into the events that text fields know, while the keyboard is the window's.
///
/// eframe could do it, but then Ctrl+C would never reach a session, so `NativeOptions::clipboard_shortcuts` is off.
pub fn translate_clipboard_keys(raw: &mut RawInput) -> PasteWanted {
    let mut paste = PasteWanted::No;
    raw.events.retain_mut(|event| {
        let Event::Key { key, pressed: true, modifiers, .. } = event else {
            return true;
        };
        match clipboard_key(*key, *modifiers) {
            Some(ClipboardKey::Copy) => *event = Event::Copy,
            Some(ClipboardKey::Cut) => *event = Event::Cut,
            Some(ClipboardKey::Paste) => {
                paste = PasteWanted::Text;
                return false;
            }
            None => (),
        }
        true
    });
    paste
}

/// Tells whether a press asks for the clipboard's text in a text field.
pub fn is_paste_key(event: &Event) -> bool {
    let Event::Key { key, pressed: true, modifiers, .. } = event else {
        return false;
    };
    matches!(clipboard_key(*key, *modifiers), Some(ClipboardKey::Paste))
}

enum ClipboardKey {
    Copy,
    Cut,
    Paste,
}

fn clipboard_key(key: Key, modifiers: Modifiers) -> Option<ClipboardKey> {
    let command = modifiers.command && !modifiers.shift && !modifiers.alt;
    let shift = modifiers.shift && !modifiers.command && !modifiers.alt;
    let is_mac = Platform::CURRENT == Platform::Mac;
    match key {
        Key::Copy => Some(ClipboardKey::Copy),
        Key::Cut => Some(ClipboardKey::Cut),
        Key::Paste => Some(ClipboardKey::Paste),
        Key::C if command => Some(ClipboardKey::Copy),
        Key::X if command => Some(ClipboardKey::Cut),
        Key::V if command => Some(ClipboardKey::Paste),
        Key::Insert if command && !is_mac => Some(ClipboardKey::Copy),
        Key::Delete if shift && !is_mac => Some(ClipboardKey::Cut),
        Key::Insert if shift && !is_mac => Some(ClipboardKey::Paste),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static LEAVE: LazyLock<[Chord; 1]> =
        LazyLock::new(|| [Chord::control(Key::G).with_alt().on(Platform::CURRENT)]);

    fn leave() -> OurKeys<'static> {
        OurKeys { leave: &*LEAVE, ..OurKeys::default() }
    }

    fn key(key: Key, pressed: bool, modifiers: Modifiers) -> Event {
        Event::Key { key, physical_key: Some(key), pressed, repeat: false, modifiers }
    }

    fn text(text: &str) -> Event {
        Event::Text(text.to_owned())
    }

    fn raw(events: Vec<Event>) -> RawInput {
        RawInput { events, ..RawInput::default() }
    }

    const CTRL_ALT: Modifiers =
        Modifiers { alt: true, ctrl: true, command: true, shift: false, mac_cmd: false };

    #[test]
    fn the_key_for_pasting_as_text_is_ours_once_a_press() {
        let shift_ctrl = Modifiers::SHIFT | Modifiers::CTRL | Modifiers::COMMAND;
        let paste = [Chord::primary(Key::V).with_shift().on(Platform::CURRENT)];
        let ours = OurKeys { paste: &paste, ..leave() };
        let mut ignored = BTreeSet::new();
        let mut take = |events: Vec<Event>, owner| {
            let mut raw = raw(events);
            let taken = take_for_session(&mut raw, owner, &mut ignored, ours);
            (taken.paste, taken.events, raw.events.len())
        };
        let (session, window) = (KeyboardOwner::Session, KeyboardOwner::Window);
        let (down, up) = (key(Key::V, true, shift_ctrl), key(Key::V, false, shift_ctrl));
        let nothing = Vec::new;
        assert_eq!(take(vec![down.clone()], session), (PasteWanted::Text, nothing(), 0));
        assert_eq!(take(vec![down.clone()], session), (PasteWanted::No, nothing(), 0));
        assert_eq!(take(vec![up.clone()], session), (PasteWanted::No, nothing(), 1));
        assert_eq!(take(vec![down.clone(), up], session), (PasteWanted::Text, nothing(), 1));
        // The clipboard's answer and the plain key go to the session.
        let pasted = vec![Event::Paste("p".to_owned())];
        assert_eq!(take(pasted.clone(), session), (PasteWanted::No, pasted, 0));
        let plain = vec![key(Key::V, true, Modifiers::CTRL | Modifiers::COMMAND)];
        assert_eq!(take(plain.clone(), session), (PasteWanted::No, plain, 0));
        assert_eq!(take(vec![down], window), (PasteWanted::No, nothing(), 1));
    }

    #[test]
    fn the_keys_that_paste_are_ours_while_the_clipboard_is_shared() {
        let command = Modifiers::CTRL | Modifiers::COMMAND;
        for (press, pastes, wanted) in [
            (key(Key::V, true, command), true, PasteWanted::Content),
            (key(Key::Paste, true, Modifiers::NONE), true, PasteWanted::Content),
            (key(Key::V, true, command), false, PasteWanted::No),
            (key(Key::C, true, command), true, PasteWanted::No),
            (key(Key::V, true, Modifiers::NONE), true, PasteWanted::No),
        ] {
            let mut raw = raw(vec![press.clone()]);
            let ours = OurKeys { pastes, ..leave() };
            let owner = KeyboardOwner::Session;
            let taken = take_for_session(&mut raw, owner, &mut BTreeSet::new(), ours);
            let is_ours = wanted == PasteWanted::Content;
            assert_eq!((taken.paste, taken.events.is_empty()), (wanted, is_ours), "{press:?}");
        }
    }

    #[test]
    fn in_control_every_key_is_the_sessions() {
        let none = Modifiers::NONE;
        let presses = [Key::Tab, Key::Escape, Key::Space, Key::ArrowDown, Key::F11, Key::W];
        let mut events: Vec<Event> = presses.map(|k| key(k, true, none)).into();
        events.push(key(Key::C, true, Modifiers::COMMAND | Modifiers::CTRL));
        events.push(text("é"));
        events.push(Event::Paste("p".to_owned()));
        events.push(Event::Ime(egui::ImeEvent::Commit("日本".to_owned())));
        let mut raw = raw(events.clone());
        let taken =
            take_for_session(&mut raw, KeyboardOwner::Session, &mut BTreeSet::new(), leave());
        assert_eq!(taken.events, events);
        assert!(raw.events.is_empty() && !taken.leave);
    }

    #[test]
    fn arrows_lead_into_suggestions_and_other_keys_go_on_to_the_field() {
        let none = Modifiers::NONE;
        let presses = [key(Key::ArrowDown, true, none), key(Key::A, true, none), text("a")];
        let mut raw = raw(presses.clone().into());
        let ours = OurKeys { suggestions: true, ..leave() };
        let taken = take_for_session(&mut raw, KeyboardOwner::Session, &mut BTreeSet::new(), ours);
        assert_eq!((raw.events, taken.events), (presses[..1].to_vec(), presses[1..].to_vec()));
    }

    #[test]
    fn with_the_focus_elsewhere_keys_are_ours_but_for_the_way_out() {
        let events = vec![key(Key::A, true, Modifiers::NONE), text("a")];
        let mut raw = raw(events.clone());
        let mut ignored = BTreeSet::new();
        let taken = take_for_session(&mut raw, KeyboardOwner::Window, &mut ignored, leave());
        assert_eq!((raw.events, taken), (events, TakenInput::default()));
        let mut raw = self::raw(vec![key(Key::G, true, CTRL_ALT)]);
        let taken = take_for_session(&mut raw, KeyboardOwner::Window, &mut ignored, leave());
        assert!(taken.leave && raw.events.is_empty());
    }

    #[test]
    fn the_way_out_is_nobodys_and_what_follows_is_ours() {
        let after = vec![key(Key::K, true, Modifiers::NONE), text("k")];
        let mut events = vec![key(Key::G, true, CTRL_ALT), text("g")];
        events.extend(after.clone());
        let mut raw = raw(events);
        let mut ignored = BTreeSet::new();
        let taken = take_for_session(&mut raw, KeyboardOwner::Session, &mut ignored, leave());
        assert!(taken.leave && taken.events.is_empty());
        assert_eq!(raw.events, after);
        // Its release does not go to the session either, should control have begun again.
        let mut raw = self::raw(vec![key(Key::G, false, CTRL_ALT)]);
        let taken = take_for_session(&mut raw, KeyboardOwner::Session, &mut ignored, leave());
        assert!(taken.events.is_empty() && ignored.is_empty());
    }

    #[test]
    fn the_way_out_works_when_its_press_was_swallowed() {
        let events =
            vec![Event::Ime(egui::ImeEvent::Commit("ǵ".to_owned())), key(Key::G, false, CTRL_ALT)];
        let mut ignored = BTreeSet::new();
        let taken =
            take_for_session(&mut raw(events), KeyboardOwner::Session, &mut ignored, leave());
        assert!(taken.leave);
        let up = raw(vec![key(Key::G, false, Modifiers::NONE)]);
        let taken = take_for_session(&mut { up }, KeyboardOwner::Session, &mut ignored, leave());
        assert!(!taken.leave);
    }

    #[test]
    fn the_way_out_works_where_the_layout_names_the_key_otherwise() {
        let cyrillic = Event::Key {
            key: Key::P,
            physical_key: Some(Key::G),
            pressed: true,
            repeat: false,
            modifiers: CTRL_ALT,
        };
        let mut ignored = BTreeSet::new();
        let taken = take_for_session(
            &mut raw(vec![cyrillic]),
            KeyboardOwner::Session,
            &mut ignored,
            leave(),
        );
        assert!(taken.leave);
        let shifted = key(Key::G, true, CTRL_ALT | Modifiers::SHIFT);
        let taken = take_for_session(
            &mut raw(vec![shifted]),
            KeyboardOwner::Session,
            &mut ignored,
            leave(),
        );
        assert!(taken.leave, "whatever else is held");
        let other = key(Key::G, true, Modifiers::CTRL);
        let taken =
            take_for_session(&mut raw(vec![other]), KeyboardOwner::Session, &mut ignored, leave());
        assert!(!taken.leave, "another chord");
    }

    #[test]
    fn the_key_that_began_control_stays_out_of_the_session() {
        let mut ignored = BTreeSet::from([Key::I]);
        let held =
            [key(Key::I, true, Modifiers::NONE), text("i"), key(Key::I, false, Modifiers::NONE)];
        let mut input = raw(held.into());
        let taken = take_for_session(&mut input, KeyboardOwner::Session, &mut ignored, leave());
        assert!(taken.events.is_empty());
        assert_eq!(input.events, [key(Key::I, false, Modifiers::NONE)], "egui saw it go down");
        let again = [key(Key::I, true, Modifiers::NONE), text("i")];
        let taken = take_for_session(
            &mut raw(again.clone().into()),
            KeyboardOwner::Session,
            &mut ignored,
            leave(),
        );
        assert_eq!(taken.events, again);
    }

    #[test]
    fn the_pointer_and_the_focus_go_to_both() {
        let events = vec![
            Event::PointerMoved(egui::pos2(3.0, 4.0)),
            Event::PointerGone,
            Event::WindowFocused(false),
            Event::ModifiersChanged(Modifiers::CTRL),
        ];
        let mut raw = raw(events.clone());
        let taken =
            take_for_session(&mut raw, KeyboardOwner::Session, &mut BTreeSet::new(), leave());
        assert_eq!((raw.events, taken.events), (events.clone(), events));
    }

    #[test]
    fn clipboard_keys_become_what_text_fields_know() {
        let ctrl = Modifiers::CTRL | Modifiers::COMMAND;
        let check = |k, modifiers, wanted: &[Event], paste| {
            let mut raw = raw(vec![key(k, true, modifiers)]);
            assert_eq!(translate_clipboard_keys(&mut raw), paste, "{k:?}");
            assert_eq!(raw.events, wanted, "{k:?}");
        };
        check(Key::C, ctrl, &[Event::Copy], PasteWanted::No);
        check(Key::X, ctrl, &[Event::Cut], PasteWanted::No);
        check(Key::V, ctrl, &[], PasteWanted::Text);
        check(Key::Paste, Modifiers::NONE, &[], PasteWanted::Text);
        let plain = [key(Key::C, true, Modifiers::NONE)];
        check(Key::C, Modifiers::NONE, &plain, PasteWanted::No);
        let snapshot = ctrl | Modifiers::SHIFT;
        check(Key::C, snapshot, &[key(Key::C, true, snapshot)], PasteWanted::No);
        check(Key::V, snapshot, &[key(Key::V, true, snapshot)], PasteWanted::No);
    }
}
