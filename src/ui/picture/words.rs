//! Puts the state of a picture into words, and tells how long the words stay true.

use std::time::Duration;

use crate::model::{Condition, PageLife};
use crate::ui::clock::Clock;
use crate::ui::state::OpenSession;

/// The state of a session in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The state in a word or two.
    pub state: String,
    /// The figure or the reason beside the state; it may be empty.
    pub detail: String,
    /// The time until the words change and have to be painted anew.
    pub changes_in: Option<Duration>,
    /// Whether "Reconnect now" is offered.
    pub can_reconnect: bool,
}

impl Words {
    /// Puts the state of a session into words: what is wrong with its page, else how its connection is.
    pub fn of_session(open: &OpenSession, clock: Clock<'_>) -> Self {
        match open.page_state() {
            Some(concern) => Self {
                state: concern.kind.row().word.to_owned(),
                detail: concern.text,
                changes_in: None,
                can_reconnect: false,
            },
            None => Self::of(&open.condition, open.stats.age_p50, clock),
        }
    }

    /// Puts `condition` into words. `age` is how old pictures are when they are shown.
    fn of(condition: &Condition, age: Duration, clock: Clock<'_>) -> Self {
        let words = |state: &str, detail: String| Self {
            state: state.to_owned(),
            detail,
            changes_in: None,
            can_reconnect: false,
        };
        match condition {
            Condition::Connecting { attempt: 0 } => words("Connecting…", String::new()),
            Condition::Connecting { attempt } => {
                words("Connecting…", format!("attempt {}", attempt + 1))
            }
            Condition::Connected => words("Connected", "no picture yet".to_owned()),
            Condition::Live if age.is_zero() => words("Live", String::new()),
            Condition::Live => words("Live", milliseconds(age)),
            Condition::Unreadable { count, why } => Self {
                can_reconnect: true,
                ..words("Pictures can't be read", format!("{count} came so far: {why}"))
            },
            Condition::Missing { silent_for } => {
                let (text, changes_in) = lasting(*silent_for, clock);
                Self { changes_in, can_reconnect: true, ..words("No picture", text) }
            }
            Condition::Quiet { page, unchanged_for } => {
                let (text, changes_in) = lasting(*unchanged_for, clock);
                let (state, what) = quiet_words(*page);
                Self { changes_in, ..words(state, format!("{what} {text}")) }
            }
            Condition::Idle { unchanged_for } => {
                let (text, changes_in) = lasting(*unchanged_for, clock);
                Self { changes_in, ..words("Idle", format!("no change {text}")) }
            }
            Condition::Stalled { silent_for } => {
                let (text, changes_in) = lasting(*silent_for, clock);
                Self {
                    changes_in,
                    can_reconnect: true,
                    ..words("Lost", format!("nothing heard {text}"))
                }
            }
            Condition::Reconnecting { retry_in, why, .. } => {
                let (state, changes_in) = countdown(*retry_in, clock);
                Self { changes_in, can_reconnect: true, ..words(&state, why.clone()) }
            }
            Condition::Ended { why } => words("Ended", why.clone()),
            Condition::Refused { why } => {
                Self { can_reconnect: true, ..words("Not connected", why.clone()) }
            }
        }
    }

    /// Returns the detail as a sentence of its own.
    pub fn sentence(&self) -> String {
        let mut rest = self.detail.chars();
        match rest.next() {
            Some(first) => first.to_uppercase().chain(rest).collect(),
            None => String::new(),
        }
    }
}

/// Returns the word for what a page does that sends no pictures, and what a time is told of.
pub fn quiet_words(page: PageLife) -> (&'static str, &'static str) {
    match page {
        PageLife::Still => ("Still", "no change"),
        PageLife::Hidden => ("Hidden", "the page is in the background, no change"),
        PageLife::Stuck => ("Stuck", "the page does not answer, no change"),
    }
}

/// Returns "for 40 s", or "since 06:12:40" where times stand still, and the time until the words change.
pub fn lasting(time: Duration, clock: Clock<'_>) -> (String, Option<Duration>) {
    if clock.ticks() {
        let (text, changes_in) = coarse(time);
        (format!("for {text}"), Some(changes_in))
    } else {
        (format!("since {}", clock.moment_ago(time)), None)
    }
}

/// Returns a time in words and the time until they change. The words get coarser with age, so that a still page costs
/// next to nothing.
pub fn coarse(time: Duration) -> (String, Duration) {
    let seconds = time.as_secs();
    let (text, step) = match seconds {
        0..10 => (format!("{seconds} s"), 1),
        10..60 => (format!("{} s", seconds / 10 * 10), 10),
        60..3600 => (format!("{} min", seconds / 60), 60),
        _ => {
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
            (format!("{hours} h {minutes} min"), 60)
        }
    };
    let next = Duration::from_secs((seconds / step + 1) * step);
    (text, next - time)
}

/// Returns a time as "38 ms", "0.4 ms" or "1.2 s".
pub fn milliseconds(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    match ms {
        ..9.95 => format!("{ms:.1} ms"),
        ..999.5 => format!("{ms:.0} ms"),
        _ => format!("{:.1} s", ms / 1e3),
    }
}

fn countdown(left: Duration, clock: Clock<'_>) -> (String, Option<Duration>) {
    if left.is_zero() {
        return ("Reconnecting…".to_owned(), None);
    }
    if !clock.ticks() {
        return (format!("Reconnecting at {}", clock.moment_in(left)), None);
    }
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    let changes_in = left - Duration::from_secs(seconds - 1);
    (format!("Reconnecting in {seconds} s"), Some(changes_in))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::clock::ClockPace;

    #[test]
    fn every_condition_has_its_words() {
        let check = |condition: Condition, wanted: &str| {
            let words =
                Words::of(&condition, Duration::from_millis(38), Clock::fixed(ClockPace::Ticking));
            let text = format!("{} | {}", words.state, words.detail);
            assert_eq!(text, wanted);
            assert_eq!(
                words.can_reconnect,
                !matches!(
                    condition,
                    Condition::Connecting { .. }
                        | Condition::Connected
                        | Condition::Live
                        | Condition::Quiet { .. }
                        | Condition::Idle { .. }
                        | Condition::Ended { .. }
                )
            );
        };
        let seconds = Duration::from_secs_f32;
        check(Condition::Connecting { attempt: 0 }, "Connecting… | ");
        check(Condition::Connecting { attempt: 2 }, "Connecting… | attempt 3");
        check(Condition::Connected, "Connected | no picture yet");
        check(Condition::Live, "Live | 38 ms");
        let why = "the picture is larger than 12 MiB. Make its source send smaller ones";
        check(
            Condition::Unreadable { count: 12, why: why.into() },
            "Pictures can't be read | 12 came so far: the picture is larger than 12 MiB. Make its source send smaller ones",
        );
        check(Condition::Missing { silent_for: seconds(2.1) }, "No picture | for 2 s");
        for (page, wanted) in [
            (PageLife::Still, "Still | no change for 3 s"),
            (PageLife::Hidden, "Hidden | the page is in the background, no change for 3 s"),
            (PageLife::Stuck, "Stuck | the page does not answer, no change for 3 s"),
        ] {
            check(Condition::Quiet { page, unchanged_for: seconds(3.0) }, wanted);
        }
        check(Condition::Idle { unchanged_for: seconds(7.9) }, "Idle | no change for 7 s");
        check(Condition::Idle { unchanged_for: seconds(47.0) }, "Idle | no change for 40 s");
        check(Condition::Stalled { silent_for: seconds(130.0) }, "Lost | nothing heard for 2 min");
        let reconnecting = |left| Condition::Reconnecting {
            attempt: 1,
            retry_in: seconds(left),
            why: "The server closed the connection".to_owned(),
        };
        check(reconnecting(2.2), "Reconnecting in 3 s | The server closed the connection");
        check(reconnecting(0.0), "Reconnecting… | The server closed the connection");
        check(Condition::Ended { why: "It expired".to_owned() }, "Ended | It expired");
        check(
            Condition::Refused { why: "It was refused".to_owned() },
            "Not connected | It was refused",
        );
    }

    #[test]
    fn words_are_painted_anew_when_they_change_and_not_before() {
        for ms in (0..90_000).step_by(130).chain([3_599_999, 7_261_000]) {
            let time = Duration::from_millis(ms);
            let (text, next) = coarse(time);
            let just_before = coarse(time + next - Duration::from_millis(1)).0;
            assert_eq!(text, just_before, "{ms}");
            assert_ne!(text, coarse(time + next).0, "{ms}");
        }
        let (text, next) =
            countdown(Duration::from_millis(2_200), Clock::fixed(ClockPace::Ticking));
        assert_eq!(
            (text.as_str(), next),
            ("Reconnecting in 3 s", Some(Duration::from_millis(200)))
        );
        let (text, _) = countdown(Duration::from_secs(3), Clock::fixed(ClockPace::Ticking));
        assert_eq!(text, "Reconnecting in 3 s");
    }

    #[test]
    fn where_times_stand_still_no_words_change() {
        let check = |condition: Condition, wanted: &str| {
            let words = Words::of(&condition, Duration::ZERO, Clock::fixed(ClockPace::Still));
            assert_eq!(format!("{} | {}", words.state, words.detail), wanted);
            assert_eq!(words.changes_in, None, "{wanted}");
        };
        let seconds = Duration::from_secs;
        check(Condition::Idle { unchanged_for: seconds(23) }, "Idle | no change since 03:03:42");
        check(
            Condition::Stalled { silent_for: seconds(130) },
            "Lost | nothing heard since 03:01:55",
        );
        check(
            Condition::Reconnecting { attempt: 3, retry_in: seconds(30), why: "Gone".to_owned() },
            "Reconnecting at 03:04:35 | Gone",
        );
    }

    #[test]
    fn a_still_page_is_repainted_once_a_minute_at_most() {
        let (_, next) = coarse(Duration::from_secs(61));
        assert_eq!(next, Duration::from_secs(59));
    }

    #[test]
    fn times_have_as_many_digits_as_are_of_use() {
        let check = |us, wanted| assert_eq!(milliseconds(Duration::from_micros(us)), wanted);
        check(420, "0.4 ms");
        check(9_940, "9.9 ms");
        check(9_960, "10 ms");
        check(38_400, "38 ms");
        check(1_230_000, "1.2 s");
    }
}
