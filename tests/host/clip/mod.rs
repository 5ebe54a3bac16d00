//! Draws the clip that the host's cameras play: `cargo test --test host draw_the_clip -- --ignored`.
//!
//! A sports ground seen from above: two persons and a ball on the field, cars on the road below it. Everything moves by
//! functions that are the same at the end of the clip as at its beginning, so that it repeats without a jump.

mod canvas;

use std::f32::consts::TAU;
use std::path::Path;

use canvas::{Canvas, Color, Form, HEIGHT, Painted, Shape, WIDTH};
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use serde_json::{Value, json};

const PICTURES: usize = 70;
const EVERY_MS: usize = 100;
const QUALITY: u8 = 72;
/// A detector does not see less of a thing than this.
const VISIBLE: f32 = 0.15;

const GRASS: Color = [52, 92, 58];
const FIELD: Color = [38, 78, 122];
const ROAD: Color = [58, 60, 66];
const LINE: Color = [206, 212, 216];

#[test]
#[ignore = "rewrites assets/camera"]
fn draw_the_clip() {
    let ground = ground();
    let (mut pictures, mut timeline) = (Vec::new(), String::new());
    for nth in 0..PICTURES {
        let mut canvas = Canvas { pixels: ground.pixels.clone() };
        let detections = scene(&mut canvas, nth as f32 / PICTURES as f32);
        let start = pictures.len();
        JpegEncoder::new_with_quality(&mut pictures, QUALITY)
            .encode(
                canvas.pixels.as_flattened(),
                WIDTH as u32,
                HEIGHT as u32,
                ExtendedColorType::Rgb8,
            )
            .unwrap();
        let length = pictures.len() - start;
        let line = json!({"at_ms": nth * EVERY_MS, "frame": length, "detections": detections});
        timeline += &format!("{line}\n");
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/camera");
    std::fs::write(folder.join("frames.mjpeg"), &pictures).unwrap();
    std::fs::write(folder.join("timeline.jsonl"), timeline).unwrap();
    println!("{} bytes of pictures", pictures.len());
}

/// Edges on multiples of 8 wherever possible: JPEG draws them for nothing.
fn ground() -> Canvas {
    let mut canvas = Canvas::new(GRASS);
    canvas.rect([32, 24, 608, 272], FIELD);
    for outline in [
        [48, 40, 592, 48],
        [48, 248, 592, 256],
        [48, 40, 56, 256],
        [584, 40, 592, 256],
        [320, 48, 328, 248],
        [112, 104, 120, 192],
        [520, 104, 528, 192],
        [56, 104, 120, 112],
        [56, 184, 120, 192],
        [520, 104, 584, 112],
        [520, 184, 584, 192],
    ] {
        canvas.rect(outline, LINE);
    }
    canvas.rect([0, 288, 640, 360], ROAD);
    for dash in 0..10 {
        canvas.rect([dash * 64 + 16, 320, dash * 64 + 48, 328], LINE);
    }
    canvas
}

/// Draws what there is at `t`, 0 to 1, and tells what a detector finds.
fn scene(canvas: &mut Canvas, t: f32) -> Vec<Value> {
    let wave = |times: f32, shift: f32| (TAU * (t * times + shift)).sin();
    let mut found = Vec::new();

    // One person runs around the left half; the other crosses the field and is away for a while.
    let runner = person(
        190.0 + 105.0 * wave(1.0, 0.25),
        132.0 + 58.0 * wave(1.0, 0.0),
        (58.0 * wave(1.0, 0.25)).atan2(-105.0 * wave(1.0, 0.0)),
        wave(8.0, 0.0),
        [222, 62, 54],
    );
    found.extend(seen("person", 0.93 + 0.04 * wave(3.0, 0.1), canvas.draw(&runner)));
    let across = (t - 0.1) / 0.7;
    let walker = person(
        -30.0 + 700.0 * across,
        222.0 + 8.0 * wave(2.0, 0.0),
        0.1 * wave(2.0, 0.25),
        wave(10.0, 0.3),
        [238, 190, 60],
    );
    found.extend(seen("person", 0.88 + 0.07 * wave(2.0, 0.6), canvas.draw(&walker)));

    // The ball bounces on its way around the right half: it is larger where it is higher.
    let height = wave(4.0, 0.0).abs();
    let ball = [disc(
        450.0 + 100.0 * wave(2.0, 0.25),
        130.0 + 56.0 * wave(1.0, 0.4),
        7.0 + 3.0 * height,
        [255, 142, 36],
    )];
    found.extend(seen("ball", 0.81 - 0.32 * height, canvas.draw(&ball)));

    // A car in each lane, for a part of the time.
    let right = car(-60.0 + 760.0 * t / 0.45, 342.0, 0.0, [60, 170, 200]);
    found.extend(seen("car", 0.95 + 0.03 * wave(2.0, 0.0), canvas.draw(&right)));
    let left = car(700.0 - 760.0 * (t - 0.35) / 0.55, 305.0, TAU / 2.0, [214, 120, 44]);
    found.extend(seen("car", 0.91 + 0.05 * wave(3.0, 0.2), canvas.draw(&left)));
    found
}

/// Shoulders, a step forward, and a head.
fn person(x: f32, y: f32, turn: f32, step: f32, shirt: Color) -> [Shape; 3] {
    let (sin, cos) = turn.sin_cos();
    let shape = |forward: f32, form: Form, color: Color| Shape {
        x: x + forward * cos,
        y: y + forward * sin,
        reach: 20.0,
        turn,
        form,
        color,
    };
    [
        shape(5.0 * step, Form::Ellipse(9.0, 6.0), [28, 28, 34]),
        shape(0.0, Form::Ellipse(9.0, 16.0), shirt),
        shape(1.0, Form::Ellipse(6.5, 6.5), [96, 60, 40]),
    ]
}

fn disc(x: f32, y: f32, radius: f32, color: Color) -> Shape {
    Shape { x, y, reach: radius, turn: 0.0, form: Form::Ellipse(radius, radius), color }
}

/// A body, a roof, and the windows around it.
fn car(x: f32, y: f32, turn: f32, body: Color) -> [Shape; 3] {
    let shape = |shift: f32, along: f32, across: f32, color: Color| Shape {
        x: x + shift * turn.cos(),
        y,
        reach: 40.0,
        turn,
        form: Form::Block(along, across),
        color,
    };
    [
        shape(0.0, 38.0, 14.0, body),
        shape(-4.0, 22.0, 11.0, [22, 26, 34]),
        shape(-4.0, 13.0, 10.0, body),
    ]
}

fn seen(class: &str, confidence: f32, painted: Painted) -> Option<Value> {
    let [left, top, right, bottom] = painted.edges?;
    let share = painted.inside as f32 / (painted.inside + painted.outside) as f32;
    let rounded = ((confidence * (0.4 + 0.6 * share)) * 100.0).round() / 100.0;
    (share >= VISIBLE).then(|| {
        json!({
            "class": class,
            "confidence": format!("{rounded:.2}").parse::<f64>().unwrap(),
            "bbox": [left, top, right - left, bottom - top],
        })
    })
}
