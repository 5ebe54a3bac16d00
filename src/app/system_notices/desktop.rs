//! Shows notifications over the session bus, as desktops on Linux take them.
//!
//! Two threads speak with the bus, so that one that is dead or slow holds nothing up; they end with the process.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use egui::Context;
use zbus::blocking::{Connection, Proxy, connection::Builder};
use zbus::zvariant::Value;

use super::{Subject, SystemNotice};

const SERVICE: &str = "org.freedesktop.Notifications";
const OBJECT: &str = "/org/freedesktop/Notifications";
const PROGRAM: &str = "Helmsight";
/// The action that a click on the notification itself is.
const CLICKED: &str = "default";
/// A bus that answers nothing for so long is given up for this notification.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);
/// So many notifications may wait for the bus; more are dropped.
const MAX_WAITING: usize = 16;
/// So many that are shown can be followed.
const MAX_SHOWN: usize = 100;

/// What the bus tells.
enum BusNews {
    /// A notification is shown under this number.
    Shown(u32, Subject),
    /// The notification of this number was clicked.
    Clicked(u32),
}

/// The way to the desktop.
pub(super) struct Desktop {
    wanted: SyncSender<SystemNotice>,
    news: Receiver<BusNews>,
    shown: Vec<(u32, Subject)>,
}

impl Desktop {
    /// Starts the thread that speaks with the bus. A click wakes the window.
    pub(super) fn start(ctx: Context) -> Self {
        let (wanted, to_show) = sync_channel(MAX_WAITING);
        let (tell, news) = sync_channel(MAX_WAITING);
        let show = move || {
            if let Err(err) = show_all(&to_show, &tell, &ctx) {
                tracing::warn!("The desktop shows no notifications: {err}");
            }
        };
        let thread = std::thread::Builder::new().name("notifications".to_owned()).spawn(show);
        if let Err(err) = thread {
            tracing::warn!("The desktop shows no notifications: {err}");
        }
        Self { wanted, news, shown: Vec::new() }
    }

    /// Has a notification shown. It is dropped where the bus is behind or gone.
    pub(super) fn show(&self, notice: SystemNotice) {
        if let Err(err) = self.wanted.try_send(notice) {
            tracing::debug!(%err, "A notification was dropped");
        }
    }

    /// Takes what was clicked since the last call.
    pub(super) fn take_followed(&mut self) -> Vec<Subject> {
        let mut followed = Vec::new();
        for news in self.news.try_iter() {
            match news {
                BusNews::Shown(id, subject) => {
                    if self.shown.len() == MAX_SHOWN {
                        self.shown.remove(0);
                    }
                    self.shown.push((id, subject));
                }
                BusNews::Clicked(clicked) => {
                    let subject = self.shown.iter().find(|(id, _)| *id == clicked);
                    followed.extend(subject.map(|(_, subject)| subject.clone()));
                }
            }
        }
        followed
    }
}

fn show_all(
    to_show: &Receiver<SystemNotice>,
    tell: &SyncSender<BusNews>,
    ctx: &Context,
) -> zbus::Result<()> {
    let connection = Builder::session()?.method_timeout(ANSWERS_WITHIN).build()?;
    listen(connection.clone(), tell.clone(), ctx.clone());
    let desktop = Proxy::new(&connection, SERVICE, OBJECT, SERVICE)?;
    for notice in to_show {
        match show(&desktop, &notice) {
            Ok(id) => drop(tell.try_send(BusNews::Shown(id, notice.subject))),
            Err(err) => tracing::debug!(%err, "A notification was not shown"),
        }
    }
    Ok(())
}

fn show(desktop: &Proxy<'_>, notice: &SystemNotice) -> zbus::Result<u32> {
    let actions = [CLICKED, "Show"];
    let hints: HashMap<&str, Value<'_>> =
        HashMap::from([("desktop-entry", "helmsight".into()), ("category", "im.received".into())]);
    let text = escaped(&notice.text);
    let (new, as_usual) = (0_u32, -1_i32);
    let words =
        (PROGRAM, new, "helmsight", notice.title.as_str(), text, &actions[..], hints, as_usual);
    desktop.call("Notify", &words)
}

/// Some desktops read the text as markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Tells of clicks, from a thread of its own.
fn listen(connection: Connection, tell: SyncSender<BusNews>, ctx: Context) {
    let listen = move || -> zbus::Result<()> {
        let desktop = Proxy::new(&connection, SERVICE, OBJECT, SERVICE)?;
        for clicked in desktop.receive_signal("ActionInvoked")? {
            let Ok((id, action)) = clicked.body().deserialize::<(u32, String)>() else {
                continue;
            };
            if action == CLICKED && tell.try_send(BusNews::Clicked(id)).is_ok() {
                ctx.request_repaint();
            }
        }
        Ok(())
    };
    let listen = move || {
        if let Err(err) = listen() {
            tracing::debug!(%err, "Clicks on notifications are not heard of");
        }
    };
    let thread = std::thread::Builder::new().name("notification clicks".to_owned()).spawn(listen);
    if let Err(err) = thread {
        tracing::debug!(%err, "Clicks on notifications are not heard of");
    }
}
