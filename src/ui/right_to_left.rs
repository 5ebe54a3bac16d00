//! Puts text of right-to-left scripts into its order wherever it is painted, on labels, rows, buttons and tiles.
//!
//! egui sets each word of such a script in its own direction and then puts one word after the other from the left. Here
//! the words of a finished pass are moved to where the bidirectional algorithm of Unicode wants them. Nothing is laid
//! out anew, so sizes, copies and screen readers see what they saw before. Text fields are left as they are, because
//! their cursor follows egui's order.

use std::sync::Arc;

use egui::epaint::text::{Galley, PlacedRow, Row};
use egui::text_edit::TextEditState;
use egui::{Context, FullOutput, Pos2, Rect, Shape, Ui, ViewportId};
use unicode_bidi::{BidiClass, BidiInfo, Level, bidi_class};

/// The plugin that puts text into its order.
#[derive(Debug, Default)]
pub struct RightToLeft {
    /// The window whose pass has just ended.
    window: ViewportId,
}

impl egui::Plugin for RightToLeft {
    fn debug_name(&self) -> &'static str {
        "right to left"
    }

    fn on_end_pass(&mut self, ui: &mut Ui) {
        self.window = ui.ctx().viewport_id();
    }

    fn output_hook(&mut self, ctx: &Context, output: &mut FullOutput) {
        let mut fields = None;
        for clipped in &mut output.shapes {
            put_in_order(&mut clipped.shape, &mut |shown: Rect| {
                let fields = fields.get_or_insert_with(|| text_fields(ctx, self.window));
                let seen = shown.intersect(clipped.clip_rect);
                fields.iter().any(|field: &Rect| field.expand(1.0).contains_rect(seen))
            });
        }
    }
}

/// Returns where the text fields of a window are.
fn text_fields(ctx: &Context, window: ViewportId) -> Vec<Rect> {
    let widgets: Vec<_> = ctx.viewport_for(window, |viewport| {
        let layers = viewport.prev_pass.widgets.layers();
        layers.flat_map(|(_, widgets)| widgets.iter().map(|it| (it.id, it.rect))).collect()
    });
    let fields = widgets.into_iter().filter(|(id, _)| TextEditState::load(ctx, *id).is_some());
    fields.map(|(_, rect)| rect).collect()
}

/// Puts all texts of a shape into their order, but those for which `is_field` holds.
fn put_in_order(shape: &mut Shape, is_field: &mut impl FnMut(Rect) -> bool) {
    match shape {
        Shape::Text(text)
            if has_right_to_left(text.galley.text()) && !is_field(text.visual_bounding_rect()) =>
        {
            order_galley(&mut text.galley);
        }
        Shape::Vec(shapes) => shapes.iter_mut().for_each(|shape| put_in_order(shape, is_field)),
        _ => (),
    }
}

/// Tells whether a text has letters that are written from the right.
fn has_right_to_left(text: &str) -> bool {
    // Most texts have no byte that such a letter begins with, which is seen at once.
    text.bytes().any(|byte| byte >= 0xd6) && text.chars().any(is_from_right)
}

fn is_from_right(letter: char) -> bool {
    matches!(bidi_class(letter), BidiClass::R | BidiClass::AL)
}

/// Tells whether a font sets this character within a word from the right.
fn is_in_word(letter: char) -> bool {
    matches!(bidi_class(letter), BidiClass::R | BidiClass::AL | BidiClass::AN | BidiClass::NSM)
}

fn order_galley(galley: &mut Arc<Galley>) {
    if galley.rows.iter().any(|row| is_selected(&row.row)) {
        // The ground of what is selected lies where egui's own order has it.
        return;
    }
    let galley = Arc::make_mut(galley);
    if galley.elided {
        hide_cut_word(galley);
    }
    let mut rows = &mut galley.rows[..];
    while !rows.is_empty() {
        let ends = rows.iter().position(|row| row.ends_with_newline);
        let (paragraph, rest) = rows.split_at_mut(ends.map_or(rows.len(), |at| at + 1));
        rows = rest;
        let letters = paragraph.iter().flat_map(|row| row.row.glyphs.iter().map(|it| it.chr));
        let direction = direction_of(letters);
        for placed in paragraph {
            let letters: Vec<char> = placed.row.glyphs.iter().map(|glyph| glyph.chr).collect();
            if letters.iter().copied().any(is_from_right) || direction.is_rtl() {
                order_row(Arc::make_mut(&mut placed.row), &letters, direction);
            }
        }
    }
}

/// Tells whether some of a row is selected, whose ground is then painted before the letters.
fn is_selected(row: &Row) -> bool {
    let visuals = &row.visuals;
    let first = visuals.mesh.indices.get(visuals.glyph_index_start);
    first.is_some_and(|first| *first as usize >= visuals.glyph_vertex_range.end)
}

/// Returns the direction of a paragraph, which is that of its first letter.
fn direction_of(mut letters: impl Iterator<Item = char>) -> Level {
    let first =
        letters.find(|letter| is_from_right(*letter) || bidi_class(*letter) == BidiClass::L);
    if first.is_some_and(is_from_right) { Level::rtl() } else { Level::ltr() }
}

/// Moves the glyphs of a row to where they belong, and turns brackets around.
fn order_row(row: &mut Row, letters: &[char], direction: Level) {
    let starts: Vec<f32> = row.glyphs.iter().map(|glyph| glyph.pos.x).collect();
    let end = row.glyphs.last().map_or(0.0, |glyph| glyph.max_x());
    let mut x = starts.first().copied().unwrap_or_default();
    for (at, is_reversed) in visual_order(letters, direction) {
        let width = starts.get(at + 1).copied().unwrap_or(end) - starts[at];
        let glyph = &mut row.glyphs[at];
        let by = x - glyph.pos.x;
        glyph.pos.x = x;
        x += width;
        if glyph.uv_rect.is_nothing() {
            continue;
        }
        let first = glyph.first_vertex as usize;
        let Some(corners) = row.visuals.mesh.vertices.get_mut(first..first + 4) else {
            continue;
        };
        corners.iter_mut().for_each(|corner| corner.pos.x += by);
        if is_reversed && has_mirror(glyph.chr) {
            for (left, right) in [(0, 1), (2, 3)] {
                (corners[left].uv, corners[right].uv) = (corners[right].uv, corners[left].uv);
            }
        }
    }
    row.visuals.mesh_bounds = row.visuals.mesh.calc_bounds();
}

/// Returns the places of a row's glyphs from left to right, and whether each reads from the right.
fn visual_order(glyphs: &[char], direction: Level) -> Vec<(usize, bool)> {
    let reading = reading_order(glyphs);
    let text: String = reading.iter().map(|at| glyphs[*at]).collect();
    let info = BidiInfo::new(&text, Some(direction));
    let Some(paragraph) = info.paragraphs.first() else {
        return Vec::new();
    };
    let levels = info.reordered_levels_per_char(paragraph, 0..text.len());
    let order = BidiInfo::reorder_visual(&levels);
    order.into_iter().map(|at| (reading[at], levels[at].is_rtl())).collect()
}

/// Returns the places of a row's glyphs in the order in which they are read: those of a word that a font sets from the
/// right come in reverse.
fn reading_order(glyphs: &[char]) -> Vec<usize> {
    let mut order = Vec::with_capacity(glyphs.len());
    let mut rest = 0..glyphs.len();
    while let Some(start) = rest.next() {
        let end = word_end(glyphs, start);
        if glyphs[start..end].iter().copied().any(is_from_right) {
            order.extend((start..end).rev());
            rest.start = end;
        } else {
            order.push(start);
        }
    }
    order
}

/// Returns where the word that begins at `start` ends.
fn word_end(glyphs: &[char], start: usize) -> usize {
    glyphs[start..].iter().take_while(|letter| is_in_word(**letter)).count() + start
}

/// Hides what is left of a word from the right that was cut off for lack of room: egui keeps its last letters, and not
/// the first ones.
fn hide_cut_word(galley: &mut Galley) {
    let shown: usize = galley.rows.iter().map(|row| row.char_count_including_newline().0).sum();
    // The last one is the sign that something is missing.
    let Some(kept) = shown.checked_sub(1) else { return };
    let mut letters = galley.job.text.chars().skip(kept.saturating_sub(1));
    let is_cut = letters.next().is_some_and(is_in_word) && letters.next().is_some_and(is_in_word);
    let Some(PlacedRow { row, .. }) = galley.rows.last_mut().filter(|_| is_cut) else {
        return;
    };
    let row = Arc::make_mut(row);
    let Some((_, glyphs)) = row.glyphs.split_last() else { return };
    let cut = glyphs.iter().rev().take_while(|glyph| is_in_word(glyph.chr));
    for glyph in cut.filter(|glyph| !glyph.uv_rect.is_nothing()) {
        let first = glyph.first_vertex as usize;
        if let Some(corners) = row.visuals.mesh.vertices.get_mut(first..first + 4) {
            corners.iter_mut().for_each(|corner| corner.pos = Pos2::ZERO);
        }
    }
}

/// Tells whether a character looks to the other side where text runs from the right.
fn has_mirror(letter: char) -> bool {
    "()[]{}<>«»‹›≤≥".contains(letter)
}

#[cfg(test)]
mod tests {
    use egui::epaint::TextShape;
    use egui::text::LayoutJob;
    use egui::{Color32, FontId, Label, RawInput, TextEdit, pos2};

    use super::*;

    /// Returns what stands from left to right on a line whose glyphs are these, in egui's order.
    fn seen(glyphs: &str) -> String {
        let glyphs: Vec<char> = glyphs.chars().collect();
        let direction = direction_of(glyphs.iter().copied());
        visual_order(&glyphs, direction).into_iter().map(|(at, _)| glyphs[at]).collect()
    }

    #[test]
    fn words_from_the_right_stand_in_their_order() {
        for (glyphs, wanted) in [
            // As egui sets “שלום עולם”, and as it is to be seen: the first word at the right.
            ("םולש םלוע", "םלוע םולש"),
            ("abc", "abc"),
            ("see םולש םלוע now", "see םלוע םולש now"),
            // A number keeps its direction, and what begins from the right does so as a whole.
            ("םולש 123 abc", "abc 123 םולש"),
            ("(םולש)", ")םולש("),
            // Arabic digits within a word of the same font were turned around with it.
            ("٢١ب", "١٢ب"),
            ("", ""),
        ] {
            assert_eq!(seen(glyphs), wanted, "{glyphs}");
        }
    }

    #[test]
    fn most_texts_are_passed_over_at_once() {
        for (text, wanted) in [
            ("Café – 東京 → ไทย", false),
            ("שלום", true),
            ("x مرحبا", true),
            ("\u{1e900}", true),
            ("", false),
        ] {
            assert_eq!(has_right_to_left(text), wanted, "{text}");
        }
    }

    /// Returns where each letter is painted, from the left. The fonts of tests have no such letters, so each is the box
    /// that stands for a missing one.
    fn painted(add: impl Fn(&mut Ui)) -> Vec<(Rect, String)> {
        let ctx = Context::default();
        ctx.add_plugin(RightToLeft::default());
        let mut output = ctx.run_ui(RawInput::default(), |ui| add(ui));
        output.textures_delta.clear();
        let mut texts = Vec::new();
        let mut shapes: Vec<Shape> = output.shapes.into_iter().map(|it| it.shape).collect();
        while let Some(shape) = shapes.pop() {
            match shape {
                Shape::Vec(more) => shapes.extend(more),
                Shape::Text(TextShape { galley, .. }) => {
                    for row in &galley.rows {
                        let mut glyphs: Vec<_> = row.row.glyphs.iter().collect();
                        glyphs.sort_by(|a, b| a.pos.x.total_cmp(&b.pos.x));
                        let text = glyphs.iter().map(|glyph| glyph.chr).collect();
                        texts.push((row.row.visuals.mesh_bounds, text));
                    }
                }
                _ => (),
            }
        }
        texts
    }

    #[test]
    fn labels_are_put_in_order_and_fields_are_not() {
        let text = "ab גד (הו)";
        let label = painted(|ui| drop(ui.add(Label::new(text))));
        let field = painted(|ui| drop(ui.add(TextEdit::singleline(&mut text.to_owned()))));
        let words = |painted: &[(Rect, String)]| painted.iter().map(|it| it.1.clone()).collect();
        let (label, field): (Vec<String>, Vec<String>) = (words(&label), words(&field));
        assert_eq!(label.len(), 1, "{label:?}");
        // The last bracket comes first. It keeps its name, and is painted turned round.
        assert!(label[0].starts_with("ab )") && label[0] != field[0], "{label:?}, {field:?}");
    }

    #[test]
    fn nothing_grows_and_nothing_is_lost() {
        let ctx = Context::default();
        let mut output = ctx.run_ui(RawInput::default(), |ui| {
            let text = "אב גד abc (הו) 12\nזח טי abc".to_owned();
            let job = LayoutJob::simple(text, FontId::proportional(14.0), Color32::WHITE, 60.0);
            let before = ui.fonts_mut(|fonts| fonts.layout_job(job));
            let mut after = before.clone();
            order_galley(&mut after);
            assert_eq!(before.size(), after.size());
            for (old, new) in before.rows.iter().zip(&after.rows) {
                let sorted = |row: &PlacedRow| {
                    let mut letters: Vec<_> = row.row.glyphs.iter().map(|it| it.chr).collect();
                    letters.sort_unstable();
                    letters
                };
                assert_eq!(sorted(old), sorted(new));
                let right = |row: &PlacedRow| row.row.visuals.mesh_bounds.right();
                assert!((right(old) - right(new)).abs() < 8.0, "{} {}", right(old), right(new));
            }
            let mut shape = Shape::Text(TextShape::new(pos2(0.0, 0.0), before, Color32::WHITE));
            put_in_order(&mut shape, &mut |_| true);
        });
        output.textures_delta.clear();
    }
}
