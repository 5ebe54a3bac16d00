//! The host over real sockets, with a scripted driver in the browser's place.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod actions;
mod chat;
mod events;
mod gates;
mod pictures;
mod scripted;
mod sessions;
mod socket;
mod stage;
