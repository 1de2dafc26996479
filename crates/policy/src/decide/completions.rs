//! What the unknown keys could be, and whether the answer depends on it.
//!
//! Three-valued logic says `depends` too often: `Deny if x = a` and `Deny if x ≠ a` deny together whatever `x` is. So the
//! values that the policies can tell apart are listed, first a few likely ones (two that decide differently prove
//! `depends`), then all of them; each combination is decided on its own.

use std::collections::{BTreeMap, HashSet};

use super::answer::{Answer, Decision};
use super::arn::Arn;
use super::automaton::MOST_WORK;
use super::candidates::{Candidates, all, likely};
use super::condition::{Test, Values};
use super::evaluate::Question;
use super::request::{Context, Key, Keys, State, Value};
use super::truth::Truth;

/// Combinations that are decided one by one, at most.
const MOST: usize = 4096;
/// Of these fewer where one decision is long: what all of them may compare, in signs of policies.
const MOST_COMPARED: usize = 40_000_000;
/// Parts of the request that are tried as values of variables.
const MOST_HINTS: usize = 64;

/// Narrows down an answer that came out as `depends`.
pub(super) fn narrow(question: &Question<'_>) -> Answer {
    let unknown = unknown_keys(question);
    let names = || unknown.values().map(|of| of.key.written.to_string()).collect::<Vec<_>>();
    let keys = &question.request.keys;
    let context = question.request.resources.first().map(|resource| Context { keys, resource });
    let Some(context) = context else { return depends(names(), true) };
    // A name that no condition key holds, as whose account a canonical user is.
    let hidden = unknown.is_empty();

    let hints = hints(question);
    let few: Vec<Candidates<'_>> =
        unknown.values().map(|of| likely(of.key, &of.tests, if of.variable { &hints } else { &[] }, context)).collect();
    let most = (MOST_COMPARED / (cost(question) + unknown.len() * COST_OF_KEY)).clamp(1, MOST);
    match decide_each(question, &few, most) {
        Outcome::Differs(missing) => return depends(missing.unwrap_or_else(names), false),
        Outcome::Same(_) => {}
    }
    drop(few);
    let mut work = MOST_WORK;
    let every: Vec<Candidates<'_>> = unknown.values().map(|of| all(of.key, &of.tests, context, &mut work)).collect();
    let counted = every.iter().try_fold(1_usize, |count, of| count.checked_mul(of.values.len()));
    let exact = !hidden
        && unknown.values().all(|of| !of.variable)
        && every.iter().all(|of| of.exact)
        && counted.is_some_and(|count| count <= most);
    match decide_each(question, &every, most) {
        Outcome::Differs(missing) => depends(missing.unwrap_or_else(names), false),
        Outcome::Same(answer) if exact && answer.decision != Decision::Depends => answer,
        Outcome::Same(_) => depends(names(), true),
    }
}

fn depends(missing: Vec<String>, approximate: bool) -> Answer {
    Answer { decision: Decision::Depends, by: None, missing, approximate, assumed_same_account: false }
}

/// Of setting a key, beside comparing.
const COST_OF_KEY: usize = 16;

/// What one decision compares at most, roughly: the signs of every pattern, and as many of what it is compared with.
fn cost(question: &Question<'_>) -> usize {
    let request = question.request;
    let longest =
        request.resources.iter().map(|resource| &*resource.arn).chain(request.keys.known()).map(str::len).max();
    let rules = question.selection.rules(question.policies);
    let of_one: usize = rules.map(|rule| rule.size.cost(longest.unwrap_or_default())).sum();
    of_one.saturating_add(1).saturating_mul(request.resources.len())
}

/// What is asked of an unknown key.
struct Asked<'q> {
    key: &'q Key,
    tests: Vec<&'q Test>,
    /// It stands as a variable in a text.
    variable: bool,
}

fn asked<'a, 'q>(unknown: &'a mut BTreeMap<&'q str, Asked<'q>>, key: &'q Key) -> &'a mut Asked<'q> {
    let new = || Asked { key, tests: Vec::new(), variable: false };
    unknown.entry(&key.lower).or_insert_with(new)
}

/// What a variable could be so that its text fits: the parts of what is asked for.
fn hints(question: &Question<'_>) -> Vec<String> {
    let request = question.request;
    let arns = request.resources.iter().map(|resource| &*resource.arn);
    let texts = arns.chain(request.keys.known());
    let parts = texts.flat_map(|text| text.split([':', '/'])).take(MOST_HINTS);
    let mut hints: Vec<String> = parts.map(str::to_owned).collect();
    hints.sort();
    hints.dedup();
    hints
}

/// The unknown keys of the statements that may still hold, with what is asked of each.
fn unknown_keys<'q>(question: &Question<'q>) -> BTreeMap<&'q str, Asked<'q>> {
    let mut unknown: BTreeMap<&str, Asked<'_>> = BTreeMap::new();
    let mut seen: HashSet<*const Test> = HashSet::new();
    let request = question.request;
    for resource in &request.resources {
        let context = Context { keys: &request.keys, resource };
        let arn = Arn::new(&resource.arn);
        let limited = question.limited(resource, &arn);
        let is_unknown = |key: &Key| context.get(key) == State::Unknown;
        for (slot, (layer, policies)) in question.selection.slots.iter().zip(question.policies.layers()) {
            if !limited.by(layer) {
                continue;
            }
            let rules = slot.rules.iter().filter_map(|&(policy, rule)| policies.get(policy)?.rules.get(rule));
            for rule in rules {
                let about = question.about(rule, layer).any();
                if about == Truth::False || rule.holds(&arn, context) == Truth::False {
                    continue;
                }
                for test in rule.tests.iter().filter(|test| is_unknown(&test.key)) {
                    if seen.insert(std::ptr::from_ref(test)) {
                        asked(&mut unknown, &test.key).tests.push(test);
                    }
                }
                let of_tests = rule.tests.iter().flat_map(|test| test.values.keys());
                let of_resources = rule.resources.iter().flatten().flat_map(super::arn::ArnPattern::keys);
                for key in of_tests.chain(of_resources).filter(|key| is_unknown(key)) {
                    asked(&mut unknown, key).variable = true;
                }
            }
        }
    }
    unknown
}

impl Values {
    /// The keys of their variables.
    fn keys(&self) -> impl Iterator<Item = &Key> {
        let (templates, arns) = match self {
            Self::Texts { templates, .. } => (&templates[..], &[][..]),
            Self::Arns(arns) => (&[][..], &arns[..]),
            _ => (&[][..], &[][..]),
        };
        templates.iter().flat_map(super::text::Template::keys).chain(arns.iter().flat_map(super::arn::ArnPattern::keys))
    }
}

enum Outcome {
    /// Two combinations are decided differently. The keys that tell them apart, where every combination was tried.
    Differs(Option<Vec<String>>),
    /// All are decided alike; the first answer, or `depends` where it cannot be said.
    Same(Answer),
}

/// Decides the combinations of candidates, at most so many of them, evenly spread.
fn decide_each(question: &Question<'_>, candidates: &[Candidates<'_>], most: usize) -> Outcome {
    let count = candidates.iter().try_fold(1_usize, |count, of| count.checked_mul(of.values.len()));
    let whole = count.filter(|count| *count <= most);
    let mut keys = question.request.keys.clone();
    let mut decisions: Vec<Decision> = Vec::new();
    let mut first: Option<Answer> = None;
    let mut mixed = false;
    let mut random = fastrand::Rng::with_seed(1);
    for turn in 0..whole.unwrap_or(most) {
        let mut rest = turn;
        for of in candidates {
            let length = of.values.len().max(1);
            let at = if whole.is_some() { rest % length } else { random.usize(..length) };
            rest /= length;
            set(&mut keys, of, at);
        }
        let answer = question.answer(&keys);
        decisions.push(answer.decision);
        match &mut first {
            None => first = Some(answer),
            Some(first) if first.decision == answer.decision => {}
            // Denied both ways: by a statement, and because none allows. Denied it is.
            Some(first) if first.decision.is_deny() && answer.decision.is_deny() => {
                if answer.decision == Decision::ImplicitDeny {
                    *first = answer;
                }
            }
            Some(_) => mixed = true,
        }
    }
    match first {
        Some(answer) if !mixed => Outcome::Same(answer),
        _ if decisions.contains(&Decision::Depends)
            && !(decisions.contains(&Decision::Allow) && decisions.iter().any(|decision| decision.is_deny())) =>
        {
            Outcome::Same(depends(Vec::new(), true))
        }
        _ => Outcome::Differs(whole.map(|_| telling(candidates, &decisions))),
    }
}

fn set(keys: &mut Keys, of: &Candidates<'_>, at: usize) {
    keys.set(of.key, of.values.get(at).cloned().unwrap_or(Value::Absent));
}

/// The keys of which two values, all others alike, are decided differently.
fn telling(candidates: &[Candidates<'_>], decisions: &[Decision]) -> Vec<String> {
    let mut stride = 1;
    let mut keys = Vec::new();
    for of in candidates {
        let length = of.values.len().max(1);
        let tells = |at: usize| {
            let here = decisions.get(at);
            let there = decisions.get(at - (at / stride % length) * stride);
            matches!((here, there), (Some(here), Some(there)) if here.is_deny() != there.is_deny())
        };
        if (0..decisions.len()).any(tells) {
            keys.push(of.key.written.to_string());
        }
        stride *= length;
    }
    keys
}
