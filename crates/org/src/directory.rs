//! The directory as read: what every other room asks about units, accounts, policies and settings.

use std::collections::BTreeMap;

use dodai_facts::{AccountId, Problem, Profile, Region};
use serde_json::{Map, Value, json};

use crate::PolicyType;
use crate::form::ROOT;
use crate::policy::Policy;
use crate::settings::{Features, OptIn};

/// Type of policy -> names of the policies of that type that are attached, in the author's order.
pub type Policies = BTreeMap<&'static PolicyType, Vec<String>>;

/// An organization as its directory describes it. Every name in it has been checked: units and policies
/// that are referred to exist, accounts are unique, exactly one is the management account.
#[derive(Debug, Clone, PartialEq)]
pub struct Directory {
    /// `o-…`
    pub organization: String,
    pub home_region: Region,
    /// The active Regions, the home Region among them, in the author's order.
    pub regions: Vec<Region>,
    /// The root: its path is [`ROOT`].
    pub root: Unit,
    /// All units below the root, parents before their children, else in the author's order.
    pub units: Vec<Unit>,
    /// By name.
    pub accounts: Vec<Account>,
    /// By type and name.
    pub policies: Vec<Policy>,
    /// Settings for all accounts.
    pub features: Features,
    pub profiles: BTreeMap<Profile, Features>,
    pub roles: Roles,
    /// Names and `*` patterns of the roles that guardrails must exempt.
    pub operators: Vec<String>,
    /// The name of the account that keeps the organization's logs.
    pub log_archive: Option<String>,
    pub state: State,
    /// Controls that are off: id -> reason.
    pub controls_off: BTreeMap<String, String>,
    pub standards: Vec<String>,
    pub exceptions: Vec<Exception>,
    /// `tables/*.yaml`, `controls/*.sql` and `controls/*.cases.yaml` as written, by path.
    pub user_tables: Vec<UserFile>,
    pub user_controls: Vec<UserFile>,
    pub user_cases: Vec<UserFile>,
    /// What is not wrong but probably not meant.
    pub warnings: Vec<Problem>,
}

/// An organizational unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// `Default/Sandbox`
    pub path: String,
    pub policies: Policies,
}

impl Unit {
    /// `Sandbox`
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The path of the unit above; none for the root.
    pub fn parent(&self) -> Option<&str> {
        match self.path.rsplit_once('/') {
            Some((parent, _)) => Some(parent),
            None if self.path == ROOT => None,
            None => Some(ROOT),
        }
    }
}

/// One account file.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// The file's name without its suffix: how the directory, plans and output call the account.
    pub name: String,
    /// The name that AWS shows.
    pub display_name: String,
    pub email: String,
    /// None until the account exists and somebody has written its id down.
    pub id: Option<AccountId>,
    pub management: bool,
    /// The path of its unit, or [`ROOT`].
    pub unit: String,
    pub profile: Profile,
    pub opt_in: OptIn,
    pub features: Features,
    /// Attached to the account itself.
    pub policies: Policies,
    pub owner: Option<String>,
    pub contacts: Contacts,
    pub tags: BTreeMap<String, String>,
    /// Its active Regions where they are fewer than the organization's.
    pub regions: Option<Vec<Region>>,
    /// `accounts/<name>.yaml`
    pub file: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contacts {
    pub billing: Option<Contact>,
    pub operations: Option<Contact>,
    pub security: Option<Contact>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub name: String,
    pub title: String,
    pub email: String,
    pub phone: String,
}

impl Contacts {
    /// Those that are given: `{"security": {"name": …, "title": …, "email": …, "phone": …}}`.
    pub(crate) fn settings(&self) -> Map<String, Value> {
        let all = [("billing", &self.billing), ("operations", &self.operations), ("security", &self.security)];
        let given = all.into_iter().filter_map(|(kind, contact)| {
            let Contact { name, title, email, phone } = contact.as_ref()?;
            Some((kind.to_owned(), json!({ "name": name, "title": title, "email": email, "phone": phone })))
        });
        given.collect()
    }
}

/// How Dodai enters the accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    pub member: String,
    pub external_id: Option<String>,
    /// Names and `*` patterns of the roles that may change networks where guardrails deny it to others.
    pub network: Vec<String>,
}

/// Where runs, journal and lock are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// A folder; relative to the directory unless absolute.
    Folder(String),
    /// The prefix has no `/` at its ends and may be empty.
    S3 { bucket: String, prefix: String },
}

/// A risk that somebody accepts for a time. Whether its time is over is not judged here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    pub control: String,
    pub resource: Option<String>,
    /// The account's name. Of `resource` and `account` at least one is given.
    pub account: Option<String>,
    pub owner: String,
    pub reason: String,
    /// The last day, `2026-12-31`.
    pub until: String,
    /// The line in `exceptions.yaml`.
    pub line: usize,
    pub column: usize,
}

/// A file that another room reads: a table, a control, a control's cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserFile {
    pub path: String,
    pub text: String,
}

impl Directory {
    pub fn account(&self, name: &str) -> Option<&Account> {
        let at = self.accounts.binary_search_by(|account| account.name.as_str().cmp(name)).ok()?;
        self.accounts.get(at)
    }

    /// The one with `management: true`.
    pub fn management(&self) -> Option<&Account> {
        self.accounts.iter().find(|account| account.management)
    }

    /// The accounts of a unit and of the units below it; of [`ROOT`]: all.
    pub fn accounts_in<'d>(&'d self, path: &'d str) -> impl Iterator<Item = &'d Account> {
        self.accounts.iter().filter(move |account| within(&account.unit, path))
    }

    /// The unit of a path, or the root.
    pub fn unit(&self, path: &str) -> Option<&Unit> {
        std::iter::once(&self.root).chain(&self.units).find(|unit| unit.path == path)
    }

    /// The paths of all units below the root, parents before their children.
    pub fn unit_paths(&self) -> impl Iterator<Item = &str> {
        self.units.iter().map(|unit| unit.path.as_str())
    }

    pub fn policy(&self, kind: &PolicyType, name: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.kind == kind && policy.name == name)
    }

    /// The active Regions of an account, the home Region among them.
    pub fn regions<'d>(&'d self, account: &'d Account) -> &'d [Region] {
        account.regions.as_deref().unwrap_or(&self.regions)
    }
}

fn within(unit: &str, path: &str) -> bool {
    path == ROOT || unit.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
