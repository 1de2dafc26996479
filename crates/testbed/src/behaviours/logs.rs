//! Keys of log groups: one may be given to a group that is there, which moto lacks, and only one whose policy lets
//! CloudWatch Logs use it for that group. Follows "AssociateKmsKey" of the Amazon CloudWatch Logs API Reference and
//! "Encrypt log data in CloudWatch Logs using AWS Key Management Service".

use serde_json::{Value, json};

use super::Answer;
use crate::call::Call;
use crate::moto::Place;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};

const CONTEXT: &str = "kms:EncryptionContext:aws:logs:arn";

pub(crate) async fn answer(testbed: &Testbed, call: &Call) -> Answer {
    let name = call.text("logGroupName").unwrap_or_default();
    match call.operation.as_str() {
        "CreateLogGroup" => {
            if let Some(key) = call.text("kmsKeyId") {
                check_key(testbed, call, key, name).await?;
            }
            Ok(None)
        }
        "AssociateKmsKey" => {
            if !exists(testbed, Place::of(call), name).await? {
                return Err(AwsError::new(400, "ResourceNotFoundException", "The specified log group does not exist."));
            }
            let key = call.required("kmsKeyId")?;
            check_key(testbed, call, key, name).await?;
            testbed.state().log_group_keys.insert((call.place(), name.to_owned()), key.to_owned());
            Ok(Some(Reply::new(200, "application/x-amz-json-1.1", "")))
        }
        "DescribeLogGroups" => {
            let reply = testbed.forward(call).await?;
            Ok(Some(with_keys(reply, |name| {
                testbed.state().log_group_keys.get(&(call.place(), name.to_owned())).cloned()
            })))
        }
        "DeleteLogGroup" => {
            let reply = testbed.forward(call).await?;
            if reply.is_success() {
                testbed.state().log_group_keys.remove(&(call.place(), name.to_owned()));
            }
            Ok(Some(reply))
        }
        _ => Ok(None),
    }
}

/// Whether moto has a log group of this name.
pub(super) async fn exists(testbed: &Testbed, place: Place<'_>, name: &str) -> Result<bool, AwsError> {
    let target = "Logs_20140328.DescribeLogGroups";
    let params = json!({"logGroupNamePrefix": name});
    let reply = testbed.moto.ask_json(place, "logs", target, &params).await?;
    let groups = reply.get("logGroups").and_then(Value::as_array);
    Ok(groups.into_iter().flatten().any(|group| group.get("logGroupName").and_then(Value::as_str) == Some(name)))
}

async fn check_key(testbed: &Testbed, call: &Call, key: &str, group: &str) -> Result<(), AwsError> {
    let (partition, region, account) = (call.region.partition(), call.region.as_str(), call.account.as_str());
    let arn = format!("arn:{}:logs:{region}:{account}:log-group:{group}", partition.as_str());
    let params = json!({"KeyId": key, "PolicyName": "default"});
    let reply = testbed.moto.ask_json(Place::of(call), "kms", "TrentService.GetKeyPolicy", &params).await;
    let policy = reply.ok().and_then(|reply| serde_json::from_str(reply.get("Policy")?.as_str()?).ok());
    if policy.is_some_and(|policy| lets_logs_use(&policy, region, &arn)) {
        return Ok(());
    }
    let message = format!("The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'");
    Err(AwsError::new(400, "InvalidParameterException", message))
}

/// Whether a statement allows the Region's CloudWatch Logs, for this log group or without a condition.
fn lets_logs_use(policy: &Value, region: &str, group: &str) -> bool {
    let service = format!("logs.{region}.amazonaws.com");
    let names = |value: &Value, text: &str| match value {
        Value::Array(items) => items.iter().any(|item| item == text),
        one => one == text,
    };
    policy.get("Statement").and_then(Value::as_array).into_iter().flatten().any(|statement| {
        let condition = statement.get("Condition").and_then(Value::as_object);
        statement["Effect"] == "Allow"
            && names(&statement["Principal"]["Service"], &service)
            && condition.is_none_or(|condition| condition.values().any(|keys| names(&keys[CONTEXT], group)))
    })
}

/// What moto says of log groups, with the keys that were given to them later.
fn with_keys(reply: Reply, key_of: impl Fn(&str) -> Option<String>) -> Reply {
    let mut body = reply.value();
    let Some(groups) = body.get_mut("logGroups").and_then(Value::as_array_mut) else { return reply };
    for group in groups {
        let key = group.get("logGroupName").and_then(Value::as_str).and_then(&key_of);
        if let Some(key) = key {
            group["kmsKeyId"] = json!(key);
        }
    }
    Reply { body: body.to_string().into(), ..reply }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_for_the_groups_that_its_policy_names() {
        let check = |condition: Value, region: &str, group: &str, expected: bool| {
            let mut statement =
                json!({"Effect": "Allow", "Principal": {"Service": "logs.us-east-1.amazonaws.com"}, "Action": "kms:*"});
            if !condition.is_null() {
                statement["Condition"] = condition;
            }
            let policy = json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "root"}}, statement]});
            assert_eq!(lets_logs_use(&policy, region, group), expected, "{policy}");
        };
        check(Value::Null, "us-east-1", "a", true);
        check(Value::Null, "eu-west-1", "a", false);
        check(json!({"ArnEquals": {CONTEXT: ["a", "b"]}}), "us-east-1", "b", true);
        check(json!({"ArnEquals": {CONTEXT: "a"}}), "us-east-1", "b", false);
        assert!(!lets_logs_use(&json!({}), "us-east-1", "a"));
    }

    #[test]
    fn a_key_that_was_given_later_is_shown() {
        let body = json!({"logGroups": [{"logGroupName": "a", "kmsKeyId": "old"}, {"logGroupName": "b"}]});
        let reply = Reply::new(200, "application/x-amz-json-1.1", body.to_string());
        let found = with_keys(reply, |name| (name == "a").then(|| "new".to_owned())).value();
        assert_eq!(found["logGroups"], json!([{"logGroupName": "a", "kmsKeyId": "new"}, {"logGroupName": "b"}]));
    }
}
