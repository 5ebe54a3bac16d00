//! The background end of a session's chat.

use crate::session::ChatHandle;

#[derive(Default)]
pub(crate) enum ChatLink {
    #[default]
    Absent,
    /// What was kept of it is being read.
    Loading,
    Open {
        handle: ChatHandle,
        /// The revision that is on disk.
        kept: u64,
        is_saving: bool,
    },
}
