//! The log group of a trail in accounts that somebody lived in before: whose trail, log group and role it is, what
//! stays where the feature is off, and what a shorter retention removes.

use serde_json::{Value, json};

use super::laws::{OTHER_SETTINGS, WITH_LOG_GROUP};
use super::{HOME, SECURE, World, blocked, calls, change, region, skipped, work};
use crate::{Action, Danger};

const DELIVERY: &str = "shop/ap-northeast-1/cloudtrail-log-group/delivery";
const GROUP: &str = "shop/ap-northeast-1/cloudtrail-log-group/log-group";
const KEY: &str = "aws_kms_key";

fn key_policy(world: &World) -> String {
    let key = &world.inventory.get(KEY, &region(HOME)).unwrap().rows[0];
    key.values["policy"].as_str().unwrap().to_owned()
}

fn why(world: &World) -> String {
    skipped(&world.plan()).remove(&("cloudtrail-log-group".to_owned(), region(HOME).to_string())).unwrap()
}

#[test]
fn the_key_comes_first_and_the_trail_last() {
    let plan = World::new(WITH_LOG_GROUP).plan();
    let place = |id: &str| plan.changes.iter().position(|change| change.id == id).unwrap();
    let order = [
        "shop/ap-northeast-1/log-key/key",
        "shop/ap-northeast-1/cloudtrail/trail",
        "shop/ap-northeast-1/cloudtrail-log-group/role",
        DELIVERY,
    ];
    assert!(order.map(place).is_sorted());
    let delivery = change(&plan, DELIVERY);
    for id in [GROUP, "shop/ap-northeast-1/cloudtrail-log-group/role", "shop/ap-northeast-1/cloudtrail/trail"] {
        assert!(delivery.needs.contains(&id.to_owned()), "{:?}", delivery.needs);
    }
    let codes = &delivery.calls[0].not_yet.as_ref().unwrap().codes;
    assert!(codes.contains(&"InvalidCloudWatchLogsRoleArnException".to_owned()));
    let group = change(&plan, GROUP);
    assert!(group.needs.contains(&"shop/ap-northeast-1/log-key/key".to_owned()));
    assert_eq!(group.calls[0].params["kmsKeyId"]["$ref"], "shop/ap-northeast-1/log-key/key#0.KeyMetadata.Arn");
    let permissions: Value =
        serde_json::from_str(change(&plan, order[2]).calls[1].params["PolicyDocument"].as_str().unwrap()).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&permissions).unwrap(), @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": [
            "logs:CreateLogStream",
            "logs:PutLogEvents"
          ],
          "Resource": "arn:aws:logs:ap-northeast-1:222222222222:log-group:dodai-cloudtrail:log-stream:222222222222_CloudTrail_ap-northeast-1*"
        }
      ]
    }
    "#);
}

#[test]
fn no_profile_has_it() {
    for account in [SECURE, super::BASIC] {
        assert!(work(&World::new(account).plan()).iter().all(|change| change.feature != "cloudtrail-log-group"));
    }
}

#[test]
fn where_it_is_off_a_log_group_of_theirs_stays() {
    let mut world = World::settled(SECURE);
    for column in ["CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"] {
        world.set("aws_cloudtrail_trail", HOME, column, &json!("theirs"));
    }
    assert!(world.plan().is_empty());
    // Also when the trail is changed for another reason.
    world.set("aws_cloudtrail_trail", HOME, "LogFileValidationEnabled", &json!(false));
    let plan = world.plan();
    assert!(work(&plan)[0].calls[0].params.get("CloudWatchLogsLogGroupArn").is_none());
    world.apply(&plan);
    let trail = &world.inventory.get("aws_cloudtrail_trail", &region(HOME)).unwrap().rows[0].values;
    assert_eq!(trail["CloudWatchLogsLogGroupArn"], "theirs");
}

#[test]
fn an_arn_without_its_ending_is_the_same_log_group() {
    let mut world = World::settled(WITH_LOG_GROUP);
    let arn = "arn:aws:logs:ap-northeast-1:222222222222:log-group:dodai-cloudtrail";
    world.set("aws_cloudtrail_trail", HOME, "CloudWatchLogsLogGroupArn", &json!(arn));
    assert!(world.plan().is_empty());
}

/// Events that were encrypted with the key can be read after the feature is off, and after the group has another name.
#[test]
fn the_key_goes_on_serving_the_groups_that_it_served() {
    let mut world = World::settled(WITH_LOG_GROUP);
    let before = key_policy(&world);
    assert!(before.contains("log-group:dodai-cloudtrail\""), "{before}");
    world.directory = World::new(SECURE).directory;
    assert!(world.plan().is_empty());
    let renamed = "profile: secure\nfeatures: {cloudtrail-log-group: {enabled: true, name: dodai-other}}";
    world.directory = World::new(renamed).directory;
    let plan = world.plan();
    let expected = [
        "kms.PutKeyPolicy",
        "logs.CreateLogGroup",
        "logs.PutRetentionPolicy",
        "iam.PutRolePolicy",
        "cloudtrail.UpdateTrail",
    ];
    assert_eq!(calls(&plan), expected);
    world.apply(&plan);
    let after = key_policy(&world);
    assert!(after.contains("log-group:dodai-cloudtrail\"") && after.contains("log-group:dodai-other\""), "{after}");
}

#[test]
fn whose_trail_it_is_not_is_left() {
    let with = |edit: &dyn Fn(&mut Value)| {
        let mut world = World::new(WITH_LOG_GROUP);
        let mut trail = super::brownfield::foreign_trail("theirs");
        edit(&mut trail);
        world.insert("aws_cloudtrail_trail", HOME, &trail);
        world
    };
    let organization = with(&|trail| trail["IsOrganizationTrail"] = json!(true));
    assert_eq!(why(&organization), "the organization trail `theirs` covers this account");
    assert_eq!(why(&with(&|_| ())), "the trail `theirs` is not ours and already does this");
    // One that differs: ours is made beside it, and delivers.
    let mut world = with(&|trail| trail["LogFileValidationEnabled"] = json!(false));
    let plan = world.plan();
    assert_eq!(change(&plan, DELIVERY).calls[0].params["Name"], "dodai");
    world.apply(&plan);
    assert!(world.plan().is_empty());
    let off = "profile: secure\nfeatures: {cloudtrail-log-group: {enabled: true}, cloudtrail: {enabled: false}}";
    assert_eq!(why(&World::new(off)), "needs `cloudtrail`, which is off");
}

#[test]
fn an_adopted_trail_delivers_under_its_own_name() {
    let adopt = "profile: secure\nfeatures: {cloudtrail-log-group: {enabled: true}, cloudtrail: {foreign: adopt}}";
    let mut world = World::new(adopt);
    world.insert("aws_cloudtrail_trail", HOME, &super::brownfield::foreign_trail("theirs"));
    let plan = world.plan();
    assert_eq!(change(&plan, DELIVERY).calls[0].params["Name"], "theirs");
    world.apply(&plan);
    assert!(world.plan().is_empty());
}

/// The trail is not there and not part of the plan.
#[test]
fn without_its_trail_nothing_is_made() {
    let mut world = World::settled(SECURE);
    world.directory = World::new(WITH_LOG_GROUP).directory;
    world.edit("aws_cloudtrail_trail", HOME, |listing| listing.rows.clear());
    world.selection.features = vec!["cloudtrail-log-group".to_owned()];
    let plan = world.plan();
    assert_eq!(calls(&plan), [""; 0]);
    assert_eq!(plan.blocked[0].failure.code, "NeedNotPlanned");
}

fn theirs(account: &str, table: &str, edit: impl Fn(&mut Value)) -> World {
    let mut world = World::settled(SECURE);
    world.directory = World::new(account).directory;
    let mut values = if table == "aws_logs_group" {
        json!({
            "logGroupName": "dodai-cloudtrail", "retentionInDays": null, "kmsKeyId": null, "storedBytes": 0,
            "logGroupClass": "STANDARD", "tags": {},
        })
    } else {
        json!({
            "RoleName": "dodai-cloudtrail-logs", "Path": "/", "RolePolicyList": [{ "PolicyName": "theirs", "PolicyDocument": "{}" }],
            "AssumeRolePolicyDocument": "{}", "tags": {},
        })
    };
    edit(&mut values);
    world.insert(table, HOME, &values);
    world
}

#[test]
fn what_bears_our_name_is_kept() {
    for table in ["aws_logs_group", "aws_iam_role"] {
        let mut world = theirs(WITH_LOG_GROUP, table, |values| values["tags"] = json!({ "team": "theirs" }));
        let plan = world.plan();
        world.apply(&plan);
        assert!(world.plan().is_empty(), "{table}");
        let rows = world.inventory.get(table, &super::cell_of(table, HOME)).unwrap().rows.clone();
        let row = rows.iter().find(|row| row.values.get("tags").is_some()).unwrap();
        assert_eq!(row.values["tags"]["team"], "theirs");
        assert_eq!(row.values["tags"]["dodai:feature"], "cloudtrail-log-group");
        if table == "aws_iam_role" {
            assert_eq!(row.values["RolePolicyList"][0]["PolicyName"], "theirs", "what they added stays");
        }
    }
}

#[test]
fn what_is_theirs_is_said_and_left() {
    let refused = |world: &World, code: &str, message: &str| {
        let plan = world.plan();
        assert_eq!(blocked(&plan), [("cloudtrail-log-group".to_owned(), region(HOME).to_string())].into());
        assert_eq!(plan.blocked[0].failure.code, code);
        assert!(plan.blocked[0].failure.message.contains(message), "{}", plan.blocked[0].failure.message);
        assert!(work(&plan).iter().all(|change| change.feature != "cloudtrail-log-group"));
    };
    for (table, column, name) in
        [("aws_logs_group", "logGroupName", "/audit/trail"), ("aws_iam_role", "RoleName", "trail-to-logs")]
    {
        // Under a name that is not Dodai's own, and under one that another feature's tag claims.
        let world = theirs(OTHER_SETTINGS, table, |values| values[column] = json!(name));
        refused(&world, "NotOurs", &format!("`{name}` is there and not ours: give another name, or tag it"));
        let tags = json!({ "dodai:feature": "log-key" });
        refused(&theirs(WITH_LOG_GROUP, table, |values| values["tags"] = tags.clone()), "NotOurs", "not ours");
        let tags = json!({ "dodai:feature": "cloudtrail-log-group" });
        let mut tagged = theirs(OTHER_SETTINGS, table, |values| {
            values[column] = json!(name);
            values["tags"] = tags.clone();
        });
        let plan = tagged.plan();
        tagged.apply(&plan);
        assert!(tagged.plan().is_empty());
    }
    let world = theirs(WITH_LOG_GROUP, "aws_logs_group", |group| group["logGroupClass"] = json!("INFREQUENT_ACCESS"));
    refused(&world, "LogGroupClass", "of the class INFREQUENT_ACCESS");
    let world = theirs(WITH_LOG_GROUP, "aws_iam_role", |role| role["Path"] = json!("/theirs/"));
    refused(&world, "RoleElsewhere", "with the path `/theirs/`");
    let world = theirs(WITH_LOG_GROUP, "aws_iam_role", |role| role["AssumeRolePolicyDocument"] = json!("{"));
    refused(&world, "PolicyUnreadable", "a policy of the role `dodai-cloudtrail-logs`");
}

#[test]
fn a_shorter_retention_says_what_is_lost() {
    let dangers = |before: Value, bytes: u64| {
        let mut world = World::settled(WITH_LOG_GROUP);
        world.set("aws_logs_group", HOME, "retentionInDays", &before);
        world.set("aws_logs_group", HOME, "storedBytes", &json!(bytes));
        let plan = world.plan();
        let change = change(&plan, GROUP);
        assert_eq!(change.action, Action::Update);
        change.dangers.clone()
    };
    let lost = [Danger::Deletes("log events that are older than 365 days".to_owned())];
    assert_eq!(dangers(Value::Null, 1), lost);
    assert_eq!(dangers(json!(3653), 1), lost);
    assert_eq!(dangers(json!(30), 1), [], "longer than before");
    assert_eq!(dangers(Value::Null, 0), [], "nothing is in it");
}

/// Without a key of ours, whatever encrypts the log group stays.
#[test]
fn without_a_log_key_their_key_stays() {
    let account = "profile: secure\nfeatures: {log-key: {enabled: false}, cloudtrail-log-group: {enabled: true}}";
    let mut world = World::settled(account);
    world.set("aws_logs_group", HOME, "kmsKeyId", &json!("theirs"));
    assert!(world.plan().is_empty());
}
