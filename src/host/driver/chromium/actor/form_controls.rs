//! Keeps which form control is open in each tab, and chooses in it while the next jobs wait.

use serde_json::json;
use tokio::sync::oneshot;

use super::BrowserActor;
use super::barrier::Barrier;
use super::shortcuts::viewport;
use crate::host::driver::DriverError;
use crate::host::driver::chromium::form_control::{FormChoice, TabFormControl, ToldControl};
use crate::host::driver::chromium::jobs::TakenCalls;
use crate::host::driver::chromium::place::place;
use crate::host::driver::chromium::world::BindingCalled;
use crate::model::{EventKind, FormRect};

/// So many options of a list stand in its event, because events are kept. The state has them all.
const MAX_TOLD: usize = 100;

/// The place of a control in a frame, once it is known.
pub(super) struct PlacedControl {
    pub(super) tab_id: String,
    pub(super) told: TabFormControl,
    pub(super) place: Option<FormRect>,
}

impl BrowserActor {
    /// A document tells that a list or picker of its own is open, changed or closed.
    pub(super) fn told_of_control(&mut self, session: &str, called: &BindingCalled) -> Option<()> {
        let told: Option<ToldControl> = serde_json::from_str(&called.payload).ok()?;
        let Some(ToldControl { control, top }) = told else {
            return self.form_control_gone(session, |last| {
                last.session == session && last.context == called.context
            });
        };
        let tab = self.tabs.by_session(session)?;
        let told = TabFormControl {
            control,
            open: true,
            session: session.to_owned(),
            context: called.context,
        };
        if top && tab.session == session {
            let tab_id = tab.id.clone();
            self.show_control(&tab_id, told);
            return Some(());
        }
        let (tab_id, owners) = (tab.id.clone(), tab.frames_around(session));
        let placing = place(self.parts.client.clone(), told.element(), owners);
        self.placings.push_back(Box::pin(async move {
            PlacedControl { tab_id, told, place: placing.await }
        }));
        Some(())
    }

    /// The place of a control in a frame is known, or can't be.
    pub(super) fn on_placed(&mut self, placed: PlacedControl) {
        let PlacedControl { tab_id, mut told, place } = placed;
        if let Some(place) = place {
            told.control.rect = place;
            self.show_control(&tab_id, told);
        }
    }

    fn show_control(&mut self, tab_id: &str, mut told: TabFormControl) {
        let size = self.parts.size;
        let Some(tab) = self.tabs.by_id(tab_id) else {
            return;
        };
        told.control.page = viewport(size, tab);
        let is_new = tab.open_control().is_none_or(|open| open.id != told.control.id);
        let fields = json!({
            "tab_id": tab.id,
            "id": told.control.id,
            "kind": told.control.kind,
            "options": told.control.options.iter().take(MAX_TOLD).collect::<Vec<_>>(),
            "more": told.control.options.len().saturating_sub(MAX_TOLD) as u64 + u64::from(told.control.more),
            "value": told.control.value,
            "rect": told.control.rect,
            "open": true,
        });
        tab.form_control = Some(told);
        if is_new {
            self.emit_noisy(EventKind::FormControl, fields);
        }
    }

    /// Notes that the open control is closed, where it is the one that is meant.
    pub(super) fn form_control_gone(
        &mut self,
        session: &str,
        is_meant: impl FnOnce(&TabFormControl) -> bool,
    ) -> Option<()> {
        let tab = self.tabs.by_session(session)?;
        let last = tab.form_control.as_mut().filter(|last| last.open && is_meant(last))?;
        last.open = false;
        let fields = json!({
            "tab_id": tab.id, "id": last.control.id, "kind": last.control.kind, "open": false,
        });
        self.emit_noisy(EventKind::FormControl, fields);
        Some(())
    }

    /// Chooses in the control of this id, and holds the next jobs back until the page has it.
    pub(super) fn choose(
        &mut self,
        tab: Option<&str>,
        id: &str,
        values: Vec<String>,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    ) {
        let (client, state) = (self.parts.client.clone(), self.parts.state.subscribe());
        let known = self.tabs.wanted(tab).and_then(|tab| {
            let last = tab.form_control.as_ref().filter(|last| last.control.id == id);
            let control = last.cloned().ok_or_else(|| {
                DriverError::BadRequest(
                    "There is no such list or picker. Take the id from the newest form_control event"
                        .to_owned(),
                )
            })?;
            Ok((tab.session.clone(), control))
        });
        match known {
            Ok((page, control)) => {
                let choice = FormChoice { client, state, page, control, values };
                self.barrier = Some(Box::pin(async move {
                    Barrier::Chosen { result: choice.make().await, taken }
                }));
            }
            // The answer is dropped where nobody waits for it any more.
            Err(err) => drop(taken.send(Err(err))),
        }
    }
}
