//! Shows the statistics overlay, which tells where the time goes and which pictures were never seen.

use std::time::Duration;

use egui::{Align, Color32, Frame, Label, Layout, Margin, Rect, RichText, Ui, UiBuilder, vec2};

use super::geometry::FrameToUi;
use super::words::milliseconds;
use crate::model::StatsSnapshot;
use crate::ui::clock::Clock;

/// The panel is light on dark in every theme, because it has to be readable on any picture.
const PANEL: Color32 = Color32::from_black_alpha(200);
const TEXT: Color32 = Color32::from_gray(235);

/// The text has two lines, so that it is as narrow as the figures.
const AGE_MEANS: &str = "Age: capture or receipt\n     until it was painted";

/// What the overlay tells beside the counters.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Where the picture lies, if there is one.
    pub geometry: Option<&'a FrameToUi>,
    /// The present age of the picture on screen.
    pub age: Option<Duration>,
    /// The clock that times are told by.
    pub clock: Clock<'a>,
}

/// Paints the panel at the top left of `area`. The pointer goes through it.
pub fn statistics_ui(ui: &mut Ui, area: Rect, stats: &StatsSnapshot, shown: Shown<'_>) {
    let place = Rect::from_min_max(area.min + vec2(8.0, 8.0), area.max);
    let builder =
        UiBuilder::new().id_salt("statistics").max_rect(place).layout(Layout::top_down(Align::Min));
    let mut ui = ui.new_child(builder);
    ui.shrink_clip_rect(area);
    let frame = Frame::new().fill(PANEL).corner_radius(4).inner_margin(Margin::symmetric(8, 6));
    frame.show(&mut ui, |ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        let rows = rows(stats, shown);
        let texts = rows.into_iter().map(|(name, figure)| format!("{name:<13} {figure:>12}"));
        for text in texts.chain([AGE_MEANS.to_owned()]) {
            let text = RichText::new(text).monospace().size(12.0).color(TEXT);
            ui.add(Label::new(text).selectable(false).extend());
        }
    });
    // While nothing comes and nothing is shown, no figure changes.
    let moves = stats.bits_per_second > 0.0 || stats.shown_per_second > 0.0;
    if moves || shown.clock.ticks() {
        ui.ctx().request_repaint_after(Duration::from_secs(1));
    }
}

/// Returns the name and the figure of every row.
fn rows(stats: &StatsSnapshot, shown: Shown<'_>) -> Vec<(&'static str, String)> {
    let mut rows = vec![
        ("Received", thousands(stats.frames_received)),
        ("Shown", thousands(stats.frames_shown)),
        ("Superseded", thousands(stats.frames_superseded)),
        ("Refused", thousands(stats.frames_refused)),
        ("Bit rate", bit_rate(stats.bits_per_second)),
        ("Frame rate", format!("{:.1} /s", stats.shown_per_second)),
        ("Decode", milliseconds(stats.decode)),
        ("Upload, paint", milliseconds(stats.paint)),
        ("Age p50", milliseconds(stats.age_p50)),
        ("Age p95", milliseconds(stats.age_p95)),
    ];
    if let Some(age) = shown.age {
        rows.push(match shown.clock.ticks() {
            true => ("Age now", milliseconds(age)),
            false => ("Came at", shown.clock.moment_ago(age)),
        });
    }
    if let Some(geometry) = shown.geometry {
        let frame = geometry.frame();
        rows.push(("Picture", format!("{}×{}", frame.width, frame.height)));
        rows.push(("Zoom", format!("{:.0} %", geometry.scale() * 100.0)));
    }
    rows
}

fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn bit_rate(bits_per_second: f64) -> String {
    match bits_per_second {
        ..999.5 => format!("{bits_per_second:.0} bit/s"),
        ..999.5e3 => format!("{:.0} kbit/s", bits_per_second / 1e3),
        _ => format!("{:.1} Mbit/s", bits_per_second / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_readable() {
        let check = |got: String, wanted| assert_eq!(got, wanted);
        check(thousands(0), "0");
        check(thousands(999), "999");
        check(thousands(1_234_567), "1,234,567");
        check(bit_rate(0.0), "0 bit/s");
        check(bit_rate(54_400.0), "54 kbit/s");
        check(bit_rate(999_900.0), "1.0 Mbit/s");
        check(bit_rate(12_340_000.0), "12.3 Mbit/s");
    }
}
