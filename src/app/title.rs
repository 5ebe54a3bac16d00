//! Names the session in front in the window's title, so that it is told apart where windows are listed.

use egui::{Context, ViewportCommand};

use crate::base::text::one_line;

const PROGRAM: &str = "Helmsight";
const MAX_NAME: usize = 80;

/// The title that the window has.
#[derive(Debug, Default)]
pub(super) struct WindowTitle {
    told: Option<String>,
}

impl WindowTitle {
    /// Gives the window the title for the session of this name, with the count of what needs somebody.
    pub(super) fn tell(&mut self, ctx: &Context, name: Option<&str>, calls: usize) {
        let title = words(name, calls);
        if self.told.as_ref() != Some(&title) {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.told = Some(title);
        }
    }
}

fn words(name: Option<&str>, calls: usize) -> String {
    let title = match name.map(|name| one_line(name, MAX_NAME)).filter(|name| !name.is_empty()) {
        Some(name) => format!("{name} – {PROGRAM}"),
        None => PROGRAM.to_owned(),
    };
    if calls == 0 { title } else { format!("({calls}) {title}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_in_front_is_named_first_and_on_one_line() {
        for (name, title) in [
            (Some("Shop"), "Shop – Helmsight"),
            (Some("two\nlines"), "two↵lines – Helmsight"),
            (Some(""), "Helmsight"),
            (None, "Helmsight"),
        ] {
            assert_eq!(words(name, 0), title);
            assert_eq!(words(name, 2), format!("(2) {title}"));
        }
        assert!(words(Some(&"x".repeat(5000)), 3).chars().count() < 100);
    }
}
