//! Limits events that a page can make as many of as it likes.

use std::time::Instant;

/// Lets so many noisy events through in a second and counts the rest.
#[derive(Debug)]
pub(super) struct Flood {
    since: Instant,
    passed: u32,
    left_out: u32,
}

impl Flood {
    const PER_SECOND: u32 = 200;

    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, passed: 0, left_out: 0 }
    }

    /// Returns how many events were left out before this one; `None` where it may not pass.
    pub(super) fn admit(&mut self, now: Instant) -> Option<u32> {
        let left_out = if now.saturating_duration_since(self.since).as_secs() >= 1 {
            (self.since, self.passed) = (now, 0);
            std::mem::take(&mut self.left_out)
        } else {
            0
        };
        if self.passed == Self::PER_SECOND {
            self.left_out += 1;
            return None;
        }
        self.passed += 1;
        Some(left_out)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_flood_is_cut_and_counted() {
        let start = Instant::now();
        let mut flood = Flood::new(start);
        let passed = (0..300).filter(|_| flood.admit(start).is_some()).count();
        assert_eq!(passed, 200);
        assert_eq!(flood.admit(start + Duration::from_secs(1)), Some(100));
        assert_eq!(flood.admit(start + Duration::from_secs(1)), Some(0));
    }
}
