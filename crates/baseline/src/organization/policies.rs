//! `policies`: the organization's policies have the content of the directory's files, and say by their description whose they are.
//!
//! AWS: "Creating organization policies". A policy is ours by tag; one of the same name and type that is not ours
//! is left. What is ours and no longer in the directory is deleted, which waits for its flag.

use std::collections::BTreeSet;

use dodai_facts::{Class, Failure, FeatureInfo, FeatureScope, Profile, Row};
use dodai_org::{Account, Directory, Policies, Policy, PolicyType};
use serde_json::{Value, json};

use super::guardrail::{self, Beside, Reach};
use super::{ATTACHMENTS, OrganizationFeature, OrganizationView, POLICIES, ROOT_READS, policy_types};
use crate::{Action, Danger, Out, document, row};

pub const FEATURE: OrganizationFeature = OrganizationFeature { info: &INFO, plan };

pub(super) const ID: &str = "policies";

const INFO: FeatureInfo = FeatureInfo {
    id: ID,
    title: "Organization policies",
    scope: FeatureScope::Organization,
    class: Class::Managed,
    profiles: &Profile::ALL,
    needs: &[policy_types::ID],
    reads: &[
        ROOT_READS,
        (POLICIES, &["Id", "Name", "Description", "Type", "AwsManaged", "Content", "tags"]),
        (ATTACHMENTS, &["policy_id", "TargetId"]),
    ],
    settings: &[],
    calls: &["organizations.CreatePolicy", "organizations.UpdatePolicy", "organizations.DeletePolicy"],
};

/// `service-control/default`: the resource name of a policy in ids of changes.
pub(super) fn resource(policy: &Policy) -> String {
    format!("{}/{}", policy.kind.folder, policy.name)
}

/// The row of a policy of the directory, ours or not.
pub(super) fn find<'a>(view: &OrganizationView<'a>, policy: &Policy) -> Result<Option<&'a Row>, Failure> {
    for row in view.view.rows(POLICIES)? {
        if row::text(row, "Type")? == policy.kind.aws && row::text(row, "Name")? == policy.name {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// By tag. AWS's own policies carry none.
pub(super) fn is_ours(row: &Row) -> Result<bool, Failure> {
    Ok(!row::flag(row, "AwsManaged")? && row::value(Some(row), "tags")?.get("dodai:feature") == Some(&json!(ID)))
}

/// `service-control/default` of a row.
pub(super) fn named(row: &Row) -> Result<String, Failure> {
    let kind = row::text(row, "Type")?;
    let folder = PolicyType::of_aws(kind).map_or(kind, |kind| kind.folder);
    Ok(format!("{folder}/{}", row::text(row, "Name")?))
}

/// A policy's id as a parameter: known, or taken from the reply that makes it.
pub(super) fn id_of(view: &OrganizationView<'_>, policy: &Policy) -> Result<Value, Failure> {
    Ok(match find(view, policy)? {
        Some(row) => json!(row::text(row, "Id")?),
        None => crate::reply_of(&view.view.global_id(ID, &resource(policy)), 0, "Policy.PolicySummary.Id"),
    })
}

fn plan(view: &OrganizationView<'_>, out: &mut Out) -> Result<(), Failure> {
    for policy in &view.directory.policies {
        let named = resource(policy);
        let writes = format!("organizations/policy/{named}");
        let Some(row) = find(view, policy)? else {
            let params = json!({
                "Name": policy.name, "Type": policy.kind.aws, "Content": policy.content,
                "Description": policy.description(), "Tags": view.view.tag_list("Key", "Value"),
            });
            let mut change = view
                .view
                .change(&named, Action::Create, format!("create the policy `{named}`"))
                .set("content", Value::Null, content(&policy.content))
                .call(view.call("CreatePolicy", params))
                .writes(writes);
            if !policy_types::is_on(view, policy.kind)? {
                change = change.needs(view.view.global_id(policy_types::ID, policy.kind.folder));
            }
            out.change(change);
            continue;
        };
        if !is_ours(row)? {
            out.skip(
                &view.view,
                format!("a policy `{named}` is there and not ours: rename the file, or tag the policy `dodai:feature` = `{ID}`"),
            );
            continue;
        }
        let now = document::parse(&row::value(Some(row), "Content")?)
            .map_err(|error| view.view.failure("PolicyUnreadable", format!("the policy `{named}`: {error}")))?;
        let wanted = content(&policy.content);
        let is_same = document::is_same(&now, &wanted);
        let described = row::text(row, "Description")?;
        if is_same && described == policy.description() {
            continue;
        }
        let id = row::text(row, "Id")?;
        let mut change = view
            .view
            .change(&named, Action::Update, format!("update the policy `{named}`"))
            .set("description", json!(described), json!(policy.description()))
            .writes(writes);
        let mut params = json!({ "PolicyId": id });
        if described != policy.description() {
            params["Description"] = json!(policy.description());
        }
        if is_same {
            out.change(change.call(view.call("UpdatePolicy", params)));
            continue;
        }
        params["Content"] = json!(policy.content);
        change = change.differences(document::compare(&now, &wanted)).call(view.call("UpdatePolicy", params));
        let reach = reach(view.directory, policy);
        let beside = beside(view, id)?;
        let dangers = beside.iter().filter_map(|beside| guardrail::danger(view, policy, beside, &reach));
        for danger in dangers.collect::<BTreeSet<_>>() {
            change = change.danger(danger);
        }
        if change.dangers.is_empty() {
            if is_attached(view, id)? {
                let actions = guardrail::denied(view, (policy.kind.aws, &named), row::text(row, "Content")?, &reach);
                out.lift(&change, reach.names(), actions);
            }
        } else {
            // Switch off, then restrict.
            for account in &reach.accounts {
                change = change.needs(format!("{}/*", account.name));
            }
        }
        out.change(change);
    }
    unwanted(view, out)
}

fn content(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}

/// The accounts that the directory puts under a policy.
fn reach<'d>(directory: &'d Directory, policy: &Policy) -> Reach<'d> {
    let has = |policies: &Policies| policies.get(policy.kind).is_some_and(|names| names.contains(&policy.name));
    let units = || std::iter::once(&directory.root).chain(&directory.units).filter(|unit| has(&unit.policies));
    let under: BTreeSet<&str> =
        units().flat_map(|unit| directory.accounts_in(&unit.path)).map(|account| account.name.as_str()).collect();
    let reached =
        |account: &&Account| !account.management && (has(&account.policies) || under.contains(&*account.name));
    Reach { accounts: directory.accounts.iter().filter(reached).collect(), open: units().next().is_some() }
}

/// What stands beside a policy, for each place where it is attached, as it will be; places with AWS's own policy that
/// allows everything are one.
fn beside(view: &OrganizationView<'_>, id: &str) -> Result<Vec<Beside>, Failure> {
    let mut found = Vec::new();
    let mut everything = false;
    let attachments = view.view.rows(ATTACHMENTS)?;
    for attachment in attachments {
        if row::text(attachment, "policy_id")? != id {
            continue;
        }
        let target = row::text(attachment, "TargetId")?;
        let mut others = Beside::default();
        for other in attachments {
            let other_id = row::text(other, "policy_id")?;
            if row::text(other, "TargetId")? != target || other_id == id {
                continue;
            }
            let Some(other) = row::named(view.view.rows(POLICIES)?, "Id", other_id)? else { continue };
            let (kind, name) = (row::text(other, "Type")?, row::text(other, "Name")?);
            let given = PolicyType::of_aws(kind).is_some_and(|kind| kind.given.contains(&name));
            if given && row::flag(other, "AwsManaged")? {
                others.everything = true;
            } else if let Some(own) =
                view.directory.policies.iter().find(|policy| policy.kind.aws == kind && policy.name == name)
            {
                others.policies.extend(guardrail::compiled(own));
            } else {
                others.policies.extend(guardrail::read_policy(name, row::text(other, "Content")?));
            }
        }
        if others.everything {
            everything = true;
        } else {
            found.push(others);
        }
    }
    if everything {
        found.push(Beside::everything());
    }
    Ok(found)
}

fn is_attached(view: &OrganizationView<'_>, id: &str) -> Result<bool, Failure> {
    Ok(row::named(view.view.rows(ATTACHMENTS)?, "policy_id", id)?.is_some())
}

/// Ours, and no longer in the directory. Detached first: the attachments' own feature plans that.
fn unwanted(view: &OrganizationView<'_>, out: &mut Out) -> Result<(), Failure> {
    for row in view.view.rows(POLICIES)? {
        let (kind, name) = (row::text(row, "Type")?, row::text(row, "Name")?);
        let wanted = view.directory.policies.iter().any(|policy| policy.kind.aws == kind && policy.name == name);
        if wanted || !is_ours(row)? {
            continue;
        }
        let id = row::text(row, "Id")?;
        let named = named(row)?;
        let mut change = view
            .view
            .change(&named, Action::Delete, format!("delete the policy `{named}`"))
            .set("policy", json!(name), Value::Null)
            .call(view.call("DeletePolicy", json!({ "PolicyId": id })))
            .danger(Danger::Deletes(format!("the policy `{named}` and its content")))
            .writes(format!("organizations/policy/{named}"));
        if is_attached(view, id)? {
            change = change.needs(format!("{}/*", view.view.global_id(super::policy_attachments::ID, &named)));
        }
        out.change(change);
    }
    Ok(())
}
