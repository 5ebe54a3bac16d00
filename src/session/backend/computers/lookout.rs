//! Decides when a host is asked about a page that sends no pictures: whether it is still, hidden or stuck.

use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::sleep_until;

use crate::model::{PageLife, Traffic};

/// The picture stream is looked at so often, which is cheaper than to be woken by each picture.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A page that is stuck or hidden is asked about again after this time, because it may come back without a picture.
const AGAIN_AFTER: Duration = Duration::from_secs(3);

/// Follows the silences of one session's pictures.
pub(super) struct Lookout {
    traffic: watch::Receiver<Traffic>,
    /// The last picture before the silence that was asked about, and when.
    asked: Option<(Instant, Instant)>,
    /// Whether the host knows the question.
    is_answered: bool,
}

impl Lookout {
    pub(super) fn new(traffic: watch::Receiver<Traffic>) -> Self {
        Self { traffic, asked: None, is_answered: true }
    }

    /// Waits until it is time to ask. It is cancel-safe.
    pub(super) async fn due(&mut self) {
        loop {
            let now = now();
            match self.ask_at().filter(|_| self.is_answered) {
                Some(at) if at <= now => break,
                at => sleep_until(at.unwrap_or(now + LOOK_EVERY).into()).await,
            }
        }
        let last = self.traffic.borrow().last_received;
        self.asked = last.map(|last| (last, now()));
    }

    /// Notes that the host does not know the question.
    pub(super) fn is_refused(&mut self) {
        self.is_answered = false;
    }

    fn ask_at(&self) -> Option<Instant> {
        let traffic = self.traffic.borrow();
        let last = traffic.last_received?;
        match (self.asked, traffic.page) {
            (Some((about, _)), Some(PageLife::Still)) if about == last => None,
            (Some((about, at)), _) if about == last => Some(at + AGAIN_AFTER),
            _ => traffic.ask_at(),
        }
    }
}

/// Returns the time by the runtime's clock, which tests hold.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_silence_is_asked_about_once_and_a_page_that_is_stuck_again() {
        let start = tokio::time::Instant::now();
        let (sender, receiver) = watch::channel(Traffic::default());
        let moving = |at: tokio::time::Instant| Traffic {
            last_received: Some(at.into_std()),
            run: 30,
            ..Traffic::default()
        };
        let mut lookout = Lookout::new(receiver);
        let waits = async |lookout: &mut Lookout, limit: Duration| {
            tokio::time::timeout(limit, lookout.due()).await.is_ok()
        };
        let long = Duration::from_secs(60);
        assert!(!waits(&mut lookout, long).await, "there was no picture yet");

        let now = tokio::time::Instant::now();
        assert!(now > start);
        sender.send_replace(moving(now));
        assert!(waits(&mut lookout, Duration::from_secs(2)).await);
        sender.send_modify(|traffic| traffic.page = Some(PageLife::Stuck));
        assert!(!waits(&mut lookout, Duration::from_secs(2)).await);
        assert!(waits(&mut lookout, Duration::from_secs(2)).await, "it is still stuck");
        sender.send_modify(|traffic| traffic.page = Some(PageLife::Still));
        assert!(!waits(&mut lookout, long).await);
        sender.send_replace(moving(tokio::time::Instant::now()));
        assert!(waits(&mut lookout, Duration::from_secs(2)).await, "this is another silence");
        lookout.is_refused();
        sender.send_replace(moving(tokio::time::Instant::now()));
        assert!(!waits(&mut lookout, long).await);
    }
}
