//! A stream of frames over loopback, as the session side reads it, against reading the same bytes off a bare socket.

use std::hint::black_box;
use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};

use criterion::{Criterion, Throughput};
use helmsight::net::{Auth, Client, SseItem, SseOptions, SseStream};
use tokio::runtime::{Builder, Runtime};
use url::Url;

use crate::reference;

/// A 720p picture in base64.
const DATA: usize = if cfg!(debug_assertions) { 2_660 } else { 266_000 };

pub(crate) fn bench(c: &mut Criterion) {
    let event = format!("event: screencast\nid: 1\ndata: {}\n\n", "x".repeat(DATA));
    let size = event.len();
    let address = flood(event).expect("loopback has a free port");
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a bench may have a runtime");

    let mut group = c.benchmark_group("sse");
    group.throughput(Throughput::Bytes(size as u64));
    let mut stream = open(&runtime, address);
    group.bench_function("event over loopback", |b| b.iter(|| next_event(&runtime, &mut stream)));
    group.finish();

    let mut bare = connect(address).expect("the flood accepts connections");
    let mut bytes = vec![0; size];
    let read = || bare.read_exact(black_box(&mut bytes)).expect("the flood does not end");
    reference::against("sse/event over loopback", "reading it off a bare socket", read, || {
        black_box(next_event(&runtime, &mut stream));
    });
}

fn open(runtime: &Runtime, address: SocketAddr) -> SseStream {
    let _entered = runtime.enter();
    let base = Url::parse(&format!("http://{address}/")).expect("an address makes a URL");
    let client = Client::new(base, Auth::none()).expect("a client needs nothing from outside");
    SseStream::open(&client, "", SseOptions::default())
}

fn next_event(runtime: &Runtime, stream: &mut SseStream) -> String {
    runtime.block_on(async {
        loop {
            if let SseItem::Event { data, .. } =
                stream.next().await.expect("the flood does not end")
            {
                return data;
            }
        }
    })
}

/// A connection whose response head was read.
fn connect(address: SocketAddr) -> io::Result<BufReader<TcpStream>> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: bench\r\n\r\n")?;
    let mut reader = BufReader::new(stream);
    skip_head(&mut reader)?;
    Ok(reader)
}

/// Sends `event` without end to everybody who connects, as fast as they read.
fn flood(event: String) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let serve = move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let event = event.clone();
            let writer = std::thread::Builder::new().name("flood".to_owned());
            // A client that goes away ends its flood.
            let sender = writer.spawn(move || pour(stream, &event));
            drop(sender);
        }
    };
    std::thread::Builder::new().name("flood-accept".to_owned()).spawn(serve)?;
    Ok(address)
}

fn pour(stream: TcpStream, event: &str) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    skip_head(&mut reader)?;
    let mut stream = reader.into_inner();
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")?;
    loop {
        stream.write_all(event.as_bytes())?;
    }
}

fn skip_head(reader: &mut impl BufRead) -> io::Result<()> {
    let mut line = String::new();
    while reader.read_line(&mut line)? > "\r\n".len() {
        line.clear();
    }
    Ok(())
}
