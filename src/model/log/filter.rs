//! Decides which rows of the log are shown: by words to include and to exclude, and by families that are switched off.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use memchr::memmem;

use super::{Log, Row};
use crate::base::text::clip;
use crate::model::{Family, SessionEvent};

/// A row can be found by so many bytes of its text, and by as many of all its URLs together.
const MAX_SEARCHED: usize = 4096;
const MAX_URLS: usize = 32;

/// What the user typed and switched off. Words are split by spaces, `"quotes"` keep a phrase together, and case is
/// ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// A row is shown if it has all of these words.
    pub include: String,
    /// A row is hidden if it has any of these words.
    pub exclude: String,
    /// The families whose rows are hidden.
    pub families_off: BTreeSet<Family>,
}

/// The rows of one log that pass a filter. It grows with the log and looks at each row once.
#[derive(Debug, Default)]
pub struct FilteredView {
    filter: LogFilter,
    matcher: Matcher,
    identity: Option<Arc<()>>,
    /// The sequence numbers of the rows that pass, ascending.
    seqs: VecDeque<u64>,
    /// Number of the first row that was not looked at yet.
    next: u64,
}

/// What [`FilteredView::sync`] had to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synced {
    /// New rows were added at the end, and evicted ones dropped at the start.
    Extended,
    /// The filter changed, so all rows of the same log were looked at again.
    Refiltered,
    /// The log is another one, so all its rows were looked at.
    Replaced,
}

#[derive(Debug, Default)]
struct Matcher {
    include: Vec<memmem::Finder<'static>>,
    exclude: Vec<memmem::Finder<'static>>,
    families_off: BTreeSet<Family>,
}

impl LogFilter {
    /// Tells whether the filter lets every row pass.
    pub fn is_empty(&self) -> bool {
        self.families_off.is_empty()
            && self.include.trim().is_empty()
            && self.exclude.trim().is_empty()
    }
}

impl FilteredView {
    /// Brings the view up to date with the log and the filter.
    pub fn sync(&mut self, log: &Log, filter: &LogFilter) -> Synced {
        let same_log =
            self.identity.as_ref().is_some_and(|identity| Arc::ptr_eq(identity, &log.identity));
        let synced = match (same_log, self.filter == *filter) {
            (true, true) => Synced::Extended,
            (true, false) => Synced::Refiltered,
            (false, _) => Synced::Replaced,
        };
        if synced != Synced::Extended {
            self.matcher = Matcher::new(filter);
            self.filter = filter.clone();
            self.identity = Some(log.identity.clone());
            self.seqs.clear();
            self.next = 0;
        }
        let kept = log.seqs();
        let evicted = self.seqs.partition_point(|seq| *seq < kept.start);
        self.seqs.drain(..evicted);
        let fresh =
            log.rows_from(self.next).filter(|row| self.matcher.accepts(row)).map(|row| row.seq);
        self.seqs.extend(fresh);
        self.next = kept.end;
        synced
    }

    /// Returns the number of rows that are shown.
    pub fn len(&self) -> usize {
        self.seqs.len()
    }

    /// Tells whether no row is shown.
    pub fn is_empty(&self) -> bool {
        self.seqs.is_empty()
    }

    /// Returns the sequence number of the row at this place of the view.
    pub fn seq(&self, index: usize) -> Option<u64> {
        self.seqs.get(index).copied()
    }

    /// Returns the sequence number of the newest row that is shown.
    pub fn last(&self) -> Option<u64> {
        self.seqs.back().copied()
    }

    /// Returns the place of the first row whose number is `seq` or greater.
    pub fn index_from(&self, seq: u64) -> usize {
        self.seqs.partition_point(|other| *other < seq)
    }

    /// Returns the place of this very row, if it is shown.
    pub fn index_of(&self, seq: u64) -> Option<usize> {
        self.seqs.binary_search(&seq).ok()
    }

    /// Returns the rows that are shown, oldest first.
    pub fn rows<'a>(&'a self, log: &'a Log) -> impl Iterator<Item = &'a Row> {
        self.seqs.iter().filter_map(|seq| log.get(*seq))
    }
}

impl Matcher {
    fn new(filter: &LogFilter) -> Self {
        let finders = |text: &str| {
            words(text)
                .iter()
                .map(|word| memmem::Finder::new(word.as_bytes()).into_owned())
                .collect()
        };
        Self {
            include: finders(&filter.include),
            exclude: finders(&filter.exclude),
            families_off: filter.families_off.clone(),
        }
    }

    fn accepts(&self, row: &Row) -> bool {
        let has = |finder: &memmem::Finder<'_>| finder.find(row.search.as_bytes()).is_some();
        !self.families_off.contains(&row.event.family())
            && self.include.iter().all(has)
            && !self.exclude.iter().any(has)
    }
}

/// Returns what a row can be found by, in lower case: its name, text and ids, and the URLs in the server's JSON. The
/// rest of the JSON is left out, because its field names would match what nobody meant.
pub(super) fn search_text(event: &SessionEvent) -> Box<str> {
    let mut all = [&event.name, "\n", clip(&event.text, MAX_SEARCHED)].concat();
    let ids = event.id.iter().chain(event.request.as_ref().map(|request| &request.id));
    for id in ids {
        all.push('\n');
        all.push_str(clip(id, MAX_SEARCHED));
    }
    let enough = all.len() + MAX_SEARCHED;
    for url in urls(&event.raw).take(MAX_URLS) {
        if all.len() + url.len() > enough {
            break;
        }
        if !all.contains(url) {
            all.push('\n');
            all.push_str(url);
        }
    }
    all.to_lowercase().into_boxed_str()
}

/// Splits what was typed into words and quoted phrases, in lower case. An open quote reaches to the end.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in text.to_lowercase().chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => words.push(String::new()),
            c => words.last_mut().expect("starts with one and only grows").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Returns everything in `json` that looks like `scheme://…`.
fn urls(json: &str) -> impl Iterator<Item = &str> {
    memmem::find_iter(json.as_bytes(), "://").filter_map(|colon| {
        let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let start = json[..colon].trim_end_matches(is_scheme).len();
        let rest = &json[start..];
        let end = rest
            .find(|c: char| matches!(c, '"' | '\\' | '<' | '>') || c.is_whitespace())
            .unwrap_or(rest.len());
        (start < colon).then(|| &rest[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::super::row::tests::event;
    use super::*;
    use crate::model::EventKind;

    fn filter(include: &str, exclude: &str) -> LogFilter {
        LogFilter {
            include: include.to_owned(),
            exclude: exclude.to_owned(),
            ..LogFilter::default()
        }
    }

    fn seqs(view: &FilteredView) -> Vec<u64> {
        view.seqs.iter().copied().collect()
    }

    #[test]
    fn rows_are_matched_by_words() {
        let row = Row::new(
            1,
            SessionEvent {
                id: Some("evt-77".to_owned()),
                raw: r#"{"error":null,"href":"https://Shop.test/Cart?a=1","note":"see ://no"}"#
                    .into(),
                ..event(EventKind::Navigation, "navigation", "Opened the Cart page (ÜBER)")
            },
        );
        for (include, exclude, shown) in [
            ("", "", true),
            ("  ", " ", true),
            ("cart", "", true),
            ("CART opened", "", true),
            ("cart closed", "", false),
            ("\"the cart\"", "", true),
            ("\"cart the\"", "", false),
            ("\"opened the", "", true),
            ("\"", "", true),
            ("über", "", true),
            ("navigation", "", true),
            ("evt-77", "", true),
            ("shop.test/cart?a=1", "", true),
            ("href", "", false),
            ("", "error", true),
            ("", "cart", false),
            ("cart", "nothing cart", false),
            ("cart", "nothing", true),
            ("\"navigation opened\"", "", false),
        ] {
            let matcher = Matcher::new(&filter(include, exclude));
            assert_eq!(matcher.accepts(&row), shown, "include {include:?}, exclude {exclude:?}");
        }
        let families_off = BTreeSet::from([Family::Page]);
        assert!(!Matcher::new(&LogFilter { families_off, ..LogFilter::default() }).accepts(&row));
    }

    #[test]
    fn what_is_searched_is_bounded() {
        let raw = format!("[{}]", r#""https://a.test/1""#) + &"x://y ".repeat(1 << 20);
        let huge = SessionEvent {
            raw: raw.into(),
            ..event(EventKind::Unknown, "k", &"é".repeat(1 << 20))
        };
        let search = search_text(&huge);
        assert!(search.len() <= 3 * MAX_SEARCHED, "{}", search.len());
        assert!(search.contains("https://a.test/1"));
    }

    #[test]
    fn the_view_grows_with_the_log_and_follows_evictions() {
        let mut log = Log::with_limits(4, usize::MAX);
        let mut view = FilteredView::default();
        let odd = filter("odd", "");
        let push = |log: &mut Log, n: u64| {
            log.push(event(EventKind::Console, "log", if n % 2 == 1 { "odd" } else { "even" }));
        };
        (1..=3).for_each(|n| push(&mut log, n));
        assert_eq!(view.sync(&log, &odd), Synced::Replaced);
        assert_eq!(seqs(&view), [1, 3]);
        (4..=6).for_each(|n| push(&mut log, n));
        assert_eq!(view.sync(&log, &odd), Synced::Extended);
        assert_eq!(seqs(&view), [3, 5]);
        assert_eq!((view.index_from(4), view.index_of(4), view.index_of(5)), (1, None, Some(1)));
        (7..=20).for_each(|n| push(&mut log, n));
        view.sync(&log, &odd);
        assert_eq!(seqs(&view), [17, 19]);
        assert_eq!(view.sync(&log, &LogFilter::default()), Synced::Refiltered);
        assert_eq!(seqs(&view), [17, 18, 19, 20]);
        assert_eq!(view.rows(&log).count(), 4);
    }

    #[test]
    fn another_log_is_noticed_even_if_it_is_as_long() {
        let mut view = FilteredView::default();
        for text in ["one", "two"] {
            let mut log = Log::default();
            log.push(event(EventKind::Console, "log", text));
            assert_eq!(view.sync(&log, &filter("two", "")), Synced::Replaced);
            assert_eq!(view.len(), usize::from(text == "two"));
        }
    }
}
