//! Reports why a command failed: on standard error, and in a dialog box where nobody would see that.

use super::print::say;

/// Reports the failure where the user is. A window that was opened by a click, a link or a file has no terminal on Windows.
pub(super) fn report(failure: &anyhow::Error) {
    say(format_args!("helmsight: {failure:#}"));
    #[cfg(windows)]
    if nobody_reads() {
        rfd::MessageDialog::new()
            .set_level(rfd::MessageLevel::Error)
            .set_title("Helmsight")
            .set_description(format!("{failure:#}"))
            .show();
    }
}

/// Tells whether there is no standard error: neither a console nor a pipe nor a file.
#[cfg(windows)]
fn nobody_reads() -> bool {
    use std::os::windows::io::AsRawHandle as _;
    std::io::stderr().as_raw_handle().is_null()
}
