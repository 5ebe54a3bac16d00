//! Configures TLS: rustls with ring, where the operating system's own trust store judges certificates.

mod fault;
mod trust;

#[cfg(test)]
pub(crate) mod tests;

use std::sync::{Arc, OnceLock};

use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};

use self::trust::Judge;

pub(super) use self::fault::{is_other_protocol, words};

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
        with_own_trust().unwrap_or_else(|err| {
            tracing::warn!("No trusted certificates on this computer, https will fail: {err}");
            let nobody = RootCertStore::empty();
            builder(provider()).with_root_certificates(nobody).with_no_client_auth()
        })
    });
    let mut config = shared.clone();
    config.alpn_protocols = match versions {
        Versions::Http1Or2 => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        Versions::Http1 => vec![b"http/1.1".to_vec()],
    };
    config
}

fn with_own_trust() -> Result<ClientConfig, rustls::Error> {
    let judge = Judge::new(provider())?;
    Ok(builder(provider())
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(judge))
        .with_no_client_auth())
}

/// Returns the provider, which is named so that no process-wide default has to be installed in time.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn builder(
    provider: Arc<CryptoProvider>,
) -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring supports the default protocol versions")
}
