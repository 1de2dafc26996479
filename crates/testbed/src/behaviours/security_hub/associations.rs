//! Which control is on in which enabled standard. Follows "ListStandardsControlAssociations",
//! "BatchGetStandardsControlAssociations" and "BatchUpdateStandardsControlAssociations" of the AWS Security Hub API
//! Reference: standards that are not ready for updates are left out, or refused entry by entry.

use serde_json::{Map, Value, json};

use super::catalogue::{self, Control, Standard};
use super::controls::{security_control_arn, standards_control_arn, wanted};
use super::hub::Hub;
use super::standards::{Association, Subscription};
use super::{batch, listed, not_found, with_hub};
use crate::call::Call;
use crate::names::{iso, now};
use crate::page::page;
use crate::pipeline::Testbed;
use crate::reply::AwsError;

fn described(call: &Call, standard: &Standard, subscription: &Subscription, control: &Control) -> Value {
    let association = subscription.changed.get(control.id);
    let mut value = json!({
        "StandardsArn": standard.arn,
        "SecurityControlId": control.id,
        "SecurityControlArn": security_control_arn(call, control),
        "AssociationStatus": if subscription.is_enabled(control.id) { "ENABLED" } else { "DISABLED" },
        "RelatedRequirements": [],
        "StandardsControlTitle": control.title,
        "StandardsControlDescription": control.title,
    });
    if let Some(association) = association {
        value["UpdatedAt"] = json!(iso(association.updated));
        if let Some(reason) = &association.reason {
            value["UpdatedReason"] = json!(reason);
        }
    }
    value
}

pub(super) fn list(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let asked = call.required("SecurityControlId")?;
    let control = catalogue::by_id(&call.region, asked).ok_or_else(|| not_found(format!("no control {asked}")))?;
    with_hub(testbed, call, |hub| {
        let standards = catalogue::standards(&call.region).into_iter();
        let summaries = standards.filter_map(|standard| {
            standard.requirement(control)?;
            let subscription = hub.standards.get(&standard.arn).filter(|subscription| subscription.is_ready())?;
            Some(described(call, &standard, subscription, control))
        });
        let (summaries, token) = page(summaries.collect(), &call.params, 100)?;
        Ok(listed("StandardsControlAssociationSummaries", summaries, token))
    })
}

/// The standard and control that an entry names, where the standard is enabled and has the control.
fn named(call: &Call, hub: &Hub, entry: &Map<String, Value>) -> Option<(Standard, &'static Control)> {
    let text = |member: &str| entry.get(member).and_then(Value::as_str);
    let standard = catalogue::standard(&call.region, text("StandardsArn")?)?;
    let control = catalogue::by_id(&call.region, text("SecurityControlId")?)?;
    let there = hub.standards.contains_key(&standard.arn) && standard.requirement(control).is_some();
    there.then_some((standard, control))
}

pub(super) fn get(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let member = "StandardsControlAssociationIds";
    let entries = batch(member, call.objects(member))?;
    with_hub(testbed, call, |hub| {
        let (mut found, mut unprocessed) = (Vec::new(), Vec::new());
        for entry in &entries {
            let details = named(call, hub, entry).and_then(|(standard, control)| {
                let mut value = described(call, &standard, hub.standards.get(&standard.arn)?, control);
                let arn = standards_control_arn(call, &standard, standard.requirement(control)?);
                value["StandardsControlArns"] = json!([arn]);
                Some(value)
            });
            match details {
                Some(details) => found.push(details),
                None => unprocessed.push(json!({
                    "StandardsControlAssociationId": entry,
                    "ErrorCode": "NOT_FOUND",
                    "ErrorReason": "no such control in an enabled standard",
                })),
            }
        }
        Ok(json!({"StandardsControlAssociationDetails": found, "UnprocessedAssociations": unprocessed}))
    })
}

pub(super) fn update(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let member = "StandardsControlAssociationUpdates";
    let entries = batch(member, call.objects(member))?;
    with_hub(testbed, call, |hub| {
        let unprocessed = entries.iter().filter_map(|entry| {
            let (code, reason) = update_one(call, hub, entry).err()?;
            Some(json!({"StandardsControlAssociationUpdate": entry, "ErrorCode": code, "ErrorReason": reason}))
        });
        Ok(json!({"UnprocessedAssociationUpdates": unprocessed.collect::<Vec<_>>()}))
    })
}

fn update_one(call: &Call, hub: &mut Hub, entry: &Map<String, Value>) -> Result<(), (&'static str, &'static str)> {
    let text = |member: &str| entry.get(member).and_then(Value::as_str);
    let reason = text("UpdatedReason");
    let enabled = wanted(text("AssociationStatus"), reason).map_err(|why| ("INVALID_INPUT", why))?;
    let missing = ("NOT_FOUND", "no such control in an enabled standard");
    let (standard, control) = named(call, hub, entry).ok_or(missing)?;
    let subscription = hub.standards.get_mut(&standard.arn).ok_or(missing)?;
    if !subscription.is_ready() {
        return Err(("INVALID_INPUT", "the standard is not ready for updates"));
    }
    let association = Association { enabled, reason: reason.map(str::to_owned), updated: now() };
    subscription.changed.insert(control.id, association);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::{ask, call, testbed};

    #[tokio::test]
    async fn associations_change_once_the_standard_is_ready() {
        let testbed = testbed().await;
        ask(&testbed, &call("securityhub", "EnableSecurityHub", json!({}))).await;
        let list = call("securityhub", "ListStandardsControlAssociations", json!({"SecurityControlId": "KMS.4"}));
        let summaries = |found: Value| {
            let statuses = found["StandardsControlAssociationSummaries"].as_array().cloned().unwrap_or_default();
            statuses.iter().map(|summary| summary["AssociationStatus"].clone()).collect::<Vec<_>>()
        };
        let arn = "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0";
        let update = |status: &str, reason: Value| {
            let entry = json!({"StandardsArn": arn, "SecurityControlId": "KMS.4", "AssociationStatus": status, "UpdatedReason": reason});
            call(
                "securityhub",
                "BatchUpdateStandardsControlAssociations",
                json!({"StandardsControlAssociationUpdates": [entry]}),
            )
        };
        let refused = |found: Value| found["UnprocessedAssociationUpdates"][0]["ErrorCode"].clone();
        assert_eq!(summaries(ask(&testbed, &list).await), [] as [Value; 0]);
        assert_eq!(refused(ask(&testbed, &update("DISABLED", json!("x"))).await), "INVALID_INPUT");
        ask(&testbed, &call("securityhub", "GetEnabledStandards", json!({}))).await;
        assert_eq!(summaries(ask(&testbed, &list).await), ["ENABLED"]);
        assert_eq!(refused(ask(&testbed, &update("DISABLED", json!(null))).await), "INVALID_INPUT");
        assert_eq!(refused(ask(&testbed, &update("DISABLED", json!("x"))).await), json!(null));
        assert_eq!(summaries(ask(&testbed, &list).await), ["DISABLED"]);
        let ids = json!([{"StandardsArn": arn, "SecurityControlId": "KMS.4"}, {"StandardsArn": arn, "SecurityControlId": "S3.8"}]);
        let get =
            call("securityhub", "BatchGetStandardsControlAssociations", json!({"StandardsControlAssociationIds": ids}));
        let found = ask(&testbed, &get).await;
        assert_eq!(found["StandardsControlAssociationDetails"][0]["UpdatedReason"], "x");
        assert_eq!(found["UnprocessedAssociations"][0]["ErrorCode"], "NOT_FOUND");
        ask(&testbed, &update("ENABLED", json!(null))).await;
        assert_eq!(summaries(ask(&testbed, &list).await), ["ENABLED"]);
    }
}
