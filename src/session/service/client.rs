//! The calls of a service that are about sessions as such.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use futures_util::future::BoxFuture;
use http::Method;
use serde_json::{Value, json};
use url::Url;

use crate::model::{FrameSize, SessionKind, SessionSummary};
use crate::net::{Auth, Client, NetError};
use crate::protocol::computers::{Computer, action_result, computers_of, path_segment};
use crate::session::Backend;
use crate::session::backend::ComputersBackend;
use crate::session::backend::computers::KEEP_ALIVE_CAP;
use crate::session::service::{PageFile, Service, ended, not_understood};

/// Talks to one service. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ServiceClient {
    client: Client,
    keep_alive_cap: Duration,
    user: Option<String>,
    lenient_media_type: bool,
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

/// What was found at a base URL.
#[derive(Clone, Debug, PartialEq)]
pub enum Probed {
    /// The API, and the sessions of this account.
    Found(Vec<SessionSummary>),
    /// The API is not there but here: with or without `/v1`.
    Elsewhere(Url),
}

impl ServiceClient {
    pub fn new(client: Client) -> Self {
        Self { client, keep_alive_cap: KEEP_ALIVE_CAP, user: None, lenient_media_type: false }
    }

    /// How long its sessions may be kept alive without a user action; 60 min by default.
    pub fn with_keep_alive_cap(self, keep_alive_cap: Duration) -> Self {
        Self { keep_alive_cap, ..self }
    }

    /// What the others in its sessions call this window's user.
    pub fn with_user(self, user: String) -> Self {
        Self { user: Some(user), ..self }
    }

    /// Takes event streams of its sessions, too, that are labeled as plain text or not at all.
    pub fn with_lenient_media_type(self, lenient_media_type: bool) -> Self {
        Self { lenient_media_type, ..self }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The way to watch and steer one session.
    pub fn session(&self, id: &str) -> ComputersBackend {
        let backend = ComputersBackend::new(self.client.clone(), id)
            .with_keep_alive_cap(self.keep_alive_cap)
            .with_lenient_media_type(self.lenient_media_type);
        match &self.user {
            Some(user) => backend.with_user(user.clone()),
            None => backend,
        }
    }

    /// Looks whether `base` is a service. Where its list is not found, the other form of the base is tried.
    pub async fn probe(base: &Url, auth: &Auth) -> Result<Probed, NetError> {
        let list = |base: Url| async { Self::new(Client::new(base, auth.clone())?).list().await };
        let refusal = match list(base.clone()).await {
            Err(err) if err.status() == Some(404) => err,
            result => return result.map(Probed::Found),
        };
        let other = other_form(base);
        match list(other.clone()).await {
            Ok(_) => Ok(Probed::Elsewhere(other)),
            Err(_) => Err(refusal),
        }
    }

    pub async fn list(&self) -> Result<Vec<SessionSummary>, NetError> {
        let answer = self.client.json(Method::GET, "computers", None).await?;
        let computers = computers_of(&answer).ok_or_else(|| not_understood("a session list"))?;
        Ok(computers.into_iter().map(|computer| computer.summary).collect())
    }

    pub async fn get(&self, id: &str) -> Result<SessionSummary, NetError> {
        summary(&self.client.json(Method::GET, &path(id, ""), None).await?)
    }

    /// Creates a session; [`ServiceClient::navigate`] takes it to its start page.
    pub async fn create(&self, request: &NewSessionRequest) -> Result<SessionSummary, NetError> {
        summary(&self.client.json(Method::POST, "computers", Some(&request.body())).await?)
    }

    pub async fn navigate(&self, id: &str, url: &str) -> Result<(), NetError> {
        let answer = self
            .client
            .json(Method::POST, &path(id, "/navigate"), Some(&json!({ "url": url })))
            .await?;
        done(&answer)
    }

    /// Gives a page of the session a file: an extension of our own host.
    pub async fn give_file(&self, id: &str, file: PageFile<'_>) -> Result<(), NetError> {
        let PageFile { name, data, tab, from } = file;
        let data = BASE64_STANDARD.encode(data);
        let body = json!({ "name": name, "data": data, "tab_id": tab, "clientIndex": from });
        let answer = self.client.json(Method::POST, &path(id, "/files"), Some(&body)).await?;
        done(&answer)
    }

    /// Ends a session. One that is gone already is as good.
    pub async fn end(&self, id: &str) -> Result<(), NetError> {
        ended(self.client.json(Method::DELETE, &path(id, ""), None).await)
    }
}

impl Service for ServiceClient {
    fn list(&self) -> BoxFuture<'_, Result<Vec<SessionSummary>, NetError>> {
        Box::pin(self.list())
    }

    fn create<'a>(
        &'a self,
        request: &'a NewSessionRequest,
    ) -> BoxFuture<'a, Result<SessionSummary, NetError>> {
        Box::pin(self.create(request))
    }

    fn navigate<'a>(&'a self, id: &'a str, url: &'a str) -> BoxFuture<'a, Result<(), NetError>> {
        Box::pin(self.navigate(id, url))
    }

    fn end<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), NetError>> {
        Box::pin(self.end(id))
    }

    fn give_file<'a>(
        &'a self,
        id: &'a str,
        file: PageFile<'a>,
    ) -> BoxFuture<'a, Result<(), NetError>> {
        Box::pin(self.give_file(id, file))
    }

    fn chat_client(&self) -> Option<&Client> {
        Some(&self.client)
    }

    fn session(&self, id: &str) -> Box<dyn Backend> {
        Box::new(self.session(id))
    }
}

impl NewSessionRequest {
    fn body(&self) -> Value {
        let kind = match self.kind {
            SessionKind::Browser => "browser",
            SessionKind::Desktop => "desktop",
            SessionKind::Sample => "sample",
            SessionKind::Camera => "camera",
        };
        let mut body = json!({ "kind": kind });
        if let Some(FrameSize { width, height }) = self.size {
            body["display"] = json!({ "width": width, "height": height, "scale": 1 });
        }
        if let Some(url) = &self.start_url {
            body["start_url"] = json!(url);
        }
        body
    }
}

fn path(id: &str, rest: &str) -> String {
    format!("computers/{}{rest}", path_segment(id))
}

/// An action may fail inside of an answer that is well.
fn done(answer: &Value) -> Result<(), NetError> {
    action_result(answer).map(drop).map_err(|message| NetError::Refused { status: 200, message })
}

fn summary(answer: &Value) -> Result<SessionSummary, NetError> {
    Computer::read(answer)
        .map(|computer| computer.summary)
        .ok_or_else(|| not_understood("the description of a session"))
}

/// `base` with `/v1` at its end if it has none, without if it has.
fn other_form(base: &Url) -> Url {
    let mut other = base.clone();
    let path = base.path().trim_end_matches('/');
    let path = match path.strip_suffix("/v1") {
        Some(without) => format!("{without}/"),
        None => format!("{path}/v1"),
    };
    other.set_path(&path);
    other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_base_has_another_form() {
        for (base, other) in [
            ("https://a.test", "https://a.test/v1"),
            ("https://a.test/v1", "https://a.test/"),
            ("https://a.test/v1/", "https://a.test/"),
            ("https://a.test/proxy/", "https://a.test/proxy/v1"),
            ("https://a.test/proxy/v1", "https://a.test/proxy/"),
        ] {
            assert_eq!(other_form(&base.parse().unwrap()).as_str(), other);
        }
    }

    #[test]
    fn a_request_says_only_what_was_chosen() {
        let bare = NewSessionRequest::default();
        assert_eq!(bare.body(), json!({"kind": "browser"}));
        let size = Some(FrameSize { width: 1280, height: 720 });
        let desktop = NewSessionRequest {
            kind: SessionKind::Desktop,
            size,
            start_url: Some("https://a.test".to_owned()),
            ..NewSessionRequest::default()
        };
        assert_eq!(
            desktop.body(),
            json!({"kind": "desktop", "display": {"width": 1280, "height": 720, "scale": 1}, "start_url": "https://a.test"})
        );
    }
}
