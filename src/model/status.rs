//! Describes the state of a session's connection, with the one honest word for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

/// A connection whose last picture is older than this is no longer called live.
const LIVE_FOR: Duration = Duration::from_secs(5);
/// While pictures that can't be read keep coming, their number is told anew this often.
const COUNTED_EVERY: Duration = Duration::from_secs(1);

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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traffic {
    /// When the last byte came.
    pub last_byte: Option<Instant>,
    /// When the last picture came, whether or not anybody tried to read it.
    pub last_received: Option<Instant>,
    /// When the last picture came that could be read.
    pub last_frame: Option<Instant>,
    /// The pictures that came since and could not be read, if there are any.
    pub unread: Option<UnreadPictures>,
    /// A silence that lasts longer than this means that the connection has stalled.
    pub silence_limit: Duration,
}

/// Pictures that came and could not be read, with none among them that could.
#[derive(Clone, Debug, PartialEq)]
pub struct UnreadPictures {
    /// How many there are.
    pub count: u64,
    /// What is wrong with the last of them and what to do about it, as plain sentences without the last full stop.
    pub why: Arc<str>,
    /// When the last of them came.
    pub last_at: Instant,
    /// When [`Traffic::refuse`] last said that people have to be told.
    told_at: Instant,
}

impl Traffic {
    /// Notes that the picture that came at `at` could be read.
    pub fn read(&mut self, at: Instant) {
        self.last_frame = Some(at);
        self.unread = None;
    }

    /// Notes that a picture came at `now` and could not be read. Tells whether people have to be told at once, which is
    /// so once a second at most; otherwise it is enough to look again when [`Condition::holds_for`] says.
    pub fn refuse(&mut self, why: &str, now: Instant) -> bool {
        let Some(unread) = &mut self.unread else {
            let why = why.into();
            self.unread = Some(UnreadPictures { count: 1, why, last_at: now, told_at: now });
            return true;
        };
        unread.count += 1;
        unread.last_at = now;
        if *unread.why != *why {
            unread.why = why.into();
        }
        let is_news = now.saturating_duration_since(unread.told_at) >= COUNTED_EVERY;
        if is_news {
            unread.told_at = now;
        }
        is_news
    }
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
    /// Pictures come, and none of them can be read.
    Unreadable {
        /// How many came since the last one that could be read.
        count: u64,
        /// What is wrong and what to do about it, as plain sentences without the last full stop.
        why: Arc<str>,
    },
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
            (_, age) => match (&traffic.unread, age) {
                (Some(unread), _) => {
                    Self::Unreadable { count: unread.count, why: unread.why.clone() }
                }
                (None, Some(age)) => Self::Idle { unchanged_for: age },
                (None, None) => Self::Connected,
            },
        }
    }

    /// Returns how long this stays the right word if no picture comes; `None` for ever. A connection that falls silent
    /// is told as news: waiting for that here would need a repaint with every heartbeat.
    pub fn holds_for(&self, traffic: &Traffic, now: Instant) -> Option<Duration> {
        let until = match self {
            Self::Live => traffic.last_frame.map(|at| at + LIVE_FOR),
            Self::Unreadable { .. } => traffic
                .unread
                .as_ref()
                .filter(|unread| now.saturating_duration_since(unread.last_at) < COUNTED_EVERY)
                .map(|_| now + COUNTED_EVERY),
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
            Self::Connected
            | Self::Live
            | Self::Unreadable { .. }
            | Self::Idle { .. }
            | Self::Stalled { .. } => false,
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
            | Self::Unreadable { .. }
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
                ..Traffic::default()
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
                ..Traffic::default()
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

    #[test]
    fn pictures_that_cannot_be_read_are_never_called_live_or_awaited() {
        let start = Instant::now();
        let after = |seconds: f32| start + Duration::from_secs_f32(seconds);
        let mut traffic = Traffic { silence_limit: Duration::from_secs(45), ..Traffic::default() };
        let word = |traffic: &Traffic, now| Condition::of(&Status::Connected, traffic, now);
        let unreadable = |count, why: &str| Condition::Unreadable { count, why: why.into() };
        assert!(traffic.refuse("too large", after(0.0)), "the first one is news");
        assert_eq!(word(&traffic, after(0.0)), unreadable(1, "too large"));
        assert!(!traffic.refuse("too large", after(0.1)), "the next is counted");
        let told = word(&traffic, after(0.1));
        assert_eq!(told, unreadable(2, "too large"));
        assert!(told.is_stale() && !told.is_away());
        assert!(told.holds_for(&traffic, after(0.2)).is_some(), "more may have come in a second");
        assert_eq!(told.holds_for(&traffic, after(3.0)), None, "none came for long");
        assert!(traffic.refuse("damaged", after(4.0)));
        assert_eq!(word(&traffic, after(4.0)), unreadable(3, "damaged"));
        traffic.read(after(10.0));
        assert_eq!(word(&traffic, after(10.0)), Condition::Live);
        traffic.refuse("damaged", after(11.0));
        assert_eq!(word(&traffic, after(12.0)), Condition::Live, "one that can be read just came");
        assert_eq!(word(&traffic, after(16.0)), unreadable(1, "damaged"), "no still page is told");
        assert_eq!(word(&traffic, after(60.0)), unreadable(1, "damaged"));
    }
}
