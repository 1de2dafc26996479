//! Enabling and disabling standards, which takes a while. Follows "BatchEnableStandards", "GetEnabledStandards" and
//! "BatchDisableStandards" of the AWS Security Hub API Reference: `PENDING`, then `READY`; `DELETING`, then gone, and
//! with it what was disabled in it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::hub::Hub;
use super::{arn, batch, catalogue, invalid, listed, with_hub};
use crate::call::Call;
use crate::page::page;
use crate::pipeline::Testbed;
use crate::reply::AwsError;

/// An enabled standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subscription {
    phase: Phase,
    /// Controls that were disabled, or enabled again.
    pub(super) changed: BTreeMap<&'static str, Association>,
}

/// A control's own status in a standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Association {
    pub(super) enabled: bool,
    pub(super) reason: Option<String>,
    pub(super) updated: i64,
}

/// Counts the reads that are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Pending(u32),
    Ready,
    Deleting(u32),
}

impl Subscription {
    pub(super) fn new(reads: u32) -> Self {
        Self { phase: Phase::Pending(reads).settled(), changed: BTreeMap::new() }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    pub(super) fn is_enabled(&self, control: &str) -> bool {
        self.changed.get(control).is_none_or(|association| association.enabled)
    }
}

impl Phase {
    fn settled(self) -> Self {
        if self == Self::Pending(0) { Self::Ready } else { self }
    }

    /// What it is after one more read.
    fn after_read(self) -> Self {
        match self {
            Self::Pending(left) => Self::Pending(left.saturating_sub(1)).settled(),
            Self::Deleting(left) => Self::Deleting(left.saturating_sub(1)),
            Self::Ready => Self::Ready,
        }
    }
}

pub(super) fn subscription_arn(call: &Call, standard: &catalogue::Standard) -> String {
    arn(call, &format!("subscription/{}", standard.path))
}

/// The standard whose subscription this is, where it is enabled.
pub(super) fn of_subscription(call: &Call, hub: &Hub, asked: &str) -> Option<catalogue::Standard> {
    let standards = catalogue::standards(&call.region).into_iter();
    let mut enabled = standards.filter(|standard| hub.standards.contains_key(&standard.arn));
    enabled.find(|standard| subscription_arn(call, standard) == asked)
}

fn described(call: &Call, standard: &catalogue::Standard, subscription: &Subscription) -> Value {
    let (status, updatable) = match subscription.phase {
        Phase::Pending(_) => ("PENDING", "NOT_READY_FOR_UPDATES"),
        Phase::Ready => ("READY", "READY_FOR_UPDATES"),
        Phase::Deleting(_) => ("DELETING", "NOT_READY_FOR_UPDATES"),
    };
    json!({
        "StandardsSubscriptionArn": subscription_arn(call, standard),
        "StandardsArn": standard.arn,
        "StandardsInput": {},
        "StandardsStatus": status,
        "StandardsControlsUpdatable": updatable,
    })
}

pub(super) fn describe(call: &Call) -> Result<Value, AwsError> {
    let (standards, token) = page(catalogue::standards(&call.region), &call.params, 100)?;
    let standards = standards.into_iter().map(|standard| {
        json!({
            "StandardsArn": standard.arn,
            "Name": standard.name,
            "Description": standard.name,
            "EnabledByDefault": standard.by_default,
            "StandardsManagedBy": {"Company": "AWS", "Product": "Security Hub"},
        })
    });
    Ok(listed("Standards", standards.collect(), token))
}

pub(super) fn enabled(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let asked = call.texts("StandardsSubscriptionArns");
    with_hub(testbed, call, |hub| {
        // What has been deleted long enough is gone before this read.
        hub.standards.retain(|_, subscription| subscription.phase != Phase::Deleting(0));
        let mut found = Vec::new();
        for standard in catalogue::standards(&call.region) {
            let wanted = asked.is_empty() || asked.contains(&subscription_arn(call, &standard));
            if let Some(subscription) = hub.standards.get_mut(&standard.arn).filter(|_| wanted) {
                found.push(described(call, &standard, subscription));
                subscription.phase = subscription.phase.after_read();
            }
        }
        let (found, token) = page(found, &call.params, 100)?;
        Ok(listed("StandardsSubscriptions", found, token))
    })
}

pub(super) fn enable(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let requests = call.objects("StandardsSubscriptionRequests");
    if !(1..=25).contains(&requests.len()) {
        return Err(invalid("Invalid parameter: StandardsSubscriptionRequests takes 1 to 25 entries."));
    }
    let mut standards = Vec::new();
    for request in &requests {
        let asked = request.get("StandardsArn").and_then(Value::as_str).unwrap_or_default();
        let unknown = || invalid(format!("Invalid parameter: no standard {asked} in this Region."));
        standards.push(catalogue::standard(&call.region, asked).ok_or_else(unknown)?);
    }
    let reads = testbed.options.standards_reads;
    with_hub(testbed, call, |hub| {
        let mut found = Vec::new();
        for standard in &standards {
            let subscription = hub.standards.entry(standard.arn.clone()).or_insert_with(|| Subscription::new(reads));
            if matches!(subscription.phase, Phase::Deleting(_)) {
                *subscription = Subscription::new(reads);
            }
            found.push(described(call, standard, subscription));
        }
        Ok(listed("StandardsSubscriptions", found, None))
    })
}

pub(super) fn disable(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let asked = batch("StandardsSubscriptionArns", call.texts("StandardsSubscriptionArns"))?;
    let reads = testbed.options.standards_reads;
    with_hub(testbed, call, |hub| {
        let mut standards = Vec::new();
        for subscription in &asked {
            let unknown = || invalid(format!("Invalid parameter: {subscription} is not an enabled standard."));
            standards.push(of_subscription(call, hub, subscription).ok_or_else(unknown)?);
        }
        let mut found = Vec::new();
        for standard in &standards {
            if let Some(subscription) = hub.standards.get_mut(&standard.arn) {
                subscription.phase = Phase::Deleting(reads);
                found.push(described(call, standard, subscription));
            }
        }
        Ok(listed("StandardsSubscriptions", found, None))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::{ask, call, testbed};

    #[tokio::test]
    async fn standards_take_a_read_to_come_and_to_go() {
        let testbed = testbed().await;
        ask(&testbed, &call("securityhub", "EnableSecurityHub", json!({"EnableDefaultStandards": false}))).await;
        let arn = "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0";
        let read = call("securityhub", "GetEnabledStandards", json!({}));
        assert_eq!(ask(&testbed, &read).await, json!({"StandardsSubscriptions": []}));
        let request = json!({"StandardsSubscriptionRequests": [{"StandardsArn": arn}]});
        let enabled = ask(&testbed, &call("securityhub", "BatchEnableStandards", request)).await;
        assert_eq!(enabled["StandardsSubscriptions"][0]["StandardsStatus"], "PENDING");
        let statuses = [ask(&testbed, &read).await, ask(&testbed, &read).await];
        let statuses = statuses.map(|found| found["StandardsSubscriptions"][0]["StandardsStatus"].clone());
        assert_eq!(statuses, [json!("PENDING"), json!("READY")]);
        let subscription =
            "arn:aws:securityhub:us-east-1:123456789012:subscription/aws-foundational-security-best-practices/v/1.0.0";
        assert_eq!(enabled["StandardsSubscriptions"][0]["StandardsSubscriptionArn"], subscription);
        let disable =
            call("securityhub", "BatchDisableStandards", json!({"StandardsSubscriptionArns": [subscription]}));
        assert_eq!(ask(&testbed, &disable).await["StandardsSubscriptions"][0]["StandardsStatus"], "DELETING");
        assert_eq!(ask(&testbed, &read).await["StandardsSubscriptions"][0]["StandardsStatus"], "DELETING");
        assert_eq!(ask(&testbed, &read).await, json!({"StandardsSubscriptions": []}));
        let request = json!({"StandardsSubscriptionRequests": [{"StandardsArn": "arn:x"}]});
        let unknown = call("securityhub", "BatchEnableStandards", request);
        assert_eq!(ask(&testbed, &unknown).await, json!({"error": "InvalidInputException"}));
    }

    #[tokio::test]
    async fn two_standards_come_by_default() {
        let testbed = testbed().await;
        ask(&testbed, &call("securityhub", "EnableSecurityHub", json!({}))).await;
        let found = ask(&testbed, &call("securityhub", "GetEnabledStandards", json!({}))).await;
        assert_eq!(found["StandardsSubscriptions"].as_array().map(Vec::len), Some(2));
    }
}
