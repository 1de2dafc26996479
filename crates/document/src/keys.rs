//! The keys of a map that has only known ones: those that nobody knows, and those that it must have and lacks. A required
//! key that is mistyped is one mistake: it is told where it stands, and is not missing besides.

use dodai_facts::meant;

use crate::node::Entry;
use crate::problems::{quote, suggest};

/// What is wrong with the keys of a map.
#[derive(Debug)]
pub struct Keys<'n> {
    /// Each with the help for it.
    pub unknown: Vec<(&'n Entry, Option<String>)>,
    pub missing: Vec<&'static str>,
}

/// Compares the keys of a map with those that it may have; `lacking` are those that it must have and has not.
pub fn keys<'n>(entries: &'n [Entry], known: &[&'static str], lacking: &[&'static str]) -> Keys<'n> {
    let mut missing = lacking.to_vec();
    let unknown = entries.iter().filter(|entry| !known.contains(&entry.key.as_str())).map(|entry| {
        let help = match meant(&entry.key, known, lacking) {
            Some(key) => {
                missing.retain(|lacking| *lacking != key);
                Some(format!("did you mean {}?", quote(key)))
            }
            None => suggest(&entry.key, known.iter().copied()),
        };
        (entry, help)
    });
    let unknown = unknown.collect();
    Keys { unknown, missing }
}

#[cfg(test)]
mod tests {
    use super::keys;
    use crate::problems::Problems;
    use crate::yaml;

    #[test]
    fn a_mistyped_key_is_one_mistake() {
        let check = |text: &str, unknown: &[(&str, &str)], missing: &[&str]| {
            let node = yaml::parse(text, &mut Problems::of("x.yaml")).unwrap();
            let lacking: Vec<&str> =
                ["name", "does", "expect"].into_iter().filter(|key| node.get(key).is_none()).collect();
            let found = keys(node.entries(), &["name", "does", "expect", "in"], &lacking);
            let told: Vec<(&str, &str)> = found
                .unknown
                .iter()
                .map(|(entry, help)| (entry.key.as_str(), help.as_deref().unwrap_or_default()))
                .collect();
            assert_eq!((told.as_slice(), found.missing.as_slice()), (unknown, missing), "{text}");
        };
        let all = "one of `name`, `does`, `expect`, `in`";
        check("{name: a, does: b, expect: c}", &[], &[]);
        check("{name: a, do: b, expect: c}", &[("do", "did you mean `does`?")], &[]);
        check(
            "{nmae: a, does: b, expects: c}",
            &[("nmae", "did you mean `name`?"), ("expects", "did you mean `expect`?")],
            &[],
        );
        check("{name: a, region: b, expect: c}", &[("region", all)], &["does"]);
        check("{name: a, expect: c, nam: d}", &[("nam", "did you mean `name`?")], &["does"]);
    }
}
