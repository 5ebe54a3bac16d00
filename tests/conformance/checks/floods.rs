//! More than anybody should send: bounded in time and in memory.

use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use helmsight::session::OpenOptions;
use serde_json::json;

use crate::memory;
use crate::relay::Fault;
use crate::support::Watched;
use crate::target::Target;

const MIB: usize = 1 << 20;
/// How much the process may grow by while it is flooded.
const MOST_GROWTH: usize = 64 * MIB;
/// The limit of a line or an event, and what the sockets between hold.
const MOST_TAKEN: usize = 32 * MIB;

pub(super) async fn what_never_ends_is_cut(target: &Target, id: &str) {
    let path = format!("/computers/{id}/screencast");
    for (endless, is_cut) in [
        (&b"data:0123456789abcdef0123456789abcdef"[..], true),
        (b"data: 0123456789abcdef0123456789abcdef\n", true),
        (b":0123456789abcdef0123456789abcdef", true),
        (b": beat\n\n", false),
    ] {
        let floods = target.relay.floods.all().len();
        target.relay.harm("GET", &path, 1, Fault::Flood(endless));
        let mut session = Watched::new(target.client(), id, OpenOptions::default());
        let relay = &target.relay;
        relay.floods.until("the flood's end", |seen| seen.len() > floods).await;
        let flooded = relay.floods.all()[floods];
        let name = String::from_utf8_lossy(&endless[..6]);
        println!("  {name:?}: {flooded:?}");
        assert_eq!(flooded.bytes < MOST_TAKEN, is_cut, "{name:?} {flooded:?}");
        assert!(flooded.growth < MOST_GROWTH, "{name:?} {flooded:?}");
        // And then all is well again.
        session.has_pictures(1).await;
        session.connected().await;
        session.close().await;
    }
}

/// A line of 12 MiB is within the limits: a large screen in full detail.
pub(super) async fn a_huge_picture_is_shown(target: &Target, id: &str) {
    let jpeg = crate::picture(1600, 1550);
    let data = json!({ "image_data": BASE64_STANDARD.encode(&jpeg) });
    let line = Arc::new(format!("data: {data}\n\n").into_bytes());
    assert!(line.len() > 12 * MIB && line.len() < 16 * MIB, "{}", line.len());
    let path = format!("/computers/{id}/screencast");
    target.relay.harm("GET", &path, 1, Fault::Only(line));
    let before = memory::resident();
    let mut session = Watched::new(target.client(), id, OpenOptions::default());
    session.has_pictures(1).await;
    let size = session.pictures[0].0;
    assert_eq!((size.width, size.height), (1600, 1550));
    let growth = memory::resident().saturating_sub(before);
    println!("  a picture of 12 MiB: {} MiB", growth / MIB);
    session.close().await;
}
