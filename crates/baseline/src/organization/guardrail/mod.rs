//! Which policies would stop our own work, so that they are named on their own and wait for a flag: the policy engine is
//! asked whether the roles that we work with may still call what the features call.
//!
//! AWS: "Service control policies (SCPs)", "Resource control policies (RCPs)", "SCP evaluation".

mod found;
mod tries;
mod work;

use std::collections::BTreeSet;
use std::sync::Arc;

use dodai_facts::Problem;
use dodai_org::{Account, Policy};
use dodai_policy::decide::{Judge, Policies, Policy as Compiled};
use dodai_policy::language::{read_json, read_node};

use super::OrganizationView;
use super::policies::resource;
use crate::Danger;
use found::Found;
use tries::Tries;
use work::Work;

pub use work::actions;

/// Which of the types of policy that deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// A service control policy: what the account's own principals may do.
    Principal,
    /// A resource control policy: what may be done with the account's resources.
    Resource,
}

impl Side {
    /// By AWS's name of the type.
    fn of(kind: &str) -> Option<Self> {
        match kind {
            "SERVICE_CONTROL_POLICY" => Some(Self::Principal),
            "RESOURCE_CONTROL_POLICY" => Some(Self::Resource),
            _ => None,
        }
    }
}

/// The accounts that a policy reaches.
#[derive(Debug, Clone)]
pub(super) struct Reach<'a> {
    /// Of the directory, without the management account, which no policy limits.
    pub(super) accounts: Vec<&'a Account>,
    /// It is attached to a unit or the root, where other accounts may come to.
    pub(super) open: bool,
}

impl<'a> Reach<'a> {
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.accounts.iter().map(|account| account.name.as_str())
    }
}

/// What else is attached where a policy is.
#[derive(Debug, Clone, Default)]
pub(super) struct Beside {
    pub(super) policies: Vec<Arc<Compiled>>,
    /// AWS's own `FullAWSAccess` or `RCPFullAWSAccess` is among them.
    pub(super) everything: bool,
}

impl Beside {
    /// Only what denies counts.
    pub(super) fn everything() -> Self {
        Self { policies: read_policy("FullAWSAccess", EVERYTHING).into_iter().collect(), everything: true }
    }
}

/// A document that AWS has; none where it cannot be read, which then allows nothing.
pub(super) fn read_policy(name: &str, text: &str) -> Option<Arc<Compiled>> {
    Some(Arc::new(Compiled::new(name, "", read_json(name, text).ok()?)))
}

/// A policy of the directory, made ready for deciding; none where it cannot be read.
pub(super) fn compiled(policy: &Policy) -> Option<Arc<Compiled>> {
    let document = read_node(&policy.file, &policy.tree).ok()?;
    Some(Arc::new(Compiled::new(resource(policy), policy.file.as_str(), document)))
}

const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;

/// Why a policy may stop our own work where it reaches. What cannot be read may do anything.
pub(super) fn danger(
    view: &OrganizationView<'_>,
    policy: &Policy,
    beside: &Beside,
    reach: &Reach<'_>,
) -> Option<Danger> {
    let side = Side::of(policy.kind.aws)?;
    let named = resource(policy);
    let found = match read_node(&policy.file, &policy.tree) {
        Ok(document) => {
            stopped(view, side, Compiled::new(named.as_str(), policy.file.as_str(), document), beside, reach).text()
        }
        Err(problems) => Some(unreadable(&problems)),
    };
    found.map(|text| Danger::Guardrail(format!("`{named}`: {text}")))
}

/// The same of a policy that AWS has, by its type, name and document; only what it denies counts.
pub(super) fn danger_of(
    view: &OrganizationView<'_>,
    (kind, named): (&str, &str),
    text: &str,
    reach: &Reach<'_>,
) -> Option<Danger> {
    let side = Side::of(kind)?;
    let found = match read_json(named, text) {
        Ok(document) => {
            let policy = Compiled::new(named, named, document);
            stopped(view, side, policy, &Beside::everything(), reach).text()
        }
        Err(problems) => Some(unreadable(&problems)),
    };
    found.map(|text| Danger::Guardrail(format!("`{named}`: {text}")))
}

/// The actions that a policy which AWS has denies the role that we work with. What cannot be read, or depends on more than
/// follows from how we call, is not among them.
pub(super) fn denied(
    view: &OrganizationView<'_>,
    (kind, named): (&str, &str),
    text: &str,
    reach: &Reach<'_>,
) -> BTreeSet<String> {
    let Some(side) = Side::of(kind) else { return BTreeSet::new() };
    let Ok(document) = read_json(named, text) else { return BTreeSet::new() };
    stopped(view, side, Compiled::new(named, named, document), &Beside::everything(), reach).denied()
}

fn unreadable(problems: &[Problem]) -> String {
    format!("it cannot be read: {}", problems.first().map(ToString::to_string).unwrap_or_default())
}

fn stopped(view: &OrganizationView<'_>, side: Side, policy: Compiled, beside: &Beside, reach: &Reach<'_>) -> Found {
    let work = Work::of(view, side, reach);
    let compiled = Arc::new(policy);
    let level: Vec<Arc<Compiled>> =
        std::iter::once(Arc::clone(&compiled)).chain(beside.policies.iter().cloned()).collect();
    let tries = Tries::new(view, compiled.document(), reach);
    let everything = read_policy("everything", EVERYTHING);
    let mut policies =
        Policies { identity: everything.iter().cloned().collect(), resource: everything, ..Policies::default() };
    match side {
        Side::Principal => policies.scps = Some(vec![level]),
        Side::Resource => policies.rcps = Some(vec![level]),
    }
    policies.management_account = Some(view.view.context.management.clone());
    let mut judge = Judge::new(policies);
    let mut found = Found::of(&view.view.context.member_role);
    for operation in work.operations() {
        for request in tries.requests(view, operation, beside.everything) {
            match request.ready {
                Ok(ready) => {
                    let answer = judge.decide(&ready);
                    found.take(&answer, judge.policies(), &request.role, &operation.action);
                }
                Err(error) => found.unknown(&error, &request.role, &operation.action),
            }
        }
    }
    found
}
