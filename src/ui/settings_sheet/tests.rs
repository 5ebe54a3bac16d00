//! Tests of the settings screen by the names of what is on it.

use std::time::Instant;

use egui::{Event, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::*;
use crate::settings::CameraProfile;
use crate::ui::binding::Bindings;
use crate::ui::chord::Chord;
use crate::ui::state::{AppState, nothing_watched};

struct Stage {
    sheet: SettingsSheet,
    settings: Settings,
    asked: Vec<Action>,
}

/// A screen that carries out by itself what it asks for.
fn screen(settings: Settings, size: egui::Vec2) -> Harness<'static, Stage> {
    let mut sheet = SettingsSheet::default();
    sheet.open();
    let show = |ui: &mut Ui, stage: &mut Stage| {
        let state = AppState { settings: &stage.settings, ..nothing_watched(Instant::now()) };
        let bindings = Bindings::from_settings(&stage.settings.keys).0;
        let mut actions = Vec::new();
        let io = &mut PanelIo { state: &state, bindings: &bindings, actions: &mut actions };
        settings_ui(ui.ctx(), io, &mut stage.sheet);
        for action in &actions {
            match action {
                Action::Set { setting, value } => {
                    let row = SettingRow::at(setting).expect("a row");
                    row.set(&mut stage.settings, value).expect("a good value");
                }
                Action::SetKeys { command, keys } => {
                    let keys = keys.clone().map(|keys| keys.into_iter().map(Chord::setting));
                    match keys {
                        Some(keys) => drop(
                            stage.settings.keys.insert(command.id().to_owned(), keys.collect()),
                        ),
                        None => drop(stage.settings.keys.remove(command.id())),
                    }
                }
                _ => (),
            }
        }
        stage.asked.extend(actions);
    };
    let stage = Stage { sheet, settings, asked: Vec::new() };
    let mut harness = Harness::builder().with_size(size).build_ui_state(show, stage);
    harness.run();
    harness
}

fn find(harness: &mut Harness<'static, Stage>, words: &str) {
    harness.get_by_label("Find a setting").focus();
    harness.run();
    harness.get_by_label("Find a setting").type_text(words);
    harness.run();
}

fn press(harness: &mut Harness<'static, Stage>, name: &str) {
    harness.get_by_label(name).click();
    harness.run();
}

fn type_into(harness: &mut Harness<'static, Stage>, name: &str, text: &str, end: Key) {
    harness.get_by_role_and_label(egui::Role::TextInput, name).focus();
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run();
    harness.get_by_role_and_label(egui::Role::TextInput, name).type_text(text);
    harness.run();
    harness.key_press(end);
    harness.run();
}

const ROOMY: egui::Vec2 = egui::Vec2::new(1280.0, 800.0);

#[test]
fn every_setting_and_command_is_there_by_its_name() {
    let harness = screen(Settings::default(), egui::vec2(1280.0, 12_000.0));
    for row in SETTINGS {
        assert!(harness.query_all_by_label(row.name).next().is_some(), "{}", row.path);
    }
    for command in Command::all() {
        let name = format!("{}: Add key…", command.name());
        assert!(harness.query_by_label(&name).is_some(), "{name}");
    }
}

#[test]
fn a_switch_holds_at_once_and_goes_back_to_its_default() {
    let mut harness = screen(Settings::default(), ROOMY);
    find(&mut harness, "keep chats");
    harness.get_by_role_and_label(egui::Role::CheckBox, "Keep chats").click();
    harness.run();
    assert!(harness.state().settings.keep_chats);
    press(&mut harness, "Keep chats: back to default");
    assert!(!harness.state().settings.keep_chats);
    assert!(harness.query_by_label("Keep chats: back to default").is_none());
    assert!(harness.query_by_label("Theme").is_none(), "the search leaves out what does not match");
}

#[test]
fn a_wrong_number_is_refused_at_its_field_and_escape_gives_it_up() {
    let mut harness = screen(Settings::default(), ROOMY);
    find(&mut harness, "host.width");
    type_into(&mut harness, "Width", "12", Key::Enter);
    harness.get_by_label_contains("Type a number from 100");
    assert_eq!(harness.state().settings.host.width, 1280);
    type_into(&mut harness, "Width", "17", Key::Escape);
    assert!(harness.state().sheet.is_open(), "the first Escape is the field's");
    assert!(harness.query_by_label_contains("Type a number").is_none());
    type_into(&mut harness, "Width", "1920", Key::Enter);
    assert_eq!(harness.state().settings.host.width, 1920);
    harness.key_press(Key::Escape);
    harness.run();
    assert!(!harness.state().sheet.is_open());
}

#[test]
fn words_join_a_list_and_leave_it() {
    let mut harness = screen(Settings::default(), ROOMY);
    find(&mut harness, "objects.unlogged");
    type_into(&mut harness, "Not in the log", "dog", Key::Enter);
    type_into(&mut harness, "Not in the log", "cat", Key::Enter);
    assert_eq!(harness.state().settings.objects.unlogged, ["dog", "cat"]);
    press(&mut harness, "Remove dog");
    assert_eq!(harness.state().settings.objects.unlogged, ["cat"]);
}

#[test]
fn a_key_is_pressed_and_a_clash_is_told_before_anything_changes() {
    let mut harness = screen(Settings::default(), ROOMY);
    find(&mut harness, "about helmsight");
    press_key_for(&mut harness, "About Helmsight: Add key…", Key::F9, Modifiers::NONE);
    assert_eq!(harness.state().settings.keys["about"], ["f9"]);

    press_key_for(&mut harness, "About Helmsight: Add key…", Key::K, Modifiers::CTRL);
    harness.get_by_label("Ctrl+K is the key of “Command palette”");
    assert!(!harness.state().settings.keys.contains_key("palette"));
    press(&mut harness, "Leave it there");
    assert_eq!(harness.state().settings.keys["about"], ["f9"]);

    press_key_for(&mut harness, "About Helmsight: Add key…", Key::K, Modifiers::CTRL);
    press(&mut harness, "Take it from there");
    assert_eq!(harness.state().settings.keys["about"], ["f9", "mod+k"]);
    assert_eq!(harness.state().settings.keys["palette"], [""; 0]);
    press(&mut harness, "About Helmsight: remove F9");
    assert_eq!(harness.state().settings.keys["about"], ["mod+k"]);
    press(&mut harness, "About Helmsight: back to default");
    assert!(!harness.state().settings.keys.contains_key("about"));
}

#[test]
fn the_way_out_of_control_keeps_a_key() {
    let mut harness = screen(Settings::default(), ROOMY);
    find(&mut harness, "release_control");
    press(&mut harness, "Release keyboard: remove Ctrl+Alt+G");
    harness.get_by_label_contains("can't be without a key");
    assert!(harness.state().settings.keys.is_empty());
    press_key_for(&mut harness, "Release keyboard: Add key…", Key::Q, Modifiers::NONE);
    harness.get_by_label_contains("can't have a key that types");
}

#[test]
fn escape_ends_the_waiting_for_a_key_and_only_that() {
    let mut harness = screen(Settings::default(), ROOMY);
    find(&mut harness, "about helmsight");
    press_key_for(&mut harness, "About Helmsight: Add key…", Key::Escape, Modifiers::NONE);
    assert!(harness.state().sheet.is_open());
    assert!(harness.state().settings.keys.is_empty());
    harness.get_by_label("About Helmsight: Add key…");
}

#[test]
fn entries_of_lists_lead_to_their_forms() {
    let camera = CameraProfile { name: "Door".to_owned(), ..CameraProfile::default() };
    let settings = Settings { cameras: vec![camera], ..Settings::default() };
    let mut harness = screen(settings, ROOMY);
    find(&mut harness, "door");
    press(&mut harness, "Edit Door…");
    assert_eq!(harness.state().asked, [Action::EditCamera("Door".to_owned())]);
}

#[test]
fn it_fits_into_the_smallest_window() {
    let harness = screen(Settings::default(), egui::vec2(480.0, 320.0));
    for name in ["Close", "Find a setting", "Theme"] {
        let rect = harness.get_by_label(name).rect();
        assert!(rect.right() <= 480.0 && rect.bottom() <= 320.0, "{name}: {rect:?}");
    }
    assert!(!harness.get_by_label("Close").accesskit_node().is_disabled());
}

/// Asks for a key and presses it as the window's system does: before any command sees it.
fn press_key_for(
    harness: &mut Harness<'static, Stage>,
    name: &str,
    key: Key,
    modifiers: Modifiers,
) {
    press(harness, name);
    let stage = harness.state_mut();
    let bindings = Bindings::from_settings(&stage.settings.keys).0;
    let editor = stage.sheet.waiting_for_key().expect("it waits for a key");
    let pressed = Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers };
    let mut events = vec![pressed];
    editor.take_keys(&mut events, &bindings);
    assert!(events.is_empty(), "no command and no field sees the key");
    harness.run_steps(2);
}
