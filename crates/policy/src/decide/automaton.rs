//! Which of several patterns a text can fit at once: every combination that some text has, each with such a text.
//!
//! The patterns are run side by side as automata over the characters that they name and one that none names. What is
//! reached is finite; where it is too much, the search stops and says so.
//!
//! Work is counted in places: each that a pattern can be at, for each character that is tried there.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::pattern::Sign;

/// States that are visited at most.
const MOST: usize = 5_000;

/// What may be done for one question.
pub(super) const MOST_WORK: usize = 4_000_000;

/// A text for every combination of patterns that fit together, and whether these are all combinations. `true` beside a
/// pattern: it is in lower case and so is what it is compared with. `work` is what may still be done; it is used up.
pub(super) fn vectors(patterns: &[(Vec<Sign>, bool)], work: &mut usize) -> (Vec<String>, bool) {
    if patterns.is_empty() {
        return (Vec::new(), true);
    }
    let signs: usize = patterns.iter().map(|(signs, _)| signs.len()).sum();
    if !spend(work, signs.saturating_mul(2)) {
        return (Vec::new(), false);
    }
    let alphabet = alphabet(patterns);
    let start: Vec<Vec<usize>> = patterns.iter().map(|(signs, _)| closure(signs, vec![0])).collect();
    let mut visited: HashSet<Vec<Vec<usize>>> = HashSet::from([start.clone()]);
    let mut found: HashMap<Vec<bool>, String> = HashMap::new();
    let mut queue = VecDeque::from([(start, String::new())]);
    let mut complete = true;
    while let Some((state, text)) = queue.pop_front() {
        let places = state.iter().map(|places| places.len() + 1).sum::<usize>() + text.len();
        if !spend(work, places.saturating_mul(alphabet.len())) {
            complete = false;
            break;
        }
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

/// Whether there is still so much work to do.
fn spend(work: &mut usize, cost: usize) -> bool {
    let left = work.checked_sub(cost);
    *work = left.unwrap_or_default();
    left.is_some()
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
///
/// INVARIANT: places are in order, none twice.
fn closure(signs: &[Sign], places: Vec<usize>) -> Vec<usize> {
    let mut reached = Vec::with_capacity(places.len() + 1);
    for mut place in places {
        if reached.last().is_some_and(|last| *last >= place) {
            continue;
        }
        reached.push(place);
        while matches!(signs.get(place), Some(Sign::AnyRun | Sign::RunWithin)) {
            place += 1;
            reached.push(place);
        }
    }
    reached
}

fn step(signs: &[Sign], fold: bool, places: &[usize], character: char) -> Vec<usize> {
    let mut lower = character.to_lowercase();
    let character = if fold { lower.next().unwrap_or(character) } else { character };
    let mut next: Vec<usize> = Vec::new();
    for &place in places {
        let (fits, to) = match signs.get(place) {
            Some(Sign::One(wanted)) => (*wanted == character, place + 1),
            Some(Sign::AnyOne) => (true, place + 1),
            Some(Sign::OneWithin) => (character != ':', place + 1),
            Some(Sign::AnyRun) => (true, place),
            Some(Sign::RunWithin) => (character != ':', place),
            None => (false, place),
        };
        // In order: `to` is `place` or the one after it.
        if fits && next.last() != Some(&to) {
            next.push(to);
        }
    }
    closure(signs, next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::signs;

    fn check(patterns: &[&str], combinations: usize) {
        let signs = |pattern: &&str| (signs(pattern).collect(), false);
        let patterns: Vec<_> = patterns.iter().map(signs).collect();
        let (texts, complete) = vectors(&patterns, &mut 100_000);
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
        check(&["*a*", "**b*", "?*"], 5);
    }

    #[test]
    fn hostile_patterns_stop_within_their_work() {
        let run = Sign::AnyRun;
        for patterns in [
            vec![([run, Sign::One('a')].repeat(5_000), false); 3],
            (0..1_000)
                .map(|at| (vec![run, Sign::One(char::from_u32(0x4e00 + at).unwrap_or('a')), run], true))
                .collect(),
            vec![(vec![run; 100_000], false)],
        ] {
            let mut work = 200_000;
            let (texts, complete) = vectors(&patterns, &mut work);
            assert!(!complete && work == 0 && texts.len() < 5_000, "{} {complete} {work}", texts.len());
        }
    }
}
