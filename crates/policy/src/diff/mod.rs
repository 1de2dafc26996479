//! What a change of policies denies that was allowed, and allows that was denied: as cases of actions, resources and
//! conditions, not as lines of text.
//!
//! Both sides become boxes in one space, whose dimensions have finitely many classes each (see `space`), and the
//! difference of the boxes is the answer. It is exact as far as the classes are; a case that rests upon a dimension
//! that is not says so, and the answer does where a class may have been missed. What a variable stands for may be anything.
//! Keys are taken to be independent of each other. Any action may meet any resource, but for what AWS
//! documents to be of different services: a difference in nothing else is none.

mod actions;
mod people;
mod region;
mod space;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use dodai_facts::escape::terminal;
use serde::Serialize;

use crate::decide::Given;
use crate::language::{Document, Effect, Statement, Version};
use crate::reference::Reference;

use actions::{Documented, Named};
use region::{Box, minus_all, simplified};
use space::{ACTIONS, KEYS, PRINCIPALS, RESOURCES, Space};

/// What the second of two sets of policies decides otherwise than the first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    pub newly_denied: Vec<Case>,
    pub newly_allowed: Vec<Case>,
    /// There may be more that is newly denied: not everything that the policies tell apart was compared.
    pub may_deny_more: bool,
    /// The same of what is newly allowed.
    pub may_allow_more: bool,
    /// Neither side allows anything: they were compared as denying from everything, as policies do that are attached
    /// beside `FullAWSAccess`.
    pub beside_full_access: bool,
    /// The day of the reference by which actions are known.
    pub reference: String,
}

/// Requests that are decided otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// Names and patterns.
    pub actions: Vec<String>,
    /// Those that the patterns of `actions` name and that are not meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// In words; None: every resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<String>,
    /// In words; None: whoever asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principals: Option<String>,
    /// In words; all must hold. "Is not" is said of an absent key, too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
    pub example: Example,
    /// It may hold for somewhat more or fewer requests.
    pub approximate: bool,
    #[serde(skip)]
    region: Box,
}

/// A request of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    pub action: String,
    pub resource: String,
    /// The condition keys that the policies ask about; None: absent.
    pub context: BTreeMap<String, Option<Vec<String>>>,
}

/// Compares two sets of policies of one kind and level: the service control policies of one target before and after a
/// change, say, or the identity policies of a role. Statements of several levels must not be put together.
pub fn diff(before: &[Document], after: &[Document], reference: &Reference) -> Difference {
    difference(before, after, &Documented::new(reference), reference.date())
}

fn difference(before: &[Document], after: &[Document], documented: &Documented, date: &str) -> Difference {
    let (newly_denied, newly_allowed, space) = compare(before, after, documented);
    let missed = space.incomplete || has_old_signs(before) || has_old_signs(after);
    Difference {
        newly_denied,
        newly_allowed,
        may_deny_more: missed && !denies_no_more(before, after),
        // What is allowed by going from one to the other is denied by going back.
        may_allow_more: missed && !denies_no_more(after, before),
        beside_full_access: space.beside_full_access,
        reference: date.to_owned(),
    }
}

/// Whether the second has whatever the first allows, and denies nothing else, word for word.
fn denies_no_more(first: &[Document], second: &[Document]) -> bool {
    let (first, second) = (words_of(first), words_of(second));
    first.0.is_subset(&second.0) && second.1.is_subset(&first.1)
}

/// The statements that allow, and those that deny, without their names.
fn words_of(documents: &[Document]) -> (HashSet<String>, HashSet<String>) {
    let (mut allow, mut deny) = (HashSet::new(), HashSet::new());
    for document in documents {
        for statement in &document.statements {
            let alone = Statement { sid: None, ..statement.clone() };
            let text = Document { id: None, statements: vec![alone], ..*document }.to_json();
            match statement.effect {
                Effect::Allow => allow.insert(text),
                Effect::Deny => deny.insert(text),
            };
        }
    }
    (allow, deny)
}

/// Whether signs that stand for themselves (`${*}`) are in a policy of the version that has none: they are taken for such.
fn has_old_signs(documents: &[Document]) -> bool {
    let has = |text: &String| ["${*}", "${?}", "${$}"].iter().any(|sign| text.contains(sign));
    documents.iter().filter(|document| document.version == Version::V2008).any(|document| has(&document.to_json()))
}

/// What the second denies newly, what it allows newly, and the space in which that was found.
fn compare(before: &[Document], after: &[Document], documented: &Documented) -> (Vec<Case>, Vec<Case>, Space) {
    let (old, new) = (statements(before), statements(after));
    let all: Vec<&Statement> = old.iter().chain(&new).copied().collect();
    let space = Space::new(&all, documented);
    let side = |from: usize, statements: &[&Statement]| {
        let mut side = Side::default();
        for (at, statement) in statements.iter().enumerate() {
            let of_effect = match statement.effect {
                Effect::Allow => &mut side.allow,
                Effect::Deny => &mut side.deny,
            };
            of_effect.extend(space.of(from + at).cloned());
        }
        if space.beside_full_access {
            side.allow.push(space.whole());
        }
        side
    };
    let (old, new) = (side(0, &old), side(old.len(), &new));
    (cases(&old, &new, &space), cases(&new, &old, &space), space)
}

fn statements(documents: &[Document]) -> Vec<&Statement> {
    documents.iter().flat_map(|document| &document.statements).collect()
}

/// What one side's statements are about.
#[derive(Default)]
struct Side {
    allow: Vec<Box>,
    deny: Vec<Box>,
}

/// What the first side allows and the second does not.
fn cases(first: &Side, second: &Side, space: &Space) -> Vec<Case> {
    let mut parts: Vec<Box> = Vec::new();
    let mut exact = true;
    let mut add = |whole: &Box, others: &mut dyn Iterator<Item = &Box>| {
        minus_all(whole, others).unwrap_or_else(|_| {
            exact = false;
            vec![whole.clone()]
        })
    };
    for allowed in &first.allow {
        if !second.allow.iter().any(|other| allowed.within(other)) {
            parts.extend(add(allowed, &mut second.allow.iter().chain(&first.deny)));
        }
        for denied in &second.deny {
            if let Some(both) = allowed.and(denied).filter(|both| !first.deny.iter().any(|other| both.within(other))) {
                parts.extend(add(&both, &mut first.deny.iter()));
            }
        }
    }
    parts.retain(|part| !space.is_empty(part));
    let regions = simplified(parts, &space.lengths, ACTIONS, |side| space.actions.words(side));
    let mut cases: Vec<Case> = regions.iter().flat_map(|region| named(region, exact, space)).collect();
    cases.sort_by(|left, right| {
        let key =
            |case: &Case| (case.actions.clone(), case.except.clone(), case.resources.clone(), case.conditions.clone());
        key(left).cmp(&key(right))
    });
    cases
}

/// A region as one case, or as several where its actions have no common name.
fn named(region: &Box, exact: bool, space: &Space) -> Vec<Case> {
    let groups = region.sides.get(ACTIONS).map(|side| space.actions.named(side)).unwrap_or_default();
    let case = |group: Named| Case {
        actions: group.names,
        except: group.except,
        resources: space.told(region, RESOURCES),
        principals: space.told(region, PRINCIPALS),
        conditions: (KEYS..space.lengths.len()).filter_map(|key| space.told(region, key)).collect(),
        example: example(region, group.sample, space),
        approximate: !exact || group.loose || !space.is_exact(region),
        region: region.clone(),
    };
    groups.into_iter().map(case).collect()
}

fn example(region: &Box, action: String, space: &Space) -> Example {
    let class = |dimension: usize| region.sides.get(dimension).and_then(|side| side.members().next()).unwrap_or(0);
    let context = space.keys.iter().enumerate().map(|(at, key)| {
        let given = match key.states.get(class(KEYS + at)) {
            Some(Given::Values(values)) => Some(values.clone()),
            Some(Given::Absent) | None => None,
        };
        (key.written.clone(), given)
    });
    let resource = space.resources.get(class(RESOURCES)).cloned().unwrap_or_default();
    Example { action, resource, context: context.collect() }
}

impl Difference {
    /// Whether there certainly is none.
    pub fn is_empty(&self) -> bool {
        self.newly_denied.is_empty() && self.newly_allowed.is_empty() && !self.may_deny_more && !self.may_allow_more
    }
}

/// A line for each case. Safe for a terminal.
impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let denied = ("newly denied", &self.newly_denied, self.may_deny_more);
        let allowed = ("newly allowed", &self.newly_allowed, self.may_allow_more);
        for (what, cases, more) in [denied, allowed] {
            for case in cases {
                writeln!(formatter, "{what}: {case}")?;
            }
            if more {
                let known = if cases.is_empty() {
                    "nothing was found, and there may be something"
                } else {
                    "there may be more"
                };
                writeln!(formatter, "{what}: {known} (approximate)")?;
            }
        }
        if self.is_empty() {
            writeln!(formatter, "no difference")?;
        }
        Ok(())
    }
}

/// One line, whatever the policies' words are. Safe for a terminal.
impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&terminal(&self.actions.join(", ")))?;
        if !self.except.is_empty() {
            write!(formatter, " except {}", terminal(&self.except.join(", ")))?;
        }
        write!(formatter, " on {}", terminal(self.resources.as_deref().unwrap_or("*")))?;
        if let Some(principals) = &self.principals {
            write!(formatter, " by {}", terminal(principals))?;
        }
        let conditions: Vec<String> = self
            .conditions
            .iter()
            .map(|words| {
                if words.contains(", or ") && self.conditions.len() > 1 { format!("({words})") } else { words.clone() }
            })
            .collect();
        if !conditions.is_empty() {
            write!(formatter, " when {}", terminal(&conditions.join(" and ")))?;
        }
        if self.approximate {
            formatter.write_str(" (approximate)")?;
        }
        Ok(())
    }
}
