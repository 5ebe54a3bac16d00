//! Records sessions on a thread of its own. Whoever tells it something never waits for the disk.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::watch;

use super::RecordingError;
use super::file::{PartFile, space_left};
use super::metadata::{FileInfo, SessionInfo};
use super::record::{Record, Told};
use super::seal::{FIRST, hex};
use super::topic::{Channel, Topic, session_name};
use crate::base::Wake;
use crate::model::FrameSize;

/// Number of records that may wait for the disk.
const WAITING: usize = 4096;
/// Number of bytes that waiting records may have together.
const WAITING_BYTES: usize = 64 << 20;
/// After this time what came is in the file, so that no more is lost when the process is killed.
const FLUSH_EVERY: Duration = Duration::from_secs(1);

/// Where a recording goes, and when it begins a new file or stops.
#[derive(Clone, Debug)]
pub struct RecorderOptions {
    /// The first file. Further parts stand beside it.
    pub file: PathBuf,
    /// A file that has grown to so many bytes is followed by a new one.
    pub part_bytes: u64,
    /// A file that has been written for so long is followed by a new one.
    pub part_time: Duration,
    /// Recording stops where fewer bytes are left on the disk.
    pub least_space: u64,
}

impl RecorderOptions {
    /// Returns the usual choices for a recording that begins with this file.
    pub fn new(file: PathBuf) -> Self {
        Self {
            file,
            part_bytes: 2 << 30,
            part_time: Duration::from_secs(3600),
            least_space: 256 << 20,
        }
    }

    /// Returns the path of a part, which are counted from 1 on.
    fn part(&self, number: u32) -> PathBuf {
        if number == 1 {
            return self.file.clone();
        }
        let stem = self.file.file_stem().unwrap_or_default().to_string_lossy();
        self.file.with_file_name(format!("{stem}.{number}.mcap"))
    }
}

/// Returns the name of a new recording: its time and a number by chance, since several may begin at once.
pub fn new_name(now: Timestamp) -> String {
    let time = now.strftime("%Y-%m-%dT%H-%M-%SZ");
    format!("{time}-{:04x}.mcap", getrandom::u32().unwrap_or_default() & 0xFFFF)
}

/// How a recording stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecorderState {
    /// The file that is written, or was written last.
    pub file: PathBuf,
    /// The bytes of all parts.
    pub bytes: u64,
    /// When the recording began.
    pub since: Option<Timestamp>,
    /// How many records are missing because the disk was too slow.
    pub missing: u64,
    /// How the recording ended; `None` while it goes on.
    pub ended: Option<RecorderEnd>,
}

/// How a recording ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecorderEnd {
    /// It was stopped and its files are whole.
    Finished {
        /// The last seal, in hexadecimal digits.
        seal: String,
    },
    /// It stopped by itself; the text is one plain sentence.
    Failed(String),
}

/// A recording that is being made. Dropping it ends the recording in the background.
#[derive(Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
    queue: SyncSender<Order>,
    state: watch::Receiver<RecorderState>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    waiting_bytes: AtomicUsize,
    tracks: AtomicU64,
}

#[derive(Debug)]
enum Order {
    Record {
        track: u64,
        session: Arc<SessionInfo>,
        at: Timestamp,
        record: Record,
        missing: u64,
    },
    /// Only wakes the thread.
    Look,
}

/// One session's way into a recording. It never blocks.
#[derive(Clone, Debug)]
pub struct Track {
    number: u64,
    session: Arc<SessionInfo>,
    shared: Arc<Shared>,
    queue: SyncSender<Order>,
    /// How many records were refused since the last one that was taken.
    missing: Arc<AtomicU64>,
}

impl Recorder {
    /// Begins a recording. What hinders it is told by its state.
    pub fn start(options: RecorderOptions, wake: Wake) -> std::io::Result<Self> {
        let (queue, orders) = sync_channel(WAITING);
        let since = Timestamp::now();
        let (told, state) = watch::channel(RecorderState {
            file: options.file.clone(),
            since: Some(since),
            ..RecorderState::default()
        });
        let shared = Arc::new(Shared::default());
        let writer = WriterThread {
            options,
            orders,
            shared: shared.clone(),
            told,
            wake,
            since,
            part_number: 0,
            part_since: Instant::now(),
            earlier_bytes: 0,
            last_seal: FIRST,
            sessions: BTreeMap::new(),
        };
        let thread = std::thread::Builder::new()
            .name("helmsight-recorder".to_owned())
            .spawn(move || writer.run())?;
        Ok(Self { shared, queue, state, thread: Some(thread) })
    }

    /// Adds a session to the recording.
    pub fn track(&self, session: SessionInfo) -> Track {
        Track {
            number: self.shared.tracks.fetch_add(1, Ordering::Relaxed),
            session: Arc::new(session),
            shared: self.shared.clone(),
            queue: self.queue.clone(),
            missing: Arc::default(),
        }
    }

    /// Returns how the recording stands.
    pub fn state(&self) -> RecorderState {
        self.state.borrow().clone()
    }

    /// Asks the recording to end. What it was told before is still written.
    pub fn stop(&self) {
        self.shared.stop.store(true, Ordering::Release);
        // A full queue wakes the thread as well.
        drop(self.queue.try_send(Order::Look));
    }

    /// Ends the recording, and waits until its file is whole.
    pub fn finish(mut self) -> RecorderState {
        self.stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("The recorder panicked");
        }
        self.state()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Track {
    /// Records something that happened now. Where the disk is too slow it is counted instead, and the file tells it.
    pub fn record(&self, record: Record) {
        self.record_at(Timestamp::now(), record);
    }

    /// Records something that happened at `at`.
    pub fn record_at(&self, at: Timestamp, record: Record) {
        let bytes = record.bytes();
        let waiting = self.shared.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        let missing = self.missing.swap(0, Ordering::Relaxed);
        let session = self.session.clone();
        let order = Order::Record { track: self.number, session, at, record, missing };
        // One large record is taken by an empty queue.
        if waiting > WAITING_BYTES || self.queue.try_send(order).is_err() {
            self.shared.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.missing.fetch_add(missing + 1, Ordering::Relaxed);
        }
    }
}

/// A session as the thread knows it.
struct RecordedSession {
    info: SessionInfo,
    viewport: Option<FrameSize>,
}

struct WriterThread {
    options: RecorderOptions,
    orders: Receiver<Order>,
    shared: Arc<Shared>,
    told: watch::Sender<RecorderState>,
    wake: Wake,
    since: Timestamp,
    part_number: u32,
    part_since: Instant,
    /// Bytes of the parts before this one.
    earlier_bytes: u64,
    last_seal: [u8; 32],
    sessions: BTreeMap<u64, RecordedSession>,
}

impl WriterThread {
    fn run(mut self) {
        let end = match self.record() {
            Ok(()) => RecorderEnd::Finished { seal: hex(&self.last_seal) },
            Err(error) => RecorderEnd::Failed(error.to_string()),
        };
        self.told.send_modify(|state| state.ended = Some(end));
        self.wake.wake();
    }

    fn record(&mut self) -> Result<(), RecordingError> {
        let mut part = self.next_part()?;
        match self.fill(&mut part) {
            Ok(()) => {}
            Err(RecordingError::LowSpace { left }) => {
                // There is room enough to finish the file.
                part.finish(Timestamp::now())?;
                return Err(RecordingError::LowSpace { left });
            }
            Err(error) => {
                part.abandon();
                return Err(error);
            }
        }
        self.last_seal = part.finish(Timestamp::now())?;
        Ok(())
    }

    /// Writes what comes until the recording is to end.
    fn fill(&mut self, part: &mut PartFile) -> Result<(), RecordingError> {
        let mut flush_at = Instant::now() + FLUSH_EVERY;
        loop {
            let wait = flush_at.saturating_duration_since(Instant::now());
            match self.orders.recv_timeout(wait) {
                Ok(order) => self.write(part, order)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            if self.shared.stop.load(Ordering::Acquire) {
                while let Ok(order) = self.orders.try_recv() {
                    self.write(part, order)?;
                }
                return Ok(());
            }
            if Instant::now() >= flush_at {
                flush_at = Instant::now() + FLUSH_EVERY;
                part.flush(Timestamp::now())?;
                self.tell(part);
                let left = space_left(part.path());
                if let Some(left) = left.filter(|left| *left < self.options.least_space) {
                    return Err(RecordingError::LowSpace { left });
                }
                if part.bytes() >= self.options.part_bytes
                    || self.part_since.elapsed() >= self.options.part_time
                {
                    self.begin_next(part)?;
                }
            }
        }
    }

    fn begin_next(&mut self, part: &mut PartFile) -> Result<(), RecordingError> {
        self.earlier_bytes += part.bytes();
        self.last_seal = part.last_seal();
        let next = self.next_part()?;
        std::mem::replace(part, next).finish(Timestamp::now())?;
        self.sessions.values_mut().for_each(|session| session.viewport = None);
        for session in self.sessions.values() {
            part.add_session(&session.info)?;
        }
        Ok(())
    }

    fn next_part(&mut self) -> Result<PartFile, RecordingError> {
        self.part_number += 1;
        self.part_since = Instant::now();
        let path = self.options.part(self.part_number);
        let stem = self.options.file.file_stem().unwrap_or_default();
        let info = FileInfo {
            recording: stem.to_string_lossy().into_owned(),
            part: self.part_number,
            started_at: self.since,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            last_seal: hex(&self.last_seal),
        };
        let part = PartFile::create(&path, &info)?;
        self.tell(&part);
        Ok(part)
    }

    fn tell(&self, part: &PartFile) {
        self.told.send_modify(|state| {
            part.path().clone_into(&mut state.file);
            state.bytes = self.earlier_bytes + part.bytes();
        });
        self.wake.wake();
    }

    fn write(&mut self, part: &mut PartFile, order: Order) -> Result<(), RecordingError> {
        let Order::Record { track, session, at, record, missing } = order else { return Ok(()) };
        self.shared.waiting_bytes.fetch_sub(record.bytes(), Ordering::Relaxed);
        if !self.sessions.contains_key(&track) {
            let taken = |name: &str| {
                name == "seal" || self.sessions.values().any(|known| known.info.name == name)
            };
            let name = session_name(&session.id, taken);
            let info = SessionInfo { name, ..(*session).clone() };
            part.add_session(&info)?;
            self.sessions.insert(track, RecordedSession { info, viewport: None });
        }
        let Some(session) = self.sessions.get_mut(&track) else { return Ok(()) };
        let name = session.info.name.clone();
        let mut records = Vec::new();
        if missing > 0 {
            self.told.send_modify(|state| state.missing += missing);
            records.push(Record::Told(Box::new(Told::Missing { records: missing })));
        }
        let mut published = None;
        if let Record::Picture(frame) = &record {
            published = frame.captured_at;
            if let Some(size) = frame.viewport.filter(|size| session.viewport != Some(*size)) {
                session.viewport = Some(size);
                records.push(Record::Told(Box::new(Told::Viewport(size))));
            }
        }
        records.push(record);
        for record in records {
            for (channel, data) in record.encode(at, &name) {
                let topic = Topic::Session { session: name.clone(), channel };
                let published = published.filter(|_| channel == Channel::Screencast);
                part.write(&topic, at, published, &data)?;
            }
        }
        Ok(())
    }
}
