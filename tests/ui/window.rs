//! The whole window: at its smallest and largest, by keyboard alone, and with texts that mean harm.

use std::collections::BTreeSet;

use egui::epaint::text::MissingGlyphPolicy;
use egui::{Key, Rect, Vec2, vec2};
use egui_kittest::kittest::Queryable as _;
use helmsight::model::{Dialog, DialogKind, Download, DownloadState};
use helmsight::ui::state::{Level, Notice};

use crate::stage::{Window, focused, press_key, service, session, tab, watching, window};

const SIZES: [Vec2; 4] =
    [vec2(480.0, 320.0), vec2(700.0, 480.0), vec2(1280.0, 800.0), vec2(1600.0, 1000.0)];

fn assert_visible(window: &Window, size: Vec2, names: &[&str]) {
    let screen = Rect::from_min_size(egui::Pos2::ZERO, size).expand(1.0);
    for name in names {
        let rect = window.get_by_label(name).rect();
        assert!(
            screen.contains_rect(rect) && rect.width() > 8.0 && rect.height() > 8.0,
            "at {size:?} “{name}” is at {rect:?}"
        );
    }
}

#[test]
fn the_main_controls_are_there_at_every_size() {
    for size in SIZES {
        let mut start = window(size);
        start.state_mut().window.show_sessions = false;
        start.run();
        assert_visible(&start, size, &["Page to open", "Start a browser", "Menu"]);

        let mut live = watching(size);
        let names = [
            "Session list",
            "Back",
            "Reload",
            "Address",
            "Event log",
            "Menu",
            "First",
            "Live picture of Page of s1",
            "Take control",
            "Session 1: Page of s1",
        ];
        assert_visible(&live, size, &names);
        live.state_mut().state.control = true;
        live.run();
        let way_out = live.get_by_label_contains("You have control").rect();
        assert!(way_out.right() <= size.x, "at {size:?} it ends at {way_out:?}");
    }
}

#[test]
fn everything_can_be_reached_with_the_tab_key_and_has_a_name() {
    let mut window = watching(vec2(1280.0, 800.0));
    window.state_mut().state.open[0].view.page.can_go_back = true;
    window.run();
    let mut reached = BTreeSet::new();
    for _ in 0..60 {
        press_key(&mut window, Key::Tab);
        if window.ctx.memory(|memory| memory.focused()).is_some() {
            let name = focused(&window).expect("what has the focus has a name");
            reached.insert(name);
        }
    }
    for name in [
        "Session list",
        "Back",
        "Reload",
        "Address",
        "Keep alive",
        "Event log",
        "Menu",
        "New session…",
        "Session 1: Page of s1",
        "Connect to a service…",
        "First",
        "Second",
        "Close tab Second",
        "New tab",
        "Live picture of Page of s1",
        "Take control",
        "Follow log",
        "Include",
        "Exclude",
    ] {
        assert!(reached.contains(name), "“{name}” is not in {reached:#?}");
    }
}

#[test]
fn texts_that_mean_harm_stay_where_they_belong() {
    let long = "word ".repeat(2_000);
    for text in [
        "two\nlines\r\nand a third",
        "user\u{202E}gpj.exe",
        "\u{1b}]52;c;evil\u{7}",
        "a\u{0301}\u{0301}\u{0301}\u{0301}\u{0301}\u{0301}\u{0301}\u{0301}\u{0301}\u{0301}",
        &long,
    ] {
        for size in [vec2(480.0, 320.0), vec2(1280.0, 800.0)] {
            let window = hostile(size, text);
            assert_visible(&window, size, &["Session list", "Menu", "Address", "OK", "Dismiss"]);
            let shown = window.get_by_label_contains("Session 1: ").rect();
            assert!(shown.height() < 60.0, "{size:?}, {text:.20?}: {shown:?}");
        }
    }
}

/// A window in which everything that comes from a server is `text`.
fn hostile(size: Vec2, text: &str) -> Window {
    let mut window = watching(size);
    // Its letters may be of any script.
    window.ctx.set_missing_glyph_policy(MissingGlyphPolicy::Tofu);
    window.state_mut().window.show_side = false;
    let mut open = session(&window.ctx, &window.state().state, "s1");
    let now = window.state().state.now;
    open.name = text.to_owned();
    open.view.page.title = text.to_owned();
    open.view.page.url = format!("https://one.example/{text}");
    open.view.tabs = vec![tab("one", text, true), tab("two", text, false)];
    open.view.dialog = Some(Dialog {
        kind: DialogKind::Confirm,
        message: text.to_owned(),
        default_text: text.to_owned(),
        url: text.to_owned(),
    });
    open.view.downloads.push(Download {
        id: "d".to_owned(),
        url: text.to_owned(),
        file_name: text.to_owned(),
        received: 10,
        total: None,
        state: DownloadState::Running,
        reason: Some(text.to_owned()),
    });
    let state = &mut window.state_mut().state;
    state.open[0] = open;
    let mut cloud = service(text, false);
    cloud.problem = Some(text.to_owned());
    state.services.push(cloud);
    state.notices.push(Notice {
        id: 1,
        text: text.to_owned(),
        level: Level::Error,
        subject: None,
        since: now,
        lead: None,
    });
    window.run();
    window
}
