//! Draws the form for a camera, and the question before one is removed.

use egui::{Button, RichText, TextEdit, Ui};
use secrecy::{ExposeSecret as _, SecretString};
use strum::IntoEnumIterator as _;

use super::check::problem_ui;
use super::{
    ModalAnswer, answer_of, button_row_ui, buttons_ui, edit_ui, field_ui, row_ui, title_ui,
};
use crate::base::address::has_scheme;
use crate::base::place::is_loopback;
use crate::base::text::one_line;
use crate::protocol::camera::{AddressLogin, BoxFormat, CameraAddress, forward_base};
use crate::settings::{CameraKeyPlace, CameraProfile, ForwardProfile};
use crate::ui::action::{Action, NewCamera};
use crate::ui::command::Command;
use crate::ui::panel_io::PanelIo;
use crate::ui::theme::Colors;

/// The values that are typed into the form for a camera.
#[derive(Clone, PartialEq)]
pub struct CameraForm {
    /// Name of the camera.
    pub name: String,
    /// Address of the camera.
    pub url: String,
    /// Name that the camera asks for; empty where it asks for none.
    pub user: String,
    /// Password of the name; empty keeps the known one.
    pub password: String,
    /// Whether name and password may go unencrypted to this camera, in a private network.
    pub open_login: bool,
    /// Key of the camera; empty keeps the known one.
    pub key: String,
    /// Place in the camera's requests where the key stands.
    pub key_place: CameraKeyPlace,
    /// Format of the boxes that the camera sends.
    pub box_format: BoxFormat,
    /// Base address of the service that pictures are sent on to; empty where they are not sent on.
    pub forward_url: String,
    /// Key of the service that pictures are sent on to; empty keeps the known one.
    pub forward_key: String,
    /// Pictures that are sent on per second.
    pub per_second: f32,
    /// The old name of the camera that is being changed.
    pub replaces: Option<String>,
}

impl std::fmt::Debug for CameraForm {
    /// Leaves out the keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CameraForm")
            .field("name", &self.name)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Default for CameraForm {
    fn default() -> Self {
        Self::of(&CameraProfile::default())
    }
}

impl CameraForm {
    /// Makes the form for changing a camera that is known; its keys stay where they are.
    pub fn of(profile: &CameraProfile) -> Self {
        let forward = profile.forward.clone().unwrap_or_default();
        let key_place = match profile.key_place {
            CameraKeyPlace::None => CameraKeyPlace::Header,
            place => place,
        };
        // An address that was written by hand may hold a login, which is shown in its own fields only.
        let (url, written) = match CameraAddress::with_login(&profile.url) {
            Ok((address, Some(login))) => (address.url.to_string(), Some(login)),
            _ => (profile.url.clone(), None),
        };
        let (user, password) = match written.filter(|_| profile.user.is_empty()) {
            Some(login) => (login.name, login.password.expose_secret().to_owned()),
            None => (profile.user.clone(), String::new()),
        };
        Self {
            name: profile.name.clone(),
            url,
            user,
            password,
            open_login: profile.open_login,
            key: String::new(),
            key_place,
            box_format: profile.box_format,
            forward_url: forward.url,
            forward_key: String::new(),
            per_second: forward.per_second,
            replaces: Some(profile.name.clone()).filter(|name| !name.is_empty()),
        }
    }

    /// Returns the address and the login, which is in the fields or in the address.
    fn read(&self) -> Result<(CameraAddress, Option<AddressLogin>), String> {
        let (address, written) = CameraAddress::with_login(&self.url)?;
        let typed = (!self.user.trim().is_empty()).then(|| AddressLogin {
            name: self.user.trim().to_owned(),
            password: SecretString::from(self.password.as_str()),
        });
        Ok((address, typed.or(written)))
    }

    /// Returns what is wrong with the form, in one sentence with the next step.
    fn problem(&self) -> Option<String> {
        let forward = self.forward_url.trim();
        self.read()
            .and_then(|(address, login)| {
                let is_open = login.is_some() && is_open(&address);
                match is_open && !self.open_login {
                    true => Err("Name and password would go unencrypted to this camera: allow that, or use https"
                        .to_owned()),
                    false => Ok(()),
                }
            })
            .and_then(|()| match forward {
                "" => Ok(()),
                base => forward_base(base).map(drop),
            })
            .err()
    }

    /// Tells whether a login would go unencrypted to another computer, which needs the user's consent.
    fn needs_consent(&self) -> bool {
        self.read().is_ok_and(|(address, login)| login.is_some() && is_open(&address))
    }

    fn new_camera(&self) -> Option<NewCamera> {
        let (address, login) = self.read().ok()?;
        let name = match self.name.trim() {
            "" => address.name(),
            name => one_line(name, 80),
        };
        let forward = self.forward_url.trim();
        let has_login = login.is_some();
        let open_login = has_login && is_open(&address) && self.open_login;
        let (user, key) = match login {
            Some(login) => (login.name, login.password.expose_secret().to_owned()),
            None => (String::new(), self.key.trim().to_owned()),
        };
        Some(NewCamera {
            profile: CameraProfile {
                name,
                url: address.url.to_string(),
                user,
                open_login,
                key_place: if has_login { CameraKeyPlace::None } else { self.key_place },
                box_format: self.box_format,
                forward: (!forward.is_empty()).then(|| ForwardProfile {
                    url: match forward_base(forward) {
                        Ok(base) if !has_scheme(forward) => base.to_string(),
                        Ok(_) | Err(_) => forward.to_owned(),
                    },
                    has_key: !self.forward_key.trim().is_empty(),
                    per_second: self.per_second,
                }),
            },
            key,
            forward_key: self.forward_key.trim().to_owned(),
            replaces: self.replaces.clone(),
        })
    }
}

pub(super) fn camera_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    form: &mut CameraForm,
    is_new: bool,
) -> ModalAnswer {
    let title = match form.replaces {
        None => "Watch a camera",
        Some(_) => "Change this camera",
    };
    title_ui(ui, title);
    let hint = "ws://camera:7103/ws/stream/1";
    let mut entered = field_ui(ui, "Address", &mut form.url, hint, is_new);
    entered |= field_ui(ui, "Name", &mut form.name, "What it is called in the list", false);
    entered |= field_ui(ui, "User", &mut form.user, "None, or the name that it asks for", false);
    let has_user = !form.user.trim().is_empty();
    ui.add_enabled_ui(has_user, |ui| {
        let hint = "None, or the one that is kept";
        entered |= secret_ui(ui, "Password", &mut form.password, hint);
    });
    if form.needs_consent() {
        row_ui(ui, "", |ui, _| {
            let text = "Send both unencrypted over this network";
            let consent = ui.checkbox(&mut form.open_login, text);
            consent.on_hover_text("Whoever is in the network of the camera can read them")
        });
    }
    ui.add_enabled_ui(!has_user, |ui| {
        entered |= secret_ui(ui, "Key", &mut form.key, "None, or the one that is kept");
    });
    let has_key = !has_user && !form.key.trim().is_empty();
    // The fields are always there, because what is being typed into must not move.
    ui.add_enabled_ui(has_key, |ui| {
        row_ui(ui, "Key goes", |ui, _| {
            for place in CameraKeyPlace::iter() {
                let (name, help) = match place {
                    CameraKeyPlace::None => continue,
                    CameraKeyPlace::Header => ("In a header", "Authorization: Bearer …"),
                    CameraKeyPlace::Query => ("In the address", "?token=…, which servers may log"),
                    CameraKeyPlace::Subprotocol => {
                        ("As subprotocol", "For WebSocket servers made for web pages")
                    }
                };
                ui.selectable_value(&mut form.key_place, place, name).on_hover_text(help);
            }
        });
    });
    row_ui(ui, "Boxes", |ui, _| {
        for format in BoxFormat::iter() {
            let (name, help) = match format {
                BoxFormat::Xywh => ("Corner, size", "Left, top, width, height"),
                BoxFormat::Xyxy => ("Two corners", "Left, top, right, bottom"),
                BoxFormat::Cxcywh => ("Middle, size", "Middle across and down, width, height"),
            };
            ui.selectable_value(&mut form.box_format, format, name).on_hover_text(help);
        }
    });
    let hint = "Nowhere, or https://api.example.com";
    entered |= field_ui(ui, "Forward", &mut form.forward_url, hint, false);
    if !form.forward_url.trim().is_empty() {
        let hint = "None, or the one that is kept";
        entered |= secret_ui(ui, "Its key", &mut form.forward_key, hint);
        row_ui(ui, "At most", |ui, label| {
            let rate = egui::DragValue::new(&mut form.per_second)
                .range(0.1..=30.0)
                .speed(0.1)
                .max_decimals(1)
                .suffix(" pictures/s");
            ui.add(rate).labelled_by(label);
        });
    }
    let problem = form.problem();
    // A problem is only told once something was typed.
    if let Some(problem) = problem.as_ref().filter(|_| !form.url.trim().is_empty()) {
        ui.add_space(6.0);
        problem_ui(ui, problem);
    }
    let ready = problem.is_none();
    if form.replaces.is_none() && wants_demo(ui) {
        io.run(Command::DemoCamera);
        return ModalAnswer::Given;
    }
    let answer = buttons_ui(ui, "Watch", ready).or_entered(entered && ready);
    if answer == ModalAnswer::Given
        && let Some(new) = form.new_camera()
    {
        io.act(Action::AddCamera(new));
    }
    answer
}

/// Tells whether what is sent to a camera can be read on its way.
fn is_open(address: &CameraAddress) -> bool {
    matches!(address.url.scheme(), "http" | "ws") && !is_loopback(&address.url)
}

fn wants_demo(ui: &mut Ui) -> bool {
    ui.add_space(6.0);
    let row = ui.horizontal(|ui| {
        ui.label(RichText::new("None at hand?").small());
        ui.link(RichText::new(Command::DemoCamera.name()).small())
    });
    row.inner.clicked()
}

pub(super) fn confirm_remove_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    name: &str,
    is_new: bool,
) -> ModalAnswer {
    title_ui(ui, "Remove this camera?");
    let shown = one_line(name, 80);
    ui.label(format!(
        "The address and the key of “{shown}” are forgotten. The camera itself goes on"
    ));
    let colors = Colors::of(ui.ctx());
    let text = RichText::new("Remove camera").strong().color(colors.ground);
    let remove = Button::new(text).fill(colors.error);
    let (removed, cancel) = button_row_ui(ui, remove, true, "Cancel");
    if is_new {
        cancel.request_focus();
    }
    if removed {
        io.act(Action::RemoveCamera(name.to_owned()));
    }
    answer_of(removed, &cancel)
}

fn secret_ui(ui: &mut Ui, name: &str, text: &mut String, hint: &str) -> bool {
    let edit = TextEdit::singleline(text).id_salt(name).hint_text(hint).password(true);
    row_ui(ui, name, |ui, label| edit_ui(ui, edit, label, false))
}
