//! What a document, by itself, certainly lets its holder do: on every resource of a type, without a condition, and
//! with no statement against it.

use crate::language::{Document, Effect, Statement, Text};
use crate::pattern::glob;
use crate::reference::Reference;

use super::arn::is_broad;
use super::fit::takes;

/// The pattern that grants an action on all of its resources. None where any condition or any `Deny` of the action
/// could stand against it, whatever it says.
pub fn granted<'d>(document: &'d Document, action: &str) -> Option<&'d Text> {
    let small = action.to_ascii_lowercase();
    let denied = document.statements.iter().any(|it| it.effect == Effect::Deny && names(it, &small).is_some());
    if denied {
        return None;
    }
    let open = |it: &&Statement| it.effect == Effect::Allow && it.conditions.is_empty() && is_everywhere(it, action);
    document.statements.iter().filter(open).find_map(|it| names(it, &small))
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
