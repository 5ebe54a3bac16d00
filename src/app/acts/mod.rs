//! What takes several parts of the app: each file is a share of [`App`](super::App), and calls only those above it here.

mod watching;

mod opening;

mod cameras;
mod settling;
mod telling;

mod commands;

mod executor;
