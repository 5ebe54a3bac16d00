//! Remembers where the event stream left off, and tells whether events may have been missed since.

use std::time::{Duration, Instant};

use crate::model::{EventKind, SessionEvent};

/// Place in the event stream, which is kept across attempts.
#[derive(Debug, Default)]
pub(super) struct Resume {
    /// The id that the next attempt sends as `Last-Event-ID`.
    pub(super) last_id: Option<String>,
    /// Time at which the stream was last heard.
    last_heard: Option<Instant>,
    /// Whether the first event after a break is yet to come. Its number shows whether others were missed.
    is_unproven: bool,
}

impl Resume {
    /// Tells whether the stream was ever open.
    pub(super) fn was_open(&self) -> bool {
        self.last_heard.is_some()
    }

    pub(super) fn heard(&mut self, now: Instant) {
        self.last_heard = Some(now);
    }

    /// Notes that the stream is open. Returns a log row where it was open before and its server numbers no events.
    pub(super) fn opened(&mut self, now: Instant) -> Option<SessionEvent> {
        let last_heard = self.last_heard.replace(now)?;
        self.is_unproven = self.last_id.is_some();
        let silent = now.saturating_duration_since(last_heard);
        (!self.is_unproven)
            .then(|| gap(&format!("Events of the last {} may be missing", in_words(silent))))
    }

    /// Notes an event. Returns a log row where its number shows that others are missing.
    pub(super) fn event(&mut self, id: &str, kind: EventKind) -> Option<SessionEvent> {
        // A server that reports the gap itself needs no second row.
        let is_first = std::mem::take(&mut self.is_unproven) && kind != EventKind::Gap;
        let last: u64 = self.last_id.as_deref()?.parse().ok()?;
        let missing = id.parse::<u64>().ok()?.checked_sub(last)?.checked_sub(1)?;
        (is_first && missing > 0).then(|| gap(&format!("Events are missing here, up to {missing}")))
    }
}

fn gap(text: &str) -> SessionEvent {
    SessionEvent::ours(EventKind::Gap, text)
}

fn in_words(time: Duration) -> String {
    match time.as_secs() {
        0 => "second".to_owned(),
        seconds @ 1..120 => format!("{} s", seconds + 1),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_break_leaves_a_mark_unless_the_server_replays() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        // Each case has the last id, the first id after the break, its kind, and the expected row.
        for (last_id, first, kind, row) in [
            (Some("7"), "8", EventKind::Console, None),
            (Some("7"), "12", EventKind::Console, Some("Events are missing here, up to 4")),
            (Some("7"), "12", EventKind::Gap, None),
            (Some("7"), "7", EventKind::Console, None),
            (Some("7"), "1", EventKind::Console, None),
            (Some("abc"), "xyz", EventKind::Console, None),
            (Some("7"), "", EventKind::Console, None),
        ] {
            let mut resume = Resume::default();
            assert_eq!(resume.opened(at(0)), None, "the first connection is no break");
            resume.last_id = last_id.map(str::to_owned);
            resume.heard(at(10));
            assert_eq!(resume.opened(at(15)), None);
            let told = resume.event(first, kind).map(|event| event.text);
            assert_eq!(told.as_deref(), row, "{last_id:?} {first} {kind:?}");
            assert_eq!(
                resume.event("99", EventKind::Console),
                None,
                "only the first after the break tells"
            );
        }
    }

    #[test]
    fn without_ids_the_time_is_told() {
        let start = Instant::now();
        for (seconds, words) in [(0, "last second"), (5, "last 6 s"), (300, "last 5 min")] {
            let mut resume = Resume::default();
            resume.opened(start);
            let row = resume.opened(start + Duration::from_secs(seconds)).unwrap();
            assert!(row.text.contains(words), "{}", row.text);
        }
    }
}
