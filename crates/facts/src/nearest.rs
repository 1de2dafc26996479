//! The name that was probably meant: what every message about an unknown name proposes.

/// Longer words are not compared: nobody mistypes them, and hostile ones are long.
const LONGEST: usize = 128;
/// Of all characters, how many stay as they are.
const ALIKE: f64 = 0.6;

/// Of `names` the one most like `word`, whatever the case; none where all are too different.
pub fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if word.len() > LONGEST {
        return None;
    }
    let word = word.to_lowercase();
    let mut best: Option<(f64, &str)> = None;
    for name in names.into_iter().filter(|name| name.len() <= LONGEST) {
        let likeness = strsim::normalized_damerau_levenshtein(&word, &name.to_lowercase());
        if likeness >= ALIKE && best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, name));
        }
    }
    best.map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_most_alike_is_meant_and_what_is_too_different_is_not() {
        let names = ["guardduty", "security-hub", "config"];
        let check = |word: &str, expected: Option<&str>| assert_eq!(nearest(word, names), expected, "{word}");
        check("gaurdduty", Some("guardduty"));
        check("SecurityHub", Some("security-hub"));
        check("confg", Some("config"));
        check("macie", None);
        check(&"config".repeat(40), None);
    }
}
