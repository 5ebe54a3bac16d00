//! Keeps which rows are selected: the one that the keyboard is at, and others beside it.

use std::collections::BTreeSet;

use egui::Modifiers;

use crate::model::log::FilteredView;

/// The selected rows, by their sequence numbers.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// The row that the keyboard is at, and of which the details are shown.
    pub(super) row: Option<u64>,
    /// The row where a range begins.
    anchor: Option<u64>,
    /// The other rows.
    others: BTreeSet<u64>,
}

/// What a click or a key does to the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Select {
    /// This row alone is selected.
    Alone,
    /// All rows from where the range began to this one are.
    To,
    /// This row is selected, or no longer, and the others stay.
    Toggle,
}

impl Select {
    pub(super) fn by_click(modifiers: Modifiers) -> Self {
        match (modifiers.shift, modifiers.command) {
            (true, _) => Self::To,
            (false, true) => Self::Toggle,
            (false, false) => Self::Alone,
        }
    }
}

impl Selection {
    /// Selects the row `seq` of `view`.
    pub(super) fn select(&mut self, view: &FilteredView, seq: u64, how: Select) {
        match how {
            Select::Alone => *self = Self { row: Some(seq), anchor: Some(seq), ..Self::default() },
            Select::To => {
                let anchor = self.anchor.or(self.row).unwrap_or(seq);
                let (first, last) = (anchor.min(seq), anchor.max(seq));
                let range = view.index_from(first)..view.index_from(last + 1);
                self.others = range.filter_map(|index| view.seq(index)).collect();
                self.row = Some(seq);
                self.anchor = Some(anchor);
            }
            Select::Toggle => {
                self.anchor = Some(seq);
                self.others.extend(self.row);
                if self.others.remove(&seq) {
                    self.row = self.others.last().copied();
                } else {
                    self.row = Some(seq);
                }
            }
        }
    }

    /// Selects all rows of `view`. The keyboard stays where it is.
    pub(super) fn select_all(&mut self, view: &FilteredView) {
        self.others = (0..view.len()).filter_map(|index| view.seq(index)).collect();
        self.row = self.row.or_else(|| view.last());
        self.anchor = view.seq(0);
    }

    /// Leaves out the other rows that `view` does not show.
    pub(super) fn keep_shown(&mut self, view: &FilteredView) {
        self.others.retain(|seq| view.index_of(*seq).is_some());
    }

    pub(super) fn has(&self, seq: u64) -> bool {
        self.row == Some(seq) || self.others.contains(&seq)
    }

    /// Returns all of them, the oldest first.
    pub(super) fn seqs(&self) -> BTreeSet<u64> {
        self.others.iter().copied().chain(self.row).collect()
    }

    pub(super) fn len(&self) -> usize {
        let is_other = self.row.is_some_and(|row| self.others.contains(&row));
        self.others.len() + usize::from(self.row.is_some() && !is_other)
    }
}
