//! Describes the state of a session's connection, with the one honest word for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// A connection whose last picture is older than this is no longer called live.
const LIVE_FOR: Duration = Duration::from_secs(5);
/// Where pictures came without a longer gap than this, what they show was moving.
const STEADY_GAP: Duration = Duration::from_millis(400);
/// So many pictures without a gap are needed for that: those of a page that only loads or blinks are fewer.
const STEADY_RUN: u32 = 10;
/// Once nothing came for this long, what was moving is no longer called live.
const MISSED_AFTER: Duration = Duration::from_millis(1500);
/// Nobody is asked about a silence that is shorter than this. The answer is there before the word changes.
const ASKED_AFTER: Duration = Duration::from_secs(1);
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
    /// How many pictures came one right after the other, up to the last one.
    pub run: u32,
    /// What the service says of the page since the last picture, where it can be asked.
    pub page: Option<PageLife>,
    /// A silence that lasts longer than this means that the connection has stalled.
    pub silence_limit: Duration,
}

/// What a service says of a page that sends no pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageLife {
    /// It answers, and shows what it showed before.
    Still,
    /// It answers, and nothing of it is painted, because the browser holds it for hidden.
    Hidden,
    /// It does not answer.
    Stuck,
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
    /// Notes that a picture came at `at`, whatever is in it.
    pub fn receive(&mut self, at: Instant) {
        let gap = self.last_received.map(|last| at.saturating_duration_since(last));
        self.run = match gap {
            Some(gap) if gap <= STEADY_GAP => self.run.saturating_add(1),
            Some(_) | None => 1,
        };
        self.last_received = Some(at);
        self.page = None;
    }

    /// Notes that pictures are asked for anew, so that those of before say nothing of those that come.
    pub fn begin(&mut self) {
        (self.run, self.page) = (0, None);
    }

    /// Returns when to ask the service about a silence that began with the last picture; `None` where none came.
    pub fn ask_at(&self) -> Option<Instant> {
        let after = if self.was_moving() { ASKED_AFTER } else { LIVE_FOR - ASKED_AFTER };
        self.last_received.map(|last| last + after)
    }

    fn was_moving(&self) -> bool {
        self.run >= STEADY_RUN
    }

    /// Returns when a picture is missed; `None` where nothing was moving.
    fn missed_at(&self) -> Option<Instant> {
        self.last_received.filter(|_| self.was_moving()).map(|last| last + MISSED_AFTER)
    }

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
    /// Pictures came steadily and stopped, and nobody knows why.
    Missing {
        /// The time since the last picture.
        silent_for: Duration,
    },
    /// No pictures come, and the service says what the page does instead.
    Quiet {
        /// What the service says.
        page: PageLife,
        /// The age of the last picture.
        unchanged_for: Duration,
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
        // Who looks away asks for no pictures, and then none is missed.
        let looks = traffic.last_frame.is_some();
        let is_missed = looks && traffic.missed_at().is_some_and(|at| now >= at);
        match (since(traffic.last_byte), since(traffic.last_frame)) {
            (Some(silent_for), _) if silent_for > traffic.silence_limit => {
                Self::Stalled { silent_for }
            }
            (_, Some(age)) if age <= LIVE_FOR && !is_missed => Self::Live,
            (_, age) => match (&traffic.unread, age) {
                (Some(unread), _) => {
                    Self::Unreadable { count: unread.count, why: unread.why.clone() }
                }
                (None, Some(unchanged_for)) => match traffic.page {
                    Some(page) => Self::Quiet { page, unchanged_for },
                    None if is_missed => Self::Missing { silent_for: unchanged_for },
                    None => Self::Idle { unchanged_for },
                },
                (None, None) => Self::Connected,
            },
        }
    }

    /// Returns how long this stays the right word if no picture comes; `None` for ever. A connection that falls silent
    /// is told as news: waiting for that here would need a repaint with every heartbeat.
    pub fn holds_for(&self, traffic: &Traffic, now: Instant) -> Option<Duration> {
        let until = match self {
            Self::Live => {
                let silent_at = traffic.last_frame.map(|at| at + LIVE_FOR);
                silent_at.into_iter().chain(traffic.missed_at()).min()
            }
            Self::Unreadable { .. } => traffic
                .unread
                .as_ref()
                .filter(|unread| now.saturating_duration_since(unread.last_at) < COUNTED_EVERY)
                .map(|_| now + COUNTED_EVERY),
            Self::Connecting { .. }
            | Self::Connected
            | Self::Missing { .. }
            | Self::Quiet { .. }
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
            | Self::Missing { .. }
            | Self::Quiet { .. }
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
            Self::Connected
            | Self::Live
            | Self::Missing { .. }
            | Self::Quiet { .. }
            | Self::Idle { .. } => false,
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
    fn what_was_moving_is_missed_at_once_and_named_by_who_knows() {
        let start = Instant::now();
        let after = |seconds: f64| start + Duration::from_secs_f64(seconds);
        let fed = |pictures: u32, gap: f64| {
            let mut traffic =
                Traffic { silence_limit: Duration::from_secs(45), ..Traffic::default() };
            for n in 0..pictures {
                // The last one comes at the start.
                let at = start - Duration::from_secs_f64(gap * f64::from(pictures - 1 - n));
                traffic.receive(at);
                traffic.read(at);
                traffic.last_byte = Some(at);
            }
            traffic
        };
        let word =
            |traffic: &Traffic, seconds| Condition::of(&Status::Connected, traffic, after(seconds));
        let silent = |seconds| Condition::Missing { silent_for: Duration::from_secs_f64(seconds) };

        let mut camera = fed(30, 0.1);
        assert_eq!(word(&camera, 1.4), Condition::Live);
        assert_eq!(word(&camera, 1.5), silent(1.5));
        assert_eq!(word(&camera, 9.0), silent(9.0));
        assert_eq!(camera.ask_at(), Some(after(1.0)));
        let left = Condition::Live.holds_for(&camera, after(0.5)).unwrap();
        assert!(left >= Duration::from_secs(1) && left < Duration::from_millis(1010), "{left:?}");
        for page in [PageLife::Still, PageLife::Hidden, PageLife::Stuck] {
            camera.page = Some(page);
            let unchanged_for = Duration::from_secs(2);
            assert_eq!(word(&camera, 2.0), Condition::Quiet { page, unchanged_for });
        }
        camera.receive(after(3.0));
        camera.read(after(3.0));
        assert_eq!((camera.page, word(&camera, 3.0)), (None, Condition::Live));

        // A page that blinks or loads was not moving, and what is asked for anew has to begin first.
        for mut quiet in [fed(5, 0.1), fed(30, 0.6), {
            let mut anew = fed(30, 0.1);
            anew.begin();
            anew
        }] {
            assert_eq!(word(&quiet, 4.9), Condition::Live);
            assert_eq!(
                word(&quiet, 6.0),
                Condition::Idle { unchanged_for: Duration::from_secs(6) }
            );
            assert_eq!(quiet.ask_at(), Some(after(4.0)));
            // Who looks away is told of no picture.
            quiet.last_frame = None;
            assert_eq!(word(&quiet, 2.0), Condition::Connected);
        }
        // Where nothing at all is heard, that is told.
        assert!(matches!(word(&fed(30, 0.1), 46.0), Condition::Stalled { .. }));
    }

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
