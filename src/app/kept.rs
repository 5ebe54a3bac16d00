//! Keeps the settings in their file and keys in the keyring.

use std::path::Path;

use secrecy::SecretString;
use url::Url;

use super::jobs::{Background, Jobs};
use super::objects::{choices_of, keep_choices};
use crate::settings::{
    HostSettings, Panels, Problem, Settings, SettingsError, Store, WindowMemory, secrets,
};
use crate::ui::main_window::MainWindowState;
use crate::ui::state::SessionKey;

/// The settings and the keyring.
pub(super) struct Kept {
    pub settings: Settings,
    /// What the window remembers beside the settings.
    pub memory: WindowMemory,
    memory_store: Option<Store<WindowMemory>>,
    /// The settings' file; `None` where there is no folder for settings.
    store: Option<Store>,
    /// Work on the keyring, which ends in words for the user where it failed.
    jobs: Jobs<Option<String>>,
}

impl Kept {
    pub(super) fn new(settings: Settings, store: Option<Store>, background: &Background) -> Self {
        let memory = WindowMemory::default();
        Self { settings, store, memory, memory_store: None, jobs: Jobs::new(background) }
    }

    /// Remembers what the file in `dir` has, and keeps it there. Returns what the user has to be told about the file.
    pub(super) fn remember_in(&mut self, dir: &Path) -> Option<Problem> {
        let loaded = Store::<WindowMemory>::load(dir);
        self.memory = loaded.settings;
        self.memory_store = Some(loaded.store);
        loaded.problem
    }

    pub(super) fn store(&self) -> Option<&Store> {
        self.store.as_ref()
    }

    /// Takes over what somebody else wrote into the file.
    pub(super) fn refresh(&mut self) -> Result<(), SettingsError> {
        match &mut self.store {
            Some(store) => store.refresh(&mut self.settings),
            None => Ok(()),
        }
    }

    /// Writes what changed since the file was read or written.
    pub(super) fn save(&mut self) -> Result<(), SettingsError> {
        match &mut self.store {
            Some(store) => store.save(&self.settings),
            None => Ok(()),
        }
    }

    /// Writes what changed, in the settings and in what is remembered beside them.
    pub(super) fn save_all(&mut self) -> Result<(), SettingsError> {
        if let Some(store) = &mut self.memory_store {
            store.save(&self.memory)?;
        }
        self.save()
    }

    /// Keeps the key for the server of `base`. It happens in the background, because the keyring may block.
    pub(super) fn keep_key(&self, base: Url, key: SecretString) {
        self.jobs.spawn_blocking(move || {
            let err = secrets::set(&base, &key).err()?;
            Some(format!("The key is known until Helmsight is closed, because the keyring can't keep it ({err})"))
        });
    }

    /// Forgets the key for the server of `base`, also in the background. The key stays where anything else in the
    /// settings uses it.
    pub(super) fn forget_key(&self, base: Url) {
        if self.settings.uses_key_of(&base) {
            return;
        }
        self.jobs.spawn_blocking(move || {
            let err = secrets::delete(&base).err()?;
            Some(format!("The key could not be removed from the keyring: {err}"))
        });
    }

    /// Takes what could not be done in the keyring since the last call, in words for the user.
    pub(super) fn take_problems(&self) -> Vec<String> {
        self.jobs.take_finished().into_iter().flatten().collect()
    }
}

/// Copies what the window remembers to the settings; `front` is the session in front.
pub(super) fn remember_window(
    settings: &mut Settings,
    window: &MainWindowState,
    front: Option<&SessionKey>,
    on_wall: bool,
) {
    settings.log.take(window.filter_of(front));
    settings.saved_filters.clone_from(&window.log.saved);
    settings.log_requests = window.log.requests;
    settings.panels = Panels {
        sessions: window.show_sessions,
        log: window.show_side,
        side: window.side,
        stats: window.show_statistics,
        wall: on_wall,
    };
    settings.layout = window.places;
    keep_choices(&window.objects, settings);
}

/// Gives the window what the settings remember of it.
pub(super) fn restore_window(settings: &Settings, window: &mut MainWindowState) {
    window.set_filter(&settings.log.filter());
    window.log.saved.clone_from(&settings.saved_filters);
    window.log.requests = settings.log_requests;
    window.show_sessions = settings.panels.sessions;
    window.show_side = settings.panels.log;
    window.side = settings.panels.side;
    window.places = settings.layout;
    window.show_statistics = settings.panels.stats;
    window.objects = choices_of(settings);
    let HostSettings { width, height, fits, start_url, .. } = &settings.host;
    window.new_session.width = *width;
    window.new_session.height = *height;
    window.new_session.fits = *fits;
    window.new_session.url.clone_from(start_url);
}

#[cfg(test)]
mod tests {
    use super::super::jobs::tests::{background, outcome};
    use super::*;
    use crate::session::support::Wakes;
    use crate::settings::ServiceProfile;

    fn kept(store: Option<Store>) -> (Kept, Wakes) {
        let wakes = Wakes::default();
        let background = background(&tokio::runtime::Handle::current(), &wakes);
        (Kept::new(Settings::default(), store, &background), wakes)
    }

    #[tokio::test]
    async fn settings_are_there_again_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let (mut kept, _) = kept(Some(Store::load(folder.path()).store));
        kept.settings.user_name = "Ada".to_owned();
        kept.save().unwrap();
        assert_eq!(Store::<Settings>::load(folder.path()).settings.user_name, "Ada");
    }

    #[tokio::test]
    async fn without_a_folder_nothing_is_written_and_nothing_fails() {
        let (mut kept, _) = kept(None);
        kept.settings.user_name = "Ada".to_owned();
        assert!(kept.save().is_ok() && kept.store().is_none());
    }

    #[tokio::test]
    async fn what_the_keyring_does_not_do_is_told() {
        // Such an address names no server, so the keyring of whoever runs this is not asked.
        let nowhere: Url = "data:text/plain,x".parse().unwrap();
        let (kept, wakes) = kept(None);
        kept.keep_key(nowhere.clone(), SecretString::from("secret"));
        let problem = outcome(&wakes, || kept.take_problems()).await;
        assert!(problem.contains("until Helmsight is closed"), "{problem}");
        kept.forget_key(nowhere);
        let problem = outcome(&wakes, || kept.take_problems()).await;
        assert!(problem.contains("could not be removed"), "{problem}");
    }

    #[tokio::test]
    async fn a_key_stays_while_something_else_uses_it() {
        let (mut kept, _) = kept(None);
        let base_url = "https://a.test/v1".to_owned();
        kept.settings.profiles.push(ServiceProfile { base_url, ..ServiceProfile::default() });
        kept.forget_key("https://a.test/".parse().unwrap());
        assert!(kept.jobs.background().tracker.is_empty());
    }
}
