//! Puts what is copied into the system's clipboard, on a thread of its own: whoever has the clipboard may be slow.
//!
//! Reading it is the app's business, because that may take long and has to be told.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use arboard::{Clipboard, ImageData};
use egui::{Context, FullOutput, OutputCommand};

/// More than so many copies that wait are copied by nobody with their hands.
const MAX_WAITING: usize = 8;
/// At the end, another program may take over what was copied last. It is not waited for any longer than this.
const HANDOVER: Duration = Duration::from_secs(1);

/// Takes the commands that copy out of what egui asks of the shell.
pub(super) struct Copying {
    waiting: Option<SyncSender<OutputCommand>>,
    thread: Option<JoinHandle<()>>,
}

impl Copying {
    /// Starts the thread. Where the system gives none, nothing can be copied.
    pub(super) fn start() -> Self {
        let (waiting, copied) = sync_channel(MAX_WAITING);
        let thread = std::thread::Builder::new().name("helmsight-copy".to_owned());
        let thread = thread.spawn(move || copy_all(&copied));
        Self { waiting: Some(waiting), thread: thread.ok() }
    }

    fn end(&mut self) {
        self.waiting = None;
        let Some(thread) = self.thread.take() else { return };
        let deadline = Instant::now() + HANDOVER;
        while !thread.is_finished() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl egui::Plugin for Copying {
    fn debug_name(&self) -> &'static str {
        "copying"
    }

    fn on_exit(&mut self, _: &Context) {
        self.end();
    }

    fn output_hook(&mut self, _: &Context, output: &mut FullOutput) {
        let copies = |command: &mut OutputCommand| !matches!(command, OutputCommand::OpenUrl(_));
        for command in output.platform_output.commands.extract_if(.., copies) {
            let waiting = self.waiting.as_ref().map(|waiting| waiting.try_send(command));
            if !matches!(waiting, Some(Ok(()))) {
                tracing::warn!("the clipboard takes nothing, so a copy was dropped");
            }
        }
    }
}

fn copy_all(copied: &Receiver<OutputCommand>) {
    // As long as it lives, other programs can read from it what was copied.
    let mut clipboard = None;
    for command in copied {
        if clipboard.is_none() {
            clipboard = Clipboard::new().inspect_err(tell).ok();
        }
        if let Some(clipboard) = &mut clipboard {
            copy(clipboard, command).unwrap_or_else(|err| tell(&err));
        }
    }
}

fn copy(clipboard: &mut Clipboard, command: OutputCommand) -> Result<(), arboard::Error> {
    match command {
        OutputCommand::CopyText(text) => clipboard.set_text(text),
        OutputCommand::CopyImage(image) => {
            let [width, height] = image.size;
            let bytes = image.pixels.iter().flat_map(|pixel| pixel.to_srgba_unmultiplied());
            clipboard.set_image(ImageData { width, height, bytes: bytes.collect() })
        }
        OutputCommand::TextSelectionSettled(text) => select(clipboard, text),
        OutputCommand::OpenUrl(_) => Ok(()),
    }
}

/// Puts selected text where a click with the middle button finds it.
#[cfg(target_os = "linux")]
fn select(clipboard: &mut Clipboard, text: String) -> Result<(), arboard::Error> {
    use arboard::SetExtLinux as _;
    clipboard.set().clipboard(arboard::LinuxClipboardKind::Primary).text(text)
}

#[cfg(not(target_os = "linux"))]
fn select(_: &mut Clipboard, _: String) -> Result<(), arboard::Error> {
    Ok(())
}

fn tell(err: &arboard::Error) {
    tracing::warn!("could not copy: {err}");
}
