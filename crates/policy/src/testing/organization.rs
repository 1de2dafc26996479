//! The organization as tests see it: accounts, where they stand, and the policies of every level above them.

use std::sync::Arc;

use dodai_document::{Place, Problems, quote, suggest};
use dodai_facts::{AccountId, Partition};

use super::file::{At, Test};
use crate::decide::{Given, Policy};
use crate::pattern::glob;

/// The path of the root.
pub const ROOT: &str = "Root";

/// The organization of a directory.
#[derive(Debug, Clone)]
pub struct Organization {
    /// `o-…`
    pub id: String,
    pub partition: Partition,
    /// The name of the management account, which policies of the organization do not limit.
    pub management_account: String,
    pub accounts: Vec<Account>,
}

/// An account of the directory.
#[derive(Debug, Clone)]
pub struct Account {
    pub name: String,
    /// None until the account exists.
    pub id: Option<AccountId>,
    /// The unit's path, `Default/Sandbox`, or [`ROOT`].
    pub unit: String,
    /// The root's first, the account's own last, with the policies that AWS gives (`FullAWSAccess`). None: the type is not
    /// enabled.
    pub scps: Option<Vec<Level>>,
    pub rcps: Option<Vec<Level>>,
}

/// One level: the root, a unit, or an account.
#[derive(Debug, Clone)]
pub struct Level {
    /// `Root`, `Default/Sandbox`, `web-production`
    pub name: String,
    pub policies: Vec<Arc<Policy>>,
}

/// Stands, in the values of a test's condition keys, for the id of the organization: the same tests hold in another one.
const ID: &str = "{{organization}}";

/// Stands for the id of an account that has none yet.
pub(super) const NO_ID_YET: &str = "000000000000";

impl Organization {
    /// The positions of the accounts that a pattern means: an account by its name, a unit by its path (with all below it), or
    /// a pattern with `*` and `?` over names, the paths of units, and both joined (`Default/Sandbox/dev`). The management
    /// account is meant only by its name: policies of the organization do not limit it.
    pub fn matching(&self, pattern: &str) -> Vec<usize> {
        let wild = pattern.contains(['*', '?']);
        let fits = |account: &Account| {
            if account.name == self.management_account {
                return account.name == pattern;
            }
            let matches = |text: &str| if wild { glob(pattern, text) } else { pattern == text };
            matches(&account.name) || account.units().any(matches) || matches(&account.path())
        };
        self.accounts.iter().enumerate().filter(|(_, account)| fits(account)).map(|(at, _)| at).collect()
    }

    /// The names that a pattern may be: accounts, then units.
    pub(super) fn names(&self) -> Vec<&str> {
        let mut units: Vec<&str> = self.accounts.iter().flat_map(Account::units).collect();
        units.sort_unstable();
        units.dedup();
        self.accounts.iter().map(|account| account.name.as_str()).chain(units).collect()
    }

    /// A test with this organization's id where it says `{{organization}}`.
    pub(super) fn named_in(&self, test: &Test) -> Test {
        let mut test = test.clone();
        for given in test.when.values_mut() {
            if let Given::Values(values) = &mut given.value {
                for value in values {
                    *value = value.replace(ID, &self.id);
                }
            }
        }
        test
    }

    /// The account of this id.
    pub(super) fn account(&self, id: &str) -> Option<usize> {
        self.accounts.iter().position(|account| account.id.as_ref().is_some_and(|known| known.as_str() == id))
    }

    /// The management account's id, once it is known.
    pub(super) fn management_id(&self) -> Option<AccountId> {
        let account = self.accounts.iter().find(|account| account.name == self.management_account);
        account.and_then(|account| account.id.clone())
    }
}

impl Account {
    /// The paths of its unit and of those above it, the root's first.
    fn units(&self) -> impl Iterator<Item = &str> {
        let below = if self.unit == ROOT { "" } else { self.unit.as_str() };
        let ends = below.match_indices('/').map(|(at, _)| at).chain([below.len()]);
        let paths = ends.filter_map(|end| below.get(..end)).filter(|path| !path.is_empty());
        std::iter::once(ROOT).chain(paths)
    }

    /// `Default/Sandbox/dev`
    fn path(&self) -> String {
        if self.unit == ROOT { self.name.clone() } else { format!("{}/{}", self.unit, self.name) }
    }
}

/// The positions of the accounts that patterns mean, each once. None where one means nothing, or there is no organization:
/// the problems say so.
pub(super) fn accounts(
    patterns: &[At<String>],
    test: Place,
    organization: Option<&Organization>,
    problems: &mut Problems<'_>,
) -> Option<Vec<usize>> {
    let Some(organization) = organization else {
        let help = "leave `account` out: the test is about the policy beside it".to_owned();
        let place = patterns.first().map_or(test, |pattern| pattern.place);
        problems.add(place, "there is no organization here with accounts", Some(help));
        return None;
    };
    let mut accounts = Vec::new();
    let mut all_match = true;
    for pattern in patterns {
        let matching = organization.matching(&pattern.value);
        if matching.is_empty() {
            all_match = false;
            let message = format!("{} means no account", quote(&pattern.value));
            let help = if pattern.value == "*" {
                Some("the management account is meant only by its name".to_owned())
            } else {
                suggest(&pattern.value, organization.names())
            };
            problems.add(pattern.place, message, help);
        }
        accounts.extend(matching);
    }
    accounts.sort_unstable();
    accounts.dedup();
    all_match.then_some(accounts)
}

/// The policies of levels, as the engine takes them. None: the type is not enabled.
pub(super) fn policies(levels: Option<&Vec<Level>>) -> Option<Vec<Vec<Arc<Policy>>>> {
    levels.map(|levels| levels.iter().map(|level| level.policies.clone()).collect())
}

/// The names of levels.
pub(super) fn names(levels: Option<&Vec<Level>>) -> Vec<String> {
    levels.into_iter().flatten().map(|level| level.name.clone()).collect()
}
