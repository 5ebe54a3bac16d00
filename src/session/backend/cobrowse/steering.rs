//! Steers by calls that are made one after the other.

use std::collections::VecDeque;

use super::calls::SessionCalls;
use crate::base::text::one_line;
use crate::model::{Control, Page, PageControl, Update};
use crate::protocol::cobrowse::{RpcActions, RpcCall, rpc_result};
use crate::protocol::computers::page_address;
use crate::session::SessionSink;
use crate::session::control::ControlReceiver;

/// Calls that wait. The queue outlives connections, so that calls which were not sent can be reported when one is lost.
#[derive(Debug, Default)]
pub(super) struct CallQueue {
    actions: RpcActions,
    /// The waiting calls, of which the first is under way.
    waiting: VecDeque<RpcCall>,
}

impl CallQueue {
    /// Drops what waited for a connection that was lost, and reports it, because it must not be done late.
    pub(super) fn forget_stale(&mut self, sink: &SessionSink, control: &ControlReceiver) {
        control.drop_stale_input();
        let begun = self.actions.forget();
        if begun || !self.waiting.is_empty() {
            self.waiting.clear();
            let why = "The connection was lost, so the last input may not have been done";
            sink.update(Update::Refused(why.to_owned()));
        }
    }

    /// Makes the calls for all control, in order, for ever.
    pub(super) async fn run(
        &mut self,
        calls: &SessionCalls,
        sink: &SessionSink,
        control: &ControlReceiver,
    ) {
        loop {
            let first = control.recv().await;
            // Control that came during the last call goes as one batch, so that typing is one call.
            for next in std::iter::once(first).chain(std::iter::from_fn(|| control.try_recv())) {
                if let Control::Page(PageControl::Navigate { url }) = &next {
                    sink.update(Update::Page(Page { url: page_address(url), ..Page::default() }));
                }
                self.waiting.extend(self.actions.push(&next));
            }
            self.waiting.extend(self.actions.flush());
            while let Some(call) = self.waiting.front() {
                make(calls, sink, call).await;
                self.waiting.pop_front();
            }
        }
    }
}

async fn make(calls: &SessionCalls, sink: &SessionSink, call: &RpcCall) {
    let done = match (call, call.body()) {
        (RpcCall::Refused(why), _) => Err((*why).to_owned()),
        (RpcCall::Call { .. }, body) => match calls.call(sink, body.as_ref()).await {
            Ok(answer) => rpc_result(&answer).map(drop),
            Err(err) => Err(err.to_string()),
        },
    };
    if let Err(why) = done {
        sink.update(Update::Refused(one_line(&why, 300)));
    }
}
