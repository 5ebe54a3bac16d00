//! Answers with a model: there is one request to its API, whose pieces are passed on as they come.

use http::Method;
use tokio::sync::mpsc;

use super::facts::Facts;
use super::{Exchange, Model, Piece};
use crate::net::BodyOptions;
use crate::protocol::completions::{CompletionReader, Part, Speaker, request};

/// An answer has at most so many bytes; a model that says more is stopped.
const MAX_ANSWER: usize = 1 << 20;
const PATH: &str = "chat/completions";

/// Passes the model's answer on, and returns all of it if it is complete.
pub(super) async fn answer(
    model: &Model,
    before: &[Exchange],
    prompt: &str,
    facts: &Facts,
    out: &mpsc::Sender<Piece>,
) -> Option<String> {
    let system = facts.system_message();
    let earlier = before.iter().flat_map(|exchange| {
        [(Speaker::User, exchange.prompt.as_str()), (Speaker::Assistant, exchange.answer.as_str())]
    });
    let turns = std::iter::once((Speaker::System, system.as_str()))
        .chain(earlier)
        .chain([(Speaker::User, prompt)]);
    let mut said = String::new();
    match relay(model, &request(&model.name, turns), out, &mut said).await {
        Ok(()) => {
            out.send(Piece::Done).await.ok()?;
            Some(said)
        }
        Err(why) => {
            // Where nobody reads any more, nothing is lost.
            out.send(Piece::Failed(why)).await.ok();
            None
        }
    }
}

async fn relay(
    model: &Model,
    body: &serde_json::Value,
    out: &mpsc::Sender<Piece>,
    said: &mut String,
) -> Result<(), String> {
    let told = |err: crate::net::NetError| format!("The model did not answer: {err}");
    let mut answer = model
        .client
        .stream(Method::POST, PATH, Some(body), BodyOptions::default())
        .await
        .map_err(told)?;
    let mut reader = CompletionReader::default();
    loop {
        let next = answer.next().await.map_err(told)?;
        let is_over = next.is_none();
        let (parts, is_complete) = match next {
            Some(bytes) => (reader.push(&bytes).map_err(|err| err.to_string())?, false),
            None => reader.finish(),
        };
        for part in parts {
            match part {
                Part::Done => return Ok(()),
                Part::Failed(why) => return Err(format!("The model failed: {why}")),
                Part::Text(text) if said.len() + text.len() > MAX_ANSWER => {
                    return Err(
                        "The model's answer is longer than 1 MiB, so it was stopped".to_owned()
                    );
                }
                Part::Text(text) => {
                    said.push_str(&text);
                    if out.send(Piece::Text(text)).await.is_err() {
                        return Err("nobody reads the answer".to_owned());
                    }
                }
            }
        }
        match (is_over, is_complete) {
            (true, true) => return Ok(()),
            (true, false) => return Err("The model's answer broke off".to_owned()),
            (false, _) => (),
        }
    }
}
