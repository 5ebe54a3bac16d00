//! Repeats a change on a file that somebody else may have changed as well: nothing of theirs is lost.

use toml::{Table, Value};

/// The lists of tables, and the keys by which an entry is the same one in two files.
const LISTS: &[(&str, &[&str])] = &[
    ("profiles", &["name"]),
    ("cameras", &["name"]),
    ("chats", &["service", "base_url", "chat_id"]),
    ("detection_rules", &["class", "camera"]),
    ("saved_filters", &["name"]),
    ("labels", &["service", "id"]),
    ("sessions", &["service", "id"]),
    ("ended", &["service", "id", "at"]),
];
/// The lists of words, of which each is its own key, by the table that they are in.
const WORDS: &[(&str, &str)] = &[
    ("", "known_origins"),
    ("", "addresses"),
    ("objects", "hidden"),
    ("objects", "unlogged"),
    ("log", "hidden"),
];

/// Repeats on `target` what was changed from `before` to `after`. Lists are merged entry by entry; what has no entries
/// of its own, such as the sessions that were watched last, is replaced as a whole.
pub(super) fn carry_changes(before: &Table, after: &Table, target: &mut Table) {
    carry_table("", before, after, target);
}

fn carry_table(name: &str, before: &Table, after: &Table, target: &mut Table) {
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        match (&before[key], target.get_mut(key), identity_of(name, key)) {
            // A list that became empty may not be written at all.
            (Value::Array(old), Some(Value::Array(theirs)), Some(identity)) => {
                carry_list(old, &[], theirs, identity);
                if theirs.is_empty() {
                    target.remove(key);
                }
            }
            _ => {
                target.remove(key);
            }
        }
    }
    for (key, value) in after {
        let old = before.get(key);
        if old == Some(value) {
            continue;
        }
        match (old, value, target.get_mut(key)) {
            (Some(Value::Table(old)), Value::Table(new), Some(Value::Table(theirs))) => {
                carry_table(key, old, new, theirs);
            }
            (old, Value::Array(new), Some(Value::Array(theirs))) => {
                let old = old.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                match identity_of(name, key) {
                    Some(identity) => carry_list(old, new, theirs, identity),
                    None => theirs.clone_from(new),
                }
            }
            (_, new, _) => {
                target.insert(key.clone(), new.clone());
            }
        }
    }
}

/// Tells which entry of a list is which.
#[derive(Clone, Copy)]
enum Identity {
    /// By these values of a table.
    Keys(&'static [&'static str]),
    /// By the whole entry.
    Itself,
}

/// Returns how the entries of the list `key` in the table `table` are told apart; `None` for a list that is one value.
fn identity_of(table: &str, key: &str) -> Option<Identity> {
    if table.is_empty()
        && let Some((_, keys)) = LISTS.iter().find(|(list, _)| *list == key)
    {
        return Some(Identity::Keys(keys));
    }
    WORDS.contains(&(table, key)).then_some(Identity::Itself)
}

impl Identity {
    fn is_same(self, one: &Value, other: &Value) -> bool {
        match (self, one, other) {
            (Self::Keys(keys), Value::Table(one), Value::Table(other)) => {
                keys.iter().all(|key| one.get(*key) == other.get(*key))
            }
            _ => one == other,
        }
    }

    fn find(self, list: &[Value], entry: &Value) -> Option<usize> {
        list.iter().position(|other| self.is_same(other, entry))
    }
}

fn carry_list(before: &[Value], after: &[Value], theirs: &mut Vec<Value>, identity: Identity) {
    if theirs == before {
        // Nobody else changed it, so the order is carried as well.
        *theirs = after.to_vec();
        return;
    }
    theirs.retain(|entry| {
        let was_removed =
            identity.find(before, entry).is_some() && identity.find(after, entry).is_none();
        !was_removed
    });
    for entry in after {
        let old = identity.find(before, entry).map(|at| &before[at]);
        if old == Some(entry) {
            continue;
        }
        match identity.find(theirs, entry).map(|at| &mut theirs[at]) {
            Some(Value::Table(inner)) => {
                let empty = Table::new();
                let old = old.and_then(Value::as_table).unwrap_or(&empty);
                if let Value::Table(new) = entry {
                    carry_table("an entry", old, new, inner);
                }
            }
            Some(_) => (),
            None => theirs.push(entry.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(before: &str, after: &str, theirs: &str) -> String {
        let [before, after, mut theirs] =
            [before, after, theirs].map(|text| text.parse::<Table>().unwrap());
        carry_changes(&before, &after, &mut theirs);
        toml::to_string(&theirs).unwrap()
    }

    fn same(merged: &str, wanted: &str) {
        let [merged, wanted] = [merged, wanted].map(|text| text.parse::<Table>().unwrap());
        assert_eq!(merged, wanted);
    }

    #[test]
    fn entries_of_both_sides_stay_and_what_one_removed_is_gone() {
        for (before, after, theirs, wanted) in [
            // Each side added one.
            (
                "known_origins = ['a']",
                "known_origins = ['a', 'b']",
                "known_origins = ['a', 'c']",
                "known_origins = ['a', 'c', 'b']",
            ),
            // The same one on both sides.
            ("", "known_origins = ['a']", "known_origins = ['a']", "known_origins = ['a']"),
            // One that was removed here.
            ("known_origins = ['a']", "", "known_origins = ['a', 'c']", "known_origins = ['c']"),
            ("known_origins = ['a']", "", "known_origins = ['a']", ""),
            // One that was changed here, while another was added there.
            (
                "cameras = [{ name = 'A', url = 'u' }]",
                "cameras = [{ name = 'A', url = 'v' }]",
                "cameras = [{ name = 'B' }, { name = 'A', url = 'u', kept = 1 }]",
                "cameras = [{ name = 'B' }, { name = 'A', url = 'v', kept = 1 }]",
            ),
            // One that was removed there and not touched here stays removed; a touched one comes back.
            (
                "profiles = [{ name = 'A' }, { name = 'B' }]",
                "profiles = [{ name = 'A' }, { name = 'B', space = '1' }]",
                "profiles = []",
                "profiles = [{ name = 'B', space = '1' }]",
            ),
            // A rule for one camera is not the rule for all.
            (
                "",
                "detection_rules = [{ class = 'cat' }]",
                "detection_rules = [{ class = 'cat', camera = 'x' }]",
                "detection_rules = [{ class = 'cat', camera = 'x' }, { class = 'cat' }]",
            ),
            // Words within a table.
            (
                "[objects]\nhidden = []",
                "[objects]\nhidden = ['bird']",
                "[objects]\nhidden = ['cat']",
                "[objects]\nhidden = ['cat', 'bird']",
            ),
            // What was watched last is one value, and so are the keys of a command.
            (
                "last_sessions = []\n[keys]\nquit = ['q']",
                "last_sessions = [{ id = 'a' }]\n[keys]\nquit = ['x']",
                "last_sessions = [{ id = 'b' }]\n[keys]\nquit = ['y']",
                "last_sessions = [{ id = 'a' }]\n[keys]\nquit = ['x']",
            ),
            // The order is carried where it is the only change.
            (
                "cameras = [{ name = 'A' }, { name = 'B' }]",
                "cameras = [{ name = 'B' }, { name = 'A' }]",
                "cameras = [{ name = 'A' }, { name = 'B' }]",
                "cameras = [{ name = 'B' }, { name = 'A' }]",
            ),
        ] {
            same(&merged(before, after, theirs), wanted);
        }
    }

    #[test]
    fn every_list_of_the_settings_is_known_here() {
        let sample: Table = include_str!("../../tests/data/settings/v1.toml").parse().unwrap();
        for (key, value) in &sample {
            if value.is_array() && key != "last_sessions" {
                assert!(identity_of("", key).is_some(), "{key}");
            }
        }
    }
}
