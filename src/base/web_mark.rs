//! Marks a file as one that came from the web, so that the system asks before it runs it.

use std::io;
use std::path::Path;

use super::redact;

/// Marks the file at `path` as one that came from `address`, in the way of this system. A file system that keeps no marks
/// is an error, which whoever saves the file may pass over.
pub fn mark(path: &Path, address: &str) -> io::Result<()> {
    // The mark is for others to read, so it has no password.
    let address = redact::address(address);
    let address: String = address.chars().filter(|c| !c.is_control()).collect();
    imp::mark(path, &address)
}

#[cfg(windows)]
mod imp {
    use super::{Path, io};

    /// Writes the stream that browsers write: zone 3 is the internet.
    pub(super) fn mark(path: &Path, address: &str) -> io::Result<()> {
        let mut stream = path.as_os_str().to_owned();
        stream.push(":Zone.Identifier");
        std::fs::write(stream, format!("[ZoneTransfer]\r\nZoneId=3\r\nHostUrl={address}\r\n"))
    }
}

#[cfg(target_os = "macos")]
mod imp {
    use std::time::{SystemTime, UNIX_EPOCH};

    use rustix::fs::{XattrFlags, setxattr};

    use super::{Path, io};

    /// Sets the attribute that browsers set: a download that nobody has agreed to run, its time, and who brought it.
    pub(super) fn mark(path: &Path, _address: &str) -> io::Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let value = format!("0083;{now:x};Helmsight;");
        setxattr(path, "com.apple.quarantine", value.as_bytes(), XattrFlags::empty())?;
        Ok(())
    }
}

#[cfg(target_os = "linux")]
mod imp {
    use rustix::fs::{XattrFlags, setxattr};

    use super::{Path, io};

    /// Sets the attribute that freedesktop.org names for it.
    pub(super) fn mark(path: &Path, address: &str) -> io::Result<()> {
        setxattr(path, "user.xdg.origin.url", address.as_bytes(), XattrFlags::empty())?;
        Ok(())
    }
}

#[cfg(not(any(windows, target_os = "macos", target_os = "linux")))]
mod imp {
    use super::{Path, io};

    pub(super) fn mark(_path: &Path, _address: &str) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_mark_says_where_the_file_comes_from_and_no_password() {
        // A file system in memory may keep no such marks.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.exe");
        std::fs::write(&path, "x").unwrap();
        match mark(&path, "https://ada:secret@a.test/a.exe\n") {
            Err(err) if err.kind() == io::ErrorKind::Unsupported => (),
            marked => {
                marked.unwrap();
                let mut value = [0; 100];
                let length =
                    rustix::fs::getxattr(&path, "user.xdg.origin.url", &mut value).unwrap();
                assert_eq!(&value[..length], b"https://ada:***@a.test/a.exe");
            }
        }
    }
}
