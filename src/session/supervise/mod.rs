//! Runs a backend for as long as its session is open, and handles its status, retries, panics and close.

mod policy;

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::policy::{Policy, Verdict};
use super::attention::Attention;
use super::control;
use super::inbox::Inbox;
use super::io::{BackendIo, SessionSink};
use super::objects::ObjectTracker;
use super::silence;
use super::{Backend, SessionError, SessionHandle};
use crate::base::text::one_line;
use crate::base::{Backoff, Mailbox, Wake};
use crate::model::{ObjectWatch, SessionEvent, Status, Traffic};
use crate::recording::Tap;
use crate::video::{DecodePool, StreamStats};

/// Time that a stream may be silent until its heartbeat is known.
const SILENCE_LIMIT: Duration = Duration::from_secs(45);
/// Time for a backend to release held keys and to return, once it is cancelled.
const CLOSE_LIMIT: Duration = Duration::from_millis(500);

/// Choices with which a session starts.
#[derive(Clone, Copy, Debug)]
pub struct OpenOptions {
    /// How closely the user looks at the picture at the start.
    pub attention: Attention,
    /// Whether the user chose to keep the session from its idle end.
    pub keep_alive: bool,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { attention: Attention::Focus, keep_alive: false }
    }
}

/// Opens a session. `backend` runs on `rt`, under `tracker`, until the handle is dropped.
pub fn open(
    rt: &Handle,
    tracker: &TaskTracker,
    backend: impl Backend,
    decode: &DecodePool,
    wake: Wake,
    options: OpenOptions,
) -> SessionHandle {
    let frames = Arc::new(Mailbox::default());
    let decoded = Arc::new(Mailbox::default());
    let stats = Arc::new(StreamStats::default());
    let inbox = Arc::new(Inbox::default());
    let (status, status_seen) = watch::channel(Status::Connecting { attempt: 0 });
    let (traffic, traffic_seen) =
        watch::channel(Traffic { silence_limit: SILENCE_LIMIT, ..Traffic::default() });
    let request = decode.stream(
        frames.clone(),
        decoded.clone(),
        stats.clone(),
        traffic.clone(),
        wake.clone(),
    );
    request.set_max_rate(options.attention.max_rate());
    request.set_visible(options.attention.is_visible());
    let (attention, attention_seen) = watch::channel(options.attention);
    let (fit, fit_seen) = watch::channel(None);
    let (requests, requests_wanted) = watch::channel(false);
    let (keep_alive, keep_alive_seen) = watch::channel(options.keep_alive.then(Instant::now));
    let (objects, objects_wanted) = watch::channel(ObjectWatch::default());
    let (last_user_action, last_user_action_seen) = watch::channel(Instant::now());
    let (sender, receiver) = control::queue();
    let reconnect = Arc::new(Notify::new());
    let cancel = CancellationToken::new();
    let tap = Arc::new(Tap::default());
    let sink = SessionSink {
        frames,
        decode: request.clone(),
        inbox: inbox.clone(),
        traffic,
        status,
        stats: stats.clone(),
        objects: Arc::new(Mutex::new(ObjectTracker::new(objects_wanted))),
        tap: tap.clone(),
        wake: wake.clone(),
    };
    let io = BackendIo {
        sink,
        control: receiver,
        cancel: cancel.clone(),
        attention: attention_seen,
        fit: fit_seen,
        requests: requests_wanted,
        keep_alive: keep_alive_seen,
        last_user_action: last_user_action_seen,
    };
    let silence = silence::watch(traffic_seen.clone(), wake);
    tracker.spawn_on(cancel.clone().run_until_cancelled_owned(silence), rt);
    tracker.spawn_on(supervise(backend, io, reconnect.clone()), rt);
    SessionHandle {
        status: status_seen,
        traffic: traffic_seen,
        inbox,
        decoded,
        decode: request,
        stats,
        control: sender,
        attention,
        fit,
        requests,
        keep_alive,
        objects,
        last_user_action,
        reconnect,
        tap,
        cancel,
    }
}

/// End of one run of the backend.
enum RunEnd {
    Closed,
    /// The user wants a new connection, whatever became of this one.
    Asked,
    Failed(SessionError),
    Panicked(String),
}

async fn supervise(mut backend: impl Backend, mut io: BackendIo, reconnect: Arc<Notify>) {
    let mut policy = Policy::default();
    loop {
        io.sink.status(Status::Connecting { attempt: policy.backoff.attempt() });
        let end = run_once(&mut backend, &mut io, &reconnect).await;
        let verdict = match end {
            RunEnd::Closed => return,
            RunEnd::Asked => continue,
            RunEnd::Failed(error) => policy.after_error(error, jitter()),
            RunEnd::Panicked(message) => {
                tracing::error!("The backend of a session panicked: {message}");
                policy.after_panic(&message, Instant::now(), jitter())
            }
        };
        if policy.is_news(&verdict) {
            io.sink.event(SessionEvent::ours(verdict.kind(), verdict.why()));
        }
        let wait_over = announce(&io.sink, verdict, policy.backoff.attempt());
        tokio::select! {
            () = io.cancel.cancelled() => return,
            () = reconnect.notified() => policy.backoff = Backoff::default(),
            () = wait_over => (),
        }
    }
}

async fn run_once(backend: &mut impl Backend, io: &mut BackendIo, reconnect: &Notify) -> RunEnd {
    let cancel = io.cancel.clone();
    let run = AssertUnwindSafe(async { backend.run(io).await }).catch_unwind();
    let overdue = async {
        cancel.cancelled().await;
        sleep(CLOSE_LIMIT).await;
    };
    tokio::select! {
        end = run => match end {
            _ if cancel.is_cancelled() => RunEnd::Closed,
            Ok(Ok(())) => RunEnd::Failed(SessionError::Over("The session is over".to_owned())),
            Ok(Err(error)) => RunEnd::Failed(error),
            Err(panic) => RunEnd::Panicked(panic_message(panic.as_ref())),
        },
        () = reconnect.notified() => RunEnd::Asked,
        () = overdue => RunEnd::Closed,
    }
}

/// Shows the verdict as status. The returned future ends when it is time to try again, if ever.
fn announce(
    sink: &SessionSink,
    verdict: Verdict,
    attempt: u32,
) -> impl Future<Output = ()> + use<> {
    let retry_at = match verdict {
        Verdict::Retry { after, why } => {
            let retry_at = tokio::time::Instant::now() + after;
            sink.status(Status::Reconnecting { attempt, retry_at: retry_at.into_std(), why });
            Some(retry_at)
        }
        Verdict::End { why, over } => {
            sink.status(Status::Ended { why, over });
            None
        }
    };
    async move {
        match retry_at {
            Some(at) => sleep_until(at).await,
            None => std::future::pending().await,
        }
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let said = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    one_line(said.unwrap_or("no reason was given"), 300)
}

/// Returns a random number in 0..1, or the middle where the system has no randomness.
fn jitter() -> f64 {
    getrandom::u32().map_or(0.5, |n| f64::from(n) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::BoxFuture;

    use super::*;
    use crate::model::{
        Area, Detection, DetectionRule, EncodedFrame, EventKind, FrameRect, ImageFormat,
        SessionView,
    };

    fn lost() -> SessionError {
        SessionError::Lost {
            what: "gone".to_owned(),
            retry_after: None,
            healthy_for: Duration::ZERO,
            key_refused: false,
        }
    }

    /// A backend that does on its n-th run what the n-th step of the script says.
    struct Scripted {
        runs: Arc<AtomicUsize>,
        script: fn(usize, &mut BackendIo) -> Result<(), SessionError>,
    }

    impl Backend for Scripted {
        fn run<'a>(&'a mut self, io: &'a mut BackendIo) -> BoxFuture<'a, Result<(), SessionError>> {
            Box::pin(async move {
                let run = self.runs.fetch_add(1, Ordering::SeqCst);
                (self.script)(run, io)?;
                io.sink.connected();
                io.cancel.cancelled().await;
                Ok(())
            })
        }
    }

    struct Opened {
        handle: SessionHandle,
        runs: Arc<AtomicUsize>,
        tracker: TaskTracker,
        _decode: DecodePool,
    }

    fn start(script: fn(usize, &mut BackendIo) -> Result<(), SessionError>) -> Opened {
        let decode = DecodePool::new(1).unwrap();
        let runs = Arc::new(AtomicUsize::new(0));
        let tracker = TaskTracker::new();
        let backend = Scripted { runs: runs.clone(), script };
        let handle = open(
            &Handle::current(),
            &tracker,
            backend,
            &decode,
            Wake::none(),
            OpenOptions::default(),
        );
        Opened { handle, runs, tracker, _decode: decode }
    }

    impl Opened {
        async fn status(&mut self, is_wanted: impl FnMut(&Status) -> bool) -> Status {
            let wanted = self.handle.status.wait_for(is_wanted);
            let status =
                tokio::time::timeout(Duration::from_secs(10), wanted).await.expect("in time");
            status.expect("the supervisor runs").clone()
        }

        fn runs(&self) -> usize {
            self.runs.load(Ordering::SeqCst)
        }

        async fn close(self) {
            drop(self.handle);
            self.tracker.close();
            tokio::time::timeout(Duration::from_secs(5), self.tracker.wait())
                .await
                .expect("it closes in time");
        }
    }

    #[tokio::test]
    async fn a_lost_connection_is_tried_again_and_told_once() {
        let mut session = start(|run, _| if run < 2 { Err(lost()) } else { Ok(()) });
        session.status(|status| *status == Status::Connected).await;
        assert_eq!(session.runs(), 3);
        assert_eq!(session.handle.drain().len(), 1);
        session.close().await;
    }

    #[tokio::test]
    async fn objects_are_followed_where_nobody_looks() {
        let script = |_, io: &mut BackendIo| {
            let start = Instant::now();
            for n in 0..5 {
                io.sink.frame(EncodedFrame {
                    format: ImageFormat::Jpeg,
                    data: Default::default(),
                    viewport: None,
                    captured_at: None,
                    received_at: start + Duration::from_millis(40) * n,
                    detections: [Detection {
                        class: "person".into(),
                        confidence: 0.9,
                        area: Area::Pixels(FrameRect::default()),
                    }]
                    .into(),
                });
            }
            Ok(())
        };
        let mut session = start(script);
        session.handle.set_attention(Attention::Hidden);
        session.handle.set_object_watch(ObjectWatch {
            log_changes: true,
            rules: vec![DetectionRule { class: "person".to_owned(), ..DetectionRule::default() }],
            ..ObjectWatch::default()
        });
        session.status(|status| *status == Status::Connected).await;
        let mut view = SessionView::default();
        for update in session.handle.drain() {
            view.apply(update);
        }
        let kinds: Vec<_> = view.log.rows().map(|row| row.event.kind).collect();
        assert_eq!(kinds, [EventKind::ObjectAppeared, EventKind::ObjectAlert]);
        assert_eq!(view.news.len(), 1);
        session.close().await;
    }

    #[tokio::test]
    async fn an_ended_session_waits_for_the_user() {
        let script = |run, _: &mut BackendIo| {
            if run == 0 { Err(SessionError::Over("over".to_owned())) } else { Ok(()) }
        };
        let mut session = start(script);
        let ended = Status::Ended { why: "over".to_owned(), over: true };
        session.status(|status| *status == ended).await;
        assert_eq!(session.runs(), 1);
        session.handle.reconnect_now();
        session.status(|status| *status == Status::Connected).await;
        assert_eq!(session.runs(), 2);
        session.handle.reconnect_now();
        let runs = session.runs.clone();
        let is_anew =
            |status: &Status| *status == Status::Connected && runs.load(Ordering::SeqCst) == 3;
        session.status(is_anew).await;
        session.close().await;
    }

    #[tokio::test]
    async fn a_panic_ends_the_run_and_not_the_session() {
        let mut session = start(|run, _| if run == 0 { panic!("planted") } else { Ok(()) });
        session.status(|status| *status == Status::Connected).await;
        let rows = session.handle.drain();
        assert!(format!("{rows:?}").contains("planted"), "{rows:?}");
        session.close().await;
    }
}
