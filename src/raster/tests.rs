//! Holds what is painted against what the rules say, with meshes of all kinds, and looks at what is painted anew.

use egui::epaint::{ImageDelta, Primitive, Vertex};
use egui::{
    ClippedPrimitive, Color32, ColorImage, Context, Mesh, Pos2, RawInput, Rect, TextureId,
    TextureOptions, TexturesDelta, pos2, vec2,
};
use proptest::prelude::*;

use super::exact::Exact;
use super::{Canvas, PixelArea, Raster, Textures};

const SIZE: [usize; 2] = [96, 72];
const GROUND: Color32 = Color32::from_rgb(20, 40, 60);
const PICTURE: TextureId = TextureId::User(1);

struct Window {
    raster: Raster,
    textures: Textures,
    pixels: Vec<u32>,
    size: [usize; 2],
}

impl Window {
    fn new(size: [usize; 2]) -> Self {
        let pixels = vec![0; size[0] * size[1]];
        Self { raster: Raster::default(), textures: Textures::default(), pixels, size }
    }

    fn set(&mut self, id: TextureId, image: ColorImage, options: TextureOptions) {
        let mut delta = TexturesDelta::default();
        delta.push(id, ImageDelta::full(image, options));
        self.textures.update(&mut delta);
    }

    fn paint(&mut self, primitives: &[ClippedPrimitive], holds_last: bool) -> Vec<PixelArea> {
        let size = self.size.map(|count| count as u32);
        let mut canvas = Canvas::new(&mut self.pixels, size).unwrap();
        self.raster.paint(&mut canvas, &self.textures, primitives, 1.0, GROUND, holds_last)
    }
}

/// A texture whose first texel is white, as egui's own, with letters of all coverages beside it.
fn letters() -> ColorImage {
    let mut image = ColorImage::filled([16, 8], Color32::TRANSPARENT);
    for (index, pixel) in image.pixels.iter_mut().enumerate().skip(1) {
        let cover = (index * 37 % 256) as u8;
        *pixel = Color32::from_rgba_premultiplied(cover, cover, cover, cover);
    }
    image.pixels[0] = Color32::WHITE;
    image
}

/// A picture with colors everywhere.
fn picture(opaque: bool) -> ColorImage {
    let mut image = ColorImage::filled([16, 8], Color32::BLACK);
    for (index, pixel) in image.pixels.iter_mut().enumerate() {
        let shade = |by: usize| (index * by % 256) as u8;
        let alpha = if opaque { 255 } else { shade(53) };
        *pixel = Color32::from_rgba_unmultiplied(shade(17), shade(29), shade(41), alpha);
    }
    image
}

fn place() -> impl Strategy<Value = Pos2> {
    // Eighths of a pixel, also outside of the window.
    (-160..900_i16, -160..700_i16).prop_map(|(x, y)| pos2(f32::from(x) / 8.0, f32::from(y) / 8.0))
}

fn color() -> impl Strategy<Value = Color32> {
    any::<[u8; 4]>().prop_map(|[red, green, blue, alpha]| {
        Color32::from_rgba_unmultiplied(red, green, blue, alpha)
    })
}

fn uv() -> impl Strategy<Value = Pos2> {
    (0..=16_u8, 0..=8_u8).prop_map(|(x, y)| pos2(f32::from(x) / 16.0, f32::from(y) / 8.0))
}

fn mesh() -> impl Strategy<Value = Mesh> {
    let corner = (place(), color()).prop_map(|(at, color)| Vertex::untextured(at, color));
    let seen = (place(), uv(), color()).prop_map(|(pos, uv, color)| Vertex { pos, uv, color });
    let made = |vertices: Vec<Vertex>| {
        let indices = 0..vertices.len() as u32;
        Mesh { indices: indices.collect(), vertices, texture_id: PICTURE }
    };
    let fill = (place(), place(), color()).prop_map(|(a, b, color)| {
        let mut mesh = Mesh::default();
        mesh.add_colored_rect(Rect::from_two_pos(a, b), color);
        Mesh { texture_id: PICTURE, ..mesh }
    });
    let shown = (place(), place(), uv(), uv(), color(), any::<bool>());
    let shown = shown.prop_map(|(a, b, from, to, color, is_plain)| {
        let mut mesh = Mesh::with_texture(PICTURE);
        let color = if is_plain { Color32::WHITE } else { color };
        mesh.add_rect_with_uv(Rect::from_two_pos(a, b), Rect { min: from, max: to }, color);
        mesh
    });
    prop_oneof![
        prop::collection::vec(corner, 3..=3).prop_map(made),
        prop::collection::vec(seen, 3..=3).prop_map(made),
        fill,
        shown,
    ]
}

fn scene() -> impl Strategy<Value = Vec<ClippedPrimitive>> {
    let clip = prop_oneof![
        Just(Rect::EVERYTHING),
        (place(), place()).prop_map(|(a, b)| Rect::from_two_pos(a.round(), b.round())),
    ];
    let primitive = (clip, mesh()).prop_map(|(clip_rect, mesh)| ClippedPrimitive {
        clip_rect,
        primitive: Primitive::Mesh(mesh),
    });
    prop::collection::vec(primitive, 0..6)
}

/// Says where the pixels differ by more than is lost where each step is rounded to a byte.
fn difference(window: &Window, exact: &Exact) -> Option<String> {
    let channels = |pixel: u32| [16, 8, 0].map(|shift| f64::from((pixel >> shift) & 0xff));
    window.pixels.iter().zip(&exact.pixels).enumerate().find_map(|(index, (pixel, exact))| {
        let is_near = channels(*pixel).iter().zip(exact).all(|(a, b)| (a - b).abs() <= 6.0);
        let at = (index % SIZE[0], index / SIZE[0]);
        (!is_near).then(|| format!("{at:?}: {pixel:08x} for {exact:?}"))
    })
}

proptest! {
    #[test]
    fn meshes_look_as_the_rules_say(scene in scene(), kind in 0..3_u8) {
        let image = match kind {
            0 => letters(),
            1 => picture(true),
            _ => picture(false),
        };
        let mut window = Window::new(SIZE);
        window.set(PICTURE, image.clone(), TextureOptions::LINEAR);
        window.paint(&scene, false);
        let mut exact = Exact::new(SIZE, [20.0, 40.0, 60.0]);
        exact.paint(&scene, &image);
        prop_assert_eq!(difference(&window, &exact), None);
    }

    #[test]
    fn what_is_painted_in_parts_is_what_is_painted_whole(scenes in prop::collection::vec(scene(), 1..4)) {
        let mut window = Window::new(SIZE);
        window.set(PICTURE, picture(true), TextureOptions::LINEAR);
        for (count, scene) in scenes.iter().enumerate() {
            window.paint(scene, count > 0);
        }
        let mut whole = Window::new(SIZE);
        whole.set(PICTURE, picture(true), TextureOptions::LINEAR);
        whole.paint(scenes.last().unwrap(), false);
        prop_assert!(window.pixels == whole.pixels);
    }
}

fn image_at(rect: Rect) -> ClippedPrimitive {
    let mut mesh = Mesh::with_texture(PICTURE);
    let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    mesh.add_rect_with_uv(rect, uv, Color32::WHITE);
    ClippedPrimitive { clip_rect: Rect::EVERYTHING, primitive: Primitive::Mesh(mesh) }
}

#[test]
fn only_what_changed_is_painted() {
    let mut window = Window::new([640, 320]);
    window.set(PICTURE, picture(true), TextureOptions::LINEAR);
    let place = Rect::from_min_size(pos2(70.0, 40.0), vec2(100.0, 50.0));
    let scene = [image_at(place)];
    let whole = PixelArea { left: 0, top: 0, right: 640, bottom: 320 };
    assert_eq!(window.paint(&scene, true), [whole]);
    assert_eq!(window.paint(&scene, true), []);
    // A new picture damages the cells under it: two rows of two columns.
    window.set(PICTURE, picture(true), TextureOptions::LINEAR);
    let damaged = PixelArea { left: 64, top: 32, right: 192, bottom: 96 };
    assert_eq!(window.paint(&scene, true), [damaged]);
    assert_eq!(window.paint(&scene, false), [whole]);
    assert_eq!(window.paint(&[], true), [damaged]);
}

#[test]
fn a_picture_at_its_own_size_is_copied_exactly() {
    let mut window = Window::new([40, 20]);
    let image = picture(true);
    window.set(PICTURE, image.clone(), TextureOptions::LINEAR);
    window.paint(&[image_at(Rect::from_min_size(pos2(5.0, 3.0), vec2(16.0, 8.0)))], false);
    for (index, color) in image.pixels.iter().enumerate() {
        let [red, green, blue, _] = color.to_array();
        let shown = window.pixels[(3 + index / 16) * 40 + 5 + index % 16];
        assert_eq!(shown, u32::from_be_bytes([0, red, green, blue]), "{index}");
    }
}

#[test]
fn a_picture_that_is_not_smoothed_has_hard_edges() {
    let mut window = Window::new([60, 30]);
    let image = picture(true);
    window.set(PICTURE, image.clone(), TextureOptions::NEAREST);
    window.paint(&[image_at(Rect::from_min_size(pos2(2.0, 1.0), vec2(48.0, 24.0)))], false);
    for (y, x) in (0..24).flat_map(|y| (0..48).map(move |x| (y, x))) {
        let [red, green, blue, _] = image.pixels[y / 3 * 16 + x / 3].to_array();
        let shown = window.pixels[(1 + y) * 60 + 2 + x];
        assert_eq!(shown, u32::from_be_bytes([0, red, green, blue]), "{x} {y}");
    }
}

#[test]
fn a_texture_that_is_not_there_and_odd_meshes_are_passed_over() {
    let mut window = Window::new(SIZE);
    let strange = [f32::NAN, f32::INFINITY, -1e30, 1e30];
    let mut scene = vec![image_at(Rect::from_min_size(pos2(0.0, 0.0), vec2(9.0, 9.0)))];
    for value in strange {
        scene.push(image_at(Rect::from_min_max(pos2(value, 0.0), pos2(9.0, value))));
        let corners = [pos2(value, 1.0), pos2(3.0, value), pos2(9.0, 9.0)];
        let vertices = corners.map(|at| Vertex::untextured(at, Color32::RED)).into();
        let mesh = Mesh { indices: vec![0, 1, 2, 0, 1, 9], vertices, texture_id: PICTURE };
        scene.push(ClippedPrimitive {
            clip_rect: Rect::from_min_max(pos2(value, value), pos2(99.0, 99.0)),
            primitive: Primitive::Mesh(mesh),
        });
    }
    window.paint(&scene, false);
    window.set(PICTURE, picture(false), TextureOptions::LINEAR);
    window.paint(&scene, false);
}

#[test]
fn a_pass_of_egui_is_painted_with_its_letters() {
    let ctx = Context::default();
    let mut window = Window::new([320, 120]);
    let screen = Rect::from_min_size(Pos2::ZERO, vec2(320.0, 120.0));
    let mut pass = |count: usize| {
        let input = RawInput { screen_rect: Some(screen), ..RawInput::default() };
        let mut output = ctx.run_ui(input, |ui| {
            ui.label("Letters stand still");
            ui.label(format!("{count} passes"));
        });
        let freed = window.textures.update(&mut output.textures_delta);
        let primitives = ctx.tessellate(output.shapes, output.pixels_per_point);
        let damaged = window.paint(&primitives, count > 0);
        window.textures.free(&freed);
        (damaged, window.pixels.clone())
    };
    let (_, first) = pass(0);
    assert!(first.iter().any(|pixel| *pixel != first[0]), "nothing was painted");
    let (damaged, second) = pass(1);
    // The second line changed, and nothing above it.
    assert!(damaged.iter().all(|area| area.bottom > 20 && area.right < 320), "{damaged:?}");
    let row = |pixels: &[u32], y: usize| pixels[y * 320..(y + 1) * 320].to_vec();
    assert_eq!(row(&first, 10), row(&second, 10));
    assert_ne!(first, second);
}
