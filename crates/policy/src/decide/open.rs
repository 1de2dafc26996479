//! What policy variables leave open: a value with a variable in it may fit a key or a resource, or may not, whatever else
//! does. The states and resources are those of `classes`, each once for every outcome.

use std::collections::{HashMap, HashSet};

use super::arn::{Arn, ResourcePattern};
use super::automaton::MOST_WORK;
use super::candidates::all;
use super::classes::{Classes, arns};
use super::condition::Test;
use super::keys::Keys;
use super::request::{Context, Given, Request, Value};
use super::truth::Truth;
use crate::language::{Comparison, Condition, List, Operator, Version};

/// Values with variables that are left open for one state or resource.
const MOST_OPEN: usize = 6;
/// States or resources, outcomes counted.
const MOST_MEMBERS: usize = 4_096;

/// The states of one condition key that these conditions on it tell apart, whatever their variables stand for; its absence
/// is the first. Some may be of no request.
pub(crate) fn of_open_key(conditions: &[&Condition]) -> Classes<Given> {
    let tests: Vec<Test> = conditions.iter().map(|condition| Test::new(condition, Version::V2012)).collect();
    let references: Vec<&Test> = tests.iter().collect();
    let Some(first) = tests.first() else { return Classes::new(false) };
    let (mut keys, resource) = (Keys::default(), Request::no_resource());
    let mut work = MOST_WORK;
    let candidates = all(&first.key, &references, false, &[Context { keys: &keys, resource: &resource }], &mut work);
    let mut parts = Parts::default();
    let asked: Vec<Asked> = conditions.iter().zip(&tests).map(|(condition, test)| parts.of(condition, test)).collect();
    let mut outcomes = Outcomes::new(candidates.exact);
    for value in candidates.values {
        keys.set(&first.key, value.clone());
        let context = Context { keys: &keys, resource: &resource };
        let given = match &value {
            Value::Known(values) => Given::Values(values.iter().map(ToString::to_string).collect()),
            _ => Given::Absent,
        };
        let open: Vec<Truth> = parts.tests.iter().map(|test| test.holds(context)).collect();
        outcomes.add(&given, &open, |fits| {
            let one = |(asked, test): (&Asked, &Test)| match asked {
                Asked::Any { parts, negated } if given != Given::Absent => parts.iter().any(|at| fits(*at)) != *negated,
                Asked::Whole(part) if given != Given::Absent => fits(*part),
                _ => test.holds(context) == Truth::True,
            };
            asked.iter().zip(&tests).map(one).collect()
        });
    }
    outcomes.classes
}

/// The resources that these elements tell apart, whatever their variables stand for. Some may be of no request.
pub(crate) fn of_open_resources(lists: &[&List]) -> Classes<String> {
    let compile = |list: &&List| -> Vec<ResourcePattern> {
        list.values.iter().map(|text| ResourcePattern::new(&text.value, Version::V2012)).collect()
    };
    let elements: Vec<Vec<ResourcePattern>> = lists.iter().map(compile).collect();
    let (keys, resource) = (Keys::default(), Request::no_resource());
    let context = Context { keys: &keys, resource: &resource };
    let (texts, complete) = arns(lists, &elements, context);
    // Equal patterns have one outcome.
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut patterns: Vec<&ResourcePattern> = Vec::new();
    let mut open: Vec<Vec<usize>> = Vec::new();
    for (list, compiled) in lists.iter().zip(&elements) {
        let place = |(text, pattern)| {
            *places.entry(text).or_insert_with(|| {
                patterns.push(pattern);
                patterns.len() - 1
            })
        };
        open.push(list.values.iter().map(|text| text.value.as_str()).zip(compiled).map(place).collect());
    }
    let mut outcomes = Outcomes::new(complete);
    for text in texts {
        let arn = Arn::new(&text);
        let truths: Vec<Truth> = patterns.iter().map(|pattern| pattern.matches(&arn, context)).collect();
        outcomes.add(&text, &truths, |fits| {
            let one = |(list, parts): (&&List, &Vec<usize>)| parts.iter().any(|at| fits(*at)) != list.negated;
            lists.iter().zip(&open).map(one).collect()
        });
    }
    outcomes.classes
}

/// What is asked of a key by a condition, in parts whose outcomes are open.
enum Asked {
    /// That one of these holds, or none.
    Any { parts: Vec<usize>, negated: bool },
    /// A set operator: its own part.
    Whole(usize),
    /// Nothing is open.
    Known,
}

/// What conditions with variables ask of a key, each once: every value by itself, but for set operators.
#[derive(Default)]
struct Parts {
    places: HashMap<(Operator, Vec<String>), usize>,
    tests: Vec<Test>,
}

impl Parts {
    fn of(&mut self, condition: &Condition, test: &Test) -> Asked {
        if condition.operator.comparison == Comparison::Null || test.values.keys().next().is_none() {
            return Asked::Known;
        }
        let plain = Operator { if_exists: false, ..condition.operator };
        if plain.quantifier.is_some() {
            return Asked::Whole(self.place(&Condition { operator: plain, ..condition.clone() }));
        }
        let operator = Operator { comparison: plain.comparison.positive(), ..plain };
        let one = |value| Condition { operator, values: vec![value], ..condition.clone() };
        let parts = condition.values.iter().map(|value| self.place(&one(value.clone()))).collect();
        Asked::Any { parts, negated: plain.comparison.is_negated() }
    }

    fn place(&mut self, condition: &Condition) -> usize {
        let values = condition.values.iter().map(|value| value.value.clone()).collect();
        *self.places.entry((condition.operator, values)).or_insert_with(|| {
            self.tests.push(Test::new(condition, Version::V2012));
            self.tests.len() - 1
        })
    }
}

struct Outcomes<T> {
    classes: Classes<T>,
    seen: HashSet<Vec<bool>>,
}

impl<T: Clone> Outcomes<T> {
    fn new(exact: bool) -> Self {
        Self { classes: Classes::new(exact), seen: HashSet::new() }
    }

    /// Adds a member for each outcome of what is not known. `holds`: what holds, by which parts fit.
    fn add(&mut self, member: &T, parts: &[Truth], holds: impl Fn(&dyn Fn(usize) -> bool) -> Vec<bool>) {
        let open: Vec<usize> = (0..parts.len()).filter(|at| parts.get(*at) == Some(&Truth::Unknown)).collect();
        self.classes.exact &= open.len() <= MOST_OPEN;
        for outcome in 0_u32..(1 << open.len().min(MOST_OPEN)) {
            if self.classes.members.len() >= MOST_MEMBERS {
                self.classes.exact = false;
                return;
            }
            let fits = |at: usize| match parts.get(at) {
                Some(Truth::Unknown) => open
                    .iter()
                    .take(MOST_OPEN)
                    .position(|place| *place == at)
                    .is_some_and(|bit| outcome & (1 << bit) != 0),
                truth => truth == Some(&Truth::True),
            };
            self.classes.add(&mut self.seen, member.clone(), holds(&fits));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::read_json;

    fn statement(rest: &str) -> crate::language::Statement {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"*",{rest}}}}}"#);
        read_json("policy", &text).unwrap().statements.remove(0)
    }

    /// Conditions on one key, and what can hold of them together.
    fn check(conditions: &str, expected: &[&[bool]]) {
        let statement = statement(&format!(r#""Resource":"*","Condition":{conditions}"#));
        let classes = of_open_key(&statement.conditions.iter().collect::<Vec<_>>());
        assert!(classes.exact, "{conditions}");
        let found: HashSet<Vec<bool>> = classes.members.into_iter().map(|(_, holds)| holds).collect();
        assert_eq!(found, expected.iter().map(|holds| holds.to_vec()).collect(), "{conditions}");
    }

    #[test]
    fn a_variable_may_stand_for_what_a_pattern_fits() {
        let all: &[&[bool]] = &[&[false, false], &[false, true], &[true, false], &[true, true]];
        check(r#"{"StringEquals":{"k":"${aws:username}"},"StringLike":{"k":"a*"}}"#, all);
        // What stands beside the variable is there for certain.
        check(
            r#"{"StringEquals":{"k":"b-${aws:username}"},"StringLike":{"k":"a*"}}"#,
            &[&[false, false], &[false, true], &[true, false]],
        );
        // A condition and its opposite; an absent key fits neither the one nor `b`.
        check(
            r#"{"StringEquals":{"k":["${aws:username}","b"]},"StringNotEquals":{"k":["b","${aws:username}"]}}"#,
            &[&[false, true], &[true, false]],
        );
        check(
            r#"{"ForAnyValue:StringEquals":{"k":"${aws:username}"},"Null":{"k":"true"}}"#,
            &[&[false, false], &[true, false], &[false, true]],
        );
    }

    #[test]
    fn more_variables_than_are_tried_are_not_exact() {
        let many: Vec<String> = (0..8).map(|at| format!(r#""${{a:b{at}}}""#)).collect();
        let many = statement(&format!(r#""Resource":"*","Condition":{{"StringEquals":{{"k":[{}]}}}}"#, many.join(",")));
        assert!(!of_open_key(&many.conditions.iter().collect::<Vec<_>>()).exact);
    }

    #[test]
    fn a_resource_may_be_one_that_a_variable_stands_for() {
        let element = |text: &str| statement(&format!(r#""Resource":"{text}""#)).resources.unwrap();
        let check = |one: &str, other: &str, both: bool| {
            let classes = of_open_resources(&[&element(one), &element(other)]);
            assert!(classes.exact);
            let met = classes.members.iter().any(|(_, holds)| *holds == [true, true]);
            assert_eq!(met, both, "{one} {other}");
        };
        check("arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/bob/*", true);
        check("arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::logs/*", false);
    }
}
