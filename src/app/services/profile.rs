//! Makes the profile with which the settings remember a service that is connected to.

use url::Url;

use crate::settings::{ServiceKeyPlace, ServiceKind, ServiceProfile, env, is_same_base};
use crate::ui::action::NewService;

/// Returns the profile of a service that is connected to. Where a known service is edited, or one of the same name and
/// server is connected to again, only what the form asks for changes: the settings file says more of a service than the
/// form.
pub(super) fn profile_of(
    new: NewService,
    base: &Url,
    profiles: &[ServiceProfile],
) -> ServiceProfile {
    // An address that is known is that service, unless it is to be another one by its name.
    let at_address = profiles.iter().find(|known| is_same_base(&known.base_url, base));
    let at_address = at_address
        .filter(|known| new.replaces.is_none() && (new.name.is_empty() || new.name == known.name));
    if let Some(known) = at_address {
        let is_left_open = new.kind == ServiceKind::default();
        return ServiceProfile {
            kind: if is_left_open { known.kind } else { new.kind },
            space: if new.space.is_empty() { known.space.clone() } else { new.space },
            token_place: if is_left_open || known.kind == new.kind {
                known.token_place
            } else {
                ServiceKeyPlace::usual_of(new.kind)
            },
            ..known.clone()
        };
    }
    let name = if new.name.is_empty() {
        base.host_str().unwrap_or("Service").to_owned()
    } else {
        new.name
    };
    let is_known = |known: &&ServiceProfile| match &new.replaces {
        Some(old) => known.name == *old,
        None => {
            let origin = Url::parse(&known.base_url).map(|url| url.origin());
            known.name == name && origin == Ok(base.origin())
        }
    };
    let known = profiles.iter().find(is_known).cloned();
    let is_as_before = known.as_ref().is_some_and(|known| known.kind == new.kind);
    let known = known.unwrap_or_default();
    ServiceProfile {
        name,
        base_url: base.to_string(),
        kind: new.kind,
        space: new.space,
        token_place: if is_as_before {
            known.token_place
        } else {
            ServiceKeyPlace::usual_of(new.kind)
        },
        agent_tasks: known.agent_tasks || env::takes_agent_tasks(base.as_str()),
        ..known
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator as _;

    use super::*;

    #[test]
    fn what_is_known_of_a_service_stays_when_it_is_connected_to_again() {
        let kind_of = |place| {
            let mut kinds = ServiceKind::iter().filter(|kind| *kind != ServiceKind::default());
            kinds.find(|kind| ServiceKeyPlace::usual_of(*kind) == place).unwrap()
        };
        let in_header = kind_of(ServiceKeyPlace::Header);
        let in_query = kind_of(ServiceKeyPlace::ApiKeySnake);
        let known = ServiceProfile {
            name: "Ours".to_owned(),
            base_url: "https://a.test/v1".to_owned(),
            kind: in_header,
            space: "1".to_owned(),
            snapshot_seconds: 7,
            webhooks: "http://127.0.0.1:7700".to_owned(),
            token_place: ServiceKeyPlace::Apikey,
            lenient_media_type: true,
            agent_tasks: true,
        };
        let again = |name: &str, base_url: &str, kind| {
            let new = NewService {
                name: name.to_owned(),
                base_url: base_url.to_owned(),
                kind,
                space: "2".to_owned(),
                key: String::new(),
                replaces: None,
            };
            profile_of(new, &base_url.parse().unwrap(), std::slice::from_ref(&known))
        };
        let moved = ServiceProfile {
            base_url: "https://a.test/v2".to_owned(),
            space: "2".to_owned(),
            ..known.clone()
        };
        assert_eq!(again("Ours", "https://a.test/v2", in_header), moved);
        // Another kind of service wants its key in a place of its own.
        let other = again("Ours", "https://a.test/v2", in_query);
        let expected =
            ServiceProfile { kind: in_query, token_place: ServiceKeyPlace::ApiKeySnake, ..moved };
        assert_eq!(other, expected);
        // Its very address is enough to know it by.
        let named = ServiceProfile { space: "2".to_owned(), ..known.clone() };
        assert_eq!(again("", "https://A.test:443/v1/", in_header), named);
        assert_eq!(again("", "https://a.test/v1", ServiceKind::default()), named);
        // Nothing that was said of one server is true of another.
        for (name, base_url) in [("Ours", "https://b.test/"), ("Theirs", "https://a.test/")] {
            let fresh = ServiceProfile {
                name: name.to_owned(),
                base_url: base_url.to_owned(),
                kind: in_header,
                space: "2".to_owned(),
                ..ServiceProfile::default()
            };
            assert_eq!(again(name, base_url, in_header), fresh, "{name}");
        }
    }
}
