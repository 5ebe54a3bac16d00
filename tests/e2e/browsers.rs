//! Which processes of browsers run, by what the kernel tells.

use std::fs::read_to_string;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

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

/// Kills the processes of all pages of the browsers whose profile is in `folder`, as a crash ends them.
pub(crate) fn kill_pages(folder: &Path) {
    let profile = format!("{}/helmsight-profile-", folder.display());
    let processes: Vec<(i32, String, String)> = std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let command = read_to_string(entry.path().join("cmdline")).ok()?;
            // The group is the third word after the name, which may have blanks and ends with a bracket.
            let stat = read_to_string(entry.path().join("stat")).ok()?;
            let group = stat.rsplit_once(')')?.1.split_whitespace().nth(2)?.to_owned();
            Some((id, group, command))
        })
        .collect();
    let is_ours = |group: &str| {
        processes.iter().any(|(_, of, command)| of == group && command.contains(&profile))
    };
    for (id, group, command) in &processes {
        if command.contains("--type=renderer")
            && is_ours(group)
            && let Err(err) = kill_process(Pid::from_raw(*id).unwrap(), Signal::KILL)
        {
            eprintln!("one ended between being seen and being killed: {err}");
        }
    }
}
