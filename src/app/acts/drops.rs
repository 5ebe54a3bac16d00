//! Gives the page in front files that are dropped on its picture.

use std::path::PathBuf;
use std::time::Duration;

use egui::{Context, Event, Pos2, RawInput};

use crate::app::App;
use crate::app::files::AskingPage;
use crate::model::FramePoint;
use crate::model::people::AGENT;
use crate::ui::picture::why_no_drop;
use crate::ui::state::NoticeSubject;

/// While files are over the window, their place is looked at so often.
const LOOK_EVERY: Duration = Duration::from_millis(60);
/// Where winit is told the place of a drop, or the system can be asked for it. Elsewhere the page's field takes the files.
const PLACE_IS_KNOWN: bool = cfg!(target_os = "linux");

impl App {
    /// Takes the files that were dropped on the main window.
    pub(in crate::app) fn take_drops(&mut self, ctx: &Context, raw: &mut RawInput) {
        if !raw.hovered_files.is_empty() {
            ctx.request_repaint_after(LOOK_EVERY);
        }
        let dropped = std::mem::take(&mut raw.dropped_files);
        if dropped.is_empty() {
            return;
        }
        let moved = raw.events.iter().rev().find_map(|event| match event {
            Event::PointerMoved(at) => Some(*at),
            _ => None,
        });
        let at = moved.or_else(|| ctx.pointer_latest_pos());
        let paths = dropped.iter().map(|file| file.path().to_owned()).collect();
        if let Err(why) = self.drop_files(paths, at) {
            self.notices.warn_about(NoticeSubject::NotNow, why);
        }
    }

    /// Gives the files to the page under the pointer. The error is in words for the user.
    fn drop_files(&mut self, paths: Vec<PathBuf>, at: Option<Pos2>) -> Result<(), &'static str> {
        if self.window.is_covered() {
            return Err("Close what lies over the window first, then drop the files again");
        }
        let front = self.sessions.active().filter(|_| !self.sessions.on_wall());
        let open =
            front.ok_or("Show one session alone first, then drop the files on its picture")?;
        if let Some(why) = why_no_drop(open, self.steering.is_on()) {
            return Err(why);
        }
        let page = AskingPage::of(open);
        if !PLACE_IS_KNOWN {
            paths.into_iter().for_each(|path| self.upload(page.clone(), path));
            return Ok(());
        }
        let from = Some(open.view.people.me).filter(|me| *me != AGENT);
        let key = open.key.clone();
        let surface = self.window.of(&key).picture.surface();
        let place = surface.zip(at).and_then(|(surface, at)| {
            Some(FramePoint::new(surface.geometry.frame_from_ui(at)?, surface.geometry.frame()))
        });
        let place = place.ok_or("Drop the files on the picture of the page")?;
        match self.services.of(&key) {
            Ok(connection) => {
                let service = connection.service.clone();
                let name = self.files.drop_on(page, paths, place, from, service);
                self.dialogs.set_busy(format!("Giving the page {name}"));
            }
            Err(why) => self.notices.error(why),
        }
        Ok(())
    }
}
