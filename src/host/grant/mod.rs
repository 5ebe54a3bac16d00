//! Says who may do what at a host, and until when: whoever shows a token has the rights of its [`Grant`].
//!
//! The host's own token is the grant of everything. All others are lesser, and each is given by one that may: it gives
//! no more than its giver has, and ends with it at the latest. Whatever hands out access (to a page that shows a
//! session, to an agent, to a person of a team) gives a grant and nothing else.

mod book;

use std::collections::BTreeSet;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::error::ApiError;
pub(crate) use book::GrantBook;

/// What is told to whoever came in by a grant that ended meanwhile.
pub(crate) const GRANT_ENDED: &str = "the grant of this key has ended; ask for a new one";

/// A thing that a token's bearer may do.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Deserialize,
    Serialize,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(crate) enum GrantRight {
    /// Sees events and pictures.
    Watch,
    /// Acts in a session, with people and through calls; includes watching.
    Drive,
    /// Makes sessions.
    Create,
    /// Ends sessions, sees and evicts who subscribes, and gives grants; includes everything else.
    Admin,
}

/// What a grant reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GrantReach {
    /// Everything of the host.
    Host,
    /// The session of this id.
    Session(String),
}

/// The rights of whoever shows one token. The token itself is kept nowhere but as a hash, in the [`GrantBook`].
#[derive(Debug)]
pub(crate) struct Grant {
    /// The grant's name, which is no secret.
    pub(crate) id: String,
    pub(crate) rights: BTreeSet<GrantRight>,
    pub(crate) reach: GrantReach,
    /// The time when it ends; `None` for the host's own, which lasts as long as the host.
    pub(crate) expires_at: Option<Timestamp>,
    /// Fires when the grant ends. Whatever was opened with it ends then.
    ended: CancellationToken,
}

/// What one kind of call asks of a grant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GrantNeed {
    /// `None` where any right will do, because nothing is told or done.
    pub(crate) right: Option<GrantRight>,
    /// The call is about the host as a whole, and not about the session that its path names.
    pub(crate) whole_host: bool,
}

impl Grant {
    /// Tells whether the grant covers a call; `session` is the id that its path names.
    pub(crate) fn covers(&self, need: GrantNeed, session: Option<&str>) -> bool {
        let reaches = match (&self.reach, need.right) {
            (GrantReach::Host, _) | (_, None) => true,
            (GrantReach::Session(ours), Some(_)) => !need.whole_host && session == Some(ours),
        };
        reaches && need.right.is_none_or(|right| self.may(right))
    }

    /// Tells whether the grant has a right, by itself or as a part of a larger one.
    pub(crate) fn may(&self, right: GrantRight) -> bool {
        let has = |right| self.rights.contains(&right);
        has(right)
            || has(GrantRight::Admin)
            || (right == GrantRight::Watch && has(GrantRight::Drive))
    }

    pub(crate) fn has_ended(&self) -> bool {
        let is_past = self.expires_at.is_some_and(|at| at <= Timestamp::now());
        is_past || self.ended.is_cancelled()
    }

    /// Returns the token that fires when the grant ends.
    pub(crate) fn ended(&self) -> &CancellationToken {
        &self.ended
    }

    /// Answers for as long as the grant lasts: an answer that is not there by its end is refused, and one that is still
    /// being sent ends there.
    pub(crate) async fn while_it_lasts(&self, answer: impl Future<Output = Response>) -> Response {
        if self.expires_at.is_none() {
            return answer.await;
        }
        let answer = tokio::select! {
            answer = answer => answer,
            () = self.ended.cancelled() => return ended().into_response(),
        };
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            // The socket itself looks at the grant.
            return answer;
        }
        let ended = self.ended.clone().cancelled_owned();
        answer.map(|body| Body::from_stream(body.into_data_stream().take_until(ended)))
    }
}

/// The answer to a token that was good.
fn ended() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, GRANT_ENDED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(rights: &[GrantRight], reach: GrantReach) -> Grant {
        Grant {
            id: String::new(),
            rights: rights.iter().copied().collect(),
            reach,
            expires_at: None,
            ended: CancellationToken::new(),
        }
    }

    #[test]
    fn a_grant_covers_what_it_names_and_nothing_else() {
        use GrantRight::{Admin, Create, Drive, Watch};
        let all = [Watch, Drive, Create, Admin];
        for (given, covered) in [
            (Watch, vec![Watch]),
            (Drive, vec![Watch, Drive]),
            (Create, vec![Create]),
            (Admin, all.to_vec()),
        ] {
            let of_host = grant(&[given], GrantReach::Host);
            let of_one = grant(&[given], GrantReach::Session("a".to_owned()));
            for right in all {
                let need = |whole_host| GrantNeed { right: Some(right), whole_host };
                let fits = covered.contains(&right);
                assert_eq!(of_host.covers(need(true), None), fits, "{given:?} {right:?}");
                assert_eq!(of_host.covers(need(false), Some("b")), fits, "{given:?} {right:?}");
                assert_eq!(of_one.covers(need(false), Some("a")), fits, "{given:?} {right:?}");
                assert!(!of_one.covers(need(false), Some("b")), "{given:?} {right:?}");
                assert!(!of_one.covers(need(false), None), "{given:?} {right:?}");
                assert!(!of_one.covers(need(true), Some("a")), "{given:?} {right:?}");
            }
        }
    }
}
