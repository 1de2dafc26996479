//! What a check says of a policy that can be read: a mistake, a risk, or something that could be better.

use dodai_facts::Problem;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// AWS refuses it, or it cannot do what it says.
    Error,
    /// It is accepted, and probably not meant.
    Warning,
    Suggestion,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name, `unknown-key`.
    pub rule: &'static str,
    pub severity: Severity,
    pub problem: Problem,
}
