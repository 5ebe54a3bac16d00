//! Reads a camera's address, which tells how the camera is spoken to.

use url::Url;

use crate::base::redact;
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
}

/// A camera's address and the way to speak to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraAddress {
    /// The address, with http, https, ws or wss.
    pub url: Url,
    /// The way in which the camera sends its pictures.
    pub dialect: CameraDialect,
}

impl CameraAddress {
    /// Reads what was typed. The error is one sentence with the next step.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err(format!("Give the camera's address, such as {EXAMPLE}"));
        }
        if !text.contains("://") {
            let example = with_scheme(text).unwrap_or_else(|| EXAMPLE.to_owned());
            return Err(format!(
                "Begin the address with ws://, wss://, http:// or https://, such as {example}"
            ));
        }
        let url = Url::parse(text)
            .map_err(|err| format!("This is no address ({err}); correct it and try again"))?;
        if redact::has_login(&url) {
            return Err("A password does not belong in the address; give it as the key".to_owned());
        }
        let dialect = match url.scheme() {
            "ws" | "wss" if is_asked(&url) => CameraDialect::AskedSocket,
            "ws" | "wss" => CameraDialect::Socket,
            "http" | "https" => CameraDialect::Http,
            "rtsp" | "rtsps" | "rtmp" => {
                return Err("This kind of video is not decoded here; give the address of its MJPEG or WebSocket stream, which go2rtc can make of it".to_owned());
            }
            other => {
                return Err(format!(
                    "Begin the address with ws://, wss://, http:// or https://, not with {other}"
                ));
            }
        };
        Ok(Self { url, dialect })
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

/// Completes `text` to an address, where only its beginning is missing.
fn with_scheme(text: &str) -> Option<String> {
    let whole = format!("ws://{text}");
    let is_address = Url::parse(&whole).is_ok() && !text.starts_with('/') && !text.contains(' ');
    is_address.then_some(whole)
}

/// Reads the base of a service that pictures are forwarded to. The error is one sentence with the next step.
pub fn forward_base(text: &str) -> Result<Url, String> {
    let help = "Pictures are sent on to an address that begins with http:// or https://";
    match Url::parse(text.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        Ok(_) | Err(_) => Err(help.to_owned()),
    }
}

/// Tells whether an address is `/api/ws?src=NAME`, wherever that is mounted.
fn is_asked(url: &Url) -> bool {
    url.path().trim_end_matches('/').ends_with("/api/ws")
        && url.query_pairs().any(|(key, _)| key == "src")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_tells_the_dialect_and_a_name() {
        use CameraDialect::{AskedSocket, Http, Socket};
        for (text, dialect, name) in [
            ("ws://host:7103/ws/stream/cam-2", Socket, "host:7103 cam-2"),
            (" wss://host/base/ws/stream/1/ ", Socket, "host 1"),
            ("ws://host", Socket, "host"),
            ("ws://host:1984/api/ws?src=front", AskedSocket, "host:1984 front"),
            ("wss://host/go/api/ws/?src=a%20b", AskedSocket, "host a b"),
            ("ws://host/api/ws", Socket, "host ws"),
            ("http://host:1984/api/stream.mjpeg?src=front", Http, "host:1984 front"),
            ("https://host/snapshot.jpg", Http, "host snapshot.jpg"),
            ("ws://host/ws/stream/front%20door%C3%A9", Socket, "host front dooré"),
        ] {
            let address = CameraAddress::parse(text).unwrap();
            assert_eq!((address.dialect, address.name().as_str()), (dialect, name));
        }
    }

    #[test]
    fn what_is_no_address_is_said_with_the_next_step() {
        for (text, words) in [
            ("", "such as ws://"),
            ("host:7103/ws/stream/1", "ws://host:7103/ws/stream/1"),
            ("foo bar", "such as ws://camera:7103"),
            ("/tmp", "such as ws://camera:7103"),
            ("ws://", "no address"),
            ("http://user:pw@host/", "as the key"),
            ("rtsp://host/1", "go2rtc"),
            ("ftp://host/1", "not with ftp"),
        ] {
            let why = CameraAddress::parse(text).unwrap_err();
            assert!(why.contains(words), "{text}: {why}");
        }
    }
}
