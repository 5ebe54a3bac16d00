//! Sends control over the session host's socket, which also tells the session's state.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::attempt::Attempt;
use super::lookout::Lookout;
use crate::base::json;
use crate::base::text::one_line;
use crate::model::{
    Control, ControlClass, Copied, Dialog, DownloadState, EventKind, FormControl, FormRect,
    Lifetime, PageFit, Tab, Update,
};
use crate::net::ws::SocketItem;
use crate::net::{NetError, WebSocket};
use crate::protocol::computers::event_news;
use crate::protocol::socket::{
    ServerMessage, download_of, encode, fit_message, look_message, page_of, people_of, pointers_of,
    requests_message, said_of,
};
use crate::session::SessionError;
use crate::session::control::ControlReceiver;
use crate::session::held::HeldControls;

/// Time limit for sending what still waits when the session is closed.
pub(super) const FLUSH_LIMIT: Duration = Duration::from_millis(200);
/// The space for the page has kept its size for so long before the page is given it.
const FIT_AFTER: Duration = Duration::from_millis(300);
const MAX_TABS: usize = 200;
/// A list of more options is told in part; the message itself is bounded in bytes.
const MAX_OPTIONS: usize = 2000;

/// What the window wishes of a session beside control. The latest of each counts.
pub(super) struct Wishes<'a> {
    /// The size that the pages are to have.
    pub(super) fit: &'a mut watch::Receiver<Option<PageFit>>,
    /// Whether the requests of the pages are rows of the log.
    pub(super) requests: &'a mut watch::Receiver<bool>,
}

/// Sends control and takes in state until the socket fails, the session ends, or `cancel` fires.
pub(super) async fn drive(
    attempt: &Attempt<'_>,
    socket: WebSocket,
    control: &ControlReceiver,
    wishes: Wishes<'_>,
    held: &mut HeldControls,
    cancel: &CancellationToken,
) -> Result<(), SessionError> {
    let Wishes { fit, requests } = wishes;
    let mut writer = ControlWriter { socket, held };
    let failure = |err: NetError| attempt.failure(&err);
    control.drop_stale_input();
    writer.lift_all().await.map_err(failure)?;
    // What was wanted before this connection is asked for at once.
    let mut fit_due = Some(Instant::now());
    let wants_requests = *requests.borrow_and_update();
    if wants_requests {
        writer.socket.send(requests_message(true)).await.map_err(failure)?;
    }
    let mut lookout = Lookout::new(attempt.sink.traffic.subscribe());
    loop {
        let due = fit_due.unwrap_or_else(Instant::now);
        tokio::select! {
            () = cancel.cancelled() => break,
            item = writer.socket.next() => receive(attempt, item.map_err(failure)?, &mut lookout)?,
            Ok(()) = requests.changed() => {
                let on = *requests.borrow_and_update();
                writer.socket.send(requests_message(on)).await.map_err(failure)?;
            }
            () = lookout.due() => {
                writer.socket.send(look_message()).await.map_err(failure)?;
            }
            next = control.recv() => writer.send(&next).await.map_err(failure)?,
            Ok(()) = fit.changed() => fit_due = Some(Instant::now() + FIT_AFTER),
            () = sleep_until(due), if fit_due.is_some() => {
                fit_due = None;
                let wanted = *fit.borrow_and_update();
                if let Some(fit) = wanted {
                    writer.socket.send(fit_message(fit)).await.map_err(failure)?;
                }
            }
        }
    }
    let last_words = async {
        while let Some(next) = control.try_recv() {
            writer.send(&next).await?;
        }
        writer.lift_all().await?;
        writer.socket.close().await;
        Ok::<(), NetError>(())
    };
    if !matches!(timeout(FLUSH_LIMIT, last_words).await, Ok(Ok(()))) {
        tracing::debug!("A session was closed before everything was sent to it");
    }
    Ok(())
}

struct ControlWriter<'a> {
    socket: WebSocket,
    /// The keys and buttons that were sent down and whose release has not surely arrived. Only the writer changes it,
    /// because only it knows what reached the wire.
    held: &'a mut HeldControls,
}

impl ControlWriter<'_> {
    async fn send(&mut self, control: &Control) -> Result<(), NetError> {
        // A press counts as down before it is sent, and a release as up only after it was sent.
        if !control.is_release() {
            self.held.note(control);
        }
        self.socket.send(encode(control)).await?;
        self.held.note(control);
        Ok(())
    }

    async fn lift_all(&mut self) -> Result<(), NetError> {
        for release in self.held.releases() {
            self.send(&release).await?;
        }
        Ok(())
    }
}

fn receive(
    attempt: &Attempt<'_>,
    item: SocketItem,
    lookout: &mut Lookout,
) -> Result<(), SessionError> {
    let text = match item {
        SocketItem::Heard(bytes) => {
            attempt.sink.heard(bytes);
            return Ok(());
        }
        // The subprotocol has no binary messages, but a later version may.
        SocketItem::Binary(_) => return Ok(()),
        SocketItem::Text(text) => text,
    };
    match json::from_str(&text) {
        Ok(ServerMessage::Ended { why }) => Err(SessionError::Ended(one_line(&why, 300))),
        Ok(ServerMessage::Looked { page }) => {
            attempt.sink.page_is(page);
            Ok(())
        }
        Ok(ServerMessage::Refused { what, .. }) if what == "look" => {
            // An older host knows no such question.
            lookout.is_refused();
            Ok(())
        }
        Ok(ServerMessage::Event { event, .. }) => {
            // All others come on their own stream, where they can be resumed.
            if event["type"] == EventKind::NetworkRequest.word() {
                let news = event_news("message", &event.to_string(), "", Timestamp::now());
                attempt.sink.event(news.event);
            }
            Ok(())
        }
        Ok(message) => {
            if let Some(update) = update_of(message) {
                attempt.sink.update(update);
            }
            Ok(())
        }
        // Newer servers may send messages that are not known here.
        Err(err) => {
            tracing::debug!(
                "A message is not understood and passed over: {}",
                one_line(&err.to_string(), 200)
            );
            Ok(())
        }
    }
}

/// Returns the news in a message, or `None` where it holds no state.
fn update_of(message: ServerMessage) -> Option<Update> {
    match message {
        ServerMessage::Page { .. } => page_of(&message).map(Update::Page),
        ServerMessage::Tabs { tabs } => {
            Some(Update::Tabs(tabs.into_iter().take(MAX_TABS).map(Tab::from).collect()))
        }
        ServerMessage::Dialog { dialog } => Some(Update::Dialog(dialog.map(Dialog::from))),
        ServerMessage::FormControl { control, .. } => {
            Some(Update::FormControl(control.and_then(bounded_control)))
        }
        ServerMessage::Pointer(pointer) => Some(Update::Pointer(pointer)),
        ServerMessage::ContextMenu(menu) => Some(Update::ContextMenu(menu)),
        ServerMessage::Found { found } => Some(Update::Found(found)),
        ServerMessage::Shortcut(pressed) => Some(Update::Shortcut(pressed.shortcut)),
        ServerMessage::Download { .. } => download_of(&message).map(Update::Download),
        ServerMessage::Lifetime { idle_expires_at, expires_at, inactivity_timeout_seconds } => {
            let time = |text: Option<String>| text?.parse::<Timestamp>().ok();
            Some(Update::Lifetime(Lifetime {
                idle_expires_at: time(idle_expires_at),
                expires_at: time(expires_at),
                idle_limit: inactivity_timeout_seconds
                    .filter(|limit| *limit > 0)
                    .map(Duration::from_secs),
            }))
        }
        ServerMessage::People { .. } => people_of(&message).map(Update::People),
        ServerMessage::Pointers { .. } => pointers_of(&message).map(Update::Pointers),
        ServerMessage::Said { .. } => said_of(&message).map(Update::Said),
        // An older host knows no such wish, and the user has asked for nothing.
        ServerMessage::Refused { what, .. } if matches!(&*what, "fit" | "requests") => None,
        ServerMessage::Refused { what, why } => Some(Update::Refused(refusal(&what, &why))),
        ServerMessage::Clipboard { mut content, shared, problem } => {
            let lost = content.bound();
            let problem = problem.map(String::from).or(lost);
            Some(Update::Copied(Copied { content, shared, problem }))
        }
        // Events come on their own stream, where they can be resumed, and pictures are not asked for on this socket.
        ServerMessage::Hello { .. }
        | ServerMessage::Event { .. }
        | ServerMessage::Looked { .. }
        | ServerMessage::Frame { .. }
        | ServerMessage::Ended { .. } => None,
    }
}

/// Returns the control with no more than a window can hold; `None` where its place is none.
fn bounded_control(mut control: FormControl) -> Option<FormControl> {
    let FormRect { x, y, width, height } = control.rect;
    if ![x, y, width, height].iter().all(|side| side.is_finite()) {
        return None;
    }
    let left_out = control.options.len().saturating_sub(MAX_OPTIONS);
    control.options.truncate(MAX_OPTIONS);
    // A list that is cut keeps the room of all that it had.
    control.options.shrink_to_fit();
    control.more = control.more.saturating_add(u32::try_from(left_out).unwrap_or(u32::MAX));
    Some(control)
}

/// Returns a download that ended before this window connected, which the replayed event of its end describes.
pub(super) fn finished_download(kind: EventKind, event: &str) -> Option<Update> {
    if kind != EventKind::Download {
        return None;
    }
    let told = json::from_str(event).ok().and_then(update_of);
    told.filter(|update| {
        matches!(update, Update::Download(download) if download.state != DownloadState::Running)
    })
}

/// Words a refusal in one sentence. A refusal among people is one already and names who refused; any other is put
/// behind what did not happen.
fn refusal(what: &str, why: &str) -> String {
    match ControlClass::of(what) {
        Some(ControlClass::Input | ControlClass::People) => (),
        Some(ControlClass::Page) | None => {
            return one_line(&format!("The session did not do “{what}”: {why}"), 300);
        }
    }
    let mut letters = why.chars();
    let first = letters.next().map(char::to_uppercase);
    let sentence: String = first.into_iter().flatten().chain(letters).collect();
    one_line(&sentence, 300)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FormControlKind, FrameSize, Page};

    #[test]
    fn only_the_end_of_a_download_is_read_from_its_event() {
        let event = |state: &str| {
            format!(
                r#"{{"type":"download","event":"file_downloaded","id":"1","url":"u","file_name":"f","filename":"f","received":2,"total":2,"state":"{state}","timestamp":"t"}}"#
            )
        };
        let ended = finished_download(EventKind::Download, &event("completed"));
        assert!(matches!(ended, Some(Update::Download(it)) if it.file_name == "f"));
        assert_eq!(finished_download(EventKind::Download, &event("in_progress")), None);
        assert_eq!(finished_download(EventKind::Console, &event("completed")), None);
        assert_eq!(finished_download(EventKind::Download, "{}"), None);
    }

    #[test]
    fn state_messages_become_news() {
        let read = |json: &str| update_of(serde_json::from_str(json).unwrap());
        let page = Page {
            url: "https://a.test".to_owned(),
            title: "A".to_owned(),
            loading: true,
            can_go_back: true,
            can_go_forward: false,
            zoom: 0,
        };
        for (json, update) in [
            (
                r#"{"type":"page","url":"https://a.test","title":"A","loading":true,"can_go_back":true,"can_go_forward":false}"#,
                Some(Update::Page(page)),
            ),
            (
                r#"{"type":"tabs","tabs":[{"tab_id":"T1","url":"u","title":"t","active":true}]}"#,
                Some(Update::Tabs(vec![Tab {
                    id: "T1".to_owned(),
                    url: "u".to_owned(),
                    title: "t".to_owned(),
                    active: true,
                    ..Tab::default()
                }])),
            ),
            (r#"{"type":"dialog","dialog":null}"#, Some(Update::Dialog(None))),
            (r#"{"type":"form_control","open":false}"#, Some(Update::FormControl(None))),
            (
                r#"{"type":"form_control","open":true,"id":"a-1","kind":"date","value":"2026-12-01","rect":{"x":1,"y":2,"width":30,"height":4},"page":{"width":1280,"height":720}}"#,
                Some(Update::FormControl(Some(FormControl {
                    id: "a-1".to_owned(),
                    kind: FormControlKind::Date,
                    multiple: false,
                    options: Vec::new(),
                    more: 0,
                    value: "2026-12-01".to_owned(),
                    min: String::new(),
                    max: String::new(),
                    step: String::new(),
                    rect: FormRect { x: 1.0, y: 2.0, width: 30.0, height: 4.0 },
                    page: FrameSize { width: 1280, height: 720 },
                }))),
            ),
            (
                r#"{"type":"lifetime","idle_expires_at":"1970-01-01T00:00:00Z","expires_at":null,"inactivity_timeout_seconds":120}"#,
                Some(Update::Lifetime(Lifetime {
                    idle_expires_at: Some(Timestamp::UNIX_EPOCH),
                    expires_at: None,
                    idle_limit: Some(Duration::from_secs(120)),
                })),
            ),
            (
                r#"{"type":"refused","what":"close_tab","why":"it is the last tab"}"#,
                Some(Update::Refused(
                    "The session did not do “close_tab”: it is the last tab".to_owned(),
                )),
            ),
            (
                r#"{"type":"refused","what":"say","why":"you say too much at once"}"#,
                Some(Update::Refused("You say too much at once".to_owned())),
            ),
            (r#"{"type":"hello","session_id":"s","kind":"browser","width":1,"height":1}"#, None),
        ] {
            assert_eq!(read(json), update, "{json}");
        }
    }
}
