//! Keeps what this window's user said until the session says it back, so that it can be sent again.

use std::time::{Duration, Instant};

use crate::base::text::one_line;
use crate::model::SessionView;

/// A line that did not come back within this time did not arrive.
const AWAITED_FOR: Duration = Duration::from_secs(10);
const MAX_CHARS: usize = 2000;

/// Lines on their way, oldest first.
#[derive(Debug, Default)]
pub(super) struct Unsent(Vec<UnsentLine>);

/// A line that this window's user said and that the session has not said back yet.
#[derive(Clone, Debug)]
pub(super) struct UnsentLine {
    pub text: String,
    pub to: Option<u32>,
    pub failed: bool,
    /// Index of the participant who said it; another connection is another participant.
    me: u32,
    /// How often the same text was said before.
    said_before: usize,
    sent_at: Instant,
}

impl Unsent {
    pub(super) fn lines(&self) -> &[UnsentLine] {
        &self.0
    }

    /// Keeps a line. `failed` tells that it is known not to be sent now.
    pub(super) fn push(
        &mut self,
        (text, to): (String, Option<u32>),
        view: &SessionView,
        now: Instant,
        failed: bool,
    ) {
        let me = view.people.me;
        let mut line = UnsentLine { text, to, failed, me, said_before: 0, sent_at: now };
        let under_way = self.0.iter().filter(|other| other.is_like(&line));
        line.said_before = line.said_in(view) + under_way.count();
        self.0.push(line);
    }

    pub(super) fn remove(&mut self, at: usize) -> Option<UnsentLine> {
        (at < self.0.len()).then(|| self.0.remove(at))
    }

    /// Forgets the lines that arrived, and marks those that did not. Returns after which time the next line is given
    /// up, if any.
    pub(super) fn follow(
        &mut self,
        view: &SessionView,
        now: Instant,
        is_away: bool,
    ) -> Option<Duration> {
        self.0.retain(|line| line.failed || line.said_in(view) <= line.said_before);
        for line in &mut self.0 {
            let is_late = now.saturating_duration_since(line.sent_at) >= AWAITED_FOR;
            line.failed |= is_late || is_away || line.me != view.people.me;
        }
        let awaited = self.0.iter().filter(|line| !line.failed);
        awaited.map(|line| (line.sent_at + AWAITED_FOR).saturating_duration_since(now)).min()
    }
}

impl UnsentLine {
    fn said_in(&self, view: &SessionView) -> usize {
        let text = one_line(&self.text, MAX_CHARS);
        let said = view.said.iter();
        said.filter(|said| said.from == self.me && said.to == self.to && said.text == text).count()
    }

    fn is_like(&self, other: &Self) -> bool {
        !self.failed && self.me == other.me && self.to == other.to && self.text == other.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ChatLine, People, Update};
    use jiff::Timestamp;

    fn said(view: &mut SessionView, text: &str) {
        view.apply(Update::Said(ChatLine {
            from: 2,
            to: None,
            text: text.to_owned(),
            at: Timestamp::UNIX_EPOCH,
        }));
    }

    fn texts(unsent: &Unsent) -> Vec<(&str, bool)> {
        let lines = unsent.lines().iter();
        lines.map(|line| (line.text.as_str(), line.failed)).collect()
    }

    #[test]
    fn a_line_is_kept_until_the_session_says_it() {
        let mut view = SessionView::default();
        view.apply(Update::People(People { me: 2, ..People::default() }));
        said(&mut view, "hi");
        let (mut unsent, now) = (Unsent::default(), Instant::now());
        let say = |unsent: &mut Unsent, text: &str, failed| {
            unsent.push((text.to_owned(), None), &view, now, failed);
        };
        for text in ["hi", "hi", "late"] {
            say(&mut unsent, text, false);
        }
        say(&mut unsent, "away", true);
        assert_eq!(unsent.follow(&view, now, false), Some(AWAITED_FOR));
        said(&mut view, "hi");
        unsent.follow(&view, now, false);
        let (hi, late) = (("hi", false), ("late", false));
        assert_eq!(texts(&unsent), [hi, late, ("away", true)]);
        said(&mut view, "hi");
        assert_eq!(unsent.follow(&view, now + AWAITED_FOR, false), None);
        assert_eq!(texts(&unsent), [("late", true), ("away", true)]);
        assert_eq!(unsent.remove(0).map(|line| line.text), Some("late".into()));
        assert!(unsent.remove(1).is_none());
    }

    #[test]
    fn a_lost_connection_and_another_seat_lose_what_was_under_way() {
        for (is_away, me) in [(true, 0), (false, 5)] {
            let (mut view, now) = (SessionView::default(), Instant::now());
            let mut unsent = Unsent::default();
            unsent.push(("hi".to_owned(), None), &view, now, false);
            view.people.me = me;
            unsent.follow(&view, now, is_away);
            assert_eq!(texts(&unsent), [("hi", true)]);
        }
    }
}
