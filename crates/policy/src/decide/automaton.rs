//! Which of several patterns a text can fit at once: every combination that some text has, each with such a text.
//!
//! The patterns are run side by side as automata over the characters that they name and one that none names. What is
//! reached is finite; where it is too much, the search stops and says so.

use std::collections::{HashMap, HashSet, VecDeque};

/// A sign of a pattern; within the first parts of an ARN pattern a wildcard stops at a colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sign {
    One(char),
    AnyOne { colon: bool },
    AnyRun { colon: bool },
}

/// States that are visited at most.
const MOST: usize = 5_000;

/// A text for every combination of patterns that fit together, and whether these are all combinations. `true` beside a
/// pattern: it is in lower case and so is what it is compared with.
pub(super) fn vectors(patterns: &[(Vec<Sign>, bool)]) -> (Vec<String>, bool) {
    if patterns.is_empty() {
        return (Vec::new(), true);
    }
    let alphabet = alphabet(patterns);
    let start: Vec<Vec<usize>> = patterns.iter().map(|(signs, _)| closure(signs, vec![0])).collect();
    let mut visited: HashSet<Vec<Vec<usize>>> = HashSet::from([start.clone()]);
    let mut found: HashMap<Vec<bool>, String> = HashMap::new();
    let mut queue = VecDeque::from([(start, String::new())]);
    let mut complete = true;
    while let Some((state, text)) = queue.pop_front() {
        let fits = patterns.iter().zip(&state).map(|((signs, _), at)| at.contains(&signs.len())).collect();
        found.entry(fits).or_insert_with(|| text.clone());
        for &character in &alphabet {
            let next: Vec<Vec<usize>> =
                patterns.iter().zip(&state).map(|((signs, fold), at)| step(signs, *fold, at, character)).collect();
            if visited.contains(&next) {
                continue;
            }
            if visited.len() >= MOST {
                complete = false;
                continue;
            }
            visited.insert(next.clone());
            queue.push_back((next, format!("{text}{character}")));
        }
    }
    let mut texts: Vec<String> = found.into_values().collect();
    texts.sort();
    (texts, complete)
}

/// Every character that a pattern names, in both cases where one is compared without regard to it, a colon, and one that
/// none names.
fn alphabet(patterns: &[(Vec<Sign>, bool)]) -> Vec<char> {
    let mut alphabet: Vec<char> = vec![':'];
    for (signs, _) in patterns {
        for sign in signs {
            if let Sign::One(character) = sign {
                alphabet.push(*character);
            }
        }
    }
    if patterns.iter().any(|(_, fold)| *fold) {
        let other: Vec<char> = alphabet.iter().flat_map(|one| one.to_lowercase().chain(one.to_uppercase())).collect();
        alphabet.extend(other);
    }
    alphabet.sort_unstable();
    alphabet.dedup();
    let fresh = ('a'..='z').chain('0'..='9').chain('\u{4e00}'..='\u{9fff}').find(|one| !alphabet.contains(one));
    alphabet.extend(fresh);
    alphabet
}

/// The places that are reached without reading: over every `*`.
fn closure(signs: &[Sign], mut places: Vec<usize>) -> Vec<usize> {
    let mut at = 0;
    while let Some(&place) = places.get(at) {
        if matches!(signs.get(place), Some(Sign::AnyRun { .. })) && !places.contains(&(place + 1)) {
            places.push(place + 1);
        }
        at += 1;
    }
    places.sort_unstable();
    places
}

fn step(signs: &[Sign], fold: bool, places: &[usize], character: char) -> Vec<usize> {
    let mut lower = character.to_lowercase();
    let character = if fold { lower.next().unwrap_or(character) } else { character };
    let mut next = Vec::new();
    for &place in places {
        let (fits, to) = match signs.get(place) {
            Some(Sign::One(wanted)) => (*wanted == character, place + 1),
            Some(Sign::AnyOne { colon }) => (*colon || character != ':', place + 1),
            Some(Sign::AnyRun { colon }) => (*colon || character != ':', place),
            None => (false, place),
        };
        if fits && !next.contains(&to) {
            next.push(to);
        }
    }
    closure(signs, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(patterns: &[&str], combinations: usize) {
        let signs = |pattern: &&str| {
            let sign = |character| match character {
                '*' => Sign::AnyRun { colon: true },
                '?' => Sign::AnyOne { colon: true },
                other => Sign::One(other),
            };
            (pattern.chars().map(sign).collect(), false)
        };
        let patterns: Vec<_> = patterns.iter().map(signs).collect();
        let (texts, complete) = vectors(&patterns);
        assert_eq!((texts.len(), complete), (combinations, true), "{texts:?}");
    }

    #[test]
    fn every_combination_has_a_text() {
        check(&["a"], 2);
        check(&["*"], 1);
        check(&["a*", "*b"], 4);
        check(&["a", "b"], 3);
        check(&["a*", "ab*"], 3);
        check(&["?", "??"], 3);
    }
}
