//! Searches in a tab while the next jobs wait, and keeps what was found there.

use super::BrowserActor;
use super::barrier::{Barrier, SearchAnswer, SearchedTab};
use crate::host::driver::DriverError;
use crate::host::driver::chromium::find_text::PageSearch;
use crate::model::{MAX_FIND, TextSearch};

impl BrowserActor {
    /// Searches a text in a tab and shows the next match.
    pub(super) fn find(&mut self, tab: Option<&str>, search: TextSearch, answer: SearchAnswer) {
        if search.text.len() > MAX_FIND {
            let why = format!("A text to find has at most {MAX_FIND} bytes; search a part of it");
            return answer.send(Err(DriverError::BadRequest(why)));
        }
        let page = match self.page(tab).and_then(|page| page.check().map(|()| page)) {
            Ok(page) => page,
            Err(err) => return answer.send(Err(err)),
        };
        let tab_id = page.tab_id.clone();
        let Some(tab) = self.tabs.by_id(&tab_id) else {
            return;
        };
        let last = tab.found.as_ref().map(|(search, _)| search.clone());
        let searching = PageSearch { page, search: search.clone(), last };
        self.barrier = Some(Box::pin(async move {
            let result = searching.make().await;
            Barrier::Searched(SearchedTab { tab_id, search, result, answer })
        }));
    }

    /// Notes what was found, and answers whoever searched.
    pub(super) fn searched(&mut self, searched: SearchedTab) {
        let SearchedTab { tab_id, search, result, answer } = searched;
        if let (Some(tab), Ok(found)) = (self.tabs.by_id(&tab_id), &result) {
            tab.found = found.clone().map(|found| (search, found));
        }
        self.publish();
        answer.send(result);
    }
}
