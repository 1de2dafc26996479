//! Fewer and shorter statements that say the same. A statement holds on actions × resources × conditions; several hold
//! where any of them does. Whatever is done here keeps that union as it is, for every request.

use std::collections::HashMap;

use super::clause::Clause;
use super::list::Set;
use super::rule::{Origin, Rule};
use crate::language::{Effect, Operator, Version};

/// Merges what is equal but for its actions.
pub(super) fn by_actions(rules: Vec<Rule>) -> Vec<Rule> {
    let key = |rule: &Rule| Some((kind(rule), resources(rule), conditions(&rule.clauses)));
    grouped(rules, key, |left, right| {
        let actions = left.actions.or(&right.actions)?;
        Some(Rule { actions, ..left.clone() })
    })
}

/// Merges what is equal but for its resources.
pub(super) fn by_resources(rules: Vec<Rule>) -> Vec<Rule> {
    let key = |rule: &Rule| rule.resources.as_ref().map(|_| (kind(rule), actions(rule), conditions(&rule.clauses)));
    grouped(rules, key, |left, right| {
        let resources = left.resources.as_ref()?.or(right.resources.as_ref()?)?;
        Some(Rule { resources: Some(resources), ..left.clone() })
    })
}

/// Merges what is equal but for one condition.
pub(super) fn by_condition(rules: Vec<Rule>) -> Vec<Rule> {
    let key = |rule: &Rule| Some((kind(rule), actions(rule), resources(rule), rule.clauses.len()));
    grouped(rules, key, |left, right| Some(Rule { clauses: either(&left.clauses, &right.clauses)?, ..left.clone() }))
}

/// Conditions that hold exactly where one of two lists does: all are equal but for one.
pub(super) fn either(left: &[Clause], right: &[Clause]) -> Option<Vec<Clause>> {
    let same = |a: &Clause, b: &Clause| a.operator == b.operator && a.key == b.key && a.values == b.values;
    let own: Vec<&Clause> = left.iter().filter(|a| !right.iter().any(|b| same(a, b))).collect();
    let its: Vec<&Clause> = right.iter().filter(|b| !left.iter().any(|a| same(a, b))).collect();
    match (own.as_slice(), its.as_slice()) {
        ([], []) => Some(left.to_vec()),
        ([own], [its]) => {
            let joined = own.or(its)?;
            let rest = left.iter().filter(|clause| !same(clause, own)).cloned();
            let mut clauses: Vec<Clause> = rest.chain([joined]).collect();
            clauses.sort();
            Some(clauses)
        }
        _ => None,
    }
}

/// Drops what other statements cover: whole ones, single actions, single resources. What is dropped whole is told, with
/// the statements that cover it.
pub(super) fn covered(rules: &mut Vec<Rule>) -> Vec<(Vec<Origin>, Vec<Origin>)> {
    let mut dropped = Vec::new();
    let mut at = 0;
    while at < rules.len() {
        let Some(mut rule) = rules.get(at).cloned() else { break };
        let mut by: Vec<Origin> = Vec::new();
        let mut gone = false;
        for (place, other) in rules.iter().enumerate() {
            if place == at || !rule.same_kind(other) || !rule.conditions_imply(other) {
                continue;
            }
            if rule.resources_within(other) {
                if rule.actions.within(&other.actions) {
                    by.extend(other.origins.iter().cloned());
                    gone = true;
                    break;
                }
                if !rule.actions.negated {
                    let values = rule.actions.values.iter();
                    let kept: Vec<_> =
                        values.filter(|value| !rule.actions.value_within(value, &other.actions)).cloned().collect();
                    if kept.len() < rule.actions.values.len() {
                        by.extend(other.origins.iter().cloned());
                        rule.actions = rule.actions.with(kept);
                    }
                }
            } else if rule.actions.within(&other.actions)
                && let (Some(own), Some(its)) = (&rule.resources, &other.resources)
                && !own.negated
            {
                let kept: Vec<_> = own.values.iter().filter(|value| !own.value_within(value, its)).cloned().collect();
                if kept.len() < own.values.len() {
                    by.extend(other.origins.iter().cloned());
                    rule.resources = Some(own.with(kept));
                }
            }
        }
        // Others may have taken all of it piece by piece.
        let nothing = |set: &Set| !set.negated && set.values.is_empty();
        if gone || nothing(&rule.actions) || rule.resources.as_ref().is_some_and(nothing) {
            by.sort();
            by.dedup();
            dropped.push((rule.origins, by));
            rules.remove(at);
        } else {
            if let Some(there) = rules.get_mut(at) {
                *there = rule;
            }
            at += 1;
        }
    }
    dropped
}

/// Pairs that are looked at before it is left as it is: a bound on time, not on what is right.
const PAIRS: usize = 200_000;

/// Where two statements share actions and differ in resources or in one condition, the shared actions may go into one
/// statement of their own: done wherever that is shorter.
pub(super) fn factored(mut rules: Vec<Rule>) -> Vec<Rule> {
    let mut pairs = 0;
    'again: loop {
        for left in 0..rules.len() {
            for right in left + 1..rules.len() {
                pairs += 1;
                if pairs > PAIRS {
                    return rules;
                }
                let (Some(first), Some(second)) = (rules.get(left), rules.get(right)) else { continue };
                if let Some(parts) = shared(first, second) {
                    rules.remove(right);
                    rules.splice(left..=left, parts);
                    continue 'again;
                }
            }
        }
        return rules;
    }
}

fn shared(first: &Rule, second: &Rule) -> Option<Vec<Rule>> {
    if !first.same_kind(second) || first.actions.negated || second.actions.negated {
        return None;
    }
    let lower = |rule: &Rule| rule.actions.values.iter().map(|value| value.to_ascii_lowercase()).collect::<Vec<_>>();
    let (own, its) = (lower(first), lower(second));
    if !own.iter().any(|action| its.contains(action)) {
        return None;
    }
    let joined = if first.same_conditions(second) {
        let resources = first.resources.as_ref()?.or(second.resources.as_ref()?)?;
        Rule { resources: Some(resources), ..first.clone() }
    } else if first.resources == second.resources {
        Rule { clauses: either(&first.clauses, &second.clauses)?, ..first.clone() }
    } else {
        return None;
    };
    let rest = |rule: &Rule, others: &[String]| {
        let values = rule.actions.values.iter();
        let values = values.filter(|value| !others.contains(&value.to_ascii_lowercase())).cloned().collect();
        Rule { actions: rule.actions.with(values), ..rule.clone() }
    };
    let common = first.actions.values.iter().filter(|value| its.contains(&value.to_ascii_lowercase())).cloned();
    let mut both = Rule { actions: first.actions.with(common.collect()), ..joined };
    both.absorb(second);
    let mut parts = vec![both];
    parts.extend([rest(first, &its), rest(second, &own)].into_iter().filter(|rule| !rule.actions.values.is_empty()));
    let length = |rules: &[&Rule]| rules.iter().map(|rule| rule.length() + 1).sum::<usize>();
    (length(&parts.iter().collect::<Vec<_>>()) < length(&[first, second])).then_some(parts)
}

/// Merges each rule into the first of its group with which it can be joined.
fn grouped<K: std::hash::Hash + Eq>(
    rules: Vec<Rule>,
    key: impl Fn(&Rule) -> Option<K>,
    join: impl Fn(&Rule, &Rule) -> Option<Rule>,
) -> Vec<Rule> {
    let mut merged: Vec<Rule> = Vec::with_capacity(rules.len());
    let mut groups: HashMap<K, Vec<usize>> = HashMap::new();
    for rule in rules {
        let Some(key) = key(&rule) else {
            merged.push(rule);
            continue;
        };
        let group = groups.entry(key).or_default();
        let found = group.iter().find_map(|&place| Some((place, join(merged.get(place)?, &rule)?)));
        if let Some((place, mut joined)) = found {
            joined.absorb(&rule);
            if let Some(there) = merged.get_mut(place) {
                *there = joined;
            }
        } else {
            group.push(merged.len());
            merged.push(rule);
        }
    }
    merged
}

/// What rules must have in common to be joined at all.
pub(super) fn kind(rule: &Rule) -> (Effect, Version, String) {
    let principals = rule.principals.as_ref().map(|principals| format!("{principals:?}")).unwrap_or_default();
    (rule.effect, rule.version, principals)
}

fn actions(rule: &Rule) -> (bool, Vec<String>) {
    (rule.actions.negated, rule.actions.values.iter().map(|value| value.to_ascii_lowercase()).collect())
}

fn resources(rule: &Rule) -> Option<Set> {
    rule.resources.clone()
}

pub(super) type Asked = Vec<(Operator, String, Vec<String>)>;

pub(super) fn conditions(clauses: &[Clause]) -> Asked {
    clauses.iter().map(|clause| (clause.operator, clause.key.clone(), clause.values.clone())).collect()
}
