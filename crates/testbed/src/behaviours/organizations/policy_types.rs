//! Policy types are enabled and disabled in the background. Follows "EnablePolicyType", "DisablePolicyType" and
//! "PolicyTypeSummary" of the AWS Organizations API Reference: `PENDING_ENABLE` until `ListRoots` has been read often
//! enough; disabling detaches all policies of the type.

use serde_json::{Value, json};

use super::super::Answer;
use super::{all, ask, other_types};
use crate::call::Call;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};
use crate::state::State;

/// A policy type on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    enabling: bool,
    /// How many reads say so still.
    reads: u32,
}

pub(super) async fn enable(testbed: &Testbed, call: &Call) -> Answer {
    let (root, kind) = (call.required("RootId")?, call.required("PolicyType")?);
    begin(testbed, call, root, kind, true).await
}

pub(super) async fn disable(testbed: &Testbed, call: &Call) -> Answer {
    let (root, kind) = (call.required("RootId")?, call.required("PolicyType")?);
    let answer = begin(testbed, call, root, kind, false).await?;
    if answer.as_ref().is_some_and(Reply::is_success) {
        detach_all(testbed, call, kind).await?;
    }
    Ok(answer)
}

async fn begin(testbed: &Testbed, call: &Call, root: &str, kind: &str, enabling: bool) -> Answer {
    let key = (root.to_owned(), kind.to_owned());
    if testbed.state().policy_types.contains_key(&key) {
        let message = "Changes to the effective policy are in progress, and its contents can't be returned. Try again.";
        return Err(AwsError::new(400, "PolicyChangesInProgressException", message));
    }
    let mut value = if other_types::has(kind) {
        switch_other(testbed, &key, enabling)?;
        let mut roots = ask(testbed, call, "ListRoots", json!({})).await?;
        json!({"Root": roots.pointer_mut("/Roots/0").map(Value::take)})
    } else {
        let reply = testbed.forward(call).await?;
        if !reply.is_success() {
            return Ok(Some(reply));
        }
        reply.value()
    };
    let mut state = testbed.state();
    let reads = testbed.options.policy_type_reads;
    if reads > 0 {
        state.policy_types.insert(key, Change { enabling, reads });
    }
    if let Some(root) = value.get_mut("Root") {
        overlay(&state, root);
    }
    Ok(Some(Reply::json(&value)))
}

/// Switches a type that moto does not know.
fn switch_other(testbed: &Testbed, key: &(String, String), enabling: bool) -> Result<(), AwsError> {
    let mut state = testbed.state();
    let changed = if enabling { state.other_types.insert(key.clone()) } else { state.other_types.remove(key) };
    if changed {
        return Ok(());
    }
    Err(if enabling {
        let message = "The specified policy type is already enabled in the specified root.";
        AwsError::new(400, "PolicyTypeAlreadyEnabledException", message)
    } else {
        not_enabled()
    })
}

fn not_enabled() -> AwsError {
    let message = "The specified policy type isn't currently enabled in this root.";
    AwsError::new(400, "PolicyTypeNotEnabledException", message)
}

/// Refuses a type whose policies cannot be attached.
pub(super) async fn check_enabled(testbed: &Testbed, call: &Call, kind: &str) -> Result<(), AwsError> {
    if is_enabled(testbed, call, kind).await? { Ok(()) } else { Err(not_enabled()) }
}

/// AWS's own policies stay in moto, hidden while their type is off, for the day that it is enabled again.
async fn detach_all(testbed: &Testbed, call: &Call, kind: &str) -> Result<(), AwsError> {
    if other_types::has(kind) {
        other_types::detach_all(testbed, kind);
        return Ok(());
    }
    for policy in all(testbed, call, "ListPolicies", json!({"Filter": kind}), "Policies").await? {
        let id = policy.get("Id").cloned().unwrap_or_default();
        if policy.get("AwsManaged").and_then(Value::as_bool) == Some(true) {
            continue;
        }
        for target in all(testbed, call, "ListTargetsForPolicy", json!({"PolicyId": id}), "Targets").await? {
            ask(testbed, call, "DetachPolicy", json!({"PolicyId": id, "TargetId": target.get("TargetId")})).await?;
        }
    }
    Ok(())
}

pub(super) async fn roots(testbed: &Testbed, call: &Call) -> Answer {
    let reply = testbed.forward(call).await?;
    let mut value = reply.value();
    let Some(roots) = value.get_mut("Roots").and_then(Value::as_array_mut) else { return Ok(Some(reply)) };
    let mut state = testbed.state();
    for root in roots {
        overlay(&state, root);
        let id = root.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned();
        for (_, change) in state.policy_types.iter_mut().filter(|((root, _), _)| *root == id) {
            change.reads = change.reads.saturating_sub(1);
        }
    }
    state.policy_types.retain(|_, change| change.reads > 0);
    Ok(Some(Reply::json(&value)))
}

/// Shows a root's policy types as they are on their way.
fn overlay(state: &State, root: &mut Value) {
    let id = root.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let Some(types) = root.get_mut("PolicyTypes").and_then(Value::as_array_mut) else { return };
    for (_, kind) in state.other_types.iter().filter(|(root, _)| *root == id) {
        types.push(json!({"Type": kind, "Status": "ENABLED"}));
    }
    for ((_, kind), change) in state.policy_types.iter().filter(|((root, _), _)| *root == id) {
        types.retain(|known| known.get("Type").and_then(Value::as_str) != Some(kind));
        let status = if change.enabling { "PENDING_ENABLE" } else { "PENDING_DISABLE" };
        types.push(json!({"Type": kind, "Status": status}));
    }
}

/// Whether policies of this type can be attached: enabled, and not on the way there.
pub(super) async fn is_enabled(testbed: &Testbed, call: &Call, kind: &str) -> Result<bool, AwsError> {
    let roots = ask(testbed, call, "ListRoots", json!({})).await?;
    let types = roots.pointer("/Roots/0/PolicyTypes").and_then(Value::as_array);
    let is_kind = |known: &Value| known.get("Type").and_then(Value::as_str) == Some(kind);
    let enabled = types.into_iter().flatten().any(is_kind);
    let id = roots.pointer("/Roots/0/Id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let (state, key) = (testbed.state(), (id, kind.to_owned()));
    Ok((enabled || state.other_types.contains(&key)) && !state.policy_types.contains_key(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_on_its_way_is_shown_as_such() {
        let mut state = State::default();
        let key = |kind: &str| ("r-1".to_owned(), kind.to_owned());
        state.policy_types.insert(key("A"), Change { enabling: true, reads: 1 });
        state.policy_types.insert(key("B"), Change { enabling: false, reads: 1 });
        let mut root = json!({"Id": "r-1", "PolicyTypes": [{"Type": "A", "Status": "ENABLED"}, {"Type": "C", "Status": "ENABLED"}]});
        overlay(&state, &mut root);
        let expected = json!([
            {"Type": "C", "Status": "ENABLED"},
            {"Type": "A", "Status": "PENDING_ENABLE"},
            {"Type": "B", "Status": "PENDING_DISABLE"},
        ]);
        assert_eq!(root["PolicyTypes"], expected);
    }
}
