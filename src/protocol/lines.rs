//! Cuts a body that arrives in pieces into lines, for streams that are read line by line and not event by event.
//!
//! Line and body are bounded while bytes arrive. A line ends with LF, CR or CRLF, which may be cut anywhere.

use memchr::memchr2;

/// The limits of a stream. One that sends more is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineLimits {
    /// Bytes of one line.
    pub line: usize,
    /// Bytes of the whole body.
    pub total: usize,
}

/// The limit that a stream went beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooMuch {
    /// A line is too long.
    #[error(
        "The server sent a line that is longer than is accepted, so the connection was dropped"
    )]
    Line,
    /// The body is too long.
    #[error("The server sent more than is accepted, so the connection was dropped")]
    Total,
}

/// Cuts the bytes of a body into lines.
#[derive(Debug)]
pub struct Lines {
    limits: LineLimits,
    /// The beginning of the line that is not complete yet.
    line: Vec<u8>,
    total: usize,
    /// The last byte was a CR, to which an LF that follows belongs.
    after_cr: bool,
}

/// A line of an event stream, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamLine<'a> {
    /// The data of an event.
    Data(&'a [u8]),
    /// The name of the event whose data comes next.
    Event(&'a [u8]),
    /// The blank line that ends an event.
    Blank,
    /// A comment, an id or a reconnection time.
    Other,
    /// A line that no event stream has.
    Foreign,
}

impl Lines {
    /// Makes a reader of lines within these limits.
    pub fn new(limits: LineLimits) -> Self {
        Self { limits, line: Vec::new(), total: 0, after_cr: false }
    }

    /// Hands every line that `bytes` completes to `take`.
    pub fn push(&mut self, bytes: &[u8], mut take: impl FnMut(&[u8])) -> Result<(), TooMuch> {
        self.total = self.total.saturating_add(bytes.len());
        if self.total > self.limits.total {
            return Err(TooMuch::Total);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            if std::mem::take(&mut self.after_cr) && rest[0] == b'\n' {
                rest = &rest[1..];
                continue;
            }
            let end = memchr2(b'\n', b'\r', rest);
            let part = &rest[..end.unwrap_or(rest.len())];
            if self.line.len() + part.len() > self.limits.line {
                return Err(TooMuch::Line);
            }
            self.line.extend_from_slice(part);
            let Some(end) = end else { break };
            self.after_cr = rest[end] == b'\r';
            rest = &rest[end + 1..];
            take(&self.line);
            self.line.clear();
        }
        Ok(())
    }

    /// Takes the end of the body: what stands there without a line break is a line as well.
    pub fn finish(&mut self, take: impl FnOnce(&[u8])) {
        if !self.line.is_empty() {
            take(&std::mem::take(&mut self.line));
        }
    }
}

impl<'a> StreamLine<'a> {
    /// Reads one line, without its end.
    pub fn of(line: &'a [u8]) -> Self {
        let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        if line.is_empty() {
            return Self::Blank;
        }
        let (name, value) = match memchr::memchr(b':', line) {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &b""[..]),
        };
        match name {
            b"data" => Self::Data(value.trim_ascii()),
            b"event" => Self::Event(value.trim_ascii()),
            b"" | b"id" | b"retry" => Self::Other,
            _ => Self::Foreign,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: LineLimits = LineLimits { line: 8, total: 64 };

    fn lines(pieces: &[&[u8]]) -> Result<Vec<String>, TooMuch> {
        let mut lines = Lines::new(LIMITS);
        let mut seen = Vec::new();
        let mut text = |line: &[u8]| seen.push(String::from_utf8_lossy(line).into_owned());
        for piece in pieces {
            lines.push(piece, &mut text)?;
        }
        lines.finish(&mut text);
        Ok(seen)
    }

    #[test]
    fn lines_are_the_same_however_they_are_cut() {
        let body = b"a\nbc\r\n\r\nd\re\n\nf";
        let whole = lines(&[body]).unwrap();
        assert_eq!(whole, ["a", "bc", "", "d", "e", "", "f"]);
        for at in 0..=body.len() {
            let (start, end) = body.split_at(at);
            assert_eq!(lines(&[start, end]).unwrap(), whole, "cut at {at}");
        }
        let bytes: Vec<&[u8]> = body.chunks(1).collect();
        assert_eq!(lines(&bytes).unwrap(), whole);
    }

    #[test]
    fn limits_hold_before_a_line_ends() {
        assert_eq!(lines(&[b"12345678\n"]).unwrap(), ["12345678"]);
        assert_eq!(lines(&[b"12345", b"6789"]), Err(TooMuch::Line));
        assert_eq!(lines(&[&b"1\n"[..]; 33]), Err(TooMuch::Total));
    }

    #[test]
    fn lines_of_an_event_stream_are_told_from_others() {
        for (line, read) in [
            ("data: {}", StreamLine::Data(b"{}")),
            ("data:{}", StreamLine::Data(b"{}")),
            ("data", StreamLine::Data(b"")),
            ("event: error", StreamLine::Event(b"error")),
            ("", StreamLine::Blank),
            (": beat", StreamLine::Other),
            ("id: 7", StreamLine::Other),
            ("retry: 7", StreamLine::Other),
            ("<html>", StreamLine::Foreign),
            ("{\"a\":1}", StreamLine::Foreign),
        ] {
            assert_eq!(StreamLine::of(line.as_bytes()), read, "{line}");
        }
    }
}
