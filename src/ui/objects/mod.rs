//! Draws what a detector found: which boxes are shown, how many there are of each class, and what to notify of.

mod classes;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{RichText, Slider, Ui};

use super::command::Command;
use super::panel_io::PanelIo;
use super::state::OpenSession;
use super::widgets::{row_with_end, with_command_tooltip};
use crate::model::presence::MAX_CLASSES;
use crate::model::{Detection, ObjectChoices};

/// Everything that the panel remembers of one session.
#[derive(Debug, Default)]
pub struct ObjectsUiState {
    /// Every class that was in a picture, so that the list does not jump when one is not in the next.
    seen: BTreeSet<Arc<str>>,
    noted: Option<Arc<[Detection]>>,
    new_class: NewClass,
}

/// The class that is being typed.
#[derive(Debug, Default)]
struct NewClass {
    name: String,
    wants_focus: bool,
}

impl ObjectsUiState {
    /// Puts the cursor into the field for another class.
    pub(super) fn focus(&mut self) {
        self.new_class.wants_focus = true;
    }

    /// Remembers the classes in the picture that is shown. It does nothing while that is the same picture.
    pub fn note(&mut self, detections: &Arc<[Detection]>) {
        let known = self.noted.as_ref();
        if known.is_some_and(|noted| Arc::ptr_eq(noted, detections)) {
            return;
        }
        for found in detections.iter() {
            if self.seen.len() < MAX_CLASSES && !self.seen.contains(&found.class) {
                self.seen.insert(found.class.clone());
            }
        }
        self.noted = Some(detections.clone());
    }
}

/// Draws the panel.
pub fn objects_panel_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    open: &OpenSession,
    state: &mut ObjectsUiState,
    choices: &mut ObjectChoices,
) {
    let found = open.picture.as_ref().map(|picture| &picture.detections);
    let found: &[Detection] = found.map_or(&[], |found| found);
    boxes_ui(ui, io, choices, found);
    confidence_ui(ui, choices);
    ui.checkbox(&mut choices.log_changes, "Log what appears and leaves")
        .on_hover_text("Adds a row to the event log when the first object of a class appears and when the last one has left");
    ui.separator();
    classes::classes_ui(ui, state, choices, found, &open.key.path());
}

fn boxes_ui(ui: &mut Ui, io: &mut PanelIo<'_>, choices: &ObjectChoices, found: &[Detection]) {
    let filter = &choices.filter;
    let shown = found.iter().filter(|found| filter.shows(found)).count();
    let told = match (filter.all_hidden, found.len()) {
        (true, _) => "Boxes hidden".to_owned(),
        (false, all) if all == shown => format!("{all} shown"),
        (false, all) => format!("{shown} of {all} shown"),
    };
    let toggle = |ui: &mut Ui| {
        let mut on = !filter.all_hidden;
        let toggle = ui.checkbox(&mut on, "Show boxes");
        if with_command_tooltip(toggle, Command::ToggleBoxes, io.bindings).clicked() {
            io.run(Command::ToggleBoxes);
        }
    };
    row_with_end(ui, toggle, |ui| ui.label(RichText::new(told).weak()));
}

fn confidence_ui(ui: &mut Ui, choices: &mut ObjectChoices) {
    let mut percent = (choices.filter.min_confidence * 100.0).round();
    row_with_end(
        ui,
        |ui| {
            ui.label("Confidence at least");
        },
        |ui| ui.label(format!("{percent:.0} %")),
    );
    ui.spacing_mut().slider_width = ui.available_width();
    let slider =
        Slider::new(&mut percent, 0.0..=100.0).step_by(1.0).trailing_fill(true).show_value(false);
    let slider = ui.add(slider);
    ui.ctx().accesskit_node_builder(slider.id, |node| {
        node.set_label("Confidence at least");
    });
    if slider.changed() {
        choices.filter.min_confidence = percent / 100.0;
    }
    slider.on_hover_text("What the detector is less sure of has no box, is not counted, and does not appear or leave");
}
