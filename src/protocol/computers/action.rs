//! Reads what the service answers to an action, and the tab list.

use serde_json::Value;

use super::words::{bounded, error_words, text_at};
use crate::model::Tab;

/// A tab list has at most so many tabs, which are more than a strip can show.
const MAX_TABS: usize = 200;

/// An action that was done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ActionResult {
    /// The page after the action, where the service tells of it.
    pub page: Option<PageContext>,
}

/// The page once an action was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageContext {
    /// The page's address.
    pub url: String,
    /// The page's title, where the service tells it.
    pub title: Option<String>,
}

impl PageContext {
    pub(super) fn read(value: &Value) -> Option<Self> {
        let url = bounded(value["url"].as_str()?, 8192);
        Some(Self { url, title: value["title"].as_str().map(|title| bounded(title, 4096)) })
    }
}

/// Reads an answer with a 2xx status. It may still carry an error, whose words are the `Err`.
pub fn action_result(value: &Value) -> Result<ActionResult, String> {
    if is_error(value) {
        return Err(error_words(value).unwrap_or_else(|| "the session gave no reason".to_owned()));
    }
    Ok(ActionResult { page: PageContext::read(&value["page_context"]) })
}

pub(super) fn is_error(value: &Value) -> bool {
    let status = value["status"].as_str().unwrap_or_default();
    ["error", "failed", "failure"].iter().any(|word| status.eq_ignore_ascii_case(word))
}

/// Reads the tab list, in whichever shape it comes.
pub fn tabs_of(value: &Value) -> Option<Vec<Tab>> {
    let result = &value["result"];
    let list = [value, &result["tabs"], &value["tabs"], result, &value["data"]]
        .into_iter()
        .find_map(Value::as_array)?;
    Some(list.iter().filter_map(tab).take(MAX_TABS).collect())
}

fn tab(value: &Value) -> Option<Tab> {
    let id = text_at(value, &["tab_id", "tabId", "id", "pageId", "targetId"])?;
    let text = |key: &str| bounded(value[key].as_str().unwrap_or_default(), 4096);
    let active = ["active", "is_main_tab", "is_active", "current"]
        .iter()
        .find_map(|key| value[*key].as_bool());
    Some(Tab {
        id: bounded(id, 256),
        url: text("url"),
        title: text("title"),
        active: active.unwrap_or(false),
        ..Tab::default()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_error_may_hide_in_a_good_status() {
        let page = PageContext { url: "https://a.test/".to_owned(), title: Some("A".to_owned()) };
        for (answer, result) in [
            (
                json!({"status": "success", "page_context": {"url": "https://a.test/", "title": "A", "tab_id": "T1"}}),
                Ok(Some(page)),
            ),
            (json!({"status": "success", "result": {}}), Ok(None)),
            (json!(null), Ok(None)),
            (
                json!({"status": "error", "error_message": "No such tab"}),
                Err("No such tab".to_owned()),
            ),
            (json!({"status": "error"}), Err("the session gave no reason".to_owned())),
        ] {
            assert_eq!(action_result(&answer).map(|done| done.page), result, "{answer}");
        }
    }

    #[test]
    fn tab_lists_come_in_many_shapes() {
        let tab = |id: &str, active| Tab {
            id: id.to_owned(),
            url: "u".to_owned(),
            title: "t".to_owned(),
            active,
            ..Tab::default()
        };
        let expected = Some(vec![tab("T1", true), tab("T2", false)]);
        for list in [
            json!([{"tab_id": "T1", "url": "u", "title": "t", "active": true}, {"tab_id": "T2", "url": "u", "title": "t"}]),
            json!({"status": "success", "result": {"tabs": [
                {"id": "T1", "url": "u", "title": "t", "is_main_tab": true}, {"id": "T2", "url": "u", "title": "t", "is_main_tab": false}]}}),
            json!({"result": [{"tabId": "T1", "url": "u", "title": "t", "is_active": true}, {"tabId": "T2", "url": "u", "title": "t"}]}),
            json!({"tabs": [{"pageId": "T1", "url": "u", "title": "t", "current": true}, {"targetId": "T2", "url": "u", "title": "t"}, {}]}),
        ] {
            assert_eq!(tabs_of(&list), expected, "{list}");
        }
        assert_eq!(tabs_of(&json!({"status": "error"})), None);
    }
}
