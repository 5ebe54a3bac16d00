//! What the command line asks of the window.

use std::path::PathBuf;

use url::Url;

use super::local_host::BrowserOptions;
use crate::net::Auth;
use crate::session::backend::CameraSetup;

/// What to open at start.
#[derive(Clone, Debug)]
pub enum Target {
    /// The host's own start page, in a browser on this machine.
    StartPage,
    /// A page, as typed, in a browser on this machine.
    Page(String),
    /// A `helmsight://` link, as it came.
    Link(String),
    /// A file with a recorded session.
    Recording(PathBuf),
    /// The bundled sample session.
    Sample,
    /// A session of a service.
    Session { base: Url, id: String, auth: Auth },
    /// The next of the host's demo cameras.
    DemoCamera,
    /// A camera that the settings need not know.
    Camera(Box<CameraSetup>),
}

#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Empty: where it was left, or the first page.
    pub targets: Vec<Target>,
    pub browser: BrowserOptions,
    pub stats: Option<PathBuf>,
    /// Shows the wall even where it was left on one session.
    pub wall: bool,
    /// Where the settings live; `None`: where the environment says.
    pub config_dir: Option<PathBuf>,
}
