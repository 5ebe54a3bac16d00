//! Makes the calls of one session, whose pictures, descriptions and control share the service and one call at a time.

use http::Method;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::net::{Client, NetError};
use crate::protocol::cobrowse::{Dialect, rpc_path};
use crate::session::SessionSink;

/// The calls of one session, one at a time.
#[derive(Debug)]
pub(super) struct SessionCalls {
    pub(super) client: Client,
    pub(super) dialect: Dialect,
    pub(super) id: String,
    /// Held during a call. The page does one thing at a time, too, and the service counts calls.
    turn: Mutex<()>,
}

impl SessionCalls {
    pub(super) fn new(client: Client, dialect: Dialect, id: &str) -> Self {
        Self { client, dialect, id: id.to_owned(), turn: Mutex::new(()) }
    }

    /// Makes a call in the page and returns the answer, which holds the call's result or its failure.
    pub(super) async fn call(
        &self,
        sink: &SessionSink,
        body: Option<&Value>,
    ) -> Result<Value, NetError> {
        let _turn = self.turn.lock().await;
        let answer = self.client.json(Method::POST, &rpc_path(&self.id), body).await?;
        sink.heard(answer.to_string().len());
        Ok(answer)
    }
}
