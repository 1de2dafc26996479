//! The requests that two sets of policies can tell apart: a dimension each for who asks, the action, the resource and
//! every condition key, each with finitely many classes. A statement is a box in it.

use std::collections::{BTreeMap, BTreeSet};

use super::actions::{Actions, Documented};
use super::people::People;
use super::region::{Bits, Box};
use super::words::{self, Literal};
use crate::containment::arn_overlap;
use crate::decide::Given;
use crate::decide::classes::{Classes, of_key, of_resources};
use crate::decide::open::{of_open_key, of_open_resources};
use crate::language::{Comparison, Condition, Effect, List, Statement, Text};
use crate::reference::meeting;

/// Who asks.
pub(super) const PRINCIPALS: usize = 0;
pub(super) const ACTIONS: usize = 1;
pub(super) const RESOURCES: usize = 2;
/// The first condition key.
pub(super) const KEYS: usize = 3;

#[derive(Debug)]
pub(super) struct Space {
    /// Classes of each dimension.
    pub lengths: Vec<usize>,
    /// Dimensions of which some combination may have been missed, or in which some may be of no request.
    inexact: Vec<bool>,
    /// Some combination may have been missed: what differs there only is in no case.
    pub incomplete: bool,
    /// Classes of resources that an element with a variable may be about.
    variable_resources: Bits,
    pub actions: Actions,
    /// A resource of each class.
    pub resources: Vec<String>,
    /// By class of resources: the services that they are of; None where that is not known.
    of_services: Vec<Option<BTreeSet<String>>>,
    pub keys: Vec<Key>,
    /// What can be said in each dimension; nothing for actions.
    literals: Vec<Vec<Literal>>,
    /// No statement allows anything.
    pub beside_full_access: bool,
    /// In the order of the statements.
    boxes: Vec<Option<Box>>,
}

#[derive(Debug)]
pub(super) struct Key {
    pub written: String,
    /// A state of each class; the first is the key's absence.
    pub states: Vec<Given>,
}

impl Space {
    pub fn new(statements: &[&Statement], documented: &Documented) -> Self {
        let lists: Vec<&List> = statements.iter().map(|statement| &statement.actions).collect();
        let actions = Actions::new(&lists, documented);
        let people = People::new(statements);
        let elements: Vec<&List> = statements.iter().filter_map(|statement| statement.resources.as_ref()).collect();
        let variable = |text: &Text| text.value.contains("${");
        let with_variables = elements.iter().any(|list| list.values.iter().any(variable));
        let resources = if with_variables { of_open_resources(&elements) } else { of_resources(&elements) };
        let mut by_key: BTreeMap<String, Vec<&Condition>> = BTreeMap::new();
        for condition in statements.iter().flat_map(|statement| &statement.conditions) {
            by_key.entry(condition.key.value.to_ascii_lowercase()).or_default().push(condition);
        }
        let tested = |key: &str| by_key.contains_key(&key.to_ascii_lowercase());
        // Texts with variables are taken as they are written where nothing else is asked.
        let open = |conditions: &[&Condition]| {
            conditions.iter().any(|condition| condition.values.iter().any(variable)) && !one_test(conditions, &tested)
        };
        // What is asked of the caller in other ways goes with who it is.
        let of_caller = |key: &String| key.starts_with("aws:principal") || key.starts_with("aws:user");
        let alone = people.names.is_empty() || !by_key.keys().any(of_caller);
        let mut inexact = vec![!people.exact || !alone, !actions.exact, !resources.exact];
        let mut incomplete = !people.exact || !actions.exact || !resources.exact;
        let mut keys: Vec<(Vec<&Condition>, Vec<Condition>, Classes<Given>)> = Vec::new();
        for conditions in by_key.values() {
            let single = single(conditions);
            let all: Vec<&Condition> = conditions.iter().copied().chain(&single).collect();
            let classes = if open(conditions) { of_open_key(&all) } else { of_key(&all) };
            inexact.push(!classes.exact || open(conditions));
            incomplete |= !classes.exact;
            keys.push((conditions.clone(), single, classes));
        }

        let mut lengths = vec![people.count(), actions.classes.len(), resources.members.len()];
        lengths.extend(keys.iter().map(|(_, _, classes)| classes.members.len()));

        // With a variable put in, an element may be about any of these.
        let any = |text: &Text| without_variables(&text.value);
        let variables: Vec<String> =
            elements.iter().flat_map(|list| &list.values).filter(|text| variable(text)).map(any).collect();
        let touched = |(sample, _): &(String, Vec<bool>)| variables.iter().any(|pattern| arn_overlap(pattern, sample));
        let variable_resources: Vec<bool> = resources.members.iter().map(touched).collect();

        let mut literals = vec![people.literals(statements), Vec::new()];
        literals.push(unique(elements.iter().enumerate().map(|(at, list)| {
            let (words, opposite) = words::resources(list);
            Literal { holds: side(&resources, at), words, opposite }
        })));
        literals.extend(keys.iter().map(|(conditions, single, classes)| {
            unique(conditions.iter().copied().chain(single).enumerate().map(|(at, condition)| {
                let (words, opposite) = words::condition(condition);
                Literal { holds: side(classes, at), words, opposite }
            }))
        }));

        let mut boxes = Vec::new();
        let mut element = 0;
        // Conditions of a key stand in the order of the statements.
        let mut next = vec![0; keys.len()];
        for (place, statement) in statements.iter().enumerate() {
            let has = |holds: &Vec<bool>| holds.get(place).copied().unwrap_or(false);
            let mut sides = vec![people.side(statement.principals.as_ref())];
            sides.push(Bits::of(&actions.classes.iter().map(has).collect::<Vec<_>>()));
            sides.push(if statement.resources.is_some() {
                element += 1;
                side(&resources, element - 1)
            } else {
                Bits::full(resources.members.len())
            });
            for ((conditions, _, classes), next) in keys.iter().zip(&mut next) {
                let mut met = Bits::full(classes.members.len());
                let asks = |condition: &&Condition| {
                    conditions.first().is_some_and(|first| first.key.value.eq_ignore_ascii_case(&condition.key.value))
                };
                for _ in statement.conditions.iter().filter(asks) {
                    met = met.and(&side(classes, *next));
                    *next += 1;
                }
                sides.push(met);
            }
            boxes.push(sides.iter().all(|side| !side.is_empty()).then_some(Box { sides }));
        }
        let keys = keys.into_iter().map(|(conditions, _, classes)| Key {
            written: conditions.first().map(|condition| condition.key.value.clone()).unwrap_or_default(),
            states: classes.members.into_iter().map(|(state, _)| state).collect(),
        });
        Self {
            lengths,
            inexact,
            incomplete,
            variable_resources: Bits::of(&variable_resources),
            actions,
            of_services: resources.members.iter().map(|(_, holds)| of_services(&elements, holds)).collect(),
            resources: resources.members.into_iter().map(|(resource, _)| resource).collect(),
            keys: keys.collect(),
            literals,
            beside_full_access: statements.iter().all(|statement| statement.effect == Effect::Deny),
            boxes,
        }
    }

    /// The box of a statement, by its position; None where no request fits it.
    pub fn of(&self, statement: usize) -> Option<&Box> {
        self.boxes.get(statement)?.as_ref()
    }

    pub fn whole(&self) -> Box {
        Box { sides: self.lengths.iter().map(|length| Bits::full(*length)).collect() }
    }

    /// A dimension's side of a box in words; None where it is all of it.
    pub fn told(&self, region: &Box, dimension: usize) -> Option<String> {
        let (side, length) = (region.sides.get(dimension)?, *self.lengths.get(dimension)?);
        let full = Bits::full(length);
        if *side == full {
            return None;
        }
        let literals = self.literals.get(dimension).map_or(&[][..], Vec::as_slice);
        // Classes differ in what holds for them, so that there always are words.
        Some(words::told(side, &full, literals).unwrap_or_else(|| "in a way that has no words".to_owned()))
    }

    /// Whether there are no requests in it: its actions are of services that never meet such resources.
    pub fn is_empty(&self, region: &Box) -> bool {
        let (Some(actions), Some(resources)) = (region.sides.get(ACTIONS), region.sides.get(RESOURCES)) else {
            return false;
        };
        let apart = |action: usize, resource: usize| {
            let met = self.actions.met.get(action).and_then(Option::as_ref);
            let of_services = self.of_services.get(resource).and_then(Option::as_ref);
            matches!((met, of_services), (Some(met), Some(services)) if met.is_disjoint(services))
        };
        actions.members().all(|action| resources.members().all(|resource| apart(action, resource)))
    }

    /// Whether what bounds the region is known to the last.
    pub fn is_exact(&self, region: &Box) -> bool {
        let full = |at: usize| region.sides.get(at) == self.lengths.get(at).map(|length| Bits::full(*length)).as_ref();
        let of_variables = !full(RESOURCES)
            && (region.sides.get(RESOURCES).is_some_and(|side| !side.and(&self.variable_resources).is_empty())
                || self.told(region, RESOURCES).is_some_and(|words| words.contains("${")));
        let bounded = |(at, inexact): (usize, &bool)| *inexact && (at == ACTIONS || !full(at));
        !of_variables && !self.inexact.iter().enumerate().any(bounded)
    }
}

/// The services of resources that these of the elements hold for.
fn of_services(elements: &[&List], holds: &[bool]) -> Option<BTreeSet<String>> {
    let held = elements.iter().zip(holds).filter(|(list, holds)| **holds && !list.negated).map(|(list, _)| list);
    let services = held.filter_map(|list| list.values.iter().map(|arn| meeting::named(&arn.value)).collect());
    services.reduce(|one: BTreeSet<String>, other| one.intersection(&other).cloned().collect())
}

/// A pattern with `*` for every variable.
fn without_variables(text: &str) -> String {
    let mut parts = text.split("${");
    let mut pattern = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        pattern.push('*');
        pattern.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    pattern
}

/// Single values are told apart too, up to this many of a key, so that they can be named.
const MOST_SINGLE: usize = 40;

/// A condition for each value of conditions that have several. A value by itself says more in words than two lists.
fn single(conditions: &[&Condition]) -> Vec<Condition> {
    let several = conditions.iter().filter(|condition| {
        condition.values.len() > 1
            && condition.operator.quantifier.is_none()
            && condition.operator.comparison != Comparison::Null
    });
    let each = several.flat_map(|condition| {
        let one = |value: &Text| Condition { values: vec![value.clone()], ..(*condition).clone() };
        condition.values.iter().map(one)
    });
    let mut single: Vec<Condition> = Vec::new();
    for condition in each.take(MOST_SINGLE * 4) {
        let alike = |other: &Condition| {
            other.operator == condition.operator
                && other.values.iter().zip(&condition.values).all(|(a, b)| a.value == b.value)
        };
        if single.len() < MOST_SINGLE && !single.iter().any(alike) {
            single.push(condition);
        }
    }
    single
}

/// Whether all conditions on a key ask one thing of it, or whether it is there. What it asks may hold and may not, whatever
/// a variable in it stands for, if nothing else is asked of the variable.
fn one_test(conditions: &[&Condition], tested: &impl Fn(&str) -> bool) -> bool {
    let mut asking = conditions.iter().filter(|condition| condition.operator.comparison != Comparison::Null);
    let Some(first) = asking.next() else { return true };
    let [value] = first.values.as_slice() else { return false };
    let variables =
        value.value.split("${").skip(1).map(|rest| rest.split(['}', ',']).next().unwrap_or_default().trim());
    first.operator.quantifier.is_none()
        && !variables.into_iter().any(tested)
        && asking.all(|other| {
            other.operator == first.operator && matches!(other.values.as_slice(), [one] if one.value == value.value)
        })
}

fn side<T>(classes: &Classes<T>, at: usize) -> Bits {
    let has = |(_, holds): &(T, Vec<bool>)| holds.get(at).copied().unwrap_or(false);
    Bits::of(&classes.members.iter().map(has).collect::<Vec<_>>())
}

/// Of literals that hold alike, the one with the fewest words.
pub(super) fn unique(literals: impl Iterator<Item = Literal>) -> Vec<Literal> {
    let mut best: BTreeMap<Bits, Literal> = BTreeMap::new();
    for literal in literals {
        let rank = |literal: &Literal| (literal.words.len() + literal.opposite.len(), literal.words.clone());
        match best.get(&literal.holds) {
            Some(there) if rank(there) <= rank(&literal) => {}
            _ => {
                best.insert(literal.holds.clone(), literal);
            }
        }
    }
    best.into_values().collect()
}
