//! Limits what a picture may cost, whatever its format. They are checked before a decoder sees the bytes.

use super::DecodeError;
use crate::model::FrameSize;

/// A compressed picture may have this many bytes.
pub const MAX_BYTES: usize = 12 * 1024 * 1024;
/// Either side of a picture may have this many pixels.
pub const MAX_SIDE: u32 = 8_192;
/// A picture may have this many pixels in all.
pub const MAX_PIXELS: u64 = 36_000_000;

/// Refuses a picture that is too large while it is still compressed.
pub(super) fn check_bytes(data: &[u8]) -> Result<(), DecodeError> {
    if data.len() > MAX_BYTES {
        return Err(DecodeError::TooLarge { limit: "12 MiB" });
    }
    Ok(())
}

/// Refuses a picture without pixels, or with more than the limits allow.
pub(super) fn check_size(size: FrameSize) -> Result<(), DecodeError> {
    if size.width == 0 || size.height == 0 {
        return Err(DecodeError::Damaged("no width or no height".to_owned()));
    }
    if size.width > MAX_SIDE || size.height > MAX_SIDE {
        return Err(DecodeError::TooLarge { limit: "8192 x 8192 pixels" });
    }
    if u64::from(size.width) * u64::from(size.height) > MAX_PIXELS {
        return Err(DecodeError::TooLarge { limit: "36 megapixels" });
    }
    Ok(())
}
