//! Turns what is asked of pages, input and commands, into calls to the browser. Nothing here waits.

use futures_util::FutureExt as _;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::BrowserActor;
use super::barrier::Made;
use super::barrier::SearchAnswer;
use super::shortcuts::viewport;
use crate::host::cdp::SharedReply;
use crate::host::driver::DriverError;
use crate::host::driver::chromium::failure::failed;
use crate::host::driver::chromium::input::Calls;
use crate::host::driver::chromium::jobs::{PageForFile, TakenCalls};
use crate::host::driver::chromium::leave::Departure;
use crate::host::driver::chromium::page::PageHandle;
use crate::host::driver::chromium::shortcut::OWN_SIZE;
use crate::host::driver::chromium::tabs::BrowserTab;
use crate::model::{FrameSize, InputControl, PageControl};

const SIZES: std::ops::RangeInclusive<u32> = 16..=8192;
const SCALES: std::ops::RangeInclusive<f64> = 0.25..=4.0;

impl BrowserActor {
    /// Gives a page one input, unless its dialog keeps input from it.
    pub(super) fn input(
        &mut self,
        tab: Option<&str>,
        input: InputControl,
    ) -> Result<TakenCalls, DriverError> {
        let Err(asks) = self.tabs.wanted(tab)?.no_dialog() else {
            return self.give(tab, input);
        };
        match &input {
            InputControl::PointerMove(_) => return Ok(TakenCalls::Already),
            // The hand is lifted all the same, so that nothing is held down once the dialog is gone.
            InputControl::PointerUp { .. } | InputControl::KeyUp(_) => {
                drop(self.give(tab, input)?);
            }
            InputControl::PointerDown { .. }
            | InputControl::Wheel { .. }
            | InputControl::KeyDown(_)
            | InputControl::Text { .. }
            | InputControl::Paste(_) => {}
        }
        Err(asks)
    }

    fn give(&mut self, tab: Option<&str>, input: InputControl) -> Result<TakenCalls, DriverError> {
        let size = viewport(self.parts.size, self.tabs.wanted(tab)?);
        match input {
            InputControl::PointerMove(at) => {
                let taken = self.send_input(tab, |tab| tab.held.pointer_move(&at, size).into())?;
                let tab = self.tabs.wanted(tab)?;
                if let TakenCalls::Input { replies, .. } = &taken
                    && tab.held.may_start_drag()
                {
                    tab.pulled = replies.last().cloned();
                }
                Ok(taken)
            }
            InputControl::PointerDown { at, button, clicks } => {
                self.last_press = Some((button, at.modifiers));
                self.press(tab, |tab| tab.held.pointer_down(&at, button, clicks, size))
            }
            InputControl::PointerUp { at, button, clicks } => {
                self.send_input(tab, |tab| tab.held.pointer_up(&at, button, clicks, size))
            }
            InputControl::Wheel { at, dx, dy } => {
                self.send_input(tab, |tab| tab.held.wheel(&at, dx, dy, size).into())
            }
            InputControl::KeyDown(key) => {
                self.last_press = None;
                self.press(tab, |tab| {
                    // Escape lets go of what is dragged, as it does everywhere.
                    let ending =
                        if key.key == "Escape" { tab.held.cancel_drag() } else { Vec::new() };
                    Calls { ending, calls: vec![tab.held.key_down(&key)] }
                })
            }
            InputControl::KeyUp(key) => self.send_input(tab, |tab| tab.held.key_up(&key).into()),
            InputControl::Text { text } => {
                self.send_input(tab, |_| ("Input.insertText", json!({ "text": text })).into())
            }
            // A paste goes by way of the clipboard, which `take_input` has seen to.
            InputControl::Paste(_) => Ok(TakenCalls::Already),
        }
    }

    /// Starts one page command. `taken` is told once it is on its way, which for some is not at once.
    pub(super) fn command(
        &mut self,
        tab: Option<&str>,
        command: PageControl,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    ) {
        let begun = match command {
            PageControl::Navigate { url } => return self.navigate(tab, &url, taken),
            PageControl::Back => return self.step_history(tab, -1, taken),
            PageControl::Forward => return self.step_history(tab, 1, taken),
            PageControl::Reload => {
                let way = Departure { method: "Page.reload", params: json!({}), url: None };
                return self.leave(tab, way, taken);
            }
            PageControl::Stop => self.call(tab, "Page.stopLoading", json!({})),
            PageControl::NewTab { url } => return self.make_tab(url, Made::TakenCalls(taken)),
            PageControl::SelectTab { tab_id } => self.select_tab(&tab_id),
            PageControl::CloseTab { tab_id } => self.close_tab(&tab_id),
            PageControl::AnswerDialog { accept, text } => self.answer_dialog(accept, text),
            PageControl::Choose { id, values } => return self.choose(tab, &id, values, taken),
            PageControl::Viewport(FrameSize { width, height }) => {
                self.resize(tab, width, height, None)
            }
            PageControl::Zoom { percent } => self.zoom(tab, percent),
            PageControl::Find(search) => {
                return self.find(tab, search, SearchAnswer::TakenCalls(taken));
            }
        };
        // The answer is dropped where nobody waits for it any more.
        drop(taken.send(begun));
    }

    /// Makes the calls of a press, whose release has to know what came of it.
    fn press(
        &mut self,
        tab: Option<&str>,
        calls: impl FnOnce(&mut BrowserTab) -> Calls,
    ) -> Result<TakenCalls, DriverError> {
        let taken = self.send_input(tab, calls)?;
        if let TakenCalls::Input { replies, .. } = &taken {
            self.tabs.wanted(tab)?.pressed = replies.last().cloned();
        }
        Ok(taken)
    }

    /// Makes the calls of an input, unless the page can take none.
    pub(super) fn send_input(
        &mut self,
        tab: Option<&str>,
        calls: impl FnOnce(&mut BrowserTab) -> Calls,
    ) -> Result<TakenCalls, DriverError> {
        let tab = self.tabs.wanted(tab)?;
        not_crashed(tab)?;
        let calls = calls(tab);
        let (session, tab_id) = (tab.session.clone(), tab.id.clone());
        Ok(TakenCalls::Input { replies: self.deliver(&session, calls)?, tab_id: Some(tab_id) })
    }

    pub(super) fn release_all(&mut self) -> Result<TakenCalls, DriverError> {
        let held: Vec<_> =
            self.tabs.iter_mut().map(|tab| (tab.session.clone(), tab.held.release_all())).collect();
        let mut replies = Vec::new();
        for (session, calls) in held {
            replies.extend(self.deliver(&session, calls)?);
        }
        Ok(TakenCalls::Input { replies, tab_id: None })
    }

    /// Sends input to a page. After the end of a drag all that follows waits for the page's answer.
    pub(super) fn deliver(
        &mut self,
        session: &str,
        calls: Calls,
    ) -> Result<Vec<SharedReply>, DriverError> {
        let Calls { ending, calls } = calls;
        let ends = !ending.is_empty();
        let (now, later) = if ends { (ending, calls) } else { (calls, Vec::new()) };
        let replies = now
            .into_iter()
            .map(|(method, params)| Ok(self.send(session, method, params)?.shared()))
            .collect::<Result<Vec<_>, DriverError>>()?;
        if ends && let Some(ended) = replies.last() {
            self.hold_until(ended.clone(), session.to_owned(), later);
        }
        Ok(replies)
    }

    /// Makes one call to a page that no page can hold back, unless by its dialog.
    fn call(
        &mut self,
        tab: Option<&str>,
        method: &str,
        params: Value,
    ) -> Result<TakenCalls, DriverError> {
        let tab = self.tabs.wanted(tab)?;
        tab.no_dialog()?;
        let session = tab.session.clone();
        self.send(&session, method, params).map(TakenCalls::Command)
    }

    fn select_tab(&mut self, id: &str) -> Result<TakenCalls, DriverError> {
        let id = self.tabs.wanted(Some(id))?.id.clone();
        self.activate(&id).map(TakenCalls::Command)
    }

    fn close_tab(&mut self, id: &str) -> Result<TakenCalls, DriverError> {
        let tab_id = self.tabs.wanted(Some(id))?.id.clone();
        if self.tabs.len() == 1 {
            return Err(DriverError::BadRequest(
                "The last tab can't be closed. End the session instead".to_owned(),
            ));
        }
        let sent =
            self.parts.client.send(None, "Target.closeTarget", json!({ "targetId": tab_id }));
        let reply = sent.map_err(|err| failed(err, &self.parts.state.subscribe()))?;
        Ok(TakenCalls::Closing { reply, tab_id })
    }

    fn answer_dialog(
        &mut self,
        accept: bool,
        text: Option<String>,
    ) -> Result<TakenCalls, DriverError> {
        let Some(tab) = self.tabs.asking() else {
            return Err(DriverError::BadRequest("there is no dialog to answer".to_owned()));
        };
        let mut params = json!({ "accept": accept });
        if let Some(text) = text {
            params["promptText"] = json!(text);
        }
        let session = tab.session.clone();
        self.send(&session, "Page.handleJavaScriptDialog", params).map(TakenCalls::Command)
    }

    /// Gives all tabs one size, as one window does.
    pub(super) fn resize(
        &mut self,
        tab: Option<&str>,
        width: u32,
        height: u32,
        scale: Option<f64>,
    ) -> Result<TakenCalls, DriverError> {
        let wanted = self.tabs.wanted(tab)?;
        wanted.no_dialog()?;
        let wanted = wanted.session.clone();
        let scale = scale.unwrap_or(self.parts.scale);
        if !SIZES.contains(&width) || !SIZES.contains(&height) || !SCALES.contains(&scale) {
            return Err(DriverError::BadRequest(format!(
                "A page can't be {width} × {height} at scale {scale}: sides go from {} to {}, scales from {} to {}",
                SIZES.start(),
                SIZES.end(),
                SCALES.start(),
                SCALES.end()
            )));
        }
        (self.parts.size, self.parts.scale) = (FrameSize { width, height }, scale);
        let mut reply = None;
        for tab in self.tabs.iter() {
            let sent = self.send(
                &tab.session,
                "Emulation.setDeviceMetricsOverride",
                self.metrics(tab.zoom),
            )?;
            if tab.session == wanted {
                reply = Some(sent);
            }
        }
        Ok(reply.map_or(TakenCalls::Already, TakenCalls::Command))
    }

    pub(super) fn page(&mut self, tab: Option<&str>) -> Result<PageHandle, DriverError> {
        let (client, state, scale) =
            (self.parts.client.clone(), self.parts.state.subscribe(), self.parts.scale);
        let active = self.tabs.active_id().map(str::to_owned);
        let tab = self.tabs.wanted(tab)?;
        let blocked = not_crashed(tab).and_then(|()| tab.no_dialog()).err();
        Ok(PageHandle {
            client,
            session: tab.session.clone(),
            frames: tab.frames.iter().map(|frame| frame.inner.clone()).collect(),
            state,
            frame: tab.main_frame.clone(),
            tab_id: tab.id.clone(),
            url: tab.url.clone(),
            title: tab.title.clone(),
            is_main: active.as_deref() == Some(&tab.id),
            scale: scale * f64::from(tab.zoom) / f64::from(OWN_SIZE),
            blocked,
        })
    }

    pub(super) fn page_for_file(&mut self, tab: Option<&str>) -> Result<PageForFile, DriverError> {
        let page = self.page(tab)?;
        let size = self.parts.size;
        let tab = self.tabs.wanted(tab)?;
        Ok((page, tab.chooser.take(), viewport(size, tab)))
    }
}

pub(super) fn not_crashed(tab: &BrowserTab) -> Result<(), DriverError> {
    if tab.crashed {
        return Err(DriverError::Failed("the page has crashed; reload it to go on".to_owned()));
    }
    Ok(())
}
