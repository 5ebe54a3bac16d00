//! Divides the window, and holds what its parts remember from pass to pass.

use std::collections::BTreeMap;

use egui::{
    Area, CentralPanel, Frame, Id, Key, Margin, Modifiers, Order, Panel, Popup, Rect, Ui, vec2,
};
use jiff::tz::TimeZone;

use super::action::{Action, NewSession};
use super::binding::Bindings;
use super::downloads::{DownloadsState, downloads_ui};
use super::find_bar::{FindBarState, find_bar_ui};
use super::form_control::{FormControlState, FormControlUse, form_control_ui};
use super::full_screen::{FullScreenState, edge_strip_ui, leave_strip_ui};
use super::help::{HelpState, help_ui};
use super::layout::{
    self, ICONS_WIDTH, LayoutWish, NAMES_WIDTH, PANEL_HEIGHT, PANEL_MIN, PANEL_WIDTH, PICTURE_MIN,
    PanelSide, WindowLayout,
};
use super::log::LogChoices;
use super::modal::{Modal, modal_ui};
use super::notices::{NoticesState, notices_ui};
use super::page_dialog::{PageDialogState, page_dialog_ui};
use super::page_menu::{PageMenuState, page_menu_ui};
use super::palette::{PaletteEntry, PaletteState, palette_ui};
use super::panel_io::PanelIo;
use super::people::calls_ui;
use super::picture::{
    Mend, PictureMode, PictureProps, PictureUiState, STRIP_HEIGHT, picture_strip_ui, picture_ui,
};
use super::sessions::{CHANGE_KEY, EDIT_CAMERA, sessions_ui};
use super::settings_sheet::{SettingsSheet, settings_ui};
use super::side::{SideUi, side_ui};
use super::start::{StartState, start_ui};
use super::state::{AppState, OpenSession, SessionKey};
use super::successor::successor;
use super::tabs::tabs_ui;
use super::theme::Colors;
use super::toolbar::{AddressState, OpenPanels, toolbar_ui};
use super::wall::{WallUiState, wall_ui};
use crate::model::ObjectChoices;
use crate::model::log::LogFilter;
use crate::settings::{LayoutSettings, SidePanel};

/// A panel over the picture leaves this share of it free where it can.
const DRAWER_SHARE: f32 = 0.6;

/// Everything that the parts of the window remember. It is plain data; `app` copies what outlives the window to the
/// settings.
pub struct MainWindowState {
    /// Whether the list of sessions is shown.
    pub show_sessions: bool,
    /// Whether the panel beside the picture is shown, where it does not lie over the picture.
    pub show_side: bool,
    /// Whether the panel is open where it lies over the picture. It is closed when the program starts.
    pub show_drawer: bool,
    /// The part that the panel beside the picture shows, where the session has it.
    pub side: SidePanel,
    /// Where the user wants the list and the panel, by the size of the window.
    pub places: LayoutSettings,
    /// The layout of the last pass.
    pub layout: WindowLayout,
    /// What full screen keeps: whether it is on, and where its strip is.
    pub full_screen: FullScreenState,
    /// Whether statistics lie over the picture.
    pub show_statistics: bool,
    /// What is chosen for the logs of all sessions.
    pub log: LogChoices,
    /// The choices which objects in pictures are shown and notified of.
    pub objects: ObjectChoices,
    /// What the wall keeps: where its tiles were painted, and which one is dragged.
    pub wall: WallUiState,
    /// What the address field keeps: an address that is typed and not sent.
    pub address: AddressState,
    /// What the start page keeps: the text that is typed.
    pub start: StartState,
    /// What the window for a page's dialog keeps: the answer that is typed.
    pub page_dialog: PageDialogState,
    /// What the list or picker that is open for the page keeps: where the cursor in it is, and what is picked.
    pub form_control: FormControlState,
    /// What the context menu of the page keeps: which one is open.
    pub page_menu: PageMenuState,
    /// What the bar that finds text in the page keeps: the text, and what was asked.
    pub find_bar: FindBarState,
    /// What the corner of downloads keeps: those that were closed there.
    pub downloads: DownloadsState,
    /// What the command palette keeps: whether it is open, what is typed, and what was chosen lately.
    pub palette: PaletteState,
    /// What the help sheet keeps: whether it is open, and what is searched.
    pub help: HelpState,
    /// What the settings screen keeps: whether it is open, and what is typed and not taken yet.
    pub settings: SettingsSheet,
    /// The open question, if any.
    pub modal: Option<Modal>,
    /// What the corner of notices keeps: whether they are being read.
    pub notices: NoticesState,
    /// The values with which the form for a new session begins.
    pub new_session: NewSession,
    /// Whether keys that are typed now go to the session.
    pub keyboard_is_sessions: bool,
    /// The text that an input method is composing for the session.
    pub preedit: String,
    zone: TimeZone,
    /// The filter that the next session's log starts with.
    filter: LogFilter,
    views: BTreeMap<SessionKey, SessionUi>,
}

/// Everything that the window remembers of one watched session.
pub struct SessionUi {
    /// What the picture keeps: its zoom, and where it was painted.
    pub picture: PictureUiState,
    /// What the panel beside the picture keeps, by its parts.
    pub side: SideUi,
    /// Whether its page takes the size of the space where it is shown, while nobody else is in the session.
    pub fits: bool,
}

impl MainWindowState {
    /// Makes the memory of a window that has just opened.
    pub fn new(new_session: NewSession, zone: TimeZone, filter: LogFilter) -> Self {
        Self {
            show_sessions: true,
            show_side: true,
            show_drawer: false,
            side: SidePanel::default(),
            places: LayoutSettings::default(),
            layout: WindowLayout::default(),
            full_screen: FullScreenState::default(),
            show_statistics: false,
            log: LogChoices::default(),
            objects: ObjectChoices::default(),
            wall: WallUiState::default(),
            address: AddressState::default(),
            start: StartState::default(),
            page_dialog: PageDialogState::default(),
            form_control: FormControlState::default(),
            page_menu: PageMenuState::default(),
            find_bar: FindBarState::default(),
            downloads: DownloadsState::default(),
            palette: PaletteState::default(),
            help: HelpState::default(),
            settings: SettingsSheet::default(),
            modal: None,
            notices: NoticesState::default(),
            new_session,
            keyboard_is_sessions: false,
            preedit: String::new(),
            zone,
            filter,
            views: BTreeMap::new(),
        }
    }

    /// Shows `side` with the cursor in its field, or hides the panel where it already shows that of the session in
    /// front.
    pub fn toggle_side(&mut self, side: SidePanel, front: Option<&OpenSession>) {
        let shown = front.map_or(self.side, |open| self.side.shown_of(open));
        let shows = !(self.shows_panel() && shown == side);
        self.set_panel(shows);
        self.side = side;
        if let Some(open) = front.filter(|_| shows) {
            // What is typed next is meant for the panel, and no key of the window.
            self.of(&open.key).side.focus();
        }
    }

    /// Tells whether the panel with the log is shown.
    pub fn shows_panel(&self) -> bool {
        match self.layout.panel {
            PanelSide::Right | PanelSide::Below => self.show_side,
            PanelSide::Over => self.show_drawer,
        }
    }

    /// Shows or hides the panel with the log.
    pub fn set_panel(&mut self, shown: bool) {
        match self.layout.panel {
            PanelSide::Right | PanelSide::Below => self.show_side = shown,
            PanelSide::Over => self.show_drawer = shown,
        }
    }

    /// Tells whether something lies over the window and wants the keyboard.
    pub fn is_covered(&self) -> bool {
        self.modal.is_some()
            || self.palette.is_open()
            || self.help.is_open()
            || self.settings.is_open()
    }

    /// Returns the memory of a session, which is made where there is none.
    pub fn of(&mut self, key: &SessionKey) -> &mut SessionUi {
        self.views.entry(key.clone()).or_insert_with(|| SessionUi {
            picture: PictureUiState::default(),
            side: SideUi::new(self.zone.clone(), self.filter.clone()),
            fits: false,
        })
    }

    /// Drops the memory of a session that is no longer watched.
    pub fn forget(&mut self, key: &SessionKey) {
        if let Some(view) = self.views.remove(key) {
            self.filter = view.side.log.filter;
        }
    }

    /// Gives the logs of all sessions this filter, also of those that are watched later.
    pub fn set_filter(&mut self, filter: &LogFilter) {
        self.filter.clone_from(filter);
        for view in self.views.values_mut() {
            view.side.log.filter.clone_from(filter);
        }
    }

    /// Returns the filter to remember, which is that of the session in front.
    pub fn filter_of(&self, key: Option<&SessionKey>) -> &LogFilter {
        key.and_then(|key| self.views.get(key)).map_or(&self.filter, |view| &view.side.log.filter)
    }
}

/// Draws the whole window.
pub fn main_window_ui(
    ui: &mut Ui,
    state: &AppState<'_>,
    window: &mut MainWindowState,
    bindings: &Bindings,
    actions: &mut Vec<Action>,
) {
    let io = &mut PanelIo { state, bindings, actions };
    let begins = window.full_screen.follow(ui.ctx(), state.now);
    let has_picture = state.on_wall || state.active().is_some();
    let alone = window.full_screen.is_on() && has_picture;
    if begins {
        window.show_drawer = false;
    }
    bar_ui(ui, io, window, alone);
    window.layout = match alone {
        true => WindowLayout { icons: false, panel: PanelSide::Over },
        false => layout::choose(&layout_wish(ui, state, window)),
    };
    if window.show_sessions && !alone {
        list_place(ui, window.layout).show(ui, |ui| sessions_ui(ui, io, &mut window.modal));
    }
    if state.on_wall || state.active().is_some() {
        window.start.gone();
    }
    let picture = match state.active() {
        _ if state.on_wall => {
            let covered = window.is_covered();
            for open in state.open {
                note_objects(window, open);
            }
            window.wall.statistics = window.show_statistics;
            let place = wall_ui(ui, io, &mut window.wall, &window.objects.filter, covered);
            if alone {
                edge_strip_ui(ui, &mut window.full_screen, place, state.now, |ui, place| {
                    leave_strip_ui(ui, place, io);
                });
            }
            place
        }
        Some(open) => session_ui(ui, io, window, open),
        None => {
            let frame = Frame::central_panel(ui.style()).fill(Colors::of(ui.ctx()).ground);
            let panel = CentralPanel::default().frame(frame).show(ui, |ui| {
                start_ui(ui, io, &mut window.start, &window.new_session);
            });
            panel.response.rect
        }
    };
    notices_ui(ui, io, &mut window.notices, picture);
    settings_ui(ui.ctx(), io, &mut window.settings);
    modal_ui(ui, io, &mut window.modal, &window.new_session);
    palette_ui(
        ui.ctx(),
        &mut window.palette,
        bindings,
        &|command| command.why_not(state),
        &entries(state),
        io.actions,
    );
    help_ui(ui.ctx(), &mut window.help, bindings);
}

/// Draws the bar above the picture. A picture that is `alone` has it only while an address is typed, and over itself.
fn bar_ui(ui: &mut Ui, io: &mut PanelIo<'_>, window: &mut MainWindowState, alone: bool) {
    let panels = OpenPanels {
        sessions: window.show_sessions,
        log: window.shows_panel(),
        wall: io.state.on_wall,
    };
    let frame = Frame::side_top_panel(ui.style()).inner_margin(Margin::symmetric(8, 6));
    let address = &mut window.address;
    if !alone {
        Panel::top("toolbar").frame(frame).show(ui, |ui| toolbar_ui(ui, io, address, panels));
    } else if address.is_in_use(ui.ctx()) {
        let screen = ui.available_rect_before_wrap();
        let area = Area::new(Id::unique("toolbar over the picture")).order(Order::Middle);
        area.fixed_pos(screen.min).fade_in(false).show(ui.ctx(), |ui| {
            frame.show(ui, |ui| {
                ui.set_width(screen.width() - frame.total_margin().sum().x);
                toolbar_ui(ui, io, address, panels);
            });
        });
    }
}

/// Draws the session in front, and returns where its picture is.
fn session_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    window: &mut MainWindowState,
    open: &OpenSession,
) -> Rect {
    let alone = window.full_screen.is_on();
    if open.view.capabilities.tabs && !open.view.tabs.is_empty() && !alone {
        Panel::top("tabs").show(ui, |ui| tabs_ui(ui, io));
    }
    note_objects(window, open);
    // The choices are taken out, because the session's own memory is borrowed beside them.
    let mut objects = std::mem::take(&mut window.objects);
    let mut choices = std::mem::take(&mut window.log);
    let (side, layout) = (window.side, window.layout);
    if let Some(place) = panel_place(ui, layout.panel).filter(|_| window.shows_panel()) {
        let state = &mut window.of(&open.key).side;
        place.show(ui, |ui| {
            // Otherwise a panel below would shrink to an empty log and stay that low.
            ui.set_min_height(ui.available_height());
            side_ui(ui, io, open, side, state, &mut objects, &mut choices);
        });
    }
    let mode = match io.state.control {
        true => PictureMode::Control { keyboard_here: window.keyboard_is_sessions },
        false => PictureMode::Watching,
    };
    let preedit = window.preedit.clone();
    let successor = (open.condition.is_over())
        .then(|| successor(io.state, &window.new_session, open))
        .flatten();
    let props = PictureProps {
        session: open,
        now: io.state.now,
        clock: io.state.clock(),
        mode,
        alone,
        bindings: io.bindings,
        preedit: &preedit,
        statistics: window.show_statistics,
        successor: successor.as_ref(),
        boxes: &objects.filter,
        mend: mend_of(io.state, open),
    };
    // It is taken out, because the picture's own memory is borrowed beside it.
    let mut full_screen = std::mem::take(&mut window.full_screen);
    let picture = &mut window.of(&open.key).picture;
    let panel = CentralPanel::no_frame().show(ui, |ui| picture_ui(ui, &props, picture, io.actions));
    let geometry = picture.surface().map(|surface| surface.geometry);
    if alone {
        let screen = panel.response.rect;
        edge_strip_ui(ui, &mut full_screen, screen, io.state.now, |ui, place| {
            picture_strip_ui(ui, place, &props, picture, io.actions);
        });
    }
    window.full_screen = full_screen;
    if layout.panel == PanelSide::Over && window.show_drawer {
        let strip = if alone { 0.0 } else { STRIP_HEIGHT };
        let place = panel.response.rect;
        let without_strip = place.with_max_y(place.bottom() - strip);
        let state = &mut window.of(&open.key).side;
        drawer_ui(ui, without_strip, |ui| {
            side_ui(ui, io, open, side, state, &mut objects, &mut choices);
        });
        let has_above = window.is_covered() || open.view.dialog.is_some();
        window.show_drawer = has_above || Popup::is_any_open(ui.ctx()) || !escaped(ui);
    }
    window.objects = objects;
    window.log = choices;
    let allowed = FormControlUse {
        can_choose: io.state.control && open.has_control(),
        keyboard_here: window.keyboard_is_sessions,
    };
    form_control_ui(ui, io, &mut window.form_control, open, geometry.as_ref(), allowed);
    page_menu_ui(ui, io, &mut window.page_menu, open, geometry.as_ref(), allowed.can_choose);
    let place = panel.response.rect;
    find_bar_ui(ui, io, &mut window.find_bar, open, place);
    calls_ui(ui, io, open, place);
    let covered = window.is_covered();
    page_dialog_ui(ui, io, &mut window.page_dialog, open, place, covered);
    downloads_ui(ui, io, &mut window.downloads, open, place);
    panel.response.rect
}

/// Returns what the user can put right where a session is not reached: a camera's address or a service's key.
fn mend_of(state: &AppState<'_>, open: &OpenSession) -> Option<Mend> {
    let key = &open.key;
    let mut services = state.services.iter();
    let service = services.find(|service| service.name == key.service)?;
    if service.cameras {
        let edit = (EDIT_CAMERA, Action::EditCamera(key.id.clone()));
        return (!state.is_fixed(&key.id)).then_some(edit);
    }
    let change = (CHANGE_KEY, Action::EditService(service.name.clone()));
    (service.wants_key && !service.local).then_some(change)
}

/// Remembers the classes of objects that were seen, whether or not the panel shows them.
fn note_objects(window: &mut MainWindowState, open: &OpenSession) {
    if let Some(picture) = &open.picture {
        let side = &mut window.of(&open.key).side;
        side.objects.note(&picture.detections);
    }
}

/// Returns what the layout of this pass is chosen by.
fn layout_wish(ui: &Ui, state: &AppState<'_>, window: &MainWindowState) -> LayoutWish {
    let alone = state.active().filter(|_| !state.on_wall);
    let fits = |open: &&OpenSession| {
        let wanted = window.views.get(&open.key).is_some_and(|view| view.fits);
        wanted && open.view.capabilities.people
    };
    let picture = alone.filter(|open| !fits(open)).and_then(|open| open.picture.as_ref());
    LayoutWish {
        room: ui.available_size(),
        picture: picture.map(|picture| {
            let size = vec2(picture.size.width as f32, picture.size.height as f32);
            size / ui.ctx().pixels_per_point()
        }),
        is_alone: alone.is_some(),
        has_list: window.show_sessions,
        has_panel: window.show_side,
        places: window.places.of(ui.ctx().content_rect().width()),
    }
}

/// Places the list of sessions.
fn list_place(ui: &Ui, layout: WindowLayout) -> Panel {
    if layout.icons {
        return Panel::left("session icons").exact_size(ICONS_WIDTH).resizable(false);
    }
    let most = (ui.available_width() * 0.35).clamp(120.0, 420.0);
    Panel::left("sessions").default_size(NAMES_WIDTH.min(most)).size_range(120.0..=most)
}

/// Places the panel beside the picture or below it; `None` where it lies over the picture.
fn panel_place(ui: &Ui, side: PanelSide) -> Option<Panel> {
    let room = ui.available_size();
    match side {
        PanelSide::Over => None,
        PanelSide::Right => {
            let beside = (room.x - PICTURE_MIN.x).max(PANEL_MIN.x);
            let width = PANEL_WIDTH.min(beside);
            Some(Panel::right("log").default_size(width).size_range(PANEL_MIN.x..=beside))
        }
        PanelSide::Below => {
            let below = (room.y - PICTURE_MIN.y).max(PANEL_MIN.y);
            let height = PANEL_HEIGHT.min(below);
            let panel = Panel::bottom("log below").resizable(true).default_size(height);
            Some(panel.size_range(PANEL_MIN.y..=below))
        }
    }
}

/// Tells whether Escape was pressed, and takes it.
fn escaped(ui: &Ui) -> bool {
    ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
}

/// Draws the panel over the right side of the picture, which is at `picture`.
fn drawer_ui(ui: &Ui, picture: Rect, content: impl FnOnce(&mut Ui)) {
    let width = (picture.width() * DRAWER_SHARE).clamp(PANEL_MIN.x, PANEL_WIDTH);
    let left = (picture.right() - width).max(picture.left());
    let place = picture.with_min_x(left);
    let area = Area::new(Id::unique("log over the picture")).order(Order::Middle);
    area.fixed_pos(place.min).show(ui.ctx(), |ui| {
        let frame = Frame::side_top_panel(ui.style()).stroke((1.0, Colors::of(ui.ctx()).line));
        frame.show(ui, |ui| {
            let inner = place.size() - frame.total_margin().sum();
            ui.set_min_size(inner);
            ui.set_max_size(inner);
            content(ui);
        });
    });
}

/// Returns what the palette offers beside the commands.
fn entries(state: &AppState<'_>) -> Vec<PaletteEntry> {
    let watched = state.open.iter().map(|open| PaletteEntry {
        label: open.name.clone(),
        detail: format!("Watched · {}", open.key.service),
        action: Action::Open(open.key.clone()),
    });
    let listed = state.services.iter().flat_map(|service| {
        service.sessions.iter().map(|session| PaletteEntry {
            label: session.title.clone().unwrap_or_else(|| session.id.clone()),
            detail: format!("Session · {}", service.name),
            action: Action::Open(SessionKey {
                service: service.name.clone(),
                id: session.id.clone(),
            }),
        })
    });
    let is_new = |entry: &PaletteEntry| {
        !state.open.iter().any(|open| entry.action == Action::Open(open.key.clone()))
    };
    watched.collect::<Vec<_>>().into_iter().chain(listed.filter(is_new)).collect()
}
