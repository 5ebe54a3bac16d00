//! Holds what the user is told: the notices on screen, and all that was told lately, to be read again.

use std::collections::VecDeque;
use std::time::Instant;

use jiff::Timestamp;

use crate::ui::notices::{MAX_NOTICES, MAX_TOLD, expires_at, stay};
use crate::ui::state::{Level, Notice, NoticeLead, NoticeSubject, Told};

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
        self.tell(None, None, text.into(), Level::Good);
    }

    /// Warns of something that the user may want to act on, and writes it to the log.
    pub(super) fn warn(&mut self, text: impl Into<String>) {
        let text = text.into();
        tracing::warn!("{text}");
        self.tell(None, None, text, Level::Warning);
    }

    /// Warns of something that the user sees again and again; the newest words about `subject` replace older ones.
    pub(super) fn warn_about(&mut self, subject: NoticeSubject, text: impl Into<String>) {
        self.tell(Some(subject), None, text.into(), Level::Warning);
    }

    /// Tells that something went wrong, and writes it to the log.
    pub(super) fn error(&mut self, text: impl Into<String>) {
        let text = text.into();
        tracing::warn!("{text}");
        self.tell(None, None, text, Level::Error);
    }

    /// Tells that a session refused something; the newest refusal replaces older ones.
    pub(super) fn refused(&mut self, text: String, lead: NoticeLead) {
        tracing::warn!("{text}");
        self.tell(Some(NoticeSubject::RequestRefused), Some(lead), text, Level::Error);
    }

    /// Tells of a session that something went well in it.
    pub(super) fn good_in(&mut self, text: String, lead: NoticeLead) {
        self.tell(None, Some(lead), text, Level::Good);
    }

    /// Warns of something in a session that the user may want to act on.
    pub(super) fn warn_in(&mut self, text: String, lead: NoticeLead) {
        tracing::warn!("{text}");
        self.tell(None, Some(lead), text, Level::Warning);
    }

    /// Tells what somebody in a session wants to be known.
    pub(super) fn note(&mut self, text: String, lead: NoticeLead) {
        self.tell(None, Some(lead), text, Level::Alert);
    }

    /// Tells what needs somebody in a session. The newest replaces an older one of the same words, and the oldest where
    /// there are too many.
    pub(super) fn alert(&mut self, text: String, lead: NoticeLead) {
        self.shown.retain(|notice| notice.text != text);
        let is_alert = |notice: &Notice| notice.level == Level::Alert;
        if self.shown.iter().filter(|notice| is_alert(notice)).count() >= MAX_ALERTS
            && let Some(oldest) = self.shown.iter().position(is_alert)
        {
            self.shown.remove(oldest);
        }
        self.tell(None, Some(lead), text, Level::Alert);
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
    fn tell(
        &mut self,
        subject: Option<NoticeSubject>,
        lead: Option<NoticeLead>,
        text: String,
        level: Level,
    ) {
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
        let session = lead.as_ref().map(|lead| lead.session.clone());
        self.told.push_back(Told { text: text.clone(), level, at: Timestamp::now(), session });
        self.last_id += 1;
        let (id, since) = (self.last_id, Instant::now());
        self.shown.push(Notice { id, text, level, subject, since, lead });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ui::notices::{ERRORS_FOR, GOOD_NEWS_FOR};
    use crate::ui::state::SessionKey;

    fn lead() -> NoticeLead {
        let session = SessionKey { service: "cloud".to_owned(), id: "a".to_owned() };
        NoticeLead { session, about: None, picture: None }
    }

    fn texts(notices: &Notices) -> Vec<&str> {
        notices.shown().iter().map(|notice| notice.text.as_str()).collect()
    }

    #[test]
    fn newer_words_about_the_same_replace_older_ones() {
        let mut notices = Notices::default();
        notices.refused("Refused".to_owned(), lead());
        notices.good("Saved");
        notices.good("Saved");
        notices.refused("Refused again".to_owned(), lead());
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
            notices.alert(found.to_owned(), lead());
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
