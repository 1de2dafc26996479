//! What a check says of a policy that can be read: a mistake, a risk, or something that could be better.

use dodai_facts::Problem;
use serde::Serialize;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It reads better without.
    Suggestion,
    /// It does what its author hardly wants.
    Warning,
    /// AWS refuses it, or a part of it has no effect.
    Error,
}

impl Severity {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Suggestion => "suggestion",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a rule found at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    pub severity: Severity,
    #[serde(flatten)]
    pub problem: Problem,
}
