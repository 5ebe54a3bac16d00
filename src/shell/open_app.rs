//! Holds the app of the open window where the end of the process finds it.
//!
//! When an X server goes away, its library ends the process at once, in the middle of whatever the shell asked of it.
//! Nothing on the stack is dropped then, but what belongs to the thread is: there the app's last will is kept.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use egui::{Context, Key, RawInput, Ui, ViewportId};

use super::{Viewport, WindowApp};

/// The app of the open window. It is closed once, by whoever comes first.
pub(super) struct OpenApp<A>(Rc<Slot<A>>);

struct Slot<A> {
    app: RefCell<A>,
    is_closed: Cell<bool>,
}

impl<A> Clone for OpenApp<A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<A: WindowApp + 'static> OpenApp<A> {
    /// Opens `app`. Should the process be ended by a library, it is closed first, and then `settle` awaits what goes on
    /// in the background.
    pub(super) fn new(app: A, settle: Rc<dyn Fn()>) -> Self {
        let slot = Slot { app: RefCell::new(app), is_closed: Cell::new(false) };
        let open = Self(Rc::new(slot));
        let last = open.clone();
        LAST_WILL.set(Some(LastWill::of(move || {
            last.close_late();
            settle();
        })));
        open
    }

    /// Closes the app, unless it is closed.
    pub(super) fn close_once(&self) {
        if !self.0.is_closed.replace(true) {
            LastWill::revoke();
            self.ask(A::close);
        }
    }

    fn close_late(&self) {
        // The library was asked something from within a pass, if the app is in use.
        if let Ok(mut app) = self.0.app.try_borrow_mut()
            && !self.0.is_closed.replace(true)
        {
            app.close();
        }
    }

    fn ask<R>(&self, ask: impl FnOnce(&mut A) -> R) -> R {
        ask(&mut self.0.app.borrow_mut())
    }
}

impl<A: WindowApp + 'static> WindowApp for OpenApp<A> {
    fn note_press(&mut self, key: Key, on_keypad: bool) {
        self.ask(|app| app.note_press(key, on_keypad));
    }

    fn note_mapped(&mut self, is_mapped: bool) {
        self.ask(|app| app.note_mapped(is_mapped));
    }

    fn raw_input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        self.ask(|app| app.raw_input_hook(ctx, input));
    }

    fn logic(&mut self, ctx: &Context, last_pass: Option<Duration>) {
        self.ask(|app| app.logic(ctx, last_pass));
    }

    fn ui(&mut self, ui: &mut Ui) {
        self.ask(|app| app.ui(ui));
    }

    fn viewports(&self) -> Vec<Viewport> {
        self.0.app.borrow().viewports()
    }

    fn viewport_ui(&mut self, ui: &mut Ui, viewport: ViewportId) {
        self.ask(|app| app.viewport_ui(ui, viewport));
    }

    fn save(&mut self) {
        self.ask(A::save);
    }

    fn close(&mut self) {
        self.close_once();
    }
}

thread_local! {
    static LAST_WILL: RefCell<Option<LastWill>> = const { RefCell::new(None) };
}

/// What is still done when the thread's own values are dropped.
struct LastWill(Option<Box<dyn FnOnce()>>);

impl LastWill {
    fn of(act: impl FnOnce() + 'static) -> Self {
        Self(Some(Box::new(act)))
    }

    fn revoke() {
        if let Some(mut will) = LAST_WILL.take() {
            will.0 = None;
        }
    }
}

impl Drop for LastWill {
    fn drop(&mut self) {
        let Some(act) = self.0.take() else { return };
        // Other values of the thread may be gone already, and a panic must not keep the process from its end.
        let code = i32::from(catch_unwind(AssertUnwindSafe(act)).is_err());
        std::process::exit(code);
    }
}
