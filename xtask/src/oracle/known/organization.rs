//! Whom and what the organization's policies do not limit.

use dodai_policy::reference::Reference;
use serde_json::Value;

fn text<'c>(case: &'c Value, name: &str) -> &'c str {
    case.pointer(&format!("/request/{name}")).and_then(Value::as_str).unwrap_or_default()
}

/// The case without these members, if it has one of them.
fn without(case: &Value, names: &[&str]) -> Option<Value> {
    let mut case = case.clone();
    let entries = case.as_object_mut()?;
    let before = entries.len();
    entries.retain(|name, _| !names.contains(&name.as_str()));
    (entries.len() < before).then_some(case)
}

/// Neither kind of policy limits a service-linked role.
pub(super) fn service_linked_roles(case: &Value) -> Option<Value> {
    let principal = text(case, "principal");
    let linked = principal.contains(":role/aws-service-role/") || principal.contains(":assumed-role/AWSServiceRoleFor");
    without(case, &["scps", "rcps"]).filter(|_| linked)
}

/// Service control policies limit users and roles of the organization's accounts: not services, not those who are not
/// signed in, not those whom a provider vouches for.
pub(super) fn outsiders(case: &Value) -> Option<Value> {
    let principal = text(case, "principal");
    let outside = !principal.starts_with("arn:") || principal.contains(":saml-provider/");
    without(case, &["scps"]).filter(|_| outside)
}

/// Resource control policies limit the resources of some services only.
pub(super) fn unlisted_services(case: &Value) -> Option<Value> {
    let service = text(case, "action").split(':').next().unwrap_or_default();
    let listed = Reference::embedded().rcp_services().iter().any(|known| known == service);
    without(case, &["rcps"]).filter(|_| !listed)
}

/// Who may retire a grant is no matter for resource control policies.
pub(super) fn retired_grants(case: &Value) -> Option<Value> {
    without(case, &["rcps"]).filter(|_| text(case, "action") == "kms:RetireGrant")
}
