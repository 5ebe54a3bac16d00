//! Holds ARCHITECTURE.md to the source: what it names as `room::module::name` is there under that name.

use crate::source::{Source, has_word, sources};
use crate::{ROOMS, assert_tidy};

#[test]
fn the_map_names_what_is_there() {
    let map = sources("ARCHITECTURE.md").remove(0);
    assert_tidy(lost_names(&map, &sources("src")).into_iter());
}

fn lost_names(map: &Source, all: &[Source]) -> Vec<String> {
    let mut lost = Vec::new();
    for (n, line) in map.text.lines().enumerate() {
        // Every second part stands between backticks.
        for code in line.split('`').skip(1).step_by(2) {
            let names: Vec<&str> = code.split("::").collect();
            if names.len() > 1 && ROOMS.contains(&names[0]) && !is_there(&names, all) {
                lost.push(format!("{}:{}: there is no `{code}`", map.path, n + 1));
            }
        }
    }
    lost
}

/// Tells whether the names lead through modules to a module, or to something that the last of them defines or exports.
fn is_there(names: &[&str], all: &[Source]) -> bool {
    let find = |path: String| all.iter().find(|source| source.path == path);
    let mut folder = "src".to_owned();
    let mut module = None;
    for name in names {
        let path = format!("{folder}/{name}");
        match find(format!("{path}.rs")).or_else(|| find(format!("{path}/mod.rs"))) {
            Some(deeper) => module = Some(deeper),
            // This name is a type or a function. What follows it is not checked.
            None => return module.is_some_and(|module| names_in_code(module, name)),
        }
        folder = path;
    }
    true
}

fn names_in_code(module: &Source, name: &str) -> bool {
    module.code().any(|(_, code)| has_word(code, name))
}

#[test]
fn a_lost_name_is_found() {
    let all = [
        Source::new(
            "src/host/mod.rs",
            "//! About people.\npub use server::Host;\npub mod session;",
        ),
        Source::new("src/host/session/mod.rs", "pub mod people;"),
        Source::new("src/host/session/people.rs", "pub struct People;"),
    ];
    for (text, lost) in [
        ("`host::Host::start` starts it", 0),
        ("`host::session::people` admits", 0),
        ("`host::session::people::People`", 0),
        ("`host::people` admits", 1),
        ("`cli::run` and `std::fs`", 1),
        ("host::people without being code", 0),
    ] {
        let found = lost_names(&Source::new("ARCHITECTURE.md", text), &all);
        assert_eq!(found.len(), lost, "{text}\n{found:#?}");
    }
}
