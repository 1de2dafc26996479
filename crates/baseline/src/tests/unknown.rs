//! What is not read is not "not there": nothing is planned on it, it is said once, and other cells go on.

use std::collections::BTreeSet;

use dodai_facts::{Failure, FailureKind, FeatureScope};
use serde_json::Value;

use super::laws::{OTHER_SETTINGS, WITH_LOG_GROUP};
use super::{HOME, OTHER, SECURE, World, blocked, calls, cell_of, denied};
use crate::{FEATURES, Plan};

/// Columns that a feature looks at only where something else is so: in a settled account they change nothing.
const NOT_LOOKED_AT: &[(&[&str], &str, &[&str])] = &[
    // The alias tells which key it is.
    (
        &["cloudtrail", "cloudtrail-bucket", "cloudtrail-log-group", "config", "config-bucket"],
        "aws_kms_key",
        &["KeyState", "KeyManager"],
    ),
    (&["log-key"], "aws_kms_key", &["KeyManager"]),
    // The tag tells which trail it is.
    (&["cloudtrail-bucket", "log-key"], "aws_cloudtrail_trail", &["Name"]),
    (&["cloudtrail-log-group"], "aws_cloudtrail_trail", &["TrailARN"]),
    (
        &["cloudtrail-bucket", "cloudtrail-log-group", "log-key"],
        "aws_cloudtrail_trail",
        &[
            "S3KeyPrefix",
            "IncludeGlobalServiceEvents",
            "IsMultiRegionTrail",
            "LogFileValidationEnabled",
            "KmsKeyId",
            "status",
            "event_selectors",
        ],
    ),
    // What is there is kept, needed or not.
    (&["config-bucket", "log-key"], "aws_config_recorder", &["tags"]),
    (&["config-bucket", "log-key"], "aws_config_delivery_channel", &["s3BucketName"]),
    (&["log-key"], "aws_s3_bucket", &["Name"]),
    // What a shorter retention would remove.
    (&["cloudtrail-log-group"], "aws_logs_group", &["storedBytes"]),
    // Only where a key is made beside one that is about to be deleted.
    (&["log-key"], "aws_kms_key", &["Arn"]),
    // What a call needs that nobody makes.
    (&["config"], "aws_iam_role", &["RoleName"]),
    (&["config"], "aws_config_recorder", &["arn", "name", "recordingMode"]),
    (&["config"], "aws_config_delivery_channel", &["name", "snsTopicARN", "configSnapshotDeliveryProperties"]),
    (&["iam-password-policy"], "aws_iam_password_policy", &["HardExpiry"]),
    (&["security-hub"], "aws_securityhub_hub", &["HubArn", "config_1_parameters"]),
    (&["security-hub"], "aws_securityhub_finding_aggregator", &["FindingAggregatorArn"]),
    (&["security-hub"], "aws_securityhub_automation_rule", &["RuleArn"]),
];

fn is_looked_at(feature: &str, table: &str, column: &str) -> bool {
    !NOT_LOOKED_AT
        .iter()
        .any(|(features, of, columns)| features.contains(&feature) && *of == table && columns.contains(&column))
}

/// Where a feature stands still when `table` is unknown in `place`.
fn expected(feature: &str, table: &str, place: &str) -> BTreeSet<(String, String)> {
    let info = FEATURES.iter().find(|known| known.info.id == feature).unwrap().info;
    let world = World::new(SECURE);
    let cells = crate::cells(&world.context, &world.target(), info.scope, &world.selection);
    let home_only = ["aws_kms_key", "aws_kms_alias", "aws_cloudtrail_trail", "aws_securityhub_finding_aggregator"];
    cells
        .into_iter()
        .filter(|cell| {
            let global = cell_of(table, place).region().is_none();
            let at_home = home_only.contains(&table) && place == HOME && table != "aws_securityhub_finding_aggregator";
            global || at_home || cell.region().is_some_and(|region| region.as_str() == place)
        })
        .map(|cell| (feature.to_owned(), cell.to_string()))
        .collect()
}

/// The feature stands still where it must, says so with that failure, and whatever else is blocked needs it.
fn check(world: &World, feature: &str, table: &str, place: &str, failure: &Failure, what: &str) {
    let plan: Plan = world.plan();
    let all = blocked(&plan);
    for cell in expected(feature, table, place) {
        assert!(all.contains(&cell), "{what}: {cell:?} is not blocked, {all:?} are");
        let own = plan.blocked.iter().filter(|block| block.feature == cell.0 && block.cell.to_string() == cell.1);
        let own: Vec<_> = own.collect();
        assert_eq!(own.len(), 1, "{what}");
        assert_eq!((own[0].failure.kind, &own[0].failure.code), (failure.kind, &failure.code), "{what}");
        // A row that nobody completed names itself, and it may be another row of the same list.
        let said = failure.message.split(" of row").next().unwrap();
        assert!(own[0].failure.message.contains(said), "{what}: {}", own[0].failure.message);
    }
    assert_eq!(calls(&plan), [""; 0], "{what}: something is planned on what is not known");
    let needing: BTreeSet<&str> = FEATURES
        .iter()
        .filter(|other| other.info.reads.iter().any(|(read, _)| *read == table) || !other.info.needs.is_empty())
        .map(|other| other.info.id)
        .collect();
    assert!(all.iter().all(|(id, _)| needing.contains(id.as_str())), "{what}: {all:?}");
}

fn each(account: &str, mut edit: impl FnMut(&mut World, &str, &'static str, &'static str)) {
    let settled = World::settled(account);
    for feature in FEATURES {
        for (table, columns) in feature.info.reads {
            for column in *columns {
                if !is_looked_at(feature.info.id, table, column) {
                    continue;
                }
                let mut world = settled.clone();
                let place = place_of(table, feature.info.id);
                let rows = world.inventory.get(table, &cell_of(table, place)).unwrap().rows.len();
                if rows > 0 {
                    edit(&mut world, feature.info.id, table, column);
                    let failure = world.inventory.get(table, &cell_of(table, place)).unwrap().rows[0]
                        .get(column)
                        .known()
                        .unwrap_err();
                    check(
                        &world,
                        feature.info.id,
                        table,
                        place,
                        &failure,
                        &format!("{} {table}.{column}", feature.info.id),
                    );
                }
            }
        }
    }
}

fn place_of(table: &str, feature: &str) -> &'static str {
    let info = FEATURES.iter().find(|known| known.info.id == feature).unwrap().info;
    let home = table.starts_with("aws_kms") || table == "aws_securityhub_finding_aggregator";
    if info.scope == FeatureScope::Region && !home { OTHER } else { HOME }
}

#[test]
fn a_column_that_failed_blocks() {
    each(WITH_LOG_GROUP, |world, feature, table, column| {
        world.edit(table, place_of(table, feature), |listing| {
            for row in &mut listing.rows {
                row.values.shift_remove(column);
                row.failures.insert(column.to_owned(), denied());
            }
        });
    });
}

#[test]
fn a_column_that_nobody_asked_for_blocks() {
    each(OTHER_SETTINGS, |world, feature, table, column| {
        world.edit(table, place_of(table, feature), |listing| {
            for row in &mut listing.rows {
                row.values.shift_remove(column);
            }
        });
    });
}

/// What is not looked at in a settled account does not stand in the way there.
#[test]
fn a_column_that_is_not_needed_does_not_block() {
    let settled = World::settled(WITH_LOG_GROUP);
    for (features, table, columns) in NOT_LOOKED_AT {
        for (feature, column) in features.iter().flat_map(|feature| columns.iter().map(move |column| (feature, column)))
        {
            let mut world = settled.clone();
            world.selection.features = vec![(*feature).to_owned()];
            for place in [HOME, OTHER] {
                world.edit(table, place, |listing| {
                    for row in &mut listing.rows {
                        row.values.shift_remove(*column);
                        row.failures.insert((*column).to_owned(), denied());
                    }
                });
            }
            let plan = world.plan();
            assert!(plan.is_empty() && plan.blocked.is_empty(), "{feature} {table}.{column}: {:?}", plan.blocked);
        }
    }
}

/// Tables that are asked for only where something is to be made.
const ASKED_BEFORE_MAKING: &[(&str, &str)] = &[
    ("config", "aws_iam_role"),
    ("config-bucket", "aws_config_recorder"),
    ("config-bucket", "aws_config_delivery_channel"),
    ("log-key", "aws_config_recorder"),
    ("log-key", "aws_config_delivery_channel"),
    ("log-key", "aws_s3_bucket"),
    ("security-hub", "aws_securityhub_automation_rule"),
];

#[test]
fn a_list_that_failed_or_broke_off_blocks() {
    let settled = World::settled(WITH_LOG_GROUP);
    for feature in FEATURES {
        for (table, _) in feature.info.reads {
            if ASKED_BEFORE_MAKING.contains(&(feature.info.id, *table)) {
                continue;
            }
            let place = place_of(table, feature.info.id);
            for broke_off in [false, true] {
                let mut world = settled.clone();
                world.edit(table, place, |listing| {
                    listing.failure = Some(denied());
                    if !broke_off {
                        listing.rows.clear();
                    }
                });
                check(&world, feature.info.id, table, place, &denied(), &format!("{} {table}", feature.info.id));
            }
        }
    }
}

#[test]
fn what_is_asked_before_making_blocks_where_something_would_be_made() {
    for (feature, table) in ASKED_BEFORE_MAKING {
        let mut world = World::new(if *feature == "security-hub" { OTHER_SETTINGS } else { SECURE });
        for name in [HOME, OTHER] {
            world.edit(table, name, |listing| listing.failure = Some(denied()));
        }
        let all = blocked(&world.plan());
        assert!(all.iter().any(|(id, _)| id == feature), "{feature} {table}: {all:?}");
    }
}

/// Whether a trail does the job already decides whether a bucket is made for one of ours.
#[test]
fn a_trail_that_is_unknown_keeps_its_bucket_from_being_made() {
    for (of_organization, column) in [
        (false, "IsMultiRegionTrail"),
        (false, "status"),
        (false, "LogFileValidationEnabled"),
        (true, "status"),
        // A member may not be let to read what an organization's trail records.
        (true, "event_selectors"),
    ] {
        let mut world = World::new(SECURE);
        let mut trail = super::brownfield::foreign_trail("theirs");
        trail["IsOrganizationTrail"] = Value::from(of_organization);
        world.insert("aws_cloudtrail_trail", HOME, &trail);
        world.edit("aws_cloudtrail_trail", HOME, |listing| {
            listing.rows[0].values.shift_remove(column);
            listing.rows[0].failures.insert(column.to_owned(), denied());
        });
        let all = blocked(&world.plan());
        for feature in ["cloudtrail", "cloudtrail-bucket"] {
            assert!(all.iter().any(|(id, _)| id == feature), "{column}: {all:?}");
        }
    }
}

/// With a custom role of AWS Config a parameter of Config.1 decides.
#[test]
fn a_parameter_that_is_unknown_blocks() {
    let mut world = World::settled(OTHER_SETTINGS);
    world.edit("aws_securityhub_hub", OTHER, |listing| {
        listing.rows[0].failures.insert("config_1_parameters".to_owned(), denied());
    });
    let plan = world.plan();
    assert!(calls(&plan).is_empty());
    assert_eq!(blocked(&plan), [("security-hub".to_owned(), super::region(OTHER).to_string())].into());
}

#[test]
fn a_region_that_is_not_enabled_is_left_and_not_recorded() {
    let mut world = World::new(SECURE);
    let off = Failure { kind: FailureKind::OptedOut, code: "OptInRequired".to_owned(), ..denied() };
    for table in super::tables().into_iter().filter(|table| cell_of(table, OTHER).region().is_some()) {
        world.edit(table, OTHER, |listing| listing.failure = Some(off.clone()));
    }
    let plan = world.plan();
    assert_eq!(plan.blocked, []);
    assert!(plan.changes.iter().all(|change| change.cell != super::region(OTHER)));
    let left: BTreeSet<&str> = plan.skipped.iter().map(|skip| skip.feature.as_str()).collect();
    assert_eq!(left, ["config", "ebs-encryption", "guardduty", "security-hub"].into());
    assert!(plan.skipped.iter().all(|skip| skip.why == "the Region is not enabled in this account (OptInRequired)"));
    let record = super::change(&plan, "shop/global/onboarding/record");
    assert_eq!(record.calls[0].params["Tags"][0]["Value"], Value::from("secure apne1 global"));
}

#[test]
fn a_table_that_nobody_read_blocks() {
    let mut world = World::settled(SECURE);
    let mut inventory = dodai_facts::Inventory::default();
    for table in super::tables().into_iter().filter(|table| *table != "aws_guardduty_detector") {
        for (cell, listing) in world.inventory.table(table) {
            inventory.insert(table, cell.clone(), listing.clone());
        }
    }
    world.inventory = inventory;
    let plan = world.plan();
    assert_eq!(blocked(&plan).len(), 2);
    assert_eq!(plan.blocked[0].failure.kind, FailureKind::NotCollected);
    assert!(plan.blocked[0].failure.message.contains("`aws_guardduty_detector` was not read"));
}
