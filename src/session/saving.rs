//! Saves a file that a session downloaded on this computer: in pieces, beside its place until all of it is there, and
//! from where it stopped once a connection broke.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use tempfile::{NamedTempFile, TempPath};
use tokio::fs::File;
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Service;
use crate::base::{Backoff, web_mark};
use crate::net::NetError;

/// So often in a row a connection may bring nothing before the file is given up, which takes some minutes.
const MAX_TRIES: u32 = 12;
/// So many files of one name may stand in a folder.
const MAX_ALIKE: u32 = 10_000;

/// A file to save.
#[derive(Clone)]
pub struct FileOrder {
    /// The service that has the session.
    pub service: Arc<dyn Service>,
    /// Id of the session.
    pub session: String,
    /// Id of the download.
    pub file: String,
    /// The address from which the session has it, with which the file is marked.
    pub url: String,
    /// The place to which it is saved.
    pub to: SavingPlace,
}

/// The place to which a file is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SavingPlace {
    /// This path, which the user chose. A file that is there is replaced.
    Exactly(PathBuf),
    /// This folder, which is made where it is missing. No file in it is replaced: a number is put behind the name.
    Within {
        /// The folder.
        folder: PathBuf,
        /// The file's name, made safe.
        name: String,
    },
}

/// The reason why a file was not saved, as one plain sentence.
#[derive(Debug, thiserror::Error)]
pub enum SavingError {
    /// The user does not want it any more.
    #[error("It was called off")]
    Canceled,
    /// The session does not hand it out.
    #[error("{0}")]
    Net(#[from] NetError),
    /// The server sent another file than it had begun with.
    #[error("The file changed while it came; save it again")]
    Changed,
    /// The disk is full.
    #[error("The disk of {} is full; free some space and save the file again", .0.display())]
    Full(PathBuf),
    /// The folder or the file can't be written.
    #[error("{} can't be written: {source}; choose another folder", folder.display())]
    Disk {
        /// The folder.
        folder: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// Saves the file, and returns its path. `told` is called with the bytes that are there, after each piece.
pub async fn save_file(
    order: FileOrder,
    told: impl Fn(u64) + Send,
    cancel: CancellationToken,
) -> Result<PathBuf, SavingError> {
    let folder = order.to.folder();
    let place = order.to.clone();
    let part = blocking(&folder, move || part_file(&place)).await?;
    let (file, part) = part.into_parts();
    let saving = receive(&order, &folder, File::from_std(file), told);
    // A part that is dropped on the way is removed.
    cancel.run_until_cancelled(saving).await.ok_or(SavingError::Canceled)??;
    let url = order.url.clone();
    blocking(&folder, move || {
        // Not every file system keeps marks, and the file is worth having without.
        if let Err(err) = web_mark::mark(&part, &url) {
            tracing::debug!(%err, "A saved file could not be marked as one from the web");
        }
        order.to.take(part)
    })
    .await
}

/// Writes the whole file, over as many connections as it takes.
async fn receive(
    order: &FileOrder,
    folder: &Path,
    mut file: File,
    told: impl Fn(u64) + Send,
) -> Result<(), SavingError> {
    let disk = |source| disk_error(folder, source);
    let (mut written, mut size) = (0, None);
    let mut backoff = Backoff::default();
    loop {
        let (before, began) = (written, Instant::now());
        let broken = async {
            let asked = order.service.downloaded(&order.session, &order.file, written);
            let mut stream = asked.await?;
            if size.is_some() && stream.size() != size {
                return Err(SavingError::Changed);
            }
            size = stream.size();
            if stream.start() != written {
                // The server sends no parts, so it begins anew.
                if stream.start() != 0 {
                    return Err(SavingError::Changed);
                }
                file.set_len(0).await.map_err(disk)?;
                file.rewind().await.map_err(disk)?;
                written = 0;
            }
            while let Some(bytes) = stream.next().await? {
                file.write_all(&bytes).await.map_err(disk)?;
                written += bytes.len() as u64;
                told(written);
            }
            match size {
                Some(size) if written < size => {
                    Err(NetError::Lost("The connection ended early".to_owned()).into())
                }
                Some(size) if written > size => Err(SavingError::Changed),
                _ => Ok(()),
            }
        };
        let err = match broken.await {
            Ok(()) => break,
            Err(SavingError::Net(err)) if err.is_retryable() => err,
            Err(err) => return Err(err),
        };
        if written > before {
            backoff = Backoff::default();
        }
        if backoff.attempt() >= MAX_TRIES {
            return Err(err.into());
        }
        tracing::debug!(%err, written, took = ?began.elapsed(), "A file that is saved lost its connection");
        sleep(err.retry_after().unwrap_or_default().max(backoff.next_delay(0.5))).await;
    }
    file.flush().await.map_err(disk)?;
    file.sync_data().await.map_err(disk)
}

impl SavingPlace {
    fn folder(&self) -> PathBuf {
        match self {
            Self::Exactly(path) => path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty())
                .unwrap_or(Path::new("."))
                .to_owned(),
            Self::Within { folder, .. } => folder.clone(),
        }
    }

    /// Gives the complete file its name.
    fn take(&self, mut part: TempPath) -> io::Result<PathBuf> {
        let (folder, name) = match self {
            Self::Exactly(path) => {
                part.persist(path).map_err(|err| err.error)?;
                return Ok(path.clone());
            }
            Self::Within { folder, name } => (folder, name),
        };
        for number in 0..MAX_ALIKE {
            let path = folder.join(numbered(name, number));
            match part.persist_noclobber(&path) {
                Ok(()) => return Ok(path),
                Err(err) if err.error.kind() == io::ErrorKind::AlreadyExists => part = err.path,
                Err(err) => return Err(err.error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

/// Makes the file that takes the bytes until all are there.
fn part_file(place: &SavingPlace) -> io::Result<NamedTempFile> {
    let folder = place.folder();
    std::fs::create_dir_all(&folder)?;
    let name = match place {
        SavingPlace::Exactly(path) => path.file_name().unwrap_or_default().to_string_lossy(),
        SavingPlace::Within { name, .. } => name.as_str().into(),
    };
    let prefix = format!("{name}.");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".part");
    // It is a file like any other of the user's, whose own mask holds.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Puts a number before the ending of a name: "report (1).pdf".
fn numbered(name: &str, number: u32) -> String {
    if number == 0 {
        return name.to_owned();
    }
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => format!("{stem} ({number}).{ending}"),
        _ => format!("{name} ({number})"),
    }
}

fn disk_error(folder: &Path, source: io::Error) -> SavingError {
    let folder = folder.to_owned();
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => SavingError::Full(folder),
        _ => SavingError::Disk { folder, source },
    }
}

async fn blocking<T: Send + 'static>(
    folder: &Path,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, SavingError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|err| Err(io::Error::other(err))).map_err(|err| disk_error(folder, err))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::net::scripted::{Scripted, Step, reply};
    use crate::net::{Auth, Client};
    use crate::session::ComputersService;

    fn order(server: &Scripted, to: SavingPlace) -> FileOrder {
        let client = Client::new(server.url.clone(), Auth::none()).unwrap();
        FileOrder {
            service: Arc::new(ComputersService::new(client)),
            session: "s".to_owned(),
            file: "d".to_owned(),
            url: "https://a.test/f".to_owned(),
            to,
        }
    }

    fn within(folder: &Path, name: &str) -> SavingPlace {
        SavingPlace::Within { folder: folder.to_owned(), name: name.to_owned() }
    }

    fn names(folder: &Path) -> Vec<String> {
        let files = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    async fn save(order: FileOrder) -> Result<PathBuf, SavingError> {
        save_file(order, |_| (), CancellationToken::new()).await
    }

    #[tokio::test]
    async fn a_file_gets_a_free_name_or_the_one_that_was_chosen() {
        let server = Scripted::always(reply("200 OK", "", "new")).await;
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("deep/down");
        for name in ["a.tar.gz", "a.tar (1).gz", "a.tar (2).gz"] {
            let path = save(order(&server, within(&inner, "a.tar.gz"))).await.unwrap();
            assert_eq!(path, inner.join(name));
            assert_eq!(std::fs::read(path).unwrap(), b"new");
        }
        assert_eq!(names(&inner), ["a.tar (1).gz", "a.tar (2).gz", "a.tar.gz"], "no parts stay");
        let chosen = folder.path().join("mine.txt");
        std::fs::write(&chosen, "old").unwrap();
        save(order(&server, SavingPlace::Exactly(chosen.clone()))).await.unwrap();
        assert_eq!(std::fs::read(chosen).unwrap(), b"new");
        assert_eq!(
            (numbered("README", 1), numbered(".rc", 2)),
            ("README (1)".into(), ".rc (2)".into())
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_broken_connection_goes_on_where_it_stopped() {
        let cut = |head: &str, body: &str| {
            vec![Step::Send(
                format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n{body}").into_bytes(),
            )]
        };
        let server = Scripted::start(vec![
            cut("200 OK\r\nContent-Length: 6", "abc"),
            cut("503 Busy\r\nContent-Length: 0", ""),
            cut("206 Part\r\nContent-Range: bytes 3-5/6\r\nContent-Length: 3", "def"),
        ])
        .await;
        let folder = tempfile::tempdir().unwrap();
        let told = AtomicU64::new(0);
        let order = order(&server, within(folder.path(), "f"));
        let path = save_file(
            order,
            |bytes| told.store(bytes, Ordering::Relaxed),
            CancellationToken::new(),
        );
        assert_eq!(std::fs::read(path.await.unwrap()).unwrap(), b"abcdef");
        assert_eq!(told.into_inner(), 6);
        let asked: Vec<_> =
            server.heads().iter().map(|head| head.contains("range: bytes=3-")).collect();
        assert_eq!(asked, [false, true, true]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_can_not_be_saved_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        for (script, why) in [
            (reply("404 Not Found", "", "{}"), "address"),
            (reply("200 OK", "Content-Encoding: gzip\r\n", "x"), "compressed"),
        ] {
            let server = Scripted::always(script).await;
            let err = save(order(&server, within(folder.path(), "f"))).await.unwrap_err();
            assert!(err.to_string().contains(why), "{err}");
        }
        let server = Scripted::always(vec![Step::Hold]).await;
        let cancel = CancellationToken::new();
        cancel.cancel();
        let canceled = save_file(order(&server, within(folder.path(), "f")), |_| (), cancel).await;
        assert!(matches!(canceled, Err(SavingError::Canceled)));
        assert!(names(folder.path()).is_empty());
        let file = folder.path().join("file");
        std::fs::write(&file, "x").unwrap();
        let err = save(order(&server, within(&file, "f"))).await.unwrap_err();
        assert!(err.to_string().contains("choose another folder"), "{err}");
        let full = disk_error(folder.path(), io::ErrorKind::StorageFull.into());
        assert!(full.to_string().contains("free some space"), "{full}");
    }
}
