//! Says what a recording is: one record for the file and one for each session in it. Neither ever holds a key.

use std::collections::BTreeMap;

use jiff::Timestamp;
use url::Url;

use crate::base::redact;

/// The name of the record about the file.
const FILE: &str = "helmsight.recording";
/// The name of the record about a session.
const SESSION: &str = "helmsight.session";

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileInfo {
    /// The id of the recording, which all of its parts share.
    pub recording: String,
    /// The number of this part, from 1 on.
    pub part: u32,
    /// When the recording began.
    pub started_at: Timestamp,
    /// The version of the program that wrote the file.
    pub version: String,
    /// The last seal of the part before, in hexadecimal digits; 64 zeros in the first part.
    pub last_seal: String,
}

/// What a file says of one session in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionInfo {
    /// The session's name in topics.
    pub name: String,
    /// The session's id at its service.
    pub id: String,
    /// The address of the service without path, login and key; empty where there is none.
    pub origin: String,
}

impl FileInfo {
    /// Returns the record of the file.
    pub fn to_record(&self) -> mcap::records::Metadata {
        record(
            FILE,
            [
                ("recording", self.recording.clone()),
                ("part", self.part.to_string()),
                ("started_at", self.started_at.to_string()),
                ("version", self.version.clone()),
                ("last_seal", self.last_seal.clone()),
            ],
        )
    }

    /// Reads a record; `None` where it is another one.
    pub fn read(record: &mcap::records::Metadata) -> Option<Self> {
        let field = |name: &str| record.metadata.get(name);
        if record.name != FILE {
            return None;
        }
        Some(Self {
            recording: field("recording")?.clone(),
            part: field("part")?.parse().ok()?,
            started_at: field("started_at")?.parse().ok()?,
            version: field("version")?.clone(),
            last_seal: field("last_seal")?.clone(),
        })
    }
}

impl SessionInfo {
    /// Describes the session with this id at `service`, of whose address only the origin is kept.
    pub fn new(id: &str, service: Option<&Url>) -> Self {
        let origin = service.map(|url| url.origin().ascii_serialization());
        // The id may be an address, as that of a camera is.
        let id = redact::address(id).into_owned();
        Self { name: String::new(), id, origin: origin.unwrap_or_default() }
    }

    /// Returns the record of the session.
    pub fn to_record(&self) -> mcap::records::Metadata {
        let Self { name, id, origin } = self.clone();
        record(SESSION, [("name", name), ("id", id), ("origin", origin)])
    }

    /// Reads a record; `None` where it is another one.
    pub fn read(record: &mcap::records::Metadata) -> Option<Self> {
        let field = |name: &str| record.metadata.get(name).cloned();
        if record.name != SESSION {
            return None;
        }
        Some(Self { name: field("name")?, id: field("id")?, origin: field("origin")? })
    }
}

fn record<const N: usize>(name: &str, fields: [(&str, String); N]) -> mcap::records::Metadata {
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    mcap::records::Metadata { name: name.to_owned(), metadata: BTreeMap::from(fields) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_as_they_are_written() {
        let file = FileInfo {
            recording: "2026-12-01T15-20-00Z-ab12".to_owned(),
            part: 2,
            started_at: Timestamp::UNIX_EPOCH,
            version: "0.1.0".to_owned(),
            last_seal: "0".repeat(64),
        };
        assert_eq!(FileInfo::read(&file.to_record()), Some(file.clone()));
        assert_eq!(SessionInfo::read(&file.to_record()), None);
    }

    #[test]
    fn no_login_gets_into_a_file() {
        let url = Url::parse("https://me:hunter2@api.test:8443/v1?key=hunter2").unwrap();
        let session = SessionInfo::new("http://me:hunter2@cam/1", Some(&url));
        assert_eq!(session.origin, "https://api.test:8443");
        assert!(!format!("{session:?}").contains("hunter2"));
        assert_eq!(SessionInfo::read(&session.to_record()), Some(session));
    }
}
