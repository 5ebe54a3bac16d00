//! What a frame costs before it is a picture: base64 and JSON, against copying the same text.

use std::borrow::Cow;
use std::hint::black_box;

use base64::Engine as _;
use base64::engine::Simd;
use base64::engine::general_purpose::{PAD, STANDARD};
use criterion::{Criterion, Throughput};
use serde::Deserialize;

use crate::reference;

/// Bytes of one picture: 720p as a browser sends it.
const PICTURE: usize = if cfg!(debug_assertions) { 2_000 } else { 200_000 };

/// The least that has to be read of a frame: its picture, borrowed where nothing is escaped.
#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow)]
    image_data: Cow<'a, str>,
}

fn picture() -> Vec<u8> {
    (0..PICTURE).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

pub(crate) fn bench(c: &mut Criterion) {
    let base64 = STANDARD.encode(picture());
    let json = format!(
        r#"{{"image_data":"{base64}","metadata":{{"width":1280,"height":720,"scale":1.0}}}}"#
    );
    let escaped = json.replace('/', r"\/");
    let engine = Simd::standard(PAD);
    let mut bytes = vec![0; PICTURE];

    let parse = |text: &str| {
        serde_json::from_str::<Frame<'_>>(black_box(text)).map(|frame| frame.image_data.len())
    };
    let mut unpack =
        || engine.decode_slice(black_box(&base64), &mut bytes).expect("it was encoded above");

    let mut group = c.benchmark_group("wire");
    group.throughput(Throughput::Bytes(json.len() as u64));
    group.bench_function("base64", |b| b.iter(&mut unpack));
    group.bench_function("json", |b| b.iter(|| parse(&json)));
    group.bench_function("json, slashes escaped", |b| b.iter(|| parse(&escaped)));
    group.finish();

    reference::against_copy("wire/base64", base64.as_bytes(), || {
        black_box(unpack());
    });
    reference::against_copy("wire/json", json.as_bytes(), || {
        black_box(parse(&json)).expect("it was written above");
    });
}
