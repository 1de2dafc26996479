//! Whom a statement lets in: one named party, and whose it is.

use dodai_facts::AccountId;

use super::providers;
use crate::language::{Principal, PrincipalKind};

/// What a party is named by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartyKind {
    /// Anybody at all.
    Everyone,
    /// An account, or something in one.
    Account,
    /// An organization, or a path in one.
    Organization,
    /// An AWS service, on behalf of whoever uses it.
    Service,
    /// An identity provider's users.
    Federated,
    /// A VPC, an endpoint, a block of addresses.
    Network,
    CanonicalUser,
    /// Fixed, though nothing says whose it is: a bucket, a unique id, an origin access identity.
    Other,
}

impl PartyKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Account => "account",
            Self::Organization => "organization",
            Self::Service => "service",
            Self::Federated => "federated",
            Self::Network => "network",
            Self::CanonicalUser => "canonical_user",
            Self::Other => "other",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Party {
    pub(super) kind: PartyKind,
    /// As the policy names it.
    pub(super) name: String,
    /// The account's or organization's id, where the name has it.
    pub(super) owner: Option<String>,
}

impl Party {
    pub(super) fn new(kind: PartyKind, name: &str, owner: Option<&str>) -> Self {
        Self { kind, name: name.to_owned(), owner: owner.map(str::to_owned) }
    }

    /// One of ours: its owner is trusted, or its very name (a VPC's id, a canonical user's).
    pub(super) fn is_trusted(&self, trusted: &[&str]) -> bool {
        trusted.iter().any(|known| *known == self.name || Some(*known) == self.owner.as_deref())
    }
}

/// What a principal of a statement comes to.
pub(super) enum Named {
    Party(Party),
    /// A unique id of something that was deleted.
    Nobody,
    /// Not a fixed value.
    Everyone,
    /// Everyone who signs up with this provider, unless a condition says whose token it is.
    Members(&'static providers::Provider, Party),
}

/// AWS: "AWS JSON policy elements: Principal", which has no wildcard but a whole `*`. What has one nevertheless is read
/// as a pattern, so that nothing open passes for closed.
pub(super) fn named(principal: &Principal) -> Named {
    let value = principal.value.value.as_str();
    if value == "*" && principal.kind != PrincipalKind::Service {
        return Named::Everyone;
    }
    match principal.kind {
        PrincipalKind::Aws => aws(value),
        PrincipalKind::Service => Named::Party(Party::new(PartyKind::Service, value, None)),
        PrincipalKind::CanonicalUser => Named::Party(Party::new(PartyKind::CanonicalUser, value, None)),
        PrincipalKind::Federated => {
            let party = Party::new(PartyKind::Federated, value, account_of(value));
            match providers::shared(value) {
                Some(provider) => Named::Members(provider, party),
                None => Named::Party(party),
            }
        }
    }
}

fn aws(value: &str) -> Named {
    if is_account(value) {
        return Named::Party(Party::new(PartyKind::Account, value, Some(value)));
    }
    if let Some(account) = account_of(value) {
        return Named::Party(Party::new(PartyKind::Account, value, Some(account)));
    }
    if is_wild(value) {
        return Named::Everyone;
    }
    if is_unique_id(value) {
        return Named::Nobody;
    }
    Named::Party(Party::new(PartyKind::Other, value, None))
}

/// The account in an ARN, where it stands before any wildcard.
pub(super) fn account_of(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let fixed = parts.next() == Some("arn");
    let account = parts.nth(3)?;
    let prefix = arn.split(['*', '?']).next().unwrap_or_default();
    let before = prefix.splitn(6, ':').count() == 6;
    (fixed && before && parts.next().is_some() && is_account(account)).then_some(account)
}

pub(super) fn is_account(text: &str) -> bool {
    text.parse::<AccountId>().is_ok()
}

pub(super) fn is_wild(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// AWS: "IAM identifiers" (unique identifiers): what a principal turns into when it is deleted.
fn is_unique_id(text: &str) -> bool {
    const PREFIXES: [&str; 3] = ["AIDA", "AROA", "AGPA"];
    text.len() >= 16
        && PREFIXES.iter().any(|prefix| text.starts_with(prefix))
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
