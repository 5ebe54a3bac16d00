//! Defines what every panel is handed.

use super::action::Action;
use super::binding::Bindings;
use super::command::Command;
use super::state::AppState;
use crate::model::Control;

/// The state that a panel reads, and the list that it pushes its requests to. Panels keep their own memory beside it.
pub struct PanelIo<'a> {
    /// The state to read.
    pub state: &'a AppState<'a>,
    /// The keys of the commands.
    pub bindings: &'a Bindings,
    /// The requests so far of this pass.
    pub actions: &'a mut Vec<Action>,
}

impl PanelIo<'_> {
    /// Asks for a command.
    pub fn run(&mut self, command: Command) {
        self.actions.push(Action::Run(command));
    }

    /// Asks to send input or a request to the session in front.
    pub fn send(&mut self, control: impl Into<Control>) {
        self.actions.push(Action::Send(control.into()));
    }

    /// Asks for an action.
    pub fn act(&mut self, action: Action) {
        self.actions.push(action);
    }
}
