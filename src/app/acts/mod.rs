//! What takes several parts of the app: each file is a share of [`App`](super::App), and calls only those above it here.

mod watching;

mod listing;

mod opening;

mod cameras;
mod services;

mod settling;
mod telling;

mod commands;

mod executor;
