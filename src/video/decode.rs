//! Decodes any compressed picture to pixels, within limits, and at no larger size than is of use.

use std::io::Cursor;

use egui::{Color32, ColorImage};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits};

use super::limits::{MAX_SIDE, check_bytes, check_size};
use super::shrink::{Shrink, halve};
use super::turn::{turn, upright};
use super::{DecodeError, jpeg};
use crate::base::text::one_line;
use crate::model::{EncodedFrame, FrameSize, ImageFormat};

/// The decoders of PNG and WebP may allocate this many bytes: 36 megapixels at eight bytes, and room for their tables.
const MAX_DECODER_BYTES: u64 = 320 * 1024 * 1024;

/// The size at which a picture is decoded.
#[derive(Clone, Copy, Debug)]
pub struct DecodeOptions {
    /// The halvings after decoding.
    pub shrink: Shrink,
    /// The longest side that can be uploaded, in pixels.
    pub max_side: u32,
}

impl DecodeOptions {
    /// Keeps every pixel that was received.
    pub const ALL: Self = Self { shrink: Shrink::NONE, max_side: MAX_SIDE };
}

/// The function that decodes: [`decode`], or a stand-in under test.
pub(super) type Decode =
    fn(&EncodedFrame, DecodeOptions, &mut Buffers) -> Result<(ColorImage, FrameSize), DecodeError>;

/// Memory that outlives one picture, because allocating a megabyte costs more than filling it.
#[derive(Debug, Default)]
pub struct Buffers {
    /// Holds the pixels at full size while they are halved.
    full: Vec<Color32>,
    /// Receives the pixels of the next picture; the old content is overwritten.
    pub pixels: Vec<Color32>,
}

/// Decodes `frame` and returns its pixels, upright, with the size at which it was received, upright as well.
pub fn decode(
    frame: &EncodedFrame,
    wanted: DecodeOptions,
    buffers: &mut Buffers,
) -> Result<(ColorImage, FrameSize), DecodeError> {
    match frame.format {
        ImageFormat::Jpeg => decode_jpeg(&frame.data, wanted, buffers),
        ImageFormat::Png => decode_other(&frame.data, image::ImageFormat::Png, wanted),
        ImageFormat::WebP => decode_other(&frame.data, image::ImageFormat::WebP, wanted),
    }
}

fn decode_jpeg(
    data: &[u8],
    wanted: DecodeOptions,
    buffers: &mut Buffers,
) -> Result<(ColorImage, FrameSize), DecodeError> {
    let facts = jpeg::inspect(data)?;
    let (stored, orientation) = (facts.size, facts.orientation);
    let sides = [stored.width as usize, stored.height as usize];
    let area = sides[0] * sides[1];
    let shrink = wanted.shrink.to_fit(stored, wanted.max_side);
    let mut pixels = std::mem::take(&mut buffers.pixels);
    if (shrink, orientation) == (Shrink::NONE, Orientation::NoTransforms) {
        pixels.resize(area, Color32::BLACK);
        jpeg::decode_into(data, &facts, &mut pixels)?;
        return Ok((ColorImage::new(sides, pixels), stored));
    }
    buffers.full.resize(area, Color32::BLACK);
    jpeg::decode_into(data, &facts, &mut buffers.full)?;
    let small = halve(&mut buffers.full, sides, shrink);
    let shown = turn(&buffers.full[..small[0] * small[1]], small, orientation, &mut pixels);
    Ok((ColorImage::new(shown, pixels), upright(stored, orientation)))
}

/// Decodes PNG and WebP. They are screenshots and not streams, so no memory is reused.
fn decode_other(
    data: &[u8],
    format: image::ImageFormat,
    wanted: DecodeOptions,
) -> Result<(ColorImage, FrameSize), DecodeError> {
    check_bytes(data)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(data), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(from_decoder)?;
    let (width, height) = decoder.dimensions();
    let stored = FrameSize { width, height };
    check_size(stored)?;
    // A damaged note on how to turn the picture is none.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(from_decoder)?.into_rgba8();
    let sides = [width as usize, height as usize];
    let mut image = ColorImage::from_rgba_unmultiplied(sides, picture.as_raw());
    let small = halve(&mut image.pixels, sides, wanted.shrink.to_fit(stored, wanted.max_side));
    image.pixels.truncate(small[0] * small[1]);
    if orientation == Orientation::NoTransforms {
        return Ok((ColorImage::new(small, image.pixels), stored));
    }
    let mut pixels = Vec::new();
    let shown = turn(&image.pixels, small, orientation, &mut pixels);
    Ok((ColorImage::new(shown, pixels), upright(stored, orientation)))
}

fn from_decoder(err: image::ImageError) -> DecodeError {
    match err {
        image::ImageError::Limits(_) => DecodeError::TooLarge { limit: "8192 x 8192 pixels" },
        err => DecodeError::Damaged(one_line(&err.to_string(), 160)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use bytes::Bytes;
    use image::ImageEncoder as _;

    use super::*;

    const ODD: &[u8] = include_bytes!("../../tests/data/pictures/odd-420.jpg");
    const PROGRESSIVE: &[u8] = include_bytes!("../../tests/data/pictures/progressive.jpg");
    const GRAY: &[u8] = include_bytes!("../../tests/data/pictures/gray.jpg");
    const CMYK: &[u8] = include_bytes!("../../tests/data/pictures/cmyk.jpg");
    const WEBP: &[u8] = include_bytes!("../../tests/data/pictures/lossy.webp");

    const WITHOUT_TABLES: &[u8] = include_bytes!("../../tests/data/pictures/no-dht.jpg");
    const WITHOUT_TABLES_AVI: &[u8] = include_bytes!("../../tests/data/pictures/no-dht-avi1.jpg");
    const TURNED: &[u8] = include_bytes!("../../tests/data/pictures/exif-6-red-top-left.jpg");

    /// Returns `data` without its last `bytes`.
    fn cut(data: &[u8], bytes: usize) -> &[u8] {
        &data[..data.len() - bytes]
    }

    fn frame(data: impl Into<Bytes>) -> EncodedFrame {
        let data = data.into();
        let format = ImageFormat::sniff(&data).unwrap_or(ImageFormat::Jpeg);
        EncodedFrame::bare(format, data, Instant::now())
    }

    fn all(data: impl Into<Bytes>) -> Result<(ColorImage, FrameSize), DecodeError> {
        decode(&frame(data), DecodeOptions::ALL, &mut Buffers::default())
    }

    /// Encodes a picture whose left half is red and whose right half is blue.
    fn halves(width: u32, height: u32, format: image::ImageFormat) -> Vec<u8> {
        let red_then_blue = |x, _| {
            if x < width / 2 { image::Rgb([255, 0, 0]) } else { image::Rgb([0, 0, 255]) }
        };
        let mut data = Cursor::new(Vec::new());
        image::RgbImage::from_fn(width, height, red_then_blue).write_to(&mut data, format).unwrap();
        data.into_inner()
    }

    fn assert_near(pixel: Color32, wanted: Color32) {
        let far = pixel.to_array().iter().zip(wanted.to_array()).any(|(a, b)| a.abs_diff(b) > 12);
        assert!(!far, "{pixel:?} is not {wanted:?}");
    }

    #[test]
    fn every_kind_of_picture_shows_its_pixels() {
        // All fixtures show one picture: navy above, orange below, and a white box from 10,5 to 30,20.
        for data in [ODD, PROGRESSIVE, WEBP] {
            let (image, size) = all(data).unwrap();
            assert_eq!((size, image.size), (FrameSize { width: 67, height: 35 }, [67, 35]));
            assert_near(image[(20, 12)], Color32::WHITE);
            assert!(image[(50, 34)].r() > 200 && image[(50, 34)].b() < 60, "{:?}", image[(50, 34)]);
            assert!(image.pixels.iter().all(|pixel| pixel.a() == 255));
        }
        let (gray, _) = all(GRAY).unwrap();
        assert_near(gray[(20, 12)], Color32::WHITE);
        assert!(
            gray.pixels
                .iter()
                .all(|pixel| pixel.r() == pixel.g() && pixel.g() == pixel.b() && pixel.a() == 255)
        );
        let (png, _) = all(halves(64, 16, image::ImageFormat::Png)).unwrap();
        assert_eq!((png[(31, 8)], png[(32, 8)]), (Color32::RED, Color32::BLUE));
    }

    #[test]
    fn every_small_size_decodes() {
        for (width, height) in
            (1..=20).flat_map(|width| (1..=20).map(move |height| (width, height)))
        {
            let (image, size) = all(halves(width, height, image::ImageFormat::Jpeg)).unwrap();
            assert_eq!(
                (size, image.size),
                (FrameSize { width, height }, [width as usize, height as usize])
            );
        }
    }

    #[test]
    fn a_picture_that_stores_rgb_is_opaque_too() {
        let mut data = halves(16, 16, image::ImageFormat::Jpeg);
        let header = data.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap() + 10;
        let scan = data.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap() + 5;
        for (n, name) in b"RGB".iter().enumerate() {
            data[header + 3 * n] = *name;
            data[scan + 2 * n] = *name;
        }
        let (image, _) = all(data).unwrap();
        assert!(image.pixels.iter().all(|pixel| pixel.a() == 255));
    }

    #[test]
    fn shown_small_is_decoded_small_and_keeps_its_received_size() {
        let red_half = Color32::from_rgb(255, 0, 0);
        for (data, sides) in [
            (halves(67, 35, image::ImageFormat::Jpeg), [17, 9]),
            (halves(67, 35, image::ImageFormat::Png), [17, 9]),
        ] {
            let wanted = DecodeOptions { shrink: Shrink::for_scale(0.2), max_side: MAX_SIDE };
            let mut buffers = Buffers { full: Vec::new(), pixels: vec![Color32::GREEN; 9_999] };
            let (image, size) = decode(&frame(data), wanted, &mut buffers).unwrap();
            assert_eq!((image.size, size), (sides, FrameSize { width: 67, height: 35 }));
            assert_near(image[(2, 4)], red_half);
            assert_near(image[(16, 8)], Color32::BLUE);
        }
    }

    #[test]
    fn a_truncated_picture_is_an_error_at_every_length() {
        let big = halves(640, 360, image::ImageFormat::Jpeg);
        // The last two bytes of the WebP carry no pixels, and those of the JPEGs that are not progressive are their end
        // marker, without which they are whole.
        for data in [cut(ODD, 2), PROGRESSIVE, cut(GRAY, 2), cut(WEBP, 2)] {
            for len in 0..data.len() {
                assert!(all(data[..len].to_vec()).is_err(), "{len} of {}", data.len());
            }
        }
        for len in (0..big.len() - 2).step_by(97).chain([big.len() - 3]) {
            assert!(all(big[..len].to_vec()).is_err(), "{len} of {}", big.len());
        }
        let png = halves(64, 64, image::ImageFormat::Png);
        assert!(all(png[..png.len() / 2].to_vec()).is_err());
    }

    #[test]
    fn a_picture_is_whole_without_its_end_marker() {
        let big = halves(640, 360, image::ImageFormat::Jpeg);
        for data in [ODD, GRAY, WITHOUT_TABLES, &big] {
            let whole = all(data.to_vec()).unwrap().0;
            let next = [cut(data, 2), ODD].concat();
            for data in [cut(data, 1), cut(data, 2), &next, &[cut(data, 2), b"\r\n"].concat()] {
                assert_eq!(all(data.to_vec()).unwrap().0, whole, "{} bytes", data.len());
            }
        }
    }

    #[test]
    fn tables_that_everybody_knows_may_be_missing() {
        for data in [WITHOUT_TABLES, WITHOUT_TABLES_AVI] {
            let (image, size) = all(data.to_vec()).unwrap();
            assert_eq!(size, FrameSize { width: 640, height: 360 });
            assert!(image.pixels.iter().any(|pixel| pixel.r().abs_diff(pixel.b()) > 60));
        }
        // Each table that is left out has the standard one in its place; those that are there count.
        let mut gray = Cursor::new(Vec::new());
        let shades = image::GrayImage::from_fn(40, 24, |x, y| image::Luma([(x * y) as u8]));
        shades.write_to(&mut gray, image::ImageFormat::Jpeg).unwrap();
        for data in [halves(64, 48, image::ImageFormat::Jpeg), gray.into_inner()] {
            let whole = all(data.clone()).unwrap().0;
            let table = |data: &[u8]| data.windows(2).position(|pair| pair == [0xFF, 0xC4]);
            let mut less = data;
            let mut left_out = 0;
            while let Some(at) = table(&less) {
                let length = usize::from(u16::from_be_bytes([less[at + 2], less[at + 3]]));
                less.drain(at..at + 2 + length);
                left_out += 1;
                // The encoder uses the standard tables.
                assert_eq!(all(less.clone()).unwrap().0, whole, "{left_out} left out");
            }
            assert!(left_out > 0);
        }
    }

    #[test]
    fn pictures_are_turned_upright_at_every_size() {
        // The stored picture is red in its top left corner and has to be turned by 90° to the right.
        let (image, size) = all(TURNED).unwrap();
        assert_eq!((image.size, size), ([360, 640], FrameSize { width: 360, height: 640 }));
        assert_eq!(jpeg::check(TURNED).unwrap(), size);
        let is_red = |pixel: Color32| pixel.r() > 150 && pixel.g() < 100 && pixel.b() < 100;
        assert!(is_red(image[(355, 4)]) && !is_red(image[(4, 4)]) && !is_red(image[(4, 635)]));
        let wanted = DecodeOptions { shrink: Shrink::for_scale(0.25), max_side: MAX_SIDE };
        let (small, size) = decode(&frame(TURNED), wanted, &mut Buffers::default()).unwrap();
        assert_eq!((small.size, size), ([90, 160], FrameSize { width: 360, height: 640 }));
        assert!(is_red(small[(88, 1)]) && !is_red(small[(1, 1)]));
    }

    #[test]
    fn png_and_webp_are_turned_as_well() {
        let exif =
            [b"MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01", &[0, 6, 0, 0][..]].concat();
        let png = {
            let mut file = Cursor::new(Vec::new());
            let mut encoder = image::codecs::png::PngEncoder::new(&mut file);
            encoder.set_exif_metadata(exif.clone()).unwrap();
            let red_then_blue =
                |x, _| if x < 4 { image::Rgb([255, 0, 0]) } else { image::Rgb([0, 0, 255]) };
            image::RgbImage::from_fn(8, 2, red_then_blue).write_with_encoder(encoder).unwrap();
            file.into_inner()
        };
        let (image, size) = all(png).unwrap();
        assert_eq!((image.size, size), ([2, 8], FrameSize { width: 2, height: 8 }));
        assert_eq!((image[(1, 0)], image[(1, 7)]), (Color32::RED, Color32::BLUE));
    }

    #[test]
    fn flipped_bits_never_panic() {
        let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
        let mut random = move || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed as usize
        };
        let mut buffers = Buffers::default();
        for data in [ODD, PROGRESSIVE, GRAY, CMYK, WEBP, WITHOUT_TABLES, TURNED] {
            for _ in 0..1_500 {
                let mut bad = data.to_vec();
                for _ in 0..=random() % 6 {
                    let at = random() % bad.len();
                    bad[at] ^= 1 << (random() % 8);
                }
                // A flipped size may mean millions of pixels, which is valid but too slow to repeat a thousand times.
                if jpeg::check(&bad).is_ok_and(|size| size.width * size.height > 1_000_000) {
                    continue;
                }
                let mut bad = frame(bad);
                bad.format = ImageFormat::sniff(data).unwrap();
                if let Ok((image, size)) = decode(&bad, DecodeOptions::ALL, &mut buffers) {
                    assert_eq!(image.pixels.len(), (size.width * size.height) as usize);
                    buffers.pixels = image.pixels;
                }
            }
        }
    }

    #[test]
    fn hostile_headers_are_refused_before_memory_is_taken() {
        assert!(matches!(all(CMYK), Err(DecodeError::Unsupported(why)) if why.contains("CMYK")));
        let mut png = halves(8, 8, image::ImageFormat::Png);
        png[16..24].copy_from_slice(&[0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF]);
        assert!(all(png).is_err());
        let mut webp = WEBP.to_vec();
        webp[26..30].fill(0xFF);
        assert!(all(webp).is_err());
        assert!(all(b"GIF89a not of a kind that is shown".to_vec()).is_err());
    }
}
