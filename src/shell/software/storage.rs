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
        Some(Self::at(eframe::storage_dir(app_id)?.join("app.ron")))
    }

    fn at(path: PathBuf) -> Self {
        let values = fs::read_to_string(&path).ok().and_then(|text| ron::from_str(&text).ok());
        Self { path, values: values.unwrap_or_default(), is_changed: false }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_found_again_in_the_form_that_eframe_reads() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("app.ron");
        let mut storage = WindowStorage::at(path.clone());
        assert_eq!(storage.get_string("window"), None);
        storage.flush();
        assert!(!path.exists(), "nothing was to be kept");
        eframe::set_value(&mut storage, "window", &[3, 4]);
        storage.flush();
        let found: Option<[i32; 2]> = eframe::get_value(&WindowStorage::at(path.clone()), "window");
        assert_eq!(found, Some([3, 4]));
        let text = fs::read_to_string(&path).unwrap();
        let read: HashMap<String, String> = ron::from_str(&text).unwrap();
        assert_eq!(read.keys().collect::<Vec<_>>(), ["window"]);
        fs::write(&path, "damaged").unwrap();
        assert_eq!(WindowStorage::at(path).get_string("window"), None);
    }
}
