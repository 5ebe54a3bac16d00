//! Escape leads back to the wall, unless something else wants it.

use egui::{Context, Event, Key, Popup, RawInput};

use crate::ui::binding::KeyContext;
use crate::ui::picture::picture_id;

/// Takes Escape out of the pressed keys where only the wall can use it. `asks` is true while the page asks something.
pub(super) fn take_escape(ctx: &Context, raw: &mut RawInput, keys: KeyContext, asks: bool) -> bool {
    let is_free = !keys.control && !keys.typing && !keys.modal;
    let in_hand = ctx.dragged_id().is_some() || Popup::is_any_open(ctx);
    let focused = ctx.memory(|memory| memory.focused());
    if !is_free || in_hand || asks || focused.is_some_and(|id| id != picture_id()) {
        return false;
    }
    let is_escape = |event: &Event| matches!(event, Event::Key { key: Key::Escape, pressed: true, modifiers, .. } if modifiers.is_none());
    let at = raw.events.iter().position(is_escape);
    at.map(|at| raw.events.remove(at)).is_some()
}
