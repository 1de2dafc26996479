//! Limits on policies: their size, their syntax, how many a target holds and which cannot be taken away. Follows
//! "Quotas and service limits for AWS Organizations" of the user guide and "AttachPolicy", "DetachPolicy",
//! "ConstraintViolationException" of the API reference.

use serde_json::{Value, json};

use super::super::Answer;
use super::{all, ask, constraint, invalid, policy_types};
use crate::call::Call;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};

/// The policy that every target keeps while resource control policies are on.
const RCP_FULL_ACCESS: &str = "p-RCPFullAWSAccess";

/// The longest content (characters) and most attachments to one target of a policy type.
fn limits(kind: &str) -> (usize, usize) {
    match kind {
        "SERVICE_CONTROL_POLICY" => (10_240, 10),
        "RESOURCE_CONTROL_POLICY" => (5_120, 5),
        "AISERVICES_OPT_OUT_POLICY" => (2_500, 5),
        "CHATBOT_POLICY" => (10_000, 5),
        _ => (10_000, 10),
    }
}

pub(super) fn check_content(kind: &str, content: &str) -> Result<(), AwsError> {
    if content.chars().count() > limits(kind).0 {
        return Err(constraint("POLICY_CONTENT_LIMIT_EXCEEDED", "The policy's content is too long."));
    }
    if matches!(serde_json::from_str(content), Ok(Value::Object(_))) {
        return Ok(());
    }
    let message = "The provided policy document does not meet the requirements of the specified policy type.";
    Err(AwsError::new(400, "MalformedPolicyDocumentException", message))
}

pub(super) fn create(call: &Call) -> Answer {
    check_content(call.required("Type")?, call.required("Content")?)?;
    Ok(None)
}

/// Policies that AWS owns; their ids say so.
fn check_mutable(id: &str) -> Result<(), AwsError> {
    if id == "p-FullAWSAccess" || id == RCP_FULL_ACCESS {
        return Err(invalid(
            "IMMUTABLE_POLICY",
            "You specified a policy that is managed by AWS and can't be modified.",
        ));
    }
    Ok(())
}

async fn kind_of(testbed: &Testbed, call: &Call, id: &str) -> Result<String, AwsError> {
    let policy = ask(testbed, call, "DescribePolicy", json!({"PolicyId": id})).await?;
    let kind = policy.pointer("/Policy/PolicySummary/Type").and_then(Value::as_str);
    Ok(kind.unwrap_or_default().to_owned())
}

pub(super) async fn update(testbed: &Testbed, call: &Call) -> Answer {
    let id = call.required("PolicyId")?;
    check_mutable(id)?;
    if let Some(content) = call.text("Content") {
        check_content(&kind_of(testbed, call, id).await?, content)?;
    }
    Ok(None)
}

pub(super) fn delete(call: &Call) -> Answer {
    check_mutable(call.required("PolicyId")?)?;
    Ok(None)
}

/// The ids of a type's policies on a target.
async fn attached(testbed: &Testbed, call: &Call, target: &str, kind: &str) -> Result<Vec<String>, AwsError> {
    let params = json!({"TargetId": target, "Filter": kind});
    let policies = all(testbed, call, "ListPoliciesForTarget", params, "Policies").await?;
    let ids = policies.iter().filter_map(|policy| policy.get("Id")?.as_str());
    Ok(ids.map(str::to_owned).collect())
}

pub(super) async fn attach(testbed: &Testbed, call: &Call) -> Answer {
    let (id, target) = (call.required("PolicyId")?, call.required("TargetId")?);
    let kind = kind_of(testbed, call, id).await?;
    policy_types::check_enabled(testbed, call, &kind).await?;
    check_attach(&attached(testbed, call, target, &kind).await?, id, &kind)?;
    Ok(None)
}

pub(super) fn check_attach(attached: &[String], id: &str, kind: &str) -> Result<(), AwsError> {
    if attached.iter().any(|known| known == id) {
        let message = "The selected policy is already attached to the specified target.";
        return Err(AwsError::new(400, "DuplicatePolicyAttachmentException", message));
    }
    if attached.len() >= limits(kind).1 {
        let message = "You have attached the maximum number of policies of that type to the specified target.";
        return Err(constraint("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", message));
    }
    Ok(())
}

pub(super) async fn detach(testbed: &Testbed, call: &Call) -> Answer {
    let (id, target) = (call.required("PolicyId")?, call.required("TargetId")?);
    let kind = kind_of(testbed, call, id).await?;
    check_detach(&attached(testbed, call, target, &kind).await?, id, &kind)?;
    Ok(None)
}

pub(super) fn check_detach(attached: &[String], id: &str, kind: &str) -> Result<(), AwsError> {
    if !attached.iter().any(|known| known == id) {
        let message = "The policy isn't attached to the specified target in the specified root.";
        return Err(AwsError::new(400, "PolicyNotAttachedException", message));
    }
    if id == RCP_FULL_ACCESS {
        return Err(invalid("NON_DETACHABLE_POLICY", "You can't detach this policy."));
    }
    if kind == "SERVICE_CONTROL_POLICY" && attached.len() == 1 {
        let message = "You can't remove the last service control policy from a target.";
        return Err(constraint("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", message));
    }
    Ok(())
}

/// Lists without what comes only with an enabled policy type: moto attaches AWS's policies from the start.
pub(super) async fn list(testbed: &Testbed, call: &Call) -> Answer {
    let kind = call.required("Filter")?;
    if policy_types::is_enabled(testbed, call, kind).await? {
        return Ok(None);
    }
    let reply = testbed.forward(call).await?;
    let mut value = reply.value();
    let on_target = call.operation == "ListPoliciesForTarget";
    if let Some(policies) = value.get_mut("Policies").and_then(Value::as_array_mut) {
        policies.retain(|policy| !on_target && policy.get("Id").and_then(Value::as_str) != Some(RCP_FULL_ACCESS));
        return Ok(Some(Reply::json(&value)));
    }
    Ok(Some(reply))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(outcome: Result<(), AwsError>) -> String {
        outcome.map_or_else(|error| error.code, |()| "ok".to_owned())
    }

    #[test]
    fn content_is_checked() {
        let check = |kind, content: &str, expected| assert_eq!(code(check_content(kind, content)), expected);
        let long = |count: usize| format!("{{{}}}", " ".repeat(count - 2));
        check("SERVICE_CONTROL_POLICY", &long(10_240), "ok");
        check("SERVICE_CONTROL_POLICY", &long(10_241), "ConstraintViolationException");
        check("RESOURCE_CONTROL_POLICY", &long(5_121), "ConstraintViolationException");
        check("TAG_POLICY", "nonsense", "MalformedPolicyDocumentException");
        check("TAG_POLICY", "[]", "MalformedPolicyDocumentException");
    }

    #[test]
    fn attachments_are_limited() {
        let ids = |count: usize| (0..count).map(|number| format!("p-{number}")).collect::<Vec<_>>();
        let attach = |count, id, kind, expected| assert_eq!(code(check_attach(&ids(count), id, kind)), expected);
        attach(9, "p-new", "SERVICE_CONTROL_POLICY", "ok");
        attach(10, "p-new", "SERVICE_CONTROL_POLICY", "ConstraintViolationException");
        attach(5, "p-new", "RESOURCE_CONTROL_POLICY", "ConstraintViolationException");
        attach(2, "p-1", "TAG_POLICY", "DuplicatePolicyAttachmentException");
        let detach = |count, id, kind, expected| assert_eq!(code(check_detach(&ids(count), id, kind)), expected);
        detach(2, "p-1", "SERVICE_CONTROL_POLICY", "ok");
        detach(1, "p-0", "SERVICE_CONTROL_POLICY", "ConstraintViolationException");
        detach(1, "p-0", "TAG_POLICY", "ok");
        detach(1, "p-9", "TAG_POLICY", "PolicyNotAttachedException");
        let rcp = [RCP_FULL_ACCESS.to_owned(), "p-1".to_owned()];
        assert_eq!(code(check_detach(&rcp, RCP_FULL_ACCESS, "RESOURCE_CONTROL_POLICY")), "InvalidInputException");
    }
}
