//! The cameras: from the settings and the command line to the list, and back to the settings.

use secrecy::SecretString;
use url::Url;

use super::App;
use super::jobs::Outcome;
use super::local_host::LocalHost;
use crate::host::DEMO_CAMERAS;
use crate::net::{Auth, TokenPlace};
use crate::protocol::camera::{BoxFormat, CameraAddress, forward_base};
use crate::session::Cameras;
use crate::session::backend::{CameraSetup, ForwardSetup};
use crate::settings::secrets::{self, SecretError};
use crate::settings::{CameraKeyPlace, CameraProfile, ForwardProfile};
use crate::ui::action::NewCamera;
use crate::ui::modal::{CameraForm, Modal};
use crate::ui::state::{ServiceView, SessionKey};

/// The name under which cameras are listed.
pub(super) const SERVICE: &str = "Cameras";

type Key = Result<Option<SecretString>, SecretError>;

impl App {
    /// Lists the cameras of the settings; where one has a key, once the keyring has answered.
    pub(super) fn connect_known_cameras(&mut self) {
        let profiles = self.settings.cameras.clone();
        let has_key = |profile: &CameraProfile| {
            profile.key_place != CameraKeyPlace::None
                || profile.forward.as_ref().is_some_and(|forward| forward.has_key)
        };
        if !profiles.iter().any(has_key) {
            let none = profiles.into_iter().map(|profile| (profile, Ok(None), Ok(None)));
            return self.set_cameras(none.collect());
        }
        self.jobs.spawn_blocking(move || {
            let keys = |profile: CameraProfile| {
                let own = match profile.key_place {
                    CameraKeyPlace::None => Ok(None),
                    _ => key_of(&profile.url),
                };
                let forward = profile.forward.as_ref().filter(|forward| forward.has_key);
                let forward = forward.map_or(Ok(None), |forward| key_of(&forward.url));
                (profile, own, forward)
            };
            let known: Vec<_> = profiles.into_iter().map(keys).collect();
            Box::new(move |app: &mut Self| app.set_cameras(known)) as Outcome
        });
    }

    fn set_cameras(&mut self, known: Vec<(CameraProfile, Key, Key)>) {
        for (profile, own, forward) in known {
            // The keyring may have taken its time.
            if !is_awaited(&profile, &self.settings.cameras, &self.cameras) {
                continue;
            }
            let mut take = |key: Key| {
                key.unwrap_or_else(|err| {
                    self.error(format!(
                        "A key of the camera “{}” could not be read ({err}): add the camera again to give it",
                        profile.name
                    ));
                    None
                })
            };
            let (own, forward) = (take(own), take(forward));
            match setup_of(&profile, own, forward) {
                Ok(setup) => self.put_camera(setup),
                Err(why) => self.error(format!(
                    "The camera “{}” in the settings can't be used: {why}",
                    profile.name
                )),
            }
        }
        self.list_cameras();
    }

    /// One of the same name is replaced.
    fn put_camera(&mut self, setup: CameraSetup) {
        match self.cameras.iter_mut().find(|known| known.name == setup.name) {
            Some(known) => *known = setup,
            None => self.cameras.push(setup),
        }
    }

    fn list_cameras(&mut self) {
        if self.cameras.is_empty() {
            let at = self.state.services.iter().position(|service| service.cameras);
            if let Some(at) = at {
                self.state.services.remove(at);
                self.services.remove(at);
            }
            return;
        }
        let names = self.cameras.iter().map(|camera| camera.name.clone());
        let view = ServiceView {
            name: SERVICE.to_owned(),
            cameras: true,
            fixed: names.filter(|name| self.is_demo(name)).collect(),
            ..ServiceView::default()
        };
        let cameras = Cameras::new(self.cameras.clone());
        self.list_service(view, std::sync::Arc::new(cameras));
    }

    /// Watches a camera that was named on the command line; the settings do not learn of it.
    pub(super) fn open_camera(&mut self, mut setup: CameraSetup) {
        let is_same = |known: &&CameraSetup| known.address == setup.address;
        if let Some(known) = self.cameras.iter().find(is_same) {
            setup.name.clone_from(&known.name);
        }
        setup.name = free_name(setup.name.clone(), |name| {
            let mut cameras = self.cameras.iter();
            cameras.any(|known| known.name == name && known.address != setup.address)
                || self.settings.cameras.iter().any(|known| known.name == name)
        });
        let id = setup.name.clone();
        self.put_camera(setup);
        self.list_cameras();
        self.open(camera_key(id));
    }

    /// Watches a demo camera of the host in this process, one that is not watched yet where there is one.
    pub(super) fn open_demo_camera(&mut self, base: &Url, token: SecretString) {
        let name = |nth: usize| format!("Demo camera {nth}");
        let is_open = |nth: &usize| {
            let key = camera_key(name(*nth));
            self.state.open.iter().any(|open| open.key == key)
        };
        let nth = (1..=DEMO_CAMERAS).find(|nth| !is_open(nth)).unwrap_or(1);
        let address = base.join(&format!("ws/stream/demo-{nth}"));
        let address = address.map_err(|err| err.to_string()).and_then(|mut url| {
            // Of the two kinds of address that one port serves.
            let changed = url.set_scheme("ws");
            changed.map_err(|()| "no WebSocket there".to_owned())?;
            CameraAddress::parse(url.as_str())
        });
        match address {
            Ok(address) => self.open_camera(CameraSetup {
                name: name(nth),
                auth: Auth::token(&address.url, token, TokenPlace::Bearer),
                address,
                box_format: BoxFormat::default(),
                forward: None,
            }),
            Err(why) => self.error(format!("The demo camera can't be watched: {why}")),
        }
    }

    /// Whether it is a camera that only the command line named.
    pub(super) fn is_passing(&self, key: &SessionKey) -> bool {
        let mut kept = self.settings.cameras.iter();
        key.service == SERVICE && !kept.any(|kept| kept.name == key.id)
    }

    fn is_demo(&self, name: &str) -> bool {
        let LocalHost::Running(host) = &self.local_host else {
            return false;
        };
        let mut known = self.cameras.iter().filter(|known| known.name == name);
        known.any(|known| {
            let url = &known.address.url;
            let ours = host.base_url();
            (url.host(), url.port()) == (ours.host(), ours.port())
        })
    }

    /// Keeps a camera, or what was changed of it, and watches it.
    pub(super) fn add_camera(&mut self, new: NewCamera) {
        let mut profile = new.profile;
        // Two cameras of one name are two cameras, unless they are at one address. Those of the settings may be in no
        // list: they wait for their keys, or can't be used as they are.
        let replaces = new.replaces.as_deref();
        profile.name = free_name(profile.name, |name| {
            let listed = self.cameras.iter();
            let listed = listed.map(|known| (known.name.as_str(), known.address.url.as_str()));
            let kept = self.settings.cameras.iter();
            let kept = kept.map(|known| (known.name.as_str(), known.url.as_str()));
            let is_other = |(known, url): (&str, &str)| {
                known == name && (replaces.is_some() || !is_same_address(url, &profile.url))
            };
            replaces != Some(name) && listed.chain(kept).any(is_other)
        });
        let name = profile.name.clone();
        let old_name = new.replaces.unwrap_or_else(|| name.clone());
        let known = self.cameras.iter().find(|known| known.name == old_name).cloned();
        let old = self.settings.cameras.iter().find(|old| old.name == old_name).cloned();
        let (own, forward) = (given(&new.key), given(&new.forward_key));
        if own.is_none() {
            // A key that is not typed again stays, as long as it goes to the same server.
            let kept = old.as_ref();
            let kept = kept.filter(|old| is_same_origin(&old.url, &profile.url));
            profile.key_place = kept.map_or(CameraKeyPlace::None, |old| old.key_place);
        }
        if let (None, Some(new)) = (&forward, &mut profile.forward) {
            let kept = old.and_then(|old| old.forward);
            new.has_key = kept.is_some_and(|old| old.has_key && is_same_origin(&old.url, &new.url));
        }
        let mut setup = match setup_of(&profile, own.clone(), forward.clone()) {
            Ok(setup) => setup,
            Err(why) => return self.error(format!("The camera could not be added: {why}")),
        };
        if let Some(known) = known {
            if own.is_none() && known.address.url.origin() == setup.address.url.origin() {
                setup.auth = known.auth;
            }
            if let (None, Some(new), Some(old)) = (&forward, &mut setup.forward, known.forward)
                && new.base.origin() == old.base.origin()
            {
                new.auth = old.auth;
            }
        }
        self.keep_profile(profile, &old_name);
        let old_key = camera_key(old_name.clone());
        let key = camera_key(name);
        self.rename_in_rules(&old_key, &key);
        // One that is watched is watched anew, with what was changed, at the place where it was.
        let place = self.place_of(&old_key).or_else(|| self.place_of(&key));
        self.stop_watching(&old_key);
        self.stop_watching(&key);
        let address = setup.address.url.clone();
        let base = setup.forward.as_ref().map(|forward| forward.base.clone());
        match self.cameras.iter_mut().find(|known| known.name == old_name) {
            Some(known) => *known = setup,
            None => self.put_camera(setup),
        }
        self.list_cameras();
        self.open(key.clone());
        if let Some(place) = place {
            self.move_session(&key, place);
        }
        let keys = [(Some(address), own), (base, forward)];
        for (url, key) in keys {
            if let (Some(url), Some(key)) = (url, key) {
                self.keep_key(url, key);
            }
        }
    }

    /// At the place of the camera that was called `old_name`, else as the last.
    fn keep_profile(&mut self, profile: CameraProfile, old_name: &str) {
        let cameras = &mut self.settings.cameras;
        match cameras.iter_mut().find(|known| known.name == old_name) {
            Some(known) => *known = profile,
            None => cameras.push(profile),
        }
    }

    /// Rules about one camera stay rules about that camera.
    fn rename_in_rules(&mut self, old: &SessionKey, new: &SessionKey) {
        let (old, new) = (old.path(), new.path());
        let rules = self.shell.objects.rules.iter_mut();
        for rule in rules.filter(|rule| rule.camera.as_ref() == Some(&old)) {
            rule.camera = Some(new.clone());
        }
    }

    pub(super) fn remove_camera(&mut self, name: &str) {
        self.stop_watching(&camera_key(name.to_owned()));
        let old = self.settings.cameras.iter().find(|old| old.name == name).cloned();
        self.settings.cameras.retain(|known| known.name != name);
        self.cameras.retain(|known| known.name != name);
        self.list_cameras();
        let urls = old.iter().flat_map(CameraProfile::keyed);
        for url in urls.filter_map(|url| Url::parse(url).ok()) {
            self.forget_key(url);
        }
    }

    /// Opens the form, filled with what is known.
    pub(super) fn edit_camera(&mut self, name: &str) {
        let profile = self.settings.cameras.iter().find(|known| known.name == name);
        let form = match profile {
            Some(profile) => CameraForm::of(profile),
            // From the command line: here it can be kept.
            None if self.is_demo(name) => {
                return self.warn("A demo camera is Helmsight's own: there is nothing to change");
            }
            None => match self.cameras.iter().find(|known| known.name == name) {
                Some(setup) => CameraForm::of(&CameraProfile {
                    name: setup.name.clone(),
                    url: setup.address.url.to_string(),
                    box_format: setup.box_format,
                    ..CameraProfile::default()
                }),
                None => return,
            },
        };
        self.shell.modal = Some(Modal::Camera(form));
    }
}

/// `name`, with a number where it is taken.
fn free_name(name: String, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number: u32| format!("{name} {number}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or(name)
}

fn camera_key(id: String) -> SessionKey {
    SessionKey { service: SERVICE.to_owned(), id }
}

fn key_of(url: &str) -> Key {
    match Url::parse(url) {
        Ok(url) => secrets::get(&url),
        // Told where the address is read again.
        Err(_) => Ok(None),
    }
}

fn given(key: &str) -> Option<SecretString> {
    (!key.is_empty()).then(|| SecretString::from(key))
}

/// Whether a camera that waited for its key is still as the settings have it, and nobody has set it up meanwhile.
fn is_awaited(profile: &CameraProfile, kept: &[CameraProfile], listed: &[CameraSetup]) -> bool {
    kept.contains(profile) && !listed.iter().any(|known| known.name == profile.name)
}

fn is_same_address(one: &str, other: &str) -> bool {
    match (Url::parse(one), Url::parse(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

fn is_same_origin(one: &str, other: &str) -> bool {
    match (Url::parse(one), Url::parse(other)) {
        (Ok(one), Ok(other)) => one.origin() == other.origin(),
        _ => false,
    }
}

fn setup_of(
    profile: &CameraProfile,
    own: Option<SecretString>,
    forward: Option<SecretString>,
) -> Result<CameraSetup, String> {
    let address = CameraAddress::parse(&profile.url)?;
    let place = match profile.key_place {
        CameraKeyPlace::None => None,
        CameraKeyPlace::Header => Some(TokenPlace::Bearer),
        CameraKeyPlace::Query => Some(TokenPlace::Query("token".to_owned())),
        CameraKeyPlace::Subprotocol => Some(TokenPlace::Subprotocol),
    };
    let auth = match (own, place) {
        (Some(key), Some(place)) => Auth::token(&address.url, key, place),
        _ => Auth::none(),
    };
    let forward = match &profile.forward {
        Some(ForwardProfile { url, per_second, .. }) => {
            let base = forward_base(url)?;
            let auth =
                forward.map_or_else(Auth::none, |key| Auth::token(&base, key, TokenPlace::Bearer));
            Some(ForwardSetup { base, auth, per_second: *per_second })
        }
        None => None,
    };
    Ok(CameraSetup {
        name: profile.name.clone(),
        address,
        auth,
        box_format: profile.box_format,
        forward,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_key_reverts_nothing_and_brings_nothing_back() {
        let profile = CameraProfile {
            name: "Door".to_owned(),
            url: "ws://door.test/1".to_owned(),
            key_place: CameraKeyPlace::Header,
            ..CameraProfile::default()
        };
        let edited = CameraProfile { url: "ws://door.test/2".to_owned(), ..profile.clone() };
        let renamed = CameraProfile { name: "Yard".to_owned(), ..profile.clone() };
        let listed = [setup_of(&profile, None, None).unwrap()];
        for (kept, listed, expected) in [
            (&[profile.clone()][..], &[][..], true),
            (&[renamed.clone(), profile.clone()], &[], true),
            (&[], &[], false),
            (&[edited], &[], false),
            (&[renamed], &[], false),
            // Added again, with a key that was just typed.
            (std::slice::from_ref(&profile), &listed, false),
        ] {
            assert_eq!(is_awaited(&profile, kept, listed), expected, "{kept:?}");
        }
    }
}
