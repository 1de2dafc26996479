//! The default key for EBS encryption, which moto lacks. Follows "GetEbsDefaultKmsKeyId", "ModifyEbsDefaultKmsKeyId" and
//! "ResetEbsDefaultKmsKeyId" of the Amazon EC2 API Reference.

use crate::call::Call;
use crate::reply::escape;
use crate::state::State;

/// AWS's own key.
const DEFAULT: &str = "alias/aws/ebs";

/// The reply's content.
pub(super) fn answer(state: &mut State, call: &Call) -> String {
    match call.operation.as_str() {
        "ModifyEbsDefaultKmsKeyId" => {
            let key = arn(call, call.text("KmsKeyId").unwrap_or(DEFAULT));
            state.ebs_keys.insert(call.place(), key);
        }
        "ResetEbsDefaultKmsKeyId" => {
            state.ebs_keys.remove(&call.place());
        }
        _ => {}
    }
    let key = state.ebs_keys.get(&call.place()).map_or(DEFAULT, String::as_str);
    format!("<kmsKeyId>{}</kmsKeyId>", escape(key))
}

/// A key or alias is answered by its ARN, however it was named; AWS's own key by its alias.
fn arn(call: &Call, key: &str) -> String {
    if key.starts_with("arn:") || key == DEFAULT {
        return key.to_owned();
    }
    let resource = if key.starts_with("alias/") { key.to_owned() } else { format!("key/{key}") };
    let (partition, region, account) = (call.region.partition(), call.region.as_str(), call.account.as_str());
    format!("arn:{}:kms:{region}:{account}:{resource}", partition.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::behaviours::tests::{ask, call, testbed};
    use crate::reply::tag;

    #[tokio::test]
    async fn the_default_key_is_kept_by_region() {
        let testbed = testbed().await;
        let key = async |operation: &str, region: &str, id: &str| {
            let mut call = call("ec2", operation, json!({"KmsKeyId": id}));
            call.region = region.parse().unwrap();
            tag(ask(&testbed, &call).await.as_str().unwrap(), "kmsKeyId").unwrap()
        };
        assert_eq!(key("GetEbsDefaultKmsKeyId", "us-east-1", "").await, "alias/aws/ebs");
        let arn = "arn:aws:kms:us-east-1:123456789012:key/1";
        assert_eq!(key("ModifyEbsDefaultKmsKeyId", "us-east-1", "1").await, arn);
        assert_eq!(key("GetEbsDefaultKmsKeyId", "us-east-1", "").await, arn);
        assert_eq!(key("GetEbsDefaultKmsKeyId", "eu-west-1", "").await, "alias/aws/ebs");
        assert_eq!(key("ResetEbsDefaultKmsKeyId", "us-east-1", "").await, "alias/aws/ebs");
    }
}
