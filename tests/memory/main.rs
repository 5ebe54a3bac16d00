//! What is left in memory once each edge was fed the largest messages that it takes: a multiple of what is shown, never
//! of what was sent.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod browser;
#[expect(dead_code, reason = "the tests of the driver use more of it")]
#[path = "../chromium/support.rs"]
mod browsers;
mod clients;
mod pipe;
mod protocols;
#[expect(dead_code, reason = "the tests of the host use more of it")]
#[path = "../host/scripted.rs"]
mod scripted;
mod server;
#[expect(dead_code, reason = "the tests of the host use more of it")]
#[path = "../host/stage.rs"]
mod stage;
#[expect(dead_code, unused_imports, reason = "other tests use more of it")]
#[path = "../support/mod.rs"]
mod support;

use peak_alloc::PeakAlloc;
use tokio::sync::{Mutex, MutexGuard};

#[global_allocator]
static OWNED: PeakAlloc = PeakAlloc;

/// One test at a time: they share one count.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

const MIB: usize = 1 << 20;

/// The turn of one test, with what the process owned when it began.
struct Count {
    began: usize,
    _turn: MutexGuard<'static, ()>,
}

impl Count {
    async fn begin() -> Self {
        let turn = ONE_AT_A_TIME.lock().await;
        Self { began: OWNED.current_usage(), _turn: turn }
    }

    /// Counts from here on.
    fn again(&mut self) {
        self.began = OWNED.current_usage();
    }

    /// Fails where the process owns more than `most` bytes beyond what it owned before.
    fn expect(&self, what: &str, most: usize) {
        let owned = OWNED.current_usage().saturating_sub(self.began);
        assert!(owned <= most, "{what}: {owned} bytes are kept, and {most} may be");
    }
}
