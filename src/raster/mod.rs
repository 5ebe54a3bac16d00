//! Paints what egui tessellated into a window's pixels, on the processor: the way to the screen where no GPU is.
//!
//! Most of a window is the same from one pass to the next. So its area is divided into cells, and only those are painted
//! in which something else lies than before. Texts, fills and pictures are rectangles to the pixel grid and are copied
//! row by row; everything else is a triangle.

mod cells;
mod pixel;
mod quad;
mod scene;
mod sum;
mod textures;
mod triangle;

#[cfg(test)]
mod exact;
#[cfg(test)]
mod tests;

use egui::{ClippedPrimitive, Color32};

use self::cells::Cells;
pub use self::pixel::PixelArea;
use self::scene::Scene;
pub use self::textures::Textures;

/// The pixels of a window while it is painted. Each is `0x00RRGGBB`, row by row from the top.
pub struct Canvas<'a> {
    pixels: &'a mut [u32],
    /// Size in pixels.
    size: [u32; 2],
}

impl<'a> Canvas<'a> {
    /// Returns the canvas over `pixels`, or `None` where there are not as many as `size` says.
    pub fn new(pixels: &'a mut [u32], size: [u32; 2]) -> Option<Self> {
        let count = (size[0] as usize).checked_mul(size[1] as usize)?;
        (pixels.len() == count).then_some(Self { pixels, size })
    }

    /// Returns the whole of it.
    pub fn area(&self) -> PixelArea {
        let [width, height] = self.size;
        PixelArea { left: 0, top: 0, right: width.cast_signed(), bottom: height.cast_signed() }
    }

    /// Returns the pixels of a row between two columns that lie within.
    fn row(&mut self, y: i32, left: i32, right: i32) -> &mut [u32] {
        let start = y as usize * self.size[0] as usize;
        &mut self.pixels[start + left as usize..start + right as usize]
    }
}

/// Paints one window, and remembers what lies in its cells.
#[derive(Default)]
pub struct Raster {
    scene: Scene,
    cells: Cells,
}

impl Raster {
    /// Paints `primitives`, and returns the areas that are not as they were. Where the canvas still holds what was
    /// painted last, `holds_last` is true, and only what has changed is painted. Where nothing else lies, the canvas
    /// gets the color `ground`.
    ///
    /// Callbacks of a renderer are not painted: there are none in this program.
    pub fn paint(
        &mut self,
        canvas: &mut Canvas<'_>,
        textures: &Textures,
        primitives: &[ClippedPrimitive],
        pixels_per_point: f32,
        ground: Color32,
        holds_last: bool,
    ) -> Vec<PixelArea> {
        let whole = canvas.area();
        self.scene.fill(primitives, textures, pixels_per_point, whole);
        let changed = self.cells.changed(&self.scene, ground, whole);
        let damaged = if holds_last { changed } else { vec![whole] };
        for area in &damaged {
            self.scene.paint(canvas, textures, ground, *area);
        }
        damaged
    }
}
