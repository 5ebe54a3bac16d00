//! Reads and writes messages on a pipe, each of which a NUL byte ends.

use std::io;

use bytes::{Bytes, BytesMut};
use memchr::memchr;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Longer messages are skipped, so that whoever waits for one runs into their deadline.
const MAX_MESSAGE: usize = 32 * 1024 * 1024;
const READ: usize = 64 * 1024;

/// Cuts a byte stream into messages without copying them.
#[derive(Debug)]
pub(super) struct MessageReader<R> {
    input: R,
    buffer: BytesMut,
    /// So many bytes at the front of `buffer` hold no NUL.
    scanned: usize,
    /// The reader is within a message that is too long, of which nothing is kept.
    skipping: bool,
    limit: usize,
}

impl<R: AsyncRead + Unpin> MessageReader<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, buffer: BytesMut::new(), scanned: 0, skipping: false, limit: MAX_MESSAGE }
    }

    /// Waits for the next message; `None` at the end of the stream. A half message at the end is dropped.
    pub(super) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            if let Some(message) = self.take_buffered() {
                return Ok(Some(message));
            }
            self.buffer.reserve(READ);
            if self.input.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }

    fn take_buffered(&mut self) -> Option<Bytes> {
        while let Some(at) = memchr(0, &self.buffer[self.scanned..]) {
            let length = self.scanned + at;
            let message = self.buffer.split_to(length + 1).freeze().slice(..length);
            self.scanned = 0;
            let skipped = std::mem::take(&mut self.skipping) || length > self.limit;
            if skipped {
                tracing::warn!("A message of the browser was too long and is left out");
            } else {
                return Some(message);
            }
        }
        self.scanned = self.buffer.len();
        if self.scanned > self.limit || self.skipping {
            self.skipping = true;
            self.buffer.clear();
            self.scanned = 0;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    async fn messages(bytes: &[u8], chunk: usize, limit: usize) -> Vec<String> {
        let (mut write, read) = tokio::io::duplex(chunk);
        let writing = async move { write.write_all(bytes).await.unwrap() };
        let mut reader = MessageReader::new(read);
        reader.limit = limit;
        let reading = async {
            let mut found = Vec::new();
            while let Some(message) = reader.next().await.unwrap() {
                found.push(String::from_utf8(message.to_vec()).unwrap());
            }
            found
        };
        tokio::join!(writing, reading).1
    }

    #[tokio::test]
    async fn messages_are_cut_at_every_chunk_size() {
        let stream = b"{\"id\":1}\0{}\0\0{\"method\":\"x\"}\0half";
        for chunk in 1..stream.len() {
            assert_eq!(
                messages(stream, chunk, 100).await,
                ["{\"id\":1}", "{}", "", "{\"method\":\"x\"}"],
                "chunk {chunk}"
            );
        }
    }

    #[tokio::test]
    async fn a_message_that_is_too_long_is_skipped_and_the_next_one_is_read() {
        for chunk in 1..40 {
            assert_eq!(
                messages(b"short\0this one is far too long\0next\0", chunk, 10).await,
                ["short", "next"],
                "chunk {chunk}"
            );
        }
    }
}
