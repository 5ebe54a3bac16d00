//! Keeps the list of one service's sessions up to date in the background while somebody looks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::schedule::{Fetched, Interest, Schedule};
use super::{NewSessionRequest, Service};
use crate::base::Wake;
use crate::model::SessionSummary;
use crate::net::NetError;

/// Number of the user's requests that may wait or be under way.
const MAX_REQUESTS: usize = 16;
/// Number of news that may wait for the window. Of lists only the newest waits.
const MAX_NEWS: usize = 64;

/// News of a directory.
#[derive(Clone, Debug, PartialEq)]
pub enum DirectoryNews {
    /// The list was fetched.
    Listed(Vec<SessionSummary>),
    /// The session was created.
    Created(SessionSummary),
    /// The session with this id was ended.
    Ended(String),
    /// A request to the service failed.
    Failed {
        /// The request that failed.
        task: DirectoryTask,
        /// Reason, as one plain sentence.
        why: String,
        /// Whether the service wants a key, or another one.
        wants_key: bool,
    },
}

/// A request of the directory to its service. It prints as the words after "Could not".
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::Display)]
pub enum DirectoryTask {
    /// Fetch the list of sessions.
    #[strum(to_string = "list the sessions")]
    List,
    /// Create a session.
    #[strum(to_string = "create a session")]
    Create,
    /// Take a new session to its start page.
    #[strum(to_string = "open the start page")]
    OpenStartPage,
    /// End a session.
    #[strum(to_string = "end the session")]
    End,
}

/// The background side of a directory.
pub struct Directory {
    service: Arc<dyn Service>,
    requests: mpsc::Receiver<DirectoryRequest>,
    interest: watch::Receiver<Interest>,
    cancel: CancellationToken,
    news: News,
}

/// The window's end of a directory. Dropping it stops the background side.
#[derive(Debug)]
pub struct DirectoryHandle {
    requests: mpsc::Sender<DirectoryRequest>,
    interest: watch::Sender<Interest>,
    cancel: CancellationToken,
    news: News,
}

#[derive(Debug)]
enum DirectoryRequest {
    Refresh,
    Create(NewSessionRequest),
    End(String),
}

impl Directory {
    /// Starts the background side. It fetches nothing until [`DirectoryHandle::set_interest`] or
    /// [`DirectoryHandle::refresh`].
    pub fn start(
        rt: &Handle,
        tracker: &TaskTracker,
        service: Arc<dyn Service>,
        wake: Wake,
    ) -> DirectoryHandle {
        let (sender, requests) = mpsc::channel(MAX_REQUESTS);
        let (interest, interest_seen) = watch::channel(Interest::None);
        let cancel = CancellationToken::new();
        let news = News { waiting: Arc::default(), wake };
        let directory = Self {
            service,
            requests,
            interest: interest_seen,
            cancel: cancel.clone(),
            news: news.clone(),
        };
        let stop = cancel.clone();
        tracker.spawn_on(async move { stop.run_until_cancelled(directory.run()).await }, rt);
        DirectoryHandle { requests: sender, interest, cancel, news }
    }

    async fn run(mut self) {
        let mut schedule = Schedule::default();
        let mut jobs = FuturesUnordered::<BoxFuture<'static, JobResult>>::new();
        let mut is_listing = false;
        let mut last_told = None;
        let mut has_listed = false;
        loop {
            let is_due = schedule.next().filter(|_| !is_listing);
            tokio::select! {
                Some(done) = jobs.next() => match done {
                    JobResult::Listed(result) => {
                        is_listing = false;
                        has_listed |= result.is_ok();
                        let fetched = outcome(&result, has_listed);
                        schedule.fetched(fetched, 0.5, Instant::now());
                        self.tell_list(result, &mut last_told);
                    }
                    JobResult::Changed => {
                        last_told = None;
                        schedule.refresh(Instant::now());
                    }
                },
                () = until(is_due) => {
                    is_listing = true;
                    schedule.started();
                    let service = self.service.clone();
                    jobs.push(Box::pin(async move { JobResult::Listed(service.list().await) }));
                }
                Ok(()) = self.interest.changed() => schedule.interest(*self.interest.borrow_and_update(), Instant::now()),
                Some(request) = self.requests.recv(), if jobs.len() < MAX_REQUESTS => match request {
                    DirectoryRequest::Refresh => {
                        last_told = None;
                        schedule.refresh(Instant::now());
                    }
                    DirectoryRequest::Create(request) => jobs.push(Box::pin(create(self.service.clone(), self.news.clone(), request))),
                    DirectoryRequest::End(id) => jobs.push(Box::pin(end(self.service.clone(), self.news.clone(), id))),
                },
                () = self.cancel.cancelled() => return,
            }
        }
    }

    /// Reports a list or a failure, unless the last report was the same and would wake the window for nothing.
    fn tell_list(&self, result: Listing, last_told: &mut Option<Listing>) {
        if last_told.as_ref() == Some(&result) {
            return;
        }
        match &result {
            Ok(sessions) => self.news.tell(DirectoryNews::Listed(sessions.clone())),
            Err(err) => self.news.failed(DirectoryTask::List, err),
        }
        *last_told = Some(result);
    }
}

impl DirectoryHandle {
    /// Returns the news since the last call, oldest first.
    pub fn take_news(&self) -> Vec<DirectoryNews> {
        std::mem::take(&mut *self.news.lock()).into()
    }

    /// Fetches the list now, even where the service had refused it.
    pub fn refresh(&self) {
        // A refresh that finds the queue full is dropped, because each waiting request ends with a fresh list.
        if self.requests.try_send(DirectoryRequest::Refresh).is_err() {
            tracing::debug!("A wish to fetch the list is dropped, because others wait already");
        }
    }

    /// Creates a session and takes it to its start page.
    pub fn create(&self, request: NewSessionRequest) {
        self.ask(DirectoryTask::Create, DirectoryRequest::Create(request));
    }

    /// Ends the session `id`.
    pub fn end(&self, id: &str) {
        self.ask(DirectoryTask::End, DirectoryRequest::End(id.to_owned()));
    }

    /// Sets how closely the user looks at the list.
    pub fn set_interest(&self, interest: Interest) {
        self.interest.send_if_modified(|was| std::mem::replace(was, interest) != interest);
    }

    fn ask(&self, task: DirectoryTask, request: DirectoryRequest) {
        if self.requests.try_send(request).is_err() {
            let why =
                "The service is still busy with earlier requests, try again in a moment".to_owned();
            let wants_key = false;
            self.news.tell(DirectoryNews::Failed { task, why, wants_key });
        }
    }
}

impl Drop for DirectoryHandle {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

type Listing = Result<Vec<SessionSummary>, NetError>;

enum JobResult {
    Listed(Listing),
    /// Creating or ending a session was tried, so the list may have changed.
    Changed,
}

/// Returns what the end of a fetch means for the next one. A service that has listed before may only be starting anew.
fn outcome(result: &Listing, has_listed: bool) -> Fetched {
    match result {
        Ok(_) => Fetched::Listed,
        Err(err) if has_listed && err.is_about_key() => Fetched::KeyRefused,
        Err(err) if err.may_pass(has_listed) => Fetched::Failed,
        Err(_) => Fetched::Refused,
    }
}

async fn create(service: Arc<dyn Service>, news: News, request: NewSessionRequest) -> JobResult {
    match service.create(&request).await {
        Ok(session) => {
            let id = session.id.clone();
            // The session is reported before its page has loaded, because loading is worth watching.
            news.tell(DirectoryNews::Created(session));
            if let Some(url) = request.url.filter(|url| !url.is_empty())
                && let Err(err) = service.navigate(&id, &url).await
            {
                news.failed(DirectoryTask::OpenStartPage, &err);
            }
        }
        Err(err) => news.failed(DirectoryTask::Create, &err),
    }
    JobResult::Changed
}

async fn end(service: Arc<dyn Service>, news: News, id: String) -> JobResult {
    match service.end(&id).await {
        Ok(()) => news.tell(DirectoryNews::Ended(id)),
        Err(err) => news.failed(DirectoryTask::End, &err),
    }
    JobResult::Changed
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// News that waits for the window, oldest first and bounded.
#[derive(Clone, Debug)]
struct News {
    waiting: Arc<Mutex<VecDeque<DirectoryNews>>>,
    wake: Wake,
}

impl News {
    fn tell(&self, news: DirectoryNews) {
        let mut waiting = self.lock();
        if matches!(news, DirectoryNews::Listed(_)) {
            waiting.retain(|old| !matches!(old, DirectoryNews::Listed(_)));
        }
        if waiting.len() == MAX_NEWS {
            waiting.pop_front();
        }
        waiting.push_back(news);
        drop(waiting);
        self.wake.wake();
    }

    fn failed(&self, task: DirectoryTask, err: &NetError) {
        self.tell(DirectoryNews::Failed {
            task,
            why: err.to_string(),
            wants_key: matches!(err.status(), Some(401 | 403)),
        });
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<DirectoryNews>> {
        // A poisoned lock is taken, because a panic while it is held cannot leave the queue half-written.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_are_bounded_and_only_the_newest_list_waits() {
        let news = News { waiting: Arc::default(), wake: Wake::none() };
        news.tell(DirectoryNews::Listed(Vec::new()));
        for n in 0..100 {
            news.tell(DirectoryNews::Ended(n.to_string()));
        }
        let list = DirectoryNews::Listed(vec![SessionSummary::default()]);
        news.tell(DirectoryNews::Listed(Vec::new()));
        news.tell(list.clone());
        let waiting = news.lock();
        assert_eq!((waiting.len(), waiting.back()), (MAX_NEWS, Some(&list)));
        assert_eq!(
            waiting.iter().filter(|news| matches!(news, DirectoryNews::Listed(_))).count(),
            1
        );
    }
}
