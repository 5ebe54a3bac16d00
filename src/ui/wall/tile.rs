//! Shows one tile of the wall: the picture, and under it whose it is, its state and its age.

use std::time::{Duration, Instant};

use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align, Color32, FontId, Frame, Galley, Label, Layout, Margin, Rect, Response, RichText, Role,
    StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use super::grid::CAPTION;
use crate::base::text::one_line;
use crate::model::Condition;
use crate::model::DetectionFilter;
use crate::ui::clock::Clock;
use crate::ui::picture::ground::{paint_ground, veil};
use crate::ui::picture::words::{Words, coarse, milliseconds};
use crate::ui::picture::{FrameToUi, View, paint_boxes};
use crate::ui::session_state::{recording_mark, state_color, state_mark, state_words};
use crate::ui::state::OpenSession;
use crate::ui::theme::Colors;

/// Names are cut to this many characters before they are laid out.
const MAX_NAME: usize = 120;
/// A picture smaller than this many points has no words over it, which would be cut in the middle. The caption and the
/// name still tell the state.
const MIN_FOR_WORDS: Vec2 = vec2(110.0, 60.0);

/// What a tile is painted from.
pub(super) struct Tile<'a> {
    /// The number of the tile, which is also the key that goes to it as far as there are such keys.
    pub number: usize,
    pub open: &'a OpenSession,
    pub now: Instant,
    pub clock: Clock<'a>,
    pub boxes: &'a DetectionFilter,
    pub selected: bool,
    pub statistics: bool,
}

impl Tile<'_> {
    /// Tells a screen reader what the tile is.
    pub(super) fn tell(&self, response: &Response) {
        let name = one_line(&self.open.name, MAX_NAME);
        let state = state_words(self.open, self.clock);
        let label = format!("Tile {}: {name}, {state}", self.number);
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, self.selected, &label));
    }

    /// Returns how old the picture is: on arrival while pictures come, else by now.
    fn age(&self) -> String {
        let Some(picture) = &self.open.picture else {
            return String::new();
        };
        // How fresh the picture of a page that waits is says nothing.
        if self.open.page_state().is_some() {
            return String::new();
        }
        match self.open.condition {
            Condition::Live if self.statistics => {
                let stats = &self.open.stats;
                let (rate, p50) = (stats.shown_per_second, milliseconds(stats.age_p50));
                let p95 = milliseconds(stats.age_p95);
                format!("{rate:.1} /s · {p50} · p95 {p95}")
            }
            Condition::Live => milliseconds(self.open.stats.age_p50),
            Condition::Missing { .. }
            | Condition::Quiet { .. }
            | Condition::Idle { .. }
            | Condition::Connecting { .. }
            | Condition::Connected
            | Condition::Unreadable { .. }
            | Condition::Stalled { .. }
            | Condition::Reconnecting { .. }
            | Condition::Ended { .. }
            | Condition::Refused { .. } => {
                let age = self.now.saturating_duration_since(picture.received_at);
                if self.clock.ticks() {
                    format!("{} old", coarse(age).0)
                } else {
                    format!("of {}", self.clock.moment_ago(age))
                }
            }
        }
    }

    /// Returns since when a session is awaited of which nothing came so far. The log's first row tells of the first
    /// try.
    fn never(&self) -> String {
        let first = self.open.view.log.rows().next();
        match first.map(|row| self.clock.minute(row.event.received_at)) {
            Some(at) => format!("No picture since {at}"),
            None => "No picture came so far".to_owned(),
        }
    }

    /// Returns "Since 14:03, for 2 min", which tells when the session was last heard or, where its pictures can't be
    /// read, last seen, and the time until the words change. Returns `None` if it never was.
    fn since(&self) -> Option<(String, Option<Duration>)> {
        let received = self.open.picture.as_ref().map(|picture| picture.received_at);
        let last = match self.open.condition {
            Condition::Unreadable { .. } => received,
            _ => self.open.view.traffic.last_byte.or(received),
        }?;
        let silent_for = self.now.saturating_duration_since(last);
        let clock = self.clock;
        let at = clock.minute(clock.wall.checked_sub(silent_for).unwrap_or(clock.wall));
        if !clock.ticks() {
            return Some((format!("Since {at}"), None));
        }
        let (ago, changes_in) = coarse(silent_for);
        Some((format!("Since {at}, for {ago}"), Some(changes_in)))
    }
}

/// Paints the tile into `rect` and returns where its picture lies.
pub(super) fn tile_ui(
    ui: &mut Ui,
    rect: Rect,
    response: &Response,
    tile: &Tile<'_>,
) -> Option<FrameToUi> {
    let bottom = (rect.bottom() - CAPTION).max(rect.top());
    let stage = rect.with_max_y(bottom);
    let caption = rect.with_min_y(bottom);
    let words = Words::of_session(tile.open, tile.clock);
    schedule(ui, tile, &words);
    let geometry = picture_ui(ui, stage, tile);
    if tile.open.condition.is_stale() || tile.open.page_state().is_some() {
        words_ui(ui, stage, tile, &words);
    }
    caption_ui(ui, caption, tile);
    outline(ui, rect, response, tile);
    geometry
}

/// Asks for a repaint when the words change, or when the condition becomes another by time alone.
fn schedule(ui: &Ui, tile: &Tile<'_>, words: &Words) {
    let open = tile.open;
    let holds_for = open.condition.holds_for(&open.view.traffic, tile.now);
    let since = tile.since().filter(|_| open.condition.is_stale());
    let since_changes = since.and_then(|(_, changes_in)| changes_in);
    for wait in [words.changes_in, holds_for, since_changes] {
        // Tiles whose seconds end at different moments are painted together.
        let wait = wait.map(|wait| wait.max(Duration::from_millis(500)));
        wait.into_iter().for_each(|wait| ui.ctx().request_repaint_after(wait));
    }
}

fn picture_ui(ui: &Ui, stage: Rect, tile: &Tile<'_>) -> Option<FrameToUi> {
    let painter = ui.painter_at(stage);
    let picture = tile.open.picture.as_ref();
    let geometry = picture.and_then(|picture| {
        let scale = ui.ctx().pixels_per_point();
        FrameToUi::new(picture.size, stage, scale, View::default())
    });
    let visible = geometry.as_ref().map(FrameToUi::visible_rect);
    paint_ground(&painter, stage, visible);
    if let (Some(picture), Some(geometry), Some(visible)) = (picture, &geometry, visible) {
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        let image = geometry.image_rect();
        painter.image(picture.texture.id(), image, whole, Color32::WHITE);
        paint_boxes(&painter, geometry, &picture.detections, tile.boxes);
        if tile.open.condition.is_stale() {
            painter.rect_filled(visible, 0, veil());
        }
    }
    geometry
}

/// Says what is awaited, or since when and why there is nothing new.
fn words_ui(ui: &mut Ui, stage: Rect, tile: &Tile<'_>, words: &Words) {
    let room = stage.shrink(6.0);
    if room.width() < MIN_FOR_WORDS.x || room.height() < MIN_FOR_WORDS.y {
        return;
    }
    let builder = UiBuilder::new()
        .id_salt(("tile words", &tile.open.key))
        .max_rect(room)
        .layout(Layout::top_down(Align::Center));
    let mut ui = ui.new_child(builder);
    ui.shrink_clip_rect(stage);
    let frame = Frame::popup(ui.style()).inner_margin(Margin::symmetric(8, 5));
    frame.show(&mut ui, |ui| {
        ui.set_max_width(room.width() - 18.0);
        ui.spacing_mut().item_spacing.y = 2.0;
        let line = |ui: &mut Ui, text: RichText| {
            ui.add(Label::new(text).selectable(false).truncate());
        };
        let color = state_color(tile.open, Colors::of(ui.ctx()));
        line(ui, RichText::new(&words.state).strong().color(color));
        match (&tile.open.condition, tile.since()) {
            _ if tile.open.page_state().is_some() => (),
            (_, Some((since, _))) => line(ui, RichText::new(since).small()),
            (Condition::Connecting { .. }, None) => (),
            (_, None) => line(ui, RichText::new(tile.never()).small()),
        }
        if !words.detail.is_empty() {
            let why = RichText::new(one_line(&words.sentence(), 200)).small();
            ui.add(Label::new(why).selectable(false).wrap());
        }
    });
}

fn caption_ui(ui: &mut Ui, place: Rect, tile: &Tile<'_>) {
    let colors = Colors::of(ui.ctx());
    ui.painter().rect_filled(place, 0, colors.raised);
    let middle = place.center().y;
    let line = |text: String, size: f32, color: Color32, width: f32| {
        let mut job = LayoutJob::simple_singleline(text, FontId::proportional(size), color);
        job.wrap = TextWrapping::truncate_at_width(width.max(1.0));
        ui.painter().layout_job(job)
    };
    let age = line(
        tile.age(),
        11.5,
        colors.weak,
        place.width() * if tile.statistics { 0.6 } else { 0.4 },
    );
    let number = line(tile.number.to_string(), 12.0, colors.weak, 30.0);
    let paint = |galley: std::sync::Arc<Galley>, left: f32| {
        let top = middle - galley.size().y / 2.0;
        ui.painter().galley(pos2(left, top), galley, colors.text);
    };
    let right = place.right() - 8.0 - age.size().x;
    let mut left = place.left() + 8.0;
    let number_width = number.size().x;
    paint(number, left);
    left += number_width + 8.0;
    let mark = Rect::from_center_size(pos2(left + 6.0, middle), Vec2::splat(12.0));
    left += 18.0;
    let recording = Rect::from_center_size(pos2(left + 6.0, middle), Vec2::splat(12.0));
    if tile.open.recording.is_some() {
        left += 18.0;
    }
    let name = one_line(&tile.open.name, MAX_NAME);
    paint(line(name, 13.0, colors.strong, right - 8.0 - left), left);
    paint(age, right);
    let builder = UiBuilder::new().id_salt(("tile mark", &tile.open.key)).max_rect(mark);
    let mark = state_mark(&mut ui.new_child(builder), tile.open, tile.clock);
    let builder = UiBuilder::new().id_salt(("tile recording", &tile.open.key)).max_rect(recording);
    recording_mark(&mut ui.new_child(builder), tile.open, tile.clock);
    // The tile's own name already tells a screen reader the state.
    ui.ctx().accesskit_node_builder(mark.id, |node| {
        node.set_hidden();
        node.clear_label();
    });
}

fn outline(ui: &Ui, rect: Rect, response: &Response, tile: &Tile<'_>) {
    let colors = Colors::of(ui.ctx());
    let stroke = match (tile.selected, response.hovered()) {
        (true, _) => (2.0, colors.accent),
        (false, true) => (1.0, colors.weak),
        (false, false) => (1.0, colors.outline),
    };
    ui.painter().rect_stroke(rect, 0, stroke, StrokeKind::Outside);
}
