//! Hears when an X server has lost what was in a window, on a connection and a thread of its own: winit takes its wish
//! for a redraw and that of the program for one and the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use winit::raw_window_handle::{HasWindowHandle, RawWindowHandle};
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ChangeWindowAttributesAux, ConnectionExt as _, EventMask};

/// Whether a window has to be shown as a whole. Other systems than X keep what was shown.
#[derive(Default)]
pub(super) struct Exposure(Arc<AtomicBool>);

impl Exposure {
    /// Begins to listen. Whenever something is lost, `wake` is called. Where the display can't be asked, nothing is heard.
    pub(super) fn watch(window: &impl HasWindowHandle, wake: impl Fn() + Send + 'static) -> Self {
        let id = match window.window_handle().map(|handle| handle.as_raw()) {
            Ok(RawWindowHandle::Xlib(handle)) => u32::try_from(handle.window).ok(),
            Ok(RawWindowHandle::Xcb(handle)) => Some(handle.window.get()),
            _ => None,
        };
        let exposure = Self::default();
        if let Some(Err(err)) = id.map(|id| exposure.listen(id, wake)) {
            tracing::warn!("the window can't be watched: {err:#}");
        }
        exposure
    }

    /// Tells whether something was lost since the last call.
    pub(super) fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }

    fn listen(&self, window: u32, wake: impl Fn() + Send + 'static) -> anyhow::Result<()> {
        let (connection, _) = x11rb::connect(None)?;
        let mask = EventMask::EXPOSURE | EventMask::STRUCTURE_NOTIFY;
        let watched = ChangeWindowAttributesAux::new().event_mask(mask);
        connection.change_window_attributes(window, &watched)?.check()?;
        let is_exposed = self.0.clone();
        std::thread::Builder::new().name("helmsight-expose".to_owned()).spawn(move || {
            while let Ok(event) = connection.wait_for_event() {
                match event {
                    Event::Expose(expose) if expose.count == 0 => {
                        is_exposed.store(true, Ordering::Relaxed);
                        wake();
                    }
                    Event::DestroyNotify(_) => return,
                    _ => (),
                }
            }
        })?;
        Ok(())
    }
}
