//! Keeps the keys of services in the keyring of the operating system. There is no second place: without a keyring the
//! user is asked.
//!
//! All functions here block, so they are called on blocking threads.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keyring::Entry;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::base::{NoOutcome, within};

const SERVICE: &str = "helmsight";
/// Asking whether there is a keyring shows nothing to the user and should be quick.
const PROBE_LIMIT: Duration = Duration::from_secs(5);
/// The keyring may ask the user to unlock it first.
const ACCESS_LIMIT: Duration = Duration::from_secs(60);

/// Whether the keyring can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyringState {
    /// Keys can be kept.
    Available,
    /// Keys can't be kept; the text says why, in the words of the system.
    Unavailable(String),
}

/// Why a key could not be read, kept or removed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is no keyring; the text says what to do.
    #[error("{0}")]
    Unavailable(String),
    /// The keyring did not answer within this time.
    #[error("The keyring did not answer within {} s: unlock or restart it and try again", .0.as_secs())]
    TimedOut(Duration),
    /// The keyring refused, in its own words.
    #[error("The keyring refused: {0}. Unlock it and try again")]
    Refused(String),
    /// The keyring holds something else in the key's place.
    #[error("What the keyring holds for this server is not a key: enter the key again")]
    NotAKey,
    /// The address names no server, so no key can belong to it.
    #[error("“{0}” is not the address of a server")]
    BadAddress(String),
}

/// Tells whether keys can be kept. Blocks for up to 5 s.
pub fn state() -> KeyringState {
    probe().unwrap_or_else(|err| KeyringState::Unavailable(err.to_string()))
}

/// Asks whether there is a keyring. One that let somebody wait in vain is not waited for again until it has answered:
/// a list of sixteen cameras would take minutes.
fn probe() -> Result<KeyringState, SecretError> {
    static IS_LATE: AtomicBool = AtomicBool::new(false);
    static HAS_ANSWERED: AtomicBool = AtomicBool::new(false);
    if IS_LATE.load(Ordering::Relaxed) && !HAS_ANSWERED.load(Ordering::Relaxed) {
        return Err(SecretError::TimedOut(PROBE_LIMIT));
    }
    let state = waited(PROBE_LIMIT, || {
        let state = check_store();
        HAS_ANSWERED.store(true, Ordering::Relaxed);
        Ok(state)
    });
    if matches!(state, Err(SecretError::TimedOut(_))) {
        IS_LATE.store(true, Ordering::Relaxed);
    }
    state
}

/// Returns the key for the server of `base_url`, if one is kept. May ask the user to unlock the keyring, and then blocks
/// for up to 60 s; blocks for up to 5 s where nothing answers.
pub fn get(base_url: &Url) -> Result<Option<SecretString>, SecretError> {
    on_entry(base_url, |entry| match entry.get_password() {
        Ok(key) => Ok(Some(SecretString::from(key))),
        Err(keyring::Error::NoEntry) => Ok(None),
        Err(err) => Err(err.into()),
    })
}

/// Keeps `key` for the server of `base_url`. Blocks for up to 60 s.
pub fn set(base_url: &Url, key: &SecretString) -> Result<(), SecretError> {
    let key = key.clone();
    on_entry(base_url, move |entry| Ok(entry.set_password(key.expose_secret())?))
}

/// Forgets the key for the server of `base_url`, if there is one. Blocks for up to 60 s.
pub fn delete(base_url: &Url) -> Result<(), SecretError> {
    on_entry(base_url, |entry| match entry.delete_credential() {
        Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
        Err(err) => Err(err.into()),
    })
}

/// Returns what a key is bound to: scheme, host and port, with the user's name where the key is a password. A key is
/// never offered to another origin of the same name.
fn account(base_url: &Url) -> Result<String, SecretError> {
    let origin = base_url.origin();
    if origin.is_tuple() {
        let origin = origin.ascii_serialization();
        Ok(match base_url.username() {
            "" => origin,
            name => origin.replacen("://", &format!("://{name}@"), 1),
        })
    } else {
        Err(SecretError::BadAddress(base_url.scheme().to_owned()))
    }
}

fn on_entry<T: Send + 'static>(
    base_url: &Url,
    work: impl FnOnce(Entry) -> Result<T, SecretError> + Send + 'static,
) -> Result<T, SecretError> {
    let account = account(base_url)?;
    // A bus that says nothing asks nobody to unlock anything, so it is not waited for as long as a person.
    match probe()? {
        KeyringState::Available => {
            waited(ACCESS_LIMIT, move || work(Entry::new(SERVICE, &account)?))
        }
        KeyringState::Unavailable(why) => {
            // The bus's own words help only in `doctor`.
            tracing::debug!("The keyring cannot be used: {why}");
            Err(SecretError::Unavailable(advice().to_owned()))
        }
    }
}

fn check_store() -> KeyringState {
    match Entry::store_status() {
        Ok(()) => KeyringState::Available,
        Err(err) => KeyringState::Unavailable(err.to_string()),
    }
}

/// Returns what it means that there is no keyring, and what to do about it.
pub fn advice() -> &'static str {
    if cfg!(any(target_os = "macos", target_os = "windows")) {
        "The system's keyring can't be used, so keys are asked for at each start"
    } else {
        "No keyring answers, so keys are asked for at each start. Start GNOME Keyring, KWallet or KeePassXC to keep them"
    }
}

/// Waits for a call over D-Bus, which can't be canceled.
fn waited<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> Result<T, SecretError> + Send + 'static,
) -> Result<T, SecretError> {
    match within(limit, "keyring", work) {
        Ok(outcome) => outcome,
        Err(NoOutcome::Late) => Err(SecretError::TimedOut(limit)),
        Err(NoOutcome::Failed) => Err(SecretError::Unavailable(advice().to_owned())),
    }
}

/// Takes over only what is safe to show, because some errors carry the secret's bytes.
impl From<keyring::Error> for SecretError {
    fn from(err: keyring::Error) -> Self {
        match err {
            keyring::Error::BadEncoding(_) | keyring::Error::BadDataFormat(..) => Self::NotAKey,
            keyring::Error::NoDefaultStore => Self::Unavailable(advice().to_owned()),
            other => Self::Refused(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_bound_to_scheme_host_and_port() {
        for (base_url, expected) in [
            ("https://api.example.com/v1", Some("https://api.example.com")),
            ("https://api.example.com:443/", Some("https://api.example.com")),
            ("https://api.example.com:8443/", Some("https://api.example.com:8443")),
            ("http://api.example.com/", Some("http://api.example.com")),
            ("http://[::1]:9000", Some("http://[::1]:9000")),
            ("http://me@10.0.0.5/v", Some("http://me@10.0.0.5")),
            ("ws://me%40home@10.0.0.5:81/v", Some("ws://me%40home@10.0.0.5:81")),
            ("data:text/plain,x", None),
        ] {
            assert_eq!(
                account(&Url::parse(base_url).unwrap()).ok().as_deref(),
                expected,
                "{base_url}"
            );
        }
    }

    #[test]
    fn a_keyring_that_does_not_answer_is_given_up() {
        let (open, shut) = std::sync::mpsc::sync_channel::<()>(1);
        let limit = Duration::from_millis(20);
        let stuck = waited(limit, move || {
            assert!(shut.recv().is_err());
            Ok(())
        });
        assert_eq!(stuck, Err(SecretError::TimedOut(limit)));
        drop(open);
    }

    #[test]
    fn a_panic_in_the_keyring_library_is_an_error() {
        let result: Result<(), _> = waited(PROBE_LIMIT, || panic!("on purpose"));
        assert!(matches!(result, Err(SecretError::Unavailable(_))));
    }

    #[test]
    fn bytes_of_a_secret_are_never_told() {
        let told =
            format!("{:?}", SecretError::from(keyring::Error::BadEncoding(b"hunter2".to_vec())));
        assert_eq!(told, "NotAKey");
    }
}
