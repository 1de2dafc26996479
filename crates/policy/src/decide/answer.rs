//! What the engine answers, and what decided it.

use std::fmt;

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub decision: Decision,
    /// What decided: for an explicit deny or an allow its statement, for an implicit deny the layer where no statement
    /// allows. None for `depends`, and for an allow that needs no statement: of the root user, or of what needs no permission.
    pub by: Option<By>,
    /// The condition keys that the answer depends on.
    pub missing: Vec<String>,
    /// `depends` could not be narrowed down: it may be that every value of the missing keys gives the same answer.
    pub approximate: bool,
    /// The account of a resource was not known, and it was taken to be the principal's.
    pub assumed_same_account: bool,
    /// AWS's reference has no such action: a word written wrong, or one that is newer than the reference.
    pub unknown_action: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Decision {
    /// A statement denies, whatever the unknown keys are.
    ExplicitDeny,
    /// It is denied whatever the unknown keys are: some layer does not allow.
    ImplicitDeny,
    /// The unknown keys decide.
    Depends,
    Allow,
}

impl Decision {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExplicitDeny => "explicit_deny",
            Self::ImplicitDeny => "implicit_deny",
            Self::Depends => "depends",
            Self::Allow => "allow",
        }
    }

    pub const fn is_deny(self) -> bool {
        matches!(self, Self::ExplicitDeny | Self::ImplicitDeny)
    }
}

/// The kinds of policy that take part; those of the organization by level, 0 for the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    Scp(usize),
    Rcp(usize),
    Endpoint,
    Identity,
    Boundary,
    Session,
    Resource,
}

impl fmt::Display for Layer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scp(level) => write!(formatter, "scps[{level}]"),
            Self::Rcp(level) => write!(formatter, "rcps[{level}]"),
            Self::Endpoint => formatter.write_str("endpoint"),
            Self::Identity => formatter.write_str("identity"),
            Self::Boundary => formatter.write_str("boundary"),
            Self::Session => formatter.write_str("session"),
            Self::Resource => formatter.write_str("resource"),
        }
    }
}

/// What decided: a layer, and in it the statement of a policy, by position. Without a statement, the layer lacks one that allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By {
    pub layer: Layer,
    pub statement: Option<(usize, usize)>,
}
