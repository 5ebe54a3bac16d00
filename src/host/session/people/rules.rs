//! Does what participants ask of each other, and decides who may ask for what. These rules are pure.

use super::events::{EventTab, RequestEnd, RulesEvent};
use super::lease::Moment;
use super::state::{RulesOutcome, State};
use crate::base::text::one_line;
use crate::model::PeopleControl;
use crate::model::people::AGENT;
use crate::protocol::socket::{ServerMessage, TabWords};

const MAX_SAID: usize = 2000;
const MAX_NOTE: usize = 500;

type AskResult = Result<RulesOutcome, String>;

impl State {
    /// Does what `who` asks; the error tells in one sentence why not.
    pub(super) fn ask(
        &mut self,
        who: u32,
        control: &PeopleControl,
        tabs: &[TabWords],
        now: Moment,
    ) -> AskResult {
        if !self.roster.has(who) {
            return Err("you are no longer in this session; connect again".to_owned());
        }
        match control {
            PeopleControl::Rename { name } => {
                self.roster.rename(who, name)?;
                Ok(RulesOutcome::default())
            }
            // Pointers are no state: they are told as they come.
            PeopleControl::Point { .. } | PeopleControl::ShareClipboard { .. } => {
                Ok(RulesOutcome::default())
            }
            PeopleControl::RequestControl => self.request(who, now),
            PeopleControl::AnswerRequest { index, grant } => self.answer(who, *index, *grant, now),
            PeopleControl::GiveControl { to } => self.give(who, *to, now),
            PeopleControl::TakeControl => self.take(who, now),
            PeopleControl::ReleaseControl { note } => self.release(who, note, now),
            PeopleControl::PauseTab { tab_id } => self.pause(who, tab_id, tabs),
            PeopleControl::ResumeTab { tab_id } => self.resume(who, tab_id, tabs),
            PeopleControl::RequestTab { tab_id } => self.request_tab(who, tab_id, tabs),
            PeopleControl::GiveTab { tab_id, to } => self.give_tab(who, tab_id, *to, tabs),
            PeopleControl::Huddle { enabled } => self.huddle(who, *enabled),
            PeopleControl::Follow { index } => self.follow(who, *index),
            PeopleControl::Say { text, to } => self.say(who, text, *to, now),
            PeopleControl::EndSession => self.end(who),
        }
    }

    fn owns(&self, who: u32) -> bool {
        self.roster.owner() == Some(who)
    }

    /// Tells whether `who` decides for the session as a whole: its driver does, its owner, and anybody while nobody
    /// drives.
    fn decides(&self, who: u32) -> bool {
        self.owns(who) || self.lease.driver().is_none_or(|driver| driver == who)
    }

    fn who_drives(&self) -> String {
        match self.lease.driver() {
            Some(driver) => format!("{} has control", self.roster.name(driver)),
            None => "nobody has control".to_owned(),
        }
    }

    fn request(&mut self, who: u32, now: Moment) -> AskResult {
        let mut outcome = RulesOutcome::default();
        match self.lease.driver() {
            None => self.hand_over(Some(who), false, now, &mut outcome),
            Some(driver) if driver == who => self.lease.confirm(),
            Some(_) => {
                if self.lease.ask(who, now) {
                    outcome.event(RulesEvent::AsksForControl(who));
                }
            }
        }
        Ok(outcome)
    }

    fn answer(&mut self, who: u32, index: u32, grant: bool, now: Moment) -> AskResult {
        if self.lease.driver() != Some(who) && !self.owns(who) {
            return Err(format!("{}; only they and the owner answer requests", self.who_drives()));
        }
        if !self.lease.withdraw(index) {
            let name = self.roster.name(index);
            return Err(format!("{name} asks for nothing any more"));
        }
        let mut outcome = RulesOutcome::default();
        if grant {
            self.hand_over(Some(index), false, now, &mut outcome);
        } else {
            self.refused(index, RequestEnd::Refused, &mut outcome);
        }
        Ok(outcome)
    }

    fn give(&mut self, who: u32, to: u32, now: Moment) -> AskResult {
        self.roster.known(to)?;
        if !self.decides(who) {
            return Err(format!(
                "{}; only they and the owner give control away",
                self.who_drives()
            ));
        }
        let mut outcome = RulesOutcome::default();
        self.hand_over(Some(to), false, now, &mut outcome);
        Ok(outcome)
    }

    fn take(&mut self, who: u32, now: Moment) -> AskResult {
        let mut outcome = RulesOutcome::default();
        match self.lease.driver() {
            Some(driver) if driver == who => self.lease.confirm(),
            Some(driver) if driver != AGENT && !self.owns(who) => {
                let name = self.roster.name(driver);
                return Err(format!("{name} has control; ask for it instead"));
            }
            _ => self.hand_over(Some(who), false, now, &mut outcome),
        }
        Ok(outcome)
    }

    fn release(&mut self, who: u32, note: &str, now: Moment) -> AskResult {
        if self.lease.driver() != Some(who) {
            return Err(format!("{}, not you", self.who_drives()));
        }
        let mut outcome = RulesOutcome::default();
        let note = one_line(note, MAX_NOTE);
        outcome.event(RulesEvent::HandsBack { from: who, note });
        self.free(now, &mut outcome);
        Ok(outcome)
    }

    fn pause(&mut self, who: u32, tab: &str, tabs: &[TabWords]) -> AskResult {
        known(tab, tabs)?;
        let right = self.tabs.of(tab);
        if let Some(by) = right.paused_by.filter(|by| *by != who) {
            return Err(format!("{} paused this tab already", self.roster.name(by)));
        }
        if !self.decides(who) && right.controller != Some(who) {
            return Err(format!("{}; only they and the owner pause tabs", self.who_drives()));
        }
        let mut outcome = RulesOutcome::default();
        if right.paused_by.is_none() {
            self.tabs.pause(tab, Some(who));
            self.lift_others(who, &mut outcome);
            outcome.event(RulesEvent::TabPaused(EventTab::new(tab, tabs, who)));
        }
        Ok(outcome)
    }

    fn resume(&mut self, who: u32, tab: &str, tabs: &[TabWords]) -> AskResult {
        known(tab, tabs)?;
        let Some(by) = self.tabs.of(tab).paused_by else {
            return Err("this tab is not paused".to_owned());
        };
        if by != who && !self.owns(who) {
            let name = self.roster.name(by);
            return Err(format!("{name} paused this tab; only they and the owner resume it"));
        }
        let mut outcome = RulesOutcome::default();
        self.tabs.pause(tab, None);
        outcome.event(RulesEvent::TabResumed(EventTab::new(tab, tabs, by)));
        Ok(outcome)
    }

    fn request_tab(&mut self, who: u32, tab: &str, tabs: &[TabWords]) -> AskResult {
        known(tab, tabs)?;
        let mut outcome = RulesOutcome::default();
        outcome.event(RulesEvent::AsksForTab { who, tab: self.owners_tab(tab, tabs) });
        Ok(outcome)
    }

    fn give_tab(&mut self, who: u32, tab: &str, to: u32, tabs: &[TabWords]) -> AskResult {
        known(tab, tabs)?;
        self.roster.known(to)?;
        let right = self.tabs.of(tab);
        if !self.decides(who) && right.controller != Some(who) {
            return Err(format!("{}; only they and the owner give tabs away", self.who_drives()));
        }
        // The driver has every tab that nobody else has.
        let controller = Some(to).filter(|to| self.lease.driver() != Some(*to));
        let mut outcome = RulesOutcome::default();
        if right.controller != controller {
            self.tabs.give(tab, controller);
            self.lift_others(to, &mut outcome);
            outcome.event(self.transferred(tab, tabs, Some(to)));
        }
        Ok(outcome)
    }

    /// Lifts what the others hold, because nobody who may no longer act in a tab goes on holding something down in it.
    fn lift_others(&self, but: u32, outcome: &mut RulesOutcome) {
        let others = self.roster.words().into_iter().map(|one| one.index);
        outcome.lifted.extend(others.filter(|index| *index != but));
    }

    fn huddle(&mut self, who: u32, enabled: bool) -> AskResult {
        if !self.decides(who) {
            return Err(format!(
                "{}; only they and the owner gather the others",
                self.who_drives()
            ));
        }
        let mut outcome = RulesOutcome::default();
        if self.roster.huddle != enabled {
            self.roster.huddle = enabled;
            outcome.event(RulesEvent::Huddle { enabled });
        }
        Ok(outcome)
    }

    fn follow(&mut self, who: u32, whom: Option<u32>) -> AskResult {
        self.roster.follow(who, whom)?;
        let mut outcome = RulesOutcome::default();
        if self.roster.huddle {
            outcome.event(RulesEvent::Follows { who, whom });
        }
        Ok(outcome)
    }

    fn say(&mut self, who: u32, text: &str, to: Option<u32>, now: Moment) -> AskResult {
        let text = text.trim();
        if text.is_empty() {
            return Err("there is nothing to say".to_owned());
        }
        if text.chars().count() > MAX_SAID {
            return Err(format!("a message has at most {MAX_SAID} characters; cut it in two"));
        }
        let text = one_line(text, MAX_SAID);
        let mut outcome = RulesOutcome::default();
        let said =
            ServerMessage::Said { from: who, to, text: text.clone(), at: now.wall.to_string() };
        let mut readers: Vec<u32> = self.roster.words().iter().map(|one| one.index).collect();
        if let Some(to) = to {
            self.roster.known(to)?;
            if to == AGENT {
                return Err("the agent has no socket; say it to everybody".to_owned());
            }
            readers.retain(|index| *index == who || *index == to);
        } else {
            outcome.event(RulesEvent::Says { who, text });
        }
        outcome.told.extend(readers.into_iter().map(|index| (index, said.clone())));
        Ok(outcome)
    }

    fn end(&mut self, who: u32) -> AskResult {
        if !self.owns(who) {
            let owner = self.roster.owner().map(|owner| self.roster.name(owner));
            let owner = owner.unwrap_or_else(|| "its owner".to_owned());
            return Err(format!("only {owner} ends this session"));
        }
        Ok(RulesOutcome {
            ends: Some(format!("ended by {}", self.roster.name(who))),
            ..RulesOutcome::default()
        })
    }
}

fn known(tab: &str, tabs: &[TabWords]) -> Result<(), String> {
    if tabs.iter().any(|known| known.tab_id == tab) {
        Ok(())
    } else {
        Err("there is no such tab; it may have been closed".to_owned())
    }
}
