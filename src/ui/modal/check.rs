//! Keeps a question open while its answer is being tried, so that what was typed is not lost when that fails.

use egui::{Label, RichText, Ui};

use super::{ModalAnswer, answer_of, button_row_ui};
use crate::base::text::one_line;
use crate::ui::theme::Colors;
use crate::ui::widgets::primary_button;

/// Tells how far the trial is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Check {
    /// Nothing is tried; the user types.
    #[default]
    Typing,
    /// The trial of this number runs. The answer to another number is of a trial that was given up, and is ignored.
    Running(u64),
    /// The trial failed for this reason, which comes with the next step.
    Failed(String),
}

/// The words on the buttons under such a question.
pub(super) struct Wording<'a> {
    /// The words on the button that starts the trial.
    pub go: &'a str,
    /// The words while the trial runs.
    pub busy: &'a str,
    /// The words on the button that closes the question.
    pub leave: &'a str,
}

impl Check {
    /// Tells whether the trial runs.
    pub fn is_running(&self) -> bool {
        matches!(self, Self::Running(_))
    }
}

/// Draws what is wrong and what is being done, then the buttons. `problem` is what is wrong with what was typed.
pub(super) fn check_ui(
    ui: &mut Ui,
    check: &Check,
    problem: Option<&str>,
    ready: bool,
    wording: &Wording<'_>,
) -> ModalAnswer {
    let failure = match check {
        Check::Failed(why) => Some(why.as_str()),
        Check::Typing | Check::Running(_) => None,
    };
    ui.add_space(6.0);
    if check.is_running() {
        ui.weak(wording.busy);
    } else if let Some(why) = problem.or(failure) {
        problem_ui(ui, why);
    }
    let can_go = ready && !check.is_running();
    let button = primary_button(ui, RichText::new(wording.go));
    let leave = match check.is_running() {
        true => wording.leave,
        false => "Cancel",
    };
    let (pressed, cancel) = button_row_ui(ui, button, can_go, leave);
    answer_of(pressed, &cancel)
}

/// Draws a problem in the form itself, beside what has to be changed.
pub(in crate::ui) fn problem_ui(ui: &mut Ui, why: &str) {
    let color = Colors::of(ui.ctx()).error;
    let text = RichText::new(one_line(why, 500)).small().color(color);
    ui.add(Label::new(text).wrap());
}
