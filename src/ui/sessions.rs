//! The list at the side: every service and its sessions.

use egui::{Align, Button, Layout, RichText, ScrollArea, Sense, Ui, Vec2};
use jiff::Timestamp;

use super::action::Action;
use super::command::Command;
use super::format;
use super::modal::Modal;
use super::panel_io::PanelIo;
use super::state::{OpenSession, ServiceView, SessionKey};
use super::theme::Palette;
use super::widgets::command_button;
use crate::base::text::one_line;
use crate::model::{Condition, SessionKind, SessionSummary};

pub fn sessions_ui(ui: &mut Ui, io: &mut PanelIo<'_>, modal: &mut Option<Modal>) {
    ui.horizontal(|ui| {
        ui.label(RichText::new("Sessions").strong());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if command_button(ui, Command::NewSession, true, io.bindings).clicked() {
                io.run(Command::NewSession);
            }
        });
    });
    ui.separator();
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for service in &io.state.services {
            service_ui(ui, io, service, modal);
            ui.add_space(8.0);
        }
        let elsewhere: Vec<&OpenSession> = io.state.open.iter().filter(|open| !is_listed(io, &open.key)).collect();
        for open in elsewhere {
            watched_ui(ui, io, open, modal);
        }
        ui.add_space(4.0);
        if ui.add(Button::new(RichText::new("Connect to a service…")).frame(false)).clicked() {
            io.run(Command::ConnectService);
        }
    });
}

fn is_listed(io: &PanelIo<'_>, key: &SessionKey) -> bool {
    let service = io.state.services.iter().find(|service| service.name == key.service);
    service.is_some_and(|service| service.sessions.iter().any(|session| session.id == key.id))
}

fn service_ui(ui: &mut Ui, io: &mut PanelIo<'_>, service: &ServiceView, modal: &mut Option<Modal>) {
    let header = ui.add(egui::Label::new(RichText::new(&service.name).small().strong().color(colors.weak)).sense(Sense::click()));
    header.clone().on_hover_text(&service.base_url);
    if !service.local {
        header.context_menu(|ui| {
            if ui.button("Forget this service").clicked() {
                io.act(Action::Forget { service: service.name.clone() });
            }
        });
    }
    if let Some(problem) = &service.problem {
        ui.label(RichText::new(problem).small().color(colors.error));
    }
    if service.sessions.is_empty() && service.problem.is_none() {
        ui.label(RichText::new("No sessions").small().color(colors.weak));
    }
    for session in &service.sessions {
        let key = SessionKey { service: service.name.clone(), id: session.id.clone() };
        match io.state.open.iter().find(|open| open.key == key) {
            Some(open) => watched_ui(ui, io, open, modal),
            None => listed_ui(ui, io, key, session),
        }
    }
}

/// A session that is watched: its number, state and age of its picture.
fn watched_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession, modal: &mut Option<Modal>) {
    let number = io.state.open.iter().position(|other| other.key == open.key).map_or(0, |at| at + 1);
    let active = io.state.active().is_some_and(|active| active.key == open.key);
    let (color, word) = condition_words(&open.condition, io.palette);
    let response = entry_ui(ui, io.palette, active, color, &one_line(&open.name, 60), word, (number <= 9).then_some(number));
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, active, format!("Session {number}: {}", open.name)));
    if response.clicked() {
        io.act(Action::Open(open.key.clone()));
    }
    response.context_menu(|ui| {
        if ui.button("Stop watching").clicked() {
            io.act(Action::StopWatching(open.key.clone()));
        }
        if ui.button("Copy id").clicked() {
            io.act(Action::Copy(open.key.id.clone()));
        }
        ui.separator();
        if ui.button(RichText::new("End session…").color(colors.error)).clicked() {
            *modal = Some(Modal::ConfirmEnd { key: open.key.clone(), name: open.name.clone() });
        }
    });
}

/// A session that exists and is not watched.
fn listed_ui(ui: &mut Ui, io: &mut PanelIo<'_>, key: SessionKey, session: &SessionSummary) {
    let name = session.title.as_deref().or(session.url.as_deref()).filter(|text| !text.is_empty()).unwrap_or(&session.id);
    let detail = describe(session, io.state.wall);
    let color = if session.ended { colors.weak } else { colors.idle };
    let response = entry_ui(ui, io.palette, false, color, &one_line(name, 60), &detail, None);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, !session.ended, format!("Watch {name}")));
    if response.clicked() {
        io.act(Action::Open(key));
    }
}

fn describe(session: &SessionSummary, now: Timestamp) -> String {
    let kind = match session.kind {
        SessionKind::Browser => "browser",
        SessionKind::Desktop => "desktop",
        SessionKind::Sample => "sample",
    };
    let age = session.created_at.and_then(|at| std::time::Duration::try_from(now.duration_since(at)).ok());
    match age {
        Some(age) => format!("{kind} · {} · {}", session.state, format::age(age)),
        None => format!("{kind} · {}", session.state),
    }
}

fn entry_ui(ui: &mut Ui, palette: &Palette, active: bool, dot: egui::Color32, name: &str, detail: &str, number: Option<usize>) -> egui::Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 40.0), Sense::click());
    let visuals = ui.visuals();
    let fill = if active {
        visuals.selection.bg_fill
    } else if response.hovered() || response.has_focus() {
        visuals.widgets.hovered.weak_bg_fill
    } else {
        egui::Color32::TRANSPARENT
    };
    let painter = ui.painter().with_clip_rect(rect);
    painter.rect_filled(rect, 4.0, fill);
    if response.has_focus() {
        painter.rect_stroke(rect, 4.0, visuals.selection.stroke, egui::StrokeKind::Inside);
    }
    painter.circle_filled(rect.left_center() + Vec2::new(12.0, 0.0), 4.0, dot);
    let strong = if active { visuals.selection.stroke.color } else { visuals.text_color() };
    let weak = if active { visuals.selection.stroke.color } else { colors.weak };
    let width = rect.width() - 24.0 - if number.is_some() { 26.0 } else { 6.0 };
    let line = |text: &str, size: f32, color: egui::Color32| {
        let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), egui::FontId::proportional(size), color);
        job.wrap = egui::text::TextWrapping::truncate_at_width(width);
        painter.layout_job(job)
    };
    painter.galley(rect.left_top() + Vec2::new(24.0, 4.0), line(name, 13.0, strong), strong);
    painter.galley(rect.left_top() + Vec2::new(24.0, 21.0), line(detail, 11.0, weak), weak);
    if let Some(number) = number {
        painter.text(rect.right_center() - Vec2::new(10.0, 0.0), egui::Align2::RIGHT_CENTER, number.to_string(), egui::FontId::monospace(12.0), weak);
    }
    response
}

/// Color and word for a state.
pub fn condition_words(condition: &Condition, palette: &Palette) -> (egui::Color32, &'static str) {
    match condition {
        Condition::Connecting { .. } => (palette.warning, "connecting"),
        Condition::Live => (colors.live, "live"),
        Condition::Idle { .. } => (palette.idle, "idle"),
        Condition::Stalled { .. } => (palette.warning, "stalled"),
        Condition::Reconnecting { .. } => (palette.warning, "reconnecting"),
        Condition::Ended { .. } => (colors.weak, "ended"),
    }
}
