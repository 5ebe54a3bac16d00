//! Reads a recording from its beginning to its end, whole or cut, with one record in memory at a time.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use mcap::records::{Metadata, Record as FileRecord};
use mcap::sans_io::{LinearReadEvent, LinearReader, LinearReaderOptions};
use mcap::{Channel, McapError, Message, Schema};

use super::RecordingError;

/// A larger record is taken for damage.
const MAX_RECORD: usize = 256 << 20;

/// One thing that a file holds.
#[derive(Clone, Debug)]
pub enum Entry {
    /// The file says something of itself.
    Metadata(Metadata),
    /// A message on a channel.
    Message(Message<'static>),
    /// The file was finished, so that its index follows.
    End,
}

/// Reads the entries of a file in their order.
pub struct Source {
    file: File,
    reader: LinearReader,
    schemas: HashMap<u16, Arc<Schema<'static>>>,
    channels: HashMap<u16, Arc<Channel<'static>>>,
}

impl Source {
    /// Opens a file.
    pub fn open(path: &Path) -> io::Result<Self> {
        let options = LinearReaderOptions::default()
            .with_record_length_limit(MAX_RECORD)
            .with_validate_chunk_crcs(true);
        Ok(Self {
            file: File::open(path)?,
            reader: LinearReader::new_with_options(options),
            schemas: HashMap::new(),
            channels: HashMap::new(),
        })
    }

    /// Returns the next entry; `None` after the last one.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, RecordingError> {
        loop {
            let record = match self.reader.next_event().transpose()? {
                None => return Ok(None),
                Some(LinearReadEvent::ReadRequest(wanted)) => {
                    let read = self.file.read(self.reader.insert(wanted))?;
                    self.reader.notify_read(read);
                    continue;
                }
                Some(LinearReadEvent::Record { data, opcode }) => mcap::parse_record(opcode, data)?,
            };
            match record {
                FileRecord::Schema { header, data } => {
                    let data = data.into_owned().into();
                    let (id, name, encoding) = (header.id, header.name, header.encoding);
                    self.schemas.insert(id, Arc::new(Schema { id, name, encoding, data }));
                }
                FileRecord::Channel(channel) => {
                    let schema = self.schemas.get(&channel.schema_id).cloned();
                    let channel = Channel {
                        id: channel.id,
                        topic: channel.topic,
                        schema,
                        message_encoding: channel.message_encoding,
                        metadata: channel.metadata,
                    };
                    self.channels.insert(channel.id, Arc::new(channel));
                }
                FileRecord::Message { header, data } => {
                    let channel = self
                        .channels
                        .get(&header.channel_id)
                        .cloned()
                        .ok_or(McapError::UnknownChannel(header.sequence, header.channel_id))?;
                    return Ok(Some(Entry::Message(Message {
                        channel,
                        sequence: header.sequence,
                        log_time: header.log_time,
                        publish_time: header.publish_time,
                        data: data.into_owned().into(),
                    })));
                }
                FileRecord::Metadata(metadata) => return Ok(Some(Entry::Metadata(metadata))),
                FileRecord::DataEnd(_) => return Ok(Some(Entry::End)),
                _ => {}
            }
        }
    }
}
