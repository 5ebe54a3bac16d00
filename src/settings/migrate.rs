//! Brings a settings file of an older version into today's form. Pure; one step per version, never changed afterwards.

use toml::{Table, Value};

/// The version that is written.
pub const VERSION: i64 = 1;

/// Today's form of `table`. A file of a newer version is left as it is: what is known of it still counts.
pub fn migrate(mut table: Table) -> Table {
    // A file without a version was written by hand.
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
