//! Knows who is there, who owns the session, and who follows whom. These rules are pure.

use std::collections::BTreeMap;

use crate::base::text::one_line;
use crate::model::people::AGENT;
use crate::protocol::socket::ParticipantWords;

pub(super) const MAX_PARTICIPANTS: usize = 50;
const MAX_NAME: usize = 60;

/// The participants of a session, by their indices. No index is used a second time.
#[derive(Debug)]
pub(super) struct ParticipantRoster {
    agent: String,
    people: BTreeMap<u32, RosterEntry>,
    last: u32,
    pub(super) huddle: bool,
}

#[derive(Debug)]
struct RosterEntry {
    name: String,
    following: Option<u32>,
}

impl ParticipantRoster {
    pub(super) fn new() -> Self {
        Self { agent: "Agent".to_owned(), people: BTreeMap::new(), last: AGENT, huddle: false }
    }

    /// Takes a new participant in and returns its index; `None` where there are enough.
    pub(super) fn join(&mut self, name: &str) -> Option<u32> {
        if self.people.len() >= MAX_PARTICIPANTS {
            return None;
        }
        self.last += 1;
        let name = shown(name).unwrap_or_else(|| format!("Guest {}", self.last));
        let following = None;
        self.people.insert(self.last, RosterEntry { name, following });
        Some(self.last)
    }

    /// Takes a participant out and returns its name.
    pub(super) fn leave(&mut self, index: u32) -> Option<String> {
        let gone = self.people.remove(&index)?;
        for person in self.people.values_mut() {
            if person.following == Some(index) {
                person.following = None;
            }
        }
        Some(gone.name)
    }

    pub(super) fn rename(&mut self, index: u32, name: &str) -> Result<(), String> {
        let name = shown(name).ok_or("a name has at least one visible character")?;
        match self.people.get_mut(&index) {
            Some(person) => person.name = name,
            None => self.agent = name,
        }
        Ok(())
    }

    pub(super) fn follow(&mut self, index: u32, whom: Option<u32>) -> Result<(), String> {
        if whom == Some(index) {
            return Err("nobody follows themselves".to_owned());
        }
        if let Some(whom) = whom {
            self.known(whom)?;
        }
        let person =
            self.people.get_mut(&index).ok_or("the agent has no view that could follow anybody")?;
        person.following = whom;
        Ok(())
    }

    pub(super) fn following(&self, index: u32) -> Option<u32> {
        self.people.get(&index)?.following
    }

    /// Returns how many people are in the session, without the agent.
    pub(super) fn count(&self) -> usize {
        self.people.len()
    }

    pub(super) fn has(&self, index: u32) -> bool {
        index == AGENT || self.people.contains_key(&index)
    }

    pub(super) fn known(&self, index: u32) -> Result<(), String> {
        if self.has(index) {
            Ok(())
        } else {
            Err(format!("there is no participant {index}; see the roster"))
        }
    }

    /// Returns the owner: the one who has been there for longest.
    pub(super) fn owner(&self) -> Option<u32> {
        self.people.keys().next().copied()
    }

    pub(super) fn name(&self, index: u32) -> String {
        match self.people.get(&index) {
            Some(person) => person.name.clone(),
            None if index == AGENT => self.agent.clone(),
            None => format!("Participant {index}"),
        }
    }

    pub(super) fn words(&self) -> Vec<ParticipantWords> {
        let agent = ParticipantWords {
            index: AGENT,
            name: self.agent.clone(),
            agent: true,
            ..ParticipantWords::default()
        };
        let people = self.people.iter().map(|(&index, person)| ParticipantWords {
            index,
            name: person.name.clone(),
            agent: false,
            owner: self.owner() == Some(index),
            following: person.following,
        });
        std::iter::once(agent).chain(people).collect()
    }
}

fn shown(name: &str) -> Option<String> {
    let name = one_line(name.trim(), MAX_NAME);
    (!name.is_empty()).then_some(name)
}
