//! Lets the background side wake the window without knowing it.

use std::fmt;
use std::sync::Arc;

/// Wakes whoever reads the mailboxes. It is cheap to clone and callable from any thread.
///
/// Publish first, wake second: the reader may run before `wake` returns.
#[derive(Clone)]
pub struct Wake(Arc<dyn Fn() + Send + Sync>);

impl Wake {
    /// Wraps a function that wakes the reader. It must not block.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(wake))
    }

    /// Creates a wake that does nothing, for readers that poll.
    pub fn none() -> Self {
        Self::new(|| ())
    }

    /// Wakes the reader.
    pub fn wake(&self) {
        (self.0)();
    }
}

impl fmt::Debug for Wake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wake")
    }
}
