//! One session as the window sees it: a fold over [`Update`]s, without threads, clocks or sockets.

use super::log::Log;
use super::{
    Capabilities, Chat, ChatLine, Dialog, Download, KeepAlive, Lifetime, Page, People,
    RemotePointer, Status, Tab, Traffic, Update,
};

/// Downloads that are remembered; older ones live on in the log.
const MAX_DOWNLOADS: usize = 100;
/// Lines of talk that are remembered; older ones live on in the log.
const MAX_CHAT_LINES: usize = 500;

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
    pub pointers: Vec<RemotePointer>,
    /// What participants said, oldest first.
    pub said: Vec<ChatLine>,
    /// The talk with the session's assistant, and its task.
    pub chat: Chat,
    pub log: Log,
    /// The last thing that did not happen, until it is dismissed.
    pub refused: Option<String>,
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
            pointers: Vec::new(),
            said: Vec::new(),
            chat: Chat::default(),
            log: Log::default(),
            refused: None,
        }
    }
}

impl SessionView {
    pub fn apply(&mut self, update: Update) {
        match update {
            Update::Event(event) => self.log.push(event),
            Update::Capabilities(capabilities) => self.capabilities = capabilities,
            Update::Lifetime(lifetime) => self.lifetime = lifetime,
            Update::KeepAlive(keep_alive) => self.keep_alive = keep_alive,
            Update::Page(page) => self.page = page,
            Update::Tabs(tabs) => self.tabs = tabs,
            Update::Dialog(dialog) => self.dialog = dialog,
            Update::Download(download) => self.apply_download(download),
            Update::People(people) => self.people = people,
            Update::Pointers(pointers) => self.pointers = pointers,
            Update::Said(line) => {
                if self.said.len() == MAX_CHAT_LINES {
                    self.said.remove(0);
                }
                self.said.push(line);
            }
            Update::Chat(news) => self.chat.apply(news),
            Update::Refused(why) => self.refused = Some(why),
        }
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
