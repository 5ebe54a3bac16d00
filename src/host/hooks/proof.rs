//! Checks that a service knows the secret. `ring` does all comparing, in constant time.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::hmac;
use secrecy::{ExposeSecret as _, SecretString};

const LENGTH: usize = 32;

/// The secret that a host shares with the services that post to it.
pub(super) struct Secret(hmac::Key);

impl Secret {
    pub(super) fn new(secret: &SecretString) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes()))
    }

    /// Signs these bytes.
    pub(super) fn sign(&self, bytes: &[u8]) -> hmac::Tag {
        hmac::sign(&self.0, bytes)
    }

    /// Tells whether `signature` is that of these bytes: HMAC-SHA256 in hexadecimal or Base64, with or without its name
    /// in front.
    pub(super) fn signed(&self, signature: &str, bytes: &[u8]) -> bool {
        let bare = ["sha256=", "v1=", "v1,"]
            .into_iter()
            .find_map(|name| signature.strip_prefix(name))
            .unwrap_or(signature);
        decoded(bare).is_some_and(|tag| hmac::verify(&self.0, bytes, &tag).is_ok())
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let bytes = match text.len() {
        64 => unhex(text),
        _ => BASE64_STANDARD.decode(text).ok(),
    };
    bytes.filter(|bytes| bytes.len() == LENGTH)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pair = |pair: &[u8]| u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok();
    text.as_bytes().chunks_exact(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_vectors_in_every_spelling_and_nothing_else() {
        // This is case 2 of RFC 4231.
        let secret = Secret::new(&SecretString::from("Jefe"));
        let hex = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let base64 = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=";
        let text = b"what do ya want for nothing?";
        for good in
            [hex, &hex.to_uppercase(), &format!("sha256={hex}"), base64, &format!("v1,{base64}")]
        {
            assert!(secret.signed(good, text), "{good}");
            assert!(!secret.signed(good, b"what do ya want for nothing!"));
        }
        for bad in [
            "",
            "sha256=",
            &hex[..62],
            &format!("{hex}00"),
            &hex.replace('5', "6"),
            &hex.replace('5', "é"),
            "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOE==",
        ] {
            assert!(!secret.signed(bad, text), "{bad}");
        }
    }
}
