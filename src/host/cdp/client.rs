//! Sends calls over the browser's pipe, and receives answers, events and pictures.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::Simd;
use base64::engine::general_purpose::PAD;
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::calls::PendingCalls;
use super::error::CallError;
use super::framing::MessageReader;
use super::message::{CdpEvent, Envelope, FrameWords};
use super::reply::Reply;
use crate::base::json;

/// So many calls may be on their way to the browser. One that takes none for so long hangs.
const OUTGOING: usize = 4096;
/// So many events may be on their way to the driver. When there are more, the pipe waits: no event is lost.
const EVENTS: usize = 1024;

pub(crate) static BASE64: LazyLock<Simd> = LazyLock::new(|| Simd::standard(PAD));

/// One picture of a screencast, as the browser sent it.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The compressed picture.
    pub data: Bytes,
    /// The page's width in CSS pixels.
    pub width: u32,
    /// The page's height in CSS pixels.
    pub height: u32,
    /// The time of the picture, in Unix seconds. A clock that is set back makes newer pictures look older.
    pub timestamp: Option<f64>,
    /// The time of the picture in seconds of a clock that is never set. Older browsers do not tell it.
    pub monotonic: Option<f64>,
}

/// Takes pictures. It is called in the reader's own task, and so it must not wait.
pub type FrameSink = Arc<dyn Fn(Frame) + Send + Sync>;

/// A connection to a browser. It is cheap to clone; calls go out in the order in which they are made.
#[derive(Clone)]
pub struct CdpClient(Arc<CdpConnection>);

struct CdpConnection {
    next_id: AtomicU64,
    outgoing: mpsc::Sender<Vec<u8>>,
    calls: Arc<PendingCalls>,
    frames: Mutex<HashMap<String, FrameSink>>,
    closed: CancellationToken,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OutgoingCall<'a, P> {
    id: u64,
    method: &'a str,
    params: P,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
}

impl CdpClient {
    /// Starts reading and writing. Events for which `wants` is false are dropped unread. The receiver ends when the
    /// connection does.
    pub fn start(
        messages: impl AsyncRead + Send + Unpin + 'static,
        commands: impl AsyncWrite + Send + Unpin + 'static,
        wants: fn(&str) -> bool,
        tracker: &TaskTracker,
    ) -> (Self, mpsc::Receiver<CdpEvent>) {
        let (outgoing, to_write) = mpsc::channel(OUTGOING);
        let (events, to_driver) = mpsc::channel(EVENTS);
        let connection = Arc::new(CdpConnection {
            next_id: AtomicU64::new(1),
            outgoing,
            calls: Arc::default(),
            frames: Mutex::default(),
            closed: CancellationToken::new(),
        });
        tracker.spawn(write(commands, to_write, connection.closed.clone()));
        tracker.spawn(read(MessageReader::new(messages), Self(connection.clone()), wants, events));
        (Self(connection), to_driver)
    }

    /// Sends a call now. The reply may be awaited later, or never.
    pub fn send(
        &self,
        session: Option<&str>,
        method: &str,
        params: impl Serialize,
    ) -> Result<Reply, CallError> {
        let id = self.0.next_id.fetch_add(1, Ordering::Relaxed);
        let mut text =
            serde_json::to_vec(&OutgoingCall { id, method, params, session_id: session })
                .map_err(|_unserializable| CallError::Strange)?;
        text.push(0);
        let reply = Reply::to(id, session, &self.0.calls)?;
        // A reply that is dropped forgets its call, so that a failed send leaves nothing behind.
        match self.0.outgoing.try_send(text) {
            Ok(()) => Ok(reply),
            Err(mpsc::error::TrySendError::Full(_)) => Err(CallError::Full),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(CallError::Closed),
        }
    }

    /// Sends a call and waits for its answer.
    pub async fn call<T: DeserializeOwned>(
        &self,
        session: Option<&str>,
        method: &str,
        params: impl Serialize,
        within: Duration,
    ) -> Result<T, CallError> {
        self.send(session, method, params)?.within(within).await?.read()
    }

    /// Sends a call whose answer nobody needs.
    pub fn tell(&self, session: Option<&str>, method: &str, params: impl Serialize) {
        if let Err(err) = self.send(session, method, params) {
            tracing::debug!(method, %err, "A call to the browser was not sent");
        }
    }

    /// Hands the pictures of `session` to `sink` from now on. Each is acknowledged at once.
    pub fn take_frames(&self, session: &str, sink: FrameSink) {
        self.frames().insert(session.to_owned(), sink);
    }

    /// Lets go of the pictures of `session`.
    pub fn leave_frames(&self, session: &str) {
        self.frames().remove(session);
    }

    /// Fails the calls that wait in a session that ended, because the browser forgets to answer them.
    pub fn session_ended(&self, session: &str) {
        self.0.calls.session_ended(session);
    }

    /// Ends both tasks, and with them every call that waits. Closing the pipe makes the browser quit.
    pub fn close(&self) {
        self.0.closed.cancel();
    }

    fn frames(&self) -> MutexGuard<'_, HashMap<String, FrameSink>> {
        self.0.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, id: u64, envelope: &Envelope<'_>, message: &Bytes) {
        let answer = match &envelope.error {
            Some(error) => {
                Err(CallError::Refused { code: error.code, message: error.message.clone() })
            }
            None => Ok(envelope.result.map_or_else(
                || Bytes::from_static(b"{}"),
                |raw| message.slice_ref(raw.get().as_bytes()),
            )),
        };
        self.0.calls.answer(id, answer);
    }

    fn frame(&self, envelope: &Envelope<'_>) {
        let (Some(session), Some(params)) = (envelope.session.as_deref(), envelope.params) else {
            return;
        };
        let Ok(words) = serde_json::from_str::<FrameWords<'_>>(params.get()) else {
            return;
        };
        self.tell(
            Some(session),
            "Page.screencastFrameAck",
            json!({ "sessionId": words.session_id }),
        );
        let Some(sink) = self.frames().get(session).cloned() else {
            return;
        };
        let Ok(data) = BASE64.decode(words.data.as_bytes()) else {
            return;
        };
        let pixels = |size: f64| size.round().clamp(0.0, 65_535.0) as u32;
        sink(Frame {
            data: data.into(),
            width: pixels(words.metadata.device_width),
            height: pixels(words.metadata.device_height),
            timestamp: words.metadata.timestamp,
            monotonic: words.metadata.monotonic_timestamp,
        });
    }

    fn closed(&self) {
        self.0.closed.cancel();
        self.0.calls.close();
        self.frames().clear();
    }
}

async fn write(
    mut commands: impl AsyncWrite + Unpin,
    mut to_write: mpsc::Receiver<Vec<u8>>,
    closed: CancellationToken,
) {
    let writing = async {
        while let Some(text) = to_write.recv().await {
            if commands.write_all(&text).await.is_err() {
                break;
            }
        }
    };
    // Returning drops this end of the pipe.
    closed.run_until_cancelled(writing).await;
}

async fn read(
    mut messages: MessageReader<impl AsyncRead + Unpin>,
    client: CdpClient,
    wants: fn(&str) -> bool,
    events: mpsc::Sender<CdpEvent>,
) {
    let closed = client.0.closed.clone();
    let reading = async {
        while let Ok(Some(message)) = messages.next().await {
            let mended: Bytes;
            let read = match serde_json::from_slice::<Envelope<'_>>(&message) {
                Ok(envelope) => Ok((envelope, &message)),
                Err(_odd) => {
                    mended = json::mended(&String::from_utf8_lossy(&message)).into();
                    serde_json::from_slice(&mended).map(|envelope| (envelope, &mended))
                }
            };
            let Ok((envelope, message)) = read else {
                tracing::debug!(
                    bytes = message.len(),
                    "A message of the browser is not understood"
                );
                continue;
            };
            match (envelope.id, envelope.method.as_deref()) {
                (Some(id), _) => client.answer(id, &envelope, message),
                (None, Some("Page.screencastFrame")) => client.frame(&envelope),
                (None, Some(method)) if wants(method) => {
                    let Some(event) = envelope.event(message) else {
                        continue;
                    };
                    if events.send(event).await.is_err() {
                        break;
                    }
                }
                (None, _) => {}
            }
        }
    };
    closed.run_until_cancelled(reading).await;
    client.closed();
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use tokio::io::{AsyncReadExt as _, DuplexStream};

    use super::*;

    const SOON: Duration = Duration::from_secs(5);

    struct Browser {
        commands: MessageReader<DuplexStream>,
        messages: DuplexStream,
    }

    impl Browser {
        async fn hear(&mut self) -> Value {
            let message = tokio::time::timeout(SOON, self.commands.next())
                .await
                .expect("a call")
                .unwrap()
                .expect("a call");
            serde_json::from_slice(&message).unwrap()
        }

        async fn say(&mut self, message: Value) {
            let mut text = message.to_string().into_bytes();
            text.push(0);
            self.messages.write_all(&text).await.unwrap();
        }
    }

    fn connected() -> (CdpClient, mpsc::Receiver<CdpEvent>, Browser) {
        let (messages, browsers_messages) = tokio::io::duplex(1 << 16);
        let (commands, browsers_commands) = tokio::io::duplex(1 << 16);
        let (client, events) = CdpClient::start(
            messages,
            commands,
            |method| method != "Page.noise",
            &TaskTracker::new(),
        );
        (
            client,
            events,
            Browser {
                commands: MessageReader::new(browsers_commands),
                messages: browsers_messages,
            },
        )
    }

    #[tokio::test]
    async fn answers_find_their_calls_in_any_order() {
        let (client, _events, mut browser) = connected();
        let first = client.send(None, "A.a", json!({})).unwrap();
        let second = client.send(Some("S"), "B.b", json!({"x": 1})).unwrap();
        assert_eq!(browser.hear().await, json!({"id": 1, "method": "A.a", "params": {}}));
        assert_eq!(
            browser.hear().await,
            json!({"id": 2, "method": "B.b", "params": {"x": 1}, "sessionId": "S"})
        );
        browser.say(json!({"id": 2, "result": {"y": 2}, "sessionId": "S"})).await;
        browser.say(json!({"id": 99, "result": {}})).await;
        browser.say(json!({"id": 1, "error": {"code": -32000, "message": "no"}})).await;
        assert_eq!(second.within(SOON).await.unwrap().read::<Value>().unwrap(), json!({"y": 2}));
        assert!(matches!(first.within(SOON).await, Err(CallError::Refused { code: -32000, .. })));
    }

    #[tokio::test]
    async fn half_a_surrogate_pair_costs_no_answer_and_no_event() {
        let (client, mut events, mut browser) = connected();
        let title = client.send(Some("S"), "A.title", json!({})).unwrap();
        let refused = client.send(Some("S"), "A.refused", json!({})).unwrap();
        for message in [
            r#"{"id":1,"result":{"title":"t \ud83d"}}"#,
            r#"{"id":2,"error":{"code":-1,"message":"no \ude00"}}"#,
            r#"{"method":"Page.said","params":{"text":"half \ud83d"},"sessionId":"S"}"#,
        ] {
            browser.messages.write_all(message.as_bytes()).await.unwrap();
            browser.messages.write_all(&[0]).await.unwrap();
        }
        let title = title.within(SOON).await.unwrap().read::<Value>().unwrap();
        assert_eq!(title, json!({"title": "t \u{FFFD}"}));
        let Err(CallError::Refused { message, .. }) = refused.within(SOON).await else {
            panic!("it is refused");
        };
        assert_eq!(message, "no \u{FFFD}");
        let event = tokio::time::timeout(SOON, events.recv()).await.unwrap().unwrap();
        assert_eq!(event.params::<Value>().unwrap(), json!({"text": "half \u{FFFD}"}));
    }

    #[tokio::test]
    async fn a_late_answer_is_an_error_and_leaves_nothing_behind() {
        let (client, _events, _browser) = connected();
        let late = client.call::<Value>(None, "A.a", json!({}), Duration::from_millis(1)).await;
        assert!(matches!(late, Err(CallError::Late(_))));
        assert!(client.0.calls.is_empty());
    }

    #[tokio::test]
    async fn events_keep_their_order_and_pictures_pass_them_by() {
        let (client, mut events, mut browser) = connected();
        let pictures = Arc::new(Mutex::new(Vec::new()));
        let sink = pictures.clone();
        client.take_frames("S", Arc::new(move |frame: Frame| sink.lock().unwrap().push(frame)));
        for n in 0..3 {
            browser.say(json!({"method": "Page.noise", "params": {}})).await;
            browser
                .say(json!({"method": "Page.event", "params": {"n": n}, "sessionId": "S"}))
                .await;
        }
        let frame = json!({"data": "AQID", "sessionId": 4, "metadata": {"deviceWidth": 8, "deviceHeight": 6, "timestamp": 1.5, "monotonicTimestamp": 7.5}});
        browser
            .say(json!({"method": "Page.screencastFrame", "params": frame, "sessionId": "S"}))
            .await;
        // The acknowledgement comes although nobody has read an event yet.
        assert_eq!(browser.hear().await["params"], json!({"sessionId": 4}));
        for n in 0..3 {
            let event = events.recv().await.unwrap();
            assert_eq!(
                (event.session.as_deref(), event.params::<Value>().unwrap()),
                (Some("S"), json!({"n": n}))
            );
        }
        let pictures = pictures.lock().unwrap();
        assert_eq!(
            (&*pictures[0].data, pictures[0].width, pictures[0].timestamp, pictures[0].monotonic),
            (&[1, 2, 3][..], 8, Some(1.5), Some(7.5))
        );
    }

    #[tokio::test]
    async fn the_end_of_a_session_ends_its_calls_and_no_others() {
        let (client, _events, mut browser) = connected();
        let gone = client.send(Some("S"), "A.a", json!({})).unwrap();
        let stays = client.send(Some("T"), "A.a", json!({})).unwrap();
        client.session_ended("S");
        assert!(matches!(gone.within(SOON).await, Err(CallError::Gone)));
        browser.say(json!({"id": 2, "result": {}})).await;
        assert!(stays.within(SOON).await.is_ok());
    }

    #[tokio::test]
    async fn the_end_of_the_browser_ends_what_waits() {
        let (client, mut events, browser) = connected();
        let waits = client.send(None, "A.a", json!({})).unwrap();
        drop(browser);
        assert!(matches!(waits.within(SOON).await, Err(CallError::Closed)));
        assert!(events.recv().await.is_none());
        assert!(matches!(client.send(None, "A.a", json!({})), Err(CallError::Closed)));
    }

    #[tokio::test]
    async fn closing_drops_the_pipe() {
        let (client, _events, mut browser) = connected();
        client.close();
        let mut rest = Vec::new();
        tokio::time::timeout(SOON, browser.messages.read_to_end(&mut rest))
            .await
            .expect("the end")
            .unwrap();
        assert!(
            tokio::time::timeout(SOON, browser.commands.next())
                .await
                .expect("the end")
                .unwrap()
                .is_none()
        );
    }
}
