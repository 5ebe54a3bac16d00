//! What a release is made with: the version stands in Cargo.toml alone, and the scripts pass their own checks.

use crate::source::{Source, sources};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Tells whether the text has our version, also as the beginning of a longer one, but not as a part of another number.
fn names_version(text: &str, version: &str) -> bool {
    let in_number = |c: char| c.is_ascii_digit() || c == '.';
    text.match_indices(version).any(|(at, _)| {
        !text[..at].ends_with(in_number)
            && !text[at + version.len()..].starts_with(|c: char| c.is_ascii_digit())
    })
}

fn repeated_versions(file: &Source, version: &str) -> Vec<String> {
    file.text
        .lines()
        .enumerate()
        .filter(|(_, line)| names_version(line, version))
        .map(|(n, _)| {
            format!(
                "{}:{}: the version stands in Cargo.toml alone; ask packaging/version for it",
                file.path,
                n + 1
            )
        })
        .collect()
}

#[test]
fn the_version_stands_in_cargo_toml_alone() {
    let files: Vec<Source> = ["packaging", ".github", "Makefile", "build.rs"]
        .iter()
        .flat_map(|place| sources(place))
        .collect();
    assert!(files.len() > 10, "the files are found");
    super::assert_tidy(files.iter().flat_map(|file| repeated_versions(file, VERSION)));
}

#[test]
fn a_repeated_version_is_found() {
    for (text, found) in [
        ("version=1.2.3", true),
        ("helmsight-1.2.3.msi", true),
        ("Version 1.2.3.", true),
        ("FileVersion 1.2.3.0", true),
        ("11.2.3", false),
        ("1.2.30", false),
        ("$(packaging/version)", false),
    ] {
        assert_eq!(names_version(text, "1.2.3"), found, "{text}");
    }
}

/// These scripts are for a shell, which Windows does not bring along.
#[cfg(unix)]
mod scripts {
    use std::path::Path;
    use std::process::Command;

    use super::*;

    fn printed(script: &str, argument: &str) -> String {
        let run = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(script))
            .args(Some(argument).filter(|argument| !argument.is_empty()))
            .output()
            .expect("the script starts");
        assert!(
            run.status.success(),
            "{script} {argument}: {}",
            String::from_utf8_lossy(&run.stderr)
        );
        String::from_utf8_lossy(&run.stdout).trim().to_owned()
    }

    #[test]
    fn the_packages_are_told_the_version() {
        assert_eq!(printed("packaging/version", ""), VERSION);
        let numbers = VERSION.split(['-', '+']).next();
        assert_eq!(Some(&*printed("packaging/version", "--numbers")), numbers);
    }

    #[test]
    fn release_notes_can_be_cut_from_the_changelog() {
        printed("packaging/release-notes", "--check");
    }

    fn has_python() -> bool {
        let found = Command::new("python3").arg("--version").output().is_ok();
        if !found {
            eprintln!("skipped: no python3 here");
        }
        found
    }

    #[test]
    fn a_faulty_macos_bundle_is_found() {
        if has_python() {
            printed("packaging/macos/check", "--self-test");
        }
    }

    #[test]
    fn licenses_of_crates_are_shipped_with_their_texts() {
        if !has_python() {
            return;
        }
        let texts = printed("packaging/third-party", "");
        for part in [
            "\neframe ",
            "\nThe above copyright notice",
            "TERMS AND CONDITIONS FOR USE",
            "SIL OPEN FONT LICENSE",
        ] {
            assert!(texts.contains(part), "{part}");
        }
        // Crates that only build the program or only test it are not shipped.
        for name in ["\nserde_derive ", "\nwinresource ", "\negui_kittest "] {
            assert!(!texts.contains(name), "{name}");
        }
    }
}
