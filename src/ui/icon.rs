//! Paints small pictures on buttons as lines, so that they are sharp at every scale and no font has to have them.

use std::f32::consts::{PI, TAU};

use egui::{Painter, Pos2, Rect, Shape, Stroke, pos2};

/// A small picture on a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumIter)]
pub enum Icon {
    /// An arrow to the left.
    Back,
    /// An arrow to the right.
    Forward,
    /// A corner that points up.
    Up,
    /// A corner that points down.
    Down,
    /// An arrow in a circle.
    Reload,
    /// A cross that closes or stops something.
    Cross,
    /// A plus sign.
    Plus,
    /// A minus sign.
    Minus,
    /// The arrow of a mouse pointer.
    Pointer,
    /// Two bars that pause something.
    Pause,
    /// A triangle that plays something.
    Play,
    /// A photo camera.
    Camera,
    /// Two sheets that copy something.
    Copy,
    /// A board with a clip, to copy to and paste from.
    Clipboard,
    /// An arrow down into a tray, which saves something.
    Save,
    /// The corners of a frame.
    Fit,
    /// A magnifying glass.
    Search,
    /// Three lines that open a menu.
    Menu,
    /// A heart that keeps something alive.
    Heart,
    /// The lines of a list.
    List,
    /// The lines of a log.
    Log,
    /// The bars of a chart.
    Chart,
    /// A check mark.
    Check,
    /// A triangle that warns.
    Warning,
    /// A bell.
    Bell,
    /// A box around an object.
    Box,
    /// The tiles of the wall.
    Tiles,
    /// A globe.
    Globe,
}

impl Icon {
    /// Paints the icon centered in `rect`, as large as the smaller side lets it be.
    pub fn paint(self, painter: &Painter, rect: Rect, stroke: Stroke) {
        let side = rect.width().min(rect.height());
        let square = Rect::from_center_size(rect.center(), egui::Vec2::splat(side));
        let at = |x: f32, y: f32| square.lerp_inside(egui::vec2(x, y));
        let stroke = Stroke::new((side / 10.0).clamp(1.2, 2.5).max(stroke.width), stroke.color);
        let line = |points: Vec<Pos2>| {
            painter.add(Shape::line(points, stroke));
        };
        let path = |points: &[(f32, f32)]| line(points.iter().map(|(x, y)| at(*x, *y)).collect());
        let frame = |from: (f32, f32), to: (f32, f32)| {
            let rect = Rect::from_min_max(at(from.0, from.1), at(to.0, to.1));
            painter.rect_stroke(rect, side * 0.08, stroke, egui::StrokeKind::Middle);
        };
        match self {
            Self::Back => {
                path(&[(0.46, 0.2), (0.16, 0.5), (0.46, 0.8)]);
                path(&[(0.16, 0.5), (0.86, 0.5)]);
            }
            Self::Forward => {
                path(&[(0.54, 0.2), (0.84, 0.5), (0.54, 0.8)]);
                path(&[(0.14, 0.5), (0.84, 0.5)]);
            }
            Self::Up => path(&[(0.2, 0.64), (0.5, 0.34), (0.8, 0.64)]),
            Self::Down => path(&[(0.2, 0.36), (0.5, 0.66), (0.8, 0.36)]),
            Self::Reload => {
                line(arc(square.center(), side * 0.33, -0.1 * PI, 1.5 * PI));
                path(&[(0.5, 0.0), (0.68, 0.17), (0.5, 0.34)]);
            }
            Self::Cross => {
                path(&[(0.22, 0.22), (0.78, 0.78)]);
                path(&[(0.22, 0.78), (0.78, 0.22)]);
            }
            Self::Plus => {
                path(&[(0.5, 0.15), (0.5, 0.85)]);
                path(&[(0.15, 0.5), (0.85, 0.5)]);
            }
            Self::Minus => path(&[(0.15, 0.5), (0.85, 0.5)]),
            Self::Pointer => {
                path(&[
                    (0.25, 0.1),
                    (0.25, 0.78),
                    (0.42, 0.62),
                    (0.74, 0.6),
                    (0.25, 0.1),
                    (0.25, 0.3),
                ]);
                path(&[(0.46, 0.62), (0.58, 0.92)]);
            }
            Self::Pause => {
                path(&[(0.34, 0.2), (0.34, 0.8)]);
                path(&[(0.66, 0.2), (0.66, 0.8)]);
            }
            Self::Play => path(&[(0.3, 0.18), (0.78, 0.5), (0.3, 0.82), (0.3, 0.18), (0.5, 0.31)]),
            Self::Camera => {
                frame((0.08, 0.28), (0.92, 0.84));
                path(&[(0.34, 0.28), (0.42, 0.14), (0.58, 0.14), (0.66, 0.28)]);
                painter.circle_stroke(at(0.5, 0.56), side * 0.15, stroke);
            }
            Self::Clipboard => {
                frame((0.2, 0.2), (0.8, 0.9));
                frame((0.36, 0.1), (0.64, 0.28));
                path(&[(0.34, 0.5), (0.66, 0.5)]);
                path(&[(0.34, 0.68), (0.66, 0.68)]);
            }
            Self::Copy => {
                frame((0.32, 0.32), (0.88, 0.88));
                path(&[(0.68, 0.14), (0.14, 0.14), (0.14, 0.68)]);
            }
            Self::Save => {
                path(&[(0.5, 0.1), (0.5, 0.64)]);
                path(&[(0.28, 0.42), (0.5, 0.64), (0.72, 0.42)]);
                path(&[(0.14, 0.66), (0.14, 0.88), (0.86, 0.88), (0.86, 0.66)]);
            }
            Self::Fit => {
                path(&[(0.36, 0.14), (0.14, 0.14), (0.14, 0.36)]);
                path(&[(0.64, 0.14), (0.86, 0.14), (0.86, 0.36)]);
                path(&[(0.36, 0.86), (0.14, 0.86), (0.14, 0.64)]);
                path(&[(0.64, 0.86), (0.86, 0.86), (0.86, 0.64)]);
            }
            Self::Search => {
                painter.circle_stroke(at(0.42, 0.42), side * 0.27, stroke);
                path(&[(0.62, 0.62), (0.88, 0.88)]);
            }
            Self::Menu => [0.24, 0.5, 0.76].into_iter().for_each(|y| path(&[(0.14, y), (0.86, y)])),
            Self::Heart => {
                let (left, right) = (at(0.31, 0.36), at(0.69, 0.36));
                let r = side * 0.19;
                let mut points = arc(left, r, 0.8 * PI, 2.0 * PI);
                points.extend(arc(right, r, PI, 2.2 * PI));
                points.push(at(0.5, 0.86));
                painter.add(Shape::closed_line(points, stroke));
            }
            Self::List => {
                frame((0.1, 0.16), (0.9, 0.84));
                path(&[(0.4, 0.16), (0.4, 0.84)]);
            }
            Self::Log => {
                [0.2, 0.4, 0.6].into_iter().for_each(|y| path(&[(0.12, y), (0.88, y)]));
                path(&[(0.12, 0.8), (0.56, 0.8)]);
            }
            Self::Check => path(&[(0.14, 0.52), (0.4, 0.78), (0.86, 0.24)]),
            Self::Warning => {
                let corners = [(0.5, 0.12), (0.9, 0.84), (0.1, 0.84)];
                let corners = corners.iter().map(|(x, y)| at(*x, *y)).collect();
                painter.add(Shape::closed_line(corners, stroke));
                path(&[(0.5, 0.38), (0.5, 0.6)]);
                path(&[(0.5, 0.7), (0.5, 0.74)]);
            }
            Self::Bell => {
                path(&[
                    (0.12, 0.72),
                    (0.26, 0.58),
                    (0.26, 0.4),
                    (0.36, 0.22),
                    (0.5, 0.16),
                    (0.64, 0.22),
                    (0.74, 0.4),
                    (0.74, 0.58),
                    (0.88, 0.72),
                    (0.12, 0.72),
                ]);
                path(&[(0.42, 0.86), (0.58, 0.86)]);
            }
            Self::Box => {
                frame((0.12, 0.3), (0.88, 0.88));
                path(&[(0.12, 0.12), (0.5, 0.12)]);
            }
            Self::Tiles => {
                for (x, y) in [(0.1, 0.16), (0.56, 0.16), (0.1, 0.56), (0.56, 0.56)] {
                    frame((x, y), (x + 0.34, y + 0.28));
                }
            }
            Self::Globe => {
                painter.circle_stroke(square.center(), side * 0.36, stroke);
                path(&[(0.14, 0.5), (0.86, 0.5)]);
                path(&[(0.5, 0.14), (0.34, 0.36), (0.34, 0.64), (0.5, 0.86)]);
                path(&[(0.5, 0.14), (0.66, 0.36), (0.66, 0.64), (0.5, 0.86)]);
            }
            Self::Chart => {
                path(&[(0.12, 0.12), (0.12, 0.86), (0.88, 0.86)]);
                path(&[(0.28, 0.62), (0.46, 0.42), (0.6, 0.54), (0.86, 0.22)]);
            }
        }
    }
}

/// Returns the points of an arc. The angles, in radians, go clockwise on screen from the right.
fn arc(center: Pos2, radius: f32, from: f32, to: f32) -> Vec<Pos2> {
    let steps = ((to - from).abs() / TAU * 32.0).ceil() as usize;
    (0..=steps)
        .map(|step| from + (to - from) * step as f32 / steps as f32)
        .map(|angle| pos2(center.x + radius * angle.cos(), center.y + radius * angle.sin()))
        .collect()
}
