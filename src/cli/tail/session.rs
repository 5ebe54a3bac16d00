//! Prints a session's events as JSON lines, in the form of a saved log.

use std::io::{self, IsTerminal as _, Write};

use jiff::Timestamp;
use tokio::time::{Instant, sleep};

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

/// Follows the session until the server gives a final answer, and returns that.
pub(super) async fn tail_session(
    service: &dyn Service,
    id: &str,
    out: &mut (dyn Write + Send),
) -> io::Result<NetError> {
    let mut patience = Patience::default();
    let mut log = Log::with_limits(REMEMBERED_ROWS, REMEMBERED_BYTES);
    let mut last_event_id = None;
    let mut is_connected = false;
    loop {
        patience.begin();
        let mut stream = match service.events(id, last_event_id.take()) {
            Ok(stream) => stream,
            Err(why) => return Ok(why),
        };
        let why = loop {
            match stream.next().await {
                Ok(SseItem::Event { kind, data, id }) => print(&mut log, &kind, &data, &id, out)?,
                Ok(SseItem::Heard(_)) => patience.heard(Instant::now()),
                Ok(SseItem::Retry(delay)) => patience.server_asks(delay),
                Ok(SseItem::Open) => say_connected(&mut is_connected),
                Ok(SseItem::IdleLimit(_)) => (),
                Err(why) => break why,
            }
        };
        if !why.is_retryable() {
            return Ok(why);
        }
        tracing::warn!("{why}");
        last_event_id = stream.sendable_id().map(str::to_owned);
        drop(stream);
        sleep(patience.delay_after(&why, jitter())).await;
    }
}

/// Says once that the session is being followed, because it may be quiet for long.
fn say_connected(was: &mut bool) {
    if !std::mem::replace(was, true) && io::stderr().is_terminal() {
        say("helmsight: connected; events are printed as they come");
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
