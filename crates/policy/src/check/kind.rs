//! What a document is used as. The same text means, and may say, different things in each.

/// The use of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
    /// Attached to a user, group or role, managed or inline.
    Identity,
    /// Attached to a resource that is no role: a bucket, a key, a queue.
    Resource,
    /// A role's trust policy.
    Trust,
    /// Passed when a role is assumed.
    Session,
    /// A permissions boundary.
    Boundary,
    /// A VPC endpoint's policy.
    Endpoint,
}

impl Kind {
    pub const ALL: &'static [Self] = &[
        Self::ServiceControl,
        Self::ResourceControl,
        Self::Identity,
        Self::Resource,
        Self::Trust,
        Self::Session,
        Self::Boundary,
        Self::Endpoint,
    ];
    /// Those that cap what a whole unit may do.
    pub const GUARDRAILS: &'static [Self] = &[Self::ServiceControl, Self::ResourceControl];
    /// Those that apply to whom they are attached to, and so name nobody.
    pub const WITHOUT_PRINCIPAL: &'static [Self] =
        &[Self::ServiceControl, Self::Identity, Self::Session, Self::Boundary];
    /// Those that stand on what is accessed, and so name who.
    pub const WITH_PRINCIPAL: &'static [Self] = &[Self::ResourceControl, Self::Resource, Self::Trust, Self::Endpoint];

    /// In one word, for the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ServiceControl => "service-control",
            Self::ResourceControl => "resource-control",
            Self::Identity => "identity",
            Self::Resource => "resource",
            Self::Trust => "trust",
            Self::Session => "session",
            Self::Boundary => "boundary",
            Self::Endpoint => "endpoint",
        }
    }

    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// As in a sentence: `a service control policy`.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::ServiceControl => "a service control policy",
            Self::ResourceControl => "a resource control policy",
            Self::Identity => "an identity-based policy",
            Self::Resource => "a resource-based policy",
            Self::Trust => "a trust policy",
            Self::Session => "a session policy",
            Self::Boundary => "a permissions boundary",
            Self::Endpoint => "a VPC endpoint policy",
        }
    }
}
