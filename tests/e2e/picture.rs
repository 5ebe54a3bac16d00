//! What is on screen: pixels, the markers of the test page among them, and where that page is.

/// A screenshot.
pub(crate) struct Picture {
    width: usize,
    rgb: Vec<u8>,
}

/// A color and how far a pixel may be from it after a trip through JPEG and scaling.
pub(crate) struct Ink {
    pub(crate) rgb: [u8; 3],
    pub(crate) off_by: u8,
}

/// A patch of one color.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Patch {
    pub(crate) center: (f64, f64),
    pub(crate) pixels: usize,
}

/// Where the page is painted: window = origin + scale × page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placing {
    origin: (f64, f64),
    scale: f64,
}

impl Picture {
    /// Reads a binary PPM.
    pub(crate) fn from_ppm(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let mut word = || {
            let end = rest.iter().position(u8::is_ascii_whitespace)?;
            let word = std::str::from_utf8(&rest[..end]).ok()?;
            rest = &rest[end + 1..];
            Some(word)
        };
        let ("P6", width, height, "255") = (word()?, word()?, word()?, word()?) else {
            return None;
        };
        let (width, height): (usize, usize) = (width.parse().ok()?, height.parse().ok()?);
        (rest.len() == width * height * 3).then(|| Self {
            width,
            rgb: rest.to_vec(),
        })
    }

    pub(crate) fn count(&self, ink: &Ink) -> usize {
        self.places_of(ink).count()
    }

    /// The one rectangle of this color; `None` where there is none, or where something lies on it or looks like it.
    pub(crate) fn patch(&self, ink: &Ink) -> Option<Patch> {
        let (mut pixels, mut sum) = (0, (0, 0));
        let (mut least, mut most) = ((usize::MAX, usize::MAX), (0, 0));
        for (x, y) in self.places_of(ink) {
            pixels += 1;
            sum = (sum.0 + x, sum.1 + y);
            least = (x.min(least.0), y.min(least.1));
            most = (x.max(most.0), y.max(most.1));
        }
        if pixels == 0 {
            return None;
        }
        let area = (most.0 - least.0 + 1) * (most.1 - least.1 + 1);
        // A pixel's middle is half a pixel from its place.
        let middle = |sum: usize| sum as f64 / pixels as f64 + 0.5;
        (pixels * 20 >= area * 19).then(|| Patch {
            center: (middle(sum.0), middle(sum.1)),
            pixels,
        })
    }

    fn places_of<'a>(&'a self, ink: &'a Ink) -> impl Iterator<Item = (usize, usize)> + 'a {
        let pixels = self.rgb.as_chunks::<3>().0.iter().enumerate();
        pixels
            .filter(|(_, rgb)| {
                let mut channels = rgb.iter().zip(ink.rgb);
                channels.all(|(is, wanted)| is.abs_diff(wanted) <= ink.off_by)
            })
            .map(|(at, _)| (at % self.width, at / self.width))
    }
}

impl Placing {
    /// From two points of the page and where they were found in the window.
    pub(crate) fn from_points(page: [(f64, f64); 2], window: [(f64, f64); 2]) -> Self {
        let across = (window[1].0 - window[0].0) / (page[1].0 - page[0].0);
        let down = (window[1].1 - window[0].1) / (page[1].1 - page[0].1);
        assert!(
            (across - down).abs() < 0.005,
            "the picture is distorted: {across} across, {down} down"
        );
        let scale = (across + down) / 2.0;
        let origin = (
            window[0].0 - page[0].0 * scale,
            window[0].1 - page[0].1 * scale,
        );
        Self { origin, scale }
    }

    /// The pixel of the window that is nearest to a point of the page.
    pub(crate) fn to_window(self, page: (f64, f64)) -> (i32, i32) {
        let place = |page: f64, origin: f64| (origin + page * self.scale).round() as i32;
        (place(page.0, self.origin.0), place(page.1, self.origin.1))
    }

    pub(crate) fn to_page(self, window: (i32, i32)) -> (f64, f64) {
        let place = |window: i32, origin: f64| (f64::from(window) - origin) / self.scale;
        (
            place(window.0, self.origin.0),
            place(window.1, self.origin.1),
        )
    }
}
