//! The words of explanations, the same for people and programs.

use serde::{Serialize, Serializer};

use super::explanation::{Says, Standing};
use crate::decide::{Decision, Exempt, Identity, Layer, Needs, Truth, Who};
use crate::language::Effect;
use crate::reference::Reference;

/// Whom a request is of: an ARN, a service's name, `anonymous`.
pub(super) fn principal(who: &Who) -> String {
    match (&who.identity, &who.arn, &who.account) {
        (Identity::Role { path_and_name, session: Some(session) }, Some(arn), Some(account)) => {
            let partition = arn.split(':').nth(1).unwrap_or("aws");
            format!("arn:{partition}:sts::{account}:assumed-role/{path_and_name}/{session}")
        }
        (_, Some(arn), _) => arn.to_string(),
        (Identity::Service(name) | Identity::Federated(name), ..) => name.to_string(),
        _ => "anonymous".to_owned(),
    }
}

/// The action as AWS writes it, where it is known.
pub(super) fn action(lower: &str) -> String {
    match Reference::embedded().action(lower) {
        Some((service, action)) => format!("{}:{}", service.prefix, action.name),
        None => lower.to_owned(),
    }
}

impl Exempt {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ManagementAccount => "the management account is not limited",
            Self::ServiceLinkedRole => "service-linked roles are not limited",
            Self::NoAccount => "the principal is of no account",
            Self::Service => "resource control policies do not act on this service",
            Self::RetireGrant => "resource control policies leave kms:RetireGrant alone",
            Self::OwnBucketPolicy => "the root user is not limited by its account's bucket policies here",
            Self::ManagedKey => "resource control policies leave AWS managed keys alone",
        }
    }
}

impl Needs {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resource => "the principal has no identity policies: the resource policy must allow",
            Self::Both => "another account's resource: identity and resource policy must both allow",
            Self::Nobody => "the root user cannot assume a role",
            Self::Nothing => "no permission is needed, and a policy that denies has no effect",
            Self::Either => "identity or resource policy must allow",
            Self::Trust => {
                "the resource policy must allow, itself or by naming the account whose identity policies allow"
            }
        }
    }
}

impl Standing {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::Exempt(exempt) => exempt.as_str(),
            Self::RootUser => "the root user needs no policy that allows",
            Self::NoneOfItsOwn => "the principal has no identity policies",
        }
    }
}

impl Says {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "does not limit",
            Self::Denies => "denies",
            Self::MayDeny => "may deny",
            Self::Allows => "allows",
            Self::MayAllow => "may allow",
            Self::LacksAllow => "lacks an allow",
        }
    }
}

impl Truth {
    /// Of a condition.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::True => "holds",
            Self::Unknown => "unknown",
            Self::False => "does not hold",
        }
    }
}

macro_rules! serialize_as_str {
    ($($type:ty),*) => {
        $(impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        })*
    };
}

serialize_as_str!(Standing, Says, Needs, Decision, Effect);

/// `true`, `false`, or null where it is not known.
impl Serialize for Truth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::True => serializer.serialize_bool(true),
            Self::False => serializer.serialize_bool(false),
            Self::Unknown => serializer.serialize_none(),
        }
    }
}

impl Serialize for Layer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
