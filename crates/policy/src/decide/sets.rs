//! Sets of values of one key: one for everything that the conditions on it can make of several values.
//!
//! A condition asks of several values that all of them fit, or any of them. What it makes of a set is thus known from what
//! it makes of each value, and sets are put together value by value until nothing new comes of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::condition::Test;
use super::request::{Context, Key, Keys, State, Value};
use super::truth::Truth;
use crate::language::Quantifier;

/// Results of conditions that are worked out at most.
const MOST_WORK: usize = 2_000_000;

/// Sets of at least two of the values, and whether these are all that makes a difference; None where what a condition
/// makes of a value is not known. What comes of a set comes of no single value.
pub(super) fn sets(
    key: &Key,
    tests: &[&Test],
    values: &BTreeSet<String>,
    contexts: &[Context<'_>],
) -> Option<(Vec<Value<'static>>, bool)> {
    let unknown = |key: &Key| contexts.iter().any(|context| context.get(key) == State::Unknown);
    if tests.iter().flat_map(|test| test.values.keys()).any(unknown) {
        return None;
    }
    let mut left = MOST_WORK;
    let results = tests.len().saturating_mul(contexts.len()).max(1);
    let mut spend = || {
        left = left.saturating_sub(results);
        left > 0
    };
    let mut given = contexts.first()?.keys.clone();
    // A value for each that differs.
    let mut singles: BTreeMap<Vec<bool>, &str> = BTreeMap::new();
    for value in values {
        if !spend() {
            return Some((Vec::new(), false));
        }
        given.set(key, Value::one(value.as_str()));
        singles.entry(of_one(&given, tests, contexts)?).or_insert(value);
    }
    let all = vec![tests; contexts.len()].concat();
    let mut found: BTreeMap<Vec<bool>, Vec<&str>> =
        singles.iter().map(|(result, value)| (result.clone(), vec![*value])).collect();
    let mut waiting: VecDeque<Vec<bool>> = singles.keys().cloned().collect();
    while let Some(result) = waiting.pop_front() {
        for (own, value) in &singles {
            if !spend() {
                return Some((several(found), false));
            }
            let both = all
                .iter()
                .zip(result.iter().zip(own))
                .map(|(test, (one, other))| if asks_all(test) { *one && *other } else { *one || *other });
            let both: Vec<bool> = both.collect();
            if !found.contains_key(&both) {
                let members = found.get(&result).into_iter().flatten().copied().chain([*value]).collect();
                found.insert(both.clone(), members);
                waiting.push_back(both);
            }
        }
    }
    Some((several(found), true))
}

fn several(found: BTreeMap<Vec<bool>, Vec<&str>>) -> Vec<Value<'static>> {
    let sets = found.into_values().filter(|members| members.len() > 1);
    sets.map(|mut members| {
        members.sort_unstable();
        Value::of(members.into_iter().map(|text| text.to_owned().into()))
    })
    .collect()
}

/// What the conditions make of one value, which is given, for each context.
fn of_one(given: &Keys, tests: &[&Test], contexts: &[Context<'_>]) -> Option<Vec<bool>> {
    let results = contexts.iter().flat_map(|context| {
        let context = Context { keys: given, ..*context };
        tests.iter().map(move |test| match test.holds(context) {
            Truth::True => Some(true),
            Truth::False => Some(false),
            Truth::Unknown => None,
        })
    });
    results.collect()
}

/// Of several values, as [`Test::holds`] has it.
fn asks_all(test: &Test) -> bool {
    match test.operator.quantifier {
        Some(quantifier) => quantifier == Quantifier::All,
        None => test.operator.comparison.is_negated(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::request::{Asked, Request};
    use crate::language::{Condition, Version, read_json};

    /// Conditions on one key, and the sets of at least two values that make a difference.
    fn check(conditions: &str, values: &[&str], expected: Option<&[&[&str]]>) {
        let text =
            format!(r#"{{"Statement":{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{conditions}}}}}"#);
        let document = read_json("policy", &text).unwrap();
        let conditions: &[Condition] = &document.statements[0].conditions;
        let tests: Vec<Test> = conditions.iter().map(|condition| Test::new(condition, Version::V2012)).collect();
        let tests: Vec<&Test> = tests.iter().collect();
        let asked = Asked { principal: "*".to_owned(), action: "a:b".to_owned(), ..Asked::default() };
        let request = Request::new(asked).unwrap();
        let contexts = [Context { keys: &request.keys, resource: &request.resources[0] }];
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        let found = sets(&Key::new("k"), &tests, &values, &contexts).map(|(sets, complete)| {
            assert!(complete);
            sets.iter().map(|set| set.texts().iter().map(ToString::to_string).collect()).collect::<Vec<Vec<String>>>()
        });
        let expected = expected.map(|sets| {
            sets.iter().map(|set| set.iter().map(ToString::to_string).collect()).collect::<Vec<Vec<String>>>()
        });
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn only_what_no_single_value_does_wants_a_set() {
        let any = r#""ForAnyValue:StringEquals":{"k":"a"}"#;
        let all = r#""ForAllValues:StringEquals":{"k":["a","b"]}"#;
        check(&format!("{{{any}}}"), &["a", "b"], Some(&[]));
        check(&format!("{{{all}}}"), &["a", "b", "c"], Some(&[]));
        // Some value is `a`, and not all are in the list.
        check(&format!("{{{any},{all}}}"), &["a", "b", "c"], Some(&[&["a", "c"]]));
        let none = r#""StringNotEquals":{"k":"a"}"#;
        check(&format!("{{{any},{none}}}"), &["a", "b"], Some(&[]));
        let three = r#"{"ForAnyValue:StringEquals":{"k":"a"},"ForAnyValue:StringLike":{"k":"b"},"ForAnyValue:StringEqualsIgnoreCase":{"k":"c"}}"#;
        check(three, &["a", "b", "c"], Some(&[&["b", "c"], &["a", "c"], &["a", "b"], &["a", "b", "c"]]));
    }

    #[test]
    fn what_rests_on_what_is_unknown_is_not_known() {
        check(r#"{"ForAnyValue:StringEquals":{"k":["a","${x:y}"]}}"#, &["a", "b"], None);
        check(r#"{"ForAnyValue:StringEquals":{"k":["a","${k}"]}}"#, &["a", "b"], None);
    }
}
