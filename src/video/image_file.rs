//! Prepares a picture for a file or the clipboard, at the size at which it was received.

use egui::ColorImage;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _};

use super::DecodeError;
use super::decode::{Buffers, DecodeOptions, decode};
use crate::model::{EncodedFrame, ImageFormat};

/// Returns the pixels of `frame`, for the clipboard.
pub fn pixels(frame: &EncodedFrame) -> Result<ColorImage, DecodeError> {
    decode(frame, DecodeOptions::ALL, &mut Buffers::default()).map(|(image, _)| image)
}

/// Returns `frame` as a PNG file. A picture that came as PNG is returned as received, after a check that it is whole.
pub fn png(frame: &EncodedFrame) -> Result<Vec<u8>, DecodeError> {
    let image = pixels(frame)?;
    match frame.format {
        ImageFormat::Png => Ok(frame.data.to_vec()),
        ImageFormat::Jpeg | ImageFormat::WebP => Ok(encode_png(&image)),
    }
}

/// Returns a picture of `size` with these pixels, as red, green, blue and alpha, as a PNG file; `None` where that is no
/// picture.
pub fn png_of([width, height]: [usize; 2], rgba: &[u8]) -> Option<Vec<u8>> {
    if width == 0 || height == 0 || rgba.len() != width.checked_mul(height)?.checked_mul(4)? {
        return None;
    }
    let size = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    let mut file = Vec::new();
    PngEncoder::new_with_quality(&mut file, CompressionType::Fast, FilterType::Adaptive)
        .write_image(rgba, size.0, size.1, ExtendedColorType::Rgba8)
        .ok()?;
    Some(file)
}

/// Encodes fast rather than small, because somebody waits for the key that was pressed.
fn encode_png(image: &ColorImage) -> Vec<u8> {
    let rgba: Vec<u8> =
        image.pixels.iter().flat_map(|pixel| pixel.to_srgba_unmultiplied()).collect();
    png_of(image.size, &rgba).expect("a decoded picture has the size that it says")
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use bytes::Bytes;

    use super::*;

    const JPEG: &[u8] = include_bytes!("../../tests/data/pictures/odd-420.jpg");

    fn frame(format: ImageFormat, data: impl Into<Bytes>) -> EncodedFrame {
        EncodedFrame::bare(format, data, Instant::now())
    }

    #[test]
    fn a_snapshot_has_the_pixels_and_the_size_that_were_received() {
        let received = frame(ImageFormat::Jpeg, JPEG);
        let file = png(&received).unwrap();
        let again = frame(ImageFormat::Png, file.clone());
        assert_eq!(pixels(&again).unwrap(), pixels(&received).unwrap());
        assert_eq!(pixels(&again).unwrap().size, [67, 35]);
        assert_eq!(png(&again).unwrap(), file, "a PNG is saved as received");
    }

    #[test]
    fn a_damaged_picture_is_not_saved() {
        assert!(png(&frame(ImageFormat::Jpeg, &JPEG[..300])).is_err());
        assert!(png(&frame(ImageFormat::Png, &b"\x89PNG\r\n\x1a\n"[..])).is_err());
    }
}
