//! Decides which stream a decoder thread takes next, and runs such a thread.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::decode::{Buffers, Decode};
use super::limits::MAX_SIDE;
use super::stream::{DecodeStream, Turn, lock};

/// The queue of streams that the pool's threads share.
#[derive(Debug)]
pub(super) struct DecodeQueue {
    streams: Mutex<QueuedStreams>,
    ready: Condvar,
    max_side: AtomicU32,
}

impl Default for DecodeQueue {
    fn default() -> Self {
        let max_side = AtomicU32::new(MAX_SIDE);
        Self { streams: Mutex::default(), ready: Condvar::new(), max_side }
    }
}

/// The streams that wait for a thread, in the order in which they asked, and those whose time has not come.
#[derive(Debug, Default)]
pub(super) struct QueuedStreams {
    pub(super) waiting: VecDeque<Arc<DecodeStream>>,
    /// The streams that are held to a rate, each with the time from which it may wait for a thread. There are as many
    /// as there are streams at most.
    pub(super) later: Vec<(Instant, Arc<DecodeStream>)>,
    closed: bool,
}

impl QueuedStreams {
    fn add(&mut self, stream: Arc<DecodeStream>, now: Instant) {
        let due = stream.pace().due(now);
        match due {
            Some(due) => self.later.push((due, stream)),
            None => self.waiting.push_back(stream),
        }
    }

    /// Lets the streams whose time has come wait for a thread. Returns when the next stream's time comes.
    fn ripen(&mut self, now: Instant) -> Option<Instant> {
        let ripe = self.later.extract_if(.., |(due, _)| *due <= now);
        let mut ripe: Vec<_> = ripe.collect();
        ripe.sort_by_key(|(due, _)| *due);
        self.waiting.extend(ripe.into_iter().map(|(_, stream)| stream));
        self.later.iter().map(|(due, _)| *due).min()
    }
}

impl DecodeQueue {
    pub(super) fn streams(&self) -> MutexGuard<'_, QueuedStreams> {
        lock(&self.streams)
    }

    /// Sets the longest side that can be uploaded, for pictures that are decoded from now on.
    pub(super) fn set_max_side(&self, side: u32) {
        self.max_side.store(side.min(MAX_SIDE), Ordering::Relaxed);
    }

    /// Forgets the streams that wait, and lets the threads end.
    pub(super) fn close(&self) {
        let mut streams = self.streams();
        streams.closed = true;
        streams.waiting.clear();
        streams.later.clear();
        drop(streams);
        self.ready.notify_all();
    }

    /// Lets `stream` wait for a thread.
    pub(super) fn push(&self, stream: Arc<DecodeStream>) {
        let mut streams = self.streams();
        if streams.closed {
            return;
        }
        streams.add(stream, Instant::now());
        drop(streams);
        self.ready.notify_one();
    }

    /// Queues `stream` anew after its rate changed, because the time for which it waits may have changed, too.
    pub(super) fn reconsider(&self, stream: &Arc<DecodeStream>) {
        let mut streams = self.streams();
        let waits = |(_, other): &(Instant, Arc<DecodeStream>)| Arc::ptr_eq(other, stream);
        if let Some(at) = streams.later.iter().position(waits) {
            let (_, stream) = streams.later.remove(at);
            streams.add(stream, Instant::now());
            drop(streams);
            self.ready.notify_one();
        }
    }

    /// Runs one thread until the pool is gone.
    pub(super) fn work(&self, decode: Decode) {
        let mut buffers = Buffers::default();
        while let Some(stream) = self.next() {
            *stream.turn() = Turn::Running;
            stream.run(self.max_side.load(Ordering::Relaxed), decode, &mut buffers);
            let mut turn = stream.turn();
            if *turn == Turn::AskedAgain {
                // The stream goes to the back, so that a flood on one stream does not starve the others.
                *turn = Turn::Waiting;
                drop(turn);
                self.push(stream);
            } else {
                *turn = Turn::Idle;
            }
        }
    }

    /// Waits for a stream. Returns `None` when the pool is gone.
    fn next(&self) -> Option<Arc<DecodeStream>> {
        let mut streams = self.streams();
        loop {
            if streams.closed {
                return None;
            }
            let now = Instant::now();
            let next = streams.ripen(now);
            if let Some(stream) = streams.waiting.pop_front() {
                if next.is_some() || !streams.waiting.is_empty() {
                    // Another thread has to watch for the next stream's time while this one decodes.
                    self.ready.notify_one();
                }
                return Some(stream);
            }
            streams = match next {
                Some(due) => {
                    let left = due.saturating_duration_since(now);
                    let waited = self.ready.wait_timeout(streams, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.ready.wait(streams).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}
