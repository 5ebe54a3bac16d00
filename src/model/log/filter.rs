//! Decides which rows of the log are shown: by words to include and to exclude, and by families that are switched off.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use memchr::memmem;

use super::term::{Term, kind_word, level_word, like_word, typed, words};
use super::{Log, Row};
use crate::base::text::clip;
use crate::model::{ConsoleLevel, Family, SessionEvent};

/// A row can be found by so many bytes of its text, and by as many of all its URLs together.
const MAX_SEARCHED: usize = 4096;
const MAX_URLS: usize = 32;

/// What the user typed and switched off. Words are split by spaces, `"quotes"` keep a phrase together, and case is
/// ignored. `kind:`, `level:` and `like:` before a word name what a row is, whatever it says.
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
    /// A row has to match one term of each group.
    include: Vec<Vec<Term>>,
    exclude: Vec<Term>,
    families_off: BTreeSet<Family>,
}

impl LogFilter {
    /// Tells whether the filter lets every row pass.
    pub fn is_empty(&self) -> bool {
        self.families_off.is_empty()
            && self.include.trim().is_empty()
            && self.exclude.trim().is_empty()
    }

    /// Shows rows of this row's kind only.
    pub fn show_only_kind(&mut self, row: &Row) {
        let mut wanted = words(&self.include);
        wanted.retain(|word| !matches!(Term::read(word), Term::Kind(_)));
        wanted.push(kind_word(row));
        self.include = typed(&wanted);
    }

    /// Hides all rows that read like this one, whatever numbers and ids are in them.
    pub fn hide_like(&mut self, row: &Row) {
        self.set_excluded(&like_word(row), true);
    }

    /// Tells whether rows of this level of the console are hidden.
    pub fn hides_level(&self, level: ConsoleLevel) -> bool {
        self.excludes(&level_word(level))
    }

    /// Hides rows of this level of the console, or shows them.
    pub fn hide_level(&mut self, level: ConsoleLevel, hidden: bool) {
        self.set_excluded(&level_word(level), hidden);
    }

    fn excludes(&self, word: &str) -> bool {
        words(&self.exclude).iter().any(|other| other.eq_ignore_ascii_case(word))
    }

    fn set_excluded(&mut self, word: &str, on: bool) {
        if self.excludes(word) == on {
            return;
        }
        let mut unwanted = words(&self.exclude);
        unwanted.retain(|other| !other.eq_ignore_ascii_case(word));
        unwanted.extend(on.then(|| word.to_owned()));
        self.exclude = typed(&unwanted);
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
        let terms = |text: &str| words(text).into_iter().map(|word| Term::read(&word));
        let mut include: Vec<Vec<Term>> = Vec::new();
        for term in terms(&filter.include) {
            match include.iter_mut().find(|group| term.is_alternative_of(&group[0])) {
                Some(group) => group.push(term),
                None => include.push(vec![term]),
            }
        }
        Self {
            include,
            exclude: terms(&filter.exclude).collect(),
            families_off: filter.families_off.clone(),
        }
    }

    fn accepts(&self, row: &Row) -> bool {
        let matches = |term: &Term| term.matches(row);
        !self.families_off.contains(&row.event.family())
            && self.include.iter().all(|group| group.iter().any(matches))
            && !self.exclude.iter().any(matches)
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
    fn rows_are_matched_by_kind_and_level() {
        let row = Row::new(
            1,
            SessionEvent {
                level: Some(ConsoleLevel::Warning),
                ..event(EventKind::Console, "console", "took 12 ms")
            },
        );
        for (include, exclude, shown) in [
            ("kind:console", "", true),
            ("KIND:Console took", "", true),
            ("kind:console lost", "", false),
            ("kind:tab", "", false),
            ("kind:tab kind:console", "", true),
            ("level:warning level:error", "", true),
            ("level:error", "", false),
            ("level:none", "", false),
            ("kind:", "", false),
            ("", "level:warning", false),
            ("", "level:error", true),
            ("", "kind:console", false),
        ] {
            let matcher = Matcher::new(&filter(include, exclude));
            assert_eq!(matcher.accepts(&row), shown, "include {include:?}, exclude {exclude:?}");
        }
    }

    #[test]
    fn what_a_row_is_chosen_for_can_be_read_in_the_filter() {
        let row = |text: &str| Row::new(1, event(EventKind::Console, "console", text));
        let mut chosen = filter("kind:tab \"two words\"", "noise");
        chosen.show_only_kind(&row("x"));
        assert_eq!(chosen.include, "\"two words\" kind:console");
        chosen.include.clear();

        chosen.hide_like(&row("GET \"/a7f3/x\" took 12 ms"));
        chosen.hide_like(&row("GET \"/b9/x\" took 7 ms"));
        assert_eq!(chosen.exclude, "noise \"like:console get '/#/x' took # ms\"");
        let matcher = Matcher::new(&chosen);
        assert!(!matcher.accepts(&row("GET \"/c0/x\" took 999 ms")));
        assert!(matcher.accepts(&row("GET \"/c0/x\" took 999 ms more")));

        chosen.hide_level(ConsoleLevel::Debug, true);
        chosen.hide_level(ConsoleLevel::Debug, true);
        assert!(chosen.hides_level(ConsoleLevel::Debug) && chosen.exclude.ends_with("level:debug"));
        chosen.hide_level(ConsoleLevel::Debug, false);
        assert!(!chosen.hides_level(ConsoleLevel::Debug) && chosen.exclude.starts_with("noise "));
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
