//! A script that is run in a page on request, and what came of it.

use serde_json::Value;

use crate::base::text::{clip, one_line};

/// A script has at most so many bytes.
pub const MAX_SCRIPT: usize = 256 << 10;
/// What a script returns has at most so many bytes as JSON.
pub const MAX_SCRIPT_VALUE: usize = 1 << 20;
/// The first line of a script, in characters, where it is told of.
const MAX_LINE: usize = 200;

/// The body of a function, and what it is called with as `arguments`.
#[derive(Clone, Debug, PartialEq)]
pub struct PageScript {
    body: String,
    arguments: Vec<Value>,
}

/// What a script returned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScriptValue {
    /// The value as JSON; `Null` where JSON has no form for it.
    pub value: Value,
    /// What it is instead, such as `undefined` or `NaN`.
    pub description: Option<String>,
}

impl PageScript {
    /// Makes a script. The error says in words why it can't be one.
    pub fn new(body: String, arguments: Vec<Value>) -> Result<Self, String> {
        if body.trim().is_empty() {
            return Err("The script is empty; write what the page is to do".to_owned());
        }
        if body.len() > MAX_SCRIPT {
            return Err(format!(
                "A script has at most {} KiB; load a file in the page",
                MAX_SCRIPT >> 10
            ));
        }
        Ok(Self { body, arguments })
    }

    /// Returns the function's body.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Returns what the function is called with.
    pub fn arguments(&self) -> &[Value] {
        &self.arguments
    }

    /// Returns the first line that has something on it, shortened.
    pub fn first_line(&self) -> String {
        let line = self.body.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        one_line(clip(line.trim(), 4 * MAX_LINE), MAX_LINE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_has_a_first_line_and_a_limit() {
        let script = PageScript::new("\n  const a = 1;\nreturn a".to_owned(), Vec::new()).unwrap();
        assert_eq!(script.first_line(), "const a = 1;");
        let long = PageScript::new("é".repeat(1000), Vec::new()).unwrap();
        assert!(long.first_line().chars().count() <= MAX_LINE + 1);
        assert!(PageScript::new(" \n".to_owned(), Vec::new()).is_err());
        assert!(PageScript::new("a".repeat(MAX_SCRIPT + 1), Vec::new()).is_err());
    }
}
