//! A service beyond one session: its list, making and ending sessions.

mod client;
mod directory;
mod schedule;
#[cfg(test)]
mod tests;

pub use client::{NewSessionRequest, Probed, ServiceClient};
pub use directory::{Directory, DirectoryHandle, DirectoryNews};
pub use schedule::Interest;
