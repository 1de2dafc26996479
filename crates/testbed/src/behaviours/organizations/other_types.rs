//! Policies of the types that moto does not know: declarative ones and those that services define. Follows "Policy",
//! "CreatePolicy", "AttachPolicy" and "ListTargetsForPolicy" of the AWS Organizations API Reference. They are kept, and
//! have no effect.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::super::Answer;
use super::{ask, policies, policy_types};
use crate::call::Call;
use crate::names::hex_id;
use crate::page::page;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};

const TYPES: [&str; 11] = [
    "BACKUP_POLICY",
    "BEDROCK_POLICY",
    "CHATBOT_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "GUARDDUTY_POLICY",
    "INSPECTOR_POLICY",
    "NETWORK_SECURITY_DIRECTOR_POLICY",
    "S3_POLICY",
    "SECURITYHUB_CSPM_POLICY",
    "SECURITYHUB_POLICY",
    "UPGRADE_ROLLOUT_POLICY",
];

/// Whether policies of this type are kept here.
pub(super) fn has(kind: &str) -> bool {
    TYPES.contains(&kind)
}

/// One policy.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    arn: String,
    kind: String,
    name: String,
    description: String,
    content: String,
    /// Roots, units and accounts.
    targets: BTreeSet<String>,
    tags: BTreeMap<String, Value>,
}

impl Policy {
    fn summary(&self, id: &str) -> Value {
        json!({
            "Id": id,
            "Arn": self.arn,
            "Name": self.name,
            "Description": self.description,
            "Type": self.kind,
            "AwsManaged": false,
        })
    }

    fn describe(&self, id: &str) -> Value {
        json!({"Policy": {"PolicySummary": self.summary(id), "Content": self.content}})
    }
}

/// Answers for these types and their policies; `None` for all others.
pub(super) async fn answer(testbed: &Testbed, call: &Call) -> Answer {
    let known = |id: Option<&str>| id.is_some_and(|id| testbed.state().other_policies.contains_key(id));
    let value = match call.operation.as_str() {
        "CreatePolicy" if call.text("Type").is_some_and(has) => create(testbed, call).await?,
        "ListPolicies" | "ListPoliciesForTarget" if call.text("Filter").is_some_and(has) => list(testbed, call)?,
        "ListTargetsForPolicy" if known(call.text("PolicyId")) => targets(testbed, call).await?,
        "AttachPolicy" if known(call.text("PolicyId")) => attach(testbed, call).await?,
        "DescribePolicy" | "UpdatePolicy" | "DeletePolicy" | "DetachPolicy" if known(call.text("PolicyId")) => {
            with_policy(testbed, call)?
        }
        "ListTagsForResource" | "TagResource" | "UntagResource" if known(call.text("ResourceId")) => {
            tags(testbed, call)?
        }
        _ => return Ok(None),
    };
    Ok(Some(Reply::json(&value)))
}

async fn create(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let (kind, content) = (call.required("Type")?, call.required("Content")?);
    let (name, description) = (call.required("Name")?, call.text("Description").unwrap_or_default());
    policies::check_content(kind, content)?;
    let organization = ask(testbed, call, "DescribeOrganization", json!({})).await?;
    let organization = organization.pointer("/Organization/Id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut state = testbed.state();
    if state.other_policies.values().any(|policy| policy.kind == kind && policy.name == name) {
        let message = "A policy with the same name already exists.";
        return Err(AwsError::new(400, "DuplicatePolicyException", message));
    }
    let id = hex_id(("policy", state.seed()));
    let id = format!("p-{}", id.get(..10).unwrap_or_default());
    let (partition, account) = (call.region.partition(), call.account.as_str());
    let path = format!("{organization}/{}/{id}", kind.to_lowercase());
    let policy = Policy {
        arn: format!("arn:{}:organizations::{account}:policy/{path}", partition.as_str()),
        kind: kind.to_owned(),
        name: name.to_owned(),
        description: description.to_owned(),
        content: content.to_owned(),
        targets: BTreeSet::new(),
        tags: given(call).collect(),
    };
    let value = policy.describe(&id);
    state.other_policies.insert(id, policy);
    Ok(value)
}

fn given(call: &Call) -> impl Iterator<Item = (String, Value)> {
    let pair = |tag: Map<String, Value>| Some((tag.get("Key")?.as_str()?.to_owned(), tag.get("Value")?.clone()));
    call.objects("Tags").into_iter().filter_map(pair)
}

fn list(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let (kind, target) = (call.text("Filter"), call.text("TargetId"));
    let state = testbed.state();
    let policies = state.other_policies.iter().filter(|(_, policy)| {
        Some(policy.kind.as_str()) == kind && target.is_none_or(|target| policy.targets.contains(target))
    });
    let (policies, token) = page(policies.map(|(id, policy)| policy.summary(id)).collect(), &call.params, 20)?;
    Ok(super::listed("Policies", policies, token))
}

async fn attach(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let (id, target) = (call.required("PolicyId")?, call.required("TargetId")?);
    describe_target(testbed, call, target).await?;
    let kind = testbed.state().other_policies.get(id).map(|policy| policy.kind.clone()).unwrap_or_default();
    policy_types::check_enabled(testbed, call, &kind).await?;
    let mut state = testbed.state();
    policies::check_attach(&attached(&state.other_policies, target, &kind), id, &kind)?;
    if let Some(policy) = state.other_policies.get_mut(id) {
        policy.targets.insert(target.to_owned());
    }
    Ok(json!({}))
}

fn attached(policies: &BTreeMap<String, Policy>, target: &str, kind: &str) -> Vec<String> {
    let attached = policies.iter().filter(|(_, policy)| policy.kind == kind && policy.targets.contains(target));
    attached.map(|(id, _)| id.clone()).collect()
}

fn with_policy(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let id = call.required("PolicyId")?;
    let mut state = testbed.state();
    let missing = || AwsError::new(400, "PolicyNotFoundException", "You specified a policy that doesn't exist.");
    let policy = state.other_policies.get_mut(id).ok_or_else(missing)?;
    match call.operation.as_str() {
        "UpdatePolicy" => {
            if let Some(content) = call.text("Content") {
                policies::check_content(&policy.kind, content)?;
                content.clone_into(&mut policy.content);
            }
            if let Some(name) = call.text("Name") {
                name.clone_into(&mut policy.name);
            }
            if let Some(description) = call.text("Description") {
                description.clone_into(&mut policy.description);
            }
            Ok(policy.describe(id))
        }
        "DeletePolicy" => {
            if !policy.targets.is_empty() {
                let message = "The policy is attached to one or more entities. You must detach it from all roots, OUs, \
                               and accounts before performing this operation.";
                return Err(AwsError::new(400, "PolicyInUseException", message));
            }
            state.other_policies.remove(id);
            Ok(json!({}))
        }
        "DetachPolicy" => {
            let target = call.required("TargetId")?;
            let attached: Vec<String> = policy.targets.contains(target).then(|| id.to_owned()).into_iter().collect();
            policies::check_detach(&attached, id, &policy.kind)?;
            policy.targets.remove(target);
            Ok(json!({}))
        }
        _ => Ok(policy.describe(id)),
    }
}

async fn targets(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let id = call.required("PolicyId")?;
    let targets = testbed.state().other_policies.get(id).map(|policy| policy.targets.clone()).unwrap_or_default();
    let mut found = Vec::new();
    for target in &targets {
        found.push(describe_target(testbed, call, target).await?);
    }
    let (found, token) = page(found, &call.params, 20)?;
    Ok(super::listed("Targets", found, token))
}

/// A root, unit or account as `ListTargetsForPolicy` gives it; the service's own error where there is none.
async fn describe_target(testbed: &Testbed, call: &Call, target: &str) -> Result<Value, AwsError> {
    let (kind, found) = if target.starts_with("r-") {
        let roots = ask(testbed, call, "ListRoots", json!({})).await?;
        let root = roots.pointer("/Roots/0").filter(|root| root.get("Id").and_then(Value::as_str) == Some(target));
        let missing = || AwsError::new(400, "TargetNotFoundException", "You specified a target that doesn't exist.");
        ("ROOT", root.cloned().ok_or_else(missing)?)
    } else if target.starts_with("ou-") {
        let unit = ask(testbed, call, "DescribeOrganizationalUnit", json!({"OrganizationalUnitId": target})).await?;
        ("ORGANIZATIONAL_UNIT", unit.get("OrganizationalUnit").cloned().unwrap_or_default())
    } else {
        let account = ask(testbed, call, "DescribeAccount", json!({"AccountId": target})).await?;
        ("ACCOUNT", account.get("Account").cloned().unwrap_or_default())
    };
    Ok(json!({"TargetId": target, "Arn": found.get("Arn"), "Name": found.get("Name"), "Type": kind}))
}

fn tags(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let id = call.required("ResourceId")?;
    let mut state = testbed.state();
    let Some(policy) = state.other_policies.get_mut(id) else { return Ok(json!({})) };
    match call.operation.as_str() {
        "TagResource" => policy.tags.extend(given(call)),
        "UntagResource" => {
            let removed = call.texts("TagKeys");
            policy.tags.retain(|key, _| !removed.contains(key));
        }
        _ => {
            let tags = policy.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value}));
            return Ok(json!({"Tags": tags.collect::<Vec<_>>()}));
        }
    }
    Ok(json!({}))
}

/// Detaches all policies of a type, as disabling the type does.
pub(super) fn detach_all(testbed: &Testbed, kind: &str) {
    for policy in testbed.state().other_policies.values_mut().filter(|policy| policy.kind == kind) {
        policy.targets.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::call;

    #[tokio::test]
    async fn policies_are_kept_until_they_are_free() {
        let testbed = crate::behaviours::tests::testbed().await;
        let policy = |name: &str, targets: &[&str]| Policy {
            arn: "arn:x".to_owned(),
            kind: "S3_POLICY".to_owned(),
            name: name.to_owned(),
            description: String::new(),
            content: "{}".to_owned(),
            targets: targets.iter().map(|target| (*target).to_owned()).collect(),
            tags: BTreeMap::new(),
        };
        testbed.state().other_policies.insert("p-1".to_owned(), policy("one", &["ou-1"]));
        testbed.state().other_policies.insert("p-2".to_owned(), policy("two", &[]));
        let check = async |operation: &str, params: Value, expected: Value| {
            let found = answer(&testbed, &call("organizations", operation, params)).await;
            let found = found.map_or_else(|error| json!(error.code), |reply| reply.map(|reply| reply.value()).into());
            assert_eq!(found, expected, "{operation}");
        };
        let two = json!({"Id": "p-2", "Arn": "arn:x", "Name": "two", "Description": "", "Type": "S3_POLICY", "AwsManaged": false});
        check("DeletePolicy", json!({"PolicyId": "p-1"}), json!("PolicyInUseException")).await;
        check("DetachPolicy", json!({"PolicyId": "p-1", "TargetId": "ou-2"}), json!("PolicyNotAttachedException"))
            .await;
        check("ListPoliciesForTarget", json!({"TargetId": "ou-2", "Filter": "S3_POLICY"}), json!({"Policies": []}))
            .await;
        check("DetachPolicy", json!({"PolicyId": "p-1", "TargetId": "ou-1"}), json!({})).await;
        check("DeletePolicy", json!({"PolicyId": "p-1"}), json!({})).await;
        check("ListPolicies", json!({"Filter": "S3_POLICY"}), json!({"Policies": [two]})).await;
        check("TagResource", json!({"ResourceId": "p-2", "Tags": [{"Key": "a", "Value": "b"}]}), json!({})).await;
        check("ListTagsForResource", json!({"ResourceId": "p-2"}), json!({"Tags": [{"Key": "a", "Value": "b"}]})).await;
        let described = json!({"Policy": {"PolicySummary": two, "Content": "{\"a\": 1}"}});
        check("UpdatePolicy", json!({"PolicyId": "p-2", "Content": "{\"a\": 1}"}), described).await;
        check("UpdatePolicy", json!({"PolicyId": "p-2", "Content": "x"}), json!("MalformedPolicyDocumentException"))
            .await;
        check("ListPolicies", json!({"Filter": "TAG_POLICY"}), Value::Null).await;
        check("DescribePolicy", json!({"PolicyId": "p-FullAWSAccess"}), Value::Null).await;
    }
}
