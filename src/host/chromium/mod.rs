//! Handles the browser as a program: it finds, starts and ends it. It knows nothing of pages.

mod find;
mod launch;
mod process;
mod profile;
mod proxy;

pub use find::{Browser, NotFound, find};
pub use launch::{DownloadLimits, LaunchError, LaunchOptions, Launched, launch, sandbox_problem};
pub use process::Process;
pub(crate) use process::{ending, killed_by};
pub use profile::Profile;
pub(crate) use proxy::Proxy;
