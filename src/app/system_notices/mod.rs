//! Lets the system tell of what needs somebody while the window is not in front. It never takes the focus; a
//! notification that is followed leads to its session.

#[cfg(target_os = "linux")]
mod desktop;

use std::collections::BTreeMap;
use std::time::Instant;

use egui::Context;
use jiff::civil::Time;

use crate::model::ConcernKind;
use crate::settings::NotificationSettings;
use crate::ui::state::SessionKey;

#[cfg(target_os = "linux")]
use self::desktop::Desktop;

/// What a notification is about, which also says where it leads.
pub(super) type Subject = (SessionKey, ConcernKind);

/// A notification as the system shows it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SystemNotice {
    /// What it is about.
    pub subject: Subject,
    /// The name of the session.
    pub title: String,
    /// One sentence.
    pub text: String,
}

/// The notifications of the system.
#[derive(Default)]
pub(super) struct SystemNotices {
    /// When the system was last asked to tell of each subject.
    told: BTreeMap<Subject, Instant>,
    #[cfg(target_os = "linux")]
    desktop: Option<Desktop>,
}

impl SystemNotices {
    /// Asks the system to tell something, unless it may not now. Returns whether it may. Nothing is waited for: where
    /// the system does not take it in time, it is dropped, because the inbox has it as well.
    pub(super) fn tell(
        &mut self,
        ctx: &Context,
        notice: SystemNotice,
        settings: &NotificationSettings,
        now: Instant,
        time: Time,
    ) -> bool {
        if !self.may_tell(&notice.subject, settings, now, time) {
            return false;
        }
        #[cfg(target_os = "linux")]
        self.desktop.get_or_insert_with(|| Desktop::start(ctx.clone())).show(notice);
        #[cfg(not(target_os = "linux"))]
        let _ = ctx;
        true
    }

    /// Notes that something is told, and returns whether it may be: not in quiet hours, and not the same again soon.
    fn may_tell(
        &mut self,
        subject: &Subject,
        settings: &NotificationSettings,
        now: Instant,
        time: Time,
    ) -> bool {
        let pause = settings.pause();
        self.told.retain(|_, at| now.saturating_duration_since(*at) < pause);
        if !settings.system || settings.is_quiet(time) || self.told.contains_key(subject) {
            return false;
        }
        self.told.insert(subject.clone(), now);
        true
    }

    /// Takes what the user followed since the last call.
    pub(super) fn take_followed(&mut self) -> Vec<Subject> {
        #[cfg(target_os = "linux")]
        return self.desktop.as_mut().map(Desktop::take_followed).unwrap_or_default();
        #[cfg(not(target_os = "linux"))]
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_same_is_told_again_only_after_the_pause_and_never_in_quiet_hours() {
        let mut notices = SystemNotices::default();
        let settings =
            NotificationSettings { quiet_hours: "22-7".to_owned(), ..Default::default() };
        let key = |id: &str| SessionKey { service: "cloud".to_owned(), id: id.to_owned() };
        let start = Instant::now();
        let noon = Time::constant(12, 0, 0, 0);
        let mut may = |id: &str, kind, minutes: u64, time| {
            let now = start + Duration::from_secs(60 * minutes);
            notices.may_tell(&(key(id), kind), &settings, now, time)
        };
        assert!(may("a", ConcernKind::Crashed, 0, noon));
        assert!(!may("a", ConcernKind::Crashed, 4, noon));
        assert!(may("a", ConcernKind::Dialog, 4, noon) && may("b", ConcernKind::Crashed, 4, noon));
        assert!(may("a", ConcernKind::Crashed, 6, noon));
        assert!(!may("c", ConcernKind::Crashed, 6, Time::constant(23, 0, 0, 0)));
        let off = NotificationSettings { system: false, ..Default::default() };
        assert!(!notices.may_tell(&(key("d"), ConcernKind::Crashed), &off, start, noon));
    }
}
