//! Draws blocks of Markdown.

use egui::text::LayoutJob;
use egui::{
    Align, Button, FontId, Frame, Grid, Hyperlink, Label, Layout, Margin, RichText, ScrollArea,
    Stroke, TextFormat, TextStyle, Ui, WidgetInfo, vec2,
};

use super::parse::{BlockKind, MarkdownBlock, Span};
use crate::ui::theme::Colors;

const STEP: f32 = 16.0;
const QUOTE: f32 = 10.0;

pub(super) fn block_ui(ui: &mut Ui, block: &MarkdownBlock) {
    let quoted = block.quotes as f32 * QUOTE;
    let left = ui.cursor().left();
    let drawn = ui
        .with_layout(Layout::left_to_right(Align::TOP), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            if quoted > 0.0 {
                ui.add_space(quoted);
            }
            if block.indent > 0 {
                ui.add_space((block.indent - 1) as f32 * STEP);
                marker_ui(ui, block.marker.as_deref());
            }
            ui.vertical(|ui| {
                ui.set_width(ui.available_width());
                kind_ui(ui, &block.kind);
            });
        })
        .response
        .rect;
    let stroke = Stroke::new(2.0, Colors::of(ui.ctx()).outline);
    for level in 0..block.quotes {
        let x = left + level as f32 * QUOTE + 2.0;
        ui.painter().vline(x, drawn.y_range(), stroke);
    }
}

/// Draws a marker in a column of its own, so that all blocks of an item begin at the same place.
fn marker_ui(ui: &mut Ui, marker: Option<&str>) {
    let height = ui.text_style_height(&TextStyle::Body);
    let width = marker.map_or(0, |marker| marker.chars().count()) as f32 * 7.0;
    let size = vec2(width.max(STEP - 4.0), height);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::TOP), |ui| {
        ui.set_min_size(size);
        if let Some(marker) = marker {
            ui.label(RichText::new(marker).weak());
        }
    });
}

fn kind_ui(ui: &mut Ui, kind: &BlockKind) {
    match kind {
        BlockKind::Text { spans, heading } => spans_ui(ui, spans, *heading),
        BlockKind::Rule => {
            ui.separator();
        }
        BlockKind::Code { text, language } => code_ui(ui, text, language),
        BlockKind::Table(rows) => table_ui(ui, rows),
    }
}

fn spans_ui(ui: &mut Ui, spans: &[Span], heading: u8) {
    if heading > 0 {
        ui.add_space(4.0);
    }
    let linked = spans.iter().find(|span| span.link.is_some());
    let Some(linked) = linked else {
        ui.add(Label::new(job_of(ui, spans, heading)).wrap());
        return;
    };
    let font_id = font(ui, linked, heading);
    let row = ui.fonts_mut(|fonts| fonts.row_height(&font_id));
    let layout = Layout::left_to_right(Align::BOTTOM).with_main_wrap(true);
    ui.allocate_ui_with_layout(vec2(ui.available_width(), row), layout, |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        // Otherwise links would stand on another line than the words around them.
        ui.set_row_height(row);
        let mut rest = spans;
        while let Some(first) = rest.first() {
            if let Some(address) = &first.link {
                let text = RichText::new(&first.text).font(font(ui, first, heading));
                ui.add(Hyperlink::from_label_and_url(text, address.as_ref()).open_in_new_tab(true))
                    .on_hover_text(address.as_ref());
                rest = &rest[1..];
                continue;
            }
            let plain = rest.iter().take_while(|span| span.link.is_none()).count();
            ui.add(Label::new(job_of(ui, &rest[..plain], heading)).wrap());
            rest = &rest[plain..];
        }
    });
}

fn job_of(ui: &Ui, spans: &[Span], heading: u8) -> LayoutJob {
    let colors = Colors::of(ui.ctx());
    let mut job = LayoutJob::default();
    for span in spans {
        let is_strong = span.strong || heading > 0;
        let format = TextFormat {
            font_id: font(ui, span, heading),
            color: if is_strong { colors.strong } else { colors.text },
            italics: span.emphasis,
            strikethrough: if span.strike { Stroke::new(1.0, colors.text) } else { Stroke::NONE },
            background: if span.code { colors.sunken } else { egui::Color32::TRANSPARENT },
            ..TextFormat::default()
        };
        job.append(&span.text, 0.0, format);
    }
    job
}

fn font(ui: &Ui, span: &Span, heading: u8) -> FontId {
    let style = if span.code { TextStyle::Monospace } else { TextStyle::Body };
    let mut font = style.resolve(ui.style());
    font.size *= match heading {
        0 => 1.0,
        1 => 1.35,
        2 => 1.2,
        _ => 1.08,
    };
    font
}

fn code_ui(ui: &mut Ui, text: &str, language: &str) {
    let colors = Colors::of(ui.ctx());
    let frame = Frame::new().fill(colors.sunken).corner_radius(4).inner_margin(Margin::same(6));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.label(RichText::new(language).small().weak());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let copy = ui.add(Button::new("Copy").small());
                copy.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, "Copy code"));
                if copy.clicked() {
                    ui.copy_text(text.to_owned());
                }
            });
        });
        ui.add(Label::new(RichText::new(text).monospace()).wrap());
    });
}

fn table_ui(ui: &mut Ui, rows: &[Vec<Vec<Span>>]) {
    ScrollArea::horizontal().id_salt("table").show(ui, |ui| {
        Grid::new("cells").striped(true).spacing(vec2(12.0, 4.0)).show(ui, |ui| {
            for (index, row) in rows.iter().enumerate() {
                for cell in row {
                    let heading = if index == 0 { 4 } else { 0 };
                    ui.add(Label::new(job_of(ui, cell, heading)).extend());
                }
                ui.end_row();
            }
        });
    });
}
