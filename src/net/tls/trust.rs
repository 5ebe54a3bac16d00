//! Judges certificates as the operating system does, and takes those that the user trusts one by one.
//!
//! Most tools that make a certificate for one server make it an authority as well, and the rules for certificates allow
//! no authority to be a server. A user who trusts that very certificate has answered what the rules protect from, so it
//! is taken, as other programs do.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;

use super::fault::is_authority_as_server;

const HAS_OWN_JUDGE: bool = cfg!(any(target_os = "macos", target_os = "windows"));

/// The system's own judge, and the certificates that the user trusts.
#[derive(Debug)]
pub(super) struct Judge {
    system: Verifier,
    trusted: Vec<CertificateDer<'static>>,
}

impl Judge {
    /// Loads the certificates that `SSL_CERT_FILE` and `SSL_CERT_DIR` name, else those of the system.
    pub(super) fn new(provider: Arc<CryptoProvider>) -> Result<Self, Error> {
        let trusted = trusted();
        // Where the system has no judge, the library loads the very same list.
        let extra = if HAS_OWN_JUDGE { trusted.clone() } else { Vec::new() };
        Ok(Self { system: Verifier::new_with_extra_roots(extra, provider)?, trusted })
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.system.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verdict {
            // The dates were found good before this fault is.
            Err(Error::InvalidCertificate(CertificateError::Other(fault)))
                if is_authority_as_server(&fault) && self.trusted.contains(end_entity) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.system.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.system.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.system.supported_verify_schemes()
    }
}

/// Returns the certificates that the environment names, else those of the system. A system with a judge of its own
/// keeps its list to itself.
fn trusted() -> Vec<CertificateDer<'static>> {
    let is_named =
        ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(|it| std::env::var_os(it).is_some());
    if HAS_OWN_JUDGE && !is_named {
        return Vec::new();
    }
    let found = rustls_native_certs::load_native_certs();
    for err in found.errors {
        tracing::warn!("A file of trusted certificates could not be read: {err}");
    }
    found.certs
}
