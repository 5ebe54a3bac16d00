//! Knows the tabs that are paused and those that were given to one participant alone. These rules are pure.

use std::collections::BTreeMap;

use crate::protocol::socket::TabWords;

/// The rights to the tabs that have any of their own, by the ids of the tabs.
#[derive(Debug, Default)]
pub(super) struct TabRights(BTreeMap<String, Right>);

/// Who may act in a tab, beside whoever drives. Numbers are the indices of participants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Right {
    pub(super) paused_by: Option<u32>,
    pub(super) controller: Option<u32>,
}

impl TabRights {
    pub(super) fn of(&self, tab: &str) -> Right {
        self.0.get(tab).copied().unwrap_or_default()
    }

    pub(super) fn pause(&mut self, tab: &str, by: Option<u32>) {
        self.change(tab, |right| right.paused_by = by);
    }

    pub(super) fn give(&mut self, tab: &str, to: Option<u32>) {
        self.change(tab, |right| right.controller = to);
    }

    fn change(&mut self, tab: &str, change: impl FnOnce(&mut Right)) {
        let mut right = self.of(tab);
        change(&mut right);
        if right == Right::default() {
            self.0.remove(tab);
        } else {
            self.0.insert(tab.to_owned(), right);
        }
    }

    /// Forgets what a participant had, as they leave. Returns the tabs that go on, and the tabs that are the driver's
    /// again.
    pub(super) fn forget(&mut self, index: u32) -> (Vec<String>, Vec<String>) {
        let tabs = |had: fn(&Right) -> Option<u32>| -> Vec<String> {
            let of_theirs = |(_, right): &(&String, &Right)| had(right) == Some(index);
            self.0.iter().filter(of_theirs).map(|(tab, _)| tab.clone()).collect()
        };
        let (paused, controlled) = (tabs(|right| right.paused_by), tabs(|right| right.controller));
        paused.iter().for_each(|tab| self.pause(tab, None));
        controlled.iter().for_each(|tab| self.give(tab, None));
        (paused, controlled)
    }

    /// Forgets the tabs that are gone; `false` where there were none.
    pub(super) fn retain(&mut self, tabs: &[TabWords]) -> bool {
        let before = self.0.len();
        self.0.retain(|known, _| tabs.iter().any(|tab| tab.tab_id == *known));
        self.0.len() < before
    }

    /// Writes into the tabs who paused them and whose they are.
    pub(super) fn mark(&self, tabs: &mut [TabWords]) {
        for tab in tabs {
            let right = self.of(&tab.tab_id);
            (tab.paused_by, tab.controller) = (right.paused_by, right.controller);
        }
    }
}
