//! Several people in one session: the roster, the talk, and what cannot wait.

use std::time::Duration;

use egui::Key;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use helmsight::model::{
    ChatLine, Condition, Control, ControlRequest, Participant, People, PeopleControl, PeopleEvent,
    Person, SessionEvent, Update,
};
use helmsight::model::{EventKind, FramePoint, FramePos, FrameSize, RemotePointer, Tab};
use helmsight::settings::SidePanel;
use helmsight::ui::{Action, Command};

use crate::stage::{ROOMY, Window, asked, press, press_key, tab, type_into, watching};

const AGENT: u32 = 0;
const ME: u32 = 1;
const BOB: u32 = 2;

fn participant(index: u32, name: &str) -> Participant {
    Participant {
        index,
        name: name.to_owned(),
        agent: index == AGENT,
        owner: index == ME,
        following: None,
    }
}

fn people(driver: Option<u32>) -> People {
    People {
        me: ME,
        participants: vec![
            participant(AGENT, "Agent"),
            participant(ME, "Ada"),
            participant(BOB, "Bob"),
        ],
        driver,
        requests: Vec::new(),
        huddle: false,
    }
}

fn window_with(people: People) -> Window {
    let mut window = watching(ROOMY);
    window.state_mut().window.side = SidePanel::People;
    tell(&mut window, Update::People(people));
    window
}

fn tell(window: &mut Window, update: Update) {
    window.state_mut().state.open[0].view.apply(update);
    window.run();
}

fn sent(window: &mut Window) -> Vec<PeopleControl> {
    let asked = asked(window);
    let controls = asked.into_iter().map(|action| match action {
        Action::Send(Control::People(control)) => control,
        other => panic!("{other:?}"),
    });
    controls.collect()
}

#[test]
fn the_roster_names_everybody_and_what_they_are() {
    let mut window = window_with(people(Some(BOB)));
    window.get_by_label("Ada, you · owner");
    window.get_by_label("Bob, has control");
    window.get_by_label("Agent, program");
    press(&mut window, "Change tabs together");
    assert_eq!(sent(&mut window), [PeopleControl::Huddle { enabled: true }]);
    press(&mut window, "What Bob may do");
    press(&mut window, "Follow");
    assert_eq!(sent(&mut window), [PeopleControl::Follow { index: Some(BOB) }]);
}

#[test]
fn nothing_is_offered_of_a_session_that_is_away_and_all_comes_back() {
    let mut window = window_with(people(Some(BOB)));
    window.state_mut().window.show_sessions = false;
    let lost = Condition::Reconnecting {
        attempt: 3,
        retry_in: Duration::from_secs(2),
        why: "Connection refused".to_owned(),
    };
    let over = Condition::Ended { why: "It expired".to_owned() };
    let gone = ["Bob, has control", "Bob has control", "Keep alive", "Take control"];
    for (condition, why) in
        [(lost, "The session is not connected"), (over, "The session has ended")]
    {
        for label in gone {
            assert!(window.query_all_by_label(label).next().is_some(), "{label}");
        }
        let open = &mut window.state_mut().state.open[0];
        let was = std::mem::replace(&mut open.condition, condition);
        window.run();
        for label in gone {
            assert!(window.query_by_label(label).is_none(), "{label}: {why}");
        }
        window.get_by_label(why);
        assert!(window.get_by_label("Reload").accesskit_node().is_disabled());
        type_into(&mut window, "Address", "/two");
        press_key(&mut window, Key::Enter);
        let typed = window.get_by_label("Address").value();
        assert_eq!(typed.as_deref(), Some("https://one.example//two"));
        asked(&mut window);
        window.state_mut().state.open[0].condition = was;
        window.state_mut().window.address = Default::default();
        window.run();
    }
}

#[test]
fn the_users_own_name_is_changed_in_the_roster() {
    let mut window = window_with(people(None));
    press(&mut window, "Change your name");
    type_into(&mut window, "What the others call you", "Ada Byron");
    press(&mut window, "Change name");
    let renamed = PeopleControl::Rename { name: "Ada Byron".to_owned() };
    assert_eq!(sent(&mut window), [renamed]);
}

#[test]
fn the_owner_answers_for_who_drives_and_nobody_answers_themselves() {
    let expires_at = window_with(people(None)).state().state.wall + Duration::from_secs(20);
    let asking = |index: u32| People {
        requests: vec![ControlRequest { index, expires_at }],
        ..people(Some(BOB))
    };
    let mut window = window_with(asking(ME));
    assert!(window.query_by_label("Give control to Ada").is_none());
    let cy = 3;
    let mut others = asking(cy);
    others.participants.push(participant(cy, "Cy"));
    tell(&mut window, Update::People(others));
    press(&mut window, "Give control to Cy");
    let granted = PeopleControl::AnswerRequest { index: cy, grant: true };
    assert_eq!(sent(&mut window), [granted]);
}

#[test]
fn a_request_is_answered_from_the_bar() {
    let mut window = window_with(people(Some(ME)));
    let expires_at = window.state().state.wall + Duration::from_secs(20);
    let requests = vec![ControlRequest { index: BOB, expires_at }];
    tell(&mut window, Update::People(People { requests, ..people(Some(ME)) }));
    // The roster offers it too; the bar is what is seen with the roster closed.
    window.state_mut().window.show_side = false;
    window.run();
    window.get_by_label("Bob asks for control");
    window.get_by_label("20 s left to answer");
    press(&mut window, "Refuse control to Bob");
    assert_eq!(sent(&mut window), [PeopleControl::AnswerRequest { index: BOB, grant: false }]);
}

#[test]
fn nothing_moves_under_the_pointer_when_somebody_asks_or_has_a_long_name() {
    let mut window = window_with(people(Some(ME)));
    let places = |window: &Window| {
        let labels = ["Live picture of Page of s1", "Say something", "Log"];
        labels.map(|label| window.get_by_label(label).rect())
    };
    let before = places(&window);
    let mut now = people(Some(ME));
    now.requests = vec![ControlRequest {
        index: BOB,
        expires_at: window.state().state.wall + Duration::from_secs(20),
    }];
    let me = &mut now.participants[ME as usize];
    me.name = "Ada of the very long name that no roster has room for at all".to_owned();
    me.following = Some(BOB);
    tell(&mut window, Update::People(now));
    window.get_by_label("20 s left to answer");
    assert_eq!(places(&window), before);
    let menu = window.get_by_label("Change your name").rect();
    assert!(menu.right() <= ROOMY.x, "{menu}");
}

#[test]
fn an_agent_that_still_acts_is_told_at_once_and_not_for_ever() {
    let mut window = window_with(people(Some(ME)));
    let mut event = SessionEvent::ours(EventKind::ActionRefused, "");
    event.people = Some(Box::new(PeopleEvent::AgentRefused {
        action: "click".to_owned(),
        driver: Some(Person { index: Some(ME), name: None }),
    }));
    event.received_at = window.state().state.wall;
    tell(&mut window, Update::Event(event));
    window.state_mut().window.show_side = false;
    window.run();
    window.get_by_label("click of the agent refused: you have control");
    window.state_mut().state.wall += Duration::from_secs(11);
    window.run();
    assert!(window.query_by_label("click of the agent refused: you have control").is_none());
}

#[test]
fn a_page_that_asks_for_a_file_is_given_one() {
    let mut window = window_with(people(None));
    let tabs = |wants_file, asking_is_shown| {
        let asking = Tab { wants_file, ..tab("asking", "Asking", asking_is_shown) };
        Update::Tabs(vec![asking, tab("other", "Other", !asking_is_shown)])
    };
    let asks = "The page asks for a file";
    tell(&mut window, tabs(true, false));
    assert!(window.query_by_label(asks).is_none(), "it is another page");
    tell(&mut window, tabs(true, true));
    window.get_by_label(asks);
    press(&mut window, "Give the page a file…");
    assert_eq!(asked(&mut window), [Action::Run(Command::GiveFile)]);
    tell(&mut window, tabs(false, true));
    assert!(window.query_by_label(asks).is_none());
}

#[test]
fn whoever_drives_is_named_under_the_picture() {
    let mut window = window_with(people(Some(BOB)));
    window.state_mut().window.show_side = false;
    window.run();
    window.get_by_label("Bob has control");
    press(&mut window, "Take control");
    assert_eq!(asked(&mut window), [Action::Run(Command::TakeOver)]);
    tell(&mut window, Update::People(people(Some(ME))));
    window.get_by_label("You have control");
    press(&mut window, "Hand back control…");
    assert_eq!(asked(&mut window), [Action::Run(Command::HandBack)]);
}

#[test]
fn people_talk_to_all_or_to_one() {
    let mut window = window_with(people(None));
    let at = window.state().state.wall;
    let text = "look at the cart".to_owned();
    tell(&mut window, Update::Said(ChatLine { from: BOB, to: Some(ME), text, at }));
    window.get_by_label("Bob to you");
    window.get_by_label("look at the cart");
    type_into(&mut window, "Say something", " on it ");
    press_key(&mut window, Key::Enter);
    assert_eq!(sent(&mut window), [PeopleControl::Say { text: "on it".to_owned(), to: None }]);
}

#[test]
fn what_could_not_be_said_is_kept_and_sent_again() {
    let mut window = window_with(people(None));
    let lost = Condition::Reconnecting {
        attempt: 3,
        retry_in: Duration::from_secs(2),
        why: "Connection refused".to_owned(),
    };
    let open = &mut window.state_mut().state.open[0];
    let live = std::mem::replace(&mut open.condition, lost);
    window.run();
    type_into(&mut window, "Say something", "are you there?");
    press_key(&mut window, Key::Enter);
    assert_eq!(sent(&mut window), []);
    window.get_by_label("are you there?");
    window.get_by_label("Not sent");
    window.state_mut().state.open[0].condition = live;
    window.run();
    press(&mut window, "Send again");
    let text = "are you there?".to_owned();
    let say = PeopleControl::Say { text: text.clone(), to: None };
    assert_eq!(sent(&mut window), [say]);
    assert!(window.query_by_label("Not sent").is_none());
    let at = window.state().state.wall;
    tell(&mut window, Update::Said(ChatLine { from: ME, to: None, text, at }));
    assert_eq!(window.query_all_by_label("are you there?").count(), 1);
}

#[test]
fn a_note_goes_with_control() {
    let mut window = window_with(people(Some(ME)));
    window.state_mut().window.modal =
        Some(helmsight::ui::modal::Modal::HandBack { note: String::new() });
    window.run();
    type_into(&mut window, "Note", "logged in, pay next");
    press_key(&mut window, Key::Enter);
    assert_eq!(
        sent(&mut window),
        [PeopleControl::ReleaseControl { note: "logged in, pay next".to_owned() }]
    );
}

#[test]
fn pointers_of_the_others_are_painted_with_their_names() {
    let mut window = window_with(people(None));
    let frame = FrameSize { width: 1280, height: 720 };
    let at = FramePoint::new(FramePos { x: 640.0, y: 360.0 }, frame);
    let pointer = |index| RemotePointer { index, at, act: None };
    let texts = |window: &Window| {
        let shapes = &window.output().shapes;
        shapes
            .iter()
            .filter(|shape| match &shape.shape {
                egui::Shape::Text(text) => text.galley.text() == "Bob",
                _ => false,
            })
            .count()
    };
    let before = texts(&window);
    tell(&mut window, Update::Pointers(vec![pointer(BOB), pointer(ME)]));
    assert_eq!(texts(&window), before + 1);
}

#[test]
fn control_is_claimed_only_once_the_session_has_given_it() {
    let mut window = window_with(people(None));
    window.state_mut().window.show_side = false;
    window.state_mut().state.control = true;
    window.run();
    window.get_by_label_contains("Taking control…");
    assert!(window.query_by_label_contains("You have control").is_none());
    tell(&mut window, Update::People(people(Some(ME))));
    window.get_by_label_contains("You have control");
    assert!(window.query_by_label_contains("Taking control…").is_none());
}
