//! A service beyond one session: its list, making and ending sessions, and the way to each.
//!
//! Who implements it stands in `session::backend`, which alone knows the kinds.

mod directory;
mod schedule;
#[cfg(test)]
mod tests;

use futures_util::future::{BoxFuture, ready};
use serde_json::Value;
use url::Url;

use super::Backend;
use crate::model::{EncodedFrame, FrameSize, SessionKind, SessionSummary};
use crate::net::{Client, NetError, SseStream};

pub use directory::{Directory, DirectoryHandle, DirectoryNews, DirectoryTask};
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
    NetError::NotUnderstood(format!(
        "The answer is not {expected}; check the address of the service"
    ))
}

/// What a service that can't do something answers to whoever asks for it.
pub fn refused<T: Send + 'static>(why: &str) -> BoxFuture<'static, Result<T, NetError>> {
    Box::pin(ready(Err(NetError::Invalid(why.to_owned()))))
}

/// A session to be created.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewSessionRequest {
    pub kind: SessionKind,
    /// Of the page in CSS pixels; `None`: the service's choice.
    pub size: Option<FrameSize>,
    /// The page it is taken to once it is there; `None`: the service's own.
    pub url: Option<String>,
    /// The page it is created on: an extension of our own host, which others may refuse.
    pub start_url: Option<String>,
}

/// What was found at the address of a service.
#[derive(Clone, Debug, PartialEq)]
pub enum Probed {
    /// The API, and the sessions of this account.
    Found(Vec<SessionSummary>),
    /// The API is not there but at this address.
    Elsewhere(Url),
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

    /// Looks whether the service is where its address says.
    fn probe(&self) -> BoxFuture<'_, Result<Probed, NetError>> {
        Box::pin(async { self.list().await.map(Probed::Found) })
    }

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
        refused("This service takes no files")
    }

    /// One picture of the session as it is now.
    fn picture<'a>(&'a self, _id: &'a str) -> BoxFuture<'a, Result<EncodedFrame, NetError>> {
        refused("This service gives no single pictures")
    }

    /// One connection to the session's events, from the one behind `last_event_id` on.
    fn events(&self, _id: &str, _last_event_id: Option<String>) -> Result<SseStream, NetError> {
        Err(NetError::Invalid("This service has no stream of events".to_owned()))
    }

    /// What asks questions where a session's assistant is this service's own.
    fn chat_client(&self) -> Option<&Client> {
        None
    }

    /// The way to watch and steer one session, listed or not.
    fn session(&self, id: &str) -> Box<dyn Backend>;
}
