//! Streams that are read line by line: answers of chats and models, and tasks.

use helmsight::protocol::agent::TaskReader;
use helmsight::protocol::chat::{AnswerReader, encode_chunk};
use helmsight::protocol::completions::CompletionReader;
use proptest::prelude::*;

use crate::cases;
use crate::inputs::{broken, cuts, pieces, text};

fn good() -> Vec<Vec<u8>> {
    [
        "data: {\"type\":\"chunk\",\"text\":\"a\"}\ndata: {\"type\":\"chunk\",\"text\":\"é\"}\r\ndata: {\"type\":\"done\"}\n",
        ": beat\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\ndata: [DONE]\n\n",
        "event: step\ndata: {\"task_id\":\"t\",\"type\":\"action\",\"text\":\"clicks\"}\n\ndata: {\"status\":\"completed\"}\n\n",
        "data: {\"type\":\"error\",\"message\":\"no\"}\r\r",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

const MARKS: &[&[u8]] = &[
    b"\n",
    b"\r",
    b"\r\n",
    b"data:",
    b"event:",
    b"{",
    b"}",
    b"\"",
    b"\xFF",
    b"\xE2\x80",
    b"\xEF\xBB\xBF",
    b"NaN",
];

fn answer(pieces: &[&[u8]]) -> String {
    let (mut reader, mut text, mut end) = (AnswerReader::default(), String::new(), None);
    for piece in pieces {
        end = end.or(reader.push(piece, &mut text).unwrap());
    }
    let end = end.unwrap_or_else(|| reader.finish(&mut text));
    format!("{text} {end:?} {}", reader.skipped())
}

fn task(pieces: &[&[u8]]) -> String {
    let mut reader = TaskReader::default();
    let mut events: Vec<_> = pieces.iter().flat_map(|piece| reader.push(piece).unwrap()).collect();
    events.extend(reader.finish());
    format!("{events:?} {}", reader.skipped())
}

fn completion(pieces: &[&[u8]]) -> String {
    let mut reader = CompletionReader::default();
    let mut parts: Vec<_> = pieces.iter().flat_map(|piece| reader.push(piece).unwrap()).collect();
    let (last, is_complete) = reader.finish();
    parts.extend(last);
    format!("{parts:?} {is_complete}")
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_stream_of_lines_is_the_same_however_it_is_cut(bytes in broken(good(), MARKS), cuts in cuts()) {
        let cut = pieces(&bytes, &cuts);
        for read in [answer, task, completion] {
            prop_assert_eq!(read(&[&bytes]), read(&cut));
        }
    }

    #[test]
    fn what_the_host_answers_is_read_again(said in text()) {
        let (mut reader, mut text) = (AnswerReader::default(), String::new());
        reader.push(encode_chunk(&said).as_bytes(), &mut text).unwrap();
        prop_assert_eq!(reader.skipped(), 0);
        let plain = said.chars().all(|c| c.is_ascii_graphic());
        prop_assert!(!plain || text == said, "{text}");
    }
}
