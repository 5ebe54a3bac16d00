//! One session as the window sees it: a fold over [`Update`]s, without threads, clocks or sockets.

use std::collections::{BTreeMap, VecDeque};

use jiff::SignedDuration;
use serde::Deserialize;

use super::log::Log;
use super::people::AGENT;
use super::{
    Capabilities, Chat, ChatLine, Dialog, Download, Family, Forwarding, FramePos, KeepAlive,
    Lifetime, ObjectAlert, Page, People, PictureSource, RemotePointer, SessionEvent, Status, Tab,
    Traffic, Update,
};

/// Downloads that are remembered; older ones live on in the log.
const MAX_DOWNLOADS: usize = 100;
/// Lines of talk that are remembered; older ones live on in the log.
const MAX_CHAT_LINES: usize = 500;
/// An event that is older when it comes calls for nothing any more.
const HISTORY_AGE: SignedDuration = SignedDuration::from_secs(30);
/// Names that are remembered; the oldest go first.
const MAX_NAMES: usize = 200;
/// Refusals that wait to be told; the oldest go first.
const MAX_REFUSED: usize = 8;
/// Alerts that may wait to be told.
const MAX_ALERTS: usize = 20;

/// Everything that is shown of one session, but for its picture.
#[derive(Debug)]
pub struct SessionView {
    pub status: Status,
    pub traffic: Traffic,
    pub capabilities: Capabilities,
    pub lifetime: Lifetime,
    pub keep_alive: KeepAlive,
    pub page: Page,
    pub tabs: Vec<Tab>,
    pub dialog: Option<Dialog>,
    /// In order of their start.
    pub downloads: Vec<Download>,
    pub people: People,
    /// What everybody was called who was there, by index: what they said stays theirs when they go.
    pub names: BTreeMap<u32, String>,
    /// Somebody asked for a tab of this session, and that was not told yet.
    pub tab_wanted: Option<u32>,
    /// The last action of the agent that was refused because somebody drives.
    pub agent_refused: Option<SessionEvent>,
    /// The page opened a file chooser that nobody has answered yet.
    pub wants_file: bool,
    pub pointers: Vec<RemotePointer>,
    /// What participants said, oldest first.
    pub said: Vec<ChatLine>,
    pub picture_source: PictureSource,
    /// Where a desktop's own pointer is, where it is told.
    pub cursor: Option<FramePos>,
    /// `None` where pictures are not sent on.
    pub forwarding: Option<Forwarding>,
    /// The talk with the session's assistant, and its task.
    pub chat: Chat,
    pub log: Log,
    /// Found, and not told yet.
    pub alerts: Vec<ObjectAlert>,
    /// What did not happen and has not been told yet, in order.
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
            downloads: Vec::new(),
            people: People::default(),
            names: BTreeMap::new(),
            tab_wanted: None,
            agent_refused: None,
            wants_file: false,
            pointers: Vec::new(),
            said: Vec::new(),
            picture_source: PictureSource::default(),
            cursor: None,
            forwarding: None,
            chat: Chat::default(),
            log: Log::default(),
            alerts: Vec::new(),
            refused: VecDeque::new(),
        }
    }
}

impl SessionView {
    pub fn apply(&mut self, update: Update) {
        match update {
            Update::Event(event) => {
                let event = self.with_names(event);
                match event.kind.as_str() {
                    "tab_control_requested" if !is_history(&event) => {
                        self.tab_wanted = index_in(&event.raw);
                    }
                    "action_refused" if self.is_ours(&event) => {
                        self.agent_refused = Some(event.clone());
                    }
                    "file_chooser" => self.wants_file = true,
                    "file_uploaded" | "navigation" => self.wants_file = false,
                    _ => (),
                }
                self.log.push(event);
            }
            Update::Capabilities(capabilities) => {
                // Everybody is gone until the next roster is told.
                self.people = People::default();
                self.capabilities = capabilities;
            }
            Update::Lifetime(lifetime) => self.lifetime = lifetime,
            Update::KeepAlive(keep_alive) => self.keep_alive = keep_alive,
            Update::Page(page) => self.page = page,
            Update::Tabs(tabs) => self.tabs = tabs,
            Update::Dialog(dialog) => self.dialog = dialog,
            Update::Download(download) => self.apply_download(download),
            Update::People(people) => {
                for participant in &people.participants {
                    self.names
                        .insert(participant.index, participant.name.clone());
                }
                while self.names.len() > MAX_NAMES {
                    self.names.pop_first();
                }
                // Whoever drives next has nothing to do with it, nor this window's user at the next turn.
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
                self.alerts.truncate(MAX_ALERTS - 1);
                self.alerts.push(alert);
            }
            Update::Forwarding(forwarding) => self.forwarding = Some(forwarding),
            Update::PictureSource(source) => self.picture_source = source,
            Update::Cursor(at) => self.cursor = Some(at),
            Update::Chat(news) => self.chat.apply(news),
            Update::Refused(why) => {
                if self.refused.len() == MAX_REFUSED {
                    self.refused.pop_front();
                }
                self.refused.push_back(why);
            }
        }
    }

    /// What a participant is called, or was.
    pub fn name_of(&self, index: u32) -> String {
        match self.names.get(&index) {
            Some(name) => name.clone(),
            None => self.people.name_of(index),
        }
    }

    /// Events name people by their index; a row says who that is, where it is known.
    fn with_names(&self, mut event: SessionEvent) -> SessionEvent {
        let is_speech = matches!(event.kind.as_str(), "chat_message" | "message");
        if event.family != Family::People || self.names.is_empty() || is_speech {
            return event;
        }
        // The note of whoever hands back stays as it was written.
        let has_note = event.kind == "control_released";
        let (told, note) = match event.text.split_once(": ").filter(|_| has_note) {
            Some((told, note)) => (told, Some(note)),
            None => (event.text.as_str(), None),
        };
        let mut words: Vec<String> = told.split(' ').map(str::to_owned).collect();
        for at in (1..words.len()).rev() {
            let index = words[at]
                .parse()
                .ok()
                .filter(|_| words[at - 1] == "participant");
            let name = index.and_then(|index: u32| self.names.get(&index));
            if let Some(name) = name {
                words[at - 1].clone_from(name);
                words.remove(at);
            }
        }
        let mut told = words.join(" ");
        // Here 0 is whoever acts through calls.
        if let Some(agent) = self.names.get(&AGENT) {
            told = told.replace("the leader", agent);
        }
        event.text = match note {
            Some(note) => format!("{told}: {note}"),
            None => told,
        };
        event
    }

    /// Whether an action was refused because of this window's user, or of nobody in particular. The roster that says
    /// who drives comes by another way and may be late.
    fn is_ours(&self, event: &SessionEvent) -> bool {
        #[derive(Deserialize)]
        struct Refused {
            driver: Option<Driver>,
        }
        #[derive(Deserialize)]
        struct Driver {
            index: u32,
        }
        let refused = serde_json::from_str::<Refused>(&event.raw);
        refused
            .ok()
            .and_then(|refused| refused.driver)
            .is_none_or(|driver| driver.index == self.people.me)
    }

    fn apply_download(&mut self, download: Download) {
        match self
            .downloads
            .iter_mut()
            .find(|known| known.id == download.id)
        {
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

/// Whether it was told again, for whoever came later.
fn is_history(event: &SessionEvent) -> bool {
    let age = event
        .server_at
        .map(|at| event.received_at.duration_since(at));
    age.is_some_and(|age| age > HISTORY_AGE)
}

/// Whom an event is about.
fn index_in(raw: &str) -> Option<u32> {
    let body: serde_json::Value = serde_json::from_str(raw).ok()?;
    u32::try_from(body["clientIndex"].as_u64()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Participant;

    #[test]
    fn rows_and_words_keep_the_names_of_those_who_left() {
        let mut view = SessionView::default();
        let participant = |index, name: &str| Participant {
            index,
            name: name.to_owned(),
            ..Participant::default()
        };
        let everybody = vec![participant(0, "Agent"), participant(2, "Ada Byron")];
        view.apply(Update::People(People {
            participants: everybody,
            ..People::default()
        }));
        view.apply(Update::People(People::default()));
        assert_eq!(view.name_of(2), "Ada Byron");
        assert_eq!(view.name_of(3), "Participant 3");
        for (kind, text, shown) in [
            ("host_changed", "participant 2 drives", "Ada Byron drives"),
            ("host_changed", "the leader drives", "Agent drives"),
            (
                "huddle_follow",
                "participant 3 follows participant 2",
                "participant 3 follows Ada Byron",
            ),
            (
                "tab_paused",
                "tab 2 paused by participant 2",
                "tab 2 paused by Ada Byron",
            ),
            (
                "control_released",
                "participant 2 hands control back: ask the leader: participant 2 left",
                "Ada Byron hands control back: ask the leader: participant 2 left",
            ),
            (
                "chat_message",
                "participant 2: the participant 2 is me",
                "participant 2: the participant 2 is me",
            ),
        ] {
            let event = SessionEvent::ours(Family::People, kind, text);
            assert_eq!(view.with_names(event).text, shown);
        }
        let mut event = SessionEvent::ours(Family::People, "tab_control_requested", "x");
        event.raw = r#"{"clientIndex":2}"#.into();
        view.apply(Update::Event(event.clone()));
        assert_eq!(view.tab_wanted.take(), Some(2));
        event.server_at = Some(event.received_at - SignedDuration::from_mins(1));
        view.apply(Update::Event(event));
        assert_eq!(view.tab_wanted, None);
    }

    #[test]
    fn only_refusals_for_this_windows_user_are_kept_and_only_for_the_turn() {
        let refused = |driver: &str| {
            Update::Event(SessionEvent {
                raw: format!(r#"{{"driver":{driver}}}"#).into(),
                ..SessionEvent::ours(Family::People, "action_refused", "")
            })
        };
        let driven_by = |driver: Option<u32>| {
            Update::People(People {
                me: 2,
                driver,
                ..People::default()
            })
        };
        let mut view = SessionView::default();
        view.apply(driven_by(Some(1)));
        view.apply(refused(r#"{"index":1,"name":"Ada"}"#));
        assert_eq!(view.agent_refused, None);
        // Told before the roster is.
        view.apply(refused(r#"{"index":2,"name":"Bob"}"#));
        view.apply(driven_by(Some(2)));
        assert!(view.agent_refused.is_some());
        view.apply(driven_by(None));
        assert_eq!(view.agent_refused, None);
        view.apply(refused("null"));
        assert!(view.agent_refused.is_some());
    }
}
