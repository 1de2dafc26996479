//! The parts of a policy document.

use std::fmt;

use dodai_document::Place;

/// A policy document: what stands under `Version`, `Id` and `Statement`.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub version: Version,
    pub id: Option<String>,
    pub statements: Vec<Statement>,
}

/// The version of the language. A document that names none is of the first, in which `${…}` is plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Version {
    #[default]
    V2008,
    V2012,
}

impl Version {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2008 => "2008-10-17",
            Self::V2012 => "2012-10-17",
        }
    }
}

/// One statement. Elements that only some kinds of policy may have are optional here; which kind may have which is for
/// the checks to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Where the statement begins.
    pub place: Place,
    pub sid: Option<Text>,
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`.
    pub principals: Option<Principals>,
    /// `Action` or `NotAction`: patterns such as `s3:Get*`.
    pub actions: List,
    /// `Resource` or `NotResource`: ARN patterns. Trust policies have none.
    pub resources: Option<List>,
    /// Every operator and key of `Condition`, in the author's order. All must hold.
    pub conditions: Vec<Condition>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    Allow,
    Deny,
}

impl Effect {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

/// A text with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub value: String,
    pub place: Place,
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.value)
    }
}

/// The values of an element that has a `Not` form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// The place of the element's key.
    pub place: Place,
    /// `NotAction`, `NotResource`: all but these.
    pub negated: bool,
    pub values: Vec<Text>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principals {
    pub place: Place,
    /// `NotPrincipal`: all but these.
    pub negated: bool,
    pub values: Vec<Principal>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub kind: PrincipalKind,
    pub value: Text,
}

/// What a principal is named by. `"Principal": "*"` reads as `{"AWS": "*"}`, which AWS says is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// An account id, an ARN of an account, user, role or session, or `*`.
    Aws,
    /// An AWS service: `ec2.amazonaws.com`.
    Service,
    /// A SAML provider's ARN, or an `OpenID` Connect provider's ARN or host.
    Federated,
    /// An S3 canonical user id.
    CanonicalUser,
}

impl PrincipalKind {
    pub const ALL: [Self; 4] = [Self::Aws, Self::Service, Self::Federated, Self::CanonicalUser];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Service => "Service",
            Self::Federated => "Federated",
            Self::CanonicalUser => "CanonicalUser",
        }
    }
}

/// One key under one operator, with its values. Any one value suffices (for a negated operator: none may match).
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub operator: super::Operator,
    /// The place of the operator.
    pub place: Place,
    /// The condition key as written; AWS compares keys without regard to case.
    pub key: Text,
    /// Numbers and booleans as the text that they are written as.
    pub values: Vec<Text>,
}
