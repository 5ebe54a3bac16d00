//! Binds the addresses that a host answers on.

use std::io::ErrorKind;
use std::net::{Ipv6Addr, SocketAddr};

use tokio::net::TcpListener;

use crate::host::HostError;

/// So many free ports are tried until one is free at both addresses.
const TRIES: usize = 8;

/// Listens at `addr`, and with `ipv6_too` at the same port of `[::1]`. Returns the listeners and the address of the
/// first.
pub(crate) fn bind(
    addr: SocketAddr,
    ipv6_too: bool,
) -> Result<(Vec<TcpListener>, SocketAddr), HostError> {
    let tries = if addr.port() == 0 { TRIES } else { 1 };
    let mut tried = 1;
    loop {
        let (first, bound) = listen(addr)?;
        if !ipv6_too {
            return Ok((vec![first], bound));
        }
        match listen(SocketAddr::new(Ipv6Addr::LOCALHOST.into(), bound.port())) {
            Ok((second, _)) => return Ok((vec![first, second], bound)),
            Err(HostError::Listen { source, .. }) if source.kind() != ErrorKind::AddrInUse => {
                tracing::debug!(%source, "IPv6 is not listened at, because it can't be");
                return Ok((vec![first], bound));
            }
            Err(err) if tried == tries => return Err(err),
            Err(_) => tried += 1,
        }
    }
}

fn listen(addr: SocketAddr) -> Result<(TcpListener, SocketAddr), HostError> {
    let failed = |source| HostError::Listen { addr, source };
    let listener = std::net::TcpListener::bind(addr).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let listener = TcpListener::from_std(listener).map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}
