//! An explanation as data: what `text` writes for people and serde for programs.

use serde::Serialize;

use super::decider::{Cited, Decider, LevelNames};
use crate::decide::{Answer, Decision, Exempt, Layer, Needs, Policies, Truth};
use crate::language::Effect;

/// Why a request is decided as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// An ARN, a service's name, or `anonymous`.
    pub principal: String,
    pub action: String,
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The worst of them decides.
    pub resources: Vec<OnResource>,
}

/// An answer of the engine, in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    pub decision: Decision,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Decider>,
    /// The condition keys that it depends on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// It may be that every value of the missing keys gives the same answer.
    #[serde(skip_serializing_if = "is_false")]
    pub approximate: bool,
    /// The account of the resource was not known, and taken to be the principal's.
    #[serde(skip_serializing_if = "is_false")]
    pub assumed_same_account: bool,
    /// AWS's reference has no such action.
    #[serde(skip_serializing_if = "is_false")]
    pub unknown_action: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl Verdict {
    pub fn new(answer: Answer, policies: &Policies, names: &LevelNames) -> Self {
        Self {
            decision: answer.decision,
            by: answer.by.map(|by| Decider::new(by, policies, names)),
            missing: answer.missing,
            approximate: answer.approximate,
            assumed_same_account: answer.assumed_same_account,
            unknown_action: answer.unknown_action,
        }
    }
}

/// The request on one of its resources.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OnResource {
    pub resource: String,
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Which of identity and resource policies must allow.
    pub needs: Needs,
    /// In the order of evaluation.
    pub layers: Vec<LayerShown>,
}

/// One layer of policies.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerShown {
    pub layer: Layer,
    /// `SCP Default`, `identity`
    pub label: String,
    pub standing: Standing,
    pub says: Says,
    /// Whether one of its statements denies.
    pub deny: Truth,
    /// Whether one of its statements allows.
    pub allow: Allowing,
    /// Those that are about the action.
    pub statements: Vec<StatementShown>,
}

/// Whether a layer counts for this request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Counts,
    /// It does not limit this request.
    Exempt(Exempt),
    /// The root user needs no policy that allows; what denies counts.
    RootUser,
    /// The principal can have no identity policies; what denies counts.
    NoneOfItsOwn,
}

/// What a layer says of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// Nothing: it does not limit this request.
    Nothing,
    Denies,
    /// The keys that are not given decide whether it denies.
    MayDeny,
    Allows,
    /// The keys that are not given decide whether it allows.
    MayAllow,
    LacksAllow,
}

/// Whether a layer allows, by how its statements name the principal. Layers that name nobody have it under `direct`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Allowing {
    /// By its account: what its identity policies allow, this lets through.
    pub account: Truth,
    /// By its role: within the boundary and session policies of its sessions.
    pub role: Truth,
    pub direct: Truth,
}

impl Allowing {
    pub(super) const NONE: Self = Self { account: Truth::False, role: Truth::False, direct: Truth::False };

    pub fn any(self) -> Truth {
        self.account.or(self.role).or(self.direct)
    }
}

/// A statement that is about the action.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatementShown {
    pub effect: Effect,
    #[serde(flatten)]
    pub cited: Cited,
    /// It is what decided.
    #[serde(skip_serializing_if = "is_false")]
    pub decides: bool,
    /// Whether it is about the resource.
    pub resource: Truth,
    /// Whether it is about the principal. None where the layer's statements name nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<Truth>,
    pub conditions: Vec<ConditionShown>,
    /// All of it.
    pub holds: Truth,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConditionShown {
    pub operator: String,
    pub key: String,
    pub values: Vec<String>,
    pub line: usize,
    pub column: usize,
    pub holds: Truth,
    /// What the request has; left out where the key is not given.
    #[serde(skip_serializing_if = "GivenShown::is_unknown")]
    pub given: GivenShown,
}

/// What a request has of a condition key. As JSON a list of values, or null where the key is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum GivenShown {
    Values(Vec<String>),
    Absent,
    NotGiven,
}

impl GivenShown {
    fn is_unknown(&self) -> bool {
        *self == Self::NotGiven
    }
}
