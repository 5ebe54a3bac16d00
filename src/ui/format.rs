//! Puts numbers into words for people.

use std::time::Duration;

/// Formats a countdown as "04:12", or as "1:04:12" from an hour on.
pub fn countdown(left: Duration) -> String {
    let seconds = left.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

/// Formats how long ago something was, as coarsely as people read it: "3 s", "4 min", "2 h", "5 d".
pub fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// Formats a number of bytes, as in "512 B" or "3.4 MB".
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if value < 10.0 {
        format!("{value:.1} {}", UNITS[unit])
    } else {
        format!("{value:.0} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_these() {
        let s = Duration::from_secs;
        assert_eq!(
            [countdown(s(5)), countdown(s(252)), countdown(s(3852))],
            ["00:05", "04:12", "1:04:12"]
        );
        assert_eq!(
            [age(s(0)), age(s(59)), age(s(61)), age(s(7300)), age(s(200_000))],
            ["0 s", "59 s", "1 min", "2 h", "2 d"]
        );
        assert_eq!(
            [bytes(0), bytes(999), bytes(1000), bytes(54_321), bytes(999_900)],
            ["0 B", "999 B", "1.0 kB", "54 kB", "1.0 MB"]
        );
    }
}
