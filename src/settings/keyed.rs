//! Knows which servers the settings have keys for. The keyring knows a key only by its server, so several profiles may
//! share one.

use url::Url;

use super::{CameraKeyPlace, CameraProfile, Settings};

impl Settings {
    /// Tells whether anything in the settings may use the key that the keyring has for the server of `url`.
    pub fn uses_key_of(&self, url: &Url) -> bool {
        let origin = url.origin();
        self.keyed()
            .filter_map(|address| Url::parse(address).ok())
            .any(|known| known.origin() == origin)
    }

    /// Returns every address to which a key is sent.
    fn keyed(&self) -> impl Iterator<Item = &str> {
        let profiles = self.profiles.iter();
        let services = profiles.flat_map(|known| [&known.base_url, &known.webhooks]);
        let chats = self.chats.iter().map(|chat| &chat.base_url);
        services
            .chain(chats)
            .chain([&self.host.chat_base_url])
            .map(String::as_str)
            .chain(self.cameras.iter().flat_map(CameraProfile::keyed))
    }
}

impl CameraProfile {
    /// Returns the addresses whose keys are in the keyring: the camera's own, and the one to which its pictures are
    /// forwarded.
    pub fn keyed(&self) -> impl Iterator<Item = &str> {
        let own = (self.key_place != CameraKeyPlace::None).then_some(self.url.as_str());
        let forward = self.forward.iter().filter(|forward| forward.has_key);
        own.into_iter().chain(forward.map(|forward| forward.url.as_str()))
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
            (
                "[[cameras]]\nurl = 'ws://b.test'\nforward = { url = 'https://a.test', has_key = true }",
                true,
            ),
            ("[[cameras]]\nurl = 'ws://b.test'\nforward = { url = 'https://a.test' }", false),
            ("[[profiles]]\nbase_url = 'a.test'", false),
        ] {
            assert_eq!(uses(settings, "https://a.test/x"), expected, "{settings}");
        }
    }
}
