//! Keeps the settings in their file and keys in the keyring.

use secrecy::SecretString;
use url::Url;

use super::jobs::{Background, Jobs};
use super::objects::keep_choices;
use crate::settings::{Panels, Settings, SettingsError, Store, secrets};
use crate::ui::main_window::MainWindowState;
use crate::ui::state::SessionKey;

/// The settings and the keyring.
pub(super) struct Kept {
    pub settings: Settings,
    /// The settings' file; `None` where there is no folder for settings.
    store: Option<Store>,
    /// Work on the keyring, which ends in words for the user where it failed.
    jobs: Jobs<Option<String>>,
}

impl Kept {
    pub(super) fn new(settings: Settings, store: Option<Store>, background: &Background) -> Self {
        Self { settings, store, jobs: Jobs::new(background) }
    }

    pub(super) fn store(&self) -> Option<&Store> {
        self.store.as_ref()
    }

    /// Writes what changed since the file was read or written.
    pub(super) fn save(&mut self) -> Result<(), SettingsError> {
        match &mut self.store {
            Some(store) => store.save(&self.settings),
            None => Ok(()),
        }
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
    let filter = window.filter_of(front);
    settings.log.include.clone_from(&filter.include);
    settings.log.exclude.clone_from(&filter.exclude);
    settings.log.set_hidden_families(&filter.families_off);
    settings.panels = Panels {
        sessions: window.show_sessions,
        log: window.show_side,
        side: window.side,
        stats: window.show_statistics,
        wall: on_wall,
    };
    keep_choices(&window.objects, settings);
}
