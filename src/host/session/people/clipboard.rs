//! Tells participants what they copy in the page: only to whoever has control, within a moment of their own gesture, and
//! only as far as they ask. When control is handed back, the clipboard is emptied.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::desk::{CopiedSlot, Whisper};
use super::{Change, SessionPeople};
use crate::host::driver::CopiedContent;
use crate::model::{ClipboardContent, InputControl};
use crate::protocol::socket::ServerMessage;

/// A page may copy for this long after a gesture. What it copies later is nobody's.
const GESTURE: Duration = Duration::from_secs(1);

/// How far one participant shares the clipboard.
#[derive(Debug, Default)]
pub(super) struct ClipboardShare {
    /// Whether what is copied is told, or only that something was; `None` where nobody asked for either.
    on: Option<bool>,
    /// The last press or release while they had control.
    gesture: Option<Instant>,
    /// They copied something, and have not been told what.
    owes: bool,
    /// They have copied or pasted since they have control.
    used: bool,
    slot: CopiedSlot,
}

impl ClipboardShare {
    /// Notes an input that was let through to the page.
    pub(super) fn note(&mut self, input: &InputControl, now: Instant) {
        match input {
            InputControl::PointerDown { .. }
            | InputControl::PointerUp { .. }
            | InputControl::KeyDown(_)
            | InputControl::KeyUp(_) => self.gesture = Some(now),
            InputControl::Paste(_) => self.used = true,
            InputControl::PointerMove(_)
            | InputControl::Wheel { .. }
            | InputControl::Text { .. } => {}
        }
    }

    /// Ends what was owed to whoever had control, and tells whether something is left in the clipboard.
    pub(super) fn hand_back(&mut self) -> bool {
        (self.gesture, self.owes) = (None, false);
        std::mem::take(&mut self.used)
    }

    /// Tells whether something that was copied just now was copied by this one's hand.
    fn is_theirs(&self, now: Instant) -> bool {
        self.on.is_some()
            && self.gesture.is_some_and(|at| now.saturating_duration_since(at) <= GESTURE)
    }
}

impl SessionPeople {
    /// A participant asks to be told what they copy.
    pub(super) fn share_clipboard(self: &Arc<Self>, change: &mut Change<'_>, who: u32, on: bool) {
        let Some(participant) = change.participants.get_mut(&who).filter(|it| it.listens()) else {
            return;
        };
        let is_first = participant.clipboard.on.replace(on).is_none();
        if is_first {
            let watching = self.driver.watch_clipboard();
            self.tracker.spawn_on(
                async move {
                    if let Err(err) = watching.await {
                        tracing::warn!(%err, "The clipboard of a session can't be shared");
                    }
                },
                &self.rt,
            );
        }
        if on && participant.clipboard.owes {
            self.tell_copied(who);
        }
    }

    /// Something was copied in the page.
    pub(super) fn copied(self: &Arc<Self>, change: &mut Change<'_>) {
        let now = Instant::now();
        for (index, participant) in &mut change.participants {
            if !participant.clipboard.is_theirs(now) {
                continue;
            }
            (participant.clipboard.owes, participant.clipboard.used) = (true, true);
            if participant.clipboard.on == Some(true) {
                self.tell_copied(*index);
            } else {
                let content = ClipboardContent::default();
                participant.whisper(Whisper::Tell(ServerMessage::Clipboard {
                    content,
                    shared: false,
                    problem: None,
                }));
            }
        }
    }

    /// Reads what was copied and tells it to this participant, if they still have control by then.
    fn tell_copied(self: &Arc<Self>, who: u32) {
        let (people, reading) = (self.clone(), self.driver.copied());
        let telling = async move {
            let copied = match reading.await {
                Ok(copied) => copied,
                Err(err) => CopiedContent {
                    problem: format!("What was copied can't be read: {err}"),
                    ..CopiedContent::default()
                },
            };
            let mut change = people.change();
            let Some(participant) = change.participants.get_mut(&who) else {
                return;
            };
            let share = &mut participant.clipboard;
            if share.on != Some(true) || !std::mem::take(&mut share.owes) {
                return;
            }
            let CopiedContent { content, problem } = copied;
            let problem = (!problem.is_empty()).then(|| problem.into());
            share.slot.put(ServerMessage::Clipboard { content, shared: true, problem });
            participant.whisper(Whisper::Copied(participant.clipboard.slot.clone()));
        };
        self.tracker.spawn_on(telling, &self.rt);
    }

    /// Empties the clipboard, because whoever used it has handed back. The call is made here, in order with the input of
    /// whoever comes next.
    pub(super) fn clear_clipboard(&self) {
        let clearing = self.driver.clear_clipboard();
        let cleared = async move {
            if let Err(err) = clearing.await {
                tracing::debug!(%err, "The clipboard of a session could not be emptied");
            }
        };
        self.tracker.spawn_on(cleared, &self.rt);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{KeyInput, PointerAt};

    #[test]
    fn a_copy_is_theirs_within_a_second_of_a_press_and_while_they_ask() {
        let now = Instant::now();
        let at = |ms| now + Duration::from_millis(ms);
        let mut share = ClipboardShare::default();
        share.note(&InputControl::KeyDown(KeyInput::default()), now);
        assert!(!share.is_theirs(now), "nobody asked");
        share.on = Some(false);
        assert!(share.is_theirs(at(1000)) && !share.is_theirs(at(1001)));
        share.note(&InputControl::PointerMove(PointerAt::default()), at(1500));
        assert!(!share.is_theirs(at(1500)), "a move is no gesture");
        share.note(&InputControl::KeyUp(KeyInput::default()), at(2000));
        assert!(share.is_theirs(at(2000)));
        assert!(!share.hand_back() && !share.is_theirs(at(2000)));
        share.note(&InputControl::Paste(ClipboardContent::default()), at(2000));
        assert!(share.hand_back() && !share.hand_back());
    }
}
