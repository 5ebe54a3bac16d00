//! Keeps what the window remembers, in the same file and form as eframe does, so that either shell finds it.

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use eframe::Storage;

/// Values by their keys.
pub(super) struct WindowStorage {
    path: PathBuf,
    values: HashMap<String, String>,
    is_changed: bool,
}

impl WindowStorage {
    /// Reads the file of a program. It is `None` where the system has no place for it.
    pub(super) fn of(app_id: &str) -> Option<Self> {
        let path = eframe::storage_dir(app_id)?.join("app.ron");
        let values = fs::read_to_string(&path).ok().and_then(|text| ron::from_str(&text).ok());
        Some(Self { path, values: values.unwrap_or_default(), is_changed: false })
    }
}

impl Storage for WindowStorage {
    fn get_string(&self, key: &str) -> Option<String> {
        self.values.get(key).cloned()
    }

    fn set_string(&mut self, key: &str, value: String) {
        self.is_changed |= self.values.get(key) != Some(&value);
        self.values.insert(key.to_owned(), value);
    }

    fn remove_string(&mut self, key: &str) {
        self.is_changed |= self.values.remove(key).is_some();
    }

    fn flush(&mut self) {
        if !std::mem::take(&mut self.is_changed) {
            return;
        }
        if let Err(err) = write(&self.path, &self.values) {
            tracing::warn!("what the window remembers can't be saved: {err}");
        }
    }
}

fn write(path: &Path, values: &HashMap<String, String>) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(ron::to_string(values)?.as_bytes())?;
    file.persist(path)?;
    Ok(())
}
