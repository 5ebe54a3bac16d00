//! Questions that want an answer before anything else: new session, connect, confirm, save.

use std::path::PathBuf;

use egui::{Id, Key, Modal as Window, RichText, TextEdit, Ui};

use super::action::{Action, LogFormat, LogRows, NewService, NewSession, SavePlace};
use super::panel_io::PanelIo;
use super::state::SessionKey;
use super::widgets::primary_button;
use crate::model::SessionKind;

/// The open question and what was typed into it.
#[derive(Debug)]
pub enum Modal {
    NewSession(NewSession),
    Connect(ConnectForm),
    ConfirmEnd {
        key: SessionKey,
        name: String,
    },
    /// Where no dialog of the system can open, or by choice: a path is typed.
    SavePath {
        what: Saving,
        path: String,
    },
    About,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConnectForm {
    pub name: String,
    pub base_url: String,
    pub key: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saving {
    Snapshot,
    Log(LogFormat, LogRows),
}

impl Saving {
    pub fn action(self, place: SavePlace) -> Action {
        match self {
            Self::Snapshot => Action::SaveSnapshot { place },
            Self::Log(format, rows) => Action::SaveLog {
                format,
                rows,
                place,
            },
        }
    }
}

/// What became of the question in this pass.
#[derive(PartialEq)]
enum Answer {
    Open,
    Closed,
}

const SIZES: [(u32, u32); 6] = [
    (1280, 720),
    (1920, 1080),
    (1440, 900),
    (1024, 768),
    (768, 1024),
    (390, 844),
];

pub fn modal_ui(ui: &mut Ui, io: &mut PanelIo<'_>, slot: &mut Option<Modal>) {
    let Some(modal) = slot else { return };
    let shown = Window::new(Id::unique("modal")).show(ui.ctx(), |ui| {
        ui.set_width(400.0);
        match modal {
            Modal::NewSession(form) => new_session_ui(ui, io, form),
            Modal::Connect(form) => connect_ui(ui, io, form),
            Modal::ConfirmEnd { key, name } => confirm_end_ui(ui, io, key, name),
            Modal::SavePath { what, path } => save_path_ui(ui, io, *what, path),
            Modal::About => about_ui(ui),
        }
    });
    if shown.should_close() || shown.inner == Answer::Closed {
        *slot = None;
    }
}

fn new_session_ui(ui: &mut Ui, io: &mut PanelIo<'_>, form: &mut NewSession) -> Answer {
    ui.heading("New session");
    ui.add_space(8.0);
    let mut entered = false;
    egui::Grid::new("new session")
        .num_columns(2)
        .spacing([12.0, 10.0])
        .show(ui, |ui| {
            ui.label("On");
            egui::ComboBox::from_id_salt("service")
                .width(260.0)
                .selected_text(form.service.as_deref().unwrap_or("This computer"))
                .show_ui(ui, |ui| {
                    ui.selectable_value(&mut form.service, None, "This computer");
                    for service in io.state.services.iter().filter(|service| !service.local) {
                        ui.selectable_value(
                            &mut form.service,
                            Some(service.name.clone()),
                            &service.name,
                        );
                    }
                });
            ui.end_row();
            ui.label("Kind");
            ui.horizontal(|ui| {
                ui.selectable_value(&mut form.kind, SessionKind::Browser, "Browser");
                if form.service.is_none() {
                    ui.selectable_value(&mut form.kind, SessionKind::Sample, "Sample");
                } else {
                    ui.selectable_value(&mut form.kind, SessionKind::Desktop, "Desktop");
                }
            });
            ui.end_row();
            if form.kind != SessionKind::Sample {
                ui.label("Size");
                size_ui(ui, form);
                ui.end_row();
                let label = ui.label("Page");
                let edit = ui
                    .add(
                        TextEdit::singleline(&mut form.url)
                            .hint_text("The start page")
                            .desired_width(260.0),
                    )
                    .labelled_by(label.id);
                entered = edit.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
                ui.end_row();
            }
        });
    // A kind that the chosen service does not have is no choice.
    match (&form.service, form.kind) {
        (None, SessionKind::Desktop) | (Some(_), SessionKind::Sample) => {
            form.kind = SessionKind::Browser
        }
        (None | Some(_), SessionKind::Browser | SessionKind::Desktop | SessionKind::Sample) => (),
    }
    match buttons_ui(ui, "Create", true) || entered {
        true => {
            io.act(Action::Create(form.clone()));
            Answer::Closed
        }
        false => closing(ui),
    }
}

fn size_ui(ui: &mut Ui, form: &mut NewSession) {
    ui.horizontal(|ui| {
        let text = format!("{} × {}", form.width, form.height);
        egui::ComboBox::from_id_salt("size")
            .width(110.0)
            .selected_text(text)
            .show_ui(ui, |ui| {
                for (width, height) in SIZES {
                    let chosen = (form.width, form.height) == (width, height);
                    if ui
                        .selectable_label(chosen, format!("{width} × {height}"))
                        .clicked()
                    {
                        (form.width, form.height) = (width, height);
                    }
                }
            });
        ui.add(egui::DragValue::new(&mut form.width).range(320..=3840))
            .on_hover_text("Width in pixels");
        ui.label("×");
        ui.add(egui::DragValue::new(&mut form.height).range(240..=2160))
            .on_hover_text("Height in pixels");
    });
}

fn connect_ui(ui: &mut Ui, io: &mut PanelIo<'_>, form: &mut ConnectForm) -> Answer {
    ui.heading("Connect to a service");
    ui.add_space(8.0);
    egui::Grid::new("connect")
        .num_columns(2)
        .spacing([12.0, 10.0])
        .show(ui, |ui| {
            for (label, hint, text, secret) in [
                (
                    "Address",
                    "https://api.example.com",
                    &mut form.base_url,
                    false,
                ),
                ("Key", "Kept in the system's keyring", &mut form.key, true),
                (
                    "Name",
                    "What it is called in the list",
                    &mut form.name,
                    false,
                ),
            ] {
                let label = ui.label(label);
                ui.add(
                    TextEdit::singleline(text)
                        .hint_text(hint)
                        .password(secret)
                        .desired_width(280.0),
                )
                .labelled_by(label.id);
                ui.end_row();
            }
        });
    let ready = !form.base_url.trim().is_empty();
    if buttons_ui(ui, "Connect", ready) {
        io.act(Action::Connect(NewService {
            name: form.name.trim().to_owned(),
            base_url: form.base_url.trim().to_owned(),
            key: form.key.trim().to_owned(),
        }));
        return Answer::Closed;
    }
    closing(ui)
}

fn confirm_end_ui(ui: &mut Ui, io: &mut PanelIo<'_>, key: &SessionKey, name: &str) -> Answer {
    ui.heading("End this session?");
    ui.add_space(6.0);
    ui.label(format!(
        "“{}” is closed for everybody. What is open in it is lost",
        crate::base::text::one_line(name, 80)
    ));
    if buttons_ui(ui, "End session", true) {
        io.act(Action::End(key.clone()));
        return Answer::Closed;
    }
    closing(ui)
}

fn save_path_ui(ui: &mut Ui, io: &mut PanelIo<'_>, what: Saving, path: &mut String) -> Answer {
    ui.heading(match what {
        Saving::Snapshot => "Save the picture",
        Saving::Log(..) => "Save the log",
    });
    ui.add_space(6.0);
    ui.label("File");
    let edit = ui.add(TextEdit::singleline(path).desired_width(f32::INFINITY));
    edit.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "File"));
    let entered = edit.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    let exists = std::path::Path::new(path.trim())
        .components()
        .next()
        .is_some();
    if (buttons_ui(ui, "Save", exists) || entered) && exists {
        io.act(what.action(SavePlace::Path(PathBuf::from(path.trim()))));
        return Answer::Closed;
    }
    closing(ui)
}

fn about_ui(ui: &mut Ui) -> Answer {
    ui.heading(concat!("Helmsight ", env!("CARGO_PKG_VERSION")));
    ui.add_space(6.0);
    ui.label("Watches live browser sessions in a native window and steers them");
    ui.label(RichText::new("MIT or Apache 2.0, as you like").weak());
    ui.add_space(12.0);
    if ui.button("Close").clicked() {
        Answer::Closed
    } else {
        Answer::Open
    }
}

/// The row of buttons under every question; tells whether the first was pressed.
fn buttons_ui(ui: &mut Ui, primary: &str, enabled: bool) -> bool {
    ui.add_space(14.0);
    ui.horizontal(|ui| {
        let button = primary_button(ui, RichText::new(primary));
        let pressed = ui.add_enabled(enabled, button).clicked();
        if ui.button("Cancel").clicked() {
            ui.data_mut(|data| data.insert_temp(Id::unique("modal canceled"), true));
        }
        pressed
    })
    .inner
}

fn closing(ui: &Ui) -> Answer {
    let canceled = ui.data_mut(|data| data.remove_temp::<bool>(Id::unique("modal canceled")));
    if canceled.is_some() {
        Answer::Closed
    } else {
        Answer::Open
    }
}
