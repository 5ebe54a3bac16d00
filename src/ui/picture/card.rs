//! Shows the cards over the picture, or in its place where there is none.

use std::time::Duration;

use egui::{
    Align, Align2, Area, Color32, Frame, Id, Label, Layout, Margin, Order, Pos2, Rect, RichText,
    TextStyle, Ui, vec2,
};

use super::props::{Mend, PictureProps};
use super::words::{Words, coarse};
use crate::model::Condition;
use crate::ui::action::Action;
use crate::ui::command::Command;
use crate::ui::sessions::stop_words;
use crate::ui::successor;

const MARGIN: f32 = 12.0;
const MAX_WIDTH: f32 = 460.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Card {
    Empty,
    Stale,
    Hint,
    Composing,
}

/// Says in the middle of an area without a picture what is awaited, or why nothing will come.
pub(super) fn empty_ui(
    ui: &Ui,
    area: Rect,
    props: &PictureProps<'_>,
    words: &Words,
    actions: &mut Vec<Action>,
) {
    let room = area.shrink(MARGIN);
    card_ui(ui, Card::Empty, room, |ui| {
        ui.label(RichText::new(&words.state).heading());
        if !words.can_reconnect && !props.session.condition.is_over() {
            let name = &props.session.name;
            ui.label(format!("Waiting for the first picture of {name}"));
        }
        reason_ui(ui, props, words, actions);
    });
}

/// Warns at the top of a picture that it may no longer be what the session shows.
pub(super) fn stale_ui(
    ui: &Ui,
    visible: Rect,
    props: &PictureProps<'_>,
    words: &Words,
    age: Duration,
    actions: &mut Vec<Action>,
) {
    let clock = props.clock;
    let how_old = if clock.ticks() {
        let (age, changes_in) = coarse(age);
        ui.ctx().request_repaint_after(changes_in);
        format!("This picture is {age} old")
    } else {
        format!("This picture came at {}", clock.moment_ago(age))
    };
    let room = visible.shrink(MARGIN);
    card_ui(ui, Card::Stale, room, |ui| {
        ui.label(RichText::new(&words.state).heading());
        ui.label(how_old);
        reason_ui(ui, props, words, actions);
    });
}

/// Says over the picture of a page that can do nothing any more what is wrong with it, and offers to load it again.
pub(super) fn dead_page_ui(
    ui: &Ui,
    visible: Rect,
    props: &PictureProps<'_>,
    words: &Words,
    actions: &mut Vec<Action>,
) {
    card_ui(ui, Card::Stale, visible.shrink(MARGIN), |ui| {
        ui.label(RichText::new(&words.state).heading());
        ui.add(Label::new(words.sentence()).wrap());
        let can_reload =
            props.session.view.capabilities.navigation && !props.session.lacks_history();
        if can_reload {
            ui.add_space(4.0);
            let reload = (Command::Reload.name(), Action::Run(Command::Reload));
            buttons_ui(ui, std::iter::once(&reload), actions);
        }
    });
}

/// Says for a moment how to take control. The hint never takes a click.
pub(super) fn hint_ui(ui: &Ui, visible: Rect, text: &str) {
    let room = visible.shrink(MARGIN);
    card_ui(ui, Card::Hint, room, |ui| {
        ui.label(RichText::new(text).strong());
    });
}

/// Shows what an input method is composing, at the place where the text will most likely go.
pub(super) fn compose_ui(ui: &Ui, area: Rect, caret: Pos2, preedit: &str) {
    let room = Rect::from_min_max(caret.clamp(area.min, area.max), area.max);
    card_ui(ui, Card::Composing, room, |ui| {
        ui.label(RichText::new(preedit).underline().size(16.0));
    });
}

fn reason_ui(ui: &mut Ui, props: &PictureProps<'_>, words: &Words, actions: &mut Vec<Action>) {
    if !words.detail.is_empty() {
        ui.add(Label::new(words.sentence()).wrap());
    }
    let condition = &props.session.condition;
    if words.can_reconnect {
        ui.add_space(4.0);
        let again = (Command::ReconnectNow.name(), Action::Run(Command::ReconnectNow));
        let buttons = [Some(&again), props.mend.as_ref()];
        buttons_ui(ui, buttons.into_iter().flatten(), actions);
    }
    match condition {
        Condition::Ended { .. } => {
            // This line also keeps what is below out of the place where "Reconnect now" was a moment ago.
            ui.weak("There is nothing left to connect to");
            ui.add_space(4.0);
        }
        Condition::Refused { .. } => (),
        Condition::Connecting { .. }
        | Condition::Connected
        | Condition::Live
        | Condition::Unreadable { .. }
        | Condition::Missing { .. }
        | Condition::Quiet { .. }
        | Condition::Idle { .. }
        | Condition::Stalled { .. }
        | Condition::Reconnecting { .. } => return,
    }
    if let Some(new) = props.successor.filter(|_| condition.is_over())
        && ui.button(successor::words(new)).clicked()
    {
        actions.push(Action::Create(new.clone()));
    }
    if ui.button(stop_words(props.session)).clicked() {
        actions.push(Action::StopWatching(props.session.key.clone()));
    }
}

/// Shows buttons beside each other, in the middle.
fn buttons_ui<'a>(
    ui: &mut Ui,
    buttons: impl Iterator<Item = &'a Mend> + Clone,
    actions: &mut Vec<Action>,
) {
    let font = TextStyle::Button.resolve(ui.style());
    let space = ui.spacing();
    let (padding, gap) = (2.0 * space.button_padding.x, space.item_spacing.x);
    let widths = buttons.clone().map(|(name, _)| {
        let text = (*name).to_owned();
        let galley = ui.painter().layout_no_wrap(text, font.clone(), Color32::WHITE);
        galley.size().x + padding + gap
    });
    let width = widths.sum::<f32>() - gap;
    let height = ui.spacing().interact_size.y;
    ui.allocate_ui_with_layout(vec2(width, height), Layout::left_to_right(Align::Center), |ui| {
        for (name, action) in buttons {
            if ui.button(*name).clicked() {
                actions.push(action.clone());
            }
        }
    });
}

/// Shows a card at an edge or in the middle of `room`. It has a layer of its own, so that clicks on it are not the
/// picture's.
fn card_ui(ui: &Ui, card: Card, room: Rect, content: impl FnOnce(&mut Ui)) {
    let (align, takes_clicks) = match card {
        Card::Empty => (Align2::CENTER_CENTER, true),
        Card::Stale => (Align2::CENTER_TOP, true),
        Card::Hint => (Align2::CENTER_BOTTOM, false),
        Card::Composing => (Align2::LEFT_TOP, false),
    };
    let area = Area::new(Id::unique(("picture card", card)))
        .order(Order::Middle)
        .pivot(align)
        .fixed_pos(align.pos_in_rect(&room))
        .constrain_to(room)
        .interactable(takes_clicks)
        .fade_in(false);
    area.show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).inner_margin(Margin::symmetric(14, 10)).show(ui, |ui| {
            ui.set_max_width((room.width() - 28.0).clamp(40.0, MAX_WIDTH));
            match card {
                Card::Empty | Card::Stale => {
                    ui.with_layout(Layout::top_down(Align::Center), content);
                }
                // These cards are as wide as their words.
                Card::Hint | Card::Composing => content(ui),
            }
        });
    });
}
