//! Keeps the textures that egui handed out. A picture that replaces a whole texture is kept as it came, without a copy.

use std::collections::HashMap;
use std::sync::Arc;

use egui::epaint::ImageDelta;
use egui::{ColorImage, ImageData, TextureFilter, TextureId, TexturesDelta};

/// All textures of a program's windows.
#[derive(Default)]
pub struct Textures {
    known: HashMap<TextureId, Texture>,
    /// Changes counted, so that no two contents share a number.
    changes: u64,
}

pub(super) struct Texture {
    image: Arc<ColorImage>,
    /// Whether it is sampled between its texels.
    pub(super) is_smooth: bool,
    pub(super) is_opaque: bool,
    /// Changes whenever what was painted with it before would look different now.
    pub(super) version: u64,
}

impl Textures {
    /// Takes over what egui says of textures that are new or changed, and returns those to be freed after painting.
    #[expect(clippy::iter_over_hash_type, reason = "no texture depends on another")]
    pub fn update(&mut self, delta: &mut TexturesDelta) -> Vec<TextureId> {
        for (id, deltas) in delta.set.drain() {
            for delta in deltas {
                self.set(id, delta);
            }
        }
        delta.free.drain().collect()
    }

    /// Forgets textures.
    pub fn free(&mut self, ids: &[TextureId]) {
        for id in ids {
            self.known.remove(id);
        }
    }

    pub(super) fn get(&self, id: TextureId) -> Option<&Texture> {
        self.known.get(&id)
    }

    fn set(&mut self, id: TextureId, delta: ImageDelta) {
        let ImageDelta { image: ImageData::Color(image), options, pos } = delta;
        let is_smooth = options.magnification == TextureFilter::Linear;
        self.changes += 1;
        match (pos, self.known.get_mut(&id)) {
            (Some(at), Some(texture)) if at != [0, 0] || texture.image.size != image.size => {
                texture.patch(at, &image);
                texture.is_smooth = is_smooth;
                // egui adds letters to its own texture where none was; what is painted already stays as it is.
                if id != TextureId::default() {
                    texture.version = self.changes;
                }
            }
            (Some(at), None) if at != [0, 0] => {
                tracing::warn!("a part of a texture came that is not there");
            }
            _ => {
                let is_opaque = image.pixels.iter().all(|pixel| pixel.a() == 255);
                let version = self.changes;
                self.known.insert(id, Texture { image, is_smooth, is_opaque, version });
            }
        }
    }
}

impl Texture {
    /// Size in texels.
    pub(super) fn size(&self) -> [usize; 2] {
        self.image.size
    }

    /// Returns the texel at a place, or at the edge next to it.
    pub(super) fn texel(&self, x: i32, y: i32) -> u32 {
        let [width, height] = self.image.size;
        let at = |value: i32, count: usize| (value.max(0) as usize).min(count.saturating_sub(1));
        let index = at(y, height) * width + at(x, width);
        self.image.pixels.get(index).map_or(0, |color| super::pixel::of_color(*color))
    }

    /// Returns a row of texels as egui has them, or the edge next to it.
    pub(super) fn row(&self, y: i32) -> &[egui::Color32] {
        let [width, height] = self.image.size;
        let y = (y.max(0) as usize).min(height.saturating_sub(1));
        &self.image.pixels[y * width..(y + 1) * width]
    }

    fn patch(&mut self, [left, top]: [usize; 2], patch: &ColorImage) {
        let image = Arc::make_mut(&mut self.image);
        let [width, height] = image.size;
        let [across, down] = patch.size;
        if left + across > width || top + down > height {
            tracing::warn!("a part of a texture came that is larger than the texture");
            return;
        }
        for (y, row) in patch.pixels.chunks_exact(across.max(1)).enumerate() {
            let start = (top + y) * width + left;
            image.pixels[start..start + across].copy_from_slice(row);
        }
        self.is_opaque &= patch.pixels.iter().all(|pixel| pixel.a() == 255);
    }
}

#[cfg(test)]
mod tests {
    use egui::{Color32, TextureOptions};

    use super::*;

    fn delta(id: TextureId, delta: ImageDelta) -> TexturesDelta {
        let mut all = TexturesDelta::default();
        all.push(id, delta);
        all
    }

    #[test]
    fn a_picture_of_the_same_size_is_kept_without_a_copy() {
        let mut textures = Textures::default();
        let id = TextureId::User(1);
        let picture = |shade| Arc::new(ColorImage::filled([4, 2], Color32::from_gray(shade)));
        let [first, second] = [picture(1), picture(2)];
        let options = TextureOptions::LINEAR;
        textures.update(&mut delta(id, ImageDelta::full(first, options)));
        let version = textures.get(id).unwrap().version;
        textures.update(&mut delta(id, ImageDelta::partial([0, 0], second.clone(), options)));
        let texture = textures.get(id).unwrap();
        assert!(Arc::ptr_eq(&texture.image, &second));
        assert!(texture.version != version && texture.is_opaque && texture.is_smooth);
        textures.free(&[id]);
        assert!(textures.get(id).is_none());
    }

    #[test]
    fn a_part_goes_where_it_belongs_and_one_that_does_not_fit_nowhere() {
        let mut textures = Textures::default();
        let id = TextureId::default();
        let image = |size, color| ColorImage::filled(size, color);
        let options = TextureOptions::NEAREST;
        textures.update(&mut delta(id, ImageDelta::full(image([3, 3], Color32::WHITE), options)));
        let version = textures.get(id).unwrap().version;
        let part = ImageDelta::partial([1, 2], image([2, 1], Color32::RED), options);
        textures.update(&mut delta(id, part));
        let outside = ImageDelta::partial([2, 2], image([2, 1], Color32::BLACK), options);
        textures.update(&mut delta(id, outside));
        let texture = textures.get(id).unwrap();
        assert_eq!(texture.texel(0, 2), 0xffff_ffff);
        assert_eq!((texture.texel(1, 2), texture.texel(9, 9)), (0xffff_0000, 0xffff_0000));
        assert_eq!(texture.version, version, "letters that are added change none that are painted");
    }
}
