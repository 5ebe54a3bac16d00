//! Finds the end of a JPEG while it arrives, because a part without a length would otherwise be shown one picture late.

/// Walks the segments of a JPEG and remembers its place between calls.
#[derive(Debug, Default)]
pub(super) struct JpegEnd {
    at: usize,
    state: JpegState,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum JpegState {
    #[default]
    Start,
    /// The next bytes are a marker.
    Marker,
    /// The next bytes are coded pixels, which hold no marker but restarts.
    Scan,
    /// The data is no JPEG, or none that is understood, so only the boundary ends the part.
    Foreign,
}

impl JpegEnd {
    /// Tells whether nothing of the picture was looked at yet.
    pub(super) fn is_at_start(&self) -> bool {
        self.state == JpegState::Start
    }

    /// Tells whether the data is no JPEG, or none that is understood.
    pub(super) fn is_foreign(&self) -> bool {
        self.state == JpegState::Foreign
    }

    /// Returns the length in bytes of the picture at the start of `data`, once all of it is there. `data` only grows
    /// between calls.
    pub(super) fn find(&mut self, data: &[u8]) -> Option<usize> {
        loop {
            match self.state {
                JpegState::Start => match data {
                    [0xFF, 0xD8, ..] => (self.at, self.state) = (2, JpegState::Marker),
                    [] | [0xFF] => return None,
                    _ => self.state = JpegState::Foreign,
                },
                JpegState::Marker => match data.get(self.at..)? {
                    [0xFF, 0xFF, ..] => self.at += 1,
                    [0xFF, 0xD9, ..] => return Some(self.at + 2),
                    [0xFF, 0x01 | 0xD0..=0xD7, ..] => self.at += 2,
                    [0xFF, marker, high, low, ..] => {
                        let length = usize::from(u16::from_be_bytes([*high, *low]));
                        self.state = match (*marker, length) {
                            (_, ..2) | (0x00, _) => JpegState::Foreign,
                            (0xDA, _) => JpegState::Scan,
                            _ => JpegState::Marker,
                        };
                        self.at += 2 + length;
                    }
                    [] | [0xFF] | [0xFF, _] | [0xFF, _, _] => return None,
                    _ => self.state = JpegState::Foreign,
                },
                JpegState::Scan => {
                    let rest = data.get(self.at..)?;
                    let Some(marker) = memchr::memchr(0xFF, rest) else {
                        self.at = data.len();
                        return None;
                    };
                    self.at += marker;
                    match rest.get(marker + 1)? {
                        0x00 | 0xD0..=0xD7 => self.at += 2,
                        // The next picture begins, and the end marker of this one was left out.
                        0xD8 => return Some(self.at),
                        _ => self.state = JpegState::Marker,
                    }
                }
                JpegState::Foreign => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_found_as_soon_as_it_is_there() {
        let picture = |progressive: bool| {
            let scan = [0xFF, 0xDA, 0, 3, 1, 7, 0xFF, 0x00, 8, 0xFF, 0xD0, 9];
            let mut jpeg = vec![0xFF, 0xD8];
            // The metadata holds a preview, which has an end marker of its own.
            jpeg.extend([0xFF, 0xE1, 0, 8, 0xFF, 0xD8, 0xFF, 0xD9, 1, 2]);
            jpeg.extend(scan);
            if progressive {
                jpeg.extend([0xFF, 0xC4, 0, 3, 5]);
                jpeg.extend(scan);
            }
            jpeg.extend([0xFF, 0xFF, 0xD9]);
            jpeg
        };
        for jpeg in [picture(false), picture(true)] {
            let whole = [jpeg.as_slice(), b"\r\n--frame"].concat();
            let mut end = JpegEnd::default();
            for length in 0..jpeg.len() {
                assert_eq!(end.find(&whole[..length]), None, "{length}");
            }
            assert_eq!(end.find(&whole[..jpeg.len()]), Some(jpeg.len()));
            assert_eq!(JpegEnd::default().find(&whole), Some(jpeg.len()));
        }
        let without_end = [&picture(false)[..picture(false).len() - 3], &picture(false)].concat();
        assert_eq!(JpegEnd::default().find(&without_end), Some(picture(false).len() - 3));
        let real = crate::net::multipart::tests::jpeg(3);
        assert_eq!(JpegEnd::default().find(&real), Some(real.len()));
    }

    #[test]
    fn what_is_no_jpeg_has_no_end() {
        for data in [
            &b"text"[..],
            &[0xFF, 0xD8, 1, 2, 0xFF, 0xD9],
            &[0xFF, 0xD8, 0xFF, 0xE0, 0, 1, 0xFF, 0xD9],
            &[0xFF, 0xD8, 0xFF, 0x00, 0, 4, 1, 2, 0xFF, 0xD9],
        ] {
            assert_eq!(JpegEnd::default().find(data), None, "{data:?}");
        }
    }
}
