//! Parses a body of pictures that arrives in pieces, as cameras write it and not only as the standard does.
//!
//! Parts may be labeled as something else, a boundary may be announced with its dashes, written like an end or not at
//! all, lines may end in LF alone or be left out, and parts may have a length, a wrong one, or none.

use bytes::{Buf as _, Bytes, BytesMut};
use memchr::memmem;

use super::boundary::{self, BoundaryLine, begins_head, trim_dashes};
use super::jpeg_end::JpegEnd;
use crate::model::ImageFormat;
use crate::protocol::media::{is_text, known_name};

/// Size limit of one part's headers, and of a line, in bytes.
const MAX_HEAD: usize = 64 << 10;
/// The first line tells within so many bytes what the body is.
const MAX_START: usize = 512;
const JPEG: &[u8] = &[0xFF, 0xD8, 0xFF];

/// What an answer's head says of its body. The first bytes of the body may prove it wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BodyLabel {
    /// Parts between boundaries.
    Parts {
        /// The boundary as it was announced, if it was.
        boundary: Option<String>,
    },
    /// One picture, whose length is known.
    Picture,
    /// Pictures, or nothing that says what it is.
    Unknown,
    /// Something else, by this media type.
    Other(String),
}

/// Why a body is given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ParseError {
    /// More came than is accepted for this.
    TooLarge(&'static str),
    /// The body holds no pictures. The sentence says what it holds.
    NoPictures(String),
}

/// The parser of one body. It takes bytes as they come, cut anywhere, and gives whole parts.
#[derive(Debug)]
pub(super) struct Parser {
    label: BodyLabel,
    /// The boundary without its dashes. It is `None` until a line tells it.
    boundary: Option<Vec<u8>>,
    /// Whether the boundary was seen. Until then, pictures may follow each other without any.
    is_parted: bool,
    max_part: usize,
    buffer: BytesMut,
    state: PartState,
    /// Number of bytes at the start of the buffer that hold no boundary.
    searched: usize,
    /// Number of bytes between two parts that were passed over.
    skipped: usize,
    /// Number of parts so far.
    parts: usize,
}

#[derive(Debug)]
enum PartState {
    /// Nothing is known of the body yet.
    Start,
    /// The parser looks for the next part and passes over all that comes before it.
    Between,
    Head,
    /// The parser reads a part, whose head announced `length`.
    Body {
        length: Option<usize>,
        jpeg: JpegEnd,
    },
    /// All of the body is one part.
    Whole,
}

impl PartState {
    fn body(length: Option<usize>) -> Self {
        Self::Body { length, jpeg: JpegEnd::default() }
    }
}

impl Parser {
    pub(super) fn new(label: BodyLabel, max_part: usize) -> Self {
        let announced = match &label {
            BodyLabel::Parts { boundary: Some(boundary) } => {
                trim_dashes(boundary.as_bytes()).to_vec()
            }
            _ => Vec::new(),
        };
        Self {
            label,
            boundary: (!announced.is_empty()).then_some(announced),
            is_parted: false,
            max_part,
            buffer: BytesMut::new(),
            state: PartState::Start,
            searched: 0,
            skipped: 0,
            parts: 0,
        }
    }

    pub(super) fn feed(&mut self, chunk: &[u8]) {
        self.buffer.extend_from_slice(chunk);
    }

    #[cfg(test)]
    pub(super) fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// Tells whether the body held one picture, or none, that was not marked as a part of a stream.
    pub(super) fn held_one(&self) -> bool {
        !self.is_parted && self.parts <= 1 && !matches!(self.label, BodyLabel::Parts { .. })
    }

    /// Returns the next whole part of what was fed.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, ParseError> {
        loop {
            let goes_on = match &self.state {
                PartState::Start => self.start()?,
                PartState::Between => self.skip_to_part()?,
                PartState::Head => self.head()?,
                PartState::Body { .. } => match self.body()? {
                    Some(part) if part.is_empty() => true,
                    Some(part) => {
                        self.parts += 1;
                        return Ok(Some(part));
                    }
                    None => false,
                },
                PartState::Whole if self.buffer.len() > self.max_part => {
                    return Err(ParseError::TooLarge("picture"));
                }
                PartState::Whole => false,
            };
            if !goes_on {
                return Ok(None);
            }
        }
    }

    /// Returns what is left at the end of the body: a part whose boundary was not written to its end, or all of the
    /// body where it is one picture.
    pub(super) fn finish(&mut self) -> Result<Option<Bytes>, ParseError> {
        let is_empty = matches!(self.state, PartState::Start) && self.buffer.is_empty();
        if let (true, BodyLabel::Other(media)) = (is_empty, &self.label) {
            return Err(ParseError::NoPictures(format!(
                "This address answers with {media} instead of pictures; check the address"
            )));
        }
        let is_whole = match &self.state {
            PartState::Whole => true,
            // A picture may lack its end marker; the decoder knows whether it is whole without.
            PartState::Body { length: None, .. } => !self.is_parted,
            _ => false,
        };
        if !is_whole {
            self.feed(b"\r\n");
            return self.next();
        }
        self.parts += 1;
        self.state = PartState::Between;
        let rest = self.buffer.split().freeze();
        Ok((!rest.is_empty()).then_some(rest))
    }

    /// Tells from the first bytes what the body is.
    fn start(&mut self) -> Result<bool, ParseError> {
        let blank = self.buffer.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let data = &self.buffer[blank..];
        let is_line = data.contains(&b'\n') || data.len() > MAX_START;
        let is_labeled_parts = matches!(self.label, BodyLabel::Parts { .. });
        let state = match data {
            [] if blank > MAX_HEAD => return Err(ParseError::TooLarge("part header")),
            [] | [0xFF] | [0xFF, 0xD8] | [b'-'] => return Ok(false),
            [0xFF, 0xD8, 0xFF, ..] if self.label == BodyLabel::Picture => PartState::Whole,
            [0xFF, 0xD8, 0xFF, ..] => PartState::body(None),
            [b'-', b'-', ..] if !is_line => return Ok(false),
            [b'-', b'-', ..] => {
                self.adopt_first_line(blank);
                PartState::Between
            }
            _ => match begins_head(data) {
                None => return Ok(false),
                Some(true) => PartState::Head,
                Some(false) if is_labeled_parts => PartState::Between,
                Some(false) => self.unparted(data)?,
            },
        };
        // What comes before a boundary belongs to no part, but the break before it does belong to the boundary.
        if !matches!(state, PartState::Between) {
            self.buffer.advance(blank);
        }
        self.state = state;
        Ok(true)
    }

    /// Takes the boundary from the first line where another one than this was announced.
    fn adopt_first_line(&mut self, blank: usize) {
        let first = &self.buffer[blank..];
        let first = &first[..memchr::memchr(b'\n', first).map_or(first.len(), |end| end + 1)];
        let is_announced =
            self.boundary.as_ref().is_some_and(|name| memmem::find(first, name).is_some());
        if let (false, Some((_, name))) = (is_announced, boundary::learn(first)) {
            self.boundary = Some(name);
        }
    }

    /// Returns how a body is read that has no parts, or why it is not.
    fn unparted(&self, data: &[u8]) -> Result<PartState, ParseError> {
        if ImageFormat::sniff(data).is_some() {
            return Ok(PartState::Whole);
        }
        if let BodyLabel::Other(media) = &self.label {
            let what = match known_name(data) {
                Some(name) => format!(": what comes is {name}. Check the address"),
                None => "; check the address".to_owned(),
            };
            return Err(ParseError::NoPictures(format!(
                "This address answers with {media} instead of pictures{what}"
            )));
        }
        match known_name(data) {
            _ if self.label == BodyLabel::Picture || data.starts_with(b"{") => Ok(PartState::Whole),
            Some(name) => Err(ParseError::NoPictures(format!(
                "What this address sends can't be shown: it is {name}. Give the address of its MJPEG stream or of its JPEG pictures"
            ))),
            None if is_text(data) => Ok(PartState::Whole),
            // The connection may have begun in the middle of a picture.
            None => Ok(PartState::Between),
        }
    }

    fn skip_to_part(&mut self) -> Result<bool, ParseError> {
        if !self.is_parted {
            let jpeg = memmem::find(&self.buffer, JPEG);
            let line = match &self.boundary {
                None => boundary::learn(&self.buffer),
                Some(_) => None,
            };
            // What comes first is meant: pictures without boundaries may hold anything.
            match (jpeg, line) {
                (Some(at), None) if self.boundary.is_none() || self.is_blank(at) => {
                    return Ok(self.begin_picture(at));
                }
                (Some(at), Some((line, _))) if at < line => return Ok(self.begin_picture(at)),
                (_, Some((_, name))) => self.boundary = Some(name),
                (_, None) if self.boundary.is_none() => return self.pass_over_noise(),
                (_, None) => (),
            }
        }
        match self.find() {
            Some(line) => {
                self.after(line);
                Ok(true)
            }
            None => {
                // The searched bytes belong to no part. Only their end may be the start of a boundary.
                self.pass_over(self.searched)?;
                if self.buffer.len() > MAX_HEAD {
                    return Err(ParseError::TooLarge("part header"));
                }
                Ok(false)
            }
        }
    }

    fn is_blank(&self, until: usize) -> bool {
        self.buffer[..until].iter().all(u8::is_ascii_whitespace)
    }

    fn begin_picture(&mut self, at: usize) -> bool {
        self.buffer.advance(at);
        self.searched = 0;
        self.skipped = 0;
        self.state = PartState::body(None);
        true
    }

    /// Passes over bytes that hold neither a picture nor a boundary, but for those that may be the start of one.
    fn pass_over_noise(&mut self) -> Result<bool, ParseError> {
        let line = memchr::memrchr(b'\n', &self.buffer).map_or(0, |end| end + 1);
        let rest = self.buffer.len() - line;
        let tail = if rest > MAX_START { JPEG.len() - 1 } else { rest.max(JPEG.len() - 1) };
        self.pass_over(self.buffer.len().saturating_sub(tail))?;
        Ok(false)
    }

    fn pass_over(&mut self, bytes: usize) -> Result<(), ParseError> {
        self.skipped += bytes;
        self.buffer.advance(bytes);
        self.searched = 0;
        if self.skipped > self.max_part {
            return Err(ParseError::TooLarge("part"));
        }
        Ok(())
    }

    fn after(&mut self, line: BoundaryLine) {
        self.buffer.advance(line.end);
        self.searched = 0;
        self.skipped = 0;
        self.is_parted = true;
        self.state = PartState::Head;
    }

    /// Reads the head of a part, once all of it is there.
    fn head(&mut self) -> Result<bool, ParseError> {
        let mut at = 0;
        let mut length = None;
        loop {
            let rest = &self.buffer[at..];
            if rest.starts_with(JPEG) {
                // This part has no head, or none that ends in a blank line.
                self.buffer.advance(at);
                break;
            }
            let Some(line_end) = memchr::memchr(b'\n', rest) else {
                if self.buffer.len() > MAX_HEAD {
                    return Err(ParseError::TooLarge("part header"));
                }
                return Ok(false);
            };
            let line = rest[..line_end].trim_ascii();
            at += line_end + 1;
            if line.is_empty() {
                self.buffer.advance(at);
                break;
            }
            if self.is_boundary(line) {
                // Nothing was between two boundaries.
                self.buffer.advance(at);
                (at, length) = (0, None);
                continue;
            }
            length = length_of(line).or(length);
            if at > MAX_HEAD {
                return Err(ParseError::TooLarge("part header"));
            }
        }
        if length.is_some_and(|length| length > self.max_part) {
            return Err(ParseError::TooLarge("part"));
        }
        self.searched = 0;
        self.state = PartState::body(length);
        Ok(true)
    }

    fn is_boundary(&self, line: &[u8]) -> bool {
        let name = line.strip_prefix(b"--").map(trim_dashes);
        name.is_some() && name == self.boundary.as_deref()
    }

    fn body(&mut self) -> Result<Option<Bytes>, ParseError> {
        let PartState::Body { length, jpeg } = &mut self.state else {
            return Ok(None);
        };
        if jpeg.is_at_start() {
            // Some cameras write one break too many behind the head, and nothing that is shown begins with one.
            let breaks = self.buffer.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
            let breaks = breaks.count();
            self.buffer.advance(breaks);
        }
        let (length, picture) = (*length, jpeg.find(&self.buffer));
        let is_foreign = jpeg.is_foreign();
        if let Some(line) = self.find() {
            // A length is wrong where it leads beyond the boundary or ends before the picture does.
            let end = picture.or(length).unwrap_or(line.part_end).min(line.part_end);
            let part = self.buffer.split_to(end).freeze();
            self.after(BoundaryLine { part_end: 0, end: line.end - end });
            return Ok(Some(part));
        }
        // Without a boundary, a damaged picture ends where the next one begins.
        let next = || memmem::find(self.buffer.get(1..)?, JPEG).map(|at| at + 1);
        let next = if is_foreign && self.boundary.is_none() { next() } else { None };
        // The part ends here without its boundary, which may come with the next picture only.
        let end = picture.or(next).or(length.filter(|length| self.buffer.len() >= *length));
        if let Some(end) = end.filter(|end| *end <= self.max_part) {
            let part = self.buffer.split_to(end).freeze();
            self.searched = 0;
            self.state = PartState::Between;
            return Ok(Some(part));
        }
        if self.buffer.len() > self.max_part + MAX_HEAD {
            return Err(ParseError::TooLarge("part"));
        }
        Ok(None)
    }

    /// Returns the first whole line that is a boundary.
    fn find(&mut self) -> Option<BoundaryLine> {
        boundary::find(&self.buffer, self.boundary.as_deref()?, &mut self.searched)
    }
}

fn length_of(line: &[u8]) -> Option<usize> {
    let line = std::str::from_utf8(line).ok()?;
    let (name, value) = line.split_once(':')?;
    let is_length = name.trim().eq_ignore_ascii_case("content-length");
    // A length of zero says nothing, because some cameras write it before they know the length.
    is_length.then(|| value.trim().parse().ok()).flatten().filter(|length| *length > 0)
}
