//! The embedded session host: drives a real Chromium and serves it in the computers API.

pub mod cdp;
pub mod chromium;
pub mod driver;
pub mod keys;
