//! Connects to a server that sends pictures over plain TCP, as GStreamer's `tcpserversink` does. Nothing is asked of it,
//! and no credential is sent.

use bytes::{Bytes, BytesMut};
use futures_util::stream::{Stream, unfold};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::{Host, Url};

use super::PartStream;
use super::parser::BodyLabel;
use crate::net::NetError;
use crate::net::error::root_cause;

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// So many bytes are read at once.
const CHUNK: usize = 64 << 10;

impl PartStream {
    /// Connects to the host and port of `address`. A stream that is silent for `idle_limit` counts as lost.
    pub async fn over_tcp(address: &Url, idle_limit: Duration) -> Result<Self, NetError> {
        let (Some(host), Some(port)) = (address.host(), address.port()) else {
            return Err(NetError::Invalid(format!("{address} names no host with a port")));
        };
        let name = match host {
            Host::Ipv6(ip) => ip.to_string(),
            Host::Ipv4(_) | Host::Domain(_) => host.to_string(),
        };
        let connected = timeout(CONNECT_LIMIT, TcpStream::connect((name, port))).await;
        let socket = connected
            .map_err(|_elapsed| NetError::Lost(format!("{host} did not answer in time")))?
            .map_err(|err| {
                let cause = root_cause(&err);
                NetError::Unreachable(format!("Could not connect to {host}:{port}: {cause}"))
            })?;
        Ok(Self::new(BodyLabel::Unknown, bytes_of(socket), idle_limit))
    }
}

fn bytes_of(socket: TcpStream) -> impl Stream<Item = Result<Bytes, NetError>> + Send {
    unfold(socket, |mut socket| async move {
        let mut chunk = BytesMut::with_capacity(CHUNK);
        match socket.read_buf(&mut chunk).await {
            Ok(0) => None,
            Ok(_) => Some((Ok(chunk.freeze()), socket)),
            Err(err) => {
                let why = format!("The connection broke: {}", root_cause(&err));
                Some((Err(NetError::Lost(why)), socket))
            }
        }
    })
}
