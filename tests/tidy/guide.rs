//! The users' guide: README.md fits on one screen and leads to every page of `docs`, no link and no picture is dead, and
//! packages hold the guide whole.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use crate::assert_tidy;
use crate::source::{Source, sources};

const README: &str = "README.md";
/// So many lines fit on one screen.
const README_LINES: usize = 70;
/// A picture may have so many bytes, because pages are read over slow lines, too.
const PICTURE_LIMIT: u64 = 150 << 10;
const PICTURES: &str = "docs/pictures";

/// One link or picture of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Link {
    line: usize,
    target: String,
    is_picture: bool,
}

/// Returns each `[words](target)` and `![words](target)` outside of code.
#[test]
fn links_lead_somewhere() {
    let pages: Vec<Source> =
        [README, "docs", "ARCHITECTURE.md", "CHANGELOG.md", "src/host/PROTOCOL.md"]
            .iter()
            .flat_map(|place| sources(place))
            .collect();
    assert!(pages.len() > 10, "the pages are found");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert_tidy(pages.iter().flat_map(|page| dead_links(page, root)));
}

#[test]
fn the_readme_is_one_screen_and_leads_to_every_page() {
    let readme = sources(README).remove(0);
    let lines = readme.text.lines().count();
    assert!(
        lines <= README_LINES,
        "{README} has {lines} lines, and {README_LINES} fit on one screen: move what is for one task to its page in docs"
    );
    let linked: BTreeSet<String> = targets(&readme).collect();
    let pages = sources("docs");
    let lost = pages.iter().filter(|page| !linked.contains(&page.path));
    assert_tidy(lost.map(|page| format!("{}: {README} does not lead there", page.path)));
}

#[test]
fn every_page_has_its_picture_and_every_picture_its_page() {
    let pages = sources("docs");
    let bare = pages.iter().filter(|page| !links(&page.text).iter().any(|link| link.is_picture));
    assert_tidy(bare.map(|page| format!("{}: has no picture", page.path)));

    let shown: BTreeSet<String> = pages.iter().flat_map(targets).collect();
    assert_tidy(pictures().into_iter().flat_map(|(path, size)| {
        let unused = (!shown.contains(&path)).then(|| format!("{path}: no page shows it"));
        let heavy = (size > PICTURE_LIMIT)
            .then(|| format!("{path}: {size} bytes; {PICTURE_LIMIT} are the limit"));
        unused.into_iter().chain(heavy)
    }));
}

/// A package installs the guide without the source tree, so no link of it may lead there.
#[cfg(unix)]
#[test]
fn the_guide_is_whole_where_it_is_installed() {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/guide");
    let status = std::process::Command::new(script).arg(folder.path()).status().unwrap();
    assert!(status.success());
    let installed = |path: &str| {
        let text = std::fs::read_to_string(folder.path().join(path)).expect(path);
        Source::new(path, &text)
    };
    let pages = installed_pages().into_iter().chain([README.to_owned()]);
    assert_tidy(pages.flat_map(|path| dead_links(&installed(&path), folder.path())));
}

/// The MSI names its files one by one, and this is the only place that tells when one is missing.
#[test]
fn the_msi_holds_every_page_and_picture() {
    let msi = sources("packaging/windows/helmsight.wxs").remove(0).text;
    let named: BTreeSet<&str> = msi
        .split("$(var.Files)/")
        .filter_map(|rest| rest.split_once('"'))
        .map(|(path, _)| path)
        .filter(|path| path.starts_with("docs/"))
        .collect();
    let files: Vec<String> = installed_pages().into_iter().chain(pictures().into_keys()).collect();
    let files: BTreeSet<&str> = files.iter().map(String::as_str).collect();
    assert_eq!(named, files);

    // A component that no feature refers to is left out of the installer without a word.
    let ids_after = |tag: &str| -> BTreeSet<&str> {
        msi.split(tag).skip(1).filter_map(|rest| Some(rest.split_once('"')?.0)).collect()
    };
    assert_eq!(ids_after("<Component Id=\""), ids_after("<ComponentRef Id=\""));
}

/// Returns the pages below `docs` where the guide is installed. The host's protocol is one of them there.
fn installed_pages() -> Vec<String> {
    let pages = sources("docs").into_iter().map(|page| page.path);
    pages.chain(["docs/protocol.md".to_owned()]).collect()
}

/// Returns the path and the size in bytes of each picture.
fn pictures() -> BTreeMap<String, u64> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(PICTURES);
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (format!("{PICTURES}/{name}"), entry.metadata().unwrap().len())
        })
        .collect()
}

/// Returns the files to which the page leads, relative to the root.
fn targets(page: &Source) -> impl Iterator<Item = String> + use<> {
    let page_path = page.path.clone();
    links(&page.text).into_iter().filter(is_relative).map(move |link| {
        let (file, _) = split_anchor(&link.target);
        resolved(&page_path, file)
    })
}

fn is_relative(link: &Link) -> bool {
    !link.target.contains("://") && !link.target.starts_with("mailto:")
}

fn dead_links(page: &Source, root: &Path) -> Vec<String> {
    let dead = |link: &Link| {
        let (file, anchor) = split_anchor(&link.target);
        let path = resolved(&page.path, file);
        let is_here = path == page.path;
        if !is_here && !root.join(&path).exists() {
            return Some(format!("there is no {path}"));
        }
        let anchor = anchor?;
        let text = if is_here {
            page.text.clone()
        } else {
            std::fs::read_to_string(root.join(&path)).unwrap_or_default()
        };
        (!anchors(&text).contains(anchor)).then(|| format!("{path} has no heading for #{anchor}"))
    };
    links(&page.text)
        .iter()
        .filter(|link| is_relative(link))
        .filter_map(|link| Some((link, dead(link)?)))
        .map(|(link, why)| {
            format!("{}:{}: leads to {}, but {why}", page.path, link.line, link.target)
        })
        .collect()
}

/// `[words](target)` and `![words](target)`, outside of code.
fn links(text: &str) -> Vec<Link> {
    let mut found = Vec::new();
    for (line, prose) in prose_lines(text) {
        // Every second part stands between backticks.
        let prose: String = prose.split('`').step_by(2).collect();
        for (at, _) in prose.match_indices("](") {
            let Some((target, _)) = prose[at + 2..].split_once(')') else { continue };
            let is_picture =
                prose[..at].rfind('[').is_some_and(|open| prose[..open].ends_with('!'));
            found.push(Link { line, target: target.to_owned(), is_picture });
        }
    }
    found
}

/// Returns the numbered lines that are not in a block of code.
fn prose_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    text.lines().enumerate().filter_map(move |(n, line)| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        (!in_code && !is_fence).then_some((n + 1, line))
    })
}

/// Returns what a `#` may name in the page: its headings in small letters, with hyphens between the words and without
/// other signs.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose_lines(text).filter(|(_, line)| line.starts_with('#'));
    headings
        .map(|(_, line)| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            words
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
        .collect()
}

fn split_anchor(target: &str) -> (&str, Option<&str>) {
    target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)))
}

/// Returns the path of `target` as the page names it, relative to the root. An empty target is the page itself.
fn resolved(page: &str, target: &str) -> String {
    if target.is_empty() {
        return page.to_owned();
    }
    let joined = Path::new(page).parent().unwrap_or(Path::new("")).join(target);
    let mut path = PathBuf::new();
    for part in joined.components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Each planted fault is found, and its innocent twin is not.
#[test]
fn the_checks_of_links_can_fail() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (page, text, faults) in [
        ("docs/a.md", "See [keys](keys.md) and [all](../README.md#the-guide).", 0),
        ("docs/a.md", "# One, two: three\n[here](#one-two-three) [there](#one)", 1),
        ("docs/a.md", "[keys](../keys.md)", 1),
        ("docs/a.md", "![A picture](pictures/none.png)", 1),
        ("docs/a.md", "[out](https://example.com/none.md)", 0),
        ("docs/a.md", "`[code](none.md)`\n```\n[code](none.md)\n```", 0),
        ("README.md", "[all](#no-such-heading)", 1),
    ] {
        let found = dead_links(&Source::new(page, text), root);
        assert_eq!(found.len(), faults, "{page}: {text}\n{found:#?}");
    }
    let two = links("[a](b) ![c](d)");
    assert_eq!(two.iter().map(|link| link.is_picture).collect::<Vec<_>>(), [false, true]);
}
