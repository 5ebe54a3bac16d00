//! Asks for pictures one by one while somebody looks.

use std::future::pending;
use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::sleep;

use super::calls::SessionCalls;
use crate::base::text::one_line;
use crate::model::{EncodedFrame, EventKind, ImageFormat, SessionEvent};
use crate::net::NetError;
use crate::protocol::cobrowse::{CALL_LIMIT_MS, Dialect, rpc_result, snapshot};
use crate::protocol::computers::{error_words, path_segment};
use crate::protocol::media::name_of;
use crate::session::{Attention, SessionSink};

/// Wait after a snapshot that failed.
const RETRY: Duration = Duration::from_secs(5);

/// Reason for a missing picture.
enum Missing {
    /// The service refused the picture, while the session itself may be well. `why` is one plain sentence.
    Refused { why: String, retry_after: Option<Duration> },
    /// The service does not answer.
    Lost(NetError),
}

impl From<NetError> for Missing {
    /// Takes any answer of the service as being about the picture only. Whether the session lives is decided by its
    /// description.
    fn from(err: NetError) -> Self {
        match err {
            NetError::Unreachable(_) | NetError::Lost(_) => Self::Lost(err),
            _ => Self::Refused { why: err.to_string(), retry_after: err.retry_after() },
        }
    }
}

fn refused(why: impl Into<String>) -> Missing {
    Missing::Refused { why: why.into(), retry_after: None }
}

/// Takes snapshots while somebody looks. A failure is logged once until a snapshot succeeds. Returns when the service
/// does not answer.
pub(super) async fn watch(
    calls: &SessionCalls,
    sink: &SessionSink,
    mut attention: watch::Receiver<Attention>,
    period: Duration,
) -> NetError {
    let mut has_told = false;
    loop {
        if attention.wait_for(|now| now.is_visible()).await.is_err() {
            // The window's end is gone, so the session is being closed.
            return pending().await;
        }
        let began = Instant::now();
        match take(calls, sink).await {
            Ok(frame) => {
                has_told = false;
                sink.frame(frame);
                sleep(period.saturating_sub(began.elapsed())).await;
            }
            Err(Missing::Refused { why, retry_after }) => {
                if !std::mem::replace(&mut has_told, true) {
                    let text = format!("No picture: {}", one_line(&why, 300));
                    sink.event(SessionEvent::ours(EventKind::Snapshot, text));
                }
                sleep(RETRY.max(period).max(retry_after.unwrap_or_default())).await;
            }
            Err(Missing::Lost(err)) => return err,
        }
    }
}

async fn take(calls: &SessionCalls, sink: &SessionSink) -> Result<EncodedFrame, Missing> {
    let frame = match calls.dialect {
        Dialect::Webfuse => {
            let body = json!({ "method": "take_gui_snapshot", "parameters": {}, "timeout": CALL_LIMIT_MS });
            let answer = calls.call(sink, Some(&body)).await?;
            snapshot(rpc_result(&answer).map_err(refused)?, Instant::now())
        }
        Dialect::Surfly => {
            let session = format!("sessions/{}/screenshots", path_segment(&calls.id));
            let create = format!("{session}/create/");
            calls.client.json(Method::POST, &create, None).await?;
            let latest = format!("{session}/latest/");
            let answer = calls.client.json(Method::GET, &latest, None).await?;
            sink.heard(answer.to_string().len());
            if let Some(why) = error_words(&answer) {
                return Err(refused(why));
            }
            match linked(calls, &answer).await? {
                Some(frame) => frame,
                None => snapshot(&answer, Instant::now()),
            }
        }
    };
    frame.map_err(|what| {
        sink.unread_frame(&format!("what the service gives is {what}"));
        refused(format!("The answer holds no picture: it is {what}"))
    })
}

/// Fetches a picture that the answer only points to. The client asks no server in this computer's network for it but the
/// service itself.
///
/// Returns `None` where the answer points to none; the inner error names what lies there in its place.
async fn linked(
    calls: &SessionCalls,
    answer: &Value,
) -> Result<Option<Result<EncodedFrame, String>>, Missing> {
    let link = ["url", "screenshot_url", "link"].iter().find_map(|key| answer[*key].as_str());
    let Some(link) = link else { return Ok(None) };
    let url = calls
        .client
        .base()
        .join(link)
        .map_err(|err| refused(format!("The answer points to no picture: {err}")))?;
    let data = calls.client.bytes(url.as_str()).await?;
    Ok(Some(match ImageFormat::sniff(&data) {
        Some(format) => Ok(EncodedFrame::bare(format, data, Instant::now())),
        None => Err(name_of(&data)),
    }))
}
