//! Numbers one session's events, remembers them, and hands them to every subscriber at its own pace.
//!
//! There are no queues per subscriber. Events live once, in a ring, and a subscriber is a position in it: a slow one
//! costs nothing, holds up nobody, and is told by a gap what the ring no longer has.
//!
//! Whatever is told passes through here, and so nobody who tells something has to think of secrets in it.
//!
//! An event gets its id when it is queued, and it is published afterwards: written as JSON, kept, and handed to who
//! waits. Queuing is so cheap that it may be done under any lock, and so events have the order of the changes that they
//! tell of. Publishing is done under no lock but the hub's own.

mod memory;
mod passing;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use self::memory::EventMemory;
use self::passing::PassingEvents;
use super::session::people::words::both;
use crate::base::redact;
use crate::model::{EventKind, Teller};

/// So many subscribers' comings and goings wait for an owner who reads slowly; of more, the oldest are forgotten.
const MAX_COMINGS: usize = 64;
/// So many names of subscribers are known after they left.
const MAX_NAMES: usize = 1024;
/// A connected subscriber may fall this many events behind, where the history is shorter than this.
const LAG: usize = 1024;
/// A larger event is replaced by a note of its size.
const MAX_EVENT: usize = 256 << 10;

#[derive(Debug)]
pub(crate) struct Hub {
    queue: Mutex<EventQueue>,
    /// Whoever has this lock publishes, so that events reach the ring in the order of their ids. The locks of the queue
    /// and of the ring are taken under it, one at a time.
    publishing: Mutex<()>,
    ring: Mutex<EventRing>,
    /// This number is bumped after every change, so that subscribers look again.
    news: watch::Sender<u64>,
    /// Whether anybody wants to be told of the requests of pages.
    wants_requests: watch::Sender<bool>,
    history: usize,
}

#[derive(Debug, Default)]
struct EventQueue {
    /// The last id that was given. Ids are consecutive, one for every event, whoever it is for.
    newest: u64,
    /// The events that wait to be published. They are few, because whoever queues one publishes it next.
    waiting: VecDeque<QueuedEvent>,
    closed: bool,
}

/// An event that has its place among the others and is not published yet.
#[derive(Debug)]
struct QueuedEvent {
    id: u64,
    kind: EventKind,
    fields: LateFields,
    audience: Option<Vec<String>>,
    at: Timestamp,
}

/// An event's fields, which are made when it is published.
struct LateFields(Box<dyn FnOnce() -> Value + Send>);

impl fmt::Debug for LateFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LateFields")
    }
}

#[derive(Debug, Default)]
struct EventRing {
    events: EventMemory,
    /// The id of the last event that was published.
    newest: u64,
    subscribers: BTreeMap<u64, Subscriber>,
    next_key: u64,
    /// The last comings and goings, which are told to owners live and replayed to nobody.
    comings: VecDeque<Arc<SubscriberComing>>,
    next_coming: u64,
    /// The last requests of pages, which are told live to those who asked, and replayed to nobody.
    passing: PassingEvents,
    /// The names that subscribers had, the newest last: whoever had one may come back for what it was sent.
    names: VecDeque<String>,
    closed: bool,
}

#[derive(Debug)]
struct Subscriber {
    name: String,
    transport: &'static str,
    evicted: bool,
    /// Whether it wants to be told of the requests of pages.
    requests: bool,
}

/// A subscriber came or went.
#[derive(Debug)]
pub(crate) struct SubscriberComing {
    number: u64,
    /// The subscriber's own stream, which is not told.
    key: u64,
    /// The event as it is told: it has no id, because it is told once and kept nowhere.
    pub(crate) event: Value,
}

/// How a subscriber wants to be served.
#[derive(Clone, Debug)]
pub(crate) struct SubscriberWish {
    /// Its own name; `None` takes one that is free.
    pub(crate) name: Option<String>,
    pub(crate) transport: &'static str,
    pub(crate) after: After,
    /// It may ask for less replay than the hub's own.
    pub(crate) history: Option<usize>,
    /// It owns what is told here, and so it is told who else listens.
    pub(crate) owns: bool,
    /// It wants to be told of the requests of pages.
    pub(crate) requests: bool,
}

#[derive(Debug)]
pub(crate) struct HubEvent {
    pub(crate) id: u64,
    pub(crate) kind: EventKind,
    /// The whole block of `text/event-stream`.
    pub(crate) sse: Bytes,
    /// The JSON in it.
    pub(crate) json: Bytes,
    /// The names of the subscribers that it is for; `None` means everybody.
    audience: Option<Vec<String>>,
    /// The participant, where the event says no more than that this one goes on being active.
    active: Option<u64>,
}

/// Where a subscriber wants to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// The subscriber begins with what happens from now on.
    Now,
    /// The subscriber begins with the first event after this one.
    Id(u64),
    /// The subscriber gave an id that was never ours, so that all of the past is missing.
    Unknown,
}

#[derive(Debug)]
pub(crate) enum Next {
    Event(Arc<HubEvent>),
    Gap(Gap),
    Coming(Arc<SubscriberComing>),
    /// An event that is told once, has no id, and is kept nowhere.
    Passing(Value),
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
    /// Makes a hub that replays up to `history` events to a subscriber that comes back.
    pub(crate) fn new(history: usize) -> Self {
        Self::starting_after(0, history)
    }

    /// Makes a hub whose first event has the id after `newest`. A subscriber that comes with a smaller id has seen none
    /// of them.
    pub(crate) fn starting_after(newest: u64, history: usize) -> Self {
        Self {
            queue: Mutex::new(EventQueue { newest, ..EventQueue::default() }),
            publishing: Mutex::new(()),
            ring: Mutex::new(EventRing { newest, ..EventRing::default() }),
            news: watch::Sender::new(0),
            wants_requests: watch::Sender::new(false),
            history,
        }
    }

    /// Tells everybody, and returns the event's id: `None` once the hub is closed.
    pub(crate) fn broadcast(&self, kind: EventKind, fields: Value) -> Option<u64> {
        self.tell(kind, fields, None)
    }

    /// Gives an event to everybody its place among the others. It is told by the next [`Hub::publish`], by whomever.
    /// This does not wait, and `fields` is called only then.
    pub(crate) fn queue(
        &self,
        kind: EventKind,
        fields: impl FnOnce() -> Value + Send + 'static,
    ) -> Option<u64> {
        self.enqueue(kind, LateFields(Box::new(fields)), None)
    }

    /// Tells what was queued, in its order. When this returns, all that was queued before is told.
    pub(crate) fn publish(&self) {
        let _publishing = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(event) = self.next_queued() {
            let QueuedEvent { id, kind, fields, audience, at } = event;
            let fields = (fields.0)();
            let active = (kind == EventKind::UserActivity).then(|| fields["clientIndex"].as_u64());
            let mut fields = both(kind, fields);
            redact::json(&mut fields);
            let json = event_json(kind, fields, at);
            let event =
                HubEvent { active: active.flatten(), ..HubEvent::new(id, kind, &json, audience) };
            let mut ring = self.lock();
            ring.newest = id;
            ring.events.keep(event, self.history.max(LAG));
            drop(ring);
            self.wake();
        }
    }

    /// Tells the subscribers of these names, now and when they come back.
    pub(crate) fn broadcast_some(
        &self,
        names: Vec<String>,
        kind: EventKind,
        fields: Value,
    ) -> Option<u64> {
        self.tell(kind, fields, Some(names))
    }

    /// Tells the subscriber of this name, now and when it comes back.
    pub(crate) fn unicast(&self, name: &str, kind: EventKind, fields: Value) -> Option<u64> {
        self.tell(kind, fields, Some(vec![name.to_owned()]))
    }

    /// Ends the streams of the subscriber of this name, and returns how many there were.
    pub(crate) fn evict(&self, name: &str) -> usize {
        let mut count = 0;
        for subscriber in
            self.lock().subscribers.values_mut().filter(|s| s.name == name && !s.evicted)
        {
            subscriber.evicted = true;
            count += 1;
        }
        self.wake();
        count
    }

    /// Returns the number of open streams.
    pub(crate) fn active(&self) -> usize {
        self.lock().subscribers.len()
    }

    /// Returns name and transport of every open stream, oldest first.
    pub(crate) fn subscribers(&self) -> Vec<(String, &'static str)> {
        self.lock().subscribers.values().map(|s| (s.name.clone(), s.transport)).collect()
    }

    /// Returns the bytes of all events that are remembered.
    pub(crate) fn bytes(&self) -> usize {
        self.lock().events.bytes()
    }

    /// Returns the last id that was given; 0 before the first event.
    pub(crate) fn newest(&self) -> u64 {
        self.lock().newest
    }

    /// Returns the newest events that were for everybody, oldest first.
    pub(crate) fn recent(&self, count: usize) -> Vec<Arc<HubEvent>> {
        let ring = self.lock();
        let for_all = ring.events.since(0).filter(|event| event.audience.is_none());
        let mut recent: Vec<_> = for_all.rev().take(count).cloned().collect();
        recent.reverse();
        recent
    }

    /// Takes no further events. Streams end after delivering what there is.
    pub(crate) fn close(&self) {
        self.queued().closed = true;
        self.publish();
        self.lock().closed = true;
        self.wake();
    }

    /// Returns how many open streams a message to these names reaches now; to everybody with `None`. The error is a name
    /// that nobody has and nobody had.
    pub(crate) fn receivers<'a>(&self, names: Option<&'a [String]>) -> Result<usize, &'a str> {
        let ring = self.lock();
        let Some(names) = names else {
            return Ok(ring.subscribers.len());
        };
        if let Some(unknown) = names.iter().find(|name| !ring.names.contains(name)) {
            return Err(unknown);
        }
        Ok(ring.subscribers.values().filter(|s| names.contains(&s.name)).count())
    }

    /// Opens a new stream.
    pub(crate) fn subscribe(self: &Arc<Self>, wish: SubscriberWish) -> Subscription {
        let SubscriberWish { name, transport, after, history, owns, requests } = wish;
        let news = self.news.subscribe();
        let mut ring = self.lock();
        let key = ring.next_key;
        ring.next_key += 1;
        let name = name.unwrap_or_else(|| format!("sub_{key}"));
        ring.note_name(&name);
        let subscriber = Subscriber { name: name.clone(), transport, evicted: false, requests };
        ring.subscribers.insert(key, subscriber);
        self.count_wishes(&mut ring);
        let passing = requests.then(|| ring.passing.end());
        ring.tell_coming(key, &name, transport, "joined");
        let coming = owns.then_some(ring.next_coming);
        let reach = history.unwrap_or(self.history).min(self.history);
        let oldest = ring.events.first_of(reach).unwrap_or(ring.newest + 1);
        let (wanted, gap) = match after {
            After::Now => (ring.newest + 1, None),
            After::Id(id) if id <= ring.newest => {
                let is_out_of_reach = |first: &Arc<HubEvent>| first.id < oldest;
                let misses = id < ring.events.lost()
                    || ring.events.since(id + 1).next().is_some_and(is_out_of_reach);
                let gap = Gap { from: id + 1, to: oldest - 1, reason: GapReason::History };
                match misses {
                    true => (oldest, Some(gap)),
                    false => (id + 1, None),
                }
            }
            After::Id(_) | After::Unknown => (
                ring.newest + 1,
                Some(Gap { from: 1, to: ring.newest, reason: GapReason::UnknownId }),
            ),
        };
        drop(ring);
        self.wake();
        Subscription { hub: self.clone(), news, key, name, wanted, gap, coming, passing }
    }

    fn tell(&self, kind: EventKind, fields: Value, audience: Option<Vec<String>>) -> Option<u64> {
        let id = self.enqueue(kind, LateFields(Box::new(|| fields)), audience)?;
        self.publish();
        Some(id)
    }

    fn enqueue(
        &self,
        kind: EventKind,
        fields: LateFields,
        audience: Option<Vec<String>>,
    ) -> Option<u64> {
        debug_assert_eq!(
            kind.teller(),
            Teller::Host,
            "{kind:?} is described as nothing of the host's"
        );
        let mut queue = self.queued();
        if queue.closed {
            return None;
        }
        queue.newest += 1;
        let (id, at) = (queue.newest, Timestamp::now());
        queue.waiting.push_back(QueuedEvent { id, kind, fields, audience, at });
        Some(id)
    }

    fn next_queued(&self) -> Option<QueuedEvent> {
        self.queued().waiting.pop_front()
    }

    fn queued(&self) -> MutexGuard<'_, EventQueue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        self.news.send_modify(|n| *n += 1);
    }

    fn lock(&self) -> MutexGuard<'_, EventRing> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventRing {
    fn note_name(&mut self, name: &str) {
        self.names.retain(|known| known != name);
        self.names.push_back(name.to_owned());
        if self.names.len() > MAX_NAMES {
            self.names.pop_front();
        }
    }

    fn tell_coming(&mut self, key: u64, name: &str, transport: &str, action: &str) {
        let event = json!({
            "type": EventKind::Subscriber.word(),
            "id": name,
            "transport": transport,
            "action": action,
            "active": self.subscribers.len(),
            "timestamp": Timestamp::now(),
        });
        let number = self.next_coming;
        self.next_coming += 1;
        self.comings.push_back(Arc::new(SubscriberComing { number, key, event }));
        if self.comings.len() > MAX_COMINGS {
            self.comings.pop_front();
        }
    }
}

impl HubEvent {
    fn new(id: u64, kind: EventKind, json: &str, audience: Option<Vec<String>>) -> Self {
        let head = format!("id: {id}\ndata: ");
        // The event is kept, and the room in which it was written is not.
        let sse = Bytes::from(format!("{head}{json}\n\n").into_boxed_str().into_boxed_bytes());
        let json = sse.slice(head.len()..sse.len() - 2);
        Self { id, kind, sse, json, audience, active: None }
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.json).expect("made from a str")
    }

    /// Returns the bytes that the event is remembered with.
    fn size(&self) -> usize {
        let names = self.audience.iter().flatten().map(String::len);
        self.sse.len() + names.sum::<usize>()
    }

    fn is_for(&self, name: &str) -> bool {
        self.audience.as_ref().is_none_or(|names| names.iter().any(|n| n == name))
    }
}

impl Gap {
    pub(crate) fn json(&self) -> Value {
        let reason: &'static str = self.reason.into();
        json!({"type": EventKind::Gap.word(), "from": self.from, "to": self.to, "reason": reason, "timestamp": Timestamp::now()})
    }
}

/// One open stream. Dropping it takes the subscriber out of the hub.
#[derive(Debug)]
pub(crate) struct Subscription {
    hub: Arc<Hub>,
    news: watch::Receiver<u64>,
    key: u64,
    name: String,
    /// The next id that this stream has not seen.
    wanted: u64,
    /// The gap that the subscriber is told of before anything else.
    gap: Option<Gap>,
    /// The first coming that this stream was not told of; `None` where it is told of none.
    coming: Option<u64>,
    /// The first request of a page that this stream was not told of; `None` where it is told of none.
    passing: Option<u64>,
}

impl Subscription {
    /// Returns the last event's id that this stream was told, or passed over.
    pub(crate) fn told(&self) -> u64 {
        self.wanted.saturating_sub(1)
    }

    /// Waits for the next thing to send. It is cancel-safe.
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
        if let Some(wanted) = self.coming
            && let Some(coming) =
                ring.comings.iter().find(|next| next.number >= wanted && next.key != self.key)
        {
            self.coming = Some(coming.number + 1);
            return Some(Next::Coming(coming.clone()));
        }
        if let Some(passing) = ring.passing.next(&mut self.passing) {
            return Some(Next::Passing(passing));
        }
        let lost = ring.events.lost();
        if self.wanted <= lost {
            let gap = Gap { from: self.wanted, to: lost, reason: GapReason::Slow };
            self.wanted = lost + 1;
            return Some(Next::Gap(gap));
        }
        let mut waiting = ring.events.since(self.wanted);
        let next = waiting.find(|event| event.is_for(&self.name)).cloned();
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
        let mut ring = self.hub.lock();
        if let Some(Subscriber { name, transport, .. }) = ring.subscribers.remove(&self.key) {
            ring.tell_coming(self.key, &name, transport, "left");
            self.hub.count_wishes(&mut ring);
        }
        drop(ring);
        self.hub.wake();
    }
}

/// Writes the JSON of an event: its fields, its type and its time.
fn event_json(kind: EventKind, fields: Value, at: Timestamp) -> String {
    let mut object = match fields {
        Value::Object(object) => object,
        Value::Null => Map::new(),
        other => Map::from_iter([("data".to_owned(), other)]),
    };
    let kind = kind.word();
    object.remove("type");
    object.entry("timestamp").or_insert_with(|| at.to_string().into());
    let text = Value::Object(object).to_string();
    if text.len() <= MAX_EVENT {
        // The type comes first, for people who read the stream.
        return format!("{{\"type\":\"{kind}\",{}", &text[1..]);
    }
    json!({"type": kind, "timestamp": at, "truncated": true, "bytes": text.len()}).to_string()
}
