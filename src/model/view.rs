//! Folds [`Update`]s into one session as the window sees it, without threads, clocks or sockets.

use std::collections::{BTreeMap, VecDeque};

use jiff::SignedDuration;

use super::concern::FAILURES;
use super::log::Log;
use super::people::AGENT;
use super::{
    Capabilities, Chat, ChatLine, Concern, ConcernKind, ContextMenu, Copied, Dialog, Download,
    DownloadState, FormControl, FormControlKind, Forwarding, FoundText, FramePos, KeepAlive,
    Lifetime, Page, PagePointer, People, PeopleEvent, Person, Phase, PictureSource, RemotePointer,
    SessionEvent, Shortcut, Status, Tab, Traffic, Update,
};

/// So many downloads are remembered; older ones live on in the log.
const MAX_DOWNLOADS: usize = 100;
/// So many lines of the participants' talk are remembered; older ones live on in the log.
const MAX_CHAT_LINES: usize = 500;
/// An event that is older than this when it comes calls for nothing any more.
const HISTORY_AGE: SignedDuration = SignedDuration::from_secs(30);
/// So many names are remembered; those of the oldest participants go first.
const MAX_NAMES: usize = 200;
/// So many notes may wait to be shown.
const MAX_NOTES: usize = 8;
/// So many refusals may wait to be shown; the oldest go first.
const MAX_REFUSED: usize = 8;
/// So much news may wait to be taken; the oldest goes first.
const MAX_NEWS: usize = 20;

/// Everything that is shown of one session, except for its picture.
#[derive(Debug)]
pub struct SessionView {
    /// The state of the connection.
    pub status: Status,
    /// When something last came over the wire.
    pub traffic: Traffic,
    /// What the session can be asked to do.
    pub capabilities: Capabilities,
    /// When the session ends by itself.
    pub lifetime: Lifetime,
    /// Whether the session is kept from ending for inactivity.
    pub keep_alive: KeepAlive,
    /// The page in the active tab.
    pub page: Page,
    /// The tabs, in the order in which the session tells them.
    pub tabs: Vec<Tab>,
    /// The page's dialog that waits for an answer.
    pub dialog: Option<Dialog>,
    /// The form control whose list or picker is open.
    pub form_control: Option<FormControl>,
    /// The pointer's shape and the tooltip at its place in the page.
    pub pointer: PagePointer,
    /// The last context menu that was asked for and that the page did not open itself.
    pub context_menu: Option<ContextMenu>,
    /// What this window's user copied in the page, until the window has taken it.
    pub copied: Option<Copied>,
    /// Whether this window's user shares the clipboard with the session; `None` where they were not asked.
    pub shares_clipboard: Option<bool>,
    /// What was searched in the page, and what was found.
    pub found: Option<FoundText>,
    /// The last key that the page left to the browser, until the window has acted on it.
    pub shortcut: Option<Shortcut>,
    /// The downloads in the order of their start.
    pub downloads: Vec<Download>,
    /// Who is there and who drives.
    pub people: People,
    /// What everybody who was ever there was called, by index: what they said stays theirs when they have left.
    pub names: BTreeMap<u32, String>,
    /// Index of the participant who asked for control of a tab, until the window has shown it.
    pub tab_wanted: Option<u32>,
    /// The notes with which others handed control back, with their names, until the window has shown them.
    pub notes: VecDeque<(String, String)>,
    /// The last action of the agent that was refused because this window's user drives, or without naming who drives.
    pub agent_refused: Option<SessionEvent>,
    /// Where the others point.
    pub pointers: Vec<RemotePointer>,
    /// What participants said, oldest first.
    pub said: Vec<ChatLine>,
    /// Where the pictures come from.
    pub picture_source: PictureSource,
    /// Where a desktop's own pointer is, where the session tells.
    pub cursor: Option<FramePos>,
    /// What became of forwarded pictures; `None` where pictures are not forwarded.
    pub forwarding: Option<Forwarding>,
    /// The talk with the session's assistant, and its task.
    pub chat: Chat,
    /// The session's events.
    pub log: Log,
    /// What happened and concerns somebody until it is seen, until the window has taken it.
    pub news: VecDeque<Concern>,
    /// How many actions in a row failed.
    pub failures: u32,
    /// Sentences about wishes that were not fulfilled, in order, until the window has shown them.
    pub refused: VecDeque<String>,
}

impl Default for SessionView {
    fn default() -> Self {
        Self {
            status: Status::Connecting { attempt: 0 },
            traffic: Traffic::default(),
            capabilities: Capabilities::default(),
            lifetime: Lifetime::default(),
            keep_alive: KeepAlive::default(),
            page: Page::default(),
            tabs: Vec::new(),
            dialog: None,
            form_control: None,
            pointer: PagePointer::default(),
            context_menu: None,
            copied: None,
            shares_clipboard: None,
            found: None,
            shortcut: None,
            downloads: Vec::new(),
            people: People::default(),
            names: BTreeMap::new(),
            tab_wanted: None,
            notes: VecDeque::new(),
            agent_refused: None,
            pointers: Vec::new(),
            said: Vec::new(),
            picture_source: PictureSource::default(),
            cursor: None,
            forwarding: None,
            chat: Chat::default(),
            log: Log::default(),
            news: VecDeque::new(),
            failures: 0,
            refused: VecDeque::new(),
        }
    }
}

impl SessionView {
    /// Folds one piece of news.
    pub fn apply(&mut self, update: Update) {
        match update {
            Update::Event(mut event) => {
                if let Some(told) = event.people.take() {
                    self.apply_people_event(*told, &mut event);
                }
                self.count_failures(&event);
                self.log.push(event);
            }
            Update::Capabilities(capabilities) => {
                // A new connection tells its capabilities first and its roster later, so nobody is there in between.
                self.people = People::default();
                self.pointers.clear();
                // What is open is told again, and what was closed meanwhile is not.
                (self.dialog, self.form_control) = (None, None);
                (self.found, self.shortcut) = (None, None);
                (self.pointer, self.context_menu) = (PagePointer::default(), None);
                self.capabilities = capabilities;
            }
            Update::Lifetime(lifetime) => self.lifetime = lifetime,
            Update::KeepAlive(keep_alive) => self.keep_alive = keep_alive,
            Update::Page(page) => self.page = page,
            Update::Tabs(tabs) => self.tabs = tabs,
            Update::Dialog(dialog) => self.dialog = dialog,
            Update::FormControl(control) => self.form_control = control,
            Update::Pointer(pointer) => self.pointer = pointer,
            Update::ContextMenu(menu) => self.context_menu = Some(menu),
            Update::Copied(copied) => self.copied = Some(copied),
            Update::Found(found) => self.found = found,
            Update::Shortcut(shortcut) => self.shortcut = Some(shortcut),
            Update::Download(download) => self.apply_download(download),
            Update::People(people) => {
                for participant in &people.participants {
                    self.names.insert(participant.index, participant.name.clone());
                }
                self.bound_names();
                // The refusal concerns only the turn in which it came. It means nothing to the next driver, nor to
                // this window's user in a later turn.
                if self.people.driver == Some(self.people.me) && people.driver != Some(people.me) {
                    self.agent_refused = None;
                }
                self.people = people;
                self.capabilities.people = true;
            }
            Update::Pointers(pointers) => self.pointers = pointers,
            Update::Said(line) => {
                if self.said.len() == MAX_CHAT_LINES {
                    self.said.remove(0);
                }
                self.said.push(line);
            }
            Update::ObjectAlert(alert) => {
                self.tell(ConcernKind::ObjectFound, &format!("Found: {}", alert.class));
            }
            Update::Forwarding(forwarding) => self.forwarding = Some(forwarding),
            Update::PictureSource(source) => self.picture_source = source,
            Update::Cursor(at) => self.cursor = Some(at),
            Update::Chat(news) => self.chat.apply(news),
            Update::Refused(why) => {
                self.tell(ConcernKind::ActionFailed, &why);
                if self.refused.len() == MAX_REFUSED {
                    self.refused.pop_front();
                }
                self.refused.push_back(why);
            }
        }
    }

    /// Tells whether the keys that copy and paste are about the clipboard of this window's user, or may be once they were
    /// asked.
    pub fn may_share_clipboard(&self) -> bool {
        self.capabilities.clipboard && self.shares_clipboard != Some(false)
    }

    /// Tells whether suggestions for a field of the page are shown.
    pub fn has_suggestions(&self) -> bool {
        self.form_control.as_ref().is_some_and(|control| control.kind == FormControlKind::Datalist)
    }

    /// Returns the tab that is shown.
    pub fn active_tab(&self) -> Option<&Tab> {
        self.tabs.iter().find(|tab| tab.active)
    }

    /// Returns the name that a participant has, or had before leaving.
    pub fn name_of(&self, index: u32) -> String {
        match self.names.get(&index) {
            Some(name) => name.clone(),
            None => self.people.name_of(index),
        }
    }

    /// Words the row's text with the names that are known, and keeps what calls for something to be done.
    fn apply_people_event(&mut self, told: PeopleEvent, event: &mut SessionEvent) {
        // History names participants who left before this window came. A name from a roster is newer and stays.
        if let PeopleEvent::Joined(Person { index: Some(index), name: Some(name) }) = &told {
            self.names.entry(*index).or_insert_with(|| name.clone());
            self.bound_names();
        }
        event.text = told.text(&self.names, Some(self.people.me));
        match told {
            PeopleEvent::AsksForTab(who) if !is_history(event) => self.tab_wanted = who.index,
            PeopleEvent::HandsBack { who, note: Some(note) }
                if !is_history(event) && who.index != Some(self.people.me) =>
            {
                self.notes.truncate(MAX_NOTES - 1);
                self.notes.push_back((who.called(&self.names), note));
            }
            PeopleEvent::AgentRefused { driver, .. } if self.is_ours(driver.as_ref()) => {
                self.agent_refused = Some(event.clone());
            }
            _ => (),
        }
    }

    fn bound_names(&mut self) {
        while self.names.len() > MAX_NAMES {
            // The agent never leaves, so its name stays.
            let oldest = self.names.keys().find(|index| **index != AGENT).copied();
            oldest.and_then(|oldest| self.names.remove(&oldest));
        }
    }

    /// Tells whether an action was refused because of this window's user, or of nobody in particular. The roster that
    /// says who drives comes by another way and may be late.
    fn is_ours(&self, driver: Option<&Person>) -> bool {
        driver.is_none_or(|driver| driver.index == Some(self.people.me))
    }

    /// Keeps what concerns somebody until it is seen.
    fn tell(&mut self, kind: ConcernKind, text: &str) {
        if self.news.len() == MAX_NEWS {
            self.news.pop_front();
        }
        self.news.push_back(Concern::new(kind, text));
    }

    /// Tells of actions that fail again and again. What is replayed of the past concerns nobody any more.
    fn count_failures(&mut self, event: &SessionEvent) {
        let Some(Phase::Answered { ok }) = event.request.as_ref().map(|request| request.phase)
        else {
            return;
        };
        self.failures = if ok || is_history(event) { 0 } else { self.failures + 1 };
        if self.failures == FAILURES {
            let text = format!("{FAILURES} actions in a row failed. The last one: {}", event.text);
            self.tell(ConcernKind::ActionFailed, &text);
        }
    }

    fn apply_download(&mut self, download: Download) {
        let known = self.downloads.iter().find(|known| known.id == download.id);
        let was_running = known.is_some_and(|known| known.state == DownloadState::Running);
        if was_running && download.state == DownloadState::Done {
            let text = format!("{} was downloaded", download.file_name);
            self.tell(ConcernKind::DownloadDone, &text);
        }
        match self.downloads.iter_mut().find(|known| known.id == download.id) {
            Some(known) => *known = download,
            None => {
                if self.downloads.len() == MAX_DOWNLOADS {
                    self.downloads.remove(0);
                }
                self.downloads.push(download);
            }
        }
    }
}

/// Tells whether the event happened long before it came, so that it was replayed for a late subscriber.
fn is_history(event: &SessionEvent) -> bool {
    let age = event.server_at.map(|at| event.received_at.duration_since(at));
    age.is_some_and(|age| age > HISTORY_AGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::log::{FilteredView, LogFilter, write_csv};
    use crate::model::{EventKind, Participant};

    #[test]
    fn rows_and_words_keep_the_names_of_those_who_left() {
        let mut view = SessionView::default();
        let participant = |index, name: &str| Participant {
            index,
            name: name.to_owned(),
            ..Participant::default()
        };
        let everybody = vec![participant(0, "Agent"), participant(2, "Ada Byron")];
        view.apply(Update::People(People { participants: everybody, ..People::default() }));
        view.apply(Update::People(People::default()));
        assert_eq!(view.name_of(2), "Ada Byron");
        assert_eq!(view.name_of(3), "Participant 3");
        let person = |index| Person { index: Some(index), name: None };
        let mut tell = |told: PeopleEvent| {
            let mut event = SessionEvent::ours(EventKind::Message, "without names");
            event.people = Some(Box::new(told));
            view.apply(Update::Event(event));
            view.log.rows().last().unwrap().event.text.clone()
        };
        assert_eq!(tell(PeopleEvent::Left(person(2))), "Ada Byron left");
        assert_eq!(tell(PeopleEvent::Left(person(3))), "participant 3 left");
        let joined = |index, name: &str| {
            PeopleEvent::Joined(Person { index: Some(index), name: Some(name.to_owned()) })
        };
        // The service's history tells an older name than the roster.
        assert_eq!(tell(joined(2, "Ada")), "Ada joined");
        assert_eq!(tell(joined(3, "Bob")), "Bob joined");
        assert_eq!(tell(PeopleEvent::Active(person(2))), "Ada Byron is active");
        assert_eq!(tell(PeopleEvent::Active(person(3))), "Bob is active");
        for index in 10..10 + MAX_NAMES as u32 {
            tell(joined(index, "Guest"));
        }
        assert_eq!(view.names.len(), MAX_NAMES);
        assert_eq!(
            (view.name_of(0), view.name_of(2)),
            ("Agent".to_owned(), "Participant 2".to_owned())
        );
        // The row is found and exported by the name that it shows, long after the name is forgotten.
        let mut found = FilteredView::default();
        let include = "\"ada byron\"".to_owned();
        let filter = LogFilter { include, ..LogFilter::default() };
        found.sync(&view.log, &filter);
        let mut file = Vec::new();
        write_csv(found.rows(&view.log).take(1), &mut file).unwrap();
        let file = String::from_utf8(file).unwrap();
        assert!(found.len() == 2 && file.contains("Ada Byron left"), "{file}");
    }

    #[test]
    fn a_new_connection_begins_without_what_the_old_one_had_open() {
        let mut view = SessionView::default();
        let dialog = Dialog {
            kind: crate::model::DialogKind::Alert,
            message: "Hi".to_owned(),
            default_text: String::new(),
            url: String::new(),
        };
        view.apply(Update::Dialog(Some(dialog)));
        view.apply(Update::Capabilities(Capabilities::default()));
        assert_eq!((view.dialog, view.form_control), (None, None));
    }

    #[test]
    fn a_tab_that_is_asked_for_is_told_once_and_only_when_it_is_news() {
        let mut view = SessionView::default();
        let mut event = SessionEvent::ours(EventKind::TabControlRequested, "x");
        event.people =
            Some(Box::new(PeopleEvent::AsksForTab(Person { index: Some(2), name: None })));
        view.apply(Update::Event(event.clone()));
        assert_eq!(view.tab_wanted.take(), Some(2));
        event.server_at = Some(event.received_at - SignedDuration::from_mins(1));
        view.apply(Update::Event(event));
        assert_eq!(view.tab_wanted, None);
    }

    #[test]
    fn notes_of_the_others_are_told_while_they_are_news() {
        let mut view = SessionView::default();
        view.apply(Update::People(People { me: 1, ..People::default() }));
        view.names.insert(2, "Bob".to_owned());
        let note = |index, note: Option<&str>, age| {
            let mut event = SessionEvent::ours(EventKind::ControlReleased, "");
            event.server_at = Some(event.received_at - SignedDuration::from_secs(age));
            event.people = Some(Box::new(PeopleEvent::HandsBack {
                who: Person { index: Some(index), name: None },
                note: note.map(str::to_owned),
            }));
            Update::Event(event)
        };
        view.apply(note(1, Some("mine"), 0));
        view.apply(note(2, None, 0));
        view.apply(note(2, Some("long ago"), 60));
        assert!(view.notes.is_empty(), "{:?}", view.notes);
        view.apply(note(2, Some("pay next"), 0));
        assert_eq!(view.notes, [("Bob".to_owned(), "pay next".to_owned())]);
    }

    #[test]
    fn only_refusals_for_this_windows_user_are_kept_and_only_for_the_turn() {
        let refused = |driver: Option<u32>| {
            let driver = driver.map(|index| Person { index: Some(index), name: None });
            let action = "click".to_owned();
            Update::Event(SessionEvent {
                people: Some(Box::new(PeopleEvent::AgentRefused { action, driver })),
                ..SessionEvent::ours(EventKind::ActionRefused, "")
            })
        };
        let driven_by =
            |driver: Option<u32>| Update::People(People { me: 2, driver, ..People::default() });
        let mut view = SessionView::default();
        view.apply(driven_by(Some(1)));
        view.apply(refused(Some(1)));
        assert_eq!(view.agent_refused, None);
        // The refusal comes before the roster that says who drives.
        view.apply(refused(Some(2)));
        view.apply(driven_by(Some(2)));
        assert!(view.agent_refused.is_some());
        view.apply(driven_by(None));
        assert_eq!(view.agent_refused, None);
        view.apply(refused(None));
        assert!(view.agent_refused.is_some());
    }
}
