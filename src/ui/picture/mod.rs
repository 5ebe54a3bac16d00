//! Shows the live picture: where it lies, how it is painted, and what state it is in.

pub mod acts;
mod boxes;
mod card;
pub mod class_look;
mod drop_target;
pub mod geometry;
pub(in crate::ui) mod ground;
pub mod overlay;
mod pointed;
mod pointers;
mod props;
mod strip;
pub mod widget;
pub mod words;

pub use boxes::paint_boxes;
pub use class_look::ClassLook;
pub use drop_target::why_no_drop;
pub use geometry::{FrameToUi, View, Zoom, ZoomStep};
pub use props::{Mend, PictureMode, PictureProps};
pub use strip::STRIP_HEIGHT;
pub use widget::{PictureUiState, Surface, picture_id, picture_strip_ui, picture_ui, takes_input};

#[cfg(test)]
pub(crate) mod testing;
