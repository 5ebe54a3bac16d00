//! The browser as a program: where it is, how it starts, how it ends. Knows nothing of pages.

mod find;
mod launch;
mod process;
mod profile;
mod proxy;

pub use find::{Browser, NotFound, find};
pub use launch::{LaunchError, LaunchOptions, Launched, launch, sandbox_problem};
pub use process::Process;
pub(crate) use process::reason_in;
pub use profile::Profile;
pub(crate) use proxy::Proxy;
