//! Lists the kinds of servers that the settings may name, and makes a service of each.
//!
//! A new kind is a folder beside this file with a `KindSpec` of its own, and two lines in this file.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::setup::{KindSpec, ServiceSetup};
use super::{cobrowse, computers};
use crate::net::NetError;
use crate::session::Service;

/// Kind of a server. The settings file holds it by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceKind {
    /// A service of the computers API, such as a session host.
    #[default]
    Computers,
    /// A Webfuse space.
    Webfuse,
    /// A Surfly account.
    Surfly,
}

impl ServiceKind {
    fn kind(self) -> &'static KindSpec {
        match self {
            Self::Computers => &computers::KIND,
            Self::Webfuse => &cobrowse::WEBFUSE,
            Self::Surfly => &cobrowse::SURFLY,
        }
    }

    /// Returns the name that the window shows.
    pub fn title(self) -> &'static str {
        self.kind().title
    }

    /// Returns an example of an address to start from.
    pub fn example(self) -> &'static str {
        self.kind().example
    }

    /// Returns the address that is meant where none is typed, or `None` where each service of this kind has its own.
    pub fn public_address(self) -> Option<&'static str> {
        self.kind().is_public.then(|| self.example())
    }

    /// Tells whether its sessions are those of a space with a number.
    pub fn has_spaces(self) -> bool {
        self.kind().has_spaces
    }

    /// Returns the query parameter that usually carries the key, or `None` where the key goes into the `Authorization`
    /// header.
    pub fn key_parameter(self) -> Option<&'static str> {
        self.kind().key_parameter
    }
}

/// Makes the service that `setup` describes, without any request. Fails where the address or the credential cannot be
/// used.
pub fn service_of(kind: ServiceKind, setup: ServiceSetup) -> Result<Arc<dyn Service>, NetError> {
    (kind.kind().make)(setup)
}
