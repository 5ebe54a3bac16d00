//! Source files as the checks see them: their room, their code without comments, the rooms that they import, the types
//! that they define.

use std::path::{Path, PathBuf};

/// A text file of the package; `path` is relative to its root, with `/`.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Returns every text file at or below `place`, in order; none if there is no such place.
pub(crate) fn sources(place: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut folders, mut files) = (vec![root.join(place)], Vec::new());
    while let Some(path) = folders.pop() {
        if path.is_dir() {
            let entries = path.read_dir().unwrap().map(|entry| entry.unwrap().path());
            folders.extend(entries);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            files.push(Source { path: relative(root, &path), text });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Tells whether `word` stands in `code` on its own and not as a part of a longer name.
pub(crate) fn has_word(code: &str, word: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        !code[..at].ends_with(in_name) && !code[at + word.len()..].starts_with(in_name)
    })
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Returns the room that the file is in; none for `lib.rs` and `main.rs`, which only open the door.
    pub(crate) fn room(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        let room = inside.split('/').next()?;
        let room = room.strip_suffix(".rs").unwrap_or(room);
        (room != "lib" && room != "main").then_some(room)
    }

    /// Returns the numbered lines without comments.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(n, line)| (n + 1, without_comment(line)))
    }

    /// Returns the numbered lines without comments and without tests, which may use what the room may not.
    pub(crate) fn shipped_code(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_test = self.is_named_as_test();
        // The indentation of the item for tests that is being left out.
        let mut left_out = None;
        self.code().filter(move |(_, line)| {
            let (indent, code) = (line.len() - line.trim_start().len(), line.trim());
            if code == "#[cfg(test)]" && left_out.is_none() {
                left_out = Some(indent);
                return false;
            }
            let is_part = left_out.is_some();
            if is_part && code.starts_with("mod ") && code.ends_with('{') {
                // Nothing follows a file's tests, and a text in them may look like their end.
                left_out = Some(usize::MAX);
            }
            if left_out == Some(indent) && code.ends_with(['}', ';', ',']) {
                left_out = None;
            }
            !is_test && !is_part
        })
    }

    /// Tells whether the whole file is for tests: by its name, or because its parent in `all` has it only for tests.
    pub(crate) fn is_for_tests(&self, all: &[Self]) -> bool {
        let Some((folder, name)) = self.path.rsplit_once('/') else { return false };
        let parent = format!("{folder}/mod.rs");
        let declaration = format!("mod {}", name.trim_end_matches(".rs"));
        let is_declared = |(_, line): (usize, &str)| {
            line.trim().strip_suffix(';').is_some_and(|line| line.ends_with(&declaration))
        };
        let parent = all.iter().find(|file| file.path == parent);
        let is_played = parent.is_some_and(|parent| {
            parent.code().any(is_declared) && !parent.shipped_code().any(is_declared)
        });
        self.is_named_as_test() || is_played
    }

    /// Returns the name of each type that the file defines outside of its tests, with the line.
    pub(crate) fn types(&self) -> impl Iterator<Item = (usize, &str)> {
        self.shipped_code().filter_map(|(n, line)| Some((n, defined_type(line)?)))
    }

    fn is_named_as_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// Returns the rooms named as `crate::room` or within `crate::{room, …}`, with the line.
    pub(crate) fn imported_rooms(&self) -> Vec<(usize, String)> {
        let mut code = String::new();
        let mut starts = Vec::new();
        for (_, line) in self.code() {
            starts.push(code.len());
            code.push_str(line);
            code.push('\n');
        }
        let mut found = Vec::new();
        for (at, path) in code.match_indices("crate::") {
            let line = starts.partition_point(|start| *start <= at);
            found.extend(first_names(&code[at + path.len()..]).map(|name| (line, name)));
        }
        found
    }
}

/// Returns the name of the type whose definition begins in this line. An indented `type` is an associated one.
fn defined_type(line: &str) -> Option<&str> {
    let code = line.trim_start();
    let code = match code.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(')')?.1,
        Some(rest) => rest,
        None => code,
    };
    let (keyword, rest) = code.trim_start().split_once(' ')?;
    let is_type = match keyword {
        "struct" | "enum" | "trait" => true,
        "type" => !line.starts_with(' '),
        _ => false,
    };
    let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    (is_type && rest.starts_with(|c: char| c.is_uppercase())).then_some(&rest[..end])
}

/// Returns the first name of each path in `a::b`, or in `{a, b::{c, d}, e}`.
fn first_names(code: &str) -> impl Iterator<Item = String> {
    let mut names = vec![String::new()];
    let mut depth = 0;
    // Whether the name of this path is complete.
    let mut done = false;
    for c in code.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => {
                names.push(String::new());
                done = false;
            }
            c if depth <= 1 && !done && (c.is_alphanumeric() || c == '_') => {
                names.last_mut().unwrap().push(c)
            }
            c if c.is_whitespace() => {}
            _ => done = true,
        }
        if depth <= 0 && (done || c == '}') {
            break;
        }
    }
    // Types and macros at the crate's root are no rooms.
    names.into_iter().filter(|name| name.starts_with(|c: char| c.is_lowercase()))
}

/// Cuts off the comment. A `//` inside of a string hides the rest of its line, which does no harm to these checks.
fn without_comment(line: &str) -> &str {
    line.find("//").map_or(line, |at| &line[..at])
}

fn relative(root: &Path, path: &Path) -> String {
    let inside: PathBuf = path.strip_prefix(root).unwrap().into();
    inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
