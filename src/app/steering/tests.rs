//! Tests how control begins, is asked for and ends, without a window and without a session.

use jiff::Timestamp;

use super::*;
use crate::app::sessions::tests::{Sent, key, sent, watching};
use crate::model::{Condition, ControlRequest, Participant, People};

struct Stage {
    sessions: OpenSessions<Sent>,
    steering: Steering,
    notices: Notices,
    ctx: Context,
}

/// Makes one session with two people in it; this window's user is number 1.
fn stage(driver: Option<u32>) -> Stage {
    let mut sessions = watching(&["a"]);
    let (open, _) = sessions.pair_mut(&key("a")).unwrap();
    open.view.capabilities.people = true;
    open.view.people = people(driver);
    Stage {
        sessions,
        steering: Steering::default(),
        notices: Notices::default(),
        ctx: Context::default(),
    }
}

fn people(driver: Option<u32>) -> People {
    let participant =
        |index| Participant { index, name: format!("P{index}"), ..Participant::default() };
    People {
        me: 1,
        participants: vec![participant(1), participant(2)],
        driver,
        ..People::default()
    }
}

impl Stage {
    fn arm(&mut self) {
        self.steering.arm(&self.ctx, &mut self.sessions, &mut self.notices);
    }

    fn leave(&mut self) {
        self.steering.leave(&self.sessions, &mut self.notices);
    }

    /// Lets the session tell who drives and who asks for control.
    fn drives(&mut self, driver: Option<u32>, asks: &[u32]) {
        let (open, _) = self.sessions.pair_mut(&key("a")).unwrap();
        let request =
            |index: &u32| ControlRequest { index: *index, expires_at: Timestamp::UNIX_EPOCH };
        let requests = asks.iter().map(request).collect();
        open.view.people = People { requests, ..people(driver) };
    }

    fn gains(&mut self, covered: bool) {
        let Self { sessions, steering, notices, ctx } = self;
        steering.gained(ctx, &key("a"), covered, sessions, notices);
    }

    fn loses(&mut self) {
        self.steering.lost(&key("a"), "P2", &self.sessions, &mut self.notices);
    }

    fn sent(&mut self) -> Vec<PeopleControl> {
        let people = |control| match control {
            Control::People(control) => Some(control),
            _ => None,
        };
        sent(&mut self.sessions, "a").into_iter().filter_map(people).collect()
    }
}

fn released() -> PeopleControl {
    PeopleControl::ReleaseControl { note: String::new() }
}

#[test]
fn control_that_came_with_entering_goes_with_leaving() {
    let mut stage = stage(None);
    stage.sessions.show_wall();
    stage.arm();
    assert!(stage.steering.is_on() && !stage.sessions.on_wall());
    assert_eq!(stage.sent(), [PeopleControl::RequestControl]);
    stage.drives(Some(1), &[]);
    stage.leave();
    assert!(!stage.steering.is_on());
    assert_eq!(stage.sent(), [released()]);
    // Control that was not claimed by entering it is not given up.
    stage.leave();
    assert_eq!(stage.sent(), []);
}

#[test]
fn control_that_somebody_waits_for_or_that_is_handed_back_is_not_dropped() {
    let mut stage = stage(None);
    stage.arm();
    stage.drives(Some(1), &[2]);
    stage.leave();
    assert_eq!(stage.sent(), [PeopleControl::RequestControl]);
    stage.drives(None, &[]);
    stage.arm();
    stage.drives(Some(1), &[]);
    stage.steering.leave_to_hand_back(&stage.sessions, &mut stage.notices);
    assert_eq!(stage.sent(), [PeopleControl::RequestControl]);
}

#[test]
fn whoever_drives_is_asked_and_an_agent_is_parked() {
    let mut stage = stage(Some(2));
    stage.arm();
    assert!(!stage.steering.is_on());
    assert_eq!(stage.sent(), [PeopleControl::RequestControl]);
    // While a dialog lies over the window, what is typed is not meant for the page.
    stage.gains(true);
    assert!(!stage.steering.is_on());
    stage.arm();
    stage.gains(false);
    assert!(stage.steering.is_on());
    stage.loses();
    assert!(!stage.steering.is_on());
    // Nobody asked any more.
    stage.gains(false);
    assert!(!stage.steering.is_on());
    stage.sent();
    stage.drives(Some(AGENT), &[]);
    stage.arm();
    assert!(stage.steering.is_on());
    assert_eq!(stage.sent(), [PeopleControl::TakeControl]);
}

#[test]
fn a_request_that_was_refused_begins_nothing_later() {
    let mut stage = stage(Some(2));
    stage.arm();
    stage.steering.forget_request(&key("b"));
    stage.steering.forget_request(&key("a"));
    stage.gains(false);
    assert!(!stage.steering.is_on());
}

#[test]
fn a_session_that_is_over_is_left() {
    let mut stage = stage(None);
    stage.arm();
    stage.steering.leave_what_is_over(&stage.sessions, &mut stage.notices);
    assert!(stage.steering.is_on());
    let (open, _) = stage.sessions.pair_mut(&key("a")).unwrap();
    open.condition = Condition::Ended { why: "It expired".to_owned() };
    stage.steering.leave_what_is_over(&stage.sessions, &mut stage.notices);
    assert!(!stage.steering.is_on());
}

#[test]
fn control_that_is_not_given_within_ten_seconds_is_left() {
    let mut stage = stage(None);
    let start = Instant::now();
    let pass = |stage: &mut Stage, seconds| {
        let Stage { sessions, steering, notices, ctx } = stage;
        let now = start + Duration::from_secs(seconds);
        steering.leave_what_is_not_given(ctx, sessions, now, notices);
        steering.is_on()
    };
    stage.arm();
    assert!(pass(&mut stage, 0) && pass(&mut stage, 9));
    // What is given in time stays.
    stage.drives(Some(1), &[]);
    assert!(pass(&mut stage, 30));
    stage.drives(None, &[]);
    assert!(pass(&mut stage, 31), "it waits anew");
    // Nobody expects an answer while the session can't be reached.
    let (open, _) = stage.sessions.pair_mut(&key("a")).unwrap();
    open.condition = Condition::Connecting { attempt: 0 };
    assert!(pass(&mut stage, 60));
    let (open, _) = stage.sessions.pair_mut(&key("a")).unwrap();
    open.condition = Condition::Live;
    assert!(pass(&mut stage, 61) && pass(&mut stage, 70));
    assert!(!pass(&mut stage, 71));
    let told = stage.notices.shown().iter().map(|notice| notice.text.clone()).collect::<Vec<_>>();
    assert!(
        told.iter().any(|text| text.contains("did not give you control within 10 s")),
        "{told:?}"
    );
}
