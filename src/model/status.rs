//! Describes the state of a session's connection, with the one honest word for it.

use std::time::{Duration, Instant};

/// A connection whose last picture is older than this is no longer called live.
const LIVE_FOR: Duration = Duration::from_secs(5);

/// What the background side knows of the connection. It sends a stream of these, of which the latest counts.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// The first connection is being made.
    Connecting {
        /// How many attempts failed before; 0 for the first.
        attempt: u32,
    },
    /// The connection stands.
    Connected,
    /// The connection was lost and is tried again.
    Reconnecting {
        /// How many attempts failed since the connection was lost.
        attempt: u32,
        /// When the next attempt begins.
        retry_at: Instant,
        /// One plain sentence.
        why: String,
    },
    /// The connection is not tried again by itself.
    Ended {
        /// One plain sentence.
        why: String,
        /// Whether there is no such session any more, so that connecting again can't help.
        over: bool,
    },
}

/// When something last came over the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Traffic {
    /// When the last byte came.
    pub last_byte: Option<Instant>,
    /// When the last picture came.
    pub last_frame: Option<Instant>,
    /// A silence that lasts longer than this means that the connection has stalled.
    pub silence_limit: Duration,
}

/// The one word for a connection that people are shown. It is derived from [`Status`] and [`Traffic`] and never
/// stored. Its name in lower case is what files of figures tell.
#[derive(Clone, Debug, PartialEq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Condition {
    /// The first connection is being made.
    Connecting {
        /// How many attempts failed before; 0 for the first.
        attempt: u32,
    },
    /// The connection stands, but no picture came yet: none is asked for while nobody sees it.
    Connected,
    /// Pictures are coming.
    Live,
    /// The connection proves that it is alive, and the page does not change.
    Idle {
        /// The age of the last picture.
        unchanged_for: Duration,
    },
    /// Nothing at all is heard, for longer than the stream's heartbeat allows.
    Stalled {
        /// The time since the last byte.
        silent_for: Duration,
    },
    /// The connection was lost and is tried again.
    Reconnecting {
        /// How many attempts failed since the connection was lost.
        attempt: u32,
        /// The time until the next attempt.
        retry_in: Duration,
        /// One plain sentence.
        why: String,
    },
    /// There is no such session any more.
    Ended {
        /// One plain sentence.
        why: String,
    },
    /// The session may be there, but can't be watched this way: a key is refused, or a camera is not found.
    Refused {
        /// One plain sentence.
        why: String,
    },
}

impl Condition {
    /// Derives the word that is right at `now`.
    pub fn of(status: &Status, traffic: &Traffic, now: Instant) -> Self {
        match status {
            Status::Connecting { attempt } => Self::Connecting { attempt: *attempt },
            Status::Reconnecting { attempt, retry_at, why } => Self::Reconnecting {
                attempt: *attempt,
                retry_in: retry_at.saturating_duration_since(now),
                why: why.clone(),
            },
            Status::Ended { why, over: true } => Self::Ended { why: why.clone() },
            Status::Ended { why, over: false } => Self::Refused { why: why.clone() },
            Status::Connected => Self::of_connected(traffic, now),
        }
    }

    fn of_connected(traffic: &Traffic, now: Instant) -> Self {
        let since = |at: Option<Instant>| at.map(|at| now.saturating_duration_since(at));
        match (since(traffic.last_byte), since(traffic.last_frame)) {
            (Some(silent_for), _) if silent_for > traffic.silence_limit => {
                Self::Stalled { silent_for }
            }
            (_, Some(age)) if age <= LIVE_FOR => Self::Live,
            (_, Some(age)) => Self::Idle { unchanged_for: age },
            (_, None) => Self::Connected,
        }
    }

    /// Returns how long this stays the right word if no picture comes; `None` for ever. A connection that falls silent
    /// is told as news: waiting for that here would need a repaint with every heartbeat.
    pub fn holds_for(&self, traffic: &Traffic, now: Instant) -> Option<Duration> {
        let until = match self {
            Self::Live => traffic.last_frame.map(|at| at + LIVE_FOR),
            Self::Connecting { .. }
            | Self::Connected
            | Self::Idle { .. }
            | Self::Stalled { .. }
            | Self::Reconnecting { .. }
            | Self::Ended { .. }
            | Self::Refused { .. } => None,
        };
        // The word changes after the limit, not on it, so this waits a moment longer.
        until.map(|at| at.saturating_duration_since(now) + Duration::from_millis(1))
    }

    /// Tells whether the session can't be reached, so that what is known of it may no longer be true.
    pub fn is_away(&self) -> bool {
        match self {
            Self::Connected | Self::Live | Self::Idle { .. } | Self::Stalled { .. } => false,
            Self::Connecting { .. }
            | Self::Reconnecting { .. }
            | Self::Ended { .. }
            | Self::Refused { .. } => true,
        }
    }

    /// Tells whether there is no such session any more.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Ended { .. })
    }

    /// Tells whether the last picture may no longer be what the session shows.
    pub fn is_stale(&self) -> bool {
        match self {
            Self::Connected | Self::Live | Self::Idle { .. } => false,
            Self::Connecting { .. }
            | Self::Stalled { .. }
            | Self::Reconnecting { .. }
            | Self::Ended { .. }
            | Self::Refused { .. } => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_true_at_every_age() {
        let start = Instant::now();
        let now = start + Duration::from_secs(100);
        let at = |ago: u64| Some(now - Duration::from_secs(ago));
        let word = |byte, frame| {
            let traffic = Traffic {
                last_byte: byte,
                last_frame: frame,
                silence_limit: Duration::from_secs(45),
            };
            Condition::of(&Status::Connected, &traffic, now)
        };
        assert_eq!(word(None, None), Condition::Connected);
        assert_eq!(word(at(1), None), Condition::Connected);
        assert_eq!(word(at(1), at(1)), Condition::Live);
        assert_eq!(word(at(1), at(20)), Condition::Idle { unchanged_for: Duration::from_secs(20) });
        assert_eq!(
            word(at(50), at(60)),
            Condition::Stalled { silent_for: Duration::from_secs(50) }
        );
        assert!(word(at(50), at(60)).is_stale() && !word(at(1), at(20)).is_stale());
    }

    #[test]
    fn the_word_holds_until_time_alone_changes_it() {
        let now = Instant::now() + Duration::from_secs(100);
        let at = |ago: u64| Some(now - Duration::from_secs(ago));
        for (byte, frame) in [(at(1), at(1)), (at(1), at(4))] {
            let traffic = Traffic {
                last_byte: byte,
                last_frame: frame,
                silence_limit: Duration::from_secs(45),
            };
            let word =
                |now| std::mem::discriminant(&Condition::of(&Status::Connected, &traffic, now));
            let holds =
                Condition::of(&Status::Connected, &traffic, now).holds_for(&traffic, now).unwrap();
            assert_eq!(word(now), word(now + holds - Duration::from_millis(2)));
            assert_ne!(word(now), word(now + holds));
        }
        let idle = Condition::Idle { unchanged_for: Duration::from_secs(20) };
        assert_eq!(idle.holds_for(&Traffic::default(), now), None);
    }
}
