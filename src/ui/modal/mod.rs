//! Asks the questions that want an answer before anything else: new session, connect, confirm, save.

mod camera;
mod check;
mod connect;
mod history;
mod inbox;
mod label;
mod link;
mod messages;
mod new_session;
mod quit;
mod script;

use std::path::PathBuf;

use egui::{
    Align, Button, Frame, Id, Key, Layout, Margin, Modal as Window, Response, RichText, TextEdit,
    Ui, vec2,
};

use self::camera::{camera_ui, confirm_remove_ui};
use self::connect::connect_ui;
use self::history::history_ui;
use self::inbox::inbox_ui;
use self::label::label_ui;
use self::link::confirm_link_ui;
use self::messages::messages_ui;
use self::new_session::new_session_ui;
use self::quit::confirm_quit_ui;
use self::script::script_ui;
use super::action::{Action, AfterSharing, FilePlace, LogFormat, LogRows, NewSession, SavePlace};
use super::downloads;
use super::panel_io::PanelIo;
use super::state::SessionKey;
use super::theme::Colors;
use super::widgets::{primary_button, steady};
use crate::base::text::one_line;
use crate::model::PeopleControl;
use crate::protocol::link::Link;
use crate::settings::SessionLabel;

pub use self::camera::CameraForm;
pub use self::check::Check;
pub(super) use self::check::problem_ui;
pub use self::connect::ConnectForm;
pub use self::new_session::NewSessionForm;
pub use self::script::{ScriptForm, ScriptRun};

/// The open question and what was typed into it.
#[derive(Debug)]
pub enum Modal {
    /// Asks for a new session.
    NewSession(NewSessionForm),
    /// Asks for a service, new or known.
    Connect(ConnectForm),
    /// Asks for a camera, new or known.
    Camera(CameraForm),
    /// Asks whether to remove the camera of this name.
    ConfirmRemove(String),
    /// Asks whether to end a session.
    ConfirmEnd {
        /// The session that is to end.
        key: SessionKey,
        /// Its name in lists.
        name: String,
    },
    /// Asks whether to follow a link to a place that is not known.
    ConfirmLink(Link),
    /// Asks whether to close the window although browsers end with it.
    ConfirmQuit {
        /// How many browsers end.
        browsers: usize,
        /// Whether the question is asked the next time, too.
        ask_again: bool,
    },
    /// Asks what a session is to be called and where it stands.
    Label(SessionLabel),
    /// Lists the sessions that have ended.
    History,
    /// Lists what concerns somebody about the watched sessions.
    Inbox,
    /// Lists the session's downloads.
    Downloads,
    /// Lists the notices of late, also those that are gone from the window by now.
    Messages,
    /// Asks for the path of the file to give to the page, where no dialog of the system can open.
    OpenPath {
        /// The path as it is typed.
        path: String,
    },
    /// Takes a script for the page, and shows what it returned.
    Script(ScriptForm),
    /// Asks what to tell whoever goes on.
    HandBack {
        /// The text as it is typed.
        note: String,
    },
    /// Asks whether the clipboard is shared with a session.
    ShareClipboard {
        /// The session.
        key: SessionKey,
        /// Its name in lists.
        name: String,
        /// What the question came of, which goes on with a yes.
        then: AfterSharing,
    },
    /// Asks for the path to save to, where no dialog of the system can open or by choice.
    SavePath {
        /// The thing that is saved.
        what: Saving,
        /// The path as it is typed.
        path: String,
    },
    /// Shows what this program is.
    About,
}

/// A thing that can be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saving {
    /// The picture in front, as a PNG file.
    Snapshot,
    /// The page in front, as a PDF file.
    Page,
    /// These rows of the log of the session in front, in this format.
    Log(LogFormat, LogRows),
}

impl Modal {
    /// Returns how far the trial of the answer is, where the question stays open for that.
    pub fn check(&mut self) -> Option<&mut Check> {
        match self {
            Self::NewSession(form) => Some(&mut form.check),
            Self::Connect(form) => Some(&mut form.check),
            _ => None,
        }
    }
}

impl Saving {
    /// Returns the request that saves it to `place`.
    pub fn action(self, place: SavePlace) -> Action {
        match self {
            Self::Snapshot => Action::SaveSnapshot { place },
            Self::Page => Action::SavePage { place },
            Self::Log(format, rows) => Action::SaveLog { format, rows, place },
        }
    }
}

/// Tells what became of the question in this pass.
#[derive(Clone, Copy, PartialEq)]
enum ModalAnswer {
    Open,
    Canceled,
    Given,
}

impl ModalAnswer {
    /// Takes Enter in a field for the button.
    fn or_entered(self, entered: bool) -> Self {
        if entered { Self::Given } else { self }
    }
}

const WIDTH: f32 = 420.0;
/// The names of fields stand in a column of this width.
const LABEL_WIDTH: f32 = 64.0;

/// Draws the open question. Escape, "Cancel" and a click beside it close it without an answer; Enter in a field
/// answers. `new_session` holds the values of a new session.
pub fn modal_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    slot: &mut Option<Modal>,
    new_session: &NewSession,
) {
    let Some(modal) = slot else { return };
    let window = Window::new(Id::unique("modal"))
        .frame(Frame::popup(ui.style()).inner_margin(Margin::same(18)));
    let layer = window.area.layer();
    let is_new = !ui.memory(|memory| memory.areas().visible_last_frame(&layer));
    let shown = window.show(ui.ctx(), |ui| {
        ui.set_width(WIDTH.min(ui.ctx().content_rect().width() - 64.0));
        match modal {
            Modal::NewSession(form) => new_session_ui(ui, io, form, is_new),
            Modal::Connect(form) => connect_ui(ui, io, form, is_new),
            Modal::Camera(form) => camera_ui(ui, io, form, is_new),
            Modal::ConfirmRemove(name) => confirm_remove_ui(ui, io, name, is_new),
            Modal::ConfirmEnd { key, name } => confirm_end_ui(ui, io, key, name, is_new),
            Modal::ConfirmLink(link) => confirm_link_ui(ui, io, link, is_new),
            Modal::ConfirmQuit { browsers, ask_again } => {
                confirm_quit_ui(ui, io, *browsers, ask_again, is_new)
            }
            Modal::Label(label) => label_ui(ui, io, label, is_new),
            Modal::History => history_ui(ui, io, new_session, is_new),
            Modal::Inbox => inbox_ui(ui, io, is_new),
            Modal::Downloads => downloads_ui(ui, io, is_new),
            Modal::Messages => messages_ui(ui, io, is_new),
            Modal::OpenPath { path } => open_path_ui(ui, io, path, is_new),
            Modal::Script(form) => script_ui(ui, io, form, is_new),
            Modal::HandBack { note } => hand_back_ui(ui, io, note, is_new),
            Modal::ShareClipboard { key, name, then } => {
                share_clipboard_ui(ui, io, key, name, *then, is_new)
            }
            Modal::SavePath { what, path } => save_path_ui(ui, io, *what, path, is_new),
            Modal::About => about_ui(ui, is_new),
        }
    });
    if shown.should_close() || shown.inner != ModalAnswer::Open {
        *slot = None;
        // What is typed next is not for a field that is gone.
        ui.memory_mut(|memory| {
            if let Some(focused) = memory.focused() {
                memory.surrender_focus(focused);
            }
        });
    }
}

fn confirm_end_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    key: &SessionKey,
    name: &str,
    is_new: bool,
) -> ModalAnswer {
    title_ui(ui, "End this session?");
    let name = one_line(name, 80);
    ui.label(format!("“{name}” is closed for everybody. What is open in it is lost"));
    let colors = Colors::of(ui.ctx());
    let end =
        Button::new(RichText::new("End session").strong().color(colors.ground)).fill(colors.error);
    let (ended, cancel) = button_row_ui(ui, end, true, "Cancel");
    // Enter by habit must not cost anybody their work.
    if is_new {
        cancel.request_focus();
    }
    if ended {
        io.act(Action::End(key.clone()));
    }
    answer_of(ended, &cancel)
}

fn share_clipboard_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    key: &SessionKey,
    name: &str,
    then: AfterSharing,
    is_new: bool,
) -> ModalAnswer {
    title_ui(ui, "Share the clipboard?");
    let name = one_line(name, 80);
    ui.label(format!("What you copy in “{name}” comes to this computer, and what you paste goes into its page. Both happen only by your own keys and clicks while you have control"));
    let primary = primary_button(ui, RichText::new("Share"));
    let (shares, declines) = button_row_ui(ui, primary, true, "Don’t share");
    // What is typed on by habit must not give anything away.
    if is_new {
        declines.request_focus();
    }
    let answered = shares || declines.clicked();
    if answered {
        io.act(Action::ShareClipboard { session: key.clone(), share: shares, then });
    }
    if answered { ModalAnswer::Given } else { ModalAnswer::Open }
}

fn open_path_ui(ui: &mut Ui, io: &mut PanelIo<'_>, path: &mut String, is_new: bool) -> ModalAnswer {
    title_ui(ui, "Give the page a file");
    let entered = field_ui(ui, "File", path, "Folder and name", is_new);
    let ready = !path.trim().is_empty();
    let answer = buttons_ui(ui, "Give", ready).or_entered(entered && ready);
    if answer == ModalAnswer::Given {
        let path = PathBuf::from(path.trim());
        io.act(Action::GiveFile(FilePlace::Path(path)));
    }
    answer
}

fn hand_back_ui(ui: &mut Ui, io: &mut PanelIo<'_>, note: &mut String, is_new: bool) -> ModalAnswer {
    title_ui(ui, "Hand control back");
    let hint = "What was done, what is left to do";
    let entered = field_ui(ui, "Note", note, hint, is_new);
    let answer = buttons_ui(ui, "Hand back", true).or_entered(entered);
    if answer == ModalAnswer::Given {
        let note = note.trim().to_owned();
        io.send(PeopleControl::ReleaseControl { note });
    }
    answer
}

fn save_path_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    what: Saving,
    path: &mut String,
    is_new: bool,
) -> ModalAnswer {
    title_ui(
        ui,
        match what {
            Saving::Snapshot => "Save the picture",
            Saving::Page => "Save the page as a PDF",
            Saving::Log(..) => "Save the log",
        },
    );
    let entered = field_ui(ui, "File", path, "Folder and name", is_new);
    let ready = !path.trim().is_empty();
    let answer = buttons_ui(ui, "Save", ready).or_entered(entered && ready);
    if answer == ModalAnswer::Given {
        io.act(what.action(SavePlace::Path(PathBuf::from(path.trim()))));
    }
    answer
}

fn downloads_ui(ui: &mut Ui, io: &mut PanelIo<'_>, is_new: bool) -> ModalAnswer {
    title_ui(ui, "Downloads");
    downloads::list_ui(ui, io);
    close_ui(ui, is_new)
}

fn about_ui(ui: &mut Ui, is_new: bool) -> ModalAnswer {
    title_ui(ui, concat!("Helmsight ", env!("CARGO_PKG_VERSION")));
    ui.label("Watches live sessions of browsers and cameras in a native window and steers them");
    ui.label(RichText::new("MIT or Apache 2.0, as you like").weak());
    close_ui(ui, is_new)
}

fn close_ui(ui: &mut Ui, is_new: bool) -> ModalAnswer {
    ui.add_space(14.0);
    let close = ui.button("Close");
    if is_new {
        close.request_focus();
    }
    if close.clicked() { ModalAnswer::Canceled } else { ModalAnswer::Open }
}

fn title_ui(ui: &mut Ui, title: &str) {
    ui.heading(title);
    ui.add_space(8.0);
}

/// Draws a line of the form: its name, then `content`, which receives the id of the name.
fn row_ui<R>(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui, Id) -> R) -> R {
    let line = |ui: &mut Ui| {
        let height = ui.spacing().interact_size.y;
        let layout = Layout::left_to_right(Align::Center);
        let label = ui
            .allocate_ui_with_layout(vec2(LABEL_WIDTH, height), layout, |ui| {
                ui.set_min_width(LABEL_WIDTH);
                ui.label(name).id
            })
            .inner;
        content(ui, label)
    };
    steady(ui, name, |ui| ui.horizontal(line).inner)
}

/// Draws a line with a text field, and returns whether Enter was pressed in it.
fn field_ui(ui: &mut Ui, name: &str, text: &mut String, hint: &str, focus: bool) -> bool {
    let edit = TextEdit::singleline(text).id_salt(name).hint_text(hint);
    row_ui(ui, name, |ui, label| edit_ui(ui, edit, label, focus))
}

fn edit_ui(ui: &mut Ui, edit: TextEdit<'_>, label: Id, focus: bool) -> bool {
    let edit = edit.desired_width(ui.available_width()).margin(Margin::symmetric(8, 5));
    let response = ui.add(edit).labelled_by(label);
    let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    // Where Enter does not answer the question, the field keeps the keyboard, because what is typed next still belongs
    // here.
    if focus || entered {
        response.request_focus();
    }
    entered
}

/// Draws the row of buttons under every question.
fn buttons_ui(ui: &mut Ui, primary: &str, enabled: bool) -> ModalAnswer {
    let button = primary_button(ui, RichText::new(primary));
    let (pressed, cancel) = button_row_ui(ui, button, enabled, "Cancel");
    answer_of(pressed, &cancel)
}

fn button_row_ui(
    ui: &mut Ui,
    primary: Button<'_>,
    enabled: bool,
    cancel: &str,
) -> (bool, Response) {
    ui.add_space(14.0);
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        let pressed = ui.add_enabled(enabled, primary).clicked();
        (pressed, ui.button(cancel))
    })
    .inner
}

fn answer_of(given: bool, cancel: &Response) -> ModalAnswer {
    match (given, cancel.clicked()) {
        (true, _) => ModalAnswer::Given,
        (false, true) => ModalAnswer::Canceled,
        (false, false) => ModalAnswer::Open,
    }
}
