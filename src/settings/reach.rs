//! Turns what is remembered of a service into what its connection is made from.

use std::time::Duration;

use http::HeaderName;
use secrecy::SecretString;
use url::Url;

use super::{CameraProfile, ServiceKeyPlace, ServiceProfile, Settings, secrets};
use crate::base::address::words_for_none;
use crate::base::redact;
use crate::net::{self, Auth, Client};
use crate::protocol::camera::CameraAddress;
use crate::session::ServiceSetup;

/// Tells whether an address that somebody wrote is that of `base`, in whatever spelling.
pub fn is_same_base(written: &str, base: &Url) -> bool {
    let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
    Url::parse(written.trim())
        .is_ok_and(|url| url.origin() == base.origin() && path(&url) == path(base))
}

impl Settings {
    /// Returns what is known of the service at `base`: it holds however the address is given.
    pub fn service_at(&self, base: &Url) -> Option<&ServiceProfile> {
        self.profiles.iter().find(|profile| is_same_base(&profile.base_url, base))
    }

    /// Returns what is known of the camera at `address`: it holds however the address is given.
    pub fn camera_at(&self, address: &CameraAddress) -> Option<&CameraProfile> {
        let is_it = |known: &&CameraProfile| {
            CameraAddress::parse(&known.url).is_ok_and(|known| known == *address)
        };
        self.cameras.iter().find(is_it)
    }
}

impl ServiceProfile {
    /// Returns the credential, bound to the address of the service.
    pub fn auth(
        &self,
        base: &Url,
        key: Option<SecretString>,
        headers: Vec<(HeaderName, SecretString)>,
    ) -> Auth {
        let auth =
            key.map_or_else(Auth::none, |key| Auth::token(base, key, self.token_place.into()));
        headers.into_iter().fold(auth, |auth, (name, value)| auth.with_header(name, value))
    }

    /// Returns what the service at `base` is made from, without its webhooks: see [`ServiceProfile::webhook_host`].
    pub fn setup(&self, base: Url, auth: Auth) -> ServiceSetup {
        let seconds = u64::from(self.snapshot_seconds);
        ServiceSetup {
            space: (!self.space.is_empty()).then(|| self.space.clone()),
            snapshot_period: (seconds > 0).then(|| Duration::from_secs(seconds)),
            lenient_media_type: self.lenient_media_type,
            ..ServiceSetup::new(base, auth)
        }
    }

    /// Returns a client of the session host that takes the service's webhooks, with the token that the keyring has for
    /// it; `None` where the profile names no such host. May block for up to 60 s. The error is one sentence for the
    /// user.
    pub fn webhook_host(&self) -> Result<Option<Client>, String> {
        if self.webhooks.is_empty() {
            return Ok(None);
        }
        let base = Url::parse(&self.webhooks).map_err(|err| {
            let shown = redact::address(&self.webhooks);
            let help =
                format!("The address for webhooks in the settings is not a URL ({err}): “{shown}”");
            words_for_none(&self.webhooks, help)
        })?;
        let token = secrets::get(&base).map_err(|err| err.to_string())?;
        let auth = token
            .map_or_else(Auth::none, |token| Auth::token(&base, token, net::TokenPlace::Bearer));
        Client::new(base, auth).map(Some).map_err(|err| err.to_string())
    }
}

impl From<ServiceKeyPlace> for net::TokenPlace {
    fn from(place: ServiceKeyPlace) -> Self {
        match place.query_name() {
            None => Self::Bearer,
            Some(name) => Self::Query(name.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_in_whatever_spelling() {
        let base = Url::parse("https://a.test/v1/").unwrap();
        for (written, is_same) in [
            ("https://a.test/v1", true),
            (" HTTPS://A.test:443/v1/ ", true),
            ("https://a.test/", false),
            ("https://a.test/v2", false),
            ("http://a.test/v1", false),
            ("https://a.test:8443/v1", false),
            ("nowhere", false),
        ] {
            assert_eq!(is_same_base(written, &base), is_same, "{written}");
        }
        let mut settings = Settings::default();
        settings.cameras.push(CameraProfile {
            name: "Door".to_owned(),
            url: "HTTP://Door.test:80/stream".to_owned(),
            ..CameraProfile::default()
        });
        let at = |url: &str| settings.camera_at(&CameraAddress::parse(url).unwrap());
        assert_eq!(at("http://door.test/stream").map(|it| &*it.name), Some("Door"));
        assert!(at("http://door.test/other").is_none() && at("https://door.test/stream").is_none());
    }

    #[test]
    fn what_a_profile_leaves_open_is_what_is_usual() {
        let setup = |profile: ServiceProfile| {
            profile.setup("https://a.test/v1".parse().unwrap(), Auth::none())
        };
        let usual = setup(ServiceProfile::default());
        assert_eq!(
            (usual.space, usual.snapshot_period, usual.lenient_media_type),
            (None, None, false)
        );
        let chosen = setup(ServiceProfile {
            space: "7".to_owned(),
            snapshot_seconds: 2,
            lenient_media_type: true,
            ..ServiceProfile::default()
        });
        assert_eq!(chosen.base.as_str(), "https://a.test/v1");
        assert_eq!(chosen.space.as_deref(), Some("7"));
        assert_eq!(chosen.snapshot_period, Some(Duration::from_secs(2)));
        assert!(chosen.lenient_media_type);
    }

    #[test]
    fn no_webhooks_are_no_fault_and_a_bad_address_is_told() {
        assert!(ServiceProfile::default().webhook_host().unwrap().is_none());
        let bad = ServiceProfile { webhooks: "nowhere".to_owned(), ..ServiceProfile::default() };
        assert!(bad.webhook_host().unwrap_err().contains("“nowhere”"));
    }
}
