//! Makes inputs: good ones that were broken by chance, any JSON with the words that somebody reads, and cuts.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value};

/// One way to break an input.
#[derive(Clone, Debug)]
enum Damage {
    Set(Index, u8),
    Remove(Index, usize),
    Repeat(Index, usize, usize),
    Insert(Index, Vec<u8>),
    End(Index),
}

/// One of `good`, with a few changes at any places. `marks` are the bytes that mean something to the parser.
pub(crate) fn broken(
    good: Vec<Vec<u8>>,
    marks: &'static [&'static [u8]],
) -> impl Strategy<Value = Vec<u8>> {
    let at = any::<Index>;
    let inserted = prop_oneof![
        3 => select(marks).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..12),
    ];
    let damage = prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        (at(), 1..30_usize).prop_map(|(at, count)| Damage::Remove(at, count)),
        (at(), 1..60_usize, 1..4_usize)
            .prop_map(|(at, count, times)| Damage::Repeat(at, count, times)),
        (at(), inserted).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        at().prop_map(Damage::End),
    ];
    (select(good), vec(damage, 0..6)).prop_map(|(mut bytes, damages)| {
        damages.into_iter().for_each(|damage| apply(&mut bytes, damage));
        bytes
    })
}

fn apply(bytes: &mut Vec<u8>, damage: Damage) {
    let place = |at: &Index, bytes: &[u8]| at.index(bytes.len() + 1);
    match damage {
        Damage::Set(at, byte) => {
            let at = place(&at, bytes);
            if let Some(old) = bytes.get_mut(at) {
                *old = byte;
            }
        }
        Damage::Remove(at, count) => {
            let at = place(&at, bytes);
            bytes.drain(at..(at + count).min(bytes.len()));
        }
        Damage::Repeat(at, count, times) => {
            let at = place(&at, bytes);
            let part = bytes[at..(at + count).min(bytes.len())].repeat(times);
            bytes.splice(at..at, part);
        }
        Damage::Insert(at, part) => {
            let at = place(&at, bytes);
            bytes.splice(at..at, part);
        }
        Damage::End(at) => bytes.truncate(place(&at, bytes)),
    }
}

/// Places at which an input is cut.
pub(crate) fn cuts() -> impl Strategy<Value = Vec<Index>> {
    vec(any::<Index>(), 0..8)
}

/// The input in pieces, none of them empty.
pub(crate) fn pieces<'a>(bytes: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.dedup();
    places.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect()
}

/// A text with what makes texts hard to show.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z0-9 /:.?=-]{0,20}",
        2 => any::<String>(),
        1 => select(vec!["", "\u{202e}\u{1b}[31m\r\n\0", "é\u{301}\u{301}", "null", "-1", "1e400", "https://u:p@a.test/"])
            .prop_map(str::to_owned),
        1 => (1..9000_usize).prop_map(|count| "é".repeat(count)),
    ]
}

/// Any JSON, in whose objects the `words` are frequent.
pub(crate) fn json(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0.0..2.0_f64).prop_map(Value::from),
        (0..2000_i64).prop_map(Value::from),
    ];
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        3 => number,
        4 => text().prop_map(Value::from),
        2 => select(words).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 8, move |inner| {
        let name = prop_oneof![9 => select(words).prop_map(str::to_owned), 1 => text()];
        let fields = vec((name, inner.clone()), 0..8);
        prop_oneof![
            1 => vec(inner, 0..8).prop_map(Value::from),
            3 => fields.prop_map(|fields| Value::Object(Map::from_iter(fields))),
        ]
    })
}

/// Tells whether nothing in a line acts on the terminal or the window that shows it.
pub(crate) fn is_plain(line: &str) -> bool {
    line.chars().all(|c| !c.is_control() && !('\u{202A}'..='\u{202E}').contains(&c))
}
