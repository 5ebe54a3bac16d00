//! Which processes of browsers run, by what the kernel tells.

use std::path::Path;

/// The command lines of all processes whose browser profile is in `folder`.
pub(crate) fn browsers_of(folder: &Path) -> Vec<String> {
    processes_with(&format!("{}/helmsight-profile-", folder.display()))
}

/// The command lines of all processes that name `text`, or whose environment does.
pub(crate) fn processes_with(text: &str) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| {
            // A process may end while it is looked at; one that has ended has neither.
            let read = |file| std::fs::read(entry.path().join(file)).unwrap_or_default();
            let (command, environment) = (read("cmdline"), read("environ"));
            let names_it = |bytes: &[u8]| memchr::memmem::find(bytes, text.as_bytes()).is_some();
            (names_it(&command) || names_it(&environment))
                .then(|| String::from_utf8_lossy(&command).replace('\0', " "))
        })
        .collect()
}
