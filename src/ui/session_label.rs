//! Groups the list of sessions by what the user says of them, and draws the entries of a session's menu that change it.

use egui::Ui;

use super::action::Action;
use super::modal::Modal;
use super::panel_io::PanelIo;
use super::session_links::{address_of, link_of};
use super::state::{AppState, SessionKey};
use crate::settings::SessionLabel;

const PINNED: &str = "Pinned";
const NEEDS_YOU: &str = "Needs you";

/// Returns the sessions that stand under a heading of their own: first those that need
/// somebody, where the user wants that, then those that are pinned, then each group by its name. A session that is neither watched nor listed is not there.
pub fn headings(state: &AppState<'_>) -> Vec<(String, Vec<SessionKey>)> {
    let labels = || state.memory.labels.iter().filter(|label| is_there(state, label));
    let keys = |labels: &mut dyn Iterator<Item = &SessionLabel>| labels.map(key_of).collect();
    let pinned: Vec<SessionKey> = keys(&mut labels().filter(|label| label.pinned));
    let is_grouped = |label: &&SessionLabel| !label.pinned && !label.group.is_empty();
    let mut groups: Vec<&str> = labels().filter(is_grouped).map(|it| it.group.as_str()).collect();
    groups.sort_unstable();
    groups.dedup();
    let groups = groups.into_iter().map(|group| {
        let mut of_group = labels().filter(is_grouped).filter(|label| label.group == group);
        (group.to_owned(), keys(&mut of_group))
    });
    let pinned = (!pinned.is_empty()).then(|| (PINNED.to_owned(), pinned));
    let needing: Vec<SessionKey> = needing(state).into_iter().cloned().collect();
    let is_elsewhere = |key: &SessionKey| !needing.contains(key);
    let labeled = pinned.into_iter().chain(groups).filter_map(|(title, keys)| {
        let keys: Vec<SessionKey> = keys.into_iter().filter(is_elsewhere).collect();
        (!keys.is_empty()).then_some((title, keys))
    });
    let labeled: Vec<_> = labeled.collect();
    let needing = (!needing.is_empty()).then(|| (NEEDS_YOU.to_owned(), needing));
    needing.into_iter().chain(labeled).collect()
}

/// Returns the sessions that come first because they need somebody, where the user wants them so.
fn needing<'a>(state: &AppState<'a>) -> Vec<&'a SessionKey> {
    if state.settings.needs_first { state.needing() } else { Vec::new() }
}

/// Tells whether a session stands under one of [`headings`] and not under its service.
pub fn stands_apart(state: &AppState<'_>, key: &SessionKey) -> bool {
    let label = state.memory.label(&key.service, &key.id);
    label.is_some_and(|label| label.pinned || !label.group.is_empty())
        || needing(state).contains(&key)
}

/// Returns what the user says of a session, to be changed.
pub fn label_of(state: &AppState<'_>, key: &SessionKey) -> SessionLabel {
    let label = state.memory.label(&key.service, &key.id).cloned();
    label.unwrap_or_else(|| SessionLabel {
        service: key.service.clone(),
        id: key.id.clone(),
        ..SessionLabel::default()
    })
}

/// Draws the entries of a session's menu that name, pin and copy it.
pub fn label_menu_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    key: &SessionKey,
    modal: &mut Option<Modal>,
) {
    let label = label_of(io.state, key);
    if ui.button("Name, group, color…").clicked() {
        *modal = Some(Modal::Label(label.clone()));
    }
    if ui.button(if label.pinned { "Unpin" } else { "Pin" }).clicked() {
        io.act(Action::Label(SessionLabel { pinned: !label.pinned, ..label }));
    }
    ui.separator();
    copy_ui(ui, io, "Copy link", link_of(io.state, key));
    copy_ui(ui, io, "Copy address", address_of(io.state, key));
}

fn copy_ui(ui: &mut Ui, io: &mut PanelIo<'_>, words: &str, text: Result<String, &'static str>) {
    let button = ui.add_enabled(text.is_ok(), egui::Button::new(words));
    match text {
        Ok(text) if button.clicked() => io.act(Action::Copy(text)),
        Ok(_) => (),
        Err(why) => drop(button.on_disabled_hover_text(why)),
    }
}

fn key_of(label: &SessionLabel) -> SessionKey {
    SessionKey { service: label.service.clone(), id: label.id.clone() }
}

fn is_there(state: &AppState<'_>, label: &SessionLabel) -> bool {
    let is_it = |service: &str, id: &str| service == label.service && id == label.id;
    let mut listed = state.services.iter().filter(|service| service.name == label.service);
    state.open.iter().any(|open| is_it(&open.key.service, &open.key.id))
        || listed.any(|service| service.sessions.iter().any(|session| session.id == label.id))
}
