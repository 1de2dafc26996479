//! Whom an Allow statement lets in: whom it names, and to whom conditions and Deny statements confine that.

use super::fixed::{fails_for, fixes_members, holds_for};
use super::party::{Named, Party, named};
use super::patterns::{Of, contains};
use super::{document, keys};
use crate::language::{Document, Effect, List, Principals, Statement};

/// What a statement's principals leave open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Open {
    /// `*`, or a principal with a wildcard before its account.
    Everyone(String),
    /// Everyone but these.
    NotPrincipal,
    /// Everyone who signs up with this provider.
    Members(&'static str),
}

#[derive(Debug)]
pub(super) struct Limits {
    pub(super) principals: Result<Vec<Party>, Open>,
    /// Each by itself confines the statement to its parties; an empty one lets nobody in.
    pub(super) others: Vec<Vec<Party>>,
}

/// An Allow statement with its limits.
pub(super) struct Allowed<'d> {
    pub(super) label: String,
    pub(super) statement: &'d Statement,
    pub(super) limits: Limits,
}

/// Every Allow statement of a resource-based policy.
pub(super) fn allowed(document: &Document) -> impl Iterator<Item = Allowed<'_>> {
    let narrowing: Vec<(&Statement, Vec<Party>)> = document
        .statements
        .iter()
        .filter_map(|statement| exempt(document, statement).map(|parties| (statement, parties)))
        .collect();
    let allowing = document.statements.iter().enumerate().filter(|(_, statement)| statement.effect == Effect::Allow);
    allowing.filter_map(move |(index, statement)| {
        let principals = principals(document, statement, statement.principals.as_ref()?);
        let conditions = &statement.conditions;
        let mut others: Vec<Vec<Party>> =
            conditions.iter().filter_map(|condition| holds_for(condition, conditions, document.version)).collect();
        let narrowed = narrowing.iter().filter(|(deny, _)| covers(document, deny, statement));
        others.extend(narrowed.map(|(_, parties)| parties.clone()));
        let limits = Limits { principals, others };
        Some(Allowed { label: document::label(statement, index), statement, limits })
    })
}

fn principals(document: &Document, statement: &Statement, principals: &Principals) -> Result<Vec<Party>, Open> {
    if principals.negated {
        return Err(Open::NotPrincipal);
    }
    let mut parties = Vec::new();
    for principal in &principals.values {
        match named(principal) {
            Named::Party(party) => parties.push(party),
            Named::Nobody => {}
            Named::Everyone => return Err(Open::Everyone(principal.value.value.clone())),
            Named::Members(provider, party) => {
                let conditions = &statement.conditions;
                let fixed = conditions.iter().any(|one| fixes_members(provider, one, conditions, document.version));
                if !fixed {
                    return Err(Open::Members(provider.host()));
                }
                parties.push(party);
            }
        }
    }
    Ok(parties)
}

/// For whom alone a Deny statement does not hold; none where that may be everyone, or the statement is no Deny.
fn exempt(document: &Document, statement: &Statement) -> Option<Vec<Party>> {
    if statement.effect != Effect::Deny {
        return None;
    }
    let principals = statement.principals.as_ref()?;
    let mut exempt = Vec::new();
    if principals.negated {
        for principal in &principals.values {
            match named(principal) {
                Named::Party(party) => exempt.push(party),
                Named::Nobody => {}
                Named::Everyone | Named::Members(..) => return None,
            }
        }
    } else if !principals.values.iter().any(|principal| principal.value.value == "*" && is_aws(principal)) {
        return None;
    }
    for condition in &statement.conditions {
        exempt.extend(fails_for(condition, document.version)?);
    }
    Some(exempt)
}

fn is_aws(principal: &crate::language::Principal) -> bool {
    principal.kind == crate::language::PrincipalKind::Aws
}

/// Whether a Deny statement is about every action and resource of an Allow statement.
fn covers(document: &Document, deny: &Statement, allow: &Statement) -> bool {
    let resources = |list: &List, other: &List| contains(Of::Resources(document.version), list, other);
    let everything = List { place: allow.place, negated: true, values: Vec::new() };
    contains(Of::Actions, &deny.actions, &allow.actions)
        && match (&deny.resources, &allow.resources) {
            (None, _) => true,
            (Some(denied), allowed) => resources(denied, allowed.as_ref().unwrap_or(&everything)),
        }
}

/// The first condition on a key that could confine the statement, and does not.
pub(super) fn loose<'s>(document: &Document, statement: &'s Statement) -> Option<&'s str> {
    let conditions = &statement.conditions;
    let loose = conditions.iter().find(|condition| {
        keys::names(&condition.key.value).is_some() && holds_for(condition, conditions, document.version).is_none()
    });
    loose.map(|condition| condition.key.value.as_str())
}
