//! Which processes of browsers run, by what the kernel tells.

use std::path::Path;

/// The command lines of all processes whose browser profile is in `folder`.
pub(crate) fn browsers_of(folder: &Path) -> Vec<String> {
    let profile = format!("{}/helmsight-profile-", folder.display());
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| {
            // A process may end while it is looked at; one that has ended has neither.
            let read = |file| std::fs::read(entry.path().join(file)).unwrap_or_default();
            let (command, environment) = (read("cmdline"), read("environ"));
            let names_it = |text: &[u8]| memchr::memmem::find(text, profile.as_bytes()).is_some();
            (names_it(&command) || names_it(&environment))
                .then(|| String::from_utf8_lossy(&command).replace('\0', " "))
        })
        .collect()
}
