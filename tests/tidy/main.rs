//! The walls of the house, as tests: who may import whom, and what every source file owes its reader.

#![expect(clippy::unwrap_used, reason = "test code")]

mod architecture;
mod guide;
mod names;
mod packaging;
mod release;
mod runner;
mod source;

use std::path::Path;

use source::{Source, sources};

/// The rooms, bottom up. A room imports only rooms before it.
const ROOMS: &[&str] = &[
    "base",
    "model",
    "protocol",
    "net",
    "video",
    "recording",
    "session",
    "host",
    "settings",
    "ui",
    "raster",
    "shell",
    "app",
    "cli",
];

const KNOWS_WINDOWS: &str =
    "a shell knows windows and the trait of whatever paints them, and nothing of sessions";

/// Walls that the order alone does not build: a room, a room that it must not see although it stands below, and why.
const WALLS: &[(&str, &str, &str)] = &[
    ("host", "video", "it forwards pictures and never decodes them"),
    (
        "host",
        "session",
        "the window connects to it like to any server: they share `protocol` and nothing else",
    ),
    ("recording", "net", "it reads and writes files, whoever made what is in them"),
    ("recording", "video", "it keeps pictures as they came and decodes none"),
    ("ui", "recording", "it sees no file; `app` carries out what it asks for"),
    ("ui", "net", "it sees no socket; `app` carries out what it asks for"),
    ("ui", "session", "it sees no channel; `app` carries out what it asks for"),
    ("ui", "host", "a host is a server like any other; `app` starts it"),
    ("shell", "session", KNOWS_WINDOWS),
    ("shell", "host", KNOWS_WINDOWS),
    ("shell", "net", KNOWS_WINDOWS),
    ("shell", "settings", KNOWS_WINDOWS),
    ("shell", "ui", KNOWS_WINDOWS),
];

/// Words that a room must not use, and why.
const BANNED: &[(&[&str], &[&str], &str)] = &[
    (
        ROOMS,
        &["print!", "println!", "eprint!", "eprintln!"],
        "they panic where nobody reads or the disk is full: `cli::print` and `tracing` do not",
    ),
    (
        &["base", "model", "protocol", "net", "recording", "session", "host", "settings"],
        &["egui", "eframe", "winit"],
        "nothing below `ui` paints; only `video` names egui's pixel containers",
    ),
    (
        &["model", "protocol"],
        &["tokio", "std::fs", "std::net", "std::process", "reqwest"],
        "`model` is plain data and `protocol` turns bytes into it: no I/O",
    ),
    (
        &["video", "ui", "app", "cli"],
        &["eframe", "winit"],
        "only `shell` knows who owns the windows: another shell may take its place",
    ),
    (
        &["ui"],
        &[
            "tokio",
            "std::fs",
            "std::net",
            "std::thread",
            "mpsc",
            "Instant::now",
            "Timestamp::now",
            "SystemTime",
        ],
        "`ui` sees no channel, socket, file or clock: time is in `AppState`, and `app` carries out what `ui` asks for",
    ),
];

/// At about 500 lines ask whether a second noun has moved in. A file of more lines than this is refused.
const MAX_LINES: usize = 600;
/// Files that are longer, each with the reason why splitting it would be worse.
const LONG: &[(&str, &str)] = &[];

/// Names of services and their products. A backend or a dialect may be named after one; what stands above may not know.
const VENDORS: &[&str] = &["tzafon", "lightcone", "webfuse", "surfly", "browserbase"];
const MAY_NAME_VENDORS: &[&str] = &[
    "src/protocol/",
    "src/session/backend/",
    "src/settings/",
    // The help lists the variables that the settings read.
    "src/cli/mod.rs",
    // It takes the services' keys out of the browser's environment.
    "src/host/chromium/launch.rs",
    // The paths that services post to have the services' names.
    "src/host/PROTOCOL.md",
];

/// Folders of one developer's machine. Their names are split, so that this file passes its own test.
const MACHINE_PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/")];

#[test]
fn rooms_import_only_rooms_below_them() {
    assert_tidy(sources("src").iter().flat_map(wrong_imports));
}

#[test]
fn rooms_use_no_words_of_other_rooms() {
    assert_tidy(sources("src").iter().flat_map(banned_words));
}

#[test]
fn files_say_what_they_are_for_and_stay_short() {
    let files = [sources("src"), sources("tests")].concat();
    assert_tidy(files.iter().filter_map(|file| wrong_shape(file, LONG)));
    let unknown = |(path, _): &&(&str, &str)| !files.iter().any(|file| file.path == *path);
    assert_tidy(
        LONG.iter()
            .filter(unknown)
            .map(|(path, _)| format!("{path}: listed as long, but there is no such file")),
    );
}

#[test]
fn vendors_are_named_only_at_the_edge() {
    assert_tidy(sources("src").iter().flat_map(vendor_names));
}

#[test]
fn fields_keep_their_ids() {
    assert_tidy(sources("src").iter().flat_map(fields_without_id));
}

#[test]
fn nothing_depends_on_one_developers_machine() {
    let all = [
        "src",
        "tests",
        "assets",
        "packaging",
        ".ci",
        ".github",
        "build.rs",
        "Makefile",
        "README.md",
        "docs",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
    ];
    assert_tidy(all.iter().flat_map(|place| sources(place)).flat_map(|file| machine_paths(&file)));
}

fn wrong_imports(file: &Source) -> Vec<String> {
    let Some(room) = file.room() else {
        return Vec::new();
    };
    let Some(rank) = ROOMS.iter().position(|known| *known == room) else {
        return vec![format!(
            "{}: `{room}` is not in the table of rooms; give it its place there",
            file.path
        )];
    };
    let mut wrong = Vec::new();
    for (line, other) in file.imported_rooms() {
        let place = format!("{}:{line}: {room} imports {other}", file.path);
        match ROOMS.iter().position(|known| *known == other) {
            None if other == room => {}
            None => wrong.push(format!("{place}, which is no room")),
            Some(other_rank) if other_rank > rank => {
                wrong.push(format!(
                    "{place}, but a room imports only rooms below it: {}",
                    ROOMS.join(" < ")
                ));
            }
            Some(_) => wrong.extend(
                WALLS
                    .iter()
                    .filter(|(from, to, _)| *from == room && *to == other)
                    .map(|(_, _, why)| format!("{place}, but {why}")),
            ),
        }
    }
    wrong
}

fn banned_words(file: &Source) -> Vec<String> {
    let Some(room) = file.room() else {
        return Vec::new();
    };
    let banned = BANNED.iter().filter(|(rooms, _, _)| rooms.contains(&room));
    banned
        .flat_map(|(_, words, why)| words.iter().map(move |word| (word, why)))
        .flat_map(|(word, why)| {
            let lines = file.shipped_code().filter(|(_, code)| source::has_word(code, word));
            lines.map(move |(line, _)| {
                format!("{}:{line}: {room} uses `{word}`, but {why}", file.path)
            })
        })
        .collect()
}

fn wrong_shape(file: &Source, long: &[(&str, &str)]) -> Option<String> {
    if !file.path.ends_with(".rs") {
        return None;
    }
    let (path, lines) = (&file.path, file.text.lines().count());
    let listed = long.iter().any(|(known, _)| known == path);
    if !file.text.starts_with("//! ") {
        return Some(format!("{path}: begin with a `//!` line that says what the file is for"));
    }
    match (lines > MAX_LINES, listed) {
        (true, false) => Some(format!(
            "{path}: {lines} lines; split it by noun, or list it as long with the reason"
        )),
        (false, true) => Some(format!("{path}: no longer long; take it off the list")),
        (true, true) | (false, false) => None,
    }
}

fn vendor_names(file: &Source) -> Vec<String> {
    if MAY_NAME_VENDORS.iter().any(|place| file.path.starts_with(place)) {
        return Vec::new();
    }
    let lines = file.text.lines().enumerate().map(|(n, line)| (n + 1, line.to_lowercase()));
    lines
        .flat_map(|(line, text)| {
            VENDORS
                .iter()
                .filter(move |vendor| text.contains(*vendor))
                .map(move |vendor| (line, *vendor))
        })
        .map(|(line, vendor)| {
            format!(
                "{}:{line}: names {vendor}; a service's name belongs in {}",
                file.path,
                MAY_NAME_VENDORS.join(", ")
            )
        })
        .collect()
}

fn machine_paths(file: &Source) -> Vec<String> {
    let lines = file.text.lines().enumerate();
    lines
        .filter(|(_, line)| MACHINE_PATHS.iter().any(|path| line.contains(path)))
        .map(|(n, _)| {
            format!(
                "{}:{}: a path of one machine; other machines have no such folder",
                file.path,
                n + 1
            )
        })
        .collect()
}

/// Finds text fields that are given no id of their own. The library numbers those from top to bottom, so a field would
/// lose the keyboard as soon as something before it comes or goes.
fn fields_without_id(file: &Source) -> Vec<String> {
    let lines: Vec<_> = file.shipped_code().collect();
    let is_field = |line: &str| {
        line.contains("TextEdit::singleline(") || line.contains("TextEdit::multiline(")
    };
    let fields = lines.iter().enumerate().filter(|(_, (_, line))| is_field(line));
    let has_id = |line: &str| line.contains(".id(") || line.contains(".id_salt(");
    // The id stands right behind, on the same line or the next.
    let nameless =
        fields.filter(|(at, _)| !lines[*at..].iter().take(2).any(|(_, line)| has_id(line)));
    nameless.map(|(_, (n, _))| format!("{}:{n}: a text field without an id", file.path)).collect()
}

/// Fails with one line per fault.
fn assert_tidy(faults: impl Iterator<Item = String>) {
    let faults: Vec<_> = faults.collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// The walls stand: each planted fault is found, and its innocent twin is not.
#[test]
fn the_checks_can_fail() {
    let long_file = format!("//! Long.\n{}", "\n".repeat(MAX_LINES));
    let machine_path = format!("const HOME: &str = \"{}x\";", MACHINE_PATHS[0]);
    for (path, text, faults) in [
        ("src/net/a.rs", "use crate::base::Wake;", 0),
        ("src/net/a.rs", "use crate::session::Backend;", 1),
        ("src/net/a.rs", "use crate::{base::Wake, ui::{Action, state::X}, session};", 2),
        ("src/net/a.rs", "let x = crate::app::run();", 1),
        ("src/net/a.rs", "// See crate::app for who runs it.\nuse crate::net::http;", 0),
        ("src/host/a.rs", "use crate::protocol::computers;", 0),
        ("src/host/a.rs", "use crate::session::Backend;", 1),
        ("src/ui/a.rs", "use crate::model::Status;", 0),
        ("src/ui/a.rs", "use crate::net::Client;", 1),
        ("src/ui/a.rs", "fn now() -> Instant { Instant::now() }", 1),
        ("src/ui/a.rs", "fn a() {}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}", 0),
        ("src/ui/a/tests.rs", "fn now() -> Instant { Instant::now() }", 0),
        ("src/model/a.rs", "let wake = \"without egui\"; // egui", 1),
        ("src/video/a.rs", "use egui::ColorImage;", 0),
        ("src/app/a.rs", "impl eframe::App for App {}", 1),
        ("src/shell/gl.rs", "impl eframe::App for GlApp {}", 0),
        ("src/shell/gl.rs", "use crate::app::App;", 1),
        ("src/garage/a.rs", "", 1),
        ("src/lib.rs", "pub mod ui;", 0),
    ] {
        let file = Source::new(path, text);
        let found = [wrong_imports(&file), banned_words(&file)].concat();
        assert_eq!(found.len(), faults, "{path}: {text}\n{found:#?}");
    }
    for (path, text, listed, faulty) in [
        ("src/a.rs", "//! What for.\n", false, false),
        ("src/a.rs", "use x;\n", false, true),
        ("src/a.rs", long_file.as_str(), false, true),
        ("src/a.rs", long_file.as_str(), true, false),
        ("src/a.rs", "//! Short.\n", true, true),
    ] {
        let long: &[(&str, &str)] = if listed { &[("src/a.rs", "reason")] } else { &[] };
        assert_eq!(
            wrong_shape(&Source::new(path, text), long).is_some(),
            faulty,
            "{path}, listed: {listed}"
        );
    }
    let field = |rest: &str| {
        fields_without_id(&Source::new("src/a.rs", &format!("TextEdit::singleline(text){rest}")))
    };
    assert_eq!(field(".password(true)\n.hint_text(hint)\n.id_salt(1)").len(), 1);
    assert_eq!(field("\n    .id_salt(\"words\")").len(), 0);
    assert_eq!(vendor_names(&Source::new("src/session/mod.rs", "// As Tzafon does")).len(), 1);
    assert_eq!(
        vendor_names(&Source::new("src/protocol/computers.rs", "// As Tzafon does")).len(),
        0
    );
    assert_eq!(machine_paths(&Source::new("src/a.rs", &machine_path)).len(), 1);
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs").exists());
    assert!(sources("src").len() > 20, "the files are found");
}
