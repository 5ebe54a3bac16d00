//! Remembers what a session was told of sharing the clipboard, so that it is told once.

use crate::ui::state::SessionKey;

/// What was told last, and to which connection.
#[derive(Debug, Default)]
pub(crate) struct Sharing {
    told: Option<ToldSharing>,
}

#[derive(Debug, PartialEq)]
struct ToldSharing {
    session: SessionKey,
    /// The index of this window's user there, which every connection has anew.
    me: u32,
    on: bool,
}

impl Sharing {
    /// Returns what a session that is steered has to be told now; `None` where it knows. Where nobody was asked yet, the
    /// session tells that something was copied, and not what.
    pub(crate) fn news(
        &mut self,
        session: &SessionKey,
        me: u32,
        shares: Option<bool>,
    ) -> Option<bool> {
        let on = shares.unwrap_or_default();
        let told = ToldSharing { session: session.clone(), me, on };
        if self.told.as_ref() == Some(&told) {
            return None;
        }
        self.told = Some(told);
        Some(on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_told_once_a_connection_and_after_every_change() {
        let key = |id: &str| SessionKey { service: "s".to_owned(), id: id.to_owned() };
        let mut sharing = Sharing::default();
        assert_eq!(sharing.news(&key("a"), 1, None), Some(false));
        assert_eq!(sharing.news(&key("a"), 1, None), None);
        assert_eq!(sharing.news(&key("a"), 1, Some(true)), Some(true));
        assert_eq!(sharing.news(&key("a"), 1, Some(true)), None);
        assert_eq!(sharing.news(&key("a"), 2, Some(true)), Some(true));
        assert_eq!(sharing.news(&key("b"), 2, Some(true)), Some(true));
        assert_eq!(sharing.news(&key("b"), 2, Some(false)), Some(false));
    }
}
