//! The host inside this process: started when the first local session is asked for.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::host::{ChatConfig, Host, HostConfig};
use crate::settings::{HostSettings, secrets};
use crate::ui::action::NewSession;

/// The name under which the local host's sessions are listed.
pub const SERVICE: &str = "This computer";

/// Sessions asked for while the host starts wait here; a person clicks at most a few times in that second.
#[derive(Default)]
pub enum LocalHost {
    #[default]
    Stopped,
    Starting {
        waiting: Vec<NewSession>,
    },
    Running(Host),
}

/// What the command line says about local browsers.
#[derive(Clone, Debug, Default)]
pub struct BrowserOptions {
    /// `None`: look for one.
    pub path: Option<PathBuf>,
    pub no_sandbox: bool,
}

impl BrowserOptions {
    /// What the command line says goes before the settings.
    pub fn host_config(&self, settings: &HostSettings) -> HostConfig {
        let limit = |seconds: u64| (seconds > 0).then(|| Duration::from_secs(seconds));
        HostConfig {
            browser: self.path.clone().or_else(|| settings.browser.clone()),
            no_chromium_sandbox: self.no_sandbox,
            idle: limit(settings.idle_seconds),
            max_lifetime: limit(settings.max_lifetime_seconds),
            ..HostConfig::default()
        }
    }
}

/// The key of the model that answers questions; an environment is private, a command line is not.
pub const CHAT_KEY_ENV: &str = "HELMSIGHT_CHAT_KEY";

/// The model for chats that the settings name, without its key.
pub fn chat_model(settings: &HostSettings) -> Result<Option<ChatConfig>, String> {
    let address = &settings.chat_base_url;
    if address.is_empty() {
        return Ok(None);
    }
    let base_url = Url::parse(address).map_err(|err| {
        format!(
            "The address of the chat's model in the settings cannot be used ({err}): “{address}”"
        )
    })?;
    Ok(Some(ChatConfig {
        base_url,
        model: settings.chat_model.clone(),
        key: None,
    }))
}

/// Adds the key, of the environment or the keyring. May block; a model may need none.
pub fn with_key(config: ChatConfig) -> ChatConfig {
    let from_env = std::env::var(CHAT_KEY_ENV)
        .ok()
        .filter(|key| !key.is_empty())
        .map(SecretString::from);
    let key = from_env.or_else(|| match secrets::get(&config.base_url) {
        Ok(key) => key,
        Err(err) => {
            tracing::warn!("The key of the chat's model could not be read: {err}");
            None
        }
    });
    ChatConfig { key, ..config }
}
