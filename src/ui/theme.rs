//! Defines colors, spacing and text sizes: three looks under one set of names.

use egui::style::{Selection, WidgetVisuals, Widgets};
use egui::{
    Color32, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle, Theme,
    Visuals, vec2,
};

use crate::model::{Condition, Family, PageLife};
pub use crate::settings::ThemeChoice;

/// The named colors of one look. Every text color has a contrast of at least 4.5 to 1 on every ground of its look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colors {
    /// Ground of panels.
    pub ground: Color32,
    /// Ground of text fields, the log and other places where content lies.
    pub sunken: Color32,
    /// Ground of menus, dialogs and buttons.
    pub raised: Color32,
    /// Ground of a button or row that the pointer rests on.
    pub hovered: Color32,
    /// Ground of the selected row.
    pub selected: Color32,
    /// Color of the bars around the picture.
    pub letterbox: Color32,
    /// Color of lines that only part one thing from the next.
    pub line: Color32,
    /// Color of the outlines of fields, buttons and other things that can be used.
    pub outline: Color32,

    /// Color of running text.
    pub text: Color32,
    /// Color of headings and of other text that stands out.
    pub strong: Color32,
    /// Color of remarks and of other text that steps back.
    pub weak: Color32,
    /// Color of links, of the ring around what has the focus, and of matched letters in searches.
    pub accent: Color32,

    /// Color of the border and the label while keyboard and mouse go to the session.
    pub control: Color32,
    /// Color of text on the ground `control`.
    pub on_control: Color32,

    /// Color of a live session.
    pub live: Color32,
    /// Color of a session that is connected and shows no news.
    pub idle: Color32,
    /// Color of a session that is being connected.
    pub waiting: Color32,
    /// Color of a session whose pictures stall, and of warnings.
    pub stalled: Color32,
    /// Color of a session that failed, and of errors.
    pub error: Color32,

    /// Colors of the families, in the order of `Family`. They are told apart also with red-green color blindness.
    families: [Color32; 13],
}

impl Colors {
    /// Returns the colors in force.
    pub fn of(ctx: &egui::Context) -> &'static Self {
        let high_contrast = ctx.data(|data| data.get_temp(high_contrast_id())).unwrap_or(false);
        match ctx.theme() {
            _ if high_contrast => &HIGH_CONTRAST,
            Theme::Dark => &DARK,
            Theme::Light => &LIGHT,
        }
    }

    /// Returns the color of a family of rows.
    pub fn family(&self, family: Family) -> Color32 {
        let index = match family {
            Family::Session => 0,
            Family::Action => 1,
            Family::Output => 2,
            Family::Page => 3,
            Family::Console => 4,
            Family::Network => 5,
            Family::Dialog => 6,
            Family::Download => 7,
            Family::People => 8,
            Family::Object => 9,
            Family::Error => 10,
            Family::Stream => 11,
            Family::Other => 12,
        };
        self.families[index]
    }

    /// Returns the color of a session's state.
    pub fn condition(&self, condition: &Condition) -> Color32 {
        match condition {
            Condition::Live => self.live,
            Condition::Connected
            | Condition::Idle { .. }
            | Condition::Quiet { page: PageLife::Still | PageLife::Hidden, .. } => self.idle,
            Condition::Connecting { .. } | Condition::Reconnecting { .. } => self.waiting,
            Condition::Unreadable { .. }
            | Condition::Missing { .. }
            | Condition::Quiet { page: PageLife::Stuck, .. }
            | Condition::Stalled { .. } => self.stalled,
            Condition::Ended { .. } => self.weak,
            Condition::Refused { .. } => self.error,
        }
    }
}

/// Sets the look and size of everything. It is cheap enough to call whenever one of them changes, but not on every
/// frame.
pub fn apply(ctx: &egui::Context, choice: ThemeChoice, ui_scale: f32) {
    let (preference, high_contrast) = match choice {
        ThemeChoice::System => (egui::ThemePreference::System, false),
        ThemeChoice::Dark => (egui::ThemePreference::Dark, false),
        ThemeChoice::Light => (egui::ThemePreference::Light, false),
        ThemeChoice::HighContrast => (egui::ThemePreference::Dark, true),
    };
    ctx.data_mut(|data| data.insert_temp(high_contrast_id(), high_contrast));
    let dark = if high_contrast { &HIGH_CONTRAST } else { &DARK };
    ctx.set_style_of(
        Theme::Dark,
        style(dark, Visuals::dark(), if high_contrast { 2.0 } else { 1.0 }),
    );
    ctx.set_style_of(Theme::Light, style(&LIGHT, Visuals::light(), 1.0));
    ctx.set_theme(preference);
    ctx.set_zoom_factor(ui_scale);
}

/// Gives running text the symbols that only the monospace font has (arrows, boxes), before fonts of the system are
/// asked for the rest. It is called once.
pub fn install_fonts(ctx: &egui::Context) {
    let mut fonts = egui::FontDefinitions::default();
    let monospace = fonts.families.get(&FontFamily::Monospace).cloned().unwrap_or_default();
    let proportional = fonts.families.entry(FontFamily::Proportional).or_default();
    for name in monospace {
        if !proportional.contains(&name) {
            proportional.push(name);
        }
    }
    ctx.set_fonts(fonts);
}

fn high_contrast_id() -> egui::Id {
    egui::Id::unique("helmsight high contrast")
}

fn style(colors: &Colors, base: Visuals, line_width: f32) -> Style {
    let mut style = Style {
        visuals: visuals(colors, base, line_width),
        animation_time: 0.1,
        ..Default::default()
    };
    style.text_styles = [
        (TextStyle::Small, FontId::new(11.5, FontFamily::Proportional)),
        (TextStyle::Body, FontId::new(14.0, FontFamily::Proportional)),
        (TextStyle::Button, FontId::new(14.0, FontFamily::Proportional)),
        (TextStyle::Heading, FontId::new(20.0, FontFamily::Proportional)),
        (TextStyle::Monospace, FontId::new(12.5, FontFamily::Monospace)),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(8.0, 6.0);
    spacing.button_padding = vec2(9.0, 4.0);
    spacing.interact_size = vec2(36.0, 26.0);
    spacing.menu_margin = Margin::same(6);
    spacing.window_margin = Margin::same(14);
    spacing.tooltip_width = 360.0;
    style.interaction.tooltip_delay = 0.4;
    style
}

fn visuals(colors: &Colors, base: Visuals, line_width: f32) -> Visuals {
    let rounding = CornerRadius::same(5);
    let state = |fill: Color32, outline: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(line_width, outline),
        corner_radius: rounding,
        fg_stroke: Stroke::new(line_width, text),
        expansion: 0.0,
    };
    let shadow = |blur| Shadow {
        offset: [0, 6],
        blur,
        spread: 0,
        color: Color32::from_black_alpha(if base.dark_mode { 120 } else { 40 }),
    };
    Visuals {
        widgets: Widgets {
            noninteractive: state(colors.ground, colors.line, colors.text),
            inactive: state(colors.raised, colors.outline, colors.text),
            hovered: state(colors.hovered, colors.weak, colors.strong),
            // A widget with the keyboard focus looks so, too, because its ring has to be seen.
            active: WidgetVisuals {
                bg_stroke: Stroke::new(line_width.max(1.5), colors.accent),
                ..state(colors.hovered, colors.accent, colors.strong)
            },
            open: state(colors.hovered, colors.outline, colors.strong),
        },
        selection: Selection {
            bg_fill: colors.selected,
            stroke: Stroke::new(line_width, colors.strong),
        },
        hyperlink_color: colors.accent,
        faint_bg_color: colors.raised,
        extreme_bg_color: colors.sunken,
        code_bg_color: colors.raised,
        warn_fg_color: colors.stalled,
        error_fg_color: colors.error,
        weak_text_color: Some(colors.weak),
        window_corner_radius: CornerRadius::same(8),
        menu_corner_radius: CornerRadius::same(6),
        window_fill: colors.raised,
        window_stroke: Stroke::new(line_width, colors.outline),
        window_shadow: shadow(24),
        popup_shadow: shadow(14),
        panel_fill: colors.ground,
        // Disabled text is grayed, but can still be read.
        disabled_alpha: 0.55,
        ..base
    }
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const fn families(hex: [u32; 13]) -> [Color32; 13] {
    let mut colors = [Color32::BLACK; 13];
    let mut i = 0;
    while i < 13 {
        colors[i] = rgb(hex[i]);
        i += 1;
    }
    colors
}

static DARK: Colors = Colors {
    ground: rgb(0x16181d),
    sunken: rgb(0x0f1115),
    raised: rgb(0x1e2229),
    hovered: rgb(0x2a3039),
    selected: rgb(0x24405f),
    letterbox: rgb(0x0a0b0d),
    line: rgb(0x2a2f38),
    outline: rgb(0x3a414c),
    text: rgb(0xd5dae2),
    strong: rgb(0xffffff),
    weak: rgb(0x9aa4b2),
    accent: rgb(0x6cb2ff),
    control: rgb(0xffb000),
    on_control: rgb(0x1a1200),
    live: rgb(0x4fd08b),
    idle: rgb(0xa3b3c7),
    waiting: rgb(0x7cb9ff),
    stalled: rgb(0xf5a05a),
    error: rgb(0xff7a66),
    families: families([
        0x65a8fc, 0x96e6ff, 0xf8f4ec, 0x8cefaf, 0xdcc64e, 0xb78ece, 0xe2a780, 0xdeee59, 0xfc9bbb,
        0x8a77fa, 0xfd6746, 0xacbcec, 0x979797,
    ]),
};

static LIGHT: Colors = Colors {
    ground: rgb(0xf4f5f7),
    sunken: rgb(0xffffff),
    raised: rgb(0xfcfcfd),
    hovered: rgb(0xe6e9ee),
    selected: rgb(0xcfe2fb),
    letterbox: rgb(0xd9dce1),
    line: rgb(0xdcdfe4),
    outline: rgb(0xb9bfc8),
    text: rgb(0x252a33),
    strong: rgb(0x000000),
    weak: rgb(0x545c69),
    accent: rgb(0x0a58c2),
    control: rgb(0xb34700),
    on_control: rgb(0xffffff),
    live: rgb(0x0d6b3c),
    idle: rgb(0x4c5a6e),
    waiting: rgb(0x0a58c2),
    stalled: rgb(0x944000),
    error: rgb(0xb3261e),
    families: families([
        0x092175, 0x045266, 0x383838, 0x016c3e, 0x544101, 0x4a1c9c, 0x884b03, 0x203402, 0x882e82,
        0x0165f8, 0xb53643, 0x132544, 0x5e5e67,
    ]),
};

static HIGH_CONTRAST: Colors = Colors {
    ground: rgb(0x000000),
    sunken: rgb(0x000000),
    raised: rgb(0x000000),
    hovered: rgb(0x2b2b2b),
    selected: rgb(0x003a70),
    letterbox: rgb(0x000000),
    line: rgb(0x9a9a9a),
    outline: rgb(0xffffff),
    text: rgb(0xffffff),
    strong: rgb(0xffffff),
    weak: rgb(0xe0e0e0),
    accent: rgb(0xffe94d),
    control: rgb(0xffc400),
    on_control: rgb(0x000000),
    live: rgb(0x4dffa0),
    idle: rgb(0xe0e0e0),
    waiting: rgb(0x8cc8ff),
    stalled: rgb(0xffb066),
    error: rgb(0xff9080),
    families: families([
        0x6594fc, 0x83c9ce, 0xfdfdfe, 0x3fe092, 0xf8f79e, 0xb1abfd, 0xf5a117, 0xd5dd34, 0xcf70c3,
        0x9b6a7e, 0xf7664d, 0xcad9fd, 0x9d9e91,
    ]),
};

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator as _;

    use super::*;

    const LOOKS: [(&str, &Colors); 3] =
        [("dark", &DARK), ("light", &LIGHT), ("high contrast", &HIGH_CONTRAST)];

    fn linear(color: Color32) -> [f32; 3] {
        [color.r(), color.g(), color.b()].map(egui::ecolor::linear_f32_from_gamma_u8)
    }

    /// Returns the contrast of two colors by WCAG 2, from 1 to 21.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let luminance = |color| {
            linear(color).iter().zip([0.2126, 0.7152, 0.0722]).map(|(c, w)| c * w).sum::<f32>()
        };
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    fn apply_matrix(matrix: [[f32; 3]; 3], v: [f32; 3]) -> [f32; 3] {
        matrix.map(|row| row.iter().zip(v).map(|(m, x)| m * x).sum())
    }

    /// Converts to Oklab, a space in which distances match what people see.
    fn oklab(linear: [f32; 3]) -> [f32; 3] {
        let lms = apply_matrix(
            [[0.41222, 0.53633, 0.05145], [0.2119, 0.68070, 0.10740], [0.0883, 0.28172, 0.62998]],
            linear.map(|c| c.clamp(0.0, 1.0)),
        );
        apply_matrix(
            [[0.21045, 0.79362, -0.00407], [1.978, -2.42859, 0.45059], [0.0259, 0.78277, -0.80868]],
            lms.map(f32::cbrt),
        )
    }

    fn distance(a: [f32; 3], b: [f32; 3]) -> f32 {
        a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt()
    }

    #[test]
    fn every_text_can_be_read_on_every_ground() {
        for (look, c) in LOOKS {
            let texts =
                [c.text, c.strong, c.weak, c.accent, c.live, c.idle, c.waiting, c.stalled, c.error];
            let families = Family::iter().map(|family| c.family(family));
            for text in texts.into_iter().chain(families) {
                for ground in [c.ground, c.sunken, c.raised] {
                    assert!(
                        contrast(text, ground) >= 4.5,
                        "{look}: {text:?} on {ground:?}: {}",
                        contrast(text, ground)
                    );
                }
            }
            for text in [c.text, c.strong, c.accent] {
                assert!(
                    contrast(text, c.selected) >= 4.5 && contrast(text, c.hovered) >= 4.5,
                    "{look}: {text:?}"
                );
            }
            assert!(contrast(c.on_control, c.control) >= 4.5, "{look}");
            // Borders that say something need a contrast of 3 to 1.
            assert!(
                contrast(c.control, c.letterbox) >= 3.0 && contrast(c.accent, c.hovered) >= 3.0,
                "{look}"
            );
        }
        let c = &HIGH_CONTRAST;
        assert!(
            contrast(c.text, c.ground) >= 7.0
                && contrast(c.weak, c.ground) >= 7.0
                && contrast(c.outline, c.ground) >= 7.0
        );
    }

    #[test]
    fn families_are_told_apart_also_by_the_color_blind() {
        const FULL: [[f32; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        // The matrices are those of Machado, Oliveira and Fernandes 2009 for full severity.
        const PROTANOPIA: [[f32; 3]; 3] = [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ];
        const DEUTERANOPIA: [[f32; 3]; 3] = [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_82, 0.042_94, 0.968_881],
        ];
        for (look, colors) in LOOKS {
            for (i, a) in Family::iter().enumerate() {
                for b in Family::iter().skip(i + 1) {
                    for (eyes, at_least) in
                        [(FULL, 0.06), (PROTANOPIA, 0.045), (DEUTERANOPIA, 0.045)]
                    {
                        let seen =
                            |family| oklab(apply_matrix(eyes, linear(colors.family(family))));
                        let apart = distance(seen(a), seen(b));
                        assert!(
                            apart >= at_least,
                            "{look}: {a:?} and {b:?} are only {apart} apart"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn running_text_has_arrows() {
        let ctx = egui::Context::default();
        install_fonts(&ctx);
        let output = ctx.run_ui(egui::RawInput::default(), |ui| {
            let font = FontId::proportional(14.0);
            assert!(ui.fonts_mut(|fonts| "a←→↑↓↵…–".chars().all(|c| fonts.has_glyph(&font, c))));
        });
        output.drop_without_applying_deltas();
    }

    #[test]
    fn the_choice_reaches_every_panel() {
        let ctx = egui::Context::default();
        for (choice, colors) in [
            (ThemeChoice::Dark, &DARK),
            (ThemeChoice::Light, &LIGHT),
            (ThemeChoice::HighContrast, &HIGH_CONTRAST),
        ] {
            apply(&ctx, choice, 1.25);
            assert_eq!(Colors::of(&ctx), colors);
            assert_eq!(ctx.global_style().visuals.panel_fill, colors.ground);
        }
        apply(&ctx, ThemeChoice::System, 1.0);
        for (system, colors) in [(Theme::Light, &LIGHT), (Theme::Dark, &DARK)] {
            let input = egui::RawInput { system_theme: Some(system), ..Default::default() };
            let output = ctx.run_ui(input, |ui| assert_eq!(Colors::of(ui.ctx()), colors));
            output.drop_without_applying_deltas();
        }
    }
}
