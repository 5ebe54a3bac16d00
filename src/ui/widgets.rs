//! Holds small widgets that all panels share. Each has an accessible name and a look in every theme, and works by
//! keyboard.

use egui::{
    Align, AsIdSalt, Button, Color32, Key, Layout, Modifiers, Popup, Pos2, Response, RichText,
    Role, Sense, SetOpenCommand, Stroke, Ui, UiBuilder, Vec2, WidgetInfo, vec2,
};

use super::binding::Bindings;
use super::command::Command;
use super::icon::Icon;
use super::state::SmallPicture;
use super::theme::Colors;

/// Draws a part of a panel whose widgets keep their ids, and with them the focus and a press that is not released yet,
/// while what is drawn before it comes and goes. `salt` tells it from other parts of the same panel.
pub fn steady<R>(ui: &mut Ui, salt: impl AsIdSalt, content: impl FnOnce(&mut Ui) -> R) -> R {
    let id = ui.scope_id().with(salt);
    ui.scope_builder(UiBuilder::new().scope_id(id), content).inner
}

/// Draws a button for a command, with its icon where it has one and its name otherwise. The tooltip tells name, purpose
/// and key.
pub fn command_button(
    ui: &mut Ui,
    command: Command,
    enabled: bool,
    bindings: &Bindings,
) -> Response {
    let button = |ui: &mut Ui| match command.row().icon {
        Some(icon) => icon_button(ui, icon, command.name(), false),
        None => ui.button(command.name()),
    };
    with_command_tooltip(ui.add_enabled_ui(enabled, button).inner, command, bindings)
}

/// Draws a [`command_button`] for a command that turns something on and off.
pub fn command_toggle(ui: &mut Ui, command: Command, on: bool, bindings: &Bindings) -> Response {
    let response = match command.row().icon {
        Some(icon) => icon_button(ui, icon, command.name(), on),
        None => ui.selectable_label(on, command.name()),
    };
    with_command_tooltip(response, command, bindings)
}

/// Draws a button with the command's name in words, for menus, dialogs and empty pages.
pub fn command_text_button(
    ui: &mut Ui,
    command: Command,
    enabled: bool,
    bindings: &Bindings,
) -> Response {
    text_button(ui, command, command.name(), enabled, bindings)
}

/// Draws a [`command_text_button`] with `text` in the place of the command's name, where another word suits better.
pub fn command_button_as(
    ui: &mut Ui,
    command: Command,
    text: &str,
    bindings: &Bindings,
) -> Response {
    text_button(ui, command, text, true, bindings)
}

fn text_button(
    ui: &mut Ui,
    command: Command,
    text: &str,
    enabled: bool,
    bindings: &Bindings,
) -> Response {
    let mut button = egui::Button::new(text);
    if let Some(chord) = bindings.chord_of(command) {
        button = button.shortcut_text(key_text(chord));
    }
    let response = ui.add_enabled(enabled, button);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, text));
    response.on_hover_text(command.row().help)
}

/// Formats a key in running text. A single letter is set in the monospace font, because an I could be an l or a bar
/// otherwise.
fn key_text(chord: String) -> RichText {
    let text = if is_letter(&chord) {
        RichText::new(chord).monospace()
    } else {
        RichText::new(chord).small()
    };
    text.weak()
}

fn is_letter(chord: &str) -> bool {
    chord.chars().count() == 1
}

/// Makes the button that does what the page or the question is there for.
pub fn primary_button(ui: &Ui, text: RichText) -> Button<'static> {
    let colors = Colors::of(ui.ctx());
    Button::new(text.strong().color(colors.ground)).fill(colors.accent)
}

/// Draws a square button with a painted icon. Screen readers say `name`.
pub fn icon_button(ui: &mut Ui, icon: Icon, name: &str, selected: bool) -> Response {
    let side = ui.spacing().interact_size.y;
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), selected, name));
    if ui.is_rect_visible(rect) {
        let look = ui.style().interact_selectable(&response, selected);
        // At rest only the icon shows, because a row of framed squares is noise.
        if selected || response.hovered() || response.has_focus() {
            let stroke = if response.has_focus() { look.bg_stroke } else { Stroke::NONE };
            ui.painter().rect(
                rect,
                look.corner_radius,
                look.weak_bg_fill,
                stroke,
                egui::StrokeKind::Inside,
            );
        }
        icon.paint(ui.painter(), rect.shrink(side * 0.26), Stroke::new(1.0, look.fg_stroke.color));
    }
    response
}

/// Shows name, purpose and first key of a command when the pointer rests on `response`.
pub fn with_command_tooltip(response: Response, command: Command, bindings: &Bindings) -> Response {
    let tooltip = |ui: &mut Ui| {
        ui.horizontal(|ui| {
            ui.label(RichText::new(command.name()).strong());
            if let Some(chord) = bindings.chord_of(command) {
                key_cap(ui, &chord);
            }
        });
        ui.weak(command.row().help);
    };
    response.on_hover_ui(tooltip).on_disabled_hover_ui(tooltip)
}

/// Draws a key as it looks on a keyboard.
pub fn key_cap(ui: &mut Ui, label: &str) -> Response {
    let colors = Colors::of(ui.ctx());
    let font = if is_letter(label) {
        egui::TextStyle::Monospace.resolve(ui.style())
    } else {
        egui::TextStyle::Small.resolve(ui.style())
    };
    let galley = ui.painter().layout_no_wrap(label.to_owned(), font, colors.text);
    let size = vec2((galley.size().x + 10.0).max(20.0), galley.size().y + 5.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, label));
    if ui.is_rect_visible(rect) {
        let stroke = Stroke::new(1.0, colors.outline);
        ui.painter().rect(rect, 4.0, colors.hovered, stroke, egui::StrokeKind::Inside);
        ui.painter().galley(rect.center() - galley.size() / 2.0, galley, colors.text);
    }
    response
}

/// Draws a small picture of a session as large as it fits into `room`.
pub fn small_picture_ui(ui: &mut Ui, picture: &SmallPicture, room: Vec2) -> Response {
    let size = picture.0.size_vec2();
    let scale = (room.x / size.x).min(room.y / size.y);
    let (rect, response) = ui.allocate_exact_size(room, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Picture of that moment"));
    let place = egui::Rect::from_center_size(rect.center(), size * scale);
    let whole = egui::Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
    ui.painter().rect_filled(rect, 2.0, Colors::of(ui.ctx()).letterbox);
    ui.painter().image(picture.0.id(), place, whole, Color32::WHITE);
    response
}

/// Paints how many things call for somebody, around `center`.
pub fn badge(ui: &Ui, center: Pos2, count: usize) {
    let colors = Colors::of(ui.ctx());
    let text = if count > 99 { "99+".to_owned() } else { count.to_string() };
    let font = egui::FontId::proportional(10.5);
    let galley = ui.painter().layout_no_wrap(text, font, colors.ground);
    let size = vec2((galley.size().x + 8.0).max(15.0), 15.0);
    let rect = egui::Rect::from_center_size(center, size);
    ui.painter().rect_filled(rect, 7.5, colors.error);
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, colors.ground);
}

/// Draws what stands where there is nothing yet: a title, a sentence, and what can be done about it.
pub fn empty_state<R>(
    ui: &mut Ui,
    title: &str,
    text: &str,
    buttons: impl FnOnce(&mut Ui) -> R,
) -> R {
    let width = ui.available_width().min(440.0);
    let top = (ui.available_height() * 0.32 - 60.0).max(12.0);
    ui.vertical_centered(|ui| {
        ui.add_space(top);
        ui.set_max_width(width);
        ui.label(RichText::new(title).heading().strong());
        ui.add_space(2.0);
        ui.add(egui::Label::new(RichText::new(text).weak()).wrap());
        ui.add_space(12.0);
        buttons(ui)
    })
    .inner
}

/// Opens a menu of what else can be done with a thing: by the secondary button, and by the menu key or Shift+F10 while
/// it has the focus.
pub fn context_menu_ui(response: &Response, content: impl FnOnce(&mut Ui)) {
    let by_key = response.has_focus()
        && response.ctx.input_mut(|input| {
            input.consume_key(Modifiers::NONE, Key::Menu)
                || input.consume_key(Modifiers::SHIFT, Key::F10)
        });
    let popup = Popup::context_menu(response);
    let at = Popup::position_of_id(&response.ctx, Popup::default_response_id(response));
    let popup = if by_key {
        popup.open_memory(SetOpenCommand::Bool(true)).anchor(response)
    } else if popup.is_open() && at.is_none() {
        // A menu that is opened by key has no place of the pointer to stand at.
        popup.anchor(response)
    } else {
        popup
    };
    popup.show(content);
}

/// Draws a label at the left, and something at the right end of the same row.
pub fn row_with_end<R>(
    ui: &mut Ui,
    start: impl FnOnce(&mut Ui),
    end: impl FnOnce(&mut Ui) -> R,
) -> R {
    ui.horizontal(|ui| {
        start(ui);
        ui.with_layout(Layout::right_to_left(Align::Center), end).inner
    })
    .inner
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;
    use strum::IntoEnumIterator as _;

    use super::*;

    #[test]
    fn buttons_can_be_found_and_pressed_by_name() {
        let bindings = Bindings::default();
        let mut pressed = Vec::new();
        {
            let mut harness = Harness::new_ui(|ui| {
                for command in [Command::Reload, Command::About] {
                    if command_button(ui, command, true, &bindings).clicked() {
                        pressed.push(command);
                    }
                }
                if command_button(ui, Command::Back, false, &bindings).clicked() {
                    pressed.push(Command::Back);
                }
                if command_text_button(ui, Command::NewSession, true, &bindings).clicked() {
                    pressed.push(Command::NewSession);
                }
                command_toggle(ui, Command::ToggleLog, true, &bindings);
            });
            for name in ["Reload", "About Helmsight", "Back", "New session…"] {
                harness.get_by_label(name).click();
                harness.run();
            }
            harness.get_by_label("Event log");
        }
        assert_eq!(pressed, [Command::Reload, Command::About, Command::NewSession]);
    }

    #[test]
    fn every_icon_paints_inside_its_square() {
        let ctx = egui::Context::default();
        for icon in Icon::iter() {
            let square = egui::Rect::from_min_size(egui::pos2(100.0, 100.0), Vec2::splat(16.0));
            let output = ctx.run_ui(egui::RawInput::default(), |ui| {
                icon.paint(ui.painter(), square, Stroke::new(1.0, Color32::WHITE));
            });
            let painted = output
                .shapes
                .iter()
                .fold(egui::Rect::NOTHING, |rect, s| rect.union(s.shape.visual_bounding_rect()));
            assert!(square.expand(1.5).contains_rect(painted), "{icon:?} paints {painted:?}");
            assert!(painted.size().max_elem() > 8.0, "{icon:?} paints {painted:?}");
            output.drop_without_applying_deltas();
        }
    }
}
