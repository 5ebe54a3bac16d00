//! Looks at what a window is told before its shell is: keys, and where files are dragged.

use std::cell::RefCell;

use eframe::UserEvent;
use winit::application::ApplicationHandler;
use winit::event::{DeviceEvent, DeviceId, StartCause, WindowEvent};
use winit::event_loop::ActiveEventLoop;
use winit::window::WindowId;

use super::WindowApp;
use super::keys::WindowKeys;
use super::open_app::OpenApp;

/// The open window's app, and the keys of the window.
pub(super) struct Opened<A> {
    pub(super) app: OpenApp<A>,
    pub(super) keys: WindowKeys,
}

/// Passes everything on to a shell's own window, and looks at the keys on their way.
pub(super) struct WatchedWindow<'a, W, A> {
    window: W,
    opened: &'a RefCell<Option<Opened<A>>>,
    /// The window over which another program drags files.
    dragged_over: Option<WindowId>,
}

impl<'a, W: ApplicationHandler<UserEvent>, A: WindowApp + 'static> WatchedWindow<'a, W, A> {
    pub(super) fn new(window: W, opened: &'a RefCell<Option<Opened<A>>>) -> Self {
        Self { window, opened, dragged_over: None }
    }

    /// Tells where the pointer is while files are dragged over the window: winit tells of the files and of no place.
    fn tell_pointer(&mut self, event_loop: &ActiveEventLoop, window: WindowId) {
        let opened = self.opened.borrow();
        let position = opened.as_ref().and_then(|opened| opened.keys.pointer());
        drop(opened);
        if let Some(position) = position {
            let device_id = DeviceId::dummy();
            let moved = WindowEvent::CursorMoved { device_id, position };
            self.window.window_event(event_loop, window, moved);
        }
    }
}

impl<W: ApplicationHandler<UserEvent>, A: WindowApp + 'static> ApplicationHandler<UserEvent>
    for WatchedWindow<'_, W, A>
{
    fn new_events(&mut self, event_loop: &ActiveEventLoop, cause: StartCause) {
        if let Some(Opened { app, keys }) = &mut *self.opened.borrow_mut()
            && let Some(is_mapped) = keys.mapping_news()
        {
            app.note_mapped(is_mapped);
        }
        if let Some(window) = self.dragged_over {
            self.tell_pointer(event_loop, window);
        }
        self.window.new_events(event_loop, cause);
    }

    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        self.window.resumed(event_loop);
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, event: UserEvent) {
        self.window.user_event(event_loop, event);
    }

    fn window_event(
        &mut self,
        event_loop: &ActiveEventLoop,
        window: WindowId,
        mut event: WindowEvent,
    ) {
        if let WindowEvent::KeyboardInput { event: key, is_synthetic: false, .. } = &mut event
            && let Some(Opened { app, keys }) = &mut *self.opened.borrow_mut()
            && let Some((place, on_keypad)) = keys.read(key)
        {
            app.note_press(place, on_keypad);
        }
        match &event {
            WindowEvent::HoveredFile(_) => self.dragged_over = Some(window),
            WindowEvent::HoveredFileCancelled => self.dragged_over = None,
            WindowEvent::DroppedFile(_) => {
                self.dragged_over = None;
                self.tell_pointer(event_loop, window);
            }
            _ => (),
        }
        self.window.window_event(event_loop, window, event);
    }

    fn device_event(&mut self, event_loop: &ActiveEventLoop, device: DeviceId, event: DeviceEvent) {
        self.window.device_event(event_loop, device, event);
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        self.window.about_to_wait(event_loop);
    }

    fn suspended(&mut self, event_loop: &ActiveEventLoop) {
        self.window.suspended(event_loop);
    }

    fn exiting(&mut self, event_loop: &ActiveEventLoop) {
        self.window.exiting(event_loop);
    }

    fn memory_warning(&mut self, event_loop: &ActiveEventLoop) {
        self.window.memory_warning(event_loop);
    }
}
