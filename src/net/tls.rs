//! Configures TLS: rustls with ring, where the operating system's own trust store judges certificates.

use std::sync::{Arc, OnceLock};

use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;

/// Versions of HTTP that a connection may settle on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Versions {
    Http1Or2,
    /// Only HTTP/1.1 is offered, which an upgrade to WebSocket needs.
    Http1,
}

/// Returns the one TLS configuration of the process, which offers `versions`.
///
/// Loading the trust store takes a while, so it happens once. Where the system has no certificates at all, the
/// configuration trusts nobody, because plain connections to loopback must still work.
pub(super) fn config(versions: Versions) -> ClientConfig {
    static CONFIG: OnceLock<ClientConfig> = OnceLock::new();
    let shared = CONFIG.get_or_init(|| {
        with_platform_trust().unwrap_or_else(|err| {
            tracing::warn!("No trusted certificates on this computer, https will fail: {err}");
            builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        })
    });
    let mut config = shared.clone();
    config.alpn_protocols = match versions {
        Versions::Http1Or2 => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        Versions::Http1 => vec![b"http/1.1".to_vec()],
    };
    config
}

fn with_platform_trust() -> Result<ClientConfig, rustls::Error> {
    Ok(builder().with_platform_verifier()?.with_no_client_auth())
}

fn builder() -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    // The provider is named here, so that no process-wide default has to be installed in time.
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring supports the default protocol versions")
}
