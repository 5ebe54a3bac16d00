//! Keeps the last screenshots of a session, to be fetched by their unguessable names.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use crate::host::error::HostError;
use crate::host::random::random_hex;

const MAX_SHOTS: usize = 20;
const MAX_BYTES: usize = 64 << 20;

/// The last screenshots of a session, by their names; the oldest go first.
#[derive(Debug, Default)]
pub(crate) struct Shots(Mutex<VecDeque<(String, Bytes)>>);

impl Shots {
    /// Keeps a picture and returns its name. The oldest are forgotten.
    pub(crate) fn keep(&self, picture: Bytes) -> Result<String, HostError> {
        let name = format!("{}.png", random_hex::<16>()?);
        let mut shots = self.lock();
        shots.push_back((name.clone(), picture));
        while shots.len() > MAX_SHOTS
            || (shots.len() > 1 && shots.iter().map(|(_, p)| p.len()).sum::<usize>() > MAX_BYTES)
        {
            shots.pop_front();
        }
        Ok(name)
    }

    pub(crate) fn find(&self, name: &str) -> Option<Bytes> {
        self.lock().iter().find(|(known, _)| known == name).map(|(_, picture)| picture.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<(String, Bytes)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_twenty_are_kept() {
        let shots = Shots::default();
        let names: Vec<_> = (0..25).map(|n| shots.keep(Bytes::from(vec![n])).unwrap()).collect();
        assert_eq!(shots.find(&names[4]), None);
        assert_eq!(shots.find(&names[5]).unwrap(), &[5][..]);
        assert_eq!(shots.lock().len(), MAX_SHOTS);
    }
}
