//! What CloudTrail asks of the log group that a trail is given, which moto takes unseen: the group is there, and a role
//! that CloudTrail may take on. `aws:SourceArn` and `aws:SourceAccount` are not supported there: a role that asks for them
//! does not let it in. Follows "CreateTrail" of the AWS CloudTrail API Reference and "Role policy document for CloudTrail
//! to use CloudWatch Logs for monitoring".

use crate::behaviours::logs;
use crate::call::{Call, percent};
use crate::moto::Place;
use crate::pipeline::Testbed;
use crate::reply::AwsError;

pub(super) async fn check(testbed: &Testbed, call: &Call) -> Result<(), AwsError> {
    let role_error = |message: &str| AwsError::new(400, "InvalidCloudWatchLogsRoleArnException", message);
    let group_error = |message: &str| AwsError::new(400, "InvalidCloudWatchLogsLogGroupArnException", message);
    let given = |name: &str| call.text(name).filter(|text| !text.is_empty());
    let (group, role) = match (given("CloudWatchLogsLogGroupArn"), given("CloudWatchLogsRoleArn")) {
        (None, None) => return Ok(()),
        (Some(group), Some(role)) => (group, role),
        (Some(_), None) => return Err(role_error("You must specify a role ARN as well as a log group.")),
        (None, Some(_)) => return Err(group_error("You must specify a log group as well as a role ARN.")),
    };
    let start = format!(":{}:{}:log-group:", call.region.as_str(), call.account.as_str());
    let name = group.split_once(&start).and_then(|(_, name)| name.strip_suffix(":*"));
    let Some(name) = name else {
        return Err(group_error("CloudTrail cannot validate the specified log group ARN."));
    };
    if !logs::exists(testbed, Place::of(call), name).await? {
        return Err(group_error("A log group specified does not exist."));
    }
    let name = role.split_once(&format!("::{}:role/", call.account.as_str())).map_or("", |(_, path)| path);
    let form =
        format!("Action=GetRole&Version=2010-05-08&RoleName={}", percent(name.rsplit('/').next().unwrap_or(name)));
    let reply = testbed.moto.ask_query(Place::of(call), "iam", form).await?;
    if !reply.is_success() || !lets_in(&reply.text()) {
        return Err(role_error("Access denied. Check the trust relationships for your role."));
    }
    Ok(())
}

/// Whether CloudTrail may take on the role of this reply, whose trust policy is percent-encoded.
fn lets_in(reply: &str) -> bool {
    let conditions = ["SourceArn", "SourceAccount"];
    reply.contains("cloudtrail.amazonaws.com") && !conditions.iter().any(|key| reply.contains(key))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn trust_that_asks_for_more_than_cloudtrail_gives_does_not_let_it_in() {
        let check = |statement: serde_json::Value, expected: bool| {
            let reply =
                format!("<AssumeRolePolicyDocument>{}</AssumeRolePolicyDocument>", percent(&statement.to_string()));
            assert_eq!(lets_in(&reply), expected, "{statement}");
        };
        let service = json!({"Service": "cloudtrail.amazonaws.com"});
        check(json!({"Effect": "Allow", "Principal": service}), true);
        check(json!({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}), false);
        let condition = json!({"StringEquals": {"aws:SourceAccount": "111122223333"}});
        check(json!({"Effect": "Allow", "Principal": service, "Condition": condition}), false);
    }
}
