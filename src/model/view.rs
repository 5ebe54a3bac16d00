//! One session as the window sees it: a fold over [`Update`]s, without threads, clocks or sockets.

use std::collections::VecDeque;

use serde::Deserialize;

use super::log::Log;
use super::{
    Capabilities, Chat, ChatLine, Dialog, Download, Forwarding, KeepAlive, Lifetime, ObjectAlert,
    Page, People, RemotePointer, SessionEvent, Status, Tab, Traffic, Update,
};

/// Downloads that are remembered; older ones live on in the log.
const MAX_DOWNLOADS: usize = 100;
/// Lines of talk that are remembered; older ones live on in the log.
const MAX_CHAT_LINES: usize = 500;
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
    /// The last action of the agent that was refused because somebody drives.
    pub agent_refused: Option<SessionEvent>,
    /// The page opened a file chooser that nobody has answered yet.
    pub wants_file: bool,
    pub pointers: Vec<RemotePointer>,
    /// What participants said, oldest first.
    pub said: Vec<ChatLine>,
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
            agent_refused: None,
            wants_file: false,
            pointers: Vec::new(),
            said: Vec::new(),
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
                match event.kind.as_str() {
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
            Update::Chat(news) => self.chat.apply(news),
            Update::Refused(why) => {
                if self.refused.len() == MAX_REFUSED {
                    self.refused.pop_front();
                }
                self.refused.push_back(why);
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Family;

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
