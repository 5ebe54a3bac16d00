//! Defines the configuration that a host is started with.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use crate::host::chat::config::ChatConfig;
use crate::host::chromium::DownloadLimits;
use crate::host::error::HostError;
use crate::host::http::origins::{AllowedOrigin, AnswerHeader};
use crate::host::http::sse::Pace;
use crate::host::random::random_hex;
use crate::model::FrameSize;

/// A token shorter than this can be guessed.
const MIN_TOKEN: usize = 16;
const MAX_TOKEN: usize = 512;

/// The most events that a host may be asked to replay.
pub const MAX_HISTORY: usize = 10_000;

/// A year. No session lasts longer, and the clock can still count it.
const LONGEST: Duration = Duration::from_secs(365 * 86_400);

/// The configuration of a host.
#[derive(Clone, Debug)]
pub struct HostConfig {
    /// The address to listen at; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The host listens on `[::1]` as well, where there is IPv6: some clients know `localhost` by that address only.
    pub ipv6_too: bool,
    /// The token that every request has to carry; `None` makes one of 256 random bits.
    pub token: Option<SecretString>,
    /// The size of a new session's page in CSS pixels, where its client asks for none.
    pub size: FrameSize,
    /// The browser to launch; `None` launches the first that is found.
    pub browser: Option<PathBuf>,
    /// Chromium runs without its sandbox, so that pages have all rights of this user.
    pub no_chromium_sandbox: bool,
    /// What each session may download.
    pub downloads: DownloadLimits,
    /// Clients may run scripts of their own in pages.
    pub allows_scripts: bool,
    /// A session without activity for this long ends; with `None` it never does.
    pub idle: Option<Duration>,
    /// A session that is this old ends; with `None` it never does.
    pub max_lifetime: Option<Duration>,
    /// An open stream keeps a session from its idle end.
    pub watching_counts_as_activity: bool,
    /// So many events of a session are replayed after `Last-Event-ID`.
    pub history_size: usize,
    /// The time that a client should wait before it connects to a stream again.
    pub retry: Duration,
    /// The pause between two heartbeat comments on a stream.
    pub heartbeat: Duration,
    /// The host may listen at an address that other machines reach.
    pub allow_remote: bool,
    /// The pages of other origins that may call the host from a browser, with a token like everybody.
    pub allow_origins: Vec<AllowedOrigin>,
    /// Headers of one's own for every answer.
    pub headers: Vec<AnswerHeader>,
    /// The secret with which services sign their webhooks; with `None` no webhook is taken.
    pub hook_secret: Option<SecretString>,
    /// The file in which the host remembers over restarts which webhooks it has taken; with `None` it forgets them.
    pub hook_memory: Option<PathBuf>,
    /// A request for control that nobody answers expires after this.
    pub control_request: Duration,
    /// A participant who drives without having asked for control drives until this long after their last input.
    pub implicit_control: Duration,
    /// The model that answers questions about sessions; with `None` the host itself answers from what it knows.
    pub chat: Option<ChatConfig>,
}

impl Default for HostConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            ipv6_too: false,
            token: None,
            size: FrameSize { width: 1280, height: 720 },
            browser: None,
            no_chromium_sandbox: false,
            downloads: DownloadLimits::default(),
            allows_scripts: true,
            idle: Some(Duration::from_secs(120)),
            max_lifetime: None,
            watching_counts_as_activity: false,
            history_size: 100,
            retry: Duration::from_secs(1),
            heartbeat: Duration::from_secs(30),
            allow_remote: false,
            allow_origins: Vec::new(),
            headers: Vec::new(),
            hook_secret: None,
            hook_memory: None,
            control_request: Duration::from_secs(30),
            implicit_control: Duration::from_secs(5),
            chat: None,
        }
    }
}

impl HostConfig {
    /// Returns the configuration with sizes and times brought into their ranges; an error where that can't be done.
    pub(crate) fn checked(mut self) -> Result<Self, HostError> {
        if !self.listen.ip().is_loopback() && !self.allow_remote {
            return Err(HostError::NotLoopback(self.listen));
        }
        if let Some(token) = &self.token {
            let text = token.expose_secret();
            let fits = (MIN_TOKEN..=MAX_TOKEN).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_graphic());
            if !fits {
                return Err(HostError::BadToken);
            }
        }
        if let Some(secret) = &self.hook_secret
            && !(MIN_TOKEN..=MAX_TOKEN).contains(&secret.expose_secret().len())
        {
            return Err(HostError::BadHookSecret);
        }
        self.idle = self.idle.map(|limit| limit.min(LONGEST));
        self.max_lifetime = self.max_lifetime.map(|limit| limit.min(LONGEST));
        self.history_size = self.history_size.min(MAX_HISTORY);
        self.heartbeat = self.heartbeat.clamp(Duration::from_millis(100), Duration::from_secs(300));
        self.retry = self.retry.min(Duration::from_secs(300));
        let hour = Duration::from_secs(3600);
        let least = Duration::from_millis(100);
        self.control_request = self.control_request.clamp(least, hour);
        self.implicit_control = self.implicit_control.clamp(least, hour);
        Ok(self)
    }

    /// Returns the times of streams, where a client does not ask for others.
    pub(crate) fn pace(&self) -> Pace {
        Pace { retry: self.retry, heartbeat: self.heartbeat }
    }

    /// Returns the token to ask for: the configured one, or a new one of 256 random bits.
    pub(crate) fn token_or_random(&self) -> Result<SecretString, HostError> {
        match &self.token {
            Some(token) => Ok(token.clone()),
            None => Ok(SecretString::from(random_hex::<32>()?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_unless_allowed() {
        let remote = HostConfig { listen: "0.0.0.0:0".parse().unwrap(), ..HostConfig::default() };
        assert!(matches!(remote.clone().checked(), Err(HostError::NotLoopback(_))));
        assert!(HostConfig { allow_remote: true, ..remote }.checked().is_ok());
        assert!(
            HostConfig { listen: "[::1]:0".parse().unwrap(), ..HostConfig::default() }
                .checked()
                .is_ok()
        );
    }

    #[test]
    fn no_time_is_beyond_what_clocks_count() {
        let forever = Some(Duration::MAX);
        let config = HostConfig { idle: forever, max_lifetime: forever, ..HostConfig::default() };
        let config = config.checked().unwrap();
        assert_eq!((config.idle, config.max_lifetime), (Some(LONGEST), Some(LONGEST)));
    }

    #[test]
    fn a_token_is_long_and_plain_or_random() {
        for (token, ok) in [
            ("short", false),
            ("sixteen letters!", false),
            ("0123456789abcdef", true),
            ("0123456789abcdé-", false),
        ] {
            let config =
                HostConfig { token: Some(SecretString::from(token)), ..HostConfig::default() };
            assert_eq!(config.checked().is_ok(), ok, "{token}");
        }
        let random = || HostConfig::default().token_or_random().unwrap().expose_secret().to_owned();
        assert_eq!(random().len(), 64);
        assert_ne!(random(), random());
    }
    #[test]
    fn a_secret_that_can_be_guessed_is_none() {
        for (length, ok) in [(0, false), (15, false), (16, true), (512, true), (513, false)] {
            let config = HostConfig {
                hook_secret: Some(SecretString::from("s".repeat(length))),
                ..HostConfig::default()
            };
            assert_eq!(config.checked().is_ok(), ok, "{length}");
        }
    }
}
