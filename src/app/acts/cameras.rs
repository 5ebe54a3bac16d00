//! Adds, changes and removes cameras.

use crate::app::App;
use crate::app::cameras::camera_key;
use crate::ui::action::NewCamera;
use crate::ui::modal::Modal;
use crate::ui::state::SessionKey;

impl App {
    /// Keeps a new or changed camera in the settings, and watches it.
    pub(in crate::app) fn add_camera(&mut self, new: NewCamera) {
        let changed = match self.cameras.change(new, &mut self.kept.settings) {
            Ok(changed) => changed,
            Err(why) => {
                return self.notices.error(format!("The camera could not be added: {why}"));
            }
        };
        let (old, key) = (&changed.before, &changed.after);
        self.rename_in_rules(old, key);
        // A camera that is watched already is watched anew at its place, with what was changed.
        let place = self.sessions.place_of(old).or_else(|| self.sessions.place_of(key));
        self.stop_watching(old);
        self.stop_watching(key);
        self.list_cameras();
        self.open(key.clone());
        if let Some(place) = place {
            self.sessions.shift(key, place);
        }
        for (url, key) in changed.keys {
            self.kept.keep_key(url, key);
        }
    }

    /// Makes the rules about a renamed camera name it as it is called now.
    fn rename_in_rules(&mut self, old: &SessionKey, new: &SessionKey) {
        let (old, new) = (old.path(), new.path());
        let rules = self.window.objects.rules.iter_mut();
        for rule in rules.filter(|rule| rule.camera.as_ref() == Some(&old)) {
            rule.camera = Some(new.clone());
        }
    }

    /// Removes a camera from the list, the settings and the keyring.
    pub(in crate::app) fn remove_camera(&mut self, name: &str) {
        self.stop_watching(&camera_key(name.to_owned()));
        let urls = self.cameras.remove(name, &mut self.kept.settings);
        self.list_cameras();
        urls.into_iter().for_each(|url| self.kept.forget_key(url));
    }

    /// Opens the form for a camera, filled with what is known of it.
    pub(in crate::app) fn edit_camera(&mut self, name: &str) {
        let is_demo = |url: &url::Url| self.host.is_at(url);
        match self.cameras.form(name, &self.kept.settings, is_demo) {
            Ok(Some(form)) => self.window.modal = Some(Modal::Camera(form)),
            Ok(None) => (),
            Err(why) => self.notices.warn(why),
        }
    }
}
