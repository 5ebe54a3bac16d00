//! Defines what the window remembers beside the settings: names and colors that the user gave to sessions, what was
//! opened lately, and which sessions have ended. All of it is bounded, and nothing secret is in it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use super::Stored;
use crate::base::redact;
use crate::base::text::one_line;

/// So many sessions have a label; the oldest labels go first.
const MAX_LABELS: usize = 500;
/// So many addresses and sessions are offered again.
const MAX_RECENT: usize = 20;
/// So many ended sessions are listed.
const MAX_ENDED: usize = 100;
/// A title or name has at most so many characters.
const MAX_TITLE: usize = 200;
/// A longer address is not remembered.
const MAX_ADDRESS: usize = 2048;
/// A longer value in an address may be a key.
const MAX_VALUE: usize = 40;
/// A value with a name that holds one of these words is nobody's business.
const SECRET_WORDS: &[&str] = &[
    "auth",
    "code",
    "credential",
    "hash",
    "key",
    "nonce",
    "otp",
    "pass",
    "pwd",
    "secret",
    "session",
    "sid",
    "sig",
    "state",
    "ticket",
    "token",
];

/// What the window remembers beside the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowMemory {
    /// What the user says of sessions, the newest last.
    pub labels: Vec<SessionLabel>,
    /// The addresses that were opened in new sessions, the newest last.
    pub addresses: Vec<String>,
    /// The sessions of services that were watched, the newest last.
    pub sessions: Vec<RecentSession>,
    /// The watched sessions that have ended, the newest last.
    pub ended: Vec<EndedSession>,
}

/// What the user says of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionLabel {
    /// The name of the session's service.
    pub service: String,
    /// The session's id at the service.
    pub id: String,
    /// The name that the user gave it; empty for its own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Whether it stands before all others in the list.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// The heading under which it stands; empty for that of its service.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// The color that marks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<LabelColor>,
}

/// A color that marks a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(rename_all = "kebab-case")]
pub enum LabelColor {
    /// Red.
    Red,
    /// Orange.
    Orange,
    /// Green.
    Green,
    /// Blue.
    Blue,
    /// Purple.
    Purple,
}

/// A session of a service that was watched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecentSession {
    /// The name of the session's service.
    pub service: String,
    /// The session's id at the service.
    pub id: String,
    /// What it was called then.
    pub title: String,
}

/// A session that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedSession {
    /// The name of the session's service.
    pub service: String,
    /// The session's id at the service.
    pub id: String,
    /// What it was called last.
    pub title: String,
    /// The address of its last page; empty where that may hold something secret.
    #[serde(default)]
    pub address: String,
    /// When it ended, or when the window learned of it.
    pub at: Timestamp,
    /// How it ended, in words.
    pub how: String,
}

impl Stored for WindowMemory {
    const FILE_NAME: &'static str = "memory.toml";
}

impl SessionLabel {
    /// Tells whether it says nothing, so that it need not be kept.
    pub fn is_empty(&self) -> bool {
        let Self { service: _, id: _, name, pinned, group, color } = self;
        name.is_empty() && !pinned && group.is_empty() && color.is_none()
    }
}

impl WindowMemory {
    /// Returns what the user says of a session.
    pub fn label(&self, service: &str, id: &str) -> Option<&SessionLabel> {
        self.labels.iter().find(|label| label.service == service && label.id == id)
    }

    /// Keeps what the user says of a session now.
    pub fn set_label(&mut self, label: SessionLabel) {
        let label = SessionLabel { name: title(&label.name), group: title(&label.group), ..label };
        self.labels.retain(|known| (&known.service, &known.id) != (&label.service, &label.id));
        if !label.is_empty() {
            push(&mut self.labels, label, MAX_LABELS);
        }
    }

    /// Notes that an address was opened, unless it may hold something secret.
    pub fn note_address(&mut self, address: &str) {
        if let Some(address) = memorable(address) {
            self.addresses.retain(|known| *known != address);
            push(&mut self.addresses, address, MAX_RECENT);
        }
    }

    /// Notes that a session of a service is watched.
    pub fn note_session(&mut self, session: RecentSession) {
        let session = RecentSession { title: title(&session.title), ..session };
        self.sessions
            .retain(|known| (&known.service, &known.id) != (&session.service, &session.id));
        push(&mut self.sessions, session, MAX_RECENT);
    }

    /// Notes that a session has ended.
    pub fn note_end(&mut self, ended: EndedSession) {
        let address = memorable(&ended.address).unwrap_or_default();
        let (words, how) = (title(&ended.title), title(&ended.how));
        push(&mut self.ended, EndedSession { title: words, address, how, ..ended }, MAX_ENDED);
        let Some(last) = self.ended.last() else {
            return;
        };
        let (service, id) = (last.service.clone(), last.id.clone());
        self.sessions.retain(|known| (&known.service, &known.id) != (&service, &id));
    }

    /// Forgets what was opened and what has ended. What the user says of sessions stays.
    pub fn forget(&mut self) {
        *self = Self { labels: std::mem::take(&mut self.labels), ..Self::default() };
    }
}

/// Returns an address without whatever in it may be secret; `None` where it is no address of the web or too long.
pub fn memorable(address: &str) -> Option<String> {
    let address = address.trim();
    let typed = Url::parse(address).ok().filter(|url| !url.cannot_be_a_base());
    let mut url = match typed {
        Some(url) => url,
        // People leave out the scheme.
        None => Url::parse(&format!("https://{address}")).ok()?,
    };
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    if !is_web || redact::has_login(&url) || redact::address(address) != address {
        return None;
    }
    if url.query_pairs().any(|(name, value)| is_secret(&name, &value)) {
        url.set_query(None);
    }
    if url.fragment().is_some_and(|fragment| fragment.contains('=')) {
        url.set_fragment(None);
    }
    (url.as_str().len() <= MAX_ADDRESS).then(|| url.into())
}

fn is_secret(name: &str, value: &str) -> bool {
    let name = name.to_lowercase();
    value.len() > MAX_VALUE || SECRET_WORDS.iter().any(|word| name.contains(word))
}

fn title(text: &str) -> String {
    redact::text(&one_line(text.trim(), MAX_TITLE)).into_owned()
}

fn push<T>(list: &mut Vec<T>, entry: T, most: usize) {
    list.push(entry);
    let surplus = list.len().saturating_sub(most);
    list.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Store;

    #[test]
    fn addresses_are_remembered_without_what_is_secret() {
        for (address, kept) in [
            ("example.com", Some("https://example.com/")),
            ("https://a.test/x?q=shoes&page=2", Some("https://a.test/x?q=shoes&page=2")),
            ("https://a.test/x?access_token=1", Some("https://a.test/x")),
            ("https://a.test/x?q=1&SID=2", Some("https://a.test/x")),
            ("https://a.test/#access_token=x", Some("https://a.test/")),
            ("https://a.test/#top", Some("https://a.test/#top")),
            ("https://me:hunter2@a.test/", None),
            ("me:hunter2@a.test", None),
            ("about:blank", None),
            ("file:///etc/passwd", None),
            ("data:text/html,x", None),
            ("", None),
        ] {
            assert_eq!(memorable(address).as_deref(), kept, "{address}");
        }
        let long = format!("https://a.test/?q={}", "a".repeat(MAX_VALUE + 1));
        assert_eq!(memorable(&long).as_deref(), Some("https://a.test/"));
        assert_eq!(memorable(&format!("https://a.test/{}", "a".repeat(MAX_ADDRESS))), None);
    }

    #[test]
    fn all_lists_are_bounded_and_the_newest_stay() {
        let mut memory = WindowMemory::default();
        for n in 0..1000 {
            let (service, id) = (String::from("s"), n.to_string());
            memory.note_address(&format!("https://{n}.test/"));
            memory.note_session(RecentSession {
                service: service.clone(),
                id: id.clone(),
                ..Default::default()
            });
            memory.set_label(SessionLabel {
                service: service.clone(),
                id: id.clone(),
                pinned: true,
                ..Default::default()
            });
            let title = "t".repeat(5000);
            memory.note_end(EndedSession {
                service,
                id: (n + 5000).to_string(),
                title,
                address: String::new(),
                at: Timestamp::UNIX_EPOCH,
                how: String::new(),
            });
        }
        assert_eq!(memory.addresses.len(), MAX_RECENT);
        assert_eq!(memory.addresses.last().unwrap(), "https://999.test/");
        assert_eq!((memory.sessions.len(), memory.labels.len()), (MAX_RECENT, MAX_LABELS));
        assert_eq!(memory.ended.len(), MAX_ENDED);
        assert!(memory.ended[0].title.chars().count() <= MAX_TITLE + 1);
        memory.forget();
        assert_eq!(
            (memory.addresses.len(), memory.ended.len(), memory.labels.len()),
            (0, 0, MAX_LABELS)
        );
    }

    #[test]
    fn a_label_that_says_nothing_goes_and_an_ended_session_is_not_offered() {
        let mut memory = WindowMemory::default();
        let label = SessionLabel {
            service: "s".into(),
            id: "1".into(),
            name: " Shop\n".into(),
            ..Default::default()
        };
        memory.set_label(label.clone());
        assert!(memory.label("s", "1").is_some_and(|label| label.name == "Shop"));
        memory.set_label(SessionLabel { name: String::new(), ..label });
        assert_eq!(memory.labels, []);
        memory.note_session(RecentSession {
            service: "s".into(),
            id: "1".into(),
            title: "x".into(),
        });
        memory.note_end(EndedSession {
            service: "s".into(),
            id: "1".into(),
            title: "x".into(),
            address: "https://a.test/?token=1".into(),
            at: Timestamp::UNIX_EPOCH,
            how: "y".into(),
        });
        assert_eq!(memory.sessions, []);
        assert_eq!(memory.ended[0].address, "https://a.test/");
    }

    #[test]
    fn two_windows_keep_what_the_other_remembers() {
        let folder = tempfile::tempdir().unwrap();
        let mut windows = [0, 1].map(|_| Store::<WindowMemory>::load(folder.path()));
        for (n, window) in windows.iter_mut().enumerate() {
            window.settings.note_address(&format!("https://{n}.test/"));
            let (service, id) = ("s".to_owned(), n.to_string());
            let color = Some(LabelColor::Blue);
            window.settings.set_label(SessionLabel {
                service: service.clone(),
                id: id.clone(),
                color,
                ..Default::default()
            });
            window.settings.note_end(EndedSession {
                service,
                id,
                title: "x".into(),
                address: String::new(),
                at: Timestamp::UNIX_EPOCH,
                how: "y".into(),
            });
            window.store.save(&window.settings).unwrap();
        }
        let now = Store::<WindowMemory>::load(folder.path()).settings;
        assert_eq!((now.addresses.len(), now.labels.len(), now.ended.len()), (2, 2, 2));
    }
}
