//! What AWS does with a log group and with the role that CloudTrail delivers into it: a key must let CloudWatch Logs
//! use it for that group, a trail takes only a role that may be taken on and may write.

use serde_json::{Value, json};

use super::values::{merge, tags};
use super::{Account, Answer, Refused, put};

const GROUPS: &str = "aws_logs_group";
const ROLES: &str = "aws_iam_role";

impl Account<'_> {
    pub(super) fn has_linked_role(&self) -> bool {
        self.has(ROLES, "RoleName", &json!("AWSServiceRoleForConfig"))
    }

    pub(super) fn linked_role(&mut self) -> Result<(), Refused> {
        if self.has_linked_role() {
            return Err(Refused("InvalidInput"));
        }
        self.add(ROLES, "role", &json!({ "RoleName": "AWSServiceRoleForConfig" }));
        Ok(())
    }

    pub(super) fn logs(&mut self, params: &Value) -> Answer {
        let name = params["logGroupName"].clone();
        match self.call.operation.as_str() {
            "CreateLogGroup" => {
                self.is_free(GROUPS, "logGroupName", &name, "ResourceAlreadyExistsException")?;
                self.may_encrypt(&params["kmsKeyId"], &name);
                let values = json!({
                    "logGroupName": name, "kmsKeyId": params["kmsKeyId"], "retentionInDays": null, "storedBytes": 0,
                    "logGroupClass": "STANDARD", "tags": params["tags"],
                });
                self.add(GROUPS, name.as_str().unwrap(), &values);
            }
            "PutRetentionPolicy" => self.with(GROUPS, "logGroupName", &name, |group| {
                put(group, "retentionInDays", params["retentionInDays"].clone());
            }),
            "AssociateKmsKey" => {
                self.may_encrypt(&params["kmsKeyId"], &name);
                self.with(GROUPS, "logGroupName", &name, |group| {
                    put(group, "kmsKeyId", params["kmsKeyId"].clone());
                });
            }
            "TagResource" => {
                let name = params["resourceArn"].as_str().unwrap().rsplit(':').next().unwrap();
                self.with(GROUPS, "logGroupName", &json!(name), |group| merge(group, "tags", &params["tags"]));
            }
            _ => self.unknown(),
        }
        Ok(Value::Null)
    }

    /// Otherwise it is an `InvalidParameterException`.
    fn may_encrypt(&mut self, key: &Value, group: &Value) {
        if key.is_null() {
            return;
        }
        let group = group.as_str().unwrap();
        let arn = format!("arn:aws:logs:{}:{}:log-group:{group}", self.region(), self.call.account);
        let service = format!("logs.{}.amazonaws.com", self.region());
        self.with("aws_kms_key", "Arn", key, |key| {
            let policy: Value = serde_json::from_str(key.values["policy"].as_str().unwrap()).unwrap();
            let may = policy["Statement"].as_array().unwrap().iter().any(|statement| {
                let groups = &statement["Condition"]["ArnEquals"]["kms:EncryptionContext:aws:logs:arn"];
                statement["Principal"]["Service"] == service && groups.as_array().unwrap().contains(&json!(arn))
            });
            assert!(may, "the key's policy does not let {service} use it for {arn}: {policy}");
        });
    }

    pub(super) fn role(&mut self, params: &Value) -> Answer {
        let name = params["RoleName"].clone();
        match self.call.operation.as_str() {
            "CreateRole" => {
                self.is_free(ROLES, "RoleName", &name, "EntityAlreadyExists")?;
                let values = json!({
                    "RoleName": name, "Path": "/", "RolePolicyList": [], "tags": tags(&params["Tags"]),
                    "AssumeRolePolicyDocument": params["AssumeRolePolicyDocument"],
                });
                self.add(ROLES, name.as_str().unwrap(), &values);
            }
            "UpdateAssumeRolePolicy" => {
                self.with(ROLES, "RoleName", &name, |role| {
                    put(role, "AssumeRolePolicyDocument", params["PolicyDocument"].clone());
                });
            }
            "PutRolePolicy" => self.with(ROLES, "RoleName", &name, |role| {
                let policies = role.values["RolePolicyList"].as_array_mut().unwrap();
                policies.retain(|policy| policy["PolicyName"] != params["PolicyName"]);
                policies.push(json!({
                    "PolicyName": params["PolicyName"], "PolicyDocument": params["PolicyDocument"],
                }));
            }),
            "TagRole" => {
                let more = tags(&params["Tags"]);
                self.with(ROLES, "RoleName", &name, |role| merge(role, "tags", &more));
            }
            _ => self.unknown(),
        }
        Ok(Value::Null)
    }

    /// What CloudTrail asks of the log group and the role that a trail is given: both are there, the role trusts it
    /// and may write to the group.
    pub(super) fn may_deliver_events(&mut self, params: &Value) {
        let (Some(group), Some(role)) =
            (params["CloudWatchLogsLogGroupArn"].as_str(), params["CloudWatchLogsRoleArn"].as_str())
        else {
            return;
        };
        let group = group.strip_suffix(":*").expect("the ARN of a trail's log group ends in `:*`");
        self.with(GROUPS, "logGroupName", &json!(group.rsplit(':').next().unwrap()), |_| ());
        self.with(ROLES, "RoleName", &json!(role.rsplit('/').next().unwrap()), |role| {
            let trust = role.values["AssumeRolePolicyDocument"].as_str().unwrap();
            assert!(trust.contains("cloudtrail.amazonaws.com"), "InvalidCloudWatchLogsRoleArnException: {trust}");
            let permissions = role.values["RolePolicyList"].to_string();
            assert!(permissions.contains(group), "InvalidCloudWatchLogsLogGroupArnException: {permissions}");
        });
    }
}
