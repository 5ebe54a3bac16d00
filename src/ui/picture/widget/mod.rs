//! Shows the live picture with everything that is said about it, and handles what the mouse does to it while watching.

use std::time::{Duration, Instant};

use egui::output::IMEOutput;
use egui::{
    Color32, Context, CursorIcon, EventFilter, IMEPurpose, Id, Key, LayerId, Painter, Pos2, Rect,
    Response, Role, Sense, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::acts::SeenActs;
use super::boxes::paint_boxes;
use super::drop_target::drop_target_ui;
use super::geometry::{FrameToUi, View, Zoom, ZoomStep};
use super::ground::{paint_ground, veil};
use super::overlay::{Shown, statistics_ui};
use super::pointed::pointed_ui;
use super::pointers::{paint_cursor, paint_pointers};
use super::props::{PictureMode, PictureProps};
use super::words::Words;
use super::{card, strip};
use crate::model::{ConcernKind, Condition};
use crate::ui::action::Action;
use crate::ui::command::Command;
use crate::ui::state::{OpenSession, Picture};
use crate::ui::theme::Colors;

/// Room for the border of control mode, in points. It is always kept, so that the picture does not move when control
/// begins.
const BORDER: f32 = 3.0;
const HINT_FOR: Duration = Duration::from_millis(2500);
/// One press of an arrow key pans by this part of the area.
const PAN_STEP: f32 = 0.1;

/// What the picture keeps from pass to pass. Each session has one, so that it keeps its view.
#[derive(Debug, Default)]
pub struct PictureUiState {
    /// The part of the picture that the user chose to see.
    pub view: View,
    surface: Option<Surface>,
    hint_since: Option<Instant>,
    /// Where the user last pressed, which is the likely place of the page's caret.
    caret: Option<Pos2>,
    /// What the others did.
    acts: SeenActs,
}

/// The picture as it was last painted, which is what the user aims at.
#[derive(Clone, Copy, Debug)]
pub struct Surface {
    /// Where the picture lies.
    pub geometry: FrameToUi,
    layer: LayerId,
    pass: u64,
}

impl Surface {
    /// Tells whether the picture is on screen, and nothing else is shown in its place.
    pub fn is_current(&self, ctx: &Context) -> bool {
        ctx.cumulative_pass_nr() <= self.pass + 1
    }

    /// Tells whether a press at `at` (points) is meant for the picture and not for something of ours over or beside it.
    pub fn is_top_at(&self, ctx: &Context, at: Pos2) -> bool {
        let drags_ours = ctx.dragged_id().is_some_and(|id| id != picture_id());
        !drags_ours && ctx.layer_id_at(at) == Some(self.layer)
    }
}

impl PictureUiState {
    /// Returns where the picture is, while one is shown.
    pub fn surface(&self) -> Option<&Surface> {
        self.surface.as_ref()
    }

    /// Shows the picture at another size, around the middle.
    pub fn zoom_to(&mut self, zoom: Zoom) {
        self.view = View { zoom, ..self.view };
    }

    /// Shows the picture at the next size up or down, around the middle.
    pub fn zoom_step(&mut self, step: ZoomStep) {
        if let Some(surface) = self.surface {
            self.view = surface.geometry.stepped(step);
        }
    }

    /// Returns the size of the area for pictures in physical pixels, so that the page can be given that size.
    pub fn area_pixels(&self) -> Option<Vec2> {
        self.surface.map(|surface| surface.geometry.area_pixels())
    }
}

/// Returns the id of the one picture, to which control mode gives the focus.
pub fn picture_id() -> Id {
    Id::unique("live picture")
}

/// Shows the picture in all that is left of `ui`.
pub fn picture_ui(
    ui: &mut Ui,
    props: &PictureProps<'_>,
    state: &mut PictureUiState,
    actions: &mut Vec<Action>,
) -> Response {
    let session = props.session;
    let outer = ui.available_rect_before_wrap();
    let strip_height = if props.alone { 0.0 } else { strip::STRIP_HEIGHT };
    let strip_top = (outer.max.y - strip_height).max(outer.min.y);
    let stage = Rect::from_min_max(outer.min, pos2(outer.max.x, strip_top));
    let strip_place = Rect::from_min_max(pos2(outer.min.x, strip_top), outer.max);
    let area = picture_area(stage, props);
    ui.allocate_rect(outer, Sense::hover());

    let response = ui.interact(stage, picture_id(), Sense::click_and_drag());
    let name = format!("Live picture of {}", session.name);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));

    let pixels_per_point = ui.ctx().pixels_per_point();
    let place = |view| {
        let picture = session.picture.as_ref()?;
        FrameToUi::new(picture.size, area, pixels_per_point, view)
    };
    if let Some(geometry) = place(state.view) {
        state.view = geometry.view();
        match props.mode {
            PictureMode::Watching => watch_ui(ui, &response, &geometry, props, state),
            PictureMode::Control { keyboard_here } => {
                control_ui(ui, &response, area, keyboard_here, state);
                if session.has_control() {
                    pointed_ui(&response, &session.view.pointer);
                }
            }
        }
    }
    let geometry = place(state.view);
    state.surface = geometry.map(|geometry| Surface {
        geometry,
        layer: ui.layer_id(),
        pass: ui.ctx().cumulative_pass_nr(),
    });

    let words = Words::of_session(session, props.clock);
    schedule(ui.ctx(), props, &words);
    state.acts.note(&session.view.pointers, props.now);
    // Where the session is away, nothing is shown that would change.
    if let Some(wait) = state.acts.changes_in(props.now).filter(|_| !session.condition.is_away()) {
        ui.ctx().request_repaint_after(wait);
    }
    paint_stage(ui, stage, &response, props, geometry.as_ref(), &state.acts);
    match (&session.picture, &geometry) {
        (Some(picture), Some(geometry)) => {
            over_picture_ui(ui, props, state, picture, geometry, &words, actions);
        }
        _ => card::empty_ui(ui, area, props, &words, actions),
    }
    if let Some(geometry) = &geometry {
        let armed = matches!(props.mode, PictureMode::Control { .. });
        drop_target_ui(ui, session, armed, geometry);
    }
    if props.statistics {
        let age = session.picture.as_ref().map(|p| props.now - p.received_at);
        let shown = Shown { geometry: geometry.as_ref(), age, clock: props.clock };
        statistics_ui(ui, area, &session.stats, shown);
    }
    if !props.alone {
        let acting = state.acts.acting(session.view.people.me, props.now);
        strip::strip_ui(ui, strip_place, props, geometry.as_ref(), &words, acting, actions);
    }
    response
}

/// Shows the line that else stands under the picture at `place`, over the picture.
pub fn picture_strip_ui(
    ui: &mut Ui,
    place: Rect,
    props: &PictureProps<'_>,
    state: &PictureUiState,
    actions: &mut Vec<Action>,
) {
    let session = props.session;
    let words = Words::of_session(session, props.clock);
    let geometry = state.surface.as_ref().map(|surface| &surface.geometry);
    let acting = state.acts.acting(session.view.people.me, props.now);
    strip::strip_ui(ui, place, props, geometry, &words, acting, actions);
}

/// Returns where the picture may be on the stage, beside the room for the border of control mode.
fn picture_area(stage: Rect, props: &PictureProps<'_>) -> Rect {
    if props.alone { stage } else { stage.shrink(BORDER) }
}

/// Asks for a repaint when the words change, or when the condition becomes another by time alone.
fn schedule(ctx: &Context, props: &PictureProps<'_>, words: &Words) {
    let traffic = &props.session.view.traffic;
    let holds_for = props.session.condition.holds_for(traffic, props.now);
    for wait in words.changes_in.into_iter().chain(holds_for) {
        ctx.request_repaint_after(wait);
    }
}

/// Handles mouse and keys while watching: they move our view and never reach the session.
fn watch_ui(
    ui: &Ui,
    response: &Response,
    geometry: &FrameToUi,
    props: &PictureProps<'_>,
    state: &mut PictureUiState,
) {
    if let Some(pointer) = response.hover_pos() {
        let (zoom, scroll) = ui.input(|input| (input.zoom_delta(), input.smooth_scroll_delta()));
        if zoom != 1.0 {
            state.view = geometry.zoomed_by(zoom, pointer);
        } else if scroll != Vec2::ZERO {
            state.view = geometry.panned(scroll);
        }
    }
    if response.dragged() {
        state.view = geometry.panned(response.drag_delta());
    }
    if geometry.can_pan() {
        let cursor = if response.dragged() { CursorIcon::Grabbing } else { CursorIcon::Grab };
        response.clone().on_hover_cursor(cursor);
        if response.has_focus() {
            state.view = pan_by_keys(ui, geometry, state.view);
        }
    }
    if response.double_clicked() {
        let about = response.interact_pointer_pos().unwrap_or_default();
        state.view = match state.view.zoom {
            Zoom::Fit => geometry.zoomed(Zoom::Actual, about),
            Zoom::Actual | Zoom::Factor(_) => View::default(),
        };
        state.hint_since = None;
    } else if response.clicked() {
        state.hint_since = Some(props.now);
    }
}

fn pan_by_keys(ui: &Ui, geometry: &FrameToUi, view: View) -> View {
    let arrows =
        EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(picture_id(), arrows));
    let step = geometry.visible_rect().size() * PAN_STEP;
    let ways = [
        (Key::ArrowLeft, vec2(step.x, 0.0)),
        (Key::ArrowRight, vec2(-step.x, 0.0)),
        (Key::ArrowUp, vec2(0.0, step.y)),
        (Key::ArrowDown, vec2(0.0, -step.y)),
    ];
    let by = ui.input(|input| {
        let pressed = ways.into_iter().filter(|(key, _)| input.key_pressed(*key));
        pressed.fold(Vec2::ZERO, |sum, (_, by)| sum + by)
    });
    if by == Vec2::ZERO { view } else { geometry.panned(by) }
}

/// Handles the picture in control mode: a press gives the session the keyboard, and an input method may compose for it.
fn control_ui(
    ui: &Ui,
    response: &Response,
    area: Rect,
    keyboard_here: bool,
    state: &mut PictureUiState,
) {
    state.hint_since = None;
    if response.is_pointer_button_down_on() && !response.has_focus() {
        response.request_focus();
    }
    if response.is_pointer_button_down_on() {
        state.caret = ui.input(|input| input.pointer.press_origin());
    }
    if keyboard_here {
        let caret = state.caret.unwrap_or(area.center());
        ui.output_mut(|output| {
            output.ime = Some(IMEOutput {
                purpose: IMEPurpose::Normal,
                rect: area,
                cursor_rect: Rect::from_min_size(caret, vec2(1.0, 18.0)),
                should_interrupt_composition: false,
            });
        });
    }
}

fn paint_stage(
    ui: &Ui,
    stage: Rect,
    response: &Response,
    props: &PictureProps<'_>,
    geometry: Option<&FrameToUi>,
    acts: &SeenActs,
) {
    let session = props.session;
    let painter = ui.painter_at(stage);
    let picture_at = session.picture.as_ref().and(geometry);
    paint_ground(&painter, stage, picture_at.map(FrameToUi::visible_rect));
    if let (Some(picture), Some(geometry)) = (&session.picture, geometry) {
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        let visible = geometry.visible_rect();
        let clipped = painter.with_clip_rect(visible);
        clipped.image(picture.texture.id(), geometry.image_rect(), whole, Color32::WHITE);
        paint_boxes(&clipped, geometry, &picture.detections, props.boxes);
        if session.condition.is_stale() || is_dead(session) {
            clipped.rect_filled(visible, 0, veil());
        }
        // Where somebody pointed on an old picture says nothing of the present.
        if !session.condition.is_away() {
            pointers_ui(&painter, props, geometry, acts);
        }
    }
    let frame = geometry.map_or_else(|| picture_area(stage, props), FrameToUi::visible_rect);
    // A picture that has all the room leaves none for a border around it.
    let kind = if props.alone { StrokeKind::Inside } else { StrokeKind::Outside };
    match props.mode {
        PictureMode::Control { .. } => {
            let colors = Colors::of(ui.ctx());
            let color = match session.has_control() {
                true => colors.control,
                false => colors.waiting,
            };
            let stroke = (BORDER, color);
            painter.rect_stroke(frame, 0, stroke, kind);
        }
        PictureMode::Watching if response.has_focus() => {
            let stroke = (BORDER / 2.0, Colors::of(ui.ctx()).accent);
            painter.rect_stroke(frame, 0, stroke, kind);
        }
        PictureMode::Watching => (),
    }
}

fn pointers_ui(painter: &Painter, props: &PictureProps<'_>, geometry: &FrameToUi, acts: &SeenActs) {
    let view = &props.session.view;
    // In control it would be a second pointer that lags behind the user's own.
    if let (PictureMode::Watching, Some(at)) = (props.mode, view.cursor) {
        paint_cursor(painter, geometry, at);
    }
    paint_pointers(painter, geometry, &view.people, &view.pointers, acts, props.now);
}

fn over_picture_ui(
    ui: &Ui,
    props: &PictureProps<'_>,
    state: &mut PictureUiState,
    picture: &Picture,
    geometry: &FrameToUi,
    words: &Words,
    actions: &mut Vec<Action>,
) {
    let visible = geometry.visible_rect();
    if props.session.condition.is_stale() {
        let age = props.now.saturating_duration_since(picture.received_at);
        card::stale_ui(ui, visible, props, words, age, actions);
    } else if is_dead(props.session) {
        card::dead_page_ui(ui, visible, props, words, actions);
    }
    // The card of a session that is away says what can be done instead.
    let is_away = props.session.condition.is_away();
    if let Some(left) = hint_left(state, props.now).filter(|_| !is_away) {
        card::hint_ui(ui, visible, &hint(props));
        ui.ctx().request_repaint_after(left);
    }
    if !props.preedit.is_empty() {
        let caret = state.caret.unwrap_or(visible.center());
        card::compose_ui(ui, visible, caret, props.preedit);
    }
}

/// Tells whether the page can do nothing any more, so that its picture is only what it was.
fn is_dead(session: &OpenSession) -> bool {
    let state = session.page_state().map(|concern| concern.kind);
    matches!(state, Some(ConcernKind::Crashed | ConcernKind::Hangs))
}

fn hint_left(state: &mut PictureUiState, now: Instant) -> Option<Duration> {
    let left = HINT_FOR.checked_sub(now.saturating_duration_since(state.hint_since?));
    if left.is_none() {
        state.hint_since = None;
    }
    left
}

fn hint(props: &PictureProps<'_>) -> String {
    let can = props.session.view.capabilities;
    if !can.clicks && !can.keys {
        return "This session can only be watched".to_owned();
    }
    match props.bindings.chord_of(Command::ArmControl) {
        Some(chord) => format!("Press {chord} to take control"),
        None => format!("Choose “{}” first", Command::ArmControl.name()),
    }
}

/// Tells whether what the user does now can reach the session. Otherwise it would arrive late or on another page.
pub fn takes_input(condition: &Condition) -> bool {
    match condition {
        Condition::Live
        | Condition::Missing { .. }
        | Condition::Quiet { .. }
        | Condition::Idle { .. }
        | Condition::Stalled { .. } => true,
        Condition::Connecting { .. }
        | Condition::Connected
        | Condition::Unreadable { .. }
        | Condition::Reconnecting { .. }
        | Condition::Ended { .. }
        | Condition::Refused { .. } => false,
    }
}

#[cfg(test)]
mod tests;
