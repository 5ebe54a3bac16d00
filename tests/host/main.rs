//! The host over real sockets, with a scripted driver in the browser's place.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod actions;
mod cameras;
mod chat;
mod clip;
mod clipboard;
mod events;
mod gates;
mod grants;
mod hooks;
mod people;
mod pictures;
mod repeats;
mod rights;
mod scripted;
mod scripts;
mod secrets;
mod sessions;
mod socket;
mod stage;
