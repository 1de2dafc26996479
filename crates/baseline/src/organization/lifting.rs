//! Lifting goes before: what a policy denies the role that we work with waits for the change that detaches or relaxes it, or
//! moves the account from under it. Only what was denied for certain waits: anything else may go through as before.

use std::collections::BTreeSet;

use dodai_models::permission_of;

use crate::permissions::besides;
use crate::{Change, FEATURES};

/// A change of the organization that lets accounts do what they were denied.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lift {
    /// The change's id.
    pub(crate) change: String,
    /// By name.
    pub(crate) accounts: BTreeSet<String>,
    /// IAM actions.
    pub(crate) actions: BTreeSet<String>,
}

/// Makes the changes of accounts wait for what lifts. A change that is not planned lifts nothing.
pub(crate) fn order(lifts: &[Lift], planned: &BTreeSet<String>, changes: &mut [Change]) {
    let lifts: Vec<&Lift> = lifts.iter().filter(|lift| planned.contains(&lift.change)).collect();
    if lifts.is_empty() {
        return;
    }
    for change in changes {
        let mut actions: Option<BTreeSet<String>> = None;
        for lift in lifts.iter().filter(|lift| lift.accounts.contains(&change.account)) {
            let actions = actions.get_or_insert_with(|| actions_of(change));
            if !actions.is_disjoint(&lift.actions) && !change.needs.contains(&lift.change) {
                change.needs.push(lift.change.clone());
            }
        }
    }
}

/// What a change asks IAM for.
fn actions_of(change: &Change) -> BTreeSet<String> {
    let calls = change.calls.iter().filter_map(|call| permission_of(&call.name()));
    let feature = FEATURES.iter().find(|feature| feature.info.id == change.feature);
    let besides = feature.into_iter().flat_map(|feature| besides(feature.info)).map(str::to_owned);
    calls.chain(besides).collect()
}
