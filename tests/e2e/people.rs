//! Two people and an agent in one session: one of them drives, and the others are kept out and told so.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::host::{Host, TOKEN};
use crate::picture::Ink;
use crate::site::Site;
use crate::stage::{SOON, Stage};
use crate::window::{Place, Window};

const ADA: Place = Place { name: "ada", display: 0 };
const BOB: Place = Place { name: "bob", display: 1 };

/// The words that the agent was refused.
const REFUSED: Ink = Ink { rgb: [0xF5, 0xA0, 0x5A], off_by: 3 };
/// The words that somebody asks for control.
const ASKS: Ink = Ink { rgb: [0x7C, 0xB9, 0xFF], off_by: 3 };
/// Of a call for attention, above the picture.
const A_FEW_WORDS: usize = 40;

struct Room<'a> {
    host: Host<'a>,
    session: String,
    site: Site,
}

impl Room<'_> {
    async fn join<'a>(&self, stage: &'a Stage, place: Place) -> Window<'a> {
        let url = self.host.session_url(&self.session);
        let window = Window::open_at(stage, place, &[&url], |command| {
            command.env("HELMSIGHT_TOKEN", TOKEN).env("USER", place.name);
        })
        .await;
        window.page().await;
        window
    }

    /// Waits until the host says that this one drives, and nobody waits for an answer but these.
    async fn driven_by(&self, stage: &Stage, driver: Option<u32>, asking: &[u32]) {
        let what = format!("{driver:?} driving and {asking:?} asking");
        let look = async || {
            let people = self.host.people(&self.session).await;
            let requests = people["requests"].as_array().unwrap().iter();
            let indices: Vec<_> = requests.map(|request| request["index"].clone()).collect();
            (people["driver"] == json!(driver) && json!(indices) == json!(asking)).then_some(())
        };
        stage.until(&what, SOON, look).await;
    }

    /// Waits until exactly this was typed into the page, by whomever.
    async fn text(&self, stage: &Stage, wanted: &str) {
        let what = format!("“{wanted}” in the text field");
        let is_so = async || (self.site.text() == wanted).then_some(());
        stage.until(&what, SOON, is_so).await;
    }

    /// The agent types, and is told who keeps it from it.
    async fn agent_is_refused(&self, driver: &str) {
        let words = json!({"text": "never"});
        let (status, answer) = self.host.act(&self.session, "type", words).await;
        assert_eq!((status, &answer["driver"]["name"]), (409, &json!(driver)), "{answer}");
        let said = answer["error_message"].as_str().unwrap();
        assert!(said.starts_with(&format!("{driver} has control")), "{said}");
    }

    /// As before; how long it took until it was to be read in the driver's window, counted from when the agent tried.
    async fn agent_is_refused_and_seen(&self, window: &Window<'_>, driver: &str) -> Duration {
        assert!(words(window, &REFUSED) < A_FEW_WORDS);
        let began = Instant::now();
        self.agent_is_refused(driver).await;
        while words(window, &REFUSED) < A_FEW_WORDS {
            assert!(began.elapsed() < SOON, "the window says nothing of the agent");
            sleep(Duration::from_millis(4)).await;
        }
        began.elapsed()
    }
}

/// Pixels of this color above the picture.
fn words(window: &Window<'_>, ink: &Ink) -> usize {
    window.bars().map_or(0, |bars| bars.count(ink))
}

/// Whoever drives can answer once their window shows the question.
async fn asked(window: &Window<'_>) {
    let look = async || (words(window, &ASKS) > A_FEW_WORDS).then_some(());
    window.stage.until("somebody asks", SOON, look).await;
}

/// Back to one's own window; control stays.
async fn let_go(window: &Window<'_>) {
    window.key("ctrl+alt+g").await;
    window.control(false).await;
}

#[tokio::test]
async fn two_people_hand_control_back_and_forth_and_the_agent_waits() {
    let Some(stage) = Stage::with_displays("people", 2).await else {
        return;
    };
    let site = Site::serve().await;
    let host = Host::start(&stage, "127.0.0.1:0").await;
    let session = host.create(&site.url).await;
    let room = Room { host, session, site };
    let ada = room.join(&stage, ADA).await;
    let bob = room.join(&stage, BOB).await;
    let people = room.host.people(&room.session).await;
    let names: Vec<&Value> =
        people["participants"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["Agent", "ada", "bob"]);

    // Ada takes over: the page is hers, and the agent is told.
    ada.key("t").await;
    ada.control(true).await;
    room.driven_by(&stage, Some(1), &[]).await;
    ada.write("ada ").await;
    room.text(&stage, "ada ").await;
    let first = room.agent_is_refused_and_seen(&ada, "ada").await;
    assert!(words(&bob, &REFUSED) < A_FEW_WORDS, "Bob has nothing to do with it");

    // Bob asks and types at once; only what he types once he drives is for the page.
    bob.key("i").await;
    room.driven_by(&stage, Some(1), &[2]).await;
    bob.write("zx").await;
    bob.control(false).await;
    room.agent_is_refused("ada").await;
    asked(&ada).await;
    let_go(&ada).await;
    room.driven_by(&stage, Some(1), &[2]).await;
    ada.key("y").await;
    room.driven_by(&stage, Some(2), &[]).await;
    bob.control(true).await;
    bob.write("bob ").await;
    room.text(&stage, "ada bob ").await;
    let second = room.agent_is_refused_and_seen(&bob, "bob").await;

    // Ada asks, and Bob keeps it.
    ada.write("zx").await;
    ada.key("i").await;
    room.driven_by(&stage, Some(2), &[1]).await;
    asked(&bob).await;
    let_go(&bob).await;
    bob.key("n").await;
    room.driven_by(&stage, Some(2), &[]).await;
    ada.write("zx").await;
    ada.control(false).await;
    bob.take_control().await;
    bob.write("again ").await;
    room.text(&stage, "ada bob again ").await;

    // The session is Ada's, so she need not ask twice.
    ada.key("t").await;
    room.driven_by(&stage, Some(1), &[]).await;
    ada.control(true).await;
    bob.control(false).await;
    bob.write("zx").await;
    ada.write("mine ").await;
    room.text(&stage, "ada bob again mine ").await;
    room.agent_is_refused("ada").await;

    // Handed back with a note, the agent goes on where it was.
    let_go(&ada).await;
    ada.key("h").await;
    ada.no_page().await;
    ada.write("please go on").await;
    ada.key("Return").await;
    room.driven_by(&stage, None, &[]).await;
    let released = room.host.event(&room.session, "control_released").await;
    assert_eq!((&released["from"], &released["note"]), (&json!(1), &json!("please go on")));
    let (status, answer) = room.host.act(&room.session, "type", json!({"text": "thanks"})).await;
    assert_eq!(status, 200, "{answer}");
    room.text(&stage, "ada bob again mine thanks").await;

    // Whoever is in control has it before the first key, and until they leave.
    for (window, index, name) in [(&ada, 1, "ada"), (&bob, 2, "bob")] {
        window.take_control().await;
        room.driven_by(&stage, Some(index), &[]).await;
        room.agent_is_refused(name).await;
        let_go(window).await;
        room.driven_by(&stage, None, &[]).await;
    }

    eprintln!("told of the agent after {first:?} and {second:?}");
}
