//! Hears in the server's own order when keys of an X server are given another meaning and when they are pressed, by the
//! extension RECORD. Whoever asks for a key's meaning afterwards may be told the next one already.
//!
//! Nothing is recorded but requests that give keys a meaning, and the presses that this program is told of anyway.

use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::protocol::record::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{self, KeyPressEvent};
use x11rb::rust_connection::RustConnection;
use x11rb::x11_utils::TryParse as _;

const FROM_SERVER: u8 = 0;
const FROM_CLIENT: u8 = 1;
/// An event on the wire has so many bytes, and so has the head of a reply.
const EVENT: usize = 32;
/// A request on the wire: what it is, how many keys, its length in words, the first key, the symbols of each key.
const REQUEST_HEAD: usize = 8;

/// One thing that happened to the keyboard.
pub(super) enum KeyboardNews<'a> {
    /// A key means these symbols now.
    Means(u8, &'a [u32]),
    Pressed(KeyPressEvent),
}

/// A recording that was asked for and not begun.
pub(super) struct KeyRecording {
    /// The connection that asked. The recording ends with it.
    _control: RustConnection,
    data: RustConnection,
    context: record::Context,
}

impl KeyRecording {
    /// Asks for a recording of the presses that the connection `listener` is told of. It is `None` where the server has
    /// no such extension.
    pub(super) fn of(listener: &RustConnection) -> anyhow::Result<Option<Self>> {
        let (control, _) = x11rb::connect(None)?;
        if control.extension_information(record::X11_EXTENSION_NAME)?.is_none() {
            return Ok(None);
        }
        let (major, minor) = record::X11_XML_VERSION;
        control.record_query_version(major as u16, minor as u16)?.reply()?;
        let (data, _) = x11rb::connect(None)?;
        let context = control.generate_id()?;
        let meanings = range(xproto::CHANGE_KEYBOARD_MAPPING_REQUEST, 0);
        let everybody = [record::CS::ALL_CLIENTS.into()];
        control.record_create_context(context, 0, &everybody, &[meanings])?.check()?;
        let both = range(xproto::CHANGE_KEYBOARD_MAPPING_REQUEST, xproto::KEY_PRESS_EVENT);
        let us = [listener.setup().resource_id_base];
        control.record_register_clients(context, 0, &us, &[both])?.check()?;
        Ok(Some(Self { _control: control, data, context }))
    }

    /// Tells `hear` of everything, one after the other, until the display ends.
    pub(super) fn run(self, mut hear: impl FnMut(KeyboardNews<'_>)) -> anyhow::Result<()> {
        for reply in self.data.record_enable_context(self.context)? {
            let reply = reply?;
            match reply.category {
                FROM_SERVER => {
                    for event in reply.data.chunks_exact(EVENT) {
                        // The highest bit says that another client sent it.
                        if event[0] & 0x7f == xproto::KEY_PRESS_EVENT {
                            hear(KeyboardNews::Pressed(KeyPressEvent::try_parse(event)?.0));
                        }
                    }
                }
                // A client with another order of bytes is passed over.
                FROM_CLIENT if !reply.client_swapped => tell_meanings(&reply.data, &mut hear),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Reads requests that give keys their meanings.
fn tell_meanings(mut requests: &[u8], hear: &mut impl FnMut(KeyboardNews<'_>)) {
    while let Some((head, _)) = requests.split_first_chunk::<REQUEST_HEAD>() {
        let [kind, count, length_low, length_high, first, per_key, _, _] = *head;
        let length = usize::from(u16::from_ne_bytes([length_low, length_high])) * 4;
        let Some((request, after)) = requests.split_at_checked(length) else { return };
        let Some(symbols) = request.get(REQUEST_HEAD..) else { return };
        if kind == xproto::CHANGE_KEYBOARD_MAPPING_REQUEST && per_key > 0 {
            let symbols: Vec<u32> =
                symbols.as_chunks().0.iter().map(|bytes| u32::from_ne_bytes(*bytes)).collect();
            let keys = symbols.chunks_exact(per_key.into()).take(count.into());
            for (key, symbols) in (first..=u8::MAX).zip(keys) {
                hear(KeyboardNews::Means(key, symbols));
            }
        }
        requests = after;
    }
}

/// Describes a request and an event that are recorded; 0 is none.
fn range(request: u8, event: u8) -> record::Range {
    let one = |number| record::Range8 { first: number, last: number };
    let none = record::ExtRange { major: one(0), minor: record::Range16 { first: 0, last: 0 } };
    record::Range {
        core_requests: one(request),
        core_replies: one(0),
        ext_requests: none,
        ext_replies: none,
        delivered_events: one(event),
        device_events: one(0),
        errors: one(0),
        client_started: false,
        client_died: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(first: u8, keys: &[&[u32]]) -> Vec<u8> {
        let per_key = keys.first().map_or(0, |symbols| symbols.len());
        let length = (2 + keys.len() * per_key) as u16;
        let [low, high] = length.to_ne_bytes();
        let kind = xproto::CHANGE_KEYBOARD_MAPPING_REQUEST;
        let head = [kind, keys.len() as u8, low, high, first, per_key as u8, 0, 0];
        let symbols =
            keys.iter().flat_map(|symbols| symbols.iter()).flat_map(|it| it.to_ne_bytes());
        head.into_iter().chain(symbols).collect()
    }

    fn told(requests: &[u8]) -> Vec<(u8, Vec<u32>)> {
        let mut told = Vec::new();
        tell_meanings(requests, &mut |news| {
            if let KeyboardNews::Means(key, symbols) = news {
                told.push((key, symbols.to_vec()));
            }
        });
        told
    }

    #[test]
    fn meanings_are_read_from_requests_and_odd_ones_are_passed_over() {
        let two = [request(8, &[&[1, 2], &[3, 4]]), request(200, &[&[5]])].concat();
        let all = [(8, vec![1, 2]), (9, vec![3, 4]), (200, vec![5])];
        assert_eq!(told(&two), all);
        assert_eq!(told(&two[..two.len() - 1]), all[..2]);
        assert_eq!(told(&request(255, &[&[1], &[2]])), [(255, vec![1])]);
        assert_eq!(told(&[100; 40]), []);
        assert_eq!(told(&[100, 1, 0, 0, 8, 1, 0, 0]), []);
        assert_eq!(told(&[]), []);
    }
}
