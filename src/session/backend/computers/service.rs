//! Talks to a service of the computers API: lists, creates and ends its sessions.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::Method;
use serde_json::{Value, json};
use url::Url;

use super::ComputersBackend;
use super::screenshot::take_screenshot;
use crate::base::text::{clip, one_line};
use crate::model::{
    EncodedFrame, FrameSize, MAX_CLIPBOARD_TEXT, PageScript, ScriptValue, SessionKind,
    SessionSummary,
};
use crate::net::{Client, NetError, SseItem, SseOptions, SseStream};
use crate::protocol::computers::{
    CastMessage, Computer, action_result, cast_message, computers_of, page_address, path_segment,
};
use crate::session::Backend;
use crate::session::backend::setup::{KEEP_ALIVE_CAP, KindSpec, ServiceSetup};
use crate::session::service::{
    FilesDropped, NewSessionRequest, PageFile, Probed, Service, ended, not_understood,
};

/// So many pictures that can't be read are enough to say so.
const MAX_UNREAD: usize = 3;
/// What a script returned is described in at most so many characters where JSON has no form for it.
const MAX_DESCRIPTION: usize = 200;

pub(in crate::session::backend) const KIND: KindSpec = KindSpec {
    title: "Computers API",
    example: "https://api.example.com",
    is_public: false,
    has_spaces: false,
    key_parameter: None,
    make,
};

fn make(setup: ServiceSetup) -> Result<Arc<dyn Service>, NetError> {
    let ServiceSetup { base, auth, keep_alive_cap, lenient_media_type, user, .. } = setup;
    let client = Client::new(base, auth)?;
    Ok(Arc::new(ComputersService { client, keep_alive_cap, user, lenient_media_type }))
}

/// A service that speaks the computers API. It is cheap to clone.
#[derive(Clone, Debug)]
pub struct ComputersService {
    client: Client,
    keep_alive_cap: Duration,
    user: Option<String>,
    lenient_media_type: bool,
}

impl ComputersService {
    /// Makes a service at the address and with the credential of `client`.
    pub fn new(client: Client) -> Self {
        Self { client, keep_alive_cap: KEEP_ALIVE_CAP, user: None, lenient_media_type: false }
    }

    /// Returns the service's client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Returns the backend that watches and steers one session.
    pub fn session(&self, id: &str) -> ComputersBackend {
        let backend = ComputersBackend::new(self.client.clone(), id)
            .with_keep_alive_cap(self.keep_alive_cap)
            .with_lenient_media_type(self.lenient_media_type);
        match &self.user {
            Some(user) => backend.with_user(user.clone()),
            None => backend,
        }
    }

    /// Looks whether the API is at the base. Where its list is not found there, the other form of the base is tried.
    pub async fn probe(&self) -> Result<Probed, NetError> {
        let refusal = match self.list().await {
            Err(err) if err.status() == Some(404) => err,
            result => return result.map(Probed::Found),
        };
        let other = other_form(self.client.base());
        let there = Self::new(self.client.at(other.clone())?);
        match there.list().await {
            Ok(_) => Ok(Probed::Elsewhere(other)),
            Err(_) => Err(refusal),
        }
    }

    /// Lists the sessions of the account.
    pub async fn list(&self) -> Result<Vec<SessionSummary>, NetError> {
        let answer = self.client.json(Method::GET, "computers", None).await?;
        let computers = computers_of(&answer).ok_or_else(|| not_understood("a session list"))?;
        Ok(computers.into_iter().map(|computer| computer.summary).collect())
    }

    /// Fetches the description of one session.
    pub async fn get(&self, id: &str) -> Result<SessionSummary, NetError> {
        summary(&self.client.json(Method::GET, &path(id, ""), None).await?)
    }

    /// Creates a session. [`ComputersService::navigate`] takes it to its start page.
    pub async fn create(&self, request: &NewSessionRequest) -> Result<SessionSummary, NetError> {
        let body = creation(request);
        summary(&self.client.json(Method::POST, "computers", Some(&body)).await?)
    }

    /// Takes a session to the page at `url`.
    pub async fn navigate(&self, id: &str, url: &str) -> Result<(), NetError> {
        let answer = self
            .client
            .json(Method::POST, &path(id, "/navigate"), Some(&json!({ "url": page_address(url) })))
            .await?;
        done(&answer)
    }

    /// Gives a file to a page of the session, which is an extension of the session host.
    pub async fn give_file(&self, id: &str, file: PageFile<'_>) -> Result<(), NetError> {
        let PageFile { name, data, tab, from } = file;
        let data = BASE64_STANDARD.encode(data);
        let body = json!({ "name": name, "data": data, "tab_id": tab, "clientIndex": from });
        let answer = self.client.json(Method::POST, &path(id, "/files"), Some(&body)).await?;
        done(&answer)
    }

    /// Drops files at a place in a page of the session, which is an extension of the session host.
    pub async fn drop_files(&self, id: &str, dropped: FilesDropped<'_>) -> Result<(), NetError> {
        let FilesDropped { files, at, tab, from } = dropped;
        let files = files
            .iter()
            .map(|(name, data)| json!({ "name": name, "data": BASE64_STANDARD.encode(data) }));
        let body = json!({
            "files": files.collect::<Vec<_>>(), "tab_id": tab, "clientIndex": from,
            "x": at.x, "y": at.y, "width": at.width, "height": at.height,
        });
        let answer = self.client.json(Method::POST, &path(id, "/drop"), Some(&body)).await?;
        done(&answer)
    }

    /// Prints a page of the session to a PDF, which is an extension of the session host.
    pub async fn pdf(&self, id: &str, tab: Option<&str>) -> Result<Bytes, NetError> {
        let query = tab.map_or_else(String::new, |tab| format!("?tab_id={}", path_segment(tab)));
        let pdf = self.client.document(&format!("{}{query}", path(id, "/pdf"))).await?;
        if pdf.starts_with(b"%PDF-") { Ok(pdf) } else { Err(not_understood("a PDF")) }
    }

    /// Runs a script in the session's page, which is an extension of the session host.
    pub async fn run_script(
        &self,
        id: &str,
        script: &PageScript,
        from: Option<u32>,
    ) -> Result<ScriptValue, NetError> {
        let mut action = json!({
            "type": "evaluate", "script": script.body(), "arguments": script.arguments(), "include_context": false,
        });
        if let Some(from) = from {
            action["clientIndex"] = from.into();
        }
        let body = json!({ "action": action });
        let mut answer = self.client.json(Method::POST, &path(id, "/execute"), Some(&body)).await?;
        done(&answer)?;
        let result = &mut answer["result"];
        let description =
            result["description"].as_str().map(|text| one_line(text, MAX_DESCRIPTION));
        Ok(ScriptValue { value: result["value"].take(), description })
    }

    /// Returns the text that is selected in the session's page, which is an extension of the session host.
    pub async fn selection(&self, id: &str) -> Result<String, NetError> {
        let answer = self.client.json(Method::GET, &path(id, "/selection"), None).await?;
        let text = answer.get("text").and_then(Value::as_str);
        text.map(|text| clip(text, MAX_CLIPBOARD_TEXT).to_owned())
            .ok_or_else(|| not_understood("the text that is selected"))
    }

    /// Ends a session. A session that is gone already counts as ended.
    pub async fn end(&self, id: &str) -> Result<(), NetError> {
        ended(self.client.json(Method::DELETE, &path(id, ""), None).await)
    }

    /// Returns the first picture that comes, as the session sends it. Fails where pictures come and none can be read.
    pub async fn picture(&self, id: &str) -> Result<EncodedFrame, NetError> {
        let mut stream =
            SseStream::open(&self.client, &path(id, "/screencast"), SseOptions::default());
        let mut unread = 0;
        loop {
            let SseItem::Event { kind, data, .. } = stream.next().await? else {
                continue;
            };
            match cast_message(&kind, &data, Instant::now()) {
                CastMessage::Picture(frame) => return Ok(frame),
                // Video is not decoded, but the service can take a screenshot.
                CastMessage::Video => {
                    let taken = take_screenshot(&self.client, &path(id, "")).await;
                    return taken.map(|taken| taken.frame);
                }
                CastMessage::Damaged(what) => {
                    unread += 1;
                    if unread == MAX_UNREAD {
                        return Err(NetError::NotAStream(format!(
                            "Pictures come and can't be read: what comes is {what}"
                        )));
                    }
                }
                CastMessage::Cursor(_) | CastMessage::Failed(_) | CastMessage::Unknown => (),
            }
        }
    }
}

impl Service for ComputersService {
    fn list(&self) -> BoxFuture<'_, Result<Vec<SessionSummary>, NetError>> {
        Box::pin(self.list())
    }

    fn probe(&self) -> BoxFuture<'_, Result<Probed, NetError>> {
        Box::pin(self.probe())
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

    fn drop_files<'a>(
        &'a self,
        id: &'a str,
        files: FilesDropped<'a>,
    ) -> BoxFuture<'a, Result<(), NetError>> {
        Box::pin(self.drop_files(id, files))
    }

    fn selection<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<String, NetError>> {
        Box::pin(self.selection(id))
    }

    fn run_script<'a>(
        &'a self,
        id: &'a str,
        script: &'a PageScript,
        from: Option<u32>,
    ) -> BoxFuture<'a, Result<ScriptValue, NetError>> {
        Box::pin(self.run_script(id, script, from))
    }

    fn give_file<'a>(
        &'a self,
        id: &'a str,
        file: PageFile<'a>,
    ) -> BoxFuture<'a, Result<(), NetError>> {
        Box::pin(self.give_file(id, file))
    }

    fn pdf<'a>(
        &'a self,
        id: &'a str,
        tab: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Bytes, NetError>> {
        Box::pin(self.pdf(id, tab))
    }

    fn picture<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<EncodedFrame, NetError>> {
        Box::pin(self.picture(id))
    }

    fn events(&self, id: &str, last_event_id: Option<String>) -> Result<SseStream, NetError> {
        let options = SseOptions {
            last_event_id,
            lenient_media_type: self.lenient_media_type,
            ..SseOptions::default()
        };
        Ok(SseStream::open(&self.client, &path(id, "/events"), options))
    }

    fn chat_client(&self) -> Option<&Client> {
        Some(&self.client)
    }

    fn session(&self, id: &str) -> Box<dyn Backend> {
        Box::new(self.session(id))
    }
}

/// Returns the body of the call that creates a session.
fn creation(request: &NewSessionRequest) -> Value {
    let kind = match request.kind {
        SessionKind::Browser => "browser",
        SessionKind::Desktop => "desktop",
        SessionKind::Sample => "sample",
        SessionKind::Camera => "camera",
    };
    let mut body = json!({ "kind": kind });
    if let Some(FrameSize { width, height }) = request.size {
        body["display"] = json!({ "width": width, "height": height, "scale": 1 });
    }
    if let Some(url) = &request.start_url {
        body["start_url"] = json!(url);
    }
    body
}

fn path(id: &str, rest: &str) -> String {
    format!("computers/{}{rest}", path_segment(id))
}

/// Checks an action's answer, which may tell a failure although its status is a success.
fn done(answer: &Value) -> Result<(), NetError> {
    action_result(answer).map(drop).map_err(NetError::Declined)
}

fn summary(answer: &Value) -> Result<SessionSummary, NetError> {
    Computer::read(answer)
        .map(|computer| computer.summary)
        .ok_or_else(|| not_understood("the description of a session"))
}

/// Returns `base` with `/v1` at its end if it has none, or without it if it has.
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
        assert_eq!(creation(&bare), json!({"kind": "browser"}));
        let size = Some(FrameSize { width: 1280, height: 720 });
        let desktop = NewSessionRequest {
            kind: SessionKind::Desktop,
            size,
            start_url: Some("https://a.test".to_owned()),
            ..NewSessionRequest::default()
        };
        assert_eq!(
            creation(&desktop),
            json!({"kind": "desktop", "display": {"width": 1280, "height": 720, "scale": 1}, "start_url": "https://a.test"})
        );
    }
}
