//! Says in plain words what is wrong with a certificate or a secure connection, and what to do about it.

use std::error::Error as StdError;
use std::io;

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, OtherError};

use crate::base::text::one_line;

/// Names in a certificate that are told. Some have hundreds.
const MAX_NAMES: usize = 3;
const TRUST_IT: &str =
    "add it to the certificates that the system trusts, or name its file in SSL_CERT_FILE";

/// Returns what is wrong in the words that follow “Could not connect to …:”, where `err` was caused by a fault of TLS.
pub(in crate::net) fn words(err: &(dyn StdError + 'static)) -> Option<String> {
    let Some(fault) = find::<Error>(err) else {
        return ended_early(err).then(|| {
            "it closed the connection instead of answering securely; if it speaks http, begin the address with http://"
                .to_owned()
        });
    };
    Some(match fault {
        Error::InvalidCertificate(fault) => certificate(fault),
        Error::NoCertificatesPresented => "it shows no certificate; ask who runs it".to_owned(),
        Error::PeerIncompatible(_)
        | Error::AlertReceived(
            AlertDescription::ProtocolVersion
            | AlertDescription::HandshakeFailure
            | AlertDescription::InsufficientSecurity,
        ) => "it offers no form of https that is safe today (TLS 1.2 or 1.3); update its software"
            .to_owned(),
        Error::AlertReceived(AlertDescription::UnrecognisedName) => {
            "it does not know itself by this name; check the address".to_owned()
        }
        Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied,
        ) => {
            "it wants a certificate from whoever connects, and none can be given; ask who runs it \
              for another way"
                .to_owned()
        }
        Error::AlertReceived(_) => "it broke off the secure connection; try again".to_owned(),
        Error::InvalidMessage(_) => "what it sends is not https".to_owned(),
        _ => "the secure connection failed; try again".to_owned(),
    })
}

/// Tells whether the connection was closed in the middle of the handshake. There is no type for it, only these words.
fn ended_early(err: &(dyn StdError + 'static)) -> bool {
    let io = find::<io::Error>(err);
    io.is_some_and(|err| err.to_string() == "tls handshake eof")
}

/// Tells whether `err` came from a server that answered a secure greeting with something else, such as HTTP.
pub(in crate::net) fn is_other_protocol(err: &(dyn StdError + 'static)) -> bool {
    matches!(find::<Error>(err), Some(Error::InvalidMessage(_)))
}

/// Tells whether a certificate is that of an authority and not that of a server.
pub(super) fn is_authority_as_server(fault: &OtherError) -> bool {
    matches!(fault.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
}

fn certificate(fault: &CertificateError) -> String {
    match fault {
        // Whoever signed it may have the name of somebody trusted, and is another all the same.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            format!("nobody whom this computer trusts has signed its certificate; {TRUST_IT}")
        }
        CertificateError::Other(fault) if is_authority_as_server(fault) => {
            format!("it has signed its certificate itself, and this computer does not trust it; {TRUST_IT}")
        }
        CertificateError::Expired => expired("its certificate has expired"),
        CertificateError::ExpiredContext { not_after, .. } => {
            expired(&format!("its certificate expired on {}", day(*not_after)))
        }
        CertificateError::NotValidYet => early("its certificate is not valid yet"),
        CertificateError::NotValidYetContext { not_before, .. } => {
            early(&format!("its certificate is valid from {} on", day(*not_before)))
        }
        CertificateError::NotValidForName => other_name(""),
        CertificateError::NotValidForNameContext { presented, .. } => {
            other_name(&names(presented))
        }
        CertificateError::Revoked => {
            "its certificate was taken back by its authority; ask who runs it".to_owned()
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "its certificate is signed in a way that is not safe any more, such as SHA-1; have a new one made"
                .to_owned()
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "its certificate is not for servers; have one made that is".to_owned()
        }
        _ => "its certificate is damaged or of an old form; have a new one made".to_owned(),
    }
}

fn expired(what: &str) -> String {
    format!("{what}; have it renewed, or correct this computer's clock")
}

fn early(what: &str) -> String {
    format!("{what}; correct this computer's clock, or the server's and have a new one made")
}

fn other_name(names: &str) -> String {
    match names {
        "" => "its certificate names no server (it lacks “subject alternative names”); have a new one made"
            .to_owned(),
        names => format!("its certificate is for {names}; connect to that name, or have one made for this one"),
    }
}

/// Returns the names in a certificate, which come as `DnsName("a.test")` and `IpAddress(::1)`.
fn names(presented: &[String]) -> String {
    let name = |text: &String| {
        let inner = text.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
        one_line(inner.unwrap_or(text).trim_matches('"'), 60)
    };
    let shown: Vec<String> = presented.iter().take(MAX_NAMES).map(name).collect();
    match presented.len() > MAX_NAMES {
        true => format!("{} and others", shown.join(", ")),
        false => shown.join(" and "),
    }
}

fn day(time: UnixTime) -> String {
    let time =
        i64::try_from(time.as_secs()).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map_or_else(|| "an unknown day".to_owned(), |time| time.strftime("%Y-%m-%d").to_string())
}

/// Returns the error of type `E` among `err` and its causes. An `io::Error` hides the one that it was made from.
fn find<'a, E: StdError + 'static>(err: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut cause = Some(err);
    while let Some(err) = cause {
        if let Some(found) = err.downcast_ref() {
            return Some(found);
        }
        cause = match err.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => err.source(),
        };
    }
    None
}
