//! What must stay allowed: the IAM actions of every operation that features may call in the accounts below, what AWS asks
//! for besides (handing a role to a service), and the Regions in which they call it.

use std::collections::{BTreeMap, BTreeSet};

use dodai_facts::{FeatureInfo, FeatureScope};
use dodai_models::{partitions, permission_of};

use super::{OrganizationView, Reach, Side};
use crate::FEATURES;
use crate::permissions::{actions_of, besides};

/// An action, and the Regions in which it is called: `aws:RequestedRegion`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Operation {
    pub(super) action: String,
    pub(super) regions: BTreeSet<String>,
    /// Who does it.
    pub(super) by: Doer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doer {
    /// The role that we work with, and operators, within the account.
    Worker,
    /// The management account, from outside: entering the account.
    Management,
}

/// Every operation, by its action.
#[derive(Debug)]
pub(super) struct Work(Vec<Operation>);

/// Entering an account: a call on its role, which resource control policies of the account reach.
const ENTER: &str = "sts:AssumeRole";
/// It has no Region of its own: it is asked for by a call in a Region.
const PASS_ROLE: &str = "iam:PassRole";

impl Work {
    pub(super) fn of(view: &OrganizationView<'_>, side: Side, reach: &Reach<'_>) -> Self {
        let context = view.view.context;
        let mut actions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for feature in features(view, reach) {
            let own: BTreeSet<String> = match feature.scope {
                FeatureScope::Region => regions(view, reach),
                _ => [context.home.to_string()].into(),
            };
            let regions = |service: &str| {
                let signed_for = partitions::global_region(service, context.partition.as_str());
                signed_for.map_or_else(|| own.clone(), |region| [region.to_owned()].into())
            };
            for call in feature.calls {
                // A call without an action is none that the registry's tests let pass.
                let Some(action) = permission_of(call) else { continue };
                actions.entry(action).or_default().extend(regions(service(call, '.')));
            }
            for action in besides(feature) {
                let regions = if action == PASS_ROLE { own.clone() } else { regions(service(action, ':')) };
                actions.entry(action.to_owned()).or_default().extend(regions);
            }
        }
        let worker = |(action, regions)| Operation { action, regions, by: Doer::Worker };
        let mut operations: Vec<Operation> = actions.into_iter().map(worker).collect();
        if side == Side::Resource {
            let regions = [context.home.to_string()].into();
            operations.push(Operation { action: ENTER.to_owned(), regions, by: Doer::Management });
        }
        Self(operations)
    }

    pub(super) fn operations(&self) -> &[Operation] {
        &self.0
    }
}

/// The IAM actions of everything that the features of accounts may do: what no guardrail may take from the roles that the
/// tool works with.
pub fn actions() -> BTreeSet<String> {
    FEATURES.iter().flat_map(|feature| actions_of(feature.info)).collect()
}

fn service(name: &str, before: char) -> &str {
    name.split(before).next().unwrap_or_default()
}

/// The features that some account below has on; where there are none yet, all that a profile has.
fn features<'a>(view: &'a OrganizationView<'_>, reach: &'a Reach<'_>) -> impl Iterator<Item = &'static FeatureInfo> {
    FEATURES.iter().map(|feature| feature.info).filter(move |info| {
        if reach.accounts.is_empty() {
            !info.profiles.is_empty()
        } else {
            reach.accounts.iter().any(|account| view.directory.settings(account, info).is_some())
        }
    })
}

fn regions(view: &OrganizationView<'_>, reach: &Reach<'_>) -> BTreeSet<String> {
    let of_accounts = reach.accounts.iter().flat_map(|account| view.directory.regions(account));
    let all = if reach.accounts.is_empty() { view.directory.regions.iter() } else { [].iter() };
    of_accounts.chain(all).map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use dodai_policy::reference::Reference;

    use super::*;

    #[test]
    fn every_call_of_a_feature_has_an_action_that_aws_documents() {
        for feature in FEATURES {
            for call in feature.info.calls {
                let action = permission_of(call);
                let known = action.as_deref().is_some_and(|action| Reference::embedded().action(action).is_some());
                assert!(known, "{}: {call} is {action:?}", feature.info.id);
            }
        }
    }
    /// AWS's reference names the actions that another one may ask for besides.
    #[test]
    fn whoever_hands_a_role_over_says_so() {
        for feature in FEATURES {
            let passes = |action: &String| {
                let found = Reference::embedded().action(action);
                found.is_some_and(|(_, found)| found.dependents.iter().any(|dependent| dependent == PASS_ROLE))
            };
            let needed = feature.info.calls.iter().filter_map(|call| permission_of(call)).any(|action| passes(&action));
            let said = besides(feature.info).any(|action| action == PASS_ROLE);
            assert!(said || !needed, "{}: `grants.yaml` does not say that it hands a role over", feature.info.id);
        }
    }
}
