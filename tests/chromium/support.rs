//! A session to test with: a browser, what it told, and pages that say in their title what happened to them.

use std::sync::Arc;
use std::time::Duration;

use helmsight::host::DownloadLimits;
use helmsight::host::chromium::{Browser, find};
use helmsight::host::driver::chromium::{LaunchOptions, launch};
use helmsight::host::driver::{Driver, DriverError, DriverEvent, DriverState};
use helmsight::model::{
    Control, InputControl, KeyInput, Modifiers, MouseButton, PageControl, PointerAt,
};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, MutexGuard, watch};
use tokio_util::task::TaskTracker;

/// Long enough for a machine that builds something beside.
pub(crate) const SOON: Duration = Duration::from_secs(15);

/// One browser at a time: they are heavy, and some tests look for its processes.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

pub(crate) type Turn = MutexGuard<'static, ()>;

/// Waits until no other test of this process has a browser.
pub(crate) async fn turn() -> Turn {
    ONE_AT_A_TIME.lock().await
}

pub(crate) struct Session {
    pub(crate) driver: Arc<dyn Driver>,
    pub(crate) events: watch::Receiver<Vec<DriverEvent>>,
    pub(crate) tracker: TaskTracker,
    _turn: Turn,
}

pub(crate) fn browser() -> Option<Browser> {
    match find(None) {
        Ok(browser) => Some(browser),
        Err(err) if std::env::var("REQUIRE_CHROMIUM").is_ok_and(|value| value == "1") => {
            panic!("{err}")
        }
        Err(err) => {
            eprintln!("SKIPPED: {err}");
            None
        }
    }
}

pub(crate) fn options(browser: Browser, start_url: Option<&str>) -> LaunchOptions {
    let no_sandbox = rustix::process::geteuid().is_root();
    LaunchOptions {
        browser,
        no_sandbox,
        width: 1280,
        height: 720,
        scale: 1.0,
        start_url: start_url.map(str::to_owned),
        proxy: None,
        downloads: DownloadLimits::default(),
    }
}

impl Session {
    /// `None`: there is no browser to test with.
    pub(crate) async fn start(start_url: Option<&str>) -> Option<Self> {
        Some(Self::start_with(options(browser()?, start_url)).await)
    }

    pub(crate) async fn start_with(options: LaunchOptions) -> Self {
        let turn = turn().await;
        let tracker = TaskTracker::new();
        let (told, events) = watch::channel(Vec::new());
        let sink = Arc::new(move |event| told.send_modify(|events| events.push(event)));
        let driver = launch(options, sink, &tracker).await.unwrap();
        Self { driver, events, tracker, _turn: turn }
    }

    /// Starts with a page of its own, shown and loaded.
    pub(crate) async fn with_page(html: &str) -> Option<Self> {
        let session = Self::start(Some(&page(html))).await?;
        session.state("a loaded page", |state| state.title == "ready" && !state.loading).await;
        Some(session)
    }

    pub(crate) async fn state(
        &self,
        what: &str,
        is_so: impl Fn(&DriverState) -> bool,
    ) -> DriverState {
        let mut states = self.driver.state();
        let found = tokio::time::timeout(SOON, states.wait_for(|state| is_so(state))).await;
        if let Ok(Ok(state)) = found {
            return state.clone();
        }
        panic!(
            "no {what}, but {:#?}\nafter {:#?}",
            self.driver.state().borrow(),
            self.events.borrow()
        )
    }

    pub(crate) async fn title(&self, title: &str) {
        self.state(title, |state| state.title == title).await;
    }

    /// The first event of this kind for which it is so.
    pub(crate) async fn event(&self, kind: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let mut events = self.events.clone();
        let find = |events: &Vec<DriverEvent>| {
            events
                .iter()
                .find(|event| event.kind.word() == kind && is_so(&event.fields))
                .map(|event| event.fields.clone())
        };
        let found =
            tokio::time::timeout(SOON, events.wait_for(|events| find(events).is_some())).await;
        match found {
            Ok(Ok(events)) => find(&events).unwrap(),
            _ => panic!("no such {kind} in {:#?}", self.events.borrow()),
        }
    }

    pub(crate) async fn act(&self, control: impl Into<Control>) -> Result<(), DriverError> {
        let taken = match control.into() {
            Control::Input(input) => self.driver.input(None, input),
            Control::Page(command) => self.driver.command(None, command),
            Control::People(control) => panic!("no matter of a browser: {control:?}"),
        };
        tokio::time::timeout(SOON, taken).await.expect("an answer")
    }

    pub(crate) async fn go(&self, url: &str) {
        self.act(PageControl::Navigate { url: url.to_owned() }).await.unwrap();
    }

    pub(crate) async fn click(&self, x: f32, y: f32) {
        self.press(x, y, MouseButton::Left, 1).await;
    }

    /// A press and a release, the `clicks`th in a row.
    pub(crate) async fn press(&self, x: f32, y: f32, button: MouseButton, clicks: u8) {
        let at = PointerAt { x, y, ..PointerAt::default() };
        // Nobody awaits the first two, and the order holds.
        drop(self.driver.input(None, InputControl::PointerMove(at.clone())));
        drop(self.driver.input(None, InputControl::PointerDown { at: at.clone(), button, clicks }));
        self.act(InputControl::PointerUp { at, button, clicks }).await.unwrap();
    }

    pub(crate) async fn key(
        &self,
        key: &str,
        code: &str,
        text: Option<&str>,
        modifiers: Modifiers,
    ) {
        let words = KeyInput {
            key: key.to_owned(),
            code: code.to_owned(),
            text: text.map(str::to_owned),
            modifiers,
            repeat: false,
        };
        drop(self.driver.input(None, InputControl::KeyDown(words.clone())));
        self.act(InputControl::KeyUp(words)).await.unwrap();
    }

    /// Closes the browser and expects nothing to be left running.
    pub(crate) async fn end(self) {
        tokio::time::timeout(SOON, self.driver.close()).await.expect("an end");
        self.tracker.close();
        tokio::time::timeout(SOON, self.tracker.wait()).await.expect("all tasks ended");
    }
}

/// A page as a URL, titled "ready".
pub(crate) fn page(html: &str) -> String {
    let html = format!(
        "<!doctype html><meta charset=utf-8><title>ready</title><body style='margin:0'>{html}"
    );
    let escaped: String = html
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    format!("data:text/html;charset=utf-8,{escaped}")
}

/// Serves `answer(path)`: the whole response, head and all. Returns its base URL.
pub(crate) async fn serve(answer: fn(&str) -> String) -> String {
    serve_heads(move |head| answer(head.split(' ').nth(1).unwrap_or_default())).await
}

/// Serves `answer(head)` of a request's whole head.
pub(crate) async fn serve_heads(
    answer: impl Fn(&str) -> String + Clone + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    // Ends with the test's runtime: it is not one of the tasks that must have ended.
    drop(TaskTracker::new().spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(TaskTracker::new().spawn(reply(stream, answer.clone())));
        }
    }));
    base
}

async fn reply(mut stream: TcpStream, answer: impl Fn(&str) -> String) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    // The browser may be gone.
    drop(stream.write_all(answer(&head).as_bytes()).await);
}

pub(crate) fn ok(content_type: &str, more: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n{more}Connection: close\r\n\r\n{body}",
        body.len()
    )
}
