//! A type's name stands once in `src`, so that a search for it finds the one place where it is defined.
//!
//! Tests are left out: each may have types of its own. Associated types are, too, because a trait prescribes their names.

use std::collections::BTreeMap;

use crate::assert_tidy;
use crate::source::{Source, sources};

/// Names that several types share until each room has renamed its own. The list only ever gets shorter.
const STILL_SHARED: &[&str] = &[
    "After", "Answer", "Chats", "Events", "Found", "Inner", "Lifetime", "Link", "Message",
    "Outcome", "Pace", "Person", "Picture", "Place", "Reader", "Roster", "Row", "Services",
    "Socket", "State", "Watching", "Chats", "Lifetime", "Link", "Outcome", "Pace", "Picture",
    "Place", "Reader", "Roster", "Row", "Services", "Socket",
];

#[test]
fn a_types_name_stands_once() {
    assert_tidy(shared_names(&sources("src"), STILL_SHARED).into_iter());
}

fn shared_names(all: &[Source], listed: &[&str]) -> Vec<String> {
    let mut places = BTreeMap::<&str, Vec<String>>::new();
    for file in all.iter().filter(|file| !file.is_for_tests(all)) {
        for (line, name) in file.types() {
            places.entry(name).or_default().push(format!("{}:{line}", file.path));
        }
    }
    let is_listed = |name: &str| listed.contains(&name);
    places.retain(|name, places| places.len() > 1 && !is_listed(name));
    let fault = |(name, places): (&str, Vec<String>)| {
        format!("{}: several types are named `{name}`; say of what each is", places.join(", "))
    };
    places.into_iter().map(fault).collect()
}

/// Each planted fault is found, and its innocent twin is not.
#[test]
fn a_shared_name_is_found() {
    let line = "//! A.\npub(crate) struct Line<'a>(&'a str);";
    for (path, text, faults) in [
        ("src/a/b.rs", "struct Line;", 1),
        ("src/a/b.rs", "fn f() {\n    enum Line {}\n}", 1),
        ("src/a/b.rs", "type Line = u8;", 1),
        ("src/a/b.rs", "struct Lines;", 0),
        ("src/a/b.rs", "// struct Line;", 0),
        ("src/a/b.rs", "impl Iterator for A {\n    type Line = u8;\n}", 0),
        ("src/a/b.rs", "#[cfg(test)]\nmod tests {\n    struct Line;\n}", 0),
        ("src/a/b.rs", "#[cfg(test)]\nstruct Line {\n    a: u8,\n}\nfn f() {}", 0),
        ("src/a/b.rs", "#[cfg(test)]\nmod tests;\n\nstruct Line;", 1),
        ("src/a/tests.rs", "struct Line;", 0),
        ("src/a/played.rs", "struct Line;", 0),
    ] {
        let parent = Source::new("src/a/mod.rs", "//! A.\n#[cfg(test)]\nmod played;\nmod b;");
        let all = [Source::new("src/line.rs", line), parent, Source::new(path, text)];
        let found = shared_names(&all, &[]);
        assert_eq!(found.len(), faults, "{path}: {text}\n{found:#?}");
        assert!(shared_names(&all, &["Line"]).is_empty(), "{path}: {text}");
    }
}
