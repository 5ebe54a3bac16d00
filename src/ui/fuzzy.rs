//! Finds a name by some of its letters, in order: "nses" finds "New session".

/// Tells how well a text matches, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Higher is better. Scores are comparable only for the same query.
    pub score: i32,
    /// Places of the matched characters, counted in characters and ascending.
    pub at: Vec<usize>,
}

const WORD_START: i32 = 10;
/// A letter that follows the last one scores a little more than the start of a word: "st" finds "Statistics" before
/// "System theme".
const FOLLOWS: i32 = 11;
const HIT: i32 = 1;
/// A letter at the start of the text scores this much more.
const LEAD: i32 = 4;

/// Matches `query` as a subsequence of `text`, ignoring case and the query's spaces. Returns `None` if a letter is
/// missing. Of all ways to match, the best is found: runs of letters and starts of words count.
pub fn find(query: &str, text: &str) -> Option<Match> {
    let query: Vec<char> = query.chars().filter(|c| !c.is_whitespace()).map(fold).collect();
    let text: Vec<char> = text.chars().collect();
    if query.is_empty() {
        return Some(Match { score: 0, at: Vec::new() });
    }
    // `best[q][t]` is the best score of `query[..=q]` with its last letter at `t`, and the place of the letter before
    // it.
    let mut best: Vec<Vec<Option<(i32, usize)>>> = Vec::with_capacity(query.len());
    for (q, &wanted) in query.iter().enumerate() {
        // This is the best of the row above, left of `t` but not beside it.
        let mut left: Option<(i32, usize)> = None;
        let row = (0..text.len())
            .map(|t| {
                let above =
                    |t: usize| q.checked_sub(1).and_then(|q| best[q][t]).map(|(score, _)| score);
                let beside = t.checked_sub(1).and_then(|t| Some((above(t)? + FOLLOWS, t)));
                if let Some(far) = t.checked_sub(2).and_then(|t| Some((above(t)?, t))) {
                    left = left
                        .into_iter()
                        .chain([far])
                        .max_by_key(|(score, t)| (*score, std::cmp::Reverse(*t)));
                }
                let before = if q == 0 {
                    Some((0, t))
                } else {
                    beside.into_iter().chain(left).max_by_key(|(score, _)| *score)
                };
                (fold(text[t]) == wanted)
                    .then(|| before.map(|(score, from)| (score + worth(&text, t), from)))?
            })
            .collect();
        best.push(row);
    }
    let mut t = (0..text.len())
        .filter(|&t| best[query.len() - 1][t].is_some())
        .max_by_key(|&t| (best[query.len() - 1][t], std::cmp::Reverse(t)))?;
    let score = best[query.len() - 1][t]?.0 * 16
        - i32::try_from(text.len()).unwrap_or(i32::MAX / 2).min(160) / 4;
    let mut at = Vec::with_capacity(query.len());
    for q in (0..query.len()).rev() {
        at.push(t);
        t = best[q][t]?.1;
    }
    at.reverse();
    Some(Match { score, at })
}

fn worth(text: &[char], t: usize) -> i32 {
    let starts_word = t == 0
        || !text[t - 1].is_alphanumeric()
        || (text[t].is_uppercase() && text[t - 1].is_lowercase());
    HIT + if starts_word { WORD_START } else { 0 } + if t == 0 { LEAD } else { 0 }
}

fn fold(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(query: &str, text: &str) -> Option<String> {
        let found = find(query, text)?;
        let mark = |(i, c): (usize, char)| {
            if found.at.contains(&i) { format!("[{c}]") } else { c.to_string() }
        };
        Some(text.chars().enumerate().map(mark).collect())
    }

    #[test]
    fn the_best_places_are_found() {
        for (query, text, expected) in [
            ("ns", "New session…", Some("[N]ew [s]ession…")),
            ("ses", "New session…", Some("New [s][e][s]sion…")),
            ("save snap", "Save snapshot…", Some("[S][a][v][e] [s][n][a][p]shot…")),
            ("ss", "Save snapshot…", Some("[S]ave [s]napshot…")),
            ("log", "Follow log", Some("Follow [l][o][g]")),
            ("é", "Café", Some("Caf[é]")),
            ("ß", "straße", Some("stra[ß]e")),
            ("日", "今日は", Some("今[日]は")),
            ("sn", "No s", None),
            ("x", "", None),
            ("", "anything", Some("anything")),
        ] {
            assert_eq!(marked(query, text).as_deref(), expected, "{query}");
        }
    }

    #[test]
    fn what_people_mean_comes_first() {
        let first = |query: &str, texts: &[&'static str]| {
            let mut found: Vec<_> =
                texts.iter().filter_map(|text| Some((find(query, text)?.score, *text))).collect();
            found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
            found.first().map(|(_, text)| *text)
        };
        assert_eq!(
            first("st", &["Fit to window", "Stop loading", "Statistics", "System theme"]),
            Some("Statistics")
        );
        assert_eq!(first("rel", &["Leave control", "Reload", "Previous session"]), Some("Reload"));
        assert_eq!(first("zi", &["Normal text size", "Zoom in"]), Some("Zoom in"));
        assert_eq!(first("log", &["Go to address, long", "Event log"]), Some("Event log"));
        assert_eq!(first("quit", &["Quit"]), Some("Quit"));
    }

    #[test]
    fn long_texts_are_no_trouble() {
        let text = "ab".repeat(5_000);
        assert!(find(&"a".repeat(50), &text).is_some());
    }
}
