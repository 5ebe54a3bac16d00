//! Sends one request and follows its redirects without taking any secret to another origin.

use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION,
    TRANSFER_ENCODING,
};
use http::{Method, StatusCode};
use hyper_util::client::proxy::matcher::Intercept;
use tokio::time::timeout;
use url::Url;

use super::{Answer, Client, MAX_HEAD, no_answer_within, proxy, upgraded_from};
use crate::base::address::words_for_none;
use crate::net::NetError;
use crate::net::auth::{Auth, Origin};
use crate::net::error::{other_scheme, root_cause};
use crate::net::reach::out_of_reach;
use crate::net::scheme::speaks_http_instead;
use crate::net::tls::{self, Versions};

/// Time limit for the head of an answer that is expected at once, such as that of a stream or an upgrade.
pub(in crate::net) const HEAD_LIMIT: Duration = Duration::from_secs(10);
const MAX_HOPS: usize = 5;
/// Requests for one answer: without a login, with one that came too late, and one more.
const MAX_CHALLENGES: usize = 4;

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

    /// Sends `request`, and once more where the server asks for the login that `auth` has.
    async fn send(&self, auth: &Auth, request: &Fetch, at_first: bool) -> Result<Answer, NetError> {
        let Some(login) = auth.login_for(&request.url) else {
            return self.send_once(auth, request, at_first, None).await;
        };
        let answer = || login.answer(request.method.as_str(), &request.url);
        // The challenge of an earlier request may have been used up meanwhile.
        let mut is_fresh = false;
        for _ in 0..MAX_CHALLENGES {
            let refusal = self.send_once(auth, request, at_first, answer()).await?;
            if refusal.status() != StatusCode::UNAUTHORIZED {
                return Ok(refusal);
            }
            let is_late = login.challenged(refusal.headers())?;
            if is_fresh && !is_late {
                break;
            }
            is_fresh = true;
        }
        login.forget_challenge();
        let message = "The name or the password is wrong; correct them".to_owned();
        Err(NetError::Refused { status: StatusCode::UNAUTHORIZED.as_u16(), message })
    }

    async fn send_once(
        &self,
        auth: &Auth,
        request: &Fetch,
        at_first: bool,
        login: Option<HeaderValue>,
    ) -> Result<Answer, NetError> {
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
        headers.extend(login.map(|login| (AUTHORIZATION, login)));
        self.inner.cookies.add(&request.url, headers);
        let asked = timeout(request.head_limit, self.execute(sent, request.versions))
            .await
            .unwrap_or_else(|_elapsed| Err(no_answer_within(request.head_limit)));
        if matches!(asked, Err(NetError::Lost(_) | NetError::Unreachable(_)))
            && speaks_http_instead(&request.url).await
        {
            return Err(other_scheme("http"));
        }
        let response = asked?;
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
        let none = "The server redirects to something that is no address";
        refused(answer, &words_for_none(&location, none))
    })?;
    // A WebSocket is asked for in http.
    if let Some(scheme) = upgraded_from(next.scheme()) {
        next.set_scheme(scheme).expect("one special scheme may replace another");
    }
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

/// Returns why `url` could not be asked, directly or through `proxy`.
pub(super) fn not_connected(
    err: &reqwest::Error,
    url: &Url,
    proxy: Option<&Intercept>,
) -> NetError {
    let host = url.host_str().unwrap_or_default();
    if is_head_too_large(err) {
        return NetError::TooLarge { what: "response head" };
    }
    if let Some(out) = out_of_reach(err) {
        return out;
    }
    if err.is_builder() {
        return NetError::Invalid(format!("The request cannot be sent: {}", root_cause(err)));
    }
    if url.scheme() == "https" && err.is_connect() && tls::is_other_protocol(err) {
        return other_scheme("http");
    }
    if let Some(proxy) = proxy.filter(|_| err.is_connect() && !err.is_timeout()) {
        let (proxy, cause) = (proxy::name_of(proxy), proxy::cause(err));
        let why = format!("Could not connect to {host} through the proxy {proxy}: {cause}");
        return NetError::Unreachable(why);
    }
    let cause = root_cause(err);
    if err.is_timeout() {
        NetError::Lost(format!("{host} did not answer in time"))
    } else if err.is_connect() {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        NetError::Unreachable(format!("Could not connect to {host}{port}: {cause}"))
    } else if url.scheme() == "http" && may_speak_tls(err) {
        NetError::Lost(format!(
            "The connection to {host} broke: {cause} (if it speaks https, begin the address with https://)"
        ))
    } else {
        NetError::Lost(format!("The connection to {host} broke: {cause}"))
    }
}

/// Tells whether a server answered with what is not HTTP, or closed the connection instead of answering, as servers do
/// that wait for a secure greeting.
fn may_speak_tls(err: &reqwest::Error) -> bool {
    is_fault_of_http(err, |err| err.is_parse() || err.is_incomplete_message())
}

/// Tells whether the HTTP implementation gave up on a head that is too large.
fn is_head_too_large(err: &reqwest::Error) -> bool {
    is_fault_of_http(err, hyper::Error::is_parse_too_large)
}

fn is_fault_of_http(err: &reqwest::Error, is_it: impl Fn(&hyper::Error) -> bool) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(err);
    while let Some(err) = cause {
        if err.downcast_ref::<hyper::Error>().is_some_and(&is_it) {
            return true;
        }
        cause = err.source();
    }
    false
}
