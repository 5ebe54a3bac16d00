//! A service over a real socket that has one answer for everything.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// Answers with this status and JSON for as long as the test runs.
pub(crate) fn service(status: &'static str, body: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let serve = move || {
        for client in listener.incoming().flatten() {
            // Who went away needs no answer.
            answer(client, status, body).ok();
        }
    };
    let thread = std::thread::Builder::new().name("service".to_owned());
    thread.spawn(serve).expect("a thread");
    address
}

fn answer(mut client: TcpStream, status: &str, body: &str) -> std::io::Result<()> {
    let (mut head, mut bytes) = (Vec::new(), [0; 1024]);
    while !head.ends_with(b"\r\n\r\n") {
        match client.read(&mut bytes)? {
            0 => return Ok(()),
            read => head.extend_from_slice(&bytes[..read]),
        }
    }
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    client.write_all((head + body).as_bytes())
}
