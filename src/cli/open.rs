//! Runs `helmsight` and `helmsight open`, which open the window.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, CommandFactory as _};
use secrecy::{ExposeSecret as _, SecretString};
use strum::IntoEnumIterator as _;
use url::Url;

use super::session_url::{self, auth_for};
use crate::app::local_host::BrowserOptions;
use crate::app::options::{Options, Target};
use crate::app::window;
use crate::base::{alike, redact};
use crate::net::{Auth, PasswordLogin};
use crate::protocol::camera::{AddressLogin, BoxFormat, CameraAddress};
use crate::protocol::link::is_link;
use crate::protocol::session_url::SessionUrl;
use crate::session::backend::CameraSetup;
use crate::shell::Renderer;

#[derive(Clone, Debug, Default, Args)]
#[expect(missing_docs, reason = "clap would show a docstring as help")]
pub struct WindowArgs {
    /// Start Chromium without its sandbox, as root or where the system forbids it; the window says so
    #[arg(long)]
    no_chromium_sandbox: bool,

    /// Browser to start instead of the one that is found
    #[arg(long, value_name = "PATH")]
    browser: Option<PathBuf>,

    /// Append the overlay's figures to FILE as one JSON line a second
    #[arg(long, value_name = "FILE")]
    stats: Option<PathBuf>,

    /// Show all sessions as tiles
    #[arg(long)]
    wall: bool,

    /// What paints the window: the GPU by OpenGL, the processor, or whichever fits this computer
    #[arg(long, value_name = "WHAT", default_value = "auto", value_parser = renderer())]
    renderer: Renderer,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helmsight open                            A browser on this machine, on its start page
  helmsight open example.com localhost:3000 One browser per page
  helmsight open --sample                   The bundled sample session, without a browser
  helmsight open --wall example.com localhost:3000
                                            The same, all at once as tiles
  helmsight open http://127.0.0.1:7700/computers/abc
                                            A session of a running host or service
                                            (its token in HELMSIGHT_TOKEN)
  helmsight open ws://camera:7103/ws/stream/1
                                            A camera
  helmsight open --wall --demo-cameras 16   A wall of cameras to try it with
  helmsight open --camera http://camera/stream.mjpeg
                                            A camera over HTTP
  HELMSIGHT_TOKEN=… helmsight open --open-login --camera http://admin@camera/video
                                            A camera with name and password

Exit codes: 0 the window was closed, 1 it could not be opened, 2 wrong arguments.")]
#[expect(missing_docs, reason = "clap would show a docstring as help")]
pub struct OpenArgs {
    /// Pages to open here, sessions to watch, or a helmsight:// link
    #[arg(value_name = "URL")]
    urls: Vec<String>,

    /// Play the bundled sample session
    #[arg(long)]
    sample: bool,

    /// Watch so many of the bundled demo cameras, 1 to 16
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "1",
        value_parser = clap::value_parser!(u8).range(1..=16))]
    demo_cameras: Option<u8>,

    /// Camera to watch: its WebSocket, or MJPEG or JPEG over HTTP or TCP (its token, or the password of a name in the address,
    /// in HELMSIGHT_TOKEN)
    #[arg(long = "camera", value_name = "URL", value_parser = CameraAddress::with_login)]
    cameras: Vec<(CameraAddress, Option<AddressLogin>)>,

    /// Let cameras in this network have their name and password unencrypted, where others can read them
    #[arg(long)]
    open_login: bool,

    /// How the cameras write boxes that the settings don't know: by corner and size, by two corners, by middle and size
    #[arg(long, value_name = "FORMAT", default_value = "xywh", value_parser = box_format())]
    box_format: BoxFormat,

    #[command(flatten)]
    window: WindowArgs,
}

/// Opens the window on what a desktop handed over, else where it was left, or on its first page.
pub(super) fn run_window(link: Option<&str>, window: WindowArgs) -> anyhow::Result<u8> {
    let target = link.map(|text| target(text, CameraOptions::default()));
    run_with(target.into_iter().collect(), window)
}

/// Reads what may stand on the command line without a subcommand: a link or a recording.
pub(super) fn handed_over(text: &str) -> Result<String, String> {
    if is_link(text) || recording(text).is_some() {
        return Ok(text.to_owned());
    }
    let is_word = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    let program = super::Cli::command();
    let commands = program.get_subcommands().map(clap::Command::get_name);
    if let Some(meant) = alike::nearest(text, commands).filter(|_| is_word) {
        return Err(format!("There is no such command; did you mean `helmsight {meant}`?"));
    }
    Err(format!(
        "There is no such command, and it is no link and no recording; `helmsight open {}` opens a page",
        redact::address(text)
    ))
}

pub(super) fn run(args: OpenArgs) -> anyhow::Result<u8> {
    let cameras = CameraOptions { box_format: args.box_format, open_login: args.open_login };
    let mut targets: Vec<Target> = args.urls.iter().map(|text| target(text, cameras)).collect();
    targets
        .extend(args.cameras.into_iter().map(|(address, login)| camera(address, login, cameras)));
    let demos = args.demo_cameras.unwrap_or_default();
    targets.extend((0..demos).map(|_| Target::DemoCamera));
    if args.sample {
        targets.push(Target::Sample);
    }
    if targets.is_empty() {
        targets.push(Target::StartPage);
    }
    run_with(targets, args.window)
}

fn run_with(targets: Vec<Target>, window: WindowArgs) -> anyhow::Result<u8> {
    window::run(Options {
        targets,
        browser: BrowserOptions { path: window.browser, no_sandbox: window.no_chromium_sandbox },
        stats: window.stats,
        renderer: window.renderer,
        wall: window.wall,
        config_dir: None,
    })?;
    Ok(super::exit::OK)
}

fn renderer() -> impl TypedValueParser<Value = Renderer> {
    let names = Renderer::iter().map(<&str>::from);
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Renderer>())
}

fn box_format() -> impl TypedValueParser<Value = BoxFormat> {
    let names = BoxFormat::iter().map(<&str>::from);
    PossibleValuesParser::new(names).try_map(|name| name.parse::<BoxFormat>())
}

/// What the command line says of all cameras on it.
#[derive(Clone, Copy, Default)]
struct CameraOptions {
    box_format: BoxFormat,
    open_login: bool,
}

fn camera(address: CameraAddress, login: Option<AddressLogin>, options: CameraOptions) -> Target {
    let auth = match login {
        Some(AddressLogin { name, mut password }) => {
            // Others can read command lines, so the password may come in the environment.
            if password.expose_secret().is_empty()
                && let Ok(token) = std::env::var("HELMSIGHT_TOKEN")
            {
                password = SecretString::from(token);
            }
            let login = PasswordLogin::new(name, password).in_the_open(options.open_login);
            Auth::login(&address.url, login)
        }
        None => auth_for(&address.url),
    };
    Target::Camera(Box::new(CameraSetup {
        name: address.name(),
        auth,
        address,
        box_format: options.box_format,
        forward: None,
    }))
}

/// Returns the session, the camera, the link or the recording that the text names, else the page: what people type
/// into an address bar.
fn target(text: &str, cameras: CameraOptions) -> Target {
    if is_link(text) {
        return Target::Link(text.to_owned());
    }
    if let Some(path) = recording(text) {
        return Target::Recording(path);
    }
    let is_camera = ["ws://", "wss://", "tcp://"].iter().any(|scheme| text.starts_with(scheme));
    if let (true, Ok((address, login))) = (is_camera, CameraAddress::with_login(text)) {
        return camera(address, login, cameras);
    }
    match session_url::parse(text) {
        Ok(named) if named.is_web() => {
            let SessionUrl { base, id } = named.settled_now();
            Target::Session { auth: Box::new(auth_for(&base)), base, id }
        }
        Ok(_) | Err(_) => Target::Page(text.to_owned()),
    }
}

/// Returns the path of a recording: a path, or a `file:` URL as some desktops make of it, that ends in `.mcap`.
fn recording(text: &str) -> Option<PathBuf> {
    let path = match Url::parse(text) {
        Ok(url) if url.scheme() == "file" => url.to_file_path().ok()?,
        // This is an address of something else. A single letter is the drive of a path on Windows, though.
        Ok(url) if url.scheme().len() > 1 => return None,
        Ok(_) | Err(_) => PathBuf::from(text),
    };
    let extension = path.extension()?;
    extension.eq_ignore_ascii_case("mcap").then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_desktop_hands_over_is_told_from_pages() {
        for text in ["/home/me/a run.MCAP", "file:///home/me/a%20run.mcap", "run.mcap"] {
            let is_recording =
                matches!(target(text, CameraOptions::default()), Target::Recording(_));
            assert!(is_recording && handed_over(text).is_ok(), "{text}");
        }
        let link = "helmsight://open?url=https%3A%2F%2Fexample.com%2Frun.mcap";
        assert!(matches!(target(link, CameraOptions::default()), Target::Link(_)));
        assert!(handed_over(link).is_ok());
        for text in ["https://example.com/run.mcap", "example.com", "opne", "mcap"] {
            let is_page = matches!(target(text, CameraOptions::default()), Target::Page(_));
            assert!(is_page && handed_over(text).is_err(), "{text}");
        }
        assert!(
            handed_over("opne").is_err_and(|why| why.contains("did you mean `helmsight open`"))
        );
        assert!(handed_over("tail.example").is_err_and(|why| why.contains("opens a page")));
    }
}
