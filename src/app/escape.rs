//! Escape leads back from full screen, then to the wall, unless something else wants it.

use egui::{Context, Event, Id, Key, Popup, RawInput};

use crate::ui::binding::KeyContext;

/// Takes Escape out of the pressed keys where nothing lies over what it leads back from. `asks` is true while the page
/// asks something or a panel lies over the picture. What shows the session, `shown`, does nothing with the key by itself.
pub(super) fn take_escape(
    ctx: &Context,
    raw: &mut RawInput,
    keys: KeyContext,
    asks: bool,
    shown: Id,
) -> bool {
    let is_free = !keys.control && !keys.typing && !keys.modal;
    let in_hand = ctx.dragged_id().is_some() || Popup::is_any_open(ctx);
    let focused = ctx.memory(|memory| memory.focused());
    if !is_free || in_hand || asks || focused.is_some_and(|id| id != shown) {
        return false;
    }
    let is_escape = |event: &Event| matches!(event, Event::Key { key: Key::Escape, pressed: true, modifiers, .. } if modifiers.is_none());
    let at = raw.events.iter().position(is_escape);
    at.map(|at| raw.events.remove(at)).is_some()
}
