//! The downloads that are running, in one line under the toolbar.

use egui::{ProgressBar, Ui};

use super::format;
use super::state::OpenSession;
use crate::base::text::one_line;
use crate::model::{Download, DownloadState};

/// Those that are running in `open`.
pub fn running(open: &OpenSession) -> impl Iterator<Item = &Download> {
    open.view
        .downloads
        .iter()
        .filter(|download| download.state == DownloadState::Running)
}

pub fn downloads_ui(ui: &mut Ui, open: &OpenSession) {
    ui.horizontal_wrapped(|ui| {
        for download in running(open) {
            download_ui(ui, download);
        }
    });
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
