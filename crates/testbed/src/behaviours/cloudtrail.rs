//! Five trails a Region, shadow trails of multi-Region trails included, and what a trail logs until told otherwise.
//! Follows "Quotas in AWS CloudTrail" of the user guide, "CreateTrail" and "PutEventSelectors" of the API reference.

use dodai_facts::Region;
use serde_json::{Value, json};

use super::{Answer, cloudtrail_delivery};
use crate::call::Call;
use crate::moto::Place;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};

/// Trails in a Region; the quota cannot be raised.
const MOST_TRAILS: usize = 5;

pub(crate) async fn answer(testbed: &Testbed, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateTrail" => create(testbed, call).await,
        "UpdateTrail" => {
            cloudtrail_delivery::check(testbed, call).await?;
            Ok(None)
        }
        "GetEventSelectors" => Ok(Some(with_default_selectors(testbed.forward(call).await?))),
        _ => Ok(None),
    }
}

/// A trail for which nobody has put selectors logs all management events and no data events; moto says that it has
/// none. (AWS takes no empty list of selectors, so an empty one is one that was never put.)
fn with_default_selectors(reply: Reply) -> Reply {
    let mut body = reply.value();
    let put = ["EventSelectors", "AdvancedEventSelectors"]
        .iter()
        .any(|name| body.get(*name).and_then(Value::as_array).is_some_and(|list| !list.is_empty()));
    if put || !reply.is_success() || !body.is_object() {
        return reply;
    }
    body["EventSelectors"] = json!([{
        "ReadWriteType": "All",
        "IncludeManagementEvents": true,
        "DataResources": [],
        "ExcludeManagementEventSources": [],
    }]);
    Reply { body: body.to_string().into(), ..reply }
}

async fn create(testbed: &Testbed, call: &Call) -> Answer {
    // A multi-Region trail takes a place in every Region; those without a trail of their own have no fewer left.
    let multi = call.params.get("IsMultiRegionTrail").and_then(Value::as_bool).unwrap_or(false);
    let mut regions = vec![call.region.clone()];
    if multi {
        regions.extend(testbed.state().trail_regions.get(&call.account).cloned().unwrap_or_default());
    }
    for region in &regions {
        check(testbed, call, region).await?;
    }
    cloudtrail_delivery::check(testbed, call).await?;
    let reply = testbed.forward(call).await?;
    if reply.is_success() {
        let mut state = testbed.state();
        let known = state.trail_regions.entry(call.account.clone()).or_default();
        if !known.contains(&call.region) {
            known.push(call.region.clone());
        }
    }
    Ok(Some(reply))
}

async fn check(testbed: &Testbed, call: &Call, region: &Region) -> Result<(), AwsError> {
    let place = Place { account: &call.account, region };
    let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.DescribeTrails";
    let trails = testbed.moto.ask_json(place, "cloudtrail", target, &json!({"includeShadowTrails": true})).await?;
    let count = trails.get("trailList").and_then(Value::as_array).map_or(0, Vec::len);
    if count < MOST_TRAILS {
        return Ok(());
    }
    let message = format!("User: {} already has {count} trails in {}.", call.account.as_str(), region.as_str());
    Err(AwsError::new(400, "MaximumNumberOfTrailsExceededException", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_logs_all_management_events_until_told_otherwise() {
        let check = |status: u16, body: Value, kind: Option<&str>| {
            let reply = with_default_selectors(Reply::new(status, "application/x-amz-json-1.1", body.to_string()));
            let found = reply.value().pointer("/EventSelectors/0/ReadWriteType").cloned();
            assert_eq!(found.as_ref().and_then(Value::as_str), kind, "{body}");
        };
        check(200, json!({"TrailARN": "a", "EventSelectors": [], "AdvancedEventSelectors": []}), Some("All"));
        check(200, json!({"TrailARN": "a", "EventSelectors": [{"ReadWriteType": "ReadOnly"}]}), Some("ReadOnly"));
        check(200, json!({"EventSelectors": [], "AdvancedEventSelectors": [{"Name": "mine"}]}), None);
        check(400, json!({"__type": "TrailNotFoundException"}), None);
    }
}
