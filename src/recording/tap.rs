//! Lets what passes a session's only place for pictures and news go into a recording, too.

use std::mem::discriminant;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::record::Record;
use super::recorder::Track;
use crate::model::{Control, EncodedFrame, Status, Update};

/// The place where one session's pictures and news pass. It keeps the latest of each state, so that a recording that
/// begins late begins with them. Its lock is held for as long as something takes to be queued.
#[derive(Debug, Default)]
pub struct Tap(Mutex<TapState>);

#[derive(Debug, Default)]
struct TapState {
    track: Option<Track>,
    status: Option<Status>,
    /// The latest news of each kind of state.
    states: Vec<Update>,
    /// The latest picture. A page that stands still sends no other one for long.
    picture: Option<EncodedFrame>,
}

impl Tap {
    /// Begins to record into `track`, or ends it. What is so far known of the session is recorded first.
    pub fn record_into(&self, track: Option<Track>) {
        let mut state = self.lock();
        state.track = track;
        let Some(track) = &state.track else { return };
        let status = state.status.as_ref().map(Record::status);
        let states = state.states.iter().filter_map(Record::update);
        let picture = state.picture.clone().map(Record::Picture);
        status.into_iter().chain(states).chain(picture).for_each(|record| track.record(record));
    }

    /// Tells whether what passes is recorded.
    pub fn is_recording(&self) -> bool {
        self.lock().track.is_some()
    }

    /// A picture passes.
    pub fn picture(&self, frame: &EncodedFrame) {
        let mut state = self.lock();
        state.picture = Some(frame.clone());
        state.record(|| Some(Record::Picture(frame.clone())));
    }

    /// News pass.
    pub fn update(&self, update: &Update) {
        let mut state = self.lock();
        if is_state(update) {
            let same = |known: &&mut Update| discriminant(&**known) == discriminant(update);
            match state.states.iter_mut().find(same) {
                Some(known) => known.clone_from(update),
                None => state.states.push(update.clone()),
            }
        }
        state.record(|| Record::update(update));
    }

    /// The connection has another status.
    pub fn status(&self, status: &Status) {
        let mut state = self.lock();
        state.status = Some(status.clone());
        state.record(|| Some(Record::status(status)));
    }

    /// Something is sent to the session.
    pub fn sent(&self, control: &Control) {
        self.lock().record(|| Some(Record::sent(control)));
    }

    fn lock(&self) -> MutexGuard<'_, TapState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TapState {
    fn record(&self, record: impl FnOnce() -> Option<Record>) {
        if let Some(track) = &self.track
            && let Some(record) = record()
        {
            track.record(record);
        }
    }
}

/// Tells whether the latest news of this kind say how things stand, and not that something happened.
fn is_state(update: &Update) -> bool {
    match update {
        Update::Capabilities(_)
        | Update::Lifetime(_)
        | Update::KeepAlive(_)
        | Update::Page(_)
        | Update::Tabs(_)
        | Update::Dialog(_)
        | Update::FormControl(_)
        | Update::Pointer(_)
        | Update::Found(_)
        | Update::People(_)
        | Update::Pointers(_)
        | Update::Forwarding(_)
        | Update::PictureSource(_)
        | Update::Cursor(_) => true,
        Update::Event(_)
        | Update::ContextMenu(_)
        | Update::Copied(_)
        | Update::Shortcut(_)
        | Update::Download(_)
        | Update::Said(_)
        | Update::ObjectAlert(_)
        | Update::Chat(_)
        | Update::Refused(_) => false,
    }
}
