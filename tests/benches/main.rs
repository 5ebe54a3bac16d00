//! The cost of every stage of a frame that can be measured without a window. `make bench` runs them optimised;
//! a debug build shrinks the sizes and only shows that they run.

mod boxes;
mod decode;
mod mailbox;
mod reference;
mod sse;
mod wire;

use criterion::{criterion_group, criterion_main};

criterion_group!(benches, sse::bench, wire::bench, decode::bench, boxes::bench, mailbox::bench);
criterion_main!(benches);
