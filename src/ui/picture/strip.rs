//! Shows the line under the picture: its state, its size, and who is in control. It lies beside the picture, so that it
//! hides none of it.

use egui::{Align, Frame, Label, Layout, Margin, Rect, RichText, Ui, UiBuilder, WidgetText, vec2};

use super::geometry::FrameToUi;
use super::props::{PictureMode, PictureProps};
use super::words::Words;
use crate::base::text::one_line;
use crate::model::{PictureSource, Severity};
use crate::ui::action::Action;
use crate::ui::command::Command;
use crate::ui::full_screen::LEAVE;
use crate::ui::people::way_to_control;
use crate::ui::session_state::{recording_mark, recording_words, state_color, state_mark};
use crate::ui::state::OpenSession;
use crate::ui::theme::Colors;
use crate::ui::widgets::{command_button_as, command_toggle, with_command_tooltip};

/// Height of the strip, in points.
pub const STRIP_HEIGHT: f32 = 32.0;

/// Points that are left to the state before a name beside it is cut.
const ROOM_FOR_STATE: f32 = 96.0;
/// Points that have to be left so that a label is shown at all: less would show only that it is cut.
const ROOM_FOR_WORD: f32 = 24.0;
/// Points that have to be left so that buttons have all their words.
const ROOM_FOR_WORDS: f32 = 560.0;
/// Points that have to be left beside the state so that the picture's size is shown.
const ROOM_FOR_SIZE: f32 = 260.0;
/// Points that have to be left so that the note on hidden boxes is shown.
const ROOM_FOR_BOXES: f32 = 200.0;
/// Points that have to be left so that the way out of control is a button.
const ROOM_FOR_LEAVING: f32 = 330.0;
/// Points that have to be left so that the sign of a shared clipboard is shown.
const ROOM_FOR_SHARING: f32 = 190.0;

/// Shows the strip at `place`. `acting` is the participant who does something in the page now.
pub(super) fn strip_ui(
    ui: &mut Ui,
    place: Rect,
    props: &PictureProps<'_>,
    geometry: Option<&FrameToUi>,
    words: &Words,
    acting: Option<u32>,
    actions: &mut Vec<Action>,
) {
    // What is at the right is laid out first: when the window is narrow, the reason is cut and not the way out.
    let layout = Layout::right_to_left(Align::Center);
    let builder = UiBuilder::new()
        .id_salt("picture strip")
        .max_rect(place.shrink2(vec2(8.0, 2.0)))
        .layout(layout);
    let mut ui = ui.new_child(builder);
    ui.shrink_clip_rect(place);
    let colors = Colors::of(ui.ctx());
    ui.painter().rect_filled(place, 0, colors.ground);
    ui.painter().hline(place.x_range(), place.top(), (1.0, colors.line));
    if props.alone {
        leave_ui(&mut ui, props, actions);
    }
    control_ui(&mut ui, props, acting, actions);
    recording_ui(&mut ui, props);
    boxes_ui(&mut ui, props, actions);
    if let Some(geometry) = geometry
        && ui.available_width() > ROOM_FOR_SIZE
    {
        size_ui(&mut ui, geometry);
    }
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        state_ui(ui, props, words);
    });
}

fn state_ui(ui: &mut Ui, props: &PictureProps<'_>, words: &Words) {
    let color = state_color(props.session, Colors::of(ui.ctx()));
    let mark = state_mark(ui, props.session, props.clock);
    // The word beside the mark says the same, and once is enough for a screen reader.
    ui.ctx().accesskit_node_builder(mark.id, |node| {
        node.set_hidden();
        node.clear_label();
    });
    cut_ui(ui, RichText::new(&words.state).strong().color(color), &words.state);
    if let Some((text, why)) = source_words(props.session) {
        cut_ui(ui, RichText::new(text).weak(), why);
    }
    // What waits for somebody is asked over the picture already, in the same words.
    let severity = props.session.page_state().map(|concern| concern.kind.row().severity);
    if !words.detail.is_empty() && severity != Some(Severity::Waits) {
        cut_ui(ui, &words.detail, &words.detail);
    }
}

/// Shows a text that is cut where there is no room for it, and all of it or why it is so while the pointer rests on it.
fn cut_ui(ui: &mut Ui, text: impl Into<WidgetText>, hover: &str) {
    if ui.available_width() >= ROOM_FOR_WORD {
        ui.add(Label::new(text).selectable(false).truncate()).on_hover_text(hover);
    }
}

/// Leads out of full screen. In control the key that does so goes to the page, so it is not told then.
fn leave_ui(ui: &mut Ui, props: &PictureProps<'_>, actions: &mut Vec<Action>) {
    match props.mode {
        PictureMode::Watching => run_as_ui(ui, props, Command::FullScreen, LEAVE, actions),
        PictureMode::Control { .. } => {
            if ui.button(LEAVE).clicked() {
                actions.push(Action::Run(Command::FullScreen));
            }
        }
    }
}

/// Returns what has to be known of pictures that are not the session's own stream, and why they are not.
fn source_words(session: &OpenSession) -> Option<(&'static str, &'static str)> {
    if session.condition.is_stale() {
        return None;
    }
    match session.view.picture_source {
        PictureSource::Stream => None,
        PictureSource::Screenshots => Some((
            "by screenshots",
            "This desktop sends video that can't be decoded here, so screenshots are taken: at most two a second",
        )),
        PictureSource::Paused => Some((
            "screenshots paused",
            "Nobody did anything for long. Do something in the session or keep it alive, and they go on",
        )),
        PictureSource::Unavailable => Some((
            "no screenshot",
            "This desktop sends video that can't be decoded here, and gives no screenshot: the log says why",
        )),
    }
}

fn control_ui(
    ui: &mut Ui,
    props: &PictureProps<'_>,
    acting: Option<u32>,
    actions: &mut Vec<Action>,
) {
    let can = props.session.view.capabilities;
    match props.mode {
        PictureMode::Control { keyboard_here } => {
            // The way out is always shown: as a button, or in the words where the button has no room.
            let has_room = ui.available_width() > ROOM_FOR_LEAVING;
            if has_room {
                run_ui(ui, props, Command::ReleaseControl, actions);
            }
            let text = control_text(props, !has_room);
            sharing_ui(ui, props, actions);
            match props.session.has_control() {
                true => pill_ui(ui, &text),
                false => {
                    text_ui(ui, RichText::new(text).strong().color(Colors::of(ui.ctx()).waiting))
                }
            }
            if !keyboard_here && ui.available_width() > ROOM_FOR_LEAVING {
                text_ui(ui, keyboard_words(props.session));
            }
        }
        // The state beside it already tells the reason.
        PictureMode::Watching if props.session.condition.is_away() => (),
        PictureMode::Watching if props.session.drives() => {
            let (back, hand_back) = match ui.available_width() > ROOM_FOR_WORDS {
                true => ("Return to the page", Command::HandBack.name()),
                false => ("Return", "Hand back…"),
            };
            run_as_ui(ui, props, Command::ArmControl, back, actions);
            run_as_ui(ui, props, Command::HandBack, hand_back, actions);
            pill_ui(ui, "You have control");
        }
        PictureMode::Watching if let Some(other) = other_driver(props.session) => {
            let (command, text) = way_to_control(&props.session.view.people);
            run_as_ui(ui, props, command, text, actions);
            let acts = acting == props.session.view.people.driver;
            let text = match acts {
                true => format!("{other} is acting"),
                false => format!("{other} has control"),
            };
            // A long name leaves room to the state, which is laid out after it.
            ui.scope(|ui| {
                ui.set_max_width((ui.available_width() - ROOM_FOR_STATE).max(ROOM_FOR_WORD));
                cut_ui(ui, &text, &text);
            });
        }
        PictureMode::Watching if can.clicks || can.keys => {
            run_ui(ui, props, Command::ArmControl, actions);
            if let Some(acting) = acting {
                let name = one_line(&props.session.view.people.name_of(acting), 24);
                text_ui(ui, format!("{name} is acting"));
            }
        }
        PictureMode::Watching => text_ui(ui, "This session can only be watched"),
    }
}

/// Shows that the clipboard is shared, as a button that ends it.
fn sharing_ui(ui: &mut Ui, props: &PictureProps<'_>, actions: &mut Vec<Action>) {
    let shares = props.session.view.shares_clipboard == Some(true);
    if shares
        && ui.available_width() > ROOM_FOR_SHARING
        && command_toggle(ui, Command::ShareClipboard, true, props.bindings).clicked()
    {
        actions.push(Action::Run(Command::ShareClipboard));
    }
}

/// Says who has the keyboard in control, where the page has not.
fn keyboard_words(session: &OpenSession) -> &'static str {
    match (&session.view.dialog, &session.view.form_control) {
        (Some(_), _) => "The page waits for your answer",
        (None, Some(_)) => "The list takes your keys",
        (None, None) => "Click the picture to type there",
    }
}

/// Returns the name of whoever else has control.
fn other_driver(session: &OpenSession) -> Option<String> {
    let people = &session.view.people;
    let driver = people.driver.filter(|driver| *driver != people.me)?;
    Some(one_line(&people.name_of(driver), 24))
}

/// Shows that the session is recorded, for how long, and how much.
fn recording_ui(ui: &mut Ui, props: &PictureProps<'_>) {
    let Some(mark) = props.session.recording else { return };
    if ui.available_width() > ROOM_FOR_SHARING {
        text_ui(ui, recording_words(mark, props.clock));
    }
    recording_mark(ui, props.session, props.clock);
}

/// Says that boxes are missing from the picture, and brings them back.
fn boxes_ui(ui: &mut Ui, props: &PictureProps<'_>, actions: &mut Vec<Action>) {
    let has_boxes = props.session.view.capabilities.detections;
    if has_boxes && props.boxes.all_hidden && ui.available_width() > ROOM_FOR_BOXES {
        let button = ui.button("Boxes hidden");
        if with_command_tooltip(button, Command::ToggleBoxes, props.bindings).clicked() {
            actions.push(Action::Run(Command::ToggleBoxes));
        }
    }
}

fn control_text(props: &PictureProps<'_>, with_the_way_out: bool) -> String {
    let text = match props.session.has_control() {
        true => "You have control",
        false if props.session.condition.is_away() => "Control waits for the connection",
        false => "Taking control…",
    };
    let chord = props.bindings.chord_of(Command::ReleaseControl);
    match chord.filter(|_| with_the_way_out) {
        Some(chord) => format!("{text} — {chord} releases it"),
        None => text.to_owned(),
    }
}

fn run_ui(ui: &mut Ui, props: &PictureProps<'_>, command: Command, actions: &mut Vec<Action>) {
    run_as_ui(ui, props, command, command.name(), actions);
}

fn run_as_ui(
    ui: &mut Ui,
    props: &PictureProps<'_>,
    command: Command,
    text: &str,
    actions: &mut Vec<Action>,
) {
    if command_button_as(ui, command, text, props.bindings).clicked() {
        actions.push(Action::Run(command));
    }
}

fn pill_ui(ui: &mut Ui, text: &str) {
    let colors = Colors::of(ui.ctx());
    Frame::new().fill(colors.control).corner_radius(4).inner_margin(Margin::symmetric(8, 3)).show(
        ui,
        |ui| {
            text_ui(ui, RichText::new(text).strong().color(colors.on_control));
        },
    );
}

fn size_ui(ui: &mut Ui, geometry: &FrameToUi) {
    let frame = geometry.frame();
    let percent = geometry.scale() * 100.0;
    let text = format!("{}×{}  {percent:.0} %", frame.width, frame.height);
    text_ui(ui, RichText::new(text).weak());
}

fn text_ui(ui: &mut Ui, text: impl Into<WidgetText>) {
    ui.add(Label::new(text).selectable(false).extend());
}
