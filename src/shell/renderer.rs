//! Chooses what paints the windows.

use eframe::Renderer as Painter;

use super::gl;

/// What is to paint the windows.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    strum::Display,
    strum::EnumIter,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[strum(serialize_all = "lowercase")]
pub enum Renderer {
    /// OpenGL where there is a GPU, else the processor.
    #[default]
    Auto,
    /// OpenGL.
    Gl,
    /// The processor alone.
    Software,
}

/// One way to get a window painted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    Gl(Painter),
    Software,
}

impl Renderer {
    /// Returns the renderer that is tried first here.
    pub fn first(self) -> Self {
        match self {
            Self::Auto if has_gpu() => Self::Gl,
            Self::Auto => Self::Software,
            Self::Gl | Self::Software => self,
        }
    }

    /// Returns the ways to be tried, one after another.
    pub(super) fn ways(self) -> Vec<Way> {
        let gl = gl::painters().iter().copied().map(Way::Gl);
        match self.first() {
            Self::Software => [Way::Software].into_iter().chain(gl).collect(),
            Self::Auto | Self::Gl => gl.chain([Way::Software]).collect(),
        }
    }
}

/// Tells whether the system has a GPU that a program can draw with. Without one, OpenGL is done on the processor, where
/// it costs several times of what our own painting does.
#[cfg(target_os = "linux")]
fn has_gpu() -> bool {
    std::fs::read_dir("/dev/dri").is_ok_and(|mut devices| {
        devices.any(|device| {
            device.is_ok_and(|device| device.file_name().to_string_lossy().starts_with("renderD"))
        })
    })
}

/// Elsewhere there nearly always is one.
#[cfg(not(target_os = "linux"))]
fn has_gpu() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_tried_first_and_the_rest_after_it() {
        let is_software = |renderer: Renderer| {
            let ways = renderer.ways();
            ways.iter().map(|way| matches!(way, Way::Software)).collect::<Vec<_>>()
        };
        let (gl, software) = (is_software(Renderer::Gl), is_software(Renderer::Software));
        assert_eq!((gl.first(), gl.last()), (Some(&false), Some(&true)));
        assert_eq!((software.first(), software.last()), (Some(&true), Some(&false)));
        assert!([gl, software].contains(&is_software(Renderer::Auto)));
    }
}
