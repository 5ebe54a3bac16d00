//! Services other than the computers API, over real sockets: chats, tasks of an assistant, and spaces where people
//! browse together. Scripted servers in their known forms, with faults and lies, and the embedded host where it serves
//! the same. All is seen through the program's own client.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod chat;
#[path = "../support/noted.rs"]
mod noted;
mod server;
mod space;
mod spaces;
#[path = "../support/mod.rs"]
mod support;
mod talk;
mod tasks;
mod watched;
mod webhooks;
