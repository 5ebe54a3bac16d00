//! Decodes JPEG behind a guard, which walks the markers and checks the limits before any decoder sees the bytes.

mod mend;

use std::borrow::Cow;

use egui::Color32;
use image::metadata::Orientation;
use memchr::memchr;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use self::mend::{HuffmanTables, mended};
use super::DecodeError;
use super::limits::{MAX_SIDE, check_bytes, check_size};
use super::turn::upright;
use crate::base::text::one_line;
use crate::model::FrameSize;

/// A progressive picture may have this many scans. Each may cost a full pass over its pixels.
const MAX_SCANS: usize = 64;
const MAX_SEGMENTS: usize = 2_000;
/// The APPn and comment segments (EXIF, color profiles, thumbnails) may have this many bytes together.
const MAX_METADATA: usize = 1024 * 1024;

const START_OF_IMAGE: u8 = 0xD8;
const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;
const APP1: u8 = 0xE1;
const COMMENT: u8 = 0xFE;
const HUFFMAN_TABLES: u8 = 0xC4;
const PROGRESSIVE_FRAME: u8 = 0xC2;

/// What the markers of a picture tell.
#[derive(Clone, Copy, Debug)]
pub(super) struct JpegFacts {
    /// Size of the stored picture, which is not turned upright yet.
    pub(super) size: FrameSize,
    /// How the stored picture has to be turned to be upright.
    pub(super) orientation: Orientation,
    /// Huffman tables that a scan names and that nothing before it defines.
    missing: HuffmanTables,
    /// Length of the picture in bytes; what comes after it is nothing that is shown.
    length: usize,
    /// Whether the end marker is missing.
    lacks_end: bool,
}

/// Walks the markers of `data` without decoding, and returns the upright picture's size if it is within the limits.
///
/// Only what is written in headers is checked: the decoder may still find the picture damaged.
pub fn check(data: &[u8]) -> Result<FrameSize, DecodeError> {
    inspect(data).map(|facts| upright(facts.size, facts.orientation))
}

/// Walks the markers of `data` without decoding, and returns what they tell if it is within the limits.
pub(super) fn inspect(data: &[u8]) -> Result<JpegFacts, DecodeError> {
    check_bytes(data)?;
    let mut walk = Walk { rest: data };
    if walk.marker()? != START_OF_IMAGE {
        return Err(DecodeError::Unsupported("no JPEG"));
    }
    let mut seen = SegmentsSeen::default();
    for _ in 0..MAX_SEGMENTS {
        let before = data.len() - walk.rest.len();
        if walk.rest.is_empty() && seen.scans > 0 {
            return seen.facts(before, true);
        }
        match walk.marker()? {
            END_OF_IMAGE => return seen.facts(data.len() - walk.rest.len(), false),
            START_OF_IMAGE if seen.scans == 0 => return Err(damaged("a second start")),
            // The next picture comes in the place of the end.
            START_OF_IMAGE => return seen.facts(before, true),
            // Restart markers and TEM stand alone; outside of a scan they mean nothing.
            0x01 | 0xD0..=0xD7 => {}
            marker => {
                seen.take(marker, walk.segment()?)?;
                if marker == START_OF_SCAN {
                    walk.skip_scan();
                }
            }
        }
    }
    Err(DecodeError::TooLarge { limit: "2,000 segments" })
}

/// What the segments so far tell.
#[derive(Debug, Default)]
struct SegmentsSeen {
    frame: Option<FrameHeader>,
    scans: usize,
    /// Number of components in all scans together.
    scanned: u8,
    /// Number of bytes of metadata.
    metadata: usize,
    defined: HuffmanTables,
    missing: HuffmanTables,
    orientation: Option<Orientation>,
}

impl SegmentsSeen {
    fn take(&mut self, marker: u8, segment: &[u8]) -> Result<(), DecodeError> {
        match marker {
            0xC0..=0xC2 if self.frame.is_some() => return Err(damaged("a second frame header")),
            0xC0..=0xC2 => self.frame = Some(read_frame_header(marker, segment)?),
            HUFFMAN_TABLES => self.defined.define(segment),
            // JPG and DAC share the range of the frame headers.
            0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                return Err(DecodeError::Unsupported(
                    "JPEG that is lossless, hierarchical or arithmetically coded",
                ));
            }
            START_OF_SCAN => {
                self.scans += 1;
                if self.scans > MAX_SCANS {
                    return Err(DecodeError::TooLarge { limit: "64 scans" });
                }
                let components = segment.first().copied().unwrap_or_default();
                self.scanned = self.scanned.saturating_add(components);
                let mut named = HuffmanTables::default();
                named.name(segment);
                self.missing = self.missing.with(named.without(self.defined));
            }
            0xE0..=0xEF | COMMENT => {
                self.metadata += segment.len();
                if self.metadata > MAX_METADATA {
                    return Err(DecodeError::TooLarge { limit: "1 MiB of metadata" });
                }
                if marker == APP1
                    && let Some(exif) = segment.strip_prefix(b"Exif\0\0")
                {
                    self.orientation = self.orientation.or(Orientation::from_exif_chunk(exif));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Returns what a picture of `length` bytes tells as a whole.
    fn facts(self, length: usize, lacks_end: bool) -> Result<JpegFacts, DecodeError> {
        if self.scans == 0 {
            return Err(damaged("no picture data"));
        }
        let frame = self.frame.ok_or_else(|| damaged("no frame header"))?;
        // Only where each component has come in its one scan may the picture be whole without its end.
        if lacks_end && (frame.is_progressive || self.scanned < frame.components) {
            return Err(damaged("cut off"));
        }
        Ok(JpegFacts {
            size: frame.size,
            orientation: self.orientation.unwrap_or(Orientation::NoTransforms),
            // The standard tables are made for pictures that are not progressive.
            missing: match frame.is_progressive {
                true => HuffmanTables::default(),
                false => self.missing,
            },
            length,
            lacks_end,
        })
    }
}

/// Decodes a picture that passed [`inspect`] into exactly as many pixels as are stored, and as they are stored.
pub(super) fn decode_into(
    data: &[u8],
    facts: &JpegFacts,
    pixels: &mut [Color32],
) -> Result<(), DecodeError> {
    let data = match (facts.missing.is_empty(), facts.lacks_end) {
        (true, false) => Cow::Borrowed(data),
        (_, lacks_end) => mended(&data[..facts.length], facts.missing, lacks_end).into(),
    };
    // Strict, because the lenient mode returns the first half of a cut picture over gray as if it were whole.
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(MAX_SIDE as usize)
        .set_max_height(MAX_SIDE as usize)
        .jpeg_set_max_scans(MAX_SCANS)
        .jpeg_set_out_colorspace(ColorSpace::RGBA);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&*data), options);
    decoder.decode_headers().map_err(from_decoder)?;
    if decoder.input_colorspace() == Some(ColorSpace::RGB) {
        return widen_rgb(&data, options.jpeg_set_out_colorspace(ColorSpace::RGB), pixels);
    }
    let bytes: &mut [u8] = bytemuck::cast_slice_mut(pixels);
    let sides = (facts.size.width as usize, facts.size.height as usize);
    // Some color spaces are packed at three bytes a pixel whatever was asked, and reported as success.
    let as_asked = decoder.dimensions() == Some(sides)
        && decoder.output_colorspace() == Some(ColorSpace::RGBA)
        && decoder.output_buffer_size() == Some(bytes.len());
    if !as_asked {
        return Err(DecodeError::Unsupported("JPEG in a color space that has no RGB"));
    }
    decoder.decode_into(bytes).map_err(from_decoder)
}

/// Decodes a picture that stores RGB itself. It is rare, and the one kind that the decoder can't write as RGBA.
fn widen_rgb(
    data: &[u8],
    options: DecoderOptions,
    pixels: &mut [Color32],
) -> Result<(), DecodeError> {
    let rgb = JpegDecoder::new_with_options(ZCursor::new(data), options)
        .decode()
        .map_err(from_decoder)?;
    if rgb.len() != 3 * pixels.len() {
        return Err(damaged("not as many pixels as it says"));
    }
    for (pixel, rgb) in pixels.iter_mut().zip(rgb.chunks_exact(3)) {
        *pixel = Color32::from_rgb(rgb[0], rgb[1], rgb[2]);
    }
    Ok(())
}

/// Walks the markers; holds the bytes that were not walked yet.
struct Walk<'a> {
    rest: &'a [u8],
}

impl<'a> Walk<'a> {
    /// Reads the marker that has to come next. Fill bytes before it are allowed.
    fn marker(&mut self) -> Result<u8, DecodeError> {
        let [0xFF, ..] = self.rest else {
            return Err(damaged(if self.rest.is_empty() {
                "cut off"
            } else {
                "bytes between segments"
            }));
        };
        let fill = self.rest.iter().take_while(|byte| **byte == 0xFF).count();
        let (marker, rest) = self.rest[fill..].split_first().ok_or_else(|| damaged("cut off"))?;
        self.rest = rest;
        Ok(*marker)
    }

    /// Reads the payload of the segment whose marker was just read.
    fn segment(&mut self) -> Result<&'a [u8], DecodeError> {
        let (length, rest) = self.rest.split_first_chunk().ok_or_else(|| damaged("cut off"))?;
        let length = usize::from(u16::from_be_bytes(*length))
            .checked_sub(2)
            .ok_or_else(|| damaged("bad segment length"))?;
        let (payload, rest) = rest.split_at_checked(length).ok_or_else(|| damaged("cut off"))?;
        self.rest = rest;
        Ok(payload)
    }

    /// Goes to the marker that ends the entropy-coded data, or to the end of the data where there is none.
    fn skip_scan(&mut self) {
        loop {
            let at = memchr(0xFF, self.rest).unwrap_or(self.rest.len());
            self.rest = &self.rest[at..];
            match self.rest {
                [_, 0x00 | 0xD0..=0xD7, rest @ ..] => self.rest = rest,
                [_, 0xFF, ..] => self.rest = &self.rest[1..],
                [_, _, ..] | [] => return,
                // Half of a marker is none.
                [_] => self.rest = &[],
            }
        }
    }
}

/// What a frame header tells.
#[derive(Clone, Copy, Debug)]
struct FrameHeader {
    size: FrameSize,
    components: u8,
    is_progressive: bool,
}

fn read_frame_header(marker: u8, segment: &[u8]) -> Result<FrameHeader, DecodeError> {
    let [precision, h1, h0, w1, w0, components, ..] = *segment else {
        return Err(damaged("cut off"));
    };
    if precision != 8 {
        return Err(DecodeError::Unsupported("JPEG with more than 8 bits per color"));
    }
    match components {
        1 | 3 => {}
        4 => {
            return Err(DecodeError::Unsupported("JPEG in CMYK, the color space of printing"));
        }
        _ => {
            return Err(DecodeError::Unsupported("JPEG with an odd number of colors"));
        }
    }
    let size = FrameSize {
        width: u16::from_be_bytes([w1, w0]).into(),
        height: u16::from_be_bytes([h1, h0]).into(),
    };
    check_size(size)?;
    Ok(FrameHeader { size, components, is_progressive: marker == PROGRESSIVE_FRAME })
}

fn damaged(what: &str) -> DecodeError {
    DecodeError::Damaged(what.to_owned())
}

fn from_decoder(err: DecodeErrors) -> DecodeError {
    DecodeError::Damaged(one_line(&err.to_string(), 160))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ODD: &[u8] = include_bytes!("../../../tests/data/pictures/odd-420.jpg");
    const PROGRESSIVE: &[u8] = include_bytes!("../../../tests/data/pictures/progressive.jpg");
    const GRAY: &[u8] = include_bytes!("../../../tests/data/pictures/gray.jpg");
    const CMYK: &[u8] = include_bytes!("../../../tests/data/pictures/cmyk.jpg");

    /// Returns `ODD` with `extra` after its start.
    fn with_extra(extra: &[u8]) -> Vec<u8> {
        [&ODD[..2], extra, &ODD[2..]].concat()
    }

    fn frame_header_at(data: &[u8]) -> usize {
        data.windows(2).position(|pair| matches!(pair, [0xFF, 0xC0..=0xC2])).unwrap()
    }

    fn with_size(width: u16, height: u16) -> Vec<u8> {
        let (mut data, at) = (ODD.to_vec(), frame_header_at(ODD));
        data[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
        data[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
        data
    }

    fn refusal(data: &[u8]) -> String {
        check(data).unwrap_err().to_string()
    }

    #[test]
    fn ordinary_pictures_pass_with_their_size() {
        for data in [ODD, PROGRESSIVE, GRAY] {
            assert_eq!(check(data).unwrap(), FrameSize { width: 67, height: 35 });
        }
        let fill_bytes = with_extra(&[0xFF, 0xFF]);
        let trailing = [ODD, b"garbage"].concat();
        assert!(check(&fill_bytes).is_ok() && check(&trailing).is_ok());
    }

    #[test]
    fn every_limit_refuses_in_words() {
        let comment = |len: u16| {
            [&[0xFF, COMMENT], &len.to_be_bytes()[..], &vec![0; usize::from(len) - 2]].concat()
        };
        let scans = {
            let at = ODD.windows(2).position(|pair| pair == [0xFF, START_OF_SCAN]).unwrap();
            let (head, scan) = ODD[..ODD.len() - 2].split_at(at);
            [head, &scan.repeat(65), &[0xFF, END_OF_IMAGE]].concat()
        };
        for (data, words) in [
            (with_size(65_535, 65_535), "larger than 8192 x 8192"),
            (with_size(8_192, 8_192), "larger than 36 megapixels"),
            (with_size(0, 35), "no width or no height"),
            (with_size(67, 0), "no width or no height"),
            (vec![0xFF; 12 * 1024 * 1024 + 1], "larger than 12 MiB"),
            (CMYK.to_vec(), "CMYK"),
            (scans, "64 scans"),
            (with_extra(&comment(2).repeat(2_001)), "2,000 segments"),
            (with_extra(&comment(65_535).repeat(17)), "1 MiB of metadata"),
            (with_extra(b"xx"), "bytes between segments"),
            (with_extra(&[0xFF, COMMENT, 0, 1]), "bad segment length"),
            (with_extra(&[0xFF, START_OF_IMAGE]), "a second start"),
            (vec![0xFF, START_OF_IMAGE, 0xFF, END_OF_IMAGE], "no picture data"),
            (b"\x89PNG\r\n".to_vec(), "bytes between segments"),
            (Vec::new(), "cut off"),
        ] {
            let said = refusal(&data);
            assert!(said.contains(words), "{said:?} does not say {words:?}");
        }
    }

    #[test]
    fn other_frame_headers_are_refused() {
        let at = frame_header_at(ODD);
        for (offset, value, words) in [
            (1, 0xC3, "lossless"),
            (1, 0xC9, "arithmetically"),
            (4, 12, "8 bits"),
            (9, 2, "odd number"),
        ] {
            let mut data = ODD.to_vec();
            data[at + offset] = value;
            assert!(refusal(&data).contains(words), "{}", refusal(&data));
        }
    }
}
