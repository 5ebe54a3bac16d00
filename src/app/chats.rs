//! Finds who answers in the chats of watched sessions, carries out what the panel asks, and keeps chats where the user
//! wants that.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use super::jobs::{Background, Jobs};
use super::notices::Notices;
use super::services::Services;
use super::sessions::{ChatLink, OpenSessions, Watched};
use crate::model::Status;
use crate::model::chat::{ChatOffer, Message};
use crate::net::{Auth, Client, TokenPlace};
use crate::session::{ChatAccess, ChatHandle};
use crate::settings::chats::ChatStore;
use crate::settings::secrets::SecretError;
use crate::settings::{ChatProfile, secrets};
use crate::ui::action::ChatAction;
use crate::ui::state::{OpenSession, SessionKey};

/// What is known about chats beside the sessions.
pub(super) struct Chats {
    /// `None` where there is no folder for data.
    store: Option<ChatStore>,
    assistants: Assistants,
    jobs: Jobs<ChatJobDone>,
}

/// Finds who answers in a session whose service does not say so.
#[derive(Default)]
struct Assistants {
    /// The assistants in the order of the settings, each with its place there.
    profiles: Vec<(usize, ChatProfile, Client)>,
    /// Services that take tasks although their sessions do not say so.
    task_services: BTreeSet<String>,
}

/// The outcome of a job.
enum ChatJobDone {
    /// The keyring has answered for an assistant of the settings.
    Ready {
        place: usize,
        profile: ChatProfile,
        key: Result<Option<SecretString>, SecretError>,
    },
    Loaded {
        session: SessionKey,
        messages: io::Result<Vec<Message>>,
    },
    Saved {
        session: SessionKey,
        result: io::Result<()>,
    },
    Forgotten(io::Result<()>),
}

impl Chats {
    pub(super) fn new(data_dir: Option<PathBuf>, background: &Background) -> Self {
        Self {
            store: data_dir.map(|dir| ChatStore::new(&dir)),
            assistants: Assistants::default(),
            jobs: Jobs::new(background),
        }
    }

    /// Makes the assistants of the settings ready. Their keys come from the keyring, which may block.
    pub(super) fn connect_profiles(&self, profiles: &[ChatProfile]) {
        for (place, profile) in profiles.iter().cloned().enumerate() {
            self.jobs.spawn_blocking(move || {
                let key =
                    Url::parse(&profile.base_url).map_or(Ok(None), |base| secrets::get(&base));
                ChatJobDone::Ready { place, profile, key }
            });
        }
    }

    /// Remembers that a service takes tasks although its sessions do not say so.
    pub(super) fn takes_tasks(&mut self, service: &str) {
        self.assistants.task_services.insert(service.to_owned());
    }

    /// Opens the chats of new sessions, folds what came into them, and writes them to disk where `keeps` says that the
    /// user wants that.
    pub(super) fn tend(
        &mut self,
        sessions: &mut OpenSessions,
        services: &Services,
        keeps: bool,
        notices: &mut Notices,
    ) {
        for done in self.jobs.take_finished() {
            self.settle(done, sessions, services, notices);
        }
        let store = self.store.as_ref().filter(|_| keeps);
        for (open, watched) in sessions.pairs_mut() {
            // Who answers may be known late, and changes when a key is given or a service is connected to again.
            let access = self.assistants.access(open, services);
            match &watched.chat {
                ChatLink::Absent => {
                    if let Some(access) = access.filter(ChatAccess::is_there) {
                        match store {
                            Some(store) => self.load(store.clone(), open, watched),
                            None => start(open, watched, Vec::new(), access, &self.jobs),
                        }
                    }
                }
                ChatLink::Loading => (),
                ChatLink::Open { handle, .. } => {
                    if let Some(access) = access {
                        handle.set_access(access);
                    }
                    for update in handle.take_news() {
                        open.view.apply(update);
                    }
                    if let Some(store) = store {
                        self.save(store.clone(), open, watched);
                    }
                }
            }
        }
    }

    /// Carries out what the panel asks of the session in front, except [`ChatAction::Keep`], which changes the
    /// settings.
    pub(super) fn act(&self, action: ChatAction, sessions: &OpenSessions, notices: &mut Notices) {
        let (Some(open), Some(watched)) = (sessions.active(), sessions.active_watched()) else {
            return;
        };
        let ChatLink::Open { handle, .. } = &watched.chat else {
            return notices.error("The chat is not open yet, try again in a moment");
        };
        match action {
            ChatAction::Ask(prompt) => handle.send(&prompt),
            ChatAction::Retry(id) => {
                if let Some(question) = open.view.chat.question_of(id) {
                    handle.retry(question.id, &question.text);
                }
            }
            ChatAction::Stop => handle.stop(),
            ChatAction::Forget => {
                handle.clear();
                self.forget(open.key.clone());
            }
            ChatAction::StartTask(instruction) => handle.start_task(&instruction),
            ChatAction::Tell(text) => handle.inject(&text),
            ChatAction::Pause => handle.pause(),
            ChatAction::Resume => handle.resume(),
            ChatAction::Keep(_) => (),
        }
    }

    /// Writes the chats that are not written yet, before the window closes.
    pub(super) fn save_now(&self, sessions: &OpenSessions, keeps: bool) {
        let Some(store) = self.store.as_ref().filter(|_| keeps) else {
            return;
        };
        for (open, watched) in sessions.pairs() {
            let chat = &open.view.chat;
            if let ChatLink::Open { kept, .. } = watched.chat
                && kept != chat.revision()
                && let Err(err) = store.save(&open.key.service, &open.key.id, chat.messages())
            {
                tracing::warn!("A chat could not be kept: {err}");
            }
        }
    }

    fn settle(
        &mut self,
        done: ChatJobDone,
        sessions: &mut OpenSessions,
        services: &Services,
        notices: &mut Notices,
    ) {
        match done {
            ChatJobDone::Ready { place, profile, key } => {
                let key = key.unwrap_or_else(|err| {
                    let base = &profile.base_url;
                    notices.error(format!(
                        "The key of the chat at {base} could not be read ({err}): keep it with “helmsight key {base}”"
                    ));
                    None
                });
                match client_of(&profile, key) {
                    Ok(client) => self.assistants.add(place, profile, client),
                    Err(why) => notices.error(why),
                }
            }
            ChatJobDone::Loaded { session, messages } => {
                let messages = messages.unwrap_or_else(|err| {
                    notices.error(format!("What was kept of a chat could not be read: {err}"));
                    Vec::new()
                });
                if let Some((open, watched)) = sessions.pair_mut(&session) {
                    let access = self.assistants.access(open, services).unwrap_or_default();
                    start(open, watched, messages, access, &self.jobs);
                }
            }
            ChatJobDone::Saved { session, result } => {
                if let Some((_, watched)) = sessions.pair_mut(&session)
                    && let ChatLink::Open { is_saving, .. } = &mut watched.chat
                {
                    *is_saving = false;
                }
                if let Err(err) = result {
                    notices.error(format!("The chat could not be kept on this computer: {err}"));
                }
            }
            ChatJobDone::Forgotten(Err(err)) => {
                notices.error(format!("What was kept of the chat could not be deleted: {err}"));
            }
            ChatJobDone::Forgotten(Ok(())) => (),
        }
    }

    fn load(&self, store: ChatStore, open: &OpenSession, watched: &mut Watched) {
        watched.chat = ChatLink::Loading;
        let session = open.key.clone();
        self.jobs.spawn_blocking(move || {
            let messages = store.load(&session.service, &session.id);
            ChatJobDone::Loaded { session, messages }
        });
    }

    /// Writes a chat that has changed and is at rest, one file at a time so that the last one wins.
    fn save(&self, store: ChatStore, open: &OpenSession, watched: &mut Watched) {
        let chat = &open.view.chat;
        let ChatLink::Open { kept, is_saving, .. } = &mut watched.chat else {
            return;
        };
        if *is_saving || chat.is_busy() || *kept == chat.revision() {
            return;
        }
        *is_saving = true;
        *kept = chat.revision();
        let (session, messages) = (open.key.clone(), chat.messages().to_vec());
        self.jobs.spawn_blocking(move || {
            let result = store.save(&session.service, &session.id, &messages);
            ChatJobDone::Saved { session, result }
        });
    }

    fn forget(&self, session: SessionKey) {
        let Some(store) = self.store.clone() else {
            return;
        };
        let forget = move || ChatJobDone::Forgotten(store.forget(&session.service, &session.id));
        self.jobs.spawn_blocking(forget);
    }
}

impl Assistants {
    /// Adds an assistant. The order of the settings decides which one suits a session first, not the order in which
    /// keys arrive.
    fn add(&mut self, place: usize, profile: ChatProfile, client: Client) {
        let at = self.profiles.partition_point(|(known, ..)| *known < place);
        self.profiles.insert(at, (place, profile, client));
    }

    /// Returns the assistant that the settings name for a session.
    fn of_settings(&self, key: &SessionKey) -> Option<(Client, String)> {
        let is_for =
            |profile: &ChatProfile| profile.service.is_empty() || profile.service == key.service;
        let mut profiles = self.profiles.iter();
        let (_, profile, client) = profiles.find(|(_, profile, _)| is_for(profile))?;
        let url = profile.messages_url(&key.id).ok()?;
        Some((client.clone(), url.to_string()))
    }

    /// Returns the session's own chat where its service has one, else the one of the settings. `None` means that the
    /// service is not known any more, nor who answers.
    fn access(&self, open: &OpenSession, services: &Services) -> Option<ChatAccess> {
        let connection = services.connection(&open.key.service)?;
        Some(self.access_through(connection.service.chat_client(), open))
    }

    /// Returns the chat through a service's assistants. Until the service has told what it has, nobody is asked: a
    /// question must not go elsewhere just because it was quick.
    fn access_through(&self, client: Option<&Client>, open: &OpenSession) -> ChatAccess {
        let has_failed = matches!(open.view.status, Status::Ended { .. });
        let offer = match (&open.view.chat.offer, client) {
            (Some(offer), _) => offer.clone(),
            (None, Some(_)) if !has_failed => return ChatAccess::default(),
            (None, _) => ChatOffer::default(),
        };
        let has_tasks = offer.tasks || self.task_services.contains(&open.key.service);
        let messages = match offer.messages {
            Some(path) => client.map(|client| (client.clone(), path)),
            None => self.of_settings(&open.key),
        };
        ChatAccess {
            messages,
            tasks: client.filter(|_| has_tasks).map(|client| (client.clone(), open.key.id.clone())),
        }
    }
}

fn start(
    open: &mut OpenSession,
    watched: &mut Watched,
    messages: Vec<Message>,
    access: ChatAccess,
    jobs: &Jobs<ChatJobDone>,
) {
    let newest = messages.iter().map(|message| message.id).max().unwrap_or(0);
    let chat = &mut open.view.chat;
    if !messages.is_empty() {
        chat.restore(messages);
    }
    let Background { runtime, tracker, wake, .. } = jobs.background();
    let handle = ChatHandle::start(runtime, tracker, access, newest, wake.clone());
    watched.chat = ChatLink::Open { handle, kept: chat.revision(), is_saving: false };
}

fn client_of(profile: &ChatProfile, key: Option<SecretString>) -> Result<Client, String> {
    let url = profile.messages_url("id")?;
    let auth = match key {
        Some(key) => Auth::token(&url, key, TokenPlace::Bearer),
        None => Auth::none(),
    };
    let name = &profile.base_url;
    Client::new(url, auth).map_err(|err| format!("The chat at {name} cannot be used: {err}"))
}

#[cfg(test)]
mod tests {
    use super::super::sessions::tests::{key, watching};
    use super::*;

    fn client(url: &str) -> Client {
        Client::new(url.parse().unwrap(), Auth::none()).unwrap()
    }

    fn assistant(service: &str, base_url: &str) -> (ChatProfile, Client) {
        let profile = ChatProfile {
            service: service.to_owned(),
            base_url: base_url.to_owned(),
            ..ChatProfile::default()
        };
        (profile, client(base_url))
    }

    #[test]
    fn nobody_else_is_asked_before_a_service_has_told_what_it_has() {
        let mut sessions = watching(&["1"]);
        let mut assistants = Assistants::default();
        let (profile, other) = assistant("", "https://other.test/");
        assistants.add(0, profile, other);
        let own = client("https://own.test/");
        let (open, _) = sessions.pair_mut(&key("1")).unwrap();
        assert!(!assistants.access_through(Some(&own), open).is_there());
        // A service without any assistants tells nothing.
        assert!(assistants.access_through(None, open).messages.is_some());
        open.view.chat.offer = Some(ChatOffer { messages: Some("chat".into()), tasks: true });
        let access = assistants.access_through(Some(&own), open);
        assert!(access.messages.is_some_and(|(client, _)| client.is_same(&own)));
        assert!(access.tasks.is_some());
        open.view.chat.offer = Some(ChatOffer::default());
        let access = assistants.access_through(Some(&own), open);
        assert!(access.messages.is_some_and(|(client, _)| !client.is_same(&own)));
        assert!(access.tasks.is_none());
        assistants.task_services.insert("cloud".to_owned());
        assert!(assistants.access_through(Some(&own), open).tasks.is_some());
    }

    #[test]
    fn the_first_assistant_of_the_settings_counts_whichever_key_was_there_first() {
        let mut assistants = Assistants::default();
        for (place, service, base_url) in [
            (2, "", "https://all.test/"),
            (0, "elsewhere", "https://elsewhere.test/"),
            (1, "cloud", "https://cloud.test/"),
        ] {
            let (profile, client) = assistant(service, base_url);
            assistants.add(place, profile, client);
        }
        let (_, url) = assistants.of_settings(&key("1")).unwrap();
        assert!(url.starts_with("https://cloud.test/"), "{url}");
    }
}
