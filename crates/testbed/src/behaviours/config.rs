//! The recorder's ARN and tags, which moto does not keep. Follows "PutConfigurationRecorder" and
//! "DescribeConfigurationRecorders" of the AWS Config API Reference: tags are set when the recorder is made, later by
//! `TagResource`. That there is one recorder and one channel moto sees to.
//! "DescribeDeliveryChannelStatus" is answered for the channels that moto has.

use serde_json::{Map, Value, json};

use super::Answer;
use crate::call::Call;
use crate::moto::Place;
use crate::names::hex_id;
use crate::pipeline::Testbed;
use crate::reply::Reply;

/// The customer's recorder of an account in a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recorder {
    arn: String,
    tags: Map<String, Value>,
}

pub(crate) async fn answer(testbed: &Testbed, call: &Call) -> Answer {
    match call.operation.as_str() {
        "PutConfigurationRecorder" => {
            let reply = testbed.forward(call).await?;
            if reply.is_success() {
                remember(testbed, call);
            }
            Ok(Some(reply))
        }
        "DeleteConfigurationRecorder" => {
            let reply = testbed.forward(call).await?;
            if reply.is_success() {
                testbed.state().recorders.remove(&call.place());
            }
            Ok(Some(reply))
        }
        "DescribeConfigurationRecorders" => {
            let reply = testbed.forward(call).await?;
            let mut value = reply.value();
            let Some(recorders) = value.get_mut("ConfigurationRecorders").and_then(Value::as_array_mut) else {
                return Ok(Some(reply));
            };
            if let Some(known) = testbed.state().recorders.get(&call.place()) {
                for recorder in recorders {
                    recorder["arn"] = json!(known.arn);
                    recorder["recordingScope"] = json!("PAID");
                }
            }
            Ok(Some(Reply::json(&value)))
        }
        "DescribeDeliveryChannelStatus" => channel_status(testbed, call).await,
        "ListTagsForResource" | "TagResource" | "UntagResource" => Ok(tags(testbed, call)),
        _ => Ok(None),
    }
}

/// Every channel delivers: moto has no status for them, and delivers nothing.
async fn channel_status(testbed: &Testbed, call: &Call) -> Answer {
    let target = "StarlingDoveService.DescribeDeliveryChannels";
    let place = Place::of(call);
    let channels = testbed.moto.ask_json(place, "config", target, &json!(call.params)).await?;
    let channels = channels.get("DeliveryChannels").and_then(Value::as_array).cloned().unwrap_or_default();
    let status = channels.iter().map(|channel| {
        json!({
            "name": channel.get("name"),
            "configSnapshotDeliveryInfo": {"lastStatus": "Not_Applicable"},
            "configHistoryDeliveryInfo": {"lastStatus": "Success"},
            "configStreamDeliveryInfo": {"lastStatus": "Not_Applicable"},
        })
    });
    Ok(Some(Reply::json(&json!({"DeliveryChannelsStatus": status.collect::<Vec<_>>()}))))
}

fn remember(testbed: &Testbed, call: &Call) {
    let name = call.params.get("ConfigurationRecorder").and_then(|recorder| recorder.get("name")?.as_str());
    let name = name.unwrap_or("default").to_owned();
    let mut state = testbed.state();
    let seed = state.seed();
    state.recorders.entry(call.place()).or_insert_with(|| {
        let (partition, region, account) = (call.region.partition(), call.region.as_str(), call.account.as_str());
        let id = hex_id(("recorder", seed));
        let id = id.get(..8).unwrap_or_default();
        let arn = format!("arn:{}:config:{region}:{account}:configuration-recorder/{name}/{id}", partition.as_str());
        Recorder { arn, tags: given(call) }
    });
}

fn given(call: &Call) -> Map<String, Value> {
    let tags = call.objects("Tags").into_iter();
    tags.filter_map(|tag| Some((tag.get("Key")?.as_str()?.to_owned(), tag.get("Value")?.clone()))).collect()
}

/// The recorder's tags; other resources' are moto's.
fn tags(testbed: &Testbed, call: &Call) -> Option<Reply> {
    let mut state = testbed.state();
    let recorder = state.recorders.get_mut(&call.place());
    let recorder = recorder.filter(|recorder| Some(recorder.arn.as_str()) == call.text("ResourceArn"))?;
    Some(match call.operation.as_str() {
        "TagResource" => {
            recorder.tags.extend(given(call));
            Reply::empty(200)
        }
        "UntagResource" => {
            let removed = call.texts("TagKeys");
            recorder.tags.retain(|key, _| !removed.contains(key));
            Reply::empty(200)
        }
        _ => {
            let tags = recorder.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value}));
            Reply::json(&json!({"Tags": tags.collect::<Vec<_>>()}))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::{ask, call, testbed};

    #[tokio::test]
    async fn a_recorder_keeps_its_first_tags() {
        let testbed = testbed().await;
        let put = |tags: Value| {
            call("config", "PutConfigurationRecorder", json!({"ConfigurationRecorder": {}, "Tags": tags}))
        };
        remember(&testbed, &put(json!([{"Key": "a", "Value": "1"}])));
        remember(&testbed, &put(json!([{"Key": "b", "Value": "2"}])));
        let place = put(json!([])).place();
        let arn = testbed.state().recorders.get(&place).map(|recorder| recorder.arn.clone()).unwrap();
        assert!(arn.starts_with("arn:aws:config:us-east-1:123456789012:configuration-recorder/default/"));
        let list = call("config", "ListTagsForResource", json!({"ResourceArn": arn}));
        assert_eq!(ask(&testbed, &list).await, json!({"Tags": [{"Key": "a", "Value": "1"}]}));
        let tag = call("config", "TagResource", json!({"ResourceArn": arn, "Tags": [{"Key": "c", "Value": "3"}]}));
        ask(&testbed, &tag).await;
        ask(&testbed, &call("config", "UntagResource", json!({"ResourceArn": arn, "TagKeys": ["a"]}))).await;
        assert_eq!(ask(&testbed, &list).await, json!({"Tags": [{"Key": "c", "Value": "3"}]}));
    }
}
