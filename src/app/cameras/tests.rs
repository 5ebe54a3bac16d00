//! Tests the list of cameras without a window and without a keyring.

use super::*;
use crate::app::jobs::tests::background;
use crate::session::support::Wakes;

fn list() -> (CameraList, Settings, Notices) {
    let background = background(&tokio::runtime::Handle::current(), &Wakes::default());
    (CameraList::new(&background), Settings::default(), Notices::default())
}

fn profile(name: &str, url: &str, key_place: CameraKeyPlace) -> CameraProfile {
    let (name, url) = (name.to_owned(), url.to_owned());
    CameraProfile { name, url, key_place, ..CameraProfile::default() }
}

/// A camera as the form gives it. An empty key was not typed.
fn given_in_form(profile: CameraProfile, key: &str, replaces: Option<&str>) -> NewCamera {
    let (key, replaces) = (key.to_owned(), replaces.map(str::to_owned));
    NewCamera { profile, key, forward_key: String::new(), replaces }
}

fn names(cameras: &CameraList) -> Vec<&str> {
    cameras.setups.iter().map(|setup| setup.name.as_str()).collect()
}

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
        // This camera was added again, with a key that was just typed.
        (std::slice::from_ref(&profile), &listed, false),
    ] {
        assert_eq!(is_awaited(&profile, kept, listed), expected, "{kept:?}");
    }
}

#[tokio::test]
async fn cameras_without_keys_are_listed_at_once_and_what_is_none_is_told() {
    let (mut cameras, mut settings, mut notices) = list();
    assert!(cameras.service(|_| false).is_none());
    settings.cameras = vec![
        profile("Door", "ws://door.test/1", CameraKeyPlace::None),
        profile("Yard", "no address", CameraKeyPlace::None),
    ];
    cameras.connect_known(&settings, &mut notices);
    assert_eq!(names(&cameras), ["Door"]);
    assert!(notices.shown()[0].text.contains("“Yard” in the settings can't be used"));
    let (view, _) = cameras.service(|url| url.host_str() == Some("door.test")).unwrap();
    assert!(view.cameras && view.fixed == ["Door"]);
}

#[tokio::test]
async fn a_key_stays_at_its_server_and_goes_nowhere_else() {
    let (mut cameras, mut settings, _) = list();
    let at = |url| profile("Door", url, CameraKeyPlace::Header);
    let change =
        cameras.change(given_in_form(at("ws://door.test/1"), "secret", None), &mut settings);
    assert_eq!(change.unwrap().keys.len(), 1);
    for (url, place) in [
        ("ws://door.test/2", CameraKeyPlace::Header),
        ("ws://door.test:81/2", CameraKeyPlace::None),
        ("ws://door.test/1", CameraKeyPlace::None),
    ] {
        let form = given_in_form(at(url), "", Some("Door"));
        let change = cameras.change(form, &mut settings).unwrap();
        assert!(change.keys.is_empty());
        assert_eq!(settings.cameras[0].key_place, place, "{url}");
    }
    assert_eq!((names(&cameras), settings.cameras.len()), (vec!["Door"], 1));
}

#[tokio::test]
async fn two_cameras_of_one_name_are_told_apart_and_one_address_is_one_camera() {
    let (mut cameras, mut settings, _) = list();
    let mut add = |url, replaces| {
        let form = given_in_form(profile("Door", url, CameraKeyPlace::None), "", replaces);
        cameras.change(form, &mut settings).unwrap().after.id
    };
    assert_eq!(add("ws://door.test/1", None), "Door");
    assert_eq!(add("ws://door.test/1", None), "Door");
    assert_eq!(add("ws://yard.test/1", None), "Door 2");
    assert_eq!(add("ws://yard.test/2", Some("Door 2")), "Door 2");
    let setup = |url| CameraSetup {
        name: "Door".to_owned(),
        address: CameraAddress::parse(url).unwrap(),
        auth: Auth::none(),
        box_format: BoxFormat::default(),
        forward: None,
    };
    // A camera of the command line that the settings know under another name goes by a name that is free.
    let passing = cameras.add_passing(setup("ws://attic.test/1"), &settings);
    assert_eq!(passing.id, "Door 3");
    assert!(is_passing(&passing, &settings));
    assert_eq!(names(&cameras), ["Door", "Door 2", "Door 3"]);
    assert_eq!(settings.cameras.len(), 2);
}

#[tokio::test]
async fn whoever_removes_a_camera_learns_whose_keys_to_forget() {
    let (mut cameras, mut settings, _) = list();
    let with_key = profile("Door", "ws://door.test/1", CameraKeyPlace::Query);
    cameras.change(given_in_form(with_key, "secret", None), &mut settings).unwrap();
    let without = profile("Yard", "ws://yard.test/1", CameraKeyPlace::None);
    cameras.change(given_in_form(without, "", None), &mut settings).unwrap();
    assert_eq!(cameras.remove("Yard", &mut settings), []);
    let keyed = cameras.remove("Door", &mut settings);
    assert_eq!(keyed.iter().map(Url::as_str).collect::<Vec<_>>(), ["ws://door.test/1"]);
    assert!(settings.cameras.is_empty() && cameras.service(|_| false).is_none());
}

#[tokio::test]
async fn a_password_is_kept_for_its_name_at_its_server() {
    let (mut cameras, mut settings, mut notices) = list();
    let door = CameraProfile {
        user: "admin".to_owned(),
        open_login: true,
        ..profile("Door", "http://10.0.0.5/1", CameraKeyPlace::None)
    };
    let change = cameras.change(given_in_form(door, "secret", None), &mut settings).unwrap();
    let [(place, _)] = &change.keys[..] else { panic!("{:?}", change.keys) };
    assert_eq!(place.as_str(), "http://admin@10.0.0.5/1");
    assert_eq!(cameras.setups[0].auth.login_name(), Some("admin"));
    assert!(settings.uses_key_of(place));
    assert_eq!(cameras.remove("Door", &mut settings), std::slice::from_ref(place));
    // A login that was written into the settings by hand works, and is shown nowhere.
    settings.cameras =
        vec![profile("Yard", "https://admin:p%40ss@yard.test/1", CameraKeyPlace::None)];
    cameras.connect_known(&settings, &mut notices);
    assert_eq!(cameras.setups[0].address.url.as_str(), "https://yard.test/1");
    assert_eq!(cameras.setups[0].auth.login_name(), Some("admin"));
    let form = cameras.form("Yard", &settings, |_| false).unwrap().unwrap();
    assert_eq!((form.url.as_str(), form.user.as_str()), ("https://yard.test/1", "admin"));
}

#[test]
fn a_camera_that_is_added_by_its_address_is_the_one_that_is_known_there() {
    let known = CameraProfile {
        name: "Door".to_owned(),
        url: "ws://door.test/1".to_owned(),
        key_place: CameraKeyPlace::Header,
        box_format: BoxFormat::Xyxy,
        forward: Some(ForwardProfile::default()),
        ..CameraProfile::default()
    };
    let settings = Settings { cameras: vec![known.clone()], ..Settings::default() };
    let added = |name: &str, url: &str| {
        let mut profile = CameraProfile {
            name: name.to_owned(),
            url: url.to_owned(),
            key_place: CameraKeyPlace::Header,
            ..CameraProfile::default()
        };
        as_known_at_its_address(&mut profile, &settings);
        profile
    };
    assert_eq!(added("door.test 1", "ws://door.test/1"), known);
    assert_eq!(added("Door", "ws://DOOR.test:80/1").forward, known.forward);
    for (name, url) in [("Mine", "ws://door.test/1"), ("door.test 2", "ws://door.test/2")] {
        let other = added(name, url);
        assert_eq!((other.name.as_str(), other.forward), (name, None));
    }
}

#[tokio::test]
async fn a_known_camera_waits_for_its_key_and_takes_a_given_one_only_for_want_of_its_own() {
    let (mut cameras, mut settings, mut notices) = list();
    let with_key = profile("Door", "ws://door.test/1", CameraKeyPlace::Header);
    let without = profile("Yard", "ws://yard.test/1", CameraKeyPlace::None);
    settings.cameras = vec![with_key.clone(), without.clone()];
    assert!(cameras.awaits_key(&camera_key("Door".to_owned()), &settings));
    assert!(!cameras.awaits_key(&camera_key("Gone".to_owned()), &settings));
    let token = |url: &str| {
        let url = Url::parse(url).unwrap();
        Auth::token(&url, SecretString::from("given"), TokenPlace::Bearer)
    };
    cameras.lend_key("Door", token("ws://door.test/1"));
    cameras.lend_key("Yard", token("ws://yard.test/1"));
    let own = || Ok(Some(SecretString::from("own")));
    let ready = vec![(with_key, own(), Ok(None)), (without, Ok(None), Ok(None))];
    cameras.add_ready(ready, &settings, &mut notices);
    assert!(!cameras.awaits_key(&camera_key("Door".to_owned()), &settings));
    assert_eq!(names(&cameras), ["Door", "Yard"]);
    assert!(cameras.setups.iter().all(|setup| !setup.auth.is_none()));
    cameras.lend_key("Yard", Auth::none());
    assert_eq!(cameras.lent_keys.len(), 2, "nothing was given");
}
