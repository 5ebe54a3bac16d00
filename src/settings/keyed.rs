//! Knows which servers the settings have keys for. The keyring knows a key only by its server, so several profiles may
//! share one.

use url::Url;

use super::{CameraKeyPlace, CameraProfile, Settings};
use crate::protocol::camera::CameraAddress;

impl Settings {
    /// Tells whether anything in the settings may use the key that the keyring has for the server of `url`, and for the
    /// name in it.
    pub fn uses_key_of(&self, url: &Url) -> bool {
        let place = |url: &Url| (url.origin(), url.username().to_owned());
        let wanted = place(url);
        self.keyed().any(|known| place(&known) == wanted)
    }

    /// Returns every address to which a key is sent.
    fn keyed(&self) -> impl Iterator<Item = Url> {
        let profiles = self.profiles.iter();
        let services = profiles.flat_map(|known| [&known.base_url, &known.webhooks]);
        let chats = self.chats.iter().map(|chat| &chat.base_url);
        services
            .chain(chats)
            .chain([&self.host.chat_base_url])
            .filter_map(|address| Url::parse(address).ok())
            .chain(self.cameras.iter().flat_map(CameraProfile::keyed))
    }
}

impl CameraProfile {
    /// Returns the addresses whose keys are in the keyring: the camera's own, and the one to which its pictures are
    /// forwarded.
    pub fn keyed(&self) -> impl Iterator<Item = Url> {
        let forward = self.forward.iter().filter(|forward| forward.has_key);
        let forward = forward.filter_map(|forward| Url::parse(&forward.url).ok());
        self.key_address().into_iter().chain(forward)
    }

    /// Returns the address under which the keyring has the camera's key, or the password of its name, which is part of
    /// the address then. It is `None` where the camera has neither.
    pub fn key_address(&self) -> Option<Url> {
        if self.user.is_empty() && self.key_place == CameraKeyPlace::None {
            return None;
        }
        let mut url = CameraAddress::parse(&self.url).ok()?.url;
        url.set_username(&self.user).ok()?;
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(settings: &str, url: &str) -> bool {
        let settings: Settings = toml::from_str(settings).unwrap();
        settings.uses_key_of(&url.parse().unwrap())
    }

    #[test]
    fn whatever_has_a_key_at_a_server_uses_it() {
        for (settings, expected) in [
            ("", false),
            ("[[profiles]]\nbase_url = 'https://a.test/v1'", true),
            ("[[profiles]]\nbase_url = 'https://a.test:8443'", false),
            ("[[profiles]]\nbase_url = 'http://a.test'", false),
            ("[[profiles]]\nwebhooks = 'https://a.test'", true),
            ("[[chats]]\nbase_url = 'https://a.test/api/v1'", true),
            ("[host]\nchat_base_url = 'https://a.test/v1'", true),
            ("[[cameras]]\nurl = 'https://a.test/1'\nkey_place = 'query'", true),
            ("[[cameras]]\nurl = 'https://a.test/1'", false),
            ("[[cameras]]\nurl = 'https://a.test/1'\nuser = 'me'", false),
            (
                "[[cameras]]\nurl = 'ws://b.test'\nforward = { url = 'https://a.test', has_key = true }",
                true,
            ),
            ("[[cameras]]\nurl = 'ws://b.test'\nforward = { url = 'https://a.test' }", false),
            ("[[profiles]]\nbase_url = 'a.test'", false),
        ] {
            assert_eq!(uses(settings, "https://a.test/x"), expected, "{settings}");
        }
        let named = "[[cameras]]\nurl = 'https://a.test/1'\nuser = 'me'";
        assert!(uses(named, "https://me@a.test/x") && !uses(named, "https://you@a.test/x"));
    }
}
