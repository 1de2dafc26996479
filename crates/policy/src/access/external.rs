//! Whom a resource-based policy lets in besides those who are trusted.

use std::collections::BTreeSet;

use super::limits::{self, Limits};
use super::party::{Party, PartyKind};
use super::patterns::meets;
use super::{Unanswerable, document};
use crate::language::{Document, PrincipalKind};

/// Someone outside whom a statement lets in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct External {
    pub kind: PartyKind,
    /// As the policy names them; `*` is everyone.
    pub principal: String,
    /// The account's or organization's id, where the name has it.
    pub owner: Option<String>,
    /// ``statement `Read` ``, or its number where it has no `Sid`.
    pub statement: String,
}

/// Who is let in and is not among `trusted`: ids of accounts and organizations, or the very name of anything else.
/// `actions` (patterns such as `s3:Put*`) leaves out statements that allow none of them; empty, all count.
///
/// Of a statement that is confined more than once, the limit with the fewest outsiders counts. A service principal is an
/// outsider unless the statement says for whom it may act; networks and canonical users are, unless trusted by name: nothing
/// in the policy says whose they are.
///
/// # Errors
/// A policy that is not a resource's.
pub fn external_principals(
    document: &Document,
    trusted: &[&str],
    actions: &[&str],
) -> Result<Vec<External>, Unanswerable> {
    document::resource_based(document)?;
    let mut found = BTreeSet::new();
    for allowed in limits::allowed(document) {
        let meant = actions.is_empty() || actions.iter().any(|pattern| meets(&allowed.statement.actions, pattern));
        if !meant {
            continue;
        }
        for party in outsiders(&allowed.limits, trusted) {
            let Party { kind, name: principal, owner } = party;
            found.insert(External { kind, principal, owner, statement: allowed.label.clone() });
        }
    }
    Ok(found.into_iter().collect())
}

fn outsiders(limits: &Limits, trusted: &[&str]) -> Vec<Party> {
    let outside = |parties: &Vec<Party>| -> Vec<Party> {
        parties.iter().filter(|party| !party.is_trusted(trusted)).cloned().collect()
    };
    let all = limits.principals.iter().chain(&limits.others);
    // Among equals, whom a service acts for says more than which service it is.
    let weight = |parties: &Vec<Party>| (parties.len(), parties.iter().any(|party| party.kind == PartyKind::Service));
    all.map(outside).min_by_key(weight).unwrap_or_else(|| vec![Party::new(PartyKind::Everyone, "*", None)])
}

/// The AWS services that are let in for whoever uses them, in order: no condition and no Deny says for which account,
/// organization or resource they act.
///
/// AWS: "The confused deputy problem" (cross-service confused deputy prevention).
///
/// # Errors
/// A policy that is not a resource's.
pub fn unguarded_services(document: &Document) -> Result<Vec<String>, Unanswerable> {
    document::resource_based(document)?;
    let mut found = BTreeSet::new();
    for allowed in limits::allowed(document) {
        // A limit to services says nothing of whom they act for.
        let guards = |limit: &Vec<Party>| !limit.iter().any(|party| party.kind == PartyKind::Service);
        if allowed.limits.others.iter().any(guards) {
            continue;
        }
        let principals = allowed.statement.principals.iter().filter(|principals| !principals.negated);
        let named = principals.flat_map(|principals| &principals.values);
        let services = named.filter(|principal| principal.kind == PrincipalKind::Service);
        found.extend(services.map(|service| service.value.value.clone()));
    }
    Ok(found.into_iter().collect())
}
