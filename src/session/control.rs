//! Queues control between the window and a backend's writer, in order and bounded.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::held::HeldControls;
use crate::model::{Control, InputControl, PeopleControl};

/// Number of controls that may wait. Releases of held keys and buttons come on top.
const CAPACITY: usize = 64;

/// Fate of a pushed control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The control waits in the queue.
    Queued,
    /// The control was merged with the one before it, which nobody had taken yet.
    Coalesced,
    /// The control was refused, because the session takes control slower than it comes.
    Full,
}

/// Returns both ends of a new queue.
pub fn queue() -> (ControlSender, ControlReceiver) {
    let shared = Arc::new(Shared::default());
    (ControlSender { shared: shared.clone() }, ControlReceiver { shared })
}

/// The window's end of a control queue. It never blocks.
#[derive(Clone, Debug)]
pub struct ControlSender {
    shared: Arc<Shared>,
}

/// The backend's end of a control queue.
#[derive(Debug)]
pub struct ControlReceiver {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<ControlQueue>,
    ready: Notify,
}

#[derive(Debug, Default)]
struct ControlQueue {
    waiting: VecDeque<Control>,
    /// Keys and buttons that queued controls press and do not release, whether they were taken or not.
    held: HeldControls,
}

impl ControlSender {
    /// Queues a control. Moves and wheels merge with one directly before them; a release of something that is down is
    /// never refused.
    pub fn push(&self, control: impl Into<Control>) -> Pushed {
        let pushed = self.shared.lock().push(control.into());
        if pushed == Pushed::Queued {
            self.shared.ready.notify_one();
        }
        pushed
    }
}

impl ControlReceiver {
    /// Waits for the next control. The call is cancel-safe, and pends for ever once the window's end is gone.
    pub async fn recv(&self) -> Control {
        loop {
            if let Some(control) = self.try_recv() {
                return control;
            }
            self.shared.ready.notified().await;
        }
    }

    /// Returns the next control, if one waits.
    pub fn try_recv(&self) -> Option<Control> {
        self.shared.lock().waiting.pop_front()
    }

    /// Drops input that was meant for a picture from before a break: presses, moves, wheels and text. Releases and
    /// commands stay.
    pub fn drop_stale_input(&self) {
        self.shared.lock().waiting.retain(|control| control.is_release() || !control.is_input());
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, ControlQueue> {
        // A poisoned lock is taken, because a panic while it is held cannot leave the queue half-written.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ControlQueue {
    fn push(&mut self, control: Control) -> Pushed {
        if self.waiting.back_mut().is_some_and(|last| merge(last, &control)) {
            return Pushed::Coalesced;
        }
        let has_room = self.waiting.len() < CAPACITY && self.held.has_room_for(&control);
        if !has_room && !self.held.is_lifted_by(&control) {
            return Pushed::Full;
        }
        self.held.note(&control);
        self.waiting.push_back(control);
        Pushed::Queued
    }
}

/// Merges `new` into `last` where the effect on the session is the same. Returns whether it did.
fn merge(last: &mut Control, new: &Control) -> bool {
    match (last, new) {
        (Control::Input(last), Control::Input(new)) => merge_input(last, new),
        (
            Control::People(PeopleControl::Point { at: last }),
            Control::People(PeopleControl::Point { at: new }),
        ) => {
            *last = *new;
            true
        }
        _ => false,
    }
}

fn merge_input(last: &mut InputControl, new: &InputControl) -> bool {
    match (last, new) {
        (InputControl::PointerMove(last), InputControl::PointerMove(new)) => {
            last.clone_from(new);
            true
        }
        (
            InputControl::Wheel { at: last, dx, dy },
            InputControl::Wheel { at: new, dx: more_x, dy: more_y },
        ) if (last.point(), last.modifiers) == (new.point(), new.modifiers) => {
            *dx += more_x;
            *dy += more_y;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{KeyInput, MouseButton, PageControl, PointerAt};

    fn at(x: f32) -> PointerAt {
        PointerAt { x, width: 100, height: 100, ..PointerAt::default() }
    }

    fn moved(x: f32) -> Control {
        InputControl::PointerMove(at(x)).into()
    }

    fn wheel(dy: f32, x: f32) -> Control {
        InputControl::Wheel { at: at(x), dx: 0.0, dy }.into()
    }

    fn press() -> Control {
        InputControl::PointerDown { at: at(0.0), button: MouseButton::Left, clicks: 1 }.into()
    }

    fn lift() -> Control {
        InputControl::PointerUp { at: at(0.0), button: MouseButton::Left, clicks: 1 }.into()
    }

    fn text(text: &str) -> Control {
        InputControl::Text { text: text.to_owned() }.into()
    }

    fn key(down: bool, name: &str) -> Control {
        let key = KeyInput { key: name.to_owned(), ..KeyInput::default() };
        if down { InputControl::KeyDown(key).into() } else { InputControl::KeyUp(key).into() }
    }

    fn drain(receiver: &ControlReceiver) -> Vec<Control> {
        std::iter::from_fn(|| receiver.try_recv()).collect()
    }

    #[test]
    fn moves_merge_but_never_across_a_button_or_a_key() {
        let (sender, receiver) = queue();
        assert_eq!(sender.push(moved(1.0)), Pushed::Queued);
        assert_eq!(sender.push(moved(2.0)), Pushed::Coalesced);
        assert_eq!(sender.push(press()), Pushed::Queued);
        assert_eq!(sender.push(moved(3.0)), Pushed::Queued);
        assert_eq!(sender.push(moved(4.0)), Pushed::Coalesced);
        assert_eq!(sender.push(key(true, "Shift")), Pushed::Queued);
        assert_eq!(sender.push(moved(5.0)), Pushed::Queued);
        assert_eq!(sender.push(lift()), Pushed::Queued);
        let expected = [moved(2.0), press(), moved(4.0), key(true, "Shift"), moved(5.0), lift()];
        assert_eq!(drain(&receiver), expected);
        assert_eq!(sender.push(moved(6.0)), Pushed::Queued, "the one before was taken");
    }

    #[test]
    fn wheels_sum_at_one_place_with_the_same_modifiers() {
        let (sender, receiver) = queue();
        let mut with_ctrl = wheel(1.0, 1.0);
        if let Control::Input(InputControl::Wheel { at, .. }) = &mut with_ctrl {
            at.modifiers.ctrl = true;
        }
        assert_eq!(sender.push(wheel(10.0, 1.0)), Pushed::Queued);
        assert_eq!(sender.push(wheel(-4.0, 1.0)), Pushed::Coalesced);
        assert_eq!(sender.push(wheel(1.0, 2.0)), Pushed::Queued);
        assert_eq!(sender.push(wheel(1.0, 1.0)), Pushed::Queued);
        assert_eq!(sender.push(with_ctrl.clone()), Pushed::Queued);
        assert_eq!(
            drain(&receiver),
            [wheel(6.0, 1.0), wheel(1.0, 2.0), wheel(1.0, 1.0), with_ctrl]
        );
    }

    #[test]
    fn a_full_queue_refuses_presses_and_takes_the_releases_of_what_is_down() {
        let (sender, receiver) = queue();
        assert_eq!(sender.push(key(true, "a")), Pushed::Queued);
        assert_eq!(sender.push(press()), Pushed::Queued);
        while sender.push(PageControl::Back) == Pushed::Queued {}
        for refused in [
            key(true, "b"),
            press(),
            moved(1.0),
            wheel(1.0, 1.0),
            text("x"),
            PageControl::Back.into(),
        ] {
            assert_eq!(sender.push(refused.clone()), Pushed::Full, "{refused:?}");
        }
        assert_eq!(sender.push(key(false, "b")), Pushed::Full, "it was never pressed");
        assert_eq!(sender.push(key(false, "a")), Pushed::Queued);
        assert_eq!(sender.push(lift()), Pushed::Queued);
        assert_eq!(sender.push(key(false, "a")), Pushed::Full, "it was released already");
        assert_eq!(drain(&receiver).len(), CAPACITY + 2);
    }

    #[test]
    fn a_release_is_taken_long_after_its_press_left_the_queue() {
        let (sender, receiver) = queue();
        sender.push(key(true, "a"));
        assert_eq!(drain(&receiver).len(), 1);
        while sender.push(PageControl::Back) == Pushed::Queued {}
        assert_eq!(sender.push(key(false, "a")), Pushed::Queued);
    }

    #[test]
    fn what_is_held_is_bounded_too() {
        let (sender, receiver) = queue();
        let taken = (0..10_000).take_while(|n| {
            let pushed = sender.push(key(true, &n.to_string()));
            drain(&receiver);
            pushed == Pushed::Queued
        });
        assert!(taken.count() < 1_000);
    }

    #[test]
    fn a_reconnect_drops_input_but_keeps_releases_and_commands() {
        let (sender, receiver) = queue();
        let navigate = Control::from(PageControl::Navigate { url: "https://a.test".to_owned() });
        for control in [
            press(),
            moved(1.0),
            lift(),
            text("x"),
            navigate.clone(),
            wheel(1.0, 1.0),
            key(true, "a"),
            key(false, "a"),
        ] {
            sender.push(control);
        }
        receiver.drop_stale_input();
        assert_eq!(drain(&receiver), [lift(), navigate, key(false, "a")]);
    }

    #[tokio::test]
    async fn a_waiting_reader_is_woken_and_a_cancelled_wait_loses_nothing() {
        let (sender, receiver) = queue();
        {
            let wait = receiver.recv();
            tokio::pin!(wait);
            assert!(futures_util::poll!(wait.as_mut()).is_pending());
            sender.push(PageControl::Back);
            sender.push(PageControl::Reload);
            // The future is dropped here without being polled again.
        }
        assert_eq!(receiver.recv().await, PageControl::Back.into());
        let (got, _) =
            tokio::join!(async { (receiver.recv().await, receiver.recv().await) }, async {
                sender.push(PageControl::Stop)
            });
        assert_eq!(got, (PageControl::Reload.into(), PageControl::Stop.into()));
    }
}
