//! A part of the plan: by account, Region and feature.

use std::collections::BTreeSet;

use super::{HOME, OTHER, SECURE, World, blocked, change, work};
use crate::Selection;

fn features(world: &World) -> BTreeSet<String> {
    work(&world.plan()).iter().map(|change| change.feature.clone()).collect()
}

fn select(accounts: &[&str], regions: &[&str], features: &[&str]) -> World {
    let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let mut world = World::new(SECURE);
    world.selection =
        Selection { accounts: texts(accounts), units: Vec::new(), regions: texts(regions), features: texts(features) };
    world
}

#[test]
fn accounts_and_features_are_chosen_by_name() {
    assert!(select(&["other"], &[], &[]).plan().is_empty());
    assert!(!select(&["shop"], &[], &[]).plan().is_empty());
    let world = select(&[], &[], &["guardduty"]);
    assert_eq!(features(&world), ["guardduty".to_owned()].into());
    assert!(world.plan().changes.iter().all(|change| change.feature != "onboarding"), "a part is no onboarding");
}

#[test]
fn a_region_is_chosen_without_the_global_cell() {
    let mut world = select(&[], &[OTHER], &["guardduty", "ebs-encryption", "iam-password-policy"]);
    assert!(work(&world.plan()).iter().all(|change| change.cell == super::region(OTHER)));
    world.selection = Selection { regions: vec![HOME.to_owned()], ..Selection::default() };
    let plan = world.plan();
    let record = change(&plan, "shop/global/onboarding/record");
    assert_eq!(record.calls[0].params["Tags"][0]["Value"], "secure apne1");
    assert!(work(&plan).iter().all(|change| change.cell == super::region(HOME)));
}

/// A trail is encrypted with a key that is not there and not chosen.
#[test]
fn what_needs_something_outside_of_the_selection_is_said() {
    let world = select(&[], &[], &["cloudtrail"]);
    let plan = world.plan();
    assert!(plan.changes.is_empty());
    assert_eq!(blocked(&plan), [("cloudtrail".to_owned(), super::region(HOME).to_string())].into());
    let mut settled = World::settled(SECURE);
    settled.selection = world.selection;
    settled.edit("aws_cloudtrail_trail", HOME, |listing| listing.rows.clear());
    assert_eq!(features(&settled), ["cloudtrail".to_owned()].into());
}
