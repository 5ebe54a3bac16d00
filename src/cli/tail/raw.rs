//! Runs `tail --raw`, which prints any event stream or WebSocket as JSON lines, one per event.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderName;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use tokio::time::{Instant, sleep};
use url::Url;

use super::patience::{Patience, jitter};
use crate::base::text::escaped;
use crate::net::ws::SocketItem;
use crate::net::{
    Auth, Client, NetError, SocketOptions, SseItem, SseOptions, SseStream, WebSocket,
};

/// Follows `url` and prints what comes, reconnecting as long as that may help.
///
/// It opens an event stream for `http` and `https`, and a WebSocket for `ws` and `wss`. Returns the reason that was
/// printed as `closed`, or the error of the output.
pub(super) async fn tail_raw(
    url: Url,
    headers: Vec<(HeaderName, SecretString)>,
    out: &mut (dyn Write + Send),
) -> io::Result<NetError> {
    let mut tail = Tail { out, patience: Patience::default(), last_event_id: None };
    let mut auth = Auth::none();
    for (name, value) in headers {
        if name.as_str() == "last-event-id" {
            // The id says where to begin, so it must not be repeated on each attempt.
            tail.last_event_id = Some(value.expose_secret().to_owned());
        } else {
            auth = auth.with_header(name, value);
        }
    }
    let socket = matches!(url.scheme(), "ws" | "wss");
    let client = match Client::new(url.clone(), auth) {
        Ok(client) => client,
        Err(why) => return tail.closed(why),
    };
    loop {
        let why = if socket {
            tail.follow_socket(&client).await?
        } else {
            tail.follow_stream(&client).await?
        };
        if tail.patience.is_over(&why) {
            return tail.closed(why);
        }
        tail.print(&RawLine::Error { why: &why.to_string() })?;
        sleep(tail.patience.delay_after(&why, jitter())).await;
    }
}

/// One line of the output; the help of `tail` describes them.
#[derive(Serialize)]
#[serde(tag = "k", rename_all = "lowercase")]
enum RawLine<'a> {
    Open,
    Event { r#type: &'a str, data: &'a str, id: &'a str },
    Msg { op: &'a str, len: usize, data: &'a str },
    Error { why: &'a str },
    Closed { why: &'a str },
}

/// The output, and what has to be known for the next connection.
struct Tail<'a> {
    out: &'a mut (dyn Write + Send),
    patience: Patience,
    last_event_id: Option<String>,
}

impl Tail<'_> {
    /// Follows one connection to an event stream; returns why it ended.
    async fn follow_stream(&mut self, client: &Client) -> io::Result<NetError> {
        self.patience.begin();
        let options =
            SseOptions { last_event_id: self.last_event_id.clone(), ..SseOptions::default() };
        let mut stream = SseStream::open(client, "", options);
        loop {
            let item = match stream.next().await {
                Ok(item) => item,
                Err(why) => {
                    self.last_event_id = stream.sendable_id().map(str::to_owned);
                    return Ok(why);
                }
            };
            match item {
                SseItem::Open => self.print(&RawLine::Open)?,
                SseItem::Heard(_) => self.patience.heard(Instant::now()),
                SseItem::IdleLimit(_) => {}
                SseItem::Retry(delay) => self.patience.server_asks(delay),
                SseItem::Event { kind, data, id } => {
                    self.print(&RawLine::Event { r#type: &kind, data: &data, id: &id })?
                }
            }
        }
    }

    /// Follows one connection to a WebSocket; returns why it ended.
    async fn follow_socket(&mut self, client: &Client) -> io::Result<NetError> {
        self.patience.begin();
        let mut socket = match WebSocket::connect(client, "", SocketOptions::default()).await {
            Ok(socket) => socket,
            Err(why) => return Ok(why),
        };
        self.print(&RawLine::Open)?;
        loop {
            match socket.next().await {
                Ok(SocketItem::Heard(_)) => self.patience.heard(Instant::now()),
                Ok(SocketItem::Text(text)) => {
                    self.print(&RawLine::Msg { op: "text", len: text.len(), data: &text })?;
                }
                Ok(SocketItem::Binary(data)) => {
                    self.print(&RawLine::Msg {
                        op: "binary",
                        len: data.len(),
                        data: &STANDARD.encode(&data),
                    })?;
                }
                Err(why) => return Ok(why),
            }
        }
    }

    fn closed(&mut self, why: NetError) -> io::Result<NetError> {
        self.print(&RawLine::Closed { why: &why.to_string() })?;
        Ok(why)
    }

    /// Prints one line and flushes, so that whoever reads the lines gets each at once.
    fn print(&mut self, line: &RawLine<'_>) -> io::Result<()> {
        let json = serde_json::to_string(line)?;
        self.out.write_all(escaped(&json).as_bytes())?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::scripted::{Scripted, Step, reply, stream_head};

    async fn lines(url: Url, headers: Vec<(HeaderName, SecretString)>) -> Vec<String> {
        let mut out = Vec::new();
        tail_raw(url, headers, &mut out).await.unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn a_stream_is_followed_over_a_break_until_it_is_over() {
        let body = b"retry: 1\nid: 5\nevent: tick\ndata: {\"a\":\ndata: 1}\n\n".to_vec();
        let server =
            Scripted::start(vec![vec![stream_head(), Step::Send(body)], reply("204 Over", "", "")])
                .await;
        let headers = vec![
            (HeaderName::from_static("last-event-id"), SecretString::from("4")),
            (HeaderName::from_static("x-key"), SecretString::from("k")),
        ];
        assert_eq!(
            lines(server.url.clone(), headers).await,
            [
                r#"{"k":"open"}"#,
                r#"{"k":"event","type":"tick","data":"{\"a\":\n1}","id":"5"}"#,
                r#"{"k":"error","why":"The server closed the stream"}"#,
                r#"{"k":"closed","why":"The server says that this stream is over (HTTP 204)"}"#,
            ]
        );
        let heads = server.heads();
        assert_eq!(heads.len(), 2);
        assert!(
            heads[0].contains("last-event-id: 4\r\n") && heads[1].contains("last-event-id: 5\r\n")
        );
        assert!(heads.iter().all(|head| head.contains("x-key: k\r\n")));
    }

    #[tokio::test]
    async fn a_final_answer_ends_it_with_one_request() {
        let server = Scripted::always(reply("404 No", "", r#"{"detail":"No such session"}"#)).await;
        let expected = r#"{"k":"closed","why":"No such session (HTTP 404)"}"#;
        assert_eq!(lines(server.url.clone(), Vec::new()).await, [expected]);
        let mut socket_url = server.url.clone();
        socket_url.set_scheme("ws").unwrap();
        assert_eq!(lines(socket_url, Vec::new()).await, [expected]);
        assert_eq!(server.heads().len(), 2);
    }

    #[tokio::test]
    async fn an_address_that_cannot_be_used_is_told_without_a_request() {
        let ftp = Url::parse("ftp://a.test").unwrap();
        let expected = r#"{"k":"closed","why":"Addresses begin with http or https, not with ftp"}"#;
        assert_eq!(lines(ftp, Vec::new()).await, [expected]);
    }

    #[test]
    fn messages_look_like_this() {
        let mut out = Vec::new();
        let mut tail = Tail { out: &mut out, patience: Patience::default(), last_event_id: None };
        tail.print(&RawLine::Msg { op: "text", len: 2, data: "hi" }).unwrap();
        tail.print(&RawLine::Msg { op: "binary", len: 3, data: &STANDARD.encode([1, 2, 255]) })
            .unwrap();
        let expected = "{\"k\":\"msg\",\"op\":\"text\",\"len\":2,\"data\":\"hi\"}\n{\"k\":\"msg\",\"op\":\"binary\",\"len\":3,\"data\":\"AQL/\"}\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
