//! The host over real sockets, with a scripted driver in the browser's place.

mod actions;
mod events;
mod gates;
mod pictures;
mod scripted;
mod sessions;
mod socket;
mod stage;
