//! Shows the session's downloads: running ones in one line under the toolbar, and all of them in a list.

use egui::{Align, Label, Layout, ProgressBar, RichText, Role, ScrollArea, Ui, WidgetInfo};

use super::action::Action;
use super::format;
use super::panel_io::PanelIo;
use super::state::OpenSession;
use super::theme::Colors;
use crate::base::text::one_line;
use crate::model::{Download, DownloadState};

const LIST_HEIGHT: f32 = 320.0;

/// Returns the downloads of `open` that are running.
pub fn running(open: &OpenSession) -> impl Iterator<Item = &Download> {
    open.view.downloads.iter().filter(|download| download.state == DownloadState::Running)
}

/// Draws the line of running downloads.
pub fn downloads_ui(ui: &mut Ui, open: &OpenSession) {
    ui.horizontal_wrapped(|ui| {
        for download in running(open) {
            download_ui(ui, download);
        }
    });
}

/// Draws all downloads that are remembered, the newest first.
pub fn list_ui(ui: &mut Ui, io: &mut PanelIo<'_>) {
    let Some(open) = io.state.active() else {
        return;
    };
    if open.view.downloads.is_empty() {
        ui.weak("Nothing was downloaded in this session");
    }
    let colors = Colors::of(ui.ctx());
    ScrollArea::vertical().max_height(LIST_HEIGHT).show(ui, |ui| {
        for download in open.view.downloads.iter().rev() {
            ui.horizontal(|ui| {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let copy = ui.button("Copy address");
                    let name = one_line(&download.file_name, 60);
                    let label = format!("Copy address of {name}");
                    copy.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
                    if copy.clicked() {
                        io.act(Action::Copy(download.url.clone()));
                    }
                    let state = ui.label(RichText::new(state_words(download)).color(colors.weak));
                    if let Some(reason) = &download.reason {
                        state.on_hover_text(one_line(reason, 300));
                    }
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        ui.add(Label::new(name).truncate())
                            .on_hover_text(one_line(&download.url, 300));
                    });
                });
            });
        }
    });
}

fn state_words(download: &Download) -> String {
    let received = format::bytes(download.received);
    match (download.state, download.total) {
        (DownloadState::Done, _) => received,
        (DownloadState::Canceled, _) => "canceled".to_owned(),
        (DownloadState::Running, Some(total)) => format!("{received} of {}", format::bytes(total)),
        (DownloadState::Running, None) => received,
    }
}

fn download_ui(ui: &mut Ui, download: &Download) {
    ui.label(format!("Downloading {}", one_line(&download.file_name, 40)));
    let received = format::bytes(download.received);
    match download.total.filter(|total| *total > 0) {
        Some(total) => {
            let share = download.received as f32 / total as f32;
            let text = format!("{received} of {}", format::bytes(total));
            ui.add(ProgressBar::new(share).desired_width(160.0).text(text));
        }
        None => {
            ui.label(received);
        }
    }
}
