//! Does what takes several parts of the app. Each file is a share of [`App`](super::App), and calls only the files
//! above it in this list.

mod remembering;
mod watching;

mod listing;

mod opening;

mod cameras;
mod services;

mod settling;
mod telling;

mod clipboard;
mod downloads;
mod drops;

mod changing;

mod commands;

mod executor;
