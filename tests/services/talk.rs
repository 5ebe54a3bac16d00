//! A chat opened as the window opens it, and what the window would show of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use helmsight::base::Wake;
use helmsight::model::SessionView;
use helmsight::model::chat::{MessageState, TaskState};
use helmsight::session::{ChatAccess, ChatHandle};
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use crate::support::{PATIENCE, Wakes};

pub(crate) struct Talk {
    pub(crate) chat: ChatHandle,
    pub(crate) view: SessionView,
    wakes: Wakes,
    woken: Arc<AtomicUsize>,
    tracker: TaskTracker,
}

impl Talk {
    pub(crate) fn new(access: ChatAccess) -> Self {
        let tracker = TaskTracker::new();
        let (wakes, woken) = (Wakes::default(), Arc::new(AtomicUsize::new(0)));
        let (wake, counted) = (wakes.wake(), woken.clone());
        let wake = Wake::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            wake.wake();
        });
        Self {
            chat: ChatHandle::start(&Handle::current(), &tracker, access, 0, wake),
            view: SessionView::default(),
            wakes,
            woken,
            tracker,
        }
    }

    /// How often the window was asked to look.
    pub(crate) fn wakes(&self) -> usize {
        self.woken.load(Ordering::Relaxed)
    }

    pub(crate) fn drain(&mut self) {
        for update in self.chat.take_news() {
            self.view.apply(update);
        }
    }

    /// Folds news until the view is as wished.
    pub(crate) async fn until(&mut self, what: &str, is_so: impl Fn(&SessionView) -> bool) {
        let wakes = self.wakes.clone();
        let is_so = wakes.until(|| {
            self.drain();
            is_so(&self.view).then_some(())
        });
        let in_time = is_so.await.is_some();
        assert!(in_time, "never: {what}: {:?}", self.view.chat);
    }

    /// Waits until nothing more is coming.
    pub(crate) async fn settled(&mut self) {
        self.until("an end", |view| !view.chat.is_busy()).await;
    }

    /// Waits until the last message has some text.
    pub(crate) async fn first_words(&mut self) {
        self.until("the first words", |view| {
            let last = view.chat.messages().last();
            last.is_some_and(|last| last.state == MessageState::Streaming && !last.text.is_empty())
        })
        .await;
    }

    /// Text and state of every message.
    pub(crate) fn told(&self) -> Vec<(&str, MessageState)> {
        let messages = self.view.chat.messages().iter();
        messages.map(|message| (message.text.as_str(), message.state.clone())).collect()
    }

    pub(crate) async fn task_is(&mut self, state: &TaskState) {
        self.until(&format!("{state:?}"), |view| {
            let task = view.chat.task.as_ref();
            task.is_some_and(|task| task.state == *state)
        })
        .await;
    }

    /// Drops the handle, and expects everything behind it to stop.
    pub(crate) async fn close(self) {
        drop(self.chat);
        self.tracker.close();
        tokio::time::timeout(PATIENCE, self.tracker.wait()).await.expect("it stops in time");
    }
}

pub(crate) fn failed(why: &str) -> MessageState {
    MessageState::Failed(why.to_owned())
}
