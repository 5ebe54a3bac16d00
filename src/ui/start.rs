//! Draws the page that is shown while nothing is watched; it leads to a live picture within two clicks.

use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Button, Key, Layout, Link, RichText, TextEdit, TextStyle, Ui, Vec2, vec2};

use super::action::{Action, NewSession};
use super::command::Command;
use super::panel_io::PanelIo;
use super::state::{AppState, LocalBrowser, ServiceView, SessionKey};
use super::theme::Colors;
use super::widgets::{primary_button, row_with_end};
use crate::base::text::one_line;
use crate::model::SessionKind;

/// The text that is being typed into the start page.
#[derive(Debug, Default)]
pub struct StartState {
    url: String,
    /// Whether the page was painted since it came, so that its field had its chance of the focus.
    was_shown: bool,
}

impl StartState {
    /// Notes that another thing than this page is shown.
    pub fn gone(&mut self) {
        self.was_shown = false;
    }
}

/// So many of each kind are offered again.
const OFFERED: usize = 5;

const CARD_WIDTH: f32 = 460.0;
/// Approximate height of the card in points, which puts it a little above the middle.
const CARD_HEIGHT: f32 = 320.0;

/// Draws the start page. `new` holds the values of a new session.
pub fn start_ui(ui: &mut Ui, io: &mut PanelIo<'_>, memory: &mut StartState, new: &NewSession) {
    let top = ((ui.available_height() - CARD_HEIGHT) * 0.45).max(12.0);
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.add_space(top);
        let width = CARD_WIDTH.min(ui.available_width() - 24.0);
        ui.horizontal_top(|ui| {
            ui.add_space((ui.available_width() - width) / 2.0);
            ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Center), |ui| {
                card_ui(ui, io, memory, new)
            });
        });
    });
}

fn card_ui(ui: &mut Ui, io: &mut PanelIo<'_>, memory: &mut StartState, new: &NewSession) {
    let colors = Colors::of(ui.ctx());
    ui.label(RichText::new("Helmsight").size(30.0).strong());
    ui.label(RichText::new("Watch and steer live sessions").color(colors.weak));
    ui.add_space(24.0);
    match &io.state.local_browser {
        LocalBrowser::Found { name } => browser_ui(ui, io, memory, new, name),
        LocalBrowser::Missing { advice } => missing_ui(ui, io, new, advice),
    }
    ui.add_space(16.0);
    ui.separator();
    ui.add_space(10.0);
    ui.columns(2, |halves| {
        let others = [
            ("Connect to a service…", Command::ConnectService),
            ("Add a camera…", Command::AddCamera),
        ];
        for (ui, (text, command)) in halves.iter_mut().zip(others) {
            // A column alone would put the words at its left.
            let button = ui.vertical_centered(|ui| wide_button(ui, text, false));
            if button.inner.clicked() {
                io.run(command);
            }
        }
    });
    ui.add_space(6.0);
    let text = "Both are listed at the side; keys are kept in the system's keyring";
    ui.label(RichText::new(text).small().color(colors.weak));
    recent_ui(ui, io, memory, new);
}

fn browser_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    memory: &mut StartState,
    new: &NewSession,
    name: &str,
) {
    let colors = Colors::of(ui.ctx());
    let busy = io.state.busy.is_some();
    let edit = TextEdit::singleline(&mut memory.url)
        .id_salt("page")
        .hint_text("Page to open, or nothing for the start page")
        .desired_width(f32::INFINITY)
        .margin(egui::Margin::symmetric(10, 8));
    let response = ui.add_enabled(!busy, edit);
    // What is typed first is an address, unless the focus was put elsewhere.
    let is_first = !std::mem::replace(&mut memory.was_shown, true);
    if is_first && ui.memory(|it| it.focused().is_none()) {
        response.request_focus();
    }
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_label("Page to open");
    });
    let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    ui.add_space(8.0);
    let start = ui.add_enabled_ui(!busy, |ui| wide_button(ui, "Start a browser", true)).inner;
    if start.clicked() || (entered && !busy) {
        io.act(Action::Create(NewSession { url: memory.url.trim().to_owned(), ..new.clone() }));
    }
    ui.add_space(6.0);
    let under = match &io.state.busy {
        Some(busy) => format!("{busy}…"),
        None => {
            format!("{name} on this machine, with a profile of its own that is removed afterwards")
        }
    };
    ui.label(RichText::new(under).small().color(colors.weak));
    ui.add_space(2.0);
    // A browser that was found may still not start, and not everybody wants one at first.
    ui.add_enabled_ui(!busy, |ui| trials_ui(ui, io, new));
}

fn missing_ui(ui: &mut Ui, io: &mut PanelIo<'_>, new: &NewSession, advice: &str) {
    let colors = Colors::of(ui.ctx());
    ui.label(
        RichText::new("No browser can be started on this machine").strong().color(colors.waiting),
    );
    ui.add_space(4.0);
    ui.label(advice);
    ui.add_space(12.0);
    if wide_button(ui, "Play the sample session", true).clicked() {
        play_sample(io, new);
    }
    ui.add_space(6.0);
    let text = "A recording of a real browser, served the same way as a live one";
    ui.label(RichText::new(text).small().color(colors.weak));
    demo_ui(ui, io);
}

/// Draws what was opened lately and is like what is typed: addresses, sessions of known services, and services on which
/// a session can be made.
fn recent_ui(ui: &mut Ui, io: &mut PanelIo<'_>, memory: &StartState, new: &NewSession) {
    let offers = offers(io.state, memory.url.trim(), new);
    if offers.is_empty() {
        return;
    }
    ui.add_space(14.0);
    ui.separator();
    ui.add_space(6.0);
    let colors = Colors::of(ui.ctx());
    row_with_end(
        ui,
        |ui| drop(ui.label(RichText::new("Lately").strong())),
        |ui| {
            let clear = ui.link(RichText::new(Command::ClearHistory.name()).small());
            if clear.on_hover_text(Command::ClearHistory.row().help).clicked() {
                io.run(Command::ClearHistory);
            }
            if !io.state.memory.ended.is_empty() {
                let ended = ui.link(RichText::new(Command::ShowHistory.name()).small());
                if ended.clicked() {
                    io.run(Command::ShowHistory);
                }
            }
        },
    );
    for offer in offers {
        let mut job = LayoutJob::default();
        let font = TextStyle::Body.resolve(ui.style());
        job.append(&offer.name, 0.0, TextFormat::simple(font, colors.text));
        let font = TextStyle::Small.resolve(ui.style());
        job.append(&offer.detail, 10.0, TextFormat::simple(font, colors.weak));
        let button = Button::new(job).frame(false).truncate();
        // A column is centered, and a list begins at its left.
        let line = ui.with_layout(Layout::top_down(Align::Min), |ui| ui.add(button));
        if line.inner.clicked() {
            io.act(offer.action);
        }
    }
}

/// Something that was opened lately.
struct Offer {
    name: String,
    detail: String,
    action: Action,
}

fn offers(state: &AppState<'_>, typed: &str, new: &NewSession) -> Vec<Offer> {
    let typed = typed.to_lowercase();
    let is_like =
        |offer: &Offer| format!("{} {}", offer.name, offer.detail).to_lowercase().contains(&typed);
    let can_browse = matches!(state.local_browser, LocalBrowser::Found { .. });
    let addresses = state.memory.addresses.iter().rev().filter(|_| can_browse).map(|url| Offer {
        name: one_line(url.trim_start_matches("https://").trim_end_matches('/'), 80),
        detail: "page".to_owned(),
        action: Action::Create(NewSession { url: url.clone(), ..new.clone() }),
    });
    let is_known = |service: &str| state.services.iter().any(|known| known.name == service);
    let sessions = state.memory.sessions.iter().rev().filter(|it| is_known(&it.service));
    let sessions = sessions.map(|session| Offer {
        name: one_line(if session.title.is_empty() { &session.id } else { &session.title }, 80),
        detail: format!("session on {}", one_line(&session.service, 40)),
        action: Action::Open(SessionKey {
            service: session.service.clone(),
            id: session.id.clone(),
        }),
    });
    let makes = |service: &&ServiceView| !service.local && !service.cameras;
    let services = state.services.iter().filter(makes).map(|service| Offer {
        name: one_line(&service.name, 60),
        detail: "new session on this service".to_owned(),
        action: Action::Create(NewSession {
            service: Some(service.name.clone()),
            url: String::new(),
            ..new.clone()
        }),
    });
    let sessions = sessions.filter(is_like).take(OFFERED);
    let services = services.filter(is_like).take(OFFERED);
    addresses.filter(is_like).take(OFFERED).chain(sessions).chain(services).collect()
}

/// Draws what can be tried without any service or browser, each in a line of its own.
fn trials_ui(ui: &mut Ui, io: &mut PanelIo<'_>, new: &NewSession) {
    let link = |ui: &mut Ui, text: &str| ui.add(Link::new(RichText::new(text).small()));
    if link(ui, "Or play the sample session").clicked() {
        play_sample(io, new);
    }
    demo_ui(ui, io);
}

fn demo_ui(ui: &mut Ui, io: &mut PanelIo<'_>) {
    let text = RichText::new("Or watch a demo camera").small();
    if ui.add(Link::new(text)).clicked() {
        io.run(Command::DemoCamera);
    }
}

fn play_sample(io: &mut PanelIo<'_>, new: &NewSession) {
    io.act(Action::Create(NewSession { kind: SessionKind::Sample, ..new.clone() }));
}

fn wide_button(ui: &mut Ui, text: &str, primary: bool) -> egui::Response {
    let text = RichText::new(text).size(15.0);
    let button = match primary {
        true => primary_button(ui, text),
        false => Button::new(text),
    };
    ui.add(button.min_size(Vec2::new(ui.available_width(), 38.0)))
}
