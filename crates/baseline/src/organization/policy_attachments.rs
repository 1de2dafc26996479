//! `policy-attachments`: policies are attached where the directory says.
//!
//! AWS: "Attaching organization policies". Only attachments of our own policies are ever detached. A guardrail is
//! attached when everything else in the accounts below has been done: switch off, then restrict; lifting goes before.

use std::collections::{BTreeMap, BTreeSet};

use dodai_facts::{Class, Failure, FeatureInfo, FeatureScope, Profile};
use dodai_org::{Policies, Policy, ROOT};
use serde_json::{Value, json};

use super::guardrail::{self, Beside, Reach};
use super::{
    ACCOUNT_READS, ATTACHMENTS, OrganizationFeature, OrganizationView, POLICIES, ROOT_READS, UNIT_READS, policies,
    policy_types, units,
};
use crate::{Action, Danger, Out, row};

pub const FEATURE: OrganizationFeature = OrganizationFeature { info: &INFO, plan };

pub(super) const ID: &str = "policy-attachments";

const INFO: FeatureInfo = FeatureInfo {
    id: ID,
    title: "Attachments of organization policies",
    scope: FeatureScope::Organization,
    class: Class::Managed,
    profiles: &Profile::ALL,
    needs: &[policies::ID, units::ID, policy_types::ID],
    reads: &[
        ROOT_READS,
        UNIT_READS,
        ACCOUNT_READS,
        (POLICIES, &["Id", "Name", "Type", "AwsManaged", "Content", "tags"]),
        (ATTACHMENTS, &["policy_id", "TargetId"]),
    ],
    settings: &[],
    calls: &["organizations.AttachPolicy", "organizations.DetachPolicy"],
};

/// Where a policy goes.
struct Place<'a> {
    /// How ids and people call it: a unit's path or an account's name.
    name: String,
    id: Value,
    is_root: bool,
    policies: &'a Policies,
    reach: Reach<'a>,
}

fn plan(view: &OrganizationView<'_>, out: &mut Out) -> Result<(), Failure> {
    let places = places(view, out)?;
    let mut wanted: BTreeSet<(String, String)> = BTreeSet::new();
    let existing = existing(view)?;
    for place in &places {
        for (kind, names) in place.policies {
            for policy in names.iter().filter_map(|name| view.directory.policy(kind, name)) {
                // The policies' own feature says that one is there and not ours.
                if let Some(row) = policies::find(view, policy)?
                    && !policies::is_ours(row)?
                {
                    continue;
                }
                let id = policies::id_of(view, policy)?;
                wanted.insert((id.to_string(), place.id.to_string()));
                if !existing.contains_key(&(id.to_string(), place.id.to_string())) {
                    out.change(attach(view, policy, &id, place)?);
                }
            }
        }
    }
    detach(view, &places, &wanted, &existing, out)
}

/// Every place of the directory that exists or is about to. An account that does not exist yet gets its
/// policies in the next round.
fn places<'a>(view: &OrganizationView<'a>, out: &mut Out) -> Result<Vec<Place<'a>>, Failure> {
    let ids = view.unit_ids()?;
    let accounts = view.existing()?;
    let directory = view.directory;
    let mut places: Vec<Place<'a>> = std::iter::once(&directory.root)
        .chain(&directory.units)
        .map(|unit| Place {
            name: unit.path.clone(),
            id: view.unit_id(&ids, &unit.path),
            is_root: unit.path == ROOT,
            policies: &unit.policies,
            reach: Reach {
                accounts: directory.accounts_in(&unit.path).filter(|account| !account.management).collect(),
                open: true,
            },
        })
        .collect();
    for account in directory.accounts.iter().filter(|account| !account.policies.is_empty()) {
        match accounts.get(&account.name) {
            Some(row) => places.push(Place {
                name: account.name.clone(),
                id: row::value(Some(row), "Id")?,
                is_root: false,
                policies: &account.policies,
                reach: Reach { accounts: vec![account], open: false },
            }),
            None => out.due.push(crate::Due {
                account: account.name.clone(),
                why: "its policies follow when the account exists".to_owned(),
            }),
        }
    }
    Ok(places)
}

/// (policy, target) ids as JSON text, to the target's id.
fn existing(view: &OrganizationView<'_>) -> Result<BTreeMap<(String, String), Value>, Failure> {
    let mut found = BTreeMap::new();
    for row in view.view.rows(ATTACHMENTS)? {
        let (policy, target) = (row::value(Some(row), "policy_id")?, row::value(Some(row), "TargetId")?);
        found.insert((policy.to_string(), target.to_string()), target);
    }
    Ok(found)
}

fn attach(
    view: &OrganizationView<'_>,
    policy: &Policy,
    id: &Value,
    place: &Place<'_>,
) -> Result<crate::Change, Failure> {
    let named = policies::resource(policy);
    let mut change = view
        .view
        .change(&format!("{named}/{}", place.name), Action::Create, format!("attach `{named}` to `{}`", place.name))
        .set("attached", json!(false), json!(true))
        .call(
            view.call("AttachPolicy", json!({ "PolicyId": id, "TargetId": place.id }))
                .already(&["DuplicatePolicyAttachmentException"]),
        )
        .writes(format!("organizations/attachment/{named}/{}", place.name));
    if !policy_types::is_on(view, policy.kind)? {
        change = change.needs(view.view.global_id(policy_types::ID, policy.kind.folder));
    }
    if policies::find(view, policy)?.is_some() {
        // A new version of the policy is written before it is put in force.
        change = change.needs(format!("{}/*", view.view.global_id(policies::ID, policy.kind.folder)));
    }
    // One policy more takes nothing away of what others allow: only what it denies counts.
    if let Some(danger) = guardrail::danger(view, policy, &Beside::everything(), &place.reach) {
        change = change.danger(danger);
        for account in &place.reach.accounts {
            change = change.needs(format!("{}/*", account.name));
        }
    } else if place.is_root {
        change = change
            .danger(Danger::Guardrail(format!("`{named}` is newly attached to the root: it reaches every account")));
    }
    Ok(change)
}

/// Our own policies where the directory does not want them any more.
fn detach(
    view: &OrganizationView<'_>,
    places: &[Place<'_>],
    wanted: &BTreeSet<(String, String)>,
    existing: &BTreeMap<(String, String), Value>,
    out: &mut Out,
) -> Result<(), Failure> {
    for row in view.view.rows(POLICIES)? {
        if !policies::is_ours(row)? {
            continue;
        }
        let id = row::value(Some(row), "Id")?;
        let key = id.to_string();
        let named = policies::named(row)?;
        for ((policy, target), target_id) in existing {
            if *policy != key || wanted.contains(&(policy.clone(), target.clone())) {
                continue;
            }
            let known = places.iter().find(|place| place.id == *target_id);
            let place =
                known.map_or_else(|| target_id.as_str().unwrap_or_default().to_owned(), |place| place.name.clone());
            let change = view
                .view
                .change(&format!("{named}/{place}"), Action::Delete, format!("detach `{named}` from `{place}`"))
                .set("attached", json!(true), json!(false))
                .call(view.call("DetachPolicy", json!({ "PolicyId": id, "TargetId": target_id })))
                .danger(Danger::Deletes(format!("`{named}` no longer limits `{place}`")))
                .writes(format!("organizations/attachment/{named}/{place}"));
            if let Some(place) = known {
                let policy = (row::text(row, "Type")?, named.as_str());
                let actions = guardrail::denied(view, policy, row::text(row, "Content")?, &place.reach);
                out.lift(&change, place.reach.names(), actions);
            }
            out.change(change);
        }
    }
    Ok(())
}
