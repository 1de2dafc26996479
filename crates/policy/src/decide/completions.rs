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
use super::request::{Context, Key, State, Value};
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
    if let Outcome::Differs(missing) = decide_likely(question, &unknown) {
        return depends(missing.unwrap_or_else(names), false);
    }
    let every = Every::new(question, &unknown);
    let outcome = match every.outcome(question) {
        Some(Outcome::Same(answer)) if answer.decision != Decision::Depends => return answer,
        Some(outcome) if !every.stands_in() => outcome,
        _ => decide_each(question, &every.candidates, every.most, Taken::Itself),
    };
    match outcome {
        Outcome::Differs(missing) => depends(missing.unwrap_or_else(names), false),
        Outcome::Same(_) => depends(names(), true),
    }
}

/// Says of a denial for want of an allow whether a statement denies too, whatever the unknown keys are.
pub(super) fn settle(question: &Question<'_>, denied: Answer) -> Answer {
    if !question.may_deny() {
        return denied;
    }
    let unknown = unknown_keys(question);
    match decide_likely(question, &unknown) {
        Outcome::Same(answer) if answer.decision == Decision::ExplicitDeny => {}
        _ => return denied,
    }
    match Every::new(question, &unknown).outcome(question) {
        Some(Outcome::Same(answer)) if answer.decision == Decision::ExplicitDeny => answer,
        _ => denied,
    }
}

type Unknown<'q> = BTreeMap<&'q str, Asked<'q>>;

/// Resources of different accounts, at most, whose account is put in for a variable.
const MOST_ACCOUNTS: usize = 16;

/// The contexts of the resources, one for each account, and whether these are all.
fn contexts<'q>(question: &Question<'q>) -> (Vec<Context<'q>>, bool) {
    let request = question.request;
    let mut seen = HashSet::new();
    let accounts = request.resources.iter().filter(|resource| seen.insert(resource.account_texts()));
    let contexts = accounts.map(|resource| Context { keys: &request.keys, resource });
    let mut contexts: Vec<Context<'q>> = contexts.take(MOST_ACCOUNTS + 1).collect();
    let all = contexts.len() <= MOST_ACCOUNTS;
    contexts.truncate(MOST_ACCOUNTS);
    (contexts, all)
}

/// Combinations that are decided at most.
fn most(question: &Question<'_>, unknown: &Unknown<'_>) -> usize {
    (MOST_COMPARED / (cost(question) + unknown.len() * COST_OF_KEY)).clamp(1, MOST)
}

/// Decides for likely values.
fn decide_likely(question: &Question<'_>, unknown: &Unknown<'_>) -> Outcome {
    let hints = hints(question);
    let (contexts, _) = contexts(question);
    let few = unknown.values().map(|of| likely(of.key, &of.tests, if of.variable { &hints } else { &[] }, &contexts));
    let few: Vec<Candidates<'_>> = few.collect();
    decide_each(question, &few, most(question, unknown), Taken::Itself)
}

/// All values that make a difference.
struct Every<'q> {
    candidates: Vec<Candidates<'q>>,
    /// Combinations of them that are decided at most.
    most: usize,
    /// Whatever the unknown keys are, one of these combinations is decided alike.
    exact: bool,
}

impl<'q> Every<'q> {
    fn new(question: &Question<'q>, unknown: &Unknown<'q>) -> Self {
        let mut work = MOST_WORK;
        let (contexts, all_accounts) = contexts(question);
        let of_key = |of: &Asked<'q>| all(of.key, &of.tests, of.variable, &contexts, &mut work);
        let candidates: Vec<Candidates<'q>> = unknown.values().map(of_key).collect();
        let counted = candidates.iter().try_fold(1_usize, |count, of| count.checked_mul(of.values.len()));
        let most = most(question, unknown);
        // Without an unknown key it is something that no key holds, as whose account a canonical user is.
        let exact = !unknown.is_empty()
            && all_accounts
            && candidates.iter().all(|of| of.exact)
            && counted.is_some_and(|count| count <= most)
            && !(unknown.values().any(|of| of.key.is_resource_account()) && question.request.has_unknown_accounts());
        Self { candidates, most, exact }
    }

    /// What comes of every combination, where these are all.
    fn outcome(&self, question: &Question<'_>) -> Option<Outcome> {
        self.exact.then(|| decide_each(question, &self.candidates, self.most, Taken::StandIn))
    }

    fn stands_in(&self) -> bool {
        self.candidates.iter().flat_map(|of| &of.values).any(|value| matches!(value, Value::StandIn(_)))
    }
}

fn depends(missing: Vec<String>, approximate: bool) -> Answer {
    Answer {
        decision: Decision::Depends,
        by: None,
        missing,
        approximate,
        assumed_same_account: false,
        unknown_action: false,
    }
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
fn unknown_keys<'q>(question: &'q Question<'q>) -> Unknown<'q> {
    let mut unknown = Unknown::new();
    let mut seen: HashSet<*const Test> = HashSet::new();
    let request = question.request;
    for resource in &request.resources {
        let context = Context { keys: &request.keys, resource };
        let arn = Arn::new(&resource.arn);
        let is_unknown = |key: &Key| context.get(key) == State::Unknown;
        for (layer, rule) in question.rules(resource) {
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
            let of_resources = rule.resources.iter().flatten().flat_map(super::arn::ResourcePattern::keys);
            for key in of_tests.chain(of_resources).filter(|key| is_unknown(key)) {
                asked(&mut unknown, key).variable = true;
            }
        }
    }
    unknown
}

impl Values {
    /// The keys of their variables.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
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

/// What a stand-in is taken for.
#[derive(Clone, Copy)]
enum Taken {
    /// Any of the values that the conditions on its key do not tell from it.
    StandIn,
    /// The value that it is.
    Itself,
}

/// Decides the combinations of candidates, at most so many of them, evenly spread.
fn decide_each(question: &Question<'_>, candidates: &[Candidates<'_>], most: usize, taken: Taken) -> Outcome {
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
            let value = of.values.get(at).unwrap_or(&Value::Absent);
            keys.set(
                of.key,
                match taken {
                    Taken::StandIn => value.borrowed(),
                    Taken::Itself => value.itself(),
                },
            );
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
