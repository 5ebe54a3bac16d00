//! Holds the background end of a watched session: its handle, and the texture for its pictures.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Color32, ColorImage, Context, TextureHandle, TextureOptions};
use jiff::Timestamp;

use super::chat_link::ChatLink;
use super::pointing::Pointing;
use super::roster::Roster;
use crate::model::{Condition, EncodedFrame, SessionView};
use crate::session::SessionHandle;
use crate::ui::picture::FrameToUi;
use crate::ui::state::{OpenSession, Picture, SessionKey, SmallPicture};
use crate::video::{DecodedFrame, age_of};

/// The most pixels of a small picture, in width and in height.
const MAX_SMALL: usize = 200;

/// The background end of an [`OpenSession`].
pub(crate) struct Watched<H = SessionHandle> {
    pub handle: H,
    pub chat: ChatLink,
    pub(super) roster: Roster,
    pub(super) pointing: Pointing,
    texture: Option<TextureHandle>,
    /// The pixels in the texture. They are kept to upload them anew when the sampling changes.
    image: Option<Arc<ColorImage>>,
    options: TextureOptions,
    /// The picture on screen as it came, for snapshots.
    pub source: Option<EncodedFrame>,
    /// The picture that was uploaded and has not been painted yet.
    unpainted: Option<Unpainted>,
}

/// A picture on its way to the screen.
#[derive(Clone, Copy, Debug)]
struct Unpainted {
    /// When the pass that paints the picture began.
    began: Instant,
    received_at: Instant,
    captured_at: Option<Timestamp>,
}

impl Unpainted {
    /// Returns how old the picture was at the end of its pass. That is known only at `now`, the start of the next pass,
    /// which may be much later.
    fn age(self, took: Duration, now: Instant, wall: Timestamp) -> Duration {
        age_of(self.captured_at, self.received_at, now, wall)
            .saturating_sub(self.shown_for(took, now))
    }

    fn shown_for(self, took: Duration, now: Instant) -> Duration {
        now.saturating_duration_since(self.began + took)
    }
}

impl<H> Watched<H> {
    pub(super) fn new(handle: H) -> Self {
        Self {
            handle,
            chat: ChatLink::default(),
            roster: Roster::default(),
            pointing: Pointing::default(),
            texture: None,
            image: None,
            options: TextureOptions::LINEAR,
            source: None,
            unpainted: None,
        }
    }

    /// Makes a small picture of what the session shows now; `None` before the first picture.
    pub(crate) fn small_picture(&self, ctx: &Context) -> Option<SmallPicture> {
        let small = Arc::new(shrunk(self.image.as_deref()?, MAX_SMALL));
        Some(SmallPicture(ctx.load_texture("small picture", small, TextureOptions::LINEAR)))
    }
}

impl Watched {
    /// Brings `open` up to date with everything that came since the last pass. `geometry` is where its picture was
    /// painted.
    pub(super) fn update(
        &mut self,
        open: &mut OpenSession,
        ctx: &Context,
        geometry: Option<&FrameToUi>,
        now: Instant,
    ) {
        for update in self.handle.drain() {
            open.view.apply(update);
        }
        open.view.status = self.handle.status();
        open.view.traffic = self.handle.traffic();
        open.condition = Condition::of(&open.view.status, &open.view.traffic, now);
        open.stats = self.handle.stats();
        open.name = name_of(&open.key, &open.view);
        if let Some(frame) = self.handle.take_frame() {
            open.picture = Some(self.take(frame, ctx, geometry, now));
        } else if let Some(picture) = &open.picture {
            self.refilter(picture, geometry);
        }
    }

    /// Counts the picture that the last pass painted, and returns when it came on screen; `None` where there was no new
    /// one.
    pub(super) fn painted(
        &mut self,
        took: Duration,
        now: Instant,
        wall: Timestamp,
    ) -> Option<Timestamp> {
        let unpainted = self.unpainted.take()?;
        let stats = self.handle.stream_stats();
        stats.painted(took);
        stats.shown(unpainted.age(took, now, wall));
        Some(wall - unpainted.shown_for(took, now))
    }

    fn take(
        &mut self,
        frame: DecodedFrame,
        ctx: &Context,
        geometry: Option<&FrameToUi>,
        began: Instant,
    ) -> Picture {
        let DecodedFrame { image, size, captured_at, received_at, source } = frame;
        let options = filter(geometry, image.size);
        // The upload is only queued here: the painter uploads while it paints, so its time counts as painting.
        let texture = match self.texture.take() {
            // A picture of the same size goes into the texture that is there, without a new allocation on the GPU.
            Some(mut texture) if texture.size() == image.size && self.options == options => {
                texture.set_partial([0, 0], image.clone(), options);
                texture
            }
            Some(mut texture) => {
                texture.set(image.clone(), options);
                texture
            }
            None => ctx.load_texture("session picture", image.clone(), options),
        };
        self.texture = Some(texture.clone());
        self.options = options;
        self.image = Some(image);
        let detections = source.detections.clone();
        self.source = Some(source);
        self.unpainted = Some(Unpainted { began, received_at, captured_at });
        Picture { texture, size, received_at, captured_at, detections }
    }

    /// Gives the picture that is there the sampling that suits the current zoom, where no new picture came.
    fn refilter(&mut self, picture: &Picture, geometry: Option<&FrameToUi>) {
        let options = filter(geometry, picture.texture.size());
        if let (true, Some(image), Some(texture)) =
            (options != self.options, &self.image, &mut self.texture)
        {
            texture.set(image.clone(), options);
            self.options = options;
        }
    }
}

/// Returns the picture at an integer fraction of its size, at most `max` pixels wide and high. Each pixel is the mean of
/// those that it stands for.
fn shrunk(image: &ColorImage, max: usize) -> ColorImage {
    let [width, height] = image.size;
    let step = width.max(height).div_ceil(max).max(1);
    let size = [(width / step).max(1), (height / step).max(1)];
    let mut pixels = Vec::with_capacity(size[0] * size[1]);
    for y in 0..size[1] {
        for x in 0..size[0] {
            let (mut sum, mut count) = ([0_u32; 3], 0);
            let rows = (y * step)..((y + 1) * step).min(height);
            for at in rows.flat_map(|row| {
                let start = row * width + x * step;
                start..(start + step).min((row + 1) * width)
            }) {
                let [r, g, b, _] = image.pixels[at].to_array();
                sum = [sum[0] + u32::from(r), sum[1] + u32::from(g), sum[2] + u32::from(b)];
                count += 1;
            }
            let [r, g, b] = sum.map(|sum| (sum / count.max(1)) as u8);
            pixels.push(Color32::from_rgb(r, g, b));
        }
    }
    ColorImage::new(size, pixels)
}

fn filter(geometry: Option<&FrameToUi>, size: [usize; 2]) -> TextureOptions {
    geometry.map_or(TextureOptions::LINEAR, |geometry| geometry.wanted_filter(size))
}

/// Returns the name of a session: the page's title, else its address, else the session's id.
fn name_of(key: &SessionKey, view: &SessionView) -> String {
    let shown = view.active_tab();
    let (title, url) =
        shown.map_or((&view.page.title, &view.page.url), |tab| (&tab.title, &tab.url));
    let named = [title, url].into_iter().find(|text| !text.is_empty());
    named.unwrap_or(&key.id).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_picture_is_the_mean_of_what_it_shows() {
        let (black, white) = (Color32::BLACK, Color32::WHITE);
        let image =
            ColorImage::new([4, 2], vec![black, white, white, white, white, black, white, white]);
        let small = shrunk(&image, 2);
        assert_eq!((small.size, small.pixels), ([2, 1], vec![Color32::from_gray(127), white]));
        assert_eq!(shrunk(&image, 100).size, [4, 2]);
        let long = ColorImage::filled([1000, 3], white);
        assert_eq!(shrunk(&long, 200).size, [200, 1]);
        assert_eq!(shrunk(&ColorImage::filled([1000, 2], white), 100).size, [100, 1]);
    }

    #[test]
    fn a_picture_ages_until_it_is_shown_and_not_until_the_next_one() {
        let ms = Duration::from_millis;
        let (received_at, wall) = (Instant::now(), Timestamp::now());
        let began = received_at + ms(10);
        for (next_pass, wanted) in [(ms(12), ms(22)), (ms(15), ms(25)), (ms(5_000), ms(25))] {
            let now = began + next_pass;
            for captured_at in [None, Some(wall)] {
                let unpainted = Unpainted { began, received_at, captured_at };
                let wall_now = wall + ms(10) + next_pass;
                assert_eq!(unpainted.age(ms(15), now, wall_now), wanted);
            }
        }
    }
}
