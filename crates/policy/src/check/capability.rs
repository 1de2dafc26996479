//! What a document, by itself, certainly lets its holder do: on every resource of a type, without a condition that narrows it, and
//! with no statement against it.

use super::condition::is_any;
use crate::language::{Comparison, Condition, Document, Effect, Quantifier, Statement, Text};
use crate::pattern::glob;
use crate::reference::Reference;

use super::arn::is_broad;
use super::fit::takes;

/// The pattern that grants an action on all of its resources. None where a condition narrows it, or where a `Deny` may take it
/// away on all of them.
pub fn granted<'d>(document: &'d Document, action: &str) -> Option<&'d Text> {
    let small = action.to_ascii_lowercase();
    let denies = |it: &Statement| it.effect == Effect::Deny && names(it, &small).is_some() && takes_away(it, action);
    if document.statements.iter().any(denies) {
        return None;
    }
    let open =
        |it: &&Statement| it.effect == Effect::Allow && !it.conditions.iter().any(narrows) && is_everywhere(it, action);
    document.statements.iter().filter(open).find_map(|it| names(it, &small))
}

/// Whether a `Deny` of an action leaves nothing of it, or only what its author chose: it reaches every resource, or all but
/// some, and nobody gets by it by asking in another way or at another time.
fn takes_away(statement: &Statement, action: &str) -> bool {
    let chosen = statement.resources.as_ref().is_some_and(|list| list.negated);
    let only_how = |it: &Condition| is_any(it, NOT_WHAT);
    (chosen || is_everywhere(statement, action))
        && (statement.conditions.is_empty() || !statement.conditions.iter().any(only_how))
}

/// Keys that say how or when something is done, not what with: whoever may do it can do it so.
const NOT_WHAT: &[&str] = &[
    "aws:SecureTransport",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:RequestedRegion",
    "aws:UserAgent",
    "aws:referer",
    "aws:ViaAWSService",
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
];

/// Whether a condition lets an action through for some resources or values only: it names them, the key must be there, and a
/// value is not `*`. Of a key that is not known to say something else the answer is yes.
pub fn narrows(condition: &Condition) -> bool {
    let operator = &condition.operator;
    let named = !operator.if_exists && operator.quantifier != Some(Quantifier::All);
    let positive = !operator.comparison.is_negated() && operator.comparison != Comparison::Null;
    let any = |value: &Text| !value.value.is_empty() && value.value.chars().all(|c| c == '*');
    named && positive && !condition.values.iter().any(any) && !is_any(condition, NOT_WHAT)
}

/// Whether a statement reaches all resources of a type that an action works on.
pub fn is_everywhere(statement: &Statement, action: &str) -> bool {
    let Some(named) = Reference::embedded().action(action) else { return false };
    let reaches = |it: &Text| is_broad(&it.value) && takes(named, &it.value);
    statement.resources.as_ref().is_some_and(|list| !list.negated && list.values.iter().any(reaches))
}

/// The value by which a statement's `Action` or `NotAction` names an action (in small letters).
pub fn names<'s>(statement: &'s Statement, action: &str) -> Option<&'s Text> {
    let list = &statement.actions;
    let fitting = list.values.iter().find(|pattern| glob(&pattern.value.to_ascii_lowercase(), action));
    if list.negated { fitting.is_none().then(|| list.values.first())? } else { fitting }
}
