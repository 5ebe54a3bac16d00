//! Says which model answers questions about sessions.

use std::fmt;

use secrecy::SecretString;
use url::Url;

use crate::host::error::HostError;
use crate::net::{Auth, Client, TokenPlace};

/// The model that answers questions about sessions.
#[derive(Clone)]
pub struct ChatConfig {
    /// The address of an API with `chat/completions` below it.
    pub base_url: Url,
    /// The model's name, as the API knows it.
    pub model: String,
    /// The API's key, if it wants one.
    pub key: Option<SecretString>,
}

impl ChatConfig {
    /// Checks that the model can be asked; a host does not start with one that can't.
    pub fn check(&self) -> Result<(), HostError> {
        self.client().map(drop)
    }

    pub(super) fn client(&self) -> Result<Client, HostError> {
        let auth = match &self.key {
            Some(key) => Auth::token(&self.base_url, key.clone(), TokenPlace::Bearer),
            None => Auth::none(),
        };
        Client::new(self.base_url.clone(), auth).map_err(|err| HostError::Chat(err.to_string()))
    }
}

impl fmt::Debug for ChatConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatConfig")
            .field("host", &self.base_url.host_str())
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}
