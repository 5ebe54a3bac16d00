//! A stretch of network that can go down and come back: a TCP proxy at an address of its own.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    to: SocketAddr,
    up: CancellationToken,
    tasks: TaskTracker,
}

impl Proxy {
    pub(crate) async fn start(to: SocketAddr) -> Self {
        // The host answers only to its own port, and loopback has many addresses.
        let listener = TcpListener::bind(("127.0.0.2", to.port())).await.unwrap();
        let proxy = Self {
            address: listener.local_addr().unwrap(),
            to,
            up: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        proxy.serve(listener);
        proxy
    }

    /// Breaks every connection and refuses new ones.
    pub(crate) async fn cut(&self) {
        self.up.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Serves again, at the same address.
    pub(crate) async fn mend(&mut self) {
        self.up = CancellationToken::new();
        self.tasks = TaskTracker::new();
        self.serve(TcpListener::bind(self.address).await.unwrap());
    }

    fn serve(&self, listener: TcpListener) {
        let (to, up) = (self.to, self.up.clone());
        let forward = async move {
            let mut connections = JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                connections.spawn(async move {
                    let mut far = TcpStream::connect(to).await?;
                    copy_bidirectional(&mut near, &mut far).await
                });
            }
        };
        self.tasks.spawn(async move { up.run_until_cancelled(forward).await });
    }
}
