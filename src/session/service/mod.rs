//! Describes a service beyond one session: it lists, creates and ends sessions, and offers the way to each.
//!
//! The implementations stand in `session::backend`, which alone knows the kinds.

mod directory;
mod schedule;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use futures_util::future::{BoxFuture, ready};
use serde_json::Value;
use url::Url;

use super::Backend;
use crate::model::{
    EncodedFrame, FramePoint, FrameSize, PageScript, ScriptValue, SessionKind, SessionSummary,
};
use crate::net::{Client, NetError, SseStream};

pub use directory::{Directory, DirectoryHandle, DirectoryNews, DirectoryTask};
pub use schedule::Interest;

/// Reads the answer to ending a session. A session that is gone already counts as ended.
pub fn ended(answer: Result<Value, NetError>) -> Result<(), NetError> {
    match answer {
        Ok(_) | Err(NetError::Refused { status: 404 | 410, .. }) => Ok(()),
        Err(err) => Err(err),
    }
}

/// Returns the error for a successful answer that is not `expected`.
pub fn not_understood(expected: &str) -> NetError {
    NetError::NotUnderstood(format!(
        "The answer is not {expected}; check the address of the service"
    ))
}

/// Returns the refusal of a service that lacks an ability.
pub fn refused<T: Send + 'static>(why: &str) -> BoxFuture<'static, Result<T, NetError>> {
    Box::pin(ready(Err(NetError::Invalid(why.to_owned()))))
}

/// A session to create.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewSessionRequest {
    /// Kind of the session.
    pub kind: SessionKind,
    /// Size of the page in CSS pixels. `None` leaves it to the service.
    pub size: Option<FrameSize>,
    /// The page that the session opens after its creation. `None` leaves it to the service.
    pub url: Option<String>,
    /// The page that the session is created on. This is an extension of the session host, which other services may
    /// refuse.
    pub start_url: Option<String>,
}

/// Finding at the address of a service.
#[derive(Clone, Debug, PartialEq)]
pub enum Probed {
    /// The API is there, with these sessions of the account.
    Found(Vec<SessionSummary>),
    /// The API is not there but at this address.
    Elsewhere(Url),
}

/// A file to give to a page.
#[derive(Clone, Copy, Debug)]
pub struct PageFile<'a> {
    /// Name of the file.
    pub name: &'a str,
    /// Content of the file.
    pub data: &'a [u8],
    /// Id of the tab. `None` means the active tab.
    pub tab: Option<&'a str>,
    /// The participant who gives the file. `None` means nobody in the session.
    pub from: Option<u32>,
}

/// Files to drop on a page.
#[derive(Clone, Copy, Debug)]
pub struct FilesDropped<'a> {
    /// Names and contents of the files.
    pub files: &'a [(String, Vec<u8>)],
    /// Where they are dropped.
    pub at: FramePoint,
    /// Id of the tab. `None` means the active tab.
    pub tab: Option<&'a str>,
    /// The participant who drops them. `None` means nobody in the session.
    pub from: Option<u32>,
}

/// A system that has sessions. It refuses what it can't do with one plain sentence.
pub trait Service: Send + Sync + 'static {
    /// Lists the sessions.
    fn list(&self) -> BoxFuture<'_, Result<Vec<SessionSummary>, NetError>>;

    /// Looks whether the service is where its address says.
    fn probe(&self) -> BoxFuture<'_, Result<Probed, NetError>> {
        Box::pin(async { self.list().await.map(Probed::Found) })
    }

    /// Creates a session.
    fn create<'a>(
        &'a self,
        request: &'a NewSessionRequest,
    ) -> BoxFuture<'a, Result<SessionSummary, NetError>>;

    /// Takes a session that was just created to its start page.
    fn navigate<'a>(&'a self, id: &'a str, url: &'a str) -> BoxFuture<'a, Result<(), NetError>>;

    /// Ends a session. A session that is gone already counts as ended.
    fn end<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), NetError>>;

    /// Gives a file to a page of the session.
    fn give_file<'a>(
        &'a self,
        _id: &'a str,
        _file: PageFile<'a>,
    ) -> BoxFuture<'a, Result<(), NetError>> {
        refused("This service takes no files")
    }

    /// Drops files at a place in a page of the session.
    fn drop_files<'a>(
        &'a self,
        _id: &'a str,
        _files: FilesDropped<'a>,
    ) -> BoxFuture<'a, Result<(), NetError>> {
        refused("This service takes no files")
    }

    /// Prints a page of the session to a PDF; without a tab, the page of the active one.
    fn pdf<'a>(
        &'a self,
        _id: &'a str,
        _tab: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Bytes, NetError>> {
        refused("This service prints no pages")
    }

    /// Runs a script in the session's page, in the name of the participant `from`, and returns its value. An exception of
    /// the script is an error in words.
    fn run_script<'a>(
        &'a self,
        _id: &'a str,
        _script: &'a PageScript,
        _from: Option<u32>,
    ) -> BoxFuture<'a, Result<ScriptValue, NetError>> {
        refused("This service runs no scripts")
    }

    /// Returns the text that is selected in the session's page; empty where none is.
    fn selection<'a>(&'a self, _id: &'a str) -> BoxFuture<'a, Result<String, NetError>> {
        refused("This service does not tell what is selected")
    }

    /// Returns one current picture of the session.
    fn picture<'a>(&'a self, _id: &'a str) -> BoxFuture<'a, Result<EncodedFrame, NetError>> {
        refused("This service gives no single pictures")
    }

    /// Opens one connection to the session's events, which begins after `last_event_id`.
    fn events(&self, _id: &str, _last_event_id: Option<String>) -> Result<SseStream, NetError> {
        Err(NetError::Invalid("This service has no stream of events".to_owned()))
    }

    /// Returns the client for questions where the service has an assistant of its own.
    fn chat_client(&self) -> Option<&Client> {
        None
    }

    /// Returns the backend that watches and steers one session, listed or not.
    fn session(&self, id: &str) -> Box<dyn Backend>;
}
