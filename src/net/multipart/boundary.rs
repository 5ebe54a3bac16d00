//! Finds the lines that part a multipart body, as cameras write them.

use memchr::memmem;

/// Number of spaces that may follow a boundary on its line.
const MAX_PADDING: usize = 256;
/// Room for the dashes and the line break before a boundary's name, in bytes.
const MAX_DASHES: usize = 12;
/// A boundary that is learned from the body has at most so many bytes.
const MAX_NAME: usize = 200;

/// Place of a boundary's line in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BoundaryLine {
    /// Offset at which the part before it ends, without its line break.
    pub(super) part_end: usize,
    /// Offset at which the next part's head begins.
    pub(super) end: usize,
}

/// Returns the first boundary `name` at or after `searched` that is a whole line. Where there is none, `searched` is
/// moved to where the search has to go on once more is there.
pub(super) fn find(data: &[u8], name: &[u8], searched: &mut usize) -> Option<BoundaryLine> {
    let mut from = *searched;
    while let Some(at) = memmem::find(&data[from..], name).map(|at| from + at) {
        match line_at(data, at, name.len()) {
            Ok(Some(line)) => return Some(line),
            // The rest of the line is not there yet, so the line is looked at again later.
            Err(Unfinished) => {
                *searched = at.saturating_sub(MAX_DASHES);
                return None;
            }
            Ok(None) => from = at + 1,
        }
    }
    let tail = name.len() + MAX_DASHES;
    *searched = data.len().saturating_sub(tail).max(*searched);
    None
}

struct Unfinished;

/// Returns the line of the boundary's name at `at`, or `None` where the name is not on a line of its own. `data` may
/// end in the middle of that line.
fn line_at(data: &[u8], at: usize, name: usize) -> Result<Option<BoundaryLine>, Unfinished> {
    let before = &data[..at];
    let dashes = before.iter().rev().take(MAX_DASHES).take_while(|byte| **byte == b'-');
    let dashes = dashes.count();
    let before = &before[..at - dashes];
    let starts_line = match before {
        [] | [.., b'\n'] => true,
        // Some cameras leave out the line break after a picture.
        [.., 0xFF, 0xD9] => true,
        _ => false,
    };
    if dashes < 2 || !starts_line {
        return Ok(None);
    }
    let part_end = match before {
        [.., b'\r', b'\n'] => before.len() - 2,
        [.., b'\n'] => before.len() - 1,
        _ => before.len(),
    };
    // Dashes behind the name mean the end by the standard, and nothing where a camera writes them at every boundary.
    let mut end = at + name;
    end += data[end..].iter().take(MAX_DASHES).take_while(|byte| **byte == b'-').count();
    let after = &data[end..];
    if after.is_empty() {
        return Err(Unfinished);
    }
    match begins_head(after) {
        // Some cameras leave out the line break after the boundary.
        Some(true) => return Ok(Some(BoundaryLine { part_end, end })),
        None => return Err(Unfinished),
        Some(false) => {}
    }
    match memchr::memchr(b'\n', after) {
        Some(line) if after[..line].trim_ascii().is_empty() => {
            Ok(Some(BoundaryLine { part_end, end: end + line + 1 }))
        }
        None if after.len() <= MAX_PADDING && after.trim_ascii().is_empty() => Err(Unfinished),
        Some(_) | None => Ok(None),
    }
}

const HEADER: &[u8] = b"content-";

/// Tells whether the head of a part, or a JPEG without any, begins here; `None` where too little is there to tell.
pub(super) fn begins_head(data: &[u8]) -> Option<bool> {
    match data {
        [0xFF, 0xD8, ..] => return Some(true),
        [0xFF] => return None,
        _ => {}
    }
    let there = data.len().min(HEADER.len());
    let is_alike = data[..there].eq_ignore_ascii_case(&HEADER[..there]);
    if is_alike && there < HEADER.len() { None } else { Some(is_alike) }
}

/// Returns offset and name of the first whole line that looks like a boundary.
pub(super) fn learn(data: &[u8]) -> Option<(usize, Vec<u8>)> {
    let mut at = 0;
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        let start = at;
        at += line.len();
        let name = line.strip_suffix(b"\n").and_then(|line| line.trim_ascii().strip_prefix(b"--"));
        let Some(name) = name else { continue };
        // A head may follow on the same line.
        let glued = (0..name.len()).find(|from| begins_head(&name[*from..]) == Some(true));
        let name = trim_dashes(name[..glued.unwrap_or(name.len())].trim_ascii());
        let is_name = !name.is_empty()
            && name.len() <= MAX_NAME
            && name.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
        if is_name {
            return Some((start, name.to_vec()));
        }
    }
    None
}

pub(super) fn trim_dashes(mut name: &[u8]) -> &[u8] {
    while let [b'-', rest @ ..] | [rest @ .., b'-'] = name {
        name = rest;
    }
    name
}
