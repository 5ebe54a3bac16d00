//! Finds the model that answers questions about the sessions of this machine, and its key.

use secrecy::SecretString;
use url::Url;

use super::{HostSettings, secrets};
use crate::base::address::words_for_none;
use crate::base::redact;
use crate::host::ChatConfig;

/// The variable that holds the model's key. An environment is private, a command line is not.
const KEY_ENV: &str = "HELMSIGHT_CHAT_KEY";

/// Returns the model that the settings name, without its key; `None` where they name none. The error is one sentence
/// for the user.
pub fn chat_model(settings: &HostSettings) -> Result<Option<ChatConfig>, String> {
    let address = &settings.chat_base_url;
    if address.is_empty() {
        return Ok(None);
    }
    let base_url = Url::parse(address).map_err(|err| {
        let shown = redact::address(address);
        let help = format!(
            "The address of the chat's model in the settings cannot be used ({err}): “{shown}”"
        );
        words_for_none(address, help)
    })?;
    Ok(Some(ChatConfig { base_url, model: settings.chat_model.clone(), key: None }))
}

/// Adds the key from the environment or the keyring; a model may need none. May block for up to 60 s.
pub fn with_key(config: ChatConfig) -> ChatConfig {
    let from_env =
        std::env::var(KEY_ENV).ok().filter(|key| !key.is_empty()).map(SecretString::from);
    let key = from_env.or_else(|| match secrets::get(&config.base_url) {
        Ok(key) => key,
        Err(err) => {
            tracing::warn!("Could not read the key of the chat's model: {err}");
            None
        }
    });
    ChatConfig { key, ..config }
}
