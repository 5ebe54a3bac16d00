//! Paints as the rules say, one pixel after another and without any of the short cuts, to hold the rest against.

use egui::epaint::{Primitive, Vertex};
use egui::{ClippedPrimitive, ColorImage};

/// A picture of channels from 0 to 255: red, green, blue.
pub(super) struct Exact {
    pub(super) pixels: Vec<[f64; 3]>,
    width: usize,
}

impl Exact {
    /// Returns a picture of one color.
    pub(super) fn new([width, height]: [usize; 2], ground: [f64; 3]) -> Self {
        Self { pixels: vec![ground; width * height], width }
    }

    /// Paints meshes in which `texture` is seen smoothly, at one pixel per point.
    pub(super) fn paint(&mut self, primitives: &[ClippedPrimitive], texture: &ColorImage) {
        for ClippedPrimitive { clip_rect, primitive } in primitives {
            let Primitive::Mesh(mesh) = primitive else { panic!("only meshes are painted") };
            for three in mesh.indices.chunks_exact(3) {
                let corners = [0, 1, 2].map(|at| mesh.vertices[three[at] as usize]);
                for (index, target) in self.pixels.iter_mut().enumerate() {
                    let (x, y) = (index % self.width, index / self.width);
                    let (x, y) = (x as f64 + 0.5, y as f64 + 0.5);
                    let clip = [clip_rect.min, clip_rect.max]
                        .map(|at| [at.x.round(), at.y.round()].map(f64::from));
                    let is_clipped =
                        x < clip[0][0] || x > clip[1][0] || y < clip[0][1] || y > clip[1][1];
                    if let (false, Some(weights)) = (is_clipped, weights(corners, [x, y])) {
                        let [red, green, blue, alpha] = source(corners, weights, texture);
                        for (target, source) in target.iter_mut().zip([red, green, blue]) {
                            *target = (source + *target * (1.0 - alpha / 255.0)).min(255.0);
                        }
                    }
                }
            }
        }
    }
}

/// Returns how much of each corner a point has, or `None` where it lies outside.
fn weights(mut corners: [Vertex; 3], at: [f64; 2]) -> Option<[f64; 3]> {
    let place = |corner: Vertex| [f64::from(corner.pos.x), f64::from(corner.pos.y)];
    let cross = |from: [f64; 2], to: [f64; 2], at: [f64; 2]| {
        (to[0] - from[0]) * (at[1] - from[1]) - (to[1] - from[1]) * (at[0] - from[0])
    };
    let area = |[a, b, c]: [Vertex; 3]| cross(place(a), place(b), place(c));
    let is_turned = area(corners) < 0.0;
    if is_turned {
        corners.swap(1, 2);
    }
    let area = area(corners);
    let mut weights = [0.0; 3];
    for (corner, weight) in weights.iter_mut().enumerate() {
        let (from, to) = (place(corners[(corner + 1) % 3]), place(corners[(corner + 2) % 3]));
        let side = cross(from, to, at);
        let is_taken = to[1] < from[1] || to[1] == from[1] && to[0] > from[0];
        if side < 0.0 || side == 0.0 && !is_taken {
            return None;
        }
        *weight = side / area;
    }
    if is_turned {
        weights.swap(1, 2);
    }
    (area > 0.0).then_some(weights)
}

fn source(corners: [Vertex; 3], weights: [f64; 3], texture: &ColorImage) -> [f64; 4] {
    let even = |value: &dyn Fn(&Vertex) -> f64| -> f64 {
        corners.iter().zip(weights).map(|(corner, weight)| value(corner) * weight).sum()
    };
    let u = even(&|corner| f64::from(corner.uv.x) * texture.size[0] as f64);
    let v = even(&|corner| f64::from(corner.uv.y) * texture.size[1] as f64);
    let texel = |x: f64, y: f64| {
        let at = |value: f64, count: usize| (value.max(0.0) as usize).min(count - 1);
        let [width, height] = texture.size;
        texture.pixels[at(y, height) * width + at(x, width)].to_array().map(f64::from)
    };
    let is_one = corners.iter().all(|corner| corner.uv == corners[0].uv);
    let texel = if !is_one {
        let (x, y) = ((u - 0.5).floor(), (v - 0.5).floor());
        let (across, down) = (u - 0.5 - x, v - 0.5 - y);
        let mix = |a: [f64; 4], b: [f64; 4], part: f64| {
            [0, 1, 2, 3].map(|at| a[at] * (1.0 - part) + b[at] * part)
        };
        let row = |y: f64| mix(texel(x, y), texel(x + 1.0, y), across);
        mix(row(y), row(y + 1.0), down)
    } else {
        let at = corners[0].uv;
        let [width, height] = texture.size.map(|count| count as f64);
        texel((f64::from(at.x) * width).floor(), (f64::from(at.y) * height).floor())
    };
    [0, 1, 2, 3].map(|at| {
        let color = even(&|corner| f64::from(corner.color.to_array()[at]));
        texel[at] * color / 255.0
    })
}
