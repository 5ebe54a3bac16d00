//! Reads the settings file leniently, and writes it atomically and never at the cost of what somebody else wrote in it.

use std::fs::{File, TryLockError};
use std::io;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use toml::{Table, Value};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Settings;
use super::merge::carry_changes;
use super::migrate::{VERSION, migrate};
use crate::base::atomic_file;

/// Whoever writes a file holds a lock on the one beside it with this ending, which is never removed. The file itself is
/// replaced at every write, so a lock on it would hold off nobody.
const LOCK_ENDING: &str = "lock";
/// Another window writes its few kilobytes in much less time than this.
const LOCK_LIMIT: Duration = Duration::from_secs(1);
const LOCK_RETRY: Duration = Duration::from_millis(10);
/// This variable names another folder for the settings, as for tests and portable installs.
const DIR_VARIABLE: &str = "HELMSIGHT_CONFIG_DIR";

/// What went wrong with the file. The program goes on with defaults.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file is no TOML and was moved out of the way.
    #[error("The settings file could not be read as TOML, so it was kept as {} and the defaults are used: {why}", aside.display())]
    SetAside {
        /// Where the file is now.
        aside: PathBuf,
        /// The parser's message.
        why: String,
    },
    /// Some values can't be used.
    #[error("Some settings could not be used and have their defaults: {}. Correct them in {}", keys.join("; "), path.display())]
    BadValues {
        /// The keys of these values, each with the reason.
        keys: Vec<String>,
        /// The settings file.
        path: PathBuf,
    },
    /// The file could not be read.
    #[error("The settings could not be read, so the defaults are used: {why}\nFile: {}", path.display())]
    Unreadable {
        /// The settings file.
        path: PathBuf,
        /// The system's message.
        why: String,
    },
}

/// Why the settings could not be saved.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file could not be written.
    #[error("The settings could not be saved: {source}\nFile: {}", path.display())]
    Write {
        /// The settings file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file could not be read.
    #[error("The settings file could not be read, so what was changed in it is not taken over: {why}\nFile: {}", path.display())]
    Read {
        /// The settings file.
        path: PathBuf,
        /// The system's message.
        why: String,
    },
    /// The file is no TOML, perhaps because somebody is editing it.
    #[error("The settings file has a mistake in it and was left alone: correct it, or delete it\nFile: {}", path.display())]
    Broken {
        /// The settings file.
        path: PathBuf,
    },
    /// Another process is writing the settings and does not come to an end.
    #[error("The settings could not be saved, because another window is writing them: they are saved with the next change\nFile: {}", path.display())]
    Busy {
        /// The settings file.
        path: PathBuf,
    },
    /// The settings have no form in TOML.
    #[error("The settings could not be put into words: {0}")]
    Serialize(#[from] toml::ser::Error),
}

/// What a file of its own keeps.
pub trait Stored: Clone + Default + Serialize + DeserializeOwned {
    /// The name of the file.
    const FILE_NAME: &'static str;
}

impl Stored for Settings {
    const FILE_NAME: &'static str = "settings.toml";
}

/// A file such as that of the settings, and what this process last knew to be in it.
#[derive(Clone, Debug)]
pub struct Store<T = Settings> {
    path: PathBuf,
    /// Our own values at the last load or save. Only a value that differs from these was changed here.
    known: Table,
    of: PhantomData<T>,
}

/// What was read at the start.
#[derive(Debug)]
pub struct LoadedSettings<T = Settings> {
    /// The file, for saving.
    pub store: Store<T>,
    /// What the file keeps, with the default of each value that could not be used.
    pub settings: T,
    /// What the user has to be told about the file.
    pub problem: Option<Problem>,
}

/// Returns the folder of the settings; `None` where the system names no home. `lookup` reads the environment.
pub fn config_dir(lookup: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    match lookup(DIR_VARIABLE).filter(|dir| !dir.is_empty()) {
        Some(dir) => Some(PathBuf::from(dir)),
        None => directories::ProjectDirs::from("", "", "helmsight")
            .map(|dirs| dirs.config_dir().to_owned()),
    }
}

/// Returns the folder of data that is not settings, which is the same one where the environment names the settings'
/// folder; `None` where the system names no home. `lookup` reads the environment.
pub fn data_dir(lookup: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    match lookup(DIR_VARIABLE).filter(|dir| !dir.is_empty()) {
        Some(dir) => Some(PathBuf::from(dir)),
        None => directories::ProjectDirs::from("", "", "helmsight")
            .map(|dirs| dirs.data_dir().to_owned()),
    }
}

impl<T: Stored> Store<T> {
    /// Reads the file in `dir`. Never fails: a value that can't be used is reported and has its default.
    pub fn load(dir: &Path) -> LoadedSettings<T> {
        let path = dir.join(T::FILE_NAME);
        let (settings, problem) = match read(&path) {
            Ok(table) => from_table(&table, &path),
            Err(ReadError::Missing) => Default::default(),
            Err(ReadError::Io(why)) => {
                (T::default(), Some(Problem::Unreadable { path: path.clone(), why }))
            }
            Err(ReadError::Syntax(why)) => (T::default(), Some(set_aside(&path, why))),
        };
        let known = to_table(&settings).unwrap_or_default();
        LoadedSettings { store: Self { path, known, of: PhantomData }, settings, problem }
    }

    /// Reads the settings in the folder `dir` and changes nothing there: a file that can't be read counts as none.
    pub fn look(dir: &Path) -> T {
        let path = dir.join(T::FILE_NAME);
        read(&path).map(|table| from_table(&table, &path).0).unwrap_or_default()
    }

    /// Returns the path of the settings file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes over into `settings` what somebody else wrote into the file since the last load or save; what was changed
    /// here stays. A file that can't be read, perhaps because somebody is editing it, changes nothing.
    pub fn refresh(&mut self, settings: &mut T) -> Result<(), SettingsError> {
        let table = match read(&self.path) {
            Ok(table) => table,
            Err(ReadError::Missing) => return Ok(()),
            Err(ReadError::Syntax(_)) => {
                return Err(SettingsError::Broken { path: self.path.clone() });
            }
            Err(ReadError::Io(why)) => {
                return Err(SettingsError::Read { path: self.path.clone(), why });
            }
        };
        let theirs = to_table(&from_table::<T>(&table, &self.path).0)?;
        let mut ours = to_table(settings)?;
        carry_changes(&self.known, &theirs, &mut ours);
        *settings = from_table(&ours, &self.path).0;
        self.known = theirs;
        Ok(())
    }

    /// Writes what was changed since the last load or save, and nothing else: what the user or another window wrote in
    /// the meantime stays, as do keys that this version does not know. Blocks for the disk, and up to 1 s for another
    /// window that writes; call it once changes have come to rest.
    pub fn save(&mut self, settings: &T) -> Result<(), SettingsError> {
        let wanted = to_table(settings)?;
        if wanted == self.known && self.path.exists() {
            return Ok(());
        }
        let _lock = self.lock()?;
        let mut on_disk = match read(&self.path) {
            Ok(table) => table,
            Err(ReadError::Missing) => Table::new(),
            // Somebody may be in the middle of editing the file.
            Err(ReadError::Syntax(_)) => {
                return Err(SettingsError::Broken { path: self.path.clone() });
            }
            Err(ReadError::Io(why)) => return Err(self.write_error(io::Error::other(why))),
        };
        on_disk.entry("version").or_insert(Value::Integer(VERSION));
        carry_changes(&self.known, &wanted, &mut on_disk);
        let text = toml::to_string_pretty(&on_disk)?;
        // The file may be a link into a folder of dot files, and the link stays.
        let path = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        atomic_file::write(&path, text.as_bytes()).map_err(|err| self.write_error(err))?;
        self.known = wanted;
        Ok(())
    }

    /// Keeps other windows from writing until the file that is returned is dropped.
    fn lock(&self) -> Result<File, SettingsError> {
        let path = self.path.with_extension(LOCK_ENDING);
        let open = || {
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            File::options().create(true).append(true).open(&path)
        };
        let file = open().map_err(|err| self.write_error(err))?;
        let deadline = Instant::now() + LOCK_LIMIT;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    std::thread::sleep(LOCK_RETRY);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(SettingsError::Busy { path: self.path.clone() });
                }
                // Some network folders know no locks. One window at a time is the usual case there, too.
                Err(TryLockError::Error(err)) => {
                    tracing::debug!("the settings are written without a lock: {err}");
                    return Ok(file);
                }
            }
        }
    }

    fn write_error(&self, source: io::Error) -> SettingsError {
        SettingsError::Write { path: self.path.clone(), source }
    }
}

enum ReadError {
    Missing,
    Io(String),
    Syntax(String),
}

fn read(path: &Path) -> Result<Table, ReadError> {
    let bytes = std::fs::read(path).map_err(|err| match err.kind() {
        io::ErrorKind::NotFound => ReadError::Missing,
        _ => ReadError::Io(err.to_string()),
    })?;
    let text = String::from_utf8(bytes).map_err(|err| ReadError::Syntax(err.to_string()))?;
    // Some editors put a byte order mark before the text.
    let text = text.trim_start_matches('\u{FEFF}');
    let table: Table =
        text.parse().map_err(|err: toml::de::Error| ReadError::Syntax(err.message().to_owned()))?;
    Ok(migrate(table))
}

fn set_aside(path: &Path, why: String) -> Problem {
    match atomic_file::set_aside(path) {
        Ok(aside) => Problem::SetAside { aside, why },
        Err(err) => Problem::Unreadable { path: path.to_owned(), why: format!("{why}; {err}") },
    }
}

/// Reads the settings. One bad value costs only its own key: not the whole file, and not the table that it is in.
fn from_table<T: Stored>(table: &Table, path: &Path) -> (T, Option<Problem>) {
    if let Ok(settings) = table.clone().try_into() {
        return (settings, None);
    }
    let mut good = Table::new();
    let mut keys = Vec::new();
    for (key, value) in table {
        let Err(err) = read_alone::<T>(key, value.clone()) else {
            good.insert(key.clone(), value.clone());
            continue;
        };
        match value {
            Value::Table(inner) => {
                let kept = good_part::<T>(key, inner, &mut keys);
                good.insert(key.clone(), Value::Table(kept));
            }
            _ => keys.push(with_reason(key, &err)),
        }
    }
    let settings = good.try_into().unwrap_or_default();
    (settings, Some(Problem::BadValues { keys, path: path.to_owned() }))
}

/// Returns what can be used of the table `key`, and adds the rest to `problems`.
fn good_part<T: Stored>(key: &str, inner: &Table, problems: &mut Vec<String>) -> Table {
    let mut kept = Table::new();
    for (name, value) in inner {
        let one = Table::from_iter([(name.clone(), value.clone())]);
        match read_alone::<T>(key, Value::Table(one)) {
            Ok(_) => {
                kept.insert(name.clone(), value.clone());
            }
            Err(err) => problems.push(with_reason(&format!("{key}.{name}"), &err)),
        }
    }
    kept
}

/// Reads one value alone, which fails where that value is bad.
fn read_alone<T: Stored>(key: &str, value: Value) -> Result<T, toml::de::Error> {
    Table::from_iter([(key.to_owned(), value)]).try_into()
}

/// Names a key with the reason why its value is bad.
fn with_reason(key: &str, err: &toml::de::Error) -> String {
    let why = err.message().lines().next().unwrap_or_default();
    format!("{key} ({why})")
}

fn to_table<T: Stored>(settings: &T) -> Result<Table, toml::ser::Error> {
    Table::try_from(settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{CameraProfile, ServiceKeyPlace, ServiceProfile, ThemeChoice};

    const FILE_NAME: &str = Settings::FILE_NAME;

    fn folder_with(text: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), text).unwrap();
        folder
    }

    fn text_in(folder: &tempfile::TempDir) -> String {
        std::fs::read_to_string(folder.path().join(FILE_NAME)).unwrap()
    }

    #[test]
    fn no_file_means_defaults_and_nothing_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let loaded = Store::<Settings>::load(&folder.path().join("deep"));
        assert_eq!((loaded.settings, loaded.problem), (Settings::default(), None));
        assert!(!folder.path().join("deep").exists());
    }

    #[test]
    fn a_byte_order_mark_is_no_fault_and_a_look_changes_nothing() {
        let folder = folder_with("\u{FEFF}[log]\ninclude = \"x\"\n");
        assert_eq!(Store::<Settings>::look(folder.path()).log.include, "x");
        let loaded = Store::<Settings>::load(folder.path());
        assert_eq!((loaded.settings.log.include.as_str(), loaded.problem), ("x", None));
        let broken = folder_with("[log\n");
        assert_eq!(Store::<Settings>::look(broken.path()), Settings::default());
        assert_eq!(text_in(&broken), "[log\n");
    }

    #[test]
    fn one_bad_line_of_a_table_costs_that_line_and_a_key_needs_no_list() {
        let folder = folder_with(
            "[keys]\nquit = \"ctrl+f4\"\nhelp = 7\nreload = [\"f9\", \"f10\"]\n[log]\ninclude = \"x\"\n",
        );
        let loaded = Store::<Settings>::load(folder.path());
        let keys = &loaded.settings.keys;
        assert_eq!(keys["quit"], ["ctrl+f4"]);
        assert_eq!(keys["reload"], ["f9", "f10"]);
        assert_eq!(keys.get("help"), None);
        assert_eq!(loaded.settings.log.include, "x");
        let problem = loaded.problem.expect("a problem").to_string();
        assert!(problem.contains("keys.help (a key such as"), "{problem}");
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let mut loaded = Store::<Settings>::load(folder.path());
        let profile = ServiceProfile {
            name: "Cloud".into(),
            base_url: "https://api.example".into(),
            token_place: ServiceKeyPlace::ApiKey,
            ..Default::default()
        };
        let settings = Settings {
            theme: ThemeChoice::HighContrast,
            profiles: vec![profile],
            ..Default::default()
        };
        loaded.store.save(&settings).unwrap();
        assert!(!text_in(&folder).contains("log"), "what was not changed is not written");
        let again = Store::<Settings>::load(folder.path());
        assert_eq!((again.settings, again.problem), (settings, None));
        assert!(text_in(&folder).contains("version = 1"));
    }

    #[test]
    fn a_file_that_is_no_toml_is_set_aside() {
        let folder = folder_with("theme = [[[");
        let loaded = Store::<Settings>::load(folder.path());
        assert_eq!(loaded.settings, Settings::default());
        let Some(Problem::SetAside { aside, .. }) = loaded.problem else {
            panic!("{:?}", loaded.problem)
        };
        assert_eq!(std::fs::read_to_string(aside).unwrap(), "theme = [[[");
    }

    #[test]
    fn a_bad_value_costs_its_own_key_only_and_stays_in_the_file() {
        let folder = folder_with("theme = 'sepia'\nui_scale = 1.5\n[panels]\nlog = false\n");
        let mut loaded = Store::<Settings>::load(folder.path());
        assert_eq!((loaded.settings.theme, loaded.settings.ui_scale), (ThemeChoice::System, 1.5));
        assert!(!loaded.settings.panels.log && loaded.settings.panels.sessions);
        let told = loaded.problem.expect("the bad value is reported").to_string();
        assert!(told.contains("theme") && !told.contains("ui_scale"), "{told}");

        loaded.settings.panels.stats = true;
        loaded.store.save(&loaded.settings).unwrap();
        assert!(text_in(&folder).contains("sepia"));
    }

    #[test]
    fn saving_keeps_unknown_keys_and_what_was_edited_meanwhile() {
        let folder = folder_with(
            "version = 9\nfuture = { deep = 1 }\n[panels]\nlog = true\nminimap = true\n",
        );
        let mut loaded = Store::<Settings>::load(folder.path());
        let edited = text_in(&folder) + "[keys]\nquit = ['ctrl+shift+q']\n";
        std::fs::write(folder.path().join(FILE_NAME), edited).unwrap();

        loaded.settings.panels.log = false;
        loaded.store.save(&loaded.settings).unwrap();

        let table: Table = text_in(&folder).parse().unwrap();
        assert_eq!(table["version"].as_integer(), Some(9));
        assert_eq!(table["future"]["deep"].as_integer(), Some(1));
        assert_eq!(table["panels"]["minimap"].as_bool(), Some(true));
        assert_eq!(table["panels"]["log"].as_bool(), Some(false));
        assert_eq!(table["keys"]["quit"][0].as_str(), Some("ctrl+shift+q"));
    }

    #[test]
    fn two_windows_keep_what_the_other_added_and_one_waits_for_the_other() {
        let folder = folder_with("known_origins = ['https://a.test']\n");
        let camera = |name: &str| CameraProfile { name: name.to_owned(), ..Default::default() };
        let mut windows =
            ["Door", "Yard"].map(|name| (name, Store::<Settings>::load(folder.path())));
        for (name, window) in &mut windows {
            window.settings.cameras.push(camera(name));
            window.settings.known_origins.push(format!("https://{name}.test"));
            window.store.save(&window.settings).unwrap();
        }
        // The first removes its own again, and what both knew from the start.
        let (_, first) = &mut windows[0];
        first.settings.cameras.clear();
        first.settings.known_origins.remove(0);
        first.store.save(&first.settings).unwrap();
        let now = Store::<Settings>::load(folder.path()).settings;
        assert_eq!(now.cameras, [camera("Yard")]);
        assert_eq!(now.known_origins, ["https://Door.test", "https://Yard.test"]);

        // Eight at once, each with an entry of its own.
        let names: Vec<_> = (0..8).map(|n| format!("c{n}")).collect();
        std::thread::scope(|scope| {
            for name in &names {
                scope.spawn(|| {
                    let mut window = Store::<Settings>::load(folder.path());
                    window.settings.cameras.push(camera(name));
                    window.store.save(&window.settings).unwrap();
                });
            }
        });
        let now = Store::<Settings>::load(folder.path()).settings;
        assert_eq!(now.cameras.len(), 9, "{:?}", now.cameras);

        // A window that hangs while it writes is not waited for without an end.
        let lock = windows[0].1.store.lock().unwrap();
        let (_, second) = &mut windows[1];
        second.settings.cameras.clear();
        let refused = second.store.save(&second.settings);
        assert!(matches!(refused, Err(SettingsError::Busy { .. })), "{refused:?}");
        drop(lock);
        second.store.save(&second.settings).unwrap();
        assert_eq!(Store::<Settings>::load(folder.path()).settings.cameras.len(), 8);
    }

    #[test]
    fn what_was_written_into_the_file_meanwhile_is_taken_over_and_ours_stays() {
        let folder = folder_with("ui_scale = 1.5\nknown_origins = ['https://a.test']\n");
        let mut loaded = Store::<Settings>::load(folder.path());
        loaded.settings.keep_chats = true;
        let theirs = "ui_scale = 2.0\ntheme = 'light'\nknown_origins = ['https://b.test']\n";
        std::fs::write(folder.path().join(FILE_NAME), theirs).unwrap();
        loaded.store.refresh(&mut loaded.settings).unwrap();
        let now = &loaded.settings;
        assert_eq!((now.ui_scale, now.theme, now.keep_chats), (2.0, ThemeChoice::Light, true));
        assert_eq!(now.known_origins, ["https://b.test"]);
        loaded.store.save(&loaded.settings).unwrap();
        assert!(text_in(&folder).contains("keep_chats = true"), "{}", text_in(&folder));

        std::fs::write(folder.path().join(FILE_NAME), "theme = 'da").unwrap();
        let before = loaded.settings.clone();
        let refused = loaded.store.refresh(&mut loaded.settings);
        assert!(matches!(refused, Err(SettingsError::Broken { .. })) && loaded.settings == before);
    }

    #[test]
    fn a_value_taken_away_goes_and_the_same_again_writes_nothing() {
        let folder = folder_with("[host]\nbrowser = '/opt/chrome'\n");
        let mut loaded = Store::<Settings>::load(folder.path());
        loaded.settings.host.browser = None;
        loaded.store.save(&loaded.settings).unwrap();
        assert!(!text_in(&folder).contains("browser"));

        std::fs::write(folder.path().join(FILE_NAME), "# mine\n").unwrap();
        loaded.store.save(&loaded.settings).unwrap();
        assert_eq!(text_in(&folder), "# mine\n");
    }

    #[test]
    fn a_file_that_is_being_edited_is_left_alone() {
        let folder = folder_with("");
        let mut loaded = Store::<Settings>::load(folder.path());
        std::fs::write(folder.path().join(FILE_NAME), "[keys\n").unwrap();
        loaded.settings.ui_scale = 2.0;
        assert!(matches!(loaded.store.save(&loaded.settings), Err(SettingsError::Broken { .. })));
        assert_eq!(text_in(&folder), "[keys\n");
    }

    #[test]
    fn files_of_every_version_open() {
        let table = include_str!("../../tests/data/settings/v1.toml").parse().unwrap();
        let (settings, problem) = from_table::<Settings>(&migrate(table), Path::new("v1.toml"));
        assert_eq!(problem, None);
        assert_eq!(settings.theme, ThemeChoice::HighContrast);
        assert_eq!(settings.ui_scale, 1.25);
        assert_eq!(settings.keys["release_control"], ["ctrl+shift+f12"]);
        assert_eq!(settings.log.exclude, "heartbeat");
        assert_eq!(settings.objects.hidden, ["bird"]);
        assert_eq!(settings.detection_rules[0].min_confidence, 0.8);
        assert_eq!(settings.last_sessions[0].id, "abc");
        assert_eq!(settings.profiles[0].token_place, ServiceKeyPlace::ApiKeySnake);
        assert_eq!(settings.host.browser.as_deref(), Some(Path::new("/usr/bin/chromium")));
        assert_eq!(settings.keep_alive_cap_minutes, 30);
        // This version knows every key of the sample.
        let known: Table = to_table(&settings).unwrap();
        let sample: Table = include_str!("../../tests/data/settings/v1.toml").parse().unwrap();
        assert!(sample.keys().all(|key| key == "version" || known.contains_key(key)));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_scales_stay_readable() {
        let (folder, real) = (tempfile::tempdir().unwrap(), folder_with(""));
        std::os::unix::fs::symlink(real.path().join(FILE_NAME), folder.path().join(FILE_NAME))
            .unwrap();
        let mut loaded = Store::<Settings>::load(folder.path());
        loaded.store.save(&Settings { ui_scale: 1.1, ..Default::default() }).unwrap();
        assert!(folder.path().join(FILE_NAME).is_symlink());
        assert!(text_in(&real).contains("ui_scale = 1.1\n"), "{}", text_in(&real));
    }

    #[test]
    fn the_folder_can_be_named() {
        let named = |dir: &'static str| {
            config_dir(move |name| (name == DIR_VARIABLE).then(|| dir.to_owned()))
        };
        assert_eq!(named("/tmp/x"), Some(PathBuf::from("/tmp/x")));
        assert_eq!(named(""), config_dir(|_| None));
    }
}
