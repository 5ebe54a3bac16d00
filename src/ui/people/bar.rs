//! Shows what cannot wait for the panel to be opened: somebody asks for control, the page wants a file, or the agent
//! still acts.

use std::time::Duration;

use egui::{Align2, Area, Context, Frame, Id, LayerId, Margin, Order, Rect, RichText, Ui, vec2};

use super::roster::answer_ui;
use crate::base::text::one_line;
use crate::ui::command::Command;
use crate::ui::keep_alive_bar;
use crate::ui::panel_io::PanelIo;
use crate::ui::state::{AppState, OpenSession};
use crate::ui::theme::Colors;
use crate::ui::widgets::command_text_button;

/// A refused action of the agent is shown for this long after the last one.
const REFUSED_FOR: Duration = Duration::from_secs(10);

const CALLS_ORDER: Order = Order::Middle;
const GAP: f32 = 8.0;
const MARGIN: Margin = Margin::symmetric(10, 6);
const LEAST_WIDTH: f32 = 120.0;

/// One call for attention.
#[derive(Clone, Debug, PartialEq)]
pub enum AttentionCall {
    /// Somebody waits for an answer of this window's user.
    Asks {
        /// Index of the participant who asks.
        index: u32,
        /// Name of that participant.
        name: String,
        /// Time until the call goes by itself.
        left: Duration,
    },
    /// The page wants a file.
    WantsFile,
    /// The agent was refused while this window's user has control.
    AgentActs {
        /// The words about the refused action.
        text: String,
        /// Time until the call goes by itself.
        left: Duration,
    },
}

/// Returns what calls for attention in `open` now, the most pressing first.
pub fn calls(state: &AppState<'_>, open: &OpenSession) -> Vec<AttentionCall> {
    if open.condition.is_away() {
        return Vec::new();
    }
    let people = &open.view.people;
    let page = open.view.active_tab();
    let file = page.filter(|tab| tab.wants_file).map(|_| AttentionCall::WantsFile);
    if people.driver != Some(people.me) {
        return file.into_iter().collect();
    }
    let left = |until: jiff::Timestamp| Duration::try_from(until.duration_since(state.wall)).ok();
    let asks = people.requests.iter().filter_map(|request| {
        Some(AttentionCall::Asks {
            index: request.index,
            name: one_line(&people.name_of(request.index), 40),
            left: left(request.expires_at)?,
        })
    });
    let acts = open.view.agent_refused.as_ref().and_then(|event| {
        Some(AttentionCall::AgentActs {
            text: event.text.clone(),
            // A clock that was set back does not make it stay.
            left: left(event.received_at + REFUSED_FOR).filter(|left| *left <= REFUSED_FOR)?,
        })
    });
    asks.chain(acts).chain(file).collect()
}

/// Draws the calls over the top of the picture at `place`, so that nothing moves under the pointer when one comes or
/// goes.
pub fn calls_ui(ui: &Ui, io: &mut PanelIo<'_>, open: &OpenSession, place: Rect) {
    let calls = calls(io.state, open);
    let asks = keep_alive_bar::asks(open);
    if calls.is_empty() && !asks {
        return;
    }
    let room = (place.width() - 2.0 * GAP - MARGIN.sum().x).max(LEAST_WIDTH);
    Area::new(calls_id())
        .order(CALLS_ORDER)
        .pivot(Align2::CENTER_TOP)
        .fixed_pos(place.center_top() + vec2(0.0, GAP))
        .constrain_to(place)
        .default_width(room)
        .fade_in(false)
        .show(ui.ctx(), |ui| {
            let frame = Frame::popup(ui.style()).inner_margin(MARGIN);
            frame.show(ui, |ui| {
                ui.set_max_width(room);
                for call in &calls {
                    call_ui(ui, io, call);
                }
                if asks {
                    keep_alive_bar::keep_alive_bar_ui(ui, io);
                }
            });
        });
}

fn calls_id() -> Id {
    Id::unique("calls")
}

/// Returns the height of the calls over the picture with the gap below them, in points; 0 where there are none.
pub fn calls_height(ctx: &Context) -> f32 {
    let layer = LayerId::new(CALLS_ORDER, calls_id());
    ctx.memory(|memory| match memory.areas().is_visible(&layer) {
        true => memory.area_rect(layer.id).map_or(0.0, |rect| rect.height() + GAP),
        false => 0.0,
    })
}

fn call_ui(ui: &mut Ui, io: &mut PanelIo<'_>, call: &AttentionCall) {
    let colors = Colors::of(ui.ctx());
    ui.horizontal_wrapped(|ui| match call {
        AttentionCall::Asks { index, name, left } => {
            let text = format!("{name} asks for control");
            ui.label(RichText::new(text).strong().color(colors.waiting));
            answer_ui(ui, io, *index, name);
            ui.weak(format!("{} s left to answer", left.as_secs()));
            ui.ctx().request_repaint_after(Duration::from_secs(1));
        }
        AttentionCall::WantsFile => {
            ui.label(RichText::new("The page asks for a file").strong().color(colors.waiting));
            if command_text_button(ui, Command::GiveFile, true, io.bindings).clicked() {
                io.run(Command::GiveFile);
            }
        }
        AttentionCall::AgentActs { text, left } => {
            ui.label(RichText::new(one_line(text, 200)).strong().color(colors.stalled));
            if command_text_button(ui, Command::HandBack, true, io.bindings).clicked() {
                io.run(Command::HandBack);
            }
            ui.ctx().request_repaint_after(*left);
        }
    });
}
