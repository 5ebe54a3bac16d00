//! Remembers which of the sessions that are being created are to have pages that fill the space where they are shown.

use crate::ui::action::NewSession;
use crate::ui::state::SessionKey;

/// The sessions that are being created, the oldest first.
#[derive(Debug, Default)]
pub(super) struct PageFits {
    /// The name of the service, and whether the page is to fill its space.
    asked: Vec<(String, bool)>,
}

impl PageFits {
    /// Notes that a session is asked for at a service.
    pub(super) fn asked(&mut self, service: &str, new: &NewSession) {
        self.asked.push((service.to_owned(), new.fits));
    }

    /// Forgets the oldest wish at a service, of which no session came.
    pub(super) fn not_created(&mut self, service: &str) {
        self.take(service);
    }

    /// Tells whether the pages of this session, which has just been created, are to fill their space.
    pub(super) fn created(&mut self, key: &SessionKey) -> bool {
        self.take(&key.service).unwrap_or_default()
    }

    fn take(&mut self, service: &str) -> Option<bool> {
        let at = self.asked.iter().position(|(name, _)| name == service)?;
        Some(self.asked.remove(at).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SessionKind;

    #[test]
    fn each_session_fills_its_space_as_it_was_asked_for() {
        let new = |fits| NewSession {
            service: None,
            kind: SessionKind::Browser,
            width: 1280,
            height: 720,
            fits,
            url: String::new(),
        };
        let key = |id: &str| SessionKey { service: "here".to_owned(), id: id.to_owned() };
        let mut fits = PageFits::default();
        fits.asked("here", &new(false));
        fits.asked("here", &new(true));
        fits.asked("here", &new(true));
        fits.not_created("elsewhere");
        assert!(!fits.created(&key("1")) && fits.created(&key("2")));
        fits.not_created("here");
        // Nobody here asked for it.
        assert!(!fits.created(&key("3")));
    }
}
