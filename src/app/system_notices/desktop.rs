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
    /// Starts the thread that speaks with the bus of the user's session. A click wakes the window.
    pub(super) fn start(ctx: Context) -> Self {
        Self::start_on(Builder::session, ctx)
    }

    fn start_on(
        bus: impl FnOnce() -> zbus::Result<Builder<'static>> + Send + 'static,
        ctx: Context,
    ) -> Self {
        let (wanted, to_show) = sync_channel(MAX_WAITING);
        let (tell, news) = sync_channel(MAX_WAITING);
        let show = move || {
            let connection = bus().and_then(|bus| bus.method_timeout(ANSWERS_WITHIN).build());
            let shown = connection.and_then(|bus| show_all(&bus, &to_show, &tell, &ctx));
            if let Err(err) = shown {
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
    connection: &Connection,
    to_show: &Receiver<SystemNotice>,
    tell: &SyncSender<BusNews>,
    ctx: &Context,
) -> zbus::Result<()> {
    listen(connection.clone(), tell.clone(), ctx.clone());
    let desktop = Proxy::new(connection, SERVICE, OBJECT, SERVICE)?;
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

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::os::unix::net::UnixListener;
    use std::process::{Child, Command, Stdio};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Instant;

    use super::*;
    use crate::model::ConcernKind;
    use crate::ui::state::SessionKey;

    const SOON: Duration = Duration::from_secs(10);
    const ID: u32 = 41;

    /// Shows notifications by telling of them.
    struct Shows(SyncSender<(String, String, Vec<String>)>);

    #[zbus::interface(name = "org.freedesktop.Notifications")]
    impl Shows {
        #[expect(clippy::too_many_arguments, reason = "the call of the standard has so many")]
        fn notify(
            &self,
            _program: String,
            _replaces: u32,
            _icon: String,
            title: String,
            text: String,
            actions: Vec<String>,
            _hints: HashMap<String, zbus::zvariant::OwnedValue>,
            _expires: i32,
        ) -> u32 {
            drop(self.0.send((title, text, actions)));
            ID
        }
    }

    /// A bus of our own; it ends with the test.
    struct Bus {
        daemon: Child,
        address: String,
    }

    impl Bus {
        /// Returns `None` where there is no bus to be had.
        fn start() -> Option<Self> {
            let mut daemon = Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--print-address"])
                .stdout(Stdio::piped())
                .spawn()
                .ok()?;
            let mut address = String::new();
            BufReader::new(daemon.stdout.take()?).read_line(&mut address).ok()?;
            Some(Self { daemon, address: address.trim().to_owned() })
        }
    }

    impl Drop for Bus {
        fn drop(&mut self) {
            drop(self.daemon.kill());
            drop(self.daemon.wait());
        }
    }

    fn notice() -> SystemNotice {
        let session = SessionKey { service: "cloud".to_owned(), id: "a".to_owned() };
        SystemNotice {
            subject: (session, ConcernKind::Crashed),
            title: "Shop".to_owned(),
            text: "a < b & c".to_owned(),
        }
    }

    #[test]
    fn a_notification_is_shown_and_a_click_on_it_leads_to_its_subject() {
        let Some(bus) = Bus::start() else {
            let missing = "there is no dbus-daemon";
            assert!(std::env::var("REQUIRE_CHROMIUM").as_deref() != Ok("1"), "{missing}");
            eprintln!("SKIPPED: {missing}");
            return;
        };
        let (tell, told) = sync_channel(4);
        let shows = Builder::address(bus.address.as_str()).unwrap();
        let shows = shows.name(SERVICE).unwrap().serve_at(OBJECT, Shows(tell)).unwrap();
        let shows = shows.build().unwrap();
        let (ctx, address) = (Context::default(), bus.address.clone());
        let woken = Arc::new(AtomicBool::new(false));
        let wakes = woken.clone();
        ctx.set_request_repaint_callback(move |_| wakes.store(true, Ordering::Relaxed));
        let mut desktop = Desktop::start_on(move || Builder::address(address.as_str()), ctx);
        desktop.show(notice());
        let (title, text, actions) = told.recv_timeout(SOON).unwrap();
        assert_eq!((title.as_str(), text.as_str()), ("Shop", "a &lt; b &amp; c"));
        assert_eq!(actions, [CLICKED, "Show"]);
        let began = Instant::now();
        let mut followed = Vec::new();
        // The window may hear of clicks a moment after the first notification.
        while followed.is_empty() {
            assert!(began.elapsed() < SOON, "no click is told");
            let click = (ID, CLICKED);
            shows.emit_signal(None::<&str>, OBJECT, SERVICE, "ActionInvoked", &click).unwrap();
            std::thread::yield_now();
            followed = desktop.take_followed();
        }
        assert_eq!(followed[0], notice().subject);
        assert!(woken.load(Ordering::Relaxed));
    }

    #[test]
    fn a_bus_that_answers_nothing_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bus");
        let _silent = UnixListener::bind(&path).unwrap();
        let address = format!("unix:path={}", path.display());
        let bus = move || Builder::address(address.as_str());
        let mut desktop = Desktop::start_on(bus, Context::default());
        let began = Instant::now();
        for _ in 0..10 * MAX_WAITING {
            desktop.show(notice());
        }
        assert!(began.elapsed() < Duration::from_secs(1));
        assert_eq!(desktop.take_followed(), []);
    }
}
