//! The host inside this process: started when the first local session is asked for.

use std::path::PathBuf;
use std::time::Duration;

use crate::host::{Host, HostConfig};
use crate::settings::HostSettings;
use crate::ui::action::NewSession;

/// The name under which the local host's sessions are listed.
pub const SERVICE: &str = "This computer";

/// Sessions asked for while the host starts wait here; a person clicks at most a few times in that second.
#[derive(Default)]
pub enum LocalHost {
    #[default]
    Stopped,
    Starting {
        waiting: Vec<NewSession>,
    },
    Running(Host),
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
