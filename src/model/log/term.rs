//! Reads the words of a filter. Most are looked for in a row's text; some name a kind, a level of the console, or what
//! a row is like.

use memchr::memmem::Finder;

use super::Row;
use crate::base::text::clip;
use crate::model::ConsoleLevel;

/// So many bytes of a row are read to tell what it is like.
const MAX_READ: usize = 2048;
/// What rows have in common is told by so many bytes.
const MAX_LIKE: usize = 160;

/// One word or phrase of a filter.
#[derive(Debug)]
pub(super) enum Term {
    /// The row has this text in it.
    Text(Box<Finder<'static>>),
    /// The row's kind has this name: `kind:console`.
    Kind(String),
    /// The row is of this level of the console: `level:warning`.
    Level(ConsoleLevel),
    /// The row reads so, whatever numbers and ids are in it: `"like:console took # ms"`.
    Like(String),
}

impl Term {
    pub(super) fn read(word: &str) -> Self {
        let word = word.to_lowercase();
        match word.split_once(':') {
            Some(("kind", name)) if !name.is_empty() => return Self::Kind(name.to_owned()),
            Some(("like", shape)) if !shape.is_empty() => return Self::Like(shape.to_owned()),
            Some(("level", level)) => {
                if let Ok(level) = level.parse() {
                    return Self::Level(level);
                }
            }
            Some(_) | None => (),
        }
        Self::Text(Box::new(Finder::new(word.as_bytes()).into_owned()))
    }

    pub(super) fn matches(&self, row: &Row) -> bool {
        match self {
            Self::Text(finder) => finder.find(row.search.as_bytes()).is_some(),
            Self::Kind(name) => kind_of(row) == *name,
            Self::Level(level) => row.event.level == Some(*level),
            Self::Like(shape) => shape_of(row) == *shape,
        }
    }

    /// Tells whether a row that matches one of the two is enough, as it can't match both.
    pub(super) fn is_alternative_of(&self, other: &Self) -> bool {
        !matches!(self, Self::Text(_))
            && std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// Returns the word that names the row's kind.
pub(super) fn kind_word(row: &Row) -> String {
    format!("kind:{}", kind_of(row))
}

/// Returns the word for all rows that read like this one.
pub(super) fn like_word(row: &Row) -> String {
    format!("like:{}", shape_of(row))
}

/// Returns the word that names a level.
pub(super) fn level_word(level: ConsoleLevel) -> String {
    format!("level:{}", <&str>::from(level))
}

fn kind_of(row: &Row) -> String {
    unquoted(&row.event.name)
}

/// Returns the row's kind and text, with `#` in the place of everything that has a digit in it.
fn shape_of(row: &Row) -> String {
    let said = unquoted(&[&row.event.name, " ", clip(&row.event.text, MAX_READ)].concat());
    let mut shape = String::with_capacity(said.len());
    let mut rest = said.as_str();
    while let Some(first) = rest.chars().next() {
        let is_word = first.is_alphanumeric();
        let end = rest.find(|c: char| c.is_alphanumeric() != is_word).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        match is_word && part.contains(|c: char| c.is_numeric()) {
            true => shape.push('#'),
            false => shape.push_str(part),
        }
        rest = after;
    }
    let shape = shape.split_whitespace().collect::<Vec<_>>().join(" ");
    clip(&shape, MAX_LIKE).trim_end().to_owned()
}

/// Returns the text in lower case without quotes, which end a phrase in a filter.
fn unquoted(text: &str) -> String {
    text.to_lowercase().replace('"', "'")
}

/// Splits what was typed into words and quoted phrases. An open quote reaches to the end.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => words.push(String::new()),
            c => words.last_mut().expect("starts with one and only grows").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Writes words as they would be typed.
pub(super) fn typed(words: &[String]) -> String {
    let quoted = words.iter().map(|word| match word.contains(char::is_whitespace) {
        true => format!("\"{word}\""),
        false => word.clone(),
    });
    quoted.collect::<Vec<_>>().join(" ")
}
