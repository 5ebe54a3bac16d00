//! A picture to draw on that knows, to the pixel, where each thing was drawn.

pub(super) const WIDTH: usize = 640;
pub(super) const HEIGHT: usize = 360;

pub(super) type Color = [u8; 3];

pub(super) struct Canvas {
    pub(super) pixels: Vec<Color>,
}

/// Where a thing was painted, and how much of it lay outside.
#[derive(Default)]
pub(super) struct Painted {
    /// Left, top, right, bottom; the last two are the first pixels beyond.
    pub(super) edges: Option<[usize; 4]>,
    pub(super) inside: usize,
    pub(super) outside: usize,
}

/// Something solid, tried at the middle of every pixel in reach.
pub(super) struct Shape {
    pub(super) x: f32,
    pub(super) y: f32,
    /// No point of it is further from its middle.
    pub(super) reach: f32,
    /// Which way it looks, in radians.
    pub(super) turn: f32,
    pub(super) form: Form,
    pub(super) color: Color,
}

pub(super) enum Form {
    /// Half axes, along and across.
    Ellipse(f32, f32),
    /// Half sides, along and across.
    Block(f32, f32),
}

impl Canvas {
    pub(super) fn new(color: Color) -> Self {
        Self { pixels: vec![color; WIDTH * HEIGHT] }
    }

    pub(super) fn rect(&mut self, [left, top, right, bottom]: [usize; 4], color: Color) {
        for y in top..bottom {
            self.pixels[y * WIDTH + left..y * WIDTH + right].fill(color);
        }
    }

    /// Hard edges: a pixel is the thing's or it is not.
    pub(super) fn draw(&mut self, shapes: &[Shape]) -> Painted {
        let mut painted = Painted::default();
        for shape in shapes {
            let span = |middle: f32| {
                let (first, last) = (middle - shape.reach, middle + shape.reach);
                first.floor() as i32..=last.ceil() as i32
            };
            for y in span(shape.y) {
                for x in span(shape.x).filter(|x| shape.covers(*x as f32 + 0.5, y as f32 + 0.5)) {
                    self.paint(x, y, shape.color, &mut painted);
                }
            }
        }
        painted
    }

    fn paint(&mut self, x: i32, y: i32, color: Color, painted: &mut Painted) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            return painted.outside += 1;
        };
        if x >= WIDTH || y >= HEIGHT {
            return painted.outside += 1;
        }
        self.pixels[y * WIDTH + x] = color;
        painted.inside += 1;
        let [left, top, right, bottom] = painted.edges.get_or_insert([x, y, x + 1, y + 1]);
        (*left, *top) = ((*left).min(x), (*top).min(y));
        (*right, *bottom) = ((*right).max(x + 1), (*bottom).max(y + 1));
    }
}

impl Shape {
    fn covers(&self, x: f32, y: f32) -> bool {
        let (dx, dy) = (x - self.x, y - self.y);
        let (sin, cos) = self.turn.sin_cos();
        let (along, across) = (dx * cos + dy * sin, dy * cos - dx * sin);
        match self.form {
            Form::Ellipse(a, b) => (along / a).powi(2) + (across / b).powi(2) <= 1.0,
            Form::Block(a, b) => along.abs() <= a && across.abs() <= b,
        }
    }
}
