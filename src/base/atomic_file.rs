//! Replaces files as a whole: a reader finds the old content or the new, never half of each.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes `bytes` beside `path` and renames them over it. Creates the folder where it is missing.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_data()?;
    file.persist(path).map_err(|err| err.error)?;
    Ok(())
}

/// Moves a file that can't be used out of the way, to `NAME.broken-1` or the next free number, and returns its new
/// path.
pub fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = (1..)
        .map(|n| path.with_file_name(format!("{name}.broken-{n}")))
        .find(|candidate| !candidate.exists())
        .expect("some number is free");
    std::fs::rename(path, &aside)?;
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_whole_files_and_keeps_broken_ones() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/settings.toml");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        let first = set_aside(&path).unwrap();
        write(&path, b"three").unwrap();
        let second = set_aside(&path).unwrap();
        assert_ne!(first, second);
        assert_eq!(std::fs::read(first).unwrap(), b"two");
        assert!(!path.exists());
    }
}
