//! Runs the window: the runtime beside it, the shell that owns it, and the order in which everything ends.

use std::time::Duration;

use anyhow::Context as _;
use tokio_util::task::TaskTracker;

use super::App;
use super::options::Options;
use crate::shell::gl;

/// Runs the window until it is closed.
pub fn run(options: Options) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .thread_name("helmsight-io")
        .build()
        .context("Could not start the background threads")?;
    let tracker = TaskTracker::new();
    let result =
        gl::run(|ctx| App::new(ctx, options.clone(), runtime.handle().clone(), tracker.clone()));
    tracker.close();
    // Tasks that do not end by themselves in time end with the process.
    if runtime
        .block_on(async { tokio::time::timeout(Duration::from_secs(2), tracker.wait()).await })
        .is_err()
    {
        tracing::warn!("Some background tasks did not end in time, so they end with the process");
    }
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}
