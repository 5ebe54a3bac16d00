//! Shows an assistant's Markdown: paragraphs, lists, quotes, code, tables and links to the web, but no HTML and no
//! pictures.
//!
//! A text is parsed once for each change, and laid out only where it can be seen.

mod paint;
mod parse;

use egui::Ui;

use super::sight::DrawnSize;
use parse::MarkdownBlock;

const GAP: f32 = 6.0;

/// A text that was parsed, with the places of its blocks.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// Length in bytes of the text that was parsed. It tells whether the text has changed, because a text only grows.
    read: usize,
    blocks: Vec<MarkdownBlock>,
    /// One place for each block.
    places: Vec<DrawnSize>,
}

impl Document {
    /// Parses `text` unless it was parsed already.
    pub(super) fn read(&mut self, text: &str) {
        if text.len() == self.read {
            return;
        }
        self.read = text.len();
        let blocks = parse::blocks(text);
        let same = self.blocks.iter().zip(&blocks);
        let kept = same.take_while(|(old, new)| old == new).count();
        self.places.truncate(kept);
        self.places.resize(blocks.len(), DrawnSize::default());
        self.blocks = blocks;
    }
}

/// Draws a document. `id` tells it from the others on screen.
pub(super) fn document_ui(ui: &mut Ui, id: u64, document: &mut Document) {
    let parts = document.blocks.iter().zip(&mut document.places);
    let mut was_item = true;
    for (index, (block, place)) in parts.enumerate() {
        let is_item = block.indent > 0;
        // Items of a list stand closer together than paragraphs.
        let gap = if was_item && is_item || index == 0 { 0.0 } else { GAP };
        was_item = is_item;
        place.ui(ui, |ui| {
            ui.add_space(gap);
            ui.push_id((id, index), |ui| paint::block_ui(ui, block));
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;

    #[test]
    fn a_growing_text_keeps_the_places_of_what_stays() {
        let mut document = Document::default();
        document.read("One\n\nTwo");
        let context = egui::Context::default();
        let output = context.run_ui(egui::RawInput::default(), |ui| {
            document_ui(ui, 1, &mut document);
        });
        output.drop_without_applying_deltas();
        let places = document.places.clone();
        assert!(places.iter().all(|place| *place != DrawnSize::default()));
        document.read("One\n\nTwo and more\n\nThree");
        assert_eq!(document.places[0], places[0]);
        assert_eq!(document.places[1..], [DrawnSize::default(); 2]);
    }

    #[test]
    fn links_say_where_they_lead_and_open_there() {
        let mut document = Document::default();
        document.read(
            "See [the docs](https://docs.test/x) and [this](javascript:alert(1)) <b>bold</b>",
        );
        let mut harness = Harness::new_ui(move |ui| document_ui(ui, 1, &mut document));
        harness.get_by_label_contains("this (javascript:alert(1)) <b>bold</b>");
        harness.get_by_role_and_label(egui::Role::Link, "the docs").click();
        harness.step();
        let opened =
            harness.output().platform_output.commands.iter().find_map(|command| match command {
                egui::OutputCommand::OpenUrl(open) => Some(open.url.clone()),
                _ => None,
            });
        assert_eq!(opened.as_deref(), Some("https://docs.test/x"));
    }

    #[test]
    fn a_long_text_is_laid_out_in_sight_only() {
        let paragraph = "Some **words** of an answer that goes on and on, with `code` in it.\n\n";
        let text = paragraph.repeat(2000);
        let mut document = Document::default();
        let started = Instant::now();
        document.read(&text);
        let read = started.elapsed();
        let context = egui::Context::default();
        let shapes = |document: &mut Document| {
            let started = Instant::now();
            let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(400.0, 600.0));
            let input = egui::RawInput { screen_rect: Some(screen), ..egui::RawInput::default() };
            let output = context.run_ui(input, |ui| {
                egui::ScrollArea::vertical().show(ui, |ui| document_ui(ui, 1, document));
            });
            let count = output.shapes.len();
            output.drop_without_applying_deltas();
            (count, started.elapsed())
        };
        // The first pass has to measure the height of everything.
        let first = shapes(&mut document);
        let (count, took) =
            (0..5).map(|_| shapes(&mut document)).min_by_key(|(_, took)| *took).unwrap();
        println!("{} KB: read {read:?}, first pass {:?}, then {took:?}", text.len() >> 10, first.1);
        assert!(count < 400, "{count} shapes");
        assert!(took < first.1, "{took:?} after {:?}", first.1);
    }
}
