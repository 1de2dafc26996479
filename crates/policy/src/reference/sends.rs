//! Whether a request for an action has a condition key. A condition on a key that is never sent decides nothing, or
//! decides what nobody meant; but AWS's pages have gaps, and to say "never" of a key that is sent is worse than to say
//! nothing. So `No` is said only where the reference leaves little doubt.

use std::collections::BTreeSet;

use super::model::{Access, Action, ConditionKey, Service};
use super::{Reference, global, names};

/// What AWS documents about a key in the requests for an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sends {
    /// Documented for the action, or global. The key's [`super::Availability`] says whether every request has it.
    Yes,
    /// Documented for other actions, and not for this one.
    No,
    /// The action or the key is not in the reference, or the reference does not say.
    Unknown,
}

impl Reference {
    /// Both as a policy names them, without wildcards: `s3:GetObject`, `aws:ResourceTag/Team`.
    pub fn sends(&self, action: &str, key: &str) -> Sends {
        let Some((service, action)) = self.action(action) else { return Sends::Unknown };
        if service.lists(action, key) {
            return Sends::Yes;
        }
        match global::find(key) {
            Some(key) => global_key(action, key),
            None => self.service_key(service, key),
        }
    }

    /// A key of a service that AWS does not list for the action.
    fn service_key(&self, service: &Service, key: &str) -> Sends {
        // Keys of identity providers (`saml:aud`) stay with a session, whatever it calls; services that list another's
        // keys show that those travel.
        if self.others().iter().any(|other| names::fits(&other.name, key)) {
            return Sends::Unknown;
        }
        let prefix = key.split(':').next().unwrap_or_default();
        let Some((owner, listings)) = self.place(prefix).and_then(|place| self.listings(place)) else {
            return Sends::Unknown;
        };
        let Some(&listing) = owner.key_place(key).and_then(|place| listings.get(place)) else { return Sends::Unknown };
        if related(&owner.prefix, &service.prefix) {
            return Sends::Unknown;
        }
        // Listed nowhere: the reference does not say where the key is sent. Listed nearly everywhere (`s3:TlsVersion`):
        // what is left out is more likely a gap.
        if listing == 0 || (owner.prefix == service.prefix && listing * 2 > owner.actions.len()) {
            return Sends::Unknown;
        }
        Sends::No
    }

    /// A service, and for each of its keys how many of its actions list it.
    fn listings(&self, place: usize) -> Option<(&Service, &[usize])> {
        let (service, frame) = (self.at(place)?, self.frames.get(place)?);
        Some((service, frame.listings.get_or_init(|| count(service))))
    }
}

fn count(service: &Service) -> Vec<usize> {
    let mut listings = vec![0; service.keys.len()];
    for action in &service.actions {
        let places: BTreeSet<usize> = service.listed(action).filter_map(|key| service.key_place(key)).collect();
        for place in places {
            if let Some(listing) = listings.get_mut(place) {
                *listing += 1;
            }
        }
    }
    listings
}

/// A global key that AWS does not list for the action. Only keys about tags are listed for actions at all.
fn global_key(action: &Action, key: &ConditionKey) -> Sends {
    let reads = matches!(action.access, Access::List | Access::Read);
    match key.name.as_str() {
        // A request that only reads passes no tags.
        "aws:RequestTag/${TagKey}" | "aws:TagKeys" if reads => Sends::No,
        // A request without a resource has no resource's tags; one that creates a resource may have those to come.
        "aws:ResourceTag/${TagKey}" if reads && action.resources.is_empty() => Sends::No,
        "aws:RequestTag/${TagKey}" | "aws:TagKeys" | "aws:ResourceTag/${TagKey}" => Sends::Unknown,
        _ => Sends::Yes,
    }
}

/// Prefixes of one family (`s3`, `s3-outposts`): AWS's pages of one may lean on those of the other.
fn related(left: &str, right: &str) -> bool {
    left != right && (left.starts_with(right) || right.starts_with(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent() {
        let check = |action, key, expected| {
            assert_eq!(Reference::embedded().sends(action, key), expected, "{action} {key}");
        };
        // Listed for the action, its resource, or the resource's type.
        check("s3:ListBucket", "s3:prefix", Sends::Yes);
        check("S3:listbucket", "S3:PREFIX", Sends::Yes);
        check("iam:PassRole", "iam:PassedToService", Sends::Yes);
        check("s3:GetObject", "s3:ExistingObjectTag/Class", Sends::Yes);
        check("ec2:RunInstances", "aws:RequestTag/Team", Sends::Yes);
        check("ec2:StopInstances", "aws:ResourceTag/Team", Sends::Yes);
        // Global.
        check("s3:GetObject", "aws:SourceVpce", Sends::Yes);
        check("s3:GetObject", "aws:SecureTransport", Sends::Yes);
        check("s3:GetObject", "lambda:SourceFunctionArn", Sends::Yes);
        // Of another action, another service, or of tags that the request cannot have.
        check("s3:GetObject", "s3:prefix", Sends::No);
        check("s3:GetObject", "kms:ViaService", Sends::No);
        check("ec2:DescribeInstances", "aws:ResourceTag/Team", Sends::No);
        check("ec2:DescribeInstances", "aws:RequestTag/Team", Sends::No);
        // Not known, or not said.
        check("iam:DeleteGroup", "aws:ResourceTag/Team", Sends::Unknown);
        check("s3:DeleteObject", "aws:RequestTag/Team", Sends::Unknown);
        check("s3:GetObject", "saml:sub", Sends::Unknown);
        check("s3:GetObject", "aws:NoSuchKey", Sends::Unknown);
        check("s3:GetObject", "s3:NoSuchKey", Sends::Unknown);
        check("s3:NoSuchAction", "s3:prefix", Sends::Unknown);
        check("s3:Get*", "s3:prefix", Sends::Unknown);
        check("states:StartExecution", "states:HTTPMethod", Sends::Unknown);
        check("s3:InitiateReplication", "s3:TlsVersion", Sends::Unknown);
        check("s3-outposts:GetObject", "s3:prefix", Sends::Unknown);
    }
}
