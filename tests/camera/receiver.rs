//! A service that pictures are sent on to.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Manner {
    Answer(u16),
    /// Answers after so many milliseconds.
    Slow(u64),
    /// Takes requests and never answers.
    Dead,
    /// Sends on to another origin.
    Elsewhere,
}

#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) at: Instant,
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: Value,
}

pub(crate) struct Receiver {
    pub(crate) base: String,
    posts: Arc<Mutex<Vec<Post>>>,
    _tasks: JoinSet<()>,
}

impl Receiver {
    pub(crate) async fn start(manner: Manner) -> Self {
        Self::start_toward(manner, String::new()).await
    }

    /// `elsewhere`: where a receiver of that manner sends its clients.
    pub(crate) async fn start_toward(manner: Manner, elsewhere: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/base", listener.local_addr().unwrap());
        let posts = Arc::new(Mutex::new(Vec::new()));
        let log = posts.clone();
        let app = Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let (log, elsewhere) = (log.clone(), elsewhere.clone());
            async move {
                let authorization = headers.get("authorization");
                log.lock().unwrap().push(Post {
                    at: Instant::now(),
                    path: uri.path().to_owned(),
                    authorization: authorization.map(|value| value.to_str().unwrap().to_owned()),
                    body: serde_json::from_slice(&body).unwrap_or_default(),
                });
                let mut location = HeaderMap::new();
                let status = match manner {
                    Manner::Answer(status) => status,
                    Manner::Slow(millis) => {
                        tokio::time::sleep(Duration::from_millis(millis)).await;
                        200
                    }
                    Manner::Dead => std::future::pending().await,
                    Manner::Elsewhere => {
                        location.insert("location", elsewhere.parse().unwrap());
                        307
                    }
                };
                (StatusCode::from_u16(status).unwrap(), location, "thanks")
            }
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { base, posts, _tasks: tasks }
    }

    pub(crate) fn posts(&self) -> Vec<Post> {
        self.posts.lock().unwrap().clone()
    }
}
