//! JPEG to pixels: nine tenths of what a frame costs before it is painted.

use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput};
use helmsight::model::{EncodedFrame, ImageFormat};
use helmsight::video::decode::{Buffers, DecodeOptions, decode};
use helmsight::video::limits::MAX_SIDE;
use helmsight::video::{jpeg, shrink::Shrink};

use crate::reference;

const SMALL: &[u8] = include_bytes!("../data/pictures/odd-420.jpg");
const PAGE_720: &[u8] = include_bytes!("../data/pictures/page-720p.jpg");
const PAGE_1080: &[u8] = include_bytes!("../data/pictures/page-1080p.jpg");

fn pictures() -> Vec<(&'static str, EncodedFrame)> {
    let pictures: &[(&str, &'static [u8])] = if cfg!(debug_assertions) {
        &[("67x35", SMALL)]
    } else {
        &[("720p", PAGE_720), ("1080p", PAGE_1080)]
    };
    pictures.iter().map(|(name, data)| (*name, frame(data))).collect()
}

fn frame(data: &'static [u8]) -> EncodedFrame {
    EncodedFrame::bare(ImageFormat::Jpeg, Bytes::from_static(data), Instant::now())
}

/// As the pool does it: the pixels of one picture are lent to the next.
fn decode_reusing(frame: &EncodedFrame, wanted: DecodeOptions, buffers: &mut Buffers) {
    let (image, _) =
        decode(black_box(frame), wanted, buffers).expect("the fixture is a sound picture");
    buffers.pixels = black_box(image).pixels;
}

pub(crate) fn bench(c: &mut Criterion) {
    let quarter = DecodeOptions { shrink: Shrink::for_scale(0.25), max_side: MAX_SIDE };
    for (name, frame) in pictures() {
        let mut group = c.benchmark_group(format!("decode/{name}"));
        group.throughput(Throughput::Bytes(frame.data.len() as u64));
        let mut buffers = Buffers::default();
        group.bench_function("guard", |b| b.iter(|| jpeg::check(black_box(&frame.data))));
        group.bench_function("full", |b| {
            b.iter(|| decode_reusing(&frame, DecodeOptions::ALL, &mut buffers))
        });
        group.bench_function("quarter", |b| {
            b.iter(|| decode_reusing(&frame, quarter, &mut buffers))
        });
        group.bench_function("full, fresh memory", |b| {
            let fresh = |mut buffers: Buffers| decode(&frame, DecodeOptions::ALL, &mut buffers);
            b.iter_batched(Buffers::default, fresh, BatchSize::PerIteration);
        });
        group.finish();

        let (image, _) = decode(&frame, DecodeOptions::ALL, &mut buffers)
            .expect("the fixture is a sound picture");
        let pixels: Vec<u8> = image.pixels.iter().flat_map(|pixel| pixel.to_array()).collect();
        reference::against_copy(&format!("decode/{name}/full"), &pixels, || {
            decode_reusing(&frame, DecodeOptions::ALL, &mut buffers);
        });
        reference::against_copy(&format!("decode/{name}/quarter"), &pixels, || {
            decode_reusing(&frame, quarter, &mut buffers);
        });
    }
}
