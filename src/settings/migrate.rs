//! Brings a settings file of an older version into today's form. It is pure and has one step per version, which is
//! never changed afterwards.

use toml::{Table, Value};

/// The version that this program writes.
pub const VERSION: i64 = 1;

/// Returns today's form of `table`. A file of a newer version stays as it is, because the settings that are known in
/// it still count.
pub fn migrate(mut table: Table) -> Table {
    // A file without a version was written by hand and counts as one of today.
    table.entry("version").or_insert(Value::Integer(VERSION));
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_given_to_those_without_and_never_lowered() {
        let version = |text: &str| migrate(text.parse().unwrap())["version"].as_integer();
        assert_eq!(version(""), Some(1));
        assert_eq!(version("version = 1"), Some(1));
        assert_eq!(version("version = 7"), Some(7));
    }
}
