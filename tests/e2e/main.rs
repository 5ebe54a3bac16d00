//! The program as people run it: the real binary and a real Chromium, a real window on a private display, real keys.
//! Where a tool or the browser is missing the tests are skipped, or fail where `REQUIRE_CHROMIUM=1` is set.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "test code")]

mod browsers;
mod camera;
mod command_line;
mod desktop;
mod ends;
mod ground;
mod host;
mod needs;
mod people;
mod picture;
mod proxy;
mod recordings;
mod recover;
mod renderers;
mod sample;
mod screen;
mod site;
mod stage;
mod steer;
mod window;
