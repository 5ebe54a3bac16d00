//! Runs scripts in pages for the form that asks for them, and remembers them for as long as the window is open.

use std::sync::Arc;

use super::jobs::{Background, Jobs};
use crate::model::{PageScript, ScriptValue};
use crate::session::Service;
use crate::ui::modal::{Modal, ScriptForm, ScriptRun};
use crate::ui::state::SessionKey;

/// So many scripts are offered again. They are never written to a file, because there may be secrets in them.
const MAX_EARLIER: usize = 20;

/// The scripts of this window.
pub(super) struct Scripts {
    jobs: Jobs<(u64, ScriptRun)>,
    last_run: u64,
    /// The scripts that were run, the newest last.
    earlier: Vec<String>,
}

impl Scripts {
    pub(super) fn new(background: &Background) -> Self {
        Self { jobs: Jobs::new(background), last_run: 0, earlier: Vec::new() }
    }

    /// Returns a form with the script that was run last.
    pub(super) fn form(&self, key: SessionKey) -> ScriptForm {
        let text = self.earlier.last().cloned().unwrap_or_default();
        ScriptForm { key, text, run: ScriptRun::NotYet, earlier: self.earlier.clone() }
    }

    /// Runs a script in the session `id` in the name of the participant `from`, for the form that is open.
    pub(super) fn run(
        &mut self,
        id: String,
        script: String,
        from: Option<u32>,
        service: Arc<dyn Service>,
        modal: &mut Option<Modal>,
    ) {
        self.last_run += 1;
        let number = self.last_run;
        self.earlier.retain(|earlier| *earlier != script);
        self.earlier.push(script.clone());
        let surplus = self.earlier.len().saturating_sub(MAX_EARLIER);
        self.earlier.drain(..surplus);
        if let Some(Modal::Script(form)) = modal {
            form.run = ScriptRun::Running(number);
            form.earlier.clone_from(&self.earlier);
        }
        self.jobs.spawn(async move {
            let outcome = match PageScript::new(script, Vec::new()) {
                Ok(script) => {
                    service.run_script(&id, &script, from).await.map_err(|err| err.to_string())
                }
                Err(why) => Err(why),
            };
            let returned = |value| ScriptRun::Returned(words_of(&value));
            (number, outcome.map_or_else(ScriptRun::Failed, returned))
        });
    }

    /// Shows what came of scripts in the form that waits for it. A form that was closed wants nothing any more.
    pub(super) fn settle(&self, modal: &mut Option<Modal>) {
        for (number, outcome) in self.jobs.take_finished() {
            if let Some(Modal::Script(form)) = modal
                && form.run == ScriptRun::Running(number)
            {
                form.run = outcome;
            }
        }
    }
}

/// Writes a value over several lines, as people read it.
fn words_of(returned: &ScriptValue) -> String {
    match &returned.description {
        Some(description) => description.clone(),
        None => serde_json::to_string_pretty(&returned.value).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::jobs::tests::background;
    use super::*;
    use crate::net::scripted::{Scripted, reply};
    use crate::net::{Auth, Client};
    use crate::session::ComputersService;
    use crate::session::support::Wakes;

    #[tokio::test]
    async fn a_form_is_told_what_its_own_script_returned() {
        let json_reply = |body: &str| reply("200 OK", "Content-Type: application/json\r\n", body);
        let server = Scripted::start(vec![
            json_reply(r#"{"status": "success", "result": {"value": {"a": [1]}}}"#),
            json_reply(r#"{"status": "success", "result": {"value": null, "description": "NaN"}}"#),
            json_reply(r#"{"status": "error", "error_message": "The script failed: Error: no"}"#),
        ])
        .await;
        let client = Client::new(server.url.clone(), Auth::none()).unwrap();
        let service = Arc::new(ComputersService::new(client));
        let wakes = Wakes::default();
        let mut scripts = Scripts::new(&background(&tokio::runtime::Handle::current(), &wakes));
        let key = SessionKey { service: "cloud".to_owned(), id: "s1".to_owned() };
        let mut modal = Some(Modal::Script(scripts.form(key.clone())));
        let object = serde_json::to_string_pretty(&json!({"a": [1]})).unwrap();
        for (script, told) in [
            ("return a", ScriptRun::Returned(object)),
            ("return 0/0", ScriptRun::Returned("NaN".to_owned())),
            ("throw 1", ScriptRun::Failed("The script failed: Error: no".to_owned())),
        ] {
            scripts.run("s1".to_owned(), script.to_owned(), Some(3), service.clone(), &mut modal);
            let settled = wakes.until(|| {
                scripts.settle(&mut modal);
                let Some(Modal::Script(form)) = &mut modal else { return None };
                let is_running = matches!(form.run, ScriptRun::Running(_));
                (!is_running).then(|| std::mem::replace(&mut form.run, ScriptRun::NotYet))
            });
            assert_eq!(settled.await, Some(told));
        }
        assert_eq!(server.heads().len(), 3);
        let form = scripts.form(key);
        assert_eq!((form.text.as_str(), form.earlier.len()), ("throw 1", 3));
    }
}
