//! GuardDuty's detectors, wholly in place of moto's. Follows "CreateDetector", "UpdateDetector", "GetDetector" of the
//! Amazon GuardDuty API Reference: one detector an account and Region, features not named are left as they are.

mod features;

use dodai_facts::{AccountId, Region};
use serde_json::{Map, Value, json};

use self::features::Features;
use super::Answer;
use crate::call::Call;
use crate::names::{hex_id, iso, now};
use crate::page::page;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};

/// The detector of an account in a Region.
#[derive(Debug, Clone)]
pub(crate) struct Detector {
    id: String,
    enabled: bool,
    created: i64,
    updated: i64,
    frequency: String,
    features: Features,
    tags: Map<String, Value>,
}

pub(crate) fn answer(testbed: &Testbed, call: &Call) -> Answer {
    let value = match call.operation.as_str() {
        "CreateDetector" => create(testbed, call)?,
        "ListDetectors" => list(testbed, call)?,
        "GetDetector" => with_detector(testbed, call, |detector| Ok(describe(call, detector)))?,
        "UpdateDetector" => with_detector(testbed, call, |detector| update(call, detector))?,
        "DeleteDetector" => {
            with_detector(testbed, call, |_| Ok(json!({})))?;
            testbed.state().detectors.remove(&call.place());
            json!({})
        }
        // No administrator: invitations and members are not played.
        "GetAdministratorAccount" => with_detector(testbed, call, |_| Ok(json!({})))?,
        "ListTagsForResource" | "TagResource" | "UntagResource" => tags(testbed, call)?,
        _ => return Ok(None),
    };
    Ok(Some(Reply::json(&value)))
}

pub(super) fn bad_request(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "BadRequestException", message)
}

fn create(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let Some(enabled) = call.params.get("enable").and_then(Value::as_bool) else {
        return Err(bad_request("The request is rejected because the parameter enable is missing."));
    };
    if call.params.contains_key("dataSources") && call.params.contains_key("features") {
        return Err(bad_request("The request is rejected because dataSources and features cannot both be given."));
    }
    let now = now();
    let mut features = Features::of_a_new_detector(now);
    features.merge(&call.objects("features"), now)?;
    let mut state = testbed.state();
    if state.detectors.contains_key(&call.place()) {
        return Err(bad_request("The request is rejected because a detector already exists for the current account."));
    }
    let id = hex_id(("detector", call.account.as_str(), call.region.as_str(), state.seed()));
    let detector = Detector {
        id: id.clone(),
        enabled,
        created: now,
        updated: now,
        frequency: call.text("findingPublishingFrequency").unwrap_or("SIX_HOURS").to_owned(),
        features,
        tags: call.params.get("tags").and_then(Value::as_object).cloned().unwrap_or_default(),
    };
    state.detectors.insert(call.place(), detector);
    Ok(json!({"detectorId": id}))
}

fn list(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let ids: Vec<String> =
        testbed.state().detectors.get(&call.place()).map(|detector| detector.id.clone()).into_iter().collect();
    let (ids, token) = page(ids, &call.params, 50)?;
    let mut value = json!({"detectorIds": ids});
    if let Some(token) = token {
        value["nextToken"] = json!(token);
    }
    Ok(value)
}

fn with_detector(
    testbed: &Testbed,
    call: &Call,
    act: impl FnOnce(&mut Detector) -> Result<Value, AwsError>,
) -> Result<Value, AwsError> {
    let id = call.required("DetectorId")?;
    let mut state = testbed.state();
    let detector = state.detectors.get_mut(&call.place()).filter(|detector| detector.id == id);
    let missing = "The request is rejected because the input detectorId is not owned by the current account.";
    act(detector.ok_or_else(|| bad_request(missing))?)
}

fn update(call: &Call, detector: &mut Detector) -> Result<Value, AwsError> {
    detector.features.merge(&call.objects("features"), now())?;
    if let Some(enabled) = call.params.get("enable").and_then(Value::as_bool) {
        detector.enabled = enabled;
    }
    if let Some(frequency) = call.text("findingPublishingFrequency") {
        frequency.clone_into(&mut detector.frequency);
    }
    detector.updated = now();
    Ok(json!({}))
}

fn describe(call: &Call, detector: &Detector) -> Value {
    let account = call.account.as_str();
    let role = "role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty";
    json!({
        "createdAt": iso(detector.created),
        "updatedAt": iso(detector.updated),
        "findingPublishingFrequency": detector.frequency,
        "serviceRole": format!("arn:{}:iam::{account}:{role}", call.region.partition().as_str()),
        "status": if detector.enabled { "ENABLED" } else { "DISABLED" },
        "tags": detector.tags,
        "features": detector.features.describe(),
    })
}

fn arn(account: &AccountId, region: &Region, id: &str) -> String {
    let (partition, account) = (region.partition(), account.as_str());
    format!("arn:{}:guardduty:{}:{account}:detector/{id}", partition.as_str(), region.as_str())
}

fn tags(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let resource = call.required("ResourceArn")?;
    let mut state = testbed.state();
    let detector = state.detectors.get_mut(&call.place());
    let detector = detector.filter(|detector| arn(&call.account, &call.region, &detector.id) == resource);
    let missing = "The request is rejected because the resource ARN is not owned by the current account.";
    let detector = detector.ok_or_else(|| bad_request(missing))?;
    Ok(super::tags::answer(call, &mut detector.tags, "tags"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::{ask, call, testbed};

    #[tokio::test]
    async fn there_is_one_detector_a_region() {
        let testbed = testbed().await;
        let create = call("guardduty", "CreateDetector", json!({"enable": true, "tags": {"a": "b"}}));
        let id = ask(&testbed, &create).await["detectorId"].clone();
        assert_eq!(id.as_str().map(str::len), Some(32));
        assert_eq!(ask(&testbed, &create).await, json!({"error": "BadRequestException"}));
        let elsewhere = Call { region: "eu-west-1".parse().unwrap(), ..create };
        assert!(ask(&testbed, &elsewhere).await["detectorId"].is_string());
        assert_eq!(ask(&testbed, &call("guardduty", "ListDetectors", json!({}))).await, json!({"detectorIds": [id]}));
        let found = ask(&testbed, &call("guardduty", "GetDetector", json!({"DetectorId": id}))).await;
        assert_eq!((&found["status"], &found["tags"]), (&json!("ENABLED"), &json!({"a": "b"})));
        let update = call("guardduty", "UpdateDetector", json!({"DetectorId": id, "enable": false}));
        assert_eq!(ask(&testbed, &update).await, json!({}));
        let found = ask(&testbed, &call("guardduty", "GetDetector", json!({"DetectorId": id}))).await;
        assert_eq!((&found["status"], &found["findingPublishingFrequency"]), (&json!("DISABLED"), &json!("SIX_HOURS")));
        let delete = call("guardduty", "DeleteDetector", json!({"DetectorId": id}));
        assert_eq!(ask(&testbed, &delete).await, json!({}));
        assert_eq!(ask(&testbed, &delete).await, json!({"error": "BadRequestException"}));
    }

    #[tokio::test]
    async fn detectors_carry_tags() {
        let testbed = testbed().await;
        let id =
            ask(&testbed, &call("guardduty", "CreateDetector", json!({"enable": true}))).await["detectorId"].clone();
        let arn = format!("arn:aws:guardduty:us-east-1:123456789012:detector/{}", id.as_str().unwrap());
        let tag = call("guardduty", "TagResource", json!({"ResourceArn": arn, "tags": {"a": "1", "b": "2"}}));
        assert_eq!(ask(&testbed, &tag).await, json!({}));
        let untag = call("guardduty", "UntagResource", json!({"ResourceArn": arn, "tagKeys": "a"}));
        assert_eq!(ask(&testbed, &untag).await, json!({}));
        let list = call("guardduty", "ListTagsForResource", json!({"ResourceArn": arn}));
        assert_eq!(ask(&testbed, &list).await, json!({"tags": {"b": "2"}}));
    }
}
