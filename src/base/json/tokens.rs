//! Splits JSON into its tokens, also where it is none: whoever reads on says what each of them means.

use memchr::memchr2;

/// A token, as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// One of the six characters that give JSON its shape.
    Mark(char),
    /// What stands between two quotes. The second may be missing at the end.
    Text { inner: &'a str, is_closed: bool },
    /// Anything else: a number, a literal, or what somebody wrote in its place.
    Word(&'a str),
}

/// The tokens of a text. White space between them is passed over, and so is what prints nothing there: a byte order
/// mark, zeros at the end.
#[derive(Clone, Debug)]
pub(super) struct Tokens<'a>(&'a str);

impl<'a> Tokens<'a> {
    pub(super) fn of(json: &'a str) -> Self {
        Self(json)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let rest = self.0.trim_start_matches(is_blank);
        let first = rest.chars().next()?;
        let (token, rest) = match first {
            '"' => {
                let (inner, rest) = text_and_rest(&rest[1..]);
                (Token::Text { inner, is_closed: rest.is_some() }, rest.unwrap_or_default())
            }
            mark if is_mark(mark) => (Token::Mark(mark), &rest[1..]),
            _ => {
                let ends = |c: char| is_mark(c) || is_blank(c) || c == '"';
                let (word, rest) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
                (Token::Word(word), rest)
            }
        };
        self.0 = rest;
        Some(token)
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '{' | '}' | '[' | ']' | ',' | ':')
}

pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{FEFF}' | '\0')
}

/// Splits what follows an opening quote at the closing one; there is no rest where that is missing. Texts are skipped
/// at the speed of memory, because a picture of a megabyte is one.
pub(super) fn text_and_rest(text: &str) -> (&str, Option<&str>) {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = bytes.get(from..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        let at = from + at;
        if bytes[at] == b'"' {
            return (&text[..at], Some(&text[at + 1..]));
        }
        // Both bytes of an escape are ASCII, or the second begins a character that is no quote.
        from = at + 2;
    }
    (text, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_what_was_written() {
        let text = |inner| Token::Text { inner, is_closed: true };
        let tokens: Vec<_> = Tokens::of("\u{FEFF} {\"a\\\"\":-NaN,[\"é\\\\\"]} 1e400\0").collect();
        assert_eq!(
            tokens,
            [
                Token::Mark('{'),
                text("a\\\""),
                Token::Mark(':'),
                Token::Word("-NaN"),
                Token::Mark(','),
                Token::Mark('['),
                text("é\\\\"),
                Token::Mark(']'),
                Token::Mark('}'),
                Token::Word("1e400"),
            ]
        );
        for open in ["\"", "\"é", "\"\\", "\"\\é", "\"a\\\""] {
            let last = Tokens::of(open).last();
            assert_eq!(last, Some(Token::Text { inner: &open[1..], is_closed: false }), "{open}");
        }
        assert_eq!(Tokens::of(" \n").next(), None);
    }
}
