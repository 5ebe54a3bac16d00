//! Reads a camera's address, which tells how the camera is spoken to.

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::Url;

use crate::base::address::words_for_none;
use crate::base::{TypedAddress, redact};
use crate::protocol::computers::segment_text;

/// A name that is made from an address has at most so many characters.
const MAX_NAME: usize = 80;
const EXAMPLE: &str = "ws://camera:7103/ws/stream/1";

/// The way in which a camera sends its pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameraDialect {
    /// A WebSocket of JSON with detections, or of images.
    Socket,
    /// A WebSocket of bare JPEGs that has to be asked for them first.
    AskedSocket,
    /// Pictures over HTTP: one answer that goes on, or one picture for each request.
    Http,
    /// Pictures over plain TCP, which come without being asked for.
    Tcp,
}

/// A camera's address and the way to speak to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraAddress {
    /// The address, with http, https, ws, wss or tcp.
    pub url: Url,
    /// The way in which the camera sends its pictures.
    pub dialect: CameraDialect,
}

/// A name with its password, as they stood in an address.
#[derive(Clone, Debug)]
pub struct AddressLogin {
    /// The name.
    pub name: String,
    /// The password, which is empty where the address has none.
    pub password: SecretString,
}

impl CameraAddress {
    /// Reads what was typed, and leaves a login in it out. The error is one sentence with the next step.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::with_login(text).map(|(address, _)| address)
    }

    /// Reads what was typed, with the login that stands in it. The address is without it, so that nobody is told.
    pub fn with_login(text: &str) -> Result<(Self, Option<AddressLogin>), String> {
        let text = text.trim();
        if text.is_empty() {
            return Err(format!("Give the camera's address, such as {EXAMPLE}"));
        }
        let mut url = complete(text)?;
        let login = take_login(&mut url);
        let dialect = match url.scheme() {
            "ws" | "wss" if is_asked(&url) => CameraDialect::AskedSocket,
            "ws" | "wss" => CameraDialect::Socket,
            "http" | "https" => CameraDialect::Http,
            "tcp" if url.port().is_none() || !url.has_host() => {
                return Err("Give the port as well, such as tcp://camera:5000".to_owned());
            }
            "tcp" if login.is_some() => {
                return Err(
                    "Over tcp nobody asks for a name and a password; leave them out".to_owned()
                );
            }
            "tcp" => CameraDialect::Tcp,
            "rtsp" | "rtsps" | "rtmp" => {
                return Err("This kind of video is not decoded here; give the address of its MJPEG or WebSocket stream, which go2rtc can make of it".to_owned());
            }
            other => {
                return Err(format!(
                    "Begin the address with ws://, wss://, http://, https:// or tcp://, not with {other}"
                ));
            }
        };
        Ok((Self { url, dialect }, login))
    }

    /// Makes a name for lists: the camera's host, then the id in the address, else the last word of its path.
    pub fn name(&self) -> String {
        let query = self
            .url
            .query_pairs()
            .find(|(key, _)| matches!(&**key, "src" | "camera" | "camera_id"))
            .map(|(_, value)| value.into_owned());
        let path = || {
            let last = self.url.path_segments()?.rfind(|part| !part.is_empty())?;
            segment_text(last)
        };
        let host = self.url.host_str().unwrap_or("Camera");
        let host = match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let name = match query.or_else(path) {
            Some(id) => format!("{host} {id}"),
            None => host,
        };
        crate::base::text::one_line(&name, MAX_NAME)
    }
}

/// Takes name and password out of an address. Characters that can't stand there are escaped, as in `p%40ss`.
fn take_login(url: &mut Url) -> Option<AddressLogin> {
    if !redact::has_login(url) {
        return None;
    }
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let name = decoded(url.username());
    let password = SecretString::from(decoded(url.password().unwrap_or_default()));
    // It fails for addresses without a host only, and those have no login.
    url.set_password(None).and_then(|()| url.set_username("")).ok()?;
    Some(AddressLogin { name, password })
}

/// Returns the whole address. Where the scheme is missing, the path tells a WebSocket from pictures over HTTP.
fn complete(text: &str) -> Result<Url, String> {
    let TypedAddress { mut url, is_guessed } = TypedAddress::read(text).ok_or_else(|| {
        let help = format!("This is no address; correct it and try again, for example {EXAMPLE}");
        words_for_none(text, help)
    })?;
    let is_socket = is_asked(&url)
        || url.path_segments().is_some_and(|mut parts| parts.any(|part| part == "ws"));
    if is_guessed && is_socket {
        let scheme = if url.scheme() == "http" { "ws" } else { "wss" };
        url.set_scheme(scheme).expect("one special scheme may replace another");
    }
    Ok(url)
}

/// Reads the base of a service that pictures are forwarded to; the scheme may be missing. The error is one sentence
/// with the next step.
pub fn forward_base(text: &str) -> Result<Url, String> {
    let help = "Pictures are sent on to an address such as https://api.example.com";
    match TypedAddress::read(text).map(|address| address.url) {
        Some(url) if redact::has_login(&url) => {
            Err("A password does not belong in this address; give it as the key".to_owned())
        }
        Some(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        Some(_) | None => Err(words_for_none(text, help)),
    }
}

/// Tells whether an address is `/api/ws?src=NAME`, wherever that is mounted.
fn is_asked(url: &Url) -> bool {
    url.path().trim_end_matches('/').ends_with("/api/ws")
        && url.query_pairs().any(|(key, _)| key == "src")
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn the_address_tells_the_dialect_and_a_name() {
        use CameraDialect::{AskedSocket, Http, Socket, Tcp};
        for (text, dialect, name) in [
            ("ws://host:7103/ws/stream/cam-2", Socket, "host:7103 cam-2"),
            (" wss://host/base/ws/stream/1/ ", Socket, "host 1"),
            ("ws://host", Socket, "host"),
            ("ws://host:1984/api/ws?src=front", AskedSocket, "host:1984 front"),
            ("wss://host/go/api/ws/?src=a%20b", AskedSocket, "host a b"),
            ("ws://host/api/ws", Socket, "host ws"),
            ("http://host:1984/api/stream.mjpeg?src=front", Http, "host:1984 front"),
            ("https://host/snapshot.jpg", Http, "host snapshot.jpg"),
            ("host:7103/ws/stream/1", Socket, "host:7103 1"),
            ("10.0.0.5:1984/api/ws?src=front", AskedSocket, "10.0.0.5:1984 front"),
            ("10.0.0.5/video.mjpg", Http, "10.0.0.5 video.mjpg"),
            ("ws://host/ws/stream/front%20door%C3%A9", Socket, "host front dooré"),
            ("tcp://192.168.1.7:5000", Tcp, "192.168.1.7:5000"),
            ("tcp://[::1]:5000/", Tcp, "[::1]:5000"),
        ] {
            let address = CameraAddress::parse(text).unwrap();
            assert_eq!((address.dialect, address.name().as_str()), (dialect, name));
        }
    }

    #[test]
    fn a_login_is_decoded_and_taken_out_of_the_address() {
        for (text, whole, name, password) in [
            ("http://admin:12345@cam/v", "http://cam/v", "admin", "12345"),
            ("ws://cam%40home:p%40ss%2F%25@cam/v", "ws://cam/v", "cam@home", "p@ss/%"),
            ("https://admin:p@ss@cams.test/v", "https://cams.test/v", "admin", "p@ss"),
            ("admin:pw@10.0.0.5/v", "http://10.0.0.5/v", "admin", "pw"),
            ("http://m%C3%A4x@cam/", "http://cam/", "mäx", ""),
            ("http://:pw@cam/", "http://cam/", "", "pw"),
        ] {
            let (address, login) = CameraAddress::with_login(text).unwrap();
            let login = login.unwrap();
            assert_eq!((address.url.as_str(), login.name.as_str()), (whole, name));
            assert_eq!(login.password.expose_secret(), password);
            let told = format!("{address:?} {login:?} {}", address.name());
            assert!(password.is_empty() || !told.contains(password), "{told}");
        }
        assert!(CameraAddress::with_login("http://cam/").unwrap().1.is_none());
    }

    #[test]
    fn a_missing_scheme_is_that_of_the_place() {
        for (text, whole) in [
            ("10.0.0.5/video.mjpg", "http://10.0.0.5/video.mjpg"),
            ("cam.local:7103/ws/stream/1", "ws://cam.local:7103/ws/stream/1"),
            ("cams.test/video.mjpg", "https://cams.test/video.mjpg"),
            ("cams.test/ws/stream/1", "wss://cams.test/ws/stream/1"),
        ] {
            assert_eq!(CameraAddress::parse(text).unwrap().url.as_str(), whole);
        }
        assert_eq!(forward_base("api.test/v1").unwrap().as_str(), "https://api.test/v1");
        assert_eq!(forward_base("10.0.0.5:80").unwrap().as_str(), "http://10.0.0.5/");
        assert!(
            forward_base("ftp://a.test").is_err() && forward_base("http://u:p@a.test").is_err()
        );
    }

    #[test]
    fn what_is_no_address_is_said_with_the_next_step() {
        for (text, words) in [
            ("", "such as ws://"),
            ("foo bar", "for example ws://camera:7103"),
            ("/tmp", "for example ws://camera:7103"),
            ("http://[fe80::1%25eth0]/", "zone"),
            ("ws://", "no address"),
            ("http://me:hunter2@", "for example ws://"),
            ("ftp://me:hunter2@host/1", "not with ftp"),
            ("rtsp://me:hunter2@host/1", "go2rtc"),
            ("rtsp://host/1", "go2rtc"),
            ("tcp://host", "the port"),
            ("tcp://me:hunter2@host:5000", "leave them out"),
            ("ftp://host/1", "not with ftp"),
        ] {
            let why = CameraAddress::parse(text).unwrap_err();
            assert!(why.contains(words) && !why.contains("hunter2"), "{text}: {why}");
        }
    }
}
