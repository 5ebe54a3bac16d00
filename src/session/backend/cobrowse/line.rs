//! What pictures, descriptions and control of one session share: its service, and one call at a time.

use http::Method;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::net::{Client, NetError};
use crate::protocol::cobrowse::{Dialect, rpc_path};
use crate::session::SessionSink;

#[derive(Debug)]
pub(super) struct Line {
    pub(super) client: Client,
    pub(super) dialect: Dialect,
    pub(super) id: String,
    /// The page does one thing at a time, too, and the service counts calls.
    turn: Mutex<()>,
}

impl Line {
    pub(super) fn new(client: Client, dialect: Dialect, id: &str) -> Self {
        Self { client, dialect, id: id.to_owned(), turn: Mutex::new(()) }
    }

    /// Makes a call in the page; what came of it is in the answer.
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
