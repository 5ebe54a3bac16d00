//! Translates the dialect of the computers API into the window's words and back. There is no I/O here.
//!
//! Much of this API is published in several forms or not at all, so everything here reads leniently: unknown
//! fields and words are passed over, and what can't be understood is kept as it came.

pub mod action;
pub mod computer;
pub mod event;
pub mod frame;
pub mod rest;
pub mod shot;
mod words;

pub use action::{ActionResult, PageContext, action_result, tabs_of};
pub use computer::{Computer, computers_of, ended_words};
pub use event::{EventNews, event_news};
pub use frame::{CastMessage, cast_message};
pub use rest::{Effect, RestActions, RestCall};
pub use shot::{ScreenshotAnswer, screenshot};
pub use words::{error_words, page_address, path_segment, segment_text};
