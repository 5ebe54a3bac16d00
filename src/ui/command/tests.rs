//! The table is consistent.

use super::*;
use crate::ui::chord::Platform;

#[test]
fn no_two_commands_share_a_key_on_any_platform() {
    for platform in [Platform::Other, Platform::Mac] {
        let keys: Vec<_> = Command::all()
            .flat_map(|c| c.info().keys.iter().map(move |k| (c, k.on(platform))))
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
        let Info { name, help, .. } = command.info();
        for text in [name, help] {
            assert!(text.starts_with(|c: char| c.is_uppercase()) && !text.ends_with('.'), "{text}");
        }
        let title_case = name.split(' ').skip(1).any(|word| word.starts_with(char::is_uppercase));
        assert!(!title_case || name.contains("Helmsight"), "{name}");
    }
    let mut names: Vec<_> = Command::all().map(Command::name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Command::all().count());
}

#[test]
fn two_keys_are_taken_from_the_session_and_no_more() {
    let taken: Vec<_> = Command::all().filter(|c| c.info().scope >= Scope::Always).collect();
    assert_eq!(taken, [Command::ReleaseControl, Command::PasteAsText]);
    assert_eq!(Command::Session9.session_index(), Some(8));
    assert_eq!(Command::Quit.session_index(), None);
}
