//! The policy that a file of tests stands beside, alone: everything else allows.

use std::sync::{Arc, LazyLock};

use dodai_document::Place;
use dodai_facts::AccountId;

use crate::PolicyType;
use crate::decide::{Policies, Policy};
use crate::explain::LevelNames;
use crate::language::{Document, Effect, List, Principal, PrincipalKind, Principals, Statement, Text, Version};

/// The account of principals, and of resources, where a test says none.
pub(super) const ACCOUNT: &str = "111122223333";
/// The management account of tests without an organization.
pub(super) const MANAGEMENT_ACCOUNT: &str = "999999999999";

/// A service or resource control policy under test.
#[derive(Debug, Clone)]
pub struct Subject {
    pub(super) policy: Arc<Policy>,
    side: Side,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Service,
    Resource,
}

impl Side {
    fn of(kind: &PolicyType) -> Option<Self> {
        match kind.folder {
            "service-control" => Some(Self::Service),
            "resource-control" => Some(Self::Resource),
            _ => None,
        }
    }
}

impl Subject {
    /// None for a type of policy that does not decide requests.
    pub fn new(kind: &PolicyType, policy: Arc<Policy>) -> Option<Self> {
        Some(Self { policy, side: Side::of(kind)? })
    }

    /// The resource is in the account that the test is about, whatever its ARN leaves out.
    pub(super) fn places_resource(&self) -> bool {
        self.side == Side::Resource
    }

    /// The policy, attached at the one level that there is, beside what AWS gives; identity and resource allow everything.
    pub(super) fn policies(&self) -> (Policies, LevelNames) {
        let mut policies = everything_else_allows();
        policies.management_account = MANAGEMENT_ACCOUNT.parse::<AccountId>().ok();
        let names = vec!["of the test".to_owned()];
        let level = |given: &Arc<Policy>| Some(vec![vec![Arc::clone(given), Arc::clone(&self.policy)]]);
        match self.side {
            Side::Service => {
                policies.scps = level(&FULL_AWS_ACCESS);
                (policies, LevelNames { scps: names, rcps: Vec::new() })
            }
            Side::Resource => {
                policies.rcps = level(&RCP_FULL_AWS_ACCESS);
                (policies, LevelNames { scps: Vec::new(), rcps: names })
            }
        }
    }
}

/// The policy of this type that AWS attaches everywhere, and that stays: `FullAWSAccess`, `RCPFullAWSAccess`. None for
/// types that have none.
///
/// AWS: "SCP evaluation", "Resource control policies (RCPs)".
pub fn given(kind: &PolicyType) -> Option<Arc<Policy>> {
    match Side::of(kind)? {
        Side::Service => Some(Arc::clone(&FULL_AWS_ACCESS)),
        Side::Resource => Some(Arc::clone(&RCP_FULL_AWS_ACCESS)),
    }
}

/// Identity and resource policies that allow everything, and nothing of the organization.
pub(super) fn everything_else_allows() -> Policies {
    Policies { identity: vec![Arc::clone(&IDENTITY)], resource: Some(Arc::clone(&RESOURCE)), ..Policies::default() }
}

static IDENTITY: LazyLock<Arc<Policy>> = LazyLock::new(|| allow_everything("supposed", false));
static RESOURCE: LazyLock<Arc<Policy>> = LazyLock::new(|| allow_everything("supposed", true));
static FULL_AWS_ACCESS: LazyLock<Arc<Policy>> = LazyLock::new(|| allow_everything("FullAWSAccess", false));
static RCP_FULL_AWS_ACCESS: LazyLock<Arc<Policy>> = LazyLock::new(|| allow_everything("RCPFullAWSAccess", true));

fn allow_everything(name: &str, to_everybody: bool) -> Arc<Policy> {
    let text = || Text { value: "*".to_owned(), place: Place::FILE };
    let list = || List { place: Place::FILE, negated: false, values: vec![text()] };
    let everybody = || Principals {
        place: Place::FILE,
        negated: false,
        values: vec![Principal { kind: PrincipalKind::Aws, value: text() }],
    };
    let statement = Statement {
        place: Place::FILE,
        sid: None,
        effect: Effect::Allow,
        principals: to_everybody.then(everybody),
        actions: list(),
        resources: Some(list()),
        conditions: Vec::new(),
    };
    let document = Document { version: Version::V2012, id: None, statements: vec![statement] };
    Arc::new(Policy::new(name, "", document))
}
