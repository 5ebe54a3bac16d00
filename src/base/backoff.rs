//! Decides when to try again: the delay grows exponentially, is jittered, and starts over after a healthy connection.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const CAP: Duration = Duration::from_secs(30);
/// A connection that carried bytes for this long starts the delays over.
const HEALTHY: Duration = Duration::from_secs(10);

/// A credential that is refused is tried so many times with the usual delays, in about half a minute.
const QUICK_KEY_TRIES: u32 = 6;
/// Shortest delay of its later tries, because services lock out clients that were refused ten times in ten minutes.
const SLOW_KEY_DELAY: Duration = Duration::from_secs(240);

/// Computes the delay before the next attempt. It never gives up: the caller decides what is final.
#[derive(Clone, Debug)]
pub struct Backoff {
    base: Duration,
    attempt: u32,
    /// How often the credential was refused since the last healthy connection.
    key_refusals: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: FIRST, attempt: 0, key_refusals: 0 }
    }
}

impl Backoff {
    /// Returns the number of attempts since the last healthy connection.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Takes the server's `retry:` as the new base, clamped to 0.5–30 s. The exponent stays.
    pub fn set_base(&mut self, base: Duration) {
        self.base = base.clamp(FIRST, CAP);
    }

    /// Notes how long the last connection carried bytes. Connecting alone is not health: a server that accepts and
    /// closes must not get a tight loop.
    pub fn connection_was_healthy_for(&mut self, healthy: Duration) {
        if healthy >= HEALTHY {
            self.attempt = 0;
            self.key_refusals = 0;
        }
    }

    /// Returns the next delay after a credential was refused, which becomes long before anybody is locked out.
    pub fn next_delay_of_key(&mut self, jitter: f64) -> Duration {
        self.key_refusals = self.key_refusals.saturating_add(1);
        let delay = self.next_delay(jitter);
        if self.key_refusals > QUICK_KEY_TRIES { delay.max(SLOW_KEY_DELAY) } else { delay }
    }

    /// Returns the next delay and counts the attempt. `jitter` is random in 0..1 and adds up to a quarter.
    /// The first retry after a healthy connection comes within half a second.
    pub fn next_delay(&mut self, jitter: f64) -> Duration {
        let jitter = jitter.clamp(0.0, 1.0);
        let attempt = self.attempt;
        self.attempt = attempt.saturating_add(1);
        if attempt == 0 && self.base == FIRST {
            return FIRST.mul_f64(jitter);
        }
        let exponent = if self.base == FIRST { attempt - 1 } else { attempt };
        let delay = self.base.saturating_mul(2_u32.saturating_pow(exponent.min(16))).min(CAP);
        delay.mul_f64(1.0 + jitter / 4.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(backoff: &mut Backoff, n: usize) -> Vec<u64> {
        (0..n).map(|_| backoff.next_delay(0.0).as_millis() as u64).collect()
    }

    #[test]
    fn doubles_to_the_cap_and_stays() {
        assert_eq!(
            delays(&mut Backoff::default(), 9),
            [0, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]
        );
    }

    #[test]
    fn only_a_healthy_connection_starts_over() {
        let mut backoff = Backoff::default();
        delays(&mut backoff, 5);
        backoff.connection_was_healthy_for(Duration::from_secs(3));
        assert_eq!(delays(&mut backoff, 1), [8000]);
        backoff.connection_was_healthy_for(Duration::from_secs(11));
        assert_eq!(delays(&mut backoff, 1), [0]);
    }

    #[test]
    fn the_servers_wish_is_clamped_and_jitter_adds_a_quarter() {
        let mut backoff = Backoff::default();
        backoff.set_base(Duration::ZERO);
        assert_eq!(backoff.base, FIRST);
        backoff.set_base(Duration::from_secs(3600));
        assert_eq!(backoff.next_delay(1.0), CAP.mul_f64(1.25));
    }

    #[test]
    fn a_refused_key_locks_nobody_out() {
        let mut backoff = Backoff::default();
        let (mut refusals, mut passed) = (0, Duration::ZERO);
        while passed < Duration::from_secs(600) {
            refusals += 1;
            passed += backoff.next_delay_of_key(0.0);
        }
        assert!((7..10).contains(&refusals), "{refusals}");
        backoff.connection_was_healthy_for(Duration::from_secs(11));
        assert_eq!(backoff.next_delay_of_key(0.0), Duration::ZERO);
    }

    #[test]
    fn a_million_attempts_do_not_overflow() {
        let mut backoff = Backoff { base: CAP, attempt: u32::MAX, key_refusals: u32::MAX };
        assert_eq!(backoff.next_delay(0.0), CAP);
    }
}
