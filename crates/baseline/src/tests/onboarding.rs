//! Made once: what an account does not opt in to is made at onboarding and then left alone.

use std::collections::BTreeSet;

use dodai_facts::Fact;
use serde_json::json;

use super::{HOME, OTHER, SECURE, World, blocked, calls, change, denied, skipped, work};
use crate::{Action, Plan};

/// A basic account keeps nothing but what is managed.
const LEFT: &str = "profile: basic";

fn recorded(plan: &Plan) -> &serde_json::Value {
    &change(plan, "shop/global/onboarding/record").calls[0].params["Tags"][0]["Value"]
}

#[test]
fn what_is_not_opted_in_to_is_made_once() {
    let mut world = World::new(LEFT);
    let plan = world.plan();
    assert_eq!(recorded(&plan), "basic apne1 global use1");
    world.apply(&plan);
    world.edit("aws_cloudtrail_trail", HOME, |listing| listing.rows.clear());
    world.edit("aws_iam_password_policy", HOME, |listing| listing.rows.clear());
    world.edit("aws_s3_account_public_access_block", HOME, |listing| listing.rows.clear());
    let plan = world.plan();
    assert_eq!(calls(&plan), ["s3control.PutPublicAccessBlock"], "managed is kept whatever the account says");
    let left: BTreeSet<String> = skipped(&plan).into_keys().map(|(feature, _)| feature).collect();
    assert_eq!(
        left,
        ["cloudtrail", "cloudtrail-bucket", "config", "config-bucket", "iam-password-policy"].map(str::to_owned).into()
    );
}

#[test]
fn opting_in_keeps_that_feature_and_adds_one_of_the_other_profile() {
    let mut world = World::settled(LEFT);
    world.directory = World::new("profile: basic\nopt_in: [iam-password-policy, guardduty]").directory;
    world.edit("aws_cloudtrail_trail", HOME, |listing| listing.rows.clear());
    world.edit("aws_iam_password_policy", HOME, |listing| listing.rows.clear());
    let plan = world.plan();
    let expected = ["iam.UpdateAccountPasswordPolicy", "guardduty.CreateDetector", "guardduty.CreateDetector"];
    assert_eq!(calls(&plan), expected);
}

/// What the account's own file switches on is made, also when the account was onboarded without it.
#[test]
fn switching_a_feature_on_opts_in_to_it() {
    let mut world = World::settled(LEFT);
    let own = "profile: basic\nfeatures: {cloudtrail-log-group: {enabled: true}}";
    world.directory = World::new(own).directory;
    let plan = world.plan();
    assert!(calls(&plan).contains(&"logs.CreateLogGroup".to_owned()), "{:?}", calls(&plan));
    world.apply(&plan);
    assert_eq!(calls(&world.plan()), [""; 0]);
}

#[test]
fn a_change_of_profile_is_a_new_onboarding() {
    let mut world = World::settled(LEFT);
    world.directory = World::new(SECURE).directory;
    let plan = world.plan();
    assert_eq!(recorded(&plan), "secure apne1 global use1");
    let record = change(&plan, "shop/global/onboarding/record");
    assert_eq!((record.action, &record.settings[0].before), (Action::Update, &json!("basic apne1 global use1")));
    world.apply(&plan);
    assert!(world.plan().is_empty());
}

#[test]
fn a_new_region_is_onboarded_by_itself() {
    let mut world = World::settled(&format!("{LEFT}\nregions: [{HOME}]"));
    world.directory = World::new(LEFT).directory;
    world.edit("aws_cloudtrail_trail", HOME, |listing| listing.rows.clear());
    let plan = world.plan();
    assert!(work(&plan).iter().all(|change| change.cell == super::region(OTHER)), "{:?}", calls(&plan));
    assert_eq!(work(&plan).len(), 3);
    assert_eq!(recorded(&plan), "basic apne1 global use1");
}

/// The new Region delivers to a bucket with a key that the owner threw away since: nobody makes it again, so
/// nothing is planned there, and the rest of the plan stays sound.
#[test]
fn what_stands_on_something_that_nobody_makes_is_said() {
    let account = "profile: secure\nopt_in: [guardduty]";
    let mut world = World::settled(&format!("{account}\nregions: [{HOME}]"));
    world.directory = World::new(account).directory;
    world.edit("aws_kms_key", HOME, |listing| listing.rows.clear());
    world.edit("aws_kms_alias", HOME, |listing| listing.rows.clear());
    let plan = world.plan();
    assert!(blocked(&plan).contains(&("config".to_owned(), super::region(OTHER).to_string())));
    let message = &plan.blocked[0].failure.message;
    assert!(message.contains("needs `shop/ap-northeast-1/log-key/key`, which is neither there nor"), "{message}");
    assert!(calls(&plan).contains(&"guardduty.CreateDetector".to_owned()));
    assert!(!calls(&plan).iter().any(|call| call.starts_with("config.")));
    let all: Vec<&str> = plan.changes.iter().map(|change| change.feature.as_str()).collect();
    assert!(!all.contains(&"onboarding"), "the Region is not done");
}

#[test]
fn a_cell_with_something_unknown_is_not_recorded() {
    let mut world = World::new(LEFT);
    world.edit("aws_config_recorder", OTHER, |listing| listing.failure = Some(denied()));
    let mut plan = world.plan();
    assert_eq!(recorded(&plan), "basic apne1 global");
    world.apply(&plan);
    world.edit("aws_config_recorder", OTHER, |listing| listing.failure = None);
    plan = world.plan();
    assert_eq!(recorded(&plan), "basic apne1 global use1");
    assert!(work(&plan).iter().all(|change| change.cell == super::region(OTHER)));
}

#[test]
fn an_unreadable_record_blocks_what_it_decides() {
    let mut world = World::settled(LEFT);
    world.onboarding = Fact::Unknown(denied());
    world.edit("aws_s3_account_public_access_block", HOME, |listing| listing.rows.clear());
    let plan = world.plan();
    assert_eq!(calls(&plan), ["s3control.PutPublicAccessBlock"]);
    assert_eq!(plan.blocked.len(), 6, "{:?}", blocked(&plan));
    assert!(!plan.changes.iter().any(|change| change.feature == "onboarding"));
}

/// The record waits for the work of the account's cells.
#[test]
fn the_record_comes_last() {
    let plan = World::new(SECURE).plan();
    assert_eq!(plan.changes.last().unwrap().feature, "onboarding");
    let record = plan.changes.last().unwrap();
    for change in work(&plan) {
        assert!(record.needs.iter().any(|need| change.is_meant_by(need)), "{}", change.id);
    }
}
