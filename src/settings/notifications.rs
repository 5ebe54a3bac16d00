//! Defines when the system shows notifications of what needs somebody.

use std::time::Duration;

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

/// When the system shows notifications while the window is not in front.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NotificationSettings {
    /// Whether the system shows any.
    pub system: bool,
    /// The hours without any, such as "22:00-07:00"; empty for none.
    pub quiet_hours: String,
    /// So many minutes pass between two of the same kind about the same session.
    pub pause_minutes: u32,
}

impl Default for NotificationSettings {
    fn default() -> Self {
        Self { system: true, quiet_hours: String::new(), pause_minutes: 5 }
    }
}

impl NotificationSettings {
    /// Tells whether nothing is shown at this time of day. Hours that a hand-edited file has wrong are none.
    pub fn is_quiet(&self, now: Time) -> bool {
        match QuietHours::read(&self.quiet_hours) {
            Some(QuietHours { from, to }) if from <= to => (from..to).contains(&now),
            Some(QuietHours { from, to }) => now >= from || now < to,
            None => false,
        }
    }

    /// Returns the time that passes between two of the same kind about the same session.
    pub fn pause(&self) -> Duration {
        Duration::from_secs(60 * u64::from(self.pause_minutes))
    }
}

/// The hours of a day in which nothing is shown; they may go over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct QuietHours {
    from: Time,
    to: Time,
}

impl QuietHours {
    /// Reads hours such as "22:00-07:00", or "22-7".
    pub(super) fn read(text: &str) -> Option<Self> {
        let (from, to) = text.split_once(['-', '–'])?;
        Some(Self { from: time_of(from)?, to: time_of(to)? })
    }
}

fn time_of(text: &str) -> Option<Time> {
    let text = text.trim();
    let (hour, minute) = text.split_once(':').unwrap_or((text, "0"));
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_may_go_over_midnight() {
        for (hours, quiet, loud) in [
            ("22:00-07:00", ["22:00", "23:59", "06:59"], ["07:00", "21:59", "12:00"]),
            ("9-17", ["9", "12:30", "16:59"], ["8:59", "17:00", "23:00"]),
            ("12:15 – 12:30", ["12:15", "12:20", "12:29"], ["12:14", "12:30", "0"]),
        ] {
            let hours = hours.to_owned();
            let settings = NotificationSettings { quiet_hours: hours, ..Default::default() };
            let is_quiet = |at: &&str| settings.is_quiet(time_of(at).unwrap());
            assert!(quiet.iter().all(is_quiet) && !loud.iter().any(is_quiet), "{settings:?}");
        }
        for wrong in ["", "22:00", "25-7", "a-b", "22:00-07:61", "-1-7"] {
            assert_eq!(QuietHours::read(wrong), None, "{wrong}");
            let settings =
                NotificationSettings { quiet_hours: wrong.to_owned(), ..Default::default() };
            assert!(!settings.is_quiet(Time::midnight()));
        }
    }
}
