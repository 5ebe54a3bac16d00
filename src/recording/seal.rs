//! Seals a recording: each second a hash over the seal before and everything since, so that what was changed later shows.
//!
//! The hash is SHA-256 over the seal before, and then over each message in the order of the file: its topic, its log time
//! as a number of 64 bits, and its data. Each of these parts has its length before it. All numbers are little-endian.

use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

/// The seal before the first one.
pub(super) const FIRST: [u8; 32] = [0; 32];

/// A message on the topic `/seal`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SealMessage {
    /// How many messages it covers, which are those since the seal before.
    pub(super) messages: u64,
    /// The seal in hexadecimal digits.
    pub(super) sha256: String,
}

/// Hashes messages as they pass.
pub(super) struct Sealer {
    last: [u8; 32],
    open: Context,
    messages: u64,
}

impl Sealer {
    pub(super) fn after(last: [u8; 32]) -> Self {
        let mut open = Context::new(&SHA256);
        part(&mut open, &last);
        Self { last, open, messages: 0 }
    }

    pub(super) fn add(&mut self, topic: &str, log_time: u64, data: &[u8]) {
        part(&mut self.open, topic.as_bytes());
        part(&mut self.open, &log_time.to_le_bytes());
        part(&mut self.open, data);
        self.messages += 1;
    }

    /// Tells whether there are messages that no seal covers yet.
    pub(super) fn has_open(&self) -> bool {
        self.messages > 0
    }

    /// Returns how many messages no seal covers yet.
    pub(super) fn open_messages(&self) -> u64 {
        self.messages
    }

    /// Makes the seal over what passed since the last one, and begins the next.
    pub(super) fn seal(&mut self) -> SealMessage {
        let hash = self.open.clone().finish();
        let mut last = FIRST;
        last.copy_from_slice(hash.as_ref());
        let message = SealMessage { messages: self.messages, sha256: hex(&last) };
        *self = Self::after(last);
        message
    }

    /// Returns the last seal.
    pub(super) fn last(&self) -> [u8; 32] {
        self.last
    }
}

fn part(hash: &mut Context, bytes: &[u8]) {
    hash.update(&(bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads 64 hexadecimal digits.
pub(super) fn unhex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = FIRST;
    for (n, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * n..2 * n + 2)?, 16).ok()?;
    }
    Some(bytes)
}
