//! Defines what every panel is handed: a state to read, the keys, and a list for its requests.

use super::action::Action;
use super::binding::Bindings;
use super::command::Command;
use super::state::AppState;
use crate::model::Control;

/// The state that a panel reads, and the list that it pushes its requests to. Panels keep their own memory beside it.
pub struct PanelIo<'a> {
    /// The state of everything, which panels only read.
    pub state: &'a AppState<'a>,
    /// The keys of the commands, which are shown beside them.
    pub bindings: &'a Bindings,
    /// The requests of this pass so far, which run after it is painted.
    pub actions: &'a mut Vec<Action>,
}

impl PanelIo<'_> {
    /// Asks to run a command.
    pub fn run(&mut self, command: Command) {
        self.actions.push(Action::Run(command));
    }

    /// Asks to send input or a request to the session in front.
    pub fn send(&mut self, control: impl Into<Control>) {
        self.actions.push(Action::Send(control.into()));
    }

    /// Asks to run an action.
    pub fn act(&mut self, action: Action) {
        self.actions.push(action);
    }
}
