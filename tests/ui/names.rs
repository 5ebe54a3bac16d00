//! Whoever can't see the window, or has no mouse: in every part of it each control has a name and is reached by Tab.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use egui::accesskit::{Action, Role};
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use helmsight::model::{
    ChatLine, ChatNews, ControlRequest, Dialog, DialogKind, Participant, People, Update,
};
use helmsight::settings::SidePanel;
use helmsight::ui::action::AfterSharing;
use helmsight::ui::modal::{CameraForm, ConnectForm, Modal};
use jiff::Timestamp;

use crate::stage::{ROOMY, Window, asked, key, new_session, press_key, session, watching, window};

/// Every part of the window, by what it is called here.
fn parts() -> Vec<(&'static str, Window)> {
    let mut parts = vec![("start page", window(ROOMY))];
    for (name, side) in [
        ("log", SidePanel::Log),
        ("chat", SidePanel::Chat),
        ("people", SidePanel::People),
        ("objects", SidePanel::Objects),
    ] {
        parts.push((name, full(side)));
    }
    let mut wall = full(SidePanel::Log);
    for n in 2..=3 {
        let open = session(&wall.ctx, &wall.state().state, &format!("s{n}"));
        wall.state_mut().state.open.push(open);
    }
    wall.state_mut().state.on_wall = true;
    wall.run();
    parts.push(("wall", wall));
    let id = key("s1");
    let name = "Page of s1".to_owned();
    for (name, modal) in [
        ("new session", Modal::NewSession(new_session().into())),
        ("connect", Modal::Connect(ConnectForm::default())),
        ("camera", Modal::Camera(CameraForm::default())),
        ("end", Modal::ConfirmEnd { key: id, name }),
        ("remove", Modal::ConfirmRemove("Yard".to_owned())),
        ("downloads", Modal::Downloads),
        ("file", Modal::OpenPath { path: String::new() }),
        (
            "share",
            Modal::ShareClipboard {
                key: key("s1"),
                name: "Page of s1".to_owned(),
                then: AfterSharing::Paste,
            },
        ),
        ("note", Modal::HandBack { note: String::new() }),
        ("about", Modal::About),
    ] {
        let mut window = full(SidePanel::Log);
        window.state_mut().window.modal = Some(modal);
        window.run();
        parts.push((name, window));
    }
    let mut help = full(SidePanel::Log);
    help.state_mut().window.help.toggle();
    help.run();
    parts.push(("help", help));
    let mut palette = full(SidePanel::Log);
    palette.state_mut().window.palette.toggle();
    palette.run();
    parts.push(("palette", palette));
    parts
}

/// A window on a session that has everything, with `side` open.
fn full(side: SidePanel) -> Window {
    let mut window = watching(ROOMY);
    window.state_mut().window.side = side;
    let at: Timestamp = window.state().state.wall;
    let person = |index, name: &str| Participant {
        index,
        name: name.to_owned(),
        agent: index == 0,
        owner: index == 1,
        following: None,
    };
    let people = People {
        me: 1,
        participants: vec![person(0, "Agent"), person(1, "Ada"), person(2, "Bob")],
        driver: Some(1),
        requests: vec![ControlRequest { index: 2, expires_at: at + Duration::from_secs(20) }],
        huddle: false,
    };
    let view = &mut window.state_mut().state.open[0].view;
    for update in [
        Update::People(people),
        Update::Said(ChatLine { from: 2, to: None, text: "hello".to_owned(), at }),
        Update::Chat(ChatNews::Opened { asks: true, tasks: true }),
        Update::Dialog(Some(Dialog {
            kind: DialogKind::Prompt,
            message: "Name?".to_owned(),
            default_text: String::new(),
            url: "https://one.example/".to_owned(),
        })),
    ] {
        view.apply(update);
    }
    view.capabilities.chat = true;
    view.capabilities.detections = true;
    window.run();
    window
}

/// Controls that the keyboard can be given to, by their id; the name is for people.
fn controls(window: &Window) -> BTreeMap<String, String> {
    let nodes = window.root().children_recursive();
    let nodes = nodes.map(|node| node.accesskit_node());
    nodes
        .filter(|node| !node.is_hidden() && !node.is_disabled())
        .filter(|node| node.data().supports_action(Action::Focus))
        .map(|node| {
            let name = node.label().unwrap_or_default();
            let told = format!("{:?} “{name}” at {:?}", node.role(), node.raw_bounds());
            (format!("{:?}", node.id()), told)
        })
        .collect()
}

#[test]
fn every_control_has_a_name() {
    for (part, window) in parts() {
        let nodes = window.root().children_recursive();
        for node in nodes.map(|node| node.accesskit_node()) {
            let data = node.data();
            let is_control = [Action::Focus, Action::Click]
                .into_iter()
                .any(|action| data.supports_action(action));
            let name = node.label().unwrap_or_default();
            // What scrolls or is a ground to others takes the focus for them.
            let is_ground =
                matches!(node.role(), Role::Window | Role::ScrollView | Role::GenericContainer)
                    && !data.supports_action(Action::Click);
            // Words can be selected, and are their own name; a scroll bar is what its role says.
            let is_ground = is_ground || matches!(node.role(), Role::Label | Role::ScrollBar);
            assert!(
                node.is_hidden() || !is_control || is_ground || !name.trim().is_empty(),
                "{part}: {:?} at {:?} has no name",
                node.role(),
                node.raw_bounds()
            );
        }
    }
}

#[test]
fn every_control_is_reached_by_tab_and_left_again() {
    for (part, mut window) in parts() {
        let mut missing = controls(&window);
        if window.state().window.is_covered() {
            // What lies under a question is not to be reached.
            let under = controls(&full(SidePanel::Log));
            missing.retain(|id, _| !under.contains_key(id));
        }
        let count = missing.len();
        assert!(count > 0, "{part} has controls");
        let mut last = BTreeSet::new();
        for _ in 0..count * 2 + 10 {
            press_key(&mut window, Key::Tab);
            let nodes = window.root().children_recursive();
            let focused = nodes.map(|node| node.accesskit_node());
            for node in focused.filter(|node| node.is_focused()) {
                missing.remove(&format!("{:?}", node.id()));
                last.insert(format!("{:?}", node.id()));
            }
        }
        let can_move = last.len() > 1 || count == 1;
        assert!(can_move, "{part}: the focus stays where it is");
        let told: Vec<_> = missing.into_values().collect();
        assert!(told.is_empty(), "{part}: not reached by Tab: {told:#?}");
        asked(&mut window);
    }
}

#[test]
fn menus_of_things_open_by_key() {
    for (key, modifiers) in [(Key::Menu, Modifiers::NONE), (Key::F10, Modifiers::SHIFT)] {
        for (name, entry) in
            [("Second", "Copy address"), ("Session 1: Page of s1", "Stop watching")]
        {
            let mut window = watching(ROOMY);
            window.get_by_label(name).focus();
            window.run();
            assert!(window.query_by_label(entry).is_none());
            window.key_press_modifiers(modifiers, key);
            window.run();
            let place = window.get_by_label(entry).rect();
            let thing = window.get_by_label(name).rect();
            assert!(
                place.expand(60.0).intersects(thing),
                "{entry} at {place:?}, {name} at {thing:?}"
            );
        }
    }
}
