//! How long a policy may be, and how many may be attached: AWS's defaults, as data with dates. Quotas that were read
//! online go before them.

use std::collections::BTreeMap;

use super::Kind;

/// What AWS publishes for one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub kind: Kind,
    /// The most characters of a document without white space outside of quotes.
    pub characters: usize,
    /// The most policies on one root, unit or account.
    pub attached: Option<usize>,
    /// Whether an organization or account may get more.
    pub adjustable: bool,
    /// Where an account's own value can be read; none where Service Quotas has no code of it that AWS publishes.
    pub quota: Option<Quota>,
    /// In force since, or as read on.
    pub date: &'static str,
    /// The AWS page.
    pub source: &'static str,
}

/// A quota of Service Quotas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quota {
    /// The service code.
    pub service: &'static str,
    pub code: &'static str,
}

const ORGANIZATIONS: &str = "Quotas and service limits for AWS Organizations";
const IAM: &str = "IAM and AWS STS quotas";
const PRIVATE_LINK: &str = "AWS PrivateLink quotas";

const fn limit(
    kind: Kind,
    characters: usize,
    attached: Option<usize>,
    adjustable: bool,
    date: &'static str,
    source: &'static str,
) -> Limit {
    Limit { kind, characters, attached, adjustable, quota: quota_of(kind), date, source }
}

/// The codes: "AWS Organizations endpoints and quotas", "AWS Identity and Access Management endpoints and quotas".
const fn quota_of(kind: Kind) -> Option<Quota> {
    match kind {
        Kind::ServiceControl => Some(Quota { service: "organizations", code: "L-C48BCE79" }),
        Kind::Trust => Some(Quota { service: "iam", code: "L-C07B4B0D" }),
        _ => None,
    }
}

/// Resource-based policies are not among them: each service has its own limit (`resource_limits.rs`).
pub const LIMITS: &[Limit] = &[
    limit(Kind::ServiceControl, 10_240, Some(10), false, "2026-05-15", ORGANIZATIONS),
    limit(Kind::ResourceControl, 5_120, Some(5), false, "2026-05-15", ORGANIZATIONS),
    // The least of all uses that a role's policy may have: inline in a role there may be 10,240 in all.
    limit(Kind::Identity, 6_144, None, false, "2026-09-26", IAM),
    limit(Kind::Boundary, 6_144, None, false, "2026-09-26", IAM),
    limit(Kind::Trust, 2_048, None, true, "2026-09-26", IAM),
    limit(Kind::Session, 2_048, None, false, "2026-09-26", IAM),
    limit(Kind::Endpoint, 20_480, None, false, "2026-09-26", PRIVATE_LINK),
];

/// The limits in force: [`LIMITS`], but for what was read online.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    pub characters: BTreeMap<Kind, usize>,
    pub attached: BTreeMap<Kind, usize>,
}

impl Limits {
    /// AWS's default of a kind.
    pub fn published(kind: Kind) -> Option<&'static Limit> {
        LIMITS.iter().find(|limit| limit.kind == kind)
    }

    pub fn characters(&self, kind: Kind) -> Option<usize> {
        let read = self.characters.get(&kind).copied();
        read.or_else(|| Self::published(kind).map(|limit| limit.characters))
    }

    pub fn attached(&self, kind: Kind) -> Option<usize> {
        let read = self.attached.get(&kind).copied();
        read.or_else(|| Self::published(kind).and_then(|limit| limit.attached))
    }
}
