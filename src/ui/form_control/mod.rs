//! Shows the list or the picker of a page's form control at its place in the picture, because Chromium draws those
//! outside of the picture.
//!
//! Whoever has control chooses with mouse or keyboard; everybody else sees what is open. While it is open the keys are
//! its own, as in a browser; only a field with suggestions keeps them until an arrow leads into its list.

mod calendar;
mod color;
mod keys;
mod list;
mod time;

use std::time::{Duration, Instant};

use egui::{Align2, Area, Context, EventFilter, Frame, Id, Margin, Order, Rect, Ui, pos2, vec2};
use jiff::civil::DateTime;

use self::calendar::CalendarState;
use self::color::ColorState;
use self::keys::ControlKeys;
use self::list::ListState;
use self::time::TimeState;
use super::panel_io::PanelIo;
use super::picture::{FrameToUi, picture_id};
use super::state::OpenSession;
use crate::model::{FormControl, FormControlKind, FrameSize, InputControl, KeyInput, PageControl};

/// A choice that the session does not take within this time is shown as open again.
const TAKEN_WITHIN: Duration = Duration::from_secs(3);
/// Distance in points between the control and what opens at it.
const GAP: f32 = 2.0;

/// Memory of the list or picker that is open.
#[derive(Debug, Default)]
pub struct FormControlState {
    open: Option<OpenControl>,
}

#[derive(Debug)]
struct OpenControl {
    /// Id of the control that the rest belongs to.
    id: String,
    draft: Draft,
    /// When something was chosen or the control was left.
    answered: Option<Instant>,
    /// It is to have the keys, which it can have only once it is painted.
    wants_keys: bool,
}

/// What is picked and not chosen yet.
#[derive(Debug)]
enum Draft {
    List(ListState),
    Day(CalendarState),
    Time(TimeState),
    /// A date with a time: Tab leads from one to the other.
    Moment {
        day: CalendarState,
        time: TimeState,
        in_time: bool,
    },
    Color(ColorState),
}

/// What the user did with a list or picker in this pass.
#[derive(Clone, Debug, PartialEq)]
enum Picked {
    /// This value was chosen.
    Value(String),
    /// It was left without a choice.
    Left,
    /// Something was typed that belongs to the page's field and not to its suggestions.
    Typed(String),
}

/// How much the user may do with what is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormControlUse {
    /// The user has control, so something can be chosen.
    pub can_choose: bool,
    /// The keys that are typed now go to the session, or to what is open for it.
    pub keyboard_here: bool,
}

/// Returns the id of what is open for the page, which has the focus while its keys are its own.
pub fn form_control_id() -> Id {
    Id::unique("form control of the page")
}

/// Tells whether keys that are typed now belong to an open list or picker.
pub fn has_keyboard(ctx: &Context) -> bool {
    ctx.memory(|memory| memory.has_focus(form_control_id()))
}

/// Draws what is open in the page of `open`, where that is something.
pub fn form_control_ui(
    ui: &Ui,
    io: &mut PanelIo<'_>,
    memory: &mut FormControlState,
    open: &OpenSession,
    geometry: Option<&FrameToUi>,
    allowed: FormControlUse,
) {
    // A list with several rows is in the picture already.
    let control = open.view.form_control.as_ref().filter(|control| !control.multiple);
    let (Some(control), Some(geometry), false) = (control, geometry, open.condition.is_away())
    else {
        close(ui.ctx(), memory);
        return;
    };
    let is_new = memory.open.as_ref().is_none_or(|known| known.id != control.id);
    if is_new {
        let now = io.state.clock().wall.to_zoned(io.state.clock().zone.clone()).datetime();
        memory.open = Some(OpenControl {
            id: control.id.clone(),
            draft: Draft::of(control, now),
            answered: None,
            // A field keeps the keys, because they are typed into it.
            wants_keys: allowed.can_choose
                && allowed.keyboard_here
                && control.kind != FormControlKind::Datalist,
        });
    }
    let Some(known) = &mut memory.open else {
        return;
    };
    if let Some(answered) = known.answered {
        match TAKEN_WITHIN.checked_sub(io.state.now.saturating_duration_since(answered)) {
            Some(left) => return ui.ctx().request_repaint_after(left),
            None => known.answered = None,
        }
    }
    if known.wants_keys {
        known.wants_keys = !has_keyboard(ui.ctx());
        ui.memory_mut(|memory| memory.request_focus(form_control_id()));
    }
    if let Some(picked) = open_ui(ui, control, &mut known.draft, geometry, allowed) {
        known.answered = Some(io.state.now);
        match picked {
            Picked::Value(value) => {
                io.send(PageControl::Choose { id: control.id.clone(), values: vec![value] });
            }
            Picked::Left => {
                let escape = KeyInput {
                    key: "Escape".to_owned(),
                    code: "Escape".to_owned(),
                    ..KeyInput::default()
                };
                io.send(InputControl::KeyDown(escape.clone()));
                io.send(InputControl::KeyUp(escape));
            }
            Picked::Typed(text) => {
                known.answered = None;
                if !text.is_empty() {
                    io.send(InputControl::Text { text });
                }
            }
        }
        give_back(ui.ctx());
    }
}

/// Forgets what was open.
fn close(ctx: &Context, memory: &mut FormControlState) {
    if memory.open.take().is_some() {
        give_back(ctx);
    }
}

/// Gives the keyboard back to the session.
fn give_back(ctx: &Context) {
    ctx.memory_mut(|memory| {
        if memory.has_focus(form_control_id()) {
            memory.request_focus(picture_id());
        }
    });
}

fn open_ui(
    ui: &Ui,
    control: &FormControl,
    draft: &mut Draft,
    geometry: &FrameToUi,
    allowed: FormControlUse,
) -> Option<Picked> {
    let id = form_control_id();
    let at = place(control, geometry)?;
    let window = ui.ctx().content_rect().shrink(4.0);
    let (below, above) = (window.bottom() - at.bottom(), at.top() - window.top());
    let (corner, pivot, room) = if below >= above || below >= draft.wanted_height(control) {
        (pos2(at.left(), at.bottom() + GAP), Align2::LEFT_TOP, below)
    } else {
        (pos2(at.left(), at.top() - GAP), Align2::LEFT_BOTTOM, above)
    };
    let mut frame = Frame::popup(ui.style());
    frame.inner_margin = Margin::same(4);
    let shown = Area::new(id.with("area"))
        .order(Order::Middle)
        .pivot(pivot)
        .fixed_pos(corner)
        .constrain_to(window)
        .sense(egui::Sense::click())
        .show(ui.ctx(), |ui| {
            frame
                .show(ui, |ui| {
                    if !allowed.can_choose {
                        ui.disable();
                    }
                    let mut keys = ControlKeys::default();
                    if has_keyboard(ui.ctx()) {
                        ui.memory_mut(|memory| {
                            memory.set_focus_lock_filter(
                                id,
                                EventFilter {
                                    tab: true,
                                    horizontal_arrows: true,
                                    vertical_arrows: true,
                                    escape: true,
                                },
                            );
                        });
                        keys = ui.input_mut(ControlKeys::take);
                    } else if allowed.keyboard_here && control.kind == FormControlKind::Datalist {
                        // An arrow leads into the suggestions; see `OurKeys::suggestions`.
                        keys = ui.input_mut(ControlKeys::take_arrows);
                        if keys.down != 0 {
                            ui.memory_mut(|memory| memory.request_focus(id));
                        }
                    }
                    let most = vec2(at.width().max(120.0), (room - 16.0).max(80.0));
                    let picked = draft.ui(ui, control, &keys, most);
                    // The whole is one thing to the keyboard, so it is found by one name.
                    let response =
                        ui.interact(ui.min_rect(), id, egui::Sense::focusable_noninteractive());
                    response.widget_info(|| {
                        egui::WidgetInfo::labeled(
                            egui::Role::ListBox,
                            allowed.can_choose,
                            draft.name(),
                        )
                    });
                    picked
                })
                .inner
        });
    shown.inner.filter(|_| allowed.can_choose)
}

/// Returns where the control is in the window, in points; `None` where it is out of sight.
fn place(control: &FormControl, geometry: &FrameToUi) -> Option<Rect> {
    let (page, frame) = (control.page, geometry.frame());
    let scale = |page: u32, frame: u32| if page == 0 { 1.0 } else { frame as f32 / page as f32 };
    let FrameSize { width, height } = page;
    let (across, down) = (scale(width, frame.width), scale(height, frame.height));
    let rect = control.rect;
    let corner = |x: f32, y: f32| {
        geometry.ui_from_frame(crate::model::FramePos { x: x * across, y: y * down })
    };
    let place = Rect::from_two_pos(
        corner(rect.x, rect.y),
        corner(rect.x + rect.width, rect.y + rect.height),
    );
    place.intersects(geometry.visible_rect()).then_some(place)
}

impl Draft {
    fn of(control: &FormControl, now: DateTime) -> Self {
        match control.kind {
            FormControlKind::Select | FormControlKind::Datalist => {
                Self::List(ListState::of(control))
            }
            FormControlKind::Date | FormControlKind::Month | FormControlKind::Week => {
                Self::Day(CalendarState::of(control, now.date()))
            }
            FormControlKind::Time => Self::Time(TimeState::of(control, now.time())),
            FormControlKind::DatetimeLocal => Self::Moment {
                day: CalendarState::of(control, now.date()),
                time: TimeState::of(control, now.time()),
                in_time: false,
            },
            FormControlKind::Color => Self::Color(ColorState::of(control)),
        }
    }

    /// Returns the name by which the whole is known.
    fn name(&self) -> &'static str {
        match self {
            Self::List(_) => "Options of the page's list",
            Self::Day(_) => "Calendar for the page",
            Self::Time(_) => "Time for the page",
            Self::Moment { .. } => "Date and time for the page",
            Self::Color(_) => "Color for the page",
        }
    }

    fn wanted_height(&self, control: &FormControl) -> f32 {
        match self {
            Self::List(_) => list::wanted_height(control),
            Self::Day(_) => calendar::HEIGHT,
            Self::Time(_) => time::HEIGHT,
            Self::Moment { .. } => calendar::HEIGHT + time::HEIGHT,
            Self::Color(_) => color::HEIGHT,
        }
    }

    fn ui(
        &mut self,
        ui: &mut Ui,
        control: &FormControl,
        keys: &ControlKeys,
        room: egui::Vec2,
    ) -> Option<Picked> {
        if keys.escape {
            return Some(Picked::Left);
        }
        match self {
            Self::List(list) => list.ui(ui, control, keys, room),
            Self::Day(day) => {
                let chosen = day.ui(ui, keys) || keys.enter;
                let value = day.value(control.kind);
                let cleared = clear_ui(ui, control);
                picked(chosen.then_some(value), cleared)
            }
            Self::Time(time) => {
                let set = time.ui(ui, keys, true);
                let cleared = clear_ui(ui, control);
                picked((set || keys.enter).then(|| time.value()), cleared)
            }
            Self::Moment { day, time, in_time } => {
                if keys.tab {
                    *in_time = !*in_time;
                }
                let (none, keys) =
                    (ControlKeys::default(), ControlKeys { tab: false, ..keys.clone() });
                let (to_day, to_time) = if *in_time { (&none, &keys) } else { (&keys, &none) };
                if day.ui(ui, to_day) {
                    // The day is the first half of the choice.
                    *in_time = true;
                }
                ui.separator();
                let set = time.ui(ui, to_time, *in_time);
                let cleared = clear_ui(ui, control);
                let value = || format!("{}T{}", day.value(FormControlKind::Date), time.value());
                picked((set || keys.enter).then(value), cleared)
            }
            Self::Color(color) => color.ui(ui, keys).map(Picked::Value),
        }
    }
}

/// Offers to take the value away, where there is one.
fn clear_ui(ui: &mut Ui, control: &FormControl) -> bool {
    !control.value.is_empty() && ui.small_button("Clear").clicked()
}

fn picked(value: Option<String>, cleared: bool) -> Option<Picked> {
    if cleared { Some(Picked::Value(String::new())) } else { value.map(Picked::Value) }
}

#[cfg(test)]
mod tests;
