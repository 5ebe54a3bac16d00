//! This is a session without a browser: it plays a recording of the start page being used, in a loop.

use std::io::Cursor;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt as _, ready};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{
    CastFrame, CastGuard, CastOptions, CastSink, CopiedContent, Driver, DriverError, DriverEvent,
    DriverState, EventSink, ShotFormat, Upload,
};
use crate::host::bundled;
use crate::model::{
    EventKind, FoundText, FramePoint, FrameSize, InputControl, PageControl, PageScript,
    ScriptValue, TextSearch,
};
use crate::protocol::socket::{DialogWords, TabWords};

/// The JPEG pictures one after the other; the timeline has their lengths.
static FRAMES: &[u8] = include_bytes!("../../../assets/sample/frames.mjpeg");
static TIMELINE: &str = include_str!("../../../assets/sample/timeline.jsonl");
const SIZE: FrameSize = FrameSize { width: 1280, height: 720 };
const TAB: &str = "sample";
const REFUSAL: &str = "The sample session plays a recording";
/// This long passes from the last step of the recording to its first.
const REST: Duration = Duration::from_secs(2);

/// Starts a driver that plays the bundled recording until it is closed.
pub fn sample(events: EventSink, tracker: &TaskTracker) -> Arc<dyn Driver> {
    let (state, state_seen) = watch::channel(first_state());
    let (frames, frames_seen) = watch::channel(None);
    let (closing, finished) = (CancellationToken::new(), CancellationToken::new());
    let player = SamplePlayer { steps: steps(TIMELINE, FRAMES), events, state, frames };
    let (stop, done) = (closing.clone(), finished.clone());
    tracker.spawn(async move {
        player.play(stop).await;
        done.cancel();
    });
    Arc::new(SampleDriver {
        state: state_seen,
        frames: frames_seen,
        closing,
        finished,
        tracker: tracker.clone(),
    })
}

struct SampleDriver {
    state: watch::Receiver<DriverState>,
    frames: watch::Receiver<Option<CastFrame>>,
    closing: CancellationToken,
    finished: CancellationToken,
    tracker: TaskTracker,
}

struct SamplePlayer {
    steps: Vec<SampleStep>,
    events: EventSink,
    state: watch::Sender<DriverState>,
    frames: watch::Sender<Option<CastFrame>>,
}

#[derive(Clone, Debug)]
struct SampleStep {
    at: Duration,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Picture(Bytes),
    Event(DriverEvent),
}

/// A line of the timeline that is an event.
#[derive(Deserialize)]
struct TimelineEvent {
    kind: Option<String>,
    #[serde(default)]
    fields: Value,
}

fn steps(timeline: &str, frames: &'static [u8]) -> Vec<SampleStep> {
    let mut steps = Vec::new();
    for line in bundled::steps::<TimelineEvent>(timeline, frames) {
        let TimelineEvent { kind, fields } = line.rest;
        let event = kind.map(|kind| {
            let kind = kind.parse().expect("a test reads every bundled line");
            What::Event(DriverEvent { kind, fields })
        });
        let whats = line.picture.map(What::Picture).into_iter().chain(event);
        steps.extend(whats.map(|what| SampleStep { at: line.at, what }));
    }
    steps
}

fn first_state() -> DriverState {
    let (url, title) = (super::chromium::START_URL.to_owned(), "Welcome to Helmsight".to_owned());
    let tab = TabWords {
        tab_id: TAB.into(),
        url: url.as_str().into(),
        title: title.as_str().into(),
        active: true,
        ..TabWords::default()
    };
    DriverState {
        url,
        title,
        tabs: vec![tab],
        width: SIZE.width,
        height: SIZE.height,
        ..DriverState::default()
    }
}

impl SamplePlayer {
    async fn play(self, stop: CancellationToken) {
        let playing = async {
            loop {
                let start = Instant::now();
                for step in &self.steps {
                    sleep_until(start + step.at).await;
                    self.show(&step.what);
                }
                let last = self.steps.last().map_or(Duration::ZERO, |step| step.at);
                sleep_until(start + last + REST).await;
            }
        };
        stop.run_until_cancelled(playing).await;
        let why = "it was closed";
        self.state.send_modify(|state| state.ended = Some(why.to_owned()));
        (self.events)(DriverEvent {
            kind: EventKind::SessionState,
            fields: json!({ "state": "ended", "reason": why }),
        });
    }

    fn show(&self, what: &What) {
        match what {
            What::Picture(data) => {
                let frame = CastFrame {
                    data: data.clone(),
                    width: SIZE.width,
                    height: SIZE.height,
                    timestamp: now(),
                };
                self.frames.send_replace(Some(frame));
            }
            What::Event(event) => {
                if event.kind == EventKind::Dialog {
                    let open = event.fields["open"].as_bool().unwrap_or_default();
                    let dialog = open
                        .then(|| serde_json::from_value::<DialogWords>(event.fields.clone()).ok())
                        .flatten();
                    self.state.send_modify(|state| state.dialog = dialog);
                }
                (self.events)(event.clone());
            }
        }
    }
}

impl SampleDriver {
    /// Fails once the session is over, and for a tab that does not exist.
    fn check(&self, tab: Option<&str>) -> Result<(), DriverError> {
        if let Some(why) = &self.state.borrow().ended {
            return Err(DriverError::Ended(why.clone()));
        }
        match tab {
            None | Some(TAB) => Ok(()),
            Some(_) => Err(DriverError::BadRequest("the sample session has one tab".to_owned())),
        }
    }

    fn refuse<T: Send + 'static>(
        &self,
        tab: Option<&str>,
    ) -> BoxFuture<'static, Result<T, DriverError>> {
        ready(self.check(tab).and(Err(DriverError::BadRequest(REFUSAL.to_owned())))).boxed()
    }
}

impl Drop for SampleDriver {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

impl Driver for SampleDriver {
    /// Takes any input, because trying mouse and keys on a recording is harmless.
    fn input(
        &self,
        tab: Option<String>,
        _input: InputControl,
    ) -> BoxFuture<'static, Result<(), DriverError>> {
        ready(self.check(tab.as_deref())).boxed()
    }

    fn command(
        &self,
        tab: Option<String>,
        _command: PageControl,
    ) -> BoxFuture<'static, Result<(), DriverError>> {
        self.refuse(tab.as_deref())
    }

    fn release_all(&self) -> BoxFuture<'static, Result<(), DriverError>> {
        ready(self.check(None)).boxed()
    }

    fn screenshot(
        &self,
        tab: Option<String>,
        format: ShotFormat,
    ) -> BoxFuture<'static, Result<Bytes, DriverError>> {
        let checked = self.check(tab.as_deref());
        let mut frames = self.frames.clone();
        async move {
            checked?;
            let frame = frames.wait_for(Option::is_some).await.ok().and_then(|frame| frame.clone());
            let Some(CastFrame { data, .. }) = frame else {
                return Err(DriverError::Ended("it was closed".to_owned()));
            };
            match format {
                ShotFormat::Jpeg { .. } => Ok(data),
                ShotFormat::Png => tokio::task::spawn_blocking(move || to_png(&data))
                    .await
                    .unwrap_or_else(|err| Err(DriverError::Failed(err.to_string()))),
            }
        }
        .boxed()
    }

    fn pdf(&self, tab: Option<String>) -> BoxFuture<'static, Result<Bytes, DriverError>> {
        self.refuse(tab.as_deref())
    }

    fn html(&self, tab: Option<String>) -> BoxFuture<'static, Result<String, DriverError>> {
        self.refuse(tab.as_deref())
    }

    fn run_script(
        &self,
        tab: Option<String>,
        _script: PageScript,
    ) -> BoxFuture<'static, Result<ScriptValue, DriverError>> {
        self.refuse(tab.as_deref())
    }

    fn page_context(&self, tab: Option<String>) -> BoxFuture<'static, Result<Value, DriverError>> {
        let (FrameSize { width, height }, state) = (SIZE, self.state.borrow());
        let context = json!({
            "url": state.url, "title": state.title, "tab_id": TAB, "is_main_tab": true, "device_scale_factor": 1.0,
            "viewport_width": width, "viewport_height": height, "page_width": width, "page_height": height, "scroll_x": 0, "scroll_y": 0,
        });
        drop(state);
        ready(self.check(tab.as_deref()).map(|()| context)).boxed()
    }

    fn new_tab(&self, _url: Option<String>) -> BoxFuture<'static, Result<String, DriverError>> {
        self.refuse(None)
    }

    fn find(
        &self,
        tab: Option<String>,
        _search: TextSearch,
    ) -> BoxFuture<'static, Result<FoundText, DriverError>> {
        self.refuse(tab.as_deref())
    }

    fn set_viewport(
        &self,
        tab: Option<String>,
        _width: u32,
        _height: u32,
        _scale: f64,
    ) -> BoxFuture<'static, Result<(), DriverError>> {
        self.refuse(tab.as_deref())
    }

    fn upload(
        &self,
        tab: Option<String>,
        _file: Upload,
    ) -> BoxFuture<'static, Result<String, DriverError>> {
        self.refuse(tab.as_deref())
    }

    fn drop_files(
        &self,
        tab: Option<String>,
        _files: Vec<Upload>,
        _at: FramePoint,
    ) -> BoxFuture<'static, Result<String, DriverError>> {
        self.refuse(tab.as_deref())
    }

    fn watch_clipboard(&self) -> BoxFuture<'static, Result<(), DriverError>> {
        self.refuse(None)
    }

    fn copied(&self) -> BoxFuture<'static, Result<CopiedContent, DriverError>> {
        self.refuse(None)
    }

    fn clear_clipboard(&self) -> BoxFuture<'static, Result<(), DriverError>> {
        self.refuse(None)
    }

    fn selection(&self, tab: Option<String>) -> BoxFuture<'static, Result<String, DriverError>> {
        self.refuse(tab.as_deref())
    }

    fn change_proxy(&self, _url: String) -> BoxFuture<'static, Result<(), DriverError>> {
        self.refuse(None)
    }

    /// Streams the pictures as they were recorded, whatever the options say.
    fn cast(
        &self,
        _options: CastOptions,
        sink: CastSink,
    ) -> BoxFuture<'static, Result<CastGuard, DriverError>> {
        if let Err(err) = self.check(None) {
            return ready(Err(err)).boxed();
        }
        let stop = CancellationToken::new();
        let (mut frames, stopped) = (self.frames.clone(), stop.clone());
        self.tracker.spawn(async move {
            let casting = async {
                // The picture that is shown now is news to a newcomer.
                frames.mark_changed();
                while frames.changed().await.is_ok() {
                    let frame = frames.borrow_and_update().clone();
                    if let Some(frame) = frame {
                        sink(frame);
                    }
                }
            };
            stopped.run_until_cancelled(casting).await;
        });
        ready(Ok(CastGuard(Box::new(stop.drop_guard())))).boxed()
    }

    fn state(&self) -> watch::Receiver<DriverState> {
        self.state.clone()
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        self.closing.cancel();
        self.finished.clone().cancelled_owned().boxed()
    }
}

fn to_png(jpeg: &[u8]) -> Result<Bytes, DriverError> {
    let failed = |err: image::ImageError| DriverError::Failed(err.to_string());
    let picture =
        image::load_from_memory_with_format(jpeg, image::ImageFormat::Jpeg).map_err(failed)?;
    let mut png = Vec::new();
    picture.write_to(&mut Cursor::new(&mut png), image::ImageFormat::Png).map_err(failed)?;
    Ok(png.into())
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::model::ImageFormat;

    const SOON: Duration = Duration::from_secs(10);

    #[test]
    fn the_bundled_recording_is_whole_and_small() {
        let steps = steps(TIMELINE, FRAMES);
        let mut bytes = 0;
        for step in &steps {
            if let What::Picture(data) = &step.what {
                assert_eq!(ImageFormat::sniff(data), Some(ImageFormat::Jpeg));
                assert_eq!(data[data.len() - 2..], [0xFF, 0xD9]);
                bytes += data.len();
            }
        }
        assert_eq!(bytes, FRAMES.len());
        assert!(bytes > 100_000 && bytes + TIMELINE.len() < 1_000_000, "{bytes}");
        assert!(steps.is_sorted_by_key(|step| step.at));
        assert!(steps.iter().any(|step| matches!(step.what, What::Event(_))));
        assert!(!["/tmp", "/home", "/root", "file:"].iter().any(|path| TIMELINE.contains(path)));
    }

    #[tokio::test]
    async fn it_plays_to_newcomers_and_refuses_to_be_driven() {
        let tracker = TaskTracker::new();
        let told = Arc::new(Mutex::new(Vec::new()));
        let sink = told.clone();
        let driver = sample(Arc::new(move |event| sink.lock().unwrap().push(event)), &tracker);
        let (pictures, mut seen) = tokio::sync::mpsc::channel(100);
        let options = CastOptions { quality: 70, max_width: None };
        let guard = driver
            .cast(options, Arc::new(move |frame| drop(pictures.try_send(frame))))
            .await
            .unwrap();
        let frame = tokio::time::timeout(SOON, seen.recv()).await.expect("a picture").unwrap();
        assert_eq!((frame.width, frame.height), (1280, 720));

        let png = driver.screenshot(None, ShotFormat::Png).await.unwrap();
        assert_eq!(ImageFormat::sniff(&png), Some(ImageFormat::Png));
        driver.input(None, InputControl::Text { text: "hi".to_owned() }).await.unwrap();
        let refused =
            driver.command(None, PageControl::Navigate { url: "example.com".to_owned() }).await;
        assert_eq!(refused.unwrap_err().to_string(), REFUSAL);
        assert!(matches!(
            driver.html(Some("other".to_owned())).await,
            Err(DriverError::BadRequest(_))
        ));

        driver.close().await;
        assert!(driver.state().borrow().ended.is_some());
        assert!(matches!(driver.new_tab(None).await, Err(DriverError::Ended(_))));
        assert_eq!(told.lock().unwrap().last().unwrap().kind, EventKind::SessionState);
        drop(guard);
        tracker.close();
        tokio::time::timeout(SOON, tracker.wait()).await.expect("all tasks ended");
    }
}
