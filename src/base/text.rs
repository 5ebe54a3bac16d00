//! Makes a server's text safe to show: without control characters and invisible reordering, and bounded.

use std::borrow::Cow;
use std::fmt::Write as _;

/// An escape such as `\u202e` has so many characters.
const ESCAPE_CHARS: usize = 6;
/// A file's ending has at most so many bytes, with its dot.
const MAX_ENDING: usize = 20;
/// So many combining marks may follow one base character.
const MAX_MARKS: usize = 8;

/// Returns one line of at most `max_chars` characters, with `…` where it was cut.
///
/// Control characters become spaces (newlines `↵`), what can't be seen or reorders its neighbors becomes an escape such
/// as `\u202e`, and towers of combining marks are cut: text from a page must neither reorder nor overrun what we draw
/// around it.
pub fn one_line(text: &str, max_chars: usize) -> String {
    let mut out = String::with_capacity(text.len().min(max_chars * 4));
    let (mut count, mut marks) = (0, 0);
    for c in text.trim_end_matches(|c: char| c.is_whitespace() || c.is_control()).chars() {
        let shown = match c {
            '\n' => '↵',
            '\r' => continue,
            c if c.is_ascii_control() => ' ',
            c => c,
        };
        marks = if is_combining(shown) { marks + 1 } else { 0 };
        if marks > MAX_MARKS {
            continue;
        }
        let width = if is_hidden(shown) { ESCAPE_CHARS * shown.len_utf16() } else { 1 };
        if count + width > max_chars {
            out.push('…');
            break;
        }
        push_visibly(&mut out, shown);
        count += width;
    }
    // The text is kept for long, and what was cut off should not be kept with it.
    out.shrink_to_fit();
    out
}

/// Cleans a text of several lines like [`one_line`], but keeps its line breaks and tabs and does not cut it.
pub fn many_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.chars() {
        let shown = match c {
            '\n' | '\t' => c,
            '\r' => continue,
            c if c.is_ascii_control() => ' ',
            c => c,
        };
        marks = if is_combining(shown) { marks + 1 } else { 0 };
        if marks <= MAX_MARKS {
            push_visibly(&mut out, shown);
        }
    }
    out
}

/// Writes what can't be seen, or reorders its neighbors, as an escape such as `\u202e`, and leaves all else as it is.
/// JSON that is treated so says the same as before, because outside of its strings there is nothing of the kind.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    text.chars().for_each(|c| push_visibly(&mut out, c));
    Cow::Owned(out)
}

/// Tells whether a character can't be seen, reorders its neighbors, or is a control of the C1 set, which terminals obey.
/// The two that choose how an emoji looks are not of these.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9F}' | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0D}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Makes of `name` the name of a file: it has no folders, nothing that can't be seen, and at most `max_bytes` bytes, of
/// which its ending keeps its own. Every system can keep a file of that name: Windows drops dots and spaces at its end
/// and has devices that files can't be called after.
pub fn file_name(name: &str, max_bytes: usize) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = |c: char| {
        let odd = c.is_control() || is_hidden(c) || "<>:\"|?*".contains(c);
        if odd { '_' } else { c }
    };
    let name: String = last.trim_end_matches(char::is_control).chars().map(plain).collect();
    let name = name.trim_matches([' ', '.']);
    let name = name.trim();
    if name.is_empty() {
        return "download".to_owned();
    }
    if is_device(name) {
        return file_name(&format!("_{name}"), max_bytes);
    }
    if name.len() <= max_bytes {
        return name.to_owned();
    }
    let (stem, ending) = match name.rfind('.') {
        Some(dot) if name.len() - dot <= MAX_ENDING => name.split_at(dot),
        _ => (name, ""),
    };
    format!("{}{ending}", clip(stem, max_bytes - ending.len()).trim_end_matches([' ', '.']))
}

/// Tells whether Windows takes a file of this name for a device, whatever its ending.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let numbered = |device: &str| {
        stem.strip_prefix(device).is_some_and(|rest| {
            matches!(
                rest,
                "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"
            )
        })
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul" | "conin$" | "conout$")
        || numbered("com")
        || numbered("lpt")
}

/// Returns `text` cut to at most `max_bytes` at a character border. A shorter text is unchanged.
pub fn clip(text: &str, max_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(max_bytes)]
}

fn push_visibly(out: &mut String, c: char) {
    if !is_hidden(c) {
        return out.push(c);
    }
    for unit in c.encode_utf16(&mut [0; 2]) {
        write!(out, "\\u{unit:04x}").expect("writing to a String cannot fail");
    }
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_becomes_one_plain_line() {
        for (given, shown) in [
            ("plain", "plain"),
            ("two\r\nlines\n", "two↵lines"),
            ("\u{1b}]52;c;evil\u{7}", " ]52;c;evil"),
            ("user\u{202E}gpj.exe", r"user\u202egpj.exe"),
            ("a\u{200B}b", r"a\u200bb"),
            ("héllo", "héllo"),
        ] {
            assert_eq!(one_line(given, 100), shown);
        }
        assert_eq!(one_line("abcdef", 3), "abc…");
        assert_eq!(one_line("ab\u{202E}c", 7), "ab…", "an escape is not cut");
        let tower = format!("a{}b", "\u{0301}".repeat(100));
        assert_eq!(one_line(&tower, 100).chars().count(), 2 + MAX_MARKS);
    }

    #[test]
    fn hostile_text_of_many_lines_keeps_its_lines_only() {
        let tower = format!("a{}", "\u{0301}".repeat(100));
        for (given, shown) in
            [("a\r\n\tb\n", "a\n\tb\n"), ("\u{1b}[31mred\u{202E}", r" [31mred\u202e")]
        {
            assert_eq!(many_lines(given), shown);
        }
        assert_eq!(many_lines(&tower).chars().count(), 1 + MAX_MARKS);
    }

    #[test]
    fn what_cannot_be_seen_is_escaped_wherever_text_is_shown() {
        for c in [
            '\u{80}',
            '\u{85}',
            '\u{9B}',
            '\u{9F}',
            '\u{AD}',
            '\u{34F}',
            '\u{61C}',
            '\u{115F}',
            '\u{180E}',
            '\u{200B}',
            '\u{200E}',
            '\u{2028}',
            '\u{2029}',
            '\u{202A}',
            '\u{202E}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{3164}',
            '\u{FEFF}',
            '\u{FFA0}',
            '\u{FFF9}',
            '\u{E0001}',
            '\u{E0041}',
            '\u{E0100}',
        ] {
            let text = format!("a{c}b");
            let expected: String =
                c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let expected = format!("a{expected}b");
            assert_eq!(one_line(&text, 100), expected);
            assert_eq!(many_lines(&text), expected);
            let json = serde_json::to_string(&text).unwrap();
            let shown = escaped(&json);
            assert_eq!(shown, format!("\"{expected}\""));
            assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text, "JSON says the same");
        }
        for plain in ["plain", "größer", "中文", "❤\u{FE0F}", "a\u{0301}", "👍🏽"] {
            assert!(matches!(escaped(plain), Cow::Borrowed(_)), "{plain}");
            assert_eq!(one_line(plain, 100), plain);
        }
    }

    #[test]
    fn a_file_has_a_name_that_every_system_can_keep() {
        for (given, name) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\evil.exe", "evil.exe"),
            (".bashrc", "bashrc"),
            ("user\u{202E}gpj.exe", "user_gpj.exe"),
            ("a\nb?.txt", "a_b_.txt"),
            ("a\u{85}b\u{E0041}.txt", "a_b_.txt"),
            ("..", "download"),
            ("report.pdf. . ", "report.pdf"),
            ("NUL", "_NUL"),
            ("con.txt", "_con.txt"),
            ("aux .tar.gz", "_aux .tar.gz"),
            ("COM1", "_COM1"),
            ("lpt³.doc", "_lpt³.doc"),
            ("common.txt", "common.txt"),
            ("company", "company"),
            ("", "download"),
        ] {
            assert_eq!(file_name(given, 200), name, "{given:?}");
        }
        for (letter, ending) in [("中", ".pdf"), ("a", ".tar"), ("👍", ""), ("é", ".jpeg")] {
            let name = file_name(&format!("{}{ending}", letter.repeat(200)), 150);
            assert!((140..=150).contains(&name.len()), "{name}");
            assert!(name.starts_with(letter) && name.ends_with(ending), "{name}");
        }
        let long_ending = file_name(&format!("a.{}", "b".repeat(300)), 150);
        assert_eq!(long_ending.len(), 150);
    }

    #[test]
    fn clipping_respects_characters() {
        assert_eq!(clip("héllo", 2), "h");
        assert_eq!(clip("héllo", 99), "héllo");
    }
}
