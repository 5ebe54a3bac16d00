//! Reads the text that is selected in a page, whichever of its frames it is in.

use serde::Deserialize;

use super::page::PageHandle;
use crate::base::text::clip;
use crate::host::driver::DriverError;
use crate::model::MAX_CLIPBOARD_TEXT;

/// Reads a document's selection. A password is copied by no browser.
const READ: &str = "((most) => { \
    let field = document.activeElement; \
    while (field?.shadowRoot?.activeElement) field = field.shadowRoot.activeElement; \
    const typed = /^(text|search|url|tel)$/.test(field?.type) || field instanceof HTMLTextAreaElement; \
    if (field?.type === 'password') return { text: '', focused: document.hasFocus() }; \
    const text = typed && field.selectionEnd > field.selectionStart \
        ? field.value.slice(field.selectionStart, field.selectionEnd) : String(getSelection() ?? ''); \
    const within = field instanceof HTMLIFrameElement || field instanceof HTMLFrameElement; \
    return { text: text.slice(0, most), focused: document.hasFocus() && !within }; })";

#[derive(Deserialize)]
struct DocumentSelection {
    text: String,
    /// The keyboard is in this very document.
    focused: bool,
}

impl PageHandle {
    /// Returns the text that is selected in the document with the keyboard, or else in the first that has any.
    pub(super) async fn selection(&self) -> Result<String, DriverError> {
        let read = format!("{READ}({MAX_CLIPBOARD_TEXT})");
        let mut first = String::new();
        for document in self.documents().await? {
            let Ok(selection) = self.evaluate_in::<DocumentSelection>(&document, &read).await
            else {
                continue;
            };
            let text = clip(&selection.text, MAX_CLIPBOARD_TEXT);
            if selection.focused && !text.is_empty() {
                return Ok(text.to_owned());
            }
            if first.is_empty() {
                text.clone_into(&mut first);
            }
        }
        Ok(first)
    }
}
