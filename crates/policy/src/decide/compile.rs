//! A policy made ready for deciding: every pattern, operator and value read once.

use super::arn::{Arn, ResourcePattern};
use super::condition::Test;
use super::principal::{Named, Namings, Who};
use super::request::Context;
use super::truth::Truth;
use crate::language::{Document, Effect, List, Statement, Version};
use crate::pattern::{Pattern, signs};

/// A policy, by a name and a file that answers give.
#[derive(Debug, Clone)]
pub struct Policy {
    name: String,
    file: String,
    document: Document,
    /// One for each statement, in order.
    pub(crate) rules: Box<[Rule]>,
}

impl Policy {
    pub fn new(name: impl Into<String>, file: impl Into<String>, document: Document) -> Self {
        let rules = document.statements.iter().map(|statement| Rule::new(statement, document.version)).collect();
        Self { name: name.into(), file: file.into(), document, rules }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it stands; empty for one that no file holds.
    pub fn file(&self) -> &str {
        &self.file
    }

    pub fn document(&self) -> &Document {
        &self.document
    }
}

/// A statement made ready.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) effect: Effect,
    not_action: bool,
    /// In lower case.
    actions: Box<[Pattern]>,
    not_resource: bool,
    /// None: the statement is about whatever its policy is attached to.
    pub(crate) resources: Option<Box<[ResourcePattern]>>,
    pub(super) principals: Option<Named>,
    pub(crate) tests: Box<[Test]>,
    pub(super) size: Size,
}

/// How much there is to compare in a statement, without its actions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    values: usize,
    bytes: usize,
    longest: usize,
}

/// Characters that a search for a text passes in the time of one comparison.
const AT_ONCE: usize = 16;

impl Size {
    fn new(statement: &Statement) -> Self {
        let resources = statement.resources.iter().flat_map(|list| &list.values);
        let principals = statement.principals.iter().flat_map(|list| &list.values).map(|principal| &principal.value);
        let conditions = statement.conditions.iter().flat_map(|condition| &condition.values);
        let mut size = Self { values: 1, bytes: 0, longest: 0 };
        for length in resources.chain(principals).chain(conditions).map(|text| text.value.len()) {
            size = Self { values: size.values + 1, bytes: size.bytes + length, longest: size.longest.max(length) };
        }
        size
    }

    /// What deciding it compares at most, roughly, where the request's longest text has this length.
    pub(super) fn cost(self, longest: usize) -> usize {
        let longest = (longest + self.longest) / AT_ONCE;
        self.values.saturating_mul(longest + 1).saturating_add(self.bytes)
    }
}

impl Rule {
    fn new(statement: &Statement, version: Version) -> Self {
        let patterns = |list: &List| {
            list.values.iter().map(|value| Pattern::new(signs(&value.value.to_ascii_lowercase()))).collect()
        };
        let arns = |list: &List| list.values.iter().map(|value| ResourcePattern::new(&value.value, version)).collect();
        Self {
            effect: statement.effect,
            not_action: statement.actions.negated,
            actions: patterns(&statement.actions),
            not_resource: statement.resources.as_ref().is_some_and(|list| list.negated),
            resources: statement.resources.as_ref().map(arns),
            principals: statement.principals.as_ref().map(Named::new),
            tests: statement.conditions.iter().map(|condition| Test::new(condition, version)).collect(),
            size: Size::new(statement),
        }
    }

    /// `action` is in lower case.
    pub(super) fn is_about(&self, action: &str) -> bool {
        self.actions.iter().any(|pattern| pattern.matches(action)) != self.not_action
    }

    /// Whether resource and conditions fit; the action does already.
    pub(crate) fn holds(&self, arn: &Arn<'_>, context: Context<'_>) -> Truth {
        let mut truth = self.is_on(arn, context);
        for test in &self.tests {
            if truth == Truth::False {
                break;
            }
            truth = truth.and(test.holds(context));
        }
        truth
    }

    pub(crate) fn is_on(&self, arn: &Arn<'_>, context: Context<'_>) -> Truth {
        let Some(patterns) = &self.resources else { return Truth::True };
        let mut listed = Truth::False;
        for pattern in patterns {
            listed = listed.or(pattern.matches(arn, context));
            if listed == Truth::True {
                break;
            }
        }
        if self.not_resource { !listed } else { listed }
    }

    /// It denies everybody but those that it names.
    pub(super) fn spares(&self) -> bool {
        self.effect == Effect::Deny && self.principals.as_ref().is_some_and(Named::is_negated)
    }

    /// Whom the statement is about; a statement that names nobody is about nobody.
    pub(super) fn about(&self, who: &Who, closed: bool) -> Namings {
        self.principals.as_ref().map_or(Namings::NONE, |named| named.about(who, closed))
    }
}
