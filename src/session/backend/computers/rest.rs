//! Sends control as REST actions, one after the other, for services without the session host's socket.

use std::collections::{BTreeSet, VecDeque};

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use http::Method;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::attempt::Attempt;
use super::socket::FLUSH_LIMIT;
use crate::base::text::one_line;
use crate::model::Update;
use crate::protocol::computers::{
    ActionResult, Effect, PageContext, RestActions, RestCall, action_result, tabs_of,
};
use crate::session::SessionError;
use crate::session::control::ControlReceiver;

/// Most navigations that may be under way at once. The next one waits.
const MAX_LOADS: usize = 4;

/// The keys and buttons that were sent down and whose release has not surely arrived.
#[derive(Debug, Default)]
pub(super) struct Down {
    keys: BTreeSet<String>,
    mouse: Option<(i64, i64)>,
}

type Loads<'a> = FuturesUnordered<BoxFuture<'a, ()>>;

/// Sends control until `cancel` fires. A failure is reported, and the session's state is fetched to see whether it
/// still lives.
pub(super) async fn drive(
    attempt: &Attempt<'_>,
    control: &ControlReceiver,
    down: &mut Down,
    cancel: &CancellationToken,
) -> Result<(), SessionError> {
    control.drop_stale_input();
    let mut actions = RestActions::default();
    let mut calls = VecDeque::new();
    let work = async {
        lift_all(attempt, down).await;
        // Navigations run beside the other calls, because a page that does not load must not keep “stop” from being
        // sent.
        let mut loads = Loads::new();
        loads.push(Box::pin(refresh_tabs(attempt)));
        loop {
            let first = alongside(&mut loads, control.recv()).await;
            // Control that came during the last call goes as one batch, so that typing is one call.
            calls.extend(actions.push(&first));
            while let Some(next) = control.try_recv() {
                calls.extend(actions.push(&next));
            }
            calls.extend(actions.flush());
            while let Some(call) = calls.pop_front() {
                if call.effect != Effect::Loads {
                    alongside(&mut loads, perform(attempt, down, call)).await;
                    continue;
                }
                if loads.len() == MAX_LOADS {
                    loads.next().await;
                }
                loads.push(Box::pin(load(attempt, call)));
            }
        }
    };
    tokio::select! {
        () = cancel.cancelled() => (),
        () = work => (),
    }
    let last_words = async {
        while let Some(next) = control.try_recv() {
            calls.extend(actions.push(&next));
        }
        calls.extend(actions.flush());
        for call in calls {
            perform(attempt, down, call).await;
        }
        lift_all(attempt, down).await;
    };
    if timeout(FLUSH_LIMIT, last_words).await.is_err() {
        tracing::debug!("A session was closed before everything was sent to it");
    }
    Ok(())
}

/// Runs `work` while the navigations go on.
async fn alongside<T>(loads: &mut Loads<'_>, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    loop {
        tokio::select! {
            // The order is fixed, so that a navigation goes out before later calls.
            biased;
            Some(()) = loads.next() => (),
            done = &mut work => return done,
        }
    }
}

async fn load(attempt: &Attempt<'_>, call: RestCall) {
    if let Some(page) = make(attempt, &call).await.and_then(|done| done.page) {
        attempt.page_is(page);
    }
    refresh_tabs(attempt).await;
}

async fn perform(attempt: &Attempt<'_>, down: &mut Down, call: RestCall) {
    // A press counts as down before it is sent, and a release as up only after it was sent.
    match &call.effect {
        Effect::KeyDown(key) => drop(down.keys.insert(key.clone())),
        Effect::MouseDown { x, y } => down.mouse = Some((*x, *y)),
        Effect::Nothing | Effect::KeyUp(_) | Effect::MouseUp | Effect::Loads | Effect::Tabs => (),
    }
    let Some(done) = make(attempt, &call).await else {
        return;
    };
    if call.effect == Effect::Tabs {
        refresh_tabs(attempt).await;
    }
    match &call.effect {
        Effect::KeyUp(key) => drop(down.keys.remove(key)),
        Effect::MouseUp => down.mouse = None,
        Effect::Nothing
        | Effect::KeyDown(_)
        | Effect::MouseDown { .. }
        | Effect::Loads
        | Effect::Tabs => (),
    }
    if let Some(page) = done.page {
        attempt.page_is(page);
    }
}

/// Makes one call. A failure is reported to the user and never retried, because the call may have been carried out.
async fn make(attempt: &Attempt<'_>, call: &RestCall) -> Option<ActionResult> {
    let answer = attempt
        .client
        .json(call.method.clone(), &attempt.path(&call.path), call.body.as_ref())
        .await;
    let why = match answer {
        Ok(answer) => match action_result(&answer) {
            Ok(done) => return Some(done),
            Err(why) => why,
        },
        Err(err) => {
            attempt.doubt.notify_one();
            err.to_string()
        }
    };
    let what = call.path.split('/').next().unwrap_or_default();
    attempt
        .sink
        .update(Update::Refused(one_line(&format!("The session did not do “{what}”: {why}"), 300)));
    None
}

async fn lift_all(attempt: &Attempt<'_>, down: &mut Down) {
    let keys = down.keys.iter().map(|key| RestCall::key_up(key));
    let calls: Vec<_> =
        down.mouse.map(|(x, y)| RestCall::mouse_up(x, y)).into_iter().chain(keys).collect();
    for call in calls {
        perform(attempt, down, call).await;
    }
}

/// Fetches the tab list. A failure is ignored, because not every service has one.
async fn refresh_tabs(attempt: &Attempt<'_>) {
    let Ok(answer) = attempt.client.json(Method::GET, &attempt.path("tabs"), None).await else {
        return;
    };
    let Some(tabs) = tabs_of(&answer) else { return };
    if let Some(active) = tabs.iter().find(|tab| tab.active) {
        attempt.page_is(PageContext { url: active.url.clone(), title: Some(active.title.clone()) });
    }
    attempt.sink.update(Update::Tabs(tabs));
}
