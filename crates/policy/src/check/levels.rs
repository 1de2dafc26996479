//! The policies along the path from the root of the organization to an account, taken together: what none of them
//! shows alone.
//!
//! AWS: "SCP evaluation".

use std::collections::HashSet;

use super::rule::{Checks, Report};
use super::subject::Subject;
use super::{CheckContext, Finding, Kind, RULES, in_order};
use crate::language::Document;
use crate::reference::Action;

/// What is attached to the root, a unit or an account.
#[derive(Debug, Clone)]
pub struct Level<'a> {
    /// How the root, unit or account is called in findings.
    pub target: &'a str,
    /// File and document of each policy.
    pub policies: Vec<(&'a str, &'a Document)>,
}

/// Every finding about the policies of one kind along a path, the root first. What is wrong inside of a document is
/// `check`'s to say.
pub fn check_levels(kind: Kind, levels: &[Level<'_>], context: &CheckContext) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| rule.kinds.contains(&kind)) {
        if let Checks::Levels(check) = rule.checks {
            check(kind, levels, context, &mut Report::new(rule, "", &mut findings));
        }
    }
    in_order(&mut findings);
    findings
}

/// The most that gets through every level. None where that cannot be said, or where a level lets nothing through, which
/// is a finding of its own.
pub fn shared_by(levels: &[Level<'_>], context: &CheckContext) -> Option<HashSet<*const Action>> {
    let mut shared: Option<HashSet<*const Action>> = None;
    for level in levels {
        let allowed = most_allowed(level, context).filter(|allowed| !allowed.is_empty())?;
        shared = Some(match shared {
            None => allowed,
            Some(before) => before.intersection(&allowed).copied().collect(),
        });
    }
    shared
}

/// The most that a level lets through: the actions of its `Allow` statements that work on one of their resources, whatever
/// their conditions. None where that cannot be said.
pub fn most_allowed(level: &Level<'_>, context: &CheckContext) -> Option<HashSet<*const Action>> {
    let mut allowed = HashSet::new();
    for (_, document) in &level.policies {
        let subject = Subject::new(Kind::ServiceControl, document, context);
        for statement in subject.allows() {
            let mut named = HashSet::new();
            let resources = statement.resources.as_ref().filter(|list| !list.negated);
            let on_some =
                |named| resources.is_none_or(|list| list.values.iter().any(|value| subject.takes(named, &value.value)));
            for pattern in &statement.actions.values {
                named.extend(
                    subject
                        .matching(&pattern.value)?
                        .iter()
                        .filter(|named| on_some(**named) || statement.actions.negated)
                        .map(|(_, action)| std::ptr::from_ref(*action)),
                );
            }
            if statement.actions.negated {
                let all = subject.matching("*")?;
                let others = all.iter().filter(|named| on_some(**named)).map(|(_, action)| std::ptr::from_ref(*action));
                allowed.extend(others.filter(|action| !named.contains(action)));
            } else {
                allowed.extend(named);
            }
        }
    }
    Some(allowed)
}
