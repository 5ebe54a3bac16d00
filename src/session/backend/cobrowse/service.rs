//! Lists, creates and ends the sessions of a space.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::{HeaderName, Method};
use secrecy::SecretString;

use super::CobrowseBackend;
use crate::base::text::one_line;
use crate::model::{PageControl, SessionSummary};
use crate::net::{Client, NetError};
use crate::protocol::cobrowse::{
    Dialect, RpcActions, RpcCall, created, rpc_path, rpc_result, sessions_of,
};
use crate::session::Backend;
use crate::session::backend::setup::{KindSpec, ServiceSetup};
use crate::session::service::{NewSessionRequest, Service, ended, not_understood};

/// Time between two snapshots. Each costs a call, and one of the services allows 100 a minute.
const WEBFUSE_PERIOD: Duration = Duration::from_secs(1);
const SURFLY_PERIOD: Duration = Duration::from_secs(3);

/// Header that names the space of a call, where a service has several.
const SPACE_HEADER: HeaderName = HeaderName::from_static("x-space-id");

pub(in crate::session::backend) const WEBFUSE: KindSpec = KindSpec {
    title: "Webfuse space",
    example: "https://rpc.webfuse.com",
    is_public: true,
    has_spaces: true,
    key_parameter: None,
    make: |setup| make(Dialect::Webfuse, setup),
};

pub(in crate::session::backend) const SURFLY: KindSpec = KindSpec {
    title: "Surfly",
    example: "https://surfly.com/v2",
    is_public: true,
    has_spaces: false,
    key_parameter: Some("api_key"),
    make: |setup| make(Dialect::Surfly, setup),
};

fn make(dialect: Dialect, setup: ServiceSetup) -> Result<Arc<dyn Service>, NetError> {
    let ServiceSetup { base, auth, space, snapshot_period, webhooks, .. } = setup;
    let header = space.clone().filter(|_| dialect == Dialect::Webfuse);
    let auth = header
        .into_iter()
        .fold(auth, |auth, space| auth.with_header(SPACE_HEADER, SecretString::from(space)));
    let client = Client::new(base, auth)?;
    let snapshot_period = snapshot_period.unwrap_or(match dialect {
        Dialect::Webfuse => WEBFUSE_PERIOD,
        Dialect::Surfly => SURFLY_PERIOD,
    });
    Ok(Arc::new(CobrowseService { client, dialect, space, snapshot_period, webhooks }))
}

/// A service of people who browse together.
#[derive(Debug)]
struct CobrowseService {
    client: Client,
    dialect: Dialect,
    space: Option<String>,
    snapshot_period: Duration,
    /// Client for the session host whose webhook events go into the sessions' logs.
    webhooks: Option<Client>,
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

    /// Creates a session. The address at which a person opens it stands for the page where the service tells none.
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

    /// Navigates a session that was not created on its page. The service refuses this while nobody has the session
    /// open, and the error says so.
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
            self.dialect.list_path(self.space.as_deref()),
            self.snapshot_period,
            self.webhooks.clone(),
        ))
    }
}
