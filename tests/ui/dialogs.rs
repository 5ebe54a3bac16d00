//! Questions that lie over the window.

use std::path::PathBuf;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use helmsight::protocol::link::Link;
use helmsight::settings::ServiceKind;
use helmsight::ui::Action;
use helmsight::ui::action::{AfterSharing, NewService, NewSession, SavePlace};
use helmsight::ui::modal::{Check, ConnectForm, Modal, Saving, ScriptForm, ScriptRun};

use crate::stage::{
    ROOMY, Window, asked, focused, key, new_session, press, press_key, service, type_into, watching,
};

fn open(modal: Modal) -> Window {
    let mut window = watching(ROOMY);
    window.state_mut().window.modal = Some(modal);
    window.run();
    window
}

fn is_open(window: &Window) -> bool {
    window.state().window.modal.is_some()
}

fn end() -> Modal {
    Modal::ConfirmEnd { key: key("s1"), name: "Page of s1".to_owned() }
}

fn save() -> Modal {
    Modal::SavePath { what: Saving::Snapshot, path: "/tmp/picture.png".to_owned() }
}

#[test]
fn a_session_is_created_by_typing_a_page() {
    let mut window = open(Modal::NewSession(new_session().into()));
    assert_eq!(focused(&window).as_deref(), Some("Page"));
    type_into(&mut window, "Page", " example.com");
    press_key(&mut window, Key::Enter);
    let wanted = NewSession { url: "example.com".to_owned(), ..new_session() };
    assert_eq!(asked(&mut window), [Action::Create(wanted)]);
    // Until there is a session.
    assert!(is_open(&window));
}

#[test]
fn a_script_is_typed_run_and_run_again() {
    let form = |run| ScriptForm {
        key: key("s1"),
        text: String::new(),
        run,
        earlier: vec!["return 1".to_owned(), "\n  const a = 2;\nreturn a".to_owned()],
    };
    let mut window = open(Modal::Script(form(ScriptRun::NotYet)));
    let field = "Body of an async function";
    assert_eq!(focused(&window).as_deref(), Some(field));
    type_into(&mut window, field, "return document.title");
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    window.run();
    let runs = |script: &str| Action::RunScript { key: key("s1"), script: script.to_owned() };
    assert_eq!(asked(&mut window), [runs("return document.title")]);
    assert!(is_open(&window));

    window.state_mut().window.modal =
        Some(Modal::Script(form(ScriptRun::Returned("\"Page\"".to_owned()))));
    window.run();
    press(&mut window, "Copy result");
    assert_eq!(asked(&mut window), [Action::Copy("\"Page\"".to_owned())]);
    press(&mut window, "Earlier scripts");
    press(&mut window, "const a = 2;");
    press(&mut window, "Run");
    assert_eq!(asked(&mut window), [runs("\n  const a = 2;\nreturn a")]);

    let why = "The script failed: Error: no";
    window.state_mut().window.modal = Some(Modal::Script(form(ScriptRun::Failed(why.to_owned()))));
    window.run();
    window.get_by_label(why);
    assert!(window.query_by_label("Copy result").is_none());
    press_key(&mut window, Key::Escape);
    assert!(!is_open(&window));
}

#[test]
fn a_session_is_created_elsewhere_and_of_another_size() {
    let mut window = watching(ROOMY);
    window.state_mut().state.services.push(service("cloud", false));
    window.state_mut().window.modal = Some(Modal::NewSession(new_session().into()));
    window.run();
    press(&mut window, "On");
    window.get_by_role_and_label(Role::Button, "cloud").click();
    window.run();
    press(&mut window, "Size");
    press(&mut window, "1024 × 768");
    press(&mut window, "Create");
    let wanted = NewSession {
        service: Some("cloud".to_owned()),
        width: 1024,
        height: 768,
        fits: false,
        ..new_session()
    };
    assert_eq!(asked(&mut window), [Action::Create(wanted)]);
}

#[test]
fn the_sample_has_no_page_and_no_size() {
    let mut window = open(Modal::NewSession(new_session().into()));
    press(&mut window, "Sample");
    for name in ["Page", "Size"] {
        assert!(window.query_by_label(name).is_none(), "{name}");
    }
}

#[test]
fn a_service_is_connected_and_its_key_is_not_shown() {
    let mut window = open(Modal::Connect(ConnectForm::default()));
    assert_eq!(focused(&window).as_deref(), Some("Address"));
    let connect = window.get_by_role_and_label(Role::Button, "Connect");
    assert!(connect.accesskit_node().is_disabled());
    window.get_by_role_and_label(Role::PasswordInput, "Key");
    // The bar's address has the same name; the dialog's is the one that has the focus.
    window.key_press(Key::Tab);
    window.run();
    window.state_mut().window.modal = Some(Modal::Connect(ConnectForm {
        base_url: " https://api.example ".to_owned(),
        ..ConnectForm::default()
    }));
    window.run();
    type_into(&mut window, "Key", "s3cret");
    let shown = window.get_by_label("Key").value().unwrap_or_default();
    assert!(!shown.contains("s3cret"), "{shown}");
    type_into(&mut window, "Name", "Cloud");
    press_key(&mut window, Key::Enter);
    let wanted = NewService {
        name: "Cloud".to_owned(),
        base_url: "https://api.example".to_owned(),
        kind: ServiceKind::Computers,
        space: String::new(),
        key: "s3cret".to_owned(),
        replaces: None,
    };
    let asked = asked(&mut window);
    assert!(!format!("{asked:?}").contains("s3cret"));
    assert_eq!(asked, [Action::Connect(wanted)]);
}

#[test]
fn a_space_is_connected_by_its_number_at_the_usual_address() {
    let mut window = open(Modal::Connect(ConnectForm::default()));
    window.get_by_label(ServiceKind::Webfuse.title()).click();
    window.run();
    type_into(&mut window, "Space", "42");
    type_into(&mut window, "Key", "rk_x");
    press_key(&mut window, Key::Enter);
    let asked = asked(&mut window);
    let [Action::Connect(new)] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(
        (new.base_url.as_str(), new.space.as_str(), new.kind),
        (ServiceKind::Webfuse.example(), "42", ServiceKind::Webfuse)
    );
}

#[test]
fn enter_by_habit_ends_nothing() {
    let mut window = open(end());
    assert_eq!(focused(&window).as_deref(), Some("Cancel"));
    press_key(&mut window, Key::Enter);
    assert!(!is_open(&window));
    assert_eq!(asked(&mut window), []);

    let mut window = open(end());
    press(&mut window, "End session");
    assert_eq!(asked(&mut window), [Action::End(key("s1"))]);
    assert!(!is_open(&window));
}

#[test]
fn a_picture_is_saved_where_it_is_typed() {
    let mut window = open(save());
    assert_eq!(focused(&window).as_deref(), Some("File"));
    type_into(&mut window, "File", ".bak");
    press_key(&mut window, Key::Enter);
    let place = SavePlace::Path(PathBuf::from("/tmp/picture.png.bak"));
    assert_eq!(asked(&mut window), [Action::SaveSnapshot { place }]);
    assert!(!is_open(&window));
}

#[test]
fn escape_and_cancel_close_every_question_without_an_answer() {
    let all: [fn() -> Modal; 4] = [
        || Modal::NewSession(new_session().into()),
        || {
            Modal::Connect(ConnectForm {
                base_url: "https://api.example".to_owned(),
                ..ConnectForm::default()
            })
        },
        end,
        save,
    ];
    for modal in all {
        let mut window = open(modal());
        press_key(&mut window, Key::Escape);
        assert!(!is_open(&window), "{:?} after Escape", modal());
        let mut escaped = asked(&mut window);
        window.state_mut().window.modal = Some(modal());
        window.run();
        press(&mut window, "Cancel");
        assert!(!is_open(&window), "{:?} after Cancel", modal());
        escaped.extend(asked(&mut window));
        assert_eq!(escaped, [], "{:?}", modal());
    }
}

#[test]
fn what_lies_under_a_question_takes_no_clicks_and_no_keys() {
    let mut window = open(end());
    assert!(window.state().window.is_covered());
    press(&mut window, "Reload");
    assert_eq!(asked(&mut window), []);
    window.state_mut().window.modal = Some(end());
    window.run();
    for _ in 0..6 {
        press_key(&mut window, Key::Tab);
        let name = focused(&window).unwrap_or_default();
        assert!(["Cancel", "End session"].contains(&name.as_str()), "{name}");
    }
}

#[test]
fn the_program_tells_its_version() {
    let mut window = open(Modal::About);
    window.get_by_label_contains(env!("CARGO_PKG_VERSION"));
    press(&mut window, "Close");
    assert!(!is_open(&window));
}

fn link() -> Link {
    Link::parse("helmsight://open?url=https%3A%2F%2Fnew.example%3A8443%2Fpage").expect("a link")
}

#[test]
fn a_link_to_a_new_place_is_followed_after_a_yes() {
    let mut window = open(Modal::ConfirmLink(link()));
    window.get_by_label_contains("new.example:8443, where Helmsight has not been");
    window.get_by_label("https://new.example:8443/page");
    press(&mut window, "Connect");
    assert_eq!(asked(&mut window), [Action::FollowLink(link())]);
    assert!(!is_open(&window));
}

#[test]
fn enter_by_habit_follows_no_link() {
    let mut window = open(Modal::ConfirmLink(link()));
    assert_eq!(focused(&window).as_deref(), Some("Cancel"));
    press_key(&mut window, Key::Enter);
    assert_eq!(asked(&mut window), []);
    assert!(!is_open(&window));
}

#[test]
fn what_was_typed_stays_while_it_is_tried_and_when_it_fails() {
    let form = |check| ConnectForm {
        base_url: "https://api.example".to_owned(),
        check,
        ..ConnectForm::default()
    };
    let mut window = open(Modal::Connect(form(Check::Running(1))));
    window.get_by_label("Connecting…");
    let connect = window.get_by_role_and_label(Role::Button, "Connect");
    assert!(connect.accesskit_node().is_disabled());
    let why = "Could not connect to api.example: refused".to_owned();
    window.state_mut().window.modal = Some(Modal::Connect(form(Check::Failed(why.clone()))));
    window.run();
    window.get_by_label(&why);
    type_into(&mut window, "Name", "x");
    // It was about what was typed before.
    assert!(window.query_by_label(&why).is_none());
    press(&mut window, "Connect");
    assert!(matches!(asked(&mut window)[..], [Action::Connect(_)]));
    assert!(is_open(&window));
}

#[test]
fn what_is_no_address_is_said_before_anything_is_asked_for() {
    let mut window = open(Modal::Connect(ConnectForm {
        base_url: "nonsense addr".to_owned(),
        ..ConnectForm::default()
    }));
    window.get_by_label_contains("“nonsense addr” is no address");
    let connect = window.get_by_role_and_label(Role::Button, "Connect");
    assert!(connect.accesskit_node().is_disabled());
    let session = NewSession { url: "foo bar".to_owned(), ..new_session() };
    window.state_mut().window.modal = Some(Modal::NewSession(session.into()));
    window.run();
    window.get_by_label_contains("“foo bar” is no web address");
    type_into(&mut window, "Page", "");
    press_key(&mut window, Key::Enter);
    assert_eq!(asked(&mut window), []);
}

#[test]
fn a_known_service_is_changed_with_the_cursor_at_its_key() {
    let mut window = open(Modal::Connect(ConnectForm {
        base_url: "https://api.example".to_owned(),
        name: "Cloud".to_owned(),
        replaces: Some("Cloud".to_owned()),
        ..ConnectForm::default()
    }));
    window.get_by_label("Change this service");
    assert_eq!(focused(&window).as_deref(), Some("Key"));
    press(&mut window, "Connect");
    let asked = asked(&mut window);
    let [Action::Connect(new)] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(new.replaces.as_deref(), Some("Cloud"));
}

#[test]
fn quitting_asks_where_browsers_end_and_can_be_told_not_to() {
    let quit = || Modal::ConfirmQuit { browsers: 2, ask_again: true };
    let mut window = open(quit());
    window.get_by_label_contains("The 2 browsers that it runs end with it");
    // Enter by habit ends nothing.
    assert_eq!(focused(&window).as_deref(), Some("Cancel"));
    press_key(&mut window, Key::Enter);
    assert!(!is_open(&window) && asked(&mut window).is_empty());

    let mut window = open(quit());
    press(&mut window, "Don't ask again");
    press(&mut window, "Quit");
    assert_eq!(asked(&mut window), [Action::Quit { ask_again: false }]);
}

#[test]
fn whether_the_clipboard_is_shared_is_asked_and_typing_on_shares_nothing() {
    let ask = || Modal::ShareClipboard {
        key: key("s1"),
        name: "Page of s1".to_owned(),
        then: AfterSharing::Paste,
    };
    let answer =
        |share| Action::ShareClipboard { session: key("s1"), share, then: AfterSharing::Paste };
    let mut window = open(ask());
    assert_eq!(focused(&window).as_deref(), Some("Don’t share"));
    press_key(&mut window, Key::Enter);
    assert_eq!(asked(&mut window), [answer(false)]);
    assert!(!is_open(&window));
    let mut window = open(ask());
    press(&mut window, "Share");
    assert_eq!(asked(&mut window), [answer(true)]);
    // Whoever leaves the question is asked again.
    let mut window = open(ask());
    press_key(&mut window, Key::Escape);
    assert_eq!((asked(&mut window), is_open(&window)), (Vec::new(), false));
}
