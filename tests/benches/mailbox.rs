//! The slots between threads: what a frame pays at each hop, however large it is.

use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use criterion::Criterion;
use helmsight::base::Mailbox;
use helmsight::model::{EncodedFrame, ImageFormat};

use crate::reference;

const HOPS: u64 = if cfg!(debug_assertions) { 10 } else { 10_000 };

fn frame() -> EncodedFrame {
    EncodedFrame::bare(ImageFormat::Jpeg, Bytes::from(vec![0; 200_000]), Instant::now())
}

/// Publishes `HOPS` frames from another thread while this one takes what it can get.
fn hand_over(frame: &EncodedFrame) -> u64 {
    let slot = Arc::new(Mailbox::default());
    std::thread::scope(|scope| {
        let writer = slot.clone();
        let publish = move || (0..HOPS).for_each(|_| _ = black_box(writer.publish(frame.clone())));
        let writer =
            std::thread::Builder::new().name("writer".to_owned()).spawn_scoped(scope, publish);
        let writer = writer.expect("a bench may have one more thread");
        let mut taken = 0;
        while !writer.is_finished() {
            taken += u64::from(slot.take().is_some());
        }
        taken + u64::from(slot.take().is_some())
    })
}

pub(crate) fn bench(c: &mut Criterion) {
    let frame = frame();
    let slot = Mailbox::default();
    let mut group = c.benchmark_group("mailbox");
    group.bench_function("publish and take", |b| {
        b.iter(|| {
            slot.publish(black_box(frame.clone()));
            black_box(slot.take())
        });
    });
    group.bench_function("publish over an unread one", |b| {
        b.iter(|| slot.publish(black_box(frame.clone())))
    });
    group.bench_function("two threads", |b| b.iter(|| hand_over(&frame)));
    group.finish();

    let plain = Mutex::new(None);
    let reference = || {
        for _ in 0..HOPS {
            let mut slot = plain.lock().expect("nothing panics under this lock");
            *slot = Some(black_box(frame.clone()));
            black_box(slot.take());
        }
    };
    reference::against("mailbox/publish and take", "a bare mutex", reference, || {
        for _ in 0..HOPS {
            slot.publish(black_box(frame.clone()));
            black_box(slot.take());
        }
    });
}
