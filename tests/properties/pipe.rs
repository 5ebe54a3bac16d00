//! Messages of the browser on its pipe.

use helmsight::host::cdp::CdpClient;
use proptest::prelude::*;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio_util::task::TaskTracker;

use crate::cases;
use crate::inputs::broken;
use crate::streams::runtime;

fn good() -> Vec<Vec<u8>> {
    vec![
        b"{\"method\":\"Page.frameNavigated\",\"params\":{\"frame\":{\"id\":\"F\",\"url\":\"https://a.test/\"}},\"sessionId\":\"S\"}\0{\"id\":1,\"result\":{}}\0".to_vec(),
        b"{\"method\":\"Page.screencastFrame\",\"params\":{\"data\":\"/9j/\",\"sessionId\":3,\"metadata\":{\"deviceWidth\":8,\"deviceHeight\":6}},\"sessionId\":\"S\"}\0{\"method\":\"Log.entryAdded\"}\0".to_vec(),
        b"{\"id\":7,\"error\":{\"code\":-32000,\"message\":\"no\"}}\0\0{\"method\":\"x\",\"params\":[1,{\"a\":null}]}\0".to_vec(),
    ]
}

const MARKS: &[&[u8]] = &[
    b"\0",
    b"{",
    b"}",
    b"\"",
    b"\\",
    b"\\ud83d",
    b"\"method\":",
    b"\"params\":",
    b"\"sessionId\":\"S\"",
    b"NaN",
    b"\xFF",
    b",",
    b"[[[[[[[[",
];

type Told = Vec<(Option<String>, String, Option<Value>)>;

/// The events of a pipe that is written `chunk` bytes at a time.
async fn events(bytes: &[u8], chunk: usize) -> Told {
    let (mut browser, messages) = tokio::io::duplex(chunk);
    let tracker = TaskTracker::new();
    let (client, mut events) = CdpClient::start(messages, tokio::io::sink(), |_| true, &tracker);
    let writing = async move { browser.write_all(bytes).await.unwrap() };
    let reading = async {
        let mut told = Vec::new();
        while let Some(event) = events.recv().await {
            let params = event.params();
            told.push((event.session, event.method, params));
        }
        told
    };
    let ((), told) = tokio::join!(writing, reading);
    client.close();
    told
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn messages_are_the_same_however_the_pipe_cuts_them(bytes in broken(good(), MARKS), chunk in 1..40_usize) {
        let (whole, cut) = runtime().block_on(async { (events(&bytes, 1 << 16).await, events(&bytes, chunk).await) });
        prop_assert_eq!(whole, cut);
    }
}
