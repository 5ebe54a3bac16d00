//! Keeps the grants of a host, each under the hash of its token.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use ring::hmac;
use secrecy::{ExposeSecret as _, SecretString};
use tokio_util::sync::CancellationToken;

use super::{Grant, GrantReach, GrantRight};
use crate::host::error::{ApiError, HostError};
use crate::host::random::random_hex;
use crate::host::state::tasks::HostTasks;

/// More grants at a time are a mistake somewhere.
const MAX_GRANTS: usize = 256;

/// All grants of a host that last.
pub(crate) struct GrantBook {
    /// A key of this run only, so that the hashes are worth nothing elsewhere.
    key: hmac::Key,
    given: Mutex<Vec<GivenGrant>>,
    tasks: HostTasks,
}

struct GivenGrant {
    tag: hmac::Tag,
    grant: Arc<Grant>,
}

impl GrantBook {
    /// Makes the book of a host whose own token this is: it is the grant of everything.
    pub(crate) fn new(token: &SecretString, tasks: HostTasks) -> Result<Self, HostError> {
        let key = random_hex::<32>()?;
        let book = Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()),
            given: Mutex::default(),
            tasks,
        };
        let everything = Grant {
            id: "host".to_owned(),
            rights: BTreeSet::from([GrantRight::Admin]),
            reach: GrantReach::Host,
            expires_at: None,
            ended: CancellationToken::new(),
        };
        book.lock().push(book.given(token.expose_secret(), everything));
        Ok(book)
    }

    /// Returns the grant of a token. Every token is compared, and each in constant time.
    pub(crate) fn find(&self, token: &str) -> Option<Arc<Grant>> {
        let mut found = None;
        for given in self.lock().iter() {
            if hmac::verify(&self.key, token.as_bytes(), given.tag.as_ref()).is_ok() {
                found = Some(given.grant.clone());
            }
        }
        found.filter(|grant| !grant.has_ended())
    }

    /// Gives a grant in the name of another, with which it ends at the latest. Returns it and its token, which is told
    /// here and never again.
    pub(crate) fn give(
        self: &Arc<Self>,
        giver: &Grant,
        rights: BTreeSet<GrantRight>,
        reach: GrantReach,
        ttl: Duration,
    ) -> Result<(Arc<Grant>, SecretString), ApiError> {
        let token = random_hex::<32>()?;
        let until = SignedDuration::try_from(ttl)
            .ok()
            .and_then(|ttl| Timestamp::now().checked_add(ttl).ok())
            .ok_or_else(|| ApiError::bad("the ttl is too long"))?;
        let grant = Grant {
            id: format!("grant_{}", random_hex::<8>()?),
            rights,
            reach,
            expires_at: Some(giver.expires_at.map_or(until, |end| end.min(until))),
            ended: giver.ended.child_token(),
        };
        let mut all = self.lock();
        // What ended with its giver is still in the list.
        all.retain(|given| !given.grant.has_ended());
        if all.len() > MAX_GRANTS {
            let why = format!("{MAX_GRANTS} grants are given already; take one back first");
            return Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, why));
        }
        let given = self.given(&token, grant);
        let grant = given.grant.clone();
        all.push(given);
        drop(all);
        self.tasks.tracker.spawn(self.clone().end_in_time(grant.clone(), ttl));
        Ok((grant, SecretString::from(token)))
    }

    /// Returns the grants that `which` fits, but not the host's own.
    pub(crate) fn list(&self, which: impl Fn(&Grant) -> bool) -> Vec<Arc<Grant>> {
        let all = self.lock();
        let lasting = all.iter().map(|given| &given.grant).filter(|grant| !grant.has_ended());
        lasting.filter(|grant| grant.expires_at.is_some() && which(grant)).cloned().collect()
    }

    /// Ends the grants that `which` fits, but never the host's own, and returns how many there were.
    pub(crate) fn end(&self, which: impl Fn(&Grant) -> bool) -> usize {
        let mut ends = Vec::new();
        self.lock().retain(|given| {
            let ended = given.grant.expires_at.is_some() && which(&given.grant);
            if ended {
                ends.push(given.grant.clone());
            }
            !ended
        });
        ends.iter().for_each(|grant| grant.ended.cancel());
        ends.len()
    }

    async fn end_in_time(self: Arc<Self>, grant: Arc<Grant>, ttl: Duration) {
        tokio::select! {
            () = tokio::time::sleep(ttl) => {}
            () = grant.ended.cancelled() => {}
            () = self.tasks.closing.cancelled() => return,
        }
        self.end(|other| other.id == grant.id);
    }

    fn given(&self, token: &str, grant: Grant) -> GivenGrant {
        GivenGrant { tag: hmac::sign(&self.key, token.as_bytes()), grant: Arc::new(grant) }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<GivenGrant>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    fn book() -> Arc<GrantBook> {
        Arc::new(GrantBook::new(&SecretString::from(TOKEN), HostTasks::default()).unwrap())
    }

    fn watch(book: &Arc<GrantBook>, giver: &Grant, ttl: u64) -> (Arc<Grant>, String) {
        let reach = GrantReach::Session("a".to_owned());
        let rights = BTreeSet::from([GrantRight::Watch]);
        let given = book.give(giver, rights, reach, Duration::from_secs(ttl));
        let (grant, token) = given.unwrap();
        (grant, token.expose_secret().to_owned())
    }

    #[tokio::test]
    async fn only_a_whole_token_is_known() {
        let book = book();
        assert!(book.find(TOKEN).is_some_and(|grant| grant.may(GrantRight::Admin)));
        for wrong in ["", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeX"] {
            assert!(book.find(wrong).is_none(), "{wrong}");
        }
        let (_, token) = watch(&book, &book.find(TOKEN).unwrap(), 60);
        assert_eq!(token.len(), 64);
        assert!(book.find(&token).is_some_and(|grant| !grant.may(GrantRight::Drive)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_grant_ends_in_time_and_with_its_giver() {
        let book = book();
        let host = book.find(TOKEN).unwrap();
        let (first, token) = watch(&book, &host, 60);
        let (_, of_first) = watch(&book, &first, 600);
        assert!(book.list(|grant| grant.expires_at > first.expires_at).is_empty());
        let (second, second_token) = watch(&book, &host, 600);
        first.ended().cancelled().await;
        assert!(book.find(&token).is_none() && book.find(&of_first).is_none());
        assert_eq!(book.list(|_| true).len(), 1);
        assert_eq!(book.end(|grant| grant.id == second.id), 1);
        assert!(second.has_ended() && book.find(&second_token).is_none());
        assert_eq!(book.end(|_| true), 0);
        assert!(book.find(TOKEN).is_some(), "the host's own grant never ends");
    }

    #[tokio::test]
    async fn there_is_an_end_to_giving() {
        let book = book();
        let host = book.find(TOKEN).unwrap();
        (0..MAX_GRANTS).for_each(|_| drop(watch(&book, &host, 60)));
        let rights = BTreeSet::from([GrantRight::Watch]);
        let refused = book.give(&host, rights, GrantReach::Host, Duration::from_secs(60));
        assert_eq!(refused.err().unwrap().code, StatusCode::TOO_MANY_REQUESTS);
    }
}
