//! Who can do what: over many principals and their policies, as one finds them in an organization.
//!
//! An answer holds for a principal that makes the request itself, without session policies. A condition key that is not
//! given makes it `depends`, with the keys. AWS: "IAM Access Analyzer custom policy checks" (`CheckAccessNotGranted`).

mod granted;
mod what;
mod who;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use dodai_facts::AccountId;

use crate::decide::{Policies, Policy};

pub use granted::{Access, Granted, granted};
pub use what::{Grant, what_can};
pub use who::{Can, Question, Reach, who_can};

/// A user, a role or an account's root user, with the policies that are its own.
#[derive(Debug, Clone, Default)]
pub struct Entity {
    pub arn: String,
    /// Inline, attached, and of its groups.
    pub identity: Vec<Arc<Policy>>,
    pub boundary: Option<Arc<Policy>>,
}

/// The organization's policies along the path to an account, the root's first.
#[derive(Debug, Clone, Default)]
pub struct Chains {
    pub scps: Option<Vec<Vec<Arc<Policy>>>>,
    pub rcps: Option<Vec<Vec<Arc<Policy>>>>,
    /// The organization's id and the path to the account's unit, as `aws:PrincipalOrgPaths` has it; empty: not known.
    pub organization: Option<(String, String)>,
}

/// Everybody who may ask, and everything that has a policy.
#[derive(Debug, Clone, Default)]
pub struct Estate {
    pub entities: Vec<Entity>,
    /// By the resource's ARN.
    pub resource_policies: BTreeMap<String, Arc<Policy>>,
    pub accounts: BTreeMap<AccountId, Chains>,
    pub management_account: Option<AccountId>,
}

impl Estate {
    /// The policies that bear on a request of `entity` for a resource of `account` that has this policy.
    fn policies(&self, entity: &Entity, account: Option<&str>, resource: Option<&Arc<Policy>>) -> Policies {
        let chains = |account: &str| self.accounts.get(&account.parse::<AccountId>().ok()?);
        Policies {
            identity: entity.identity.clone(),
            boundary: entity.boundary.clone(),
            resource: resource.cloned(),
            scps: account_of(&entity.arn).and_then(chains).and_then(|chains| chains.scps.clone()),
            rcps: account.and_then(chains).and_then(|chains| chains.rcps.clone()),
            management_account: self.management_account.clone(),
            ..Policies::default()
        }
    }

    fn organization(&self, arn: &str) -> Option<(String, String)> {
        self.accounts.get(&account_of(arn)?.parse().ok()?)?.organization.clone()
    }
}

/// The account id that an ARN names.
fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}
