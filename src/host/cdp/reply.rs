//! The browser's answer to a call.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use super::client::Client;

/// The answer to a call, once it is there. Dropping it forgets the call.
pub struct Reply {
    pub(super) id: u64,
    pub(super) answered: oneshot::Receiver<Result<Bytes, CallError>>,
    pub(super) client: Client,
}

impl Reply {
    pub async fn within(self, deadline: Duration) -> Result<Answer, CallError> {
        tokio::time::timeout(deadline, self).await.unwrap_or(Err(CallError::Late(deadline)))
    }
}

impl Future for Reply {
    type Output = Result<Answer, CallError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answered).poll(context).map(|answered| match answered {
            Ok(answer) => answer.map(Answer),
            Err(_dropped) => Err(CallError::Closed),
        })
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.client.forget(self.id);
    }
}

/// What a call answered: JSON that is read on demand.
#[derive(Clone, Debug)]
pub struct Answer(Bytes);

impl Answer {
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, CallError> {
        serde_json::from_slice(&self.0).map_err(|_unexpected| CallError::Strange)
    }
}

#[derive(Clone, Debug, thiserror::Error)]
pub enum CallError {
    #[error("{message}")]
    Refused { code: i64, message: String },
    #[error("the browser did not answer within {} s", .0.as_secs())]
    Late(Duration),
    #[error("the browser takes no more calls")]
    Full,
    #[error("the tab was closed")]
    Gone,
    #[error("the browser is gone")]
    Closed,
    #[error("the browser's answer is not understood")]
    Strange,
}
