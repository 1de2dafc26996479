//! Whether a condition holds for fixed values only, and for which.

use std::net::IpAddr;

use super::keys::{self, Names};
use super::party::{Party, PartyKind, account_of, is_account, is_wild};
use super::providers::Provider;
use crate::language::{Comparison, Condition, Quantifier, Version};

/// AWS: "The meaning of public": broader blocks are as good as everyone.
const BROADEST: (u8, u8) = (8, 32);

/// How values are compared with the key's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    Literal,
    Wildcards,
    /// Six parts compared one by one: a wildcard ends at a colon, except in the last.
    Arn,
    Addresses,
    Boolean,
}

/// The comparison, and whether the condition holds where it does not match.
fn matching(comparison: Comparison) -> Option<(Match, bool)> {
    use Comparison as C;
    let matching = match comparison {
        C::StringEquals | C::StringEqualsIgnoreCase | C::StringNotEquals | C::StringNotEqualsIgnoreCase => {
            Match::Literal
        }
        C::StringLike | C::StringNotLike => Match::Wildcards,
        C::ArnEquals | C::ArnLike | C::ArnNotEquals | C::ArnNotLike => Match::Arn,
        C::IpAddress | C::NotIpAddress => Match::Addresses,
        C::Bool => Match::Boolean,
        _ => return None,
    };
    Some((matching, comparison.is_negated()))
}

/// For whom the condition can hold; none where that may be everyone. `all` are the statement's conditions.
pub(super) fn holds_for(condition: &Condition, all: &[Condition], version: Version) -> Option<Vec<Party>> {
    let (matching, false) = matching(condition.operator.comparison)? else { return None };
    let needs_key = !condition.operator.if_exists && condition.operator.quantifier != Some(Quantifier::All);
    if !needs_key && !is_asked_for(&condition.key.value, all) {
        return None;
    }
    parties(condition, matching, "true", version)
}

/// For whom the condition can fail; none where that may be everyone. An absent key must make it hold.
pub(super) fn fails_for(condition: &Condition, version: Version) -> Option<Vec<Party>> {
    let (matching, negated) = matching(condition.operator.comparison)?;
    let holds_without_key = condition.operator.if_exists || condition.operator.quantifier != Some(Quantifier::Any);
    match matching {
        // Requests without credentials have no such key.
        Match::Boolean if condition.operator.if_exists && condition.operator.quantifier.is_none() => {
            parties(condition, matching, "false", version)
        }
        Match::Boolean => None,
        _ if negated && holds_without_key => parties(condition, matching, "", version),
        _ => None,
    }
}

/// Whether the tokens for which the condition holds are of fixed members of a shared provider.
pub(super) fn fixes_members(provider: &Provider, condition: &Condition, all: &[Condition], version: Version) -> bool {
    let Some((matching @ (Match::Literal | Match::Wildcards), false)) = matching(condition.operator.comparison) else {
        return false;
    };
    let key = &condition.key.value;
    let needs_key = !condition.operator.if_exists && condition.operator.quantifier != Some(Quantifier::All);
    let fixed =
        |value: &str| !has_variable(value, version) && provider.is_fixed(key, value, matching == Match::Literal);
    provider.tells_apart(key)
        && (needs_key || is_asked_for(key, all))
        && condition.values.iter().all(|value| fixed(&value.value))
}

/// Whether `Null` says that the key must be there.
fn is_asked_for(key: &str, all: &[Condition]) -> bool {
    all.iter().any(|condition| {
        condition.operator.comparison == Comparison::Null
            && condition.key.value.eq_ignore_ascii_case(key)
            && !condition.values.is_empty()
            && condition.values.iter().all(|value| value.value.eq_ignore_ascii_case("false"))
    })
}

/// Whom the values name, if each is fixed. `boolean`: what a boolean's values must all be.
fn parties(condition: &Condition, matching: Match, boolean: &str, version: Version) -> Option<Vec<Party>> {
    let names = keys::names(&condition.key.value)?;
    let mut parties = Vec::new();
    for value in &condition.values {
        let value = value.value.as_str();
        if has_variable(value, version) {
            return None;
        }
        let found = match (names, matching) {
            (Names::IsService, Match::Boolean) if value.eq_ignore_ascii_case(boolean) => {
                Party::new(PartyKind::Service, "*", None)
            }
            (Names::IsMounted, Match::Boolean) if value.eq_ignore_ascii_case(boolean) => {
                Party::new(PartyKind::Network, "the file system's mount targets", None)
            }
            (Names::Addresses, Match::Addresses) => match narrow(value) {
                Some(true) => Party::new(PartyKind::Network, value, None),
                Some(false) => return None,
                // No block: it matches nothing.
                None => continue,
            },
            (Names::Arn, Match::Literal | Match::Wildcards | Match::Arn) => arn(value, matching)?,
            (Names::IsService | Names::IsMounted | Names::Addresses, _) | (_, Match::Addresses | Match::Boolean) => {
                return None;
            }
            (_, Match::Arn) => return None,
            (names, matching) => text(names, value, matching == Match::Literal || !is_wild(value))?,
        };
        parties.push(found);
    }
    Some(parties)
}

/// What a text that is not an ARN names.
fn text(names: Names, value: &str, whole: bool) -> Option<Party> {
    let prefix = if whole { value } else { value.split(['*', '?']).next().unwrap_or_default() };
    let until = |end: char| prefix.split_once(end).map(|(owner, _)| owner).filter(|owner| !owner.is_empty());
    match names {
        // AWS gives this word for requests without credentials.
        Names::Account if value.eq_ignore_ascii_case("anonymous") => None,
        Names::Account if whole => {
            let owner = is_account(value).then_some(value);
            Some(Party::new(PartyKind::Account, value, owner))
        }
        Names::Organization if whole => Some(Party::new(PartyKind::Organization, value, Some(value))),
        Names::OrganizationPath => match until('/') {
            Some(owner) => Some(Party::new(PartyKind::Organization, value, Some(owner))),
            None => whole.then(|| Party::new(PartyKind::Organization, value, Some(value))),
        },
        Names::Network if whole => Some(Party::new(PartyKind::Network, value, None)),
        Names::UserId if whole || until(':').is_some() => {
            let owner = until(':').unwrap_or(value);
            Some(Party::new(PartyKind::Other, value, is_account(owner).then_some(owner)))
        }
        // Whichever services these are, they are AWS's.
        Names::Service => Some(Party::new(PartyKind::Service, value, None)),
        _ => None,
    }
}

/// Whose an ARN with or without wildcards is.
fn arn(value: &str, matching: Match) -> Option<Party> {
    if matching == Match::Literal || !is_wild(value) {
        let kind = if account_of(value).is_some() { PartyKind::Account } else { PartyKind::Other };
        return Some(Party::new(kind, value, account_of(value)));
    }
    if matching == Match::Wildcards {
        // A wildcard before the account may run over it.
        if let Some(account) = account_of(value) {
            return Some(Party::new(PartyKind::Account, value, Some(account)));
        }
    }
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    let [_, _, service, _, account, resource] = parts.as_slice() else { return None };
    if matching == Match::Arn && is_account(account) {
        return Some(Party::new(PartyKind::Account, value, Some(account)));
    }
    // The names of buckets are unique, and their ARNs have no account. A pattern for the account is one for access points
    // too, whose names are not unique.
    let fixed = if account.is_empty() {
        let in_place = matching == Match::Arn || value.split(['*', '?']).next()?.splitn(6, ':').count() == 6;
        in_place && (!is_wild(resource) || resource.split(['*', '?']).next()?.contains('/'))
    } else {
        matching == Match::Arn
            && account.chars().all(|sign| sign == '*')
            && !is_wild(resource)
            && !resource.contains('/')
    };
    let fixed = fixed && *service == "s3";
    fixed.then(|| Party::new(PartyKind::Other, value, None))
}

/// Whether a block of addresses is narrow enough; none where it is no block.
fn narrow(text: &str) -> Option<bool> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let broadest = match address.parse::<IpAddr>().ok()? {
        IpAddr::V4(_) => BROADEST.0,
        // IPv4 written as IPv6.
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some() => 96 + BROADEST.0,
        IpAddr::V6(_) => BROADEST.1,
    };
    Some(prefix.is_none_or(|prefix| prefix >= broadest))
}

/// A policy variable is no fixed value. Documents of 2008-10-17 have none.
fn has_variable(value: &str, version: Version) -> bool {
    version == Version::V2012 && value.contains("${")
}
