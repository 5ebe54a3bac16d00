//! Answers a server that asks for a name and a password: by Digest (RFC 7616) where it offers that, else by Basic.
//!
//! The password is never sent before the server has asked, and never by Basic where Digest is offered. A challenge is
//! remembered, so that later requests need no refusal first.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use http::header::{HeaderValue, WWW_AUTHENTICATE};
use http_auth::digest::{Algorithm, DigestClient, Qop};
use http_auth::parser::ChallengeParser;
use http_auth::{PasswordClient, PasswordParams};
use secrecy::{ExposeSecret as _, SecretString};
use url::{Position, Url};

use super::NetError;
use crate::base::text::one_line;

/// A name with its password.
#[derive(Clone)]
pub struct PasswordLogin {
    name: String,
    password: SecretString,
    is_open: bool,
    /// The last challenge. The lock is held only while an answer to it is made.
    challenge: Arc<Mutex<Option<PasswordClient>>>,
}

impl PasswordLogin {
    /// Makes a login.
    pub fn new(name: String, password: SecretString) -> Self {
        Self { name, password, is_open: false, challenge: Arc::default() }
    }

    /// Says whether the user agreed that name and password go over an open connection. They do so only to an address
    /// of a private network.
    pub fn in_the_open(mut self, is_allowed: bool) -> Self {
        self.is_open = is_allowed;
        self
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn may_be_open(&self) -> bool {
        self.is_open
    }

    /// Returns the header that answers the last challenge, or `None` where there was none.
    pub(super) fn answer(&self, method: &str, url: &Url) -> Option<HeaderValue> {
        let mut challenge = self.challenge();
        let client = challenge.as_mut()?;
        // Only a server that wants nothing less has the body protected, and these requests have none.
        let needs_body =
            matches!(client, PasswordClient::Digest(digest) if !(digest.qop() & Qop::Auth));
        let answer = client.respond(&PasswordParams {
            username: &self.name,
            password: self.password.expose_secret(),
            uri: &url[Position::BeforePath..Position::AfterQuery],
            method,
            body: needs_body.then_some(&[] as &[u8]),
        });
        sensitive(&answer.ok()?)
    }

    /// Takes in the challenges of a refusal. Returns whether it only says that the last answer came too late. Fails
    /// where none can be answered.
    pub(super) fn challenged(&self, headers: &HeaderMap) -> Result<bool, NetError> {
        let offered = headers.get_all(WWW_AUTHENTICATE).iter();
        let offered: Vec<_> =
            offered.filter_map(|value| Some(readable(value.to_str().ok()?))).collect();
        let found = best(&offered).ok_or_else(|| unknown(&offered))?;
        let is_late = matches!(&found, PasswordClient::Digest(digest) if digest.stale());
        *self.challenge() = Some(found);
        Ok(is_late)
    }

    /// Forgets the challenge, so that the next request asks for a new one.
    pub(super) fn forget_challenge(&self) {
        *self.challenge() = None;
    }

    fn challenge(&self) -> MutexGuard<'_, Option<PasswordClient>> {
        self.challenge.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a header's value that no log shows; `None` where a header can't hold it.
pub(super) fn sensitive(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

impl fmt::Debug for PasswordLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordLogin").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Returns the challenge that gives away the least: of the first kind of Digest that is not MD5, then MD5, then Basic.
fn best(offered: &[String]) -> Option<PasswordClient> {
    let rank = |client: &PasswordClient| match client {
        PasswordClient::Digest(digest) if digest.algorithm() == Algorithm::Md5 => 1,
        PasswordClient::Digest(_) => 2,
        _ => 0,
    };
    let mut best: Option<PasswordClient> = None;
    let mut has_digest = false;
    let challenges = |text| ChallengeParser::new(text).map_while(Result::ok);
    for challenge in offered.iter().flat_map(|text| challenges(text.as_str())) {
        let is_digest = challenge.scheme.eq_ignore_ascii_case("Digest");
        has_digest |= is_digest;
        let client = match is_digest {
            true => DigestClient::try_from(&challenge).map(PasswordClient::Digest),
            false => PasswordClient::try_from(&challenge),
        };
        if let Ok(client) = client
            && best.as_ref().is_none_or(|best| rank(best) < rank(&client))
        {
            best = Some(client);
        }
    }
    // A Digest that cannot be answered is no reason to send the password itself.
    best.filter(|best| !has_digest || rank(best) > 0)
}

/// Returns a challenge with its algorithm written as the library knows it: some cameras say `md5`.
fn readable(challenge: &str) -> String {
    const NAME: &str = "algorithm=";
    let Some(at) = challenge.to_ascii_lowercase().find(NAME) else {
        return challenge.to_owned();
    };
    let (before, after) = challenge.split_at(at + NAME.len());
    let end = after.find([',', ' ']).unwrap_or(after.len());
    let (value, rest) = after.split_at(end);
    format!("{before}{}{rest}", value.to_ascii_uppercase().replace("-SESS", "-sess"))
}

fn unknown(offered: &[String]) -> NetError {
    let message = match offered {
        [] => "The server refuses without saying how to log in".to_owned(),
        offered => {
            let offered = one_line(&offered.join(", "), 120);
            format!("The server asks for a kind of login that is not known here: {offered}")
        }
    };
    NetError::Refused { status: 401, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "http://cam.test/dir/index.html";

    fn login() -> PasswordLogin {
        PasswordLogin::new("Mufasa".to_owned(), SecretString::from("Circle of Life"))
    }

    fn headers(offered: &[&'static str]) -> HeaderMap {
        let values = offered.iter().map(|text| HeaderValue::from_static(text));
        values.map(|value| (WWW_AUTHENTICATE, value)).collect()
    }

    fn answer_to(offered: &[&'static str]) -> Result<String, NetError> {
        let login = login();
        login.challenged(&headers(offered))?;
        let answer = login.answer("GET", &URL.parse().unwrap()).unwrap();
        assert!(answer.is_sensitive());
        Ok(answer.to_str().unwrap().to_owned())
    }

    const BASIC: &str = "Basic realm=\"cam\"";
    const MD5: &str = "Digest realm=\"cam\", nonce=\"n1\", qop=\"auth\"";
    const SHA: &str =
        "Digest realm=\"cam\", nonce=\"n2\", qop=\"auth, auth-int\", algorithm=SHA-256";
    const NEW: &str = "Digest realm=\"cam\", nonce=\"n3\", qop=\"auth\", algorithm=SHA-9000";

    #[test]
    fn the_challenge_decides_and_basic_comes_last() {
        for (offered, begins, holds) in [
            (&[BASIC][..], "Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl", ""),
            (&[MD5], "Digest username=\"Mufasa\"", "algorithm=MD5"),
            (&[BASIC, MD5], "Digest ", "algorithm=MD5"),
            (&[MD5, SHA], "Digest ", "algorithm=SHA-256, nc=00000001"),
            (&[SHA, MD5, BASIC], "Digest ", "qop=auth,"),
            (&["Negotiate", NEW, MD5], "Digest ", "nonce=\"n1\""),
            (
                &["Digest realm=\"a\", nonce=\"n\", qop=auth, algorithm=\"md5-SESS\""],
                "Digest ",
                "algorithm=MD5-sess",
            ),
            (&["Basic realm=\"a\", Digest realm=\"cam\", nonce=\"n4\""], "Digest ", "nonce=\"n4\""),
        ] {
            let answer = answer_to(offered).unwrap();
            assert!(answer.starts_with(begins) && answer.contains(holds), "{offered:?}: {answer}");
            assert!(begins.starts_with("Basic") || !answer.contains("Circle"), "{answer}");
        }
        for offered in [&[][..], &["Negotiate"], &[NEW], &[NEW, BASIC], &["Bearer realm=\"x\""]] {
            let why = answer_to(offered).unwrap_err();
            assert_eq!(why.status(), Some(401), "{offered:?}: {why}");
        }
    }

    #[test]
    fn an_answer_is_counted_and_a_late_one_is_told() {
        let login = login();
        let url: Url = "http://cam.test/a%20b?x=%22".parse().unwrap();
        assert_eq!(login.answer("GET", &url), None, "nobody has asked");
        assert_eq!(login.challenged(&headers(&[MD5])), Ok(false));
        for count in ["nc=00000001", "nc=00000002"] {
            let answer = login.answer("GET", &url).unwrap();
            let answer = answer.to_str().unwrap();
            assert!(answer.contains(count) && answer.contains("uri=\"/a%20b?x=%22\""), "{answer}");
        }
        let late = "Digest realm=\"cam\", nonce=\"n5\", qop=\"auth\", stale=TRUE";
        assert_eq!(login.challenged(&headers(&[late])), Ok(true));
        let answer = login.answer("GET", &url).unwrap();
        assert!(answer.to_str().unwrap().contains("nc=00000001"), "{answer:?}");
        assert!(!format!("{login:?}").contains("Circle"));
    }
}
