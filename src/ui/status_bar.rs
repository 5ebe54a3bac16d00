//! The line at the bottom: how true the picture is, in numbers.

use std::time::Duration;

use egui::{Align, Layout, RichText, Ui};

use super::command::Command;
use super::format;
use super::panel_io::PanelIo;
use super::sessions::condition_words;
use super::state::OpenSession;
use crate::model::{Condition, DownloadState};

pub fn status_bar_ui(ui: &mut Ui, io: &mut PanelIo<'_>, zoom: &str) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 14.0;
        if let Some(busy) = &io.state.busy {
            ui.spinner();
            ui.label(busy);
        }
        let Some(open) = io.state.active() else {
            if io.state.busy.is_none() {
                ui.label(RichText::new("Nothing is being watched").color(io.palette.text_weak));
            }
            help_ui(ui, io);
            return;
        };
        let (color, _) = condition_words(&open.condition, io.palette);
        ui.label(RichText::new("●").color(color));
        ui.label(state_words(&open.condition));
        if let Some(age) = picture_age(io, open) {
            ui.label(RichText::new(format!("picture {}", rounded_age(age))).color(io.palette.text_weak))
                .on_hover_text("Time since the picture on screen was received");
        }
        if let Some(picture) = &open.picture {
            let size = format!("{} × {}", picture.size.width, picture.size.height);
            ui.label(RichText::new(size).color(io.palette.text_weak)).on_hover_text("Size of the received picture");
            ui.label(RichText::new(zoom).color(io.palette.text_weak));
        }
        for download in open.view.downloads.iter().filter(|download| download.state == DownloadState::Running) {
            let progress = match download.total.filter(|total| *total > 0) {
                Some(total) => format!("{} %", 100 * download.received / total),
                None => format::bytes(download.received),
            };
            ui.label(format!("⬇ {} {progress}", crate::base::text::one_line(&download.file_name, 30)));
        }
        help_ui(ui, io);
    });
}

fn help_ui(ui: &mut Ui, io: &mut PanelIo<'_>) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        for command in [Command::Help, Command::Palette] {
            let chord = io.bindings.chord_of(command).unwrap_or_default();
            let text = RichText::new(format!("{} {chord}", command.info().name)).small().color(io.palette.text_weak);
            if ui.add(egui::Button::new(text).frame(false)).clicked() {
                io.run(command);
            }
        }
    });
}

fn picture_age(io: &PanelIo<'_>, open: &OpenSession) -> Option<Duration> {
    let picture = open.picture.as_ref()?;
    Some(io.state.now.saturating_duration_since(picture.received_at))
}

/// As coarse as it is repainted: see `app::schedule`.
fn rounded_age(age: Duration) -> String {
    if age < Duration::from_secs(1) { "< 1 s old".to_owned() } else { format!("{} old", format::age(age)) }
}

pub fn state_words(condition: &Condition) -> String {
    match condition {
        Condition::Connecting { attempt: 0 } => "Connecting".to_owned(),
        Condition::Connecting { attempt } => format!("Connecting, attempt {}", attempt + 1),
        Condition::Live => "Live".to_owned(),
        Condition::Idle { unchanged_for } => format!("Idle, no change for {}", format::age(*unchanged_for)),
        Condition::Stalled { silent_for } => format!("Stalled, nothing heard for {}", format::age(*silent_for)),
        Condition::Reconnecting { retry_in, .. } => format!("Reconnecting in {} s", retry_in.as_secs_f32().ceil()),
        Condition::Ended { why } => format!("Ended: {}", crate::base::text::one_line(why, 120)),
    }
}
