//! Makes browser profiles of our own: they are private, locked while we live, and removed afterwards.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

const PREFIX: &str = "helmsight-profile-";
/// The process that made the profile locks this file. The lock ends with the process, whatever ends it.
const LOCK: &str = "helmsight.lock";

/// Making a profile takes less than this, on any machine.
const MADE_WITHIN: Duration = Duration::from_secs(60 * 60);

/// A profile folder. Dropping the value removes the folder.
#[derive(Debug)]
pub struct Profile {
    // The order of the fields matters: on drop the lock goes first, or Windows could not remove the file.
    lock: Option<File>,
    folder: TempDir,
}

impl Profile {
    /// Makes a new folder that only this user can enter.
    pub fn new() -> io::Result<Self> {
        Self::new_in(&tempfile::env::temp_dir())
    }

    fn new_in(parent: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.tempdir_in(parent)?;
        // The file gets its name only once it is locked, because an unlocked one says that its maker is gone.
        let making = folder.path().join("lock.new");
        let lock = File::create(&making)?;
        lock.lock()?;
        std::fs::rename(making, folder.path().join(LOCK))?;
        for inner in ["downloads", "uploads", "tmp", "extension"] {
            std::fs::create_dir(folder.path().join(inner))?;
        }
        Ok(Self { lock: Some(lock), folder })
    }

    /// Returns the profile's folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the folder of the session's downloads, which live as long as the session.
    pub fn downloads(&self) -> PathBuf {
        self.path().join("downloads")
    }

    /// Returns the folder of the files that pages are given.
    pub(crate) fn uploads(&self) -> PathBuf {
        self.path().join("uploads")
    }

    /// Returns the folder in which the browser finds our extension.
    pub(crate) fn extension(&self) -> PathBuf {
        self.path().join("extension")
    }

    /// Returns the folder of the browser's own temporary files, so that a killed browser leaves nothing outside of its
    /// profile.
    pub fn temporary(&self) -> PathBuf {
        self.path().join("tmp")
    }

    /// Removes the folder. Helpers of a browser that was just killed may still write into it, so that this is tried a
    /// few times. What is left after that goes at the next start.
    pub fn remove(mut self) -> io::Result<()> {
        self.lock = None;
        let path = self.folder.path().to_owned();
        for _ in 0..4 {
            if std::fs::remove_dir_all(&path).is_ok() {
                break;
            }
        }
        self.folder
            .close()
            .or_else(|err| if err.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(err) })
    }
}

/// Removes profiles whose makers were killed, crashed or lost their power.
pub(super) fn remove_stale() {
    remove_stale_in(&tempfile::env::temp_dir());
}

fn remove_stale_in(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let ours_by_name = entry.file_name().to_string_lossy().starts_with(PREFIX);
        // `file_type` does not follow links: a planted link is not a folder of ours.
        if !ours_by_name || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        if is_abandoned(&entry.path())
            && let Err(err) = std::fs::remove_dir_all(entry.path())
        {
            tracing::debug!(path = %entry.path().display(), %err, "A stale profile could not be removed; the next start tries again");
        }
    }
}

/// Tells whether a profile is abandoned. One without a lock file is just being made, or, if it is old, is what was left
/// of one that was removed.
fn is_abandoned(folder: &Path) -> bool {
    match File::options().read(true).write(true).open(folder.join(LOCK)) {
        Ok(lock) => match lock.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
        },
        Err(err) if err.kind() == io::ErrorKind::NotFound => is_old(folder),
        Err(_) => false,
    }
}

fn is_old(folder: &Path) -> bool {
    let changed = folder.metadata().and_then(|metadata| metadata.modified()).ok();
    changed.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > MADE_WITHIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_private_and_goes_away() {
        let parent = tempfile::tempdir().unwrap();
        let profile = Profile::new_in(parent.path()).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(profile.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        }
        assert!(profile.downloads().is_dir() && profile.temporary().is_dir());
        let path = profile.path().to_owned();
        profile.remove().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn only_abandoned_profiles_are_removed() {
        let parent = tempfile::tempdir().unwrap();
        let living = Profile::new_in(parent.path()).unwrap();
        let dead = parent.path().join(format!("{PREFIX}dead"));
        let young = parent.path().join(format!("{PREFIX}young"));
        let strange = parent.path().join("someone-elses");
        for folder in [&dead, &young, &strange] {
            std::fs::create_dir(folder).unwrap();
        }
        let remains = parent.path().join(format!("{PREFIX}remains"));
        std::fs::create_dir(&remains).unwrap();
        #[cfg(unix)]
        {
            let long_ago = std::time::SystemTime::now() - 2 * MADE_WITHIN;
            let folder = File::open(&remains).unwrap();
            folder.set_modified(long_ago).unwrap();
        }
        File::create(dead.join(LOCK)).unwrap();
        File::create(strange.join(LOCK)).unwrap();
        remove_stale_in(parent.path());
        assert!(!dead.exists());
        assert!(cfg!(not(unix)) || !remains.exists());
        assert!(living.path().exists() && young.exists() && strange.exists());
    }
}
