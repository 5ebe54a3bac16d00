//! Tests the rules as tables: who may do what, and who is told.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::SessionPeople;
use super::lease::{Moment, Terms};
use super::state::{Deed, Refusal, RulesOutcome, State};
use crate::host::driver::sample::sample;
use crate::host::hub::Hub;
use crate::model::PeopleControl;
use crate::model::people::AGENT;
use crate::protocol::socket::{ServerMessage, TabWords};

const TERMS: Terms = Terms { request: Duration::from_secs(30), implicit: Duration::from_secs(5) };

struct Room {
    state: State,
    start: Instant,
    tabs: Vec<TabWords>,
}

impl Room {
    /// Ada is 1, Bob is 2, Cleo is 3.
    fn new() -> Self {
        let mut state = State::new(TERMS);
        for name in ["Ada", "Bob", "Cleo"] {
            state.join(name).unwrap();
        }
        let tab = |id: &str| TabWords { tab_id: id.to_owned(), ..TabWords::default() };
        Self { state, start: Instant::now(), tabs: vec![tab("T1"), tab("T2")] }
    }

    fn driven_by(who: u32) -> Self {
        let mut room = Self::new();
        room.ask(who, PeopleControl::RequestControl).unwrap();
        assert_eq!(room.driver(), Some(who));
        room
    }

    fn driver(&self) -> Option<u32> {
        self.state.lease.driver()
    }

    fn at(&self, seconds: u64) -> Moment {
        Moment {
            at: self.start + Duration::from_secs(seconds),
            wall: Timestamp::from_second(i64::try_from(seconds).unwrap()).unwrap(),
        }
    }

    fn ask(&mut self, who: u32, message: PeopleControl) -> Result<RulesOutcome, String> {
        self.ask_at(0, who, message)
    }

    fn ask_at(
        &mut self,
        at: u64,
        who: u32,
        message: PeopleControl,
    ) -> Result<RulesOutcome, String> {
        let (now, tabs) = (self.at(at), self.tabs.clone());
        self.state.ask(who, &message, &tabs, now)
    }

    fn admit(&mut self, at: u64, who: u32, deed: Deed) -> Result<RulesOutcome, Refusal> {
        let now = self.at(at);
        self.state.admit(who, deed, Some("T1"), now)
    }

    fn tick(&mut self, at: u64, holding: bool) -> RulesOutcome {
        let now = self.at(at);
        self.state.tick(now, |_| holding)
    }
}

fn kinds(outcome: &RulesOutcome) -> Vec<&'static str> {
    outcome.events.iter().map(|event| event.kind().word()).collect()
}

fn give(to: u32) -> PeopleControl {
    PeopleControl::GiveControl { to }
}

fn answer(index: u32, grant: bool) -> PeopleControl {
    PeopleControl::AnswerRequest { index, grant }
}

fn release() -> PeopleControl {
    let note = String::new();
    PeopleControl::ReleaseControl { note }
}

#[test]
fn control_goes_to_whom_the_rules_say() {
    let (ask, take) = (PeopleControl::RequestControl, PeopleControl::TakeControl);
    for (driver, who, message, then) in [
        (None, 2, ask.clone(), Ok(Some(2))),
        (None, 2, take.clone(), Ok(Some(2))),
        (None, 0, take.clone(), Ok(Some(0))),
        (None, 2, give(3), Ok(Some(3))),
        (None, 2, release(), Err("nobody has control, not you")),
        (Some(0), 2, ask.clone(), Ok(Some(0))),
        (Some(0), 2, take.clone(), Ok(Some(2))),
        (Some(2), 0, take.clone(), Err("Bob has control; ask")),
        (Some(2), 0, ask.clone(), Ok(Some(2))),
        (Some(2), 1, take.clone(), Ok(Some(1))),
        (Some(2), 3, take.clone(), Err("Bob has control; ask")),
        (Some(2), 2, take, Ok(Some(2))),
        (Some(2), 3, ask, Ok(Some(2))),
        (Some(2), 3, give(3), Err("Bob has control; only they")),
        (Some(2), 1, give(3), Ok(Some(3))),
        (Some(2), 2, give(0), Ok(Some(0))),
        (Some(2), 2, give(9), Err("no participant 9")),
        (Some(2), 2, release(), Ok(None)),
        (Some(2), 1, release(), Err("Bob has control, not you")),
        (Some(2), 2, answer(3, true), Err("Cleo asks for nothing")),
        (Some(2), 3, answer(3, true), Err("Bob has control; only they")),
        (Some(2), 9, give(1), Err("no longer in this session")),
    ] {
        let mut room = match driver {
            Some(driver) => Room::driven_by(driver),
            None => Room::new(),
        };
        let shown = format!("{driver:?}: {who} {message:?}");
        match (room.ask(who, message), then) {
            (Ok(outcome), Ok(then)) => {
                assert_eq!(room.driver(), then, "{shown}");
                let changed = kinds(&outcome).contains(&"host_changed");
                assert_eq!(changed, driver != then, "{shown}");
                // The agent may have acted while nobody drove.
                let acted = driver.or(Some(0)).filter(|who| Some(*who) != then);
                let lost = acted.filter(|_| driver != then);
                assert_eq!(outcome.lifted, lost.into_iter().collect::<Vec<_>>(), "{shown}");
            }
            (Err(why), Err(part)) => {
                assert!(why.contains(part), "{shown}: {why}");
                assert_eq!(room.driver(), driver, "{shown}");
            }
            (got, _) => panic!("{shown}: {got:?}"),
        }
    }
}

#[test]
fn input_is_the_drivers_and_whoever_acts_first_drives() {
    use Deed::{Act, Move, Release, Resize, Select};
    for (driver, who, deed, ok, then) in [
        (None, 2, Act, true, Some(2)),
        (None, 2, Select, true, Some(2)),
        (None, 2, Move, true, None),
        (None, 2, Resize, true, None),
        (None, 2, Release { own: false }, true, None),
        (None, AGENT, Act, true, None),
        (Some(2), 2, Act, true, Some(2)),
        (Some(2), 3, Act, false, Some(2)),
        (Some(2), 3, Move, false, Some(2)),
        (Some(2), 3, Select, false, Some(2)),
        (Some(2), 3, Resize, false, Some(2)),
        (Some(2), 3, Release { own: true }, true, Some(2)),
        (Some(2), 3, Release { own: false }, false, Some(2)),
        (Some(2), AGENT, Act, false, Some(2)),
        (Some(AGENT), AGENT, Act, true, Some(AGENT)),
        (Some(AGENT), 1, Act, false, Some(AGENT)),
        (None, 9, Act, false, None),
    ] {
        let mut room = match driver {
            Some(driver) => Room::driven_by(driver),
            None => Room::new(),
        };
        let admitted = room.admit(1, who, deed);
        let shown = format!("{driver:?}: {who} {deed:?}");
        assert_eq!(admitted.is_ok(), ok, "{shown}");
        assert_eq!(room.driver(), then, "{shown}");
    }
}

#[test]
fn what_was_not_asked_for_lapses_and_what_was_stays() {
    let mut room = Room::new();
    room.admit(0, 2, Deed::Act).unwrap();
    room.admit(3, 2, Deed::Move).unwrap();
    assert_eq!(kinds(&room.tick(7, false)), [""; 0]);
    // A long press is driving.
    assert_eq!(kinds(&room.tick(8, true)), [""; 0]);
    assert_eq!(kinds(&room.tick(12, false)), [""; 0]);
    let lapsed = room.tick(13, false);
    assert_eq!((kinds(&lapsed), lapsed.lifted), (vec!["host_changed"], vec![2]));
    assert_eq!(room.driver(), None);
    // Whoever says that they drive goes on.
    room.admit(20, 2, Deed::Act).unwrap();
    room.ask_at(21, 2, PeopleControl::TakeControl).unwrap();
    room.tick(10_000, false);
    assert_eq!(room.driver(), Some(2));
}

#[test]
fn requests_expire_once_and_the_first_is_served_when_control_is_free() {
    let mut room = Room::driven_by(1);
    let asked = room.ask_at(0, 3, PeopleControl::RequestControl).unwrap();
    assert_eq!(kinds(&asked), ["host_rights_requested"]);
    let again = room.ask_at(1, 3, PeopleControl::RequestControl).unwrap();
    assert_eq!(kinds(&again), [""; 0]);
    room.ask_at(10, 2, PeopleControl::RequestControl).unwrap();
    assert_eq!(room.state.lease.due(), Some(room.at(30).at));
    assert_eq!(kinds(&room.tick(29, false)), [""; 0]);
    let expired = room.tick(30, false);
    assert_eq!(kinds(&expired), ["host_rights_refused"]);
    assert!(
        matches!(&expired.told[..], [(3, ServerMessage::Refused { why, .. })] if why.contains("Ada did not answer"))
    );
    assert_eq!(kinds(&room.tick(31, false)), [""; 0]);
    let released = room.ask_at(32, 1, release()).unwrap();
    assert_eq!(kinds(&released), ["control_released", "host_changed"]);
    assert_eq!(room.driver(), Some(2));
    assert!(room.state.lease.requests().is_empty());
    assert_eq!(room.state.lease.due(), None);
}

#[test]
fn whoever_leaves_takes_everything_along() {
    let mut room = Room::driven_by(1);
    let pause = |tab: &str| PeopleControl::PauseTab { tab_id: tab.to_owned() };
    room.ask(1, pause("T1")).unwrap();
    let to_ada = PeopleControl::GiveTab { tab_id: "T2".to_owned(), to: 3 };
    room.ask(1, to_ada).unwrap();
    room.ask(2, PeopleControl::Follow { index: Some(1) }).unwrap();
    let (now, tabs) = (room.at(1), room.tabs.clone());
    let left = room.state.leave(1, &tabs, now);
    assert_eq!(kinds(&left), ["participant_left", "tab_resumed", "host_changed"]);
    assert_eq!(left.events[1].fields()["tabIndex"], 0);
    assert_eq!(left.lifted, [1, 1]);
    assert_eq!((room.driver(), room.state.roster.owner()), (None, Some(2)));
    assert_eq!(room.state.roster.following(2), None);
    let left = room.state.leave(3, &tabs, now);
    assert_eq!(kinds(&left), ["participant_left", "tab_control_transferred"]);
    assert_eq!(left.events[1].fields()["controlIndex"], Value::Null);
    assert_eq!(kinds(&room.state.leave(3, &tabs, now)), [""; 0]);
    let (index, _) = room.state.join("Ada").unwrap();
    assert_eq!(index, 4, "an index is never used again");
}

#[test]
fn activity_is_told_once_a_second() {
    let mut room = Room::driven_by(2);
    let told: Vec<_> = [0, 0, 0, 1, 1, 5, 5]
        .into_iter()
        .map(|at| kinds(&room.admit(at, 2, Deed::Act).unwrap()).len())
        .collect();
    assert_eq!(told, [1, 0, 0, 1, 0, 1, 0]);
    let mut room = Room::new();
    let outcome = room.admit(0, AGENT, Deed::Act).unwrap();
    assert_eq!(kinds(&outcome), [""; 0], "an agent is no activity of people");
}

#[test]
fn tabs_that_are_gone_are_forgotten() {
    let mut room = Room::driven_by(1);
    let tab_id = "T2".to_owned();
    room.ask(1, PeopleControl::PauseTab { tab_id }).unwrap();
    let mut tabs = room.tabs.clone();
    room.state.tabs.mark(&mut tabs);
    assert_eq!((tabs[0].paused_by, tabs[1].paused_by), (None, Some(1)));
    assert!(!room.state.tabs.retain(&tabs));
    assert!(room.state.tabs.retain(&tabs[..1]));
    assert!(!room.state.tabs.retain(&tabs[..1]));
}

#[tokio::test]
async fn changes_are_told_in_their_order_however_many_make_them() {
    let (hub, tracker) = (Arc::new(Hub::new(1000)), TaskTracker::new());
    let driver = sample(Arc::new(|_| {}), &tracker);
    let people = SessionPeople::new(TERMS, hub.clone(), driver, Arc::default(), tracker);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    // Comes and goes.
                    drop(people.join("Ada", None));
                }
            });
        }
    });
    let told = hub.recent(1000);
    assert_eq!(told.len(), 800);
    let (mut joined, mut there) = (0, BTreeSet::new());
    for event in told {
        let fields: Value = serde_json::from_slice(&event.json).unwrap();
        let index = fields["clientIndex"].as_u64().unwrap();
        match fields["type"].as_str().unwrap() {
            "participant_joined" => {
                joined += 1;
                assert_eq!(index, joined);
                assert!(there.insert(index));
            }
            "participant_left" => assert!(there.remove(&index)),
            other => panic!("{other}"),
        }
    }
    assert_eq!((joined, there.len()), (400, 0));
}
