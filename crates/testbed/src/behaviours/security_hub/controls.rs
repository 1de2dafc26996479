//! Controls, in a standard (the older operations) and across standards. Follows "DescribeStandardsControls",
//! "UpdateStandardsControl", "ListSecurityControlDefinitions", "BatchGetSecurityControls" and "UpdateSecurityControl" of
//! the AWS Security Hub API Reference.

use serde_json::{Value, json};

use super::catalogue::{self, Control, Standard};
use super::hub::Hub;
use super::standards::{Association, of_subscription};
use super::{arn, batch, invalid, listed, not_found, with_hub};
use crate::call::Call;
use crate::names::{iso, now};
use crate::page::page;
use crate::pipeline::Testbed;
use crate::reply::AwsError;

/// `…:control/cis-aws-foundations-benchmark/v/1.2.0/1.3`
pub(super) fn standards_control_arn(call: &Call, standard: &Standard, requirement: &str) -> String {
    arn(call, &format!("control/{}/{requirement}", standard.path))
}

pub(super) fn security_control_arn(call: &Call, control: &Control) -> String {
    arn(call, &format!("security-control/{}", control.id))
}

pub(super) fn of_standard(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let asked = call.required("StandardsSubscriptionArn")?;
    with_hub(testbed, call, |hub| {
        let standard = of_subscription(call, hub, asked);
        let standard = standard.ok_or_else(|| not_found(format!("{asked} is not an enabled standard")))?;
        let subscription = hub.standards.get(&standard.arn).cloned();
        let (controls, token) = page(standard.controls(&call.region), &call.params, 100)?;
        let describe = |control: &&Control| {
            let association = subscription.as_ref().and_then(|subscription| subscription.changed.get(control.id));
            let requirement = standard.requirement(control)?;
            let mut value = json!({
                "StandardsControlArn": standards_control_arn(call, &standard, requirement),
                "ControlStatus": status(association.is_none_or(|association| association.enabled)),
                "ControlStatusUpdatedAt": iso(association.map_or(0, |association| association.updated)),
                "ControlId": requirement,
                "Title": control.title,
                "Description": control.title,
                "RemediationUrl": control.remediation_url(),
                "SeverityRating": control.severity,
                "RelatedRequirements": [],
            });
            if let Some(reason) = association.and_then(|association| association.reason.as_ref()) {
                value["DisabledReason"] = json!(reason);
            }
            Some(value)
        };
        Ok(listed("Controls", controls.iter().filter_map(describe).collect(), token))
    })
}

fn status(enabled: bool) -> &'static str {
    if enabled { "ENABLED" } else { "DISABLED" }
}

pub(super) fn update_in_standard(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let asked = call.required("StandardsControlArn")?;
    let reason = call.text("DisabledReason").map(str::to_owned);
    let enabled = wanted(call.text("ControlStatus"), reason.as_deref()).map_err(invalid)?;
    with_hub(testbed, call, |hub| {
        for standard in catalogue::standards(&call.region) {
            let control = standard.controls(&call.region).into_iter().find(|control| {
                let requirement = standard.requirement(control);
                requirement.is_some_and(|requirement| standards_control_arn(call, &standard, requirement) == asked)
            });
            let Some(control) = control else { continue };
            let Some(subscription) = hub.standards.get_mut(&standard.arn) else { continue };
            if !subscription.is_ready() {
                return Err(invalid(format!("{} is not ready for updates", standard.arn)));
            }
            subscription.changed.insert(control.id, Association { enabled, reason, updated: now() });
            return Ok(json!({}));
        }
        Err(not_found(format!("no control {asked} in an enabled standard")))
    })
}

/// Whether a status asks for enabled; disabling wants a reason.
pub(super) fn wanted(status: Option<&str>, reason: Option<&str>) -> Result<bool, &'static str> {
    match (status, reason) {
        (Some("ENABLED"), _) => Ok(true),
        (Some("DISABLED"), Some(reason)) if !reason.trim().is_empty() => Ok(false),
        (Some("DISABLED"), _) => Err("a reason is required when a control is disabled"),
        _ => Err("the status must be ENABLED or DISABLED"),
    }
}

fn defined(control: &Control) -> Value {
    json!({
        "SecurityControlId": control.id,
        "Title": control.title,
        "Description": control.title,
        "RemediationUrl": control.remediation_url(),
        "SeverityRating": control.severity,
        "CurrentRegionAvailability": "AVAILABLE",
    })
}

pub(super) fn definitions(call: &Call) -> Result<Value, AwsError> {
    let controls: Vec<&Control> = match call.text("StandardsArn") {
        None => catalogue::controls(&call.region).collect(),
        Some(asked) => {
            let unknown = || invalid(format!("Invalid parameter: no standard {asked} in this Region."));
            catalogue::standard(&call.region, asked).ok_or_else(unknown)?.controls(&call.region)
        }
    };
    let (controls, token) = page(controls, &call.params, 100)?;
    Ok(listed("SecurityControlDefinitions", controls.into_iter().map(defined).collect(), token))
}

pub(super) fn definition(call: &Call) -> Result<Value, AwsError> {
    let asked = call.required("SecurityControlId")?;
    let control = catalogue::by_id(&call.region, asked).ok_or_else(|| not_found(format!("no control {asked}")))?;
    Ok(json!({"SecurityControlDefinition": defined(control)}))
}

/// Whether any enabled standard has the control enabled.
fn is_enabled(call: &Call, hub: &Hub, control: &Control) -> bool {
    catalogue::standards(&call.region).iter().any(|standard| {
        let subscription = hub.standards.get(&standard.arn);
        standard.requirement(control).is_some() && subscription.is_some_and(|found| found.is_enabled(control.id))
    })
}

pub(super) fn get(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let ids = batch("SecurityControlIds", call.texts("SecurityControlIds"))?;
    with_hub(testbed, call, |hub| {
        let (mut found, mut unprocessed) = (Vec::new(), Vec::new());
        for id in &ids {
            let Some(control) = catalogue::by_id(&call.region, id) else {
                let reason = format!("no control {id} in this Region");
                unprocessed.push(json!({"SecurityControlId": id, "ErrorCode": "NOT_FOUND", "ErrorReason": reason}));
                continue;
            };
            let mut value = json!({
                "SecurityControlId": control.id,
                "SecurityControlArn": security_control_arn(call, control),
                "Title": control.title,
                "Description": control.title,
                "RemediationUrl": control.remediation_url(),
                "SeverityRating": control.severity,
                "SecurityControlStatus": status(is_enabled(call, hub, control)),
                "UpdateStatus": "READY",
            });
            if let Some((parameters, reason)) = hub.parameters.get(control.id) {
                value["Parameters"] = json!(parameters);
                if let Some(reason) = reason {
                    value["LastUpdateReason"] = json!(reason);
                }
            }
            found.push(value);
        }
        Ok(json!({"SecurityControls": found, "UnprocessedIds": unprocessed}))
    })
}

/// Sets a control's parameters; `{"ValueType": "DEFAULT"}` sets one back.
pub(super) fn update(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let asked = call.required("SecurityControlId")?;
    let control = catalogue::by_id(&call.region, asked).ok_or_else(|| not_found(format!("no control {asked}")))?;
    let Some(parameters) = call.params.get("Parameters").and_then(Value::as_object) else {
        return Err(invalid("missing required parameter `Parameters`"));
    };
    for (name, parameter) in parameters {
        match parameter.get("ValueType").and_then(Value::as_str) {
            Some("DEFAULT") => {}
            Some("CUSTOM") if parameter.get("Value").is_some_and(Value::is_object) => {}
            _ => {
                return Err(invalid(format!(
                    "Invalid parameter: {name} wants ValueType DEFAULT, or CUSTOM and Value."
                )));
            }
        }
    }
    with_hub(testbed, call, |hub| {
        let (known, reason) = hub.parameters.entry(control.id.to_owned()).or_default();
        known.extend(parameters.clone());
        *reason = call.text("LastUpdateReason").map(str::to_owned);
        Ok(json!({}))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::{ask, call, testbed};

    #[tokio::test]
    async fn controls_come_in_pages() {
        let testbed = testbed().await;
        let arn = "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0";
        let (mut ids, mut params) = (Vec::new(), json!({"StandardsArn": arn}));
        loop {
            let found = ask(&testbed, &call("securityhub", "ListSecurityControlDefinitions", params.clone())).await;
            let page = found["SecurityControlDefinitions"].as_array().cloned().unwrap_or_default();
            assert!(page.len() <= 100);
            ids.extend(page.iter().map(|control| control["SecurityControlId"].to_string()));
            match found.get("NextToken") {
                Some(token) => params["NextToken"] = token.clone(),
                None => break,
            }
        }
        assert!(ids.len() > 300);
        ids.dedup();
        assert!(ids.len() > 300 && ids.contains(&"\"KMS.2\"".to_owned()));
    }

    #[tokio::test]
    async fn a_control_is_disabled_in_a_standard() {
        let testbed = testbed().await;
        ask(&testbed, &call("securityhub", "EnableSecurityHub", json!({}))).await;
        let path = "aws-foundational-security-best-practices/v/1.0.0";
        let arn = format!("arn:aws:securityhub:us-east-1:123456789012:control/{path}/EC2.8");
        let disable = |reason: Value| {
            let params = json!({"StandardsControlArn": arn, "ControlStatus": "DISABLED", "DisabledReason": reason});
            call("securityhub", "UpdateStandardsControl", params)
        };
        assert_eq!(ask(&testbed, &disable(json!("later"))).await, json!({"error": "InvalidInputException"}), "pending");
        ask(&testbed, &call("securityhub", "GetEnabledStandards", json!({}))).await;
        assert_eq!(ask(&testbed, &disable(json!(null))).await, json!({"error": "InvalidInputException"}), "no reason");
        assert_eq!(ask(&testbed, &disable(json!("later"))).await, json!({}));
        let get = call("securityhub", "BatchGetSecurityControls", json!({"SecurityControlIds": ["EC2.8", "No.1"]}));
        let found = ask(&testbed, &get).await;
        assert_eq!(found["SecurityControls"][0]["SecurityControlStatus"], "DISABLED");
        assert_eq!(found["UnprocessedIds"][0]["ErrorCode"], "NOT_FOUND");
        let subscription = format!("arn:aws:securityhub:us-east-1:123456789012:subscription/{path}");
        let params = json!({"StandardsSubscriptionArn": subscription, "MaxResults": "100"});
        let found = ask(&testbed, &call("securityhub", "DescribeStandardsControls", params)).await;
        assert_eq!(found["Controls"].as_array().map(Vec::len), Some(100));
    }

    #[tokio::test]
    async fn parameters_are_kept() {
        let testbed = testbed().await;
        ask(&testbed, &call("securityhub", "EnableSecurityHub", json!({}))).await;
        let parameter = json!({"ValueType": "CUSTOM", "Value": {"Boolean": false}});
        let params =
            json!({"SecurityControlId": "Config.1", "Parameters": {"includeConfigServiceLinkedRoleCheck": parameter}});
        assert_eq!(ask(&testbed, &call("securityhub", "UpdateSecurityControl", params)).await, json!({}));
        let get = call("securityhub", "BatchGetSecurityControls", json!({"SecurityControlIds": ["Config.1"]}));
        let found = ask(&testbed, &get).await;
        assert_eq!(found["SecurityControls"][0]["Parameters"]["includeConfigServiceLinkedRoleCheck"], parameter);
    }
}
