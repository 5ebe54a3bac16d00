//! Searches a text in a page and all of its frames, marks the matches, and scrolls to one of them.
//!
//! Every document searches itself; here their matches become one list, the page's own first.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::documents::DocumentWorld;
use super::page::PageHandle;
use super::world::WORLD;
use crate::host::cdp::CallError;
use crate::host::driver::DriverError;
use crate::model::{FoundText, TextSearch};

const SCRIPT: &str = include_str!("find_text.js");
/// A document that does not answer within this time is left out.
const SEARCHED_WITHIN: Duration = Duration::from_secs(3);

/// Makes the calls that prepare every document for being searched.
pub(super) fn setup() -> [(&'static str, Value); 1] {
    [(
        "Page.addScriptToEvaluateOnNewDocument",
        json!({ "source": SCRIPT, "worldName": WORLD, "runImmediately": true }),
    )]
}

/// A search that is made in a tab.
pub(super) struct PageSearch {
    pub(super) page: PageHandle,
    pub(super) search: TextSearch,
    /// The search before it, while its matches are marked.
    pub(super) last: Option<TextSearch>,
}

/// What a document found.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct DocumentMatches {
    matches: u32,
    more: bool,
    /// The place of the match that was shown until now, below 0 where it is none any more.
    at: i64,
    /// The place of the first match that is in sight or further down, below 0 where there is none.
    from: i64,
}

#[derive(Deserialize)]
struct Answered {
    result: AnsweredObject,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnsweredObject {
    #[serde(default)]
    value: Value,
    object_id: Option<String>,
}

impl PageSearch {
    /// Searches, and shows the next match. `None`: nothing is searched any more, and all marks are gone.
    pub(super) async fn make(self) -> Result<Option<FoundText>, DriverError> {
        let documents = self.page.documents().await?;
        if self.search.text.trim().is_empty() {
            for document in &documents {
                self.ask::<Value>(document, "clear()").await;
            }
            return Ok(None);
        }
        let call = json!([self.search.text.as_str(), self.search.match_case]);
        let call = format!("search(...{call})");
        let mut found = Vec::with_capacity(documents.len());
        for document in &documents {
            found.push(self.ask::<DocumentMatches>(document, &call).await.unwrap_or_default());
        }
        let steps = self.last.as_ref().is_some_and(|last| {
            (&last.text, last.match_case) == (&self.search.text, self.search.match_case)
        });
        let step = match (steps, self.search.backward) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => -1,
        };
        let shown = shown_match(&found, step);
        for (at, document) in documents.iter().enumerate() {
            match shown {
                Some((there, index)) if there == at => self.show(document, index).await,
                _ => drop(self.ask::<Value>(document, "hide()").await),
            }
        }
        let before = |there: usize| found.iter().take(there).map(|it| it.matches).sum::<u32>();
        Ok(Some(FoundText {
            text: self.search.text.as_str().into(),
            matches: before(found.len()),
            index: shown.map_or(0, |(there, index)| before(there) + index + 1),
            more: found.iter().any(|it| it.more),
        }))
    }

    /// Marks one match of a document as the one that is shown, and scrolls everything around it until it is seen.
    async fn show(&self, document: &DocumentWorld, index: u32) {
        let Some(place) = self.ask::<Value>(document, &format!("show({index})")).await else {
            return;
        };
        let element = self.evaluate(document, "element()", false).await.ok();
        let Some(object) = element.and_then(|answer| answer.result.object_id) else {
            return;
        };
        let params = json!({ "objectId": object, "rect": place });
        let scrolled = self.page.client.call::<Value>(
            Some(&document.session),
            "DOM.scrollIntoViewIfNeeded",
            params,
            SEARCHED_WITHIN,
        );
        if let Err(err) = scrolled.await {
            tracing::debug!(%err, "The page could not be scrolled to a match");
        }
    }

    /// Calls one of our functions in a document; `None` where it has no answer.
    async fn ask<T: DeserializeOwned>(&self, document: &DocumentWorld, call: &str) -> Option<T> {
        let answer = self.evaluate(document, call, true).await;
        let answer = answer
            .inspect_err(|err| tracing::debug!(%err, "A document could not be searched"))
            .ok()?;
        serde_json::from_value(answer.result.value).ok()
    }

    async fn evaluate(
        &self,
        document: &DocumentWorld,
        call: &str,
        by_value: bool,
    ) -> Result<Answered, CallError> {
        let params = json!({
            "expression": format!("globalThis.helmsightFind?.{call}"),
            "contextId": document.context,
            "returnByValue": by_value,
        });
        let session = Some(document.session.as_str());
        self.page.client.call(session, "Runtime.evaluate", params, SEARCHED_WITHIN).await
    }
}

/// Returns the match to show, as the document's place in the list and the match's place in the document. `step` leads
/// from the match that is shown to another one, where the same text was searched before: 1 to the next, -1 to the one
/// before.
fn shown_match(found: &[DocumentMatches], step: i64) -> Option<(usize, u32)> {
    let total: i64 = found.iter().map(|it| i64::from(it.matches)).sum();
    if total == 0 {
        return None;
    }
    let before =
        |there: usize| -> i64 { found.iter().take(there).map(|it| i64::from(it.matches)).sum() };
    let place = |of: fn(&DocumentMatches) -> i64| {
        let there = found.iter().position(|it| of(it) >= 0)?;
        Some(before(there) + of(found.get(there)?))
    };
    let wanted = match place(|it| it.at) {
        Some(current) => (current + step).rem_euclid(total),
        None => place(|it| it.from).unwrap_or(0),
    };
    let mut rest = wanted;
    for (there, it) in found.iter().enumerate() {
        if rest < i64::from(it.matches) {
            return Some((there, u32::try_from(rest).unwrap_or_default()));
        }
        rest -= i64::from(it.matches);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_of_several_documents_are_walked_as_one_list() {
        let of = |matches, at, from| DocumentMatches { matches, more: false, at, from };
        assert_eq!(shown_match(&[of(0, -1, -1)], 0), None);
        // A new search begins with what is in sight, in whichever document that is.
        assert_eq!(shown_match(&[of(2, -1, -1), of(3, -1, 1)], 0), Some((1, 1)));
        assert_eq!(shown_match(&[of(2, -1, -1)], 0), Some((0, 0)));
        // One that goes on keeps its match, and the same one again leads further, around the end and back.
        let shown = [of(2, 1, 0), of(3, -1, 0)];
        assert_eq!(shown_match(&shown, 0), Some((0, 1)));
        assert_eq!(shown_match(&shown, 1), Some((1, 0)));
        assert_eq!(shown_match(&shown, -1), Some((0, 0)));
        let last = [of(2, -1, 0), of(3, 2, 0)];
        assert_eq!(shown_match(&last, 1), Some((0, 0)));
        assert_eq!(shown_match(&[of(2, 0, 0), of(3, -1, 0)], -1), Some((1, 2)));
    }
}
