//! Boxes on a picture: what they add to a repaint, shapes to triangles included.

use criterion::{BatchSize, Criterion};
use egui::{Context, RawInput, Rect, pos2, vec2};
use helmsight::model::{Area, Detection, DetectionFilter, FrameRect, FrameSize};
use helmsight::ui::picture::{FrameToUi, View, paint_boxes};

const CLASSES: [&str; 6] = ["person", "car", "ball", "dog", "bicycle", "truck"];

fn found(count: usize) -> Vec<Detection> {
    (0..count)
        .map(|n| Detection {
            class: CLASSES[n % CLASSES.len()].into(),
            confidence: (n % 100) as f32 / 100.0,
            area: Area::Pixels(FrameRect {
                x: (n * 97 % 1200) as f32,
                y: (n * 61 % 660) as f32,
                width: 20.0 + (n % 7) as f32 * 12.0,
                height: 20.0 + (n % 5) as f32 * 12.0,
            }),
        })
        .collect()
}

pub(crate) fn bench(c: &mut Criterion) {
    let mut group = c.benchmark_group("boxes");
    let size = FrameSize { width: 1280, height: 720 };
    let area = Rect::from_min_size(pos2(0.0, 0.0), vec2(1280.0, 720.0));
    let geometry = FrameToUi::new(size, area, 1.0, View::default()).expect("there is room");
    let filter = DetectionFilter::default();
    for count in [0, 10, 100, 500] {
        let found = found(count);
        let ctx = Context::default();
        let input = || RawInput { screen_rect: Some(area), ..RawInput::default() };
        group.bench_function(format!("{count}"), |bencher| {
            let repaint = |input: RawInput| {
                let mut output = ctx.run_ui(input, |ui| {
                    paint_boxes(ui.painter(), &geometry, &found, &filter);
                });
                output.textures_delta.clear();
                ctx.tessellate(std::mem::take(&mut output.shapes), 1.0)
            };
            bencher.iter_batched(input, repaint, BatchSize::SmallInput);
        });
    }
    group.finish();
}
