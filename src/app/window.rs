//! Runs the window: the runtime beside it, the shell that owns it, and the order in which everything ends.

use std::time::Duration;

use anyhow::Context as _;
use egui::Context;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use super::App;
use super::options::Options;
use crate::shell;

const SETTLES_WITHIN: Duration = Duration::from_secs(2);

/// Runs the window until it is closed.
pub fn run(options: Options) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .thread_name("helmsight-io")
        .build()
        .context("Could not start the background threads")?;
    let tracker = TaskTracker::new();
    let settle = {
        let (tracker, runtime) = (tracker.clone(), runtime.handle().clone());
        move || settle(&tracker, &runtime)
    };
    let create =
        |ctx: &Context| App::new(ctx, options.clone(), runtime.handle().clone(), tracker.clone());
    let result = shell::run(options.renderer, create, settle.clone());
    settle();
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

/// Awaits the tasks in the background. Those that do not end by themselves in time are ended with the process.
fn settle(tracker: &TaskTracker, runtime: &Handle) {
    tracker.close();
    let ended = async { tokio::time::timeout(SETTLES_WITHIN, tracker.wait()).await };
    if runtime.block_on(ended).is_err() {
        tracing::warn!("some background tasks did not end in time");
    }
}
