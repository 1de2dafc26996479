//! Which patterns and values lie in which: whether every text that fits one fits another, whether any text fits both.
//! What is answered yes is so; for rare patterns (`*?` beside letters) a yes is missed.

use std::net::IpAddr;

use crate::language::Comparison;
use crate::pattern::{Sign, resource_signs, signs};

/// Whether every text that fits `small` fits `big`.
pub(crate) fn contains(big: &str, small: &str) -> bool {
    big == "*" || big == small || within(&ordered(signs(small)), &ordered(signs(big)))
}

/// Whether some text fits both.
pub(crate) fn overlap(left: &str, right: &str) -> bool {
    meet(&ordered(signs(left)), &ordered(signs(right)))
}

fn meet(left: &[Sign], right: &[Sign]) -> bool {
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
                (Some(a), Some(b)) => {
                    let one = !is_run(*a) && !is_run(*b) && (takes(*a, *b) || takes(*b, *a));
                    // A run stands for what the other sign is, once more, or for nothing more.
                    let more = |run: &Sign, other: &Sign| is_run(*run) && (takes(*run, *other) || takes(*other, *run));
                    (both && one) || (up && (is_run(*a) || more(b, a))) || (back && (is_run(*b) || more(a, b)))
                }
                (Some(a), None) => up && is_run(*a),
                (None, Some(b)) => back && is_run(*b),
            });
        }
    }
    reached.last().copied().unwrap_or(false)
}

/// Whether every text that fits `small` fits `big`.
pub(crate) fn signs_contain(big: &[Sign], small: &[Sign]) -> bool {
    within(&ordered(small.iter().copied()), &ordered(big.iter().copied()))
}

/// Whether some text fits both.
pub(crate) fn signs_meet(left: &[Sign], right: &[Sign]) -> bool {
    meet(&ordered(left.iter().copied()), &ordered(right.iter().copied()))
}

/// [`contains`] for the values of `Resource` elements.
pub(crate) fn arn_contains(big: &str, small: &str) -> bool {
    big == small || is_any(big) || within(&ordered(resource_signs(small)), &ordered(resource_signs(big)))
}

/// [`overlap`] for the values of `Resource` elements.
pub(crate) fn arn_overlap(left: &str, right: &str) -> bool {
    left == right || meet(&ordered(resource_signs(left)), &ordered(resource_signs(right)))
}

/// [`contains`] for the patterns of ARN conditions, whose six parts are matched each on its own.
fn field_contains(big: &str, small: &str) -> bool {
    if big == small || is_any(big) {
        return true;
    }
    match (parts(big), parts(small)) {
        (Some(big), Some(small)) => big.iter().zip(small).all(|(big, small)| contains(big, small)),
        _ => false,
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
        C::ArnEquals | C::ArnLike | C::ArnNotEquals | C::ArnNotLike => field_contains(big, small),
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
fn ordered(signs: impl IntoIterator<Item = Sign>) -> Vec<Sign> {
    let mut ordered = Vec::new();
    // The widest `*` of the run.
    let mut run: Option<Sign> = None;
    for sign in signs {
        match sign {
            Sign::AnyRun => run = Some(sign),
            Sign::RunWithin => run = run.or(Some(sign)),
            Sign::AnyOne | Sign::OneWithin => ordered.push(sign),
            Sign::One(_) => {
                ordered.extend(run.take());
                ordered.push(sign);
            }
        }
    }
    ordered.extend(run);
    ordered
}

const fn is_run(sign: Sign) -> bool {
    matches!(sign, Sign::AnyRun | Sign::RunWithin)
}

/// Whether a sign stands for whatever the other does, taken for one character where they are runs.
fn takes(big: Sign, small: Sign) -> bool {
    match big {
        Sign::AnyRun | Sign::AnyOne => true,
        Sign::RunWithin | Sign::OneWithin => !matches!(small, Sign::One(':') | Sign::AnyRun | Sign::AnyOne),
        Sign::One(_) => big == small,
    }
}

/// Matches the signs of `small` as if they were letters; a `*` among them is one that only a `*` takes.
fn within(small: &[Sign], big: &[Sign]) -> bool {
    // `reached[j]`: the first j signs of `big` take the signs of `small` so far.
    let mut reached: Vec<bool> = Vec::with_capacity(big.len() + 1);
    reached.push(true);
    for sign in big {
        reached.push(reached.last() == Some(&true) && is_run(*sign));
    }
    for letter in small {
        let above = std::mem::take(&mut reached);
        let at = |row: &[bool], place: usize| row.get(place).copied().unwrap_or(false);
        reached.push(false);
        for (j, sign) in big.iter().enumerate() {
            let fits = takes(*sign, *letter);
            reached.push(if is_run(*sign) {
                at(&reached, j) || (at(&above, j + 1) && fits)
            } else {
                at(&above, j) && fits && !is_run(*letter)
            });
        }
        if !reached.contains(&true) {
            return false;
        }
    }
    reached.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pattern::{Pattern, glob};

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

    #[test]
    fn resources_lie_in_resources() {
        let check = |big: &str, small: &str, yes: bool| assert_eq!(arn_contains(big, small), yes, "{big} {small}");
        check("arn:aws:dynamodb:*", "arn:aws:dynamodb:eu-west-1:1:table/x", true);
        check("arn:aws:dynamodb:*:table/*", "arn:aws:dynamodb:*:*:table/x", true);
        check("arn:aws:iam::*:role/*", "arn:aws:iam::1:role/a:b", true);
        check("arn:aws:dynamodb:*:1:table/x", "arn:aws:dynamodb:eu-?:1:table/x", true);
        check("arn:aws:dynamodb:eu-*-1:1:table/x", "arn:aws:dynamodb:eu-*:1:table/x", false);
        check("arn:aws:dynamodb:e*t:x", "arn:aws:dynamodb:eu:1:t:x", false);
        assert!(!arn_overlap("arn:aws:dynamodb:e*t:x", "arn:aws:dynamodb:eu:1:t:x"));
        assert!(arn_overlap("arn:aws:dynamodb:*:x", "arn:aws:dynamodb:eu:1:t:x"));
    }

    proptest! {
        #[test]
        fn what_fits_the_small_resource_fits_the_big(
            big in "[a:*?]{0,9}", small in "[a:*?]{0,9}", text in "[ab:]{0,9}",
        ) {
            let fits = |pattern: &str| Pattern::new(resource_signs(pattern)).matches(&text);
            if arn_contains(&big, &small) && fits(&small) {
                prop_assert!(fits(&big));
            }
            if fits(&small) && fits(&big) {
                prop_assert!(arn_overlap(&big, &small));
            }
        }

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
