//! What needs somebody: the state's word, the badges, the inbox with its marks, and notices that lead to their session.

use std::time::Duration;

use egui::{Key, vec2};
use egui_kittest::kittest::Queryable as _;
use helmsight::model::{Concern, ConcernKind, Dialog, DialogKind, Tab};
use helmsight::settings::ListForm;
use helmsight::ui::modal::Modal;
use helmsight::ui::state::{ConcernMark, Level, Notice, NoticeLead, OpenConcern};
use helmsight::ui::{Action, Command};

use crate::stage::{ROOMY, Window, asked, focused, key, press, press_key, session, tab, watching};

/// Two sessions, of which the first is in front and the page of the second crashed.
fn window(size: egui::Vec2) -> Window {
    let mut window = watching(size);
    let mut second = session(&window.ctx, &window.state().state, "s2");
    second.view.tabs = vec![Tab { crashed: true, ..tab("t", "Shop", true) }];
    let state = &mut window.state_mut().state;
    state.open.push(second);
    let text = "The page crashed. Reload it to go on";
    state.concerns.push(concern(1, "s2", ConcernKind::Crashed, text));
    window.run();
    window
}

fn concern(id: u64, session: &str, kind: ConcernKind, text: &str) -> OpenConcern {
    OpenConcern {
        id,
        session: key(session),
        concern: Concern::new(kind, text),
        at: jiff::Timestamp::UNIX_EPOCH,
        picture: None,
        mark: ConcernMark::Open,
    }
}

#[test]
fn a_crashed_page_is_crashed_everywhere_and_can_be_reloaded() {
    let mut window = window(ROOMY);
    window.get_by_label("Crashed");
    window.state_mut().state.on_wall = true;
    window.run();
    window.get_by_label("Tile 2: Page of s2, Crashed");
    let state = &mut window.state_mut().state;
    (state.on_wall, state.active) = (false, Some(1));
    window.run();
    // The card over the picture says it, and so does the line below.
    assert_eq!(window.get_all_by_label("The page crashed. Reload it to go on").count(), 2);
    let reloads = window.get_all_by_label("Reload");
    reloads.last().expect("one over the picture").click();
    window.run();
    assert_eq!(asked(&mut window), [Action::Run(Command::Reload)]);
}

#[test]
fn a_page_blocked_by_a_question_says_so_in_the_list() {
    let mut window = window(ROOMY);
    window.state_mut().state.open[1].view.tabs[0].crashed = false;
    window.state_mut().state.open[1].view.dialog = Some(Dialog {
        kind: DialogKind::Confirm,
        message: "Leave?".to_owned(),
        default_text: String::new(),
        url: "https://shop.example/".to_owned(),
    });
    window.run();
    window.get_by_label("Waits for an answer");
}

#[test]
fn the_inbox_is_done_by_marks_with_the_keyboard_alone() {
    for size in [ROOMY, vec2(480.0, 320.0)] {
        let mut window = window(size);
        press(&mut window, "What needs you: 1");
        assert_eq!(asked(&mut window), [Action::Run(Command::ShowInbox)]);
        window.state_mut().window.modal = Some(Modal::Inbox);
        window.run();
        assert_eq!(focused(&window).as_deref(), Some("Show"), "{size}");
        press_key(&mut window, Key::Tab);
        assert_eq!(focused(&window).as_deref(), Some("Seen"));
        press_key(&mut window, Key::Enter);
        let seen = Action::MarkConcern { concern: 1, mark: ConcernMark::Seen };
        assert_eq!(asked(&mut window), [seen]);
        press_key(&mut window, Key::Tab);
        press_key(&mut window, Key::Enter);
        let until = window.state().state.wall + Duration::from_secs(600);
        let snoozed = ConcernMark::Snoozed(until);
        assert_eq!(asked(&mut window), [Action::MarkConcern { concern: 1, mark: snoozed }]);
        window.state_mut().state.concerns[0].mark = snoozed;
        window.run();
        window.get_by_label("Nothing needs you now");
        assert!(window.query_by_label("What needs you: 1").is_none());
        press(&mut window, "Call now");
        let open = Action::MarkConcern { concern: 1, mark: ConcernMark::Open };
        assert_eq!(asked(&mut window), [open]);
        press(&mut window, "Show");
        let shown = Action::GoTo { session: key("s2"), about: Some(ConcernKind::Crashed) };
        assert_eq!(asked(&mut window), [shown]);
        assert!(window.state().window.modal.is_none());
    }
}

#[test]
fn what_needs_somebody_comes_first_where_that_is_wished() {
    let mut window = window(ROOMY);
    // A list of icons has a line in place of the heading.
    window.state_mut().window.places.of_mut(ROOMY.x).list = ListForm::Names;
    window.run();
    let top = |window: &Window, label| window.get_by_label(label).rect().top();
    assert!(top(&window, "Session 1: Page of s1") < top(&window, "Session 2: Page of s2"));
    window.state_mut().state.settings.needs_first = true;
    window.run();
    window.get_by_label("Needs you");
    assert!(top(&window, "Session 2: Page of s2") < top(&window, "Session 1: Page of s1"));
    window.state_mut().state.concerns[0].mark = ConcernMark::Seen;
    window.run();
    assert!(window.query_by_label("Needs you").is_none());
}

#[test]
fn a_notice_leads_to_its_session_unless_that_is_in_front() {
    let mut window = window(ROOMY);
    let lead = NoticeLead { session: key("s2"), about: Some(ConcernKind::Crashed), picture: None };
    let notice = Notice {
        id: 4,
        text: "“Page of s2”: The page crashed".to_owned(),
        level: Level::Alert,
        subject: None,
        since: std::time::Instant::now(),
        lead: Some(lead),
        offer: None,
    };
    window.state_mut().state.notices.push(notice);
    window.run();
    press(&mut window, "Show");
    let shown = Action::GoTo { session: key("s2"), about: Some(ConcernKind::Crashed) };
    assert_eq!(asked(&mut window), [shown, Action::Dismiss { notice: 4 }]);
    window.state_mut().state.active = Some(1);
    window.run();
    assert!(window.query_by_label("Show").is_none());
}
