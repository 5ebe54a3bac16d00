//! Reads and writes the answers of a chat: `data:` lines, of which each is a JSON value of its own, whether or not a
//! blank line follows it.

use serde_json::Value;

use super::computers::error_words;
use super::lines::{LineLimits, Lines, StreamLine, TooMuch};
use crate::base::json;
use crate::base::text::many_lines;

/// An answer may have this size, which fills a book.
pub const LIMITS: LineLimits = LineLimits { line: 1 << 20, total: 16 << 20 };
/// The text that is shown has at most so many bytes.
const MAX_TEXT: usize = 4 << 20;
const UNEXPLAINED: &str = "The assistant failed without saying why";

/// Returns the path at which a chat takes questions, below the root of its service.
pub fn messages_path(chat_id: &str) -> String {
    format!("api/v1/actions/chats/{}/messages", super::computers::path_segment(chat_id))
}

/// The meaning of one line of an answer.
#[derive(Clone, Debug, PartialEq)]
enum AnswerLine {
    Text(String),
    Done,
    Failed(String),
    /// The line is well-formed and means nothing here.
    Unknown,
    Malformed,
}

/// The way in which an answer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerEnd {
    /// The answer is complete.
    Done,
    /// The connection ended without saying that the answer is complete.
    Unfinished,
    /// The answer ended without a single word.
    Empty,
    /// The service failed, for this reason.
    Failed(String),
}

/// Reads one answer as it arrives.
#[derive(Debug)]
pub struct AnswerReader {
    lines: Lines,
    text_bytes: usize,
    skipped: u64,
    end: Option<AnswerEnd>,
}

impl Default for AnswerReader {
    fn default() -> Self {
        Self { lines: Lines::new(LIMITS), text_bytes: 0, skipped: 0, end: None }
    }
}

impl AnswerReader {
    /// Takes bytes and adds their text, safe to show, to `out`. Returns `Some` once the answer has ended; nothing that
    /// follows counts.
    pub fn push(&mut self, bytes: &[u8], out: &mut String) -> Result<Option<AnswerEnd>, TooMuch> {
        let mut lines = std::mem::replace(&mut self.lines, Lines::new(LIMITS));
        let result = lines.push(bytes, |line| self.take(line, out));
        self.lines = lines;
        result?;
        if self.text_bytes > MAX_TEXT {
            return Err(TooMuch::Total);
        }
        Ok(self.end.clone())
    }

    /// Takes the end of the body, and returns how the answer ended.
    pub fn finish(&mut self, out: &mut String) -> AnswerEnd {
        let mut lines = std::mem::replace(&mut self.lines, Lines::new(LIMITS));
        lines.finish(|line| self.take(line, out));
        match self.end.clone() {
            Some(end) => end,
            None if self.text_bytes == 0 => AnswerEnd::Empty,
            None => AnswerEnd::Unfinished,
        }
    }

    /// Returns how many lines could not be read.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    fn take(&mut self, line: &[u8], out: &mut String) {
        if self.end.is_some() {
            return;
        }
        match read(line) {
            AnswerLine::Text(text) => {
                self.text_bytes += text.len();
                out.push_str(&text);
            }
            AnswerLine::Done if self.text_bytes == 0 => self.end = Some(AnswerEnd::Empty),
            AnswerLine::Done => self.end = Some(AnswerEnd::Done),
            AnswerLine::Failed(why) => self.end = Some(AnswerEnd::Failed(why)),
            AnswerLine::Unknown => (),
            AnswerLine::Malformed => self.skipped += 1,
        }
    }
}

fn read(line: &[u8]) -> AnswerLine {
    let data = match StreamLine::of(line) {
        StreamLine::Data(data) => data,
        StreamLine::Foreign => return AnswerLine::Malformed,
        StreamLine::Event(_) | StreamLine::Blank | StreamLine::Other => return AnswerLine::Unknown,
    };
    if data == b"[DONE]" {
        return AnswerLine::Done;
    }
    // Bad bytes are replaced, because one should not cost a whole line.
    let Ok(value) = json::from_str::<Value>(&String::from_utf8_lossy(data)) else {
        return AnswerLine::Malformed;
    };
    match value["type"].as_str() {
        Some("chunk") => match value["text"].as_str() {
            Some(text) => AnswerLine::Text(many_lines(text)),
            None => AnswerLine::Malformed,
        },
        Some("done") => AnswerLine::Done,
        Some("error") => AnswerLine::Failed(failure(&value)),
        // This is an error in the words of the other calls of such a service.
        None if value["status"] == "error" => AnswerLine::Failed(failure(&value)),
        Some(_) => AnswerLine::Unknown,
        None => AnswerLine::Malformed,
    }
}

fn failure(value: &Value) -> String {
    error_words(value)
        .or_else(|| {
            let text = value["text"].as_str()?;
            Some(crate::base::text::one_line(text, 300)).filter(|text| !text.is_empty())
        })
        .unwrap_or_else(|| UNEXPLAINED.to_owned())
}

/// Writes one line of an answer, as the host sends it.
pub fn encode_chunk(text: &str) -> String {
    format!("data: {}\n\n", serde_json::json!({"type": "chunk", "text": text}))
}

/// The line that ends an answer, as the host sends it.
pub const DONE: &str = "data: {\"type\":\"done\"}\n\n";

/// Writes the line of an error, as the host sends it.
pub fn encode_error(message: &str) -> String {
    format!("data: {}\n\n", serde_json::json!({"type": "error", "message": message}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(pieces: &[&[u8]]) -> (String, AnswerEnd, u64) {
        let (mut reader, mut text) = (AnswerReader::default(), String::new());
        let mut end = None;
        for piece in pieces {
            end = end.or(reader.push(piece, &mut text).unwrap());
        }
        let end = end.unwrap_or_else(|| reader.finish(&mut text));
        (text, end, reader.skipped())
    }

    #[test]
    fn answers_of_every_form_are_read() {
        let failed = |why: &str| AnswerEnd::Failed(why.to_owned());
        for (body, text, end, skipped) in [
            // The source document prints the lines so, without blank ones.
            (
                "data: {\"type\": \"chunk\", \"text\": \"Based on\"}\ndata: {\"type\": \"chunk\", \"text\": \" it\"}\ndata: {\"type\": \"done\"}\n",
                "Based on it",
                AnswerEnd::Done,
                0,
            ),
            (
                "data:{\"type\":\"chunk\",\"text\":\"a\"}\r\n\r\n: beat\r\n\r\ndata: [DONE]\r\n\r\n",
                "a",
                AnswerEnd::Done,
                0,
            ),
            // The answer was cut: what was said counts, and so does the cut.
            ("data: {\"type\":\"chunk\",\"text\":\"a\"}\n", "a", AnswerEnd::Unfinished, 0),
            ("data: {\"type\":\"chunk\",\"text\":\"a\"}", "a", AnswerEnd::Unfinished, 0),
            ("data: {\"type\":\"chunk\",\"te", "", AnswerEnd::Empty, 1),
            ("", "", AnswerEnd::Empty, 0),
            ("data: {\"type\":\"done\"}\n", "", AnswerEnd::Empty, 0),
            // Nonsense is counted and passed over; words of the future are only passed over.
            (
                "<html>\ndata: nonsense\ndata: {\"type\":\"chunk\"}\ndata: {\"type\":\"thought\"}\ndata: {\"type\":\"chunk\",\"text\":\"a\"}\ndata: {\"type\":\"done\"}\n",
                "a",
                AnswerEnd::Done,
                3,
            ),
            (
                "data: {\"type\":\"chunk\",\"text\":\"a\"}\ndata: {\"type\":\"error\",\"message\":\"Too long\"}\ndata: {\"type\":\"chunk\",\"text\":\"b\"}\n",
                "a",
                failed("Too long"),
                0,
            ),
            ("data: {\"type\":\"error\",\"text\":\"No\"}\n", "", failed("No"), 0),
            ("data: {\"type\":\"error\"}\n", "", failed(UNEXPLAINED), 0),
            ("data: {\"status\":\"error\",\"error_message\":\"Gone\"}\n", "", failed("Gone"), 0),
        ] {
            let body = body.as_bytes();
            let expected = (text.to_owned(), end, skipped);
            assert_eq!(answer(&[body]), expected, "{}", body.escape_ascii());
            for at in 0..body.len() {
                let (start, rest) = body.split_at(at);
                assert_eq!(answer(&[start, rest]), expected, "{} at {at}", body.escape_ascii());
            }
            let bytes: Vec<&[u8]> = body.chunks(1).collect();
            assert_eq!(answer(&bytes), expected, "{}", body.escape_ascii());
        }
    }

    #[test]
    fn text_is_made_safe_and_bad_bytes_cost_a_character() {
        let (text, ..) =
            answer(&[b"data: {\"type\":\"chunk\",\"text\":\"a\\u001b[31m\\u202eb\xFF\\n- c\"}\n"]);
        assert_eq!(text, "a [31m\\u202eb\u{FFFD}\n- c");
    }

    #[test]
    fn what_the_host_sends_is_read_again() {
        let body = [encode_chunk("a\n\"b\""), encode_error("no")].concat();
        assert_eq!(
            answer(&[body.as_bytes()]),
            ("a\n\"b\"".to_owned(), AnswerEnd::Failed("no".to_owned()), 0)
        );
        assert_eq!(answer(&[encode_chunk("x").as_bytes(), DONE.as_bytes()]).1, AnswerEnd::Done);
    }

    #[test]
    fn an_endless_line_and_an_endless_answer_are_given_up() {
        let mut out = String::new();
        let mut reader = AnswerReader::default();
        let piece = [b'x'; 64 << 10];
        let given_up = (0..100).find_map(|_| reader.push(&piece, &mut out).err());
        assert_eq!(given_up, Some(TooMuch::Line));
        let mut reader = AnswerReader::default();
        let line = encode_chunk(&"x".repeat(64 << 10));
        let given_up = (0..1000).find_map(|_| reader.push(line.as_bytes(), &mut out).err());
        assert_eq!(given_up, Some(TooMuch::Total));
        assert!(out.len() <= MAX_TEXT + (64 << 10));
    }
}
