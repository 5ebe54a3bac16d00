//! The driver against a real Chromium. Without one the tests are skipped, or fail where `REQUIRE_CHROMIUM=1` is set.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "test code")]

mod acts;
mod cast;
mod clipboard;
mod files;
mod finds;
mod form_controls;
mod input;
mod life;
mod pages;
mod pointed;
mod prints;
mod proxies;
mod record;
mod scales;
mod scripts;
mod secrets;
mod served;
mod shortcuts;
mod support;
mod tabs;
