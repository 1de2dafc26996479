//! After a plan is applied nothing is left to plan, and applying it again changes nothing: for every feature, in
//! both profiles and with every setting away from its default.

use std::collections::BTreeSet;

use dodai_facts::{Class, Fact};

use super::{BASIC, SECURE, World, blocked, calls, skipped, work};
use crate::FEATURES;

/// Every feature with settings that are not the defaults.
pub(super) const OTHER_SETTINGS: &str = r"profile: secure
features:
  iam-password-policy: {minimum_length: 20, max_age_days: null, remembered: 5, users_may_change: false}
  ebs-encryption: {key: 'arn:aws:kms:<region>:<account>:key/own'}
  log-key: {alias: alias/other}
  cloudtrail-bucket: {name: 'trail-<account>', lock_mode: GOVERNANCE, lock_years: 2, keep_days: 800, readers: ['arn:aws:iam::333333333333:root']}
  cloudtrail: {name: other}
  cloudtrail-log-group: {enabled: true, name: /audit/trail, role: trail-to-logs, retention_days: 3653}
  config-bucket: {name: 'config-<account>', keep_days: 30, readers: ['arn:aws:iam::333333333333:root']}
  config: {role_arn: 'arn:aws:iam::<account>:role/own', types: ['AWS::S3::Bucket'], global_types: ['AWS::IAM::Role']}
  guardduty: {s3_data_events: false, runtime_monitoring: false}
  security-hub: {disabled_controls: [S3.1], disabled_outside_home: [KMS.1]}
contacts: {security: {name: Security, title: Team, email: security@example.com, phone: '+81 3 0000 0000'}}";

/// Every feature, those too that no profile has.
pub(super) const WITH_LOG_GROUP: &str = "profile: secure
features: {cloudtrail-log-group: {enabled: true}}
contacts:
  billing: {name: Accounting, title: Team, email: accounting@example.com, phone: '+81 3 0000 0001'}
  operations: {name: Operations, title: Team, email: operations@example.com, phone: '+81 3 0000 0002'}
  security: {name: Security, title: Team, email: security@example.com, phone: '+81 3 0000 0000'}";

/// Made, kept, and left as it is.
fn check(account: &str) -> World {
    let mut world = World::new(account);
    let first = world.plan();
    assert_eq!((blocked(&first), skipped(&first)), <_>::default(), "{account}");
    let on: BTreeSet<String> = world.target().features.into_keys().collect();
    let planned: BTreeSet<String> = work(&first).iter().map(|change| change.feature.clone()).collect();
    assert_eq!(on, planned, "every feature has something to do in a new account");
    world.apply(&first);
    let second = world.plan();
    assert_eq!(calls(&second), [""; 0], "{account}: something is left to do: {}", crate::format::text(&second));
    assert!(second.is_empty(), "{account}: the record is written once");
    let cells = 1 + 4 + 4 + 2;
    assert!(second.satisfied >= cells - 4, "{} satisfied", second.satisfied);
    let before = world.inventory.clone();
    world.apply(&second);
    assert_eq!(before, world.inventory);
    world
}

#[test]
fn nothing_is_left_after_apply() {
    check(SECURE);
    check(BASIC);
    check(OTHER_SETTINGS);
    check(WITH_LOG_GROUP);
    check(&BASIC.replacen('[', "[cloudtrail-log-group, ", 1));
    check("profile: secure\nfeatures: {log-key: {enabled: false}, cloudtrail-bucket: {lock_mode: none}}");
    check("profile: secure\nregions: [ap-northeast-1]");
}

#[test]
fn a_new_account_takes_one_round() {
    for account in [SECURE, BASIC, OTHER_SETTINGS] {
        let plan = World::new(account).plan();
        assert_eq!(plan.due, []);
        assert_eq!(plan, World::new(account).plan(), "the same plan for the same world");
    }
}

/// From one profile, or one set of settings, to another: what is planned does it at once.
#[test]
fn settings_may_change() {
    for (from, to) in [
        (BASIC, SECURE),
        (SECURE, OTHER_SETTINGS),
        (OTHER_SETTINGS, SECURE),
        (SECURE, BASIC),
        (SECURE, WITH_LOG_GROUP),
        (WITH_LOG_GROUP, OTHER_SETTINGS),
        (OTHER_SETTINGS, WITH_LOG_GROUP),
    ] {
        let mut world = World::settled(from);
        world.directory = World::new(to).directory;
        let plan = world.plan();
        assert_eq!((blocked(&plan), skipped(&plan)), <_>::default(), "{from} to {to}");
        assert!(!work(&plan).is_empty());
        world.apply(&plan);
        let left = world.plan();
        assert!(left.is_empty(), "{from} to {to}: {}", crate::format::text(&left));
    }
}

/// A plan breaks off at any call: planning again finishes it.
#[test]
fn a_plan_that_breaks_off_is_finished_by_the_next() {
    let plan = World::new(WITH_LOG_GROUP).plan();
    for kept in 0..plan.changes.len() {
        for begun in 0..plan.changes[kept].calls.len() {
            let mut world = World::new(WITH_LOG_GROUP);
            let mut part = plan.clone();
            part.changes.truncate(kept + 1);
            part.changes[kept].calls.truncate(begun);
            world.apply(&part);
            let rest = world.plan();
            let at = &plan.changes[kept].id;
            assert_eq!(rest.blocked, [], "at {begun} of {at}");
            world.apply(&rest);
            let left = world.plan();
            assert!(left.is_empty(), "at {begun} of {at}: {}", crate::format::text(&left));
        }
    }
}

#[test]
fn every_operation_that_a_feature_names_is_reached_somewhere() {
    let mut reached: BTreeSet<String> = BTreeSet::new();
    for world in super::drift::worlds() {
        reached.extend(calls(&world.plan()));
    }
    for feature in FEATURES {
        for call in feature.info.calls {
            assert!(reached.contains(*call), "{}: no test reaches {call}", feature.info.id);
        }
        assert!(matches!(feature.info.class, Class::Managed | Class::Maintained | Class::Initial));
    }
}

#[test]
fn the_record_of_onboarding_names_every_cell() {
    let world = World::settled(SECURE);
    let Fact::Known(onboarding) = &world.onboarding else { panic!("not recorded") };
    assert_eq!(onboarding.to_string(), "secure apne1 global use1");
}
