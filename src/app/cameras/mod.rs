//! Holds the cameras of the settings and of the command line, and writes changes back to the settings.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use secrecy::SecretString;
use url::Url;

use crate::app::jobs::{Background, Jobs};
use crate::app::notices::Notices;
use crate::net::{Auth, PasswordLogin, TokenPlace};
use crate::protocol::camera::{AddressLogin, BoxFormat, CameraAddress, forward_base};
use crate::session::backend::{CameraSetup, ForwardSetup};
use crate::session::{CameraService, Service};
use crate::settings::secrets::{self, SecretError};
use crate::settings::{CameraKeyPlace, CameraProfile, ForwardProfile, Settings};
use crate::ui::action::NewCamera;
use crate::ui::modal::CameraForm;
use crate::ui::state::{ServiceView, SessionKey};

/// The name under which cameras are listed.
pub(super) const SERVICE: &str = "Cameras";

/// A key from the keyring: `None` where there is none, and an error where the keyring does not tell.
type KeptKey = Result<Option<SecretString>, SecretError>;

/// A camera of the settings with its own key and the key of the address to which its pictures are forwarded.
type Keyed = (CameraProfile, KeptKey, KeptKey);

/// The cameras that can be watched, with their keys, in the order of the list.
pub(super) struct CameraList {
    setups: Vec<CameraSetup>,
    /// By the name of a camera that has no key of its own: the one that was given with its address.
    lent_keys: Vec<(String, Auth)>,
    jobs: Jobs<Vec<Keyed>>,
}

/// A camera that was added or changed.
#[derive(Debug)]
pub(super) struct ChangedCamera {
    /// The camera's session key under its old name, or under its own name for a new camera.
    pub before: SessionKey,
    pub after: SessionKey,
    /// The keys that were given, for the keyring.
    pub keys: Vec<(Url, SecretString)>,
}

impl CameraList {
    pub(super) fn new(background: &Background) -> Self {
        Self { setups: Vec::new(), lent_keys: Vec::new(), jobs: Jobs::new(background) }
    }

    /// Asks the keyring for the keys of the settings' cameras. The keyring may block, so it is not asked where no
    /// camera has a key.
    pub(super) fn connect_known(&mut self, settings: &Settings, notices: &mut Notices) {
        let profiles = settings.cameras.clone();
        if profiles.iter().flat_map(CameraProfile::keyed).next().is_none() {
            let none = profiles.into_iter().map(|profile| (profile, Ok(None), Ok(None)));
            return self.add_ready(none.collect(), settings, notices);
        }
        self.jobs.spawn_blocking(move || profiles.into_iter().map(with_keys).collect());
    }

    /// Adds the cameras for which the keyring has answered since the last call. Returns whether there were any.
    pub(super) fn take_ready(&mut self, settings: &Settings, notices: &mut Notices) -> bool {
        let ready = self.jobs.take_finished();
        let is_changed = !ready.is_empty();
        for known in ready {
            self.add_ready(known, settings, notices);
        }
        is_changed
    }

    fn add_ready(&mut self, known: Vec<Keyed>, settings: &Settings, notices: &mut Notices) {
        for (profile, own, forward) in known {
            // The settings may have changed while the keyring was asked.
            if !is_awaited(&profile, &settings.cameras, &self.setups) {
                continue;
            }
            let mut take = |key: KeptKey| {
                key.unwrap_or_else(|err| {
                    notices.error(format!(
                        "A key of the camera “{}” could not be read ({err}): add the camera again to give it",
                        profile.name
                    ));
                    None
                })
            };
            let (own, forward) = (take(own), take(forward));
            match setup_of(&profile, own, forward) {
                Ok(mut setup) => {
                    self.add_lent_key(&mut setup);
                    self.put(setup);
                }
                Err(why) => notices.error(format!(
                    "The camera “{}” in the settings can't be used: {why}",
                    profile.name
                )),
            }
        }
    }

    /// Tells whether a session is a camera of the settings that is not listed yet, because the keyring has not answered.
    pub(super) fn awaits_key(&self, session: &SessionKey, settings: &Settings) -> bool {
        session.service == SERVICE
            && settings.cameras.iter().any(|known| known.name == session.id)
            && !self.setups.iter().any(|known| known.name == session.id)
    }

    /// Uses a key that was given with the address of a known camera, unless the camera has one of its own.
    pub(super) fn lend_key(&mut self, name: &str, auth: Auth) {
        if auth.is_none() {
            return;
        }
        self.lent_keys.push((name.to_owned(), auth));
        let mut setups = std::mem::take(&mut self.setups);
        setups.iter_mut().for_each(|setup| self.add_lent_key(setup));
        self.setups = setups;
    }

    fn add_lent_key(&self, setup: &mut CameraSetup) {
        let lent = self.lent_keys.iter().rev().find(|(name, _)| *name == setup.name);
        if let Some((_, auth)) = lent.filter(|_| setup.auth.is_none()) {
            setup.auth = auth.clone();
        }
    }

    /// Adds a camera to the list, in place of one of the same name.
    fn put(&mut self, setup: CameraSetup) {
        match self.setups.iter_mut().find(|known| known.name == setup.name) {
            Some(known) => *known = setup,
            None => self.setups.push(setup),
        }
    }

    /// Returns the cameras as a service; `None` where there are none. `is_demo` tells whether an address is a demo
    /// camera's.
    pub(super) fn service(
        &self,
        is_demo: impl Fn(&Url) -> bool,
    ) -> Option<(ServiceView, Arc<dyn Service>)> {
        let fixed = self.setups.iter().filter(|setup| is_demo(&setup.address.url));
        let view = ServiceView {
            name: SERVICE.to_owned(),
            cameras: true,
            fixed: fixed.map(|setup| setup.name.clone()).collect(),
            ..ServiceView::default()
        };
        let service = Arc::new(CameraService::new(self.setups.clone()));
        (!self.setups.is_empty()).then_some((view, service as Arc<dyn Service>))
    }

    /// Adds a camera of the command line, which the settings do not keep. A camera that is known by another name keeps
    /// that name.
    pub(super) fn add_passing(
        &mut self,
        mut setup: CameraSetup,
        settings: &Settings,
    ) -> SessionKey {
        let is_same = |known: &&CameraSetup| known.address == setup.address;
        if let Some(known) = self.setups.iter().find(is_same) {
            setup.name.clone_from(&known.name);
        }
        setup.name = free_name(setup.name.clone(), |name| {
            let mut cameras = self.setups.iter();
            cameras.any(|known| known.name == name && known.address != setup.address)
                || settings.cameras.iter().any(|known| known.name == name)
        });
        let id = setup.name.clone();
        self.put(setup);
        camera_key(id)
    }

    /// Keeps a new or changed camera in the settings.
    pub(super) fn change(
        &mut self,
        new: NewCamera,
        settings: &mut Settings,
    ) -> Result<ChangedCamera, String> {
        let mut profile = new.profile;
        if new.replaces.is_none() {
            as_known_at_its_address(&mut profile, settings);
            let mut known = settings.cameras.iter().filter(|known| known.name == profile.name);
            // A key that was typed is none for the name that is known.
            if new.key.is_empty()
                && profile.user.is_empty()
                && let Some(known) = known.find(|known| is_same_address(&known.url, &profile.url))
            {
                (profile.user, profile.open_login) = (known.user.clone(), known.open_login);
            }
        }
        // Two cameras of one name are two cameras, unless they are at one address. Those of the settings may be in no
        // list: they wait for their keys, or can't be used as they are.
        let replaces = new.replaces.as_deref();
        profile.name = free_name(profile.name, |name| {
            let listed = self.setups.iter();
            let listed = listed.map(|known| (known.name.as_str(), known.address.url.as_str()));
            let kept = settings.cameras.iter();
            let kept = kept.map(|known| (known.name.as_str(), known.url.as_str()));
            let is_other = |(known, url): (&str, &str)| {
                known == name && (replaces.is_some() || !is_same_address(url, &profile.url))
            };
            replaces != Some(name) && listed.chain(kept).any(is_other)
        });
        let name = profile.name.clone();
        let old_name = new.replaces.unwrap_or_else(|| name.clone());
        let known = self.setups.iter().find(|known| known.name == old_name).cloned();
        let old = settings.cameras.iter().find(|old| old.name == old_name).cloned();
        let (own, forward) = (given(&new.key), given(&new.forward_key));
        // A key that is not typed again stays as long as it goes to the same server, with the same name.
        if own.is_none() {
            let kept = old
                .as_ref()
                .filter(|old| is_same_origin(&old.url, &profile.url) && old.user == profile.user);
            profile.key_place = kept.map_or(CameraKeyPlace::None, |old| old.key_place);
        }
        if let (None, Some(new)) = (&forward, &mut profile.forward) {
            let kept = old.and_then(|old| old.forward);
            new.has_key = kept.is_some_and(|old| old.has_key && is_same_origin(&old.url, &new.url));
        }
        let mut setup = setup_of(&profile, own.clone(), forward.clone())?;
        if let Some(known) = known {
            let is_same = known.address.url.origin() == setup.address.url.origin()
                && known.auth.login_name().unwrap_or_default() == profile.user;
            if own.is_none() && is_same {
                setup.auth = known.auth.with_open_login(profile.open_login);
            }
            if let (None, Some(new), Some(old)) = (&forward, &mut setup.forward, known.forward)
                && new.base.origin() == old.base.origin()
            {
                new.auth = old.auth;
            }
        }
        let address = profile.key_address();
        keep_profile(profile, &old_name, settings);
        let base = setup.forward.as_ref().map(|forward| forward.base.clone());
        match self.setups.iter_mut().find(|known| known.name == old_name) {
            Some(known) => *known = setup,
            None => self.put(setup),
        }
        let keys = [(address, own), (base, forward)].into_iter();
        Ok(ChangedCamera {
            before: camera_key(old_name),
            after: camera_key(name),
            keys: keys.filter_map(|(url, key)| url.zip(key)).collect(),
        })
    }

    /// Forgets a camera. Returns the addresses for which it may have had keys.
    pub(super) fn remove(&mut self, name: &str, settings: &mut Settings) -> Vec<Url> {
        let old = settings.cameras.iter().find(|old| old.name == name).cloned();
        settings.cameras.retain(|known| known.name != name);
        self.setups.retain(|known| known.name != name);
        old.iter().flat_map(CameraProfile::keyed).collect()
    }

    /// Returns the form, filled with what is known of a camera. An error says why the camera can't be changed.
    pub(super) fn form(
        &self,
        name: &str,
        settings: &Settings,
        is_demo: impl Fn(&Url) -> bool,
    ) -> Result<Option<CameraForm>, &'static str> {
        if let Some(profile) = settings.cameras.iter().find(|known| known.name == name) {
            return Ok(Some(CameraForm::of(profile)));
        }
        let Some(setup) = self.setups.iter().find(|known| known.name == name) else {
            return Ok(None);
        };
        if is_demo(&setup.address.url) {
            return Err("A demo camera is Helmsight's own: there is nothing to change");
        }
        // A camera of the command line is not in the settings; the form lets the user keep it.
        Ok(Some(CameraForm::of(&CameraProfile {
            name: setup.name.clone(),
            url: setup.address.url.to_string(),
            user: setup.auth.login_name().unwrap_or_default().to_owned(),
            box_format: setup.box_format,
            ..CameraProfile::default()
        })))
    }
}

/// Tells whether only the command line named this camera.
pub(super) fn is_passing(key: &SessionKey, settings: &Settings) -> bool {
    let mut kept = settings.cameras.iter();
    key.service == SERVICE && !kept.any(|kept| kept.name == key.id)
}

/// Returns the setup of the demo camera of this number at the host at `base`.
pub(super) fn demo_camera(
    number: usize,
    base: &Url,
    token: SecretString,
) -> Result<CameraSetup, String> {
    let mut url = base.join(&format!("ws/stream/demo-{number}")).map_err(|err| err.to_string())?;
    // One port serves two kinds of address, and the demo cameras alternate between them.
    url.set_scheme("ws").map_err(|()| "no WebSocket there".to_owned())?;
    let address = CameraAddress::parse(url.as_str())?;
    Ok(CameraSetup {
        name: demo_name(number),
        auth: Auth::token(&address.url, token, TokenPlace::Bearer),
        address,
        box_format: BoxFormat::default(),
        forward: None,
    })
}

/// Finds the demo camera of this number in the list.
pub(super) fn demo_key(number: usize) -> SessionKey {
    camera_key(demo_name(number))
}

fn demo_name(number: usize) -> String {
    format!("Demo camera {number}")
}

/// Returns the session key of the camera of this name.
pub(super) fn camera_key(id: String) -> SessionKey {
    SessionKey { service: SERVICE.to_owned(), id }
}

/// Reads a camera's keys from the keyring, which may block.
fn with_keys(profile: CameraProfile) -> Keyed {
    let own = profile.key_address().map_or(Ok(None), |url| secrets::get(&url));
    let forward = profile.forward.as_ref().filter(|forward| forward.has_key);
    let forward = forward.map_or(Ok(None), |forward| key_of(&forward.url));
    (profile, own, forward)
}

/// Makes a camera that is added by its address alone the one that the settings have there, with all that they know of
/// it. A camera that gets a name of its own is another one.
fn as_known_at_its_address(profile: &mut CameraProfile, settings: &Settings) {
    let Ok(address) = CameraAddress::parse(&profile.url) else {
        return;
    };
    let Some(known) = settings.camera_at(&address) else {
        return;
    };
    if profile.name != address.name() && profile.name != known.name {
        return;
    }
    profile.name.clone_from(&known.name);
    if profile.forward.is_none() {
        profile.forward.clone_from(&known.forward);
    }
    if profile.box_format == BoxFormat::default() {
        profile.box_format = known.box_format;
    }
}

/// Puts a camera at the place of the one that was called `old_name`, else at the end.
fn keep_profile(profile: CameraProfile, old_name: &str, settings: &mut Settings) {
    let cameras = &mut settings.cameras;
    match cameras.iter_mut().find(|known| known.name == old_name) {
        Some(known) => *known = profile,
        None => cameras.push(profile),
    }
}

/// Returns `name`, with a number where it is taken.
fn free_name(name: String, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number: u32| format!("{name} {number}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or(name)
}

fn key_of(url: &str) -> KeptKey {
    match Url::parse(url) {
        Ok(url) => secrets::get(&url),
        // A wrong address is told where it is read again.
        Err(_) => Ok(None),
    }
}

fn given(key: &str) -> Option<SecretString> {
    (!key.is_empty()).then(|| SecretString::from(key))
}

/// Tells whether a camera that waited for its key is still as the settings have it, and has not been set up meanwhile.
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
    let (address, written) = CameraAddress::with_login(&profile.url)?;
    let login = match written {
        // Whoever wrote the settings by hand may have put the login where other programs have it.
        Some(AddressLogin { name, password }) if profile.user.is_empty() => Some((name, password)),
        _ if profile.user.is_empty() => None,
        _ => Some((profile.user.clone(), own.clone().unwrap_or_default())),
    };
    let place = match profile.key_place {
        CameraKeyPlace::None => None,
        CameraKeyPlace::Header => Some(TokenPlace::Bearer),
        CameraKeyPlace::Query => Some(TokenPlace::Query("token".to_owned())),
        CameraKeyPlace::Subprotocol => Some(TokenPlace::Subprotocol),
    };
    let auth = match (login, own, place) {
        (Some((name, password)), ..) => {
            let login = PasswordLogin::new(name, password).in_the_open(profile.open_login);
            Auth::login(&address.url, login)
        }
        (None, Some(key), Some(place)) => Auth::token(&address.url, key, place),
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
