//! What a host is made with, and which sessions it has.

pub(crate) mod config;
pub(crate) mod registry;
