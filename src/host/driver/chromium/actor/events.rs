//! Folds what the browser tells into tabs, and passes it on in the session's words.

use std::sync::atomic::Ordering;
use std::time::Instant;

use serde_json::{Value, json};

use super::BrowserActor;
use crate::base::PageText;
use crate::host::cdp::CdpEvent;
use crate::host::driver::chromium::chooser::{self, ChooserOpened};
use crate::host::driver::chromium::console::{ConsoleCalled, EntryAdded, ExceptionThrown};
use crate::host::driver::chromium::downloads::{DownloadNews, free_space};
use crate::host::driver::chromium::find_text;
use crate::host::driver::chromium::form_control;
use crate::host::driver::chromium::input::HeldInTab;
use crate::host::driver::chromium::network::{self, RequestOver, Requests};
use crate::host::driver::chromium::place::FrameOwner;
use crate::host::driver::chromium::pointed;
use crate::host::driver::chromium::shortcut::{self, OWN_SIZE};
use crate::host::driver::chromium::start_page;
use crate::host::driver::chromium::tabs::BrowserTab;
use crate::host::driver::chromium::title;
use crate::host::driver::chromium::words::{
    AttachedToTarget, DialogOpening, DragIntercepted, FrameLoading, FrameNavigated, FrameStarted,
    MAX_DRAG, NavigatedFrame, NavigatedWithin, TargetCrashed, TargetGone, TargetInfoChanged,
};
use crate::host::driver::chromium::world::BindingCalled;
use crate::model::{EventKind, MouseButton};
use crate::protocol::socket::DialogWords;

/// Tells whether an event is read. Everything else is dropped unread.
pub(in crate::host::driver::chromium) fn is_wanted(method: &str) -> bool {
    matches!(
        method,
        "Target.attachedToTarget"
            | "Target.targetInfoChanged"
            | "Target.targetDestroyed"
            | "Target.targetCrashed"
            | "Target.detachedFromTarget"
            | "Page.frameStartedNavigating"
            | "Page.frameNavigated"
            | "Page.navigatedWithinDocument"
            | "Page.frameStartedLoading"
            | "Page.frameStoppedLoading"
            | "Page.javascriptDialogOpening"
            | "Page.javascriptDialogClosed"
            | "Page.fileChooserOpened"
            | "Input.dragIntercepted"
            | "Runtime.bindingCalled"
            | "Runtime.consoleAPICalled"
            | "Runtime.exceptionThrown"
            | "Log.entryAdded"
            | "Network.requestWillBeSent"
            | "Network.responseReceived"
            | "Network.loadingFailed"
            | "Network.loadingFinished"
            | "Browser.downloadWillBegin"
            | "Browser.downloadProgress"
            | "Fetch.requestPaused"
    )
}

impl BrowserActor {
    /// Takes one event. What can't be understood is left out, because newer browsers may speak otherwise.
    pub(super) fn on_event(&mut self, event: &CdpEvent) {
        let understood = match event.session.as_deref() {
            None => self.on_browser_event(event),
            Some(session) => self.on_page_event(session, event),
        };
        if understood.is_none() {
            tracing::trace!(method = event.method, "An event of the browser asks for nothing");
        }
    }

    fn on_browser_event(&mut self, event: &CdpEvent) -> Option<()> {
        match event.method.as_str() {
            "Target.attachedToTarget" => self.attached(event.params()?),
            "Target.targetInfoChanged" => {
                let TargetInfoChanged { target_info } = event.params()?;
                self.tabs.by_id(&target_info.target_id)?.url = target_info.url;
            }
            "Target.targetCrashed" => self.crashed(&event.params()?)?,
            "Target.targetDestroyed" | "Target.detachedFromTarget" => {
                let TargetGone { target_id, session_id } = event.params()?;
                // A screencast's session may go while its tab stays.
                let id = match session_id {
                    Some(session) => self.tabs.driven_by(&session)?.id.clone(),
                    None => target_id?,
                };
                self.gone(&id)?;
            }
            "Browser.downloadWillBegin" => {
                let free = free_space(&self.parts.profile.downloads());
                let news = self.downloads.begin(event.params()?, free, Instant::now());
                self.tell_download(news);
            }
            "Browser.downloadProgress" => {
                let free = free_space(&self.parts.profile.downloads());
                let news = self.downloads.progress(&event.params()?, free, Instant::now())?;
                self.tell_download(news);
            }
            _ => return None,
        }
        Some(())
    }

    /// Tells of a download, and calls it off where it goes too far.
    fn tell_download(&mut self, news: DownloadNews) {
        let DownloadNews { fields, called_off } = news;
        let Some(id) = called_off else {
            return self.emit(EventKind::Download, fields);
        };
        self.parts.client.tell(None, "Browser.cancelDownload", json!({ "guid": id }));
        // One that is complete can't be called off any more.
        let file = self.parts.profile.downloads().join(&id);
        if file.exists()
            && let Err(err) = std::fs::remove_file(&file)
        {
            tracing::warn!(%err, "A download that is too large stays until the session ends");
        }
        // A page begins as many as it likes.
        self.emit_noisy(EventKind::Download, fields);
    }

    fn on_page_event(&mut self, session: &str, event: &CdpEvent) -> Option<()> {
        if event.method == "Fetch.requestPaused" {
            start_page::answer(&self.parts.client, session, &event.params()?);
            return Some(());
        }
        let Some(tab) = self.tabs.by_session(session) else {
            return self.on_hidden_page_event(event);
        };
        match event.method.as_str() {
            "Target.attachedToTarget" => {
                let AttachedToTarget { session_id, target_info, .. } = event.params()?;
                tab.frames.push(FrameOwner {
                    session: session.to_owned(),
                    frame: target_info.target_id,
                    inner: session_id.clone(),
                });
                self.listen_to_frame(&session_id);
            }
            "Target.detachedFromTarget" => {
                let gone = event.params::<TargetGone>()?.session_id?;
                tab.frames.retain(|frame| frame.inner != gone);
                self.form_control_gone(session, |last| last.session == gone);
            }
            "Page.frameStartedNavigating" => {
                let FrameStarted { frame_id, url, kind } = event.params()?;
                // A navigation within a document loads nothing.
                if frame_id == tab.main_frame && !kind.to_lowercase().contains("samedocument") {
                    let fields = json!({ "url": url, "tab_id": tab.id });
                    self.emit(EventKind::RelocateStart, fields);
                }
            }
            "Page.frameNavigated" => {
                let FrameNavigated { frame, kind } = event.params()?;
                if frame.parent_id.is_none() {
                    self.navigated(session, frame, kind == "BackForwardCacheRestore")?;
                }
            }
            "Page.navigatedWithinDocument" => {
                let NavigatedWithin { frame_id, url } = event.params()?;
                if frame_id == tab.main_frame {
                    tab.url = url;
                    self.told_of_navigation(session)?;
                }
            }
            "Page.frameStartedLoading" | "Page.frameStoppedLoading" => {
                let FrameLoading { frame_id } = event.params()?;
                if frame_id == tab.main_frame {
                    tab.loading = event.method == "Page.frameStartedLoading";
                    let id = tab.id.clone();
                    self.refresh_history(&id);
                }
            }
            "Page.javascriptDialogOpening" => {
                let DialogOpening { url, message, kind, default_prompt } = event.params()?;
                let dialog = DialogWords { kind, message, default_text: default_prompt, url };
                tab.dialog = Some(dialog.clone());
                self.emit(EventKind::Dialog, dialog_fields(&dialog, true));
            }
            "Page.javascriptDialogClosed" => {
                let dialog = tab.dialog.take()?;
                self.emit(EventKind::Dialog, dialog_fields(&dialog, false));
            }
            "Page.fileChooserOpened" => {
                let chooser = event.params::<ChooserOpened>()?.chooser(session)?;
                let fields = json!({ "tab_id": tab.id, "multiple": chooser.multiple });
                tab.chooser = Some(chooser);
                self.emit_noisy(EventKind::FileChooser, fields);
            }
            "Input.dragIntercepted" => {
                let session = tab.session.clone();
                if event.size() > MAX_DRAG {
                    self.parts.client.tell(Some(&session), "Input.cancelDragging", json!({}));
                    return Some(());
                }
                let DragIntercepted { data } = event.params()?;
                let calls = tab.held.drag_started(data);
                if let Err(err) = self.deliver(&session, calls) {
                    tracing::debug!(%err, "A drag could not be led on");
                }
            }
            "Network.requestWillBeSent" => {
                let redirected = tab.requests.sent(event.params()?)?;
                self.tell_request(session, &redirected);
            }
            "Network.responseReceived" => {
                let fields = tab.requests.received(&event.params()?)?;
                self.emit_noisy(EventKind::NetworkFailure, fields);
            }
            "Network.loadingFailed" => {
                let failed = event.params()?;
                let over = tab.requests.failed(&failed)?;
                let failure = over.failure(&failed);
                self.tell_request(session, &over);
                self.emit_noisy(EventKind::NetworkFailure, failure?);
            }
            "Network.loadingFinished" => {
                let over = tab.requests.finished(&event.params()?)?;
                self.tell_request(session, &over);
            }
            "Runtime.bindingCalled" => {
                let called: BindingCalled = event.params()?;
                match called.name.as_str() {
                    title::BINDING => tab.title = called.payload.into(),
                    form_control::BINDING => self.told_of_control(session, &called)?,
                    pointed::POINTER_BINDING => self.told_of_pointer(session, &called)?,
                    pointed::MENU_BINDING => self.told_of_menu(session, &called)?,
                    shortcut::BINDING => self.told_of_shortcut(session, &called)?,
                    _ => return None,
                }
            }
            "Runtime.consoleAPICalled" => {
                let fields = event.params::<ConsoleCalled>()?.fields()?;
                self.emit_noisy(EventKind::Console, fields);
            }
            "Log.entryAdded" => {
                let fields = event.params::<EntryAdded>()?.fields()?;
                self.emit_noisy(EventKind::Console, fields);
            }
            "Runtime.exceptionThrown" => {
                let fields = event.params::<ExceptionThrown>()?.fields();
                self.emit_noisy(EventKind::PageError, fields);
            }
            _ => return None,
        }
        Some(())
    }

    /// Takes a new tab over before its first script runs: it waits until it is told to go on.
    fn attached(&mut self, attached: AttachedToTarget) {
        let AttachedToTarget { session_id: session, target_info: target, waiting_for_debugger } =
            attached;
        // A second session of a tab is a screencast's.
        if target.kind != "page" || self.tabs.by_id(&target.target_id).is_some() {
            if waiting_for_debugger {
                self.parts.client.tell(
                    Some(&session),
                    "Runtime.runIfWaitingForDebugger",
                    json!({}),
                );
            }
            return;
        }
        let enable = [("Page.enable", json!({})), ("Runtime.enable", json!({}))];
        let setup = [
            ("Emulation.setDeviceMetricsOverride", self.metrics(OWN_SIZE)),
            ("Input.setInterceptDrags", json!({ "enabled": true })),
            chooser::intercept(),
            ("Log.enable", json!({})),
            ("Network.enable", network::quietly()),
            ("Fetch.enable", start_page::intercept()),
            ("Target.setAutoAttach", frames_too()),
            ("Runtime.runIfWaitingForDebugger", json!({})),
        ];
        let scripts = title::setup()
            .into_iter()
            .chain(form_control::setup())
            .chain(pointed::setup())
            .chain(shortcut::setup())
            .chain(find_text::setup());
        for (method, params) in enable.into_iter().chain(scripts).chain(setup) {
            self.parts.client.tell(Some(&session), method, params);
        }
        let tab = BrowserTab::new(target.target_id, session, target.opener_id, target.url);
        let id = tab.id.clone();
        self.emit(EventKind::Tab, tab.fields("opened"));
        let background = !self.tabs.is_empty() && self.opens_in_background();
        self.tabs.add(tab);
        if !background {
            self.show(&id);
        }
    }

    /// Listens to a frame from another site, which runs in a process of its own and tells of itself in a session of its
    /// own.
    fn listen_to_frame(&self, session: &str) {
        let enable = [("Page.enable", json!({})), ("Runtime.enable", json!({}))];
        let setup = [
            chooser::intercept(),
            ("Log.enable", json!({})),
            ("Network.enable", network::quietly()),
            ("Target.setAutoAttach", frames_too()),
            ("Runtime.runIfWaitingForDebugger", json!({})),
        ];
        let scripts = form_control::setup()
            .into_iter()
            .chain(pointed::setup())
            .chain(shortcut::setup())
            .chain(find_text::setup());
        for (method, params) in enable.into_iter().chain(scripts).chain(setup) {
            self.parts.client.tell(Some(session), method, params);
        }
    }

    /// Tells whether the last press opens a tab in the background: a click with the middle button or with Ctrl does,
    /// unless Shift is held as well.
    fn opens_in_background(&mut self) -> bool {
        self.last_press.take().is_some_and(|(button, keys)| {
            let aside = button == MouseButton::Middle
                || (button == MouseButton::Left && (keys.ctrl || keys.meta));
            aside && !keys.shift
        })
    }

    fn gone(&mut self, id: &str) -> Option<()> {
        let (tab, next) = self.tabs.remove(id)?;
        self.parts.client.session_ended(&tab.session);
        self.emit(EventKind::Tab, tab.fields("closed"));
        if let Some(next) = next {
            self.show(&next);
        } else if self.tabs.is_empty() {
            // The page closed its own last tab: a session without one could not be used any more.
            self.parts.client.tell(None, "Target.createTarget", json!({ "url": "about:blank" }));
        }
        Some(())
    }

    fn show(&mut self, id: &str) {
        if let Err(err) = self.activate(id) {
            tracing::debug!(%err, "The tab could not be brought to the front");
        }
    }

    fn crashed(&mut self, crashed: &TargetCrashed) -> Option<()> {
        let tab = self.tabs.by_id(&crashed.target_id)?;
        (tab.crashed, tab.hangs) = (true, false);
        tab.loading = false;
        tab.dialog = None;
        (tab.chooser, tab.form_control, tab.found) = (None, None, None);
        (tab.pointer, tab.context_menu) = (None, None);
        self.parts.client.session_ended(&tab.session);
        // Nothing is held in a page that is gone.
        (tab.held, tab.pulled, tab.pressed) = (HeldInTab::default(), None, None);
        let reason =
            if crashed.status == "oom" { "The page ran out of memory" } else { "The page crashed" };
        self.emit(EventKind::Crash, json!({ "tab_id": crashed.target_id, "reason": format!("{reason}. Reload it to go on") }));
        Some(())
    }

    fn navigated(&mut self, session: &str, frame: NavigatedFrame, revived: bool) -> Option<()> {
        let tab = self.tabs.by_session(session)?;
        tab.main_frame = frame.id;
        tab.document = frame.loader_id;
        (tab.crashed, tab.hangs) = (false, false);
        (tab.chooser, tab.form_control, tab.found) = (None, None, None);
        (tab.pointer, tab.context_menu) = (None, None);
        tab.requests = Requests::default();
        // A new document tells its title later, a revived one has done so already.
        if !revived {
            tab.title = PageText::default();
        }
        let url = frame
            .unreachable_url
            .unwrap_or_else(|| format!("{}{}", frame.url, frame.url_fragment).into());
        tab.url = url;
        self.told_of_navigation(session)
    }

    fn told_of_navigation(&mut self, session: &str) -> Option<()> {
        let tab = self.tabs.by_session(session)?;
        let id = tab.id.clone();
        let fields = json!({ "url": tab.shown_url(), "title": tab.title, "tab_id": id });
        self.emit(EventKind::Navigation, fields);
        self.refresh_history(&id);
        Some(())
    }

    /// Tells of a request that is over, where somebody wants to know.
    fn tell_request(&mut self, session: &str, over: &RequestOver) {
        if !self.parts.tells_requests.load(Ordering::Relaxed) {
            return;
        }
        let Some(left_out) = self.requests.admit(Instant::now()) else {
            return;
        };
        let mut fields = over.fields();
        fields["tab_id"] = self.tabs.by_session(session).map(|tab| tab.id.as_str()).into();
        if left_out > 0 {
            fields["left_out"] = left_out.into();
        }
        self.emit(EventKind::NetworkRequest, fields);
    }

    /// Tells of an event that a page can make as many of as it likes.
    pub(super) fn emit_noisy(&mut self, kind: EventKind, fields: Value) {
        let Some(left_out) = self.flood.admit(Instant::now()) else {
            return;
        };
        if left_out > 0 {
            let text = format!("{left_out} more messages came faster than they could be passed on");
            self.emit(
                EventKind::Console,
                json!({ "level": "warning", "text": text, "url": "", "line": null }),
            );
        }
        self.emit(kind, fields);
    }
}

/// Asks for a session of every frame from another site.
fn frames_too() -> Value {
    json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true, "filter": [{ "type": "iframe" }] })
}

fn dialog_fields(dialog: &DialogWords, open: bool) -> Value {
    json!({ "kind": dialog.kind, "message": dialog.message, "url": dialog.url, "open": open })
}
