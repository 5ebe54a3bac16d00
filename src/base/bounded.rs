//! A text from outside that is kept: it is cut where it comes in, and owns no more memory than it shows.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};

use super::text::clip;

/// A text of at most `MAX` bytes, cut at a character's border. It owns as many bytes as it has, whatever the size of
/// the text that it was made of.
///
/// Everything that others write and that is kept beyond the message that brought it has this type at the edge. A
/// `String` that is cut keeps the room of all that it had.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BoundedText<const MAX: usize>(Box<str>);

/// An id that others chose: of a tab, a request, a download.
pub type BoundedId = BoundedText<256>;

/// What a page says of itself: an address, a title, a message.
pub type PageText = BoundedText<4096>;

impl<const MAX: usize> BoundedText<MAX> {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> From<&str> for BoundedText<MAX> {
    fn from(text: &str) -> Self {
        Self(clip(text, MAX).into())
    }
}

impl<const MAX: usize> From<String> for BoundedText<MAX> {
    fn from(text: String) -> Self {
        if text.len() <= MAX { Self(text.into_boxed_str()) } else { Self::from(text.as_str()) }
    }
}

impl<const MAX: usize> From<BoundedText<MAX>> for String {
    fn from(text: BoundedText<MAX>) -> Self {
        text.0.into_string()
    }
}

impl<const MAX: usize> Deref for BoundedText<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> Borrow<str> for BoundedText<MAX> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> PartialEq<str> for BoundedText<MAX> {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl<const MAX: usize> PartialEq<&str> for BoundedText<MAX> {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl<const MAX: usize> PartialEq<String> for BoundedText<MAX> {
    fn eq(&self, other: &String) -> bool {
        *self.0 == **other
    }
}

impl<const MAX: usize> fmt::Debug for BoundedText<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MAX: usize> fmt::Display for BoundedText<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MAX: usize> Serialize for BoundedText<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for BoundedText<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Cut<const MAX: usize>;
        impl<const MAX: usize> Visitor<'_> for Cut<MAX> {
            type Value = BoundedText<MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(text.into())
            }

            fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
                Ok(text.into())
            }
        }
        // The reader lends the text, so that what is cut off is never copied.
        deserializer.deserialize_str(Cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Short = BoundedText<4>;

    #[test]
    fn a_text_is_cut_at_a_character_and_owns_what_it_shows() {
        for (given, kept) in
            [("", ""), ("abcd", "abcd"), ("abcde", "abcd"), ("abcé", "abc"), ("ééé", "éé")]
        {
            let mut roomy = String::with_capacity(1 << 20);
            roomy.push_str(given);
            for text in [Short::from(given), Short::from(roomy)] {
                assert_eq!(text, kept, "{given}");
                assert_eq!(String::from(text).capacity(), kept.len(), "{given}");
            }
        }
    }

    #[test]
    fn it_is_read_and_written_as_a_text() {
        for json in [r#""abcdefgh""#, r#""a\u0062cdefgh""#] {
            let text: Short = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&text).unwrap(), r#""abcd""#);
            let value: serde_json::Value = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::from_value::<Short>(value).unwrap(), "abcd");
        }
        assert!(serde_json::from_str::<Short>("7").is_err());
    }
}
