//! The organization's own features: units, accounts, policies. They are planned once, from the directory
//! and the tables of AWS Organizations. One file each; this is the list of all, in the order in which they plan.

mod accounts;
mod guardrail;
mod lifting;
mod policies;
mod policy_attachments;
mod policy_types;
mod tree;
mod under;
mod units;

use std::collections::BTreeMap;

use dodai_facts::{AccountId, Call, Failure, FailureKind, FeatureInfo, Region, Row};
use dodai_org::Directory;
use serde_json::Value;

use crate::{Out, View, row};

pub(crate) use accounts::ID as ACCOUNTS_ID;
pub use guardrail::actions;
pub(crate) use lifting::{Lift, order as order_lifts};

/// A feature of the organization as a whole.
#[derive(Debug, Clone, Copy)]
pub struct OrganizationFeature {
    pub info: &'static FeatureInfo,
    pub plan: fn(&OrganizationView<'_>, &mut Out) -> Result<(), Failure>,
}

pub const ORGANIZATION_FEATURES: &[OrganizationFeature] =
    &[units::FEATURE, policy_types::FEATURE, policies::FEATURE, accounts::FEATURE, policy_attachments::FEATURE];

const ROOTS: &str = "aws_organizations_root";
const UNITS: &str = "aws_organizations_unit";
const ACCOUNTS: &str = "aws_organizations_account";
const POLICIES: &str = "aws_organizations_policy";
const ATTACHMENTS: &str = "aws_organizations_policy_attachment";

/// What the tree of units is read from.
const ROOT_READS: (&str, &[&str]) = (ROOTS, &["Id", "PolicyTypes"]);
const UNIT_READS: (&str, &[&str]) = (UNITS, &["Id", "Name", "parent_id"]);
/// What accounts are told apart by, and where they are.
const ACCOUNT_READS: (&str, &[&str]) = (ACCOUNTS, &["Id", "Email", "Name", "State", "Status", "parent_id"]);

/// What a feature of the organization sees: the management account's cell view, and the directory.
#[derive(Debug, Clone, Copy)]
pub struct OrganizationView<'a> {
    pub view: View<'a>,
    pub directory: &'a Directory,
}

/// Everything that the organization's features say.
pub fn plan_organization(view: &View<'_>, directory: &Directory, selected: &[String]) -> Out {
    let mut out = Out::default();
    for feature in ORGANIZATION_FEATURES {
        if !selected.is_empty() && !selected.iter().any(|id| id == feature.info.id) {
            continue;
        }
        let own = OrganizationView { view: View { feature: feature.info, ..*view }, directory };
        let mut answer = Out::default();
        match (feature.plan)(&own, &mut answer) {
            Ok(()) => out.append(answer),
            Err(failure) => out.block(&own.view, failure),
        }
    }
    out
}

impl<'a> OrganizationView<'a> {
    /// AWS Organizations answers in one Region; the endpoint rules send the call there.
    fn call(&self, operation: &str, params: Value) -> Call {
        let (account, region): (&AccountId, &Region) = (&self.view.context.management, &self.view.context.home);
        Call::new("organizations", operation, account, region, params)
    }

    fn root_id(&self) -> Result<String, Failure> {
        match self.view.row(ROOTS)? {
            Some(root) => Ok(row::text(root, "Id")?.to_owned()),
            None => Err(Failure {
                kind: FailureKind::Absent,
                ..self.view.failure("NoRoot", "the organization has no root".to_owned())
            }),
        }
    }

    /// The ids of the units that exist, by path; the root's among them. Names with a `/`, which the directory does
    /// not have, are left out.
    fn unit_ids(&self) -> Result<BTreeMap<String, Value>, Failure> {
        tree::ids(&self.root_id()?, self.view.rows(UNITS)?)
    }

    /// A unit's id as a parameter: known, or taken from the reply that makes it.
    fn unit_id(&self, ids: &BTreeMap<String, Value>, path: &str) -> Value {
        ids.get(path)
            .cloned()
            .unwrap_or_else(|| crate::reply_of(&self.view.global_id(units::ID, path), 0, "OrganizationalUnit.Id"))
    }

    /// The accounts that exist, by their names in the directory: by the pinned id, else by e-mail address.
    pub fn existing(&self) -> Result<BTreeMap<String, &'a Row>, Failure> {
        let mut by_id = BTreeMap::new();
        let mut by_email = BTreeMap::new();
        for account in self.view.rows(ACCOUNTS)? {
            by_id.insert(row::text(account, "Id")?, account);
            by_email.insert(row::text(account, "Email")?.to_ascii_lowercase(), account);
        }
        let found = self.directory.accounts.iter().filter_map(|account| {
            let there = match &account.id {
                Some(id) => by_id.get(id.as_str()),
                None => by_email.get(&account.email.to_ascii_lowercase()),
            };
            Some((account.name.clone(), *there?))
        });
        Ok(found.collect())
    }
}

/// The state of an account's row: `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE` … AWS Organizations gives it as `State`;
/// the older `Status` was to be retired in September 2026 and counts where there is no `State`.
pub fn account_state(account: &Row) -> Result<&str, Failure> {
    let state = row::text(account, "State")?;
    if state.is_empty() { row::text(account, "Status") } else { Ok(state) }
}
