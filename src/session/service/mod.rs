//! A service beyond one session: its list, making and ending sessions, and the way to each.

pub mod cameras;
mod client;
mod directory;
mod schedule;
#[cfg(test)]
mod tests;

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::Backend;
use crate::model::SessionSummary;
use crate::net::{Client, NetError};

pub use cameras::Cameras;
pub use client::{NewSessionRequest, Probed, ServiceClient};
pub use directory::{Directory, DirectoryHandle, DirectoryNews};
pub use schedule::Interest;

/// A session that is gone already is as good as ended.
pub fn ended(answer: Result<Value, NetError>) -> Result<(), NetError> {
    match answer {
        Ok(_) | Err(NetError::Refused { status: 404 | 410, .. }) => Ok(()),
        Err(err) => Err(err),
    }
}

/// An answer that is well, but not `expected`.
pub fn not_understood(expected: &str) -> NetError {
    NetError::Refused {
        status: 200,
        message: format!("The answer is not {expected}; check the address of the service"),
    }
}

/// A file for a page.
#[derive(Clone, Copy, Debug)]
pub struct PageFile<'a> {
    pub name: &'a str,
    pub data: &'a [u8],
    /// `None`: the tab that is shown.
    pub tab: Option<&'a str>,
    /// The participant who gives it; `None`: nobody in the session.
    pub from: Option<u32>,
}

/// A system that has sessions. What it can't do it refuses with one plain sentence.
pub trait Service: Send + Sync + 'static {
    fn list(&self) -> BoxFuture<'_, Result<Vec<SessionSummary>, NetError>>;

    fn create<'a>(
        &'a self,
        request: &'a NewSessionRequest,
    ) -> BoxFuture<'a, Result<SessionSummary, NetError>>;

    /// Takes a session that was just created to its start page.
    fn navigate<'a>(&'a self, id: &'a str, url: &'a str) -> BoxFuture<'a, Result<(), NetError>>;

    /// Ends a session. One that is gone already is as good.
    fn end<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), NetError>>;

    /// Gives a page of the session a file.
    fn give_file<'a>(
        &'a self,
        _id: &'a str,
        _file: PageFile<'a>,
    ) -> BoxFuture<'a, Result<(), NetError>> {
        let refused = NetError::Invalid("This service takes no files".to_owned());
        Box::pin(std::future::ready(Err(refused)))
    }

    /// What asks questions where a session's assistant is this service's own.
    fn chat_client(&self) -> Option<&Client> {
        None
    }

    /// The way to watch and steer one session, listed or not.
    fn session(&self, id: &str) -> Box<dyn Backend>;
}
