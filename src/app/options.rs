//! Says what the command line asks of the window.

use std::path::PathBuf;

use url::Url;

use super::local_host::BrowserOptions;
use crate::net::Auth;
use crate::session::backend::CameraSetup;
use crate::shell::Renderer;

/// Something to open at the start.
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
    Session {
        /// The base of the service's API.
        base: Url,
        /// The session's id.
        id: String,
        /// The credential that was given with the address. It goes before one that the keyring has.
        auth: Box<Auth>,
    },
    /// The next of the host's demo cameras.
    DemoCamera,
    /// A camera that the settings need not know.
    Camera(Box<CameraSetup>),
}

/// The options that a window is started with.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The things to open; the window begins where it was left if there are none.
    pub targets: Vec<Target>,
    /// The browser of the sessions on this machine.
    pub browser: BrowserOptions,
    /// The file to which the figures of the window are appended.
    pub stats: Option<PathBuf>,
    /// Shows the wall even where it was left on one session.
    pub wall: bool,
    /// What paints the window.
    pub renderer: Renderer,
    /// The folder of the settings; `None` takes the one that the environment names.
    pub config_dir: Option<PathBuf>,
}
