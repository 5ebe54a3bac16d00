//! Tests who is told what, and what of it is remembered.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

fn hub(history: usize, events: u64) -> Arc<Hub> {
    let hub = Arc::new(Hub::new(history));
    for n in 1..=events {
        assert_eq!(hub.broadcast(EventKind::Console, json!({"n": n})), Some(n));
    }
    hub
}

fn subscribe(
    hub: &Arc<Hub>,
    name: Option<String>,
    after: After,
    history: Option<usize>,
) -> Subscription {
    hub.subscribe(SubscriberWish {
        name,
        transport: "sse",
        after,
        history,
        owns: false,
        requests: false,
    })
}

/// What waits for a subscriber, in short: ids, gaps, ends.
fn waiting(subscription: &mut Subscription) -> Vec<String> {
    let mut seen = Vec::new();
    while let Some(next) = subscription.look() {
        match next {
            Next::Event(event) => seen.push(event.id.to_string()),
            Next::Gap(gap) => {
                seen.push(format!("gap {}-{} {}", gap.from, gap.to, <&str>::from(gap.reason)))
            }
            Next::Coming(coming) => {
                let (id, action) = (&coming.event["id"], &coming.event["action"]);
                seen.push(format!("{} {}", id.as_str().unwrap(), action.as_str().unwrap()));
            }
            Next::Passing(event) => seen.push(event["url"].as_str().unwrap().to_owned()),
            Next::Evicted | Next::Closed => {
                seen.push(format!("{next:?}"));
                break;
            }
        }
    }
    seen
}

#[test]
fn ids_of_an_earlier_run_have_seen_nothing_of_this_one() {
    let hub = Arc::new(Hub::starting_after(1000, 10));
    for n in 1001..=1003 {
        assert_eq!(hub.broadcast(EventKind::Hook, json!({})), Some(n));
    }
    for (after, expected) in [(0, "1001"), (7, "1001"), (1000, "1001"), (1001, "1002")] {
        let mut subscription = subscribe(&hub, None, After::Id(after), None);
        assert_eq!(waiting(&mut subscription)[0], expected, "{after}");
    }
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
        (After::Id(4), Some(100), vec!["gap 5-7 history", "8", "9", "10"]),
        (After::Id(11), None, vec!["gap 1-10 unknown_id"]),
        (After::Id(u64::MAX), None, vec!["gap 1-10 unknown_id"]),
        (After::Unknown, None, vec!["gap 1-10 unknown_id"]),
    ] {
        let mut subscription = subscribe(&hub, None, after, history);
        assert_eq!(waiting(&mut subscription), expected, "{after:?} {history:?}");
    }
    assert_eq!(hub.active(), 0);
}

#[test]
fn no_history_means_no_replay() {
    let hub = hub(0, 5);
    let mut subscription = subscribe(&hub, None, After::Id(2), None);
    assert_eq!(waiting(&mut subscription), ["gap 3-5 history"]);
    hub.broadcast(EventKind::Console, Value::Null);
    assert_eq!(waiting(&mut subscription), ["6"]);
}

#[test]
fn a_slow_subscriber_gets_a_gap_and_memory_stays_flat() {
    let hub = hub(10, 0);
    let mut slow = subscribe(&hub, None, After::Now, None);
    let mut quick = subscribe(&hub, None, After::Now, None);
    let many = LAG as u64 + 500;
    for n in 1..=many {
        hub.broadcast(EventKind::Console, json!({"n": n}));
        assert_eq!(waiting(&mut quick), [n.to_string()]);
    }
    assert_eq!(hub.lock().events.size().0, LAG);
    let seen = waiting(&mut slow);
    assert_eq!(seen[..2], ["gap 1-500 slow", "501"]);
    assert_eq!(seen.len(), LAG + 1);
}

#[test]
fn whoever_is_active_for_long_leaves_the_history_as_it_is() {
    let hub = hub(4, 2);
    let active = |who: u64| hub.broadcast(EventKind::UserActivity, json!({"clientIndex": who}));
    let mut slow = subscribe(&hub, None, After::Now, None);
    for _ in 0..LAG {
        active(1);
    }
    active(2);
    active(1);
    hub.broadcast(EventKind::Console, Value::Null);
    let (last, all) = (LAG as u64 + 5, LAG + 5);
    assert_eq!(hub.newest(), last);
    let ids = |ids: &[usize]| -> Vec<String> { ids.iter().map(usize::to_string).collect() };
    assert_eq!(waiting(&mut slow), ids(&[all - 2, all - 1, all]));
    // One event is out of reach. What a newer event says again is not missed.
    for (after, missed, told) in [
        (0, Some("gap 1-1 history"), &[2, all - 2, all - 1, all][..]),
        (1, None, &[2, all - 2, all - 1, all]),
        (50, None, &[all - 2, all - 1, all]),
    ] {
        let mut late = subscribe(&hub, None, After::Id(after), None);
        let mut expected: Vec<String> = missed.into_iter().map(str::to_owned).collect();
        expected.extend(ids(told));
        assert_eq!(waiting(&mut late), expected, "{after}");
    }
}

#[test]
fn large_events_push_out_old_ones_and_giants_are_cut() {
    let hub = hub(100, 0);
    let large = "x".repeat(MAX_EVENT - 1000);
    for _ in 0..100 {
        hub.broadcast(EventKind::Console, json!({"text": large}));
    }
    assert!(hub.lock().events.size().1 <= memory::MAX_BYTES);
    let mut subscription = subscribe(&hub, None, After::Now, None);
    hub.broadcast(EventKind::Console, json!({"text": "x".repeat(MAX_EVENT)}));
    let Some(Next::Event(event)) = subscription.look() else { panic!("expected an event") };
    assert!(event.text().contains("\"truncated\":true"), "{}", event.text());
}

#[test]
fn events_reach_whom_they_are_for() {
    let hub = hub(100, 0);
    let [mut ann, mut bob, mut cy] =
        ["ann", "bob", "cy"].map(|name| subscribe(&hub, Some(name.to_owned()), After::Now, None));
    hub.unicast("ann", EventKind::Message, Value::Null);
    hub.broadcast_some(vec!["ann".to_owned(), "bob".to_owned()], EventKind::Message, Value::Null);
    hub.broadcast(EventKind::Message, Value::Null);
    assert_eq!(waiting(&mut ann), ["1", "2", "3"]);
    assert_eq!(waiting(&mut bob), ["2", "3"]);
    assert_eq!(waiting(&mut cy), ["3"]);
    assert_eq!(hub.active(), 3);
    assert_eq!(hub.evict("bob"), 1);
    assert_eq!(hub.evict("nobody"), 0);
    assert_eq!(waiting(&mut bob), ["Evicted"]);
    drop(bob);
    assert_eq!(
        hub.subscribers().into_iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ["ann", "cy"]
    );
    // A name that comes back gets what was meant for it.
    drop(ann);
    let mut again = subscribe(&hub, Some("ann".to_owned()), After::Id(0), None);
    assert_eq!(waiting(&mut again), ["1", "2", "3"]);
}

#[test]
fn a_closed_hub_delivers_the_rest_and_ends() {
    let hub = hub(100, 1);
    let mut subscription = subscribe(&hub, None, After::Id(0), None);
    hub.broadcast(EventKind::SessionState, json!({"state": "terminated"}));
    hub.close();
    assert_eq!(hub.broadcast(EventKind::Console, Value::Null), None);
    assert_eq!(waiting(&mut subscription), ["1", "2", "Closed"]);
}

#[test]
fn a_block_is_an_id_and_one_line_of_json() {
    let event = HubEvent::new(7, EventKind::Console, r#"{"type":"console"}"#, None);
    assert_eq!(event.sse, "id: 7\ndata: {\"type\":\"console\"}\n\n");
    assert_eq!(event.text(), r#"{"type":"console"}"#);
    let event = event_json(EventKind::Console, json!({"text": "two\nlines\r"}), Timestamp::now());
    assert!(!event.contains(['\n', '\r']));
}

#[tokio::test]
async fn a_waiting_subscriber_is_woken() {
    let hub = hub(100, 0);
    let mut subscription = subscribe(&hub, None, After::Now, None);
    let (next, id) =
        tokio::join!(subscription.next(), async { hub.broadcast(EventKind::Console, Value::Null) });
    assert!(matches!(next, Next::Event(event) if Some(event.id) == id));
}

#[test]
fn events_have_the_order_of_their_changes_whoever_publishes_them() {
    let hub = Arc::new(Hub::new(LAG));
    let changes = Mutex::new(0_u64);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..100 {
                    let mut change = changes.lock().unwrap();
                    *change += 1;
                    let number = *change;
                    hub.queue(EventKind::Console, move || json!({"change": number}));
                    drop(change);
                    hub.publish();
                }
            });
        }
    });
    let told = hub.recent(1000);
    assert_eq!(told.len(), 800);
    for (event, change) in told.iter().zip(1_u64..) {
        let fields: Value = serde_json::from_slice(&event.json).unwrap();
        assert_eq!((event.id, &fields["change"]), (change, &json!(change)));
    }
}

#[test]
fn what_is_queued_is_told_with_the_next_event_and_before_it() {
    let hub = Arc::new(Hub::new(10));
    let mut subscription = subscribe(&hub, None, After::Now, None);
    assert_eq!(hub.queue(EventKind::Console, || json!({})), Some(1));
    assert!(waiting(&mut subscription).is_empty());
    assert_eq!(hub.broadcast(EventKind::Console, json!({})), Some(2));
    assert_eq!(waiting(&mut subscription), ["1", "2"]);
    hub.queue(EventKind::Console, || json!({}));
    hub.close();
    assert_eq!(hub.queue(EventKind::Console, || json!({})), None);
    assert_eq!(waiting(&mut subscription), ["3", "Closed"]);
}

#[test]
fn owners_are_told_who_else_comes_and_goes() {
    let hub = hub(10, 2);
    let open = |name: &str, owns: bool| {
        let wish = SubscriberWish {
            name: Some(name.to_owned()),
            transport: "ws",
            after: After::Now,
            history: None,
            owns,
            requests: false,
        };
        hub.subscribe(wish)
    };
    let mut owner = open("owner", true);
    let mut guest = open("guest", false);
    let mut other = open("other", true);
    drop(open("short", false));
    hub.broadcast(EventKind::Console, json!({}));
    let told = ["guest joined", "other joined", "short joined", "short left", "3"];
    assert_eq!(waiting(&mut owner), told);
    assert_eq!(waiting(&mut other), ["short joined", "short left", "3"]);
    assert_eq!(waiting(&mut guest), ["3"]);
    drop(guest);
    assert_eq!(waiting(&mut owner), ["guest left"]);
    // They are replayed to nobody, and a flood of them holds up nothing.
    assert!(waiting(&mut open("late", true)).is_empty());
    (0..1000).for_each(|_| drop(open("again", false)));
    assert_eq!(waiting(&mut owner).len(), MAX_COMINGS);
    assert_eq!(owner.told(), 3);
}

#[test]
fn a_message_reaches_those_who_are_there_and_is_kept_for_those_who_were() {
    let hub = hub(10, 0);
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let here: Vec<_> =
        (0..2).map(|_| subscribe(&hub, Some("ann".to_owned()), After::Now, None)).collect();
    drop(subscribe(&hub, Some("gone".to_owned()), After::Now, None));
    assert_eq!(hub.receivers(None), Ok(2));
    assert_eq!(hub.receivers(Some(&names(&["ann", "gone"]))), Ok(2));
    assert_eq!(hub.receivers(Some(&names(&["gone"]))), Ok(0));
    assert_eq!(hub.receivers(Some(&names(&["ann", "nobody"]))), Err("nobody"));
    drop(here);
    (0..MAX_NAMES).for_each(|_| drop(subscribe(&hub, None, After::Now, None)));
    assert!(hub.receivers(Some(&names(&["gone"]))).is_err(), "names are forgotten at last");
}

#[test]
fn what_an_event_says_is_written_when_it_is_published() {
    let hub = Hub::new(10);
    let written = Arc::new(AtomicBool::new(false));
    let writes = written.clone();
    let fields = move || {
        writes.store(true, Ordering::Relaxed);
        json!({"text": "x"})
    };
    assert_eq!(hub.queue(EventKind::Console, fields), Some(1));
    assert!(!written.load(Ordering::Relaxed));
    hub.publish();
    assert!(written.load(Ordering::Relaxed));
    assert!(hub.recent(1)[0].text().contains(r#""text":"x""#));
}

#[test]
fn requests_are_told_to_those_who_asked_and_kept_for_nobody() {
    let hub = hub(10, 1);
    let wants = hub.wants_requests();
    let pass = |n: u64| hub.pass(EventKind::NetworkRequest, json!({"url": format!("r{n}")}));
    let mut plain = subscribe(&hub, None, After::Now, None);
    let wish = SubscriberWish {
        name: None,
        transport: "sse",
        after: After::Now,
        history: None,
        owns: false,
        requests: true,
    };
    assert!(!*wants.borrow());
    pass(0);
    let mut asking = hub.subscribe(wish);
    assert!(*wants.borrow());
    pass(1);
    pass(2);
    assert_eq!(waiting(&mut asking), ["r1", "r2"]);
    assert_eq!(waiting(&mut plain), [""; 0]);
    plain.want_requests(true);
    drop(asking);
    pass(3);
    assert_eq!(waiting(&mut plain), ["r3"]);
    // Who reads slowly is told how many it missed.
    (0..passing::MAX_PASSING as u64 + 5).for_each(pass);
    let Some(Next::Passing(first)) = plain.look() else { panic!("nothing") };
    assert_eq!((&first["url"], &first["left_out"]), (&json!("r5"), &json!(5)));
    plain.want_requests(false);
    assert!(!*wants.borrow());
    assert_eq!(waiting(&mut plain), [""; 0]);
}
