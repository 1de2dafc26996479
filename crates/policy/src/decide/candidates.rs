//! Values for an unknown condition key: representatives of everything that the conditions on it can tell apart.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::automaton::{Sign, vectors};
use super::condition::{Test, Values};
use super::request::{Context, Key, Value};
use crate::language::Comparison;

/// Values that a key may have.
#[derive(Debug)]
pub(super) struct Candidates<'k> {
    pub(super) key: &'k Key,
    /// Never empty; the key's absence is one.
    pub(super) values: Vec<Value>,
    /// Whatever the key is, one of these is decided alike.
    pub(super) exact: bool,
}

/// A text that no condition is likely to name.
const OTHER: &str = "~";
/// Of a multivalued key, whose subsets are tried.
const MOST_ELEMENTS: usize = 8;
/// Values of one key, before those of several elements. A policy that has so many is not decided by trying them all.
const MOST_VALUES: usize = 4_096;
/// Signs of all patterns of one key.
const MOST_SIGNS: usize = 100_000;

/// A few likely values: one that fits each value of the policies, one that fits none, and `hints`.
pub(super) fn likely<'k>(key: &'k Key, tests: &[&Test], hints: &[String], context: Context<'_>) -> Candidates<'k> {
    let mut values: BTreeSet<String> = BTreeSet::from([OTHER.to_owned()]);
    values.extend(hints.iter().cloned());
    for test in tests {
        if values.len() >= MOST_VALUES {
            break;
        }
        match &test.values {
            Values::Texts { templates, .. } => {
                let templates = templates.iter().take(MOST_VALUES);
                values.extend(templates.filter_map(|template| Some(sample(&template.signs(context)?))));
            }
            Values::Arns(patterns) => {
                let patterns = patterns.iter().take(MOST_VALUES);
                values.extend(patterns.filter_map(|pattern| Some(sample(&pattern.signs(context)?))));
            }
            other => values.extend(around(other)),
        }
    }
    finish(key, tests, &values, false)
}

/// Every value that makes a difference. `work` is what may still be done to find them, as [`vectors`] counts it.
pub(super) fn all<'k>(key: &'k Key, tests: &[&Test], context: Context<'_>, work: &mut usize) -> Candidates<'k> {
    let mut left = MOST_SIGNS;
    let mut room = |signs: Vec<Sign>| {
        left = left.checked_sub(signs.len())?;
        Some(signs)
    };
    let mut patterns = Vec::new();
    let mut values: BTreeSet<String> = BTreeSet::from([OTHER.to_owned()]);
    let mut exact = !tests.is_empty();
    let mut families = BTreeSet::new();
    for test in tests {
        families.insert(family(test));
        match &test.values {
            Values::Texts { templates, fold } => {
                for template in templates {
                    match template.signs(context).and_then(&mut room) {
                        Some(signs) => patterns.push((signs, *fold)),
                        None => exact = false,
                    }
                }
            }
            Values::Arns(arns) => {
                for arn in arns {
                    match arn.signs(context).and_then(&mut room) {
                        Some(signs) => patterns.push((signs, false)),
                        None => exact = false,
                    }
                }
            }
            other => values.extend(around(other)),
        }
    }
    // A key that is a number to one condition and a text to another: each has its values, not every pair of them.
    families.remove("null");
    exact &= families.len() <= 1;
    let (found, complete) = vectors(&patterns, work);
    values.extend(found);
    finish(key, tests, &values, exact && complete)
}

fn finish<'k>(key: &'k Key, tests: &[&Test], found: &BTreeSet<String>, exact: bool) -> Candidates<'k> {
    let exact = exact && found.len() <= MOST_VALUES;
    let mut values = vec![Value::Absent];
    values.extend(found.iter().take(MOST_VALUES).map(|text| Value::one(text)));
    let several = tests.iter().any(|test| test.operator.quantifier.is_some());
    let mut exact = exact;
    if several {
        let elements: Vec<&String> = found.iter().take(MOST_ELEMENTS).collect();
        exact &= elements.len() == found.len();
        for set in 1_u32..(1 << elements.len()) {
            if set.count_ones() > 1 {
                let members = elements.iter().enumerate().filter(|(at, _)| set & (1 << at) != 0);
                values.push(Value::Known(members.map(|(_, text)| text.as_str().into()).collect()));
            }
        }
    }
    Candidates { key, values, exact }
}

fn family(test: &Test) -> &'static str {
    match (&test.values, test.operator.comparison) {
        (_, Comparison::Null) => "null",
        (Values::Texts { .. } | Values::Arns(_), _) => "text",
        (Values::Numbers(_), _) => "number",
        (Values::Dates(_), _) => "date",
        (Values::Booleans(_), _) => "boolean",
        (Values::Binaries(_), _) => "binary",
        (Values::Blocks(_), _) => "address",
    }
}

/// Values at, between and beyond those of a condition.
fn around(values: &Values) -> Vec<String> {
    match values {
        Values::Numbers(numbers) => {
            let mut sorted = numbers.to_vec();
            sorted.sort_by(f64::total_cmp);
            let between = sorted.windows(2).filter_map(|pair| Some(f64::midpoint(*pair.first()?, *pair.get(1)?)));
            let ends = [sorted.first().map(|first| first - 1.0), sorted.last().map(|last| last + 1.0)];
            sorted
                .iter()
                .copied()
                .chain(between)
                .chain(ends.into_iter().flatten())
                .map(|number| number.to_string())
                .collect()
        }
        Values::Dates(dates) => {
            let second = SignedDuration::from_secs(1);
            let near = |date: &Timestamp| [Some(*date), date.checked_sub(second).ok(), date.checked_add(second).ok()];
            dates.iter().flat_map(near).flatten().map(|date| date.to_string()).collect()
        }
        Values::Booleans(_) => vec!["true".to_owned(), "false".to_owned()],
        Values::Binaries(binaries) => {
            use base64::Engine as _;
            let encode = |bytes: &Vec<u8>| base64::engine::general_purpose::STANDARD.encode(bytes);
            binaries.iter().map(encode).collect()
        }
        Values::Blocks(blocks) => {
            blocks.iter().flat_map(super::values::Block::edges).map(|address| address.to_string()).collect()
        }
        Values::Texts { .. } | Values::Arns(_) => Vec::new(),
    }
}

/// A text that fits a pattern.
fn sample(signs: &[Sign]) -> String {
    signs
        .iter()
        .filter_map(|sign| match sign {
            Sign::One(character) => Some(*character),
            Sign::AnyOne { .. } => Some('x'),
            Sign::AnyRun { .. } => None,
        })
        .collect()
}
