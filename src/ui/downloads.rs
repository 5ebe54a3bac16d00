//! Shows the session's downloads: those under way and just ended over a corner of the picture, and all of them in a list.
//! Each can be saved from there, opened, and shown in its folder.

use std::collections::BTreeSet;
use std::path::Path;

use egui::{
    Align, Align2, Area, Button, Frame, Id, Label, Layout, Margin, Order, ProgressBar, Rect,
    Response, RichText, Role, ScrollArea, Ui, WidgetInfo, vec2,
};

use super::action::{Action, DownloadAction, SavePlace};
use super::command::Command;
use super::format;
use super::icon::Icon;
use super::panel_io::PanelIo;
use super::picture::STRIP_HEIGHT;
use super::saved::{DownloadKey, SHOWN_FOR, SavedDownload, SavedState};
use super::state::{OpenSession, SessionKey};
use super::theme::Colors;
use super::widgets::{command_text_button, icon_button, steady};
use crate::base::text::one_line;
use crate::model::{Download, DownloadState};
use crate::settings::SettingValue;

const LIST_HEIGHT: f32 = 320.0;
/// So many downloads are shown over the picture; the list has all.
const MAX_SHOWN: usize = 3;
/// Over a picture that is lower than this, in points, one download is shown.
const LOW: f32 = 340.0;
const MAX_WIDTH: f32 = 320.0;
const GAP: f32 = 8.0;
/// So many closed rows are remembered, of downloads that are long gone from the picture anyway.
const MAX_CLOSED: usize = 500;

/// What the corner of downloads keeps: those that its user closed there.
#[derive(Debug, Default)]
pub struct DownloadsState {
    closed: BTreeSet<DownloadKey>,
}

/// A download with what is known of its saving.
#[derive(Clone, Copy)]
struct ShownDownload<'a> {
    download: &'a Download,
    saved: Option<&'a SavedDownload>,
}

impl ShownDownload<'_> {
    fn state(&self) -> Option<&SavedState> {
        self.saved.map(|saved| &saved.state)
    }

    fn is_under_way(&self) -> bool {
        self.download.state == DownloadState::Running
            || matches!(self.state(), Some(SavedState::Saving { .. }))
    }
}

/// Draws the downloads that are under way or have just ended over the lower left corner of the picture at `place`, which
/// ends with its strip.
pub fn downloads_ui(
    ui: &Ui,
    io: &mut PanelIo<'_>,
    state: &mut DownloadsState,
    open: &OpenSession,
    place: Rect,
) {
    let shown = over_picture(io, state, open);
    if shown.is_empty() || open.condition.is_away() {
        return;
    }
    let most = if place.height() < LOW { 1 } else { MAX_SHOWN };
    let hidden = shown.len().saturating_sub(most);
    let corner = place.left_bottom() + vec2(GAP, -GAP - STRIP_HEIGHT);
    let area = Area::new(Id::unique("downloads")).order(Order::Middle).fade_in(false);
    let area = area.pivot(Align2::LEFT_BOTTOM).fixed_pos(corner).constrain_to(place);
    area.show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).inner_margin(Margin::symmetric(10, 6)).show(ui, |ui| {
            ui.set_width((place.width() - 4.0 * GAP).clamp(120.0, MAX_WIDTH));
            for one in shown.iter().rev().take(most) {
                steady(ui, &one.download.id, |ui| {
                    if row_ui(ui, io, open, *one, true) {
                        close(state, key_of(open, one.download));
                    }
                });
                ui.separator();
            }
            ui.horizontal(|ui| {
                if command_text_button(ui, Command::ShowDownloads, true, io.bindings).clicked() {
                    io.run(Command::ShowDownloads);
                }
                if hidden > 0 {
                    ui.weak(format!("{hidden} more"));
                }
            });
        });
    });
}

/// Returns what lies over the picture, the oldest first: what is under way, what waits to be saved, and what was saved a
/// moment ago.
fn over_picture<'a>(
    io: &PanelIo<'a>,
    state: &DownloadsState,
    open: &'a OpenSession,
) -> Vec<ShownDownload<'a>> {
    let can_be_saved = open.view.capabilities.downloads;
    let all = open.view.downloads.iter().map(|download| shown(io, open, download));
    let wanted = all.filter(|one| {
        let is_done = one.download.state == DownloadState::Done && !one.download.is_past;
        let is_news = match one.state() {
            _ if one.is_under_way() => true,
            Some(SavedState::Saved { .. }) => one.saved.is_some_and(|saved| {
                io.state.now.saturating_duration_since(saved.since) < SHOWN_FOR
            }),
            Some(SavedState::Failed { .. }) => true,
            Some(SavedState::Saving { .. }) | None => is_done && can_be_saved,
        };
        is_news && !state.closed.contains(&key_of(open, one.download))
    });
    wanted.collect()
}

fn close(state: &mut DownloadsState, key: DownloadKey) {
    if state.closed.len() >= MAX_CLOSED {
        state.closed.pop_first();
    }
    state.closed.insert(key);
}

fn shown<'a>(io: &PanelIo<'a>, open: &OpenSession, download: &'a Download) -> ShownDownload<'a> {
    ShownDownload { download, saved: io.state.saved.of(&open.key, &download.id) }
}

fn key_of(open: &OpenSession, download: &Download) -> DownloadKey {
    DownloadKey { session: open.key.clone(), id: download.id.clone() }
}

/// Draws all downloads that are remembered, the newest first.
pub fn list_ui(ui: &mut Ui, io: &mut PanelIo<'_>) {
    let Some(open) = io.state.active() else {
        return;
    };
    if open.view.downloads.is_empty() {
        ui.weak("Nothing was downloaded in this session");
    }
    let room = (ui.ctx().content_rect().height() - 230.0).clamp(80.0, LIST_HEIGHT);
    ScrollArea::vertical().max_height(room).show(ui, |ui| {
        for (at, download) in open.view.downloads.iter().rev().enumerate() {
            if at > 0 {
                ui.separator();
            }
            let one = shown(io, open, download);
            steady(ui, &download.id, |ui| row_ui(ui, io, open, one, false));
        }
    });
    if open.view.capabilities.downloads {
        ui.add_space(8.0);
        saving_ui(ui, io);
    }
}

/// Draws the choice whether downloads are saved by themselves, and where they go.
fn saving_ui(ui: &mut Ui, io: &mut PanelIo<'_>) {
    let mut saves_all = io.state.settings.downloads.save_all;
    let choice = ui.checkbox(&mut saves_all, "Save downloads of all sessions by themselves");
    let choice = choice.on_hover_text("Files that can run programs are not saved by themselves");
    if choice.changed() {
        let value = SettingValue::On(saves_all);
        io.act(Action::Set { setting: "downloads.save_all", value });
    }
    let folder = format!("“Save” puts them into {}", io.state.saved.folder.display());
    let colors = Colors::of(ui.ctx());
    ui.add(Label::new(RichText::new(&folder).color(colors.weak)).truncate())
        .on_hover_text("“Downloads folder” in the settings changes that");
}

/// Draws a download: its name, how far it is, and what can be done with it. Returns whether it was closed, which only
/// `closable` rows can be.
fn row_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    open: &OpenSession,
    one: ShownDownload<'_>,
    closable: bool,
) -> bool {
    let ShownDownload { download, .. } = one;
    let colors = Colors::of(ui.ctx());
    let name = one_line(&download.file_name, 80);
    let title = if one.is_under_way() { format!("Downloading {name}") } else { name.clone() };
    let mut closed = false;
    // A row of its own keeps what is laid out from its end from taking all of the height.
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if closable && !one.is_under_way() {
                let close = icon_button(ui, Icon::Cross, &format!("Close {name}"), false);
                closed = close.on_hover_text("Close").clicked();
            }
            let words = words(one);
            let state = ui.label(RichText::new(&words.text).color(match words.is_problem {
                true => colors.error,
                false => colors.weak,
            }));
            if let Some(more) = words.more {
                state.on_hover_text(more);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(title).truncate()).on_hover_text(one_line(&download.url, 300));
            });
        });
    });
    if let Some(share) = share(one) {
        ui.add(ProgressBar::new(share).desired_width(ui.available_width()).desired_height(4.0));
    }
    ui.horizontal_wrapped(|ui| buttons_ui(ui, io, open, one, &name, closable));
    closed
}

fn buttons_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    open: &OpenSession,
    one: ShownDownload<'_>,
    name: &str,
    closable: bool,
) {
    let ShownDownload { download, .. } = one;
    let key = || key_of(open, download);
    let can_be_saved = open.view.capabilities.downloads;
    let mut offer = |ui: &mut Ui, words: &str, action: Action| {
        if small_button(ui, words, name).clicked() {
            io.act(action);
        }
    };
    match one.state() {
        Some(SavedState::Saving { .. }) => {
            offer(ui, "Stop", Action::Download(DownloadAction::Stop(key())));
        }
        Some(SavedState::Saved { path }) => {
            let path = || path.clone();
            offer(ui, "Open", Action::Download(DownloadAction::Open(path())));
            offer(ui, "Show in folder", Action::Download(DownloadAction::Show(path())));
        }
        Some(SavedState::Failed { .. }) | None => {
            if can_be_saved && download.state == DownloadState::Done {
                let place = SavePlace::Ask;
                offer(ui, "Save", Action::Download(DownloadAction::Save(key())));
                let save_as = DownloadAction::SaveAs { key: key(), place };
                offer(ui, "Save as…", Action::Download(save_as));
            }
            if can_be_saved && download.state == DownloadState::Running {
                offer(ui, "Call off", Action::Download(DownloadAction::Remove(key())));
            }
        }
    }
    if !closable {
        offer(ui, "Copy address", Action::Copy(download.url.clone()));
    }
}

/// Draws a button whose name for screen readers says which file it is about.
fn small_button(ui: &mut Ui, words: &str, name: &str) -> Response {
    let button = ui.add(Button::new(RichText::new(words).small()));
    let label = format!("{words}: {name}");
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    button
}

/// How far a download is, in words.
struct StateWords {
    text: String,
    more: Option<String>,
    is_problem: bool,
}

fn words(one: ShownDownload<'_>) -> StateWords {
    let ShownDownload { download, .. } = one;
    let of_total = |received: u64, total: Option<u64>| match total {
        Some(total) => format!("{} of {}", format::bytes(received), format::bytes(total)),
        None => format::bytes(received),
    };
    let plain = |text: String| StateWords { text, more: None, is_problem: false };
    match (one.state(), download.state) {
        (Some(SavedState::Saving { received }), _) => {
            plain(format!("Saving, {}", of_total(*received, Some(download.received))))
        }
        (Some(SavedState::Saved { path }), _) => StateWords {
            more: Some(path.display().to_string()),
            ..plain(format!("Saved, {}", format::bytes(download.received)))
        },
        (Some(SavedState::Failed { why }), _) => {
            StateWords { text: "Not saved".to_owned(), more: Some(why.clone()), is_problem: true }
        }
        (None, DownloadState::Running) => plain(of_total(download.received, download.total)),
        (None, DownloadState::Done) => plain(format::bytes(download.received)),
        (None, DownloadState::Canceled) => StateWords {
            more: download.reason.as_ref().map(|reason| one_line(reason, 300)),
            ..plain("Canceled".to_owned())
        },
        (None, DownloadState::Removed) => plain("Removed".to_owned()),
    }
}

/// Returns the share of a download that is there, while it comes.
fn share(one: ShownDownload<'_>) -> Option<f32> {
    let (received, total) = match (one.state(), one.download.state) {
        (Some(SavedState::Saving { received }), _) => (*received, one.download.received),
        (_, DownloadState::Running) => (one.download.received, one.download.total?),
        _ => return None,
    };
    (total > 0).then(|| received as f32 / total as f32)
}

/// Returns what a file is called in a question about it.
pub fn name_of(path: &Path) -> String {
    one_line(&path.file_name().unwrap_or_default().to_string_lossy(), 80)
}

/// Says how many files are lost with a session because nobody saved them, where there are any.
pub fn lost_with(io: &PanelIo<'_>, session: &SessionKey) -> Option<String> {
    let open = io.state.open.iter().find(|open| open.key == *session)?;
    let is_lost = |download: &&Download| {
        let saved = io.state.saved.of(&open.key, &download.id).map(|saved| &saved.state);
        download.state == DownloadState::Done && !matches!(saved, Some(SavedState::Saved { .. }))
    };
    let lost = open.view.downloads.iter().filter(is_lost).count();
    match lost {
        0 => None,
        1 => Some("A file that was downloaded in it and not saved is lost, too".to_owned()),
        lost => {
            Some(format!("{lost} files that were downloaded in it and not saved are lost, too"))
        }
    }
}
