//! Holds the host inside this process, and starts it when the first local session is asked for.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::jobs::{Background, Jobs};
use crate::host::{DownloadLimits, Host, HostConfig, HostError, chromium};
use crate::model::FrameSize;
use crate::settings::{HostSettings, chat_model, with_key};
use crate::ui::action::NewSession;
use crate::ui::state::LocalBrowser;

/// The name under which the local host's sessions are listed.
pub const SERVICE: &str = "This computer";

/// The host of this process, which may not run yet.
pub(super) struct LocalHost {
    state: HostPhase,
    options: BrowserOptions,
    /// Whether it has a browser to start.
    browser: LocalBrowser,
    jobs: Jobs<Started>,
}

/// How far the host has come.
#[derive(Default)]
enum HostPhase {
    #[default]
    Stopped,
    /// The host is starting, and what is asked for meanwhile waits. The list needs no bound, because a person clicks at
    /// most a few times in that second.
    Starting {
        waiting: Vec<Wanted>,
    },
    Running(Host),
}

/// What the host is started for.
#[derive(Debug, PartialEq)]
pub(super) enum Wanted {
    Session(NewSession),
    DemoCamera,
}

/// The outcome of starting the host.
pub(super) struct Started {
    /// Why it has no chat although the settings name a model.
    pub problem: Option<String>,
    host: Result<Host, HostError>,
}

/// What the command line says about local browsers.
#[derive(Clone, Debug, Default)]
pub struct BrowserOptions {
    /// The browser to start; `None` starts the first that is found.
    pub path: Option<PathBuf>,
    /// Chromium runs without its sandbox, so that pages have all rights of this user.
    pub no_sandbox: bool,
}

impl BrowserOptions {
    /// Returns how the host is to be started. What the command line says goes before the settings.
    pub fn host_config(&self, settings: &HostSettings) -> HostConfig {
        let limit = |seconds: u64| (seconds > 0).then(|| Duration::from_secs(seconds));
        HostConfig {
            size: FrameSize { width: settings.width, height: settings.height },
            browser: self.path.clone().or_else(|| settings.browser.clone()),
            no_chromium_sandbox: self.no_sandbox,
            downloads: DownloadLimits::of(settings.max_download_megabytes, settings.max_downloads),
            idle: limit(settings.idle_seconds),
            max_lifetime: limit(settings.max_lifetime_seconds),
            ..HostConfig::default()
        }
    }
}

impl LocalHost {
    /// Makes a host that does not run yet, and looks for its browser.
    pub(super) fn new(
        options: BrowserOptions,
        settings: &HostSettings,
        background: &Background,
    ) -> Self {
        let browser = found(&options, settings);
        Self { state: HostPhase::Stopped, options, browser, jobs: Jobs::new(background) }
    }

    /// Looks for the browser anew, because the settings name another one.
    pub(super) fn look_for_browser(&mut self, settings: &HostSettings) {
        self.browser = found(&self.options, settings);
    }

    /// Returns the browser that the host starts, or what to do where there is none.
    pub(super) fn browser(&self) -> &LocalBrowser {
        &self.browser
    }

    pub(super) fn options(&self) -> &BrowserOptions {
        &self.options
    }

    /// Returns the host if it runs.
    pub(super) fn running(&self) -> Option<&Host> {
        match &self.state {
            HostPhase::Running(host) => Some(host),
            HostPhase::Stopped | HostPhase::Starting { .. } => None,
        }
    }

    /// Tells whether this address is the host's.
    pub(super) fn is_at(&self, url: &Url) -> bool {
        self.running().is_some_and(|host| {
            let ours = host.base_url();
            (url.host(), url.port()) == (ours.host(), ours.port())
        })
    }

    /// Gives `wanted` back if the host runs, so that it can be done now. Otherwise it waits, and the host is started.
    pub(super) fn wait_for(&mut self, wanted: Wanted, settings: &HostSettings) -> Option<Wanted> {
        match &mut self.state {
            HostPhase::Running(_) => return Some(wanted),
            HostPhase::Starting { waiting } => waiting.push(wanted),
            HostPhase::Stopped => {
                self.state = HostPhase::Starting { waiting: vec![wanted] };
                self.start(settings);
            }
        }
        None
    }

    fn start(&self, settings: &HostSettings) {
        let mut config = self.options.host_config(settings);
        let model = chat_model(settings);
        let runtime = self.jobs.background().runtime.clone();
        self.jobs.spawn(async move {
            // A host is worth having without its chat.
            let mut problem = model.as_ref().err().cloned();
            if let Ok(Some(model)) = model {
                // The keyring may block.
                let model = runtime.spawn_blocking(|| with_key(model)).await.ok();
                problem = model.as_ref().and_then(|model| Some(model.check().err()?.to_string()));
                config.chat = model.filter(|_| problem.is_none());
            }
            Started { problem, host: Host::start(config, &runtime).await }
        });
    }

    /// Takes the outcomes of starting since the last call.
    pub(super) fn take_started(&mut self) -> Vec<Started> {
        self.jobs.take_finished()
    }

    /// Takes the started host in. Returns what waited for it, or why it could not start.
    pub(super) fn settle(&mut self, started: Started) -> Result<Vec<Wanted>, HostError> {
        let waiting = match std::mem::take(&mut self.state) {
            HostPhase::Starting { waiting } => waiting,
            HostPhase::Stopped | HostPhase::Running(_) => Vec::new(),
        };
        self.state = HostPhase::Running(started.host?);
        Ok(waiting)
    }

    /// Ends the host's sessions and the host.
    pub(super) fn close(&mut self) {
        if let HostPhase::Running(host) = std::mem::take(&mut self.state) {
            self.jobs.background().runtime.block_on(host.shutdown());
        }
    }
}

fn found(options: &BrowserOptions, settings: &HostSettings) -> LocalBrowser {
    let explicit = options.path.as_deref().or(settings.browser.as_deref());
    match chromium::find(explicit) {
        Ok(browser) => LocalBrowser::Found { name: browser.name.to_owned() },
        Err(missing) => LocalBrowser::Missing { advice: missing.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Runtime;

    use super::super::jobs::tests::{background, outcome};
    use super::*;
    use crate::session::support::Wakes;

    /// A host that does not run yet and finds no browser, on a runtime of its own, because its end blocks.
    fn host() -> (LocalHost, HostSettings, Wakes, Runtime) {
        let (runtime, wakes) = (Runtime::new().unwrap(), Wakes::default());
        let options = BrowserOptions { path: Some("no-browser-here".into()), no_sandbox: false };
        let settings = HostSettings::default();
        let host = LocalHost::new(options, &settings, &background(runtime.handle(), &wakes));
        (host, settings, wakes, runtime)
    }

    #[test]
    fn what_is_asked_for_while_the_host_starts_waits_for_it() {
        let (mut host, settings, wakes, runtime) = host();
        let missing = matches!(host.browser(), LocalBrowser::Missing { advice } if advice.contains("no-browser-here"));
        assert!(missing, "{:?}", host.browser());
        assert_eq!(host.wait_for(Wanted::DemoCamera, &settings), None);
        assert_eq!(host.wait_for(Wanted::DemoCamera, &settings), None);
        assert!(host.running().is_none());
        let started = runtime.block_on(outcome(&wakes, || host.take_started()));
        assert_eq!(host.settle(started).unwrap(), [Wanted::DemoCamera, Wanted::DemoCamera]);
        let base = host.running().unwrap().base_url().clone();
        assert!(host.is_at(&base) && !host.is_at(&"http://127.0.0.1:9/".parse().unwrap()));
        assert_eq!(host.wait_for(Wanted::DemoCamera, &settings), Some(Wanted::DemoCamera));
        host.close();
        assert!(host.running().is_none() && !host.is_at(&base));
    }

    #[test]
    fn a_host_that_could_not_start_is_started_anew_by_the_next_wish() {
        let (mut host, settings, wakes, runtime) = host();
        host.state = HostPhase::Starting { waiting: vec![Wanted::DemoCamera] };
        let failed = Started { problem: None, host: Err(HostError::BadToken) };
        assert!(host.settle(failed).is_err() && host.running().is_none());
        assert_eq!(host.wait_for(Wanted::DemoCamera, &settings), None);
        let started = runtime.block_on(outcome(&wakes, || host.take_started()));
        assert_eq!(host.settle(started).unwrap(), [Wanted::DemoCamera]);
        host.close();
    }
}
