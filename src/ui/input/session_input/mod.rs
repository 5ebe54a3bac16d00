//! Runs control mode: everything between the window's raw input and the session's control queue.

use std::collections::BTreeSet;
use std::time::Instant;

use egui::{Context, Event, Key, RawInput};

use super::hook::{self, KeyboardOwner, OurKeys, PasteWanted};
use super::keypad::KeypadNotes;
use super::mapper::InputMapper;
use super::pointer::PointerTarget;
use crate::model::{Condition, InputControl};
use crate::ui::picture::{Surface, picture_id, takes_input};

/// Whether control mode is on, and whether something of ours lies over the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// Whether control mode is on.
    pub armed: bool,
    /// Whether a dialog, the palette or the help sheet is open and wants the keyboard.
    pub covered: bool,
}

/// What a pass of raw input asks of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Whether the way out was pressed, so that control mode has to end.
    pub leave: bool,
    /// Whether the clipboard has to be read.
    pub paste: PasteWanted,
}

/// The input of control mode. The app holds one for the window.
#[derive(Debug, Default)]
pub struct SessionInput {
    mapper: InputMapper,
    /// The places of the keys that are down. egui's own set goes by names, which change with Shift.
    down: BTreeSet<Key>,
    /// The places of the keys that were down before control began; see [`hook::take_for_session`].
    ignored: BTreeSet<Key>,
    /// The events that were taken in this pass and are not mapped yet.
    events: Vec<Event>,
    /// Which presses come from the keypad.
    keypad: KeypadNotes,
    /// Who had the keyboard in the last pass.
    keyboard: Option<KeyboardOwner>,
    /// Whether the session lost the keyboard to the window since the last mapping.
    lost_keyboard: bool,
}

impl SessionInput {
    /// Begins control. The keys that are down now, such as the one that asked for it, stay ours.
    pub fn begin(&mut self, ctx: &Context) {
        self.ignored.clone_from(&self.down);
        self.mapper.begin_at(ctx.pointer_latest_pos());
        ctx.memory_mut(|memory| memory.request_focus(picture_id()));
    }

    /// Notes a press of a key that is both on the keypad and elsewhere, ahead of the input that has it.
    pub fn note_press(&mut self, key: Key, on_keypad: bool) {
        self.keypad.note(key, on_keypad);
    }

    /// Takes the session's events out of `raw`. `App::raw_input_hook` calls it in every pass, before anything else
    /// takes events.
    pub fn hook(
        &mut self,
        ctx: &Context,
        raw: &mut RawInput,
        gate: Gate,
        ours: OurKeys<'_>,
    ) -> Asked {
        let owner = keyboard_owner(ctx, raw, gate);
        self.lost_keyboard |=
            self.keyboard == Some(KeyboardOwner::Session) && owner == KeyboardOwner::Window;
        self.keyboard = Some(owner);
        for event in &raw.events {
            hook::note_down(event, &mut self.down);
        }
        let places = self.keypad.places_of(&raw.events);
        let (mut left, mut pastes) = (false, PasteWanted::No);
        if gate.armed {
            let taken = hook::take_for_session(raw, owner, &mut self.ignored, ours);
            self.mapper.expect(places.among(&taken.events));
            self.events.extend(taken.events);
            (left, pastes) = (taken.leave, taken.paste);
        }
        let paste = match owner {
            KeyboardOwner::Window => hook::translate_clipboard_keys(raw),
            KeyboardOwner::Session => pastes,
        };
        Asked { leave: left, paste }
    }

    /// Returns what to send, in order. `App::logic` calls it in every pass while control mode is on.
    ///
    /// `surface` is the picture that was on screen when the user acted. While the session can't be reached, what is
    /// held is lifted once and the rest is dropped, because it would arrive late.
    pub fn controls(
        &mut self,
        ctx: &Context,
        condition: &Condition,
        surface: Option<&Surface>,
        now: Instant,
    ) -> Vec<InputControl> {
        if !takes_input(condition) {
            return self.release_all();
        }
        let mut controls = Vec::new();
        if std::mem::take(&mut self.lost_keyboard) {
            controls = self.mapper.release_keys();
        }
        let events = std::mem::take(&mut self.events);
        let surface = surface.filter(|surface| surface.is_current(ctx));
        let is_top_at = |at| surface.is_some_and(|surface| surface.is_top_at(ctx, at));
        let target = surface
            .map(|surface| PointerTarget { geometry: &surface.geometry, is_top_at: &is_top_at });
        controls.extend(self.mapper.map(&events, target, now));
        controls
    }

    /// Tells whether the session would get the keys in `raw`.
    pub fn takes_keys(ctx: &Context, raw: &RawInput, gate: Gate) -> bool {
        keyboard_owner(ctx, raw, gate) == KeyboardOwner::Session
    }

    /// Tells whether keys that are typed now go to the session.
    pub fn has_keyboard(&self) -> bool {
        self.keyboard == Some(KeyboardOwner::Session)
    }

    /// Lifts everything that is down, because control or the connection ended.
    pub fn release_all(&mut self) -> Vec<InputControl> {
        self.events.clear();
        self.lost_keyboard = false;
        self.mapper.release_all()
    }

    /// Tells whether nothing is held down in the session.
    pub fn is_empty(&self) -> bool {
        self.mapper.is_empty()
    }

    /// Returns the text that an input method is composing.
    pub fn preedit(&self) -> &str {
        self.mapper.preedit()
    }
}

/// Decides who gets the keyboard: in control mode the session does, unless something of ours was given the focus.
fn keyboard_owner(ctx: &Context, raw: &RawInput, gate: Gate) -> KeyboardOwner {
    let focused_elsewhere =
        ctx.memory(|memory| memory.focused().is_some_and(|id| id != picture_id()));
    let ours = !gate.armed || gate.covered || focused_elsewhere || egui::Popup::is_any_open(ctx);
    // One batch may hold both the keys and the loss of the focus that came after them.
    let unfocused = !raw.focused && !raw.events.contains(&Event::WindowFocused(false));
    if ours || unfocused { KeyboardOwner::Window } else { KeyboardOwner::Session }
}

#[cfg(test)]
mod tests;
