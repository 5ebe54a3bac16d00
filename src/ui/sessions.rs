//! Draws the list at the side: every service and its sessions.

use std::time::Duration;

use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align, Align2, Button, Color32, FontId, Label, Layout, Rect, Response, RichText, Role,
    ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use url::Url;

use super::action::Action;
use super::clock::Clock;
use super::command::Command;
use super::format;
use super::icon::Icon;
use super::label_color;
use super::modal::Modal;
use super::panel_io::PanelIo;
use super::session_label::{headings, label_menu_ui, stands_apart};
use super::session_state::{recording_mark, state_color, state_mark, state_words};
use super::state::{AppState, OpenSession, ServiceView, SessionKey};
use super::theme::Colors;
use super::widgets::{
    badge, command_button, context_menu_ui, icon_button, steady, with_command_tooltip,
};
use crate::base::text::one_line;
use crate::model::{Condition, Forwarding, SessionKind, SessionSummary};
use crate::settings::LabelColor;

const ROW_HEIGHT: f32 = 42.0;
const CHANGE_SERVICE: &str = "Edit, change key…";
pub(super) const CHANGE_KEY: &str = "Change key…";
pub(super) const EDIT_CAMERA: &str = "Edit camera…";

/// Addresses are cut to this many characters, because they are laid out.
const MAX_ADDRESS: usize = 200;

/// A narrower list has icons only, with names on hover, in points.
const NARROW: f32 = 100.0;

/// Draws the list, with icons only where it is narrow.
pub fn sessions_ui(ui: &mut Ui, io: &mut PanelIo<'_>, modal: &mut Option<Modal>) {
    ui.horizontal(|ui| {
        if !is_narrow(ui) {
            ui.label(RichText::new("Sessions").strong());
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if command_button(ui, Command::NewSession, true, io.bindings).clicked() {
                io.run(Command::NewSession);
            }
        });
    });
    ui.separator();
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for (title, keys) in headings(io.state) {
            if is_narrow(ui) {
                ui.separator().on_hover_text(&title);
            } else {
                let title = RichText::new(one_line(&title, 60)).small().strong();
                ui.label(title.color(Colors::of(ui.ctx()).weak));
            }
            for key in keys {
                session_ui(ui, io, &key, modal);
            }
            ui.add_space(8.0);
        }
        for service in io.state.services {
            service_ui(ui, io, service, modal);
            ui.add_space(8.0);
        }
        let elsewhere: Vec<&OpenSession> = io
            .state
            .open
            .iter()
            .filter(|open| {
                let mut services = io.state.services.iter();
                services.all(|service| service.name != open.key.service)
            })
            .collect();
        for open in elsewhere.into_iter().filter(|open| !stands_apart(io.state, &open.key)) {
            watched_ui(ui, io, open, modal);
        }
        ui.add_space(4.0);
        way_in_ui(ui, io, Command::ConnectService, Icon::Globe);
        way_in_ui(ui, io, Command::AddCamera, Icon::Camera);
    });
}

fn service_ui(ui: &mut Ui, io: &mut PanelIo<'_>, service: &ServiceView, modal: &mut Option<Modal>) {
    header_ui(ui, io, service);
    let colors = Colors::of(ui.ctx());
    let remark = |ui: &mut Ui, text: &str, color| {
        let text = one_line(text, 300);
        if is_narrow(ui) {
            let (place, mark) =
                ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::hover());
            Icon::Warning.paint(ui.painter(), place.shrink(2.0), Stroke::new(1.0, color));
            mark.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
            mark.on_hover_text(text);
        } else {
            ui.add(Label::new(RichText::new(text).small().color(color)).wrap());
        }
    };
    if let Some(problem) = &service.problem {
        remark(ui, problem, colors.error);
    }
    if service.wants_key && !service.local && !service.cameras && !is_narrow(ui) {
        let change = ui.link(RichText::new(CHANGE_KEY).small());
        if change.clicked() {
            io.act(Action::EditService(service.name.clone()));
        }
    }
    if let Some(caution) = &service.caution {
        remark(ui, caution, colors.stalled);
    }
    // A session that has ended is no longer listed by its service, but may still be watched.
    let is_listed = |id: &str| service.sessions.iter().any(|session| session.id == id);
    let unlisted =
        |open: &&OpenSession| open.key.service == service.name && !is_listed(&open.key.id);
    let mut unlisted = io.state.open.iter().filter(unlisted).peekable();
    let is_empty = service.sessions.is_empty() && unlisted.peek().is_none();
    if is_empty && service.problem.is_none() && !is_narrow(ui) {
        remark(ui, "No sessions", colors.weak);
    }
    for session in ended_last(io.state, service) {
        let key = SessionKey { service: service.name.clone(), id: session.id.clone() };
        if !stands_apart(io.state, &key) {
            session_ui(ui, io, &key, modal);
        }
    }
    for open in unlisted.filter(|open| !stands_apart(io.state, &open.key)) {
        watched_ui(ui, io, open, modal);
    }
}

/// Returns the sessions of a service in its own order, but those that are over come last. What the window knows of a
/// session that it watches is newer than the list.
fn ended_last<'a>(state: &AppState<'_>, service: &'a ServiceView) -> Vec<&'a SessionSummary> {
    let is_over = |session: &&SessionSummary| {
        let is_it = |key: &SessionKey| key.service == service.name && key.id == session.id;
        let watched = state.open.iter().find(|open| is_it(&open.key));
        watched.map_or(session.ended, |open| open.condition.is_over())
    };
    let mut sessions: Vec<&SessionSummary> = service.sessions.iter().collect();
    sessions.sort_by_key(is_over);
    sessions
}

/// Draws a session, whether it is watched or not.
fn session_ui(ui: &mut Ui, io: &mut PanelIo<'_>, key: &SessionKey, modal: &mut Option<Modal>) {
    if let Some(open) = io.state.open.iter().find(|open| open.key == *key) {
        return watched_ui(ui, io, open, modal);
    }
    let service = io.state.services.iter().find(|service| service.name == key.service);
    let session = service.and_then(|it| it.sessions.iter().find(|session| session.id == key.id));
    if let Some(session) = session {
        listed_ui(ui, io, key.clone(), session, modal);
    }
}

/// Draws a command that brings more into the list.
fn way_in_ui(ui: &mut Ui, io: &mut PanelIo<'_>, command: Command, icon: Icon) {
    let button = if is_narrow(ui) {
        let button = ui.vertical_centered(|ui| icon_button(ui, icon, command.name(), false)).inner;
        with_command_tooltip(button, command, io.bindings)
    } else {
        let text = RichText::new(command.name()).color(Colors::of(ui.ctx()).accent);
        ui.add(Button::new(text).frame(false))
    };
    if button.clicked() {
        io.run(command);
    }
}

/// Tells whether the list has room for icons only.
fn is_narrow(ui: &Ui) -> bool {
    ui.available_width() < NARROW
}

/// Draws the service's name, and what can be done with it. In a narrow list the name is that of a line at which its
/// sessions begin.
fn header_ui(ui: &mut Ui, io: &mut PanelIo<'_>, service: &ServiceView) {
    let name = one_line(&service.name, 60);
    let has_menu = !service.local && !service.cameras;
    if is_narrow(ui) {
        ui.separator().on_hover_text(name);
        if has_menu {
            ui.vertical_centered(|ui| service_menu_ui(ui, io, service));
        }
        return;
    }
    let name = RichText::new(name).small().strong();
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if has_menu {
                service_menu_ui(ui, io, service);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(name.color(Colors::of(ui.ctx()).weak)).truncate())
                    .on_hover_text(&service.base_url);
            });
        });
    });
}

fn service_menu_ui(ui: &mut Ui, io: &mut PanelIo<'_>, service: &ServiceView) {
    let menu = ui.menu_button("…", |ui| {
        if ui.button(CHANGE_SERVICE).clicked() {
            io.act(Action::EditService(service.name.clone()));
        }
        if ui.button("Forget this service").clicked() {
            io.act(Action::Forget { service: service.name.clone() });
        }
    });
    let label = format!("Service {}", service.name);
    menu.response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
}

/// Draws a session that is watched, with its number and state.
fn watched_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession, modal: &mut Option<Modal>) {
    let number =
        io.state.open.iter().position(|other| other.key == open.key).map_or(0, |at| at + 1);
    let active = io.state.active().is_some_and(|active| active.key == open.key);
    let row = SessionRow {
        name: one_line(&open.name, 60),
        detail: detail_of(open, io.state.clock()),
        address: one_line(&open.view.page.url, MAX_ADDRESS),
        number: (1..=9).contains(&number).then_some(number),
        active,
        color: color_in(io, &open.key),
        is_over: open.condition.is_over(),
        state_color: calls_by_state(open).then(|| state_color(open, Colors::of(ui.ctx()))),
        calls: io.state.calls_of(&open.key),
    };
    let clock = io.state.clock();
    let response = steady(ui, &open.key, |ui| {
        row_ui(ui, &row, |ui| {
            state_mark(ui, open, clock);
            recording_mark(ui, open, clock);
        })
    });
    let failure = open.view.forwarding.as_ref();
    let response = match failure.and_then(|forwarding| forwarding.last_error.as_ref()) {
        Some(why) => response.on_hover_text(format!("Not sent on: {}", one_line(why, 300))),
        None => response,
    };
    let name = format!("Session {number}: {}", row.name);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, active, &name));
    if response.clicked() {
        io.act(Action::Open(open.key.clone()));
    }
    context_menu_ui(&response, |ui| {
        if ui.button(stop_words(open)).clicked() {
            io.act(Action::StopWatching(open.key.clone()));
        }
        label_menu_ui(ui, io, &open.key, modal);
        if ui.button("Copy id").clicked() {
            io.act(Action::Copy(open.key.id.clone()));
        }
        ui.separator();
        if io.state.is_camera(&open.key) {
            camera_menu_ui(ui, io, &open.key.id, modal);
            return;
        }
        let is_over = open.condition.is_over();
        let end = ui.add_enabled(!is_over, Button::new("End session…"));
        if end.on_disabled_hover_text("The session has ended").clicked() {
            *modal = Some(Modal::ConfirmEnd { key: open.key.clone(), name: open.name.clone() });
        }
    });
}

/// Returns what the command to stop watching is called here; of a session that is over nothing is left to watch.
pub fn stop_words(open: &OpenSession) -> &'static str {
    match open.condition.is_over() {
        true => "Remove from the list",
        false => "Stop watching",
    }
}

/// Draws a session that exists and is not watched.
fn listed_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    key: SessionKey,
    session: &SessionSummary,
    modal: &mut Option<Modal>,
) {
    let label = io.state.memory.label(&key.service, &key.id);
    let given = label.map(|label| &label.name);
    let titles = [given, session.title.as_ref(), session.url.as_ref()];
    let name = titles.into_iter().flatten().find(|text| !text.is_empty()).unwrap_or(&session.id);
    let address = session.url.as_deref().unwrap_or_default();
    let row = SessionRow {
        name: one_line(name, 60),
        detail: describe(session, io.state.clock()),
        address: one_line(address, MAX_ADDRESS),
        number: None,
        active: false,
        color: color_in(io, &key),
        is_over: session.ended,
        state_color: None,
        calls: 0,
    };
    let response = steady(ui, &key, |ui| row_ui(ui, &row, |_| ()));
    let name = format!("Watch {}", row.name);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    context_menu_ui(&response, |ui| {
        label_menu_ui(ui, io, &key, modal);
        if session.kind == SessionKind::Camera {
            ui.separator();
            camera_menu_ui(ui, io, &key.id, modal);
        }
    });
    if response.clicked() {
        io.act(Action::Open(key));
    }
}

fn camera_menu_ui(ui: &mut Ui, io: &mut PanelIo<'_>, name: &str, modal: &mut Option<Modal>) {
    let edit = ui
        .add_enabled(!io.state.is_fixed(name), Button::new(EDIT_CAMERA))
        .on_disabled_hover_text("A demo camera is Helmsight's own: there is nothing to change");
    if edit.clicked() {
        io.act(Action::EditCamera(name.to_owned()));
    }
    if ui.button("Remove camera…").clicked() {
        *modal = Some(Modal::ConfirmRemove(name.to_owned()));
    }
}

/// Tells whether a session's state is one that calls, and not only how its connection is.
fn calls_by_state(open: &OpenSession) -> bool {
    open.page_state().is_some()
        || matches!(open.condition, Condition::Refused { .. } | Condition::Stalled { .. })
}

/// Describes the session's state, and what became of the pictures that are sent on.
fn detail_of(open: &OpenSession, clock: Clock<'_>) -> String {
    let state = state_words(open, clock);
    match &open.view.forwarding {
        None => state,
        Some(Forwarding { sent, failed: 0, last_error: None }) => {
            format!("{state} · {sent} sent on")
        }
        Some(Forwarding { sent, failed, .. }) => {
            format!("{state} · {sent} sent on, {failed} failed")
        }
    }
}

fn describe(session: &SessionSummary, clock: Clock<'_>) -> String {
    let kind = match session.kind {
        SessionKind::Browser => "browser",
        SessionKind::Desktop => "desktop",
        SessionKind::Sample => "sample",
        SessionKind::Camera => "camera",
    };
    let since = |at| {
        if !clock.ticks() {
            return Some(format!("since {}", clock.minute(at)));
        }
        let age = Duration::try_from(clock.wall.duration_since(at)).ok()?;
        Some(format::age(age))
    };
    // Where the title is the name, the address says what it is the title of.
    let is_titled = session.title.as_ref().is_some_and(|title| !title.is_empty());
    let url = session.url.as_deref().filter(|_| is_titled).and_then(|url| Url::parse(url).ok());
    let place = url.as_ref().and_then(Url::host_str).map(|host| one_line(host, 60));
    let since = session.created_at.and_then(since);
    let parts = [Some(kind.to_owned()), Some(session.state.clone()), since, place];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Returns the color with which the user marked a session.
fn color_in(io: &PanelIo<'_>, key: &SessionKey) -> Option<LabelColor> {
    io.state.memory.label(&key.service, &key.id)?.color
}

/// One entry of the list, as it is painted.
struct SessionRow {
    name: String,
    detail: String,
    /// The address of its page, for whoever points at it.
    address: String,
    number: Option<usize>,
    active: bool,
    color: Option<LabelColor>,
    /// Whether the session is over, so that its row steps back.
    is_over: bool,
    /// The color of its state's word where that calls.
    state_color: Option<Color32>,
    /// So many things about it call for somebody.
    calls: usize,
}

fn row_ui(ui: &mut Ui, row: &SessionRow, mark: impl FnOnce(&mut Ui)) -> Response {
    let is_narrow = is_narrow(ui);
    let colors = Colors::of(ui.ctx());
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::click());
    let fill = match (row.active, response.hovered()) {
        (true, _) => colors.selected,
        (false, true) => colors.hovered,
        (false, false) => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(rect, 4.0, fill);
    let response = match row.color {
        Some(color) => {
            let bar = Rect::from_min_size(
                rect.left_top() + vec2(1.0, 4.0),
                vec2(3.0, rect.height() - 8.0),
            );
            ui.painter().rect_filled(bar, 1.5, label_color::color_of(ui.ctx(), color));
            // A color alone is not seen by everybody.
            response.on_hover_text(label_color::word_of(color))
        }
        None => response,
    };
    if response.has_focus() {
        ui.painter().rect_stroke(rect, 4.0, (1.0, colors.accent), StrokeKind::Inside);
    }
    let mark_at = if is_narrow {
        rect.right_bottom() - vec2(8.0, 9.0)
    } else {
        rect.left_center() + vec2(14.0, 0.0)
    };
    let mark_rect = Rect::from_center_size(mark_at, vec2(12.0, 12.0));
    if is_narrow {
        let letter: String = row
            .name
            .chars()
            .find(|c| c.is_alphanumeric())
            .iter()
            .flat_map(|c| c.to_uppercase())
            .collect();
        ui.painter().text(
            rect.center() - vec2(3.0, 3.0),
            Align2::CENTER_CENTER,
            letter,
            FontId::proportional(17.0),
            if row.is_over { colors.weak } else { colors.strong },
        );
        if row.calls > 0 {
            badge(ui, rect.right_top() + vec2(-6.0, 8.0), row.calls);
        }
        mark(&mut ui.new_child(UiBuilder::new().max_rect(mark_rect)));
        return response.on_hover_text(format!("{}\n{}", row.name, row.detail));
    }
    mark(&mut ui.new_child(UiBuilder::new().max_rect(mark_rect)));
    let left = rect.left() + 28.0;
    let has_end = row.number.is_some() || row.calls > 0;
    let right = rect.right() - if has_end { 30.0 } else { 6.0 };
    let line = |text: &str, size: f32, color: Color32| {
        let mut job =
            LayoutJob::simple_singleline(text.to_owned(), FontId::proportional(size), color);
        job.wrap = TextWrapping::truncate_at_width((right - left).max(1.0));
        ui.painter().layout_job(job)
    };
    let name_color = if row.is_over { colors.weak } else { colors.strong };
    let detail_color = row.state_color.unwrap_or(colors.weak);
    let (name, detail) = (line(&row.name, 13.0, name_color), line(&row.detail, 11.0, detail_color));
    ui.painter().galley(pos2(left, rect.top() + 5.0), name, colors.strong);
    ui.painter().galley(pos2(left, rect.top() + 22.0), detail, colors.weak);
    if let Some(number) = row.number {
        let raised = if row.calls > 0 { 9.0 } else { 0.0 };
        let at = rect.right_center() - vec2(10.0, raised);
        ui.painter().text(at, Align2::RIGHT_CENTER, number, FontId::monospace(12.0), colors.weak);
    }
    if row.calls > 0 {
        let lowered = if row.number.is_some() { 9.0 } else { 0.0 };
        badge(ui, rect.right_center() + vec2(-14.0, lowered), row.calls);
    }
    match row.address.is_empty() {
        true => response,
        false => response.on_hover_text(&row.address),
    }
}
