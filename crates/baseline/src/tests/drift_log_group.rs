//! What somebody changes by hand in the log group of the trail, its role, its key and on the trail itself.

use serde_json::{Value, json};

use super::drift_cases::{Drift, set};
use super::laws::WITH_LOG_GROUP;
use super::{HOME, World};

const GROUP: &str = "arn:aws:logs:ap-northeast-1:222222222222:log-group:dodai-cloudtrail:*";
const ROLE: &str = "arn:aws:iam::222222222222:role/dodai-cloudtrail-logs";

pub(super) fn drifts() -> Vec<Drift> {
    let all = group().into_iter().chain(role()).chain(delivery()).chain(key());
    all.map(|drift| Drift { account: WITH_LOG_GROUP, ..drift }).collect()
}

fn group() -> Vec<Drift> {
    const GROUPS: &str = "aws_logs_group";
    const CHANGE: &str = "ap-northeast-1/cloudtrail-log-group/log-group";
    let tags = json!({ "dodai:class": "maintained", "dodai:feature": "cloudtrail-log-group" });
    let arn = "arn:aws:kms:ap-northeast-1:222222222222:key/key-1";
    vec![
        set(
            (GROUPS, HOME, "retentionInDays"),
            json!(null),
            (CHANGE, &["logs.PutRetentionPolicy"]),
            vec![("retention in days", json!(null), json!(365))],
        ),
        set(
            (GROUPS, HOME, "kmsKeyId"),
            json!("theirs"),
            (CHANGE, &["logs.AssociateKmsKey"]),
            vec![("key", json!("theirs"), json!(arn))],
        ),
        set((GROUPS, HOME, "tags"), json!({}), (CHANGE, &["logs.TagResource"]), vec![("tags", json!({}), tags)]),
    ]
}

fn role() -> Vec<Drift> {
    const ROLES: &str = "aws_iam_role";
    const CHANGE: &str = "ap-northeast-1/cloudtrail-log-group/role";
    let tags = json!({ "dodai:class": "maintained", "dodai:feature": "cloudtrail-log-group" });
    let anybody = json!({
        "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole" }],
    });
    let trust = json!("Allow cloudtrail.amazonaws.com: sts:AssumeRole");
    let write = json!("Allow logs:CreateLogStream, logs:PutLogEvents");
    let everything = json!([{
        "PolicyName": "deliver-events",
        "PolicyDocument": json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } }).to_string(),
    }]);
    vec![
        set(
            (ROLES, HOME, "AssumeRolePolicyDocument"),
            json!(anybody.to_string()),
            (CHANGE, &["iam.UpdateAssumeRolePolicy"]),
            vec![("trust policy", json!("Allow *: sts:AssumeRole"), trust)],
        ),
        set(
            (ROLES, HOME, "RolePolicyList"),
            json!([]),
            (CHANGE, &["iam.PutRolePolicy"]),
            vec![("permissions policy", json!(null), write.clone())],
        ),
        set(
            (ROLES, HOME, "RolePolicyList"),
            everything,
            (CHANGE, &["iam.PutRolePolicy"]),
            vec![("permissions policy", json!("Allow *"), write)],
        ),
        set((ROLES, HOME, "tags"), json!({}), (CHANGE, &["iam.TagRole"]), vec![("tags", json!({}), tags)]),
    ]
}

fn delivery() -> Vec<Drift> {
    const TRAILS: &str = "aws_cloudtrail_trail";
    const CHANGE: (&str, &[&str]) = ("ap-northeast-1/cloudtrail-log-group/delivery", &["cloudtrail.UpdateTrail"]);
    [("CloudWatchLogsLogGroupArn", GROUP), ("CloudWatchLogsRoleArn", ROLE)]
        .into_iter()
        .flat_map(|(column, wanted)| {
            [json!(null), json!("theirs")]
                .map(|value| set((TRAILS, HOME, column), value.clone(), CHANGE, vec![(column, value, json!(wanted))]))
        })
        .collect()
}

fn key() -> Vec<Drift> {
    const CHANGE: (&str, &[&str]) = ("ap-northeast-1/log-key/key", &["kms.PutKeyPolicy"]);
    const SID: &str = "DodaiLogGroups";
    const CONTEXT: &str = "kms:EncryptionContext:aws:logs:arn";
    let policy = |edit: &dyn Fn(&mut Vec<Value>)| {
        let world = World::settled(WITH_LOG_GROUP);
        let row = &world.inventory.get("aws_kms_key", &super::region(HOME)).unwrap().rows[0];
        let mut policy: Value = serde_json::from_str(row.values["policy"].as_str().unwrap()).unwrap();
        edit(policy["Statement"].as_array_mut().unwrap());
        policy
    };
    let ours = |policy: &Value| {
        let statements = policy["Statement"].as_array().unwrap();
        statements.iter().find(|statement| statement["Sid"] == SID).unwrap().clone()
    };
    let without = policy(&|statements| statements.retain(|statement| statement["Sid"] != SID));
    let wider = policy(&|statements| {
        let ours = statements.iter_mut().find(|statement| statement["Sid"] == SID).unwrap();
        ours["Condition"]["ArnEquals"][CONTEXT] = json!(["*", "arn:aws:logs:ap-northeast-1:222222222222:log-group:*"]);
    });
    let words = "Allow logs.ap-northeast-1.amazonaws.com: kms:Encrypt, kms:Decrypt, kms:ReEncrypt*, kms:GenerateDataKey*, kms:Describe*";
    let name = "policy statement DodaiLogGroups";
    let as_it_was = ours(&policy(&|_| ()));
    let change =
        |before: &Value, settings| set(("aws_kms_key", HOME, "policy"), json!(before.to_string()), CHANGE, settings);
    vec![
        change(&without, vec![(name, json!(null), json!(words))]),
        change(&wider, vec![(name, ours(&wider), as_it_was)]),
    ]
}
