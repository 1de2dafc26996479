//! Values for an unknown condition key: representatives of everything that the conditions on it can tell apart.

use std::collections::{BTreeSet, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::automaton::vectors;
use super::condition::{Test, Values};
use super::forms::Forms;
use super::request::{Context, Key, Value};
use super::sets::sets;
use super::some_path::SomePath;
use crate::language::Comparison;
use crate::pattern::Sign;

/// Values that a key may have.
#[derive(Debug)]
pub(super) struct Candidates<'k> {
    pub(super) key: &'k Key,
    /// Never empty; the key's absence is one, unless it is there for certain.
    pub(super) values: Vec<Value<'static>>,
    /// Whatever the key is, one of these is decided alike.
    pub(super) exact: bool,
}

/// A text that no condition is likely to name.
const OTHER: &str = "~";
/// Of a multivalued key, whose subsets are all tried where conditions on it rest on what is unknown.
const MOST_ELEMENTS: usize = 8;
/// Values of one key, before those of several elements. A policy that has so many is not decided by trying them all.
const MOST_VALUES: usize = 4_096;

/// A few likely values: one that fits each value of the policies, one that fits none, and `hints`.
pub(super) fn likely<'k>(key: &'k Key, tests: &[&Test], hints: &[String], contexts: &[Context<'_>]) -> Candidates<'k> {
    let mut values: BTreeSet<String> = BTreeSet::from([OTHER.to_owned()]);
    values.extend(hints.iter().cloned());
    for (context, test) in contexts.iter().flat_map(|context| tests.iter().map(|test| (*context, test))) {
        if values.len() >= MOST_VALUES {
            break;
        }
        match &test.values {
            Values::Texts { templates, fold } => {
                let templates = templates.iter().take(MOST_VALUES);
                values.extend(templates.filter_map(|template| Some(sample(&template.signs(context, *fold).known()?))));
            }
            Values::Arns(patterns) => {
                let patterns = patterns.iter().take(MOST_VALUES);
                values.extend(patterns.filter_map(|pattern| Some(sample(&pattern.signs(context).known()?))));
            }
            other => values.extend(around(other)),
        }
    }
    finish(key, tests, contexts, shaped(values, key, contexts), false)
}

/// Only those values that the key can have, where something is known of them. None of the key's values is its absence then.
fn shaped<'c>(
    mut values: BTreeSet<String>,
    key: &Key,
    contexts: &[Context<'c>],
) -> (BTreeSet<String>, Option<&'c SomePath>) {
    let shape = contexts.first().and_then(|context| context.some_path(key));
    if let Some(arns) = shape {
        values.retain(|value| arns.admits(value));
        values.extend([arns.plain().to_owned(), arns.example()]);
    }
    (values, shape)
}

/// Every value that makes a difference, in the context of any of the resources. `variable`: the key stands in a text too,
/// and its values are stand-ins, unless nothing else is like them. `work` is what may still be done to find them, as
/// [`vectors`] counts it.
pub(super) fn all<'k>(
    key: &'k Key,
    tests: &[&Test],
    variable: bool,
    contexts: &[Context<'_>],
    work: &mut usize,
) -> Candidates<'k> {
    let mut forms = Forms::new(tests, contexts);
    if let Some(arns) = contexts.first().and_then(|context| context.some_path(key)) {
        forms.patterns.extend(arns.patterns().map(|signs| (signs, false)));
    }
    let null = |test: &&&Test| test.operator.comparison == Comparison::Null;
    let mut values: BTreeSet<String> =
        tests.iter().filter(|test| !null(test)).flat_map(|test| around(&test.values)).collect();
    // A key that is a number to one condition and a text to another: each has its values, not every pair of them.
    let families: BTreeSet<_> = tests.iter().map(|test| family(test)).filter(|family| *family != "null").collect();
    let (found, complete) = vectors(&forms.patterns, work);
    // Among the texts that were found is one that fits nothing, if there is such a text.
    if found.is_empty() || !values.is_empty() {
        values.insert(OTHER.to_owned());
    }
    values.extend(found);
    let exact = forms.complete && complete && families.len() <= 1 && (variable || !tests.is_empty());
    let literals = if variable { forms.literals() } else { HashSet::new() };
    // The same text twice: conditions make the same of it, and no text takes it.
    let twice: Vec<Value<'static>> = literals
        .iter()
        .filter(|literal| several(tests) && values.contains(*literal))
        .map(|text| Value::of([text.clone().into(), text.clone().into()]))
        .collect();
    let mut candidates = finish(key, tests, contexts, shaped(values, key, contexts), exact);
    if variable {
        candidates.values.extend(twice);
        for value in &mut candidates.values {
            value.stand_in(&literals);
        }
    }
    candidates
}

fn several(tests: &[&Test]) -> bool {
    tests.iter().any(|test| test.operator.quantifier.is_some())
}

fn finish<'k>(
    key: &'k Key,
    tests: &[&Test],
    contexts: &[Context<'_>],
    (found, shape): (BTreeSet<String>, Option<&SomePath>),
    exact: bool,
) -> Candidates<'k> {
    let mut exact = exact && found.len() <= MOST_VALUES;
    let mut values = if shape.is_some() { Vec::new() } else { vec![Value::Absent] };
    values.extend(found.iter().take(MOST_VALUES).map(|text| Value::one(text.clone())));
    if several(tests) && shape.is_none() {
        let (sets, all) = sets(key, tests, &found, contexts).unwrap_or_else(|| subsets(&found));
        exact &= all && sets.len() <= MOST_VALUES;
        values.extend(sets.into_iter().take(MOST_VALUES));
    }
    Candidates { key, values, exact }
}

/// Every set of at least two of the values, where they are few.
fn subsets(found: &BTreeSet<String>) -> (Vec<Value<'static>>, bool) {
    let elements: Vec<&String> = found.iter().take(MOST_ELEMENTS).collect();
    let subset = |set: u32| {
        let members = elements.iter().enumerate().filter(move |(at, _)| set & (1 << at) != 0);
        Value::of(members.map(|(_, text)| (*text).clone().into()))
    };
    let several = (1_u32..(1 << elements.len())).filter(|set| set.count_ones() > 1);
    (several.map(subset).collect(), elements.len() == found.len())
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
            Sign::AnyOne | Sign::OneWithin => Some('x'),
            Sign::AnyRun | Sign::RunWithin => None,
        })
        .collect()
}
