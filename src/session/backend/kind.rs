//! The kinds of servers that the settings may name, and the one place that makes a service of each.
//!
//! A new kind is a folder beside this file, with a `Kind` of its own, and its two lines here.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::setup::{Kind, ServiceSetup};
use super::{cobrowse, computers};
use crate::net::NetError;
use crate::session::Service;

/// Which system a server is. Written to the settings file by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceKind {
    #[default]
    Computers,
    Webfuse,
    Surfly,
}

impl ServiceKind {
    fn kind(self) -> &'static Kind {
        match self {
            Self::Computers => &computers::KIND,
            Self::Webfuse => &cobrowse::WEBFUSE,
            Self::Surfly => &cobrowse::SURFLY,
        }
    }

    pub fn title(self) -> &'static str {
        self.kind().title
    }

    /// An address to start from.
    pub fn example(self) -> &'static str {
        self.kind().example
    }

    /// The address that is meant where none is typed; `None`: each service of this kind has its own.
    pub fn public_address(self) -> Option<&'static str> {
        self.kind().is_public.then(|| self.example())
    }

    /// Whether its sessions are those of a space with a number.
    pub fn has_spaces(self) -> bool {
        self.kind().has_spaces
    }

    /// The query parameter that usually carries the key; `None`: it goes into the `Authorization` header.
    pub fn key_parameter(self) -> Option<&'static str> {
        self.kind().key_parameter
    }
}

/// Makes the service that `setup` describes. Nothing is asked of it yet.
pub fn service_of(kind: ServiceKind, setup: ServiceSetup) -> Result<Arc<dyn Service>, NetError> {
    (kind.kind().make)(setup)
}
