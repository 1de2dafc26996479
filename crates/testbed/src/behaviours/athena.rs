//! Changing a work group, which moto lacks. Follows "UpdateWorkGroup" and "WorkGroupConfigurationUpdates" of the Amazon
//! Athena API Reference: what an update does not name stays, `Remove…` takes away.

use serde_json::{Map, Value, json};

use super::Answer;
use crate::call::Call;
use crate::moto::Place;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};

/// Parts of a configuration that updates change member by member.
const NESTED: [&str; 2] = ["ResultConfiguration", "ManagedQueryResultsConfiguration"];

pub(crate) async fn answer(testbed: &Testbed, call: &Call) -> Answer {
    let key = (call.place(), call.text("WorkGroup").unwrap_or_default().to_owned());
    match call.operation.as_str() {
        "GetWorkGroup" => {
            let changed = testbed.state().work_groups.get(&key).cloned();
            Ok(changed.map(|group| Reply::json(&json!({"WorkGroup": group}))))
        }
        "DeleteWorkGroup" => {
            let reply = testbed.forward(call).await?;
            if reply.is_success() {
                testbed.state().work_groups.remove(&key);
            }
            Ok(Some(reply))
        }
        "UpdateWorkGroup" => {
            let known = testbed.state().work_groups.get(&key).cloned();
            let mut group = match known {
                Some(group) => group,
                None => original(testbed, call, &key.1).await?,
            };
            update(&mut group, &call.params);
            testbed.state().work_groups.insert(key, group);
            Ok(Some(Reply::json(&json!({}))))
        }
        _ => Ok(None),
    }
}

/// The group as moto made it.
async fn original(testbed: &Testbed, call: &Call, name: &str) -> Result<Value, AwsError> {
    let missing = || AwsError::new(400, "InvalidRequestException", format!("WorkGroup {name} is not found."));
    let params = json!({"WorkGroup": name});
    let reply = testbed.moto.ask_json(Place::of(call), "athena", "AmazonAthena.GetWorkGroup", &params).await?;
    reply.get("WorkGroup").filter(|group| group.is_object()).cloned().ok_or_else(missing)
}

fn update(group: &mut Value, params: &Map<String, Value>) {
    for member in ["Description", "State"] {
        if let Some(value) = params.get(member) {
            group[member] = value.clone();
        }
    }
    let updates = params.get("ConfigurationUpdates").and_then(Value::as_object).cloned().unwrap_or_default();
    if !group["Configuration"].is_object() {
        group["Configuration"] = json!({});
    }
    if let Some(configuration) = group["Configuration"].as_object_mut() {
        apply(configuration, &updates);
    }
}

fn apply(configuration: &mut Map<String, Value>, updates: &Map<String, Value>) {
    for (member, value) in updates {
        let nested = member.strip_suffix("Updates").filter(|nested| NESTED.contains(nested));
        if let Some((nested, updates)) = nested.zip(value.as_object()) {
            let part = configuration.entry(nested).or_insert_with(|| json!({}));
            if let Some(part) = part.as_object_mut() {
                apply(part, updates);
            }
        } else if let Some(removed) = member.strip_prefix("Remove") {
            if value.as_bool() == Some(true) {
                configuration.remove(removed);
            }
        } else {
            configuration.insert(member.clone(), value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_change_what_they_name() {
        let check = |updates: Value, expected: Value| {
            let result = json!({"OutputLocation": "s3://a/", "ExpectedBucketOwner": "1"});
            let mut group = json!({"Name": "primary", "Configuration": {"ResultConfiguration": result, "RequesterPaysEnabled": false}});
            let params = json!({"WorkGroup": "primary", "ConfigurationUpdates": updates});
            update(&mut group, params.as_object().unwrap());
            assert_eq!(group["Configuration"], expected);
        };
        check(
            json!({"EnforceWorkGroupConfiguration": true,
                "ResultConfigurationUpdates": {"EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}, "RemoveExpectedBucketOwner": true}}),
            json!({"ResultConfiguration": {"OutputLocation": "s3://a/", "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}},
                "RequesterPaysEnabled": false, "EnforceWorkGroupConfiguration": true}),
        );
        check(
            json!({"ResultConfigurationUpdates": {"RemoveOutputLocation": false, "OutputLocation": "s3://b/"}}),
            json!({"ResultConfiguration": {"OutputLocation": "s3://b/", "ExpectedBucketOwner": "1"}, "RequesterPaysEnabled": false}),
        );
    }
}
