//! Defines what every panel is handed.

use super::action::Action;
use super::binding::Bindings;
use super::command::Command;
use super::state::AppState;
use crate::model::Control;

/// The state that a panel reads, and the list that it pushes its requests to. Panels keep their own memory beside it.
pub struct PanelIo<'a> {
    pub state: &'a AppState<'a>,
    pub bindings: &'a Bindings,
    pub actions: &'a mut Vec<Action>,
}

impl PanelIo<'_> {
    pub fn run(&mut self, command: Command) {
        self.actions.push(Action::Run(command));
    }

    pub fn send(&mut self, control: impl Into<Control>) {
        self.actions.push(Action::Send(control.into()));
    }

    pub fn act(&mut self, action: Action) {
        self.actions.push(action);
    }
}
