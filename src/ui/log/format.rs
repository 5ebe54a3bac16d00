//! Formats times, durations and numbers as the log shows them.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::base::text::one_line;
use crate::model::log::{Outcome, Row};

/// A row shows at most this many characters of its text; the detail shows the rest.
const MAX_SHOWN: usize = 512;
const MAX_KIND: usize = 64;

pub(super) fn time_of_day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M:%S%.3f").to_string()
}

pub(super) fn date_and_time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%.3f %:z").to_string()
}

pub(super) fn duration(duration: Duration) -> String {
    let ms = duration.as_millis();
    match duration.as_secs() {
        0 => format!("{ms} ms"),
        secs @ 1..60 => format!("{secs}.{:02} s", ms % 1000 / 10),
        secs @ 60..3600 => format!("{} min {:02} s", secs / 60, secs % 60),
        secs => format!("{} h {:02} min", secs / 3600, secs % 3600 / 60),
    }
}

/// Returns what stands at the end of a row that is half of an action.
pub(super) fn outcome(row: &Row) -> Option<String> {
    match (row.outcome()?, row.pair) {
        (Outcome::Pending, _) => Some("…".to_owned()),
        (Outcome::Ok | Outcome::Failed, Some(pair)) => Some(duration(pair.duration)),
        (Outcome::Failed, None) => Some("failed".to_owned()),
        (Outcome::Ok, None) => None,
    }
}

/// Returns the outcome in words.
pub(super) fn outcome_in_words(row: &Row) -> Option<String> {
    Some(match (row.outcome()?, row.pair) {
        (Outcome::Pending, _) => "waiting for the answer".to_owned(),
        (Outcome::Ok, Some(pair)) => format!("done in {}", duration(pair.duration)),
        (Outcome::Failed, Some(pair)) => format!("failed after {}", duration(pair.duration)),
        (Outcome::Ok, None) => "done".to_owned(),
        (Outcome::Failed, None) => "failed".to_owned(),
    })
}

/// Formats 12345 as "12,345".
pub(super) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

pub(super) fn rows(n: usize) -> String {
    if n == 1 { "1 row".to_owned() } else { format!("{} rows", number(n as u64)) }
}

pub(super) fn shown_kind(row: &Row) -> String {
    one_line(&row.event.name, MAX_KIND)
}

pub(super) fn shown_text(row: &Row) -> String {
    let text = one_line(&row.event.text, MAX_SHOWN);
    match row.times {
        1 => text,
        times => format!("{text} ×{times}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_durations_are_short() {
        for (ms, text) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_239, "1.23 s"),
            (59_999, "59.99 s"),
            (60_000, "1 min 00 s"),
            (3_599_999, "59 min 59 s"),
            (3_660_000, "1 h 01 min"),
        ] {
            assert_eq!(duration(Duration::from_millis(ms)), text);
        }
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (100_000, "100,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(number(n), text);
        }
    }

    #[test]
    fn times_are_local() {
        let at: Timestamp = "2026-03-04T05:06:07.089999Z".parse().unwrap();
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(time_of_day(at, &zone), "07:06:07.089");
        assert_eq!(date_and_time(at, &zone), "2026-03-04 07:06:07.089 +02:00");
    }
}
