//! The sessions of a space: listed, made and ended.

use std::time::Duration;

use futures_util::future::BoxFuture;
use http::Method;

use super::CobrowseBackend;
use crate::base::text::one_line;
use crate::model::{PageControl, SessionSummary};
use crate::net::{Client, NetError};
use crate::protocol::cobrowse::{
    Dialect, RpcActions, RpcCall, created, rpc_path, rpc_result, sessions_of,
};
use crate::session::Backend;
use crate::session::service::{NewSessionRequest, Service, ended, not_understood};

/// Snapshots cost the service a call each, and one of the services allows 100 a minute.
const WEBFUSE_PERIOD: Duration = Duration::from_secs(1);
const SURFLY_PERIOD: Duration = Duration::from_secs(3);

/// A service of people who browse together.
#[derive(Clone, Debug)]
pub struct CobrowseService {
    client: Client,
    dialect: Dialect,
    space: Option<String>,
    snapshot_period: Duration,
    webhooks: Option<Client>,
}

impl CobrowseService {
    /// `space`: the one whose sessions are listed; `None`: all that the key sees.
    pub fn new(client: Client, dialect: Dialect, space: Option<String>) -> Self {
        let snapshot_period = match dialect {
            Dialect::Webfuse => WEBFUSE_PERIOD,
            Dialect::Surfly => SURFLY_PERIOD,
        };
        Self { client, dialect, space, snapshot_period, webhooks: None }
    }

    /// Time from one snapshot to the next, at least.
    pub fn with_snapshot_period(self, snapshot_period: Duration) -> Self {
        Self { snapshot_period, ..self }
    }

    /// Puts the webhook events that the session host of `client` takes into the sessions' logs.
    pub fn with_webhooks(self, client: Client) -> Self {
        Self { webhooks: Some(client), ..self }
    }
}

impl Service for CobrowseService {
    fn list(&self) -> BoxFuture<'_, Result<Vec<SessionSummary>, NetError>> {
        Box::pin(async move {
            let path = self.dialect.list_path(self.space.as_deref());
            let answer = self.client.json(Method::GET, &path, None).await?;
            let sessions = sessions_of(self.dialect, &answer)
                .ok_or_else(|| not_understood("a list of sessions"))?;
            Ok(sessions.into_iter().map(|session| session.summary).collect())
        })
    }

    /// The address at which a person opens it stands in for the page, where no page is told.
    fn create<'a>(
        &'a self,
        request: &'a NewSessionRequest,
    ) -> BoxFuture<'a, Result<SessionSummary, NetError>> {
        Box::pin(async move {
            let body = self.dialect.create_body(request.url.as_deref());
            let path = self.dialect.create_path();
            let answer = self.client.json(Method::POST, path, Some(&body)).await?;
            let session = created(self.dialect, &answer)
                .ok_or_else(|| not_understood("the description of a session"))?;
            let mut summary = session.summary;
            summary.url = summary.url.or(session.link);
            Ok(summary)
        })
    }

    /// Where a session is not made on its page: which needs somebody who has it open, and that is told.
    fn navigate<'a>(&'a self, id: &'a str, url: &'a str) -> BoxFuture<'a, Result<(), NetError>> {
        Box::pin(async move {
            if !self.dialect.can_be_steered() {
                return Ok(());
            }
            let navigate = PageControl::Navigate { url: url.to_owned() };
            let call = RpcActions::default().push(&navigate.into());
            for body in call.iter().filter_map(RpcCall::body) {
                let answer = self.client.json(Method::POST, &rpc_path(id), Some(&body)).await?;
                rpc_result(&answer).map_err(|why| NetError::Lost(one_line(&why, 300)))?;
            }
            Ok(())
        })
    }

    fn end<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), NetError>> {
        Box::pin(async move {
            let path = self.dialect.end_path(id);
            ended(self.client.json(Method::POST, &path, None).await)
        })
    }

    fn session(&self, id: &str) -> Box<dyn Backend> {
        Box::new(CobrowseBackend::new(
            self.client.clone(),
            self.dialect,
            id,
            self.snapshot_period,
            self.webhooks.clone(),
        ))
    }
}
