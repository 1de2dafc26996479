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
    let mut best: Option<((f64, usize), &str)> = None;
    for name in names.into_iter().filter(|name| name.len() <= LONGEST) {
        let lower = name.to_lowercase();
        let likeness = strsim::normalized_damerau_levenshtein(&word, &lower);
        // Of two that are as much alike it is the one that begins as the word does.
        let begins = word.chars().zip(lower.chars()).take_while(|(one, other)| one == other).count();
        if likeness >= ALIKE && best.is_none_or(|(most, _)| (likeness, begins) > most) {
            best = Some(((likeness, begins), name));
        }
    }
    best.map(|(_, name)| name)
}

/// The known name that `word` was meant as, where one is lacking that it may be: it is preferred to those that are there
/// already, also where the word is only its beginning or goes on behind it.
pub fn meant<'n>(word: &str, known: &[&'n str], lacking: &[&'n str]) -> Option<&'n str> {
    let lower = word.to_lowercase();
    let goes_on = |name: &&str| {
        let name = name.to_lowercase();
        lower.len() > 1 && (name.starts_with(&lower) || lower.starts_with(&name))
    };
    nearest(word, lacking.iter().copied())
        .or_else(|| nearest(word, known.iter().copied()))
        .or_else(|| lacking.iter().copied().find(goes_on))
}

/// What a reader of YAML or JSON says of a name that it does not know (``unknown field `adds`, expected one of add, key``)
/// as a message and its help; other messages as they are.
pub fn unknown_name(message: &str) -> (String, Option<String>) {
    for (kind, word) in [("field", "key"), ("variant", "value")] {
        let parts = message
            .strip_prefix("unknown ")
            .and_then(|rest| rest.strip_prefix(kind))
            .and_then(|rest| rest.strip_prefix(" `"))
            .and_then(|rest| rest.split_once("`, expected "));
        if let Some((name, names)) = parts {
            let names = names.strip_prefix("one of ").unwrap_or(names).replace('`', "");
            let help = match nearest(name, names.split([',', ' ']).filter(|name| !name.is_empty())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("one of {names}"),
            };
            return (format!("unknown {word} `{name}`"), Some(help));
        }
    }
    (message.to_owned(), None)
}

#[cfg(test)]
mod tests {
    use super::{meant, nearest, unknown_name};

    #[test]
    fn a_readers_words_are_told_with_the_nearest() {
        let check = |message: &str, expected: &str, help: Option<&str>| {
            assert_eq!(unknown_name(message), (expected.to_owned(), help.map(str::to_owned)), "{message}");
        };
        check("unknown field `adds`, expected one of `add`, `key`", "unknown key `adds`", Some("did you mean `add`?"));
        check("unknown variant `zone`, expected one of a, b", "unknown value `zone`", Some("one of a, b"));
        check("unknown variant `x`, expected `management`", "unknown value `x`", Some("one of management"));
        check("missing field `scope`", "missing field `scope`", None);
    }

    #[test]
    fn what_is_lacking_is_meant_first() {
        let known = ["name", "does", "expect", "do_not"];
        let check = |word: &str, lacking: &[&'static str], expected: Option<&str>| {
            assert_eq!(meant(word, &known, lacking), expected, "{word}");
        };
        check("do", &["does"], Some("does"));
        check("do", &[], None);
        check("expectation", &["expect"], Some("expect"));
        check("nam", &["does"], Some("name"));
        check("d", &["does"], None);
        check("region", &["does"], None);
    }

    #[test]
    fn the_most_alike_is_meant_and_what_is_too_different_is_not() {
        let names = ["guardduty", "security-hub", "config"];
        let check = |word: &str, expected: Option<&str>| assert_eq!(nearest(word, names), expected, "{word}");
        check("gaurdduty", Some("guardduty"));
        check("SecurityHub", Some("security-hub"));
        check("confg", Some("config"));
        check("macie", None);
        assert_eq!(nearest("EC2.222", ["EC2.182", "EC2.22", "EC2.2"]), Some("EC2.22"));
        assert_eq!(nearest("EC2.22", ["EC2.18", "EC2.21"]), Some("EC2.21"));
        check(&"config".repeat(40), None);
    }
}
