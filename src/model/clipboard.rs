//! Describes what a clipboard holds on its way between the desktop and a page.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text or its HTML has at most so many bytes.
pub const MAX_CLIPBOARD_TEXT: usize = 1 << 20;
/// A picture has at most so many bytes as a PNG file.
pub const MAX_CLIPBOARD_IMAGE: usize = 8 << 20;

/// What was copied, in one or more forms of the same thing.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClipboardContent {
    /// The plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The same as HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// A picture: a PNG file in Base64 with padding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

impl ClipboardContent {
    /// Tells whether nothing is there in any form.
    pub fn is_empty(&self) -> bool {
        let is_none = |form: &Option<String>| form.as_ref().is_none_or(String::is_empty);
        is_none(&self.text) && is_none(&self.html) && is_none(&self.image)
    }

    /// Leaves out what is larger than a clipboard may carry, and returns what that was, in words; `None` where
    /// everything fits. HTML that is too large is no loss while its text is there.
    pub fn bound(&mut self) -> Option<String> {
        let mut lost = None;
        if self.text.as_ref().is_some_and(|text| text.len() > MAX_CLIPBOARD_TEXT) {
            self.text = None;
            lost = Some(format!("The text is larger than {} MiB", MAX_CLIPBOARD_TEXT >> 20));
        }
        self.html.take_if(|html| html.len() > MAX_CLIPBOARD_TEXT);
        // Four characters stand for three bytes.
        if self.image.as_ref().is_some_and(|image| image.len() / 4 > MAX_CLIPBOARD_IMAGE / 3 + 1) {
            self.image = None;
            lost = Some(format!("The picture is larger than {} MiB", MAX_CLIPBOARD_IMAGE >> 20));
        }
        lost
    }
}

/// What a session tells of a copy that this window's user made in its page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// What was copied; nothing where it is not shared.
    pub content: ClipboardContent,
    /// Whether the content was asked for, and not only the news that something was copied.
    pub shared: bool,
    /// The reason why something is missing, in words.
    pub problem: Option<String>,
}

/// It tells how much there is and never what, because whatever is logged is read by others.
impl fmt::Debug for ClipboardContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = |form: &Option<String>| form.as_ref().map(String::len);
        f.debug_struct("ClipboardContent")
            .field("text", &bytes(&self.text))
            .field("html", &bytes(&self.html))
            .field("image", &bytes(&self.image))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_left_out_and_named() {
        let large = || Some("x".repeat(MAX_CLIPBOARD_TEXT + 1));
        let mut fits = ClipboardContent { text: Some("a".to_owned()), ..Default::default() };
        assert_eq!(fits.bound(), None);
        let mut html = ClipboardContent { html: large(), ..fits.clone() };
        assert_eq!((html.bound(), html), (None, fits));
        let mut text = ClipboardContent { text: large(), ..Default::default() };
        assert!(text.bound().is_some_and(|why| why.contains("1 MiB")) && text.is_empty());
        let image = Some("A".repeat(MAX_CLIPBOARD_IMAGE / 3 * 4 + 8));
        let mut image = ClipboardContent { image, ..Default::default() };
        assert!(image.bound().is_some_and(|why| why.contains("8 MiB")) && image.is_empty());
    }

    #[test]
    fn a_log_tells_only_sizes() {
        let text = Some("secret".to_owned());
        let told = format!("{:?}", ClipboardContent { text, ..Default::default() });
        assert!(told.contains('6') && !told.contains("secret"), "{told}");
    }
}
