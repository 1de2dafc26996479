//! One thing changed by hand: the plan shows exactly that, before and after, and makes only the calls that it takes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::drift_cases::{Drift, drifts};
use super::laws::{OTHER_SETTINGS, WITH_LOG_GROUP};
use super::{HOME, SECURE, SHOP, World, calls, change, work};

/// Rows of the bucket table are chosen by feature, not by Region.
fn edited(drift: &Drift) -> World {
    if drift.table != "aws_s3_bucket" {
        return drift.world();
    }
    let mut world = World::settled(drift.account);
    world.edit(drift.table, HOME, |listing| {
        let mut rows = listing.rows.iter_mut();
        let row = rows.find(|row| row.values["Name"].as_str().unwrap().contains(drift.place)).unwrap();
        super::put(row, drift.path, drift.value.clone());
    });
    world
}

#[test]
fn one_change_by_hand_is_one_change_of_the_plan() {
    for drift in drifts() {
        let what = format!("{} {} = {}", drift.table, drift.path, drift.value);
        let mut world = edited(&drift);
        let plan = world.plan();
        assert_eq!(plan.blocked, [], "{what}");
        let ids: Vec<&str> = work(&plan).iter().map(|change| change.id.as_str()).collect();
        assert_eq!(ids, [format!("shop/{}", drift.change)], "{what}");
        let change = change(&plan, &format!("shop/{}", drift.change));
        let settings: Vec<(&str, Value, Value)> = change
            .settings
            .iter()
            .map(|setting| (setting.name.as_str(), setting.before.clone(), setting.after.clone()))
            .collect();
        assert_eq!(settings, drift.settings, "{what}");
        assert_eq!(calls(&plan), drift.calls, "{what}");
        world.apply(&plan);
        let left = world.plan();
        assert!(left.is_empty(), "{what}: {}", crate::format::text(&left));
    }
}

/// Whatever a new account is given is a field above: a field that is forgotten there fails here.
#[test]
fn every_field_is_among_them() {
    let fields = |plan: &crate::Plan| -> BTreeMap<String, BTreeSet<String>> {
        let mut fields: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for change in work(plan) {
            let names = change.settings.iter().map(|setting| setting.name.clone());
            fields.entry(change.feature.clone()).or_default().extend(names);
        }
        fields
    };
    // Only ever made.
    let made = ["name", "service-linked role", "hub", "Criteria", "policy statement DodaiRead", "bucket key"];
    let mut tested: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for drift in drifts() {
        let feature = drift.change.split('/').nth(1).unwrap().to_owned();
        tested.entry(feature).or_default().extend(drift.settings.iter().map(|(name, ..)| (*name).to_owned()));
    }
    // Both log buckets are compared by the same code.
    let bucket = tested["cloudtrail-bucket"].clone();
    tested.get_mut("config-bucket").unwrap().extend(bucket);
    for account in [SECURE, WITH_LOG_GROUP, OTHER_SETTINGS] {
        for (feature, names) in fields(&World::new(account).plan()) {
            for name in names {
                let known = made.contains(&name.as_str())
                    || tested.get(&feature).is_some_and(|tested| tested.contains(&name))
                    || name.starts_with("AWS Foundational")
                    || (feature == "security-hub" && name.contains('.'));
                assert!(known, "{feature}: no test changes `{name}` by hand");
            }
        }
    }
}

/// The states in which some test plans: between them every operation is called.
pub(super) fn worlds() -> Vec<World> {
    let mut all: Vec<World> = drifts().iter().map(edited).collect();
    all.extend([SECURE, OTHER_SETTINGS].map(World::new));
    all.extend(super::brownfield::adopted());
    let mut dying = World::settled(SECURE);
    dying.set("aws_kms_key", HOME, "KeyState", &json!("PendingDeletion"));
    dying.set("aws_kms_key", HOME, "rotation_enabled", &json!(null));
    all.push(dying);
    assert!(all.iter().all(|world| world.target().id.as_str() == SHOP));
    all
}
