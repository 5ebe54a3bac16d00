//! What is on screen: pixels, the markers of the test page among them, and where that page is.

use std::collections::BTreeSet;

/// A screenshot.
pub(crate) struct Picture {
    width: usize,
    height: usize,
    /// Four bytes for a pixel: blue, green, red, and nothing. As it came: there are many pixels, and few are looked at.
    pixels: Vec<u8>,
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

/// A part of a screenshot; right and bottom are the first pixels beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) left: i32,
    pub(crate) top: i32,
    pub(crate) right: i32,
    pub(crate) bottom: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Axis {
    Rows,
    Columns,
}

/// Where the page is painted: window = origin + scale × page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placing {
    origin: (f64, f64),
    scale: f64,
}

impl Picture {
    /// From what a display tells of a picture so wide.
    pub(crate) fn new(width: usize, pixels: Vec<u8>) -> Self {
        Self { width, height: pixels.len() / 4 / width, pixels }
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
        (pixels * 20 >= area * 19).then(|| Patch { center: (middle(sum.0), middle(sum.1)), pixels })
    }

    /// How many colors there are.
    pub(crate) fn colors(&self) -> usize {
        self.all().iter().map(rgb).collect::<BTreeSet<_>>().len()
    }

    /// Tells whether fewer than one pixel in a thousand has a channel that is further off than `edge`.
    pub(crate) fn is_like(&self, other: &Self, edge: u8) -> bool {
        let is_off = |(a, b): &(&[u8; 4], &[u8; 4])| {
            rgb(a).into_iter().zip(rgb(b)).any(|(a, b)| a.abs_diff(b) > edge)
        };
        let off = self.all().iter().zip(other.all()).filter(is_off).count();
        self.width == other.width
            && self.height == other.height
            && off * 1000 < self.width * self.height
    }

    pub(crate) fn whole(&self) -> Part {
        Part { left: 0, top: 0, right: self.width as i32, bottom: self.height as i32 }
    }

    pub(crate) fn at(&self, (x, y): (i32, i32)) -> Option<[u8; 3]> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        let is_seen = x < self.width && y < self.height;
        is_seen.then(|| rgb(&self.all()[y * self.width + x]))
    }

    fn all(&self) -> &[[u8; 4]] {
        self.pixels.as_chunks().0
    }

    pub(crate) fn count_in(&self, ink: &Ink, part: Part) -> usize {
        let rows = self.rows(part);
        rows.flat_map(|(_, row)| row).filter(|pixel| ink.is(rgb(pixel))).count()
    }

    /// What is in sight of a part, row by row, with the row's place.
    fn rows(&self, part: Part) -> impl Iterator<Item = (i32, &[[u8; 4]])> {
        let seen = |at: i32, end: usize| at.clamp(0, end as i32) as usize;
        let (left, right) = (seen(part.left, self.width), seen(part.right, self.width));
        let rows = seen(part.top, self.height)..seen(part.bottom, self.height);
        rows.map(move |y| (y as i32, &self.all()[y * self.width..][left..right.max(left)]))
    }

    /// The share of this color in a part, 0 to 1.
    pub(crate) fn share(&self, ink: &Ink, part: Part) -> f64 {
        let all = (part.right - part.left) * (part.bottom - part.top);
        self.count_in(ink, part) as f64 / f64::from(all.max(1))
    }

    /// The rows or columns of a part that have this color at all, or for at least this share of what the richest of
    /// them has: from where to where.
    pub(crate) fn bands(&self, ink: &Ink, part: Part, axis: Axis, share: f64) -> Vec<(i32, i32)> {
        let (from, to) = match axis {
            Axis::Rows => (part.top, part.bottom),
            Axis::Columns => (part.left, part.right),
        };
        let mut counts = vec![0; usize::try_from(to - from).unwrap_or(0)];
        for (y, row) in self.rows(part) {
            for (across, _) in row.iter().enumerate().filter(|(_, pixel)| ink.is(rgb(pixel))) {
                let along = if axis == Axis::Rows { (y - from) as usize } else { across };
                counts[along] += 1;
            }
        }
        let most = counts.iter().copied().max().unwrap_or(0);
        let least = (f64::from(most) * share).max(8.0);
        let is_rich = |count: &i32| f64::from(*count) >= least;
        let mut bands = Vec::new();
        let mut start = from;
        for run in counts.chunk_by(|a, b| is_rich(a) == is_rich(b)) {
            let end = start + run.len() as i32;
            if is_rich(&run[0]) {
                bands.push((start, end));
            }
            start = end;
        }
        bands
    }

    fn places_of<'a>(&'a self, ink: &'a Ink) -> impl Iterator<Item = (usize, usize)> + 'a {
        let pixels = self.all().iter().enumerate();
        pixels
            .filter(|(_, pixel)| ink.is(rgb(pixel)))
            .map(|(at, _)| (at % self.width, at / self.width))
    }
}

fn rgb(&[blue, green, red, _]: &[u8; 4]) -> [u8; 3] {
    [red, green, blue]
}

impl Ink {
    fn is(&self, rgb: [u8; 3]) -> bool {
        let is = |channel: usize| rgb[channel].abs_diff(self.rgb[channel]) <= self.off_by;
        is(0) && is(1) && is(2)
    }
}

impl Part {
    pub(crate) fn contains(self, (x, y): (i32, i32)) -> bool {
        (self.left..self.right).contains(&x) && (self.top..self.bottom).contains(&y)
    }

    pub(crate) fn grown(self, across: i32, down: i32) -> Self {
        Self {
            left: self.left - across,
            top: self.top - down,
            right: self.right + across,
            bottom: self.bottom + down,
        }
    }

    pub(crate) fn holds(self, other: Self) -> bool {
        self.contains((other.left, other.top)) && self.contains((other.right - 1, other.bottom - 1))
    }

    pub(crate) fn meets(self, other: Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}

impl Placing {
    pub(crate) fn new(origin: (f64, f64), scale: f64) -> Self {
        Self { origin, scale }
    }

    pub(crate) fn scale(self) -> f64 {
        self.scale
    }

    /// From two points of the page and where they were found in the window; `None` where the picture is distorted, or
    /// something lies over a part of a point.
    pub(crate) fn from_points(page: [(f64, f64); 2], window: [(f64, f64); 2]) -> Option<Self> {
        let across = (window[1].0 - window[0].0) / (page[1].0 - page[0].0);
        let down = (window[1].1 - window[0].1) / (page[1].1 - page[0].1);
        if (across - down).abs() >= 0.005 {
            return None;
        }
        let scale = (across + down) / 2.0;
        let origin = (window[0].0 - page[0].0 * scale, window[0].1 - page[0].1 * scale);
        Some(Self { origin, scale })
    }

    /// The pixel of the window that is nearest to a point of the page.
    pub(crate) fn to_window(self, page: (f64, f64)) -> (i32, i32) {
        let place = |page: f64, origin: f64| (origin + page * self.scale).round() as i32;
        (place(page.0, self.origin.0), place(page.1, self.origin.1))
    }

    pub(crate) fn to_page(self, window: (i32, i32)) -> (f64, f64) {
        let place = |window: i32, origin: f64| (f64::from(window) - origin) / self.scale;
        (place(window.0, self.origin.0), place(window.1, self.origin.1))
    }
}
