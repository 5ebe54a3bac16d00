//! The guard before the decoders.

use std::time::Instant;

use bytes::Bytes;
use helmsight::model::{EncodedFrame, ImageFormat};
use helmsight::video::decode::{Buffers, DecodeOptions, decode};
use helmsight::video::jpeg;
use image::codecs::jpeg::JpegEncoder;
use proptest::prelude::*;

use crate::cases;
use crate::inputs::broken;

/// What a picture costs to decode grows with what its header claims; the guard is asked about larger ones only.
const MAX_AREA: u64 = 1 << 20;

fn pictures() -> Vec<Vec<u8>> {
    [(16, 16), (33, 7), (64, 48)]
        .map(|(width, height)| {
            let image = image::RgbImage::from_fn(width, height, |x, y| {
                image::Rgb([x as u8 * 3, y as u8 * 5, (x * y) as u8])
            });
            let mut jpeg = Vec::new();
            image.write_with_encoder(JpegEncoder::new(&mut jpeg)).unwrap();
            jpeg
        })
        .to_vec()
}

const MARKS: &[&[u8]] = &[
    &[0xFF, 0xD8],
    &[0xFF, 0xD9],
    &[0xFF, 0xDA],
    &[0xFF, 0xC0],
    &[0xFF, 0xC2],
    &[0xFF, 0xC4],
    &[0xFF, 0xDB],
    &[0xFF, 0xDD, 0, 4, 0, 1],
    &[0xFF, 0xE1, 0xFF, 0xFF],
    &[0xFF, 0xFE, 0, 2],
    &[0xFF, 0],
    &[0xFF, 0xFF, 0xFF],
];

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn no_damage_is_more_than_an_error(bytes in broken(pictures(), MARKS)) {
        let Ok(size) = jpeg::check(&bytes) else {
            return Ok(());
        };
        let area = u64::from(size.width) * u64::from(size.height);
        prop_assert!((1..=36_000_000).contains(&area), "{size:?}");
        if area <= MAX_AREA {
            let frame = EncodedFrame::bare(ImageFormat::Jpeg, Bytes::from(bytes), Instant::now());
            if let Ok((image, _)) = decode(&frame, DecodeOptions::ALL, &mut Buffers::default()) {
                prop_assert_eq!(image.pixels.len() as u64, area);
            }
        }
    }

    #[test]
    fn any_bytes_are_looked_at(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(jpeg::check(&bytes).is_err() || bytes.len() > 20);
    }
}
