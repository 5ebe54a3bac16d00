//! What the packages say of the program is what Cargo.toml says of it.

use crate::source::{Source, sources};

const METAINFO: &str = "packaging/linux/helmsight.metainfo.xml.in";
const DESKTOP: &str = "packaging/linux/helmsight.desktop";
const MIME: &str = "packaging/linux/helmsight.mime.xml";

#[test]
fn the_version_is_written_in_cargo_toml_only() {
    let faults: Vec<_> = sources("packaging")
        .iter()
        .flat_map(|file| versions(file, env!("CARGO_PKG_VERSION")))
        .collect();
    assert!(
        faults.is_empty(),
        "`packaging/version` prints it: {faults:#?}"
    );
}

#[test]
fn the_texts_for_desktops_agree() {
    let (metainfo, desktop, mime) = (read(METAINFO), read(DESKTOP), read(MIME));
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let package = manifest["package"].as_table().unwrap();
    let text = |name: &str| package[name].as_str().unwrap();
    assert_eq!(
        between(&metainfo, "<summary>", "</summary>"),
        text("description")
    );
    assert_eq!(between(&desktop, "\nComment=", "\n"), text("description"));
    assert_eq!(
        between(&metainfo, "<project_license>", "</project_license>"),
        text("license")
    );
    for placeholder in ["<id>@APP_ID@</id>", "version=\"@VERSION@\""] {
        assert!(metainfo.contains(placeholder), "{placeholder}");
    }

    let app_id = package["metadata"]["helmsight"]["app-id"].as_str().unwrap();
    let flatpak = read(&format!("packaging/linux/flatpak/{app_id}.yml"));
    assert_eq!(between(&flatpak, "\nid: ", "\n"), app_id);

    // The window's own name, by which desktops find icon and entry.
    assert!(read("src/app/window.rs").contains("with_app_id(\"helmsight\")"));
    assert_eq!(between(&desktop, "\nStartupWMClass=", "\n"), "helmsight");
    let launched = between(&metainfo, "desktop-id\">", "<");
    assert!(DESKTOP.ends_with(&format!("/{launched}")), "{launched}");

    // What is opened with it: said in three places.
    let types: Vec<_> = between(&desktop, "\nMimeType=", "\n")
        .split_terminator(';')
        .collect();
    assert_eq!(types.len(), 2, "{types:?}");
    for name in types {
        assert!(
            metainfo.contains(&format!("<mediatype>{name}</mediatype>")),
            "{name}"
        );
        let known =
            name.starts_with("x-scheme-handler/") || mime.contains(&format!("type=\"{name}\""));
        assert!(known, "{name}");
    }
}

#[test]
fn a_planted_version_is_found() {
    for (text, faults) in [
        ("version=1.2.3", 1),
        ("helmsight_1.2.3_amd64.deb", 1),
        ("\"1.2.3.0\"", 1),
        ("11.2.3 and 1.2.30", 0),
        ("runtime-version: '25.08'", 0),
    ] {
        let found = versions(&Source::new("packaging/a", text), "1.2.3");
        assert_eq!(found.len(), faults, "{text}");
    }
}

/// Lines that have Helmsight's version in them.
fn versions(file: &Source, version: &str) -> Vec<String> {
    let names_it = |line: &str| {
        line.match_indices(version).any(|(at, found)| {
            let digit = |c: char| c.is_ascii_digit();
            !line[..at].ends_with(digit) && !line[at + found.len()..].starts_with(digit)
        })
    };
    let lines = file.text.lines().enumerate();
    lines
        .filter(|(_, line)| names_it(line))
        .map(|(n, line)| format!("{}:{}: {line}", file.path, n + 1))
        .collect()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).expect(before);
    rest.split_once(after).expect(after).0
}

fn read(path: &str) -> String {
    let file = sources(path).into_iter().next().expect(path);
    file.text
}
