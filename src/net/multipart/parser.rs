//! Parses a multipart body that arrives in pieces, as cameras write it and not only as the standard does.
//!
//! A boundary may be quoted or be announced with its dashes, lines may end in LF alone, parts may have a length,
//! a wrong one, or none.

use bytes::{Buf as _, Bytes, BytesMut};
use memchr::memmem;

use super::jpeg_end::JpegEnd;

/// Size limit of one part's headers, and of anything else between two parts, in bytes.
const MAX_HEAD: usize = 64 << 10;
/// Number of spaces that may follow a boundary on its line.
const MAX_PADDING: usize = 256;

/// The parser of one body. It takes bytes as they come, cut anywhere, and gives whole parts.
#[derive(Debug)]
pub(super) struct Parser {
    /// The boundary without its dashes. It is `None` until the first line tells it.
    boundary: Option<Vec<u8>>,
    max_part: usize,
    buffer: BytesMut,
    state: PartState,
    /// Number of bytes at the start of the buffer that hold no boundary.
    searched: usize,
    /// Number of bytes between two parts that were passed over.
    skipped: usize,
}

#[derive(Debug)]
enum PartState {
    /// The parser looks for the next boundary and passes over all that comes before it.
    Between,
    Head,
    /// The parser reads a part, whose head announced `length`.
    Body {
        length: Option<usize>,
        jpeg: JpegEnd,
    },
    Over,
}

/// Place of a boundary's line in the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct BoundaryLine {
    /// Offset at which the part before it ends, without its line break.
    part_end: usize,
    end: usize,
    is_last: bool,
}

impl Parser {
    pub(super) fn new(boundary: Option<&str>, max_part: usize) -> Self {
        let boundary = boundary
            .map(|boundary| boundary.trim_matches('-').as_bytes().to_vec())
            .filter(|boundary| !boundary.is_empty());
        Self {
            boundary,
            max_part,
            buffer: BytesMut::new(),
            state: PartState::Between,
            searched: 0,
            skipped: 0,
        }
    }

    pub(super) fn feed(&mut self, chunk: &[u8]) {
        if !self.is_over() {
            self.buffer.extend_from_slice(chunk);
        }
    }

    #[cfg(test)]
    pub(super) fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// Tells whether the last boundary was seen.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, PartState::Over)
    }

    /// Returns the next whole part of what was fed. The error says what is too large.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, &'static str> {
        loop {
            match &self.state {
                PartState::Between => {
                    if !self.skip_to_head()? {
                        return Ok(None);
                    }
                }
                PartState::Head => match self.head()? {
                    Some(length) => {
                        self.searched = 0;
                        let jpeg = JpegEnd::default();
                        self.state = PartState::Body { length, jpeg };
                    }
                    None => return Ok(None),
                },
                PartState::Body { .. } => return self.body(),
                PartState::Over => return Ok(None),
            }
        }
    }

    fn skip_to_head(&mut self) -> Result<bool, &'static str> {
        if self.boundary.is_none() && !self.learn() {
            return self.check_head().map(|()| false);
        }
        match self.find() {
            Some(line) => {
                self.after(line);
                Ok(true)
            }
            None => {
                // The searched bytes belong to no part. Only their end may be the start of a boundary.
                self.skipped += self.searched;
                self.buffer.advance(self.searched);
                self.searched = 0;
                if self.skipped > self.max_part {
                    return Err("part");
                }
                self.check_head().map(|()| false)
            }
        }
    }

    fn check_head(&self) -> Result<(), &'static str> {
        if self.buffer.len() > MAX_HEAD {
            return Err("part header");
        }
        Ok(())
    }

    /// Learns the boundary from the first line that looks like one.
    fn learn(&mut self) -> bool {
        let lines = self.buffer.split_inclusive(|byte| *byte == b'\n');
        let found = lines
            .filter_map(|line| line.strip_suffix(b"\n")?.trim_ascii().strip_prefix(b"--"))
            .map(|line| trim_dashes(line).to_vec())
            .find(|name| !name.is_empty());
        self.boundary = found;
        self.boundary.is_some()
    }

    fn after(&mut self, line: BoundaryLine) {
        self.buffer.advance(line.end);
        self.searched = 0;
        self.skipped = 0;
        self.state = if line.is_last { PartState::Over } else { PartState::Head };
    }

    /// Returns the length that the head announces, once all of the head is there.
    fn head(&mut self) -> Result<Option<Option<usize>>, &'static str> {
        let mut at = 0;
        let mut length = None;
        while let Some(line_end) = memchr::memchr(b'\n', &self.buffer[at..]) {
            let line = self.buffer[at..at + line_end].trim_ascii();
            at += line_end + 1;
            if line.is_empty() {
                if length.is_some_and(|length| length > self.max_part) {
                    return Err("part");
                }
                self.buffer.advance(at);
                return Ok(Some(length));
            }
            length = length_of(line).or(length);
            if at > MAX_HEAD {
                break;
            }
        }
        self.check_head().map(|()| None)
    }

    fn body(&mut self) -> Result<Option<Bytes>, &'static str> {
        let PartState::Body { length, jpeg } = &mut self.state else {
            return Ok(None);
        };
        let (length, picture) = (*length, jpeg.find(&self.buffer));
        if let Some(line) = self.find() {
            // A length is wrong where it leads beyond the boundary or ends before the picture does.
            let end = picture.or(length).unwrap_or(line.part_end).min(line.part_end);
            let part = self.buffer.split_to(end).freeze();
            self.after(BoundaryLine { part_end: 0, end: line.end - end, ..line });
            return Ok(Some(part));
        }
        // The part ends here without its boundary, which may come with the next picture only.
        let end = picture.or(length.filter(|length| self.buffer.len() >= *length));
        if let Some(end) = end.filter(|end| *end <= self.max_part) {
            let part = self.buffer.split_to(end).freeze();
            self.searched = 0;
            self.state = PartState::Between;
            return Ok(Some(part));
        }
        if self.buffer.len() > self.max_part + MAX_HEAD {
            return Err("part");
        }
        Ok(None)
    }

    /// Returns the first whole line that is a boundary.
    fn find(&mut self) -> Option<BoundaryLine> {
        let name = self.boundary.as_deref()?;
        let data = &self.buffer[..];
        let mut from = self.searched;
        while let Some(at) = memmem::find(&data[from..], name).map(|at| from + at) {
            match line_at(data, at, name.len()) {
                Ok(Some(line)) => return Some(line),
                // The rest of the line is not there yet, so the line is looked at again later.
                Err(Unfinished) => {
                    self.searched = at.saturating_sub(MAX_DASHES);
                    return None;
                }
                Ok(None) => from = at + 1,
            }
        }
        let tail = name.len() + MAX_DASHES;
        self.searched = data.len().saturating_sub(tail).max(self.searched);
        None
    }
}

/// Room for the dashes and the line break before a boundary's name, in bytes.
const MAX_DASHES: usize = 12;

struct Unfinished;

/// Returns the line of the boundary's name at `at`, or `None` where the name is not on a line of its own. `data` may
/// end in the middle of that line.
fn line_at(data: &[u8], at: usize, name: usize) -> Result<Option<BoundaryLine>, Unfinished> {
    let before = &data[..at];
    let dashes = before.iter().rev().take(MAX_DASHES).take_while(|byte| **byte == b'-');
    let dashes = dashes.count();
    let before = &before[..at - dashes];
    let starts_line = match before {
        [] | [.., b'\n'] => true,
        // Some cameras leave out the line break after a picture.
        [.., 0xFF, 0xD9] => true,
        _ => false,
    };
    if dashes < 2 || !starts_line {
        return Ok(None);
    }
    let part_end = match before {
        [.., b'\r', b'\n'] => before.len() - 2,
        [.., b'\n'] => before.len() - 1,
        _ => before.len(),
    };
    let after = &data[at + name..];
    let is_last = match after {
        [b'-', b'-', ..] => true,
        [b' ' | b'\t' | b'\r' | b'\n', ..] => false,
        [] | [b'-'] => return Err(Unfinished),
        _ => return Ok(None),
    };
    if is_last {
        let end = at + name + 2;
        return Ok(Some(BoundaryLine { part_end, end, is_last }));
    }
    match memchr::memchr(b'\n', after) {
        Some(end) if after[..end].trim_ascii().is_empty() => {
            Ok(Some(BoundaryLine { part_end, end: at + name + end + 1, is_last }))
        }
        None if after.len() <= MAX_PADDING && after.trim_ascii().is_empty() => Err(Unfinished),
        Some(_) | None => Ok(None),
    }
}

fn trim_dashes(mut name: &[u8]) -> &[u8] {
    while let [b'-', rest @ ..] | [rest @ .., b'-'] = name {
        name = rest;
    }
    name
}

fn length_of(line: &[u8]) -> Option<usize> {
    let line = std::str::from_utf8(line).ok()?;
    let (name, value) = line.split_once(':')?;
    let is_length = name.trim().eq_ignore_ascii_case("content-length");
    // A length of zero says nothing, because some cameras write it before they know the length.
    is_length.then(|| value.trim().parse().ok()).flatten().filter(|length| *length > 0)
}
