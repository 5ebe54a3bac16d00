//! Holds what the user is told: the notices on screen, and all that was told lately, to be read again.

use std::collections::VecDeque;
use std::time::Instant;

use jiff::Timestamp;

use crate::ui::notices::{MAX_NOTICES, MAX_TOLD, expires_at, stay};
use crate::ui::state::{Level, Notice, NoticeOffer, NoticeSubject, Told};

/// So many alerts are shown at a time, because more would push out what went wrong.
const MAX_ALERTS: usize = 2;

/// The notices of the window. Whatever is told is also kept for a while, to be read again.
#[derive(Debug, Default)]
pub(super) struct Notices {
    /// The notices on screen, the newest last; never more than [`MAX_NOTICES`].
    shown: Vec<Notice>,
    /// What was told lately, the newest last; never more than [`MAX_TOLD`].
    told: VecDeque<Told>,
    last_id: u64,
}

impl Notices {
    pub(super) fn shown(&self) -> &[Notice] {
        &self.shown
    }

    pub(super) fn told(&self) -> &VecDeque<Told> {
        &self.told
    }

    /// Tells that something went well.
    pub(super) fn good(&mut self, text: impl Into<String>) {
        self.tell(None, text.into(), Level::Good);
    }

    /// Tells of something with a button that leads on.
    pub(super) fn offer(&mut self, text: impl Into<String>, level: Level, offer: NoticeOffer) {
        let text = text.into();
        if level != Level::Good {
            tracing::warn!("{text}");
        }
        self.tell(None, text.clone(), level);
        if let Some(notice) = self.shown.iter_mut().find(|notice| notice.text == text) {
            notice.offer = Some(offer);
        }
    }

    /// Warns of something that the user may want to act on, and writes it to the log.
    pub(super) fn warn(&mut self, text: impl Into<String>) {
        let text = text.into();
        tracing::warn!("{text}");
        self.tell(None, text, Level::Warning);
    }

    /// Warns of something that the user sees again and again; the newest words about `subject` replace older ones.
    pub(super) fn warn_about(&mut self, subject: NoticeSubject, text: impl Into<String>) {
        self.tell(Some(subject), text.into(), Level::Warning);
    }

    /// Tells that something went wrong, and writes it to the log.
    pub(super) fn error(&mut self, text: impl Into<String>) {
        let text = text.into();
        tracing::warn!("{text}");
        self.tell(None, text, Level::Error);
    }

    /// Tells of an error; the newest words about `subject` replace older ones.
    pub(super) fn error_about(&mut self, subject: NoticeSubject, text: String) {
        tracing::warn!("{text}");
        self.tell(Some(subject), text, Level::Error);
    }

    /// Tells what somebody in the session wants to be known.
    pub(super) fn note(&mut self, text: String) {
        self.tell(None, text, Level::Alert);
    }

    /// Tells what a rule found. The newest replaces an older one of the same words, and the oldest where there are too
    /// many.
    pub(super) fn alert(&mut self, text: String) {
        self.shown.retain(|notice| notice.text != text);
        let is_alert = |notice: &Notice| notice.level == Level::Alert;
        if self.shown.iter().filter(|notice| is_alert(notice)).count() >= MAX_ALERTS
            && let Some(oldest) = self.shown.iter().position(is_alert)
        {
            self.shown.remove(oldest);
        }
        self.tell(None, text, Level::Alert);
    }

    /// Takes back what was told of `subject`, which no longer holds.
    pub(super) fn settled(&mut self, subject: NoticeSubject) {
        self.shown.retain(|notice| notice.subject != Some(subject));
    }

    /// Takes the notice of this id off the screen; it can still be read again.
    pub(super) fn dismiss(&mut self, id: u64) {
        self.shown.retain(|notice| notice.id != id);
    }

    /// Takes old notices away. Nothing grows old while it is being read.
    pub(super) fn expire(&mut self, now: Instant, is_being_read: bool) {
        if is_being_read {
            for notice in &mut self.shown {
                stay(notice, now);
            }
        }
        self.shown.retain(|notice| expires_at(notice) > now);
    }

    /// Shows a notice, unless one of the same words is shown already.
    fn tell(&mut self, subject: Option<NoticeSubject>, text: String, level: Level) {
        if let Some(subject) = subject {
            self.settled(subject);
        }
        if self.shown.iter().any(|notice| notice.text == text) {
            return;
        }
        if self.shown.len() == MAX_NOTICES {
            self.shown.remove(0);
        }
        if self.told.len() == MAX_TOLD {
            self.told.pop_front();
        }
        self.told.push_back(Told { text: text.clone(), level, at: Timestamp::now() });
        self.last_id += 1;
        let (id, since) = (self.last_id, Instant::now());
        self.shown.push(Notice { id, text, level, subject, offer: None, since });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ui::notices::{ERRORS_FOR, GOOD_NEWS_FOR};

    fn texts(notices: &Notices) -> Vec<&str> {
        notices.shown().iter().map(|notice| notice.text.as_str()).collect()
    }

    #[test]
    fn newer_words_about_the_same_replace_older_ones() {
        let mut notices = Notices::default();
        notices.error_about(NoticeSubject::RequestRefused, "Refused".to_owned());
        notices.good("Saved");
        notices.good("Saved");
        notices.error_about(NoticeSubject::RequestRefused, "Refused again".to_owned());
        assert_eq!(texts(&notices), ["Saved", "Refused again"]);
        notices.settled(NoticeSubject::RequestRefused);
        assert_eq!(texts(&notices), ["Saved"]);
        // All three can be read again.
        assert_eq!(notices.told().len(), 3);
        let id = notices.shown()[0].id;
        notices.dismiss(id + 1);
        notices.dismiss(id);
        assert!(notices.shown().is_empty());
    }

    #[test]
    fn the_oldest_goes_where_there_are_too_many() {
        let mut notices = Notices::default();
        for number in 0..MAX_TOLD + 3 {
            notices.good(number.to_string());
        }
        assert_eq!(notices.shown().len(), MAX_NOTICES);
        assert_eq!(notices.told().len(), MAX_TOLD);
        assert_eq!(notices.told().front().map(|told| told.text.as_str()), Some("3"));
    }

    #[test]
    fn alerts_push_out_alerts_and_nothing_else() {
        let mut notices = Notices::default();
        notices.error("It failed");
        for found in ["fox", "dog", "fox", "owl"] {
            notices.alert(found.to_owned());
        }
        assert_eq!(texts(&notices), ["It failed", "fox", "owl"]);
    }

    #[test]
    fn notices_go_by_themselves_and_not_while_they_are_read() {
        let mut notices = Notices::default();
        notices.error("It failed");
        notices.good("Saved");
        let now = Instant::now();
        let later = now + GOOD_NEWS_FOR + Duration::from_millis(1);
        notices.expire(later, true);
        assert_eq!(texts(&notices).len(), 2);
        notices.expire(later + ERRORS_FOR - GOOD_NEWS_FOR - Duration::from_secs(1), false);
        assert_eq!(texts(&notices), ["It failed"]);
        notices.expire(later + ERRORS_FOR, false);
        assert!(notices.shown().is_empty());
    }
}
