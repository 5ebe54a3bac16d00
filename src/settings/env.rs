//! Finds a service that the environment names, in the variables that the services' own tools use.

use http::{HeaderName, HeaderValue};
use secrecy::SecretString;
use url::Url;

use super::ServiceProfile;
use crate::base::address::words_for_none;
use crate::base::{TypedAddress, redact};

/// The variable that holds the key.
pub const KEY: &str = "TZAFON_API_KEY";
/// The variables that hold the address. The later one is from older tools.
const BASE_URLS: [&str; 2] = ["LIGHTCONE_BASE_URL", "COMPUTER_BASE_URL"];
const HEADERS: &str = "LIGHTCONE_CUSTOM_HEADERS";
const DEFAULT_BASE_URL: &str = "https://api.tzafon.ai";

/// The service, with secrets that stay in memory.
#[derive(Clone, Debug)]
pub struct EnvService {
    /// How to reach the service.
    pub profile: ServiceProfile,
    /// The key; `None` where the environment has none.
    pub key: Option<SecretString>,
    /// Headers that are sent with every request. They may hold secrets.
    pub headers: Vec<(HeaderName, SecretString)>,
}

/// Reads the environment through `lookup`. The service is missing where none of its variables is set. The texts tell
/// which variables can't be used, without their values.
pub fn from_env(lookup: impl Fn(&str) -> Option<String>) -> (Option<EnvService>, Vec<String>) {
    let lookup =
        |name| lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    let key = lookup(KEY);
    let base_url = BASE_URLS.into_iter().find_map(|name| Some((name, lookup(name)?)));
    if key.is_none() && base_url.is_none() {
        return (None, Vec::new());
    }
    let mut problems = Vec::new();
    let base_url = match base_url {
        None => DEFAULT_BASE_URL.to_owned(),
        Some((name, value)) => match address(&value) {
            Ok(address) => address,
            // Falling back to another server would send that one the key that is meant for this one.
            Err(why) => return (None, vec![format!("{name} {why}")]),
        },
    };
    if key.as_deref().is_some_and(|key| HeaderValue::from_str(key).is_err()) {
        problems.push(format!("{KEY} has characters that a key can't have: copy it again"));
        return (None, problems);
    }
    let headers =
        lookup(HEADERS).map(|lines| read_headers(&lines, &mut problems)).unwrap_or_default();
    let profile = ServiceProfile {
        name: name_of(&base_url),
        agent_tasks: takes_agent_tasks(&base_url),
        base_url,
        ..ServiceProfile::default()
    };
    (Some(EnvService { profile, key: key.map(SecretString::from), headers }), problems)
}

/// Tells whether the service at this address is known to take tasks, which it does not say itself.
pub fn takes_agent_tasks(base_url: &str) -> bool {
    let origin = |text: &str| Url::parse(text).ok().map(|url| url.origin());
    origin(base_url).is_some_and(|of| Some(of) == origin(DEFAULT_BASE_URL))
}

/// Returns the address as the variable has it, completed where its scheme is missing.
fn address(text: &str) -> Result<String, String> {
    match TypedAddress::read(text) {
        Some(TypedAddress { url, .. }) if !matches!(url.scheme(), "http" | "https") => {
            Err("must begin with https:// or http://".to_owned())
        }
        Some(TypedAddress { url, .. }) if redact::has_login(&url) => {
            Err("must not hold a user name or password: use the key's variable".to_owned())
        }
        Some(TypedAddress { url, is_guessed }) if url.has_host() => {
            Ok(if is_guessed { url.to_string() } else { text.to_owned() })
        }
        _ => {
            let help = "is not an address: it should look like https://api.example.com";
            Err(words_for_none(text, help))
        }
    }
}

fn name_of(base_url: &str) -> String {
    Url::parse(base_url)
        .ok()
        .and_then(|url| url.host_str().map(ToOwned::to_owned))
        .unwrap_or_else(|| base_url.to_owned())
}

/// Reads one `Name: value` per line.
fn read_headers(lines: &str, problems: &mut Vec<String>) -> Vec<(HeaderName, SecretString)> {
    let mut headers = Vec::new();
    for (number, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match read_header(line) {
            Some(header) => headers.push(header),
            None => problems
                .push(format!("Line {} of {HEADERS} is not of the form “Name: value”", number + 1)),
        }
    }
    headers
}

fn read_header(line: &str) -> Option<(HeaderName, SecretString)> {
    let (name, value) = line.split_once(':')?;
    let name = HeaderName::try_from(name.trim()).ok()?;
    let value = HeaderValue::from_str(value.trim()).ok()?;
    Some((name, SecretString::from(value.to_str().ok()?)))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn read(variables: &[(&str, &str)]) -> (Option<EnvService>, Vec<String>) {
        from_env(|name| {
            variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_set_means_no_service() {
        assert!(read(&[]).0.is_none());
        assert!(read(&[(KEY, " "), (HEADERS, "a: b")]).0.is_none());
    }

    #[test]
    fn a_key_alone_goes_to_the_usual_place() {
        let (service, problems) = read(&[(KEY, "sk_1\n")]);
        let service = service.unwrap();
        assert_eq!(service.profile.base_url, DEFAULT_BASE_URL);
        assert_eq!(service.profile.name, "api.tzafon.ai");
        assert_eq!(service.key.unwrap().expose_secret(), "sk_1");
        assert!(service.headers.is_empty() && problems.is_empty());
        assert!(service.profile.agent_tasks);
        assert!(takes_agent_tasks("https://api.tzafon.ai/v1"));
        assert!(!takes_agent_tasks("https://api.tzafon.ai.evil.test"));
    }

    #[test]
    fn the_newer_address_wins_and_a_bad_one_sends_the_key_nowhere() {
        let base = |variables: &[_]| read(variables).0.map(|service| service.profile.base_url);
        let (new, old) = (
            ("LIGHTCONE_BASE_URL", "https://new.example/v1"),
            ("COMPUTER_BASE_URL", "http://[::1]:8080"),
        );
        assert_eq!(base(&[old, new]).as_deref(), Some("https://new.example/v1"));
        assert_eq!(base(&[old]).as_deref(), Some("http://[::1]:8080"));
        for (typed, meant) in [
            ("new.example/v1", "https://new.example/v1"),
            ("127.0.0.1:7700", "http://127.0.0.1:7700/"),
        ] {
            assert_eq!(base(&[("LIGHTCONE_BASE_URL", typed)]).as_deref(), Some(meant));
        }
        for bad in ["no address", "ftp://new.example", "https://", "https://me:pw@new.example"] {
            let (service, problems) = read(&[("LIGHTCONE_BASE_URL", bad), (KEY, "sk_1")]);
            assert!(service.is_none() && problems.len() == 1, "{bad}: {problems:?}");
            assert!(!problems[0].contains("pw"), "{problems:?}");
        }
    }

    #[test]
    fn headers_are_read_line_by_line_and_values_are_not_told() {
        let (service, problems) = read(&[
            (KEY, "k"),
            (HEADERS, "X-Team: a:b\r\n\nno colon secret1\nbad name: secret2\nx-two:2"),
        ]);
        let service = service.unwrap();
        let headers: Vec<_> =
            service.headers.iter().map(|(n, v)| (n.as_str(), v.expose_secret())).collect();
        assert_eq!(headers, [("x-team", "a:b"), ("x-two", "2")]);
        assert_eq!(problems.len(), 2);
        assert!(!format!("{problems:?}{service:?}").contains("secret"));
        assert!(!format!("{service:?}").contains("a:b"));
    }
}
