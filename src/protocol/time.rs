//! Reads times as servers write them: as ISO text, or as a number whose size tells its unit.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// A number before this is no wall clock but a count since some start.
const FIRST_CREDIBLE_SECOND: f64 = 946_684_800.0;

/// Reads seconds, milliseconds, microseconds or nanoseconds since 1970, or ISO 8601.
pub(super) fn timestamp(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => match number.as_i64() {
            Some(number) => from_integer(number),
            None => from_number(number.as_f64()?),
        },
        Value::String(text) => from_text(text.trim()),
        _ => None,
    }
}

/// Reads a whole number exactly, where a fraction of seconds would be a millisecond off.
fn from_integer(number: i64) -> Option<Timestamp> {
    let nanoseconds = match number {
        n if n < 100_000_000_000 => i128::from(n) * 1_000_000_000,
        n if n < 100_000_000_000_000 => i128::from(n) * 1_000_000,
        n if n < 100_000_000_000_000_000 => i128::from(n) * 1_000,
        n => i128::from(n),
    };
    let is_credible = nanoseconds >= FIRST_CREDIBLE_SECOND as i128 * 1_000_000_000;
    is_credible.then(|| Timestamp::from_nanosecond(nanoseconds).ok()).flatten()
}

fn from_number(number: f64) -> Option<Timestamp> {
    let seconds = match number {
        n if n < 1e11 => n,
        n if n < 1e14 => n / 1e3,
        n if n < 1e17 => n / 1e6,
        n => n / 1e9,
    };
    if !seconds.is_finite() || seconds < FIRST_CREDIBLE_SECOND {
        return None;
    }
    // A number of this kind holds no more than microseconds.
    Timestamp::from_microsecond((seconds * 1e6).round() as i64).ok()
}

fn from_text(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    // Python's `isoformat` of a naive time has no zone, and servers mean UTC.
    let naive = text.parse::<DateTime>().ok().and_then(|at| at.to_zoned(TimeZone::UTC).ok());
    naive.map(|at| at.timestamp()).or_else(|| from_number(text.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_size_of_a_number_tells_its_unit() {
        let at = "2026-05-01T10:00:00Z".parse::<Timestamp>().unwrap();
        let seconds = at.as_second();
        for given in [
            json!(seconds),
            json!(seconds as f64),
            json!(seconds * 1_000),
            json!(seconds * 1_000_000),
            json!(seconds * 1_000_000_000),
            json!(seconds.to_string()),
            json!("2026-05-01T10:00:00Z"),
            json!("2026-05-01T12:00:00+02:00"),
            json!("2026-05-01T10:00:00.000"),
        ] {
            assert_eq!(timestamp(&given), Some(at), "{given}");
        }
        let exact = json!(1_777_629_600_123_i64);
        let at = timestamp(&exact).unwrap();
        assert_eq!(at.as_nanosecond(), 1_777_629_600_123_000_000);
        let seconds = timestamp(&json!(1_777_629_600.123)).unwrap();
        assert_eq!(seconds, at);
        for given in [json!(12.5), json!(0), json!(-1), json!(1e300), json!("soon"), json!(null)] {
            assert_eq!(timestamp(&given), None, "{given}");
        }
    }
}
