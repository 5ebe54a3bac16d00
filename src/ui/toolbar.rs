//! Shows the bar above the picture, with back, forward, reload, the address, keep-alive, the panels and the menu.

use std::time::Duration;

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{
    Align, Context, Id, Key, Layout, Margin, RichText, Role, TextEdit, Ui, WidgetInfo, vec2,
};
use strum::IntoEnumIterator as _;

use super::action::Action;
use super::clock::Clock;
use super::command::{Command, Group};
use super::format;
use super::panel_io::PanelIo;
use super::state::{AppState, OpenSession, SessionKey};
use super::theme::Colors;
use super::widgets::{badge, command_button, command_text_button, command_toggle};
use crate::base::text::one_line;
use crate::model::{KeepAlive, PageControl};

/// The countdown warns when less than this time is left.
const SOON: Duration = Duration::from_secs(30);

/// The menu is this many points wide, so that the keys stand in a column of their own, away from the names.
const MENU_WIDTH: f32 = 230.0;
/// Where fewer points are left, the address has them all, and only the menu has "Keep alive".
const ROOM_FOR_LIFETIME: f32 = 420.0;
/// The size of a page that nobody zoomed, in percent.
const OWN_SIZE: u32 = 100;
/// Addresses are cut to this many characters, because laying them out anew costs every pass.
const MAX_ADDRESS: usize = 20_000;

/// What the address bar keeps from pass to pass.
#[derive(Debug, Default)]
pub struct AddressState {
    /// The address that is typed, with its session, until it is sent or given up. `None` shows where the session is.
    typed: Option<(SessionKey, String)>,
    wants_focus: bool,
}

impl AddressState {
    /// Gives the address field the focus in the next pass.
    pub fn focus(&mut self) {
        self.wants_focus = true;
    }

    /// Tells whether the address field has the focus, or gets it in this pass.
    pub fn is_in_use(&self, ctx: &Context) -> bool {
        self.wants_focus || ctx.memory(|memory| memory.has_focus(address_id()))
    }
}

/// Tells the toggles which panels are open.
#[derive(Clone, Copy, Debug)]
pub struct OpenPanels {
    /// Whether the list of sessions is open.
    pub sessions: bool,
    /// Whether the log is open.
    pub log: bool,
    /// Whether the wall is shown in place of one session.
    pub wall: bool,
}

/// Shows the bar.
pub fn toolbar_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    address: &mut AddressState,
    panels: OpenPanels,
) {
    ui.horizontal(|ui| {
        toggle(ui, io, Command::ToggleSessions, panels.sessions);
        toggle(ui, io, Command::ToggleWall, panels.wall);
        // On the wall the bar says nothing of one session that its tile does not show.
        let open = io.state.active().filter(|_| !panels.wall);
        let has_history =
            |open: &&OpenSession| open.view.capabilities.navigation && !open.lacks_history();
        if let Some(open) = open.filter(has_history) {
            history_ui(ui, io, open);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            menu_ui(ui, io);
            inbox_ui(ui, io);
            let Some(open) = open else { return };
            toggle(ui, io, Command::ToggleLog, panels.log);
            if ui.available_width() > ROOM_FOR_LIFETIME {
                lifetime_ui(ui, io, open);
            }
            zoom_ui(ui, io, open);
            if open.view.capabilities.navigation {
                address_ui(ui, io, open, address);
            }
        });
    });
}

/// Returns the id of the address field.
fn address_id() -> Id {
    Id::unique("address")
}

/// Shows how much needs somebody, where anything does.
fn inbox_ui(ui: &mut Ui, io: &mut PanelIo<'_>) {
    let count = io.state.calling().count();
    if count == 0 {
        return;
    }
    let button = command_button(ui, Command::ShowInbox, true, io.bindings);
    let label = format!("What needs you: {count}");
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    badge(ui, button.rect.right_top() + vec2(-6.0, 8.0), count);
    if button.clicked() {
        io.run(Command::ShowInbox);
    }
}

fn history_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession) {
    button(ui, io, Command::Back);
    button(ui, io, Command::Forward);
    let reload = if open.view.page.loading { Command::Stop } else { Command::Reload };
    button(ui, io, reload);
}

fn address_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession, address: &mut AddressState) {
    let id = address_id();
    let mut text = address
        .typed
        .as_ref()
        .filter(|(key, _)| *key == open.key)
        .map(|(_, typed)| typed.clone())
        .unwrap_or_else(|| one_line(&open.view.page.url, MAX_ADDRESS));
    let edit = TextEdit::singleline(&mut text)
        .id(id)
        .hint_text("Address")
        .desired_width(ui.available_width())
        .margin(Margin::symmetric(8, 5));
    let response = ui.add(edit);
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_label("Address");
    });
    if std::mem::take(&mut address.wants_focus) {
        response.request_focus();
        select_all(ui, id, text.chars().count());
    }
    if response.changed() {
        address.typed = Some((open.key.clone(), text.clone()));
    }
    if !response.lost_focus() {
        return;
    }
    let (entered, escaped) = ui.input(|i| (i.key_pressed(Key::Enter), i.key_pressed(Key::Escape)));
    if entered && !text.trim().is_empty() {
        io.send(PageControl::Navigate { url: text.trim().to_owned() });
        // An address that can't be sent now is kept for later. The user is told so.
        let is_away = open.why_away().is_some();
        address.typed = is_away.then(|| (open.key.clone(), text));
    } else if escaped {
        address.typed = None;
    }
}

/// Shows how large the page is shown where that is not its own size, and gives it that back.
fn zoom_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession) {
    let zoom = open.view.page.zoom;
    if zoom == 0 || zoom == OWN_SIZE || open.condition.is_away() {
        return;
    }
    let button = ui.button(format!("{zoom} %"));
    let button = button.on_hover_text("The page is not shown at its own size. Click to show it so");
    if button.clicked() {
        io.send(PageControl::Zoom { percent: OWN_SIZE });
    }
}

/// Selects all of a field's text, so that what is typed takes its place.
pub(super) fn select_all(ui: &Ui, id: Id, chars: usize) {
    let mut state = TextEditState::load(ui.ctx(), id).unwrap_or_default();
    let all = CCursorRange::two(CCursor::new(0), CCursor::new(chars));
    state.cursor.set_char_range(Some(all));
    state.store(ui.ctx(), id);
}

/// Shows "Ends in 04:12" and the switch that keeps the session from ending while idle.
fn lifetime_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession) {
    if !open.has_lifetime() {
        return;
    }
    let left = time_left(io.state, open);
    let colors = Colors::of(ui.ctx());
    let keeping = open.view.keep_alive;
    let mut on = matches!(keeping, KeepAlive::On { .. });
    let hover = match keeping {
        KeepAlive::Off => "Keep the session from its idle end while this window watches".to_owned(),
        KeepAlive::On { period } => {
            format!("A sign of life every {} while this window watches", format::age(period))
        }
        KeepAlive::Paused => {
            "Paused, because it went on for a long time. Switch it on to go on".to_owned()
        }
    };
    let chord = io.bindings.chord_of(Command::ToggleKeepAlive);
    let chord = chord.map(|chord| format!(" ({chord})")).unwrap_or_default();
    if ui.checkbox(&mut on, "Keep alive").on_hover_text(hover + &chord).changed() {
        io.act(Action::SetKeepAlive(on));
    }
    if let Some(left) = left {
        let color = if left < SOON { colors.stalled } else { colors.weak };
        let text = ends_text(left, io.state.clock());
        ui.label(RichText::new(text).monospace().color(color))
            .on_hover_text("When the session ends by itself, unless something happens in it");
    }
}

/// Returns "Ends in 04:12", or "Ends at 07:12" where times stand still.
fn ends_text(left: Duration, clock: Clock<'_>) -> String {
    match clock.counts_down(left) {
        true => format!("Ends in {}", format::countdown(left)),
        false => format!("Ends at {}", clock.minute(clock.wall + left)),
    }
}

/// Returns the time until the session ends by itself.
pub fn time_left(state: &AppState<'_>, open: &OpenSession) -> Option<Duration> {
    let ends_at = open.view.lifetime.ends_at();
    let ends_at = ends_at.filter(|_| !open.condition.is_away())?;
    Some(Duration::try_from(ends_at.duration_since(state.wall)).unwrap_or_default())
}

/// Shows every command by group, so that nothing is behind a key only.
fn menu_ui(ui: &mut Ui, io: &mut PanelIo<'_>) {
    let menu = ui.menu_button("Menu", |ui| {
        for group in Group::iter() {
            ui.menu_button(group.title(), |ui| group_ui(ui, io, group));
        }
    });
    menu.response.on_hover_text("All commands");
}

fn group_ui(ui: &mut Ui, io: &mut PanelIo<'_>, group: Group) {
    ui.set_min_width(MENU_WIDTH);
    for command in Command::all().filter(|command| command.row().group == group) {
        let enabled = command.applies(io.state);
        // Rows for sessions that are not there would say nothing.
        if command.session_index().is_some() && !enabled {
            continue;
        }
        if command_text_button(ui, command, enabled, io.bindings).clicked() {
            io.run(command);
            ui.close();
        }
    }
}

fn button(ui: &mut Ui, io: &mut PanelIo<'_>, command: Command) {
    let why_not = command.why_not(io.state);
    let button = command_button(ui, command, why_not.is_none(), io.bindings);
    if button.on_disabled_hover_text(why_not.unwrap_or_default()).clicked() {
        io.run(command);
    }
}

fn toggle(ui: &mut Ui, io: &mut PanelIo<'_>, command: Command, on: bool) {
    if command_toggle(ui, command, on, io.bindings).clicked() {
        io.run(command);
    }
}
