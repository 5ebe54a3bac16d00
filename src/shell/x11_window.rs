//! Watches what winit does not tell of a window of X, on a connection and a thread of its own: whether it is on the
//! screen, and keys to which another program gives a meaning for one press, as those do that type for a user.
//!
//! Such a program takes a key of the keyboard that means nothing, gives it one letter, presses it, and gives it the
//! next letter. The window's library asks what a key means when it gets to the press, and by then the key means
//! something else. So what a key means when it is pressed is noted here: from the server's recording where it makes one,
//! else by a thread that has nothing else to do than to ask at once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::setpriority_process;
use rustix::thread::gettid;
use winit::dpi::PhysicalPosition;
use winit::event::{ElementState, KeyEvent};
use winit::keyboard::{Key, NativeKeyCode, PhysicalKey, SmolStr};
use winit::platform::scancode::PhysicalKeyExtScancode as _;
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    ChangeWindowAttributesAux, ConnectionExt as _, EventMask, KeyButMask, KeyPressEvent, Mapping,
};
use x11rb::rust_connection::RustConnection;

use super::x11_record::{KeyRecording, KeyboardNews};

/// The priority of the thread that reads keys, from -20 for the highest to 19.
const PRIORITY: i32 = -15;
/// The window waits for the note of a press no longer than this.
const LIMIT: Duration = Duration::from_millis(50);
/// A press that the window has not heard of by then was swallowed on its way, as by an input method.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(5);
/// A change of more keys than this at once is another layout, and gives nobody a letter to type.
const LAYOUT: u8 = 8;
/// A keycode of X is that of the system plus this.
const X_OFFSET: u32 = 8;
const KEYCODES: usize = 256;

/// A window of X.
pub(super) struct X11Window {
    noted: Arc<Noted>,
    connection: Arc<RustConnection>,
    window: u32,
    /// The keys that are down, with the meaning that the window was told.
    down: BTreeMap<u32, Key>,
    /// Whether the window was on the screen when that was asked last.
    was_mapped: bool,
}

#[derive(Default)]
struct Noted {
    notes: Mutex<PressNotes>,
    has_news: Condvar,
    is_unmapped: AtomicBool,
}

/// What the thread saw. The lock is held for a look only, but for the wait for a press.
#[derive(Default)]
struct PressNotes {
    /// Whether a keycode means nothing in the layout.
    is_spare: Vec<bool>,
    presses: VecDeque<SparePress>,
}

struct SparePress {
    keycode: u32,
    means: Option<char>,
    at: Instant,
}

impl X11Window {
    /// Begins to watch. Whenever the window leaves the screen or comes back, `wake` is called. Fails where the display
    /// can't be asked.
    pub(super) fn watch(window: u32, wake: impl Fn() + Send + 'static) -> anyhow::Result<Self> {
        let (connection, _) = x11rb::connect(None)?;
        let recording = KeyRecording::of(&connection).unwrap_or_else(|err| {
            tracing::debug!("keys are not recorded: {err:#}");
            None
        });
        let connection = Arc::new(connection);
        let mask = EventMask::KEY_PRESS | EventMask::STRUCTURE_NOTIFY;
        let watched = ChangeWindowAttributesAux::new().event_mask(mask);
        connection.change_window_attributes(window, &watched)?.check()?;
        let mut table = SymbolTable::of(&connection)?;
        let noted = Arc::new(Noted::default());
        noted.lock().is_spare = table.spare();
        let is_recorded = recording.is_some();
        if let Some(recording) = recording {
            let writes = noted.clone();
            std::thread::Builder::new().name("helmsight-keys".to_owned()).spawn(move || {
                let mut table = SymbolTable::empty();
                let ended = recording.run(|news| match news {
                    KeyboardNews::Means(key, symbols) => table.set(key, symbols),
                    KeyboardNews::Pressed(press) => writes.note(&table, press),
                });
                // It ends with the display.
                tracing::debug!("the recording of keys ended: {ended:?}");
            })?;
        }
        let writes = noted.clone();
        let asked = connection.clone();
        std::thread::Builder::new().name("helmsight-x11".to_owned()).spawn(move || {
            hurry();
            // It ends with the display.
            while let Ok(event) = connection.wait_for_event() {
                match event {
                    Event::KeyPress(press) if !is_recorded => writes.note(&table, press),
                    Event::UnmapNotify(_) | Event::MapNotify(_) => {
                        let is_unmapped = matches!(event, Event::UnmapNotify(_));
                        writes.is_unmapped.store(is_unmapped, Ordering::Relaxed);
                        wake();
                    }
                    Event::MappingNotify(change) if change.request == Mapping::KEYBOARD => {
                        let (first, count) = (change.first_keycode, change.count);
                        if table.read(&connection, first, count).is_err() {
                            return;
                        }
                        if count > LAYOUT {
                            writes.lock().is_spare = table.spare();
                        }
                    }
                    _ => (),
                }
            }
        })?;
        Ok(Self { noted, connection: asked, window, down: BTreeMap::new(), was_mapped: true })
    }

    /// Asks where the pointer is in the window, in its pixels.
    pub(super) fn pointer(&self) -> Option<PhysicalPosition<f64>> {
        let pointer = self.connection.query_pointer(self.window).ok()?.reply().ok()?;
        Some(PhysicalPosition::new(f64::from(pointer.win_x), f64::from(pointer.win_y)))
    }

    /// Returns whether the window is on the screen, where that has changed since the last call.
    pub(super) fn mapping_news(&mut self) -> Option<bool> {
        let is_mapped = !self.noted.is_unmapped.load(Ordering::Relaxed);
        (std::mem::replace(&mut self.was_mapped, is_mapped) != is_mapped).then_some(is_mapped)
    }

    /// Corrects what the window is told of a key.
    pub(super) fn correct(&mut self, key: &mut KeyEvent) {
        let Some(keycode) = key.physical_key.to_scancode().map(|code| code + X_OFFSET) else {
            return;
        };
        let means = match key.state {
            ElementState::Pressed => self.noted.take(keycode).map(|means| {
                let text = SmolStr::new(means.encode_utf8(&mut [0; 4]));
                key.text = Some(text.clone());
                let means = Key::Character(text);
                self.down.insert(keycode, means.clone());
                means
            }),
            ElementState::Released => self.down.remove(&keycode),
        };
        if let Some(means) = means {
            key.logical_key = means;
            // Its place says nothing: any key that was free would have done.
            key.physical_key = PhysicalKey::Unidentified(NativeKeyCode::Unidentified);
        }
    }
}

/// Asks for this thread to run before others, since on a busy machine a key may mean something else before it has
/// looked. Systems grant it to some users only, and without it the thread works as well as it can.
fn hurry() {
    let granted = setpriority_process(Some(gettid()), PRIORITY);
    if let Err(err) = granted {
        tracing::debug!(%err, "Keys are read at the usual priority");
    }
}

impl Noted {
    fn lock(&self) -> MutexGuard<'_, PressNotes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, table: &SymbolTable, press: KeyPressEvent) {
        let mut notes = self.lock();
        if notes.is_spare.get(usize::from(press.detail)) != Some(&true) {
            return;
        }
        let now = Instant::now();
        notes.presses.retain(|press| now.duration_since(press.at) < FORGOTTEN_AFTER);
        let means = table.meaning(press.detail, press.state);
        notes.presses.push_back(SparePress { keycode: press.detail.into(), means, at: now });
        self.has_news.notify_one();
    }

    /// Takes the oldest press of a key, and waits for it where the thread is late. `None` for a key with a meaning of
    /// its own, and for a press that means no letter.
    fn take(&self, keycode: u32) -> Option<char> {
        let is_it =
            |notes: &PressNotes| notes.presses.iter().position(|press| press.keycode == keycode);
        let notes = self.lock();
        if notes.is_spare.get(keycode as usize) != Some(&true) {
            return None;
        }
        let waited = self.has_news.wait_timeout_while(notes, LIMIT, |notes| is_it(notes).is_none());
        let (mut notes, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let at = is_it(&notes)?;
        notes.presses.drain(..=at).next_back()?.means
    }
}

/// What the keys mean, from the server's table.
struct SymbolTable {
    symbols: Vec<Vec<u32>>,
}

impl SymbolTable {
    fn empty() -> Self {
        Self { symbols: vec![Vec::new(); KEYCODES] }
    }

    fn of(connection: &RustConnection) -> anyhow::Result<Self> {
        let setup = connection.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let mut table = Self::empty();
        table.read(connection, first, last - first + 1)?;
        Ok(table)
    }

    fn read(&mut self, connection: &RustConnection, first: u8, count: u8) -> anyhow::Result<()> {
        let table = connection.get_keyboard_mapping(first, count)?.reply()?;
        let per_key = usize::from(table.keysyms_per_keycode).max(1);
        let keys = self.symbols[usize::from(first)..].iter_mut();
        for (symbols, read) in keys.zip(table.keysyms.chunks(per_key)) {
            read.clone_into(symbols);
        }
        Ok(())
    }

    fn set(&mut self, key: u8, symbols: &[u32]) {
        symbols.clone_into(&mut self.symbols[usize::from(key)]);
    }

    fn spare(&self) -> Vec<bool> {
        self.symbols.iter().map(|symbols| symbols.iter().all(|symbol| *symbol == 0)).collect()
    }

    fn meaning(&self, keycode: u8, state: KeyButMask) -> Option<char> {
        let symbols = &self.symbols[usize::from(keycode)];
        let level = usize::from(state.contains(KeyButMask::SHIFT));
        let symbol = symbols.get(level).filter(|symbol| **symbol != 0).or(symbols.first())?;
        xkeysym::Keysym::new(*symbol).key_char()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(keycode: u8, state: KeyButMask) -> KeyPressEvent {
        KeyPressEvent {
            response_type: 0,
            detail: keycode,
            sequence: 0,
            time: 0,
            root: 0,
            event: 0,
            child: 0,
            root_x: 0,
            root_y: 0,
            event_x: 0,
            event_y: 0,
            state,
            same_screen: true,
        }
    }

    #[test]
    fn a_press_means_what_the_key_meant_when_it_was_pressed() {
        let mut table = SymbolTable::empty();
        table.symbols[38] = vec![0x61, 0x41];
        let noted = Noted::default();
        noted.lock().is_spare = table.spare();
        let none = KeyButMask::default();
        // The letters of “Пa”, as X names them: once in its own table, once by their number.
        for symbols in [vec![0x6f0, 0x6f0], vec![0x0100_0430, 0x0100_0410]] {
            table.symbols[200] = symbols;
            noted.note(&table, press(200, none));
        }
        noted.note(&table, press(200, KeyButMask::SHIFT));
        // A key of the layout is nobody's business.
        noted.note(&table, press(38, none));
        table.symbols[200] = vec![0, 0];
        noted.note(&table, press(200, none));
        let taken = [200, 200, 38, 200, 200].map(|keycode| noted.take(keycode));
        assert_eq!(taken, [Some('П'), Some('а'), None, Some('А'), None]);
    }

    #[test]
    fn a_press_is_waited_for_and_one_that_never_comes_is_not() {
        let table = SymbolTable::empty();
        let noted = Noted::default();
        noted.lock().is_spare = vec![true; KEYCODES];
        assert_eq!(noted.take(9), None);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut table = table;
                table.symbols[9] = vec![0x78];
                noted.note(&table, press(9, KeyButMask::default()));
            });
            let deadline = Instant::now() + Duration::from_secs(10);
            let mut taken = None;
            while taken.is_none() && Instant::now() < deadline {
                taken = noted.take(9);
            }
            assert_eq!(taken, Some('x'));
        });
    }
}
