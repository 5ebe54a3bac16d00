//! The session's event log: a bounded ring of rows, paired and filtered.

use std::collections::VecDeque;

use super::SessionEvent;

#[derive(Debug, Default)]
pub struct Log {
    rows: VecDeque<SessionEvent>,
}

impl Log {
    pub fn push(&mut self, event: SessionEvent) {
        self.rows.push_back(event);
    }
}
