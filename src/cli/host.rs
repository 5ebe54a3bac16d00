//! Runs `helmsight host`, the session host on its own, for other programs and other windows.

use std::fs::File;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use tokio::runtime::Handle;
use url::Url;

use super::print::{line, say};
use super::{exit, session_url};
use crate::base::Interrupts;
use crate::host::{
    AllowedOrigin, AnswerHeader, ChatConfig, DownloadLimits, Host, HostConfig, HostError,
    MAX_HISTORY,
};
use crate::model::FrameSize;
use crate::settings::{data_dir, with_key};

/// The variable with the token of a host that should keep it over restarts. An environment is private; a command line
/// is not.
const TOKEN_ENV: &str = "HELMSIGHT_HOST_TOKEN";
/// The variable with the secret that services sign their webhooks with, where no file is named.
const HOOK_SECRET_ENV: &str = "HELMSIGHT_HOOK_SECRET";
/// The file's name in the folder for data.
const HOOK_MEMORY: &str = "hooks-taken";
/// A year in seconds. No session lasts longer.
const YEAR: f64 = 31_536_000.0;
/// A file of more bytes than this is not a secret.
const MAX_SECRET_FILE: u64 = 4096;

/// Serve browser sessions on this machine.
///
/// Prints one line of JSON when it is ready: {"base_url":…,"token":…}. Runs until Ctrl+C, SIGTERM, or the end of the terminal.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
The token is random on every start. Set HELMSIGHT_HOST_TOKEN to choose it; it has 16 to 512 visible characters.
Webhooks are taken only where there is a secret: in the file of --hook-secret-file, or in HELMSIGHT_HOOK_SECRET.
The key of the chat's model is HELMSIGHT_CHAT_KEY, else what the keyring has for its address.

Examples:
  helmsight host
  helmsight host --listen 127.0.0.1:9123 --idle 600
  helmsight host | jq -r .base_url

Exit codes: 0 ended in order, 1 could not start or print its first line, 2 wrong arguments.")]
pub struct HostArgs {
    /// Where to listen; port 0 takes a free one, and localhost:PORT is both 127.0.0.1 and [::1]
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0", value_parser = listen)]
    pub listen: Listen,
    /// End a session after this long without activity; 0: never
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds(0.0, YEAR))]
    pub idle: Duration,
    /// End a session that is this old; 0: never
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds(0.0, YEAR))]
    pub max_lifetime: Duration,
    /// Events that are replayed to a client that comes back
    #[arg(long, value_name = "N", default_value = "100", value_parser = history)]
    pub history: usize,
    /// Pause between the heartbeats of a stream
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds(0.1, 300.0))]
    pub heartbeat: Duration,
    /// How long clients should wait before they reconnect
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds(0.0, 300.0))]
    pub retry: Duration,
    /// The size of a new session's page, where its client asks for none; clients of services assume 1024x768
    #[arg(long, value_name = "WxH", default_value = "1280x720", value_parser = size)]
    pub size: FrameSize,
    /// The browser to launch; by default the first that is found
    #[arg(long, value_name = "PATH")]
    pub browser: Option<PathBuf>,
    /// Run Chromium without its sandbox, as root has to; pages then run with your rights
    #[arg(long)]
    pub no_chromium_sandbox: bool,
    /// Call off what a session downloads beyond so many megabytes in all; 0: no limit
    #[arg(long, value_name = "MB", default_value_t = 2000)]
    pub max_download_mb: u64,
    /// Call off what a session downloads beyond so many files; 0: no limit
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub max_downloads: u32,
    /// Run no scripts in pages that clients send
    #[arg(long)]
    pub no_evaluate: bool,
    /// Let open streams keep a session from its idle end
    #[arg(long)]
    pub watching_is_activity: bool,
    /// Allow a listen address that other machines reach; the traffic is not encrypted
    #[arg(long)]
    pub allow_remote: bool,
    /// Let web pages of this origin call the host from a browser, with a token like everybody; * lets all. May be
    /// repeated
    #[arg(long, value_name = "ORIGIN")]
    pub allow_origin: Vec<AllowedOrigin>,
    /// Add this header to every answer, as in 'Name: value'. May be repeated
    #[arg(long, value_name = "HEADER")]
    pub header: Vec<AnswerHeader>,
    /// Take webhooks that are signed with the secret in this file
    #[arg(long, value_name = "PATH")]
    pub hook_secret_file: Option<PathBuf>,
    /// How long a request for control waits for its answer
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds(0.1, 3600.0))]
    pub control_request: Duration,
    /// How long whoever acts without having asked for control keeps it after their last input
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds(0.1, 3600.0))]
    pub implicit_control: Duration,
    /// Let a model answer questions about sessions: the address that has `chat/completions` below it
    #[arg(long, value_name = "URL", requires = "chat_model", value_parser = session_url::server)]
    pub chat_url: Option<Url>,
    /// The model's name there
    #[arg(long, value_name = "NAME", requires = "chat_url")]
    pub chat_model: Option<String>,
}

/// Where the host listens, as the argument says.
#[derive(Clone, Copy, Debug)]
pub struct Listen {
    addr: SocketAddr,
    /// Whether it listens on [::1] as well.
    ipv6_too: bool,
}

impl HostArgs {
    /// Returns the configuration of the host, with secrets that are never arguments.
    pub fn config(
        &self,
        token: Option<SecretString>,
        hook_secret: Option<SecretString>,
    ) -> HostConfig {
        let limit = |time: Duration| (!time.is_zero()).then_some(time);
        HostConfig {
            listen: self.listen.addr,
            ipv6_too: self.listen.ipv6_too,
            token,
            browser: self.browser.clone(),
            no_chromium_sandbox: self.no_chromium_sandbox,
            downloads: DownloadLimits::of(self.max_download_mb, self.max_downloads),
            allows_scripts: !self.no_evaluate,
            idle: limit(self.idle),
            max_lifetime: limit(self.max_lifetime),
            watching_counts_as_activity: self.watching_is_activity,
            history_size: self.history,
            retry: self.retry,
            heartbeat: self.heartbeat,
            allow_remote: self.allow_remote,
            allow_origins: self.allow_origin.clone(),
            headers: self.header.clone(),
            hook_secret,
            hook_memory: data_dir(|name| std::env::var(name).ok())
                .map(|folder| folder.join(HOOK_MEMORY)),
            control_request: self.control_request,
            implicit_control: self.implicit_control,
            chat: self.chat(),
            size: self.size,
        }
    }

    fn hook_secret(&self) -> Result<Option<SecretString>, HostError> {
        match &self.hook_secret_file {
            Some(path) => secret_of(path).map(Some),
            None => Ok(secret_variable(HOOK_SECRET_ENV)),
        }
    }
}

/// Returns a file's text without the line end that editors leave.
fn secret_of(path: &Path) -> Result<SecretString, HostError> {
    let mut text = String::new();
    let read =
        File::open(path).and_then(|file| file.take(MAX_SECRET_FILE).read_to_string(&mut text));
    match read {
        Ok(_) => Ok(SecretString::from(text.trim_end_matches(['\r', '\n']))),
        Err(err) => Err(HostError::HookSecretFile {
            path: path.display().to_string(),
            why: err.to_string(),
        }),
    }
}

fn secret_variable(name: &str) -> Option<SecretString> {
    std::env::var(name).ok().filter(|secret| !secret.is_empty()).map(SecretString::from)
}

impl HostArgs {
    /// Returns the model without its key, which is never an argument.
    fn chat(&self) -> Option<ChatConfig> {
        Some(ChatConfig {
            base_url: self.chat_url.clone()?,
            model: self.chat_model.clone()?,
            key: None,
        })
    }
}

/// Serves until it is told to end.
pub(super) async fn run(args: HostArgs) -> anyhow::Result<u8> {
    // Whoever reads the first line may end the host at once, and even that is an end in order.
    let mut interrupts = Interrupts::listen();
    let host = tokio::select! {
        () = interrupts.next() => return Ok(exit::OK),
        host = start(&args) => host?,
    };
    // Scripts write "$BASE/computers".
    let base_url = host.base_url().as_str().trim_end_matches('/');
    let ready = json!({"base_url": base_url, "token": host.token().expose_secret()});
    let told = line(ready);
    if told.is_ok() {
        interrupts.next().await;
    }
    host.shutdown().await;
    told.context("Nobody reads the output with the token, so the host ended")?;
    Ok(exit::OK)
}

async fn start(args: &HostArgs) -> Result<Host, HostError> {
    let token = secret_variable(TOKEN_ENV);
    let hook_secret = args.hook_secret()?;
    if args.no_chromium_sandbox {
        say("warning: Chromium runs without its sandbox; open only pages that you trust");
    }
    if args.allow_remote && !args.listen.addr.ip().is_loopback() {
        say("warning: other machines can reach this host, and the token travels unencrypted");
    }
    let mut config = args.config(token, hook_secret);
    if let Some(chat) = config.chat.take() {
        // Reading the keyring may block.
        config.chat = Handle::current().spawn_blocking(|| with_key(chat)).await.ok();
    }
    Host::start(config, &Handle::current()).await
}

fn listen(text: &str) -> Result<Listen, String> {
    let addr = |text: &str| {
        text.parse()
            .map_err(|_malformed| "an address with a port, such as 127.0.0.1:9123".to_owned())
    };
    Ok(match text.strip_prefix("localhost:") {
        Some(port) => Listen { addr: addr(&format!("127.0.0.1:{port}"))?, ipv6_too: true },
        None => Listen { addr: addr(text)?, ipv6_too: false },
    })
}

/// Makes a reader of times from `least` to `most` seconds.
fn seconds(least: f64, most: f64) -> impl Fn(&str) -> Result<Duration, String> + Clone {
    move |text| {
        let seconds = text.parse().ok().filter(|seconds| (least..=most).contains(seconds));
        seconds
            .map(Duration::from_secs_f64)
            .ok_or_else(|| format!("a number of seconds from {least} to {most}, such as 30"))
    }
}

fn history(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| (0..=MAX_HISTORY).contains(count));
    count.ok_or_else(|| format!("a number of events from 0 to {MAX_HISTORY}"))
}

fn size(text: &str) -> Result<FrameSize, String> {
    let sides = text.split_once(['x', 'X', '×']);
    let side = |text: &str| text.trim().parse::<u32>().ok();
    sides
        .and_then(|(width, height)| Some(FrameSize { width: side(width)?, height: side(height)? }))
        .filter(|size| (64..=7680).contains(&size.width) && (64..=4320).contains(&size.height))
        .ok_or_else(|| "a width and a height in pixels, such as 1024x768".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        host: HostArgs,
    }

    #[test]
    fn arguments_become_a_config() {
        let parse = |args: &[&str]| {
            Cli::try_parse_from([&["host"], args].concat()).map(|cli| cli.host.config(None, None))
        };
        let config = parse(&[]).unwrap();
        let default = HostConfig::default();
        assert_eq!(
            (config.listen, config.idle, config.max_lifetime),
            (default.listen, default.idle, default.max_lifetime)
        );
        assert_eq!(
            (config.history_size, config.retry, config.heartbeat),
            (default.history_size, default.retry, default.heartbeat)
        );
        let config = parse(&[
            "--idle",
            "0",
            "--max-lifetime",
            "1.5",
            "--allow-remote",
            "--listen",
            "[::1]:5",
        ])
        .unwrap();
        assert_eq!((config.idle, config.max_lifetime), (None, Some(Duration::from_millis(1500))));
        assert!(config.allow_remote && config.listen.port() == 5);
        let config = parse(&["--listen", "localhost:7"]).unwrap();
        assert_eq!((config.listen, config.ipv6_too), ("127.0.0.1:7".parse().unwrap(), true));
        assert!(!parse(&[]).unwrap().ipv6_too);
        assert!(parse(&["--listen", "localhost"]).is_err());
        let config = parse(&[
            "--allow-origin",
            "http://localhost:3000",
            "--allow-origin",
            "https://dash.example",
            "--header",
            "X-From: here",
        ])
        .unwrap();
        assert_eq!((config.allow_origins.len(), config.headers.len()), (2, 1));
        assert_eq!(parse(&[]).unwrap().downloads, default.downloads);
        let limits = |args: &[&str]| parse(args).map(|config| config.downloads).unwrap();
        assert_eq!(
            limits(&["--max-download-mb", "5", "--max-downloads", "0"]),
            DownloadLimits { bytes: Some(5_000_000), files: None }
        );
        let size = |text| parse(&["--size", text]).map(|config| config.size);
        assert_eq!(size("1024x768").unwrap(), FrameSize { width: 1024, height: 768 });
        assert_eq!(parse(&[]).unwrap().size, default.size);
        for wrong in ["1024", "1024x", "0x768", "1024x99999", "x"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
        assert!(parse(&["--token", "0123456789abcdef"]).is_err(), "a token is never an argument");
    }

    #[test]
    fn a_number_that_makes_no_sense_is_refused_in_words() {
        for option in [
            "--idle",
            "--max-lifetime",
            "--heartbeat",
            "--retry",
            "--control-request",
            "--implicit-control",
        ] {
            for value in ["soon", "", "1e19", "1e400", "inf", "nan", "31536001", "-1"] {
                let Err(err) = Cli::try_parse_from(["host", &format!("{option}={value}")]) else {
                    panic!("{option}={value} is taken");
                };
                assert!(err.to_string().contains("a number of seconds from"), "{err}");
            }
            assert!(Cli::try_parse_from(["host", option, "300"]).is_ok(), "{option}");
        }
        for value in ["10001", "-1", "1.5", "99999999999999999999999", "many"] {
            let history = Cli::try_parse_from(["host", &format!("--history={value}")]);
            let err = history.err().unwrap().to_string();
            assert!(err.contains("a number of events from 0 to 10000"), "{err}");
        }
    }

    #[test]
    fn a_secret_comes_from_a_file_and_never_from_an_argument() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "the secret of the hooks\r\n").unwrap();
        let path = file.path().to_str().unwrap();
        let cli = Cli::try_parse_from(["host", "--hook-secret-file", path]).unwrap();
        let secret = cli.host.hook_secret().unwrap().unwrap();
        assert_eq!(secret.expose_secret(), "the secret of the hooks");
        let cli = Cli::try_parse_from(["host", "--hook-secret-file", "/nowhere/at/all"]).unwrap();
        let err = cli.host.hook_secret().unwrap_err();
        assert!(err.to_string().contains("/nowhere/at/all"), "{err}");
        assert!(Cli::try_parse_from(["host", "--hook-secret", "0123456789abcdef"]).is_err());
    }
}
