//! Prints a session's events as JSON lines, in the form of a saved log.

use std::io::{self, Write};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep, timeout_at};

use super::super::print::say;
use super::patience::{Patience, jitter};
use crate::model::log::{Log, write_json_lines};
use crate::net::{NetError, SseItem};
use crate::protocol::computers;
use crate::session::Service;

/// So many rows are kept, so that an answer finds its request. Rows that were printed are not needed for anything
/// else.
const REMEMBERED_ROWS: usize = 4096;
const REMEMBERED_BYTES: usize = 16 << 20;

/// What has been told is over once the stream is quiet for so long: a history comes in one go.
const QUIET: Duration = Duration::from_secs(1);
/// A stream that is never quiet is left after so long where only its history is asked for.
const LONGEST_HISTORY: Duration = Duration::from_secs(10);

/// What is to be printed of a session.
pub(super) struct Excerpt {
    /// The output begins after the event with this id. It begins with what happens next where this is `None`.
    pub(super) since: Option<String>,
    /// Whether it goes on with what happens.
    pub(super) follow: bool,
}

/// Prints the session's events until the server gives a final answer, which is returned; or until its history is told,
/// where nothing else is asked for.
pub(super) async fn tail_session(
    service: &dyn Service,
    id: &str,
    what: Excerpt,
    out: &mut (dyn Write + Send),
) -> io::Result<Option<NetError>> {
    let mut patience = Patience::default();
    let mut log = Log::with_limits(REMEMBERED_ROWS, REMEMBERED_BYTES);
    let mut last_event_id = what.since;
    let mut is_connected = false;
    let mut history = ToldHistory::default();
    loop {
        patience.begin();
        let mut stream = match service.events(id, last_event_id.take()) {
            Ok(stream) => stream,
            Err(why) => return Ok(Some(why)),
        };
        let why = loop {
            let item = match history.end() {
                Some(end) if !what.follow => match timeout_at(end, stream.next()).await {
                    Ok(item) => item,
                    Err(_elapsed) => return Ok(None),
                },
                _ => stream.next().await,
            };
            match item {
                Ok(SseItem::Event { kind, data, id }) => {
                    print(&mut log, &kind, &data, &id, out)?;
                    history.told(Instant::now());
                }
                Ok(SseItem::Heard(_)) => patience.heard(Instant::now()),
                Ok(SseItem::Retry(delay)) => patience.server_asks(delay),
                Ok(SseItem::Open) => {
                    if what.follow {
                        say_connected(&mut is_connected);
                    }
                    history.told(Instant::now());
                }
                Ok(SseItem::IdleLimit(_)) => (),
                Err(why) => break why,
            }
        };
        if patience.is_over(&why) {
            return Ok(Some(why));
        }
        tracing::warn!("{why}");
        last_event_id = stream.sendable_id().map(str::to_owned);
        drop(stream);
        sleep(patience.delay_after(&why, jitter())).await;
    }
}

/// How long the history of a session may still go on.
#[derive(Debug, Default)]
struct ToldHistory {
    began: Option<Instant>,
    last: Option<Instant>,
}

impl ToldHistory {
    /// Notes that the stream opened or told something.
    fn told(&mut self, now: Instant) {
        self.began.get_or_insert(now);
        self.last = Some(now);
    }

    /// Returns when the history is over if nothing more comes; `None` before the stream has opened.
    fn end(&self) -> Option<Instant> {
        Some((self.last? + QUIET).min(self.began? + LONGEST_HISTORY))
    }
}

/// Says that the session is being followed, because it may be quiet for long. Only the events are on standard output.
fn say_connected(was: &mut bool) {
    match std::mem::replace(was, true) {
        false => say("helmsight: connected; events are printed as they come"),
        true => say("helmsight: connected again"),
    }
}

fn print(
    log: &mut Log,
    kind: &str,
    data: &str,
    id: &str,
    out: &mut (dyn Write + Send),
) -> io::Result<()> {
    let before = log.seqs().end;
    log.push(computers::event_news(kind, data, id, Timestamp::now()).event);
    let mut line = Vec::new();
    write_json_lines(log.rows_from(before), &mut line)?;
    out.write_all(&line)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::scripted::{Scripted, Step, stream_head};
    use crate::net::{Auth, Client};
    use crate::session::ComputersService;

    /// Tails the history, and returns the texts of the lines and the head of the request.
    async fn history(since: Option<&str>) -> (Vec<String>, String) {
        let events = b"id: 1\ndata: {\"type\":\"console\",\"text\":\"a\"}\n\n\
            id: 2\ndata: {\"type\":\"console\",\"text\":\"half \\ud83d\"}\n\n";
        let steps = vec![stream_head(), Step::Send(events.to_vec()), Step::Hold];
        let server = Scripted::always(steps).await;
        let client = Client::new(server.url.clone(), Auth::none()).unwrap();
        let what = Excerpt { since: since.map(str::to_owned), follow: false };
        let mut out = Vec::new();
        let service = ComputersService::new(client);
        let closed = tail_session(&service, "c1", what, &mut out).await.unwrap();
        assert_eq!(closed, None, "the stream goes on, and nobody waits for it");
        let lines = String::from_utf8(out).unwrap();
        let text = |line: &str| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["text"].as_str().unwrap().to_owned()
        };
        (lines.lines().map(text).collect(), server.heads().concat())
    }

    #[tokio::test]
    async fn a_history_is_printed_from_where_it_is_asked_for() {
        for (since, header) in [
            (Some("0"), Some("last-event-id: 0\r\n")),
            (Some("41"), Some("last-event-id: 41\r\n")),
            (None, None),
        ] {
            let (texts, head) = history(since).await;
            assert_eq!(texts, ["a", "half \u{FFFD}"]);
            assert_eq!(head.contains("last-event-id"), header.is_some(), "{head}");
            assert!(header.is_none_or(|header| head.contains(header)), "{head}");
        }
    }
}
