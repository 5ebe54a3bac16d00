//! Keeps the session's tabs: pages and popups alike, in the order of their opening.

use serde_json::{Value, json};

use super::chooser::Chooser;
use super::failure::dialog_error;
use super::form_control::TabFormControl;
use super::history::HistoryRefresh;
use super::input::HeldInTab;
use super::network::Requests;
use super::place::FrameOwner;
use super::shortcut::OWN_SIZE;
use super::words::{MAX_TEXT, TabAddress};
use crate::base::PageText;
use crate::base::text::clip;
use crate::host::cdp::SharedReply;
use crate::host::driver::{DriverError, DriverState};
use crate::model::{ContextMenu, FormControl, FoundText, InputControl, PagePointer, TextSearch};
use crate::protocol::socket::{DialogWords, TabWords};

/// One page and what is known of it.
pub(super) struct BrowserTab {
    pub(super) id: String,
    /// The DevTools session by which the tab is driven.
    pub(super) session: String,
    /// Its frames that run in other processes. Their sessions only tell.
    pub(super) frames: Vec<FrameOwner>,
    pub(super) opener: Option<String>,
    pub(super) main_frame: String,
    /// The document that the tab shows.
    pub(super) document: String,
    /// The tab was opened with a blank page, which is no place to go back to.
    pub(super) opened_blank: bool,
    pub(super) url: TabAddress,
    pub(super) title: PageText,
    pub(super) loading: bool,
    pub(super) can_go_back: bool,
    pub(super) can_go_forward: bool,
    pub(super) dialog: Option<DialogWords>,
    /// The form control whose list or picker was open last.
    pub(super) form_control: Option<TabFormControl>,
    /// The pointer's shape and the tooltip, as the document under it told them.
    pub(super) pointer: Option<PagePointer>,
    /// The last context menu that was asked for and that the page did not open itself.
    pub(super) context_menu: Option<ContextMenu>,
    /// The text that was searched last, with what was found, while its matches are marked.
    pub(super) found: Option<(TextSearch, FoundText)>,
    /// How large the page is shown, in percent.
    pub(super) zoom: u32,
    /// The chooser that waits for a file.
    pub(super) chooser: Option<Chooser>,
    pub(super) crashed: bool,
    /// Whether the page's scripts answer nothing.
    pub(super) hangs: bool,
    pub(super) held: HeldInTab,
    /// The last move with the left button held. The page may answer it by starting a drag.
    pub(super) pulled: Option<SharedReply>,
    /// The last press of a button or key, whose answer may bring up another tab.
    pub(super) pressed: Option<SharedReply>,
    /// The last answer that a release waited for.
    pub(super) awaited: Option<SharedReply>,
    pub(super) requests: Requests,
    pub(super) history: HistoryRefresh,
}

/// The tabs of a session, and which of them is shown.
#[derive(Default)]
pub(super) struct Tabs {
    list: Vec<BrowserTab>,
    active: Option<String>,
}

impl BrowserTab {
    pub(super) fn new(
        id: String,
        session: String,
        opener: Option<String>,
        url: TabAddress,
    ) -> Self {
        Self {
            main_frame: id.clone(),
            document: String::new(),
            id,
            session,
            frames: Vec::new(),
            opened_blank: false,
            opener,
            url,
            title: PageText::default(),
            loading: false,
            can_go_back: false,
            can_go_forward: false,
            dialog: None,
            form_control: None,
            pointer: None,
            context_menu: None,
            found: None,
            zoom: OWN_SIZE,
            chooser: None,
            crashed: false,
            hangs: false,
            held: HeldInTab::default(),
            pulled: None,
            pressed: None,
            awaited: None,
            requests: Requests::default(),
            history: HistoryRefresh::default(),
        }
    }

    /// Makes the fields of a `tab` event.
    pub(super) fn fields(&self, action: &str) -> Value {
        json!({ "action": action, "tab_id": self.id, "url": self.shown_url(), "title": self.title })
    }

    /// Returns the form control whose list or picker is open.
    pub(super) fn open_control(&self) -> Option<&FormControl> {
        self.form_control.as_ref().filter(|last| last.open).map(|last| &last.control)
    }

    /// Returns the frames around the document of `session`, from the innermost outwards.
    pub(super) fn frames_around(&self, session: &str) -> Vec<FrameOwner> {
        let mut around: Vec<FrameOwner> = Vec::new();
        let mut inner = session;
        // A frame is in another one, and none is in itself.
        while let Some(frame) = self.frames.iter().find(|frame| frame.inner == inner)
            && around.len() < self.frames.len()
        {
            inner = &frame.session;
            around.push(frame.clone());
        }
        around
    }

    pub(super) fn shown_url(&self) -> &str {
        clip(&self.url, MAX_TEXT)
    }

    /// Fails where a dialog keeps everything from the page.
    pub(super) fn no_dialog(&self) -> Result<(), DriverError> {
        self.dialog.as_ref().map_or(Ok(()), |dialog| Err(dialog_error(dialog)))
    }
}

impl Tabs {
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &BrowserTab> {
        self.list.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut BrowserTab> {
        self.list.iter_mut()
    }

    pub(super) fn active_id(&self) -> Option<&str> {
        self.active.as_deref()
    }

    pub(super) fn by_id(&mut self, id: &str) -> Option<&mut BrowserTab> {
        self.list.iter_mut().find(|tab| tab.id == id)
    }

    /// Returns the tab that an event is about, which its own session or one of its frames' told.
    pub(super) fn by_session(&mut self, session: &str) -> Option<&mut BrowserTab> {
        self.list.iter_mut().find(|tab| {
            tab.session == session || tab.frames.iter().any(|frame| frame.inner == session)
        })
    }

    /// Returns the tab that is driven by this session.
    pub(super) fn driven_by(&self, session: &str) -> Option<&BrowserTab> {
        self.list.iter().find(|tab| tab.session == session)
    }

    /// Returns the named tab, or the active one; an error where there is none.
    pub(super) fn wanted(&mut self, id: Option<&str>) -> Result<&mut BrowserTab, DriverError> {
        let wanted = id.or(self.active.as_deref());
        match self.list.iter_mut().find(|tab| Some(tab.id.as_str()) == wanted) {
            Some(tab) => Ok(tab),
            None => Err(match id {
                Some(id) => DriverError::BadRequest(format!(
                    "There is no tab {}",
                    crate::base::text::one_line(id, 64)
                )),
                None => DriverError::Failed("no tab is open".to_owned()),
            }),
        }
    }

    /// Returns the tab in which what this input lifts is down: `wanted` if it is there, or else the one in which it was
    /// pressed before another tab came up.
    pub(super) fn holding(&self, wanted: Option<&str>, input: &InputControl) -> Option<&str> {
        let wanted = wanted.or(self.active.as_deref());
        let mut holding = self.list.iter().filter(|tab| tab.held.is_lifted_by(input));
        let first = holding.clone().next();
        let there = holding.find(|tab| Some(tab.id.as_str()) == wanted);
        there.or(first).map(|tab| tab.id.as_str())
    }

    fn asking_ids(&self) -> Vec<String> {
        let asking = self.list.iter().filter(|tab| tab.dialog.is_some());
        asking.map(|tab| tab.id.clone()).collect()
    }

    /// Returns the tab whose dialog is shown. The active tab's goes first.
    pub(super) fn asking(&mut self) -> Option<&mut BrowserTab> {
        let active = self.active.as_deref();
        let at = self
            .list
            .iter()
            .position(|tab| tab.dialog.is_some() && Some(tab.id.as_str()) == active);
        let at = at.or_else(|| self.list.iter().position(|tab| tab.dialog.is_some()))?;
        self.list.get_mut(at)
    }

    pub(super) fn add(&mut self, tab: BrowserTab) {
        self.list.push(tab);
    }

    pub(super) fn activate(&mut self, id: &str) {
        self.active = Some(id.to_owned());
    }

    /// Takes a tab out. Where it was the active one, the id of its opener or else of its neighbor, which is to follow
    /// it, is returned, too.
    pub(super) fn remove(&mut self, id: &str) -> Option<(BrowserTab, Option<String>)> {
        let at = self.list.iter().position(|tab| tab.id == id)?;
        let tab = self.list.remove(at);
        if self.active.as_deref() != Some(id) {
            return Some((tab, None));
        }
        self.active = None;
        let opener =
            tab.opener.as_deref().filter(|opener| self.list.iter().any(|tab| tab.id == *opener));
        let neighbor = || self.list.get(at).or(self.list.last()).map(|tab| tab.id.as_str());
        let next = opener.or_else(neighbor).map(str::to_owned);
        Some((tab, next))
    }

    /// Writes into the session's state what it tells of tabs.
    pub(super) fn describe(&self, state: &mut DriverState) {
        let active = self.list.iter().find(|tab| Some(tab.id.as_str()) == self.active.as_deref());
        if let Some(tab) = active {
            tab.shown_url().clone_into(&mut state.url);
            tab.title.as_str().clone_into(&mut state.title);
            (state.loading, state.can_go_back, state.can_go_forward) =
                (tab.loading, tab.can_go_back, tab.can_go_forward);
            state.form_control = tab.open_control().cloned();
            state.found = tab.found.as_ref().map(|(_, found)| found.clone());
            state.zoom = tab.zoom;
            state.pointer = tab.pointer.clone();
            state.context_menu = tab.context_menu.clone();
        }
        let documents = self.list.iter().map(|tab| tab.document.clone());
        state.documents = documents.collect();
        state.asking = self.asking_ids();
        state.dialog = active.into_iter().chain(&self.list).find_map(|tab| tab.dialog.clone());
        state.tabs = self
            .list
            .iter()
            .map(|tab| TabWords {
                tab_id: tab.id.as_str().into(),
                url: tab.shown_url().into(),
                title: tab.title.clone(),
                active: Some(tab.id.as_str()) == self.active.as_deref(),
                wants_file: tab.chooser.is_some(),
                crashed: tab.crashed,
                hangs: tab.hangs,
                ..TabWords::default()
            })
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tabs(ids: &[(&str, Option<&str>)]) -> Tabs {
        let mut tabs = Tabs::default();
        for (id, opener) in ids {
            tabs.add(BrowserTab::new(
                (*id).to_owned(),
                format!("session-{id}"),
                opener.map(str::to_owned),
                format!("https://{id}.test/").into(),
            ));
        }
        tabs
    }

    #[test]
    fn a_closed_tab_is_followed_by_its_opener_or_its_neighbor() {
        for (closed, next) in [("popup", Some("a")), ("a", Some("b")), ("c", Some("popup"))] {
            let mut tabs = tabs(&[("a", None), ("b", None), ("popup", Some("a")), ("c", None)]);
            tabs.activate(closed);
            let (_, follows) = tabs.remove(closed).unwrap();
            assert_eq!(follows.as_deref(), next, "{closed}");
        }
        let mut tabs = tabs(&[("a", None), ("b", None)]);
        tabs.activate("a");
        assert_eq!(tabs.remove("b").unwrap().1, None);
        assert!(tabs.remove("b").is_none());
    }

    #[test]
    fn the_state_tells_of_the_active_tab_and_of_any_dialog() {
        let mut tabs = tabs(&[("a", None), ("b", None)]);
        tabs.activate("b");
        let dialog =
            DialogWords { kind: "alert".into(), message: "hi".into(), ..DialogWords::default() };
        tabs.by_id("a").unwrap().dialog = Some(dialog.clone());
        let mut state = DriverState::default();
        tabs.describe(&mut state);
        assert_eq!(
            (state.url.as_str(), state.dialog, state.tabs[1].active),
            ("https://b.test/", Some(dialog), true)
        );
        assert_eq!(tabs.asking().unwrap().id, "a");
        assert!(matches!(tabs.wanted(Some("nope")), Err(DriverError::BadRequest(_))));
        assert_eq!(tabs.wanted(None).unwrap().id, "b");
    }
}
