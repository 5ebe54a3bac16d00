//! Holds the one table of settings, whose rows say all that a screen has to know of each: its name, its help, how it is
//! shown, and how what was typed becomes a value. A new setting is a new row.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use strum::IntoEnumIterator as _;

use super::notifications::QuietHours;
use super::{ListForm, PanelPlace, Settings, SidePanel, ThemeChoice, UI_SCALE, chat_model};
use crate::base::address::words_for_none;
use crate::base::{TypedAddress, redact};
use crate::model::Family;

/// One setting of the file.
#[derive(Clone, Copy, Debug)]
pub struct SettingRow {
    /// Where the setting stands in the file, such as "host.width". It is the row's id.
    pub path: &'static str,
    /// The heading under which it stands.
    pub group: SettingGroup,
    /// What it is called on screen.
    pub name: &'static str,
    /// One sentence that says what it does.
    pub help: &'static str,
    /// How it is shown and changed.
    pub field: SettingField,
}

/// A heading of the settings screen, in the order of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::EnumIter)]
pub enum SettingGroup {
    /// How the window looks, and what is in it.
    Window,
    /// Who the user is, and how sessions are watched.
    Sessions,
    /// The browsers that this computer runs.
    Browsers,
    /// What the log shows.
    Log,
    /// What is shown of objects in pictures.
    Objects,
    /// The assistant for sessions of this computer.
    Assistant,
}

/// How a setting is shown and changed.
#[derive(Clone, Copy, Debug)]
pub enum SettingField {
    /// It is on or off.
    Switch {
        /// Reads it.
        get: fn(&Settings) -> bool,
        /// Changes it.
        set: fn(&mut Settings, bool),
    },
    /// It is one of a few, by its place among them.
    Choice {
        /// Returns what there is to choose.
        words: fn() -> Vec<&'static str>,
        /// Returns the place of what is chosen.
        get: fn(&Settings) -> usize,
        /// Chooses what is at this place.
        set: fn(&mut Settings, usize),
    },
    /// Several of a few are marked, by their places.
    Marks {
        /// Returns what there is to mark.
        words: fn() -> Vec<&'static str>,
        /// Tells whether what is at this place is marked.
        get: fn(&Settings, usize) -> bool,
        /// Marks what is at this place, or takes the mark away.
        set: fn(&mut Settings, usize, bool),
    },
    /// It is typed: a text, a number, an address.
    Typed {
        /// What stands in an empty field.
        hint: &'static str,
        /// What stands behind the field, such as "minutes"; empty for nothing.
        unit: &'static str,
        /// Writes it as it is typed.
        get: fn(&Settings) -> String,
        /// Reads what was typed. The error is one sentence for the user, and then nothing is changed.
        set: fn(&mut Settings, &str) -> Result<(), String>,
    },
    /// It is a list of words, from which some are taken and to which some are added.
    Words {
        /// What stands in the field for a new word.
        hint: &'static str,
        /// Reads the list.
        get: fn(&Settings) -> &Vec<String>,
        /// Gives the list to be changed.
        get_mut: fn(&mut Settings) -> &mut Vec<String>,
    },
}

/// A value that the user gave a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingValue {
    /// It is on or off.
    On(bool),
    /// What is at this place is chosen.
    Chosen(usize),
    /// What is at this place is marked or not.
    Marked(usize, bool),
    /// This was typed.
    Typed(String),
    /// This word joins the list.
    Add(String),
    /// This word leaves the list.
    Remove(String),
    /// The setting is as it is without a file.
    Default,
}

impl SettingGroup {
    /// Returns the heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Window => "Window",
            Self::Sessions => "Sessions",
            Self::Browsers => "Browsers on this computer",
            Self::Log => "Log",
            Self::Objects => "Objects in pictures",
            Self::Assistant => "Assistant",
        }
    }
}

impl SettingRow {
    /// Returns the row of the setting at this place in the file.
    pub fn at(path: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|row| row.path == path)
    }

    /// Changes the setting. The error is one sentence for the user, and then nothing is changed.
    pub fn set(&self, settings: &mut Settings, value: &SettingValue) -> Result<(), String> {
        match (self.field, value) {
            (_, SettingValue::Default) => self.copy(&Settings::default(), settings),
            (SettingField::Switch { set, .. }, SettingValue::On(on)) => set(settings, *on),
            (SettingField::Choice { set, .. }, SettingValue::Chosen(at)) => set(settings, *at),
            (SettingField::Marks { set, .. }, SettingValue::Marked(at, on)) => {
                set(settings, *at, *on);
            }
            (SettingField::Typed { set, .. }, SettingValue::Typed(text)) => {
                return set(settings, text.trim());
            }
            (SettingField::Words { get_mut, .. }, SettingValue::Add(word)) => {
                let (words, word) = (get_mut(settings), word.trim());
                if word.is_empty() {
                    return Err("Type a word first".to_owned());
                }
                if !words.iter().any(|known| known == word) {
                    words.push(word.to_owned());
                }
            }
            (SettingField::Words { get_mut, .. }, SettingValue::Remove(word)) => {
                get_mut(settings).retain(|known| known != word);
            }
            // The screen offers for each kind of field its own kind of value only.
            _ => return Err(format!("“{}” takes no such value", self.name)),
        }
        Ok(())
    }

    /// Tells whether the setting is as it is without a file.
    pub fn is_default(&self, settings: &Settings) -> bool {
        let usual = &Settings::default();
        match self.field {
            SettingField::Switch { get, .. } => get(settings) == get(usual),
            SettingField::Choice { get, .. } => get(settings) == get(usual),
            SettingField::Marks { words, get, .. } => {
                (0..words().len()).all(|at| get(settings, at) == get(usual, at))
            }
            SettingField::Typed { get, .. } => get(settings) == get(usual),
            SettingField::Words { get, .. } => get(settings) == get(usual),
        }
    }

    fn copy(&self, from: &Settings, to: &mut Settings) {
        match self.field {
            SettingField::Switch { get, set } => set(to, get(from)),
            SettingField::Choice { get, set, .. } => set(to, get(from)),
            SettingField::Marks { words, get, set } => {
                (0..words().len()).for_each(|at| set(to, at, get(from, at)));
            }
            SettingField::Typed { get, set, .. } => drop(set(to, &get(from))),
            SettingField::Words { get, get_mut, .. } => get_mut(to).clone_from(get(from)),
        }
    }
}

/// Makes a row from the place of its value, so that its path in the file can't differ from what it changes.
macro_rules! row {
    ($group:ident, $name:literal, $help:literal, $kind:ident($first:ident $(. $rest:ident)* $(, $($more:tt)*)?)) => {
        SettingRow {
            path: concat!(stringify!($first) $(, ".", stringify!($rest))*),
            group: SettingGroup::$group,
            name: $name,
            help: $help,
            field: $kind!([$first $(. $rest)*] $($($more)*)?),
        }
    };
}

macro_rules! switch {
    ([$($at:tt)+]) => {
        SettingField::Switch { get: |it| it.$($at)+, set: |it, on| it.$($at)+ = on }
    };
}

/// One of the variants of an enum, with its words.
macro_rules! choice {
    ([$($at:tt)+] $type:ident, $words:expr) => {
        SettingField::Choice {
            words: || $type::iter().map($words).collect(),
            get: |it| $type::iter().position(|one| one == it.$($at)+).unwrap_or_default(),
            set: |it, at| it.$($at)+ = $type::iter().nth(at).unwrap_or_default(),
        }
    };
}

macro_rules! text {
    ([$($at:tt)+] $hint:literal) => {
        SettingField::Typed {
            hint: $hint,
            unit: "",
            get: |it| it.$($at)+.clone(),
            set: |it, text| {
                it.$($at)+ = text.to_owned();
                Ok(())
            },
        }
    };
}

/// A whole number within a range.
macro_rules! number {
    ([$($at:tt)+] $range:expr, $unit:literal) => {
        SettingField::Typed {
            hint: "",
            unit: $unit,
            get: |it| it.$($at)+.to_string(),
            set: |it, text| {
                it.$($at)+ = whole(text, $range)?;
                Ok(())
            },
        }
    };
}

/// A part of 1 that is shown in percent.
macro_rules! percent {
    ([$($at:tt)+] $range:expr) => {
        SettingField::Typed {
            hint: "",
            unit: "%",
            get: |it| (100.0 * it.$($at)+).round().to_string(),
            set: |it, text| {
                it.$($at)+ = f32::from(whole::<u16>(text.trim_end_matches(['%', ' ']), $range)?) / 100.0;
                Ok(())
            },
        }
    };
}

macro_rules! words {
    ([$($at:tt)+] $hint:literal) => {
        SettingField::Words { hint: $hint, get: |it| &it.$($at)+, get_mut: |it| &mut it.$($at)+ }
    };
}

/// A field of another form.
macro_rules! field {
    ([$($at:tt)+] $field:expr) => {
        $field
    };
}

/// All settings that are single values, in the order of the screen. Services, cameras, assistants, rules and keys have
/// editors of their own.
#[rustfmt::skip]
pub static SETTINGS: &[SettingRow] = &[
    row!(Window, "Theme", "The colors of the window", choice(theme, ThemeChoice, theme_words)),
    row!(Window, "Size of texts", "Makes texts and buttons larger or smaller, beside the screen's own scale", percent(ui_scale, scale_range())),
    row!(Window, "Session list", "Shows the list of sessions at the side", switch(panels.sessions)),
    row!(Window, "Side panel", "Shows the panel beside the picture", switch(panels.log)),
    row!(Window, "In the side panel", "What the panel beside the picture shows", choice(panels.side, SidePanel, side_words)),
    row!(Window, "List in a small window", "The form of the list of sessions below 900 points of width", choice(layout.small.list, ListForm, list_words)),
    row!(Window, "Panel in a small window", "The place of the side panel below 900 points of width", choice(layout.small.panel, PanelPlace, place_words)),
    row!(Window, "List in a medium window", "The form of the list of sessions below 1500 points of width", choice(layout.medium.list, ListForm, list_words)),
    row!(Window, "Panel in a medium window", "The place of the side panel below 1500 points of width", choice(layout.medium.panel, PanelPlace, place_words)),
    row!(Window, "List in a large window", "The form of the list of sessions from 1500 points of width", choice(layout.large.list, ListForm, list_words)),
    row!(Window, "Panel in a large window", "The place of the side panel from 1500 points of width", choice(layout.large.panel, PanelPlace, place_words)),
    row!(Window, "Statistics", "Shows frame rate, bit rate and delays over the picture", switch(panels.stats)),
    row!(Window, "Wall", "Shows all watched sessions as tiles, in place of one alone", switch(panels.wall)),
    row!(Window, "What needs you first", "Puts the sessions that need you before all others in the list", switch(needs_first)),
    row!(Window, "System notifications", "Tells of what needs you while the window is not in front", switch(notifications.system)),
    row!(Window, "Quiet hours", "The hours in which the system tells of nothing", field(notifications.quiet_hours, QUIET_HOURS)),
    row!(Window, "Pause between notifications", "The system tells of the same kind in the same session only after so long", number(notifications.pause_minutes, 0..=1440, "minutes")),
    row!(Window, "Ask before quitting", "Asks first where the end of the window ends browsers that it started", switch(ask_before_quit)),

    row!(Sessions, "Your name", "What the others in a session call you", text(user_name, "The name that the system knows")),
    row!(Sessions, "Keep alive for", "Keep-alive asks whether to go on after so long without an action of yours; it holds for services that are connected to from now on", number(keep_alive_cap_minutes, 1..=10_080, "minutes")),
    row!(Sessions, "Keep chats", "Keeps talks with assistants on this computer", switch(keep_chats)),
    row!(Sessions, "Places for links", "The places that helmsight:// links open without asking", words(known_origins, "https://example.com")),

    row!(Browsers, "Fill the window", "Gives the page of a new session the size of the space where it is shown, while nobody else is in the session", switch(host.fits)),
    row!(Browsers, "Width", "The width of a new session's page", number(host.width, 100..=7680, "pixels")),
    row!(Browsers, "Height", "The height of a new session's page", number(host.height, 100..=4320, "pixels")),
    row!(Browsers, "First page", "The page of a new session", field(host.start_url, START_URL)),
    row!(Browsers, "Browser", "The program that is started; until a browser was started, it holds at once, else from the next start of Helmsight", field(host.browser, BROWSER)),
    row!(Browsers, "End when idle", "Ends a session that nobody used for so long, 0 for never; with a browser started already, from the next start of Helmsight", number(host.idle_seconds, 0..=31_536_000, "seconds")),
    row!(Browsers, "End in any case", "Ends a session after so long, 0 for never; with a browser started already, from the next start of Helmsight", number(host.max_lifetime_seconds, 0..=31_536_000, "seconds")),
    row!(Browsers, "Most downloads", "What a session may download in all, 0 for no limit; with a browser started already, from the next start of Helmsight", number(host.max_download_megabytes, 0..=1_000_000_000, "MB")),
    row!(Browsers, "Most files", "How many files a session may download, 0 for no limit; with a browser started already, from the next start of Helmsight", number(host.max_downloads, 0..=1_000_000, "files")),

    row!(Log, "Requests", "Tells in the log of every request of pages, where the session can tell", switch(log_requests)),
    row!(Log, "Show only", "The words that a row needs to be shown", text(log.include, "Any row")),
    row!(Log, "Hide", "The words that hide a row", text(log.exclude, "No row")),
    row!(Log, "Hidden kinds", "The kinds of rows that are not shown", field(log.hidden, HIDDEN_FAMILIES)),

    row!(Objects, "Hide all boxes", "Shows pictures without boxes", switch(objects.boxes_hidden)),
    row!(Objects, "Without a box", "The classes whose boxes are not shown", words(objects.hidden, "person")),
    row!(Objects, "Least confidence", "Leaves out what the detector is less sure of", percent(objects.min_confidence, 0..=100)),
    row!(Objects, "Log changes", "Tells in the log which classes appear and leave", switch(objects.log_changes)),
    row!(Objects, "Not in the log", "The classes whose changes the log does not tell", words(objects.unlogged, "person")),

    row!(Assistant, "Address of the model", "Where questions about sessions of this computer go, up to chat/completions; its key is in the keyring or in HELMSIGHT_CHAT_KEY. Holds from the next start", field(host.chat_base_url, CHAT_ADDRESS)),
    row!(Assistant, "Model", "The model's name at that address. Holds from the next start", text(host.chat_model, "The server's own choice")),
];

const QUIET_HOURS: SettingField = SettingField::Typed {
    hint: "22:00-07:00",
    unit: "",
    get: |it| it.notifications.quiet_hours.clone(),
    set: |it, text| {
        if !text.is_empty() && QuietHours::read(text).is_none() {
            return Err("Type two times of day such as 22:00-07:00, or nothing".to_owned());
        }
        text.clone_into(&mut it.notifications.quiet_hours);
        Ok(())
    },
};

const START_URL: SettingField = SettingField::Typed {
    hint: "The start page",
    unit: "",
    get: |it| it.host.start_url.clone(),
    set: |it, text| {
        // What follows a scheme is left to whoever opens it, as in the form for a new session.
        if text.contains(char::is_whitespace) && !text.contains(':') {
            let shown = redact::address(text);
            return Err(format!("“{shown}” is no web address. Type one such as example.com"));
        }
        text.clone_into(&mut it.host.start_url);
        Ok(())
    },
};

const BROWSER: SettingField = SettingField::Typed {
    hint: "The first that is found",
    unit: "",
    get: |it| it.host.browser.as_ref().map_or_else(String::new, |path| path.display().to_string()),
    set: |it, text| {
        let path = (!text.is_empty()).then(|| PathBuf::from(text));
        if let Some(path) = path.as_ref().filter(|path| !path.is_file()) {
            return Err(format!(
                "There is no program at {}. Give the path of a browser",
                path.display()
            ));
        }
        it.host.browser = path;
        Ok(())
    },
};

const HIDDEN_FAMILIES: SettingField = SettingField::Marks {
    words: || Family::iter().map(Into::into).collect(),
    get: |it, at| Family::iter().nth(at).is_some_and(|one| it.log.hidden_families().contains(&one)),
    set: |it, at, on| {
        let mut hidden = it.log.hidden_families();
        if let Some(family) = Family::iter().nth(at) {
            if on {
                hidden.insert(family)
            } else {
                hidden.remove(&family)
            };
        }
        it.log.set_hidden_families(&hidden);
    },
};

const CHAT_ADDRESS: SettingField = SettingField::Typed {
    hint: "No model",
    unit: "",
    get: |it| it.host.chat_base_url.clone(),
    set: |it, text| {
        let mut host = it.host.clone();
        host.chat_base_url = match text {
            "" => String::new(),
            text => TypedAddress::read(text)
                .filter(|it| matches!(it.url.scheme(), "http" | "https") && it.url.has_host())
                .map(|it| it.url.to_string())
                .ok_or_else(|| {
                    words_for_none(text, "Type an address such as https://api.example.com/v1")
                })?,
        };
        if let Some(config) = chat_model(&host)?
            && redact::has_login(&config.base_url)
        {
            return Err("A password does not belong in the address; give it as the key".to_owned());
        }
        it.host = host;
        Ok(())
    },
};

fn scale_range() -> RangeInclusive<u16> {
    let percent = |scale: f32| (100.0 * scale).round() as u16;
    percent(*UI_SCALE.start())..=percent(*UI_SCALE.end())
}

fn theme_words(theme: ThemeChoice) -> &'static str {
    match theme {
        ThemeChoice::System => "As the system",
        ThemeChoice::Dark => "Dark",
        ThemeChoice::Light => "Light",
        ThemeChoice::HighContrast => "High contrast",
    }
}

fn list_words(form: ListForm) -> &'static str {
    match form {
        ListForm::Auto => "As the picture needs it",
        ListForm::Names => "Names",
        ListForm::Icons => "Icons",
    }
}

fn place_words(place: PanelPlace) -> &'static str {
    match place {
        PanelPlace::Auto => "As the picture needs it",
        PanelPlace::Right => "Right of the picture",
        PanelPlace::Below => "Below the picture",
        PanelPlace::Over => "Over the picture",
    }
}

fn side_words(side: SidePanel) -> &'static str {
    match side {
        SidePanel::Log => "Log",
        SidePanel::Chat => "Chat",
        SidePanel::People => "People",
        SidePanel::Objects => "Objects",
    }
}

/// Reads a whole number. The error says which numbers there are.
fn whole<T>(text: &str, range: RangeInclusive<T>) -> Result<T, String>
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display,
{
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("Type a number from {} to {}", range.start(), range.end()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use toml::{Table, Value};

    use super::*;

    /// What has an editor of its own or is no choice of the user's.
    const ELSEWHERE: &[&str] = &[
        "keys",
        "profiles",
        "cameras",
        "chats",
        "detection_rules",
        "saved_filters",
        "last_sessions",
    ];

    fn paths(before: &str, table: &Table) -> BTreeSet<String> {
        let ours = table.iter().filter(|(key, _)| !ELSEWHERE.contains(&key.as_str()));
        let paths = ours.flat_map(|(key, value)| match value {
            Value::Table(inner) => paths(&format!("{before}{key}."), inner),
            _ => BTreeSet::from([format!("{before}{key}")]),
        });
        paths.collect()
    }

    fn changed(path: &str, value: SettingValue) -> Result<Settings, String> {
        let mut settings = Settings::default();
        SettingRow::at(path).expect(path).set(&mut settings, &value)?;
        Ok(settings)
    }

    #[test]
    fn every_setting_of_the_file_has_a_row() {
        let mut full = Settings::default();
        full.host.browser = Some("/opt/x".into());
        full.host.chat_base_url = "https://a.test".to_owned();
        full.host.chat_model = "m".to_owned();
        full.known_origins.push("https://a.test".to_owned());
        let in_file = paths("", &Table::try_from(&full).unwrap());
        let rows: BTreeSet<_> = SETTINGS.iter().map(|row| row.path.to_owned()).collect();
        assert_eq!(rows, in_file, "settings/table.rs has a row for each setting");
        assert_eq!(rows.len(), SETTINGS.len(), "each has one row");
    }

    #[test]
    fn what_is_shown_can_be_typed_again_and_goes_back_to_its_default() {
        for row in SETTINGS {
            let mut settings = Settings::default();
            assert!(row.is_default(&settings), "{}", row.path);
            let other = match row.field {
                SettingField::Switch { get, .. } => SettingValue::On(!get(&settings)),
                SettingField::Choice { .. } => SettingValue::Chosen(1),
                SettingField::Marks { .. } => SettingValue::Marked(2, true),
                SettingField::Words { .. } => SettingValue::Add("word".to_owned()),
                SettingField::Typed { get, set, .. } => {
                    let shown = get(&settings);
                    assert_eq!(set(&mut settings, &shown), Ok(()), "{}", row.path);
                    assert!(row.is_default(&settings), "{}", row.path);
                    let all = ["77", "120", "a.test", "/bin/sh", "22-7"].map(str::to_owned);
                    let taken = |text: &String| {
                        let value = SettingValue::Typed(text.clone());
                        row.set(&mut Settings::default(), &value).is_ok()
                    };
                    SettingValue::Typed(all.into_iter().find(taken).expect(row.path))
                }
            };
            row.set(&mut settings, &other).unwrap();
            assert!(!row.is_default(&settings), "{}", row.path);
            row.set(&mut settings, &SettingValue::Default).unwrap();
            assert_eq!(settings, Settings::default(), "{}", row.path);
        }
    }

    #[test]
    fn wrong_values_are_refused_in_words_and_change_nothing() {
        for (path, typed, words) in [
            ("ui_scale", "20", "from 50 to 300"),
            ("ui_scale", "big", "from 50 to 300"),
            ("host.width", "-3", "from 100 to 7680"),
            ("keep_alive_cap_minutes", "0", "from 1 to"),
            ("notifications.quiet_hours", "night", "such as 22:00-07:00"),
            ("host.browser", "/no/such/browser", "no program at /no/such/browser"),
            ("host.start_url", "two words", "no web address"),
            ("host.chat_base_url", "ftp://a.test", "https://api.example.com"),
            ("host.chat_base_url", "https://me:hunter2@a.test", "as the key"),
        ] {
            let why = changed(path, SettingValue::Typed(typed.to_owned())).unwrap_err();
            assert!(why.contains(words) && !why.contains("hunter2"), "{path}: {why}");
            assert!(!why.ends_with('.'), "{why}");
        }
        assert!(changed("theme", SettingValue::On(true)).is_err());
        let scale = changed("ui_scale", SettingValue::Typed(" 125 % ".to_owned())).unwrap();
        assert_eq!(scale.ui_scale, 1.25);
    }

    #[test]
    fn names_and_help_are_in_sentence_case_without_a_full_stop() {
        for row in SETTINGS {
            for text in [row.name, row.help] {
                assert!(text.starts_with(char::is_uppercase) && !text.ends_with('.'), "{text}");
            }
        }
    }
}
