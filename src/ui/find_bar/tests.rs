//! Tests the bar by the names of its parts, by mouse and by keyboard.

use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::model::{Control, FoundText, FrameSize};
use crate::ui::action::Action;
use crate::ui::binding::Bindings;
use crate::ui::picture::testing::session;
use crate::ui::state::nothing_watched;

struct Stage {
    session: Option<OpenSession>,
    memory: FindBarState,
    actions: Vec<Action>,
    now: Instant,
}

fn show() -> Harness<'static, Stage> {
    let stage = Stage {
        session: None,
        memory: FindBarState::default(),
        actions: Vec::new(),
        now: Instant::now() + Duration::from_secs(60),
    };
    let mut harness = Harness::builder().with_size([700.0, 420.0]).build_ui_state(stage_ui, stage);
    harness.run_steps(2);
    let key = harness.state().session.as_ref().unwrap().key.clone();
    harness.state_mut().memory.open(key);
    harness.run_steps(3);
    harness
}

fn stage_ui(ui: &mut Ui, stage: &mut Stage) {
    let size = FrameSize { width: 1280, height: 720 };
    let open = stage.session.get_or_insert_with(|| session(ui.ctx(), size, stage.now));
    let state = nothing_watched(stage.now);
    let io =
        &mut PanelIo { state: &state, bindings: &Bindings::default(), actions: &mut stage.actions };
    find_bar_ui(ui, io, &mut stage.memory, open, ui.max_rect());
}

fn asked(harness: &mut Harness<'_, Stage>) -> Vec<TextSearch> {
    let taken = std::mem::take(&mut harness.state_mut().actions);
    let searches = taken.into_iter().map(|action| match action {
        Action::Send(Control::Page(PageControl::Find(search))) => search,
        other => panic!("{other:?}"),
    });
    searches.collect()
}

fn answer(harness: &mut Harness<'_, Stage>, text: &str, matches: u32, index: u32) {
    let found = FoundText { text: text.into(), matches, index, more: false };
    harness.state_mut().session.as_mut().unwrap().view.found = Some(found);
    harness.run_steps(2);
}

#[test]
fn what_is_typed_is_searched_one_at_a_time_and_counted() {
    let mut harness = show();
    harness.get_by_label("Find in page").type_text("a");
    harness.run_steps(2);
    assert_eq!(asked(&mut harness), [search("a", false)]);
    harness.get_by_label("Find in page").type_text("bc");
    harness.run_steps(2);
    assert_eq!(asked(&mut harness), [], "the first one is not answered yet");
    answer(&mut harness, "a", 3, 1);
    assert_eq!(asked(&mut harness), [search("abc", false)]);
    assert!(harness.query_by_label("1 of 3").is_none(), "that was about another text");
    answer(&mut harness, "abc", 12, 4);
    harness.get_by_label("4 of 12");
    answer(&mut harness, "abc", 0, 0);
    harness.get_by_label("No match");

    // A host that does not answer holds nothing up for long.
    harness.get_by_label("Find in page").type_text("d");
    harness.run_steps(2);
    assert_eq!(asked(&mut harness), [search("abcd", false)]);
    harness.get_by_label("Find in page").type_text("e");
    harness.run_steps(2);
    assert_eq!(asked(&mut harness), []);
    harness.state_mut().now += ANSWERED_WITHIN + Duration::from_millis(1);
    harness.run_steps(2);
    assert_eq!(asked(&mut harness), [search("abcde", false)]);
}

#[test]
fn keys_and_buttons_go_from_match_to_match_and_escape_closes() {
    let mut harness = show();
    harness.get_by_label("Find in page").type_text("a");
    harness.run_steps(2);
    asked(&mut harness);
    answer(&mut harness, "a", 2, 1);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(asked(&mut harness), [search("a", false)]);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Enter);
    harness.run_steps(2);
    assert_eq!(asked(&mut harness), [search("a", true)]);
    for (label, backward) in [("Next match", false), ("Match before", true)] {
        harness.get_by_label(label).click();
        harness.run_steps(2);
        assert_eq!(asked(&mut harness), [search("a", backward)], "{label}");
    }
    harness.get_by_label("Find in page").focus();
    harness.run_steps(2);
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert_eq!(asked(&mut harness), [TextSearch::default()], "the marks go, too");
    assert!(harness.query_by_label("Find in page").is_none());
}
