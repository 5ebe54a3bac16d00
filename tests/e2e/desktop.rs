//! The desktop around the window: who types, who has the clipboard, what covers the window, and which display it finds.

use std::os::unix::net::UnixListener;
use std::time::Duration;

use serde_json::Value;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, CreateWindowAux, WindowClass};
use x11rb::rust_connection::RustConnection;
use x11rb::{COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT, CURRENT_TIME};

use crate::site::Site;
use crate::stage::{SOON, Stage};
use crate::window::Window;

/// Past this a window counts as frozen: its figures are due every second.
const ALIVE: Duration = Duration::from_secs(4);

#[tokio::test]
async fn what_another_program_types_arrives_whole_and_the_keypad_as_itself() {
    let Some(stage) = Stage::set("typed").await else {
        return;
    };
    let site = Site::serve().await;
    let window = Window::open(&stage, &[&site.url]).await;
    window.page().await;
    window.take_control().await;
    // The keyboard has none of these letters: each is given to a key for one press.
    let typed = "Привет, мир! Ἀθῆναι, 日本";
    window.write(typed).await;
    let is_there = async || (site.text() == typed).then_some(());
    stage.until("every letter in the page", SOON, is_there).await;

    for (key, code) in [("KP_1", "Numpad1"), ("KP_Add", "NumpadAdd"), ("KP_Enter", "NumpadEnter")] {
        window.key(key).await;
        let is_told =
            async || site.told("keydown").iter().any(|key| key["code"] == code).then_some(());
        stage.until(code, SOON, is_told).await;
    }
    window.key("ctrl+alt+g").await;
    window.control(false).await;

    // And the window's own fields get every letter, too: the session goes to the page that is typed.
    window.key("ctrl+l").await;
    window.write(&format!("{}?Привет", site.url)).await;
    window.key("Return").await;
    let is_asked = async || site.queries().iter().any(|query| query == "Привет").then_some(());
    stage.until("the page that was typed", SOON, is_asked).await;
}

/// Owns both selections of a display and never answers anybody.
fn silent_owner(display: &str) -> RustConnection {
    let (connection, screen) = RustConnection::connect(Some(display)).unwrap();
    let root = connection.setup().roots[screen].root;
    let window = connection.generate_id().unwrap();
    let class = WindowClass::INPUT_OUTPUT;
    let attributes = CreateWindowAux::new();
    connection
        .create_window(
            COPY_DEPTH_FROM_PARENT,
            window,
            root,
            0,
            0,
            1,
            1,
            0,
            class,
            COPY_FROM_PARENT,
            &attributes,
        )
        .unwrap();
    for name in ["CLIPBOARD", "PRIMARY"] {
        let atom = connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
        connection.set_selection_owner(window, atom, CURRENT_TIME).unwrap();
        let owner = connection.get_selection_owner(atom).unwrap().reply().unwrap().owner;
        assert_eq!(owner, window, "{name}");
    }
    connection
}

#[tokio::test]
async fn a_clipboard_that_never_answers_freezes_nothing() {
    let Some(stage) = Stage::set("clipboard").await else {
        return;
    };
    let site = Site::serve().await;
    let window = Window::open(&stage, &[&site.url]).await;
    let page = window.page().await;
    let _owner = silent_owner(stage.display(0));
    let alive = async |what: &str| {
        window.figure(what, ALIVE, |_| true).await;
    };
    let told = || {
        let log = std::fs::read_to_string(stage.path("w.log")).unwrap();
        log.matches("does not answer").count()
    };
    // Into a field, by the middle button, and as text for the page.
    window.key("ctrl+l").await;
    window.key("ctrl+v").await;
    alive("figures after a paste into a field").await;
    stage.until("words about it", SOON, async || (told() == 1).then_some(())).await;
    window.mouse(page.to_window((600.0, 600.0)), &["click", "2"]).await;
    alive("figures after a click with the middle button").await;
    window.take_control().await;
    window.key("ctrl+shift+v").await;
    alive("figures after a paste for the page").await;
    stage.until("words about it", SOON, async || (told() == 2).then_some(())).await;
    // What is typed after it still arrives.
    window.key("ctrl+shift+v").await;
    window.write("after").await;
    stage.until("what was typed", SOON, async || (site.text() == "after").then_some(())).await;
}

#[tokio::test]
async fn what_is_copied_is_pasted_before_what_is_typed_next() {
    let Some(stage) = Stage::set("pasting").await else {
        return;
    };
    let site = Site::serve().await;
    let window = Window::open(&stage, &[&site.url]).await;
    window.page().await;
    window.key("ctrl+l").await;
    window.write("copied").await;
    window.key("ctrl+a").await;
    window.key("ctrl+c").await;
    window.key("Escape").await;
    window.take_control().await;
    window.xdotool(&["key", "--delay", "0", "ctrl+shift+v", "x", "y"]).await;
    stage
        .until("all of it in order", SOON, async || (site.text() == "copiedxy").then_some(()))
        .await;
}

fn bytes(figures: &Value) -> u64 {
    figures["bytes_received"].as_u64().unwrap()
}

#[tokio::test]
async fn a_window_that_nobody_sees_asks_for_no_pictures() {
    let Some(stage) = Stage::set("hidden").await else {
        return;
    };
    let window = Window::open(&stage, &["--demo-cameras"]).await;
    let live = window.state(&["live"], SOON).await;
    let more = |than: u64| move |figures: &Value| bytes(figures) > than;
    window.figure("pictures", SOON, more(bytes(&live))).await;
    for (hide, show) in [("windowunmap", "windowmap"), ("cover", "uncover")] {
        let cover = match hide {
            "cover" => Some(window.cover()),
            command => {
                window.command(command).await;
                None
            }
        };
        // No bytes for three lines in a row, which are written once a second.
        let mut last = Vec::new();
        stage
            .until("no more pictures", SOON, async || {
                let figures = window.figure("a line", ALIVE, |_| true).await;
                last.push(bytes(&figures));
                last.ends_with(&[bytes(&figures); 3]).then_some(())
            })
            .await;
        match cover {
            Some(cover) => drop(cover),
            None => window.command(show).await,
        }
        let still = *last.last().unwrap();
        window.figure("pictures again", SOON, more(still)).await;
        window.state(&["live"], SOON).await;
    }
}

#[tokio::test]
async fn a_compositor_that_is_gone_is_passed_over() {
    let Some(stage) = Stage::set("wayland").await else {
        return;
    };
    let folder = stage.path("run");
    std::fs::create_dir_all(&folder).unwrap();
    let closing = UnixListener::bind(folder.join("closing")).unwrap();
    std::thread::Builder::new()
        .name("closing".to_owned())
        .spawn(move || closing.incoming().for_each(drop))
        .unwrap();
    for (name, value) in
        [("WAYLAND_DISPLAY", "wayland-9"), ("WAYLAND_DISPLAY", "closing"), ("WAYLAND_SOCKET", "77")]
    {
        let mut doctor = stage.program("t");
        doctor.arg("doctor").env("XDG_RUNTIME_DIR", &folder).env(name, value);
        let report = stage.output(&mut doctor).await;
        let words = String::from_utf8_lossy(&report.stdout);
        assert_eq!(report.status.code(), Some(0), "{words}");
        let display = words.lines().find(|line| line.contains(" display ")).unwrap();
        assert!(display.contains(value) && display.contains("X11 instead"), "{display}");

        let window = Window::open_with(&stage, &["--sample"], |command| {
            command.env("XDG_RUNTIME_DIR", &folder).env(name, value);
        })
        .await;
        window.state(&["live", "idle"], SOON).await;
    }
    // Without a folder for sockets, a name alone leads nowhere.
    let window = Window::open_with(&stage, &["--sample"], |command| {
        command.env("WAYLAND_DISPLAY", "wayland-0");
    })
    .await;
    window.state(&["live", "idle"], SOON).await;
}
