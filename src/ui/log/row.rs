//! Paints one row of the list: time, kind, text and duration in columns that all rows share.

use std::borrow::Cow;
use std::sync::Arc;

use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align2, Color32, FontId, Galley, Painter, Pos2, Rangef, Rect, TextFormat, TextStyle, Ui, pos2,
    vec2,
};
use jiff::tz::TimeZone;

use super::bar::level_color;
use super::format;
use crate::model::log::{Outcome, Row};
use crate::model::{ConsoleLevel, Family};
use crate::ui::theme::Colors;

/// Below this width, in points, the family stands before the text instead of the kind in a column, because it is
/// shorter. A kind that is not known here has a name that says more than its family.
const WITH_KINDS: f32 = 520.0;
/// Below this width, in points, the time is shown without milliseconds.
const WITH_MILLISECONDS: f32 = 360.0;
const GAP: f32 = 8.0;
const EDGE: f32 = 6.0;

/// Tells how a row stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    Hovered,
    /// The row is the other half of the hovered or the selected row.
    Partner,
    Selected,
}

/// Everything that all rows of a frame have in common.
pub(super) struct RowPainter<'a> {
    painter: Painter,
    colors: &'static Colors,
    zone: &'a TimeZone,
    text_font: FontId,
    number_font: FontId,
    time: Rangef,
    with_milliseconds: bool,
    kind: Option<Rangef>,
    /// Range from where text begins to where a row without duration ends.
    text: Rangef,
}

impl<'a> RowPainter<'a> {
    pub(super) fn new(ui: &'a Ui, x: Rangef, zone: &'a TimeZone) -> Self {
        let colors = Colors::of(ui.ctx());
        let text_font = TextStyle::Body.resolve(ui.style());
        let number_font = FontId::monospace(text_font.size * 0.9);
        let painter = ui.painter().clone();
        let with_milliseconds = x.span() >= WITH_MILLISECONDS;
        let widest = if with_milliseconds { "00:00:00.000" } else { "00:00:00" };
        let time_width =
            painter.layout_no_wrap(widest.to_owned(), number_font.clone(), Color32::WHITE).size().x;
        let time = Rangef::new(x.min + EDGE, x.min + EDGE + time_width);
        let kind = (x.span() >= WITH_KINDS).then(|| {
            let width = (x.span() * 0.18).clamp(110.0, 170.0);
            Rangef::new(time.max + GAP, time.max + GAP + width)
        });
        let text = Rangef::new(kind.map_or(time.max, |kind| kind.max) + GAP, x.max - EDGE);
        Self { painter, colors, zone, text_font, number_font, time, with_milliseconds, kind, text }
    }

    pub(super) fn height(ui: &Ui) -> f32 {
        // The height is in whole pixels, so that no row is blurred or a pixel higher than its neighbors.
        let pixels = ui.pixels_per_point();
        ((ui.text_style_height(&TextStyle::Body) + 5.0) * pixels).round() / pixels
    }

    /// Returns where the time stands in a row.
    pub(super) fn time_rect(&self, row: Rect) -> Rect {
        Rect::from_x_y_ranges(self.time, row.y_range())
    }

    pub(super) fn paint(&self, rect: Rect, row: &Row, look: Look) {
        self.paint_background(rect, look);
        self.paint_time(rect, row);
        match row.event.family() {
            Family::Stream => self.paint_divider(rect, row),
            Family::Session
            | Family::Action
            | Family::Output
            | Family::Page
            | Family::Console
            | Family::Network
            | Family::Dialog
            | Family::Download
            | Family::People
            | Family::Object
            | Family::Error
            | Family::Other => self.paint_columns(rect, row),
        }
    }

    fn paint_background(&self, rect: Rect, look: Look) {
        let fill = match look {
            Look::Plain => return,
            Look::Hovered => self.colors.hovered.gamma_multiply(0.5),
            Look::Partner => self.colors.selected.gamma_multiply(0.45),
            Look::Selected => self.colors.selected,
        };
        self.painter.rect_filled(rect, 0.0, fill);
        if matches!(look, Look::Partner | Look::Selected) {
            let bar = Rect::from_min_size(rect.min, vec2(3.0, rect.height()));
            self.painter.rect_filled(bar, 0.0, self.colors.accent);
        }
    }

    fn paint_time(&self, rect: Rect, row: &Row) {
        let mut time = format::time_of_day(row.event.received_at, self.zone);
        if !self.with_milliseconds {
            time.truncate("00:00:00".len());
        }
        let at = pos2(self.time.min, rect.center().y);
        self.painter.text(
            at,
            Align2::LEFT_CENTER,
            time,
            self.number_font.clone(),
            self.colors.weak,
        );
    }

    fn paint_columns(&self, rect: Rect, row: &Row) {
        let y = rect.center().y;
        let family = row.event.family();
        let family_color = self.colors.family(family);
        let text_end = self.paint_outcome(y, row);
        let text_color = match (row.event.level, family) {
            (Some(ConsoleLevel::Info) | None, Family::Error) => family_color,
            (Some(ConsoleLevel::Info) | None, _) => self.colors.text,
            (Some(level), _) => level_color(self.colors, level),
        };
        let mut job = LayoutJob::default();
        match self.kind {
            Some(column) => {
                let kind =
                    LayoutJob::single_section(format::shown_kind(row), self.format(family_color));
                self.put_left(pos2(column.min, y), self.cut(kind, column.span()));
            }
            None => {
                let word = match family {
                    Family::Other => Cow::Owned(format::shown_kind(row)),
                    _ => Cow::Borrowed(family.into()),
                };
                job.append(&word, 0.0, self.format(family_color));
                job.append("", GAP, self.format(text_color));
            }
        }
        job.append(&format::shown_text(row), 0.0, self.format(text_color));
        self.put_left(pos2(self.text.min, y), self.cut(job, text_end - self.text.min));
    }

    /// Paints the outcome, and returns where the text has to end.
    fn paint_outcome(&self, y: f32, row: &Row) -> f32 {
        let Some(text) = format::outcome(row) else {
            return self.text.max;
        };
        let color = match row.outcome() {
            Some(Outcome::Failed) => self.colors.family(Family::Error),
            Some(Outcome::Pending | Outcome::Ok) | None => self.colors.weak,
        };
        let at = pos2(self.text.max, y);
        let painted =
            self.painter.text(at, Align2::RIGHT_CENTER, text, self.number_font.clone(), color);
        painted.min.x - GAP
    }

    /// Paints news of our own connection as a line across, with words in it.
    fn paint_divider(&self, rect: Rect, row: &Row) {
        let y = rect.center().y;
        let color = self.colors.family(Family::Stream);
        let x = Rangef::new(self.time.max + GAP, self.text.max);
        let job = LayoutJob::single_section(format::shown_text(row), self.format(color));
        let words = self.cut(job, x.span() - 6.0 * GAP);
        let left = x.center() - words.size().x / 2.0;
        let line = (1.0, color.gamma_multiply(0.6));
        self.painter.hline(x.min..=left - GAP, y, line);
        self.painter.hline(left + words.size().x + GAP..=x.max, y, line);
        self.put_left(pos2(left, y), words);
    }

    fn format(&self, color: Color32) -> TextFormat {
        TextFormat::simple(self.text_font.clone(), color)
    }

    /// Lays out one line of at most `width` points, with `…` where it was cut.
    fn cut(&self, mut job: LayoutJob, width: f32) -> Arc<Galley> {
        job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
        self.painter.layout_job(job)
    }

    fn put_left(&self, left_center: Pos2, galley: Arc<Galley>) {
        let top_left = left_center - vec2(0.0, galley.size().y / 2.0);
        self.painter.galley(top_left, galley, self.colors.text);
    }
}

/// Returns a row as a screen reader says it.
pub(super) fn spoken(row: &Row, zone: &TimeZone) -> String {
    let time = format::time_of_day(row.event.received_at, zone);
    let outcome =
        format::outcome_in_words(row).map(|words| format!(", {words}")).unwrap_or_default();
    format!("{time} {} {}{outcome}", format::shown_kind(row), format::shown_text(row))
}
