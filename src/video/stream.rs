//! Runs one stream of the decode pool: its turns, what is asked of it, and what it keeps between pictures.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use egui::{Color32, ColorImage};
use tokio::sync::watch;

use super::decode::{Buffers, Decode, DecodeOptions};
use super::pace::FramePace;
use super::shrink::Shrink;
use super::{DecodeError, DecodedFrame, StreamStats};
use crate::base::{Mailbox, Published, Wake};
use crate::model::{EncodedFrame, Traffic};

/// Where a stream stands in the pool. Only `Waiting` streams are in the queue, each once, so the queue is never longer
/// than the number of streams. Only one thread runs a stream, so its pictures keep their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Idle,
    Waiting,
    Running,
    /// The stream runs, and a newer picture came meanwhile.
    AskedAgain,
}

/// One stream of pictures in the decode pool.
#[derive(Debug)]
pub(super) struct DecodeStream {
    frames: Arc<Mailbox<EncodedFrame>>,
    decoded: Arc<Mailbox<DecodedFrame>>,
    stats: Arc<StreamStats>,
    /// Tells whether pictures can be read, on which the state depends that people are shown.
    traffic: watch::Sender<Traffic>,
    wake: Wake,
    turn: Mutex<Turn>,
    pace: Mutex<FramePace>,
    /// The number of halvings of the [`Shrink`].
    pub(super) shrink: AtomicU8,
    pub(super) visible: AtomicBool,
    /// Whether the last picture has to be decoded again, at another size.
    pub(super) again: AtomicBool,
    /// Only the one thread that runs the stream locks it.
    memory: Mutex<StreamMemory>,
}

/// What a stream keeps from one picture to the next.
#[derive(Debug, Default)]
struct StreamMemory {
    last: Option<EncodedFrame>,
    /// The pictures that were handed out. One that nobody holds any more gives its pixels to the next.
    handed_out: VecDeque<Arc<ColorImage>>,
}

impl StreamMemory {
    /// One picture is shown while the next is made; a third would be of no use.
    const KEPT: usize = 2;

    fn reuse(&mut self) -> Vec<Color32> {
        let free = self.handed_out.iter().position(|image| Arc::strong_count(image) == 1);
        free.and_then(|at| self.handed_out.remove(at))
            .and_then(|image| Arc::try_unwrap(image).ok())
            .map(|image| image.pixels)
            .unwrap_or_default()
    }

    fn remember(&mut self, image: &Arc<ColorImage>) {
        if self.handed_out.len() == Self::KEPT {
            self.handed_out.pop_front();
        }
        self.handed_out.push_back(image.clone());
    }
}

impl DecodeStream {
    pub(super) fn new(
        frames: Arc<Mailbox<EncodedFrame>>,
        decoded: Arc<Mailbox<DecodedFrame>>,
        stats: Arc<StreamStats>,
        traffic: watch::Sender<Traffic>,
        wake: Wake,
    ) -> Self {
        Self {
            frames,
            decoded,
            stats,
            traffic,
            wake,
            turn: Mutex::new(Turn::Idle),
            pace: Mutex::default(),
            shrink: AtomicU8::new(Shrink::NONE.halvings()),
            visible: AtomicBool::new(true),
            again: AtomicBool::new(false),
            memory: Mutex::default(),
        }
    }

    /// Locks where the stream stands in the pool.
    pub(super) fn turn(&self) -> MutexGuard<'_, Turn> {
        lock(&self.turn)
    }

    /// Locks the rate to which the stream is held.
    pub(super) fn pace(&self) -> MutexGuard<'_, FramePace> {
        lock(&self.pace)
    }

    /// Decodes the newest picture, if there is one and somebody looks.
    pub(super) fn run(&self, max_side: u32, decode: Decode, buffers: &mut Buffers) {
        let mut memory = lock(&self.memory);
        let again = self.again.swap(false, Ordering::SeqCst);
        let frame = match self.frames.take() {
            Some(frame) => frame,
            None if again => match memory.last.take() {
                Some(frame) => frame,
                None => return,
            },
            None => return,
        };
        let wanted = DecodeOptions {
            shrink: Shrink::from_halvings(self.shrink.load(Ordering::SeqCst)),
            max_side,
        };
        buffers.pixels = memory.reuse();
        let started = Instant::now();
        self.pace().begin(started);
        // A panic in a decoder costs one picture. Nothing that it may leave half-written is used again.
        let outcome = catch_unwind(AssertUnwindSafe(|| decode(&frame, wanted, buffers)));
        match outcome {
            Ok(Ok((image, size))) => {
                self.stats.decoded(started.elapsed());
                self.traffic.send_modify(|traffic| traffic.read(frame.received_at));
                let image = Arc::new(image);
                memory.remember(&image);
                memory.last = Some(frame.clone());
                drop(memory);
                self.publish(DecodedFrame {
                    image,
                    size,
                    captured_at: frame.captured_at,
                    received_at: frame.received_at,
                    source: frame,
                });
            }
            Ok(Err(err)) => self.refuse(&err),
            Err(_panic) => {
                *buffers = Buffers::default();
                self.refuse(&DecodeError::Damaged("the decoder gave up".to_owned()));
            }
        }
    }

    fn publish(&self, frame: DecodedFrame) {
        match self.decoded.publish(frame) {
            Published::First => self.wake.wake(),
            Published::Superseded => self.stats.add_superseded(),
        }
    }

    fn refuse(&self, err: &DecodeError) {
        self.stats.add_refused();
        tracing::debug!("A picture was refused: {err}");
        let (why, mut is_news) = (err.with_advice(), false);
        self.traffic.send_modify(|traffic| is_news = traffic.refuse(&why, Instant::now()));
        if is_news {
            self.wake.wake();
        }
    }
}

/// Locks `mutex`, poisoned or not: no code under these locks leaves anything half-written but for decoders, whose
/// panics are caught.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_nobody_holds_are_reused() {
        let mut memory = StreamMemory::default();
        let image = Arc::new(ColorImage::filled([2, 2], Color32::RED));
        memory.remember(&image);
        assert!(memory.reuse().is_empty(), "still held");
        drop(image);
        assert_eq!(memory.reuse().len(), 4);
        for _ in 0..5 {
            memory.remember(&Arc::new(ColorImage::default()));
        }
        assert_eq!(memory.handed_out.len(), StreamMemory::KEPT);
    }
}
