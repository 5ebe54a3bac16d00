//! Describes what happens between the people of a session, as its events tell it, and puts it into words.
//!
//! Events mostly tell an index. The words are made where the roster is known, so that the row keeps a participant's
//! name after the participant has left.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::people::AGENT;

/// What a participant did, or what was done about one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeopleEvent {
    /// A participant came.
    Joined(Person),
    /// A participant went.
    Left(Person),
    /// A participant is active.
    Active(Person),
    /// A participant asks for control.
    AsksForControl(Person),
    /// A participant was refused control.
    ControlRefused {
        /// The participant who asked.
        who: Person,
        /// Whether nobody answered in time.
        expired: bool,
        /// The participant who refused, where the event tells.
        by: Option<Person>,
    },
    /// A participant has control.
    Drives {
        /// The participant; `None` where nobody drives any more.
        who: Option<Person>,
        /// Whether it is the one whom the service tells this.
        me: bool,
    },
    /// A participant hands control back.
    HandsBack {
        /// The participant.
        who: Person,
        /// What the participant says with it.
        note: Option<String>,
    },
    /// The agent may not act, because somebody else drives.
    AgentRefused {
        /// The action that was refused.
        action: String,
        /// The participant who drives, where the event tells.
        driver: Option<Person>,
    },
    /// A participant paused a tab.
    TabPaused {
        /// The tab, in the event's words.
        tab: String,
        /// The participant, where the event tells.
        by: Option<Person>,
    },
    /// A paused tab takes input again.
    TabResumed {
        /// The tab, in the event's words.
        tab: String,
        /// The participant, where the event tells.
        by: Option<Person>,
    },
    /// A participant asks for control of a tab.
    AsksForTab(Person),
    /// Control of a tab was given to a participant.
    TabGiven {
        /// The tab, in the event's words.
        tab: String,
        /// The participant who gets it, where the event tells.
        to: Option<Person>,
    },
    /// A participant follows another one.
    Follows {
        /// The participant.
        who: Person,
        /// The participant who is followed; `None` for nobody any more.
        leader: Option<Person>,
    },
    /// A participant says something.
    Says {
        /// The participant.
        who: Person,
        /// What is said.
        text: String,
    },
}

/// A participant as an event tells of one: by an index, a name, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// Index of the participant.
    pub index: Option<u32>,
    /// The participant's name, already safe to show.
    pub name: Option<String>,
}

impl PeopleEvent {
    /// Returns one line for people. `names` has the names by index, for participants whose names the event does not
    /// tell; `me` is the index of whoever reads the line.
    pub fn text(&self, names: &BTreeMap<u32, String>, me: Option<u32>) -> String {
        let name = |who: &Person| who.called(names);
        // Whoever reads the line is “you” in it, and needs the verb's other form.
        let says = |who: &Person, verb: &str, own_verb: &str| match who.index.is_some()
            && who.index == me
        {
            true => format!("you {own_verb}"),
            false => format!("{} {verb}", name(who)),
        };
        let tab = |tab: &str, what: &str, how: &str, who: &Option<Person>| match who {
            Some(who) => format!("tab {tab} {what} {how} {}", name(who)),
            None => format!("tab {tab} {what}"),
        };
        match self {
            Self::Joined(who) => says(who, "joined", "joined"),
            Self::Left(who) => says(who, "left", "left"),
            Self::Active(who) => says(who, "is active", "are active"),
            Self::AsksForControl(who) => says(who, "asks for control", "ask for control"),
            Self::ControlRefused { who, expired: true, .. } => {
                format!("{}'s request for control expired", name(who))
            }
            Self::ControlRefused { who, by: Some(by), .. } => {
                format!("{} refused {} control", name(by), name(who))
            }
            Self::ControlRefused { who, .. } => format!("{} was refused control", name(who)),
            Self::Drives { who: None, .. } => "nobody has control".to_owned(),
            Self::Drives { me: true, .. } => "you have control".to_owned(),
            Self::Drives { who: Some(who), .. } => says(who, "has control", "have control"),
            Self::HandsBack { who, note } => {
                let said = says(who, "hands control back", "hand control back");
                note.as_ref().map_or_else(|| said.clone(), |note| format!("{said}: {note}"))
            }
            Self::AgentRefused { action, driver } => match driver {
                Some(driver) if me.is_some() && driver.index == me => {
                    format!("{action} of the agent refused: you have control")
                }
                Some(driver) => {
                    format!("{action} of the agent refused: {} has control", name(driver))
                }
                None => format!("{action} of the agent refused"),
            },
            Self::TabPaused { tab: at, by } => tab(at, "paused", "by", by),
            Self::TabResumed { tab: at, by } => tab(at, "resumed", "by", by),
            Self::AsksForTab(who) => format!("{} asks for control of the tab", name(who)),
            Self::TabGiven { tab: at, to } => tab(at, "given", "to", to),
            Self::Follows { who, leader } => {
                let leader = leader.as_ref().map_or_else(|| "nobody".to_owned(), name);
                format!("{} follows {leader}", name(who))
            }
            Self::Says { who, text } => format!("{}: {text}", name(who)),
        }
    }
}

impl Person {
    /// Returns the name that the event tells, else the one in `names`, else words for the index.
    pub(super) fn called(&self, names: &BTreeMap<u32, String>) -> String {
        let known = || names.get(&self.index?);
        match (self.name.as_ref().or_else(known), self.index) {
            (Some(name), _) => name.clone(),
            // Index 0 has whoever acts through calls, or opened the session.
            (None, Some(AGENT) | None) => "the leader".to_owned(),
            (None, Some(index)) => format!("participant {index}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(index: u32) -> Person {
        Person { index: Some(index), name: None }
    }

    #[test]
    fn people_are_called_what_the_event_says_else_what_the_roster_says() {
        let names = BTreeMap::from([(0, "Agent".to_owned()), (2, "Ada Byron".to_owned())]);
        let bob = Person { index: Some(2), name: Some("Bob".to_owned()) };
        let tab = "2".to_owned();
        for (event, shown) in [
            (PeopleEvent::Joined(bob), "Bob joined"),
            (PeopleEvent::Drives { who: Some(person(2)), me: true }, "you have control"),
            (PeopleEvent::Drives { who: Some(person(0)), me: false }, "Agent has control"),
            (PeopleEvent::Drives { who: Some(person(4)), me: false }, "you have control"),
            (PeopleEvent::AsksForControl(person(4)), "you ask for control"),
            (PeopleEvent::HandsBack { who: person(4), note: None }, "you hand control back"),
            (
                PeopleEvent::Follows { who: person(3), leader: Some(person(2)) },
                "participant 3 follows Ada Byron",
            ),
            (
                PeopleEvent::TabPaused { tab: tab.clone(), by: Some(person(2)) },
                "tab 2 paused by Ada Byron",
            ),
            (PeopleEvent::TabGiven { tab, to: None }, "tab 2 given"),
            (
                PeopleEvent::HandsBack {
                    who: person(2),
                    note: Some("ask the leader: participant 2 left".to_owned()),
                },
                "Ada Byron hands control back: ask the leader: participant 2 left",
            ),
            (
                PeopleEvent::Says { who: person(2), text: "the participant 2 is me".to_owned() },
                "Ada Byron: the participant 2 is me",
            ),
        ] {
            assert_eq!(event.text(&names, Some(4)), shown);
        }
    }
}
