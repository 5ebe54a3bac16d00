//! Keeps where participants point and what they did there last, for the others to see. Nothing of it reaches the page.

use std::time::Duration;

use tokio::time::Instant;

use super::SessionPeople;
use crate::model::{
    FramePoint, InputControl, PointerAct, PointerActKind, PointerAt, RemotePointer,
};

/// An act is told for this long. Who comes later sees only where it was.
const TOLD_FOR: Duration = Duration::from_secs(2);

/// A pointer, and when its participant last acted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ShownPointer {
    pointer: RemotePointer,
    acted_at: Option<Instant>,
}

impl ShownPointer {
    pub(super) fn index(&self) -> u32 {
        self.pointer.index
    }

    /// Returns the pointer as it is told at `now`.
    pub(super) fn told(&self, now: Instant) -> RemotePointer {
        let mut told = self.pointer.clone();
        told.act = told.act.filter(|_| self.acted_at.is_some_and(|at| now < at + TOLD_FOR));
        told
    }
}

impl SessionPeople {
    /// Shows the others where a participant points, or that they point nowhere.
    pub(super) fn point(&self, index: u32, at: Option<FramePoint>) {
        // The size may not be 0, because readers scale by the picture's size.
        let at =
            at.filter(|at| at.x.is_finite() && at.y.is_finite() && at.width > 0 && at.height > 0);
        self.pointers.send_if_modified(|pointers| {
            let known = pointers.iter().position(|one| one.index() == index);
            match (at, known) {
                (Some(at), Some(known)) => pointers[known].pointer.at = at,
                (Some(at), None) => {
                    let pointer = RemotePointer { index, at, act: None };
                    pointers.push(ShownPointer { pointer, acted_at: None });
                }
                (None, Some(known)) => {
                    pointers.remove(known);
                }
                (None, None) => return false,
            }
            true
        });
    }

    /// Shows the others what a participant does with these inputs. `text` is what is typed, where it may be told.
    pub(crate) fn note_acts<'a>(
        &self,
        who: u32,
        inputs: impl IntoIterator<Item = &'a InputControl>,
        text: Option<&str>,
    ) {
        let Some((kind, at)) = inputs.into_iter().find_map(act_of) else {
            return;
        };
        if let Some(at) = at {
            self.point(who, Some(self.framed(at)));
        }
        self.pointers.send_if_modified(|pointers| {
            let Some(one) = pointers.iter_mut().find(|one| one.index() == who) else {
                return false;
            };
            let n = one.pointer.act.as_ref().map_or(0, |act| act.n).wrapping_add(1);
            let text = text.unwrap_or_default().into();
            one.pointer.act = Some(PointerAct { n, kind, text });
            one.acted_at = Some(Instant::now());
            true
        });
    }

    /// Returns the place in a picture of a known size.
    fn framed(&self, at: &PointerAt) -> FramePoint {
        let (mut width, mut height) = (at.width, at.height);
        if width == 0 || height == 0 {
            let state = self.driver.state();
            let state = state.borrow();
            (width, height) = (state.width, state.height);
        }
        FramePoint { x: at.x, y: at.y, width, height }
    }
}

/// Returns what an input does that others may see, and where.
fn act_of(input: &InputControl) -> Option<(PointerActKind, Option<&PointerAt>)> {
    match input {
        InputControl::PointerDown { at, .. } => Some((PointerActKind::Press, Some(at))),
        InputControl::Wheel { at, .. } => Some((PointerActKind::Scroll, Some(at))),
        InputControl::KeyDown(_) | InputControl::Text { .. } | InputControl::Paste(_) => {
            Some((PointerActKind::Type, None))
        }
        InputControl::PointerMove(_) | InputControl::PointerUp { .. } | InputControl::KeyUp(_) => {
            None
        }
    }
}
