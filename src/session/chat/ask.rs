//! Sends one question once, reads its answer as it comes, and reports it in bunches.

use std::time::Duration;

use http::Method;
use serde_json::json;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::outbox::Outbox;
use crate::model::chat::{AskEnd, ChatNews, MessageId};
use crate::net::{BodyOptions, BodyStream, Client, NetError};
use crate::protocol::chat::{AnswerEnd, AnswerReader};

/// Time between two steps in which a fast answer is shown.
const BUNCH: Duration = Duration::from_millis(50);

/// A question that is to be sent.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) question: MessageId,
    pub(super) answer: MessageId,
    pub(super) prompt: String,
}

impl Question {
    /// Asks, and reports the answer and its end. Dropping the connection stops the other side.
    pub(super) async fn ask(
        &self,
        client: &Client,
        path: &str,
        cancel: &CancellationToken,
        outbox: &Outbox,
    ) {
        let mut answer = AnswerProgress {
            id: self.answer,
            outbox,
            reader: AnswerReader::default(),
            text: String::new(),
            due: None,
            told_at: None,
        };
        let asking = self.exchange(client, path, &mut answer);
        let end = cancel.run_until_cancelled(asking).await;
        answer.tell();
        if answer.reader.skipped() > 0 {
            outbox.tell(ChatNews::Skipped(answer.reader.skipped()));
        }
        let end = match end {
            None => AskEnd::Stopped,
            Some(Ok(AnswerEnd::Done)) => AskEnd::Done,
            Some(Ok(AnswerEnd::Unfinished)) => AskEnd::Unfinished,
            Some(Ok(AnswerEnd::Empty)) => AskEnd::Failed("The answer was empty".to_owned()),
            Some(Ok(AnswerEnd::Failed(why))) | Some(Err(why)) => AskEnd::Failed(why),
        };
        self.ended(end, outbox);
    }

    pub(super) fn failed(&self, why: &str, outbox: &Outbox) {
        self.ended(AskEnd::Failed(why.to_owned()), outbox);
    }

    fn ended(&self, end: AskEnd, outbox: &Outbox) {
        outbox.tell(ChatNews::Ended { question: self.question, answer: self.answer, end });
    }

    async fn exchange(
        &self,
        client: &Client,
        path: &str,
        answer: &mut AnswerProgress<'_>,
    ) -> Result<AnswerEnd, String> {
        let body = json!({ "prompt": self.prompt });
        let body = client
            .stream(Method::POST, path, Some(&body), BodyOptions::default())
            .await
            .map_err(|err| words(&err))?;
        answer.outbox.tell(ChatNews::Taken { question: self.question });
        answer.read(body).await
    }
}

struct AnswerProgress<'a> {
    id: MessageId,
    outbox: &'a Outbox,
    reader: AnswerReader,
    /// Text that was read and not reported yet.
    text: String,
    /// Time at which `text` is to be reported.
    due: Option<Instant>,
    told_at: Option<Instant>,
}

impl AnswerProgress<'_> {
    async fn read(&mut self, mut body: BodyStream) -> Result<AnswerEnd, String> {
        loop {
            let next = tokio::select! {
                next = body.next() => next.map_err(|err| words(&err))?,
                () = until(self.due) => {
                    self.tell();
                    continue;
                }
            };
            let Some(bytes) = next else {
                return Ok(self.reader.finish(&mut self.text));
            };
            let end = self.reader.push(&bytes, &mut self.text);
            if let Some(end) = end.map_err(|err| err.to_string())? {
                return Ok(end);
            }
            if self.due.is_none() && !self.text.is_empty() {
                // The first text is reported at once.
                let now = Instant::now();
                self.due = Some(self.told_at.map_or(now, |at| (at + BUNCH).max(now)));
            }
        }
    }

    fn tell(&mut self) {
        self.due = None;
        if self.text.is_empty() {
            return;
        }
        self.told_at = Some(Instant::now());
        self.outbox.tell(ChatNews::Text { answer: self.id, text: std::mem::take(&mut self.text) });
    }
}

/// Returns one plain sentence with the next step.
pub(super) fn words(err: &NetError) -> String {
    match err {
        NetError::Refused { status: 401 | 403, .. } => {
            format!("The service refused the key, check it and connect again: {err}")
        }
        NetError::Refused { status: 404, .. } => {
            format!("The service does not know this: {err}")
        }
        NetError::Busy { retry_after: Some(wait), .. } => {
            format!("{err}; try again in {} s", wait.as_secs().max(1))
        }
        _ if err.is_retryable() => format!("{err}; try again"),
        _ => err.to_string(),
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
