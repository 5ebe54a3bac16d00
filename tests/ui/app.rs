//! The real app in a window without a screen: from its settings to the first picture of the sample session.

use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use eframe::App as _;
use egui::{Event, Key, Modifiers, RawInput, Theme, ViewportId, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use helmsight::app::App;
use helmsight::app::local_host::BrowserOptions;
use helmsight::app::options::{Options, Target};
use helmsight::settings::secrets::{self, KeyringState};
use helmsight::shell::Renderer;
use helmsight::shell::gl::GlApp;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::task::TaskTracker;

use crate::service::service;

const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) struct Running {
    pub(crate) window: Harness<'static, GlApp<App>>,
    /// Something asked for a repaint.
    woken: Receiver<()>,
    dir: TempDir,
    // Outlives the app, which waits for its host at the end.
    _runtime: Runtime,
}

/// Starts the app with `settings` as its settings file.
pub(crate) fn start(settings: Option<&str>, targets: Vec<Target>) -> Running {
    start_with(settings, targets, false)
}

fn start_with(settings: Option<&str>, targets: Vec<Target>, wall: bool) -> Running {
    let dir = tempfile::tempdir().expect("a folder");
    if let Some(settings) = settings {
        std::fs::write(dir.path().join("settings.toml"), settings).expect("a settings file");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let (wake, woken) = sync_channel(1);
    let options = Options {
        targets,
        // No test here may depend on a browser.
        browser: BrowserOptions {
            path: Some(dir.path().join("no-browser-here")),
            no_sandbox: false,
        },
        stats: None,
        renderer: Renderer::Auto,
        wall,
        config_dir: Some(dir.path().to_owned()),
    };
    let handle = runtime.handle().clone();
    let window = Harness::builder()
        .with_size(vec2(1280.0, 800.0))
        .with_context_setup(move |ctx| {
            // Full: it is woken already.
            ctx.set_request_repaint_callback(move |_| {
                wake.try_send(()).ok();
            });
        })
        .build_eframe(move |cc| {
            let app = App::new(&cc.egui_ctx, options, handle, TaskTracker::new());
            GlApp(app.expect("an app"))
        });
    Running { window, woken, dir, _runtime: runtime }
}

impl Running {
    /// Runs a pass each time that the app asks for one, until `done`.
    pub(crate) fn step_until(
        &mut self,
        what: &str,
        done: impl Fn(&Harness<'static, GlApp<App>>) -> bool,
    ) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            self.window.step();
            if done(&self.window) {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let woken = self.woken.recv_timeout(left);
            let in_time = woken.is_ok() && !left.is_zero();
            assert!(in_time, "no {what}; on screen: {:#?}", self.window);
        }
    }

    pub(crate) fn shows(&self, text: &str) -> bool {
        self.window.query_all_by_label_contains(text).next().is_some()
    }

    /// Presses a key as the window system does: past the app's own hook.
    pub(crate) fn press(&mut self, key: Key, modifiers: Modifiers) {
        let pressed =
            Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers };
        self.input(vec![pressed]);
    }

    /// Shows this part of the panel beside the picture, once the session in front has told that it has one: before
    /// that its key only says why it does nothing.
    pub(crate) fn show_side(&mut self, title: &str, key: Key) {
        self.step_until(title, |window| window.query_all_by_label(title).next().is_some());
        self.press(key, Modifiers::NONE);
    }

    pub(crate) fn type_text(&mut self, text: &str) {
        self.input(vec![Event::Text(text.to_owned())]);
    }

    /// Types as a keyboard does: a press and its text for every letter. All of it reaches the window at once, together
    /// with the key before it.
    fn key_and_words(&mut self, key: Key, words: &str) {
        let press = |key, modifiers| Event::Key {
            key,
            physical_key: Some(key),
            pressed: true,
            repeat: false,
            modifiers,
        };
        let mut events = vec![press(key, Modifiers::NONE)];
        for letter in words.chars() {
            let name = if letter == ' ' { "Space".to_owned() } else { letter.to_string() };
            events.extend(Key::from_name(&name).map(|key| press(key, Modifiers::NONE)));
            events.push(Event::Text(letter.to_string()));
        }
        self.input(events);
        // What waited for its turn.
        self.input(Vec::new());
        self.input(Vec::new());
    }

    fn input(&mut self, events: Vec<Event>) {
        let ctx = self.window.ctx.clone();
        let mut raw = RawInput { events, ..RawInput::default() };
        self.window.state_mut().raw_input_hook(&ctx, &mut raw);
        for event in raw.events {
            self.window.event(event);
        }
        // One pass to run what was asked for, one to show it.
        self.window.step();
        self.window.step();
    }

    fn file_names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path()).expect("the folder");
        entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }

    pub(crate) fn memory(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("memory.toml")).expect("a memory")
    }

    pub(crate) fn settings(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("settings.toml")).expect("settings")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // As eframe does: the host in the app is shut down in order.
        self.window.state_mut().on_exit(None);
    }
}

#[test]
fn the_sample_session_reaches_the_window() {
    let mut running = start(None, vec![Target::Sample]);
    running.step_until("picture", |window| {
        // The size and scale of the picture stand under it.
        window.query_all_by_label_contains(" %").next().is_some()
    });
    running.step_until("row in the log", |window| {
        window.query_all_by_label_contains("Connected").next().is_some()
    });
    assert!(running.shows("Live picture of"));
    assert!(running.shows("Session 1: "));
    assert!(!running.shows("Dismiss"), "{:#?}", running.window);
}

#[test]
fn keys_open_and_close_the_panels() {
    let mut running = start(None, vec![Target::Sample]);
    running.step_until("log", |window| window.query_by_label("Follow log").is_some());
    running.press(Key::F3, Modifiers::NONE);
    assert!(!running.shows("Follow log"));
    running.press(Key::F3, Modifiers::NONE);
    assert!(running.shows("Follow log"));
    running.press(Key::N, Modifiers::COMMAND | Modifiers::CTRL);
    assert!(running.shows("Create"));
    // Under a question only its own keys count.
    running.press(Key::F3, Modifiers::NONE);
    running.press(Key::Escape, Modifiers::NONE);
    assert!(!running.shows("Create"));
    assert!(running.shows("Follow log"));
}

#[test]
fn words_typed_after_the_key_of_a_panel_stand_in_its_field() {
    const WORDS: &str = "find it tomorrow";
    for (target, title, key, field) in [
        (Target::Sample, "Chat", Key::F6, "Question"),
        (Target::Sample, "People", Key::F7, "Say something"),
        (Target::DemoCamera, "Objects", Key::F8, "Notify me about another class"),
        (Target::Sample, "Chat", Key::Slash, "Include"),
    ] {
        let mut running = start(None, vec![target]);
        running.step_until(title, |window| window.query_all_by_label(title).next().is_some());
        running.key_and_words(key, WORDS);
        assert!(!running.shows("You have control"), "{title}");
        let fields = running.window.get_all_by_label(field);
        let values: Vec<_> = fields.filter_map(|field| field.value()).collect();
        assert_eq!(values, [WORDS], "{title}");
    }
    let mut running = start(None, vec![Target::Sample]);
    running.step_until("log", |window| window.query_by_label("Include").is_some());
    running.press(Key::F3, Modifiers::NONE);
    running.key_and_words(Key::F3, WORDS);
    assert_eq!(running.window.get_by_label("Include").value().as_deref(), Some(WORDS));
    // And the same key hides it again, from within its field.
    running.press(Key::F3, Modifiers::NONE);
    assert!(!running.shows("Include") && !running.shows("You have control"));
}

#[test]
fn a_key_right_after_the_one_that_closes_a_dialog_counts() {
    let dialogs = [(Key::N, Modifiers::CTRL | Modifiers::COMMAND), (Key::F1, Modifiers::NONE)];
    for (opens, modifiers) in dialogs {
        let mut running = start(None, vec![Target::Sample]);
        running.step_until("the way to control", |window| {
            window.query_by_label("Take control").is_some()
        });
        running.press(opens, modifiers);
        running.key_and_words(Key::Escape, "i");
        running.step_until("control", |window| {
            window.query_all_by_label_contains("You have control").next().is_some()
        });
    }
}

#[test]
fn what_is_typed_in_another_window_stays_there() {
    let mut running = start(None, vec![Target::Sample]);
    running
        .step_until("the way to control", |window| window.query_by_label("Take control").is_some());
    running.press(Key::I, Modifiers::NONE);
    running.step_until("control", |window| {
        window.query_all_by_label_contains("You have control").next().is_some()
    });
    let pressed = |key, modifiers| Event::Key {
        key,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers,
    };
    let command = Modifiers::COMMAND | Modifiers::CTRL;
    let leave = pressed(Key::G, Modifiers::CTRL | Modifiers::ALT);
    let typed = [pressed(Key::F3, Modifiers::NONE), Event::Text("a".to_owned()), leave];
    let mut raw = RawInput {
        viewport_id: ViewportId::from_hash_of("another"),
        events: [&typed[..], &[pressed(Key::C, command), pressed(Key::V, command)]].concat(),
        ..RawInput::default()
    };
    let ctx = running.window.ctx.clone();
    running.window.state_mut().raw_input_hook(&ctx, &mut raw);
    // Its text fields know the clipboard's keys by what they mean, and the text to paste comes later.
    assert_eq!(raw.events, [&typed[..], &[Event::Copy]].concat());
    running.window.step();
    running.window.step();
    assert!(running.shows("You have control") && running.shows("Follow log"));
}

#[test]
fn the_theme_is_chosen_in_the_palette_and_remembered() {
    let mut running = start(Some("version = 1\ntheme = \"dark\"\n"), Vec::new());
    running.press(Key::K, Modifiers::COMMAND | Modifiers::CTRL);
    running.type_text("light theme");
    running.press(Key::Enter, Modifiers::NONE);
    running.window.step();
    assert_eq!(running.window.ctx.theme(), Theme::Light);
    running.window.state_mut().on_exit(None);
    assert!(running.settings().contains("theme = \"light\""));
}

#[test]
fn cameras_of_the_settings_are_listed_and_watched_again() {
    let settings = r#"
        [[cameras]]
        name = "Door"
        url = "ws://127.0.0.1:9/ws/stream/1"

        [[cameras]]
        name = "Yard"
        url = "no address"

        [[last_sessions]]
        service = "Cameras"
        id = "Door"

        [[last_sessions]]
        service = "elsewhere"
        id = "s1"
    "#;
    let mut running = start(Some(settings), Vec::new());
    running.step_until("the camera", |window| window.query_by_label("Session 1: Door").is_some());
    assert!(running.shows("“Yard” in the settings can't be used"));
    running.window.state_mut().on_exit(None);
    let written: toml::Table = running.settings().parse().expect("settings");
    let remembered = written["last_sessions"].as_array().expect("sessions");
    // The other service may be there at the next start.
    assert_eq!(remembered.len(), 2, "{remembered:?}");
    assert_eq!(written["cameras"].as_array().map(Vec::len), Some(2));
}

#[test]
fn demo_cameras_are_live_with_their_boxes_and_not_remembered() {
    let mut running = start(None, vec![Target::DemoCamera, Target::DemoCamera]);
    running.step_until("both cameras", |window| {
        ["Session 1: Demo camera 1", "Session 2: Demo camera 2"]
            .into_iter()
            .all(|name| window.query_by_label(name).is_some())
    });
    running.show_side("Objects", Key::F8);
    running.step_until("what is found in the second", |window| {
        let has = |label| window.query_all_by_label_contains(label).next().is_some();
        has("Live picture of Demo camera 2") && has("person")
    });
    running.window.state_mut().on_exit(None);
    assert!(!running.settings().contains("Demo camera"));
}

#[test]
fn a_window_that_begins_with_the_wall_stays_there_while_sessions_come() {
    let targets = vec![Target::DemoCamera, Target::Sample, Target::DemoCamera];
    let mut running = start_with(None, targets, true);
    running.step_until("three tiles with pictures", |window| {
        let tiles = window.query_all_by_label_contains("Tile ");
        tiles.filter(|tile| format!("{tile:?}").contains("Live")).count() == 3
    });
}

#[test]
fn the_wall_leads_to_a_session_and_back_and_is_remembered() {
    let mut running = start(None, vec![Target::Sample, Target::Sample]);
    running.step_until("both sessions", |window| {
        let names = ["Session 1: ", "Session 2: "];
        let is_there = |name| window.query_all_by_label_contains(name).next().is_some();
        names.into_iter().all(is_there)
    });
    running.press(Key::W, Modifiers::NONE);
    running.step_until("live tiles", |window| {
        let tiles = window.query_all_by_label_contains("Tile ");
        tiles.filter(|tile| format!("{tile:?}").contains("Live")).count() == 2
    });
    // Going to a session by its number shows it alone; Escape leads back.
    running.press(Key::Num1, Modifiers::NONE);
    assert!(running.shows("Live picture of") && !running.shows("Tile 1: "));
    running.press(Key::Escape, Modifiers::NONE);
    assert!(running.shows("Tile 1: ") && !running.shows("Live picture of"));
    // Control is for what is seen in full.
    running.press(Key::I, Modifiers::NONE);
    running.step_until("control in full view", |window| {
        let is_there = |name| window.query_all_by_label_contains(name).next().is_some();
        is_there("You have control") && is_there("Live picture of")
    });
    running.press(Key::G, Modifiers::CTRL | Modifiers::ALT);
    running.press(Key::W, Modifiers::NONE);
    assert!(running.shows("Tile 2: ") && !running.shows("You have control"));
    running.window.state_mut().on_exit(None);
    assert!(running.settings().contains("wall = true"));
}

#[test]
fn services_on_two_ports_of_one_host_are_told_apart() {
    let session = |port: u16| Target::Session {
        base: format!("http://127.0.0.1:{port}/").parse().expect("a URL"),
        id: "abc".to_owned(),
        auth: Box::new(helmsight::net::Auth::none()),
    };
    let mut running = start(None, vec![session(1), session(2), session(1)]);
    running.window.step();
    assert!(running.shows("Service 127.0.0.1:2"));
    assert!(running.shows("Session 2: ") && !running.shows("Session 3: "));
}

#[test]
fn a_broken_settings_file_is_set_aside_and_told() {
    let broken = "theme = \"light\nlog = 3";
    let running = start(Some(broken), Vec::new());
    assert!(running.shows("could not be read as TOML"));
    let aside = running
        .file_names()
        .into_iter()
        .find(|name| name != "settings.toml")
        .expect("the broken file is kept");
    let kept = std::fs::read_to_string(running.dir.path().join(aside)).unwrap();
    assert_eq!(kept, broken);
}

#[test]
fn without_a_browser_the_first_page_says_so() {
    let running = start(None, vec![Target::StartPage]);
    assert!(running.shows("No browser can be started on this machine"));
    assert!(running.shows("Play the sample session"));
}

#[test]
fn a_key_of_a_command_with_nothing_to_work_on_says_why() {
    let mut running = start(None, Vec::new());
    running.press(Key::I, Modifiers::NONE);
    running.window.step();
    assert!(running.shows("No session is watched"));
}

#[test]
fn what_was_typed_is_still_there_after_a_failed_connection() {
    let mut running = start(None, Vec::new());
    running.press(Key::O, Modifiers::COMMAND | Modifiers::CTRL);
    running.type_text("http://127.0.0.1:9");
    running.press(Key::Enter, Modifiers::NONE);
    running.step_until("the reason in the dialog", |window| {
        let why = "Could not connect to 127.0.0.1:9";
        window.query_by_label_contains(why).is_some()
    });
    assert!(running.shows("Connect to a service"));
    assert!(!running.shows("Could not connect to 127.0.0.1: Could"));
    assert!(!running.shows("Dismiss"), "{:#?}", running.window);
}

fn link(address: &str) -> Target {
    Target::Link(format!("helmsight://open?url={address}"))
}

#[test]
fn a_link_to_a_new_place_asks_once_and_remembers_the_yes() {
    let camera = "ws://127.0.0.1:9/ws/stream/1";
    let mut running = start(None, vec![link(camera), link("wss://elsewhere.example/ws")]);
    running.window.step();
    assert!(running.shows("It connects to 127.0.0.1:9"));
    assert!(!running.shows("Session 1: "), "nothing is opened unasked");
    running.window.get_by_label("Connect").click();
    running.step_until("the camera and the next question", |window| {
        window.query_by_label_contains("It connects to elsewhere").is_some()
            && window.query_by_label("Session 1: 127.0.0.1:9 1").is_some()
    });
    running.press(Key::Escape, Modifiers::NONE);
    assert!(!running.shows("It connects to") && !running.shows("Session 2: "));
    running.window.state_mut().on_exit(None);
    let written: toml::Table = running.settings().parse().expect("settings");
    let known: Vec<_> = written["known_origins"].as_array().expect("a list").clone();
    assert_eq!(known, ["ws://127.0.0.1:9".into()] as [toml::Value; 1]);

    let mut again = start(Some(&running.settings()), vec![link(camera)]);
    again.step_until("the camera", |window| {
        window.query_by_label("Session 1: 127.0.0.1:9 1").is_some()
    });
    assert!(!again.shows("It connects to"));
}

#[test]
fn a_link_to_what_the_settings_have_opens_just_that() {
    let settings = r#"
        [[profiles]]
        name = "Ours"
        base_url = "http://127.0.0.1:9/v1"

        [[cameras]]
        name = "Door"
        url = "ws://127.0.0.1:9/ws/stream/1"
    "#;
    let targets =
        vec![link("http://127.0.0.1:9/v1/computers/abc"), link("ws://127.0.0.1:9/ws/stream/1")];
    let mut running = start(Some(settings), targets);
    running.step_until("both", |window| {
        ["Session 1: abc", "Session 2: Door"]
            .into_iter()
            .all(|name| window.query_by_label(name).is_some())
            || ["Session 2: abc", "Session 1: Door"]
                .into_iter()
                .all(|name| window.query_by_label(name).is_some())
    });
    assert!(running.shows("Service Ours") && !running.shows("Service 127.0.0.1"));
    assert!(!running.shows("Door 2") && !running.shows("It connects to"));
}

#[test]
fn a_missing_keyring_is_told_only_where_the_service_wants_a_key() {
    let no_keyring = matches!(secrets::state(), KeyringState::Unavailable(_));
    for (status, listed, told) in
        [("200 OK", "shop-till", false), ("401 Unauthorized", "HTTP 401", no_keyring)]
    {
        let sessions = r#"[{"id":"shop-till","status":"running"}]"#;
        let base = format!("http://{}", service(status, sessions));
        let settings = format!("[[profiles]]\nname = \"Ours\"\nbase_url = \"{base}\"\n");
        let mut running = start(Some(&settings), Vec::new());
        running.step_until(listed, |window| {
            window.query_all_by_label_contains(listed).next().is_some()
        });
        if told {
            // It may be painted a pass later than the list.
            running.step_until("why there is no key", |window| {
                let why = window.query_all_by_label_contains("could not be read");
                why.into_iter().next().is_some()
            });
        }
        assert_eq!(running.shows("could not be read"), told, "{status}");
    }
}

#[test]
fn what_can_not_be_opened_is_told_in_the_window() {
    let targets = vec![
        Target::Recording("/home/me/run.mcap".into()),
        link("file:///etc/passwd"),
        link("https://me:secret@a.test"),
    ];
    let mut running = start(None, targets);
    running.window.step();
    assert!(running.shows("“run.mcap” was not opened"));
    assert!(running.shows("The link was not opened: its address should begin with http"));
    assert!(running.shows("there is a name or a password in its address"));
    assert!(!running.shows("secret"), "a password is not shown");
}

#[test]
fn a_setting_holds_at_once_and_what_was_written_meanwhile_stays() {
    let mut running = start(Some("user_name = \"Ada\"\n"), Vec::new());
    let path = running.dir.path().join("settings.toml");
    std::fs::write(&path, "user_name = \"Bob\"\nfuture = 1\n").expect("a settings file");
    let command = Modifiers::COMMAND | Modifiers::CTRL;
    running.press(Key::Comma, command);
    running.step_until("what the file has now", |window| {
        window.query_all_by_value("Bob").next().is_some()
    });
    running.type_text("keep chats");
    running.window.run_steps(2);
    running.window.get_by_role_and_label(egui::Role::CheckBox, "Keep chats").click();
    running.window.run_steps(3);
    let settings = running.settings();
    for line in ["keep_chats = true", "user_name = \"Bob\"", "future = 1"] {
        assert!(settings.contains(line), "{settings}");
    }
    // The key is not the window's while the screen waits for one.
    running.window.get_by_label("Find a setting").focus();
    running.window.run_steps(2);
    running.press(Key::A, command);
    running.type_text("about helmsight");
    running.window.run_steps(2);
    running.window.get_by_label("About Helmsight: Add key…").click();
    running.window.run_steps(2);
    running.press(Key::F11, Modifiers::SHIFT);
    running.window.run_steps(2);
    assert!(running.settings().contains("about = [\"shift+f11\"]"), "{}", running.settings());
    running.press(Key::Escape, Modifiers::NONE);
    assert!(!running.shows("Find a setting"));
    running.press(Key::F11, Modifiers::SHIFT);
    assert!(running.shows("MIT or Apache"));
}

/// A file as the window system brings it.
#[derive(Debug)]
struct Dropped(std::path::PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("only its path is asked for".to_owned())
    }
}

#[test]
fn a_file_that_is_dropped_without_control_is_answered_with_the_way_to_it() {
    let mut running = start(None, vec![Target::Sample]);
    running
        .step_until("picture", |window| window.query_all_by_label_contains(" %").next().is_some());
    let ctx = running.window.ctx.clone();
    let path = running.dir.path().join("settings.toml");
    let mut raw =
        RawInput { dropped_files: vec![std::sync::Arc::new(Dropped(path))], ..RawInput::default() };
    running.window.state_mut().raw_input_hook(&ctx, &mut raw);
    assert!(raw.dropped_files.is_empty());
    running.window.step();
    running.window.step();
    assert!(running.shows("Take control first, then drop the files on the page"));
}
