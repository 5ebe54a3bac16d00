//! Learns from the server's heartbeats how long a stream may be silent.

use std::time::Duration;

use tokio::time::Instant;

const AT_FIRST: Duration = Duration::from_secs(45);
const SHORTEST: Duration = Duration::from_secs(15);
const LONGEST: Duration = Duration::from_secs(60);

/// Time that a stream may be silent before it counts as lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdleLimit {
    /// The limit is 45 s. After three heartbeats of a steady period it is three times that period, within 15–60 s.
    #[default]
    Adaptive,
    /// The limit is this long, whatever the heartbeats are.
    Fixed(Duration),
    /// The stream may be silent for ever.
    Off,
}

/// The limit of one connection, and the heartbeats that it is learned from.
#[derive(Debug)]
pub(super) struct Cadence {
    adaptive: bool,
    limit: Option<Duration>,
    last_beat: Option<Instant>,
    last_gap: Option<Duration>,
}

impl Cadence {
    pub(super) fn new(limit: IdleLimit) -> Self {
        let (adaptive, limit) = match limit {
            IdleLimit::Adaptive => (true, Some(AT_FIRST)),
            IdleLimit::Fixed(limit) => (false, Some(limit)),
            IdleLimit::Off => (false, None),
        };
        Self { adaptive, limit, last_beat: None, last_gap: None }
    }

    pub(super) fn limit(&self) -> Option<Duration> {
        self.limit
    }

    /// Takes in a heartbeat at `now`. Returns the new limit if it changed.
    pub(super) fn beat(&mut self, now: Instant) -> Option<Duration> {
        let gap = self.last_beat.replace(now).map(|last| now.duration_since(last))?;
        let last_gap = self.last_gap.replace(gap)?;
        let (longer, shorter) = (gap.max(last_gap), gap.min(last_gap));
        let steady = longer - shorter <= longer / 4;
        if !self.adaptive || !steady {
            return None;
        }
        // The limit is rounded to whole seconds, so that jitter does not change it.
        let limit =
            Duration::from_secs_f64((longer * 3).as_secs_f64().round()).clamp(SHORTEST, LONGEST);
        (self.limit.replace(limit) != Some(limit)).then_some(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit_after(beats: &[u64]) -> u64 {
        let start = Instant::now();
        let mut cadence = Cadence::new(IdleLimit::Adaptive);
        let mut told = AT_FIRST;
        for &at in beats {
            told = cadence.beat(start + Duration::from_millis(at)).unwrap_or(told);
        }
        assert_eq!(cadence.limit(), Some(told), "every change is told");
        told.as_secs()
    }

    #[test]
    fn three_steady_heartbeats_set_the_limit() {
        for (beats, seconds) in [
            (&[][..], 45),
            (&[0, 10_000], 45),
            (&[0, 10_000, 20_000], 30),
            (&[0, 10_000, 20_150, 30_050], 30),
            (&[0, 500, 1_000], 15),
            (&[0, 30_000, 60_000], 60),
            (&[0, 10_000, 40_000], 45),
            (&[0, 5_000, 10_000, 28_000, 46_000], 54),
        ] {
            assert_eq!(limit_after(beats), seconds, "{beats:?}");
        }
    }

    #[test]
    fn a_fixed_limit_stays() {
        let mut cadence = Cadence::new(IdleLimit::Fixed(Duration::from_secs(90)));
        let start = Instant::now();
        for second in 0..5 {
            assert_eq!(cadence.beat(start + Duration::from_secs(second)), None);
        }
        assert_eq!(cadence.limit(), Some(Duration::from_secs(90)));
        assert_eq!(Cadence::new(IdleLimit::Off).limit(), None);
    }
}
