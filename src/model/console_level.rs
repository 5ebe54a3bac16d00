//! Names how important a page finds what it writes to its console.

use serde::{Deserialize, Serialize};

/// How important a row of the console is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::EnumIter,
    strum::EnumString,
    strum::IntoStaticStr,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "lowercase")]
pub enum ConsoleLevel {
    /// It is for whoever looks for a fault.
    Debug,
    /// It is news.
    Info,
    /// Something may be wrong.
    Warning,
    /// Something is wrong.
    Error,
}

impl ConsoleLevel {
    /// Returns the level that a server means by `word`. A word that is not known here is news.
    pub fn of(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "debug" | "verbose" | "trace" => Self::Debug,
            "warning" | "warn" => Self::Warning,
            "error" | "severe" | "assert" | "critical" | "fatal" => Self::Error,
            _ => Self::Info,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_other_servers_have_a_level() {
        for (word, level) in [
            ("log", ConsoleLevel::Info),
            ("WARN", ConsoleLevel::Warning),
            ("Severe", ConsoleLevel::Error),
            ("verbose", ConsoleLevel::Debug),
            ("", ConsoleLevel::Info),
        ] {
            assert_eq!(ConsoleLevel::of(word), level, "{word}");
        }
    }
}
