//! Lays out the server's JSON for reading: indented, bounded and safe to show.

use serde::de::IgnoredAny;

use crate::base::json;
use crate::base::text::{clip, one_line};

const MAX_BYTES: usize = 64 << 10;
/// Deeper levels are not moved further to the right.
const MAX_INDENT: usize = 16;

/// JSON that is laid out for reading.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pretty {
    pub(super) text: String,
    /// Whether there is more than is shown.
    pub(super) cut: bool,
}

impl Pretty {
    /// Lays out `raw`, and keeps the order of fields and the digits of numbers. Text that is no JSON is shown as it is.
    pub(super) fn new(raw: &str) -> Self {
        let is_json = json::from_str::<IgnoredAny>(raw).is_ok();
        let (laid_out, cut) = if is_json {
            indent(raw)
        } else {
            (clip(raw, MAX_BYTES).to_owned(), raw.len() > MAX_BYTES)
        };
        let lines: Vec<String> = laid_out.lines().map(|line| one_line(line, MAX_BYTES)).collect();
        Self { text: lines.join("\n"), cut }
    }
}

/// Lays out JSON with a line for each value, and stops when it is long enough. The flag tells whether it was cut.
fn indent(json: &str) -> (String, bool) {
    let mut out = String::new();
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut chars = json.chars().peekable();
    while let Some(c) = chars.next() {
        if out.len() >= MAX_BYTES {
            return (out, true);
        }
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            c if c.is_ascii_whitespace() => (),
            '{' | '[' => {
                out.push(c);
                while chars.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(close) = chars.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c => {
                in_string = c == '"';
                out.push(c);
            }
        }
    }
    (out, false)
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth.min(MAX_INDENT)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_indented_and_kept() {
        for (raw, shown) in [
            ("", ""),
            ("null", "null"),
            ("{}", "{}"),
            ("[ ]", "[]"),
            (
                r#"{"b":1.50,"a":[1,{"x":{}}]}"#,
                "{\n  \"b\": 1.50,\n  \"a\": [\n    1,\n    {\n      \"x\": {}\n    }\n  ]\n}",
            ),
            (r#"{"k":"a,b:{\"c\\"}"#, "{\n  \"k\": \"a,b:{\\\"c\\\\\"\n}"),
            (" [\n1\r\n] ", "[\n  1\n]"),
            ("[NaN,\"\\ud83d\"]", "[\n  NaN,\n  \"\\ud83d\"\n]"),
            ("no json {", "no json {"),
            ("two\r\nlines\u{202E}", "two\nlines\\u202e"),
            ("\"a\u{202E}b\"", r#""a\u202eb""#),
        ] {
            assert_eq!(Pretty::new(raw), Pretty { text: shown.to_owned(), cut: false }, "{raw}");
        }
    }

    #[test]
    fn a_megabyte_is_cut() {
        let numbers = format!("[{}1]", "1,".repeat(1 << 19));
        let line = "é".repeat(1 << 19);
        let deep = "[".repeat(120) + &"1,".repeat(1 << 19) + "1" + &"]".repeat(120);
        for raw in [numbers.as_str(), &line, &format!("\"{line}\""), &deep] {
            let pretty = Pretty::new(raw);
            assert!(
                pretty.cut && (MAX_BYTES - 64..MAX_BYTES + 64).contains(&pretty.text.len()),
                "{}",
                pretty.text.len()
            );
        }
    }
}
