//! The browser's pipe.

use std::time::Duration;

use helmsight::host::cdp::CdpClient;
use tokio::io::AsyncWriteExt as _;
use tokio_util::task::TaskTracker;

use crate::{Count, MIB};

/// A browser writes large events faster than they are read. Beyond some bytes the pipe waits, whatever their number.
#[tokio::test]
async fn events_that_nobody_reads_are_bounded_in_bytes() {
    let count = Count::begin().await;
    let (read, mut browser) = tokio::io::duplex(MIB);
    let tracker = TaskTracker::new();
    let (client, mut events) = CdpClient::start(read, tokio::io::sink(), |_| true, &tracker);
    let event = format!(
        "{{\"method\":\"Page.large\",\"params\":{{\"text\":\"{}\"}}}}\0",
        "x".repeat(8 * MIB)
    );
    const EVENTS: usize = 40;
    let mut sent = 0;
    while sent < EVENTS
        && tokio::time::timeout(Duration::from_millis(500), browser.write_all(event.as_bytes()))
            .await
            .is_ok()
    {
        sent += 1;
    }
    assert!(sent < EVENTS, "the pipe never waits");
    count.expect("events that wait", 160 * MIB);

    // What was read is gone, and so is the buffer that it came in: a small event keeps nothing of it.
    for _ in 0..sent {
        drop(events.recv().await.unwrap());
    }
    drop(browser);
    while events.recv().await.is_some() {}
    client.close();
    drop((client, events, event));
    tracker.close();
    tracker.wait().await;
    count.expect("a pipe that is closed", MIB);
}

#[tokio::test]
async fn a_large_event_leaves_no_large_buffer_behind() {
    let count = Count::begin().await;
    let (read, mut browser) = tokio::io::duplex(MIB);
    let tracker = TaskTracker::new();
    let (client, mut events) = CdpClient::start(read, tokio::io::sink(), |_| true, &tracker);
    let large = format!("{{\"method\":\"Page.large\",\"params\":\"{}\"}}\0", "x".repeat(24 * MIB));
    let writing = async {
        browser.write_all(large.as_bytes()).await.unwrap();
        browser.write_all(b"{\"method\":\"Page.small\"}\0{\"method\":").await.unwrap();
    };
    let reading = async {
        drop(events.recv().await.unwrap());
        events.recv().await.unwrap()
    };
    let ((), small) = tokio::join!(writing, reading);
    drop(large);
    assert_eq!(small.method, "Page.small");
    count.expect("a small event after a large one", 2 * MIB);
    client.close();
    tracker.close();
    tracker.wait().await;
}
