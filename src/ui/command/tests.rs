//! Tests that the table is consistent.

use std::time::Instant;

use super::*;
use crate::model::{Condition, FrameSize};
use crate::ui::chord::Platform;
use crate::ui::picture::testing::session;
use crate::ui::state::nothing_watched;

#[test]
fn no_two_commands_share_a_key_on_any_platform() {
    for platform in [Platform::Other, Platform::Mac] {
        let keys: Vec<_> = Command::all()
            .flat_map(|c| c.row().keys.iter().map(move |k| (c, k.on(platform))))
            .collect();
        for (i, (one, key)) in keys.iter().enumerate() {
            for (other, other_key) in &keys[i + 1..] {
                assert!(
                    !key.overlaps(*other_key),
                    "{one:?} and {other:?} share {}",
                    key.label(platform)
                );
            }
        }
    }
}

#[test]
fn ids_can_be_read_back() {
    for command in Command::all() {
        assert_eq!(command.id().parse(), Ok(command));
    }
    assert_eq!(Command::ArmControl.id(), "arm_control");
    assert_eq!(Command::Session1.id(), "session1");
    assert_eq!(Command::ThemeHighContrast.id(), "theme_high_contrast");
}

#[test]
fn names_and_help_are_in_sentence_case_without_a_full_stop() {
    for command in Command::all() {
        let CommandRow { name, help, .. } = command.row();
        for text in [name, help] {
            assert!(text.starts_with(|c: char| c.is_uppercase()) && !text.ends_with('.'), "{text}");
        }
        // The letters of an abbreviation are all large.
        let is_title =
            |word: &str| word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase);
        let title_case = name.split(' ').skip(1).any(is_title);
        assert!(!title_case || name.contains("Helmsight"), "{name}");
    }
    let mut names: Vec<_> = Command::all().map(Command::name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Command::all().count());
}

#[test]
fn two_keys_are_taken_from_the_session_and_no_more() {
    let taken: Vec<_> = Command::all().filter(|c| c.row().scope >= Scope::Always).collect();
    assert_eq!(taken, [Command::ReleaseControl, Command::PasteAsText]);
    assert_eq!(Command::Session9.session_index(), Some(8));
    assert_eq!(Command::Quit.session_index(), None);
}

#[test]
fn every_row_is_complete_where_the_compiler_does_not_see_it() {
    for command in Command::all() {
        let row = command.row();
        assert!(!row.repeats || !row.keys.is_empty(), "{command:?} has no key to hold down");
        assert!(row.unmet == Unmet::Told || !row.needs.is_empty(), "{command:?} needs nothing");
        for (at, need) in row.needs.iter().enumerate() {
            assert!(!row.needs[..at].contains(need), "{command:?} needs {need:?} twice");
            // Reasons are told from the general to the particular.
            let is_in_place = match need {
                Need::Alone => at == 0,
                Need::Connection => row.needs[..at].iter().all(|before| *before == Need::Alone),
                _ => true,
            };
            assert!(is_in_place, "{command:?} has {need:?} too late");
        }
        let works_unseen = matches!(row.group, Group::Page | Group::Log);
        assert!(!works_unseen || row.needs.first() == Some(&Need::Alone), "{command:?}");
    }
}

#[test]
fn what_is_done_to_a_session_says_that_there_is_none() {
    let state = nothing_watched(Instant::now());
    for command in Command::all() {
        match command.row().group {
            Group::Control | Group::Page | Group::Picture | Group::Log => {
                let why = command.why_not(&state);
                assert!(why.is_some_and(|why| !why.ends_with('.')), "{command:?}: {why:?}");
            }
            Group::Sessions | Group::Window => (),
        }
    }
    assert_eq!(Command::PasteAsText.why_not(&state), Some("No session is watched"));
    assert_eq!(Command::NewSession.why_not(&state), None);
}

#[test]
fn a_session_that_is_away_is_the_reason_of_whatever_is_asked_of_it() {
    let (now, size) = (Instant::now(), FrameSize { width: 640, height: 400 });
    let mut open = session(&egui::Context::default(), size, now);
    let asks = |command: &Command| command.row().needs.contains(&Need::Connection);
    for (condition, wanted) in [
        (Condition::Ended { why: String::new() }, "The session has ended"),
        (Condition::Connecting { attempt: 1 }, "The session is not connected"),
    ] {
        open.condition = condition;
        let open = std::slice::from_ref(&open);
        let state = AppState { open, active: Some(0), ..nothing_watched(now) };
        for command in Command::all().filter(asks) {
            assert_eq!(command.why_not(&state), Some(wanted), "{command:?}");
        }
    }
}

#[test]
fn the_way_out_of_control_always_runs() {
    let mut state = nothing_watched(Instant::now());
    assert_eq!(Command::ReleaseControl.why_refused(&state), None);
    assert_eq!(Command::ReleaseControl.why_not(&state), Some("Take control first"));
    assert!(Command::ArmControl.why_refused(&state).is_some());
    state.control = true;
    assert_eq!(Command::ArmControl.why_refused(&state), None);
}
