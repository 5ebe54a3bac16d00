//! A driver without a browser: remembers what it was asked, and shows and tells what the test says.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use helmsight::host::driver::{
    CastFrame, CastGuard, CastOptions, CastSink, CopiedContent, Driver, DriverError, DriverEvent,
    DriverState, EventSink, ShotFormat, Upload,
};
use helmsight::host::{CreateRequest, DriverFactory, HostError};
use helmsight::model::{
    Control, EventKind, FoundText, FramePoint, InputControl, PageControl, PageScript, ScriptValue,
    TextSearch,
};
use helmsight::protocol::socket::TabWords;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::stage::changed;

pub(crate) struct Scripted {
    pub(crate) request: CreateRequest,
    pub(crate) state: watch::Sender<DriverState>,
    events: EventSink,
    calls: Mutex<Vec<Control>>,
    pub(crate) proxies: Mutex<Vec<String>>,
    pub(crate) uploads: Mutex<Vec<Upload>>,
    pub(crate) dropped_at: Mutex<Option<FramePoint>>,
    casts: Arc<Mutex<Vec<(CastOptions, CastSink)>>>,
    /// What a screenshot is.
    pub(crate) shot: Mutex<Bytes>,
    /// What inputs and commands fail with, where they do.
    pub(crate) failure: Mutex<Option<DriverError>>,
    /// What is in the clipboard.
    pub(crate) copied: Mutex<CopiedContent>,
    /// How often the clipboard was emptied.
    pub(crate) cleared: AtomicUsize,
    /// There are no screenshots.
    pub(crate) no_picture: Mutex<bool>,
    pub(crate) tabs_made: AtomicUsize,
    /// While closed, calls are taken and not answered.
    pub(crate) gate: watch::Sender<bool>,
    closed: AtomicBool,
}

/// The drivers that a host made, in order.
#[derive(Clone, Default)]
pub(crate) struct Drivers(pub(crate) Arc<Mutex<Vec<Arc<Scripted>>>>);

impl Drivers {
    pub(crate) fn factory(&self) -> DriverFactory {
        let made = self.0.clone();
        Arc::new(move |request, events| {
            let made = made.clone();
            async move {
                if request.start_url.as_deref() == Some("fail:") {
                    return Err(HostError::Launch("the browser did not start".to_owned()));
                }
                let driver = Arc::new(Scripted::new(request, events));
                made.lock().unwrap().push(driver.clone());
                Ok(driver as Arc<dyn Driver>)
            }
            .boxed()
        })
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    pub(crate) fn last(&self) -> Arc<Scripted> {
        self.0.lock().unwrap().last().expect("no driver was made").clone()
    }
}

impl Scripted {
    fn new(request: CreateRequest, events: EventSink) -> Self {
        let tab = |id: &str, active| TabWords {
            tab_id: id.into(),
            url: "https://a.test/".into(),
            title: id.into(),
            active,
            ..TabWords::default()
        };
        let state = DriverState {
            url: "https://a.test/".to_owned(),
            title: "A".to_owned(),
            tabs: vec![tab("T1", true), tab("T2", false)],
            width: request.width,
            height: request.height,
            ..DriverState::default()
        };
        Self {
            request,
            state: watch::Sender::new(state),
            events,
            calls: Mutex::default(),
            proxies: Mutex::default(),
            uploads: Mutex::default(),
            dropped_at: Mutex::default(),
            casts: Arc::default(),
            shot: Mutex::new(Bytes::from_static(b"\x89PNG picture")),
            failure: Mutex::default(),
            copied: Mutex::default(),
            cleared: AtomicUsize::new(0),
            no_picture: Mutex::new(false),
            tabs_made: AtomicUsize::new(0),
            gate: watch::Sender::new(true),
            closed: AtomicBool::new(false),
        }
    }

    pub(crate) fn emit(&self, kind: EventKind, fields: Value) {
        (self.events)(DriverEvent { kind, fields });
    }

    /// Gives every running cast this picture.
    pub(crate) fn show(&self, picture: &'static [u8]) {
        for (_, sink) in self.casts.lock().unwrap().iter() {
            sink(CastFrame {
                data: Bytes::from_static(picture),
                width: 1280,
                height: 720,
                timestamp: 1_700_000_000.5,
            });
        }
    }

    pub(crate) fn casts(&self) -> Vec<CastOptions> {
        self.casts.lock().unwrap().iter().map(|(options, _)| *options).collect()
    }

    /// What it was asked since the last time, by the names on the wire.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.controls().iter().map(short).collect()
    }

    fn take(&self, control: Control) -> BoxFuture<'static, Result<(), DriverError>> {
        let bad = PageControl::Navigate { url: "bad:".to_owned() };
        let fails = control == bad.into();
        self.calls.lock().unwrap().push(control);
        changed();
        let mut gate = self.gate.subscribe();
        let failure = self.failure.lock().unwrap().clone();
        async move {
            gate.wait_for(|open| *open)
                .await
                .map_err(|err| DriverError::Failed(err.to_string()))?;
            match failure {
                Some(failure) => Err(failure),
                None if fails => Err(DriverError::BadRequest("not an address".to_owned())),
                None => Ok(()),
            }
        }
        .boxed()
    }

    /// How much it was asked since the last time.
    pub(crate) fn asked(&self) -> usize {
        self.calls.lock().unwrap().len()
    }

    pub(crate) fn controls(&self) -> Vec<Control> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }
}

/// Type and point of a control.
fn short(control: &Control) -> String {
    let json = serde_json::to_value(control).unwrap();
    let kind = json["type"].as_str().unwrap();
    let detail = ["key", "text", "url", "tab_id"].iter().find_map(|name| json[name].as_str());
    match (detail, json["x"].as_f64()) {
        (Some(detail), _) => format!("{kind} {detail}"),
        (None, Some(x)) => format!("{kind} {x},{}", json["y"]),
        (None, None) => kind.to_owned(),
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        changed();
    }
}

struct Stop(Arc<Mutex<Vec<(CastOptions, CastSink)>>>, CastOptions);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.lock().unwrap().retain(|(options, _)| *options != self.1);
        changed();
    }
}

impl Driver for Scripted {
    fn input(
        &self,
        _tab: Option<String>,
        input: InputControl,
    ) -> BoxFuture<'static, Result<(), DriverError>> {
        self.take(input.into())
    }

    fn command(
        &self,
        _tab: Option<String>,
        command: PageControl,
    ) -> BoxFuture<'static, Result<(), DriverError>> {
        self.take(command.into())
    }

    fn release_all(&self) -> BoxFuture<'static, Result<(), DriverError>> {
        unreachable!("the host lifts what a participant holds, not everything")
    }

    fn screenshot(
        &self,
        _tab: Option<String>,
        _format: ShotFormat,
    ) -> BoxFuture<'static, Result<Bytes, DriverError>> {
        if *self.no_picture.lock().unwrap() {
            return async { Err(DriverError::Busy("the page is busy".to_owned())) }.boxed();
        }
        let shot = self.shot.lock().unwrap().clone();
        async { Ok(shot) }.boxed()
    }

    fn pdf(&self, tab: Option<String>) -> BoxFuture<'static, Result<Bytes, DriverError>> {
        let failure = self.failure.lock().unwrap().clone();
        let known =
            tab.is_none_or(|tab| self.state.borrow().tabs.iter().any(|it| it.tab_id == tab));
        async move {
            match failure {
                Some(failure) => Err(failure),
                None if known => Ok(Bytes::from_static(b"%PDF-1.4 page")),
                None => Err(DriverError::BadRequest("There is no such tab".to_owned())),
            }
        }
        .boxed()
    }

    fn html(&self, _tab: Option<String>) -> BoxFuture<'static, Result<String, DriverError>> {
        async { Ok("<p>hello</p>".to_owned()) }.boxed()
    }

    fn run_script(
        &self,
        _tab: Option<String>,
        script: PageScript,
    ) -> BoxFuture<'static, Result<ScriptValue, DriverError>> {
        if let Some(failure) = self.failure.lock().unwrap().clone() {
            return async { Err(failure) }.boxed();
        }
        let value = json!({ "ran": script.body(), "with": script.arguments() });
        async { Ok(ScriptValue { value, description: None }) }.boxed()
    }

    fn page_context(&self, _tab: Option<String>) -> BoxFuture<'static, Result<Value, DriverError>> {
        async { Ok(json!({"url": "https://a.test/", "title": "A"})) }.boxed()
    }

    fn new_tab(&self, _url: Option<String>) -> BoxFuture<'static, Result<String, DriverError>> {
        self.tabs_made.fetch_add(1, Ordering::SeqCst);
        async { Ok("T3".to_owned()) }.boxed()
    }

    fn find(
        &self,
        _tab: Option<String>,
        search: TextSearch,
    ) -> BoxFuture<'static, Result<FoundText, DriverError>> {
        let found =
            FoundText { text: search.text.as_str().into(), matches: 3, index: 2, more: false };
        let taken = self.take(PageControl::Find(search).into());
        async move { taken.await.map(|()| found) }.boxed()
    }

    fn set_viewport(
        &self,
        _tab: Option<String>,
        width: u32,
        height: u32,
        _scale: f64,
    ) -> BoxFuture<'static, Result<(), DriverError>> {
        self.state.send_modify(|state| (state.width, state.height) = (width, height));
        async { Ok(()) }.boxed()
    }

    fn upload(
        &self,
        tab: Option<String>,
        file: Upload,
    ) -> BoxFuture<'static, Result<String, DriverError>> {
        self.uploads.lock().unwrap().push(file);
        if let Some(failure) = self.failure.lock().unwrap().clone() {
            return async { Err(failure) }.boxed();
        }
        async { Ok(tab.unwrap_or_else(|| "T1".to_owned())) }.boxed()
    }

    fn drop_files(
        &self,
        tab: Option<String>,
        files: Vec<Upload>,
        at: FramePoint,
    ) -> BoxFuture<'static, Result<String, DriverError>> {
        self.uploads.lock().unwrap().extend(files);
        *self.dropped_at.lock().unwrap() = Some(at);
        async { Ok(tab.unwrap_or_else(|| "T1".to_owned())) }.boxed()
    }

    fn watch_clipboard(&self) -> BoxFuture<'static, Result<(), DriverError>> {
        async { Ok(()) }.boxed()
    }

    fn copied(&self) -> BoxFuture<'static, Result<CopiedContent, DriverError>> {
        let copied = self.copied.lock().unwrap().clone();
        async { Ok(copied) }.boxed()
    }

    fn clear_clipboard(&self) -> BoxFuture<'static, Result<(), DriverError>> {
        self.cleared.fetch_add(1, Ordering::SeqCst);
        changed();
        async { Ok(()) }.boxed()
    }

    fn selection(&self, _tab: Option<String>) -> BoxFuture<'static, Result<String, DriverError>> {
        async { Ok("selected words".to_owned()) }.boxed()
    }

    fn change_proxy(&self, url: String) -> BoxFuture<'static, Result<(), DriverError>> {
        self.proxies.lock().unwrap().push(url);
        async { Ok(()) }.boxed()
    }

    fn cast(
        &self,
        options: CastOptions,
        sink: CastSink,
    ) -> BoxFuture<'static, Result<CastGuard, DriverError>> {
        let casts = self.casts.clone();
        async move {
            casts.lock().unwrap().push((options, sink));
            changed();
            Ok(CastGuard(Box::new(Stop(casts, options))))
        }
        .boxed()
    }

    fn state(&self) -> watch::Receiver<DriverState> {
        self.state.subscribe()
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        self.closed.store(true, Ordering::SeqCst);
        changed();
        async {}.boxed()
    }
}
