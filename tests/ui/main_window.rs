//! What stands around the picture: tabs, sessions, log, notices, and what lies over them for a moment.

use std::time::Duration;

use egui::{Key, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use helmsight::model::people::AGENT;
use helmsight::model::{
    Condition, Dialog, DialogKind, Download, DownloadState, PageControl, SessionSummary,
};
use helmsight::settings::{ListForm, PanelPlace, SidePanel};
use helmsight::ui::modal::Modal;
use helmsight::ui::notices::{GOOD_NEWS_FOR, expires_at};
use helmsight::ui::state::{Level, Notice, SessionKey, Told};
use helmsight::ui::{Action, Command};

use crate::stage::{
    ROOMY, Window, asked, focused, key, press, press_key, service, session, tab, type_into,
    watching,
};

#[test]
fn tabs_are_switched_closed_and_opened() {
    let mut window = watching(ROOMY);
    press(&mut window, "Second");
    press(&mut window, "Close tab Second");
    press(&mut window, "New tab");
    let id = "two".to_owned();
    assert_eq!(
        asked(&mut window),
        [
            Action::Send(PageControl::SelectTab { tab_id: id.clone() }.into()),
            Action::Send(PageControl::CloseTab { tab_id: id }.into()),
            Action::Run(Command::NewTab),
        ]
    );
    // The tab in front is there already.
    press(&mut window, "First");
    assert_eq!(asked(&mut window), []);
}

#[test]
fn the_last_tab_has_no_close_button() {
    let mut window = watching(ROOMY);
    window.state_mut().state.open[0].view.tabs = vec![tab("one", "First", true)];
    window.run();
    window.get_by_label("First");
    assert!(window.query_by_label("Close tab First").is_none());
}

#[test]
fn a_tab_is_known_by_its_title_else_by_its_address() {
    let mut window = watching(ROOMY);
    let blank = helmsight::model::Tab { url: String::new(), ..tab("blank", "", false) };
    window.state_mut().state.open[0].view.tabs =
        vec![tab("one", "", true), blank, tab("three", "Third", false)];
    window.run();
    for name in ["Close tab https://one.example/", "Close tab New tab", "Close tab Third"] {
        window.get_by_label(name);
    }
}

fn ask(kind: DialogKind) -> Window {
    let mut window = watching(ROOMY);
    window.state_mut().state.open[0].view.dialog = Some(Dialog {
        kind,
        message: "Really?".to_owned(),
        default_text: "Ada".to_owned(),
        url: "https://shop.example/cart".to_owned(),
    });
    window.run();
    window
}

fn answer(accept: bool, text: Option<&str>) -> Action {
    Action::Send(PageControl::AnswerDialog { accept, text: text.map(str::to_owned) }.into())
}

#[test]
fn a_page_is_answered_with_the_words_that_fit() {
    for (kind, title, button, wanted) in [
        (DialogKind::Alert, "shop.example says", "OK", answer(true, None)),
        (DialogKind::Confirm, "shop.example asks", "OK", answer(true, None)),
        (DialogKind::Confirm, "shop.example asks", "Cancel", answer(false, None)),
        (DialogKind::Prompt, "shop.example asks", "OK", answer(true, Some("Ada"))),
        (DialogKind::Prompt, "shop.example asks", "Cancel", answer(false, None)),
        (DialogKind::BeforeUnload, "Leave shop.example?", "Leave page", answer(true, None)),
        (DialogKind::BeforeUnload, "Leave shop.example?", "Stay", answer(false, None)),
    ] {
        let mut window = ask(kind);
        // Who asks is said, so that nobody takes the page's words for ours.
        window.get_by_label(title);
        press(&mut window, button);
        assert_eq!(asked(&mut window), [wanted], "{kind:?}, {button}");
    }
}

#[test]
fn a_prompt_is_answered_from_the_keyboard() {
    let mut window = ask(DialogKind::Prompt);
    see(&mut window);
    assert_eq!(focused(&window).as_deref(), Some("Answer to the page"));
    // As in a browser, what is typed takes the place of the page's own answer.
    type_into(&mut window, "Answer to the page", "Grace");
    press_key(&mut window, Key::Enter);
    assert_eq!(asked(&mut window), [answer(true, Some("Grace"))]);

    let mut window = ask(DialogKind::Prompt);
    see(&mut window);
    press_key(&mut window, Key::Escape);
    assert_eq!(asked(&mut window), [answer(false, None)]);
}

/// Lets a dialog be seen for as long as one has to be before keys are meant for it.
fn see(window: &mut Window) {
    window.state_mut().state.now += Duration::from_millis(400);
    window.run();
}

#[test]
fn a_dialog_moves_nothing_and_takes_the_keys_in_control_too() {
    for control in [false, true] {
        for (kind, key, wanted) in [
            (DialogKind::Alert, Key::Enter, answer(true, None)),
            (DialogKind::Alert, Key::Escape, answer(true, None)),
            (DialogKind::Confirm, Key::Enter, answer(true, None)),
            (DialogKind::Confirm, Key::Escape, answer(false, None)),
            (DialogKind::BeforeUnload, Key::Enter, answer(true, None)),
            (DialogKind::BeforeUnload, Key::Escape, answer(false, None)),
        ] {
            let mut window = watching(ROOMY);
            window.state_mut().state.control = control;
            window.run();
            let picture = window.get_by_label_contains("icture of Page of s1").rect();
            let dialog = Dialog {
                kind,
                message: "Really?\n".repeat(400),
                default_text: String::new(),
                url: "https://shop.example/cart".to_owned(),
            };
            window.state_mut().state.open[0].view.dialog = Some(dialog);
            window.run();
            assert_eq!(window.get_by_label_contains("icture of Page of s1").rect(), picture);
            see(&mut window);
            press_key(&mut window, key);
            assert_eq!(asked(&mut window), [wanted], "{kind:?}, {key:?}, control: {control}");
            window.state_mut().state.open[0].view.dialog = None;
            window.run();
            let picture_has_keys = focused(&window).is_some_and(|name| name.contains("picture of"));
            assert_eq!(picture_has_keys, control, "{:?}", focused(&window));
        }
    }
}

#[test]
fn whoever_does_not_drive_is_told_who_answers() {
    let mut window = ask(DialogKind::Confirm);
    let people = &mut window.state_mut().state.open[0].view.people;
    (people.me, people.driver) = (1, Some(AGENT));
    window.run();
    see(&mut window);
    press_key(&mut window, Key::Enter);
    assert_eq!(asked(&mut window), []);
    window.get_by_label_contains("has control, and answers");
}

#[test]
fn keys_meant_for_the_page_do_not_answer_its_dialog() {
    let mut window = watching(ROOMY);
    window.state_mut().state.control = true;
    window.run();
    window.state_mut().state.open[0].view.dialog = Some(Dialog {
        kind: DialogKind::Confirm,
        message: "Really?".to_owned(),
        default_text: String::new(),
        url: String::new(),
    });
    window.run();
    press_key(&mut window, Key::Enter);
    assert_eq!(asked(&mut window), []);
}

#[test]
fn running_downloads_are_shown_and_finished_ones_are_not() {
    let mut window = watching(ROOMY);
    let download = |name: &str, state| Download {
        id: name.to_owned(),
        url: "https://one.example/file".to_owned(),
        file_name: name.to_owned(),
        received: 12_000_000,
        total: Some(40_000_000),
        state,
        reason: None,
    };
    window.state_mut().state.open[0].view.downloads = vec![
        download("report.zip", DownloadState::Running),
        download("old.zip", DownloadState::Done),
    ];
    window.run();
    window.get_by_label("Downloading report.zip");
    assert!(window.query_by_label_contains("old.zip").is_none());
}

fn listed(window: &mut Window) {
    let mut cloud = service("cloud", false);
    cloud.sessions.push(SessionSummary {
        id: "c1".to_owned(),
        state: "running".to_owned(),
        title: Some("Checkout".to_owned()),
        ..SessionSummary::default()
    });
    window.state_mut().state.services.push(cloud);
    window.run();
}

#[test]
fn a_listed_session_is_opened_and_a_watched_one_brought_to_the_front() {
    let mut window = watching(ROOMY);
    listed(&mut window);
    press(&mut window, "Watch Checkout");
    press(&mut window, "Session 1: Page of s1");
    let there = SessionKey { service: "cloud".to_owned(), id: "c1".to_owned() };
    assert_eq!(asked(&mut window), [Action::Open(there), Action::Open(key("s1"))]);
}

#[test]
fn a_session_is_left_or_ended_from_its_own_menu() {
    let mut window = watching(ROOMY);
    window.get_by_label("Session 1: Page of s1").click_secondary();
    window.run();
    press(&mut window, "Stop watching");
    assert_eq!(asked(&mut window), [Action::StopWatching(key("s1"))]);
    window.get_by_label("Session 1: Page of s1").click_secondary();
    window.run();
    press(&mut window, "End session…");
    // Nothing is ended before it was asked.
    assert_eq!(asked(&mut window), []);
    press(&mut window, "End session");
    assert_eq!(asked(&mut window), [Action::End(key("s1"))]);
}

#[test]
fn a_service_tells_what_is_wrong_and_can_be_forgotten() {
    let mut window = watching(ROOMY);
    listed(&mut window);
    let cloud = &mut window.state_mut().state.services[1];
    cloud.sessions.clear();
    cloud.problem = Some("The key was refused: connect again".to_owned());
    cloud.caution = Some("Kept for tests".to_owned());
    window.run();
    window.get_by_label("The key was refused: connect again");
    window.get_by_label("Kept for tests");
    press(&mut window, "Service cloud");
    press(&mut window, "Forget this service");
    let service = "cloud".to_owned();
    assert_eq!(asked(&mut window), [Action::Forget { service }]);
}

#[test]
fn sessions_have_the_numbers_that_their_keys_have() {
    let mut window = watching(ROOMY);
    let second = session(&window.ctx, &window.state().state, "s2");
    window.state_mut().state.open.push(second);
    window.state_mut().state.open[1].condition = Condition::Ended { why: "It expired".to_owned() };
    window.run();
    window.get_by_label("Session 1: Page of s1");
    press(&mut window, "Session 2: Page of s2");
    assert_eq!(asked(&mut window), [Action::Open(key("s2"))]);
}

#[test]
fn notices_are_dismissed_and_the_graver_stay_longer() {
    let mut window = watching(ROOMY);
    let notice = |id, level, text: &str| Notice {
        id,
        text: text.to_owned(),
        level,
        subject: None,
        since: std::time::Instant::now(),
        lead: None,
    };
    let good = notice(1, Level::Good, "Saved");
    let warning = notice(2, Level::Warning, "Be careful");
    let error = notice(7, Level::Error, "It failed: try again");
    assert_eq!(expires_at(&good), good.since + GOOD_NEWS_FOR);
    let shown_for = |notice: &Notice| expires_at(notice) - notice.since;
    assert!(shown_for(&warning) > GOOD_NEWS_FOR && shown_for(&error) > shown_for(&warning));
    assert!(shown_for(&error) < Duration::from_secs(60));
    window.state_mut().state.notices.push(error);
    window.run();
    window.get_by_label("It failed: try again");
    press(&mut window, "Dismiss");
    assert_eq!(asked(&mut window), [Action::Dismiss { notice: 7 }]);
}

#[test]
fn notices_leave_the_picture_to_be_seen_and_come_forth_one_after_the_other() {
    let shown = |window: &Window| -> Vec<u32> {
        let is_shown = |n: &u32| window.query_by_label_contains(&format!("No {n}:")).is_some();
        (1..=4).filter(is_shown).collect()
    };
    let long = "The service does not answer, and much more is to be said of it. ".repeat(6);
    for (size, all, without_the_newest) in
        [(ROOMY, vec![2, 3, 4], vec![1, 2, 3]), (vec2(640.0, 400.0), vec![4], vec![3])]
    {
        let mut window = watching(size);
        window.state_mut().state.notices = (1..=4)
            .map(|id| Notice {
                id,
                text: format!("No {id}: {long}"),
                level: Level::Error,
                subject: None,
                since: std::time::Instant::now(),
                lead: None,
            })
            .collect();
        window.run();
        assert_eq!(shown(&window), all, "{size}");
        let hidden = 4 - all.len();
        let more = format!("{hidden} more");
        press(&mut window, &more);
        let wanted = Action::Run(Command::ShowMessages);
        assert_eq!(asked(&mut window), [wanted]);
        window.state_mut().state.notices.pop();
        window.run();
        assert_eq!(shown(&window), without_the_newest, "{size}");
    }
}

#[test]
fn what_was_told_can_be_read_again_the_newest_first() {
    let mut window = watching(ROOMY);
    let told = |text: &str| Told {
        text: text.to_owned(),
        level: Level::Error,
        at: jiff::Timestamp::UNIX_EPOCH,
        session: None,
    };
    let state = &mut window.state_mut().state;
    state.told = [told("It failed"), told("It failed again")].into();
    window.state_mut().window.modal = Some(Modal::Messages);
    window.run();
    let top = |text| window.get_by_label(text).rect().top();
    assert!(top("It failed again") < top("It failed"));
    assert_eq!(focused(&window).as_deref(), Some("Close"));
}

#[test]
fn a_notice_that_is_pointed_at_is_being_read() {
    let mut window = watching(ROOMY);
    window.state_mut().state.notices.push(Notice {
        id: 1,
        text: "It failed".to_owned(),
        level: Level::Error,
        subject: None,
        since: std::time::Instant::now(),
        lead: None,
    });
    window.run();
    assert!(!window.state().window.notices.is_being_read);
    window.get_by_label("It failed").hover();
    window.run();
    assert!(window.state().window.notices.is_being_read);
}

#[test]
fn the_palette_runs_what_is_typed() {
    let mut window = watching(ROOMY);
    window.state_mut().window.palette.toggle();
    window.run();
    type_into(&mut window, "Command palette", "keep al");
    press_key(&mut window, Key::Enter);
    assert_eq!(asked(&mut window), [Action::Run(Command::ToggleKeepAlive)]);
    assert!(!window.state().window.is_covered());
}

#[test]
fn the_palette_goes_to_sessions() {
    let mut window = watching(ROOMY);
    listed(&mut window);
    window.state_mut().window.palette.toggle();
    window.run();
    type_into(&mut window, "Command palette", "checkout");
    press_key(&mut window, Key::Enter);
    assert!(matches!(&asked(&mut window)[..], [Action::Open(key)] if key.id == "c1"));
}

#[test]
fn help_opens_and_closes() {
    let mut window = watching(ROOMY);
    window.state_mut().window.help.toggle();
    window.run();
    window.get_by_label("Filter commands");
    press_key(&mut window, Key::Escape);
    assert!(window.query_by_label("Filter commands").is_none());
}

#[test]
fn the_log_stands_beside_the_picture_and_below_it_where_there_is_no_room() {
    let places = |window: &Window| {
        let picture = window.get_by_label("Live picture of Page of s1").rect();
        (picture, window.get_by_label("Follow log").rect())
    };
    let window = watching(ROOMY);
    let (picture, log) = places(&window);
    assert!(log.left() > picture.right(), "{picture:?}, {log:?}");

    let mut window = watching(egui::vec2(600.0, 600.0));
    let (picture, log) = places(&window);
    assert!(log.top() > picture.bottom(), "{picture:?}, {log:?}");
    assert!(picture.height() > 100.0, "{picture:?}");

    window.state_mut().window.show_side = false;
    window.run();
    assert!(window.query_by_label("Follow log").is_none());
}

#[test]
fn in_a_small_window_the_log_lies_over_the_picture_while_it_is_wanted() {
    let mut window = watching(egui::vec2(480.0, 320.0));
    assert!(window.query_by_label("Follow log").is_none());
    let picture = window.get_by_label("Live picture of Page of s1").rect();
    let toggle = |window: &mut Window| {
        let stage = window.state_mut();
        stage.window.toggle_side(SidePanel::Log, stage.state.state().active());
        window.run();
    };
    toggle(&mut window);
    let log = window.get_by_label("Follow log").rect();
    assert!(picture.contains_rect(log), "{log:?} over {picture:?}");
    assert_eq!(window.get_by_label("Live picture of Page of s1").rect(), picture);
    // The way to control stays in sight.
    assert!(window.get_by_label("Take control").rect().top() >= picture.bottom() - 1.0);
    press_key(&mut window, Key::Escape);
    assert!(window.query_by_label("Follow log").is_none());
    toggle(&mut window);
    toggle(&mut window);
    assert!(window.query_by_label("Follow log").is_none());
}

#[test]
fn the_list_is_as_the_user_wants_it_in_windows_of_this_size() {
    let mut window = watching(ROOMY);
    let width = |window: &Window| window.get_by_label("Session 1: Page of s1").rect().width();
    assert!(width(&window) < 60.0);
    window.state_mut().window.places.medium.list = ListForm::Names;
    window.run();
    assert!(width(&window) > 100.0);
    window.state_mut().window.places.medium.panel = PanelPlace::Below;
    window.run();
    let picture = window.get_by_label("Live picture of Page of s1").rect();
    assert!(window.get_by_label("Follow log").rect().top() > picture.bottom());
}

#[test]
fn a_page_that_fills_its_space_has_at_least_half_of_the_window() {
    let mut window = watching(ROOMY);
    window.state_mut().window.of(&key("s1")).fits = true;
    window.run();
    let surface = window.state_mut().window.of(&key("s1")).picture.surface().expect("a picture");
    let page = surface.geometry.page_fit().expect("a size").size;
    let share = (page.width * page.height) as f32 / (ROOMY.x * ROOMY.y);
    assert!(share >= 0.5, "{page:?}: {share}");
}

#[test]
fn who_has_control_is_said_with_the_way_out() {
    let mut window = watching(ROOMY);
    press(&mut window, "Take control");
    assert_eq!(asked(&mut window), [Action::Run(Command::ArmControl)]);
    window.state_mut().state.control = true;
    window.run();
    window.get_by_label("You have control");
    press(&mut window, "Release keyboard");
    assert_eq!(asked(&mut window), [Action::Run(Command::ReleaseControl)]);
    assert!(window.query_by_label("Take control").is_none());
    let picture = window.get_by_label("Live picture of Page of s1");
    assert!(!picture.accesskit_node().is_disabled());
}

#[test]
fn the_palette_says_why_a_command_has_nothing_to_work_on() {
    let mut window = watching(ROOMY);
    window.state_mut().state.open[0].view.capabilities.viewport = false;
    window.state_mut().window.palette.toggle();
    window.run();
    type_into(&mut window, "Command palette", "match page");
    let row = window.get_by_label("Match page to window");
    assert!(row.accesskit_node().is_disabled());
    press_key(&mut window, Key::Enter);
    assert_eq!(asked(&mut window), []);
    assert!(window.state().window.is_covered());
}
