//! Holds the background end of a session's chat, from before it is open.

use crate::session::ChatHandle;

/// How far the chat of a session has come.
#[derive(Default)]
pub(crate) enum ChatLink {
    #[default]
    Absent,
    /// The file in which the chat was kept is being read.
    Loading,
    Open {
        handle: ChatHandle,
        /// The revision of the chat that is on disk.
        kept: u64,
        is_saving: bool,
    },
}
