//! What is in a window, from its display: a look takes milliseconds, so pixels can tell times.

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    ConnectionExt as _, CreateWindowAux, ImageFormat, ImageOrder, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::{COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT};

use crate::picture::Picture;

pub(crate) struct Screen {
    connection: RustConnection,
    window: u32,
}

impl Screen {
    pub(crate) fn of(display: &str, window: u32) -> Self {
        let (connection, _) = RustConnection::connect(Some(display)).unwrap();
        assert_eq!(connection.setup().image_byte_order, ImageOrder::LSB_FIRST);
        Self { connection, window }
    }

    /// `None` while the window is not there to be looked at.
    pub(crate) fn picture(&self) -> Option<Picture> {
        let size = self.connection.get_geometry(self.window).ok()?;
        let size = size.reply().ok()?;
        self.top(size.width, size.height)
    }

    /// So much of the picture from its top left corner, for who is in a hurry.
    pub(crate) fn top(&self, width: u16, height: u16) -> Option<Picture> {
        let (format, planes) = (ImageFormat::Z_PIXMAP, u32::MAX);
        let image =
            self.connection.get_image(format, self.window, 0, 0, width, height, planes).ok()?;
        Some(Picture::new(usize::from(width), image.reply().ok()?.data))
    }
}

/// A window over everything else on a display. It goes with its connection.
pub(crate) struct Cover {
    _connection: RustConnection,
}

impl Cover {
    pub(crate) fn over(display: &str) -> Self {
        let (connection, screen) = RustConnection::connect(Some(display)).unwrap();
        let screen = &connection.setup().roots[screen];
        let (width, height) = (screen.width_in_pixels, screen.height_in_pixels);
        let window = connection.generate_id().unwrap();
        let attributes = CreateWindowAux::new().background_pixel(screen.black_pixel);
        connection
            .create_window(
                COPY_DEPTH_FROM_PARENT,
                window,
                screen.root,
                0,
                0,
                width,
                height,
                0,
                WindowClass::INPUT_OUTPUT,
                COPY_FROM_PARENT,
                &attributes,
            )
            .unwrap();
        connection.map_window(window).unwrap().check().unwrap();
        Self { _connection: connection }
    }
}
