//! Records, cuts, changes and reads whole files.

use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tempfile::TempDir;

use super::recorder::{RecorderEnd, RecorderOptions};
use super::recover::Recovered;
use super::source::{Entry, RecordingReader};
use super::*;
use crate::base::Wake;
use crate::model::{EncodedFrame, EventKind, FrameSize, ImageFormat, SessionEvent, Update};

fn picture(n: u8) -> EncodedFrame {
    let data = Bytes::from([&[0xFF, 0xD8, 0xFF, n][..], &[n; 5000]].concat());
    let viewport = Some(FrameSize { width: 1280, height: 720 });
    EncodedFrame { viewport, ..EncodedFrame::bare(ImageFormat::Jpeg, data, Instant::now()) }
}

fn row(text: &str) -> Record {
    let event = SessionEvent::ours(EventKind::Navigation, text);
    Record::update(&Update::Event(event)).unwrap()
}

/// Records two sessions with `pictures` pictures each.
fn record(options: RecorderOptions, pictures: u8) -> RecorderState {
    let recorder = Recorder::start(options, Wake::none()).unwrap();
    let tracks = [0, 1].map(|_| recorder.track(SessionInfo::new("a/b", None)));
    for n in 0..pictures {
        for track in &tracks {
            track.record(Record::Picture(picture(n)));
            track.record(row(&format!("row {n}")));
        }
    }
    recorder.finish()
}

fn entries(path: &Path) -> Vec<Entry> {
    let mut source = RecordingReader::open(path).unwrap();
    std::iter::from_fn(|| source.next_entry().unwrap()).collect()
}

fn messages(path: &Path, topic: &str) -> Vec<mcap::Message<'static>> {
    let of_topic = |entry| match entry {
        Entry::Message(message) if message.channel.topic == topic => Some(message),
        _ => None,
    };
    entries(path).into_iter().filter_map(of_topic).collect()
}

#[test]
fn what_is_recorded_is_read_untouched() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.mcap");
    let state = record(RecorderOptions::new(path.clone()), 20);
    assert!(matches!(state.ended, Some(RecorderEnd::Finished { .. })), "{state:?}");
    assert_eq!(state.missing, 0);
    for session in ["a_b", "a_b-2"] {
        let pictures = messages(&path, &format!("/{session}/screencast"));
        assert_eq!(pictures.len(), 20);
        for (n, message) in (0..).zip(&pictures) {
            let read = PictureMessage::decode(&Bytes::copy_from_slice(&message.data)).unwrap();
            assert_eq!(read.data, picture(n).data);
            assert_eq!(message.channel.schema.as_ref().unwrap().name, "foxglove.CompressedImage");
        }
        let rows = messages(&path, &format!("/{session}/events"));
        assert_eq!(LogMessage::decode(&rows[19].data).unwrap().text, "row 19");
        let told = messages(&path, &format!("/{session}/raw"));
        // The page's size is told once, before the first picture.
        assert_eq!(told.len(), 21);
        let size = FrameSize { width: 1280, height: 720 };
        assert_eq!(ToldMessage::decode(&told[0].data), Some(ToldMessage::Viewport(size)));
    }
    let about: Vec<_> = entries(&path)
        .into_iter()
        .filter_map(|entry| if let Entry::Metadata(about) = entry { Some(about) } else { None })
        .collect();
    assert_eq!(FileInfo::read(&about[0]).unwrap().part, 1);
    assert_eq!(SessionInfo::read(&about[2]).unwrap().name, "a_b-2");
    // The index tells the same.
    let bytes = std::fs::read(&path).unwrap();
    let summary = mcap::Summary::read(&bytes).unwrap().unwrap();
    let read = mcap::MessageStream::new(&bytes).unwrap().map(Result::unwrap).count() as u64;
    assert_eq!(summary.stats.unwrap().message_count, read);
    assert_eq!(recover(&path).unwrap(), Recovered::WasWhole);
}

#[test]
fn a_recording_goes_on_in_further_parts() {
    let folder = TempDir::new().unwrap();
    let options =
        RecorderOptions { part_bytes: 1, ..RecorderOptions::new(folder.path().join("a.mcap")) };
    let recorder = Recorder::start(options, Wake::none()).unwrap();
    let track = recorder.track(SessionInfo::new("s", None));
    track.record(Record::Picture(picture(1)));
    let start = Instant::now();
    while !folder.path().join("a.2.mcap").exists() {
        assert!(start.elapsed() < Duration::from_secs(20), "no second part was begun");
        assert_eq!(recorder.state().missing, 0, "the disk of a test is fast enough");
        std::thread::yield_now();
    }
    recorder.finish();
    let first = verify(&folder.path().join("a.mcap")).unwrap();
    let second = entries(&folder.path().join("a.2.mcap"));
    let Entry::Metadata(about) = &second[0] else { panic!("a file begins with what it is") };
    let about = FileInfo::read(about).unwrap();
    assert_eq!((about.part, about.recording.as_str(), about.last_seal), (2, "a", first.last));
    assert_eq!(verify(&folder.path().join("a.2.mcap")).unwrap().broken, None);
}

#[test]
fn a_full_disk_ends_the_recording_and_the_file_is_whole() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.mcap");
    let options = RecorderOptions { least_space: u64::MAX, ..RecorderOptions::new(path.clone()) };
    let recorder = Recorder::start(options, Wake::none()).unwrap();
    let track = recorder.track(SessionInfo::new("s", None));
    track.record(row("one"));
    let start = Instant::now();
    while recorder.state().ended.is_none() {
        assert!(start.elapsed() < Duration::from_secs(20), "the recording goes on");
        std::thread::yield_now();
    }
    let Some(RecorderEnd::Failed(why)) = recorder.state().ended else {
        panic!("it stopped by itself")
    };
    assert!(why.contains("almost full"), "{why}");
    assert_eq!(messages(&path, "/s/events").len(), 1);
    assert_eq!(recover(&path).unwrap(), Recovered::WasWhole);
    // Whoever still records does no harm.
    track.record(row("two"));
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let folder = TempDir::new().unwrap();
    let state = record(RecorderOptions::new(folder.path().join("no/a.mcap")), 1);
    assert!(matches!(state.ended, Some(RecorderEnd::Failed(_))), "{state:?}");
}

#[test]
fn wherever_a_file_is_cut_it_is_finished_up_to_there() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.mcap");
    record(RecorderOptions::new(path.clone()), 30);
    let whole = std::fs::read(&path).unwrap();
    let cut = folder.path().join("cut.mcap");
    let mut before = 0;
    for tenth in 1..10 {
        std::fs::write(&cut, &whole[..whole.len() * tenth / 10]).unwrap();
        let Recovered::Finished { messages } = recover(&cut).unwrap() else {
            panic!("a cut file is not whole")
        };
        assert!(messages >= before, "{messages} after {before}");
        before = messages;
        let bytes = std::fs::read(&cut).unwrap();
        assert_eq!(
            mcap::MessageStream::new(&bytes).unwrap().map(Result::unwrap).count() as u64,
            messages
        );
        assert_eq!(verify(&cut).unwrap().broken, None);
    }
    assert!(before > 50, "most is there: {before}");
    std::fs::write(&cut, "no recording at all, but a text").unwrap();
    assert!(recover(&cut).is_err());
    assert_eq!(std::fs::read(&cut).unwrap(), b"no recording at all, but a text");
}

#[test]
fn files_that_are_written_are_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.mcap");
    let recorder = Recorder::start(RecorderOptions::new(path.clone()), Wake::none()).unwrap();
    let start = Instant::now();
    while recorder.state().bytes == 0 {
        assert!(start.elapsed() < Duration::from_secs(20), "the recording has not begun");
        std::thread::yield_now();
    }
    assert!(recover::recover_folder(folder.path()).is_empty());
    recorder.finish();
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 20]).unwrap();
    assert_eq!(recover::recover_folder(folder.path()), [path]);
    assert!(recover::recover_folder(folder.path()).is_empty());
}

#[test]
fn a_changed_byte_of_a_message_breaks_the_seals() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.mcap");
    record(RecorderOptions::new(path.clone()), 3);
    let verdict = verify(&path).unwrap();
    assert_eq!((verdict.broken, verdict.unsealed), (None, 0));
    assert!(verdict.messages > 10 && verdict.seals > 0);
    let whole = std::fs::read(&path).unwrap();
    // Without the check sums that would find it first, the seals do.
    let text = b"row 1";
    let at = whole.windows(text.len()).position(|bytes| bytes == text).unwrap();
    for (at, without_crc) in [(at, false), (at, true)] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        if without_crc {
            clear_chunk_crcs(&mut changed);
        }
        std::fs::write(&path, changed).unwrap();
        let broken = verify(&path).unwrap().broken.expect("the change is found");
        assert!(broken.since.is_some());
    }
}

/// Sets the check sum of each chunk to 0, which says that there is none.
fn clear_chunk_crcs(file: &mut [u8]) {
    let mut at = 8;
    while at + 9 < file.len() {
        let length = u64::from_le_bytes(file[at + 1..at + 9].try_into().unwrap());
        if file[at] == 6 {
            // Opcode, length, start time, end time, uncompressed size.
            file[at + 33..at + 37].fill(0);
        }
        at += 9 + length as usize;
    }
}
