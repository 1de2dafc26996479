//! Whether one pattern with `*` and `?` covers another, and whether two have a text in common. Where patterns are too
//! long to compare in reasonable time, the answer is the one that makes a rule keep quiet.

use crate::containment::arn_contains;
use crate::pattern::{Sign, signs};

/// The most steps for one comparison: two ARNs of five hundred characters.
const MOST_STEPS: usize = 1 << 18;

/// Whether every text that fits `narrow` fits `wide` too. False negatives are possible (`*?` against `?*`, hostile
/// lengths), false positives are not.
pub fn covers(wide: &str, narrow: &str) -> bool {
    if wide == "*" || wide == narrow {
        return true;
    }
    let (wide, narrow): (Vec<Sign>, Vec<Sign>) = (signs(wide).collect(), signs(narrow).collect());
    if wide.len().saturating_mul(narrow.len()) > MOST_STEPS {
        return false;
    }
    // As a wildcard match, in which the wildcards of `narrow` are letters of their own.
    let (mut at, mut read, mut star) = (0, 0, None);
    while let Some(&sign) = narrow.get(read) {
        let step = match wide.get(at) {
            Some(Sign::AnyRun) => {
                star = Some((at + 1, read));
                at += 1;
                continue;
            }
            Some(Sign::AnyOne) => sign != Sign::AnyRun,
            Some(one) => *one == sign,
            None => false,
        };
        if step {
            (at, read) = (at + 1, read + 1);
        } else if let Some((after, from)) = star {
            star = Some((after, from + 1));
            (at, read) = (after, from + 1);
        } else {
            return false;
        }
    }
    wide.get(at..).is_some_and(|rest| rest.iter().all(|sign| *sign == Sign::AnyRun))
}

/// [`covers`] for the values of `Resource`, whose wildcards do not all reach over colons.
pub fn covers_resource(wide: &str, narrow: &str) -> bool {
    wide.len().saturating_mul(narrow.len()) <= MOST_STEPS && arn_contains(wide, narrow)
}

/// Whether some text fits both. True where it is too much to find out.
pub fn overlap(one: &str, other: &str) -> bool {
    let (one, other): (Vec<Sign>, Vec<Sign>) = (signs(one).collect(), signs(other).collect());
    if one.len().saturating_mul(other.len()) > MOST_STEPS {
        return true;
    }
    // Whether what is left of `one` overlaps what is left of `other`, from the ends.
    let mut below = tails(&other);
    for &sign in one.iter().rev() {
        let mut row = vec![false; other.len() + 1];
        let put = |row: &mut Vec<bool>, at: usize, value: bool| {
            if let Some(cell) = row.get_mut(at) {
                *cell = value;
            }
        };
        let is = |row: &[bool], at: usize| row.get(at).copied().unwrap_or(false);
        put(&mut row, other.len(), sign == Sign::AnyRun && is(&below, other.len()));
        for (at, &against) in other.iter().enumerate().rev() {
            let value = if sign == Sign::AnyRun || against == Sign::AnyRun {
                (sign == Sign::AnyRun && is(&below, at))
                    || (against == Sign::AnyRun && is(&row, at + 1))
                    || (sign == Sign::AnyRun && is(&row, at + 1))
                    || (against == Sign::AnyRun && is(&below, at))
            } else {
                let fits = sign == against || sign == Sign::AnyOne || against == Sign::AnyOne;
                fits && is(&below, at + 1)
            };
            put(&mut row, at, value);
        }
        below = row;
    }
    below.first().copied().unwrap_or(false)
}

/// For each rest of a pattern, whether nothing fits it.
fn tails(pattern: &[Sign]) -> Vec<bool> {
    let mut row: Vec<bool> = Vec::with_capacity(pattern.len() + 1);
    row.push(true);
    for sign in pattern.iter().rev() {
        let rest = row.last().copied().unwrap_or(false);
        row.push(rest && *sign == Sign::AnyRun);
    }
    row.reverse();
    row
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{covers, overlap};
    use crate::pattern::glob;

    #[test]
    fn patterns_are_compared() {
        let check = |one: &str, other: &str, wider: bool, common: bool| {
            assert_eq!(covers(one, other), wider, "{one} covers {other}");
            assert_eq!(overlap(one, other), common, "{one} overlaps {other}");
            assert_eq!(overlap(other, one), common, "{other} overlaps {one}");
        };
        check("*", "", true, true);
        check("s3:Get*", "s3:GetObject", true, true);
        check("s3:Get*", "s3:*Object", false, true);
        check("s3:Get*", "s3:Put*", false, false);
        check("a?c", "a*c", false, true);
        check("a*c", "a?c", true, true);
        check("a**", "a*", true, true);
        check("*a*b", "*ab", true, true);
        check("", "", true, true);
        check("arn:*:s3:::*/*", "arn:aws:s3:::b", false, false);
        let long = "*a".repeat(2_000);
        check(&long, &"*b".repeat(2_000), false, true);
    }

    proptest! {
        #[test]
        fn what_they_say_holds_for_texts(one in "[ab*?]{0,6}", other in "[ab*?]{0,6}", text in "[ab]{0,5}") {
            if covers(&one, &other) && glob(&other, &text) {
                prop_assert!(glob(&one, &text));
            }
            if glob(&one, &text) && glob(&other, &text) {
                prop_assert!(overlap(&one, &other));
            }
        }
    }
}
