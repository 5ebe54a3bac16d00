//! Draws the form for a new session.

use egui::{Id, Ui};

use super::check::{Check, Wording, check_ui};
use super::{ModalAnswer, field_ui, row_ui, title_ui};
use crate::base::text::one_line;
use crate::model::SessionKind;
use crate::ui::action::{Action, NewSession};
use crate::ui::panel_io::PanelIo;
use crate::ui::state::ServiceView;

/// Sizes of viewports that are offered, in pixels.
const SIZES: [(u32, u32); 6] =
    [(1280, 720), (1920, 1080), (1440, 900), (1024, 768), (768, 1024), (390, 844)];

/// The words for a page that fills the space where it is shown.
const AS_WINDOW: &str = "As the window";

/// The words for the host on this machine in the choice of services.
const HERE: &str = "This computer";

/// The values that are typed into the form for a new session.
#[derive(Clone, Debug, PartialEq)]
pub struct NewSessionForm {
    /// The session as it is wanted.
    pub session: NewSession,
    /// How far its creation is.
    pub check: Check,
}

impl From<NewSession> for NewSessionForm {
    fn from(session: NewSession) -> Self {
        Self { session, check: Check::default() }
    }
}

/// Draws the form, which stays open until there is a session.
pub(super) fn new_session_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    form: &mut NewSessionForm,
    is_new: bool,
) -> ModalAnswer {
    title_ui(ui, "New session");
    let before = form.session.clone();
    let is_running = form.check.is_running();
    let entered =
        ui.add_enabled_ui(!is_running, |ui| fields_ui(ui, io, &mut form.session, is_new)).inner;
    if form.session != before {
        form.check = Check::Typing;
    }
    let problem = page_problem(&form.session);
    let wording = Wording {
        go: "Create",
        busy: "The session is being created…",
        // The session is under way, and opens when it is there.
        leave: "Close",
    };
    let ready = problem.is_none();
    let answer = check_ui(ui, &form.check, problem.as_deref(), ready, &wording);
    let answer = answer.or_entered(entered && ready);
    if answer != ModalAnswer::Given {
        return answer;
    }
    form.session.url = form.session.url.trim().to_owned();
    io.act(Action::Create(form.session.clone()));
    ModalAnswer::Open
}

/// Returns what is wrong with the address where it is certainly none; the rest is left to whoever opens it.
fn page_problem(session: &NewSession) -> Option<String> {
    let page = session.url.trim();
    let has_scheme = page.split_once(':').is_some();
    let is_nothing = page.contains(char::is_whitespace) && !has_scheme;
    (session.kind != SessionKind::Sample && is_nothing).then(|| {
        let page = one_line(page, 80);
        format!("“{page}” is no web address. Type one such as example.com")
    })
}

/// Draws the fields, and returns whether Enter was pressed in one of them.
fn fields_ui(ui: &mut Ui, io: &PanelIo<'_>, form: &mut NewSession, is_new: bool) -> bool {
    let mut entered = false;
    if form.kind != SessionKind::Sample {
        entered = field_ui(ui, "Page", &mut form.url, "The start page", is_new);
    }
    row_ui(ui, "On", |ui, label| service_ui(ui, io, form, label));
    row_ui(ui, "Kind", |ui, _| {
        ui.selectable_value(&mut form.kind, SessionKind::Browser, "Browser");
        if form.service.is_none() {
            ui.selectable_value(&mut form.kind, SessionKind::Sample, "Sample");
        } else {
            ui.selectable_value(&mut form.kind, SessionKind::Desktop, "Desktop");
        }
    });
    if form.kind != SessionKind::Sample {
        row_ui(ui, "Size", |ui, label| size_ui(ui, form, label));
    }
    // A kind that the chosen service does not have can't be chosen.
    match (&form.service, form.kind) {
        (None, SessionKind::Desktop) | (Some(_), SessionKind::Sample) => {
            form.kind = SessionKind::Browser;
        }
        (None | Some(_), _) => (),
    }
    entered
}

fn service_ui(ui: &mut Ui, io: &PanelIo<'_>, form: &mut NewSession, label: Id) {
    let chosen = form.service.clone();
    egui::ComboBox::from_id_salt("service")
        .width(ui.available_width())
        .selected_text(chosen.as_deref().unwrap_or(HERE))
        .show_ui(ui, |ui| {
            ui.selectable_value(&mut form.service, None, HERE);
            let elsewhere = |service: &&ServiceView| !service.local && !service.cameras;
            for service in io.state.services.iter().filter(elsewhere) {
                let name = &service.name;
                ui.selectable_value(&mut form.service, Some(name.clone()), name);
            }
        })
        .response
        .labelled_by(label);
}

fn size_ui(ui: &mut Ui, form: &mut NewSession, label: Id) {
    egui::ComboBox::from_id_salt("size")
        .width(120.0)
        .selected_text(match form.fits {
            true => AS_WINDOW.to_owned(),
            false => format!("{} × {}", form.width, form.height),
        })
        .show_ui(ui, |ui| {
            ui.selectable_value(&mut form.fits, true, AS_WINDOW).on_hover_text(
                "The page fills the space where it is shown, while nobody else is in the session",
            );
            for (width, height) in SIZES {
                let chosen = !form.fits && (form.width, form.height) == (width, height);
                let text = format!("{width} × {height}");
                if ui.selectable_label(chosen, text).clicked() {
                    (form.fits, form.width, form.height) = (false, width, height);
                }
            }
        })
        .response
        .labelled_by(label);
    if form.fits {
        return;
    }
    let number = |ui: &mut Ui, value: &mut u32, range, name| {
        let response = ui.add(egui::DragValue::new(value).range(range));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name));
        response.on_hover_text(name);
    };
    number(ui, &mut form.width, 320..=3840, "Width in pixels");
    ui.label("×");
    number(ui, &mut form.height, 240..=2160, "Height in pixels");
}
