//! Keeps what documents tell of the pointer, and of the context menus that are asked for in them.

use super::BrowserActor;
use super::shortcuts::viewport;
use crate::host::driver::chromium::place::{ElementInWorld, place};
use crate::host::driver::chromium::pointed::{MENU_ELEMENT, ToldMenu};
use crate::host::driver::chromium::world::BindingCalled;
use crate::model::{ContextMenu, FormRect};

/// A context menu that a key opened, once it is known where its element is.
pub(super) struct PlacedMenu {
    tab_id: String,
    menu: ContextMenu,
    place: Option<FormRect>,
}

impl BrowserActor {
    /// A document tells the pointer's shape and the tooltip.
    pub(super) fn told_of_pointer(&mut self, session: &str, called: &BindingCalled) -> Option<()> {
        let pointer = serde_json::from_str(&called.payload).ok()?;
        self.tabs.by_session(session)?.pointer = Some(pointer);
        Some(())
    }

    /// A document tells that a context menu is asked for and that its page opens none.
    pub(super) fn told_of_menu(&mut self, session: &str, called: &BindingCalled) -> Option<()> {
        let told: ToldMenu = serde_json::from_str(&called.payload).ok()?;
        self.menus += 1;
        let by_key = told.by_key;
        let mut menu = told.menu(self.menus);
        let tab = self.tabs.by_session(session)?;
        let tab_id = tab.id.clone();
        if !by_key {
            let at = tab.held.at();
            menu.rect = FormRect { x: at.x, y: at.y, ..FormRect::default() };
            self.show_menu(&tab_id, menu);
            return Some(());
        }
        let owners = tab.frames_around(session);
        let element = ElementInWorld {
            session: session.to_owned(),
            context: called.context,
            expression: MENU_ELEMENT.to_owned(),
        };
        let placing = place(self.parts.client.clone(), element, owners);
        self.menu_placings
            .push_back(Box::pin(async move { PlacedMenu { tab_id, menu, place: placing.await } }));
        Some(())
    }

    /// It is known where the element of a context menu is, or can't be.
    pub(super) fn on_menu_placed(&mut self, placed: PlacedMenu) {
        let PlacedMenu { tab_id, mut menu, place } = placed;
        menu.rect = place.unwrap_or_default();
        self.show_menu(&tab_id, menu);
    }

    fn show_menu(&mut self, tab_id: &str, mut menu: ContextMenu) {
        let size = self.parts.size;
        if let Some(tab) = self.tabs.by_id(tab_id) {
            menu.page = viewport(size, tab);
            tab.context_menu = Some(menu);
        }
    }
}
