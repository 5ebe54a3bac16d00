//! Checks the seals of a recording.

use std::path::Path;

use jiff::Timestamp;

use super::RecordingError;
use super::metadata::FileInfo;
use super::seal::{FIRST, SealMessage, Sealer, hex, unhex};
use super::source::{Entry, Source};

/// What the seals of a file say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How many seals hold, one after the other from the first one on.
    pub seals: u64,
    /// How many messages they cover.
    pub messages: u64,
    /// The last seal that holds, in hexadecimal digits. Keep it elsewhere, since a file alone can be made anew.
    pub last: String,
    /// When the first message came that no seal holds for, and why; `None` where all hold.
    pub broken: Option<Broken>,
    /// How many messages stand behind the last seal.
    pub unsealed: u64,
}

/// The place from which on a recording can't be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The log time of the first message that is not covered; `None` where there is no message.
    pub since: Option<Timestamp>,
    /// One plain sentence.
    pub why: String,
}

/// Reads a file and checks each of its seals. Damage is no error but a part of the verdict.
pub fn verify(path: &Path) -> Result<Verdict, RecordingError> {
    let mut source = Source::open(path)?;
    let mut sealer = Sealer::after(FIRST);
    let mut verdict =
        Verdict { seals: 0, messages: 0, last: hex(&FIRST), broken: None, unsealed: 0 };
    let mut since = None;
    let mut has_info = false;
    loop {
        let broken = match source.next_entry() {
            Ok(None) => break,
            Ok(Some(Entry::End)) => continue,
            Ok(Some(Entry::Metadata(record))) => {
                let info = FileInfo::read(&record).filter(|_| !has_info);
                if let Some(last) = info.and_then(|info| unhex(&info.last_seal)) {
                    has_info = true;
                    sealer = Sealer::after(last);
                    verdict.last = hex(&last);
                }
                continue;
            }
            Ok(Some(Entry::Message(message))) if message.channel.topic == "/seal" => {
                let covered = sealer.open_messages();
                let seal = sealer.seal();
                if serde_json::from_slice::<SealMessage>(&message.data).is_ok_and(|m| m == seal) {
                    verdict.seals += 1;
                    verdict.messages += covered;
                    verdict.last = seal.sha256;
                    since = None;
                    continue;
                }
                "A seal does not hold: something before it was changed, added or taken out"
                    .to_owned()
            }
            Ok(Some(Entry::Message(message))) => {
                since = since.or(Timestamp::from_nanosecond(message.log_time.into()).ok());
                sealer.add(&message.channel.topic, message.log_time, &message.data);
                continue;
            }
            Err(RecordingError::Format(mcap::McapError::BadMagic)) if !has_info => {
                return Err(RecordingError::Format(mcap::McapError::BadMagic));
            }
            Err(RecordingError::Format(error)) => format!("The file is damaged or cut: {error}"),
            Err(error) => return Err(error),
        };
        verdict.broken = Some(Broken { since, why: broken });
        return Ok(verdict);
    }
    verdict.unsealed = sealer.open_messages();
    Ok(verdict)
}
