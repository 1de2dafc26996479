//! The hub itself: on, off, its configuration and tags. Follows "EnableSecurityHub", "DescribeHub" and
//! "UpdateSecurityHubConfiguration" of the AWS Security Hub API Reference.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::standards::Subscription;
use super::{arn, catalogue, invalid, not_enabled, not_found, with_hub};
use crate::call::Call;
use crate::names::{iso, now};
use crate::pipeline::Testbed;
use crate::reply::AwsError;

/// The hub of an account in a Region, from enabling to disabling.
#[derive(Debug, Clone)]
pub(crate) struct Hub {
    subscribed: i64,
    auto_enable_controls: bool,
    /// `SECURITY_CONTROL` (consolidated findings) or `STANDARD_CONTROL`.
    generator: String,
    /// Tags by resource: the hub's ARN, automation rules' ARNs.
    pub(super) tags: BTreeMap<String, Map<String, Value>>,
    /// Enabled standards by their ARN.
    pub(super) standards: BTreeMap<String, Subscription>,
    /// Customised parameters and the reason given, by control.
    pub(super) parameters: BTreeMap<String, (Map<String, Value>, Option<String>)>,
    /// Automation rules by ARN, as `BatchGetAutomationRules` gives them.
    pub(super) rules: BTreeMap<String, Map<String, Value>>,
}

pub(super) fn enable(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let generator = generator(call)?.unwrap_or("SECURITY_CONTROL").to_owned();
    let default_standards = call.params.get("EnableDefaultStandards").and_then(Value::as_bool).unwrap_or(true);
    let reads = testbed.options.standards_reads;
    let mut state = testbed.state();
    if state.hubs.contains_key(&call.place()) {
        let message = "Account is already subscribed to Security Hub";
        return Err(AwsError::new(409, "ResourceConflictException", message));
    }
    let standards = catalogue::standards(&call.region).into_iter();
    let standards = standards.filter(|standard| default_standards && standard.by_default);
    let tags = call.params.get("Tags").and_then(Value::as_object).cloned().unwrap_or_default();
    let hub = Hub {
        subscribed: now(),
        auto_enable_controls: true,
        generator,
        tags: BTreeMap::from([(arn(call, "hub/default"), tags)]),
        standards: standards.map(|standard| (standard.arn, Subscription::new(reads))).collect(),
        parameters: BTreeMap::new(),
        rules: BTreeMap::new(),
    };
    state.hubs.insert(call.place(), hub);
    Ok(json!({}))
}

fn generator(call: &Call) -> Result<Option<&str>, AwsError> {
    match call.text("ControlFindingGenerator") {
        known @ (None | Some("SECURITY_CONTROL" | "STANDARD_CONTROL")) => Ok(known),
        Some(other) => Err(invalid(format!("Invalid parameter: ControlFindingGenerator {other}"))),
    }
}

pub(super) fn describe(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let own = arn(call, "hub/default");
    with_hub(testbed, call, |hub| match call.text("HubArn") {
        Some(asked) if asked != own => Err(not_found(format!("no hub was found with ARN {asked}"))),
        _ => Ok(json!({
            "HubArn": own,
            "SubscribedAt": iso(hub.subscribed),
            "AutoEnableControls": hub.auto_enable_controls,
            "ControlFindingGenerator": hub.generator,
        })),
    })
}

pub(super) fn update(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let generator = generator(call)?;
    with_hub(testbed, call, |hub| {
        if let Some(auto_enable) = call.params.get("AutoEnableControls").and_then(Value::as_bool) {
            hub.auto_enable_controls = auto_enable;
        }
        if let Some(generator) = generator {
            generator.clone_into(&mut hub.generator);
        }
        Ok(json!({}))
    })
}

pub(super) fn disable(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let mut state = testbed.state();
    state.hubs.remove(&call.place()).ok_or_else(|| not_enabled(call))?;
    // The aggregator lives in the hub of its home Region.
    if state.aggregators.get(&call.account).is_some_and(|aggregator| aggregator.is_in(&call.region)) {
        state.aggregators.remove(&call.account);
    }
    Ok(json!({}))
}

pub(super) fn tags(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let resource = call.required("ResourceArn")?;
    with_hub(testbed, call, |hub| {
        let tags = hub.tags.get_mut(resource).ok_or_else(|| not_found(format!("no resource {resource}")))?;
        Ok(super::super::tags::answer(call, tags, "Tags"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::{ask, call, testbed};

    #[tokio::test]
    async fn a_hub_is_enabled_once() {
        let testbed = testbed().await;
        let describe = call("securityhub", "DescribeHub", json!({}));
        assert_eq!(ask(&testbed, &describe).await, json!({"error": "InvalidAccessException"}));
        let enable =
            call("securityhub", "EnableSecurityHub", json!({"EnableDefaultStandards": false, "Tags": {"a": "b"}}));
        assert_eq!(ask(&testbed, &enable).await, json!({}));
        assert_eq!(ask(&testbed, &enable).await, json!({"error": "ResourceConflictException"}));
        let update = call("securityhub", "UpdateSecurityHubConfiguration", json!({"AutoEnableControls": false}));
        assert_eq!(ask(&testbed, &update).await, json!({}));
        let found = ask(&testbed, &describe).await;
        let expected = (&json!(false), &json!("SECURITY_CONTROL"));
        assert_eq!((&found["AutoEnableControls"], &found["ControlFindingGenerator"]), expected);
        let tags = call("securityhub", "ListTagsForResource", json!({"ResourceArn": found["HubArn"]}));
        assert_eq!(ask(&testbed, &tags).await, json!({"Tags": {"a": "b"}}));
        let elsewhere = Call { region: "eu-west-1".parse().unwrap(), ..describe };
        assert_eq!(ask(&testbed, &elsewhere).await, json!({"error": "InvalidAccessException"}));
        assert_eq!(ask(&testbed, &call("securityhub", "DisableSecurityHub", json!({}))).await, json!({}));
        assert_eq!(ask(&testbed, &tags).await, json!({"error": "InvalidAccessException"}));
    }
}
