//! One session's events: numbered, remembered, and handed to every subscriber at its own pace.
//!
//! There are no queues per subscriber. Events live once, in a ring, and a subscriber is a position in it: a slow one
//! costs nothing, holds up nobody, and is told by a gap what the ring no longer has.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use super::people::words::both;

/// How far a connected subscriber may fall behind, where the history is shorter than this.
const LAG: usize = 1024;
/// Bytes of all remembered events; the oldest go first.
const MAX_BYTES: usize = 8 << 20;
/// A larger event is replaced by a note of its size.
const MAX_EVENT: usize = 256 << 10;

#[derive(Debug)]
pub(crate) struct Hub {
    ring: Mutex<Ring>,
    /// Bumped after every change, so that subscribers look again.
    news: watch::Sender<u64>,
    history: usize,
}

#[derive(Debug, Default)]
struct Ring {
    /// Ids are consecutive: one for every event, whoever it is for. The last is `newest`.
    events: VecDeque<Arc<HubEvent>>,
    newest: u64,
    bytes: usize,
    subscribers: BTreeMap<u64, Subscriber>,
    next_key: u64,
    closed: bool,
}

#[derive(Debug)]
struct Subscriber {
    name: String,
    transport: &'static str,
    evicted: bool,
}

#[derive(Debug)]
pub(crate) struct HubEvent {
    pub(crate) id: u64,
    pub(crate) kind: &'static str,
    /// The whole block of `text/event-stream`.
    pub(crate) sse: Bytes,
    /// The JSON in it.
    pub(crate) json: Bytes,
    /// `None`: for everybody.
    audience: Option<Vec<String>>,
}

/// Where a subscriber wants to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// With what happens from now on.
    Now,
    /// With the first event after this one.
    Id(u64),
    /// After an id that was never ours: all of the past is missing.
    Unknown,
}

#[derive(Debug)]
pub(crate) enum Next {
    Event(Arc<HubEvent>),
    Gap(Gap),
    Evicted,
    /// The session is over and everything was delivered.
    Closed,
}

/// Events that the subscriber will not get: ids `from` to `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) reason: GapReason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum GapReason {
    /// The history does not reach back far enough.
    History,
    /// The subscriber read too slowly.
    Slow,
    /// The id that the subscriber sent is not one of this session's.
    UnknownId,
}

impl Hub {
    /// `history`: how many events are replayed to a subscriber that comes back.
    pub(crate) fn new(history: usize) -> Self {
        Self {
            ring: Mutex::default(),
            news: watch::Sender::new(0),
            history,
        }
    }

    /// To everybody. `None` once the hub is closed.
    pub(crate) fn broadcast(&self, kind: &'static str, fields: Value) -> Option<u64> {
        self.publish(kind, fields, None)
    }

    /// To the subscribers of these names, now and when they come back.
    pub(crate) fn broadcast_some(
        &self,
        names: Vec<String>,
        kind: &'static str,
        fields: Value,
    ) -> Option<u64> {
        self.publish(kind, fields, Some(names))
    }

    /// To the subscriber of this name.
    pub(crate) fn unicast(&self, name: &str, kind: &'static str, fields: Value) -> Option<u64> {
        self.publish(kind, fields, Some(vec![name.to_owned()]))
    }

    /// Ends the streams of the subscriber of this name; tells how many there were.
    pub(crate) fn evict(&self, name: &str) -> usize {
        let mut count = 0;
        for subscriber in self
            .lock()
            .subscribers
            .values_mut()
            .filter(|s| s.name == name && !s.evicted)
        {
            subscriber.evicted = true;
            count += 1;
        }
        self.wake();
        count
    }

    /// Open streams.
    pub(crate) fn active(&self) -> usize {
        self.lock().subscribers.len()
    }

    /// Name and transport of every open stream, oldest first.
    pub(crate) fn subscribers(&self) -> Vec<(String, &'static str)> {
        self.lock()
            .subscribers
            .values()
            .map(|s| (s.name.clone(), s.transport))
            .collect()
    }

    /// The last id that was given; 0 before the first event.
    pub(crate) fn newest(&self) -> u64 {
        self.lock().newest
    }

    /// The newest events that were for everybody, oldest first.
    pub(crate) fn recent(&self, count: usize) -> Vec<Arc<HubEvent>> {
        let ring = self.lock();
        let for_all = ring.events.iter().filter(|event| event.audience.is_none());
        let mut recent: Vec<_> = for_all.rev().take(count).cloned().collect();
        recent.reverse();
        recent
    }

    /// No further events; streams end after delivering what there is.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.wake();
    }

    /// A new stream. `history` may ask for less replay than the hub's own.
    pub(crate) fn subscribe(
        self: &Arc<Self>,
        name: Option<String>,
        transport: &'static str,
        after: After,
        history: Option<usize>,
    ) -> Subscription {
        let news = self.news.subscribe();
        let mut ring = self.lock();
        let key = ring.next_key;
        ring.next_key += 1;
        let name = name.unwrap_or_else(|| format!("sub_{key}"));
        ring.subscribers.insert(
            key,
            Subscriber {
                name: name.clone(),
                transport,
                evicted: false,
            },
        );
        let reach = history
            .unwrap_or(self.history)
            .min(self.history)
            .min(ring.events.len()) as u64;
        let oldest = ring.newest - reach + 1;
        let (wanted, gap) = match after {
            After::Now => (ring.newest + 1, None),
            After::Id(id) if id <= ring.newest && id + 1 < oldest => (
                oldest,
                Some(Gap {
                    from: id + 1,
                    to: oldest - 1,
                    reason: GapReason::History,
                }),
            ),
            After::Id(id) if id <= ring.newest => (id + 1, None),
            After::Id(_) | After::Unknown => (
                ring.newest + 1,
                Some(Gap {
                    from: 1,
                    to: ring.newest,
                    reason: GapReason::UnknownId,
                }),
            ),
        };
        drop(ring);
        Subscription {
            hub: self.clone(),
            news,
            key,
            name,
            wanted,
            gap,
        }
    }

    fn publish(
        &self,
        kind: &'static str,
        fields: Value,
        audience: Option<Vec<String>>,
    ) -> Option<u64> {
        let json = event_json(kind, both(kind, fields));
        let mut ring = self.lock();
        if ring.closed {
            return None;
        }
        let id = ring.newest + 1;
        ring.newest = id;
        let event = Arc::new(HubEvent::new(id, kind, &json, audience));
        ring.bytes += event.sse.len();
        ring.events.push_back(event);
        while ring.events.len() > self.history.max(LAG)
            || (ring.bytes > MAX_BYTES && ring.events.len() > 1)
        {
            let oldest = ring.events.pop_front().expect("longer than one");
            ring.bytes -= oldest.sse.len();
        }
        drop(ring);
        self.wake();
        Some(id)
    }

    fn wake(&self) {
        self.news.send_modify(|n| *n += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HubEvent {
    fn new(id: u64, kind: &'static str, json: &str, audience: Option<Vec<String>>) -> Self {
        let head = format!("id: {id}\ndata: ");
        let sse = Bytes::from(format!("{head}{json}\n\n"));
        let json = sse.slice(head.len()..sse.len() - 2);
        Self {
            id,
            kind,
            sse,
            json,
            audience,
        }
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.json).expect("made from a str")
    }

    fn is_for(&self, name: &str) -> bool {
        self.audience
            .as_ref()
            .is_none_or(|names| names.iter().any(|n| n == name))
    }
}

impl Gap {
    pub(crate) fn json(&self) -> Value {
        let reason: &'static str = self.reason.into();
        json!({"type": "gap", "from": self.from, "to": self.to, "reason": reason, "timestamp": Timestamp::now()})
    }
}

/// One open stream. Dropping it leaves the hub.
#[derive(Debug)]
pub(crate) struct Subscription {
    hub: Arc<Hub>,
    news: watch::Receiver<u64>,
    key: u64,
    name: String,
    /// The next id that this stream has not seen.
    wanted: u64,
    /// To be told before anything else.
    gap: Option<Gap>,
}

impl Subscription {
    /// The next thing to send. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Next {
        loop {
            self.news.borrow_and_update();
            if let Some(next) = self.look() {
                return next;
            }
            if self.news.changed().await.is_err() {
                return Next::Closed;
            }
        }
    }

    fn look(&mut self) -> Option<Next> {
        let ring = self.hub.lock();
        if ring.subscribers.get(&self.key).is_none_or(|s| s.evicted) {
            return Some(Next::Evicted);
        }
        if let Some(gap) = self.gap.take() {
            return Some(Next::Gap(gap));
        }
        let oldest = ring.newest + 1 - ring.events.len() as u64;
        if self.wanted < oldest {
            let gap = Gap {
                from: self.wanted,
                to: oldest - 1,
                reason: GapReason::Slow,
            };
            self.wanted = oldest;
            return Some(Next::Gap(gap));
        }
        let skip = (self.wanted - oldest) as usize;
        let next = ring
            .events
            .iter()
            .skip(skip)
            .find(|event| event.is_for(&self.name))
            .cloned();
        match next {
            Some(event) => {
                self.wanted = event.id + 1;
                Some(Next::Event(event))
            }
            None => {
                self.wanted = ring.newest + 1;
                ring.closed.then_some(Next::Closed)
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.lock().subscribers.remove(&self.key);
    }
}

/// The JSON of an event: its fields, its type and its time.
fn event_json(kind: &'static str, fields: Value) -> String {
    let mut object = match fields {
        Value::Object(object) => object,
        Value::Null => Map::new(),
        other => Map::from_iter([("data".to_owned(), other)]),
    };
    object.remove("type");
    object
        .entry("timestamp")
        .or_insert_with(|| Timestamp::now().to_string().into());
    let text = Value::Object(object).to_string();
    if text.len() <= MAX_EVENT {
        // For people who read the stream, the type comes first.
        return format!("{{\"type\":\"{kind}\",{}", &text[1..]);
    }
    json!({"type": kind, "timestamp": Timestamp::now(), "truncated": true, "bytes": text.len()})
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hub(history: usize, events: u64) -> Arc<Hub> {
        let hub = Arc::new(Hub::new(history));
        for n in 1..=events {
            assert_eq!(hub.broadcast("console", json!({"n": n})), Some(n));
        }
        hub
    }

    /// What waits for a subscriber, in short: ids, gaps, ends.
    fn waiting(subscription: &mut Subscription) -> Vec<String> {
        let mut seen = Vec::new();
        while let Some(next) = subscription.look() {
            match next {
                Next::Event(event) => seen.push(event.id.to_string()),
                Next::Gap(gap) => seen.push(format!(
                    "gap {}-{} {}",
                    gap.from,
                    gap.to,
                    <&str>::from(gap.reason)
                )),
                Next::Evicted | Next::Closed => {
                    seen.push(format!("{next:?}"));
                    break;
                }
            }
        }
        seen
    }

    #[test]
    fn a_subscriber_gets_what_came_after_its_id_and_is_told_of_the_rest() {
        let hub = hub(3, 10);
        for (after, history, expected) in [
            (After::Now, None, vec![]),
            (After::Id(10), None, vec![]),
            (After::Id(8), None, vec!["9", "10"]),
            (After::Id(7), None, vec!["8", "9", "10"]),
            (After::Id(4), None, vec!["gap 5-7 history", "8", "9", "10"]),
            (After::Id(0), None, vec!["gap 1-7 history", "8", "9", "10"]),
            (After::Id(8), Some(1), vec!["gap 9-9 history", "10"]),
            (
                After::Id(4),
                Some(100),
                vec!["gap 5-7 history", "8", "9", "10"],
            ),
            (After::Id(11), None, vec!["gap 1-10 unknown_id"]),
            (After::Id(u64::MAX), None, vec!["gap 1-10 unknown_id"]),
            (After::Unknown, None, vec!["gap 1-10 unknown_id"]),
        ] {
            let mut subscription = hub.subscribe(None, "sse", after, history);
            assert_eq!(
                waiting(&mut subscription),
                expected,
                "{after:?} {history:?}"
            );
        }
        assert_eq!(hub.active(), 0);
    }

    #[test]
    fn no_history_means_no_replay() {
        let hub = hub(0, 5);
        let mut subscription = hub.subscribe(None, "sse", After::Id(2), None);
        assert_eq!(waiting(&mut subscription), ["gap 3-5 history"]);
        hub.broadcast("console", Value::Null);
        assert_eq!(waiting(&mut subscription), ["6"]);
    }

    #[test]
    fn a_slow_subscriber_gets_a_gap_and_memory_stays_flat() {
        let hub = hub(10, 0);
        let mut slow = hub.subscribe(None, "sse", After::Now, None);
        let mut quick = hub.subscribe(None, "sse", After::Now, None);
        let many = LAG as u64 + 500;
        for n in 1..=many {
            hub.broadcast("console", json!({"n": n}));
            assert_eq!(waiting(&mut quick), [n.to_string()]);
        }
        assert_eq!(hub.lock().events.len(), LAG);
        let seen = waiting(&mut slow);
        assert_eq!(seen[..2], ["gap 1-500 slow", "501"]);
        assert_eq!(seen.len(), LAG + 1);
    }

    #[test]
    fn large_events_push_out_old_ones_and_giants_are_cut() {
        let hub = hub(100, 0);
        let large = "x".repeat(MAX_EVENT - 1000);
        for _ in 0..100 {
            hub.broadcast("console", json!({"text": large}));
        }
        assert!(hub.lock().bytes <= MAX_BYTES);
        let mut subscription = hub.subscribe(None, "sse", After::Now, None);
        hub.broadcast("console", json!({"text": "x".repeat(MAX_EVENT)}));
        let Some(Next::Event(event)) = subscription.look() else {
            panic!("expected an event")
        };
        assert!(
            event.text().contains("\"truncated\":true"),
            "{}",
            event.text()
        );
    }

    #[test]
    fn events_reach_whom_they_are_for() {
        let hub = hub(100, 0);
        let [mut ann, mut bob, mut cy] = ["ann", "bob", "cy"]
            .map(|name| hub.subscribe(Some(name.to_owned()), "sse", After::Now, None));
        hub.unicast("ann", "message", Value::Null);
        hub.broadcast_some(
            vec!["ann".to_owned(), "bob".to_owned()],
            "message",
            Value::Null,
        );
        hub.broadcast("message", Value::Null);
        assert_eq!(waiting(&mut ann), ["1", "2", "3"]);
        assert_eq!(waiting(&mut bob), ["2", "3"]);
        assert_eq!(waiting(&mut cy), ["3"]);
        assert_eq!(hub.active(), 3);
        assert_eq!(hub.evict("bob"), 1);
        assert_eq!(hub.evict("nobody"), 0);
        assert_eq!(waiting(&mut bob), ["Evicted"]);
        drop(bob);
        assert_eq!(
            hub.subscribers()
                .into_iter()
                .map(|(name, _)| name)
                .collect::<Vec<_>>(),
            ["ann", "cy"]
        );
        // A name that comes back gets what was meant for it.
        drop(ann);
        let mut again = hub.subscribe(Some("ann".to_owned()), "sse", After::Id(0), None);
        assert_eq!(waiting(&mut again), ["1", "2", "3"]);
    }

    #[test]
    fn a_closed_hub_delivers_the_rest_and_ends() {
        let hub = hub(100, 1);
        let mut subscription = hub.subscribe(None, "sse", After::Id(0), None);
        hub.broadcast("session_state", json!({"state": "terminated"}));
        hub.close();
        assert_eq!(hub.broadcast("console", Value::Null), None);
        assert_eq!(waiting(&mut subscription), ["1", "2", "Closed"]);
    }

    #[test]
    fn a_block_is_an_id_and_one_line_of_json() {
        let event = HubEvent::new(7, "console", r#"{"type":"console"}"#, None);
        assert_eq!(event.sse, "id: 7\ndata: {\"type\":\"console\"}\n\n");
        assert_eq!(event.text(), r#"{"type":"console"}"#);
        assert!(!event_json("console", json!({"text": "two\nlines\r"})).contains(['\n', '\r']));
    }

    #[tokio::test]
    async fn a_waiting_subscriber_is_woken() {
        let hub = hub(100, 0);
        let mut subscription = hub.subscribe(None, "sse", After::Now, None);
        let (next, id) = tokio::join!(subscription.next(), async {
            hub.broadcast("console", Value::Null)
        });
        assert!(matches!(next, Next::Event(event) if Some(event.id) == id));
    }
}
