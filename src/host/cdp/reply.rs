//! Waits for the browser's answer to a call.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::Shared;
use tokio::sync::oneshot;

use super::calls::{CallAnswer, PendingCalls};
use super::error::CallError;

/// The answer to a call, to be awaited. Dropping it forgets the call.
pub struct Reply {
    id: u64,
    answered: oneshot::Receiver<Result<CallAnswer, CallError>>,
    calls: Arc<PendingCalls>,
}

/// The answer to a call for several who wait for it, such as whoever made an input and the release that must come after
/// it.
pub type SharedReply = Shared<Reply>;

impl Reply {
    /// Makes the reply to the call `id` of `calls`. Fails with `Closed` where the connection is at its end already.
    pub(super) fn to(
        id: u64,
        session: Option<&str>,
        calls: &Arc<PendingCalls>,
    ) -> Result<Self, CallError> {
        let answered = calls.expect(id, session)?;
        Ok(Self { id, answered, calls: calls.clone() })
    }

    /// Waits for the answer. Fails with [`CallError::Late`] after `deadline`.
    pub async fn within(self, deadline: Duration) -> Result<CallAnswer, CallError> {
        tokio::time::timeout(deadline, self).await.unwrap_or(Err(CallError::Late(deadline)))
    }
}

impl Future for Reply {
    type Output = Result<CallAnswer, CallError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answered).poll(context).map(|answered| match answered {
            Ok(answer) => answer,
            Err(_dropped) => Err(CallError::Closed),
        })
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.calls.forget(self.id);
    }
}
