//! Cameras in the list, the form for one, and the question before one goes.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use helmsight::model::{Condition, Forwarding, SessionKind, SessionSummary};
use helmsight::protocol::camera::BoxFormat;
use helmsight::settings::{CameraKeyPlace, CameraProfile, ForwardProfile};
use helmsight::ui::Action;
use helmsight::ui::action::NewCamera;
use helmsight::ui::command::Command;
use helmsight::ui::modal::{CameraForm, Modal};
use helmsight::ui::state::{ServiceView, SessionKey};

use crate::stage::{ROOMY, Window, asked, focused, press, press_key, type_into, watching};

fn with_cameras() -> Window {
    let mut window = watching(ROOMY);
    let camera = |name: &str| SessionSummary {
        id: name.to_owned(),
        kind: SessionKind::Camera,
        state: "yard.test".to_owned(),
        title: Some(name.to_owned()),
        ..SessionSummary::default()
    };
    window.state_mut().state.services.push(ServiceView {
        name: "Cameras".to_owned(),
        cameras: true,
        sessions: vec![camera("Door"), camera("Yard")],
        ..ServiceView::default()
    });
    window.run();
    window
}

fn form() -> Window {
    let mut window = watching(ROOMY);
    window.state_mut().window.modal = Some(Modal::Camera(CameraForm::default()));
    window.run();
    window
}

#[test]
fn a_camera_is_added_by_its_address() {
    let mut window = form();
    assert_eq!(focused(&window).as_deref(), Some("Address"));
    let watch = window.get_by_role_and_label(Role::Button, "Watch");
    assert!(watch.accesskit_node().is_disabled());
    window.state_mut().window.modal = Some(Modal::Camera(CameraForm {
        url: "ws://yard.test:7103/ws/stream/cam-2".to_owned(),
        ..CameraForm::default()
    }));
    window.run();
    press(&mut window, "Two corners");
    type_into(&mut window, "Key", "s3cret");
    press(&mut window, "In the address");
    type_into(&mut window, "Name", "Yard");
    press_key(&mut window, Key::Enter);
    let asked = asked(&mut window);
    assert!(!format!("{asked:?}").contains("s3cret"));
    let profile = CameraProfile {
        name: "Yard".to_owned(),
        url: "ws://yard.test:7103/ws/stream/cam-2".to_owned(),
        key_place: CameraKeyPlace::Query,
        box_format: BoxFormat::Xyxy,
        ..CameraProfile::default()
    };
    let wanted =
        NewCamera { profile, key: "s3cret".to_owned(), forward_key: String::new(), replaces: None };
    assert_eq!(asked, [Action::AddCamera(wanted)]);
}

#[test]
fn who_has_no_camera_is_offered_one() {
    let mut window = form();
    press(&mut window, "Watch a demo camera");
    assert_eq!(asked(&mut window), [Action::Run(Command::DemoCamera)]);
    assert!(window.state().window.modal.is_none());
}

#[test]
fn what_is_wrong_is_said_in_the_form() {
    let mut window = form();
    for (url, forward, words) in [
        ("ftp://yard.test:7103", "", "Begin the address with ws://"),
        ("rtsp://yard.test/1", "", "go2rtc"),
        ("http://[fe80::1%25eth0]/", "", "zone"),
        ("ws://u:p@yard.test/", "", "allow that, or use https"),
        ("ws://yard.test/1", "ftp://api.test", "such as https://"),
    ] {
        window.state_mut().window.modal = Some(Modal::Camera(CameraForm {
            url: url.to_owned(),
            forward_url: forward.to_owned(),
            ..CameraForm::default()
        }));
        window.run();
        assert!(window.query_by_label_contains(words).is_some(), "{url}: {words}");
        let watch = window.get_by_role_and_label(Role::Button, "Watch");
        assert!(watch.accesskit_node().is_disabled(), "{url}");
    }
}

#[test]
fn a_name_and_a_password_go_in_the_open_only_after_a_yes() {
    let mut window = form();
    window.state_mut().window.modal = Some(Modal::Camera(CameraForm {
        url: "http://192.168.1.9/video".to_owned(),
        ..CameraForm::default()
    }));
    window.run();
    assert!(window.query_by_label_contains("unencrypted").is_none());
    type_into(&mut window, "User", "admin");
    type_into(&mut window, "Password", "hunter2");
    let watch = window.get_by_role_and_label(Role::Button, "Watch");
    assert!(watch.accesskit_node().is_disabled());
    window.get_by_label_contains("Send both unencrypted").click();
    window.run();
    press(&mut window, "Watch");
    let asked = asked(&mut window);
    assert!(!format!("{asked:?}").contains("hunter2"));
    let profile = CameraProfile {
        name: "192.168.1.9 video".to_owned(),
        url: "http://192.168.1.9/video".to_owned(),
        user: "admin".to_owned(),
        open_login: true,
        ..CameraProfile::default()
    };
    let wanted = NewCamera {
        profile,
        key: "hunter2".to_owned(),
        forward_key: String::new(),
        replaces: None,
    };
    assert_eq!(asked, [Action::AddCamera(wanted)]);
}

#[test]
fn a_login_in_an_address_is_taken_out_of_it() {
    let mut window = form();
    window.state_mut().window.modal = Some(Modal::Camera(CameraForm {
        url: "https://admin:p%40ss@cams.test/v".to_owned(),
        ..CameraForm::default()
    }));
    window.run();
    press(&mut window, "Watch");
    let asked = asked(&mut window);
    let [Action::AddCamera(new)] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((new.profile.url.as_str(), new.key.as_str()), ("https://cams.test/v", "p@ss"));
    assert_eq!((new.profile.user.as_str(), new.profile.open_login), ("admin", false));
}

#[test]
fn what_is_known_of_a_camera_is_in_the_form_and_stays() {
    let profile = CameraProfile {
        name: "Door".to_owned(),
        url: "http://door.test/stream".to_owned(),
        key_place: CameraKeyPlace::Query,
        box_format: BoxFormat::Cxcywh,
        forward: Some(ForwardProfile {
            url: "https://api.test".to_owned(),
            has_key: false,
            per_second: 2.0,
        }),
        ..CameraProfile::default()
    };
    let mut window = watching(ROOMY);
    window.state_mut().window.modal = Some(Modal::Camera(CameraForm::of(&profile)));
    window.run();
    window.get_by_label("Change this camera");
    assert!(window.query_by_label("Watch a demo camera").is_none());
    press(&mut window, "Watch");
    let wanted = NewCamera {
        profile,
        key: String::new(),
        forward_key: String::new(),
        replaces: Some("Door".to_owned()),
    };
    assert_eq!(asked(&mut window), [Action::AddCamera(wanted)]);
}

#[test]
fn a_row_of_a_camera_edits_and_removes_it_after_asking() {
    let mut window = with_cameras();
    window.get_by_label("Watch Yard").click_secondary();
    window.run();
    press(&mut window, "Edit camera…");
    assert_eq!(asked(&mut window), [Action::EditCamera("Yard".to_owned())]);

    window.get_by_label("Watch Yard").click_secondary();
    window.run();
    press(&mut window, "Remove camera…");
    assert_eq!(focused(&window).as_deref(), Some("Cancel"));
    press_key(&mut window, Key::Enter);
    assert_eq!(asked(&mut window), []);
    window.state_mut().window.modal = Some(Modal::ConfirmRemove("Yard".to_owned()));
    window.run();
    press(&mut window, "Remove camera");
    assert_eq!(asked(&mut window), [Action::RemoveCamera("Yard".to_owned())]);
}

#[test]
fn a_watched_camera_is_not_ended_and_tells_what_was_sent_on() {
    let mut window = with_cameras();
    let key = SessionKey { service: "Cameras".to_owned(), id: "Door".to_owned() };
    let open = &mut window.state_mut().state.open[0];
    open.key = key;
    open.name = "Door".to_owned();
    open.view.forwarding = Some(Forwarding { sent: 12, failed: 3, last_error: None });
    window.run();
    assert!(!Command::EndSession.applies(&window.state().state.state()));
    window.get_by_label("Session 1: Door").click_secondary();
    window.run();
    assert!(window.query_by_label("End session…").is_none());
    window.get_by_label("Remove camera…");
}

#[test]
fn the_list_offers_to_add_one() {
    let mut window = with_cameras();
    press(&mut window, "Add camera…");
    assert_eq!(asked(&mut window), [Action::Run(Command::AddCamera)]);
}

#[test]
fn a_demo_camera_is_not_edited_and_says_why() {
    let mut window = with_cameras();
    let services = &mut window.state_mut().state.services;
    let cameras = services.iter_mut().find(|service| service.cameras);
    cameras.expect("cameras").fixed = vec!["Yard".to_owned()];
    window.run();
    window.get_by_label("Watch Yard").click_secondary();
    window.run();
    let edit = window.get_by_label("Edit camera…");
    assert!(edit.accesskit_node().is_disabled());
}

#[test]
fn a_camera_that_is_not_reached_is_corrected_from_its_card() {
    let mut window = with_cameras();
    let open = &mut window.state_mut().state.open[0];
    open.key = SessionKey { service: "Cameras".to_owned(), id: "Door".to_owned() };
    open.picture = None;
    open.condition = Condition::Refused { why: "There is nothing at this address".to_owned() };
    window.run();
    assert!(window.query_all_by_label("Not connected").next().is_some());
    press(&mut window, "Edit camera…");
    assert_eq!(asked(&mut window), [Action::EditCamera("Door".to_owned())]);
}

#[test]
fn a_bad_address_keeps_the_cursor_where_it_is_corrected() {
    let mut window = form();
    type_into(&mut window, "Name", "x");
    window.run();
    press_key(&mut window, Key::Enter);
    assert_eq!(focused(&window).as_deref(), Some("Name"));
    assert_eq!(asked(&mut window), []);
}
