//! Where logs go: a trail, bucket or key of the settings' name that is not ours is left, and nothing is made for a trail or
//! a recorder that is never ours.

use serde_json::{Value, json};

use super::brownfield::{ADOPT, foreign_trail, why, with_trail};
use super::{HOME, OTHER, SECURE, World, blocked, calls, change, region, work};

/// A name that the directory gives makes nothing ours: its tag does, or a name that only Dodai gives.
#[test]
fn what_bears_the_name_and_is_not_ours_is_refused() {
    const NAMED: &str = "profile: secure
features: {cloudtrail: {name: theirs}, cloudtrail-bucket: {name: theirs}, config-bucket: {name: conf}, log-key: {alias: alias/theirs}}";
    let bucket = |tags: Value| {
        json!({
            "Name": "theirs", "BucketRegion": HOME, "public_access_block": null, "versioning": null, "encryption": null,
            "object_lock": null, "request_payment": "BucketOwner", "policy": null, "lifecycle": null, "tags": tags,
        })
    };
    let key = |tags: Value| {
        json!({
            "KeyId": "k", "Arn": "arn:theirs", "KeyState": "Enabled", "KeyManager": "CUSTOMER", "rotation_enabled": true,
            "policy": null, "tags": tags,
        })
    };
    let message = |world: &World, feature: &str, first: &str| {
        let plan = world.plan();
        let own = plan.blocked.iter().find(|block| block.feature == feature).unwrap();
        assert_eq!(own.failure.code, "NotOurs", "{feature}");
        assert!(own.failure.message.starts_with(first), "{}", own.failure.message);
        assert!(work(&plan).iter().all(|change| change.feature != feature));
    };
    let tags = |feature: &str| json!({ "dodai:class": "maintained", "dodai:feature": feature });
    for (not_ours, tagged) in [(json!(null), true), (json!({ "team": "theirs" }), false), (tags("guardduty"), true)] {
        let mut world = World::new(NAMED);
        let mut trail = foreign_trail("theirs");
        trail["LogFileValidationEnabled"] = json!(false);
        trail["tags"] = not_ours.clone();
        world.insert("aws_cloudtrail_trail", HOME, &trail);
        message(&world, "cloudtrail", "the trail `theirs` is there and not ours: give another name");

        let mut world = World::new(NAMED);
        world.insert("aws_s3_bucket", HOME, &bucket(not_ours.clone()));
        message(&world, "cloudtrail-bucket", "the bucket `theirs` is there and not ours");
        if tagged {
            world.set("aws_s3_bucket", HOME, "tags", &tags("cloudtrail-bucket"));
            let plan = world.plan();
            assert_eq!(plan.blocked, []);
            world.apply(&plan);
            assert!(world.plan().is_empty());
        }

        let mut world = World::new(NAMED);
        world.insert("aws_kms_key", HOME, &key(not_ours));
        world.insert("aws_kms_alias", HOME, &json!({ "AliasName": "alias/theirs", "TargetKeyId": "k" }));
        message(&world, "log-key", "the key behind `alias/theirs` is there and not ours");
        assert!(calls(&world.plan()).iter().all(|call| !call.starts_with("kms.")));
        // Nor do others use it, where they alone are asked.
        world.selection.features = vec!["cloudtrail".to_owned()];
        message(&world, "cloudtrail", "the key behind `alias/theirs` is there and not ours");
    }
    // A name of Dodai's own with no feature's tag is ours; with another feature's it is not.
    let mut world = World::settled(SECURE);
    world.set("aws_cloudtrail_trail", HOME, "tags", &json!(null));
    assert_eq!(calls(&world.plan()), ["cloudtrail.AddTags"]);
    world.set("aws_cloudtrail_trail", HOME, "tags", &tags("config"));
    world.set("aws_cloudtrail_trail", HOME, "LogFileValidationEnabled", &json!(false));
    message(&world, "cloudtrail", "the trail `dodai` is there and not ours");
}

/// A trail of the name that does the job already satisfies, and is adopted where the directory says so, whatever it records.
#[test]
fn a_foreign_trail_of_the_name_is_judged_and_adopted_like_any_other() {
    let named =
        |foreign: &str| format!("profile: secure\nfeatures: {{cloudtrail: {{name: theirs, foreign: {foreign}}}}}");
    let world = with_trail(&named("leave"), |_| ());
    assert_eq!(why(&world, "cloudtrail", HOME), "the trail `theirs` is not ours and already does this");
    let mut world = with_trail(&named("adopt"), |trail| trail["IsMultiRegionTrail"] = json!(false));
    let plan = world.plan();
    assert_eq!(change(&plan, "shop/ap-northeast-1/cloudtrail/trail").action, crate::Action::Update);
    world.apply(&plan);
    assert!(world.plan().is_empty());
}

/// A delivery channel has no tags: without a recorder it is ours where it delivers into our bucket.
#[test]
fn a_delivery_channel_without_a_recorder_is_foreign_unless_it_is_ours() {
    let mut world = World::settled(SECURE);
    world.edit("aws_config_recorder", OTHER, |listing| listing.rows.clear());
    let plan = world.plan();
    assert_eq!(calls(&plan), ["config.PutConfigurationRecorder", "config.StartConfigurationRecorder"]);
    world.set("aws_config_delivery_channel", OTHER, "s3BucketName", &json!("theirs"));
    let said = why(&world, "config", OTHER);
    assert!(said.starts_with("the delivery channel is not ours and differs in bucket"), "{said}");
    world.directory = World::new(ADOPT).directory;
    world.set("aws_config_delivery_channel", OTHER, "name", &json!("theirs"));
    let plan = world.plan();
    let channel = change(&plan, "shop/us-east-1/config/delivery-channel");
    assert_eq!(channel.calls[0].params["DeliveryChannel"]["name"], "theirs");
    world.apply(&plan);
    assert!(world.plan().is_empty());
}

/// Made with its tags, a bucket of any name is ours from its first moment.
#[test]
fn a_bucket_is_made_with_its_tags() {
    let mut world =
        World::new("profile: secure\nfeatures: {cloudtrail-bucket: {name: logs}, config-bucket: {name: conf}}");
    let mut plan = world.plan();
    let made = plan.changes.iter().position(|change| change.feature == "cloudtrail-bucket").unwrap();
    plan.changes.truncate(made + 1);
    plan.changes[made].calls.truncate(1);
    world.apply(&plan);
    let rest = world.plan();
    assert_eq!(rest.blocked, []);
    world.apply(&rest);
    assert!(world.plan().is_empty());
}

/// What locks objects for years is not made for a trail that never is.
#[test]
fn without_a_trail_of_ours_there_is_no_bucket_for_it() {
    let covered = with_trail(SECURE, |trail| trail["IsOrganizationTrail"] = json!(true));
    let theirs = with_trail(SECURE, |_| ());
    let off = World::new("profile: secure\nfeatures: {cloudtrail: {enabled: false}}");
    let mut full = World::new(SECURE);
    for number in 0..5 {
        let mut trail = foreign_trail(&format!("theirs-{number}"));
        trail["HomeRegion"] = json!("eu-west-1");
        full.insert("aws_cloudtrail_trail", HOME, &trail);
    }
    let reasons = [
        "the organization trail `theirs` covers this account",
        "the trail `theirs` is not ours and already does this",
        "needs `cloudtrail`, which is off",
        "the Region holds 5 trails, and CloudTrail allows 5: adopt or remove one",
    ];
    for (mut world, reason) in [covered, theirs, off, full].into_iter().zip(reasons) {
        assert_eq!(why(&world, "cloudtrail-bucket", HOME), reason);
        let plan = world.plan();
        assert!(plan.changes.iter().all(|change| change.dangers.is_empty()), "{reason}");
        // AWS Config's bucket is encrypted with it.
        assert_eq!(change(&plan, "shop/ap-northeast-1/log-key/key").action, crate::Action::Create, "{reason}");
        world.apply(&plan);
        assert!(calls(&world.plan()).is_empty(), "{reason}");
    }
}

#[test]
fn a_bucket_without_a_trail_of_ours_is_kept_where_it_is_there() {
    let mut world = World::settled(SECURE);
    world.set("aws_cloudtrail_trail", HOME, "IsOrganizationTrail", &json!(true));
    world.edit("aws_s3_bucket", HOME, |listing| super::put(&mut listing.rows[0], "versioning/Status", json!("x")));
    let plan = world.plan();
    assert_eq!(calls(&plan), ["s3.PutBucketVersioning"]);
    assert_eq!(work(&plan)[0].feature, "cloudtrail-bucket");
}

#[test]
fn without_a_recorder_of_ours_there_is_no_bucket_for_it() {
    let recorder = json!({
        "name": "theirs", "arn": "arn:theirs", "roleARN": "arn:theirs", "recordingGroup": { "allSupported": true },
        "recordingMode": null, "status": { "recording": true }, "tags": null,
    });
    let foreign = |regions: &[&str], account: &str| {
        let mut world = World::new(account);
        for name in regions {
            world.insert("aws_config_recorder", name, &recorder);
        }
        world
    };
    let mut world = foreign(&[HOME, OTHER], SECURE);
    assert_eq!(why(&world, "config-bucket", HOME), "no Region has a recorder of ours, nor gets one");
    let plan = world.plan();
    assert_eq!(change(&plan, "shop/ap-northeast-1/log-key/key").action, crate::Action::Create, "the trail's");
    world.apply(&plan);
    assert!(calls(&world.plan()).is_empty());
    // One Region in which a recorder is made is enough.
    let ids = |world: &World| -> Vec<String> { work(&world.plan()).iter().map(|change| change.id.clone()).collect() };
    let bucket = "shop/ap-northeast-1/config-bucket/bucket".to_owned();
    for regions in [[HOME].as_slice(), &[OTHER]] {
        assert!(ids(&foreign(regions, SECURE)).contains(&bucket), "{regions:?}");
    }
    assert!(ids(&foreign(&[HOME, OTHER], ADOPT)).contains(&bucket));
    // A Region that is not known may be one that needs it.
    let mut unknown = foreign(&[HOME], SECURE);
    unknown.edit("aws_config_recorder", OTHER, |listing| listing.failure = Some(super::denied()));
    assert!(blocked(&unknown.plan()).contains(&("config-bucket".to_owned(), region(HOME).to_string())));
    // One that is not enabled does not.
    let off = dodai_facts::Failure { kind: dodai_facts::FailureKind::OptedOut, ..super::denied() };
    unknown.edit("aws_config_recorder", OTHER, |listing| listing.failure = Some(off));
    assert_eq!(why(&unknown, "config-bucket", HOME), "no Region has a recorder of ours, nor gets one");
}

#[test]
fn a_key_that_nothing_needs_is_not_made() {
    let mut world = with_trail(SECURE, |trail| trail["IsOrganizationTrail"] = json!(true));
    for name in [HOME, OTHER] {
        world.insert(
            "aws_config_recorder",
            name,
            &json!({ "name": "theirs", "arn": "arn:theirs", "roleARN": "r",
            "recordingGroup": null, "recordingMode": null, "status": null, "tags": null }),
        );
    }
    let said = "it has nothing to encrypt: the organization trail `theirs` covers this account; no Region has a recorder of ours, nor gets one";
    assert_eq!(why(&world, "log-key", HOME), said);
    world.apply(&world.plan());
    assert!(calls(&world.plan()).is_empty());
}
