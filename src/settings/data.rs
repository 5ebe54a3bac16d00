//! Defines the settings, as the rest of the program sees them. Every field has a default, so an empty file is a good
//! file.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use strum::IntoEnumIterator as _;
use url::Url;

use super::{CameraProfile, LayoutSettings, NotificationSettings};
use crate::base::address::words_for_none;
use crate::base::redact;
use crate::base::rounding::as_typed;
use crate::model::log::LogFilter;
use crate::model::{DetectionRule, Family};
use crate::session::ServiceKind;

/// The sensible values of [`Settings::ui_scale`].
pub const UI_SCALE: RangeInclusive<f32> = 0.5..=3.0;

/// All settings, as the file has them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The colors of the window.
    pub theme: ThemeChoice,
    /// Size of texts and buttons as a factor, beside the screen's own scale factor.
    #[serde(serialize_with = "as_typed")]
    pub ui_scale: f32,
    /// The name by which the others in a session know this window's user; empty for the name that the system knows.
    pub user_name: String,
    /// The panels that are visible.
    pub panels: Panels,
    /// Where the panels are, for small, medium and large windows.
    pub layout: LayoutSettings,
    /// What the log shows.
    pub log: LogFilters,
    /// Whether every request of pages is a row of the log.
    pub log_requests: bool,
    /// The filters of the log that have a name.
    pub saved_filters: Vec<SavedFilter>,
    /// What is shown and logged of the objects in pictures.
    pub objects: ObjectSettings,
    /// The rules by which objects in pictures raise alerts.
    pub detection_rules: Vec<DetectionRule>,
    /// Minutes without an action of the user after which keep-alive asks whether to go on.
    pub keep_alive_cap_minutes: u32,
    /// Whether chats are kept on this computer.
    pub keep_chats: bool,
    /// Whether the sessions that need somebody come first in the list.
    pub needs_first: bool,
    /// When the system shows notifications.
    pub notifications: NotificationSettings,
    /// Whether quitting asks first where it ends browsers that this window started.
    pub ask_before_quit: bool,
    /// The host inside the window, and the sessions that it starts.
    pub host: HostSettings,
    /// The keys of each command, by its id, where they differ from the defaults. A single key needs no list.
    #[serde(deserialize_with = "keys_by_command")]
    pub keys: BTreeMap<String, Vec<String>>,
    /// The origins to which links may connect without asking, such as "https://example.com", the newest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known_origins: Vec<String>,
    /// The sessions that were watched when the window was closed, in order.
    pub last_sessions: Vec<WatchedSession>,
    /// The services.
    pub profiles: Vec<ServiceProfile>,
    /// The cameras.
    pub cameras: Vec<CameraProfile>,
    /// The assistants for sessions whose service has none.
    pub chats: Vec<ChatProfile>,
}

/// The colors of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeChoice {
    /// The window is light or dark as the system is.
    #[default]
    System,
    /// The window is dark.
    Dark,
    /// The window is light.
    Light,
    /// The window has colors of high contrast.
    HighContrast,
}

/// The panels that are visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Panels {
    /// Whether the list of sessions is visible.
    pub sessions: bool,
    /// Whether the panel beside the picture is visible, whatever is in it.
    pub log: bool,
    /// What is in the panel beside the picture.
    pub side: SidePanel,
    /// Whether the statistics are visible.
    pub stats: bool,
    /// Whether all sessions are shown as tiles, in place of one alone.
    pub wall: bool,
}

/// What is in the panel beside the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(rename_all = "kebab-case")]
pub enum SidePanel {
    /// The log of the session in front.
    #[default]
    Log,
    /// The chat with its assistant.
    Chat,
    /// Its participants.
    People,
    /// The objects in its pictures.
    Objects,
}

/// What the log shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogFilters {
    /// The words that a row needs to be shown.
    pub include: String,
    /// The words that hide a row.
    pub exclude: String,
    /// The families that are hidden, as words, so that a family of a newer version survives; see
    /// [`LogFilters::hidden_families`].
    pub hidden: Vec<String>,
}

/// A filter of the log that the user gave a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedFilter {
    /// Its name, which no other one has.
    pub name: String,
    /// What it shows.
    #[serde(flatten)]
    pub shows: LogFilters,
}

/// What is shown and logged of the objects that are found in pictures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ObjectSettings {
    /// Whether no boxes are shown at all.
    pub boxes_hidden: bool,
    /// The classes whose boxes are not shown.
    pub hidden: Vec<String>,
    /// The least confidence, from 0 to 1, of a detection that is shown or counted.
    #[serde(serialize_with = "as_typed")]
    pub min_confidence: f32,
    /// Whether the log tells which classes appear and leave.
    pub log_changes: bool,
    /// The classes whose changes the log does not tell.
    pub unlogged: Vec<String>,
}

/// The host inside the window, and the sessions that it starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostSettings {
    /// Seconds without activity after which a session ends; with 0 it never does.
    pub idle_seconds: u64,
    /// Seconds after which a session ends in any case; with 0 it never does.
    pub max_lifetime_seconds: u64,
    /// Megabytes that a session may download in all; 0 for no limit.
    pub max_download_megabytes: u64,
    /// Files that a session may download; 0 for no limit.
    pub max_downloads: u32,
    /// The browser's program. Where it is not given, the usual places are searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser: Option<PathBuf>,
    /// Width of a new session's page, in CSS pixels.
    pub width: u32,
    /// Height of a new session's page, in CSS pixels.
    pub height: u32,
    /// Whether the page of a new session takes the size of the space where it is shown, while nobody else is in the
    /// session. Width and height are its size before.
    pub fits: bool,
    /// The first page of a new session; empty for the host's own start page.
    pub start_url: String,
    /// The address of the model that answers questions about sessions, which has `chat/completions` below it; empty
    /// for no model. Its key is in the keyring, under the origin of this address, or in the environment.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub chat_base_url: String,
    /// The model's name at that address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub chat_model: String,
}

/// A session, identified by the name of its service and its id there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedSession {
    /// The name of the service's profile.
    pub service: String,
    /// The session's id at the service.
    pub id: String,
}

/// How to reach a service. Its key is in the keyring, under the origin of `base_url`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceProfile {
    /// The name that the user sees, which is unique among the services.
    pub name: String,
    /// The address of the service's API.
    pub base_url: String,
    /// Which API the service speaks.
    pub kind: ServiceKind,
    /// The space whose sessions are listed, where the service has spaces; empty for all spaces.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub space: String,
    /// Seconds from one snapshot to the next, where the service gives nothing but snapshots; 0 for the usual time.
    pub snapshot_seconds: u32,
    /// The address of a session host that takes this service's webhooks, whose events go to the logs of its sessions;
    /// empty for none. The host's token is in the keyring, under the origin of this address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub webhooks: String,
    /// Where the service wants its key.
    pub token_place: ServiceKeyPlace,
    /// Whether event streams are accepted also where they are labeled as plain text or not at all.
    pub lenient_media_type: bool,
    /// Whether tasks are offered on the service's sessions also where it does not say that it takes them.
    pub agent_tasks: bool,
}

/// An assistant for sessions whose service has none. Its key is in the keyring, under the origin of `base_url`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChatProfile {
    /// The service whose sessions have it; empty for any service.
    pub service: String,
    /// The address up to `chats`. Without a path it gets the usual one.
    pub base_url: String,
    /// The chat's id, in which `{id}` stands for the session's.
    pub chat_id: String,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a key such as \"ctrl+k\", or a list of keys, is expected")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

fn keys_by_command<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    let keys = BTreeMap::<String, OneOrMany>::deserialize(deserializer)?;
    let listed = keys.into_iter().map(|(command, keys)| match keys {
        OneOrMany::One(key) => (command, vec![key]),
        OneOrMany::Many(keys) => (command, keys),
    });
    Ok(listed.collect())
}

/// Where a service wants its key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
pub enum ServiceKeyPlace {
    /// `Authorization: Bearer …`, which keeps the key out of logs.
    #[default]
    #[serde(rename = "header")]
    Header,
    /// The query parameter `token`.
    #[serde(rename = "token")]
    Token,
    /// The query parameter `apikey`.
    #[serde(rename = "apikey")]
    Apikey,
    /// The query parameter `apiKey`.
    #[serde(rename = "apiKey")]
    ApiKey,
    /// The query parameter `api_key`.
    #[serde(rename = "api_key")]
    ApiKeySnake,
}

impl ServiceKeyPlace {
    /// Returns the name of the query parameter; `None` for the header.
    pub fn query_name(self) -> Option<&'static str> {
        match self {
            Self::Header => None,
            Self::Token => Some("token"),
            Self::Apikey => Some("apikey"),
            Self::ApiKey => Some("apiKey"),
            Self::ApiKeySnake => Some("api_key"),
        }
    }

    /// Returns the place where a service of this kind usually wants its key.
    pub fn usual_of(kind: ServiceKind) -> Self {
        Self::iter().find(|place| place.query_name() == kind.key_parameter()).unwrap_or_default()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::default(),
            ui_scale: 1.0,
            user_name: String::new(),
            panels: Panels::default(),
            layout: LayoutSettings::default(),
            log: LogFilters::default(),
            log_requests: false,
            saved_filters: Vec::new(),
            objects: ObjectSettings::default(),
            detection_rules: Vec::new(),
            keep_alive_cap_minutes: 60,
            keep_chats: false,
            needs_first: false,
            notifications: NotificationSettings::default(),
            ask_before_quit: true,
            host: HostSettings::default(),
            keys: BTreeMap::new(),
            known_origins: Vec::new(),
            last_sessions: Vec::new(),
            profiles: Vec::new(),
            cameras: Vec::new(),
            chats: Vec::new(),
        }
    }
}

impl Default for Panels {
    fn default() -> Self {
        Self { sessions: true, log: true, side: SidePanel::Log, stats: false, wall: false }
    }
}

impl Default for HostSettings {
    fn default() -> Self {
        Self {
            idle_seconds: 0,
            max_lifetime_seconds: 0,
            max_download_megabytes: 2000,
            max_downloads: 500,
            browser: None,
            width: 1280,
            height: 720,
            fits: true,
            start_url: String::new(),
            chat_base_url: String::new(),
            chat_model: String::new(),
        }
    }
}

impl ChatProfile {
    /// Returns the address to which the questions about session `id` go. The error is one sentence for the user.
    pub fn messages_url(&self, id: &str) -> Result<Url, String> {
        let mut url =
            Url::parse(&self.base_url).ok().filter(|url| url.has_host()).ok_or_else(|| {
                let shown = redact::address(&self.base_url);
                let help = format!("The address of a chat in the settings is not a URL: “{shown}”");
                words_for_none(&self.base_url, help)
            })?;
        let usual = matches!(url.path(), "" | "/");
        let chat = self.chat_id.replace("{id}", id);
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty();
            if usual {
                path.extend(["api", "v1", "actions"]);
            }
            path.extend(["chats", &chat, "messages"]);
        }
        Ok(url)
    }
}

impl Settings {
    /// Returns how long a session is kept alive while its user does nothing.
    pub fn keep_alive_cap(&self) -> Duration {
        Duration::from_secs(60 * u64::from(self.keep_alive_cap_minutes))
    }

    /// Returns the name by which the others in a session know this window's user.
    pub fn shown_name(&self) -> String {
        let of_system =
            ["USER", "USERNAME", "LOGNAME"].into_iter().filter_map(|it| std::env::var(it).ok());
        // A service that starts the window may have no such variable, and the home has its owner's name all the same.
        let of_home = std::iter::once_with(|| {
            let home = directories::BaseDirs::new()?;
            Some(home.home_dir().file_name()?.to_string_lossy().into_owned())
        });
        std::iter::once(self.user_name.clone())
            .chain(of_system)
            .chain(of_home.flatten())
            .map(|name| name.trim().to_owned())
            .find(|name| !name.is_empty())
            .unwrap_or_else(|| "Guest".to_owned())
    }

    /// Returns the scale to use: what the file says, within reason.
    pub fn clamped_ui_scale(&self) -> f32 {
        if self.ui_scale.is_finite() {
            self.ui_scale.clamp(*UI_SCALE.start(), *UI_SCALE.end())
        } else {
            1.0
        }
    }
}

impl LogFilters {
    /// Returns these choices as a filter.
    pub fn filter(&self) -> LogFilter {
        LogFilter {
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            families_off: self.hidden_families(),
        }
    }

    /// Takes the choices of a filter, but keeps the words that this version does not know.
    pub fn take(&mut self, filter: &LogFilter) {
        self.include.clone_from(&filter.include);
        self.exclude.clone_from(&filter.exclude);
        self.set_hidden_families(&filter.families_off);
    }

    /// Returns the hidden families that this version knows.
    pub fn hidden_families(&self) -> BTreeSet<Family> {
        self.hidden.iter().filter_map(|word| word.parse().ok()).collect()
    }

    /// Replaces the hidden families, but keeps the words that this version does not know.
    pub fn set_hidden_families(&mut self, hidden: &BTreeSet<Family>) {
        self.hidden.retain(|word| word.parse::<Family>().is_err());
        self.hidden.extend(hidden.iter().map(|family| <&str>::from(family).to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_service_has_its_key_in_a_place_that_can_be_written_down() {
        for kind in ServiceKind::iter() {
            let place = ServiceKeyPlace::usual_of(kind);
            assert_eq!(place.query_name(), kind.key_parameter(), "{kind:?}");
        }
    }

    #[test]
    fn families_survive_as_words() {
        let mut log = LogFilters {
            hidden: vec!["smell".to_owned(), "network".to_owned()],
            ..Default::default()
        };
        assert_eq!(log.hidden_families(), BTreeSet::from([Family::Network]));
        log.set_hidden_families(&BTreeSet::from([Family::Page, Family::Console]));
        assert_eq!(log.hidden, ["smell", "page", "console"]);
    }

    #[test]
    fn a_chat_is_found_below_its_base() {
        let url = |base_url: &str, chat_id: &str| {
            let profile = ChatProfile {
                base_url: base_url.to_owned(),
                chat_id: chat_id.to_owned(),
                ..ChatProfile::default()
            };
            profile.messages_url("s/1").ok().map(String::from)
        };
        for (base, chat, expected) in [
            ("https://a.test", "7", Some("https://a.test/api/v1/actions/chats/7/messages")),
            ("https://a.test/x/", "cam-{id}", Some("https://a.test/x/chats/cam-s%2F1/messages")),
            ("a.test", "7", None),
            ("data:x", "7", None),
        ] {
            assert_eq!(url(base, chat).as_deref(), expected, "{base}");
        }
    }

    #[test]
    fn an_absurd_scale_is_brought_to_reason() {
        let scale = |ui_scale| Settings { ui_scale, ..Default::default() }.clamped_ui_scale();
        assert_eq!([scale(1.25), scale(0.0), scale(900.0), scale(f32::NAN)], [1.25, 0.5, 3.0, 1.0]);
    }
}
