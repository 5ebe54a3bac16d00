//! Turns the detections of every picture, shown or not, into log rows and alerts.

use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::model::detection_rule::Alarms;
use crate::model::presence::{Presence, PresenceChange};
use crate::model::{Detection, EventKind, ObjectAlert, ObjectWatch, SessionEvent, Update};

/// One session's objects, with what the window wants to know of them.
#[derive(Debug)]
pub(super) struct ObjectTracker {
    wanted: watch::Receiver<ObjectWatch>,
    presence: Presence,
    alarms: Alarms,
}

impl ObjectTracker {
    pub(super) fn new(wanted: watch::Receiver<ObjectWatch>) -> Self {
        Self { wanted, presence: Presence::default(), alarms: Alarms::default() }
    }

    /// Takes in the detections of one picture and returns the news. It is cheap where the window watches for nothing.
    pub(super) fn observe(&mut self, now: Instant, detections: &[Detection]) -> Vec<Update> {
        let wanted = self.wanted.borrow();
        let mut news = Vec::new();
        if wanted.log_changes {
            let sure = detections
                .iter()
                .filter(|found| found.confidence >= wanted.min_confidence)
                .map(|found| &found.class);
            let changes = self.presence.observe(now, sure);
            let logged = changes.into_iter().filter(|(class, _)| !wanted.unlogged.contains(class));
            news.extend(logged.map(|(class, change)| Update::Event(row(&class, &change))));
        } else if !self.presence.is_empty() {
            self.presence.clear();
        }
        for alert in self.alarms.observe(now, &wanted.rules, detections) {
            news.push(Update::Event(alert_row(&alert)));
            news.push(Update::ObjectAlert(alert));
        }
        news
    }
}

fn row(class: &str, change: &PresenceChange) -> SessionEvent {
    let (kind, text) = match change {
        PresenceChange::Appeared => (EventKind::ObjectAppeared, format!("{class} appeared")),
        PresenceChange::Left { was_there_for } => {
            (EventKind::ObjectLeft, format!("{class} left after {}", in_words(*was_there_for)))
        }
    };
    SessionEvent::ours(kind, text)
}

fn alert_row(alert: &ObjectAlert) -> SessionEvent {
    let percent = alert.confidence * 100.0;
    let text = format!("Notified: {} ({percent:.0}%)", alert.class);
    SessionEvent::ours(EventKind::ObjectAlert, text)
}

fn in_words(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f32()),
        seconds @ 60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Area, DetectionRule, Family, FrameRect};

    fn found(class: &str, confidence: f32) -> Detection {
        Detection { class: Arc::from(class), confidence, area: Area::Pixels(FrameRect::default()) }
    }

    /// Plays ten pictures a second, for three seconds with `detections` and then for three without. Returns the news.
    fn play(wanted: ObjectWatch, detections: &[Detection]) -> Vec<String> {
        let (_sender, receiver) = watch::channel(wanted);
        let mut tracker = ObjectTracker::new(receiver);
        let start = Instant::now();
        let news = (0..60).flat_map(|n| {
            let now = start + Duration::from_millis(100) * n;
            tracker.observe(now, if n < 30 { detections } else { &[] })
        });
        news.map(|update| match update {
            Update::Event(row) => {
                assert_eq!(row.family(), Family::Object);
                format!("{}: {}", row.name, row.text)
            }
            Update::ObjectAlert(alert) => format!("alert: {}", alert.class),
            other => panic!("unexpected {other:?}"),
        })
        .collect()
    }

    #[test]
    fn it_tells_what_was_asked_for_and_nothing_else() {
        let seen = [found("person", 0.9), found("ball", 0.3), found("dog", 0.9)];
        assert_eq!(play(ObjectWatch::default(), &seen), [""; 0]);
        let logging = ObjectWatch {
            min_confidence: 0.5,
            log_changes: true,
            unlogged: [Arc::from("dog")].into(),
            rules: Vec::new(),
        };
        let wanted = ["object_appeared: person appeared", "object_left: person left after 2.8 s"];
        assert_eq!(play(logging, &seen), wanted);
        let alarmed = ObjectWatch {
            rules: vec![DetectionRule {
                class: "ball".to_owned(),
                min_confidence: 0.2,
                ..DetectionRule::default()
            }],
            ..ObjectWatch::default()
        };
        let wanted = ["object_alert: Notified: ball (30%)", "alert: ball"];
        assert_eq!(play(alarmed, &seen), wanted);
    }

    #[test]
    fn times_are_in_words() {
        for (seconds, words) in [(2.84, "2.8 s"), (75.0, "1 min 15 s"), (7_384.0, "2 h 3 min")] {
            assert_eq!(in_words(Duration::from_secs_f32(seconds)), words);
        }
    }
}
