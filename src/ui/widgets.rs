//! Holds small widgets that all panels share. Each has an accessible name and a look in every theme, and works by
//! keyboard.

use egui::{
    Align, AsIdSalt, Button, Color32, Key, Layout, Modifiers, Popup, Rect, Response, RichText,
    Role, Sense, SetOpenCommand, Stroke, Ui, UiBuilder, Vec2, WidgetInfo, vec2,
};

use super::binding::Bindings;
use super::clock::Clock;
use super::command::Command;
use super::icon::Icon;
use super::picture::words::{lasting, quiet_words};
use super::theme::Colors;
use crate::model::{Condition, PageLife};

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

/// Draws a mark and a word for the state of a session. The marks differ in shape too, not in color alone.
pub fn state_badge(ui: &mut Ui, condition: &Condition, clock: Clock<'_>) -> Response {
    let word = condition_words(condition, clock);
    let color = Colors::of(ui.ctx()).condition(condition);
    let badge = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        // The badge is no button, so it may be as low as its text.
        ui.spacing_mut().interact_size.y = 16.0;
        state_mark(ui, condition, clock);
        ui.label(RichText::new(&word).color(color))
    });
    badge.inner
}

/// Draws the mark of [`state_badge`] alone, for lists; the word is its tooltip.
pub fn state_mark(ui: &mut Ui, condition: &Condition, clock: Clock<'_>) -> Response {
    let color = Colors::of(ui.ctx()).condition(condition);
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(12.0), Sense::hover());
    let word = condition_words(condition, clock);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &word));
    paint_state(ui, rect.shrink(1.5), condition, color);
    response.on_hover_text(word)
}

/// Returns the one honest word for a session's state, such as "Live" or "Reconnecting in 3 s".
pub fn condition_words(condition: &Condition, clock: Clock<'_>) -> String {
    match condition {
        Condition::Connecting { attempt: 0 } => "Connecting".to_owned(),
        Condition::Connecting { attempt } => format!("Connecting, attempt {}", attempt + 1),
        Condition::Connected => "Connected".to_owned(),
        Condition::Live => "Live".to_owned(),
        Condition::Unreadable { .. } => "Pictures can't be read".to_owned(),
        Condition::Missing { silent_for } => {
            format!("No picture {}", lasting(*silent_for, clock).0)
        }
        Condition::Quiet { page, unchanged_for } => {
            let (state, what) = quiet_words(*page);
            format!("{state}, {what} {}", lasting(*unchanged_for, clock).0)
        }
        Condition::Idle { unchanged_for } => {
            format!("Idle, no change {}", lasting(*unchanged_for, clock).0)
        }
        Condition::Stalled { silent_for } => {
            format!("Stalled, nothing heard {}", lasting(*silent_for, clock).0)
        }
        Condition::Reconnecting { retry_in, .. } if retry_in.is_zero() => "Reconnecting".to_owned(),
        Condition::Reconnecting { retry_in, .. } if !clock.ticks() => {
            format!("Reconnecting at {}", clock.moment_in(*retry_in))
        }
        Condition::Reconnecting { retry_in, .. } => {
            format!("Reconnecting in {} s", retry_in.as_secs_f32().ceil())
        }
        Condition::Ended { .. } => "Ended".to_owned(),
        Condition::Refused { .. } => "Not connected".to_owned(),
    }
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

fn paint_state(ui: &Ui, rect: Rect, condition: &Condition, color: Color32) {
    let (painter, center, radius) = (ui.painter(), rect.center(), rect.width() / 2.0);
    let stroke = Stroke::new(1.8, color);
    match condition {
        Condition::Live => {
            painter.circle_filled(center, radius, color);
        }
        Condition::Connected
        | Condition::Idle { .. }
        | Condition::Quiet { page: PageLife::Still | PageLife::Hidden, .. } => {
            painter.circle_stroke(center, radius - 0.9, stroke);
        }
        Condition::Connecting { .. } | Condition::Reconnecting { .. } => {
            for step in [-1.0, 0.0, 1.0] {
                painter.circle_filled(
                    center + vec2(step * radius * 0.75, 0.0),
                    radius * 0.28,
                    color,
                );
            }
        }
        Condition::Unreadable { .. }
        | Condition::Missing { .. }
        | Condition::Quiet { page: PageLife::Stuck, .. }
        | Condition::Stalled { .. } => {
            let points = vec![rect.center_top(), rect.right_bottom(), rect.left_bottom()];
            painter.add(egui::Shape::convex_polygon(points, color, Stroke::NONE));
        }
        Condition::Ended { .. } | Condition::Refused { .. } => {
            Icon::Cross.paint(painter, rect, stroke)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;
    use strum::IntoEnumIterator as _;

    use super::*;
    use crate::ui::clock::ClockPace;

    #[test]
    fn states_are_told_in_plain_words() {
        let why = String::new();
        let seconds = Duration::from_secs_f32;
        for (condition, words) in [
            (Condition::Connecting { attempt: 0 }, "Connecting"),
            (Condition::Connecting { attempt: 2 }, "Connecting, attempt 3"),
            (Condition::Connected, "Connected"),
            (Condition::Live, "Live"),
            (Condition::Unreadable { count: 3, why: "".into() }, "Pictures can't be read"),
            (Condition::Idle { unchanged_for: seconds(59.9) }, "Idle, no change for 50 s"),
            (Condition::Idle { unchanged_for: seconds(3725.0) }, "Idle, no change for 1 h 2 min"),
            (Condition::Stalled { silent_for: seconds(90.0) }, "Stalled, nothing heard for 1 min"),
            (
                Condition::Reconnecting { attempt: 1, retry_in: seconds(2.2), why: why.clone() },
                "Reconnecting in 3 s",
            ),
            (
                Condition::Reconnecting { attempt: 1, retry_in: Duration::ZERO, why: why.clone() },
                "Reconnecting",
            ),
            (Condition::Ended { why }, "Ended"),
        ] {
            assert_eq!(condition_words(&condition, Clock::fixed(ClockPace::Ticking)), words);
        }
    }

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
                state_badge(ui, &Condition::Live, Clock::fixed(ClockPace::Ticking));
            });
            for name in ["Reload", "About Helmsight", "Back", "New session…"] {
                harness.get_by_label(name).click();
                harness.run();
            }
            harness.get_by_label("Event log");
            harness.get_by_role_and_label(Role::Label, "Live");
        }
        assert_eq!(pressed, [Command::Reload, Command::About, Command::NewSession]);
    }

    #[test]
    fn every_icon_paints_inside_its_square() {
        let ctx = egui::Context::default();
        for icon in Icon::iter() {
            let square = Rect::from_min_size(egui::pos2(100.0, 100.0), Vec2::splat(16.0));
            let output = ctx.run_ui(egui::RawInput::default(), |ui| {
                icon.paint(ui.painter(), square, Stroke::new(1.0, Color32::WHITE));
            });
            let painted = output
                .shapes
                .iter()
                .fold(Rect::NOTHING, |rect, s| rect.union(s.shape.visual_bounding_rect()));
            assert!(square.expand(1.5).contains_rect(painted), "{icon:?} paints {painted:?}");
            assert!(painted.size().max_elem() > 8.0, "{icon:?} paints {painted:?}");
            output.drop_without_applying_deltas();
        }
    }
}
