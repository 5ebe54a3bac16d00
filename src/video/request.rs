//! Carries what the reader of a stream asks of the decode pool.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::queue::DecodeQueue;
use super::shrink::Shrink;
use super::stream::{DecodeStream, Turn};

/// Asks for a stream's newest picture to be decoded. It is cheap to clone, and no method blocks on decoding.
#[derive(Clone)]
pub struct DecodeRequest {
    stream: Arc<DecodeStream>,
    queue: Arc<DecodeQueue>,
}

impl DecodeRequest {
    pub(super) fn new(stream: DecodeStream, queue: Arc<DecodeQueue>) -> Self {
        Self { stream: Arc::new(stream), queue }
    }

    /// Tells that a picture is in the mailbox. It has to be called at least when the mailbox was empty before.
    pub fn ask(&self) {
        if !self.stream.visible.load(Ordering::SeqCst) {
            return;
        }
        let mut turn = self.stream.turn();
        match *turn {
            Turn::Idle => {
                *turn = Turn::Waiting;
                drop(turn);
                self.queue.push(self.stream.clone());
            }
            Turn::Running => *turn = Turn::AskedAgain,
            Turn::Waiting | Turn::AskedAgain => {}
        }
    }

    /// Tells whether anybody looks. A hidden stream is not decoded; once visible, its newest picture is.
    pub fn set_visible(&self, visible: bool) {
        if self.stream.visible.swap(visible, Ordering::SeqCst) != visible && visible {
            self.ask();
        }
    }

    /// Limits the pictures per second; `None` means no limit. The newest picture wins, and each that it replaces is
    /// counted.
    pub fn set_max_rate(&self, per_second: Option<u32>) {
        if self.stream.pace().set_rate(per_second) {
            self.queue.reconsider(&self.stream);
        }
    }

    /// Tells how many screen pixels are drawn per pixel of the received picture: at 1/2 and 1/4, pictures are halved
    /// before they are uploaded. When a sharper one is called for, the last is decoded again, as no other may come soon.
    pub fn set_shown_scale(&self, scale: f32) {
        let shrink = Shrink::for_scale(scale);
        let before =
            Shrink::from_halvings(self.stream.shrink.swap(shrink.halvings(), Ordering::SeqCst));
        if shrink < before {
            self.stream.again.store(true, Ordering::SeqCst);
            self.ask();
        }
    }
}

#[cfg(test)]
impl DecodeRequest {
    pub(super) fn turn(&self) -> Turn {
        *self.stream.turn()
    }
}

impl fmt::Debug for DecodeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeRequest").field("turn", &*self.stream.turn()).finish_non_exhaustive()
    }
}
