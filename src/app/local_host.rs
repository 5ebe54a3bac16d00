//! The host inside this process: started when the first local session is asked for.

use std::path::PathBuf;
use std::time::Duration;

use super::App;
use super::jobs::Outcome;
use crate::host::{Host, HostConfig, HostError};
use crate::net::{Auth, TokenPlace};
use crate::settings::{HostSettings, chat_model, with_key};
use crate::ui::action::NewSession;

/// The name under which the local host's sessions are listed.
pub const SERVICE: &str = "This computer";

/// What is asked for while the host starts waits here; a person clicks at most a few times in that second.
#[derive(Default)]
pub enum LocalHost {
    #[default]
    Stopped,
    Starting {
        waiting: Vec<Wanted>,
    },
    Running(Host),
}

/// What the host is started for.
pub enum Wanted {
    Session(NewSession),
    DemoCamera,
}

/// What the command line says about local browsers.
#[derive(Clone, Debug, Default)]
pub struct BrowserOptions {
    /// `None`: look for one.
    pub path: Option<PathBuf>,
    pub no_sandbox: bool,
}

impl BrowserOptions {
    /// What the command line says goes before the settings.
    pub fn host_config(&self, settings: &HostSettings) -> HostConfig {
        let limit = |seconds: u64| (seconds > 0).then(|| Duration::from_secs(seconds));
        HostConfig {
            browser: self.path.clone().or_else(|| settings.browser.clone()),
            no_chromium_sandbox: self.no_sandbox,
            idle: limit(settings.idle_seconds),
            max_lifetime: limit(settings.max_lifetime_seconds),
            ..HostConfig::default()
        }
    }
}

impl App {
    /// Does what needs the host, which is started first where it does not run yet.
    pub(super) fn with_host(&mut self, wanted: Wanted) {
        match &mut self.local_host {
            LocalHost::Starting { waiting } => waiting.push(wanted),
            LocalHost::Running(_) => self.on_host(wanted),
            LocalHost::Stopped => {
                self.local_host = LocalHost::Starting { waiting: vec![wanted] };
                let mut config = self.browser.host_config(&self.settings.host);
                let model = chat_model(&self.settings.host);
                let runtime = self.jobs.runtime().clone();
                self.jobs.spawn(async move {
                    // Without its chat a host is still worth having.
                    let mut problem = model.as_ref().err().cloned();
                    if let Ok(Some(model)) = model {
                        // The keyring may block.
                        let model = runtime.spawn_blocking(|| with_key(model)).await.ok();
                        problem =
                            model.as_ref().and_then(|model| Some(model.check().err()?.to_string()));
                        config.chat = model.filter(|_| problem.is_none());
                    }
                    let started = Host::start(config, &runtime).await;
                    Box::new(move |app: &mut Self| {
                        if let Some(problem) = problem {
                            app.error(problem);
                        }
                        app.host_started(started);
                    }) as Outcome
                });
            }
        }
    }

    fn host_started(&mut self, started: Result<Host, HostError>) {
        let waiting = match std::mem::take(&mut self.local_host) {
            LocalHost::Starting { waiting } => waiting,
            LocalHost::Stopped | LocalHost::Running(_) => Vec::new(),
        };
        match started {
            Ok(host) => {
                let base = host.base_url().clone();
                let auth = Auth::token(&base, host.token().clone(), TokenPlace::Bearer);
                self.local_host = LocalHost::Running(host);
                self.add_service(SERVICE.to_owned(), base, auth, true);
                for wanted in waiting {
                    self.on_host(wanted);
                }
            }
            Err(err) => {
                self.creation_failed(format!("The local host could not start: {err}"));
            }
        }
    }

    /// The host runs.
    fn on_host(&mut self, wanted: Wanted) {
        let is_listed = self.state.services.iter().any(|known| known.name == SERVICE);
        match (wanted, &self.local_host) {
            (Wanted::Session(new), _) if is_listed => self.create(new),
            (Wanted::DemoCamera, LocalHost::Running(host)) => {
                let (base, token) = (host.base_url().clone(), host.token().clone());
                self.open_demo_camera(&base, token);
            }
            (Wanted::Session(_) | Wanted::DemoCamera, _) => {
                let why = "The local host is gone; start Helmsight again";
                self.creation_failed(why.to_owned());
            }
        }
    }
}
