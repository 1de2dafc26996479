//! What an account comes under, and out from under, when it moves: the policies of the units on its new way down from the
//! root that were not on the old one, and the other way round.

use std::collections::{BTreeMap, BTreeSet};

use dodai_facts::{Failure, Row};
use dodai_org::Account;
use serde_json::Value;

use super::guardrail::{self, Beside, Reach};
use super::{ATTACHMENTS, OrganizationView, POLICIES, policies};
use crate::{Danger, row};

/// Why the account's new place may stop our work in it: by what the directory attaches there, and by what somebody else did.
pub(super) fn dangers(
    view: &OrganizationView<'_>,
    account: &Account,
    from: &str,
    ids: &BTreeMap<String, Value>,
) -> Result<BTreeSet<Danger>, Failure> {
    let reach = Reach { accounts: vec![account], open: false };
    let mut dangers = BTreeSet::new();
    let left = way(from);
    for unit in way(&account.unit).into_iter().filter(|unit| !left.contains(unit)) {
        let wanted = view.directory.unit(unit).into_iter().flat_map(|unit| &unit.policies);
        let wanted = wanted.flat_map(|(kind, names)| names.iter().map(move |name| view.directory.policy(kind, name)));
        for policy in wanted.flatten() {
            dangers.extend(guardrail::danger(view, policy, &Beside::everything(), &reach));
        }
        for policy in attached(view, ids.get(unit))? {
            let (kind, name) = (row::text(policy, "Type")?, row::text(policy, "Name")?);
            if view.directory.policies.iter().any(|own| own.kind.aws == kind && own.name == name) {
                continue;
            }
            let text = row::text(policy, "Content")?;
            dangers.extend(guardrail::danger_of(view, (kind, &policies::named(policy)?), text, &reach));
        }
    }
    Ok(dangers)
}

/// The actions that its old place denies the role that we work with.
pub(super) fn lifted(
    view: &OrganizationView<'_>,
    account: &Account,
    from: &str,
    ids: &BTreeMap<String, Value>,
) -> Result<BTreeSet<String>, Failure> {
    let reach = Reach { accounts: vec![account], open: false };
    let mut actions = BTreeSet::new();
    let entered = way(&account.unit);
    for unit in way(from).into_iter().filter(|unit| !entered.contains(unit)) {
        for policy in attached(view, ids.get(unit))? {
            let named = policies::named(policy)?;
            let text = row::text(policy, "Content")?;
            actions.extend(guardrail::denied(view, (row::text(policy, "Type")?, &named), text, &reach));
        }
    }
    Ok(actions)
}

/// The units from below the root to this one: `Default`, `Default/Sandbox`. Every account is under the root.
fn way(path: &str) -> Vec<&str> {
    if path.is_empty() || path == dodai_org::ROOT {
        return Vec::new();
    }
    let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
    ends.filter_map(|end| path.get(..end)).collect()
}

/// What is attached to a unit in AWS, but for AWS's own policies: those deny nothing.
fn attached<'a>(view: &OrganizationView<'a>, unit: Option<&Value>) -> Result<Vec<&'a Row>, Failure> {
    let Some(unit) = unit.and_then(Value::as_str) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for attachment in view.view.rows(ATTACHMENTS)? {
        if row::text(attachment, "TargetId")? != unit {
            continue;
        }
        let policy = row::named(view.view.rows(POLICIES)?, "Id", row::text(attachment, "policy_id")?)?;
        if let Some(policy) = policy
            && !row::flag(policy, "AwsManaged")?
        {
            found.push(policy);
        }
    }
    Ok(found)
}
