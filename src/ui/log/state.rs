//! Holds what the log panel remembers of one session between frames.

use jiff::tz::TimeZone;

use super::pretty::Pretty;
use super::selection::{Select, Selection};
use crate::model::log::{FilteredView, Log, LogFilter, Row, Synced};
use crate::settings::SavedFilter;
use crate::ui::action::LogRows;

/// What is chosen for the logs of all sessions.
#[derive(Debug, Default)]
pub struct LogChoices {
    /// The filters that have a name.
    pub saved: Vec<SavedFilter>,
    /// Whether every request of pages is a row.
    pub requests: bool,
    /// Whether the session whose log is shown can tell of requests.
    pub can_tell_requests: bool,
}

/// The memory of a watched session's log panel. Where another session's log is shown with it, it starts over at the
/// tail with the same filter.
#[derive(Debug)]
pub struct LogUiState {
    /// The filter of the rows, which is kept in the settings.
    pub filter: LogFilter,
    pub(super) zone: TimeZone,
    pub(super) view: FilteredView,
    pub(super) follow: Follow,
    pub(super) scroll: Scroll,
    pub(super) selected: Selection,
    pub(super) detail_open: bool,
    /// The selected row's JSON, laid out once.
    pub(super) pretty: Option<(u64, Pretty)>,
    /// The part that gets the keyboard in the next frame.
    pub(super) focus: Option<Focus>,
    pub(super) save_rows: LogRows,
    pub(super) save_path: String,
    /// The name that is typed for the filter in use.
    pub(super) filter_name: String,
}

/// Tells whether the newest rows are kept in view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follow {
    Tail,
    /// The user looks at older rows; scrolling back to the end follows again.
    Away,
    /// The user paused following.
    Paused,
}

/// The part of the panel that gets the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Focus {
    Filter,
    Rows,
}

/// The place of the view while it does not follow the tail.
#[derive(Debug, Default)]
pub(super) struct Scroll {
    /// Points above the viewport, after the last frame.
    pub(super) offset: f32,
    /// A row and its distance below the top of the viewport, where it stays when rows before it come or go.
    pub(super) anchor: Option<(u64, f32)>,
    /// A row that has to be made visible.
    pub(super) reveal: Option<u64>,
    /// The first row that was not in view since the tail was left.
    pub(super) unseen_from: u64,
}

impl LogUiState {
    /// Makes the memory of a log that was not shown before.
    pub fn new(zone: TimeZone, filter: LogFilter) -> Self {
        Self {
            filter,
            zone,
            view: FilteredView::default(),
            follow: Follow::Tail,
            scroll: Scroll::default(),
            selected: Selection::default(),
            detail_open: false,
            pretty: None,
            focus: None,
            save_rows: LogRows::Shown,
            save_path: String::new(),
            filter_name: String::new(),
        }
    }

    /// Tells whether the newest rows are kept in view.
    pub fn follows(&self) -> bool {
        self.follow == Follow::Tail
    }

    /// Pauses following the newest rows, or follows them again.
    pub fn toggle_follow(&mut self, log: &Log) {
        if self.follows() {
            self.leave_tail(log, Follow::Paused);
        } else {
            self.follow = Follow::Tail;
        }
    }

    /// Puts the keyboard into the filter field.
    pub fn focus_filter(&mut self) {
        self.focus = Some(Focus::Filter);
    }

    /// Shows all rows. The rows in view stay where they are.
    pub fn clear_filter(&mut self) {
        self.filter = LogFilter::default();
    }

    /// Returns the text and the JSON of the selected rows, for the clipboard.
    pub fn copy_selected(&self, log: &Log) -> Option<String> {
        let rows: Vec<_> = self.selected_rows(log).map(copied).collect();
        (!rows.is_empty()).then(|| rows.join("\n"))
    }

    fn selected_rows<'a>(&self, log: &'a Log) -> impl Iterator<Item = &'a Row> + use<'a> {
        self.selected.seqs().into_iter().filter_map(|seq| log.get(seq))
    }

    /// Returns the rows to be saved, oldest first.
    pub fn rows<'a>(
        &'a mut self,
        log: &'a Log,
        which: LogRows,
    ) -> Box<dyn Iterator<Item = &'a Row> + 'a> {
        self.sync(log);
        match which {
            LogRows::Shown => Box::new(self.view.rows(log)),
            LogRows::Selected => Box::new(self.selected_rows(log)),
            LogRows::All => Box::new(log.rows()),
        }
    }

    /// Returns how many rows the filter hides.
    pub(super) fn hidden(&self, log: &Log) -> usize {
        log.len() - self.view.len()
    }

    pub(super) fn sync(&mut self, log: &Log) {
        match self.view.sync(log, &self.filter) {
            Synced::Extended => (),
            Synced::Refiltered => self.selected.keep_shown(&self.view),
            Synced::Replaced => {
                self.follow = Follow::Tail;
                self.scroll = Scroll::default();
                self.selected = Selection::default();
                self.pretty = None;
            }
        }
    }

    pub(super) fn selected_row<'a>(&self, log: &'a Log) -> Option<&'a Row> {
        log.get(self.selected.row?)
    }

    /// Selects a row and makes it visible. Choosing an older one leaves the tail, because the row would scroll away
    /// otherwise.
    pub(super) fn select(&mut self, log: &Log, seq: u64) {
        self.select_how(log, seq, Select::Alone);
    }

    /// Selects a row as [`Self::select`] does, alone or with others.
    pub(super) fn select_how(&mut self, log: &Log, seq: u64, how: Select) {
        self.selected.select(&self.view, seq, how);
        self.scroll.reveal = Some(seq);
        let is_last = self.view.last() == Some(seq);
        match self.follow {
            Follow::Tail if !is_last => self.leave_tail(log, Follow::Away),
            Follow::Away if is_last => self.follow = Follow::Tail,
            Follow::Tail | Follow::Away | Follow::Paused => (),
        }
    }

    pub(super) fn leave_tail(&mut self, log: &Log, follow: Follow) {
        self.follow = follow;
        self.scroll.unseen_from = log.seqs().end;
    }

    /// Returns how many shown rows came below the view since the tail was left.
    pub(super) fn unseen(&self) -> usize {
        match self.follow {
            Follow::Tail => 0,
            Follow::Away | Follow::Paused => {
                self.view.len() - self.view.index_from(self.scroll.unseen_from)
            }
        }
    }
}

/// Returns a row's text and JSON.
pub(super) fn copied(row: &Row) -> String {
    let (text, raw) = (&row.event.text, &row.event.raw);
    if raw.is_empty() { text.clone() } else { format!("{text}\n{raw}") }
}
