//! Sends one request and follows its redirects without taking any secret to another origin.

use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION,
    TRANSFER_ENCODING,
};
use http::{Method, StatusCode};
use tokio::time::timeout;
use url::Url;

use super::{Answer, Client, MAX_HEAD, no_answer_within};
use crate::net::NetError;
use crate::net::auth::{Auth, Origin};
use crate::net::error::root_cause;
use crate::net::tls::Versions;

/// Time limit for the head of an answer that is expected at once, such as that of a stream or an upgrade.
pub(in crate::net) const HEAD_LIMIT: Duration = Duration::from_secs(10);
const MAX_HOPS: usize = 5;

/// A request before any credential is added.
#[derive(Clone, Debug)]
pub(in crate::net) struct Fetch {
    pub(in crate::net) method: Method,
    pub(in crate::net) url: Url,
    pub(in crate::net) headers: HeaderMap,
    /// Headers that only the first origin gets.
    pub(in crate::net) private: HeaderMap,
    pub(in crate::net) body: Option<Bytes>,
    /// Time limit for connecting and for the head of the answer, per redirect.
    pub(in crate::net) head_limit: Duration,
    pub(in crate::net) versions: Versions,
}

impl Client {
    /// Sends `request` with the credential `auth` and follows at most five redirects.
    pub(in crate::net) async fn fetch_as(
        &self,
        auth: &Auth,
        mut request: Fetch,
    ) -> Result<Answer, NetError> {
        let first = Origin::of(&request.url);
        let mut hops = 0;
        loop {
            let at_first = first == Origin::of(&request.url);
            let answer = self.send(auth, &request, at_first).await?;
            let Some(next) = next_hop(auth, &request, &answer)? else {
                return Ok(answer);
            };
            hops += 1;
            if hops > MAX_HOPS {
                return Err(refused(&answer, "The server redirects in circles; check the address"));
            }
            becomes_get(&mut request, answer.status());
            request.url = next;
        }
    }

    async fn send(&self, auth: &Auth, request: &Fetch, at_first: bool) -> Result<Answer, NetError> {
        let mut url = request.url.clone();
        auth.add_query(&mut url);
        let mut sent = reqwest::Request::new(request.method.clone(), url);
        *sent.body_mut() = request.body.clone().map(Into::into);
        let headers = sent.headers_mut();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.extend(request.headers.clone());
        if at_first {
            headers.extend(request.private.clone());
        }
        headers.extend(auth.headers_for(&request.url));
        self.inner.cookies.add(&request.url, headers);
        let wire = self.wire(&request.url, request.versions)?;
        let response = timeout(request.head_limit, wire.execute(sent))
            .await
            .map_err(|_elapsed| no_answer_within(request.head_limit))?
            .map_err(|err| not_connected(&err, &request.url))?;
        self.inner.cookies.take(&request.url, response.headers());
        let head: usize = response
            .headers()
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + 4)
            .sum();
        if head > MAX_HEAD {
            return Err(NetError::TooLarge { what: "response head" });
        }
        Ok(Answer::new(response))
    }
}

/// Returns the address that the answer redirects to, or `None` where it is no redirect. Fails where the redirect may
/// not be followed.
pub(super) fn next_hop(
    auth: &Auth,
    request: &Fetch,
    answer: &Answer,
) -> Result<Option<Url>, NetError> {
    if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location =
        answer.headers().get(LOCATION).map(|location| String::from_utf8_lossy(location.as_bytes()));
    let Some(location) = location.filter(|location| !location.is_empty()) else {
        return Err(refused(answer, "The server redirects without saying where"));
    };
    let mut next = request.url.join(&location).map_err(|_invalid| {
        refused(answer, "The server redirects to something that is no address")
    })?;
    let host = next.host_str().unwrap_or_default().to_owned();
    match next.scheme() {
        "https" => {}
        "http" if request.url.scheme() == "http" => {}
        "http" => {
            let why = format!(
                "The server redirects to {host} over an open connection; that is not followed"
            );
            return Err(NetError::Insecure(why));
        }
        _ => {
            return Err(refused(
                answer,
                "The server redirects to something that is no web address",
            ));
        }
    }
    next.set_username("")
        .and_then(|()| next.set_password(None))
        .expect("web addresses can have a user");
    next.set_fragment(None);
    let elsewhere = Origin::of(&next) != Origin::of(&request.url);
    if elsewhere && request.body.is_some() && answer.status() != StatusCode::SEE_OTHER {
        let why = format!("The server wants the request to go to {host}; use that address instead");
        return Err(refused(answer, &why));
    }
    if auth.leaks_into(&next) {
        return Err(NetError::Insecure(format!(
            "The server redirects to {host} with the key in the address"
        )));
    }
    Ok(Some(next))
}

/// Turns the request into a GET as browsers do: always for 303, and for a POST after 301 and 302.
fn becomes_get(request: &mut Fetch, status: StatusCode) {
    let anew = match status {
        StatusCode::SEE_OTHER => request.method != Method::HEAD,
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => request.method == Method::POST,
        _ => false,
    };
    if anew {
        request.method = Method::GET;
        request.body = None;
        for name in [CONTENT_TYPE, CONTENT_LENGTH, TRANSFER_ENCODING] {
            request.headers.remove(name);
        }
    }
}

fn refused(answer: &Answer, message: &str) -> NetError {
    NetError::Refused { status: answer.status().as_u16(), message: message.to_owned() }
}

fn not_connected(err: &reqwest::Error, url: &Url) -> NetError {
    let cause = root_cause(err);
    let host = url.host_str().unwrap_or_default();
    if is_head_too_large(err) {
        NetError::TooLarge { what: "response head" }
    } else if err.is_builder() {
        NetError::Invalid(format!("The request cannot be sent: {cause}"))
    } else if err.is_timeout() {
        NetError::Lost(format!("{host} did not answer in time"))
    } else if err.is_connect() {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        NetError::Unreachable(format!("Could not connect to {host}{port}: {cause}"))
    } else {
        NetError::Lost(format!("The connection to {host} broke: {cause}"))
    }
}

/// Tells whether the HTTP implementation gave up on a head that is too large.
fn is_head_too_large(err: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(err);
    while let Some(err) = cause {
        if err.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse_too_large) {
            return true;
        }
        cause = err.source();
    }
    false
}
