//! Asks a completions API, of which there are many by many hands, and reads its streamed answers.

use serde_json::{Value, json};

use super::computers::error_words;
use super::lines::{LineLimits, Lines, StreamLine, TooMuch};
use crate::base::json;

/// An answer has at most so many bytes.
pub const LIMITS: LineLimits = LineLimits { line: 1 << 20, total: 64 << 20 };

/// The one who speaks in a turn of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The instructions to the model.
    System,
    /// The one who asks.
    User,
    /// The model.
    Assistant,
}

/// Makes the body of a request for a streamed answer.
pub fn request<'a>(model: &str, turns: impl IntoIterator<Item = (Speaker, &'a str)>) -> Value {
    let messages: Vec<_> = turns
        .into_iter()
        .map(|(speaker, text)| {
            let role = match speaker {
                Speaker::System => "system",
                Speaker::User => "user",
                Speaker::Assistant => "assistant",
            };
            json!({"role": role, "content": text})
        })
        .collect();
    json!({"model": model, "messages": messages, "stream": true})
}

/// A piece of a streamed answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// More of the answer's text.
    Text(String),
    /// The answer is complete.
    Done,
    /// The API failed, for this reason.
    Failed(String),
}

/// Reads one streamed answer.
#[derive(Debug)]
pub struct CompletionReader {
    lines: Lines,
    /// The model has said why it stopped, so that an end without `[DONE]` is an end in order.
    stopped: bool,
}

impl Default for CompletionReader {
    fn default() -> Self {
        Self { lines: Lines::new(LIMITS), stopped: false }
    }
}

impl CompletionReader {
    /// Takes bytes and returns the pieces that they complete. Fails once a line or the body is too long.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Part>, TooMuch> {
        let mut parts = Vec::new();
        let stopped = &mut self.stopped;
        self.lines.push(bytes, |line| read(line, &mut parts, stopped))?;
        Ok(parts)
    }

    /// Takes the end of the body. Returns what its last line says, and whether the answer was complete.
    pub fn finish(&mut self) -> (Vec<Part>, bool) {
        let mut parts = Vec::new();
        let stopped = &mut self.stopped;
        self.lines.finish(|line| read(line, &mut parts, stopped));
        (parts, self.stopped)
    }
}

fn read(line: &[u8], parts: &mut Vec<Part>, stopped: &mut bool) {
    let StreamLine::Data(data) = StreamLine::of(line) else {
        return;
    };
    if data == b"[DONE]" {
        *stopped = true;
        return parts.push(Part::Done);
    }
    let Ok(value) = json::from_slice::<Value>(data) else {
        return;
    };
    if !value["error"].is_null() {
        let why = error_words(&value).unwrap_or_else(|| "The model failed".to_owned());
        return parts.push(Part::Failed(why));
    }
    let choice = &value["choices"][0];
    if let Some(text) = choice["delta"]["content"].as_str().filter(|text| !text.is_empty()) {
        parts.push(Part::Text(text.to_owned()));
    }
    *stopped |= choice["finish_reason"].is_string();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_in_the_usual_words() {
        let turns = [(Speaker::System, "s"), (Speaker::User, "u"), (Speaker::Assistant, "a")];
        assert_eq!(
            request("m", turns),
            json!({"model": "m", "stream": true, "messages": [
                {"role": "system", "content": "s"}, {"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}]})
        );
    }

    #[test]
    fn parts_are_read_however_they_are_cut() {
        let body = b"data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n\
            data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n: keep\n\n\
            data: {\"choices\":[{\"delta\":{\"content\":\"lo\"},\"finish_reason\":\"stop\"}]}\n\ndata: {\"choices\":[]}\n\ndata: [DONE]\n\n";
        let text = |text: &str| Part::Text(text.to_owned());
        for at in 0..body.len() {
            let mut reader = CompletionReader::default();
            let (start, rest) = body.split_at(at);
            let mut parts = reader.push(start).unwrap();
            parts.extend(reader.push(rest).unwrap());
            assert_eq!(parts, [text("Hel"), text("lo"), Part::Done], "cut at {at}");
        }
    }

    #[test]
    fn errors_and_ends_are_told_apart() {
        let read = |body: &str| {
            let mut reader = CompletionReader::default();
            let mut parts = reader.push(body.as_bytes()).unwrap();
            let (rest, complete) = reader.finish();
            parts.extend(rest);
            (parts, complete)
        };
        let failed = Part::Failed("Quota".to_owned());
        assert_eq!(read("data: {\"error\":{\"message\":\"Quota\"}}"), (vec![failed], false));
        assert_eq!(
            read("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}"),
            (vec![], true)
        );
        assert_eq!(read("data: what\n"), (vec![], false));
    }
}
