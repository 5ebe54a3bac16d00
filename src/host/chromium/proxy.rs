//! Reads a session's proxy: where it is, and who we are there.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::LaunchError;

/// This address stands for no proxy at all.
const DIRECT: &str = "direct://";

/// A session's proxy with its login; without a server, sessions connect directly.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    server: Option<ProxyServer>,
    login: Option<Login>,
}

#[derive(Clone, Debug)]
struct ProxyServer {
    scheme: String,
    /// The host, which stands in brackets where it is an IPv6 address.
    host: String,
    port: Option<u16>,
}

#[derive(Clone, Debug)]
struct Login {
    name: String,
    password: SecretString,
}

impl Proxy {
    /// Reads `http://name:password@host:port` and its like.
    pub(crate) fn parse(text: &str) -> Result<Self, LaunchError> {
        if text == DIRECT {
            let (server, login) = (None, None);
            return Ok(Self { server, login });
        }
        // The error repeats nothing that may hold a password.
        let shown = || LaunchError::Proxy(text.rsplit('@').next().unwrap_or_default().to_owned());
        let url = Url::parse(text).map_err(|_malformed| shown())?;
        let plain =
            matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        let known = matches!(url.scheme(), "http" | "https" | "socks4" | "socks5");
        let Some(host) = url.host_str().filter(|host| plain && known && !host.is_empty()) else {
            return Err(shown());
        };
        let login = login(&url).map_err(|_not_text| shown())?;
        if login.is_some() && url.scheme().starts_with("socks") {
            return Err(LaunchError::SocksLogin);
        }
        let server = ProxyServer {
            scheme: url.scheme().to_owned(),
            host: host.to_owned(),
            port: url.port(),
        };
        Ok(Self { server: Some(server), login })
    }

    /// Returns the proxy without its login, for the command line, which everybody can read.
    pub(super) fn argument(&self) -> Option<String> {
        let ProxyServer { scheme, host, port } = self.server.as_ref()?;
        Some(match port {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        })
    }

    pub(crate) fn has_login(&self) -> bool {
        self.login.is_some()
    }

    /// Returns the proxy in the words of `chrome.proxy`: the setting, and the login or null.
    pub(crate) fn words(&self) -> (Value, Value) {
        let setting = match &self.server {
            None => json!({ "mode": "direct" }),
            Some(ProxyServer { scheme, host, port }) => {
                let host = host.trim_start_matches('[').trim_end_matches(']');
                let mut server = json!({ "scheme": scheme, "host": host });
                if let Some(port) = port {
                    server["port"] = json!(port);
                }
                json!({ "mode": "fixed_servers", "rules": { "singleProxy": server } })
            }
        };
        let login = self.login.as_ref().map_or(
            Value::Null,
            |login| json!({ "username": login.name, "password": login.password.expose_secret() }),
        );
        (setting, login)
    }
}

fn login(url: &Url) -> Result<Option<Login>, std::str::Utf8Error> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    Ok(Some(Login {
        name: decoded(url.username())?,
        password: SecretString::from(decoded(url.password().unwrap_or_default())?),
    }))
}

/// Undoes `%40` and its like, in which a password's own `@` has to be written.
fn decoded(text: &str) -> Result<String, std::str::Utf8Error> {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = bytes
            .get(at + 1..at + 3)
            .filter(|hex| bytes[at] == b'%' && hex.iter().all(u8::is_ascii_hexdigit))
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        plain.push(escaped.unwrap_or(bytes[at]));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    std::str::from_utf8(&plain).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_proxies_are_taken_and_passwords_are_not_repeated() {
        for (given, taken) in [
            ("http://proxy.test:3128", Some("http://proxy.test:3128")),
            ("socks5://127.0.0.1:1080/", Some("socks5://127.0.0.1:1080")),
            ("http://[::1]:3128", Some("http://[::1]:3128")),
            ("http://user:hunter2@proxy.test:3128", Some("http://proxy.test:3128")),
            ("socks5://user:hunter2@proxy.test:1080", None),
            ("http://user:hunter2@", None),
            ("http://user:%ff@proxy.test", None),
            ("proxy.test:3128", None),
            ("", None),
            ("file:///etc/passwd", None),
            ("http://a.test:1 --no-sandbox", None),
            ("http://a.test/path", None),
        ] {
            let result = Proxy::parse(given);
            let argument = result.as_ref().ok().and_then(Proxy::argument);
            assert_eq!(argument.as_deref(), taken, "{given}");
            assert_eq!(result.is_ok(), taken.is_some(), "{given}");
            assert!(!format!("{result:?}").contains("hunter2"), "{given}");
            assert!(!result.is_err_and(|err| err.to_string().contains("hunter2")));
        }
    }

    #[test]
    fn the_browser_is_told_in_its_words() {
        let words = |text: &str| Proxy::parse(text).unwrap().words();
        assert_eq!(
            words("https://me:p%40ss%@[::1]:3128"),
            (
                json!({ "mode": "fixed_servers", "rules": { "singleProxy": { "scheme": "https", "host": "::1", "port": 3128 } } }),
                json!({ "username": "me", "password": "p@ss%" }),
            )
        );
        assert_eq!(words("direct://"), (json!({ "mode": "direct" }), Value::Null));
    }
}
