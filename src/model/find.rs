//! What was searched in a page, and what was found.

use serde::{Deserialize, Serialize};

use crate::base::BoundedText;

/// A text that is searched has at most so many bytes.
pub const MAX_FIND: usize = 1024;

/// A text to search in a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextSearch {
    /// The text; an empty one ends the search and takes the marks away.
    pub text: String,
    /// The match before is wanted where the text is the same as last time, and not the next one.
    #[serde(default)]
    pub backward: bool,
    /// Large and small letters differ.
    #[serde(default)]
    pub match_case: bool,
}

/// The matches of a text in the page that is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundText {
    /// The text that was searched.
    pub text: BoundedText<MAX_FIND>,
    /// The number of matches.
    pub matches: u32,
    /// The number of the match that is shown, counted from 1; 0 where there is none.
    pub index: u32,
    /// There are more matches than those that were counted, or more of the page than was searched.
    #[serde(default)]
    pub more: bool,
}
