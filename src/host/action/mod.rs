//! Reads what REST clients ask a session to do, and checks it before anything is done.

mod gestures;
pub(crate) mod perform;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::ApiError;
use super::keys::chords;
use super::once::MAX_KEY;
use crate::model::{CommandTab, Modifiers, MouseButton, PageControl, PageScript, TextSearch};

const MAX_WAIT_MS: u64 = 60_000;
const MAX_SETTLE_MS: u64 = 10_000;
const MAX_PATH: usize = 1000;
const MAX_CHORD: usize = 10;

/// An action as it is written: every field is optional, and stands under the names of every client.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct ActionWords {
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub(crate) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tab_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) screenshot_after: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) settle_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) include_context: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x1: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y1: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x2: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y2: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<Vec<PicturePoint>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    button: Option<String>,
    #[serde(alias = "scroll_x", skip_serializing_if = "Option::is_none")]
    dx: Option<f32>,
    #[serde(alias = "scroll_y", skip_serializing_if = "Option::is_none")]
    dy: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keys: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale_factor: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accept: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backward: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    match_case: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sensitive: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    script: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<Vec<Value>>,
    #[serde(rename = "clientIndex", skip_serializing_if = "Option::is_none")]
    client_index: Option<u32>,
}

/// A place in the picture, in its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct PicturePoint {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

/// An action that was checked and can be carried out.
#[derive(Clone, Debug)]
pub(crate) struct CheckedAction {
    pub(crate) act: Act,
    pub(crate) tab: Option<String>,
    pub(crate) request_id: Option<String>,
    /// The key under which the action is done once: its own, or else the request's id.
    pub(crate) key: Option<String>,
    /// A picture is taken afterwards, after waiting this long.
    pub(crate) screenshot_after: Option<Duration>,
    pub(crate) include_context: bool,
    /// Whether what is typed is for nobody's eyes, because the caller says so.
    pub(crate) is_sensitive: bool,
    /// The action as it was asked, for the event stream.
    pub(crate) words: Value,
}

/// Stands in events for what was typed into a field that hides it.
const MASK: &str = "••••••";

impl CheckedAction {
    /// Tells whether the action types something that a field may hide.
    pub(crate) fn types(&self) -> bool {
        match &self.act {
            Act::Type { .. } => true,
            Act::Hotkey { keys } => keys.iter().any(|key| is_letter(key)),
            Act::KeyDown { key } | Act::KeyUp { key } => is_letter(key),
            _ => false,
        }
    }

    /// Takes what is typed out of the words for the event stream.
    pub(crate) fn mask(&mut self) {
        if self.words["text"].is_string() {
            self.words["text"] = MASK.into();
        }
        let keys = self.words["keys"].as_array_mut().into_iter().flatten();
        keys.filter(|key| key.as_str().is_some_and(is_letter)).for_each(|key| *key = MASK.into());
        if self.words["key"].as_str().is_some_and(is_letter) {
            self.words["key"] = MASK.into();
        }
    }

    /// Takes out of the words for the event stream what only the caller and the page are to know: of a script, all but
    /// its first line.
    pub(crate) fn shorten(&mut self) {
        if let (Act::Evaluate { script, .. }, Some(words)) = (&self.act, self.words.as_object_mut())
        {
            words.insert("script".to_owned(), script.first_line().into());
            words.remove("arguments");
        }
    }
}

/// Tells whether a key is named by the one character that it types.
fn is_letter(key: &str) -> bool {
    key.chars().count() == 1
}

/// An action that was read and checked, and is ready to be done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Act {
    Click {
        at: PicturePoint,
        button: MouseButton,
        times: u8,
    },
    Press {
        at: PicturePoint,
        button: MouseButton,
    },
    Release {
        at: PicturePoint,
        button: MouseButton,
    },
    Drag {
        path: Vec<PicturePoint>,
        button: MouseButton,
    },
    Scroll {
        /// The place of the pointer; `None` is the middle of the page.
        at: Option<PicturePoint>,
        dx: f32,
        dy: f32,
    },
    Type {
        text: String,
    },
    Hotkey {
        keys: Vec<String>,
    },
    KeyDown {
        key: String,
    },
    KeyUp {
        key: String,
    },
    Wait(Duration),
    Screenshot {
        base64: bool,
    },
    Html,
    /// A page command, as on the socket.
    Page(PageControl),
    /// A size with a scale factor, which the page command of that name does not have.
    Viewport {
        width: u32,
        height: u32,
        scale: Option<f64>,
    },
    ListTabs,
    /// A shell command, which is never run.
    Shell,
    ChangeProxy {
        url: String,
    },
    /// A script in the page, whose outcome is for the caller alone.
    Evaluate {
        script: PageScript,
        /// The participant in whose name it runs; `None` is the agent.
        from: Option<u32>,
    },
}

impl ActionWords {
    pub(crate) fn of(kind: &str) -> Self {
        Self { kind: kind.to_owned(), ..Self::default() }
    }

    pub(crate) fn in_tab(mut self, tab: String) -> Self {
        self.tab_id = Some(tab);
        self
    }

    pub(crate) fn check(self) -> Result<CheckedAction, ApiError> {
        let words = serde_json::to_value(&self).unwrap_or(Value::Null);
        let act = self.act()?;
        // Some commands name the tab that they are about, not a tab to act in.
        let tab = match &act {
            Act::Page(command) if command.tab() != CommandTab::Active => None,
            _ => self.tab_id,
        };
        let named = |id: Option<String>| match id.filter(|id| !id.is_empty()) {
            Some(id) if id.len() > MAX_KEY => {
                Err(ApiError::bad(format!("a request_id has at most {MAX_KEY} bytes")))
            }
            id => Ok(id),
        };
        let request_id = named(self.request_id)?;
        let settle = Duration::from_millis(self.settle_ms.unwrap_or(0).min(MAX_SETTLE_MS));
        Ok(CheckedAction {
            act,
            tab,
            key: named(self.idempotency_key)?.or_else(|| request_id.clone()),
            request_id,
            screenshot_after: self.screenshot_after.unwrap_or(false).then_some(settle),
            include_context: self.include_context.unwrap_or(true),
            is_sensitive: self.sensitive.unwrap_or(false),
            words,
        })
    }

    fn act(&self) -> Result<Act, ApiError> {
        let kind = self.kind.to_ascii_lowercase().replace('-', "_");
        Ok(match kind.as_str() {
            "click" | "left_click" => {
                Act::Click { at: self.at()?, button: self.button()?, times: 1 }
            }
            "double_click" => Act::Click { at: self.at()?, button: self.button()?, times: 2 },
            "right_click" => Act::Click { at: self.at()?, button: MouseButton::Right, times: 1 },
            "mouse_down" => Act::Press { at: self.at()?, button: self.button()? },
            "mouse_up" => Act::Release { at: self.at()?, button: self.button()? },
            "drag" => Act::Drag { path: self.path()?, button: self.button()? },
            "scroll" => self.scroll()?,
            "type" => Act::Type { text: self.need(&self.text, "text")? },
            "keypress" | "hotkey" => Act::Hotkey { keys: self.chord()? },
            "key_down" => Act::KeyDown { key: self.one_key()? },
            "key_up" => Act::KeyUp { key: self.one_key()? },
            "wait" => Act::Wait(Duration::from_millis(self.need(&self.ms, "ms")?.min(MAX_WAIT_MS))),
            "screenshot" => Act::Screenshot { base64: self.base64.unwrap_or(false) },
            "get_html_content" | "html" => Act::Html,
            "go_to_url" | "navigate" => {
                Act::Page(PageControl::Navigate { url: self.need(&self.url, "url")? })
            }
            "go_back" | "back" => Act::Page(PageControl::Back),
            "go_forward" | "forward" => Act::Page(PageControl::Forward),
            "reload" => Act::Page(PageControl::Reload),
            "stop" => Act::Page(PageControl::Stop),
            "set_viewport" | "viewport" => self.viewport()?,
            "list_tabs" => Act::ListTabs,
            "new_tab" => {
                let url = self.url.clone().filter(|url| !url.is_empty());
                Act::Page(PageControl::NewTab { url })
            }
            "switch_tab" => {
                Act::Page(PageControl::SelectTab { tab_id: self.need(&self.tab_id, "tab_id")? })
            }
            "close_tab" => {
                Act::Page(PageControl::CloseTab { tab_id: self.need(&self.tab_id, "tab_id")? })
            }
            "answer_dialog" => Act::Page(PageControl::AnswerDialog {
                accept: self.need(&self.accept, "accept")?,
                text: self.text.clone(),
            }),
            "choose" => Act::Page(PageControl::Choose {
                id: self.need(&self.id, "id")?,
                values: self.need(&self.values, "values")?,
            }),
            "zoom" => {
                Act::Page(PageControl::Zoom { percent: self.need(&self.percent, "percent")? })
            }
            "find" => Act::Page(PageControl::Find(TextSearch {
                text: self.need(&self.text, "text")?,
                backward: self.backward.unwrap_or(false),
                match_case: self.match_case.unwrap_or(false),
            })),
            "debug" | "exec" => Act::Shell,
            "change_proxy" => {
                Act::ChangeProxy { url: self.need(&self.proxy_url, "proxy_url")?.trim().to_owned() }
            }
            "evaluate" => Act::Evaluate { script: self.page_script()?, from: self.client_index },
            "" => return Err(ApiError::bad("the action has no type")),
            other => {
                let other = crate::base::text::clip(other, 64);
                return Err(ApiError::bad(format!("there is no action of type {other}")));
            }
        })
    }

    fn need<T: Clone>(&self, value: &Option<T>, name: &str) -> Result<T, ApiError> {
        value.clone().ok_or_else(|| ApiError::bad(format!("{} needs {name}", self.kind)))
    }

    fn place(&self, x: Option<f32>, y: Option<f32>, names: &str) -> Result<PicturePoint, ApiError> {
        match (x, y) {
            (Some(x), Some(y)) if x.is_finite() && y.is_finite() => Ok(PicturePoint { x, y }),
            _ => Err(ApiError::bad(format!("{} needs {names} as numbers", self.kind))),
        }
    }

    fn at(&self) -> Result<PicturePoint, ApiError> {
        self.place(self.x, self.y, "x and y")
    }

    fn button(&self) -> Result<MouseButton, ApiError> {
        match self.button.as_deref().unwrap_or("left") {
            "left" => Ok(MouseButton::Left),
            "middle" | "wheel" => Ok(MouseButton::Middle),
            "right" => Ok(MouseButton::Right),
            "back" => Ok(MouseButton::Back),
            "forward" => Ok(MouseButton::Forward),
            _ => Err(ApiError::bad("the button is one of left, middle, right, back and forward")),
        }
    }

    fn path(&self) -> Result<Vec<PicturePoint>, ApiError> {
        let path = match &self.path {
            Some(path) => path.clone(),
            None => vec![
                self.place(self.x1, self.y1, "x1 and y1")?,
                self.place(self.x2, self.y2, "x2 and y2")?,
            ],
        };
        let fits = (2..=MAX_PATH).contains(&path.len())
            && path.iter().all(|p| p.x.is_finite() && p.y.is_finite());
        if fits {
            Ok(path)
        } else {
            Err(ApiError::bad(format!("a drag's path has 2 to {MAX_PATH} places")))
        }
    }

    fn scroll(&self) -> Result<Act, ApiError> {
        let (dx, dy) = (self.dx.unwrap_or(0.0), self.dy.unwrap_or(0.0));
        if !dx.is_finite() || !dy.is_finite() || (self.dx.is_none() && self.dy.is_none()) {
            return Err(ApiError::bad("scroll needs dx or dy as numbers"));
        }
        let at = match (self.x, self.y) {
            (None, None) => None,
            _ => Some(self.at()?),
        };
        Ok(Act::Scroll { at, dx, dy })
    }

    fn chord(&self) -> Result<Vec<String>, ApiError> {
        let given = match (&self.keys, &self.key) {
            (Some(keys), _) => keys.clone(),
            (None, Some(key)) => vec![key.clone()],
            (None, None) => return Err(ApiError::bad(format!("{} needs keys", self.kind))),
        };
        let names = chords::names(&given);
        if names.is_empty() || names.len() > MAX_CHORD {
            return Err(ApiError::bad(format!("a chord has 1 to {MAX_CHORD} keys")));
        }
        names.iter().try_for_each(|name| known_key(name))?;
        Ok(names)
    }

    fn one_key(&self) -> Result<String, ApiError> {
        let key = self.need(&self.key, "key")?;
        known_key(&key)?;
        Ok(key)
    }

    fn page_script(&self) -> Result<PageScript, ApiError> {
        let body = self.need(&self.script, "script")?;
        let arguments = self.arguments.clone().unwrap_or_default();
        PageScript::new(body, arguments).map_err(ApiError::bad)
    }

    fn viewport(&self) -> Result<Act, ApiError> {
        let (width, height) =
            (self.need(&self.width, "width")?, self.need(&self.height, "height")?);
        check_display(width, height, self.scale_factor.unwrap_or(1.0))?;
        Ok(Act::Viewport { width, height, scale: self.scale_factor })
    }
}

impl Act {
    /// Returns how long the action may take on top of the browser's own time.
    pub(crate) fn pause(&self) -> Duration {
        if let Self::Wait(pause) = self { *pause } else { Duration::ZERO }
    }

    /// Tells whether the action only looks, so that it may be done as often as anybody likes.
    pub(crate) fn only_looks(&self) -> bool {
        matches!(self, Self::Wait(_) | Self::Screenshot { .. } | Self::Html | Self::ListTabs)
    }
}

/// Checks that a page can have this size.
pub(crate) fn check_display(width: u32, height: u32, scale: f64) -> Result<(), ApiError> {
    let fits = (64..=7680).contains(&width)
        && (64..=4320).contains(&height)
        && (0.25..=4.0).contains(&scale);
    let why = "a display is 64 to 7680 wide, 64 to 4320 high, and its scale is 0.25 to 4";
    if fits { Ok(()) } else { Err(ApiError::bad(why)) }
}

fn known_key(name: &str) -> Result<(), ApiError> {
    let known = chords::key(name, Modifiers::default()).is_some();
    let shown = crate::base::text::clip(name, 64);
    if known { Ok(()) } else { Err(ApiError::bad(format!("there is no key named {shown}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn act(words: Value) -> Result<Act, String> {
        let words: ActionWords = serde_json::from_value(words).unwrap();
        words.check().map(|action| action.act).map_err(|err| err.message)
    }

    #[test]
    fn words_become_acts() {
        let at = PicturePoint { x: 1.0, y: 2.0 };
        let left = MouseButton::Left;
        for (words, expected) in [
            (json!({"type": "click", "x": 1, "y": 2}), Act::Click { at, button: left, times: 1 }),
            (
                json!({"type": "click", "x": 1, "y": 2, "button": "middle"}),
                Act::Click { at, button: MouseButton::Middle, times: 1 },
            ),
            (
                json!({"type": "double_click", "x": 1, "y": 2, "unknown": {}}),
                Act::Click { at, button: left, times: 2 },
            ),
            (
                json!({"type": "right-click", "x": 1, "y": 2}),
                Act::Click { at, button: MouseButton::Right, times: 1 },
            ),
            (
                json!({"type": "drag", "x1": 1, "y1": 2, "x2": 1, "y2": 2}),
                Act::Drag { path: vec![at, at], button: left },
            ),
            (
                json!({"type": "drag", "path": [{"x": 1, "y": 2}, {"x": 1, "y": 2}]}),
                Act::Drag { path: vec![at, at], button: left },
            ),
            (
                json!({"type": "scroll", "x": 1, "y": 2, "dx": 0, "dy": 100}),
                Act::Scroll { at: Some(at), dx: 0.0, dy: 100.0 },
            ),
            (
                json!({"type": "scroll", "x": 1, "y": 2, "scroll_y": -5}),
                Act::Scroll { at: Some(at), dx: 0.0, dy: -5.0 },
            ),
            (json!({"type": "scroll", "dy": 7}), Act::Scroll { at: None, dx: 0.0, dy: 7.0 }),
            (
                json!({"type": "keypress", "keys": ["ctrl+a"]}),
                Act::Hotkey { keys: vec!["ctrl".to_owned(), "a".to_owned()] },
            ),
            (
                json!({"type": "keypress", "key": "enter"}),
                Act::Hotkey { keys: vec!["enter".to_owned()] },
            ),
            (
                json!({"type": "choose", "id": "a-1", "values": ["de"]}),
                Act::Page(PageControl::Choose {
                    id: "a-1".to_owned(),
                    values: vec!["de".to_owned()],
                }),
            ),
            (
                json!({"type": "evaluate", "script": "return a", "arguments": [1], "clientIndex": 2}),
                Act::Evaluate {
                    script: PageScript::new("return a".to_owned(), vec![json!(1)]).unwrap(),
                    from: Some(2),
                },
            ),
            (json!({"type": "wait", "ms": 999_999}), Act::Wait(Duration::from_secs(60))),
            (
                json!({"type": "set_viewport", "width": 800, "height": 600}),
                Act::Viewport { width: 800, height: 600, scale: None },
            ),
            (
                json!({"type": "close_tab", "tab_id": "T1"}),
                Act::Page(PageControl::CloseTab { tab_id: "T1".to_owned() }),
            ),
        ] {
            assert_eq!(act(words.clone()), Ok(expected), "{words}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        for (words, why) in [
            (json!({}), "no type"),
            (json!({"type": "fly"}), "no action of type fly"),
            (json!({"type": "click", "x": 1}), "x and y"),
            (json!({"type": "scroll", "dy": 1, "x": 1}), "x and y"),
            (json!({"type": "click", "x": 1e39, "y": 1}), "x and y"),
            (json!({"type": "click", "x": 1, "y": 1, "button": "third"}), "button"),
            (json!({"type": "type"}), "text"),
            (json!({"type": "choose", "id": "a-1"}), "values"),
            (json!({"type": "evaluate"}), "script"),
            (json!({"type": "evaluate", "script": " "}), "empty"),
            (json!({"type": "evaluate", "script": "x".repeat(300_000)}), "at most"),
            (json!({"type": "keypress"}), "keys"),
            (json!({"type": "keypress", "keys": ["hyper"]}), "no key named hyper"),
            (json!({"type": "drag", "path": [{"x": 1, "y": 1}]}), "path"),
            (json!({"type": "set_viewport", "width": 0, "height": 600}), "display"),
        ] {
            let err = act(words.clone()).unwrap_err();
            assert!(err.contains(why), "{words}: {err}");
        }
    }
}
