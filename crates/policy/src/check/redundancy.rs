//! Which values of a list another value of it makes superfluous.

use std::collections::HashMap;

use dodai_document::quote;

/// The most comparisons for one list.
const MOST: usize = 50_000;

/// For each superfluous value its place in the list and that of the value that covers it. Of equal values the first
/// counts. A list that is too long to compare gives its exact duplicates only.
/// `covers` says whether its first pattern covers its second.
pub fn covered(values: &[String], covers: impl Fn(&str, &str) -> bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut distinct = Vec::new();
    for (at, value) in values.iter().enumerate() {
        if let Some(&first) = seen.get(value.as_str()) {
            found.push((at, first));
        } else {
            seen.insert(value, at);
            distinct.push((at, value));
        }
    }
    let wide: Vec<(usize, &String)> =
        distinct.iter().copied().filter(|(_, value)| value.contains(['*', '?'])).collect();
    if wide.len().saturating_mul(distinct.len()) <= MOST {
        for &(at, value) in &distinct {
            let by = wide.iter().find(|(other, pattern)| *other != at && covers(pattern, value));
            // Of two that cover each other the first stays.
            let by = by.filter(|(other, pattern)| *other < at || !covers(value, pattern));
            found.extend(by.map(|(other, _)| (at, *other)));
        }
    }
    found.sort_unstable();
    found
}

/// What is told of a superfluous value.
pub fn describe(value: &str, by: &str) -> String {
    if value.eq_ignore_ascii_case(by) {
        return format!("{} is in the same list already", quote(value));
    }
    format!("{} is covered by {} in the same list", quote(value), quote(by))
}

#[cfg(test)]
mod tests {
    use super::covered;
    use crate::check::wildcard::covers;

    #[test]
    fn the_narrower_and_the_later_are_superfluous() {
        let check = |values: &[&str], expected: &[(usize, usize)]| {
            let values: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
            assert_eq!(covered(&values, covers), expected, "{values:?}");
        };
        check(&["a", "b"], &[]);
        check(&["a", "b", "a"], &[(2, 0)]);
        check(&["ab", "a*", "abc"], &[(0, 1), (2, 1)]);
        check(&["a*", "a**"], &[(1, 0)]);
        check(&["*", "a?"], &[(1, 0)]);
    }
}
