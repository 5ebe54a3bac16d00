//! Knows which requests the system sends through a proxy.

use std::sync::LazyLock;

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use url::Url;

/// Returns the proxy of the environment or the system for `url`, if there is one.
pub(super) fn of(url: &Url) -> Option<Intercept> {
    static MATCHER: LazyLock<Matcher> = LazyLock::new(Matcher::from_system);
    MATCHER.intercept(&url.as_str().parse::<Uri>().ok()?)
}

/// Tells whether the request for `url` goes through a proxy.
pub(super) fn applies_to(url: &Url) -> bool {
    of(url).is_some()
}
