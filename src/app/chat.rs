//! Chats of watched sessions: finds where they are, carries out what the panel asks, and keeps them where that is wanted.

use std::collections::BTreeSet;
use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use super::App;
use super::jobs::Outcome;
use crate::model::Status;
use crate::model::chat::{ChatOffer, Message};
use crate::net::{Auth, Client, TokenPlace};
use crate::session::{ChatAccess, ChatHandle};
use crate::settings::chats::ChatStore;
use crate::settings::{ChatProfile, secrets};
use crate::ui::action::ChatAction;
use crate::ui::state::SessionKey;

/// What is known about chats beside the sessions.
#[derive(Default)]
pub(super) struct Chats {
    /// `None` where there is no folder for data.
    store: Option<ChatStore>,
    /// In the order of the settings, of which each has its place.
    profiles: Vec<(usize, ChatProfile, Client)>,
    /// Services that take tasks although their sessions do not say so.
    task_services: BTreeSet<String>,
}

/// The background end of a session's chat.
#[derive(Default)]
pub(super) enum ChatLink {
    #[default]
    Absent,
    /// What was kept of it is being read.
    Loading,
    Open {
        handle: ChatHandle,
        /// The revision that is on disk.
        kept: u64,
        is_saving: bool,
    },
}

impl Chats {
    pub(super) fn new(data_dir: Option<PathBuf>) -> Self {
        Self { store: data_dir.map(|dir| ChatStore::new(&dir)), ..Self::default() }
    }

    pub(super) fn takes_tasks(&mut self, service: &str) {
        self.task_services.insert(service.to_owned());
    }

    /// The first that suits a session counts, whichever key was there first.
    fn add_profile(&mut self, place: usize, profile: ChatProfile, client: Client) {
        let at = self.profiles.partition_point(|(known, ..)| *known < place);
        self.profiles.insert(at, (place, profile, client));
    }

    /// An assistant that the settings name for a session.
    fn of_settings(&self, key: &SessionKey) -> Option<(Client, String)> {
        let is_for =
            |profile: &ChatProfile| profile.service.is_empty() || profile.service == key.service;
        let mut profiles = self.profiles.iter();
        let (_, profile, client) = profiles.find(|(_, profile, _)| is_for(profile))?;
        let url = profile.messages_url(&key.id).ok()?;
        Some((client.clone(), url.to_string()))
    }
}

impl App {
    /// Makes the assistants of the settings ready; their keys come from the keyring, which may block.
    pub(super) fn connect_chat_profiles(&mut self) {
        for (place, profile) in self.settings.chats.clone().into_iter().enumerate() {
            self.jobs.spawn_blocking(move || {
                let key = Url::parse(&profile.base_url).map_or(Ok(None), |base| secrets::get(&base));
                Box::new(move |app: &mut Self| {
                    let key = key.unwrap_or_else(|err| {
                        let base = &profile.base_url;
                        app.error(format!(
                            "The key of the chat at {base} could not be read ({err}): keep it with “helmsight key {base}”"
                        ));
                        None
                    });
                    match client_of(&profile, key) {
                        Ok(client) => app.chats.add_profile(place, profile, client),
                        Err(why) => app.error(why),
                    }
                }) as Outcome
            });
        }
    }

    /// Opens what there is to open, folds what came, and keeps what is to be kept.
    pub(super) fn tend_chats(&mut self) {
        for at in 0..self.watched.len() {
            // Who answers may be known late, and change: a key that is given, a service that is connected to again.
            let access = self.chat_access(at);
            let open = &mut self.state.open[at];
            match &self.watched[at].chat {
                ChatLink::Absent => {
                    if access.is_some_and(|access| access.is_there()) {
                        let key = open.key.clone();
                        self.load_chat(at, key);
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
                    self.keep_chat(at);
                }
            }
        }
    }

    pub(super) fn chat(&mut self, action: ChatAction) {
        if let ChatAction::Keep(keep) = action {
            self.settings.keep_chats = keep;
            self.state.keep_chats = keep;
            return;
        }
        let Some(at) = self.state.active else { return };
        let (Some(open), Some(watched)) = (self.state.open.get(at), self.watched.get(at)) else {
            return;
        };
        let ChatLink::Open { handle, .. } = &watched.chat else {
            return self.error("The chat is not open yet, try again in a moment");
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
                let key = open.key.clone();
                self.forget_kept_chat(key);
            }
            ChatAction::StartTask(instruction) => handle.start_task(&instruction),
            ChatAction::Tell(text) => handle.inject(&text),
            ChatAction::Pause => handle.pause(),
            ChatAction::Resume => handle.resume(),
            ChatAction::Keep(_) => (),
        }
    }

    /// Where chats are kept; `None` also where the user wants none kept.
    fn kept_chats(&self) -> Option<&ChatStore> {
        let store = self.chats.store.as_ref();
        store.filter(|_| self.settings.keep_chats)
    }

    /// Writes what is not written yet, before the window goes.
    pub(super) fn save_chats_now(&mut self) {
        let Some(store) = self.kept_chats() else {
            return;
        };
        for (open, watched) in self.state.open.iter().zip(&self.watched) {
            let chat = &open.view.chat;
            if let ChatLink::Open { kept, .. } = watched.chat
                && kept != chat.revision()
                && let Err(err) = store.save(&open.key.service, &open.key.id, chat.messages())
            {
                tracing::warn!("a chat could not be kept: {err}");
            }
        }
    }

    /// Its own where the service says so, else what the settings have for it. `None`: not known any more, since nobody
    /// knows its service.
    ///
    /// Until a service has told what it has, nobody is asked: a question must not go elsewhere just because it was quick.
    fn chat_access(&self, at: usize) -> Option<ChatAccess> {
        let open = &self.state.open[at];
        let mut services = self.state.services.iter();
        let of = services.position(|service| service.name == open.key.service)?;
        let client = self.services[of].service.chat_client();
        let has_failed = matches!(open.view.status, Status::Ended { .. });
        let offer = match (&open.view.chat.offer, client) {
            (Some(offer), _) => offer.clone(),
            (None, Some(_)) if !has_failed => return Some(ChatAccess::default()),
            (None, _) => ChatOffer::default(),
        };
        let has_tasks = offer.tasks || self.chats.task_services.contains(&open.key.service);
        let messages = match offer.messages {
            Some(path) => client.map(|client| (client.clone(), path)),
            None => self.chats.of_settings(&open.key),
        };
        Some(ChatAccess {
            messages,
            tasks: client.filter(|_| has_tasks).map(|client| (client.clone(), open.key.id.clone())),
        })
    }

    fn load_chat(&mut self, at: usize, key: SessionKey) {
        let Some(store) = self.kept_chats().cloned() else {
            return self.open_chat(at, Vec::new());
        };
        self.watched[at].chat = ChatLink::Loading;
        self.jobs.spawn_blocking(move || {
            let kept = store.load(&key.service, &key.id);
            Box::new(move |app: &mut Self| {
                let kept = kept.unwrap_or_else(|err| {
                    app.error(format!("What was kept of a chat could not be read: {err}"));
                    Vec::new()
                });
                if let Some(at) = app.state.open.iter().position(|open| open.key == key) {
                    app.open_chat(at, kept);
                }
            }) as Outcome
        });
    }

    fn open_chat(&mut self, at: usize, messages: Vec<Message>) {
        let access = self.chat_access(at).unwrap_or_default();
        let newest = messages.iter().map(|message| message.id).max().unwrap_or(0);
        let chat = &mut self.state.open[at].view.chat;
        if !messages.is_empty() {
            chat.restore(messages);
        }
        let handle = ChatHandle::start(
            self.jobs.runtime(),
            self.jobs.tracker(),
            access,
            newest,
            self.jobs.wake().clone(),
        );
        self.watched[at].chat = ChatLink::Open { handle, kept: chat.revision(), is_saving: false };
    }

    /// Writes a chat that has changed and is at rest, one file at a time so that the last one wins.
    fn keep_chat(&mut self, at: usize) {
        let Some(store) = self.kept_chats().cloned() else {
            return;
        };
        let open = &self.state.open[at];
        let chat = &open.view.chat;
        let ChatLink::Open { kept, is_saving, .. } = &mut self.watched[at].chat else {
            return;
        };
        if *is_saving || chat.is_busy() || *kept == chat.revision() {
            return;
        }
        *is_saving = true;
        *kept = chat.revision();
        let (key, messages) = (open.key.clone(), chat.messages().to_vec());
        self.jobs.spawn_blocking(move || {
            let result = store.save(&key.service, &key.id, &messages);
            Box::new(move |app: &mut Self| {
                let at = app.state.open.iter().position(|open| open.key == key);
                if let Some(ChatLink::Open { is_saving, .. }) =
                    at.map(|at| &mut app.watched[at].chat)
                {
                    *is_saving = false;
                }
                if let Err(err) = result {
                    app.error(format!("The chat could not be kept on this computer: {err}"));
                }
            }) as Outcome
        });
    }

    fn forget_kept_chat(&mut self, key: SessionKey) {
        let Some(store) = self.chats.store.clone() else {
            return;
        };
        self.jobs.spawn_blocking(move || {
            let result = store.forget(&key.service, &key.id);
            Box::new(move |app: &mut Self| {
                if let Err(err) = result {
                    app.error(format!("What was kept of the chat could not be deleted: {err}"));
                }
            }) as Outcome
        });
    }
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
