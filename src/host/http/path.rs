//! Takes addresses as people join them: with slashes at the end, and with several in a row.

use http::Uri;
use http::uri::PathAndQuery;

/// Returns the address with one slash where there are several, and with none at its end; `None` where it is so already.
pub(super) fn plain(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    if !path.contains("//") && (path.len() == 1 || !path.ends_with('/')) {
        return None;
    }
    let names = path.split('/').filter(|name| !name.is_empty());
    let mut plain = names.fold(String::new(), |path, name| path + "/" + name);
    if plain.is_empty() {
        plain.push('/');
    }
    if let Some(query) = uri.query() {
        plain = plain + "?" + query;
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(plain).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_too_many_are_left_out() {
        for (uri, expected) in [
            ("/", "/"),
            ("//", "/"),
            ("/computers", "/computers"),
            ("/computers/", "/computers"),
            ("//computers//c1///events/?a=//b/", "/computers/c1/events?a=//b/"),
            ("http://h:1//computers/", "http://h:1/computers"),
            ("/computers/a%2Fb/", "/computers/a%2Fb"),
            ("*", "*"),
        ] {
            let uri: Uri = uri.parse().unwrap();
            assert_eq!(plain(&uri).unwrap_or(uri), *expected);
        }
    }
}
