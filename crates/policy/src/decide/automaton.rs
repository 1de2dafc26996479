//! Which of several patterns a text can fit at once: every combination that some text has, each with such a text.
//!
//! The patterns are run side by side as automata over the characters that they name and one that none names. What is
//! reached is finite; where it is too much, the search stops and says so.
//!
//! Work is counted in places: each that a pattern can be at, for each character that is tried there.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::containment::signs_meet;
use crate::pattern::{Pattern, Sign};

/// States that are visited at most.
const MOST: usize = 5_000;

/// What may be done for one question.
pub(super) const MOST_WORK: usize = 4_000_000;

/// A text for every combination of patterns that fit together, and whether these are all combinations. `true` beside a
/// pattern: it is in lower case and so is what it is compared with. `work` is what may still be done.
pub(super) fn vectors(patterns: &[(Vec<Sign>, bool)], work: &mut usize) -> (Vec<String>, bool) {
    let mut seen = HashSet::new();
    let patterns: Vec<(Vec<Sign>, bool)> = patterns.iter().filter(|pattern| seen.insert(*pattern)).cloned().collect();
    // What fits a pattern without wildcards is that text, however long. The others are run without it, unless what they
    // find is such a text.
    let others: Vec<(Vec<Sign>, bool)> =
        patterns.iter().filter(|pattern| literal(pattern).is_none()).cloned().collect();
    let literals: HashSet<String> = patterns.iter().filter_map(literal).collect();
    let (mut texts, complete) = if others.is_empty() {
        let longest = literals.iter().map(String::len).max();
        let none = longest.map(|longest| if literals.contains("") { "~".repeat(longest + 1) } else { String::new() });
        (none.into_iter().collect(), true)
    } else {
        found(&others, work)
    };
    if texts.iter().any(|text| literals.contains(text)) {
        return found(&patterns, work);
    }
    texts.extend(literals);
    texts.sort();
    (texts, complete)
}

fn literal((signs, fold): &(Vec<Sign>, bool)) -> Option<String> {
    let character = |sign: &Sign| match sign {
        Sign::One(character) if !fold => Some(*character),
        _ => None,
    };
    signs.iter().map(character).collect()
}

/// Run together, or by pieces where that is too much.
fn found(patterns: &[(Vec<Sign>, bool)], work: &mut usize) -> (Vec<String>, bool) {
    let mut first = *work / 2;
    *work -= first;
    let (texts, complete) = together(patterns, &mut first);
    *work += first;
    match if complete { None } else { piecewise(patterns, work) } {
        Some(pieces) => (pieces, true),
        None => (texts, complete),
    }
}

/// Patterns that are compared with each other, to run those together only that some text fits.
const MOST_COMPARED: usize = 200;

/// The same as [`together`], by pieces: each pattern with those that some text fits as well. Every combination is found
/// beside any of its patterns. Wide patterns, that go with most others, would have all beside them: what fits only such is
/// looked for beside them alone. None where that is too much as well.
fn piecewise(patterns: &[(Vec<Sign>, bool)], work: &mut usize) -> Option<Vec<String>> {
    if patterns.len() > MOST_COMPARED {
        return None;
    }
    let mut meets = vec![vec![true; patterns.len()]; patterns.len()];
    for (at, one) in patterns.iter().enumerate() {
        for (place, other) in patterns.iter().enumerate().skip(at + 1) {
            if !spend(work, one.0.len().saturating_mul(other.0.len())) {
                return None;
            }
            let fold = one.1 || other.1;
            let meet = signs_meet(&folded(&one.0, fold), &folded(&other.0, fold));
            *meets.get_mut(at)?.get_mut(place)? = meet;
            *meets.get_mut(place)?.get_mut(at)? = meet;
        }
    }
    let wide: Vec<bool> = meets.iter().map(|row| row.iter().filter(|meet| **meet).count() * 2 > row.len()).collect();
    let of = |chosen: &[bool]| -> Vec<(Vec<Sign>, bool)> {
        patterns.iter().zip(chosen).filter(|(_, chosen)| **chosen).map(|(pattern, _)| pattern.clone()).collect()
    };
    let (mut texts, mut complete) = together(&of(&wide), work);
    let narrow: Vec<bool> = wide.iter().map(|wide| !wide).collect();
    let others: Vec<(Pattern, bool)> =
        of(&narrow).into_iter().map(|(signs, fold)| (Pattern::new(signs), fold)).collect();
    let fits = |text: &String| {
        let lower = text.to_lowercase();
        others.iter().any(|(pattern, fold)| pattern.matches(if *fold { &lower } else { text }))
    };
    complete &= !texts.iter().any(fits);
    let mut done = HashSet::new();
    for (row, _) in meets.iter().zip(&narrow).filter(|(row, narrow)| **narrow && done.insert(*row)) {
        let (found, all) = together(&of(row), work);
        complete &= all;
        texts.extend(found);
    }
    texts.sort();
    texts.dedup();
    complete.then_some(texts)
}

fn folded(signs: &[Sign], fold: bool) -> Vec<Sign> {
    let lower = |sign: &Sign| match sign {
        Sign::One(character) if fold => Sign::One(character.to_lowercase().next().unwrap_or(*character)),
        other => *other,
    };
    signs.iter().map(lower).collect()
}

/// All patterns run side by side.
fn together(patterns: &[(Vec<Sign>, bool)], work: &mut usize) -> (Vec<String>, bool) {
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
    fn patterns_that_nothing_fits_at_once_are_run_apart() {
        // Each takes many states, and all together too many.
        let services = ["s3", "sns", "sqs", "kms", "iam", "ec2", "ecs", "rds"];
        let texts = services.iter().map(|name| format!("arn:aws:{name}:*:*:*a??????????"));
        let patterns: Vec<(Vec<Sign>, bool)> = texts
            .chain(["arn:aws:s3:*:d".to_owned(), "arn:*".to_owned()])
            .map(|text| (signs(&text).collect(), false))
            .collect();
        assert!(!together(&patterns, &mut (8 * MOST_WORK)).1);
        let (texts, complete) = vectors(&patterns, &mut (16 * MOST_WORK));
        // None, `arn:*` alone, with each, and with both of `s3`.
        assert!(complete, "{texts:?}");
        let fits: HashSet<Vec<bool>> = texts
            .iter()
            .map(|text| patterns.iter().map(|(signs, _)| Pattern::new(signs.iter().copied()).matches(text)).collect())
            .collect();
        assert_eq!(fits.len(), 2 + services.len() + 2, "{fits:?}");
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
            assert!(!complete && texts.len() < 5_000, "{} {complete} {work}", texts.len());
        }
    }
}
