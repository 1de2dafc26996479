//! Accounts that somebody lived in before: what is there and not ours is left or adopted, limits are respected, and
//! what the plan cannot do it says.

use serde_json::{Value, json};

use super::{BASIC, HOME, OTHER, SECURE, World, blocked, calls, change, region, skipped, work};
use crate::Danger;

pub(super) const ADOPT: &str = "profile: secure
features: {cloudtrail: {foreign: adopt}, config: {foreign: adopt}, guardduty: {foreign: adopt}, security-hub: {foreign: adopt}}";

/// A trail of every Region, home here, that logs everything.
pub(super) fn foreign_trail(name: &str) -> Value {
    json!({
        "Name": name, "TrailARN": format!("arn:aws:cloudtrail:{HOME}:222222222222:trail/{name}"), "HomeRegion": HOME,
        "IsMultiRegionTrail": true, "IsOrganizationTrail": false, "IncludeGlobalServiceEvents": true,
        "LogFileValidationEnabled": true, "S3BucketName": "theirs", "S3KeyPrefix": "p", "KmsKeyId": "arn:theirs",
        "status": { "IsLogging": true }, "event_selectors": null, "tags": null, "CloudWatchLogsLogGroupArn": null,
        "CloudWatchLogsRoleArn": null,
    })
}

pub(super) fn with_trail(account: &str, edit: impl Fn(&mut Value)) -> World {
    let mut world = World::new(account);
    let mut trail = foreign_trail("theirs");
    edit(&mut trail);
    world.insert("aws_cloudtrail_trail", HOME, &trail);
    world
}

/// The world of a settled account in which what is one per Region is not ours.
fn with_foreign(account: &str) -> World {
    let mut world = World::settled(SECURE);
    world.directory = World::new(account).directory;
    for (table, arn) in [
        ("aws_config_recorder", ("name", "theirs")),
        ("aws_guardduty_detector", ("DetectorId", "theirs")),
        ("aws_securityhub_hub", ("HubArn", "theirs")),
    ] {
        world.set(table, OTHER, "tags", &json!({ "team": "theirs" }));
        world.set(table, OTHER, arn.0, &json!(arn.1));
    }
    world
}

pub(super) fn adopted() -> Vec<World> {
    vec![with_trail(ADOPT, |_| ()), with_foreign(ADOPT)]
}

pub(super) fn why(world: &World, feature: &str, name: &str) -> String {
    let plan = world.plan();
    let key = (feature.to_owned(), region(name).to_string());
    assert!(work(&plan).iter().all(|change| change.feature != feature || change.cell != region(name)), "{feature}");
    skipped(&plan).remove(&key).unwrap_or_else(|| panic!("{feature} is not left: {:?}", plan.skipped))
}

#[test]
fn a_foreign_trail_that_matches_satisfies() {
    let world = with_trail(SECURE, |_| ());
    assert_eq!(why(&world, "cloudtrail", HOME), "the trail `theirs` is not ours and already does this");
}

#[test]
fn a_foreign_trail_that_differs_is_left_and_ours_is_made_beside_it() {
    for (column, value) in [
        ("IsMultiRegionTrail", json!(false)),
        ("HomeRegion", json!("eu-west-1")),
        ("LogFileValidationEnabled", json!(false)),
        ("KmsKeyId", json!(null)),
        ("status", json!({ "IsLogging": false })),
        ("event_selectors", json!({ "EventSelectors": [{ "ReadWriteType": "ReadOnly" }] })),
    ] {
        let mut world = with_trail(SECURE, |trail| trail[column] = value.clone());
        let plan = world.plan();
        assert_eq!(change(&plan, "shop/ap-northeast-1/cloudtrail/trail").action, crate::Action::Create, "{column}");
        world.apply(&plan);
        assert!(world.plan().is_empty(), "{column}");
    }
    // Which key encrypts it, as basic asks for none, does not matter.
    let world = with_trail(BASIC, |trail| trail["KmsKeyId"] = json!(null));
    assert!(why(&world, "cloudtrail", HOME).contains("already does this"));
}

#[test]
fn a_foreign_trail_is_adopted_with_the_policies_that_name_it() {
    let mut world = with_trail(ADOPT, |_| ());
    let plan = world.plan();
    let trail = change(&plan, "shop/ap-northeast-1/cloudtrail/trail");
    let names: Vec<&str> = trail.settings.iter().map(|setting| setting.name.as_str()).collect();
    assert_eq!(names, ["S3BucketName", "KmsKeyId", "S3KeyPrefix", "tags"]);
    assert_eq!(trail.settings[2].after, Value::Null);
    world.apply(&plan);
    assert!(world.plan().is_empty());
}

#[test]
fn an_organization_trail_covers_the_account() {
    let world = with_trail(SECURE, |trail| trail["IsOrganizationTrail"] = json!(true));
    assert_eq!(why(&world, "cloudtrail", HOME), "the organization trail `theirs` covers this account");
    let advanced = json!([
        { "Name": "data", "FieldSelectors": [{ "Field": "eventCategory", "Equals": ["Data"] }] },
        { "FieldSelectors": [{ "Field": "eventCategory", "Equals": ["Management"] }] },
    ]);
    let world = with_trail(SECURE, |trail| {
        trail["IsOrganizationTrail"] = json!(true);
        trail["event_selectors"] = json!({ "AdvancedEventSelectors": advanced });
    });
    assert_eq!(why(&world, "cloudtrail", HOME), "the organization trail `theirs` covers this account");
}

/// One that does not log, or leaves management events out, does not cover the account, and is not ours to change.
#[test]
fn an_organization_trail_that_records_less_covers_nothing() {
    let field = |name: &str, is: &str| json!({ "Field": name, "Equals": [is] });
    let management = field("eventCategory", "Management");
    for (column, value) in [
        ("status", json!({ "IsLogging": false })),
        (
            "event_selectors",
            json!({ "EventSelectors": [{ "ReadWriteType": "WriteOnly", "IncludeManagementEvents": true }] }),
        ),
        (
            "event_selectors",
            json!({ "EventSelectors": [{ "ReadWriteType": "All", "IncludeManagementEvents": false }] }),
        ),
        (
            "event_selectors",
            json!({ "EventSelectors": [
                { "ReadWriteType": "All", "IncludeManagementEvents": true, "ExcludeManagementEventSources": ["kms.amazonaws.com"] },
            ] }),
        ),
        (
            "event_selectors",
            json!({ "AdvancedEventSelectors": [{ "FieldSelectors": [management, field("readOnly", "false")] }] }),
        ),
    ] {
        let mut world = with_trail(ADOPT, |trail| {
            trail["IsOrganizationTrail"] = json!(true);
            trail[column] = value.clone();
        });
        let plan = world.plan();
        let trail = change(&plan, "shop/ap-northeast-1/cloudtrail/trail");
        assert!(trail.summary.contains("create the trail `dodai`"), "{value}");
        world.apply(&plan);
        assert!(world.plan().is_empty(), "{value}");
    }
}

#[test]
fn five_trails_are_a_limit_that_is_said() {
    let mut world = World::new(SECURE);
    for number in 0..5 {
        let mut trail = foreign_trail(&format!("theirs-{number}"));
        trail["HomeRegion"] = json!("eu-west-1");
        world.insert("aws_cloudtrail_trail", HOME, &trail);
    }
    let plan = world.plan();
    assert_eq!(blocked(&plan), [("cloudtrail".to_owned(), region(HOME).to_string())].into());
    let message = &plan.blocked[0].failure.message;
    assert_eq!(message, "the Region holds 5 trails, and CloudTrail allows 5: adopt or remove one");
    let record = change(&plan, "shop/global/onboarding/record");
    assert_eq!(record.calls[0].params["Tags"][0]["Value"], "secure global use1", "the home Region is not done");
}

#[test]
fn what_is_one_per_region_is_left_when_it_is_not_ours() {
    let mut world = with_foreign(SECURE);
    for (feature, thing) in [("config", "recorder"), ("guardduty", "detector"), ("security-hub", "hub")] {
        assert_eq!(why(&world, feature, OTHER), format!("the {thing} is not ours and already does this"));
    }
    world.set("aws_config_recorder", OTHER, "status", &json!({ "recording": false }));
    world.set("aws_guardduty_detector", OTHER, "Features/0/Status", &json!("DISABLED"));
    world.set("aws_securityhub_hub", OTHER, "ControlFindingGenerator", &json!("STANDARD_CONTROL"));
    for (feature, differs) in [
        ("config", "the recorder is not ours and differs in recording: set `foreign: adopt`"),
        ("guardduty", "the detector is not ours and differs in S3_DATA_EVENTS: set `foreign: adopt`"),
        ("security-hub", "the hub is not ours and differs in consolidated control findings: set `foreign: adopt`"),
    ] {
        let said = why(&world, feature, OTHER);
        assert!(said.starts_with(differs), "{said}");
    }
    assert!(calls(&world.plan()).is_empty());
}

#[test]
fn what_is_one_per_region_is_adopted_under_its_own_name() {
    let mut world = with_foreign(ADOPT);
    world.set("aws_config_recorder", OTHER, "roleARN", &json!("theirs"));
    world.set("aws_config_recorder", OTHER, "recordingMode", &json!({ "recordingFrequency": "DAILY" }));
    let plan = world.plan();
    let recorder = change(&plan, "shop/us-east-1/config/recorder");
    let put = &recorder.calls[0].params["ConfigurationRecorder"];
    assert_eq!((&put["name"], &put["recordingMode"]), (&json!("theirs"), &json!({ "recordingFrequency": "DAILY" })));
    assert_eq!(recorder.calls[1].name(), "config.TagResource");
    assert_eq!(
        calls(&plan).iter().filter(|call| call.ends_with("TagResource")).collect::<Vec<_>>().len(),
        3,
        "tagged where possible"
    );
    world.apply(&plan);
    assert!(world.plan().is_empty());
}

#[test]
fn a_delivery_channel_keeps_its_topic_and_its_snapshots() {
    let mut world = World::settled(SECURE);
    let snapshots = json!({ "deliveryFrequency": "Six_Hours" });
    for (column, value) in [
        ("snsTopicARN", json!("topic")),
        ("configSnapshotDeliveryProperties", snapshots.clone()),
        ("s3BucketName", json!("x")),
    ] {
        world.set("aws_config_delivery_channel", OTHER, column, &value);
    }
    let plan = world.plan();
    let put = &change(&plan, "shop/us-east-1/config/delivery-channel").calls[0].params["DeliveryChannel"];
    assert_eq!((&put["snsTopicARN"], &put["configSnapshotDeliveryProperties"]), (&json!("topic"), &snapshots));
}

#[test]
fn administrators_set_their_members() {
    let mut world = World::settled(SECURE);
    for table in ["aws_guardduty_detector", "aws_securityhub_hub"] {
        world.set(table, OTHER, "administrator", &json!("333333333333"));
        world.set(table, OTHER, "tags", &json!(null));
    }
    assert!(why(&world, "guardduty", OTHER).contains("administrator 333333333333"));
    assert!(why(&world, "security-hub", OTHER).contains("administrator 333333333333"));
}

#[test]
fn findings_are_gathered_in_one_region_only() {
    let mut world = World::settled(SECURE);
    world.set("aws_securityhub_finding_aggregator", HOME, "FindingAggregationRegion", &json!(OTHER));
    world.set("aws_securityhub_finding_aggregator", HOME, "RegionLinkingMode", &json!("SPECIFIED_REGIONS"));
    assert!(why(&world, "security-hub", HOME).contains("gathered in us-east-1 already"));
}

/// A bucket that is there and has nothing: everything is set, foreign statements, rules and tags stay.
#[test]
fn a_bucket_that_exists_keeps_what_others_put_there() {
    let mut world = World::new(SECURE);
    let theirs = json!({ "Version": "2012-10-17", "Statement": { "Sid": "Theirs", "Effect": "Allow" } });
    world.insert(
        "aws_s3_bucket",
        HOME,
        &json!({
            "Name": "dodai-cloudtrail-222222222222", "BucketRegion": HOME, "public_access_block": null, "versioning": null,
            "encryption": null, "object_lock": null, "request_payment": "BucketOwner", "policy": theirs.to_string(),
            "lifecycle": [{ "ID": "theirs", "Status": "Enabled", "Prefix": "tmp/", "Expiration": { "Days": 1 } }],
            "tags": { "team": "theirs" },
        }),
    );
    let plan = world.plan();
    let bucket = change(&plan, "shop/ap-northeast-1/cloudtrail-bucket/bucket");
    assert_eq!(bucket.action, crate::Action::Update);
    assert!(
        bucket.dangers.iter().any(|danger| matches!(danger, Danger::Irreversible(why) if why.contains("Object Lock")))
    );
    world.apply(&plan);
    assert!(world.plan().is_empty());
    let bucket = &world.inventory.get("aws_s3_bucket", &super::global()).unwrap().rows[0].values;
    assert!(bucket["policy"].as_str().unwrap().contains("Theirs"));
    assert_eq!(bucket["lifecycle"][0]["Filter"], json!({ "Prefix": "tmp/" }));
    assert_eq!(bucket["tags"]["team"], "theirs");
}

#[test]
fn a_bucket_elsewhere_and_a_full_account_are_said() {
    let mut world = World::settled(SECURE);
    world.set("aws_s3_bucket", HOME, "BucketRegion", &json!("eu-west-1"));
    let plan = world.plan();
    let message =
        "the bucket `dodai-cloudtrail-222222222222` lies in eu-west-1, not in ap-northeast-1: give another name";
    assert_eq!(plan.blocked[0].failure.message, message);
    let mut world = World::new(SECURE);
    let buckets = |world: &mut World, count: usize| {
        world.edit("aws_s3_bucket", HOME, |listing| {
            listing.rows = (0..count).map(|number| super::row("", &json!({ "Name": number.to_string() }))).collect();
        });
    };
    buckets(&mut world, 10_001);
    assert_eq!(world.plan().blocked, [], "the quota was raised");
    buckets(&mut world, 10_000);
    let plan = world.plan();
    assert!(plan.blocked[0].failure.message.contains("L-DC2B2D3D"), "{:?}", plan.blocked[0]);
    let stopped = blocked(&plan).into_iter().map(|(feature, _)| feature);
    let stopped: std::collections::BTreeSet<String> = stopped.collect();
    assert_eq!(
        stopped,
        ["cloudtrail", "cloudtrail-bucket", "config", "config-bucket", "security-hub"].map(str::to_owned).into()
    );
}

/// Readers that are not named any more may not read any more.
#[test]
fn a_reader_is_taken_out_again() {
    let with = "profile: secure\nfeatures: {config-bucket: {readers: ['arn:aws:iam::333333333333:root']}}";
    let mut world = World::settled(with);
    world.directory = World::new(SECURE).directory;
    let plan = world.plan();
    assert_eq!(calls(&plan), ["s3.PutBucketPolicy"]);
    let setting = &work(&plan)[0].settings[0];
    assert_eq!(setting.name, "policy statement DodaiRead");
    assert_eq!(setting.after, Value::Null);
    world.apply(&plan);
    assert!(world.plan().is_empty());
}

#[test]
fn the_key_is_found_by_its_tag_and_not_made_twice() {
    let mut world = World::settled(SECURE);
    world.edit("aws_kms_alias", HOME, |listing| listing.rows.clear());
    let plan = world.plan();
    assert_eq!(calls(&plan), ["kms.CreateAlias"]);
    world.apply(&plan);
    assert!(world.plan().is_empty());
}

#[test]
fn a_key_about_to_be_deleted_is_kept_or_replaced() {
    let dying = |alias: bool| {
        let mut world = World::settled(SECURE);
        world.set("aws_kms_key", HOME, "KeyState", &json!("PendingDeletion"));
        world.set("aws_kms_key", HOME, "rotation_enabled", &json!(null));
        if !alias {
            world.edit("aws_kms_alias", HOME, |listing| listing.rows.clear());
        }
        world
    };
    // The alias says that it is the one.
    let mut world = dying(true);
    let plan = world.plan();
    assert_eq!(calls(&plan), ["kms.CancelKeyDeletion", "kms.EnableKey", "kms.EnableKeyRotation"]);
    world.apply(&plan);
    assert!(world.plan().is_empty());
    // Without one, a key that dies with our tag is somebody's decision: another is made.
    let mut world = dying(false);
    let plan = world.plan();
    assert_eq!(calls(&plan)[..3], ["kms.CreateKey", "kms.CreateAlias", "kms.EnableKeyRotation"]);
    let find = change(&plan, "shop/ap-northeast-1/log-key/key").calls[0].find.clone().unwrap();
    let taken = "ResourceTagMappingList[?ResourceARN != 'arn:aws:kms:ap-northeast-1:222222222222:key/key-1'] | [0].";
    assert!(find.take.starts_with(taken), "the dying one is not the one that was made: {}", find.take);
    world.apply(&plan);
    assert!(world.plan().is_empty());
}

#[test]
fn a_key_that_cannot_be_rotated_is_said() {
    let mut world = World::settled(SECURE);
    world.set("aws_kms_key", HOME, "rotation_enabled", &json!(null));
    let plan = world.plan();
    assert!(plan.blocked[0].failure.message.contains("cannot be rotated"));
    assert!(calls(&plan).is_empty());
}

#[test]
fn policies_that_cannot_be_read_are_not_written() {
    for (table, feature) in [("aws_s3_bucket", "cloudtrail-bucket"), ("aws_kms_key", "log-key")] {
        let mut world = World::settled(SECURE);
        world.set(table, HOME, "policy", &json!("{"));
        let plan = world.plan();
        assert_eq!(plan.blocked[0].feature, feature);
        assert_eq!(plan.blocked[0].failure.code, "PolicyUnreadable");
        assert!(calls(&plan).is_empty());
    }
}

#[test]
fn a_hard_expiry_that_somebody_set_is_kept() {
    for hard in [true, false] {
        let mut world = World::settled(SECURE);
        world.set("aws_iam_password_policy", HOME, "HardExpiry", &json!(hard));
        world.set("aws_iam_password_policy", HOME, "MaxPasswordAge", &json!(0));
        let plan = world.plan();
        assert_eq!(work(&plan)[0].settings[0].before, Value::Null, "0 is none");
        assert_eq!(work(&plan)[0].calls[0].params["HardExpiry"], json!(hard));
    }
}

#[test]
fn a_key_of_ebs_is_given_as_ec2_answers_it() {
    let mut world = World::new("profile: secure\nfeatures: {ebs-encryption: {key: 'alias/own'}}");
    let plan = world.plan();
    assert_eq!(plan.blocked[0].feature, "ebs-encryption");
    assert!(plan.blocked[0].failure.message.contains("`alias/own`"));
    world.directory = World::new(SECURE).directory;
    assert_eq!(world.plan().blocked, []);
}

/// A standard that is being turned off is turned on again, and its controls are disabled anew.
#[test]
fn a_standard_on_its_way_out_is_turned_on_again() {
    let mut world = World::settled(SECURE);
    world.set("aws_securityhub_standards_subscription", HOME, "StandardsStatus", &json!("DELETING"));
    let plan = world.plan();
    let expected = [
        "securityhub.BatchEnableStandards",
        "securityhub.GetEnabledStandards",
        "securityhub.BatchUpdateStandardsControlAssociations",
    ];
    assert_eq!(calls(&plan), expected);
    let controls = change(&plan, "shop/ap-northeast-1/security-hub/controls");
    assert!(controls.needs.contains(&"shop/ap-northeast-1/security-hub/standard".to_owned()));
    world.apply(&plan);
    assert!(world.plan().is_empty());
}
