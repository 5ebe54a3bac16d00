//! Shows the session's downloads: running ones over a corner of the picture, and all of them in a list.

use egui::{
    Align, Align2, Area, Frame, Id, Label, Layout, Margin, Order, ProgressBar, Rect, RichText,
    Role, ScrollArea, Ui, WidgetInfo, vec2,
};

use super::action::Action;
use super::command::Command;
use super::format;
use super::panel_io::PanelIo;
use super::picture::STRIP_HEIGHT;
use super::state::OpenSession;
use super::theme::Colors;
use super::widgets::command_text_button;
use crate::base::text::one_line;
use crate::model::{Download, DownloadState};

const LIST_HEIGHT: f32 = 320.0;
/// So many running downloads are shown over the picture; the list has all.
const MAX_SHOWN: usize = 3;
const MAX_WIDTH: f32 = 320.0;
const GAP: f32 = 8.0;

/// Returns the downloads of `open` that are running.
fn running(open: &OpenSession) -> impl Iterator<Item = &Download> {
    open.view.downloads.iter().filter(|download| download.state == DownloadState::Running)
}

/// Draws the downloads that are running over the lower left corner of the picture at `place`, which ends with its
/// strip. A click leads to the list of all.
pub fn downloads_ui(ui: &Ui, io: &mut PanelIo<'_>, open: &OpenSession, place: Rect) {
    let running: Vec<_> = running(open).take(MAX_SHOWN).collect();
    if running.is_empty() || open.condition.is_away() {
        return;
    }
    let corner = place.left_bottom() + vec2(GAP, -GAP - STRIP_HEIGHT);
    let area = Area::new(Id::unique("downloads")).order(Order::Middle).fade_in(false);
    let area = area.pivot(Align2::LEFT_BOTTOM).fixed_pos(corner).constrain_to(place);
    area.show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).inner_margin(Margin::symmetric(10, 6)).show(ui, |ui| {
            ui.set_max_width((place.width() - 4.0 * GAP).clamp(120.0, MAX_WIDTH));
            for download in running {
                download_ui(ui, download);
            }
            if command_text_button(ui, Command::ShowDownloads, true, io.bindings).clicked() {
                io.run(Command::ShowDownloads);
            }
        });
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
    let name = format!("Downloading {}", one_line(&download.file_name, 40));
    ui.add(Label::new(name).truncate());
    let received = format::bytes(download.received);
    match download.total.filter(|total| *total > 0) {
        Some(total) => {
            let share = download.received as f32 / total as f32;
            let text = format!("{received} of {}", format::bytes(total));
            ui.add(
                ProgressBar::new(share).desired_width(ui.available_width().min(240.0)).text(text),
            );
        }
        None => {
            ui.label(received);
        }
    }
}
