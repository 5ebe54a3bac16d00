//! Draws the form for a service, new or known.

use egui::{TextEdit, Ui};
use strum::IntoEnumIterator as _;

use super::check::{Check, Wording, check_ui};
use super::{ModalAnswer, edit_ui, field_ui, row_ui, title_ui};
use crate::settings::{ServiceKind, service_address};
use crate::ui::action::{Action, NewService};
use crate::ui::panel_io::PanelIo;

/// The values that are typed into the form for a service.
#[derive(Clone, Default, PartialEq)]
pub struct ConnectForm {
    /// The name that the list is to show; empty takes the host name of the address.
    pub name: String,
    /// Which API the service speaks.
    pub kind: ServiceKind,
    /// The address of the service's API, as it is typed; empty means that of the public service.
    pub base_url: String,
    /// The space whose sessions are listed; empty means all that the key gives access to.
    pub space: String,
    /// The service's key, as it is typed; empty keeps the known one.
    pub key: String,
    /// The old name of the service that is being changed.
    pub replaces: Option<String>,
    /// How far the trial of the values is.
    pub check: Check,
}

impl std::fmt::Debug for ConnectForm {
    /// Leaves out the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectForm")
            .field("name", &self.name)
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

impl ConnectForm {
    /// Returns the typed address, or that of the public service where none was typed; a service of one's own has no
    /// such default.
    fn address(&self) -> &str {
        match self.base_url.trim() {
            "" => self.kind.public_address().unwrap_or_default(),
            address => address,
        }
    }

    fn new_service(&self) -> NewService {
        NewService {
            name: self.name.trim().to_owned(),
            base_url: self.address().to_owned(),
            kind: self.kind,
            space: self.space.trim().to_owned(),
            key: self.key.trim().to_owned(),
            replaces: self.replaces.clone(),
        }
    }
}

/// Draws the form, which stays open until the service has answered.
pub(super) fn connect_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    form: &mut ConnectForm,
    is_new: bool,
) -> ModalAnswer {
    let title = match form.replaces {
        None => "Connect to a service",
        Some(_) => "Change this service",
    };
    title_ui(ui, title);
    let before = form.clone();
    let is_running = form.check.is_running();
    let entered = ui.add_enabled_ui(!is_running, |ui| fields_ui(ui, form, is_new)).inner;
    if *form != before {
        form.check = Check::Typing;
    }
    let address = form.address();
    let problem = match address {
        // A problem is only told once something was typed.
        "" => None,
        address => service_address(address).err(),
    };
    let wording = Wording { go: "Connect", busy: "Connecting…", leave: "Cancel" };
    let ready = !address.is_empty() && problem.is_none();
    let answer = check_ui(ui, &form.check, problem.as_deref(), ready, &wording);
    let answer = answer.or_entered(entered && ready);
    if answer != ModalAnswer::Given {
        return answer;
    }
    io.act(Action::Connect(form.new_service()));
    ModalAnswer::Open
}

/// Draws the fields, and returns whether Enter was pressed in one of them.
fn fields_ui(ui: &mut Ui, form: &mut ConnectForm, is_new: bool) -> bool {
    let example = form.kind.example();
    // The cursor stands in the key's field for a known service, because its key is what most often changes.
    let for_key = is_new && form.replaces.is_some();
    let for_address = is_new && form.replaces.is_none();
    let mut entered = field_ui(ui, "Address", &mut form.base_url, example, for_address);
    row_ui(ui, "Kind", |ui, _| {
        for kind in ServiceKind::iter() {
            ui.selectable_value(&mut form.kind, kind, kind.title());
        }
    });
    if form.kind.has_spaces() {
        let hint = "Its number; empty for all";
        entered |= field_ui(ui, "Space", &mut form.space, hint, false);
    }
    let hint = match form.replaces {
        None => "Kept in the system's keyring",
        Some(_) => "The one that is kept, or another one",
    };
    let edit = TextEdit::singleline(&mut form.key).id_salt("key").hint_text(hint).password(true);
    entered |= row_ui(ui, "Key", |ui, label| edit_ui(ui, edit, label, for_key));
    let hint = "What it is called in the list";
    entered | field_ui(ui, "Name", &mut form.name, hint, false)
}
