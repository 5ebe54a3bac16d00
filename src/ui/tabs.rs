//! Draws the strip of the session's tabs.

use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Button, Color32, Rect, Response, Role, ScrollArea, Sense, StrokeKind, TextStyle, Ui, UiBuilder,
    Vec2, WidgetInfo, pos2, vec2,
};

use super::action::Action;
use super::command::Command;
use super::icon::Icon;
use super::panel_io::PanelIo;
use super::theme::Colors;
use super::widgets::{command_button, context_menu_ui, icon_button, steady};
use crate::base::text::one_line;
use crate::model::{PageControl, People, PeopleControl, Tab};

const MIN_WIDTH: f32 = 96.0;
const MAX_WIDTH: f32 = 240.0;
const HEIGHT: f32 = 26.0;
const CLOSE_WIDTH: f32 = 20.0;
/// Width of the button after the last tab, in points.
const NEW_TAB_WIDTH: f32 = 40.0;

/// Draws the strip.
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
                let room = (ui.available_width() - NEW_TAB_WIDTH) / tabs.len().max(1) as f32;
                let width = (room - 2.0).clamp(MIN_WIDTH, MAX_WIDTH);
                for tab in tabs {
                    steady(ui, ("tab", &tab.id), |ui| tab_ui(ui, io, tab, width, tabs.len() > 1));
                }
                let can_add = Command::NewTab.applies(io.state);
                if command_button(ui, Command::NewTab, can_add, io.bindings).clicked() {
                    io.run(Command::NewTab);
                }
            });
        });
}

fn tab_ui(ui: &mut Ui, io: &mut PanelIo<'_>, tab: &Tab, width: f32, closable: bool) {
    let people = io.state.active().map(|open| &open.view.people);
    let title = title_of(tab, people.unwrap_or(&People::default()));
    let (rect, response) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, tab.active, &title));
    let close_rect = Rect::from_center_size(
        rect.right_center() - vec2(CLOSE_WIDTH / 2.0 + 2.0, 0.0),
        Vec2::splat(CLOSE_WIDTH),
    );
    let text_end = if closable { close_rect.left() } else { rect.right() - 8.0 };
    paint_tab(ui, rect, text_end, &response, tab.active, &title);
    let mut wants_close = closable && response.middle_clicked();
    if closable {
        let place = UiBuilder::new().id_salt(&tab.id).max_rect(close_rect);
        let mut ui = ui.new_child(place);
        ui.spacing_mut().interact_size.y = CLOSE_WIDTH;
        let close = icon_button(&mut ui, Icon::Cross, &format!("Close tab {title}"), false);
        wants_close |= close.on_hover_text("Close tab").clicked();
    }
    let response = response.on_hover_text(one_line(&tab.url, 300));
    if wants_close {
        io.send(PageControl::CloseTab { tab_id: tab.id.clone() });
    } else if response.clicked() && !tab.active {
        io.send(PageControl::SelectTab { tab_id: tab.id.clone() });
    }
    context_menu_ui(&response, |ui| {
        if ui.button("Copy address").clicked() {
            io.act(Action::Copy(tab.url.clone()));
        }
        if ui.add_enabled(closable, Button::new("Close tab")).clicked() {
            io.send(PageControl::CloseTab { tab_id: tab.id.clone() });
        }
        people_menu_ui(ui, io, tab);
    });
}

/// Draws the menu of what one participant may ask about a tab, where there are several participants.
fn people_menu_ui(ui: &mut Ui, io: &mut PanelIo<'_>, tab: &Tab) {
    let Some(open) = io.state.active().filter(|open| open.view.capabilities.people) else {
        return;
    };
    let people = &open.view.people;
    let id = || tab.id.clone();
    ui.separator();
    let (text, control) = match tab.paused_by {
        Some(_) => ("Resume tab", PeopleControl::ResumeTab { tab_id: id() }),
        None => ("Pause tab", PeopleControl::PauseTab { tab_id: id() }),
    };
    if ui
        .button(text)
        .on_hover_text("While a tab is paused, only who paused it can act in it")
        .clicked()
    {
        io.send(control);
    }
    let controller = tab.controller.or(people.driver);
    let is_mine = controller == Some(people.me);
    if tab.controller.is_some() && !is_mine && people.may_decide() {
        if ui.button("Take this tab back").clicked() {
            let to = people.driver.unwrap_or(people.me);
            io.send(PeopleControl::GiveTab { tab_id: id(), to });
        }
    } else if controller.is_some() && !is_mine && ui.button("Ask for this tab").clicked() {
        io.send(PeopleControl::RequestTab { tab_id: id() });
    }
    let others = people.participants.iter();
    for other in others.filter(|other| other.index != people.me && !other.agent) {
        let text = format!("Give this tab to {}", one_line(&other.name, 40));
        if ui.button(text).clicked() {
            let to = other.index;
            io.send(PeopleControl::GiveTab { tab_id: id(), to });
        }
    }
}

fn paint_tab(ui: &Ui, rect: Rect, text_end: f32, response: &Response, active: bool, title: &str) {
    let colors = Colors::of(ui.ctx());
    let (fill, color) = match (active, response.hovered()) {
        (true, _) => (colors.selected, colors.strong),
        (false, true) => (colors.hovered, colors.text),
        (false, false) => (Color32::TRANSPARENT, colors.weak),
    };
    ui.painter().rect_filled(rect, 5.0, fill);
    if response.has_focus() {
        ui.painter().rect_stroke(rect, 5.0, (1.5, colors.accent), StrokeKind::Inside);
    }
    let left = rect.left() + 10.0;
    let font = TextStyle::Body.resolve(ui.style());
    let mut job = LayoutJob::simple_singleline(title.to_owned(), font, color);
    job.wrap = TextWrapping::truncate_at_width((text_end - left).max(1.0));
    let galley = ui.painter().layout_job(job);
    let top = rect.center().y - galley.size().y / 2.0;
    ui.painter().galley(pos2(left, top), galley, color);
}

/// Returns the tab's title, with the participant who has it in front where that is not the one who drives.
fn title_of(tab: &Tab, people: &People) -> String {
    let text = if tab.title.is_empty() { &tab.url } else { &tab.title };
    let title = match text.is_empty() {
        true => "New tab".to_owned(),
        false => one_line(text, 80),
    };
    match (tab.paused_by, tab.controller) {
        (Some(_), _) => format!("Paused: {title}"),
        (None, Some(index)) => format!("{}: {title}", one_line(&people.name_of(index), 40)),
        (None, None) => title,
    }
}
