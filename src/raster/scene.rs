//! Lists what is to be painted in a pass, from the bottom up: rectangles and triangles, each with the area that it may
//! touch.

use egui::epaint::{Primitive, Vertex};
use egui::{ClippedPrimitive, Color32, Mesh, Pos2, Rect, TextureId, pos2};

use super::pixel::{self, PixelArea};
use super::quad::Quad;
use super::sum::mixed;
use super::textures::Textures;
use super::triangle::{Corner, Triangle};
use super::{Canvas, quad, triangle};

/// Everything that a pass paints.
#[derive(Default)]
pub(super) struct Scene {
    items: Vec<Item>,
}

struct Item {
    /// The pixels that it may touch.
    area: PixelArea,
    texture: TextureId,
    /// A sum of all that it looks like.
    sum: u64,
    shape: Shape,
}

enum Shape {
    Quad(Quad),
    Triangle(Triangle),
}

impl Scene {
    /// Takes over the primitives of a pass, instead of those of the last.
    pub(super) fn fill(
        &mut self,
        primitives: &[ClippedPrimitive],
        textures: &Textures,
        pixels_per_point: f32,
        whole: PixelArea,
    ) {
        self.items.clear();
        for ClippedPrimitive { clip_rect, primitive } in primitives {
            let Primitive::Mesh(mesh) = primitive else { continue };
            let Some(clip) = clip_of(*clip_rect, pixels_per_point).common(whole) else { continue };
            self.add(mesh, textures, pixels_per_point, clip);
        }
    }

    /// Returns what may touch which area, with a sum of what it looks like.
    pub(super) fn sums(&self) -> impl Iterator<Item = (PixelArea, u64)> {
        self.items.iter().map(|item| (item.area, item.sum))
    }

    /// Paints all that lies in `area`. What lies under something opaque is left out.
    pub(super) fn paint(
        &self,
        canvas: &mut Canvas<'_>,
        textures: &Textures,
        ground: Color32,
        area: PixelArea,
    ) {
        let covers = |item: &Item| match &item.shape {
            Shape::Quad(quad) => {
                item.area.holds(area) && quad.is_opaque(textures.get(item.texture))
            }
            Shape::Triangle(_) => false,
        };
        let lowest = self.items.iter().rposition(covers);
        if lowest.is_none() {
            let ground = pixel::over(pixel::of_color(ground), 0);
            for y in area.top..area.bottom {
                canvas.row(y, area.left, area.right).fill(ground & 0x00ff_ffff);
            }
        }
        for item in &self.items[lowest.unwrap_or(0)..] {
            let Some(area) = item.area.common(area) else { continue };
            let texture = textures.get(item.texture);
            match &item.shape {
                Shape::Quad(quad) => quad::paint(canvas, quad, texture, area),
                Shape::Triangle(triangle) => triangle::paint(canvas, triangle, texture, area),
            }
        }
    }

    fn add(&mut self, mesh: &Mesh, textures: &Textures, pixels_per_point: f32, clip: PixelArea) {
        let version = textures.get(mesh.texture_id).map_or(0, |texture| texture.version);
        let id = match mesh.texture_id {
            TextureId::Managed(id) => id << 1,
            TextureId::User(id) => id << 1 | 1,
        };
        let edges = [clip.left, clip.top, clip.right, clip.bottom];
        let sum = edges
            .into_iter()
            .fold(mixed(version, id), |sum, edge| mixed(sum, edge.cast_unsigned().into()));
        let corners: Vec<Corner> =
            mesh.vertices.iter().map(|vertex| corner_of(vertex, pixels_per_point)).collect();
        let mut indices = mesh.indices.as_slice();
        while let Some((three, after)) = indices.split_first_chunk::<3>() {
            let corner = |index: u32| corners.get(index as usize);
            let [Some(a), Some(b), Some(c)] = three.map(corner) else {
                indices = after;
                continue;
            };
            let quad = after.first_chunk::<3>().and_then(|next| {
                let fourth = next.iter().find(|index| !three.contains(index))?;
                let shared = next.iter().filter(|index| three.contains(index)).count();
                Quad::of([a, b, c], corner(*fourth)?, shared)
            });
            let (shape, reach) = match quad {
                Some(quad) => {
                    indices = &after[3..];
                    let reach = quad.reach();
                    (Shape::Quad(quad), reach)
                }
                None => {
                    indices = after;
                    let triangle = Triangle([*a, *b, *c]);
                    let reach = triangle.reach();
                    (Shape::Triangle(triangle), reach)
                }
            };
            if let Some(area) = reach.and_then(|reach| reach.common(clip)) {
                let sum = match &shape {
                    Shape::Quad(quad) => quad.sum(sum),
                    Shape::Triangle(triangle) => triangle.sum(sum),
                };
                self.items.push(Item { area, texture: mesh.texture_id, sum, shape });
            }
        }
    }
}

fn corner_of(vertex: &Vertex, pixels_per_point: f32) -> Corner {
    Corner {
        at: pos2(vertex.pos.x * pixels_per_point, vertex.pos.y * pixels_per_point),
        uv: vertex.uv,
        color: pixel::of_color(vertex.color),
    }
}

/// Returns the pixels of a clip rectangle, rounded as the painter for OpenGL rounds it.
fn clip_of(clip: Rect, pixels_per_point: f32) -> PixelArea {
    let pixel = |value: f32| (value * pixels_per_point).round().clamp(-1e9, 1e9) as i32;
    let (Pos2 { x: left, y: top }, Pos2 { x: right, y: bottom }) = (clip.min, clip.max);
    PixelArea { left: pixel(left), top: pixel(top), right: pixel(right), bottom: pixel(bottom) }
}
