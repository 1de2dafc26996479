//! `policy-types`: the types of policy that the directory uses are on.
//!
//! AWS: API reference EnablePolicyType (per root, asynchronous).

use std::collections::BTreeSet;

use dodai_facts::{Class, Failure, FeatureInfo, FeatureScope, Profile};
use dodai_org::PolicyType;
use serde_json::{Value, json};

use super::{OrganizationFeature, OrganizationView, ROOT_READS, ROOTS};
use crate::{Action, Out};

pub const FEATURE: OrganizationFeature = OrganizationFeature { info: &INFO, plan };

pub(super) const ID: &str = "policy-types";

const INFO: FeatureInfo = FeatureInfo {
    id: ID,
    title: "Types of organization policies",
    scope: FeatureScope::Organization,
    class: Class::Managed,
    profiles: &Profile::ALL,
    needs: &[],
    reads: &[ROOT_READS],
    settings: &[],
    calls: &["organizations.EnablePolicyType", "organizations.ListRoots"],
};

/// Whether a type is on at the root.
pub(super) fn is_on(view: &OrganizationView<'_>, kind: &PolicyType) -> Result<bool, Failure> {
    let Some(root) = view.view.row(ROOTS)? else { return Ok(false) };
    let types = root.get("PolicyTypes").known()?.and_then(Value::as_array);
    Ok(types.into_iter().flatten().any(|entry| {
        entry.get("Type").and_then(Value::as_str) == Some(kind.aws) && entry.get("Status") == Some(&json!("ENABLED"))
    }))
}

fn plan(view: &OrganizationView<'_>, out: &mut Out) -> Result<(), Failure> {
    let used: BTreeSet<&PolicyType> = view.directory.policies.iter().map(|policy| policy.kind).collect();
    for kind in used {
        if is_on(view, kind)? {
            continue;
        }
        let root = view.root_id()?;
        let change = view
            .view
            .change(kind.folder, Action::Create, format!("turn on policies of type `{}`", kind.folder))
            .set("type", Value::Null, json!(kind.aws))
            .call(
                view.call("EnablePolicyType", json!({ "RootId": root, "PolicyType": kind.aws }))
                    .already(&["PolicyTypeAlreadyEnabledException"]),
            )
            .call(view.call("ListRoots", json!({})).until(
                &format!("Roots[0].PolicyTypes[?Type=='{}'] | [0].Status", kind.aws),
                &["ENABLED"],
                &[],
                300,
            ))
            .writes(format!("organizations/root#{}", kind.aws));
        out.change(change);
    }
    Ok(())
}
