//! Which patterns and values lie in which: whether every text that fits one fits another, whether any text fits both.
//! What is answered yes is so; for rare patterns (`*?` beside letters) a yes is missed.

use std::net::IpAddr;

use crate::language::Comparison;
use crate::pattern::{Sign, signs};

/// Whether every text that fits `small` fits `big`.
pub(crate) fn contains(big: &str, small: &str) -> bool {
    big == "*" || big == small || within(&ordered(small), &ordered(big))
}

/// Whether some text fits both.
pub(crate) fn overlap(left: &str, right: &str) -> bool {
    let (left, right) = (ordered(left), ordered(right));
    // `reached[j]`: the first i signs of `left` and the first j of `right` can stand for the same text.
    let mut reached = vec![false; right.len() + 1];
    for i in 0..=left.len() {
        let above = std::mem::take(&mut reached);
        for j in 0..=right.len() {
            let at = |row: &[bool], place: usize| row.get(place).copied().unwrap_or(false);
            let (a, b) = (i.checked_sub(1).and_then(|i| left.get(i)), j.checked_sub(1).and_then(|j| right.get(j)));
            let up = i > 0 && at(&above, j);
            let back = j > 0 && at(&reached, j - 1);
            let both = i > 0 && j > 0 && at(&above, j - 1);
            reached.push(match (a, b) {
                (None, None) => true,
                (Some(Sign::AnyRun), Some(Sign::AnyRun)) => up || back || both,
                (Some(Sign::AnyRun), _) | (_, Some(Sign::AnyRun)) => up || back,
                (Some(a), Some(b)) => both && (a == b || matches!((a, b), (Sign::AnyOne, _) | (_, Sign::AnyOne))),
                _ => false,
            });
        }
    }
    reached.last().copied().unwrap_or(false)
}

/// [`contains`] for ARN patterns, whose six parts are matched each on its own.
pub(crate) fn arn_contains(big: &str, small: &str) -> bool {
    if big == small || is_any(big) {
        return true;
    }
    match (parts(big), parts(small)) {
        (Some(big), Some(small)) => big.iter().zip(small).all(|(big, small)| contains(big, small)),
        _ => false,
    }
}

/// [`overlap`] for ARN patterns.
pub(crate) fn arn_overlap(left: &str, right: &str) -> bool {
    if left == right || is_any(left) || is_any(right) {
        return true;
    }
    match (parts(left), parts(right)) {
        (Some(left), Some(right)) => left.iter().zip(right).all(|(left, right)| overlap(left, right)),
        // What has no six parts fits no ARN, but nothing is built upon that.
        _ => true,
    }
}

/// Whether a value of a condition holds whenever the other does, before negation.
pub(crate) fn value_contains(comparison: Comparison, big: &str, small: &str) -> bool {
    use Comparison as C;
    if big == small {
        return true;
    }
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let less = |a: &str, b: &str| matches!((number(a), number(b)), (Some(a), Some(b)) if a < b);
    match comparison {
        C::StringEqualsIgnoreCase | C::StringNotEqualsIgnoreCase | C::Bool | C::Null => big.eq_ignore_ascii_case(small),
        C::StringLike | C::StringNotLike => contains(big, small),
        C::ArnEquals | C::ArnLike | C::ArnNotEquals | C::ArnNotLike => arn_contains(big, small),
        C::NumericLessThan | C::NumericLessThanEquals => less(small, big),
        C::NumericGreaterThan | C::NumericGreaterThanEquals => less(big, small),
        C::IpAddress | C::NotIpAddress => block_contains(big, small),
        C::StringEquals
        | C::StringNotEquals
        | C::NumericEquals
        | C::NumericNotEquals
        | C::DateEquals
        | C::DateNotEquals
        | C::DateLessThan
        | C::DateLessThanEquals
        | C::DateGreaterThan
        | C::DateGreaterThanEquals
        | C::BinaryEquals => false,
    }
}

pub(crate) fn is_any(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*')
}

pub(crate) fn parts(arn: &str) -> Option<[&str; 6]> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    parts.try_into().ok()
}

fn block_contains(big: &str, small: &str) -> bool {
    fn read(text: &str) -> Option<(u128, u32, u32)> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let (number, width) = match address.parse().ok()? {
            IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32),
            IpAddr::V6(v6) => (u128::from(v6), 128),
        };
        let prefix = prefix.map_or(Some(width), |prefix| prefix.parse().ok().filter(|prefix| *prefix <= width))?;
        Some((number, prefix, width))
    }
    match (read(big), read(small)) {
        (Some((big, prefix, width)), Some((small, inner, other))) if width == other && prefix <= inner => {
            // Shifting out all bits leaves nothing to compare.
            let network = |number: u128| number.checked_shr(width - prefix).unwrap_or(0);
            network(big) == network(small)
        }
        _ => false,
    }
}

/// The signs of a pattern; in a run of wildcards every `?` before one `*`, which means the same.
fn ordered(text: &str) -> Vec<Sign> {
    let mut ordered = Vec::with_capacity(text.len());
    let mut run = false;
    for sign in signs(text) {
        match sign {
            Sign::AnyRun => run = true,
            Sign::AnyOne => ordered.push(sign),
            Sign::One(_) => {
                if std::mem::take(&mut run) {
                    ordered.push(Sign::AnyRun);
                }
                ordered.push(sign);
            }
        }
    }
    if run {
        ordered.push(Sign::AnyRun);
    }
    ordered
}

/// Matches the signs of `small` as if they were letters; a `*` among them is one that only a `*` takes.
fn within(small: &[Sign], big: &[Sign]) -> bool {
    let (mut at, mut sign) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(letter) = small.get(at) {
        match big.get(sign) {
            Some(Sign::AnyRun) => {
                retry = Some((at, sign));
                sign += 1;
            }
            Some(wanted) if wanted == letter || (*wanted == Sign::AnyOne && matches!(letter, Sign::One(_))) => {
                at += 1;
                sign += 1;
            }
            _ => {
                let Some((from, star)) = retry else { return false };
                retry = Some((from + 1, star));
                at = from + 1;
                sign = star + 1;
            }
        }
    }
    big.iter().skip(sign).all(|sign| *sign == Sign::AnyRun)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pattern::glob;

    #[test]
    fn values_lie_in_values() {
        use Comparison as C;
        let check =
            |comparison, big, small, yes| assert_eq!(value_contains(comparison, big, small), yes, "{big} {small}");
        check(C::StringLike, "a*", "a?c", true);
        check(C::StringLike, "a?c", "a*c", false);
        check(C::StringLike, "?*", "*?", true);
        check(C::StringEquals, "a*", "ab", false);
        check(C::ArnLike, "arn:aws:iam::*:role/*", "arn:aws:iam::1:role/a:b", true);
        check(C::ArnLike, "arn:aws:*:role/x", "arn:aws:iam::1:role/x", false);
        check(C::NumericLessThan, "30", "7", true);
        check(C::NumericLessThan, "7", "30", false);
        check(C::NumericGreaterThanEquals, "7", "30", true);
        check(C::IpAddress, "10.0.0.0/8", "10.1.0.0/16", true);
        check(C::IpAddress, "10.1.0.0/16", "10.0.0.0/8", false);
        check(C::IpAddress, "0.0.0.0/0", "10.1.2.3", true);
        check(C::IpAddress, "::/0", "10.1.2.3", false);
        check(C::Bool, "true", "True", true);
        check(C::StringNotEquals, "true", "True", false);
    }

    proptest! {
        #[test]
        fn what_fits_the_small_fits_the_big(big in "[ab*?]{0,6}", small in "[ab*?]{0,6}", text in "[abc]{0,7}") {
            if contains(&big, &small) && glob(&small, &text) {
                prop_assert!(glob(&big, &text));
            }
            if glob(&small, &text) && glob(&big, &text) {
                prop_assert!(overlap(&big, &small));
            }
        }

        #[test]
        fn a_literal_lies_where_it_fits(pattern in "[ab*?]{0,6}", text in "[abc]{0,7}") {
            prop_assert_eq!(contains(&pattern, &text), glob(&pattern, &text));
            prop_assert_eq!(overlap(&pattern, &text), glob(&pattern, &text));
        }
    }
}
