//! `helmsight` and `helmsight open`: the window.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use strum::IntoEnumIterator as _;
use url::Url;

use super::session_url::{SessionUrl, auth_for};
use crate::app::local_host::BrowserOptions;
use crate::app::window::{self, Options, Target};
use crate::protocol::camera::{BoxFormat, CameraAddress};
use crate::session::backend::CameraSetup;

#[derive(Clone, Debug, Default, Args)]
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

Exit codes: 0 the window was closed, 1 it could not be opened, 2 wrong arguments.")]
pub struct OpenArgs {
    /// Pages to open here, or sessions to watch
    #[arg(value_name = "URL")]
    urls: Vec<String>,

    /// Play the bundled sample session
    #[arg(long)]
    sample: bool,

    /// Watch so many of the bundled demo cameras, 1 to 16
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "1",
        value_parser = clap::value_parser!(u8).range(1..=16))]
    demo_cameras: Option<u8>,

    /// Camera to watch: its WebSocket, or MJPEG or JPEG over HTTP (its token in HELMSIGHT_TOKEN)
    #[arg(long = "camera", value_name = "URL", value_parser = CameraAddress::parse)]
    cameras: Vec<CameraAddress>,

    /// How the cameras write boxes: by corner and size, by two corners, by middle and size
    #[arg(long, value_name = "FORMAT", default_value = "xywh", value_parser = box_format())]
    box_format: BoxFormat,

    #[command(flatten)]
    window: WindowArgs,
}

/// The window where it was left, or on its first page.
pub(super) fn run_window(window: WindowArgs) -> anyhow::Result<u8> {
    run_with(Vec::new(), window)
}

pub(super) fn run(args: OpenArgs) -> anyhow::Result<u8> {
    let format = args.box_format;
    let mut targets: Vec<Target> = args.urls.iter().map(|text| target(text, format)).collect();
    targets.extend(
        args.cameras
            .into_iter()
            .map(|address| camera(address, format)),
    );
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
        browser: BrowserOptions {
            path: window.browser,
            no_sandbox: window.no_chromium_sandbox,
        },
        stats: window.stats,
        wall: window.wall,
        config_dir: None,
    })?;
    Ok(super::exit::OK)
}

fn box_format() -> impl TypedValueParser<Value = BoxFormat> {
    let names = BoxFormat::iter().map(<&str>::from);
    PossibleValuesParser::new(names).try_map(|name| name.parse::<BoxFormat>())
}

fn camera(address: CameraAddress, box_format: BoxFormat) -> Target {
    Target::Camera(Box::new(CameraSetup {
        name: address.name(),
        auth: auth_for(&address.url),
        address,
        box_format,
        forward: None,
    }))
}

/// A session or a camera where the URL names one, else a page: what people type into an address bar.
fn target(text: &str, format: BoxFormat) -> Target {
    let is_socket = text.starts_with("ws://") || text.starts_with("wss://");
    if let (true, Ok(address)) = (is_socket, CameraAddress::parse(text)) {
        return camera(address, format);
    }
    let session = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .and_then(|url| SessionUrl::parse(&url));
    match session {
        Some(SessionUrl { base, id }) => Target::Session {
            auth: auth_for(&base),
            base,
            id,
        },
        None => Target::Page(text.to_owned()),
    }
}
