//! Knows which requests the system sends through a proxy, and goes through it where reqwest can't.

use std::env;
use std::sync::LazyLock;
use std::time::Duration;

use http::Uri;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioExecutor;
use reqwest::Body;
use url::Url;

use super::{CONNECT_LIMIT, MAX_HEADERS};
use crate::base::redact;
use crate::base::text::one_line;
use crate::net::NetError;
use crate::net::error::root_cause;
use crate::net::tls::{self, Versions};

/// Variables that name the proxy for a scheme, in their order.
const FOR_HTTP: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
const FOR_HTTPS: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Returns the proxy of the environment or the system for `url`, if there is one. Fails where the environment names
/// one that can't be used: going without it could be what it is there to prevent.
pub(super) fn of(url: &Url) -> Result<Option<Intercept>, NetError> {
    static MATCHER: LazyLock<Matcher> = LazyLock::new(Matcher::from_system);
    let Ok(target) = url.as_str().parse::<Uri>() else { return Ok(None) };
    match MATCHER.intercept(&target) {
        Some(proxy) => Ok(Some(proxy)),
        None => unusable(&target, |name| env::var(name).ok()).map_or(Ok(None), Err),
    }
}

/// Returns the name of a proxy for messages: host and port.
pub(super) fn name_of(proxy: &Intercept) -> String {
    proxy.uri().authority().map_or_else(String::new, ToString::to_string)
}

/// Returns what is wrong with the proxy that the environment has for `target`, if something is.
fn unusable(target: &Uri, lookup: impl Fn(&str) -> Option<String>) -> Option<NetError> {
    // The matcher takes no proxy there, because a request's header could name one.
    if lookup("REQUEST_METHOD").is_some() {
        return None;
    }
    let names = if target.scheme_str() == Some("https") { FOR_HTTPS } else { FOR_HTTP };
    let (name, value) = names
        .iter()
        .filter_map(|name| Some((name, lookup(name)?)))
        .find(|(_, value)| !value.trim().is_empty())?;
    let none = ["NO_PROXY", "no_proxy"].iter().find_map(|name| lookup(name)).unwrap_or_default();
    let with = |proxy: &str| Matcher::builder().all(proxy).no(none.as_str()).build();
    let is_meant = with("http://proxy.invalid:1").intercept(target).is_some();
    let is_usable = with(&value).intercept(target).is_some();
    (is_meant && !is_usable).then(|| {
        NetError::Invalid(format!(
            "The proxy in {name}, “{}”, can't be used: give it as http://host:port or socks5://host:port, or name {} in \
             no_proxy",
            one_line(&redact::address(&value), 80),
            target.host().unwrap_or_default(),
        ))
    })
}

/// Sends a request of http through a tunnel of the proxy, as a WebSocket needs. A proxy that is asked for the page
/// itself, as reqwest does, passes no upgrade on.
pub(super) async fn through_tunnel(
    proxy: &Intercept,
    request: reqwest::Request,
) -> Result<reqwest::Response, NetError> {
    let failed = |err: &(dyn std::error::Error + 'static)| {
        NetError::Unreachable(format!(
            "Could not connect to {} through the proxy {}: {}",
            request.url().host_str().unwrap_or_default(),
            name_of(proxy),
            cause(err)
        ))
    };
    let mut wire = HttpConnector::new();
    wire.enforce_http(false);
    wire.set_connect_timeout(Some(CONNECT_LIMIT));
    wire.set_nodelay(true);
    let wire = HttpsConnectorBuilder::new()
        .with_tls_config(tls_to_proxy())
        .https_or_http()
        .enable_http1()
        .wrap_connector(wire);
    let mut tunnel = Tunnel::new(proxy.uri().clone(), wire);
    if let Some(login) = proxy.basic_auth() {
        tunnel = tunnel.with_auth(login.clone());
    }
    let client: Client<_, Body> = Client::builder(TokioExecutor::new())
        .pool_idle_timeout(Duration::ZERO)
        .http1_max_headers(MAX_HEADERS)
        .build(tunnel);
    let port = request.url().port_or_known_default().unwrap_or(80);
    let (host, path) =
        (request.url().host_str().unwrap_or_default(), &request.url()[url::Position::BeforePath..]);
    let mut asked = http::Request::new(Body::default());
    *asked.method_mut() = request.method().clone();
    // The port has to stand there, because a tunnel without one leads to that of https.
    *asked.uri_mut() = format!("http://{host}:{port}{path}")
        .parse()
        .map_err(|err| NetError::Invalid(format!("The address cannot be used: {err}")))?;
    *asked.headers_mut() = request.headers().clone();
    let response = client.request(asked).await.map_err(|err| failed(&err))?;
    Ok(response.map(Body::wrap).into())
}

/// Returns why a connection through a proxy failed, in plain words.
pub(super) fn cause(err: &(dyn std::error::Error + 'static)) -> String {
    match root_cause(err).as_str() {
        "tunnel error: proxy authorization required" => {
            "it wants a name and a password; give them in its address, as in http://name:password@host:port".to_owned()
        }
        "tunnel error: unsuccessful" => "it does not connect to there; check the address, or name it in no_proxy".to_owned(),
        "tunnel error: unexpected end of file" => "it closed the connection; check that it is a proxy for http".to_owned(),
        other => other.to_owned(),
    }
}

/// Returns the configuration for a proxy that is spoken to securely. What is chosen here is spoken with the proxy only.
fn tls_to_proxy() -> rustls::ClientConfig {
    let mut config = tls::config(Versions::Http1);
    // The connector sets what it offers itself.
    config.alpn_protocols.clear();
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_that_cannot_be_used_is_named_without_its_password() {
        let of = |variables: &[(&str, &str)], target: &str| {
            let lookup = |name: &str| {
                variables
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| (*value).to_owned())
            };
            unusable(&target.parse().unwrap(), lookup).map(|err| err.to_string())
        };
        for (name, value, target) in [
            ("ALL_PROXY", "socks://127.0.0.1:1080/", "http://far.test/"),
            ("all_proxy", "socks://127.0.0.1:1080/", "https://far.test/"),
            ("http_proxy", "a b", "http://far.test/"),
            ("HTTPS_PROXY", "ftp://me:hunter2@proxy:21", "https://far.test/"),
            ("http_proxy", "http://", "http://far.test/"),
        ] {
            let why = of(&[(name, value)], target).unwrap();
            assert!(why.contains(name) && why.contains("socks5://host:port"), "{why}");
            assert!(!why.contains("hunter2"), "{why}");
            assert_eq!(of(&[(name, value), ("NO_PROXY", "far.test")], target), None, "{value}");
            assert_eq!(of(&[(name, value), ("REQUEST_METHOD", "GET")], target), None, "{value}");
        }
        for (name, value, target) in [
            ("http_proxy", "http://proxy:3128", "http://far.test/"),
            ("http_proxy", "proxy:3128", "http://far.test/"),
            ("http_proxy", "", "http://far.test/"),
            ("ALL_PROXY", "socks5h://proxy", "https://far.test/"),
            ("http_proxy", "socks://proxy", "https://far.test/"),
        ] {
            assert_eq!(of(&[(name, value)], target), None, "{name}={value}");
        }
    }
}
