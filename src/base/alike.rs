//! Finds the name that was probably meant by one that does not exist.

/// A name at least this similar to what was typed is offered. The scale goes from 0 (nothing in common) to 1 (equal).
const ALIKE: f64 = 0.6;

/// Returns the name among `names` that was probably meant by `typed`: the only one that goes on where `typed` stops,
/// else the one that differs least, if it differs in few letters.
pub fn nearest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let names: Vec<&str> = names.collect();
    let mut longer = names.iter().filter(|name| name.to_lowercase().starts_with(&typed));
    if let (false, Some(only), None) = (typed.is_empty(), longer.next(), longer.next()) {
        return Some(only);
    }
    // Two letters in the wrong order are one slip.
    let likeness =
        |name: &str| strsim::normalized_damerau_levenshtein(&typed, &name.to_lowercase());
    let closest = names.into_iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    closest.filter(|name| likeness(name) >= ALIKE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_beginnings_are_understood_and_other_words_are_not() {
        let names = ["open", "host", "tail", "snapshot", "key", "doctor"];
        for (typed, meant) in [
            ("opne", Some("open")),
            ("tial", Some("tail")),
            ("snap", Some("snapshot")),
            ("Docter", Some("doctor")),
            ("example", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, names.into_iter()), meant, "{typed}");
        }
        assert_eq!(nearest("s", ["s1", "s2"].into_iter()), None, "either may be meant");
    }
}
