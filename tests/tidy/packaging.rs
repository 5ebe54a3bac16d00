//! Holds what the packages say of the program to what Cargo.toml says of it.

use crate::source::sources;

const METAINFO: &str = "packaging/linux/helmsight.metainfo.xml.in";
const DESKTOP: &str = "packaging/linux/helmsight.desktop";
const MIME: &str = "packaging/linux/helmsight.mime.xml";

#[test]
fn the_texts_for_desktops_agree() {
    let (metainfo, desktop, mime) = (read(METAINFO), read(DESKTOP), read(MIME));
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let package = manifest["package"].as_table().unwrap();
    let text = |name: &str| package[name].as_str().unwrap();
    assert_eq!(between(&metainfo, "<summary>", "</summary>"), text("description"));
    assert_eq!(between(&desktop, "\nComment=", "\n"), text("description"));
    assert_eq!(between(&metainfo, "<project_license>", "</project_license>"), text("license"));
    for placeholder in ["<id>@APP_ID@</id>", "version=\"@VERSION@\""] {
        assert!(metainfo.contains(placeholder), "{placeholder}");
    }

    let app_id = package["metadata"]["helmsight"]["app-id"].as_str().unwrap();
    let flatpak = read(&format!("packaging/linux/flatpak/{app_id}.yml"));
    assert_eq!(between(&flatpak, "\nid: ", "\n"), app_id);

    // Desktops find icon and entry by the window's own name.
    assert!(read("src/shell/main_window.rs").contains("APP_ID: &str = \"helmsight\""));
    assert_eq!(between(&desktop, "\nStartupWMClass=", "\n"), "helmsight");
    let launched = between(&metainfo, "desktop-id\">", "<");
    assert!(DESKTOP.ends_with(&format!("/{launched}")), "{launched}");

    // Three places name the types of files and links that open the program.
    let types: Vec<_> = between(&desktop, "\nMimeType=", "\n").split_terminator(';').collect();
    assert_eq!(types.len(), 2, "{types:?}");
    for name in types {
        assert!(metainfo.contains(&format!("<mediatype>{name}</mediatype>")), "{name}");
        let known =
            name.starts_with("x-scheme-handler/") || mime.contains(&format!("type=\"{name}\""));
        assert!(known, "{name}");
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).expect(before);
    rest.split_once(after).expect(after).0
}

fn read(path: &str) -> String {
    let file = sources(path).into_iter().next().expect(path);
    file.text
}
