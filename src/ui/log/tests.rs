//! Tests the panel as a user meets it: widgets are found by name, and driven by mouse and keys.

use std::borrow::Cow;

use egui::{Key, Modifiers, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{LogChoices, LogUiState, log_panel_ui};
use crate::model::log::{Log, LogFilter};
use crate::model::{ConsoleLevel, EventKind, Phase, RequestRef, SessionEvent};
use crate::ui::action::{Action, LogFormat, LogRows, SavePlace};
use crate::ui::binding::Bindings;

const WIDE: Vec2 = vec2(800.0, 400.0);
const NARROW: Vec2 = vec2(240.0, 400.0);

struct Panel {
    log: Log,
    state: LogUiState,
    choices: LogChoices,
    actions: Vec<Action>,
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_767_225_600_000 + ms).unwrap()
}

fn console(n: i64) -> SessionEvent {
    let raw = format!(r#"{{"n":{n}}}"#).into();
    SessionEvent {
        received_at: at(n),
        raw,
        name: "log".into(),
        ..SessionEvent::ours(EventKind::Console, format!("line {n}"))
    }
}

fn half(phase: Phase, text: &str, ms: i64) -> SessionEvent {
    let request = Some(RequestRef { id: "r-1".to_owned(), phase });
    let event = SessionEvent::ours(EventKind::ActionRequest, text);
    SessionEvent { received_at: at(ms), request, raw: r#"{"x":1}"#.into(), ..event }
}

fn panel(size: Vec2, log: Log) -> Harness<'static, Panel> {
    let state = LogUiState::new(TimeZone::UTC, LogFilter::default());
    let panel = Panel { log, state, choices: LogChoices::default(), actions: Vec::new() };
    let bindings = Bindings::default();
    let ui = move |ui: &mut egui::Ui, panel: &mut Panel| {
        let Panel { log, state, choices, actions } = panel;
        log_panel_ui(ui, log, state, choices, &bindings, actions);
    };
    let mut harness =
        Harness::builder().with_size(size).allow_missing_glyphs().build_ui_state(ui, panel);
    harness.run();
    harness
}

fn lines(n: i64) -> Log {
    let mut log = Log::default();
    (1..=n).for_each(|n| log.push(console(n)));
    log
}

fn has(harness: &Harness<'_, Panel>, label: &str) -> bool {
    harness.query_all_by_label_contains(label).next().is_some()
}

/// Scrolls the wheel over the rows; a negative number looks at older ones.
fn wheel(harness: &mut Harness<'_, Panel>, rows: f32) {
    harness.hover_at(egui::pos2(150.0, 250.0));
    harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Line,
        delta: vec2(0.0, -rows),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    harness.run_steps(30);
}

#[test]
fn an_empty_log_says_so() {
    assert!(has(&panel(WIDE, Log::default()), "No events yet"));
}

#[test]
fn typing_a_filter_hides_rows_and_says_how_many() {
    for size in [WIDE, NARROW] {
        let mut harness = panel(size, lines(12));
        assert!(has(&harness, "log line 7") && !has(&harness, "hidden"));
        harness.get_by_label("Include").focus();
        harness.run();
        harness.get_by_label("Include").type_text("LINE 7");
        harness.run();
        assert!(has(&harness, "log line 7") && has(&harness, "11 hidden"));
        assert!(!has(&harness, "log line 8"));
        harness.get_by_label("Exclude").focus();
        harness.run();
        harness.get_by_label("Exclude").type_text("log");
        harness.run();
        assert!(has(&harness, "All 12 rows are hidden by the filter"));
        harness.get_by_label("Show all").click();
        harness.run();
        assert!(has(&harness, "log line 8") && !has(&harness, "hidden"));
        assert!(harness.state().state.filter.is_empty());
    }
}

#[test]
fn families_are_switched_off_and_on() {
    let mut log = lines(3);
    log.push(SessionEvent::ours(EventKind::NetworkFailure, "no route"));
    let mut harness = panel(WIDE, log);
    harness.get_by_label("console 3").click();
    harness.run();
    assert!(has(&harness, "no route") && !has(&harness, "log line") && has(&harness, "3 hidden"));
    harness.get_by_label("console 3").click();
    harness.run();
    assert!(has(&harness, "log line 1"));

    harness.set_size(NARROW);
    harness.run();
    harness.get_by_label("Types").click();
    harness.run();
    harness.get_by_label("network 1").click();
    harness.run();
    assert!(!has(&harness, "no route") && has(&harness, "Types (1 off)"));
}

#[test]
fn follows_the_tail_until_the_user_scrolls_up() {
    let mut harness = panel(WIDE, lines(100));
    assert!(has(&harness, "log line 100"));
    harness.state_mut().log.push(console(101));
    harness.run();
    assert!(has(&harness, "log line 101"));

    wheel(&mut harness, -5.0);
    assert!(!harness.state().state.follows());
    assert!(!has(&harness, "Follow new"), "nothing new came yet");
    let top = harness.state().state.scroll.offset;
    (102..=104).for_each(|n| harness.state_mut().log.push(console(n)));
    harness.run();
    assert!(!has(&harness, "log line 104"));
    assert_eq!(harness.state().state.scroll.offset, top, "the view stands still");
    harness.get_by_label("3 new rows — Follow").click();
    harness.run();
    assert!(has(&harness, "log line 104") && harness.state().state.follows());

    wheel(&mut harness, -5.0);
    wheel(&mut harness, 50.0);
    assert!(harness.state().state.follows(), "scrolling to the end follows again");
}

#[test]
fn pausing_holds_until_it_is_undone() {
    let mut harness = panel(WIDE, lines(100));
    harness.get_by_label("Follow log").click();
    harness.run();
    harness.state_mut().log.push(console(101));
    harness.run();
    assert!(has(&harness, "1 new row — Follow"));
    wheel(&mut harness, 50.0);
    assert!(!harness.state().state.follows() && !has(&harness, "new row"));
    harness.get_by_label("Follow log").click();
    harness.run();
    assert!(harness.state().state.follows());
}

#[test]
fn rows_in_view_stay_where_they_are_when_others_are_filtered_or_evicted() {
    let mut log = Log::with_limits(200, usize::MAX);
    (1..=200).for_each(|n| log.push(console(n)));
    let mut harness = panel(WIDE, log);
    wheel(&mut harness, -20.0);
    harness.get_by_label_contains("log line 150").click();
    harness.run();
    let y =
        |harness: &Harness<'_, Panel>| harness.get_by_label_contains("log line 150").rect().top();
    let before = y(&harness);
    (201..=260).for_each(|n| harness.state_mut().log.push(console(n)));
    harness.run();
    assert!(
        (y(&harness) - before).abs() < 1.0,
        "evicting moved it from {before} to {}",
        y(&harness)
    );
    harness.state_mut().state.filter.include = "0".to_owned();
    harness.run();
    assert!(
        (y(&harness) - before).abs() < 1.0,
        "filtering moved it from {before} to {}",
        y(&harness)
    );
    harness.state_mut().state.clear_filter();
    harness.run();
    assert!(
        (y(&harness) - before).abs() < 1.0,
        "clearing moved it from {before} to {}",
        y(&harness)
    );
}

#[test]
fn keys_move_the_selection_and_open_the_detail() {
    let mut harness = panel(WIDE, lines(100));
    harness.get_by_label_contains("log line 99").click();
    harness.run();
    let selected = |harness: &Harness<'_, Panel>| harness.state().state.selected.row.unwrap();
    assert_eq!(selected(&harness), 99);
    for (key, seq) in [
        (Key::ArrowUp, 98),
        (Key::ArrowDown, 99),
        (Key::ArrowDown, 100),
        (Key::ArrowDown, 100),
        (Key::Home, 1),
        (Key::ArrowUp, 1),
        (Key::End, 100),
    ] {
        harness.key_press(key);
        harness.run();
        assert_eq!(selected(&harness), seq, "{key:?}");
        assert!(has(&harness, &format!("log line {seq}")), "it is in view");
    }
    harness.key_press(Key::PageUp);
    harness.run();
    assert!((80..97).contains(&selected(&harness)), "{}", selected(&harness));

    harness.key_press(Key::End);
    harness.key_press(Key::Enter);
    harness.run();
    assert!(has(&harness, "2026-01-01 00:00:00.100 +00:00"));
    assert_eq!(harness.get_by_label("JSON").value().unwrap(), "{\n  \"n\": 100\n}");
    harness.event(egui::Event::Copy);
    harness.run();
    harness.get_by_label("Copy all").click();
    harness.run();
    let copied =
        [Action::Copy("line 100\n{\"n\":100}".to_owned()), Action::Copy("{\"n\":100}".to_owned())];
    assert_eq!(harness.state().actions, copied);
    harness.get_by_label_contains("log line 100").click();
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    assert!(!has(&harness, "Copy all"));
    harness.key_press(Key::ArrowUp);
    harness.run();
    assert_eq!(selected(&harness), 99, "the keyboard is still in the list");
}

#[test]
fn the_detail_leads_to_the_other_half() {
    let mut log = Log::default();
    log.push(half(Phase::Requested, "click the button", 0));
    log.push(console(10));
    log.push(half(Phase::Answered { ok: false }, "no such button", 250));
    for size in [WIDE, NARROW] {
        let mut harness = panel(size, std::mem::take(&mut log));
        assert!(has(&harness, "click the button, failed after 250 ms"));
        harness.get_by_label_contains("click the button").click();
        harness.run();
        harness.key_press(Key::Enter);
        harness.run();
        harness.get_by_label("Go to answer").click();
        harness.run();
        assert_eq!(harness.state().state.selected.row, Some(3));
        assert!(has(&harness, "Go to request"));
        harness.get_by_label("Close").click();
        harness.run();
        assert!(!has(&harness, "Go to request"));
        log = harness.into_state().log;
    }
}

#[test]
fn saving_asks_for_the_rows_the_user_sees() {
    let mut harness = panel(WIDE, lines(12));
    harness.state_mut().state.filter.include = "7".to_owned();
    harness.run();
    harness.get_by_label("Save").click();
    harness.run();
    harness.get_by_label("Save as CSV…").click();
    harness.run();
    let asked =
        Action::SaveLog { format: LogFormat::Csv, rows: LogRows::Shown, place: SavePlace::Ask };
    assert_eq!(harness.state().actions, [asked]);
    let panel = harness.state_mut();
    let seqs: Vec<u64> = panel.state.rows(&panel.log, LogRows::Shown).map(|row| row.seq).collect();
    assert_eq!(seqs, [7]);
    assert_eq!(panel.state.rows(&panel.log, LogRows::All).count(), 12);

    harness.state_mut().actions.clear();
    harness.get_by_label("Save").click();
    harness.run();
    harness.get_by_label("All 12 rows").click();
    harness.get_by_label_contains("Or to a path").focus();
    harness.run();
    harness.get_by_label_contains("Or to a path").type_text("/tmp/x.jsonl");
    harness.run();
    harness.get_by_label("Save to path").click();
    harness.run();
    let place = SavePlace::Path("/tmp/x.jsonl".into());
    let asked = Action::SaveLog { format: LogFormat::JsonLines, rows: LogRows::All, place };
    assert_eq!(harness.state().actions, [asked]);
}

#[test]
fn levels_of_the_console_are_switched_off_and_on() {
    let mut log = lines(3);
    for (level, text) in [(ConsoleLevel::Info, "fine"), (ConsoleLevel::Error, "broken")] {
        let event = SessionEvent::ours(EventKind::Console, text);
        log.push(SessionEvent { level: Some(level), ..event });
    }
    for (size, menu) in [(WIDE, None), (NARROW, Some("Types"))] {
        let mut harness = panel(size, std::mem::take(&mut log));
        let toggle = |harness: &mut Harness<'_, Panel>| {
            if let Some(menu) = menu {
                harness.get_by_label(menu).click();
                harness.run();
            }
            harness.get_by_label("console info 1").click();
            harness.run();
            if menu.is_some() {
                harness.key_press(Key::Escape);
                harness.run();
            }
        };
        assert!(has(&harness, "fine") && has(&harness, "broken"));
        toggle(&mut harness);
        assert!(!has(&harness, "fine") && has(&harness, "broken") && has(&harness, "log line 3"));
        toggle(&mut harness);
        assert!(has(&harness, "fine") && harness.state().state.filter.is_empty());
        log = harness.into_state().log;
    }
}

#[test]
fn a_rows_menu_shows_its_kind_alone_or_hides_what_reads_like_it() {
    let mut log = lines(3);
    log.push(SessionEvent::ours(EventKind::Tab, "opened"));
    log.push(SessionEvent::ours(EventKind::Console, "other"));
    let mut harness = panel(WIDE, log);
    let mut choose = |row: &str, item: &str| {
        harness.get_by_label_contains(row).click_secondary();
        harness.run();
        harness.get_by_label(item).click();
        harness.run();
        let shown = |text: &str| has(&harness, text);
        (shown("log line 1"), shown("tab opened"), shown("console other"))
    };
    assert_eq!(choose("log line 2", "Hide rows like this"), (false, true, true));
    assert_eq!(choose("tab opened", "Only this kind"), (false, true, false));
    assert_eq!(harness.state().state.filter.include, "kind:tab");
}

#[test]
fn requests_are_asked_for_where_the_session_can_tell_them() {
    let mut harness = panel(WIDE, lines(1));
    assert!(!has(&harness, "Requests"));
    harness.state_mut().choices.can_tell_requests = true;
    harness.run();
    harness.get_by_label("Requests").click();
    harness.run();
    assert!(harness.state().choices.requests);
}

#[test]
fn several_rows_are_selected_copied_and_saved() {
    let mut harness = panel(WIDE, lines(9));
    let row = |n: u64| format!("log line {n}");
    let selected = |harness: &Harness<'_, Panel>| {
        harness.state().state.selected.seqs().into_iter().collect::<Vec<_>>()
    };
    let pick = |harness: &mut Harness<'_, Panel>, n, modifiers| {
        harness.get_by_label_contains(&row(n)).click_modifiers(modifiers);
        harness.run();
        selected(harness)
    };
    assert_eq!(pick(&mut harness, 3, Modifiers::NONE), [3]);
    assert_eq!(pick(&mut harness, 5, Modifiers::SHIFT), [3, 4, 5]);
    assert_eq!(pick(&mut harness, 8, Modifiers::COMMAND), [3, 4, 5, 8]);
    assert_eq!(pick(&mut harness, 4, Modifiers::COMMAND), [3, 5, 8]);

    harness.event(egui::Event::Copy);
    harness.run();
    let copied = "line 3\n{\"n\":3}\nline 5\n{\"n\":5}\nline 8\n{\"n\":8}".to_owned();
    assert_eq!(harness.state_mut().actions.split_off(0), [Action::Copy(copied)]);

    harness.get_by_label_contains(&row(5)).click_secondary();
    harness.run();
    harness.get_by_label("Save 3 rows as CSV…").click();
    harness.run();
    let (format, rows) = (LogFormat::Csv, LogRows::Selected);
    let asked = Action::SaveLog { format, rows, place: SavePlace::Ask };
    assert_eq!(harness.state_mut().actions.split_off(0), [asked]);
    let Panel { log, state, .. } = harness.state_mut();
    assert_eq!(
        state.rows(log, LogRows::Selected).map(|row| row.seq).collect::<Vec<_>>(),
        [3, 5, 8]
    );

    harness.get_by_label("Save").click();
    harness.run();
    assert!(has(&harness, "The 3 of 9 rows that are selected") && has(&harness, "All 9 rows"));
    harness.key_press(Key::Escape);
    harness.run();

    // The same by keys.
    assert_eq!(pick(&mut harness, 7, Modifiers::NONE), [7]);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    harness.run();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    harness.run();
    assert_eq!(selected(&harness), [7, 8, 9]);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Home);
    harness.run();
    assert_eq!(selected(&harness), [1, 2, 3, 4, 5, 6, 7]);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run();
    assert_eq!(selected(&harness).len(), 9);
    harness.state_mut().state.filter.include = "2".to_owned();
    harness.run();
    assert_eq!(
        selected(&harness),
        [1, 2],
        "what is hidden is not copied, but for the row in detail"
    );
}

#[test]
fn a_filter_is_given_a_name_and_used_again() {
    for size in [WIDE, NARROW] {
        let mut harness = panel(size, lines(12));
        let open = |harness: &mut Harness<'_, Panel>| {
            harness.get_by_label("Filters").click();
            harness.run();
        };
        open(&mut harness);
        assert!(has(&harness, "No filter is in use now"));
        harness.key_press(Key::Escape);
        harness.state_mut().state.filter.include = "line 7".to_owned();
        harness.run();
        open(&mut harness);
        harness.get_by_label("Save the filter in use as").focus();
        harness.run();
        harness.get_by_label("Save the filter in use as").type_text("Sevens");
        harness.run();
        harness.get_by_label("Save filter").click();
        harness.run();
        harness.state_mut().state.clear_filter();
        harness.run();
        assert!(has(&harness, "log line 8"));
        open(&mut harness);
        harness.get_by_label("Sevens").click();
        harness.run();
        assert!(has(&harness, "log line 7") && !has(&harness, "log line 8"));
        let saved = &harness.state().choices.saved;
        assert_eq!((saved.len(), saved[0].shows.include.as_str()), (1, "line 7"));
        open(&mut harness);
        harness.get_by_label("Delete the filter Sevens").click();
        harness.run();
        assert!(harness.state().choices.saved.is_empty());
    }
}

#[test]
fn hostile_rows_stay_one_line_high() {
    let mut log = Log::default();
    let texts = [
        "a\nb\nc\n",
        "\u{202E}reversed",
        "שלום עולם",
        &"long ".repeat(100_000),
        &"x".repeat(100_000),
    ];
    for text in texts {
        let raw = format!("{{\"text\":\"{}\"}}", "y".repeat(1 << 20)).into();
        let name: Cow<'static, str> = text.to_owned().into();
        let console = SessionEvent::ours(EventKind::Console, text);
        log.push(SessionEvent { raw, name: name.clone(), ..console });
        log.push(SessionEvent { name, ..SessionEvent::ours(EventKind::Lost, text) });
    }
    for size in [WIDE, NARROW] {
        let mut harness = panel(size, std::mem::take(&mut log));
        harness.state_mut().state.selected.row = Some(9);
        harness.state_mut().state.detail_open = true;
        harness.run();
        let heights: Vec<f32> = harness
            .get_all_by(|node| node.role() == egui::Role::ListBoxOption)
            .map(|row| row.rect().height())
            .collect();
        assert!(!heights.is_empty() && heights.iter().all(|height| *height < 30.0), "{heights:?}");
        log = harness.into_state().log;
    }
}

#[test]
fn only_rows_in_view_are_drawn() {
    let mut harness = panel(WIDE, lines(100_000));
    let rows = |harness: &Harness<'_, Panel>| {
        harness.get_all_by(|node| node.role() == egui::Role::ListBoxOption).count()
    };
    assert!((10..30).contains(&rows(&harness)), "{}", rows(&harness));
    for offset in [0.0, 777_777.0, 1_500_000.0] {
        wheel(&mut harness, -1e9);
        wheel(&mut harness, offset / 40.0);
        assert!((10..30).contains(&rows(&harness)), "{}", rows(&harness));
    }
}

#[test]
fn another_sessions_log_starts_at_the_tail() {
    let mut harness = panel(WIDE, lines(100));
    wheel(&mut harness, -5.0);
    harness.state_mut().log = lines(100);
    harness.run();
    assert!(harness.state().state.follows() && has(&harness, "log line 100"));
}

#[test]
fn a_new_layout_is_no_reason_to_stop_following() {
    let mut harness = panel(WIDE, lines(100));
    // Some heights are lower than a scroll area gets.
    for height in [400.0, 130.0, 90.0, 250.0, 700.0, 3000.0, 400.0] {
        for width in [800.0, 240.0] {
            harness.set_size(vec2(width, height));
            harness.run();
            assert!(harness.state().state.follows(), "{width} x {height}");
        }
    }

    // The border of the panel is dragged away from the pointer, and the rows come under it.
    harness.set_size(vec2(800.0, 300.0));
    harness.run();
    let press = |harness: &mut Harness<'_, Panel>, pressed| {
        harness.event(egui::Event::PointerButton {
            pos: egui::pos2(150.0, 250.0),
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
    };
    harness.hover_at(egui::pos2(150.0, 250.0));
    press(&mut harness, true);
    harness.run_steps(2);
    harness.set_size(vec2(800.0, 500.0));
    harness.run_steps(3);
    assert!(harness.state().state.follows(), "held while it grew");
    press(&mut harness, false);
    harness.run();
    harness.state_mut().log.push(console(101));
    harness.run();
    assert!(has(&harness, "log line 101"), "{:?}", harness.state().state.follow);
}
