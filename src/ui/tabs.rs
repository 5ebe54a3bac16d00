//! The strip of the session's tabs.

use egui::{Button, RichText, ScrollArea, Ui, Vec2};

use super::action::Action;
use super::command::Command;
use super::panel_io::PanelIo;
use super::theme::Colors;
use super::widgets::command_button;
use crate::base::text::one_line;
use crate::model::{Control, Tab};

const MIN_WIDTH: f32 = 96.0;
const MAX_WIDTH: f32 = 220.0;
const CLOSE_WIDTH: f32 = 22.0;

pub fn tabs_ui(ui: &mut Ui, io: &mut PanelIo<'_>) {
    let Some(open) = io.state.active() else {
        return;
    };
    let tabs = &open.view.tabs;
    ScrollArea::horizontal()
        .id_salt("tabs")
        .scroll_bar_visibility(egui::scroll_area::ScrollBarVisibility::AlwaysHidden)
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                let room =
                    (ui.available_width() - 40.0) / tabs.len().max(1) as f32 - CLOSE_WIDTH - 6.0;
                let width = room.clamp(MIN_WIDTH, MAX_WIDTH);
                for tab in tabs {
                    tab_ui(ui, io, tab, width, tabs.len() > 1);
                }
                if command_button(ui, Command::NewTab, true, io.bindings).clicked() {
                    io.run(Command::NewTab);
                }
            });
        });
}

fn tab_ui(ui: &mut Ui, io: &mut PanelIo<'_>, tab: &Tab, width: f32, closable: bool) {
    let title = title_of(tab);
    let colors = Colors::of(ui.ctx());
    let text = if tab.active {
        RichText::new(&title).strong()
    } else {
        RichText::new(&title).color(colors.weak)
    };
    let button = Button::selectable(tab.active, text)
        .truncate()
        .min_size(Vec2::new(width, 24.0));
    let response = ui
        .add_sized([width, 24.0], button)
        .on_hover_text(one_line(&tab.url, 300));
    if response.clicked() && !tab.active {
        io.send(Control::SelectTab { id: tab.id.clone() });
    }
    let close = closable && {
        let button = ui.add_sized([CLOSE_WIDTH, 24.0], Button::new("×").frame(false));
        button.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Close tab {title}"))
        });
        button.on_hover_text("Close tab").clicked() || response.middle_clicked()
    };
    if close {
        io.act(Action::Send(Control::CloseTab { id: tab.id.clone() }));
    }
    response.context_menu(|ui| {
        if ui.button("Copy address").clicked() {
            io.act(Action::Copy(tab.url.clone()));
        }
        if ui.add_enabled(closable, Button::new("Close tab")).clicked() {
            io.send(Control::CloseTab { id: tab.id.clone() });
        }
    });
}

fn title_of(tab: &Tab) -> String {
    let text = if tab.title.is_empty() {
        &tab.url
    } else {
        &tab.title
    };
    if text.is_empty() {
        "New tab".to_owned()
    } else {
        one_line(text, 80)
    }
}
