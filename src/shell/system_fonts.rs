//! Finds letters that the fonts of the program lack, such as Chinese, Thai or Arabic ones, in the fonts of the system.

use std::sync::OnceLock;

use egui::epaint::text::{FallbackRequest, FontInsert, FontProvider};
use egui_system_font_provider::SystemFontProvider;

/// Asks the fonts of the system. They are listed when the first letter is missing and not at the start, because most
/// windows never need them. Their files are mapped into memory, and each is there once.
#[derive(Default)]
pub(super) struct SystemFonts(OnceLock<SystemFontProvider>);

impl FontProvider for SystemFonts {
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        self.0.get_or_init(SystemFontProvider::new).font_for(request)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use egui::{Context, FontId, RawInput};

    use super::*;

    #[test]
    fn the_fonts_of_the_system_are_listed_for_the_first_letter_that_is_missing() {
        let fonts = Arc::new(SystemFonts::default());
        let ctx = Context::default();
        ctx.add_font_provider(fonts.clone());
        let has = |letter| {
            let mut has = false;
            let mut output = ctx.run_ui(RawInput::default(), |ui| {
                has = ui.fonts_mut(|fonts| fonts.has_glyph(&FontId::proportional(14.0), letter));
            });
            output.textures_delta.clear();
            has
        };
        assert!(has('a') && fonts.0.get().is_none());
        // Whether this machine has such a letter is not asked here.
        has('\u{5d0}');
        assert!(fonts.0.get().is_some());
    }
}
