//! Makes a server's text safe to show: without control characters and invisible reordering, and bounded.

/// So many combining marks may follow one base character.
const MAX_MARKS: usize = 8;

/// Returns one line of at most `max_chars` characters, with `…` where it was cut.
///
/// Control characters become spaces (newlines `↵`), bidirectional controls and zero-width characters become visible
/// marks, and towers of combining marks are cut: text from a page must neither reorder nor overrun what we draw around
/// it.
pub fn one_line(text: &str, max_chars: usize) -> String {
    let mut out = String::with_capacity(text.len().min(max_chars * 4));
    let (mut count, mut marks) = (0, 0);
    for c in text.trim_end_matches(|c: char| c.is_whitespace() || c.is_control()).chars() {
        let shown = match c {
            '\n' => '↵',
            '\r' => continue,
            c => visible(c),
        };
        marks = if is_combining(shown) { marks + 1 } else { 0 };
        if marks > MAX_MARKS {
            continue;
        }
        if count == max_chars {
            out.push('…');
            break;
        }
        out.push(shown);
        count += 1;
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
            c => visible(c),
        };
        marks = if is_combining(shown) { marks + 1 } else { 0 };
        if marks <= MAX_MARKS {
            out.push(shown);
        }
    }
    out
}

/// Returns `text` cut to at most `max_bytes` at a character border. A shorter text is unchanged.
pub fn clip(text: &str, max_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(max_bytes)]
}

/// Replaces a character that does something by one that can only be seen.
fn visible(c: char) -> char {
    match c {
        c if c.is_control() => ' ',
        '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}'
        | '\u{FEFF}' => '·',
        c => c,
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
            ("user\u{202E}gpj.exe", "user·gpj.exe"),
            ("a\u{200B}b", "a·b"),
            ("héllo", "héllo"),
        ] {
            assert_eq!(one_line(given, 100), shown);
        }
        assert_eq!(one_line("abcdef", 3), "abc…");
        let tower = format!("a{}b", "\u{0301}".repeat(100));
        assert_eq!(one_line(&tower, 100).chars().count(), 2 + MAX_MARKS);
    }

    #[test]
    fn hostile_text_of_many_lines_keeps_its_lines_only() {
        let tower = format!("a{}", "\u{0301}".repeat(100));
        for (given, shown) in [("a\r\n\tb\n", "a\n\tb\n"), ("\u{1b}[31mred\u{202E}", " [31mred·")]
        {
            assert_eq!(many_lines(given), shown);
        }
        assert_eq!(many_lines(&tower).chars().count(), 1 + MAX_MARKS);
    }

    #[test]
    fn clipping_respects_characters() {
        assert_eq!(clip("héllo", 2), "h");
        assert_eq!(clip("héllo", 99), "héllo");
    }
}
