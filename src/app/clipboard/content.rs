//! Puts what the system's clipboard holds into the words of sessions, and back.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Instant;

use arboard::{Clipboard, ImageData};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use egui::ColorImage;

use super::Pasted;
use crate::model::{ClipboardContent, EncodedFrame, ImageFormat};
use crate::video::image_file;

/// What a program has put into the clipboard, as the system gives it.
pub(super) struct RawContent {
    text: Option<String>,
    html: Option<String>,
    image: Option<ImageData<'static>>,
    files: Vec<PathBuf>,
}

/// Reads the clipboard in every form that a page can take. A form that can't be read is told only where no other one is
/// there. The error is in words for the user.
pub(super) fn read_all() -> Result<RawContent, String> {
    let words = |err: arboard::Error| format!("The clipboard could not be read: {err}");
    let mut clipboard = Clipboard::new().map_err(words)?;
    let text = clipboard.get_text();
    let html = clipboard.get().html().ok();
    let image = clipboard.get_image().ok();
    let files = clipboard.get().file_list().unwrap_or_default();
    match text {
        Err(err)
            if html.is_none()
                && image.is_none()
                && files.is_empty()
                && !matches!(err, arboard::Error::ContentNotAvailable) =>
        {
            Err(words(err))
        }
        text => Ok(RawContent { text: text.ok(), html, image, files }),
    }
}

impl RawContent {
    /// Makes of it what a page is sent. Pictures are packed, which takes a while.
    pub(super) fn pasted(self) -> Pasted {
        let Self { text, html, image, files } = self;
        if !files.is_empty() {
            return Pasted::Files(files);
        }
        let image = image.and_then(|image| {
            let png = image_file::png_of([image.width, image.height], &image.bytes)?;
            Some(BASE64_STANDARD.encode(png))
        });
        // As text fields have it.
        let text = text.map(|text| text.replace("\r\n", "\n"));
        let mut content = ClipboardContent { text, html, image };
        match content.bound() {
            Some(why) if content.is_empty() => Pasted::Refused(format!(
                "{why}, so it was not pasted. Give the page a file instead"
            )),
            _ if content.is_empty() => Pasted::Nothing,
            _ => Pasted::Content(content),
        }
    }
}

/// Puts what was copied in a page into the system's clipboard. The error is in words for the user.
pub(super) fn write(clipboard: &mut Clipboard, content: ClipboardContent) -> Result<(), String> {
    let words = |err: arboard::Error| format!("Nothing was copied: {err}");
    let ClipboardContent { text, html, image } = content;
    match (text, html, image) {
        (text, Some(html), _) if text.is_some() => clipboard.set().html(html, text).map_err(words),
        (Some(text), _, _) => clipboard.set_text(text).map_err(words),
        (None, _, Some(image)) => {
            let ColorImage { size: [width, height], pixels, .. } = picture(&image)?;
            let bytes: Vec<u8> =
                pixels.iter().flat_map(|pixel| pixel.to_srgba_unmultiplied()).collect();
            let image = ImageData { width, height, bytes: Cow::Owned(bytes) };
            clipboard.set_image(image).map_err(words)
        }
        (None, Some(html), None) => clipboard.set().html(html, None::<String>).map_err(words),
        (None, None, None) => Ok(()),
    }
}

fn picture(base64: &str) -> Result<ColorImage, String> {
    let broken = |why: String| format!("The picture could not be copied: {why}");
    let png = BASE64_STANDARD.decode(base64).map_err(|err| broken(err.to_string()))?;
    let frame = EncodedFrame::bare(ImageFormat::Png, png, Instant::now());
    image_file::pixels(&frame).map_err(|err| broken(err.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: Option<&str>, image: Option<ImageData<'static>>) -> RawContent {
        RawContent { text: text.map(str::to_owned), html: None, image, files: Vec::new() }
    }

    #[test]
    fn a_picture_is_packed_and_unpacked() {
        let bytes = vec![255, 0, 0, 255, 0, 255, 0, 255];
        let image = ImageData { width: 2, height: 1, bytes: Cow::Owned(bytes.clone()) };
        let Pasted::Content(content) = raw(None, Some(image)).pasted() else {
            panic!("no content");
        };
        let unpacked = picture(&content.image.unwrap()).unwrap();
        let pixels: Vec<u8> =
            unpacked.pixels.iter().flat_map(|pixel| pixel.to_srgba_unmultiplied()).collect();
        assert_eq!((unpacked.size, pixels), ([2, 1], bytes));
        assert!(picture("no base64").is_err());
    }

    #[test]
    fn a_text_gets_the_line_ends_of_pages_and_too_much_is_refused() {
        let Pasted::Content(content) = raw(Some("a\r\nb"), None).pasted() else {
            panic!("no content");
        };
        assert_eq!(content.text.as_deref(), Some("a\nb"));
        let large = "x".repeat(crate::model::MAX_CLIPBOARD_TEXT + 1);
        assert!(matches!(raw(Some(&large), None).pasted(), Pasted::Refused(_)));
        assert_eq!(raw(None, None).pasted(), Pasted::Nothing);
    }
}
