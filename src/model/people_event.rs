//! What happens between the people of a session, as its events tell it, and the words for it.
//!
//! Events mostly tell an index. The words are made where the roster is known, and what somebody is called stays in the
//! row when they have left.

use std::collections::BTreeMap;

use super::people::AGENT;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeopleEvent {
    Joined(Person),
    Left(Person),
    Active(Person),
    AsksForControl(Person),
    ControlRefused {
        who: Person,
        /// Nobody answered in time.
        expired: bool,
        by: Option<Person>,
    },
    /// `None`: nobody drives any more.
    Drives {
        who: Option<Person>,
        /// It is the one whom this was told.
        me: bool,
    },
    HandsBack {
        who: Person,
        note: Option<String>,
    },
    /// The agent may not act, because of this driver where it is one.
    AgentRefused {
        action: String,
        driver: Option<Person>,
    },
    TabPaused {
        tab: String,
        by: Option<Person>,
    },
    TabResumed {
        tab: String,
        by: Option<Person>,
    },
    AsksForTab(Person),
    TabGiven {
        tab: String,
        to: Option<Person>,
    },
    Follows {
        who: Person,
        /// `None`: nobody any more.
        leader: Option<Person>,
    },
    Says {
        who: Person,
        text: String,
    },
}

/// Somebody as an event tells of them: by an index, a name, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    pub index: Option<u32>,
    /// Already safe to show.
    pub name: Option<String>,
}

impl PeopleEvent {
    /// One line for people; `names` by index, for those of whom the event tells none, and who reads it.
    pub fn text(&self, names: &BTreeMap<u32, String>, me: Option<u32>) -> String {
        let name = |who: &Person| who.called(names);
        let tab = |tab: &str, what: &str, how: &str, who: &Option<Person>| match who {
            Some(who) => format!("tab {tab} {what} {how} {}", name(who)),
            None => format!("tab {tab} {what}"),
        };
        match self {
            Self::Joined(who) => format!("{} joined", name(who)),
            Self::Left(who) => format!("{} left", name(who)),
            Self::Active(who) => format!("{} is active", name(who)),
            Self::AsksForControl(who) => format!("{} asks for control", name(who)),
            Self::ControlRefused { who, expired: true, .. } => {
                format!("{}'s request for control expired", name(who))
            }
            Self::ControlRefused { who, by: Some(by), .. } => {
                format!("{} refused {} control", name(by), name(who))
            }
            Self::ControlRefused { who, .. } => format!("{} was refused control", name(who)),
            Self::Drives { who: None, .. } => "nobody has control".to_owned(),
            Self::Drives { who: Some(who), me } => {
                format!("{} has control{}", name(who), if *me { " (you)" } else { "" })
            }
            Self::HandsBack { who, note: None } => format!("{} hands control back", name(who)),
            Self::HandsBack { who, note: Some(note) } => {
                format!("{} hands control back: {note}", name(who))
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
    /// By the event, else by `names`.
    pub(super) fn called(&self, names: &BTreeMap<u32, String>) -> String {
        let known = || names.get(&self.index?);
        match (self.name.as_ref().or_else(known), self.index) {
            (Some(name), _) => name.clone(),
            // Here 0 is whoever acts through calls, or opened the session.
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
            (PeopleEvent::Drives { who: Some(person(2)), me: true }, "Ada Byron has control (you)"),
            (PeopleEvent::Drives { who: Some(person(0)), me: false }, "Agent has control"),
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
            assert_eq!(event.text(&names, None), shown);
        }
    }
}
