//! Decides how long to wait before a stream is asked for again.

use std::time::Duration;

use tokio::time::Instant;

use crate::base::Backoff;
use crate::net::NetError;

/// The patience with one stream over its connections.
#[derive(Debug, Default)]
pub(super) struct Patience {
    backoff: Backoff,
    /// The times of the first and the last bytes of this connection.
    heard: Option<(Instant, Instant)>,
    /// Whether bytes came in this connection or an earlier one.
    has_worked: bool,
}

impl Patience {
    /// Notes that a connection begins.
    pub(super) fn begin(&mut self) {
        self.heard = None;
    }

    /// Notes that bytes came.
    pub(super) fn heard(&mut self, now: Instant) {
        let first = self.heard.map_or(now, |(first, _)| first);
        self.heard = Some((first, now));
        self.has_worked = true;
    }

    /// Tells whether asking again is of no use after `why`. A server that has worked may only be starting anew.
    pub(super) fn is_over(&self, why: &NetError) -> bool {
        !why.may_pass(self.has_worked)
    }

    /// Takes the stream's `retry:`.
    pub(super) fn server_asks(&mut self, delay: Duration) {
        self.backoff.set_base(delay);
    }

    /// Returns how long to wait after `why`: our own delay, or the server's if it asks for more.
    pub(super) fn delay_after(&mut self, why: &NetError, jitter: f64) -> Duration {
        let healthy_for = self.heard.map(|(first, last)| last - first).unwrap_or_default();
        self.backoff.connection_was_healthy_for(healthy_for);
        let delay = match why.is_about_key() {
            true => self.backoff.next_delay_of_key(jitter),
            false => self.backoff.next_delay(jitter),
        };
        why.retry_after().map_or(delay, |asked| asked.max(delay))
    }
}

/// Returns a random number between 0 and 1.
pub(super) fn jitter() -> f64 {
    // Where the system gives no random numbers, two clients may come back at the same time, which does no harm.
    f64::from(getrandom::u32().unwrap_or(u32::MAX / 2)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_may_ask_for_more_patience_but_not_for_less() {
        let mut patience = Patience::default();
        let busy = |seconds| NetError::Busy {
            status: 503,
            message: String::new(),
            retry_after: Some(Duration::from_secs(seconds)),
        };
        assert_eq!(patience.delay_after(&busy(7), 0.0), Duration::from_secs(7));
        assert_eq!(patience.delay_after(&busy(0), 0.0), Duration::from_millis(500));
        assert_eq!(
            patience.delay_after(&NetError::Lost(String::new()), 0.0),
            Duration::from_secs(1)
        );
        let start = Instant::now();
        patience.heard(start);
        patience.heard(start + Duration::from_secs(11));
        assert_eq!(patience.delay_after(&NetError::Lost(String::new()), 0.0), Duration::ZERO);
    }
}
