//! Tries whether a Wayland compositor is there, because the window's library believes the environment.

use std::env::VarError;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::{NoOutcome, within};

/// A compositor answers the first request in less time than this.
const LIMIT: Duration = Duration::from_secs(2);

/// What became of the compositor that the environment names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compositor {
    /// The environment names none.
    Unnamed,
    /// It is there; the text is the variable with its value.
    Present(String),
    /// It can't be used; the text says which variable names it and why not.
    Unusable(String),
}

/// Looks for the compositor that the environment names, as the window's library does. Blocks for up to 2 s. `lookup`
/// reads the environment.
pub fn compositor(lookup: impl Fn(&str) -> Option<String>) -> Compositor {
    let value = |name: &str| lookup(name).filter(|value| !value.is_empty());
    if let Some(descriptor) = value("WAYLAND_SOCKET") {
        let named = format!("WAYLAND_SOCKET={descriptor}");
        return match is_open_socket(&descriptor) {
            true => Compositor::Present(named),
            false => Compositor::Unusable(format!("{named} names no open socket")),
        };
    }
    let Some(name) = value("WAYLAND_DISPLAY") else {
        return Compositor::Unnamed;
    };
    let named = format!("WAYLAND_DISPLAY={name}");
    let path = match value("XDG_RUNTIME_DIR") {
        _ if Path::new(&name).is_absolute() => PathBuf::from(name),
        Some(folder) => Path::new(&folder).join(name),
        None => return Compositor::Unusable(format!("{named}, but XDG_RUNTIME_DIR is not set")),
    };
    match within(LIMIT, "wayland", move || try_socket(&path)) {
        Ok(Ok(())) => Compositor::Present(named),
        Ok(Err(why)) => Compositor::Unusable(format!("{named}: {why}")),
        Err(NoOutcome::Late | NoOutcome::Failed) => {
            Compositor::Unusable(format!("{named}: nothing answers at its socket"))
        }
    }
}

/// Reads a variable of this process.
pub fn from_env(name: &str) -> Option<String> {
    match std::env::var(name) {
        Ok(value) => Some(value),
        Err(VarError::NotPresent) => None,
        Err(VarError::NotUnicode(value)) => Some(value.to_string_lossy().into_owned()),
    }
}

/// Asks for nothing but a sign of life, and waits for the first words of the answer.
fn try_socket(path: &Path) -> Result<(), String> {
    let told = |why: &str| format!("{why} ({})", path.display());
    let mut socket = UnixStream::connect(path).map_err(|err| match err.kind() {
        ErrorKind::NotFound => told("there is no such socket"),
        ErrorKind::ConnectionRefused => told("nobody listens at its socket"),
        _ => told(&err.to_string()),
    })?;
    // `wl_display.sync` with the new object 2: the display's own number, then the size in the upper half of a word.
    let sync = [1_u32, 12 << 16, 2].map(u32::to_ne_bytes).concat();
    let mut answer = [0; 8];
    match socket.write_all(&sync).and_then(|()| socket.read_exact(&mut answer)) {
        Ok(()) => Ok(()),
        Err(_) => Err(told("the connection is closed at once")),
    }
}

/// Tells whether a number is that of a socket that this process was given.
fn is_open_socket(descriptor: &str) -> bool {
    let is_number = descriptor.parse::<u16>().is_ok();
    let target = std::fs::read_link(format!("/proc/self/fd/{descriptor}"));
    is_number && target.is_ok_and(|target| target.to_string_lossy().starts_with("socket:"))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::fd::AsRawFd as _;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn look(folder: Option<&Path>, display: &str, socket: &str) -> Compositor {
        compositor(|name| match name {
            "WAYLAND_DISPLAY" => Some(display.to_owned()),
            "WAYLAND_SOCKET" => Some(socket.to_owned()),
            "XDG_RUNTIME_DIR" => folder.map(|folder| folder.display().to_string()),
            _ => None,
        })
    }

    fn why(found: Compositor) -> String {
        match found {
            Compositor::Unusable(why) => why,
            found => panic!("{found:?}"),
        }
    }

    #[test]
    fn only_a_compositor_that_answers_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let at = Some(folder.path());
        assert_eq!(look(at, "", ""), Compositor::Unnamed);
        assert!(why(look(None, "wayland-0", "")).contains("XDG_RUNTIME_DIR is not set"));
        assert!(why(look(at, "wayland-0", "")).contains("there is no such socket"));

        let path = folder.path().join("left");
        drop(UnixListener::bind(&path).unwrap());
        assert!(why(look(at, "left", "")).contains("nobody listens"));

        let closing = UnixListener::bind(folder.path().join("closing")).unwrap();
        let answering = UnixListener::bind(folder.path().join("answering")).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| drop(closing.accept().unwrap()));
            assert!(why(look(at, "closing", "")).contains("closed at once"));
            scope.spawn(|| {
                let (mut client, _) = answering.accept().unwrap();
                let mut asked = [0; 12];
                client.read_exact(&mut asked).unwrap();
                assert_eq!(asked[..4], 1_u32.to_ne_bytes());
                client.write_all(&[0; 12]).unwrap();
            });
            let named = "WAYLAND_DISPLAY=answering".to_owned();
            assert_eq!(look(at, "answering", ""), Compositor::Present(named));
        });
        let path = folder.path().join("silent");
        let _silent = UnixListener::bind(&path).unwrap();
        let absolute = path.display().to_string();
        assert!(why(look(None, &absolute, "")).contains("nothing answers"));
    }

    #[test]
    fn a_socket_that_was_handed_over_has_to_be_one() {
        for bad in ["x", "-1", "60000", "0x3"] {
            assert!(why(look(None, "wayland-0", bad)).contains("names no open socket"), "{bad}");
        }
        let (ours, _theirs) = UnixStream::pair().unwrap();
        let number = ours.as_raw_fd().to_string();
        let named = format!("WAYLAND_SOCKET={number}");
        assert_eq!(look(None, "", &number), Compositor::Present(named));
    }
}
