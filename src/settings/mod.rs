//! Holds what is remembered between runs: the settings file, the secrets in the keyring of the OS, and what the
//! environment says.
//!
//! There are three stores, so that losing one never costs another: the settings file, egui's own memory of the window,
//! and the keyring. No key of a service is ever written to a file.

mod address;
mod cameras;
mod chat_model;
pub mod chats;
mod data;
pub mod env;
mod keyed;
mod layout;
mod memory;
mod merge;
pub mod migrate;
mod notifications;
mod reach;
pub mod secrets;
mod store;
mod table;

/// Plain data of a service's kind, for forms.
pub use crate::session::ServiceKind;
pub use address::service_address;
pub use cameras::{CameraKeyPlace, CameraProfile, ForwardProfile};
pub use chat_model::{chat_model, with_key};
pub use data::{
    ChatProfile, HostSettings, LogFilters, ObjectSettings, Panels, SavedFilter, ServiceKeyPlace,
    ServiceProfile, Settings, SidePanel, ThemeChoice, UI_SCALE, WatchedSession,
};
pub use layout::{LayoutSettings, ListForm, PanelPlace, PanelPlaces};
pub use memory::{EndedSession, LabelColor, RecentSession, SessionLabel, WindowMemory, memorable};
pub use notifications::NotificationSettings;
pub use reach::is_same_base;
pub use store::{LoadedSettings, Problem, SettingsError, Store, Stored, config_dir, data_dir};
pub use table::{SETTINGS, SettingField, SettingGroup, SettingRow, SettingValue};
