//! Shows a page's alert, confirm or prompt over the picture, and answers it from our window.

use std::time::{Duration, Instant};

use egui::{
    Align2, Area, Button, Frame, Id, Key, Margin, Order, Rect, Response, RichText, ScrollArea,
    TextEdit, Ui, vec2,
};

use super::panel_io::PanelIo;
use super::people::calls_height;
use super::picture::picture_id;
use super::state::OpenSession;
use super::theme::Colors;
use super::toolbar::select_all;
use super::widgets::primary_button;
use crate::base::text::{clip, many_lines, one_line};
use crate::model::{Dialog, DialogKind, PageControl};

/// Keys that were pressed before anybody could see the dialog are not meant for it.
const SEEN_AFTER: Duration = Duration::from_millis(300);
const WIDTH: f32 = 440.0;
const MESSAGE_HEIGHT: f32 = 160.0;
const MAX_MESSAGE: usize = 10_000;
const GAP: f32 = 8.0;

/// What the card keeps from pass to pass.
#[derive(Debug, Default)]
pub struct PageDialogState {
    /// The dialog that `text` belongs to, and when it was shown first.
    answering: Option<(Dialog, Instant)>,
    /// The text that is being typed into a prompt.
    text: String,
}

/// What a dialog says beside the page's own words.
struct DialogTexts {
    title: String,
    message: String,
    accept: &'static str,
    dismiss: Option<&'static str>,
}

/// Draws the dialog of `open`, where its page shows one, over the top of the picture at `place`. Nothing moves when it
/// comes or goes. `covered` says that something of ours lies over the window and has the keyboard.
pub fn page_dialog_ui(
    ui: &Ui,
    io: &mut PanelIo<'_>,
    memory: &mut PageDialogState,
    open: &OpenSession,
    place: Rect,
    covered: bool,
) {
    let Some(dialog) = open.view.dialog.as_ref().filter(|_| !open.condition.is_away()) else {
        if memory.answering.take().is_some() && io.state.control && !covered {
            // What is typed next is for the page again.
            ui.memory_mut(|memory| memory.request_focus(picture_id()));
        }
        return;
    };
    let is_new = memory.answering.as_ref().is_none_or(|(known, _)| known != dialog);
    if is_new {
        memory.answering = Some((dialog.clone(), io.state.now));
        memory.text.clone_from(&dialog.default_text);
    }
    let shown_at = memory.answering.as_ref().map_or(io.state.now, |(_, at)| *at);
    let is_seen = io.state.now.saturating_duration_since(shown_at) >= SEEN_AFTER;
    let top = place.center_top() + vec2(0.0, GAP + calls_height(ui.ctx()));
    let area = Area::new(Id::unique("page dialog")).order(Order::Middle).fade_in(false);
    let area = area.pivot(Align2::CENTER_TOP).fixed_pos(top).constrain_to(place);
    area.show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).inner_margin(Margin::symmetric(14, 10)).show(ui, |ui| {
            ui.set_width((place.width() - 48.0).clamp(120.0, WIDTH));
            let driver = other_driver(open);
            ui.add_enabled_ui(driver.is_none(), |ui| {
                let control = io.state.control;
                let turn =
                    DialogTurn { is_new, is_seen, covered, control, is_ours: driver.is_none() };
                card_ui(ui, io, dialog, &mut memory.text, turn);
            });
            if let Some(driver) = driver {
                ui.weak(format!("{driver} has control, and answers"));
            }
        });
    });
}

/// How the dialog stands to the keyboard in this pass.
#[derive(Clone, Copy)]
struct DialogTurn {
    is_new: bool,
    is_seen: bool,
    covered: bool,
    /// Whether keyboard and mouse go to the session.
    control: bool,
    /// Whether this window's user may answer.
    is_ours: bool,
}

fn card_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    dialog: &Dialog,
    text: &mut String,
    turn: DialogTurn,
) {
    let texts = texts_of(dialog);
    ui.label(RichText::new(texts.title).strong().color(Colors::of(ui.ctx()).waiting));
    ScrollArea::vertical().max_height(MESSAGE_HEIGHT).show(ui, |ui| ui.label(texts.message));
    let field = (dialog.kind == DialogKind::Prompt).then(|| {
        let field = TextEdit::singleline(text).id_salt("answer").desired_width(f32::INFINITY);
        let field = ui.add(field.margin(Margin::symmetric(8, 5)));
        ui.ctx().accesskit_node_builder(field.id, |node| node.set_label("Answer to the page"));
        field
    });
    ui.add_space(4.0);
    let (accept, dismiss) = ui
        .horizontal_wrapped(|ui| {
            let accept = ui.add(primary_button(ui, RichText::new(texts.accept)));
            (accept, texts.dismiss.map(|dismiss| ui.add(Button::new(dismiss))))
        })
        .inner;
    let main = field.as_ref().unwrap_or(&accept);
    let pressed = |key| ui.input(|input| input.key_pressed(key)) && !turn.covered;
    let entered = field.as_ref().is_some_and(Response::lost_focus) && pressed(Key::Enter);
    take_keyboard(ui, main, turn);
    if turn.is_new && field.is_some() && turn.is_ours {
        // What is typed replaces the page's default answer, as in a browser.
        select_all(ui, main.id, text.chars().count());
    }
    // An alert has one answer, and Escape gives it.
    let escaped = pressed(Key::Escape);
    let accepted = accept.clicked() || entered || (escaped && dismiss.is_none());
    let dismissed = dismiss.is_some_and(|dismiss| dismiss.clicked()) || escaped;
    let by_key = ui.input(|input| !input.pointer.any_click());
    if !turn.is_ours || (by_key && !turn.is_seen) {
        return;
    }
    if accepted {
        let text = (dialog.kind == DialogKind::Prompt).then(|| text.clone());
        io.send(PageControl::AnswerDialog { accept: true, text });
    } else if dismissed {
        io.send(PageControl::AnswerDialog { accept: false, text: None });
    }
}

/// Gives the dialog the keyboard, unless it is in a field of ours: keys that nobody waits for would go to a page that
/// takes none.
fn take_keyboard(ui: &Ui, main: &Response, turn: DialogTurn) {
    if turn.covered || !turn.is_ours {
        return;
    }
    let is_tab = ui.input(|input| input.key_pressed(Key::Tab));
    let is_free = match ui.memory(|memory| memory.focused()) {
        None => !is_tab,
        Some(id) => id == picture_id() && turn.control,
    };
    if is_free {
        main.request_focus();
    }
}

fn texts_of(dialog: &Dialog) -> DialogTexts {
    let site = site_of(&dialog.url);
    let words = many_lines(clip(dialog.message.trim(), MAX_MESSAGE));
    // The page's words are quoted, so that nobody takes them for ours.
    let message = if words.is_empty() { String::new() } else { format!("“{words}”") };
    match dialog.kind {
        DialogKind::Alert => {
            DialogTexts { title: format!("{site} says"), message, accept: "OK", dismiss: None }
        }
        DialogKind::Confirm | DialogKind::Prompt => DialogTexts {
            title: format!("{site} asks"),
            message,
            accept: "OK",
            dismiss: Some("Cancel"),
        },
        DialogKind::BeforeUnload => DialogTexts {
            title: format!("Leave {site}?"),
            message: "What was entered there may be lost".to_owned(),
            accept: "Leave page",
            dismiss: Some("Stay"),
        },
    }
}

/// Returns the name of somebody else who drives, who is the one to answer.
fn other_driver(open: &OpenSession) -> Option<String> {
    let people = &open.view.people;
    let driver = people.driver.filter(|driver| *driver != people.me)?;
    Some(one_line(&people.name_of(driver), 24))
}

/// Returns the host of the page's address, or words for a page that has no such address.
fn site_of(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(url) if url.has_host() => url.host_str().unwrap_or_default().to_owned(),
        _ => "The page".to_owned(),
    }
}
