//! Names what came where a picture was expected, by its first bytes, so that people know what to change.

use crate::base::text::one_line;
use crate::model::ImageFormat;

/// A text is quoted up to so many characters.
const MAX_QUOTE: usize = 60;
/// So many of the first bytes are quoted where nothing better is known.
const MAX_BYTES: usize = 4;

/// Returns the name of what `data` holds, as it stands after "what comes is".
pub fn name_of(data: &[u8]) -> String {
    match known_name(data) {
        Some(name) => name.to_owned(),
        None if is_text(data) => {
            format!("the text “{}”", one_line(String::from_utf8_lossy(data).trim(), MAX_QUOTE))
        }
        None => {
            let start = data.iter().take(MAX_BYTES);
            let start: Vec<String> = start.map(|byte| format!("{byte:02X}")).collect();
            format!("of no known kind (it begins with {})", start.join(" "))
        }
    }
}

/// Tells whether `data` is text for people, which may be cut within a character.
pub fn is_text(data: &[u8]) -> bool {
    let text = match std::str::from_utf8(data) {
        Ok(text) => text,
        Err(err) if err.error_len().is_none() => {
            std::str::from_utf8(&data[..err.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    text.chars().all(|char| char.is_whitespace() || !char.is_control())
}

/// Returns the name of `data` where its first bytes are those of a known kind, as no line for people begins.
pub fn known_name(data: &[u8]) -> Option<&'static str> {
    Some(match data {
        [] => "empty",
        [0xFF, 0xD8, 0xFF, ..] => "a JPEG",
        _ if ImageFormat::sniff(data).is_some() => "a picture",
        [b'G', b'I', b'F', b'8', ..] => "a GIF",
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => "a BMP",
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => "a TIFF",
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f', ..] => "an AVIF",
        [_, _, _, _, b'f', b't', b'y', b'p', b'h', b'e', b'i' | b'v', ..] => "a HEIC",
        [_, _, _, _, b'f', b't', b'y', b'p', ..]
        | [_, _, _, _, b's', b't', b'y', b'p', ..]
        | [_, _, _, _, b'm', b'o', b'o', b'f' | b'v', ..] => "MP4 video",
        [0, 0, 1, 0xB3 | 0xB0..=0xB2 | 0xBA..=0xEF, ..] => "MPEG video",
        [0, 0, 1, ..] | [0, 0, 0, 1, ..] => "H.264 or H.265 video",
        [0x47, ..] if data.get(188) == Some(&0x47) => "an MPEG transport stream",
        [0x1A, 0x45, 0xDF, 0xA3, ..] => "WebM video",
        [b'F', b'L', b'V', 1, ..] => "FLV video",
        [b'O', b'g', b'g', b'S', ..] => "Ogg",
        [b'R', b'I', b'F', b'F', ..] => "an AVI or WAV file",
        [0x1F, 0x8B, ..] => "compressed by gzip",
        [b'P', b'K', 3, 4, ..] => "a ZIP file",
        [0x15 | 0x16, 3, 0..=4, ..] => "encrypted (TLS)",
        [b'R', b'T', b'S', b'P', b'/', ..] => "RTSP",
        [b'H', b'T', b'T', b'P', b'/', ..] => "an answer of HTTP",
        [b'#', b'E', b'X', b'T', b'M', b'3', b'U', ..] => "an HLS playlist",
        _ => return known_text(data),
    })
}

/// Tells whether `data` is of a known kind that is no text.
pub fn is_binary(data: &[u8]) -> bool {
    !data.is_empty() && known_text(data).is_none() && known_name(data).is_some()
}

fn known_text(data: &[u8]) -> Option<&'static str> {
    match data.trim_ascii_start() {
        [b'<', b'!' | b'?' | b'a'..=b'z' | b'A'..=b'Z', ..] => Some("a web page"),
        [b'{' | b'[', ..] => Some("JSON"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_named_by_its_first_bytes() {
        for (data, name) in [
            (&b"GIF89a"[..], "a GIF"),
            (b"\0\0\0\x18ftypavif", "an AVIF"),
            (b"\0\0\0\x18ftypheic", "a HEIC"),
            (b"\0\0\0\x18ftypisom", "MP4 video"),
            (b"\0\0\0\x01\x67\x42", "H.264 or H.265 video"),
            (b"\0\0\x01\xBA\x44", "MPEG video"),
            (b"<!DOCTYPE html>", "a web page"),
            (b" \n{\"a\":1}", "JSON"),
            (b"\x16\x03\x01", "encrypted (TLS)"),
            (b"", "empty"),
            (b" camera asleep \n", "the text “camera asleep”"),
            (b"\x9A\x00\x01\x02\x03", "of no known kind (it begins with 9A 00 01 02)"),
        ] {
            assert_eq!(name_of(data), name, "{data:?}");
        }
    }
}
