//! Policies that are attached together into as few documents as hold them, without a change to any decision: for service
//! and resource control policies, of which a target can have few and each of which is short. What no request can ask, an
//! action of one service on a resource of another, may come to be denied.
//!
//! AWS: "Quotas and service limits for AWS Organizations" (a document's characters; policies attached to one target).

mod across;
mod clause;
mod list;
mod merge;
mod place;
mod report;
mod rule;
mod widen;

#[cfg(test)]
mod tests;

use crate::language::{Document, Effect, Version};
use crate::reference::Reference;

pub use report::{Covered, Report, Step};
pub use rule::Origin;

use rule::Rule;

/// What packing may do, and into what.
#[derive(Debug, Clone, Copy)]
pub struct Options<'r> {
    /// The most characters of a document: [`crate::PolicyType::limit`].
    pub limit: usize,
    /// Statements keep the name of the first that went into them.
    pub keep_sids: bool,
    /// Names actions that are denied by their beginnings (`guardduty:De*`), as far as no other action of this reference
    /// begins so. Actions that AWS adds later are then denied too.
    pub widen: Option<&'r Reference>,
}

/// Documents that say together what the policies said.
#[derive(Debug, Clone, PartialEq)]
pub struct Packed {
    pub documents: Vec<Document>,
    pub report: Report,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    #[error(
        "`{statement}` needs a document of {length} characters, and the most is {limit}: it has nothing that can be split"
    )]
    TooLong { statement: String, length: usize, limit: usize },
    #[error("{0} statements are too many to compare with each other: at most {MOST_STATEMENTS}")]
    TooMany(usize),
}

/// Every statement is compared with every other.
const MOST_STATEMENTS: usize = 2_000;

/// Packs policies that are attached to one target, named. Statements of different levels must not be packed together:
/// each level must allow on its own.
///
/// # Errors
/// A statement that fits into no document, or too many.
pub fn pack(policies: &[(&str, Document)], options: Options<'_>) -> Result<Packed, PackError> {
    let count = policies.iter().map(|(_, document)| document.statements.len()).sum();
    if count > MOST_STATEMENTS {
        return Err(PackError::TooMany(count));
    }
    let mut report = Report::new(policies, options.limit);
    let mut rules: Vec<Rule> = policies
        .iter()
        .enumerate()
        .flat_map(|(at, (name, document))| Rule::all(at, name, document, options.keep_sids))
        .collect();
    report.step("without names and wrappers, each in its shortest spelling", &rules);
    report.covered(merge::covered(&mut rules));
    report.step("without what others cover", &rules);
    rules = merge::by_actions(rules);
    report.step("alike but for actions", &rules);
    rules = merge::by_resources(rules);
    report.step("alike but for resources", &rules);
    rules = merge::by_condition(rules);
    report.step("alike but for a condition", &rules);
    rules = again(merge::factored(rules), &mut report);
    report.step("shared actions on their own", &rules);
    rules = across::joined(rules, Reference::embedded());
    report.step("denials of services that have no resources in common", &rules);
    if let Some(reference) = options.widen {
        let known = |service: &str| -> Vec<&str> {
            let actions = reference.service(service).map_or(&[][..], |service| &service.actions);
            actions.iter().map(|action| action.name.as_str()).collect()
        };
        for rule in rules.iter_mut().filter(|rule| rule.effect == Effect::Deny && !rule.actions.negated) {
            rule.actions = widen::widened(&rule.actions, known);
        }
        rules = again(rules, &mut report);
        report.step("actions by their beginnings", &rules);
    }
    let mut placed = Vec::new();
    // What has variables of the second version cannot stand with what has `${` as plain text.
    for version in [Version::V2012, Version::V2008] {
        let of_version: Vec<Rule> = rules.iter().filter(|rule| rule.version == version).cloned().collect();
        if !of_version.is_empty() {
            placed.extend(place::place(of_version, options.limit)?);
        }
    }
    let documents: Vec<Document> = placed.iter().map(|rules| rule::document(rules)).collect();
    report.finish(&placed, &documents);
    Ok(Packed { documents, report })
}

/// One merge may make another possible; each makes it shorter, so this ends.
fn again(mut rules: Vec<Rule>, report: &mut Report) -> Vec<Rule> {
    loop {
        let before = rules.len();
        rules = merge::by_condition(merge::by_resources(merge::by_actions(rules)));
        report.covered(merge::covered(&mut rules));
        if rules.len() == before {
            return rules;
        }
    }
}
