//! Carries out one REST action and tells of it on the event stream.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::Simd;
use base64::engine::general_purpose::PAD;
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::gestures::{self, GesturePart};
use super::{Act, CheckedAction, PicturePoint};
use crate::host::driver::{ANSWER_WITHIN, DriverError, ShotFormat};
use crate::host::error::ApiError;
use crate::host::once::KeyReused;
use crate::host::session::people::{ControlTurn, LeaseHolder, Parked};
use crate::host::session::{Session, millis};
use crate::model::people::AGENT;
use crate::model::{
    CommandTab, EventKind, InputControl, Modifiers, PageControl, PageScript, PointerAt,
    ScriptValue, TextSearch,
};

/// `navigate` waits this long for the page before it answers all the same.
const LOAD: Duration = Duration::from_secs(15);
/// An answer has this long after the page was waited for.
const SPARE: Duration = Duration::from_secs(2);
/// The page's context is a courtesy: a busy page does not hold up the answer for longer than this.
const CONTEXT: Duration = Duration::from_secs(2);

/// What is typed is told as it is only where the page says within this time that no field hides it.
const FIELD_TOLD: Duration = Duration::from_secs(1);

pub(crate) const NO_SHELL: &str =
    "this host runs no commands; drive the page with the other actions";

const NO_SCRIPTS: &str =
    "this host runs no scripts (--no-evaluate); drive the page with the other actions";

/// The API's answer to one action.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ActionAnswer {
    pub(crate) status: &'static str,
    pub(crate) request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) executed_tab_id: Option<String>,
    pub(crate) timestamp: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) result: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) page_context: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_message: Option<String>,
    /// The participant who drives, where that is why the action failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) driver: Option<Value>,
    #[serde(skip)]
    pub(crate) code: StatusCode,
}

impl ActionAnswer {
    /// Makes the answer to an action that was not begun.
    pub(crate) fn refusal(request_id: Option<String>, reused: &KeyReused) -> Self {
        Self {
            status: "error",
            request_id: request_id.unwrap_or_default(),
            executed_tab_id: None,
            timestamp: Timestamp::now(),
            result: None,
            page_context: None,
            error_message: Some(reused.to_string()),
            driver: None,
            code: StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

/// The results of an act.
#[derive(Default)]
struct ActOutcome {
    result: Map<String, Value>,
    /// The tab in which it happened, if that is not the one that was named.
    tab: Option<String>,
}

/// Carries out an action. This never fails, because an action that fails is a result, too. `base` is the address from
/// which pictures are fetched.
pub(crate) async fn run(
    session: Arc<Session>,
    base: Url,
    mut action: CheckedAction,
) -> ActionAnswer {
    session.lifetime.touch();
    if action.types() && (action.is_sensitive || types_secret(&session, &action).await) {
        action.mask();
    }
    action.shorten();
    let request_id = action.request_id.clone().unwrap_or_else(|| session.next_request_id());
    let started = Instant::now();
    let performer = Performer {
        started,
        session: &session,
        base: &base,
        tab: action.tab.clone(),
        asked: json!({"request_id": request_id, "action": action.words}),
        parked_by: OnceLock::new(),
    };
    session.hub.broadcast(EventKind::ActionRequest, performer.asked.clone());
    let outcome = match tokio::time::timeout(
        ANSWER_WITHIN + action.act.pause(),
        performer.run(&action, &request_id),
    )
    .await
    {
        Ok(outcome) => outcome,
        Err(_) => Err(DriverError::no_answer().into()),
    };
    let context = match &outcome {
        Ok(_) if action.include_context => performer.context().await,
        _ => None,
    };
    let result = performer.result(request_id, outcome, context);
    performer.tell(&result, &action.act, started.elapsed());
    session.lifetime.touch();
    result
}

/// Tells whether a typing action goes to a field that hides what is typed, or whether that can't be told in time.
async fn types_secret(session: &Session, action: &CheckedAction) -> bool {
    let asked = session.driver.types_secret(action.tab.clone());
    tokio::time::timeout(FIELD_TOLD, asked).await.unwrap_or(true)
}

struct Performer<'a> {
    started: Instant,
    session: &'a Arc<Session>,
    base: &'a Url,
    tab: Option<String>,
    /// The action as the event stream is told of it.
    asked: Value,
    /// The participant who drove instead.
    parked_by: OnceLock<LeaseHolder>,
}

impl Performer<'_> {
    async fn run(&self, action: &CheckedAction, request_id: &str) -> Result<ActOutcome, ApiError> {
        self.session.live()?;
        if let Some(tab) = &self.tab {
            self.known_tab(tab)?;
        }
        let mut done = self.act(&action.act, request_id).await?;
        if let Some(settle) = action.screenshot_after {
            tokio::time::sleep(settle).await;
            let shot = self.screenshot(false, &mut done.result).await;
            shot.map_err(|err| {
                let why = format!("this was done, but there is no picture of it: {}", err.message);
                ApiError::new(StatusCode::OK, why)
            })?;
        }
        Ok(done)
    }

    async fn act(&self, act: &Act, request_id: &str) -> Result<ActOutcome, ApiError> {
        let mut done = ActOutcome::default();
        match act {
            Act::Click { at, button, times } => {
                self.inputs(gestures::click(self.place(*at), *button, *times)).await?;
            }
            Act::Press { at, button } => {
                self.inputs(gestures::press(self.place(*at), *button)).await?;
            }
            Act::Release { at, button } => {
                self.inputs(gestures::release(self.place(*at), *button)).await?;
            }
            Act::Drag { path, button } => {
                let way = gestures::way(path).into_iter().map(|at| self.place(at));
                self.inputs(gestures::drag(way.collect(), *button)).await?;
            }
            Act::Scroll { at, dx, dy } => {
                let at = at.map_or_else(|| self.session.middle(), |at| self.place(at));
                self.inputs(vec![InputControl::Wheel { at, dx: *dx, dy: *dy }]).await?;
            }
            Act::Type { text } => self.inputs(gestures::typed(text)).await?,
            // What the page leaves of a chord is done by the driver: Alt+ArrowLeft goes back.
            Act::Hotkey { keys } => {
                self.inputs(gestures::chord(keys, self.modifiers())).await?;
            }
            Act::KeyDown { key } => {
                let down = gestures::key_down(key, self.modifiers());
                self.inputs(down.into_iter().collect()).await?;
            }
            Act::KeyUp { key } => {
                let up = gestures::key_up(key, self.modifiers());
                self.inputs(up.into_iter().collect()).await?;
            }
            Act::Wait(pause) => tokio::time::sleep(*pause).await,
            Act::Screenshot { base64 } => self.screenshot(*base64, &mut done.result).await?,
            Act::Html => {
                let html = self.session.driver.html(self.tab.clone()).await?;
                done.result.insert("html_content".to_owned(), html.into());
            }
            Act::Page(command) => self.command(command, &mut done).await?,
            Act::Viewport { width, height, scale } => {
                let scale = scale.unwrap_or_else(|| self.session.scale());
                let resized = {
                    let _turn = self.turn(self.tab.as_deref(), false)?;
                    self.session.driver.set_viewport(self.tab.clone(), *width, *height, scale)
                };
                resized.await?;
                self.session.set_scale(scale);
            }
            Act::ListTabs => {
                done.result.insert("tabs".to_owned(), json!(self.session.state().tabs));
            }
            Act::Shell => return Err(self.no_shell(request_id)),
            Act::Evaluate { script, from } => self.run_script(script, *from, &mut done).await?,
            Act::ChangeProxy { url } => {
                let changed = {
                    let _turn = self.turn(None, false)?;
                    self.session.driver.change_proxy(url.clone())
                };
                changed.await?;
            }
        }
        Ok(done)
    }

    /// Hands over all inputs before it waits for the first, so that nothing comes between them.
    async fn inputs(&self, inputs: Vec<InputControl>) -> Result<(), ApiError> {
        let mut pending = Vec::with_capacity(inputs.len());
        {
            let _turn = self.turn(self.tab.as_deref(), false)?;
            if self.is_in_front() {
                self.session.people.note_acts(AGENT, &inputs, self.told_text().as_deref());
            }
            for input in inputs {
                if !self.session.held().note(&input) {
                    let why = "too many keys are held down; release some first";
                    let begun = !pending.is_empty();
                    return Err(ApiError::bad(why).after_a_part(begun));
                }
                let part = GesturePart::of(&input);
                let taken = self.session.driver.input(self.tab.clone(), input);
                pending.push(taken.map(|taken| (part, taken)));
            }
        }
        self.taken(join_all(pending).await)
    }

    /// Tells whether the action is in the tab that is shown.
    fn is_in_front(&self) -> bool {
        let state = self.session.driver.state();
        let state = state.borrow();
        let active = state.tabs.iter().find(|tab| tab.active);
        self.tab.as_ref().is_none_or(|tab| active.is_some_and(|one| one.tab_id == *tab.as_str()))
    }

    /// Returns what is typed, as the event stream tells it.
    fn told_text(&self) -> Option<String> {
        let action = &self.asked["action"];
        let keys = action["keys"]
            .as_array()
            .map(|keys| keys.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("+"));
        let said = |name: &str| action[name].as_str().map(str::to_owned);
        said("text").or(keys).or_else(|| said("key"))
    }

    /// Makes one outcome of those of an act's inputs. What was begun may have been done.
    fn taken(&self, parts: Vec<(GesturePart, Result<(), DriverError>)>) -> Result<(), ApiError> {
        let mut begun = false;
        for (part, taken) in parts {
            match (taken, part) {
                (Ok(()), GesturePart::Move) => {}
                (Ok(()), _) => begun = true,
                // The act itself brought the dialog up. Its end is no failure.
                (Err(DriverError::Dialog(_)), GesturePart::Lift) if begun => {}
                (Err(err), part) => {
                    if let (GesturePart::Press(lift), DriverError::Dialog(_)) = (&part, &err) {
                        self.session.held().note(lift);
                    }
                    return Err(ApiError::from(err).after_a_part(begun));
                }
            }
        }
        Ok(())
    }

    async fn command(&self, command: &PageControl, done: &mut ActOutcome) -> Result<(), ApiError> {
        match command {
            PageControl::NewTab { url } => return self.new_tab(url.clone(), done).await,
            PageControl::Find(search) => return self.find(search, done).await,
            _ => {}
        }
        let named = match command.tab() {
            CommandTab::Named(tab) => Some(tab),
            CommandTab::Active | CommandTab::New => None,
        };
        if let Some(tab) = named {
            self.known_tab(tab)?;
        }
        let closes = matches!(command, PageControl::CloseTab { .. });
        if closes && self.session.state().tabs.len() == 1 {
            return Err(ApiError::bad("the last tab cannot be closed; end the session instead"));
        }
        let performed = {
            let selects = matches!(command, PageControl::SelectTab { .. });
            let _turn = self.turn(named.or(self.tab.as_deref()), selects)?;
            self.session.driver.command(self.tab.clone(), command.clone())
        };
        performed.await?;
        if matches!(command, PageControl::Navigate { .. }) {
            self.loaded().await;
        }
        done.tab = named.map(str::to_owned);
        Ok(())
    }

    /// Opens a tab, whose id is part of the answer.
    async fn new_tab(&self, url: Option<String>, done: &mut ActOutcome) -> Result<(), ApiError> {
        let opened = {
            let _turn = self.turn(None, true)?;
            self.session.driver.new_tab(url)
        };
        let tab = opened.await?;
        done.result.insert("tab_id".to_owned(), tab.clone().into());
        done.tab = Some(tab);
        Ok(())
    }

    /// Searches a text, whose matches are part of the answer.
    async fn find(&self, search: &TextSearch, done: &mut ActOutcome) -> Result<(), ApiError> {
        let searched = {
            let _turn = self.turn(self.tab.as_deref(), false)?;
            self.session.driver.find(self.tab.clone(), search.clone())
        };
        let found = searched.await?;
        done.result.insert("matches".to_owned(), found.matches.into());
        done.result.insert("index".to_owned(), found.index.into());
        done.result.insert("more".to_owned(), found.more.into());
        Ok(())
    }

    /// Runs a script, whose value is part of the answer.
    async fn run_script(
        &self,
        script: &PageScript,
        from: Option<u32>,
        done: &mut ActOutcome,
    ) -> Result<(), ApiError> {
        if !self.session.allows_scripts {
            return Err(ApiError::new(StatusCode::FORBIDDEN, NO_SCRIPTS));
        }
        let running = {
            let _turn = match from {
                None => self.turn(self.tab.as_deref(), false)?,
                Some(who) => self.persons_turn(who)?,
            };
            self.session.driver.run_script(self.tab.clone(), script.clone())
        };
        let ScriptValue { value, description } = running.await?;
        done.result.insert("value".to_owned(), value);
        if let Some(description) = description {
            done.result.insert("description".to_owned(), description.into());
        }
        Ok(())
    }

    /// Takes the turn to act. Nobody else acts while it is there, so that whatever is done in it is handed over and not
    /// awaited.
    fn turn(&self, tab: Option<&str>, select: bool) -> Result<ControlTurn<'_>, ApiError> {
        let turn = self.session.people.agents_turn(tab, select, || self.asked.clone());
        turn.map_err(|parked| self.parked(parked))
    }

    /// Takes the turn to act for a participant.
    fn persons_turn(&self, who: u32) -> Result<ControlTurn<'_>, ApiError> {
        let turn = self.session.people.persons_turn(who, self.tab.as_deref());
        turn.map_err(|parked| self.parked(parked))
    }

    fn parked(&self, Parked { why, driver }: Parked) -> ApiError {
        if let Some(driver) = driver {
            self.parked_by.get_or_init(|| driver);
        }
        ApiError::new(StatusCode::CONFLICT, why)
    }

    fn place(&self, at: PicturePoint) -> PointerAt {
        self.session.place(at.x, at.y)
    }

    fn modifiers(&self) -> Modifiers {
        self.session.held().modifiers()
    }

    async fn screenshot(
        &self,
        base64: bool,
        result: &mut Map<String, Value>,
    ) -> Result<(), ApiError> {
        let picture: Bytes =
            self.session.driver.screenshot(self.tab.clone(), ShotFormat::Png).await?;
        if base64 {
            result.insert(
                "screenshot_base64".to_owned(),
                Simd::standard(PAD).encode(&picture).into(),
            );
        }
        let name = self.session.shots.keep(picture)?;
        let url = format!("{}computers/{}/screenshots/{name}", self.base, self.session.id);
        result.insert("screenshot_url".to_owned(), url.into());
        Ok(())
    }

    /// Waits until the page is there, a dialog is in the way, or it takes too long.
    async fn loaded(&self) {
        let mut state = self.session.driver.state();
        let settled = state
            .wait_for(|state| !state.loading || state.dialog.is_some() || state.ended.is_some());
        let within = LOAD.min(ANSWER_WITHIN.saturating_sub(self.started.elapsed() + SPARE));
        if tokio::time::timeout(within, settled).await.is_err() {
            tracing::debug!(
                session = self.session.id,
                "The page was still loading when the action was answered"
            );
        }
    }

    async fn context(&self) -> Option<Value> {
        let asked = self.session.driver.page_context(self.tab.clone());
        tokio::time::timeout(CONTEXT, asked).await.ok()?.ok()
    }

    fn known_tab(&self, tab: &str) -> Result<(), ApiError> {
        let known = self.session.state().tabs.iter().any(|known| known.tab_id == tab);
        if known { Ok(()) } else { Err(ApiError::new(StatusCode::NOT_FOUND, "Tab not found")) }
    }

    /// Tells on the event stream that there is no shell, where a shell's output would stand.
    fn no_shell(&self, request_id: &str) -> ApiError {
        let data = Simd::standard(PAD).encode(NO_SHELL);
        let chunk = json!({"request_id": request_id, "data": data, "is_stderr": true});
        self.session.hub.broadcast(EventKind::CommandOutput, chunk);
        ApiError::new(StatusCode::FORBIDDEN, NO_SHELL)
    }

    fn result(
        &self,
        request_id: String,
        outcome: Result<ActOutcome, ApiError>,
        page_context: Option<Value>,
    ) -> ActionAnswer {
        let active = || {
            self.session
                .state()
                .tabs
                .into_iter()
                .find(|tab| tab.active)
                .map(|tab| tab.tab_id.into())
        };
        let tab = |done: Option<String>| done.or_else(|| self.tab.clone()).or_else(active);
        let timestamp = Timestamp::now();
        match outcome {
            Ok(done) => ActionAnswer {
                status: "success",
                request_id,
                executed_tab_id: tab(done.tab),
                timestamp,
                result: Some(Value::Object(done.result)),
                page_context,
                error_message: None,
                driver: None,
                code: StatusCode::OK,
            },
            Err(err) => ActionAnswer {
                status: "error",
                request_id,
                executed_tab_id: tab(None),
                timestamp,
                result: None,
                page_context,
                error_message: Some(err.message),
                driver: self.parked_by.get().map(LeaseHolder::json),
                code: err.code,
            },
        }
    }

    fn tell(&self, result: &ActionAnswer, act: &Act, took: Duration) {
        let mut response = serde_json::to_value(result).unwrap_or(Value::Null);
        // A script's own words are for its caller alone. That it was refused is told.
        let is_of_script = matches!(act, Act::Evaluate { .. }) && result.code == StatusCode::OK;
        if is_of_script && result.error_message.is_some() {
            response["error_message"] = "The script failed".into();
        }
        response["duration_ms"] = millis(took).into();
        // What is large is left out, because events are for the log. It is fetched instead.
        if let Some(result) = response.get_mut("result").and_then(Value::as_object_mut) {
            result.remove("screenshot_base64");
            // What a script returns is for the caller alone.
            result.remove("value");
            result.remove("description");
            if let Some(html) = result.remove("html_content") {
                result.insert(
                    "html_length".to_owned(),
                    html.as_str().unwrap_or_default().len().into(),
                );
            }
        }
        self.session.hub.broadcast(EventKind::ActionResponse, response);
    }
}
