//! Filters the bytes before the SSE parser: whatever a server sends, the output is plain and bounded.
//!
//! The input is any bytes, cut anywhere. The output has `data` lines as they come, then `event`, `id` and a blank line
//! for each block that has data. It has LF line ends, valid UTF-8, no comments and no other fields. The filter keeps
//! what the parser would lose (`retry`, ids of blocks without data) and enforces the limits while bytes arrive.
//!
//! The rules are those of <https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation>.

use std::time::Duration;

use bytes::{Buf as _, Bytes};
use memchr::memchr2;

use crate::base::text::clip;

/// Size limit of a line, in bytes. A base64 picture of 8 MB fits.
pub(super) const MAX_LINE: usize = 16 << 20;
pub(super) const MAX_EVENT: usize = 16 << 20;
const MAX_KIND: usize = 256;
const MAX_ID: usize = 4 << 10;
/// Most digits of a `retry` value. A `u64` never needs as many, and a longer value is not taken.
const MAX_DIGITS: usize = 32;
/// Length of the longest field names that are known, `event` and `retry`.
const LONGEST_NAME: usize = 5;

const BOM: [u8; 3] = *b"\xEF\xBB\xBF";
const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();

/// A limit was passed; the text says which part of the stream is too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overflow(pub(super) &'static str);

/// What came since the last call and the parser is not told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Notes {
    /// Whether a comment began, which is a heartbeat.
    pub(super) comment: bool,
    /// The server's wish for the time between attempts.
    pub(super) retry: Option<Duration>,
    /// The new id to resume from, if it changed. The inner `None` means to start from the beginning.
    pub(super) sendable_id: Option<Option<String>>,
}

/// The filter of one stream. It takes bytes as they come, cut anywhere.
#[derive(Debug)]
pub(super) struct Cleaner {
    notes: Notes,
    /// Number of bytes of a byte order mark that have come. It is `None` once past the start of the stream.
    bom: Option<usize>,
    /// Whether the last byte was CR, to which a following LF belongs.
    after_cr: bool,
    line: LineState,
    line_len: usize,
    event_len: usize,
    /// First bytes of a character that the last chunk cut in two.
    partial: Vec<u8>,
    block: EventBlock,
    /// The id of the block under way, which a blank line commits.
    pending_id: Option<Id>,
    last_id: String,
}

/// Place of the filter within a line.
#[derive(Debug)]
enum LineState {
    /// The filter is in the field name, of which `len` bytes have come.
    Name { bytes: [u8; LONGEST_NAME], len: usize },
    /// The filter is in the value of a `data` line, whose bytes pass through.
    Data,
    /// The filter is in the value of a short field, which is kept until the line ends.
    Value { field: Field, bytes: Vec<u8> },
    /// The filter is in a comment or an unknown field, of which nothing is kept.
    Skip,
}

impl LineState {
    const START: Self = Self::Name { bytes: [0; LONGEST_NAME], len: 0 };
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Event,
    Id,
    Retry,
}

impl Field {
    /// Returns how many bytes of a value are buffered: one more than is kept, to notice a value that is too long, and
    /// one for the space after the colon.
    fn room(self) -> usize {
        2 + match self {
            Self::Event => MAX_KIND,
            Self::Id => MAX_ID,
            Self::Retry => MAX_DIGITS,
        }
    }
}

#[derive(Debug, Default)]
struct EventBlock {
    has_data: bool,
    kind: String,
}

#[derive(Debug)]
struct Id {
    text: String,
    /// Whether the id is short enough and free of control characters, so that a header can carry it.
    sendable: bool,
}

impl Cleaner {
    /// Makes a filter for one connection. `last_id` is where an earlier connection ended; events without an id carry
    /// it.
    pub(super) fn new(last_id: Option<&str>) -> Self {
        Self {
            notes: Notes::default(),
            bom: Some(0),
            after_cr: false,
            line: LineState::START,
            line_len: 0,
            event_len: 0,
            partial: Vec::new(),
            block: EventBlock::default(),
            pending_id: None,
            last_id: clip(last_id.unwrap_or_default(), MAX_ID).to_owned(),
        }
    }

    /// Takes bytes from the front of `raw` until one event is complete or `raw` is empty.
    ///
    /// One event at a time bounds what the parser holds, whatever the size of `raw`, and keeps notes in step with events.
    pub(super) fn clean(&mut self, raw: &mut Bytes) -> Result<Bytes, Overflow> {
        self.skip_bom(raw);
        let mut out = Vec::new();
        while !raw.is_empty() {
            if std::mem::take(&mut self.after_cr) && raw[0] == b'\n' {
                raw.advance(1);
                continue;
            }
            let end = memchr2(b'\n', b'\r', raw);
            if out.is_empty() && end.is_none() && self.passes_whole(raw) {
                self.count(raw.len())?;
                return Ok(std::mem::take(raw));
            }
            self.take_piece(&raw[..end.unwrap_or(raw.len())], &mut out)?;
            let Some(end) = end else {
                raw.clear();
                break;
            };
            self.after_cr = raw[end] == b'\r';
            raw.advance(end + 1);
            if self.end_line(&mut out) {
                break;
            }
        }
        Ok(out.into())
    }

    pub(super) fn take_notes(&mut self) -> Notes {
        std::mem::take(&mut self.notes)
    }

    /// Strips one byte order mark. A second one belongs to the first field's name.
    fn skip_bom(&mut self, raw: &mut Bytes) {
        while let Some(matched) = self.bom {
            let Some(&byte) = raw.first() else { return };
            if byte == BOM[matched] {
                raw.advance(1);
                self.bom = Some(matched + 1).filter(|&matched| matched < BOM.len());
            } else {
                self.bom = None;
                if matched > 0 {
                    // An incomplete mark is the start of an unknown field name.
                    self.line = LineState::Skip;
                    self.line_len = matched;
                }
            }
        }
    }

    /// Tells whether the whole chunk lies inside one `data` line, which is the common case of a large picture.
    fn passes_whole(&self, piece: &[u8]) -> bool {
        matches!(self.line, LineState::Data)
            && self.partial.is_empty()
            && std::str::from_utf8(piece).is_ok()
    }

    /// Takes in part of one line, without its end.
    fn take_piece(&mut self, mut piece: &[u8], out: &mut Vec<u8>) -> Result<(), Overflow> {
        while !piece.is_empty() {
            match &mut self.line {
                LineState::Name { bytes, len } => {
                    let byte = piece[0];
                    piece = &piece[1..];
                    if byte == b':' {
                        let name = *bytes;
                        let len = *len;
                        self.line = self.begin_value(&name[..len], out);
                    } else if *len < LONGEST_NAME {
                        bytes[*len] = byte;
                        *len += 1;
                    } else {
                        self.line = LineState::Skip;
                    }
                    self.count(1)?;
                }
                LineState::Data => {
                    let before = out.len();
                    self.push_text(piece, out);
                    // Replaced bytes grow, so the length of the output counts.
                    return self.count((out.len() - before).max(piece.len()));
                }
                LineState::Value { field, bytes } => {
                    let room = field.room() - bytes.len();
                    bytes.extend_from_slice(&piece[..piece.len().min(room)]);
                    return self.count(piece.len());
                }
                LineState::Skip => return self.count(piece.len()),
            }
        }
        Ok(())
    }

    fn begin_value(&mut self, name: &[u8], out: &mut Vec<u8>) -> LineState {
        let field = match name {
            b"" => {
                self.notes.comment = true;
                return LineState::Skip;
            }
            b"data" => {
                out.extend_from_slice(b"data:");
                return LineState::Data;
            }
            b"event" => Field::Event,
            b"id" => Field::Id,
            b"retry" => Field::Retry,
            _ => return LineState::Skip,
        };
        LineState::Value { field, bytes: Vec::new() }
    }

    /// Returns whether an event was completed.
    fn end_line(&mut self, out: &mut Vec<u8>) -> bool {
        let mut line = std::mem::replace(&mut self.line, LineState::START);
        if let LineState::Name { bytes, len } = line {
            if len == 0 {
                return self.end_block(out);
            }
            // A line without a colon is a name with an empty value.
            line = self.begin_value(&bytes[..len], out);
        }
        match line {
            LineState::Data => {
                if !std::mem::take(&mut self.partial).is_empty() {
                    out.extend_from_slice(REPLACEMENT);
                }
                out.push(b'\n');
                self.block.has_data = true;
            }
            LineState::Value { field, bytes } => self.end_value(field, &bytes),
            LineState::Skip | LineState::Name { .. } => {}
        }
        self.line_len = 0;
        false
    }

    fn end_value(&mut self, field: Field, bytes: &[u8]) {
        let bytes = bytes.strip_prefix(b" ").unwrap_or(bytes);
        match field {
            Field::Event => {
                self.block.kind.clear();
                self.block.kind.push_str(clip(&String::from_utf8_lossy(bytes), MAX_KIND));
            }
            Field::Id if bytes.contains(&0) => {}
            Field::Id => {
                let text = String::from_utf8_lossy(bytes);
                let sendable = text.len() <= MAX_ID && !text.chars().any(char::is_control);
                self.pending_id = Some(Id { text: clip(&text, MAX_ID).to_owned(), sendable });
            }
            Field::Retry => {
                let digits = std::str::from_utf8(bytes).unwrap_or_default();
                let valid = (1..=MAX_DIGITS).contains(&digits.len())
                    && digits.bytes().all(|byte| byte.is_ascii_digit());
                if valid {
                    let millis = digits.parse().unwrap_or(u64::MAX);
                    self.notes.retry = Some(Duration::from_millis(millis));
                }
            }
        }
    }

    /// Ends a block at a blank line: commits the id, and dispatches the block if it has data. Returns whether it had.
    fn end_block(&mut self, out: &mut Vec<u8>) -> bool {
        self.event_len = 0;
        if let Some(id) = self.pending_id.take() {
            if id.sendable {
                self.notes.sendable_id = Some((!id.text.is_empty()).then(|| id.text.clone()));
            }
            self.last_id = id.text;
        }
        let block = std::mem::take(&mut self.block);
        if block.has_data {
            if !block.kind.is_empty() {
                push_field(out, "event", &block.kind);
            }
            push_field(out, "id", &self.last_id);
            out.push(b'\n');
        }
        block.has_data
    }

    /// Adds `piece` to `out` as valid UTF-8, with U+FFFD for invalid bytes. A character that is cut waits for its rest.
    fn push_text(&mut self, mut piece: &[u8], out: &mut Vec<u8>) {
        while !self.partial.is_empty() {
            let Some((&byte, rest)) = piece.split_first() else {
                return;
            };
            self.partial.push(byte);
            match std::str::from_utf8(&self.partial) {
                Ok(_) => out.append(&mut self.partial),
                Err(err) if err.error_len().is_none() => {}
                Err(_) => {
                    // The byte does not belong to the character before it, so it is looked at again, alone.
                    self.partial.clear();
                    out.extend_from_slice(REPLACEMENT);
                    continue;
                }
            }
            piece = rest;
        }
        loop {
            let Err(err) = std::str::from_utf8(piece) else {
                out.extend_from_slice(piece);
                return;
            };
            let (valid, rest) = piece.split_at(err.valid_up_to());
            out.extend_from_slice(valid);
            let Some(invalid) = err.error_len() else {
                self.partial.extend_from_slice(rest);
                return;
            };
            out.extend_from_slice(REPLACEMENT);
            piece = &rest[invalid..];
        }
    }

    fn count(&mut self, bytes: usize) -> Result<(), Overflow> {
        self.line_len += bytes;
        if self.line_len > MAX_LINE {
            return Err(Overflow("line"));
        }
        if matches!(self.line, LineState::Skip) {
            return Ok(());
        }
        self.event_len += bytes;
        if self.event_len > MAX_EVENT {
            return Err(Overflow("event"));
        }
        Ok(())
    }
}

fn push_field(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(name.as_bytes());
    // The parser strips one space, so values that begin with one keep theirs.
    out.extend_from_slice(b": ");
    out.extend_from_slice(value.as_bytes());
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the output for each event, and at the end.
    fn clean(bytes: &'static [u8]) -> Vec<String> {
        let mut cleaner = Cleaner::new(Some("seed"));
        let mut raw = Bytes::from_static(bytes);
        let mut out = Vec::new();
        while !raw.is_empty() {
            let cleaned = cleaner.clean(&mut raw).unwrap();
            out.push(String::from_utf8(cleaned.into()).unwrap());
        }
        out
    }

    #[test]
    fn only_what_the_parser_needs_comes_out_one_event_at_a_time() {
        for (given, expected) in [
            (&b"data: a\rdata:b\r\n\n"[..], &["data: a\ndata:b\nid: seed\n\n"][..]),
            (b"event: e\nid: 1\n:c\nx: y\ndata\n\n", &["data:\nevent: e\nid: 1\n\n"]),
            (b"data:a\n\ndata:b\n\n", &["data:a\nid: seed\n\n", "data:b\nid: seed\n\n"]),
            (b"id: a\0b\ndata:a\n\n", &["data:a\nid: seed\n\n"]),
            (b"event: e\nid: 1\n\nretry: 5\n\n:c\n\n\n", &[""]),
            (b"event: e\n\ndata:a\n\n", &["data:a\nid: seed\n\n"]),
            (b"data:a", &["data:a"]),
        ] {
            assert_eq!(clean(given), expected, "{}", String::from_utf8_lossy(given));
        }
    }

    #[test]
    fn a_chunk_inside_a_picture_is_not_copied() {
        let mut cleaner = Cleaner::new(None);
        cleaner.clean(&mut Bytes::from_static(b"data: ab")).unwrap();
        let chunk = Bytes::from_static(b"cdef");
        let cleaned = cleaner.clean(&mut chunk.clone()).unwrap();
        assert_eq!((cleaned.as_ptr(), cleaned.len()), (chunk.as_ptr(), chunk.len()));
    }

    #[test]
    fn limits_are_of_one_event_and_one_line() {
        let mut cleaner = Cleaner::new(None);
        let mebibyte = Bytes::from([b"data:", &*vec![b'x'; 1 << 20], b"\n"].concat());
        let mut feed = |bytes: &Bytes| cleaner.clean(&mut bytes.clone()).map(drop);
        for _ in 0..3 {
            for _ in 0..15 {
                feed(&mebibyte).unwrap();
            }
            feed(&Bytes::from_static(b"\n")).unwrap();
        }
        let many: Result<(), _> = (0..17).try_for_each(|_| feed(&mebibyte));
        assert_eq!(many, Err(Overflow("event")));
        // Replaced bytes are longer than the received ones.
        let mut cleaner = Cleaner::new(None);
        let invalid = Bytes::from([b"data:", &*vec![0xFF; 6 << 20]].concat());
        assert_eq!(cleaner.clean(&mut invalid.clone()), Err(Overflow("line")));
    }
}
