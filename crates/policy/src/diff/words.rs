//! Conditions and resources in words: a set of classes as what the policies' own conditions and elements say of it.

use super::region::Bits;
use crate::language::{Comparison, Condition, List, Quantifier, Text};

/// Something that holds for some classes, in words, and in words what holds where it does not.
#[derive(Debug, Clone)]
pub(super) struct Literal {
    pub holds: Bits,
    pub words: String,
    pub opposite: String,
}

/// The set in words that join literals: `and` within, `or` between. None for a set that they do not tell apart.
pub(super) fn told(set: &Bits, full: &Bits, literals: &[Literal]) -> Option<String> {
    let both = |literal: &Literal| {
        [(literal.holds.clone(), literal.words.clone()), (full.minus(&literal.holds), literal.opposite.clone())]
    };
    let all: Vec<(Bits, String)> = literals.iter().flat_map(both).collect();
    let mut left = set.clone();
    let mut terms: Vec<String> = Vec::new();
    loop {
        let Some(class) = left.members().next() else { break };
        let mut term: Vec<&(Bits, String)> = all.iter().filter(|(holds, _)| holds.has(class)).collect();
        let meet = |term: &[&(Bits, String)]| term.iter().fold(full.clone(), |met, (holds, _)| met.and(holds));
        if !meet(&term).within(set) {
            return None;
        }
        // One literal says it best, then two; among those, what says the most.
        let said = |term: &[&(Bits, String)]| {
            (meet(term).members().count(), std::cmp::Reverse(term.iter().map(|(_, words)| words.len()).sum::<usize>()))
        };
        let one = term.iter().map(|one| vec![*one]).filter(|one| meet(one).within(set)).max_by_key(|one| said(one));
        let two = || {
            let pairs =
                term.iter().enumerate().flat_map(|(at, one)| term.iter().skip(at + 1).map(|two| vec![*one, *two]));
            pairs.filter(|pair| meet(pair).within(set)).max_by_key(|pair| said(pair))
        };
        if let Some(few) = one.or_else(two) {
            term = few;
        }
        // Else what holds for few classes goes first.
        term.sort_by_key(|(holds, words)| (holds.members().count(), std::cmp::Reverse(words.len())));
        let mut at = 0;
        while at < term.len() {
            let mut without = term.clone();
            without.remove(at);
            if meet(&without).within(set) {
                term = without;
            } else {
                at += 1;
            }
        }
        left = left.minus(&meet(&term));
        term.sort_by(|left, right| left.1.cmp(&right.1));
        let words: Vec<&str> = term.iter().map(|(_, words)| words.as_str()).collect();
        terms.push(words.join(" and "));
    }
    Some(terms.join(", or "))
}

fn list(values: &[Text]) -> String {
    values.iter().map(|text| text.value.as_str()).collect::<Vec<_>>().join(", ")
}

/// An element of resources in words, and all but it.
pub(super) fn resources(element: &List) -> (String, String) {
    let own = list(&element.values);
    let all_but = format!("anything but {own}");
    if element.negated { (all_but, own) } else { (own, all_but) }
}

/// A condition in words, and its opposite.
pub(super) fn condition(condition: &Condition) -> (String, String) {
    let key = &condition.key.value;
    let operator = condition.operator;
    if operator.comparison == Comparison::Null {
        let absent = condition.values.iter().any(|value| value.value.eq_ignore_ascii_case("true"));
        let (absence, presence) = (format!("{key} is absent"), format!("{key} is present"));
        return if absent { (absence, presence) } else { (presence, absence) };
    }
    let (is, is_not) = compared(operator.comparison, &condition.values);
    // A negated operator is the opposite of the other, for one value and for an absent key too.
    let negated = operator.comparison.is_negated();
    let (holds, fails) = match operator.quantifier {
        None if negated => (format!("{key} {is_not}"), format!("{key} {is}")),
        None if operator.if_exists => (format!("{key} is absent or {is}"), format!("{key} is present and {is_not}")),
        None => (format!("{key} {is}"), format!("{key} {is_not}")),
        Some(quantifier) => {
            let some = |words: &str| format!("some value of {key} {words}");
            let every = |words: &str| format!("every value of {key} {words}");
            match (quantifier, negated) {
                (Quantifier::Any, false) => (some(&is), format!("no value of {key} {is}")),
                (Quantifier::Any, true) => (some(&is_not), every(&is)),
                (Quantifier::All, false) => (every(&is), some(&is_not)),
                (Quantifier::All, true) => (format!("no value of {key} {is}"), some(&is)),
            }
        }
    };
    if operator.if_exists && operator.quantifier == Some(Quantifier::Any) {
        return (format!("{key} is absent or {holds}"), format!("{key} is present and {fails}"));
    }
    (holds, fails)
}

/// What is said of one value: that it compares as asked, and that it does not.
fn compared(comparison: Comparison, values: &[Text]) -> (String, String) {
    use Comparison as C;
    let of = match values {
        [one] => one.value.clone(),
        many => list(many),
    };
    let one_of = if values.len() == 1 { "" } else { "one of " };
    let any_of = if values.len() == 1 { "" } else { "any of " };
    match comparison {
        C::StringEquals
        | C::StringNotEquals
        | C::NumericEquals
        | C::NumericNotEquals
        | C::DateEquals
        | C::DateNotEquals
        | C::Bool
        | C::BinaryEquals
        | C::Null => (format!("is {one_of}{of}"), format!("is not {one_of}{of}")),
        C::StringEqualsIgnoreCase | C::StringNotEqualsIgnoreCase => {
            (format!("is, in any case, {one_of}{of}"), format!("is not, in any case, {one_of}{of}"))
        }
        C::StringLike | C::StringNotLike | C::ArnEquals | C::ArnLike | C::ArnNotEquals | C::ArnNotLike => {
            (format!("is like {any_of}{of}"), format!("is not like {any_of}{of}"))
        }
        C::IpAddress | C::NotIpAddress => (format!("is in {any_of}{of}"), format!("is not in {any_of}{of}")),
        C::NumericLessThan => (format!("is less than {any_of}{of}"), format!("is not less than {any_of}{of}")),
        C::NumericLessThanEquals => (format!("is at most {any_of}{of}"), format!("is not at most {any_of}{of}")),
        C::NumericGreaterThan => (format!("is more than {any_of}{of}"), format!("is not more than {any_of}{of}")),
        C::NumericGreaterThanEquals => (format!("is at least {any_of}{of}"), format!("is not at least {any_of}{of}")),
        C::DateLessThan => (format!("is before {any_of}{of}"), format!("is not before {any_of}{of}")),
        C::DateLessThanEquals => (format!("is not after {any_of}{of}"), format!("is after {any_of}{of}")),
        C::DateGreaterThan => (format!("is after {any_of}{of}"), format!("is not after {any_of}{of}")),
        C::DateGreaterThanEquals => (format!("is not before {any_of}{of}"), format!("is before {any_of}{of}")),
    }
}
