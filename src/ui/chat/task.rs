//! Draws a task: what was asked, how it stands, and the steps taken.

use egui::{Color32, Label, RichText, ScrollArea, Ui};
use jiff::tz::TimeZone;

use crate::model::chat::{Chat, StepKind, Task, TaskState, TaskStep};
use crate::ui::action::{Action, ChatAction};
use crate::ui::panel_io::PanelIo;
use crate::ui::theme::Colors;
use crate::ui::widgets::empty_state;

pub(super) fn task_ui(ui: &mut Ui, io: &mut PanelIo<'_>, chat: &Chat, zone: &TimeZone) {
    let Some(task) = &chat.task else {
        let text = "The assistant drives this session while you watch. Its steps are shown here and in the log.";
        return empty_state(ui, "Give the assistant a task", text, |_| ());
    };
    head_ui(ui, io, task);
    ui.separator();
    ScrollArea::vertical().id_salt("steps").auto_shrink(false).stick_to_bottom(true).show(
        ui,
        |ui| {
            if task.dropped > 0 {
                let words = format!("{} older steps are in the log", task.dropped);
                ui.label(RichText::new(words).small().weak());
            }
            for step in &task.steps {
                step_ui(ui, step, zone);
            }
        },
    );
}

fn head_ui(ui: &mut Ui, io: &mut PanelIo<'_>, task: &Task) {
    ui.add(Label::new(RichText::new(&task.instruction).strong()).wrap());
    let (word, color) = state_words(ui, &task.state);
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(word).color(color));
        let can_be_steered = task.id.is_some();
        let offered = match task.state {
            TaskState::Running => Some(("Pause", ChatAction::Pause)),
            TaskState::Paused => Some(("Resume", ChatAction::Resume)),
            TaskState::Starting
            | TaskState::Done
            | TaskState::Failed(_)
            | TaskState::Canceled
            | TaskState::Unknown(_) => None,
        };
        if let Some((name, action)) = offered
            && ui.add_enabled(can_be_steered, egui::Button::new(name)).clicked()
        {
            io.act(Action::Chat(action));
        }
    });
    if let Some(why) = &task.problem {
        let color = Colors::of(ui.ctx()).error;
        ui.add(Label::new(RichText::new(why).color(color)).wrap());
    }
}

fn state_words(ui: &Ui, state: &TaskState) -> (String, Color32) {
    let colors = Colors::of(ui.ctx());
    match state {
        TaskState::Starting => ("Starting".to_owned(), colors.waiting),
        TaskState::Running => ("Running".to_owned(), colors.live),
        TaskState::Paused => ("Paused".to_owned(), colors.idle),
        TaskState::Done => ("Done".to_owned(), colors.live),
        TaskState::Failed(why) => (format!("Failed: {why}"), colors.error),
        TaskState::Canceled => ("Called off".to_owned(), colors.weak),
        TaskState::Unknown(why) => (format!("Not known any more: {why}"), colors.stalled),
    }
}

fn step_ui(ui: &mut Ui, step: &TaskStep, zone: &TimeZone) {
    let colors = Colors::of(ui.ctx());
    let at = step.at.to_zoned(zone.clone());
    let (who, color) = match step.kind {
        StepKind::Said => ("", colors.text),
        StepKind::Did => ("", colors.family(crate::model::Family::Action)),
        StepKind::Told => ("You: ", colors.accent),
        StepKind::Problem => ("", colors.error),
    };
    ui.horizontal_top(|ui| {
        let time = at.strftime("%H:%M:%S").to_string();
        ui.label(RichText::new(time).small().weak());
        let text = format!("{who}{}", step.text);
        ui.add(Label::new(RichText::new(text).color(color)).wrap());
    });
}
