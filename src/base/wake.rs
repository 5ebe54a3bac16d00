//! "Something for you to look at": how the background side wakes the window without knowing it.

use std::fmt;
use std::sync::Arc;

/// Wakes whoever reads the mailboxes. Cheap to clone, callable from any thread.
///
/// Publish first, wake second: the reader may run before `wake` returns.
#[derive(Clone)]
pub struct Wake(Arc<dyn Fn() + Send + Sync>);

impl Wake {
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(wake))
    }

    /// For readers that poll, such as the command line.
    pub fn none() -> Self {
        Self::new(|| ())
    }

    pub fn wake(&self) {
        (self.0)();
    }
}

impl fmt::Debug for Wake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wake")
    }
}
